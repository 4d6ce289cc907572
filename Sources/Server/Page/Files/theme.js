// Dark and light: as the system has it, or as was chosen.

const NAME = 'taro-theme';
const CHOICES = ['system', 'light', 'dark'];

export const LOOKS = {
  system: { sign: 'half', word: 'as the system' },
  light: { sign: 'sun', word: 'light' },
  dark: { sign: 'moon', word: 'dark' },
};

export function chosen() {
  const choice = localStorage.getItem(NAME);
  return CHOICES.includes(choice) ? choice : 'system';
}

export function apply(choice = chosen()) {
  if (choice === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  document.dispatchEvent(new Event('taro-theme'));
}

// What is drawn is drawn anew when the system changes its mind.
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => document.dispatchEvent(new Event('taro-theme')));

export function chooseNext() {
  const choice = CHOICES[(CHOICES.indexOf(chosen()) + 1) % CHOICES.length];
  localStorage.setItem(NAME, choice);
  apply(choice);
  return choice;
}

/** A colour of the style sheet as a drawing takes it: the one of the ground that is shown. */
export function colour(name) {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
