import { lastAtOrBefore, Lines, lineText, pieceText, utf8Length } from '/page/lines.js';
import { equal, test } from './harness.js';

const at = '2026-11-29T10:00:00.000000Z';
const piece = (text, stream = 'stdout') => ({ at, stream, text });
function lines(...pieces) {
  const all = new Lines();
  for (const one of pieces) all.append(one);
  return all;
}

test('lines with their offsets and numbers', () => {
  const { all, end } = lines(piece('one\ntwo\n\nfour'));
  equal(all.map(line => [line.offset, line.number, lineText(line), line.isOpen]), [[0, 1, 'one', false], [4, 2, 'two', false], [8, 3, '', false], [9, 4, 'four', true]]);
  equal(end, 13);
});
test('a line goes on in the next piece, in whatever parts', () => {
  equal(lines(piece('a'), piece('b\nc'), piece('\n')).all.map(lineText), ['ab', 'c']);
});
test('offsets count bytes, not characters', () => {
  equal(lines(piece('ü\n日本\n😀\nx')).all.map(line => line.offset), [0, 3, 10, 15]);
  equal(utf8Length('a\u00fc\u{1f600}'), 7);
});
test('each part of a line knows its stream', () => {
  const { all } = lines(piece('out '), piece('err\n', 'stderr'), piece('more\n'));
  equal(all[0].parts, [{ text: 'out ', isError: false }, { text: 'err', isError: true }]);
  equal(all.map(line => line.isError), [true, false]);
});
test('bytes that are no text are shown as they can be, and counted as they are', () => {
  const { all, end } = lines({ at, stream: 'stdout', base64: btoa('a\xff\nb') });
  equal(all.map(line => [line.offset, lineText(line)]), [[0, 'a\ufffd'], [3, 'b']]);
  equal(end, 4);
  equal(pieceText({ base64: btoa('\xff') }).bytes, 1);
});
test('from the middle on, with a number or without', () => {
  const some = new Lines(100, 7);
  some.append(piece('x\ny\n'));
  equal(some.all.map(line => [line.offset, line.number]), [[100, 7], [102, 8]]);
  const none = new Lines(100, null);
  none.append(piece('x\n'));
  equal(none.all[0].number, null);
});
test('a search in what is sorted', () => {
  const list = [0, 10, 20];
  equal([-1, 0, 9, 10, 25].map(value => lastAtOrBefore(list, value, one => one)), [-1, 0, 0, 1, 2]);
});
