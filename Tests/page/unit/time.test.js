import { ago, duration, instant, moment, utc, whole } from '/page/time.js';
import { equal, test } from './harness.js';

test('durations in at most two units', () => {
  equal([0, 0.0004, 0.25, 1, 59.9, 59.96, 60, 3599.6, 3661, 86399, 90061].map(duration),
    ['1 ms', '1 ms', '250 ms', '1.0 s', '59.9 s', '1 m 00 s', '1 m 00 s', '1 h 00 m', '1 h 01 m', '23 h 59 m', '1 d 01 h']);
  equal([duration(null), duration(undefined), duration(-1)], ['', '', '0 s']);
  equal([whole(5.4), whole(125)], ['5 s', '2 m 05 s']);
});
test('how long ago', () => equal([0, 30, 89, 90, 3600, 47 * 3600, 10 * 86400].map(s => ago(0, s * 1000)), ['just now', '30 s ago', '89 s ago', '2 min ago', '60 min ago', '47 h ago', '10 d ago']));
test('microseconds of the server are read', () => equal(instant('2026-11-22T14:30:00.000123Z') % 1000, 0));
test('UTC as it is', () => equal(utc(Date.UTC(2026, 10, 22, 14, 30, 5)), '2026-11-22 14:30:05 UTC'));
test('today by the clock, yesterday by its name, others by the day', () => {
  const now = new Date(2026, 10, 29, 12, 0, 0).getTime();
  equal(moment(new Date(2026, 10, 29, 8, 3, 2).getTime(), now), '08:03:02');
  equal(moment(new Date(2026, 10, 28, 23, 59, 0).getTime(), now), 'Yesterday 23:59');
  equal(moment(new Date(2026, 10, 27, 23, 59, 0).getTime(), now), '27 Nov 23:59');
  equal(moment(new Date(2025, 10, 27, 23, 59, 0).getTime(), now), '27 Nov 2025 23:59');
});
