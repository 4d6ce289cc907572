// The last runs of a job as a row of bars: how they ended, and how long they took. Each leads to its run.

import { h, setAttribute, setText, showList, svg } from './dom.js';
import { toRun } from './links.js';
import { look, because } from './states.js';
import { printable } from './text.js';
import { duration, instant, moment } from './time.js';

const SMALLEST = 0.12;

/** The height of each bar, 0 to 1, by the root of its duration: an outlier leaves something of the others. */
export function heights(runs) {
  const longest = Math.max(0, ...runs.map(run => run.run_seconds ?? 0));
  return runs.map(run => {
    if (!run.run_seconds || !longest) return SMALLEST;
    return Math.max(SMALLEST, Math.sqrt(run.run_seconds / longest));
  });
}

export function describe(run) {
  const { word } = look(run.state, run.paused_by);
  return [word, moment(instant(run.created_at)), duration(run.run_seconds), because(run)].filter(Boolean).join(', ');
}

/** `runs` oldest first. `show(runs)` changes what is there. */
export class Bars {
  constructor(slots, title, isLarge = false) {
    this.slots = slots;
    this.list = h('ol', { class: 'bars', 'aria-label': title });
    this.said = h('p', { class: 'said small soft', 'aria-live': 'polite' });
    this.isLarge = isLarge;
    this.element = h('div', { class: isLarge ? 'bars-large' : '' }, this.list, isLarge && this.said);
    this.list.style.setProperty('--slots', slots);
  }

  show(runs) {
    const shown = runs.slice(-this.slots);
    const high = heights(shown);
    const items = shown.map((run, index) => ({ ...run, height: high[index] }));
    const empty = Array.from({ length: this.slots - items.length }, (_, index) => ({ instance: `empty-${index}` }));
    showList(this.list, [...empty, ...items], run => run.instance, run => (run.state ? this.bar(run) : gap()));
    if (this.isLarge && items.length) this.say(items.at(-1));
  }

  say(run) {
    setText(this.said, printable(describe(run)));
  }

  bar(first) {
    const fill = h('span');
    const link = h('a', {
      href: toRun(first.instance), tabindex: this.isLarge ? null : '-1',
      on: { mouseenter: () => this.say(current), focus: () => this.say(current) },
    }, fill);
    const element = h('li', {}, link);
    let current = first;
    return { element, update: run => {
      current = run;
      const { tone, sign } = look(run.state, run.paused_by);
      setAttribute(fill, 'class', `fill-${tone} sign-${sign}`);
      fill.style.setProperty('height', `${Math.round(run.height * 100)}%`);
      setAttribute(link, 'aria-label', printable(describe(run)));
      setAttribute(link, 'title', printable(describe(run)));
    } };
  }
}

function gap() {
  return { element: h('li', { class: 'gap', 'aria-hidden': 'true' }, h('span')) };
}

/** Durations as points over the runs, with lines for the median and p95. */
export function plot(runs, stats, width) {
  const [height, left, bottom] = [180, 64, 24];
  const timed = runs.filter(run => run.run_seconds !== null && run.created_at);
  if (timed.length < 2) return null;
  const first = instant(timed[0].created_at);
  const last = Math.max(first + 1, instant(timed.at(-1).created_at));
  const top = Math.max(...timed.map(run => run.run_seconds), stats?.p95_seconds ?? 0) * 1.08 || 1;
  const x = ms => left + ((ms - first) / (last - first)) * (width - left - 8);
  const y = seconds => height - bottom - (seconds / top) * (height - bottom - 8);
  const line = (seconds, word) => seconds !== null && seconds !== undefined && [
    svg('line', { x1: left, x2: width, y1: y(seconds), y2: y(seconds), class: `rule ${word}` }),
    svg('text', { x: left - 8, y: y(seconds) + 4, class: 'tick' }, `${word} ${duration(seconds)}`.replace('median ', '').replace('p95 ', '')),
  ];
  const apart = stats && Math.abs(y(stats.median_seconds ?? 0) - y(stats.p95_seconds ?? 0)) > 14;
  return svg(
    'svg', { viewBox: `0 0 ${width} ${height}`, class: 'plot', role: 'img', 'aria-label': `Durations of ${timed.length} runs: median ${duration(stats?.median_seconds)}, 95 of 100 within ${duration(stats?.p95_seconds)}, longest ${duration(Math.max(...timed.map(run => run.run_seconds)))}` },
    svg('line', { x1: left, x2: width, y1: y(0), y2: y(0), class: 'axis' }),
    line(stats?.median_seconds, 'median'), apart && line(stats?.p95_seconds, 'p95'),
    timed.map(run => {
      const { tone } = look(run.state);
      const [cx, cy] = [x(instant(run.created_at)), y(run.run_seconds)];
      const shape = tone === 'bad'
        ? svg('path', { d: `M${cx - 4} ${cy - 4}l8 8M${cx + 4} ${cy - 4}l-8 8`, class: 'point-bad' })
        : svg('circle', { cx, cy, r: 3.2, class: `point-${tone}` });
      return svg('a', { href: toRun(run.instance), tabindex: '-1' }, svg('title', {}, describe(run)), shape);
    }),
    svg('text', { x: left, y: height - 4, class: 'tick from' }, moment(first)),
    svg('text', { x: width - 4, y: height - 4, class: 'tick' }, moment(last)));
}

/** How often a job starts at each hour of each day of the week: 7 rows of 24. */
export function startTimes(runs) {
  const table = Array.from({ length: 7 }, () => new Array(24).fill(0));
  for (const run of runs) {
    const date = new Date(instant(run.created_at));
    table[(date.getDay() + 6) % 7][date.getHours()] += 1;
  }
  return table;
}
