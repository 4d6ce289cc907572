// Where in an output what is, known before it is read: parts with their offset, lines, time, and bytes of stderr.

import { lastAtOrBefore } from './lines.js';

export class LineIndex {
  /** `parts` as the server gives them; `stream` counts one stream alone, whose lines nobody has counted. */
  constructor(parts, stream = null) {
    this.parts = [];
    let [offset, before] = [0, 0];
    for (const part of parts) {
      const bytes = stream === null ? part.bytes : stream === 'stderr' ? part.stderr_bytes : part.bytes - part.stderr_bytes;
      const isWhole = bytes === part.bytes;
      if (bytes === 0) continue;
      if (!isWhole) before = null;
      this.parts.push({ offset, bytes, before, at: Date.parse(part.at), hasErrors: part.stderr_bytes > 0 });
      offset += bytes;
      if (before !== null) before += part.lines;
    }
    this.size = offset;
    this.lines = before;
    // A guess where nobody knows.
    const [allBytes, allLines] = parts.reduce(([b, l], part) => [b + part.bytes, l + part.lines], [0, 0]);
    this.perLine = Math.max(1, allBytes / Math.max(1, allLines));
  }

  get isCounted() {
    return this.lines !== null;
  }

  /** How many lines there are, about. */
  get total() {
    return this.isCounted ? this.lines + 1 : Math.ceil(this.size / this.perLine);
  }

  partAt(offset) {
    return Math.max(0, lastAtOrBefore(this.parts, offset, part => part.offset));
  }

  partOfLine(number) {
    if (!this.isCounted) return this.partAt(number * this.perLine);
    return Math.max(0, lastAtOrBefore(this.parts, number - 1, part => part.before));
  }

  partOfTime(at) {
    return Math.max(0, lastAtOrBefore(this.parts, at, part => part.at));
  }

  firstWithErrors() {
    return this.parts.findIndex(part => part.hasErrors);
  }

  /** The offset behind a part. */
  endOf(place) {
    return this.parts[place].offset + this.parts[place].bytes;
  }
}
