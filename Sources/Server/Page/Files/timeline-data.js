// The runs of a timeline: what is seen and what is beside it, asked for once; what happens is taken in.

import { get, instances, list, nextPage, SHAPE } from './api.js';
import { shape } from './lanes.js';
import { instant } from './time.js';

const PAGE = 1000;
// More than that is no picture.
export const MOST = 50_000;

export class TimelineData {
  constructor(changed) {
    this.changed = changed;
    this.shapes = new Map();
    this.ranges = [];
    this.stop = new AbortController();
    this.match = '';
  }

  dispose() {
    this.stop.abort();
  }

  get isFull() {
    return this.shapes.size >= MOST;
  }

  clear(match) {
    this.stop.abort();
    this.stop = new AbortController();
    this.shapes = new Map();
    this.ranges = [];
    this.match = match;
  }

  add(runs) {
    for (const run of runs) {
      const known = this.shapes.get(run.instance);
      const next = shape(run);
      if (known) Object.assign(known, next);
      else this.shapes.set(run.instance, next);
    }
    if (runs.length) this.changed();
  }

  query(more) {
    const pattern = this.match && (/[*?[@]/.test(this.match) ? this.match : `*${this.match}*`);
    return list('/instances', { include: 'all', match: pattern, fields: SHAPE, limit: PAGE, ...more });
  }

  /** Asks for what was created in that time, as far as it is not known; the live ones are always asked for. */
  async need(from, to) {
    const missing = gaps(this.ranges, from, to);
    const { signal } = this.stop;
    for (const [begin, end] of missing) {
      this.ranges = merged([...this.ranges, [begin, end]]);
      try {
        let path = this.query({ since: new Date(begin).toISOString(), until: new Date(end).toISOString() });
        while (path && !this.isFull) {
          const page = await get(path, signal);
          this.add(instances(page));
          path = nextPage(page);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.ranges = without(this.ranges, begin, end);
        throw error;
      }
    }
  }

  async live() {
    const page = await get(this.query({ include: 'live' }), this.stop.signal);
    this.add(instances(page));
  }

  /** Takes in what has happened; returns the runs of which more has to be known. */
  take(events) {
    const wanted = new Set();
    for (const { kind, instance } of events) if (instance && kind !== 'output' && kind !== 'status') wanted.add(instance);
    return [...wanted];
  }

  async ask(ids) {
    if (ids.length > 20) {
      await this.live();
      const ended = ids.filter(id => this.shapes.get(id)?.ended === null);
      if (!ended.length) return;
    }
    const pattern = ids.slice(-20);
    const page = await get(list('/instances', { include: 'all', match: pattern, fields: SHAPE, limit: 100 }), this.stop.signal);
    this.add(instances(page).filter(run => this.isWanted(run)));
  }

  isWanted(run) {
    return !this.match || this.shapes.has(run.instance) || run.job.includes(this.match.replaceAll('*', ''));
  }

  /** When the first of them was created; null where there is none. */
  async newest() {
    const page = await get(list('/instances', { include: 'all', limit: 1, fields: SHAPE }), this.stop.signal);
    const [run] = instances(page);
    return run ? instant(run.created_at) : null;
  }
}

/** The parts of `[from, to)` that none of the sorted ranges has. */
export function gaps(ranges, from, to) {
  const found = [];
  let at = from;
  for (const [begin, end] of ranges) {
    if (end <= at) continue;
    if (begin >= to) break;
    if (begin > at) found.push([at, begin]);
    at = Math.max(at, end);
  }
  if (at < to) found.push([at, to]);
  return found;
}

export function merged(ranges) {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const result = [];
  for (const [from, to] of sorted) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

export function without(ranges, from, to) {
  return ranges.flatMap(([begin, end]) => [[begin, Math.min(end, from)], [Math.max(begin, to), end]].filter(([a, b]) => a < b));
}
