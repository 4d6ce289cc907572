// The layout of a timeline: a lane a job, in it so many rows as run at once. Nothing of it draws.

import { instant } from './time.js';

export const ROW = 18;
const GAP = 3;
const PADDING = 9;

/** A run as a drawing needs it: when it was created, started, ended, in milliseconds; `null` while it goes on. */
export function shape(run) {
  const created = instant(run.created_at);
  const started = instant(run.started_at);
  const ended = instant(run.ended_at);
  return { run, created, started: started ?? ended ?? null, ended, hasRun: started !== null };
}

/**
 * Lanes of these shapes: `[{ job, top, height, rows: [[shape]] , shapes }]`, by the names of jobs. A shape gets the first row
 * that is free when it begins, so that one that is added later moves none.
 */
export function lanes(shapes, now) {
  const byJob = new Map();
  for (const one of shapes) {
    if (!byJob.has(one.run.job)) byJob.set(one.run.job, []);
    byJob.get(one.run.job).push(one);
  }
  let top = 0;
  return [...byJob.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).map(job => {
    const sorted = byJob.get(job).sort((a, b) => a.created - b.created);
    const rows = [];
    for (const one of sorted) {
      let place = rows.findIndex(row => end(row.at(-1), now) <= one.created);
      if (place < 0) place = rows.push([]) - 1;
      rows[place].push(one);
      one.row = place;
    }
    const height = rows.length * ROW + (rows.length - 1) * GAP + 2 * PADDING;
    const lane = { job, top, height, rows, shapes: sorted };
    top += height;
    return lane;
  });
}

export const end = (one, now) => one.ended ?? Math.max(now, one.created);

export function rowTop(lane, row) {
  return lane.top + PADDING + row * (ROW + GAP);
}

/** The first place in a row, sorted by time, of what ends at or after a moment. */
export function firstEndingAfter(row, from, now) {
  let [low, high] = [0, row.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (end(row[middle], now) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000]
  .map(seconds => seconds * 1000);

/** Moments of an axis, in local time, at least so many milliseconds apart. */
export function ticks(from, to, apart, offset = new Date(from).getTimezoneOffset() * 60_000) {
  const step = STEPS.find(one => one >= apart) ?? STEPS.at(-1);
  const first = Math.ceil((from - offset) / step) * step + offset;
  const found = [];
  for (let at = first; at <= to; at += step) found.push(at);
  return { step, at: found };
}

/** The view after a zoom by a factor that leaves the moment under the pointer where it is. */
export function zoomed({ from, to }, factor, at, shortest = 2000, longest = 400 * 86_400_000) {
  const length = Math.min(longest, Math.max(shortest, (to - from) * factor));
  const share = (at - from) / (to - from);
  return { from: at - share * length, to: at + (1 - share) * length };
}
