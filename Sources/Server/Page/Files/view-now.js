// Now: what runs and waits, what failed since yesterday, what is disabled.

import { enable, isAllowed, disable, runActions } from './actions.js';
import { get, instances, list, ROW } from './api.js';
import { fill, h, setAttribute, setText, showList } from './dom.js';
import { toHistory, toJob, toRun } from './links.js';
import { button, name, nothing, patience, stateSign, warnings } from './parts.js';
import { wrong } from './notices.js';
import { Refresher } from './refresh.js';
import { because, FAILURES } from './states.js';
import { count, plural, printable } from './text.js';
import { ago, DAY, instant, timeElement, whole } from './time.js';

const MOST = 500;
// What makes runs failed ones, and what takes them away.
const CHANGE_FAILURES = [...FAILURES.map(state => state.toLowerCase()), 'history_removed', 'retained', 'redacted', 'sealed'];

export function nowView({ feed }) {
  const element = h('div', { class: 'now' });
  const ready = patience(element);
  const figures = new Figures();
  const live = h('ul', { class: 'rows panel live' });
  const failed = h('ul', { class: 'rows panel failed' });
  const disabled = h('ul', { class: 'rows panel' });
  const title = h('h1', { class: 'hidden' }, 'Now');
  const liveSection = section('Live', 'live', live);
  const failedSection = section('Failed since yesterday', 'failed', failed);
  const disabledSection = section('Disabled', 'disabled', disabled,
    isAllowed() && button('Disable jobs', { className: 'quiet', sign: 'plus', onClick: () => disable() }));
  const problem = h('div');
  const empty = h('div', { class: 'panel', hidden: true }, nothing(
    'Nothing has run yet', 'Put taro before a command, and it shows here while it runs:',
    'taro exec --id backup ./backup.sh'));
  // What runs and what failed, each as soon as it is known: the one shall not wait for the other.
  let [now, failures] = [null, null];
  let isShown = false;
  let today = startOfDay();
  const fail = error => {
    ready();
    if (!isShown) fill(element, title, problem);
    fill(problem, wrong(error));
  };
  const liveRefresher = new Refresher(feed, {
    // What a job prints is told by `status`, a line at a time.
    isWanted: event => event.kind !== 'output',
    load: loadLive, fail,
    show: answer => {
      now = answer;
      show();
    },
  });
  const failedRefresher = new Refresher(feed, {
    isWanted: event => CHANGE_FAILURES.includes(event.kind),
    load: loadFailures, fail,
    show: answer => {
      failures = answer;
      show();
    },
  });
  const ticking = setInterval(() => {
    tick(live);
    if (today === startOfDay()) return;
    today = startOfDay();
    failedRefresher.refresh();
  }, 1000);
  return {
    element, title: 'Now',
    dispose: () => {
      clearInterval(ticking);
      liveRefresher.dispose();
      failedRefresher.dispose();
    },
  };

  async function loadLive(signal) {
    const [runs, patterns, newest] = await Promise.all([
      get(list('/instances', { include: 'live', limit: MOST, fields: ROW }), signal),
      get('/disabled', signal),
      get(list('/instances', { include: 'all', limit: 1, fields: 'instance' }), signal),
    ]);
    return {
      runs: instances(runs).sort(byImportance), hasMore: !!runs._links.next,
      disabled: patterns._embedded.disabled, isEmpty: instances(newest).length === 0,
    };
  }

  async function loadFailures(signal) {
    const since = new Date(startOfDay() - DAY).toISOString();
    const runs = await get(list('/instances', { state: FAILURES, since, limit: MOST, fields: ROW }), signal);
    return { runs: instances(runs), hasMore: !!runs._links.next };
  }

  function show() {
    // Both at first, so that nothing jumps.
    if (!now || !failures) return;
    ready();
    fill(problem);
    if (!isShown) fill(element, title, problem, figures.element, empty, liveSection, failedSection, disabledSection);
    isShown = true;
    const groups = byJob(failures.runs);
    figures.show(now, failures);
    showList(live, now.runs, run => run.instance, liveRow);
    showList(failed, groups, group => group.job, failedRow);
    showList(disabled, now.disabled, entry => entry.pattern, disabledRow);
    empty.hidden = !now.isEmpty;
    figures.element.hidden = now.isEmpty;
    liveSection.hidden = now.isEmpty;
    setText(liveSection.querySelector('.none'), now.runs.length ? '' : 'Nothing runs now.');
    live.hidden = !now.runs.length;
    failedSection.hidden = !groups.length;
    setText(failedSection.querySelector('.none'), failures.hasMore ? `The newest ${MOST} are shown.` : '');
    disabledSection.hidden = now.isEmpty && !now.disabled.length;
    setText(disabledSection.querySelector('.none'), now.disabled.length ? '' : 'No job is kept from running.');
    disabled.hidden = !now.disabled.length;
    setText(liveSection.querySelector('.more'), now.hasMore ? `The newest ${MOST} are shown.` : '');
  }
}

function startOfDay() {
  return new Date().setHours(0, 0, 0, 0);
}

function section(title, id, rows, action) {
  return h(
    'section', { class: 'section', id },
    h('div', { class: 'head' }, h('h2', {}, title), action && h('div', { class: 'actions' }, action)),
    h('p', { class: 'none soft' }), rows, h('p', { class: 'more soft small' }));
}

/** How many there are of each, large. */
class Figures {
  constructor() {
    this.parts = {
      running: new Figure('Running', 'run', toHistory({ state: 'RUNNING' })),
      waiting: new Figure('Waiting', 'wait', toHistory({ state: ['PENDING', 'WAITING', 'CREATED'] })),
      failed: new Figure('Failed since yesterday', 'bad', toHistory({ state: FAILURES })),
      disabled: new Figure('Disabled', 'idle'),
    };
    this.element = h('div', { class: 'figures' }, Object.values(this.parts).map(part => part.element));
  }

  show({ runs, hasMore, disabled }, failures) {
    const running = runs.filter(run => run.group === 'executing').length;
    this.parts.running.show(running, hasMore);
    this.parts.waiting.show(runs.length - running, false);
    this.parts.failed.show(failures.runs.length, failures.hasMore);
    this.parts.disabled.show(disabled.length, false);
  }
}

class Figure {
  constructor(title, tone, href) {
    this.tone = tone;
    this.number = h('span', { class: 'number' });
    this.element = h(href ? 'a' : 'div', { class: 'figure', href }, this.number, h('span', { class: 'soft' }, title));
  }

  show(number, hasMore) {
    setText(this.number, `${count(number)}${hasMore ? '+' : ''}`);
    setAttribute(this.number, 'class', number ? `number tone-${this.tone}` : 'number none');
  }
}

// What runs first, then who waits; the oldest first, so that a new one moves no other.
function byImportance(one, other) {
  const rank = run => (run.group === 'executing' ? 0 : 1);
  return rank(one) - rank(other) || (one.created_at < other.created_at ? -1 : 1);
}

function byJob(failures) {
  const groups = new Map();
  for (const run of failures) {
    const group = groups.get(run.job);
    if (group) group.count += 1;
    else groups.set(run.job, { job: run.job, newest: run, count: 1 });
  }
  return [...groups.values()];
}

function tick(rows) {
  for (const element of rows.querySelectorAll('[data-since]')) {
    const seconds = Number(element.dataset.seconds) + (performance.now() - Number(element.dataset.since)) / 1000;
    setText(element, whole(seconds));
  }
}

function liveRow(first) {
  const parts = {
    state: h('span'), time: h('span', { class: 'number time' }), say: h('bdi', { class: 'say cut' }),
    meter: h('span', { class: 'meter', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100 }, h('span')),
    warnings: h('span'),
  };
  const actions = runActions(first, { isSmall: true });
  const link = h('a', { class: 'job cut', href: toRun(first.instance) }, name(first.job));
  const element = h(
    'li', { class: 'live-row' }, parts.state, link,
    h('span', { class: 'about' }, parts.say, parts.warnings), parts.meter, parts.time, actions.element);
  const known = {};
  return { element, update };

  function update(run) {
    actions.update(run);
    const key = `${run.state} ${run.paused_by}`;
    if (known.state !== key) fill(parts.state, stateSign(run));
    known.state = key;
    const said = because(run) || run.status || '';
    setText(parts.say, printable(said));
    setAttribute(parts.say, 'title', printable(said));
    const percent = run.progress?.percent ?? null;
    parts.meter.hidden = percent === null;
    if (percent !== null) {
      parts.meter.firstChild.style.setProperty('width', `${percent}%`);
      setAttribute(parts.meter, 'aria-valuenow', Math.round(percent));
      setAttribute(parts.meter, 'aria-label', `Progress of ${printable(run.job)}`);
    }
    const warned = JSON.stringify(run.warnings);
    if (known.warnings !== warned) fill(parts.warnings, warnings(run));
    known.warnings = warned;
    const seconds = run.run_seconds ?? (Date.now() - instant(run.created_at)) / 1000;
    Object.assign(parts.time.dataset, { seconds, since: performance.now() });
    setText(parts.time, whole(seconds));
    setAttribute(parts.time, 'title', run.started_at ? `started ${run.started_at}` : `waits since ${run.created_at}`);
  }
}

function failedRow(first) {
  const link = h('a', { class: 'run-row' });
  const all = h('a', { class: 'all small plain', href: toHistory({ job: first.job, state: FAILURES }) });
  const element = h('li', { class: 'failed-row' }, link, all);
  const known = {};
  return { element, update };

  function update({ newest: run, count: times }) {
    const key = `${run.instance} ${times}`;
    if (known.key === key) return;
    known.key = key;
    setAttribute(link, 'href', toRun(run.instance));
    const why = because(run);
    fill(
      link, stateSign(run), h('span', { class: 'job cut' }, name(run.job)),
      h('span', { class: 'about' }, why && h('span', { class: 'why cut', title: printable(why) }, printable(why)),
        run.status !== why && h('bdi', { class: 'say cut', title: printable(run.status ?? '') }, printable(run.status ?? '')),
        warnings(run)),
      h('span', { class: 'number' }, times > 1 ? `${count(times)}\u202f×` : ''),
      timeElement(run.ended_at ?? run.created_at, ms => ago(ms)));
    all.hidden = times < 2;
    setText(all, `all ${count(times)}`);
    setAttribute(all, 'aria-label', `All ${plural(times, 'failure')} of ${printable(run.job)}`);
  }
}

function disabledRow(first) {
  const until = h('span', { class: 'soft' });
  const why = h('span', { class: 'about soft' });
  const isGlob = /[*?[]/.test(first.pattern);
  const what = isGlob ? h('span', { class: 'job cut' }, name(first.pattern))
    : h('a', { class: 'job cut', href: toJob(first.pattern) }, name(first.pattern));
  const element = h(
    'li', { class: 'disabled-row' }, what, why, until,
    isAllowed() ? button('Enable', { className: 'quiet', onClick: () => enable(first.pattern) }) : h('span'));
  return { element, update };

  function update(entry) {
    const who = `${entry.user}${entry.via === 'rest' ? ' by REST' : ''}`;
    fill(why, h('span', { class: 'cut' }, printable(entry.reason ? `${entry.reason} (${who})` : `by ${who}`)));
    fill(until, entry.until ? h('span', {}, 'until ', timeElement(entry.until)) : 'until enabled');
  }
}
