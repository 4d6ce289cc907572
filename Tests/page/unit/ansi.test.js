import { LONGEST, palette, parseLine, plain, styled } from '/page/ansi.js';
import { equal, ok, test } from './harness.js';

const ESC = '\u001b';
const shown = text => parseLine(text).spans.map(span => [span.text, span.style]);

test('a line without escapes is one span, as it is', () => equal(shown('plain text, ü, 日本'), [['plain text, ü, 日本', {}]]));
test('an empty line has no span', () => equal(shown(''), []));
test('sixteen colours, and the end of them', () => {
  equal(shown(`${ESC}[31mred${ESC}[0m not`), [['red', { front: 1 }], [' not', {}]]);
  equal(shown(`${ESC}[97;44mx`), [['x', { front: 15, back: 4 }]]);
});
test('bold and dim end with 22, an empty list of numbers is 0', () => {
  equal(shown(`${ESC}[1ma${ESC}[22mb${ESC}[3mc${ESC}[md`), [['a', { bold: true }], ['b', {}], ['c', { italic: true }], ['d', {}]]);
});
test('256 colours', () => {
  equal(shown(`${ESC}[38;5;9mx`), [['x', { front: 9 }]]);
  equal(palette(16), 'rgb(0, 0, 0)');
  equal(palette(231), 'rgb(255, 255, 255)');
  equal(palette(196), 'rgb(255, 0, 0)');
  equal(palette(244), 'rgb(128, 128, 128)');
});
test('24 bits, in both ways of writing them, and numbers beyond a byte', () => {
  equal(styled([38, 2, 1, 2, 3], {}), { front: 'rgb(1, 2, 3)' });
  equal(shown(`${ESC}[48:2:300:0:7mx`), [['x', { back: 'rgb(255, 0, 7)' }]]);
  equal(styled([38, 2], {}), { front: 'rgb(0, 0, 0)' });
  equal(styled([38], {}), {});
});
test('a style goes on in the next line', () => {
  const first = parseLine(`${ESC}[32mone`);
  equal(parseLine('two', first.style).spans, [{ text: 'two', style: { front: 2 } }]);
});
test('a carriage return writes over what is there, and leaves the rest', () => {
  equal(plain('10%\r100%'), '100%');
  equal(plain('long line\rshort'), 'shortline');
  equal(plain('a\r'), 'a');
  equal(plain('copying  50%\rcopying 100%\rdone\u001b[K'), 'done');
});
test('a backspace goes back, and not beyond the beginning', () => {
  equal(plain('ab\b\bc'), 'cb');
  equal(plain('\b\b\bx'), 'x');
});
test('tabs go to every eighth column', () => equal(plain('\ra\tb'), 'a       b'));
test('erasing in a line, and moving in it', () => {
  equal(plain(`abc${ESC}[2Kd`), '   d');
  equal(plain(`abc${ESC}[1Gx`), 'xbc');
  equal(plain(`abc${ESC}[2Dx`), 'axc');
  equal(plain(`a${ESC}[3Cb`), 'a   b');
});
test('titles, links and whatever else a terminal acts on is gone', () => {
  equal(plain(`${ESC}]0;evil\u0007text`), 'text');
  equal(plain(`${ESC}]8;;http://evil.example${ESC}\\here${ESC}]8;;${ESC}\\`), 'here');
  equal(plain(`${ESC}[2J${ESC}[?25lx${ESC}c${ESC}(B`), 'x');
  equal(plain(`${ESC}Pq#0${ESC}\\x`), 'x');
  equal(plain('\u009b31mred\u009b0m'), 'red');
});
test('an escape that is cut off ends nothing', () => {
  for (const text of [ESC, `${ESC}[`, `${ESC}[38;5`, `${ESC}]0;title`, `${ESC}]`]) ok(plain(`a${text}`).startsWith('a'), JSON.stringify(text));
});
test('huge numbers make nothing huge', () => ok(plain(`${ESC}[999999999Cx`).length <= LONGEST + 1));
test('a very long line is cut, and it is told by how much', () => {
  const { spans, cut } = parseLine('x'.repeat(LONGEST + 5));
  equal([spans[0].text.length, cut], [LONGEST, 5]);
});
test('ten thousand escapes are quick', () => {
  const text = `${ESC}[31mx`.repeat(2000);
  const start = performance.now();
  parseLine(text);
  ok(performance.now() - start < 1000);
});
