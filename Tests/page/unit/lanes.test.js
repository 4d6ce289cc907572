import { firstEndingAfter, lanes, shape, ticks, zoomed } from '/page/lanes.js';
import { Place, TALLEST, wholeHeight } from '/page/log-scroll.js';
import { gaps, merged, without } from '/page/timeline-data.js';
import { equal, ok, test } from './harness.js';

const run = (job, created, ended, started = created) => ({ run: { job, instance: `${job}${created}` }, created, started, ended, hasRun: true });

test('a lane for each job, by name, one below the other', () => {
  const all = lanes([run('b', 0, 10), run('a', 5, 15)], 100);
  equal(all.map(lane => lane.job), ['a', 'b']);
  equal(all[1].top, all[0].height);
});
test('what overlaps gets a row of its own, what does not shares one', () => {
  const [lane] = lanes([run('a', 0, 10), run('a', 5, 20), run('a', 10, 12), run('a', 30, null)], 100);
  equal(lane.rows.map(row => row.map(one => one.created)), [[0, 10, 30], [5]]);
});
test('what still runs ends now', () => equal(lanes([run('a', 0, null), run('a', 50, 60)], 100)[0].rows.length, 2));
test('the first that is seen in a row', () => {
  const row = [run('a', 0, 10), run('a', 20, 30), run('a', 40, null)];
  equal([0, 10, 11, 35, 500].map(from => firstEndingAfter(row, from, 100)), [0, 0, 1, 2, 3]);
});
test('times of a run as the server tells them', () => {
  const one = shape({ job: 'a', created_at: '2026-11-29T10:00:00.000000Z', started_at: null, ended_at: '2026-11-29T10:00:01.000000Z' });
  equal([one.hasRun, one.ended - one.created], [false, 1000]);
});
test('an axis has round moments, far enough apart, in local time', () => {
  const { step, at } = ticks(1000, 61_000, 9000, 0);
  equal([step, at], [10_000, [10_000, 20_000, 30_000, 40_000, 50_000, 60_000]]);
  equal(ticks(0, 7_200_000, 3_600_000, 1_800_000).at, [1_800_000, 5_400_000]);
});
test('a zoom leaves the moment under the pointer, and has ends', () => {
  equal(zoomed({ from: 0, to: 100_000 }, 0.5, 25_000), { from: 12_500, to: 62_500 });
  const near = zoomed({ from: 0, to: 2000 }, 0.1, 0);
  equal(near.to - near.from, 2000);
});
test('ranges that were asked for are not asked for again', () => {
  equal(gaps([[10, 20], [30, 40]], 0, 50), [[0, 10], [20, 30], [40, 50]]);
  equal(gaps([[0, 100]], 20, 30), []);
  equal(merged([[30, 40], [0, 10], [10, 20]]), [[0, 20], [30, 40]]);
  equal(without([[0, 100]], 40, 60), [[0, 40], [60, 100]]);
});
test('a place moves by pixels through lines of any height', () => {
  const lines = [0, 10, 20, 30].map(offset => ({ offset }));
  const place = new Place();
  const height = line => (line.offset === 10 ? 60 : 20);
  place.move(50, lines, height);
  equal([place.offset, place.pixels], [10, 30]);
  place.move(-40, lines, height);
  equal([place.offset, place.pixels], [0, 10]);
  equal(place.move(-100, lines, height) < 0, true);
  place.move(10_000, lines, height);
  equal(place.offset, 30);
});
test('the height of a billion lines is one that a browser can scroll', () => {
  equal(wholeHeight(1e9, 20, 500), TALLEST);
  equal(wholeHeight(3, 20, 500), 500);
  ok(wholeHeight(100, 20, 500) === 2000);
});
