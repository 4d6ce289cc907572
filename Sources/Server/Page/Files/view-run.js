// Run: what it is, what it prints, everything that is known of it.

import { isAllowed, runActions } from './actions.js';
import { get, instances, list } from './api.js';
import { fill, h, setText } from './dom.js';
import { address, instancePath, jobPath, toJob, toRun } from './links.js';
import { LogPanel } from './log-panel.js';
import { notice, wrong } from './notices.js';
import { offer } from './palette.js';
import { name, nothing, patience, stateSign, button } from './parts.js';
import { Refresher } from './refresh.js';
import { runFacts } from './run-facts.js';
import { because, isLive } from './states.js';
import { printable, shellWords } from './text.js';
import { duration, instant, timeElement, whole } from './time.js';

export function runView({ path, query, feed }) {
  const id = path[0] ?? '';
  const element = h('div', { class: 'run-view' });
  const ready = patience(element);
  const parts = {
    sign: h('span', { class: 'sign' }), title: h('h1', {}), why: h('span', { class: 'why' }), time: h('span', { class: 'run-time number' }), when: h('span', { class: 'soft' }),
    command: h('code', { class: 'command cut' }), meter: h('div', { class: 'meter', role: 'progressbar', 'aria-label': 'Progress', 'aria-valuemin': 0, 'aria-valuemax': 100, hidden: true }, h('span')),
    beside: h('span', { class: 'neighbours' }), actions: h('span'), facts: h('div', { class: 'run-facts panel' }),
  };
  const known = {};
  let run = null;
  let log = null;
  let actions = null;
  const ticking = setInterval(tick, 1000);
  const refresher = new Refresher(feed, {
    isWanted: event => event.instance === (run?.instance ?? id) || (event.job === run?.job && event.kind === 'created'),
    load: signal => get(instancePath(id), signal),
    show,
    fail: error => {
      ready();
      if (run && error.status !== 404) return;
      fill(element, error.status === 404 ? h('div', { class: 'panel' }, nothing('There is no such run', error.message)) : wrong(error));
    },
  });
  return {
    element, title: id, className: 'fixed wide',
    update: next => {
      const at = next.get('at');
      if (at !== null && log && Number(at) !== known.at) log.view.showOffset(Number(at), true);
    },
    dispose: () => {
      offer([]);
      clearInterval(ticking);
      refresher.dispose();
      log?.dispose();
    },
  };

  function show(next) {
    ready();
    const isFirst = run === null;
    run = next;
    run.asked = performance.now();
    if (isFirst) begin();
    document.title = `${look()} ${printable(run.job)} · taro`;
    const key = `${run.state} ${run.paused_by} ${run.still_running}`;
    if (known.state !== key) fill(parts.sign, stateSign(run));
    known.state = key;
    setText(parts.why, printable(because(run)));
    tick();
    actions.update(run);
    log.update(run);
    const percent = isLive(run.state) ? run.progress?.percent ?? null : null;
    parts.meter.hidden = percent === null;
    if (percent !== null) {
      parts.meter.firstChild.style.width = `${percent}%`;
      parts.meter.setAttribute('aria-valuenow', Math.round(percent));
    }
    const facts = JSON.stringify({ ...run, asked: 0, run_seconds: 0, lifecycle: 0 });
    if (known.facts !== facts) fill(parts.facts, runFacts(run));
    known.facts = facts;
    offerActions();
    neighbours();
  }

  function look() {
    return isLive(run.state) ? '▸' : run.group === 'failure' ? '✕' : run.group === 'completed' ? '✓' : '·';
  }

  function begin() {
    const at = query.get('at');
    known.at = at === null ? null : Number(at);
    log = new LogPanel(run, { at: known.at, find: query.get('find') ?? '', onLine: mark });
    actions = runActions(run);
    fill(parts.title, h('a', { href: toJob(run.job) }, name(run.job)));
    fill(parts.when, 'started ', timeElement(run.started_at ?? run.created_at));
    setText(parts.command, printable(shellWords(run.command)));
    parts.command.title = printable(shellWords(run.command));
    const isNarrow = window.matchMedia('(max-width: 1199px)').matches;
    const details = h('details', { class: 'run-side' }, h('summary', {}, 'Everything about it'), parts.facts);
    details.open = !isNarrow;
    fill(
      element,
      h('div', { class: 'head run-head' }, parts.sign, parts.title, parts.why, parts.time, parts.when, h('div', { class: 'actions' }, parts.beside, actions.element)),
      parts.command, parts.meter, h('div', { class: 'run-body' }, log.element, details));
  }

  function mark(offset) {
    known.at = offset;
    const place = address('run', [run.instance], { at: offset });
    history.replaceState(null, '', place);
    navigator.clipboard?.writeText(new URL(place, location.href).href).then(() => notice('A link to this line is in the clipboard'), () => {});
  }

  function tick() {
    if (!run) return;
    const since = isLive(run.state) && !run.paused_by ? (performance.now() - run.asked) / 1000 : 0;
    if (!isLive(run.state)) setText(parts.time, duration(run.run_seconds));
    else if (run.run_seconds !== null) setText(parts.time, whole(run.run_seconds + since));
    else setText(parts.time, `waits ${whole((Date.now() - instant(run.created_at)) / 1000)}`);
  }

  function offerActions() {
    offer(isAllowed() && (isLive(run.state) || run.still_running)
      ? [...actions.element.querySelectorAll('button')].filter(item => item.textContent).map(item => ({ text: `${item.textContent} this run`, act: () => item.click() })) : []);
  }

  // The runs of the job before and behind it.
  async function neighbours() {
    if (known.neighbours) return;
    known.neighbours = true;
    try {
      const base = `${jobPath(run.job)}/instances`;
      const one = query => get(list(base, { limit: 2, fields: 'instance,created_at', ...query })).then(instances);
      const [older, newer] = await Promise.all([
        one({ until: run.created_at }), one({ since: run.created_at, order: 'asc' }),
      ]);
      const before = older.find(other => other.instance !== run.instance);
      const behind = newer.find(other => other.instance !== run.instance);
      const link = (other, sign, title) => (other
        ? h('a', { class: 'button quiet', href: toRun(other.instance), title, 'aria-label': title }, sign) : button(sign, { className: 'quiet', disabled: true, title }));
      fill(parts.beside, link(before, '‹ Older', 'The run of this job before it'), link(behind, 'Newer ›', 'The run of this job after it'));
    } catch {
      known.neighbours = false;
    }
  }
}
