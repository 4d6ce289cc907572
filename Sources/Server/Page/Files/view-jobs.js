// Jobs: every job with its last runs as bars.

import { get, instances, list, nextPage } from './api.js';
import { Bars } from './bars.js';
import { fill, h, setAttribute, setText, showList } from './dom.js';
import { address, jobPath, toJob } from './links.js';
import { wrong } from './notices.js';
import { name, nothing, patience, stateSign } from './parts.js';
import { Refresher } from './refresh.js';
import { count, percent, printable } from './text.js';
import { ago, timeElement } from './time.js';

const PAGE = 1000;
const BARS = 30;
// What a bar shows changes with these alone.
const MOVES = new Set(['created', 'running', 'paused', 'resumed', 'completed', 'stopped', 'failed', 'start_failed', 'error', 'lost',
  'interrupted', 'disabled', 'cancelled', 'skipped', 'dependency_not_running', 'suspended', 'job_disabled', 'job_enabled', 'history_removed', 'retained']);

export function jobsView({ feed, query }) {
  const rows = h('ul', { class: 'rows panel jobs' });
  const problem = h('div');
  const said = h('p', { class: 'soft small', role: 'status' });
  const field = h('input', { type: 'search', placeholder: 'Job or pattern', 'aria-label': 'Job or pattern', spellcheck: 'false', value: query.get('match') ?? '' });
  field.addEventListener('input', () => history.replaceState(null, '', address('jobs', [], { match: field.value.trim() })) || refresher.refresh());
  const element = h('div', {}, h('div', { class: 'search' }, h('h1', { class: 'hidden' }, 'Jobs'), field), problem, said, rows);
  const ready = patience(element);
  const bars = new BarsOfRows();
  const refresher = new Refresher(feed, {
    isWanted: event => {
      if (!MOVES.has(event.kind)) return false;
      bars.forget(event.job);
      return true;
    },
    load: async signal => {
      const text = field.value.trim();
      const match = text && (/[*?[]/.test(text) ? text : `*${text}*`);
      let path = list('/jobs', { match, limit: PAGE });
      const jobs = [];
      while (path) {
        const page = await get(path, signal);
        jobs.push(...page._embedded.jobs);
        path = jobs.length < 5 * PAGE ? nextPage(page) : null;
      }
      return jobs;
    },
    show: jobs => {
      ready();
      fill(problem);
      showList(rows, jobs, job => job.job, job => jobRow(job, bars));
      rows.hidden = !jobs.length;
      setText(said, jobs.length ? `${count(jobs.length)} ${jobs.length === 1 ? 'job' : 'jobs'}` : '');
      if (!jobs.length) {
        fill(problem, h('div', { class: 'panel' }, field.value.trim() ? nothing('No job is called so', 'Parts of a name will do.')
          : nothing('There are no jobs yet', 'A job is there once it has run:', 'taro exec --id backup ./backup.sh')));
      }
    },
    fail: error => {
      ready();
      fill(problem, wrong(error));
    },
  });
  return {
    element, title: 'Jobs',
    dispose: () => {
      bars.dispose();
      refresher.dispose();
    },
  };
}

/** Asks for the runs of those rows alone that are seen. */
class BarsOfRows {
  constructor() {
    this.stop = new AbortController();
    this.known = new Map();
    this.queue = [];
    this.running = 0;
    this.watcher = new IntersectionObserver(entries => {
      for (const { isIntersecting, target } of entries) {
        const row = this.known.get(target.dataset.job);
        if (!row) continue;
        row.isSeen = isIntersecting;
        if (isIntersecting && row.isOld) this.ask(row);
      }
    }, { rootMargin: '400px' });
  }

  add(job, element, bars) {
    this.known.set(job, { job, bars, isOld: true, isSeen: false });
    this.watcher.observe(element);
  }

  forget(job) {
    const row = this.known.get(job);
    if (!row) return;
    row.isOld = true;
    if (row.isSeen) this.ask(row);
  }

  ask(row) {
    if (!this.queue.includes(row)) this.queue.push(row);
    this.work();
  }

  async work() {
    if (this.running >= 3 || !this.queue.length || this.stop.signal.aborted) return;
    const row = this.queue.shift();
    this.running += 1;
    row.isOld = false;
    try {
      const fields = 'instance,state,paused_by,created_at,run_seconds,reason,signal,exit_code,waiting';
      const page = await get(list(`${jobPath(row.job)}/instances`, { limit: BARS, fields }), this.stop.signal);
      row.bars.show(instances(page).reverse());
    } catch {
      row.isOld = true;
    }
    this.running -= 1;
    this.work();
  }

  dispose() {
    this.stop.abort();
    this.watcher.disconnect();
  }
}

function jobRow(first, asked) {
  const bars = new Bars(BARS, `Last runs of ${printable(first.job)}`);
  const parts = { state: h('span'), when: h('span', { class: 'when number soft' }), rate: h('span', { class: 'rate number' }), off: h('span') };
  const link = h('a', { class: 'job cut', href: toJob(first.job) }, name(first.job));
  const owner = Object.entries(first.properties ?? {}).map(([key, value]) => `${key} ${value}`).join(', ');
  const element = h(
    'li', { class: 'job-row', data: { job: first.job } }, h('span', { class: 'about' }, link, owner && h('span', { class: 'soft small cut' }, printable(owner)), parts.off),
    parts.state, bars.element, parts.rate, parts.when);
  asked.add(first.job, element, bars);
  const known = {};
  return { element, update };

  function update(job) {
    const key = JSON.stringify(job);
    if (known.key === key) return;
    known.key = key;
    const run = job.last_run;
    fill(parts.state, run ? stateSign(run) : h('span', { class: 'soft' }, 'never ran'));
    fill(parts.when, run && timeElement(run.created_at, ms => ago(ms)));
    fill(parts.off, job.disabled && h('span', { class: 'tag', title: `by ${printable(job.disabled)}` }, 'disabled'));
    const { failure = 0, completed = 0, not_completed: stopped = 0 } = job.counts;
    const executed = failure + completed + stopped;
    setText(parts.rate, executed ? `${percent(failure / executed)} failed` : '');
    setAttribute(parts.rate, 'title', executed ? `${failure} of ${executed}` : null);
    setAttribute(parts.rate, 'class', failure ? 'rate number' : 'rate number soft');
  }
}
