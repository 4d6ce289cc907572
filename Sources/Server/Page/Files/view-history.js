// History: a search whose address is the search; newest first, more as one scrolls.

import { get, instances, list, nextPage, ROW } from './api.js';
import { fill, h, setText, showList } from './dom.js';
import { toHistory } from './links.js';
import { wrong } from './notices.js';
import { nothing } from './parts.js';
import { runList, runRow } from './run-row.js';
import { ENDED, LIVE, FAILURES, NOT_EXECUTED } from './states.js';
import { plural } from './text.js';

const PAGE = 100;
const GROUPS = [
  ['Any state', ENDED.concat(LIVE)], ['Failed', FAILURES], ['Completed', ['COMPLETED']], ['Stopped', ['STOPPED']],
  ['Not executed', NOT_EXECUTED], ['Live', LIVE],
];
const SPANS = [['', 'Any time'], ['1h', 'Last hour'], ['24h', 'Last day'], ['7d', 'Last week'], ['30d', 'Last 30 days']];
const ORDERS = [['', 'Newest first'], ['time', 'Longest first'], ['finished', 'Ended last first']];

export function historyView({ query }) {
  const rows = runList();
  const said = h('p', { class: 'soft small', role: 'status' });
  const end = h('div', { class: 'more' });
  const problem = h('div');
  const form = new Form(values => {
    location.hash = toHistory(values);
  });
  const element = h('div', { class: 'history' }, h('h1', { class: 'hidden' }, 'History'), form.element, problem, said, rows, end);
  const watcher = new IntersectionObserver(entries => entries.some(entry => entry.isIntersecting) && more(), { rootMargin: '800px' });
  watcher.observe(end);
  let stop;
  let all;
  let next;
  let isBusy;
  search(query);
  return {
    element, title: 'History', update: search,
    dispose: () => {
      stop.abort();
      watcher.disconnect();
    },
  };

  function search(query) {
    stop?.abort();
    stop = new AbortController();
    all = [];
    isBusy = false;
    form.show(query);
    next = list('/instances', { ...asked(query), limit: PAGE, fields: ROW });
    more(true);
  }

  async function more(isFirst = false) {
    if (isBusy || !next) return;
    isBusy = true;
    const { signal } = stop;
    try {
      const page = await get(next, signal);
      if (signal.aborted) return;
      all.push(...instances(page));
      next = nextPage(page);
      fill(problem);
      show();
    } catch (error) {
      if (signal.aborted) return;
      next = null;
      if (isFirst) showList(rows, [], run => run.instance, runRow);
      fill(problem, wrong(error));
    }
    isBusy = false;
    // What is not filled asks for more at once.
    watcher.unobserve(end);
    watcher.observe(end);
  }

  function show() {
    showList(rows, all, run => run.instance, runRow);
    rows.hidden = !all.length;
    setText(said, all.length ? `${plural(all.length, 'run')}${next ? ' and more' : ''}` : '');
    fill(end, !all.length && h('div', { class: 'panel' }, nothing('No run is like that', 'Take something out of the search, or look further back.')));
  }
}

/** The parameters of REST that a search means. */
function asked(query) {
  const states = query.getAll('state');
  const match = query.get('match')?.trim();
  return {
    include: states.length ? null : 'all', state: states, since: query.get('since'), until: query.get('until'),
    sort: query.get('sort'), param: query.getAll('param'),
    // A word without wildcards is looked for anywhere; what a link names is a job.
    match: query.get('job') ?? (match ? patterns(match) : null),
  };
}

function patterns(text) {
  return /[*?[@]/.test(text) ? text : [text, `*${text}*`];
}

class Form {
  constructor(submit) {
    this.submit = submit;
    const changed = { on: { change: () => this.send() } };
    this.match = h('input', { type: 'search', placeholder: 'Job, run or pattern', 'aria-label': 'Job, run or pattern', spellcheck: 'false', on: { change: () => this.send() } });
    this.state = h('select', { 'aria-label': 'State', ...changed });
    this.since = h('select', { 'aria-label': 'Time', ...changed });
    this.sort = h('select', { 'aria-label': 'Order', ...changed }, ORDERS.map(([value, text]) => h('option', { value }, text)));
    this.param = h('input', { type: 'search', placeholder: 'Parameter: name=value', 'aria-label': 'Parameter, as name=value', spellcheck: 'false', on: { change: () => this.send() } });
    this.element = h(
      'form', { class: 'search', role: 'search', on: { submit: event => { event.preventDefault(); this.send(); } } },
      this.match, this.state, this.since, this.sort, this.param);
  }

  show(query) {
    this.job = query.get('job');
    this.match.value = this.job ?? query.get('match') ?? '';
    this.param.value = query.getAll('param').join(' ');
    this.sort.value = query.get('sort') ?? '';
    const states = query.getAll('state').map(state => state.toUpperCase());
    const found = states.length ? GROUPS.findIndex(([, group]) => group.length === states.length && group.every(state => states.includes(state))) : 0;
    this.states = GROUPS.map(([, group]) => group);
    const texts = GROUPS.map(([text]) => text);
    if (found < 0) {
      this.states.push(states);
      texts.push(states.map(state => state.toLowerCase().replaceAll('_', ' ')).join(', '));
    }
    fill(this.state, texts.map((text, index) => h('option', { value: index }, text)));
    this.state.value = String(found < 0 ? GROUPS.length : found);
    const since = query.get('since') ?? '';
    const until = query.get('until') ?? '';
    this.until = until;
    const spans = [...SPANS];
    if (until || !SPANS.some(([value]) => value === since)) spans.push([since, `${since || 'the beginning'} to ${until || 'now'}`]);
    fill(this.since, spans.map(([value, text], index) => h('option', { value: index }, text)));
    this.spans = spans;
    this.since.value = String(until ? spans.length - 1 : spans.findIndex(([value]) => value === since));
  }

  send() {
    const since = Number(this.since.value);
    const state = Number(this.state.value);
    this.submit({
      ...this.match.value.trim() === this.job ? { job: this.job } : { match: this.match.value.trim() }, state: state === 0 ? [] : this.states[state], since: this.spans[since][0],
      until: since >= SPANS.length ? this.until : '', sort: this.sort.value,
      param: this.param.value.split(/\s+/).filter(Boolean),
    });
  }
}
