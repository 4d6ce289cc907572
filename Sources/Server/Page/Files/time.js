// Times and durations as people read them. Times are shown in local time; UTC stands in the title.

import { h } from './dom.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
export const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const two = number => String(number).padStart(2, '0');

/** Milliseconds since 1970 of an RFC 3339 time; null of null. */
export function instant(text) {
  return text === null || text === undefined ? null : Date.parse(text);
}

export function hours(ms) {
  const date = new Date(ms);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function clock(ms) {
  return `${hours(ms)}:${two(new Date(ms).getSeconds())}`;
}

export function clockWithMillis(ms) {
  return `${clock(ms)}.${String(Math.floor(ms) % 1000).padStart(3, '0')}`;
}

export function day(ms, now = Date.now()) {
  const date = new Date(ms);
  const year = date.getFullYear() === new Date(now).getFullYear() ? '' : ` ${date.getFullYear()}`;
  return `${date.getDate()} ${MONTHS[date.getMonth()]}${year}`;
}

const startOfDay = ms => new Date(ms).setHours(0, 0, 0, 0);

/** Today the clock alone, yesterday so, else with the day. */
export function moment(ms, now = Date.now()) {
  const today = startOfDay(now);
  if (ms >= today && ms < today + DAY) return clock(ms);
  if (ms >= startOfDay(today - DAY / 2) && ms < today) return `Yesterday ${hours(ms)}`;
  return `${day(ms, now)} ${hours(ms)}`;
}

export function utc(ms) {
  return `${new Date(ms).toISOString().replace('T', ' ').replace(/\.\d+Z$/, '')} UTC`;
}

/** The value of an input of type datetime-local. */
export function localInput(ms) {
  const date = new Date(ms);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${hours(ms)}`;
}

/** A duration in at most two units: `250 ms`, `12.4 s`, `4 m 05 s`, `3 h 07 m`, `2 d 04 h`. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return '';
  if (seconds < 0) return '0 s';
  if (seconds < 0.0095) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  return whole(seconds);
}

/** The same in whole seconds, for what goes on. */
export function whole(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} m ${two(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${two(Math.floor(s / 60) % 60)} m`;
  return `${Math.floor(s / 86400)} d ${two(Math.floor(s / 3600) % 24)} h`;
}

/** How long ago, in one unit. */
export function ago(ms, now = Date.now()) {
  const s = Math.round((now - ms) / 1000);
  if (s < 2) return 'just now';
  if (s < 90) return `${s} s ago`;
  if (s < 90 * 60) return `${Math.round(s / 60)} min ago`;
  if (s < 48 * 3600) return `${Math.round(s / 3600)} h ago`;
  return `${Math.round(s / 86400)} d ago`;
}

/** An element for a time: local, with UTC on hover. */
export function timeElement(text, show = moment) {
  const ms = instant(text);
  if (ms === null) return h('span', {}, '');
  return h('time', { datetime: text, title: `${day(ms)} ${clock(ms)} local, ${utc(ms)}` }, show(ms));
}
