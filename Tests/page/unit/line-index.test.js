import { LineIndex } from '/page/line-index.js';
import { equal, test } from './harness.js';

const at = seconds => `2026-11-29T10:00:${String(seconds).padStart(2, '0')}.000000Z`;
const parts = [
  { offset: 0, bytes: 100, stderr_bytes: 0, lines: 10, at: at(0) },
  { offset: 100, bytes: 50, stderr_bytes: 20, lines: 5, at: at(1) },
  { offset: 150, bytes: 10, stderr_bytes: 10, lines: 0, at: at(2) },
];

test('both streams: lines are counted', () => {
  const index = new LineIndex(parts);
  equal([index.size, index.lines, index.total, index.isCounted], [160, 15, 16, true]);
  equal(index.parts.map(part => part.before), [0, 10, 15]);
  equal([0, 99, 100, 159, 1000].map(offset => index.partAt(offset)), [0, 0, 1, 2, 2]);
  equal([1, 10, 11, 16].map(line => index.partOfLine(line)), [0, 0, 1, 2]);
  equal(index.firstWithErrors(), 1);
  equal(index.partOfTime(Date.parse(at(1))), 1);
});
test('one stream: offsets are its own, and lines a guess', () => {
  const index = new LineIndex(parts, 'stderr');
  equal([index.size, index.isCounted, index.parts.length], [30, false, 2]);
  equal(index.parts.map(part => part.offset), [0, 20]);
  equal(new LineIndex(parts, 'stdout').size, 130);
});
test('a stream that was the only one keeps its count', () => equal(new LineIndex(parts.slice(0, 1), 'stdout').lines, 10));
test('nothing at all', () => {
  const index = new LineIndex([]);
  equal([index.size, index.lines, index.partAt(5), index.firstWithErrors()], [0, 0, 0, -1]);
});
