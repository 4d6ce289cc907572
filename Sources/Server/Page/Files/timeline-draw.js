// Draws lanes on a canvas: waiting as an outline, running filled, failures with a mark, what was lost with a torn end.

import { end, firstEndingAfter, ROW, rowTop, ticks } from './lanes.js';
import { look } from './states.js';
import { colour } from './theme.js';
import { DAYS, clock, day, hours } from './time.js';

export const AXIS = 32;
const TONES = ['ok', 'bad', 'run', 'wait', 'idle'];

export function colours() {
  const all = { ink: colour('ink'), soft: colour('soft'), line: colour('line'), surface: colour('surface'), ground: colour('ground'), focus: colour('focus'), sunken: colour('sunken') };
  for (const tone of TONES) all[tone] = colour(`${tone}-fill`);
  return all;
}

/** `view` is `{ from, to, top, width, height, labels, now, chosen }`. */
export function draw(context, lanes, view, paint) {
  const { width, height, labels } = view;
  context.clearRect(0, 0, width, height);
  const x = ms => labels + ((ms - view.from) / (view.to - view.from)) * (width - labels);
  const axis = ticks(view.from, view.to, ((view.to - view.from) / Math.max(1, width - labels)) * 96);
  grid(context, axis, x, view, paint);
  context.save();
  context.beginPath();
  context.rect(0, AXIS, width, height - AXIS);
  context.clip();
  context.translate(0, AXIS - view.top);
  for (const lane of lanes) {
    if (lane.top + lane.height < view.top || lane.top > view.top + height) continue;
    context.fillStyle = paint.line;
    context.fillRect(0, lane.top + lane.height - 1, width, 1);
    context.save();
    context.beginPath();
    context.rect(labels, lane.top, width - labels, lane.height);
    context.clip();
    lane.rows.forEach((row, place) => drawRow(context, row, rowTop(lane, place), x, view, paint));
    context.restore();
  }
  context.restore();
  now(context, x(view.now), view, paint);
}

function grid(context, { step, at }, x, { width, height, labels }, paint) {
  context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  context.textBaseline = 'middle';
  let lastDay = '';
  for (const moment of at) {
    const left = Math.round(x(moment)) + 0.5;
    if (left < labels) continue;
    const isMidnight = hours(moment) === '00:00';
    context.strokeStyle = paint.line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(left, isMidnight ? 0 : AXIS - 8);
    context.lineTo(left, height);
    context.stroke();
    const date = `${DAYS[new Date(moment).getDay()]} ${day(moment)}`;
    const text = isMidnight || step >= 86_400_000 ? date : step < 60_000 ? clock(moment) : hours(moment);
    context.fillStyle = isMidnight || lastDay === '' ? paint.ink : paint.soft;
    const shown = lastDay === '' && !isMidnight && step < 86_400_000 ? `${text}` : text;
    if (left + 6 + context.measureText(shown).width < width) context.fillText(shown, left + 6, AXIS / 2);
    lastDay = date;
  }
  context.fillStyle = paint.line;
  context.fillRect(0, AXIS - 1, width, 1);
}

// Runs that would be on the same pixels are drawn once: the worst of them.
function drawRow(context, row, top, x, view, paint) {
  let last = -Infinity;
  let lastRank = -1;
  for (let place = firstEndingAfter(row, view.from, view.now); place < row.length; place += 1) {
    const one = row[place];
    if (one.created > view.to) break;
    const { tone, sign } = look(one.run.state, one.run.paused_by);
    const left = x(one.created);
    const right = Math.max(left + 2, x(end(one, view.now)));
    const rank = tone === 'bad' ? 2 : tone === 'run' ? 1 : 0;
    if (right - last < 1 && rank <= lastRank) continue;
    [last, lastRank] = [right, rank];
    drawShape(context, one, left, right, top, x, paint[tone], sign, paint, view);
  }
}

function drawShape(context, one, left, right, top, x, fill, sign, paint, view) {
  const begin = one.started === null ? right : Math.min(right - 1, Math.max(left, x(one.started)));
  if (begin - left > 2) {
    context.strokeStyle = one.hasRun || one.ended === null ? paint.wait : fill;
    context.setLineDash([3, 2]);
    context.strokeRect(Math.max(left, -4) + 0.5, top + 4.5, Math.min(begin, view.width + 4) - Math.max(left, -4), ROW - 9);
    context.setLineDash([]);
  }
  const from = Math.max(begin, view.labels - 4);
  const width = Math.max(2, Math.min(right, view.width + 4) - from);
  if (one.hasRun || begin - left <= 2) {
    context.fillStyle = fill;
    if (sign === 'question') torn(context, from, top, width);
    // Of what is narrow nobody sees the corners.
    else if (width < 8) context.fillRect(from, top, width, ROW);
    else {
      context.beginPath();
      context.roundRect(from, top, width, ROW, Math.min(3, width / 2));
      context.fill();
    }
  }
  if (sign === 'cross' || sign === 'bolt' || sign === 'question') mark(context, right, from, top, width, paint);
  if (one === view.chosen) {
    context.strokeStyle = paint.focus;
    context.lineWidth = 2;
    context.strokeRect(Math.max(left, view.labels) - 3, top - 3, Math.max(4, right - Math.max(left, view.labels)) + 6, ROW + 6);
    context.lineWidth = 1;
  }
}

// A failure is told by its form as well: a cross where there is room, else a foot below the bar.
function mark(context, right, from, top, width, paint) {
  if (width >= 18) {
    const at = right - 9;
    context.strokeStyle = paint.surface;
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(at - 3, top + 6);
    context.lineTo(at + 3, top + 12);
    context.moveTo(at + 3, top + 6);
    context.lineTo(at - 3, top + 12);
    context.stroke();
    context.lineWidth = 1;
  } else {
    context.beginPath();
    context.moveTo(right - width / 2 - 4, top + ROW + 4);
    context.lineTo(right - width / 2 + 4, top + ROW + 4);
    context.lineTo(right - width / 2, top + ROW - 3);
    context.fill();
  }
}

function torn(context, left, top, width) {
  const right = left + width;
  const tooth = Math.min(4, width / 2);
  context.beginPath();
  context.moveTo(left, top);
  context.lineTo(right, top);
  for (let i = 0; i < 4; i += 1) context.lineTo(right - (i % 2 ? 0 : tooth), top + ((i + 1) * ROW) / 4);
  context.lineTo(left, top + ROW);
  context.fill();
}

function now(context, at, { labels, width, height }, paint) {
  if (at < labels || at > width) return;
  context.strokeStyle = paint.ink;
  context.beginPath();
  context.moveTo(Math.round(at) + 0.5, AXIS - 8);
  context.lineTo(Math.round(at) + 0.5, height);
  context.stroke();
}
