// What can be asked of runs, jobs and latches; each asks back before what cannot be taken back.

import { send } from './api.js';
import { askFor } from './dialog.js';
import { fill, h } from './dom.js';
import { disabledPath, instancePath, latchPath } from './links.js';
import { notice } from './notices.js';
import { button } from './parts.js';
import { isLive } from './states.js';
import { printable } from './text.js';
import { localInput } from './time.js';

const name = run => printable(`${run.job}@${run.instance}`);

// Whether who looks may do anything; without, no button is there.
let mayControl = true;
export function allow(value) {
  mayControl = value;
}
export const isAllowed = () => mayControl;

const QUESTIONS = {
  stop: ['Stop it?', 'It is asked to end (SIGTERM) and will be STOPPED, which is no failure.', 'Stop'],
  interrupt: ['Interrupt it?', 'It is asked to end (SIGINT) and will be INTERRUPTED, which is a failure.', 'Interrupt'],
  kill: ['Kill it?', 'SIGKILL ends every process of it at once: nothing is tidied up.', 'Kill'],
};

function ask(run, action) {
  const [title, text, yes] = QUESTIONS[action];
  askFor({
    title: `${title.replace('it?', '')}${name(run)}?`, text, yes, isDangerous: true,
    fields: [{ name: 'reason', label: 'Reason', placeholder: 'not needed' }],
    act: ({ reason }) => request(run, action, reason ? { reason } : null),
  });
}

async function request(run, action, body = null) {
  await send('POST', `${instancePath(run.instance)}/${action}`, body);
  notice(`${name(run)}: ${action} was asked for`);
}

/** Does what can be taken back, and says where it fails. */
async function attempt(promise) {
  try {
    await promise;
  } catch (error) {
    notice(error.message, true);
  }
}

function signal(run) {
  const signals = ['HUP', 'INT', 'QUIT', 'USR1', 'USR2', 'TERM', 'WINCH', 'CONT', 'STOP', 'KILL'];
  askFor({
    title: `Send a signal to ${name(run)}`, text: 'Its process group gets it.', yes: 'Send',
    fields: [
      { name: 'signal', label: 'Signal', choices: signals.map(word => [word, `SIG${word}`]), value: 'USR1' },
      { name: 'reason', label: 'Reason', placeholder: 'not needed' },
    ],
    act: ({ signal, reason }) => request(run, 'signal', reason ? { signal, reason } : { signal }),
  });
}

export function release(latch) {
  askFor({
    title: `Release ${printable(latch)}?`, text: 'Whoever waits for this latch goes on.', yes: 'Release',
    act: async () => {
      const answer = await send('POST', `${latchPath(latch)}/release`);
      notice(`${answer.released?.length ?? 0} go on`);
    },
  });
}

export function disable(pattern = '') {
  const hour = 3_600_000;
  askFor({
    title: pattern ? `Disable ${printable(pattern)}` : 'Disable jobs',
    text: 'New runs end as DISABLED and are not executed. What runs already is left alone.', yes: 'Disable',
    fields: [
      ...(pattern ? [] : [{ name: 'pattern', label: 'Job, or a pattern', placeholder: 'backup*' }]),
      { name: 'until', label: 'Until', type: 'datetime-local', value: localInput(Date.now() + hour) },
      { name: 'reason', label: 'Reason', placeholder: 'not needed' },
    ],
    act: async ({ pattern: typed, until, reason }) => {
      const body = {};
      if (until) body.until = new Date(until).toISOString();
      if (reason) body.reason = reason;
      if (!(pattern || typed)) throw new Error('Name a job, or a pattern.');
      await send('PUT', disabledPath(pattern || typed), body);
      notice(`${printable(pattern || typed)} is disabled`);
    },
  });
}

export function enable(pattern) {
  attempt(send('DELETE', disabledPath(pattern)).then(() => notice(`${printable(pattern)} is enabled again`)));
}

/** The buttons of a run that can be asked for something. Few stand there, the rest in a menu. */
export function runActions(run, { isSmall = false } = {}) {
  const place = h('div', { class: 'actions', role: 'group', 'aria-label': `Actions of ${name(run)}` });
  const state = { key: '' };
  update(run);
  return { element: place, update };

  function update(run) {
    const key = `${run.state} ${run.paused_by} ${run.waiting?.latch} ${run.still_running} ${mayControl}`;
    if (key === state.key) return;
    state.key = key;
    fill(place, ...buttons(run, isSmall));
  }
}

function buttons(run, isSmall) {
  if (!mayControl || !(isLive(run.state) || run.still_running)) return [];
  const runs = run.state === 'RUNNING' || run.still_running;
  const quiet = isSmall ? 'quiet' : '';
  const list = [];
  if (run.waiting?.latch) list.push(button('Release', { className: quiet, onClick: () => release(run.waiting.latch) }));
  if (runs && run.paused_by) {
    list.push(button('Resume', { sign: 'play', className: quiet, onClick: () => attempt(request(run, 'resume')) }));
  } else if (runs && !isSmall) {
    list.push(button('Pause', { sign: 'pause', className: quiet, onClick: () => attempt(request(run, 'pause')) }));
  }
  list.push(button('Stop', { sign: 'square', className: quiet, onClick: () => ask(run, 'stop') }));
  list.push(menu(`More for ${name(run)}`, [
    runs && isSmall && !run.paused_by && ['Pause', 'pause', () => attempt(request(run, 'pause'))],
    ['Interrupt', 'bolt', () => ask(run, 'interrupt')],
    runs && ['Send a signal', 'right', () => signal(run)],
    ['Kill', 'skull', () => ask(run, 'kill')],
  ].filter(Boolean), quiet));
  return list;
}

function menu(title, items, className) {
  const list = h('div', { role: 'menu', hidden: true }, items.map(([text, sign, act]) => {
    const item = button(text, { sign, onClick: () => { close(); act(); } });
    item.setAttribute('role', 'menuitem');
    return item;
  }));
  const opener = button('', { sign: 'more', title, className, onClick: () => (list.hidden ? open() : close()) });
  opener.setAttribute('aria-haspopup', 'menu');
  opener.setAttribute('aria-expanded', 'false');
  const element = h('div', { class: 'menu', on: { keydown: keys, focusout } }, opener, list);
  return element;

  function open() {
    list.hidden = false;
    opener.setAttribute('aria-expanded', 'true');
    list.firstChild.focus();
  }
  function close() {
    list.hidden = true;
    opener.setAttribute('aria-expanded', 'false');
  }
  function focusout(event) {
    if (!element.contains(event.relatedTarget)) close();
  }
  function keys(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Escape' && !list.hidden) {
      close();
      opener.focus();
      event.stopPropagation();
    } else if (step && !list.hidden) {
      const all = [...list.children];
      all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
      event.preventDefault();
    }
  }
}
