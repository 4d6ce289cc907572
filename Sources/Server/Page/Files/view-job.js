// Job: how it has fared, its last failure beside its last good run, whether it may run.

import { disable, enable, isAllowed } from './actions.js';
import { get, instances, list, ROW } from './api.js';
import { Bars, plot, startTimes } from './bars.js';
import { fill, h, showList } from './dom.js';
import { jobPath, toHistory } from './links.js';
import { wrong } from './notices.js';
import { button, name, nothing, patience } from './parts.js';
import { Refresher } from './refresh.js';
import { runList, runRow } from './run-row.js';
import { beside } from './beside.js';
import { FAILURES } from './states.js';
import { count, percent, plural, printable } from './text.js';
import { DAYS, duration, timeElement } from './time.js';

const SHOWN = 60;
const LISTED = 12;
const PLOTTED = 500;

export function jobView({ path, feed }) {
  const job = path[0] ?? '';
  const element = h('div', { class: 'job-view' });
  if (/^\.{1,2}$/.test(job)) {
    // Browsers take such a part of a path for a way up, however it is written.
    fill(element, h('h1', {}, job), h('div', { class: 'panel' }, nothing('A browser cannot ask for a job of this name', 'On this host:', `taro stats ${job}`)));
    return { element, title: job };
  }
  const ready = patience(element);
  const bars = new Bars(SHOWN, `Last runs of ${printable(job)}`, true);
  const parts = { head: h('div', { class: 'head' }), figures: h('div', { class: 'figures small-figures' }), plot: h('div'), starts: h('div'), beside: h('div'), rows: runList('short') };
  const known = {};
  let isShown = false;
  const refresher = new Refresher(feed, {
    isWanted: event => (event.job === job && event.kind !== 'output' && event.kind !== 'status') || event.kind.startsWith('job_') || event.kind === 'history_removed',
    load, show,
    fail: error => {
      ready();
      fill(element, h('h1', {}, name(job)), error.status === 404
        ? h('div', { class: 'panel' }, nothing('There is no such job', 'It never ran here, or retention has dropped all of its runs.')) : wrong(error));
      isShown = false;
    },
  });
  return { element, title: printable(job), dispose: () => refresher.dispose() };

  async function load(signal) {
    const base = jobPath(job);
    const one = (query, path = `${base}/instances`) => get(list(path, query), signal).then(instances);
    const [about, stats, runs, [failure], [good]] = await Promise.all([
      get(base, signal), get(`${base}/stats`, signal),
      one({ limit: PLOTTED, fields: ROW }),
      one({ state: FAILURES, limit: 1, fields: ROW }), one({ state: 'COMPLETED', limit: 1, fields: ROW }),
    ]);
    const disabled = about.disabled ? (await get('/disabled', signal))._embedded.disabled.find(entry => entry.pattern === about.disabled) : null;
    return { about, stats, runs, failure, good, disabled };
  }

  function show({ about, stats, runs, failure, good, disabled }) {
    ready();
    if (!isShown) fill(element, parts.head, parts.figures, section('Last runs', bars.element), h('div', { class: 'two' }, parts.plot, parts.starts), parts.beside, section('Newest', parts.rows));
    isShown = true;
    head(about, disabled);
    fill(parts.figures, figures(stats, about.counts));
    const oldestFirst = [...runs].reverse();
    bars.show(oldestFirst);
    const key = runs.map(run => run.instance + run.state).join();
    if (known.runs !== key) {
      known.runs = key;
      const drawing = plot(oldestFirst, stats, Math.max(280, element.clientWidth * (window.innerWidth >= 1100 ? 0.66 : 1) - 50));
      fill(parts.plot, drawing && section('Durations', h('div', { class: 'panel padded' }, drawing, legend())));
      fill(parts.starts, runs.length > 1 && section('Usual start times', h('div', { class: 'panel padded' }, heat(startTimes(runs)))));
    }
    showList(parts.rows, runs.slice(0, LISTED), run => run.instance, runRow);
    const pair = `${failure?.instance} ${good?.instance}`;
    if (known.pair !== pair) {
      known.pair = pair;
      fill(parts.beside, failure && good && section('Last failure beside last good run', beside(failure, good)));
    }
  }

  function head(about, disabled) {
    const properties = Object.entries(about.properties ?? {}).map(([key, value]) => `${key}: ${value}`).join(', ');
    fill(
      parts.head, h('h1', {}, name(job)), properties && h('span', { class: 'soft' }, printable(properties)),
      disabled && h('span', { class: 'tag' }, `disabled by ${printable(disabled.pattern)}`, disabled.until && [' until ', timeElement(disabled.until)], disabled.reason && `: ${printable(disabled.reason)}`),
      h('div', { class: 'actions' },
        h('a', { class: 'button', href: toHistory({ job }) }, 'All runs'),
        isAllowed() && (about.disabled ? button('Enable', { onClick: () => enable(about.disabled) }) : button('Disable until …', { onClick: () => disable(job) }))));
  }
}

function section(title, ...children) {
  return h('section', { class: 'section' }, h('h2', {}, title), children);
}

function figure(value, text, tone = '') {
  return h('div', { class: 'figure' }, h('span', { class: `number ${tone}` }, value), h('span', { class: 'soft' }, text));
}

function figures(stats, counts) {
  const streak = stats.streak;
  const words = { completed: 'completed', not_completed: 'stopped', failure: 'failed' };
  return [
    figure(stats.failure_rate === null ? '–' : percent(stats.failure_rate), `failed of ${count(stats.executed)}`, stats.failed ? 'tone-bad' : ''),
    figure(duration(stats.median_seconds) || '–', 'median'),
    figure(duration(stats.p95_seconds) || '–', 'p95: 95 of 100 within'),
    figure(streak ? count(streak.count) : '–', streak ? `${words[streak.group] ?? streak.group} in a row` : 'no run yet', streak?.group === 'failure' ? 'tone-bad' : ''),
    figure(count(counts.live), 'live', counts.live ? 'tone-run' : ''),
  ];
}

function legend() {
  return h('p', { class: 'legend small soft' }, h('span', { class: 'key median' }, 'median'), h('span', { class: 'key p95' }, 'p95'), h('span', { class: 'key-cross' }, '× failed'));
}

function heat(table) {
  const most = Math.max(1, ...table.flat());
  return h('table', { class: 'heat', 'aria-label': 'Starts by day of the week and hour' },
    h('tbody', {}, table.map((row, day) => h('tr', {},
      h('th', { scope: 'row' }, DAYS[(day + 1) % 7]),
      row.map((number, hour) => h('td', {
        class: number ? 'some' : '', style: { '--part': number ? 0.25 + 0.75 * (number / most) : 0 },
        title: `${DAYS[(day + 1) % 7]} ${String(hour).padStart(2, '0')}:00, ${plural(number, 'start')}`,
      }, h('span', { class: 'hidden' }, number || '')))))),
    h('tfoot', {}, h('tr', {}, h('td', {}), [0, 6, 12, 18].map(hour => h('td', { colspan: 6, class: 'small soft' }, `${String(hour).padStart(2, '0')}:00`)))));
}
