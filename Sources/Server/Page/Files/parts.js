// Small things that many views show.

import { h } from './dom.js';
import { icon } from './icons.js';
import { look } from './states.js';
import { count, printable } from './text.js';

export function stateSign(run) {
  const { word, tone, sign } = look(run.state, run.paused_by);
  const stillRuns = run.state === 'LOST' && run.still_running ? ', its command still runs' : '';
  return h('span', { class: `state tone-${tone}` }, icon(sign), h('span', {}, word + stillRuns));
}

export function warnings(run) {
  const number = run.warnings?.length ?? 0;
  if (!number) return null;
  const texts = run.warnings.map(warning => `${warning.type}: ${warning.text}${warning.count > 1 ? ` (${warning.count} times)` : ''}`);
  return h(
    'span', { class: 'warn', title: printable(texts.join('\n')) }, icon('warning'),
    h('span', {}, count(number)), h('span', { class: 'hidden' }, number === 1 ? ' warning' : ' warnings'));
}

export function name(text, className = '') {
  return h('bdi', { class: `name ${className}`, title: printable(text) }, printable(text));
}

export function button(text, { sign, className = '', title, pressed, onClick, disabled } = {}) {
  return h(
    'button',
    {
      type: 'button', class: className, title, 'aria-label': text === '' ? title : null,
      'aria-pressed': pressed === undefined ? null : String(pressed), disabled, on: { click: onClick },
    },
    sign && icon(sign), text === '' ? null : h('span', {}, text));
}

export function params(run) {
  const pairs = Object.entries(run.params ?? {});
  if (!pairs.length) return null;
  return h('span', { class: 'param cut tag' }, printable(pairs.map(([key, value]) => `${key}=${value}`).join(' ')));
}

export function nothing(title, text, command) {
  return h('div', { class: 'nothing' }, h('strong', {}, title), h('div', {}, text), command && h('code', {}, command));
}

/** Something that takes long says so, and nothing is said of what is quick. */
export function patience(element, text = 'Loading') {
  const note = h('p', { class: 'note', role: 'status' }, `${text} …`);
  const timer = setTimeout(() => element.append(note), 200);
  return () => {
    clearTimeout(timer);
    note.remove();
  };
}
