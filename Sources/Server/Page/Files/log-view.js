// An output as one reads it: only the lines that are seen are in the document, whatever its size.

import { fill, h } from './dom.js';
import { lineElement } from './log-line.js';
import { Marks } from './log-marks.js';
import { Place, wholeHeight } from './log-scroll.js';

const REST = 160;
// Before so many lines of the window's edge more is read.
const EDGE = 300;

export class LogView {
  /** `on` has `follow(isFollowing)`, `line(offset)`, `fail(error)`. */
  constructor(source, on) {
    Object.assign(this, { source, on, place: new Place(), isFollowing: false, wanted: '', marked: null });
    this.rows = h('div', { class: 'log-rows' });
    this.space = h('div', { class: 'log-space' }, this.rows);
    this.scroll = h('div', {
      class: 'log-scroll', tabindex: '0', role: 'region', 'aria-label': 'Output',
      on: { scroll: () => this.scrolled(), click: event => this.clicked(event) },
    }, this.space);
    this.measure = h('div', { class: 'log-rows log-measure', 'aria-hidden': 'true' });
    this.marks = new Marks(fraction => this.showFraction(fraction));
    this.element = h('div', { class: 'log wraps' }, this.scroll, this.measure, this.marks.element);
    this.elements = new Map();
    this.heights = new Map();
    this.lastTop = 0;
    this.token = 0;
    source.changed = () => this.grown();
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.scroll);
  }

  dispose() {
    this.observer.disconnect();
    clearTimeout(this.timer);
    this.marks.dispose();
    this.source.dispose();
  }

  get lines() {
    return this.source.lines.all;
  }

  get seen() {
    return this.scroll.clientHeight;
  }

  get doesWrap() {
    return this.element.classList.contains('wraps');
  }

  // MARK: where

  showStart() {
    return this.go(0, () => {
      [this.place.offset, this.place.pixels] = [this.lines[0]?.offset ?? 0, 0];
    });
  }

  showEnd() {
    return this.go(Math.max(0, this.source.size - 1), () => this.toEnd());
  }

  /** Shows the line that this byte is in, a third of the way down. */
  showOffset(offset, isMarked = false) {
    this.follow(false);
    return this.go(offset, () => {
      [this.place.offset, this.place.pixels] = [offset, 0];
      const line = this.lines[this.place.find(this.lines)];
      if (!line) return;
      this.place.offset = line.offset;
      if (isMarked) this.marked = line.offset;
      this.elements.clear();
      this.place.move(-this.seen / 3, this.lines, line => this.heightOf(line));
    });
  }

  showFraction(fraction) {
    this.follow(false);
    return this.showOffset(Math.floor(fraction * Math.max(0, this.source.size - 1)));
  }

  follow(isFollowing) {
    if (this.isFollowing === isFollowing) return;
    this.isFollowing = isFollowing;
    this.on.follow?.(isFollowing);
    if (isFollowing) this.showEnd();
  }

  /** Reads what is around an offset where it is not there, and settles then; the last who wanted something gets it. */
  async go(offset, settle, isByBar = false) {
    this.token += 1;
    const { token } = this;
    const { lines, isAtEnd } = this.source;
    const isThere = lines.all.length && offset >= lines.start && (offset < lines.end || isAtEnd);
    try {
      if (!isThere) {
        this.awaited = token;
        await this.source.readAround(offset);
      }
    } catch (error) {
      if (error.name !== 'AbortError') this.on.fail?.(error);
      return;
    } finally {
      if (this.awaited === token) this.awaited = null;
    }
    if (token !== this.token) return;
    settle();
    this.render();
    // A bar that moves is let alone: a browser would end its way.
    if (isByBar) this.putBarSoon();
    else this.putBar();
  }

  toEnd() {
    const last = this.lines.at(-1);
    if (!last) return;
    [this.place.offset, this.place.pixels] = [last.offset, 0];
    const above = this.place.move(this.heightOf(last) - this.seen, this.lines, line => this.heightOf(line));
    if (above < 0) this.place.pixels = 0;
  }

  // MARK: scrolling

  scrolled() {
    const top = this.scroll.scrollTop;
    const step = top - this.lastTop;
    if (Math.abs(step) < 1) return;
    this.lastTop = top;
    const most = this.scroll.scrollHeight - this.seen;
    if (step < 0) this.follow(false);
    if (top >= most - 1 && this.source.isAtEnd) {
      this.toEnd();
      if (this.isLive) this.follow(true);
      this.render();
    } else if (Math.abs(step) <= 3 * this.seen) this.moveBy(step);
    else this.jump(top, most);
    this.putBarSoon();
  }

  putBarSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.putBar(), REST);
  }

  moveBy(pixels) {
    this.token += 1;
    const left = this.place.move(pixels, this.lines, line => this.heightOf(line));
    if (left < 0) this.place.pixels = 0;
    this.render();
    this.readOn(pixels > 0 ? 1 : -1);
  }

  jump(top, most) {
    const { source } = this;
    const share = most > 0 ? Math.min(1, Math.max(0, top / most)) : 0;
    if (share <= 0) return this.go(0, () => this.put(0), true);
    if (share >= 1) return this.go(Math.max(0, source.size - 1), () => this.toEnd(), true);
    const first = this.lines[0];
    if (!source.index.isCounted || first?.number === null) return this.go(share * source.size, () => this.put(share * source.size), true);
    const line = Math.floor(share * (source.total - this.seen / this.height)) + 1;
    const isThere = first && line >= first.number && line < first.number + this.lines.length;
    const offset = isThere ? this.lines[line - first.number].offset : source.index.parts[source.index.partOfLine(line)].offset;
    return this.go(offset, () => this.put(this.lines[line - this.lines[0].number]?.offset ?? offset), true);
  }

  put(offset) {
    [this.place.offset, this.place.pixels] = [offset, 0];
    this.place.offset = this.lines[this.place.find(this.lines)]?.offset ?? 0;
  }

  async readOn(step) {
    const at = this.place.find(this.lines);
    const isNear = step > 0 ? at > this.lines.length - EDGE : at < EDGE;
    if (!isNear) return;
    try {
      if (await this.source.extend(step)) this.render();
    } catch (error) {
      if (error.name !== 'AbortError') this.on.fail?.(error);
    }
  }

  /** Puts the scroll bar where the place is. */
  putBar() {
    // Where one will be is read just now.
    if (this.awaited) return;
    const { source, height } = this;
    const total = Math.max(1, source.total);
    const whole = wholeHeight(total, height, this.seen);
    this.space.style.height = `${whole}px`;
    const line = this.lines[this.place.find(this.lines)];
    if (!line) return;
    const most = whole - this.seen;
    const by = line.number === null ? line.offset / source.size
      : (line.number - 1 + this.place.pixels / this.heightOf(line)) / Math.max(1, total - this.seen / height);
    const isEnd = source.isAtEnd && this.isLastSeen();
    const isStart = source.isAtStart && line === this.lines[0] && this.place.pixels === 0;
    const top = isStart ? 0 : isEnd ? most : Math.min(most - 2, Math.max(1, by * most));
    if (Math.abs(top - this.scroll.scrollTop) > 1) this.scroll.scrollTop = top;
    this.lastTop = this.scroll.scrollTop;
    this.marks.draw(source, this.scroll.clientHeight);
  }

  isLastSeen() {
    const last = this.rows.lastElementChild;
    return Number(last?.dataset.offset) === this.lines.at(-1)?.offset && last.getBoundingClientRect().bottom <= this.scroll.getBoundingClientRect().bottom + 2;
  }

  // MARK: drawing

  /** The height of a line, about: that of all that were measured. */
  get height() {
    if (!this.rowHeight) {
      const element = lineElement({ offset: -1, number: 1, parts: [{ text: 'x' }] }, {});
      this.measure.append(element);
      this.rowHeight = element.offsetHeight || 20;
      element.remove();
    }
    if (!this.doesWrap || this.heights.size < 20) return this.rowHeight;
    let sum = 0;
    for (const { height } of this.heights.values()) sum += height;
    return sum / this.heights.size;
  }

  heightOf(line) {
    if (!this.doesWrap) return this.rowHeight ?? this.height;
    const known = this.heights.get(line.offset);
    if (known?.version === line.version) return known.height;
    const element = this.elementOf(line);
    let { offsetHeight: height } = element;
    if (!element.isConnected) {
      this.measure.append(element);
      height = element.offsetHeight;
      element.remove();
    }
    if (this.heights.size > 3000) this.heights.clear();
    this.heights.set(line.offset, { version: line.version, height });
    return height;
  }

  elementOf(line) {
    const known = this.elements.get(line.offset);
    if (known && known.version === line.version) return known.element;
    const element = lineElement(line, { wanted: this.wanted, isMarked: line.offset === this.marked });
    this.elements.set(line.offset, { element, version: line.version });
    return element;
  }

  render() {
    const { lines } = this;
    const at = this.place.find(lines);
    if (at < 0) return fill(this.rows);
    // Nothing is left free below what is the end.
    if (this.source.isAtEnd) this.fillUp(at);
    const first = this.place.find(lines);
    const number = Math.ceil((this.seen + this.place.pixels) / (this.rowHeight ?? this.height)) + 1;
    const shown = lines.slice(first, first + number).map(line => this.elementOf(line));
    // A list of the same elements is left alone, so that what is selected in it stays.
    const current = this.rows.children;
    if (current.length !== shown.length || shown.some((element, index) => element !== current[index])) this.rows.replaceChildren(...shown);
    this.rows.style.transform = `translateY(${-this.place.pixels}px)`;
    if (this.elements.size > 1500) {
      const kept = new Set(lines.slice(first, first + number).map(line => line.offset));
      for (const offset of this.elements.keys()) if (!kept.has(offset)) this.elements.delete(offset);
    }
    const digits = String(this.source.total).length;
    if (digits !== this.digits) this.element.style.setProperty('--digits', digits);
    this.digits = digits;
  }

  fillUp(at) {
    let below = -this.place.pixels;
    for (let i = at; i < this.lines.length; i += 1) {
      below += this.heightOf(this.lines[i]);
      if (below >= this.seen) return;
    }
    this.toEnd();
  }

  // Of what comes in a frame, all is drawn once.
  grown() {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      if (this.isFollowing) this.toEnd();
      this.render();
      this.putBar();
    });
  }

  resized() {
    this.heights.clear();
    this.rowHeight = null;
    if (this.isFollowing) this.toEnd();
    this.render();
    this.putBar();
  }

  /** Draws all of it anew, where one is. */
  change(change) {
    change();
    this.elements.clear();
    this.resized();
  }

  search(wanted, hits = []) {
    this.marks.hits = hits;
    if (wanted === this.wanted) {
      this.marks.draw(this.source, this.scroll.clientHeight);
      return;
    }
    this.change(() => {
      this.wanted = wanted;
    });
  }

  clicked(event) {
    const number = event.target.closest?.('.at');
    if (!number) return;
    this.change(() => {
      this.marked = Number(number.dataset.offset);
    });
    this.on.line?.(this.marked);
  }
}
