// What a terminal would show of a line: colours, overwriting by carriage return and backspace, and nothing else of what it
// would act on.

import { printable } from './text.js';

// ESC [ ... letter; ESC ] ... BEL or ESC \ (titles, links); other escapes of two characters.
const ESCAPE = /\u001b\[([0-?]*)([ -/]*)([@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[PX^_][^\u001b]*(?:\u001b\\)?|\u001b[ -/]*[0-~]?|\u009b([0-?]*)[ -/]*([@-~])/y;
const SPECIAL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
const PLAIN = Object.freeze({});
// What is longer is no line that anybody reads.
export const LONGEST = 20_000;

/** `{ spans: [{ text, style }], style, cut }`: the line in pieces of one style, and the style that the next line begins with. */
export function parseLine(text, style = PLAIN) {
  const cut = Math.max(0, text.length - LONGEST);
  const line = cut ? text.slice(0, LONGEST) : text;
  if (!SPECIAL.test(line)) return { spans: line ? [{ text: line, style }] : [], style, cut };
  const cells = [];
  let column = 0;
  let current = style;
  for (let i = 0; i < line.length;) {
    const code = line.charCodeAt(i);
    if (code === 0x1b || code === 0x9b) {
      ESCAPE.lastIndex = i;
      const found = ESCAPE.exec(line);
      if (found) {
        i = ESCAPE.lastIndex;
        [current, column] = obey(found, current, column, cells);
        continue;
      }
    }
    const size = line.codePointAt(i) > 0xffff ? 2 : 1;
    const character = line.slice(i, i + size);
    i += size;
    if (character === '\r') column = 0;
    else if (character === '\b') column = Math.max(0, column - 1);
    else if (character === '\t') {
      do put(' '); while (column % 8);
    } else if (!SPECIAL.test(character)) put(character);
    else if (code !== 7 && code !== 0) put(printable(character));
  }
  return { spans: joined(cells), style: current, cut };

  function put(character) {
    while (cells.length < column) cells.push({ text: ' ', style: PLAIN });
    cells[column] = { text: character, style: current };
    column += 1;
  }
}

function obey(found, style, column, cells) {
  const letter = found[3] ?? found[5];
  const numbers = (found[1] ?? found[4] ?? '').split(/[;:]/).map(Number);
  switch (letter) {
    case 'm': return [styled(numbers, style), column];
    case 'K':
      if (numbers[0] === 2) cells.length = 0;
      else if (numbers[0] === 1) for (let i = 0; i < Math.min(column, cells.length); i += 1) cells[i] = { text: ' ', style: PLAIN };
      else cells.length = Math.min(cells.length, column);
      return [style, column];
    case 'G': return [style, Math.min(LONGEST, Math.max(0, (numbers[0] || 1) - 1))];
    case 'C': return [style, Math.min(LONGEST, column + (numbers[0] || 1))];
    case 'D': return [style, Math.max(0, column - (numbers[0] || 1))];
    default: return [style, column];
  }
}

/** The style after `ESC [ numbers m`. */
export function styled(numbers, before) {
  let style = { ...before };
  for (let i = 0; i < numbers.length; i += 1) {
    const number = numbers[i];
    if (number === 0) style = {};
    else if (number === 1) style.bold = true;
    else if (number === 2) style.dim = true;
    else if (number === 3) style.italic = true;
    else if (number === 4) style.underline = true;
    else if (number === 7) style.inverse = true;
    else if (number === 9) style.strike = true;
    else if (number === 22) {
      delete style.bold;
      delete style.dim;
    } else if (number === 23) delete style.italic;
    else if (number === 24) delete style.underline;
    else if (number === 27) delete style.inverse;
    else if (number === 29) delete style.strike;
    else if (number >= 30 && number <= 37) style.front = number - 30;
    else if (number >= 90 && number <= 97) style.front = number - 82;
    else if (number === 39) delete style.front;
    else if (number >= 40 && number <= 47) style.back = number - 40;
    else if (number >= 100 && number <= 107) style.back = number - 92;
    else if (number === 49) delete style.back;
    else if (number === 38 || number === 48) {
      const [colour, used] = extended(numbers, i + 1);
      if (colour !== null) style[number === 38 ? 'front' : 'back'] = colour;
      i += used;
    }
  }
  return style;
}

// A number of the palette, or `rgb(r, g, b)`.
function extended(numbers, i) {
  const byte = n => Math.min(255, Math.max(0, n || 0));
  if (numbers[i] === 5) return [palette(byte(numbers[i + 1])), 2];
  if (numbers[i] === 2) return [`rgb(${byte(numbers[i + 1])}, ${byte(numbers[i + 2])}, ${byte(numbers[i + 3])})`, 4];
  return [null, 0];
}

/** The first sixteen colours are the theme's own; the others are what xterm has. */
export function palette(number) {
  if (number < 16) return number;
  if (number >= 232) {
    const grey = 8 + 10 * (number - 232);
    return `rgb(${grey}, ${grey}, ${grey})`;
  }
  const level = n => (n ? 55 + 40 * n : 0);
  const cube = number - 16;
  return `rgb(${level(Math.floor(cube / 36))}, ${level(Math.floor(cube / 6) % 6)}, ${level(cube % 6)})`;
}

function joined(cells) {
  const spans = [];
  for (const { text, style } of cells) {
    const last = spans.at(-1);
    if (last && last.style === style) last.text += text;
    else spans.push({ text, style });
  }
  return spans;
}

/** The letters of a line, without anything else. */
export function plain(text) {
  return SPECIAL.test(text) ? parseLine(text).spans.map(span => span.text).join('') : text;
}
