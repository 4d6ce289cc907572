// The output of a run, of which a window is in memory: the parts around what is seen, and what comes at the end.

import { ask, get, getLines, Problem } from './api.js';
import { LineIndex } from './line-index.js';
import { Lines } from './lines.js';
import { instancePath } from './links.js';

const STEP = 128 << 10;
// The most that is in memory, and what is read around a place.
const WINDOW = 1 << 20;
const AROUND = 256 << 10;

export class LogSource {
  constructor(id, stream = null) {
    this.path = `${instancePath(id)}/output`;
    this.stream = stream;
    this.lines = new Lines();
    this.isAtStart = true;
    this.isAtEnd = true;
    this.index = new LineIndex([]);
    this.stop = new AbortController();
    this.changed = () => {};
  }

  dispose() {
    this.stop.abort();
  }

  get size() {
    return Math.max(this.index.size, this.lines.end);
  }

  get total() {
    if (this.isAtEnd && this.lines.next !== null) return this.lines.next - 1;
    return this.index.total;
  }

  async open() {
    const { parts } = await get(`${this.path}/index?step=${STEP}`, this.stop.signal);
    this.index = new LineIndex(parts, this.stream);
  }

  /** Reads what is around an offset. */
  async readAround(offset) {
    if (!this.index.parts.length) return;
    const first = this.index.partAt(Math.max(0, offset - AROUND));
    const last = this.index.partAt(Math.min(this.index.size - 1, offset + AROUND));
    await this.read(first, last);
  }

  async read(first, last) {
    const part = this.index.parts[first];
    const lines = new Lines(part.offset, part.before === null ? null : part.before + 1);
    const isLast = () => last === this.index.parts.length - 1;
    // What came meanwhile is read as well: who follows goes on where the lines end.
    do {
      const end = isLast() ? this.index.size : this.index.endOf(last);
      for (const piece of await this.pieces(lines.end, end)) lines.append(piece);
      if (this.stop.signal.aborted) return;
      // Something of it is missing.
      lines.end = Math.max(lines.end, end);
    } while (isLast() && lines.end < this.index.size);
    this.lines = lines;
    [this.first, this.last] = [first, last];
    this.mark();
  }

  /** Reads on, above or below; what is far on the other side goes. */
  async extend(step) {
    if (this.isBusy || (step > 0 ? this.isAtEnd : this.isAtStart)) return false;
    this.isBusy = true;
    try {
      let { first, last } = this;
      if (step > 0) last = this.index.partAt(this.index.endOf(last) + AROUND);
      else first = this.index.partAt(Math.max(0, this.index.parts[first].offset - AROUND));
      last = Math.min(last, this.index.parts.length - 1);
      while (this.index.endOf(last) - this.index.parts[first].offset > WINDOW && first < last) {
        if (step > 0) first += 1;
        else last -= 1;
      }
      await this.read(first, last);
      return true;
    } finally {
      this.isBusy = false;
    }
  }

  mark() {
    this.isAtStart = this.first === 0;
    this.isAtEnd = this.lines.end >= this.index.size;
  }

  pieces(from, to) {
    const stream = this.stream ? `&stream=${this.stream}` : '';
    return getLines(`${this.path}?from=${from}&to=${to}${stream}`, this.stop.signal)
      .then(lines => lines.filter(line => line.offset !== undefined));
  }

  /** Takes what comes, from the end of what is there, until the run has ended; calls `changed` for each. */
  async follow(onEnd) {
    while (!this.stop.signal.aborted) {
      await isSeen();
      const rest = new AbortController();
      const hide = () => document.hidden && rest.abort();
      document.addEventListener('visibilitychange', hide);
      try {
        if (await this.take(await this.listen(AbortSignal.any([this.stop.signal, rest.signal])))) {
          onEnd();
          return;
        }
      } catch (error) {
        if (error instanceof Problem && error.status < 500) return;
      } finally {
        document.removeEventListener('visibilitychange', hide);
      }
      await new Promise(resolve => setTimeout(resolve, 500));
    }
  }

  listen(signal) {
    const headers = { Accept: 'text/event-stream' };
    const from = this.isAtEnd ? this.lines.end : this.index.size;
    if (from > 0) headers['Last-Event-ID'] = String(from);
    return ask(this.path + (this.stream ? `?stream=${this.stream}` : ''), { headers, signal });
  }

  async take(answer) {
    if (answer.status === 204) return true;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return false;
      text += value;
      const blocks = text.split('\n\n');
      text = blocks.pop();
      let isNew = false;
      for (const block of blocks) {
        const lines = block.split('\n');
        if (lines.includes('event: end')) return true;
        const data = lines.find(line => line.startsWith('data: '));
        if (!data || lines.includes('event: missing')) continue;
        this.add(JSON.parse(data.slice(6)));
        isNew = true;
      }
      if (isNew) this.changed();
    }
  }

  // What is not seen is counted alone.
  add(piece) {
    if (this.isAtEnd && piece.offset === this.lines.end) {
      this.lines.append(piece);
      this.trim();
    } else if (this.isAtEnd) return;
    const size = piece.text !== undefined ? new TextEncoder().encode(piece.text).length : atob(piece.base64).length;
    this.grow(piece, size);
  }

  grow(piece, bytes) {
    const { parts } = this.index;
    const last = parts.at(-1);
    const feeds = piece.text === undefined ? 0 : piece.text.split('\n').length - 1;
    if (last && last.bytes < STEP) last.bytes += bytes;
    else parts.push({ offset: this.index.size, bytes, before: this.index.lines, at: Date.parse(piece.at), hasErrors: false });
    if (piece.stream === 'stderr') parts.at(-1).hasErrors = true;
    this.index.size += bytes;
    if (this.index.lines !== null) this.index.lines += feeds;
    if (this.isAtEnd) this.last = parts.length - 1;
    this.first ??= 0;
  }

  // While one follows, what has gone far up is let go.
  trim() {
    if (this.lines.end - this.lines.start < 2 * WINDOW) return;
    const place = this.index.partAt(this.lines.end - WINDOW);
    const { offset } = this.index.parts[place];
    const from = this.lines.all.findIndex(line => line.offset >= offset);
    if (from <= 0) return;
    this.lines.all.splice(0, from);
    this.lines.start = this.lines.all[0].offset;
    this.first = place;
    this.isAtStart = false;
  }
}

// A page that nobody sees follows nothing.
function isSeen() {
  if (!document.hidden) return null;
  return new Promise(resolve => {
    const look = () => {
      if (document.hidden) return;
      document.removeEventListener('visibilitychange', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
  });
}
