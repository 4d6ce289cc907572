import { compare, folded, shapeOf } from '/page/diff.js';
import { heights, startTimes } from '/page/bars.js';
import { equal, test } from './harness.js';

const kinds = rows => rows.map(row => row.kind);

test('numbers and ids do not make lines differ', () => {
  equal(shapeOf('took 12.5 s, id 0af3b2c9d8'), shapeOf('took 7.25 s, id ffffeeee11'));
  equal(kinds(compare(['started 10:00', 'ok'], ['started 11:30', 'ok'])), ['same', 'same']);
});
test('what one has alone', () => {
  equal(kinds(compare(['a', 'b', 'c'], ['a', 'c'])), ['same', 'left', 'same']);
  equal(kinds(compare(['a'], ['a', 'x', 'y'])), ['same', 'right', 'right']);
  equal(kinds(compare([], [])), []);
  equal(kinds(compare(['a', 'b'], ['c', 'd'])).sort(), ['left', 'left', 'right', 'right']);
});
test('long stretches that are alike are folded', () => {
  const same = Array.from({ length: 20 }, (_, i) => ({ kind: 'same', left: `${i}`, right: `${i}` }));
  equal(kinds(folded([...same, { kind: 'left', left: 'x', right: null }])), ['gap', 'same', 'same', 'left']);
  equal(folded([...same])[0].count, 20);
});
test('bars: an outlier leaves something of the others', () => {
  const [one, other, none] = heights([{ run_seconds: 1 }, { run_seconds: 100 }, { run_seconds: null }]);
  equal([other, one >= 0.12, none], [1, true, 0.12]);
});
test('starts by day and hour', () => {
  const date = new Date(2026, 10, 29, 3, 30);
  const table = startTimes([{ created_at: date.toISOString() }]);
  equal([table.length, table[6][3], table.flat().reduce((a, b) => a + b)], [7, 1, 1]);
});
