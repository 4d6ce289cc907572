// What is wrong with a page for who cannot see it well, or at all. The body of a function: gives a list of faults.
const faults = [];
const shown = element => {
  const box = element.getBoundingClientRect();
  return box.width > 1 && box.height > 1 && getComputedStyle(element).visibility === 'visible' && element.checkVisibility({ opacityProperty: true });
};
const place = element => `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} ${JSON.stringify((element.textContent ?? '').slice(0, 40))}`;

// Names.
for (const element of document.querySelectorAll('a[href], button, input, select, textarea, [role="button"], [tabindex="0"]')) {
  if (!shown(element)) continue;
  const label = element.labels?.[0]?.textContent ?? '';
  const text = [...element.childNodes].map(node => node.textContent).join('').trim();
  const name = (element.getAttribute('aria-label') ?? '').trim() || label.trim() || text || (element.getAttribute('title') ?? '').trim();
  if (!name) faults.push(`no name: ${place(element)}`);
}
for (const element of document.querySelectorAll('svg, canvas, img')) {
  if (shown(element) && element.getAttribute('aria-hidden') !== 'true' && !element.getAttribute('aria-label') && !element.closest('[aria-hidden="true"]')) faults.push(`no name: ${place(element)}`);
}
const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
for (const id of new Set(ids)) if (ids.filter(one => one === id).length > 1) faults.push(`id ${id} is there twice`);
if (document.querySelectorAll('h1').length !== 1) faults.push(`${document.querySelectorAll('h1').length} headings of the first level`);
if (document.querySelectorAll('main').length !== 1) faults.push('no main, or two');
if (!document.documentElement.lang) faults.push('no language');

// Contrast, as WCAG 2.2 counts it.
const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
function rgb(colour) {
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
  return { r, g, b, a: a / 255 };
}
const over = (front, back) => ({ r: front.r * front.a + back.r * (1 - front.a), g: front.g * front.a + back.g * (1 - front.a), b: front.b * front.a + back.b * (1 - front.a), a: 1 });
const part = value => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
const light = ({ r, g, b }) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
function ground(element) {
  const layers = [];
  for (let at = element; at; at = at.parentElement) {
    const layer = rgb(getComputedStyle(at).backgroundColor);
    if (layer.a > 0) layers.push(layer);
    if (layer.a === 1) break;
  }
  return layers.reverse().reduce((back, front) => over(front, back), { r: 255, g: 255, b: 255, a: 1 });
}
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const seen = new Set();
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const element = node.parentElement;
  if (!node.textContent.trim() || !shown(element) || element.closest('button:disabled, noscript, .hidden, option')) continue;
  const style = getComputedStyle(element);
  const key = `${style.color} ${ground(element).r} ${ground(element).g} ${ground(element).b} ${style.fontSize} ${style.opacity}`;
  if (seen.has(key)) continue;
  seen.add(key);
  const back = ground(element);
  const front = rgb(style.color);
  let opacity = 1;
  for (let at = element; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
  const text = over({ ...front, a: front.a * opacity }, back);
  const [one, other] = [light(text), light(back)].sort((a, b) => b - a);
  const ratio = (one + 0.05) / (other + 0.05);
  const isLarge = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
  if (ratio < (isLarge ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${place(element)} ${style.color}`);
}

// Nothing is wider than what is seen.
if (document.documentElement.scrollWidth > innerWidth) faults.push(`the page is ${document.documentElement.scrollWidth} wide`);
return faults;
