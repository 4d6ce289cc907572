// Ctrl-K: finds views, jobs and runs by what is typed.

import { get, instances, list } from './api.js';
import { h, setAttribute, showList } from './dom.js';
import { icon } from './icons.js';
import { address, toHistory, toJob, toRun } from './links.js';
import { look } from './states.js';
import { printable } from './text.js';
import { moment, instant } from './time.js';

const VIEWS = [['Now', ''], ['Timeline', 'timeline'], ['History', 'history'], ['Jobs', 'jobs'], ['Events', 'events'], ['Host', 'host']];
const MOST = 8;
let dialog = null;

/** Items of the view that is shown: `{ text, act }`. */
let own = [];
export function offer(items) {
  own = items;
}

export function openPalette() {
  if (dialog || document.querySelector('dialog[open]')) return;
  const field = h('input', {
    type: 'text', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'found', 'aria-autocomplete': 'list',
    'aria-label': 'Find', placeholder: 'Find a job, a run or a view', spellcheck: 'false', autocomplete: 'off',
    on: { input: () => search(), keydown: keys },
  });
  const found = h('ul', { id: 'found', role: 'listbox', 'aria-label': 'Found' });
  const none = h('p', { class: 'note', hidden: true }, 'Nothing is called so.');
  dialog = h('dialog', {
    class: 'palette', 'aria-label': 'Find',
    on: {
      close: () => { dialog.remove(); dialog = null; stop?.abort(); },
      click: event => { if (event.target === dialog) dialog.close(); },
    },
  }, field, found, none);
  document.body.append(dialog);
  dialog.showModal();
  let items = [];
  let chosen = 0;
  let stop;
  search();

  async function search() {
    const text = field.value.trim();
    stop?.abort();
    stop = new AbortController();
    show(known(text), 0);
    if (!text) return;
    const { signal } = stop;
    try {
      const pattern = `*${text.replace(/[*?[\]\\]/g, '?')}*`;
      const [jobs, runs] = await Promise.all([
        get(list('/jobs', { match: pattern, limit: MOST }), signal),
        get(list('/instances', { match: pattern, include: 'all', limit: MOST, fields: 'job,instance,state,paused_by,created_at' }), signal),
      ]);
      show([
        ...known(text),
        ...jobs._embedded.jobs.map(job => ({ key: `j${job.job}`, kind: 'Job', text: job.job, href: toJob(job.job) })),
        ...instances(runs).map(run => ({
          key: `r${run.instance}`, kind: 'Run', text: run.job, href: toRun(run.instance), look: look(run.state, run.paused_by),
          note: `${moment(instant(run.created_at))}  ${run.instance}`,
        })),
        { key: 'search', kind: 'Search', text: `Runs like ${text}`, href: toHistory({ match: text }) },
      ], chosen);
    } catch {
      // What is known stays.
    }
  }

  function known(text) {
    const wanted = text.toLowerCase();
    return [
      ...own.map(item => ({ key: `o${item.text}`, kind: 'Do', ...item })),
      ...VIEWS.map(([word, view]) => ({ key: `v${word}`, kind: 'View', text: word, href: address(view) })),
    ].filter(item => item.text.toLowerCase().includes(wanted));
  }

  function show(next, place) {
    items = next;
    chosen = Math.min(place, Math.max(0, items.length - 1));
    showList(found, items, item => item.key, row);
    none.hidden = items.length > 0;
    mark();
  }

  function row(item) {
    const element = h(
      'li', { role: 'option', id: `found-${item.key.replace(/[^\w-]/g, '_')}`, on: { click: () => go(item) } },
      h('span', { class: 'kind' }, item.kind), item.look && h('span', { class: `tone-${item.look.tone}` }, icon(item.look.sign)),
      h('bdi', { class: 'cut' }, printable(item.text)), item.note && h('span', { class: 'note-text' }, item.note));
    return { element };
  }

  function mark() {
    [...found.children].forEach((child, index) => setAttribute(child, 'aria-selected', String(index === chosen)));
    const current = found.children[chosen];
    setAttribute(field, 'aria-activedescendant', current?.id);
    current?.scrollIntoView({ block: 'nearest' });
  }

  function keys(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && items.length) {
      chosen = (chosen + step + items.length) % items.length;
      mark();
      event.preventDefault();
    } else if (event.key === 'Enter' && items[chosen]) {
      event.preventDefault();
      go(items[chosen]);
    }
  }

  function go(item) {
    dialog.close();
    if (item.act) item.act();
    else location.hash = item.href;
  }
}
