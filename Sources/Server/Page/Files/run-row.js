// A run that has ended, as a row of a list.

import { fill, h, setAttribute } from './dom.js';
import { toRun } from './links.js';
import { name, params, stateSign, warnings } from './parts.js';
import { because } from './states.js';
import { printable } from './text.js';
import { duration, timeElement } from './time.js';

/** `{ element, update }`, as lists want it. */
export function runRow(run) {
  const link = h('a', { class: 'run-row' });
  const element = h('li', {}, link);
  const state = { key: '' };
  update(run);
  return { element, update };

  function update(run) {
    const key = JSON.stringify(run);
    if (key === state.key) return;
    state.key = key;
    setAttribute(link, 'href', toRun(run.instance));
    const why = because(run);
    const said = run.status && run.status !== why ? run.status : '';
    fill(
      link, stateSign(run), h('span', { class: 'job cut' }, name(run.job)),
      h('span', { class: 'about' },
        params(run), why && h('span', { class: 'why cut', title: printable(why) }, printable(why)),
        said && h('bdi', { class: 'say cut', title: printable(said) }, printable(said)), warnings(run)),
      h('span', { class: 'number' }, duration(run.run_seconds)),
      timeElement(run.created_at));
  }
}

export function runList(className = '') {
  return h('ul', { class: `rows panel ${className}` });
}
