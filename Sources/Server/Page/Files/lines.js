// Pieces of output as lines: where each begins, which stream it came from, when.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The text and the number of bytes of a piece, as the server sends it. */
export function pieceText(piece) {
  if (piece.text !== undefined) return { text: piece.text, bytes: utf8Length(piece.text) };
  const raw = Uint8Array.from(atob(piece.base64), character => character.charCodeAt(0));
  return { text: decoder.decode(raw), bytes: raw.length, raw };
}

// Most lines are ASCII, and count as they are.
export function utf8Length(text) {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return encoder.encode(text).length;
  return text.length;
}

/**
 * Lines that grow at their end. A line is `{ offset, bytes, parts: [{ text, isError }], at, isError, isOpen, number }`;
 * `offset` counts bytes of the output, `number` lines from 1, or is null where nobody knows it.
 */
export class Lines {
  constructor(offset = 0, number = 1) {
    this.all = [];
    this.end = offset;
    this.start = offset;
    this.next = number;
  }

  append(piece) {
    const { text, bytes, raw } = pieceText(piece);
    const at = Date.parse(piece.at);
    const isError = piece.stream === 'stderr';
    if (raw) this.appendBytes(raw, at, isError);
    else this.appendText(text, bytes, at, isError);
  }

  appendText(text, bytes, at, isError) {
    const isPlain = text.length === bytes;
    for (let from = 0; from < text.length;) {
      const feed = text.indexOf('\n', from);
      const to = feed < 0 ? text.length : feed;
      const part = text.slice(from, to);
      this.add(part, (isPlain ? part.length : utf8Length(part)) + (feed < 0 ? 0 : 1), feed >= 0, at, isError);
      from = to + 1;
    }
  }

  appendBytes(raw, at, isError) {
    for (let from = 0; from < raw.length;) {
      const feed = raw.indexOf(10, from);
      const to = feed < 0 ? raw.length : feed;
      this.add(decoder.decode(raw.subarray(from, to)), to - from + (feed < 0 ? 0 : 1), feed >= 0, at, isError);
      from = to + 1;
    }
  }

  add(text, bytes, isWhole, at, isError) {
    let line = this.all.at(-1);
    if (!line?.isOpen) {
      line = { offset: this.end, bytes: 0, parts: [], at, isError, isOpen: true, number: this.next };
      if (this.next !== null) this.next += 1;
      this.all.push(line);
    }
    const last = line.parts.at(-1);
    if (last && last.isError === isError) last.text += text;
    else line.parts.push({ text, isError });
    line.isError ||= isError;
    line.bytes += bytes;
    line.version = (line.version ?? 0) + 1;
    line.isOpen = !isWhole;
    this.end += bytes;
  }
}

export const lineText = line => (line.parts.length === 1 ? line.parts[0].text : line.parts.map(part => part.text).join(''));

/** The place of the last element whose key is not beyond the value; -1 where all are. */
export function lastAtOrBefore(list, value, key) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(list[middle]) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
