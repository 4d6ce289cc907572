// Events: what the ledger is told, as it happens.

import { get, getLines, list } from './api.js';
import { fill, h, setText } from './dom.js';
import { address, toJob, toRun } from './links.js';
import { wrong } from './notices.js';
import { button, name, patience } from './parts.js';
import { look } from './states.js';
import { bytes, count, plural, printable } from './text.js';
import { clockWithMillis, day, instant } from './time.js';

// So many are looked back for, and shown.
const BACK = 300;
const SHOWN = 1000;
const CHOICES = [
  ['', 'All but output'], ['all', 'All'], ['states', 'Beginnings and ends'], ['requests', 'Requests'], ['warnings', 'Warnings'], ['ledger', 'The ledger itself'],
];
const STATES = new Set(['created', 'pending', 'waiting', 'triggered', 'started', 'running', 'completed', 'stopped', 'failed', 'start_failed', 'error', 'lost', 'interrupted', 'disabled', 'cancelled', 'skipped', 'dependency_not_running', 'suspended']);
const IS_WANTED = {
  '': event => event.kind !== 'output', all: () => true, states: event => STATES.has(event.kind),
  requests: event => event.kind.endsWith('_requested') || ['released', 'undelivered', 'paused', 'resumed', 'job_disabled', 'job_enabled'].includes(event.kind),
  warnings: event => event.kind === 'warning', ledger: event => event.instance === null,
};

export function eventsView({ query, feed }) {
  const rows = h('ol', { class: 'events panel', 'aria-label': 'Events' });
  const problem = h('div');
  const field = h('input', { type: 'search', placeholder: 'Job, run or words', 'aria-label': 'Job, run or words', spellcheck: 'false', value: query.get('match') ?? '', on: { input: changed } });
  const kind = h('select', { 'aria-label': 'Which events', on: { change: changed } }, CHOICES.map(([value, text]) => h('option', { value, selected: value === (query.get('kind') ?? '') }, text)));
  const said = h('span', { class: 'soft small', role: 'status' });
  const hold = button('Pause', { pressed: false, onClick: () => holdOn(!isHeld) });
  const element = h('div', {}, h('div', { class: 'search' }, h('h1', { class: 'hidden' }, 'Events'), field, kind, hold, said), problem, rows);
  const ready = patience(element);
  const stop = new AbortController();
  let all = [];
  let isHeld = false;
  let held = [];
  const unsubscribe = feed.subscribe((events, isAnew) => (isAnew ? begin() : take(events)));
  begin();
  return {
    element, title: 'Events',
    dispose: () => {
      stop.abort();
      unsubscribe();
    },
  };

  async function begin() {
    try {
      const { head } = await get('/ledger', stop.signal);
      const found = await getLines(list('/events', { after: Math.max(0, head - BACK) }), stop.signal);
      ready();
      const last = found.at(-1)?.seq ?? 0;
      all = [...found, ...all.filter(event => event.seq > last)];
      draw();
    } catch (error) {
      ready();
      if (error.name !== 'AbortError') fill(problem, wrong(error));
    }
  }

  function take(events) {
    if (isHeld) {
      held.push(...events);
      held = held.slice(-SHOWN);
      setText(hold.firstChild, `Go on (${count(held.length)} new)`);
      return;
    }
    const last = all.at(-1)?.seq ?? 0;
    const fresh = events.filter(event => event.seq > last);
    all = [...all, ...fresh].slice(-SHOWN);
    const shown = fresh.filter(isShown).slice(-SHOWN).reverse();
    rows.prepend(...shown.map(row));
    while (rows.childElementCount > SHOWN) rows.lastChild.remove();
    tell();
  }

  function holdOn(value) {
    isHeld = value;
    hold.setAttribute('aria-pressed', String(value));
    setText(hold.firstChild, value ? 'Go on' : 'Pause');
    if (!value) {
      const events = held;
      held = [];
      take(events);
    }
  }

  function changed() {
    history.replaceState(null, '', address('events', [], { match: field.value.trim(), kind: kind.value }));
    draw();
  }

  function isShown(event) {
    const words = field.value.trim().toLowerCase();
    return (IS_WANTED[kind.value] ?? IS_WANTED[''])(event) && (!words || JSON.stringify(event).toLowerCase().includes(words));
  }

  // The newest is above: it is what one came for, and nobody has to scroll for it.
  function draw() {
    fill(rows, all.filter(isShown).reverse().map(row));
    tell();
  }

  function tell() {
    rows.hidden = !rows.childElementCount;
    setText(said, rows.childElementCount ? `${plural(rows.childElementCount, 'event')}, the newest above` : 'Nothing like that has happened lately.');
  }
}

function row(event) {
  const at = instant(event.at);
  const { tone } = STATES.has(event.kind) ? look(event.kind.toUpperCase()) : { tone: event.kind === 'warning' ? 'wait' : 'idle' };
  return h(
    'li', { class: 'event' }, h('span', { class: 'seq soft number' }, String(event.seq)),
    h('time', { class: 'soft', datetime: event.at, title: `${day(at)} ${event.at}` }, clockWithMillis(at)),
    h('span', { class: `kind tone-${tone}` }, event.kind.replaceAll('_', ' ')),
    h('span', { class: 'of cut' }, event.job !== null && h('a', { href: toJob(event.job) }, name(event.job)), event.instance && h('a', { class: 'soft mono', href: toRun(event.instance) }, ` ${event.instance}`)),
    h('span', { class: 'what cut mono soft', title: printable(JSON.stringify(event.data)) }, printable(told(event))));
}

/** What the kind tells, in a line. */
export function told({ kind, data }) {
  switch (kind) {
    case 'created': return (data.command ?? []).join(' ');
    case 'running': return `pid ${data.pid}`;
    case 'output': return bytes((data.stdout ?? 0) + (data.stderr ?? 0)) + (data.stderr ? `, stderr ${bytes(data.stderr)}` : '');
    case 'status': return data.text ?? '';
    case 'warning': return `${data.type}: ${data.text}${data.last ? `: ${data.last}` : ''}`;
    default: break;
  }
  if (STATES.has(kind)) return [data.exit_code !== undefined && `exit code ${data.exit_code}`, data.reason, data.latch && `latch ${data.latch}`, data.status].filter(Boolean).join(', ');
  return Object.entries(data).filter(([key, value]) => !['uid', 'pid', 'idempotency'].includes(key) && typeof value !== 'object').map(pair => pair.join(' ')).join(', ');
}
