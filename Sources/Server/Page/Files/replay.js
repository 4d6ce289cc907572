// Plays an output in the time that it took, or faster; a slider goes to any moment.

import { h, setText } from './dom.js';
import { Lines } from './lines.js';
import { LineIndex } from './line-index.js';
import { LogView } from './log-view.js';
import { button } from './parts.js';
import { bytes } from './text.js';
import { duration, instant } from './time.js';

const MOST = 16_000_000;
const SPEEDS = [1, 2, 5, 10, 60, 600];
// What nobody wants to wait for is played in this time.
const COMFORT = 20;

/** As much of an output as was there at a moment. */
class Played {
  constructor() {
    this.changed = () => {};
    this.reset();
  }

  reset() {
    this.lines = new Lines();
    this.index = new LineIndex([]);
    [this.isAtStart, this.isAtEnd, this.path, this.stream] = [true, true, '', null];
  }

  get size() {
    return this.lines.end;
  }

  get total() {
    return this.lines.next - 1;
  }

  async readAround() {}
  async extend() {
    return false;
  }
  dispose() {}
}

export class Replay {
  constructor(run, stream, source) {
    Object.assign(this, { run, from: source });
    this.source = new Played();
    this.view = new LogView(this.source, {});
    this.slider = h('input', { type: 'range', min: 0, max: 1000, value: 0, 'aria-label': 'Moment of the run', on: { input: () => this.seek(Number(this.slider.value) / 1000) } });
    this.clock = h('span', { class: 'clock' });
    this.play = button('Pause', { onClick: () => (this.isPlaying ? this.halt() : this.start()) });
    this.speed = h('select', { 'aria-label': 'Speed' }, SPEEDS.map(speed => h('option', { value: speed }, `${speed}×`)));
    this.element = h('div', { class: 'replay' }, h('div', { class: 'replay-bar' }, this.play, this.slider, this.clock, this.speed), this.view.element);
  }

  dispose() {
    this.halt();
    this.view.dispose();
  }

  async begin() {
    const size = this.from.index.size;
    if (size > MOST) {
      setText(this.clock, `${bytes(size)} are too much to be replayed`);
      this.play.disabled = true;
      this.slider.disabled = true;
      return;
    }
    // The source that it came from is at its end by now: it is asked without its stop.
    const lines = await fetch(`${this.from.path}?from=0&to=${size}${this.from.stream ? `&stream=${this.from.stream}` : ''}`, { headers: { Accept: 'application/x-ndjson' } });
    this.pieces = (await lines.text()).split('\n').filter(Boolean).map(line => JSON.parse(line)).filter(piece => piece.offset !== undefined);
    this.first = instant(this.run.started_at ?? this.run.created_at);
    const last = this.pieces.length ? instant(this.pieces.at(-1).at) : this.first;
    this.length = Math.max(0.05, ((instant(this.run.ended_at) ?? last) - this.first) / 1000, (last - this.first) / 1000);
    const wanted = SPEEDS.find(speed => this.length / speed <= COMFORT) ?? SPEEDS.at(-1);
    this.speed.value = String(wanted);
    [this.at, this.next] = [0, 0];
    this.start();
  }

  start() {
    if (!this.pieces) return;
    if (this.at >= this.length) this.seek(0);
    this.isPlaying = true;
    setText(this.play.firstChild, 'Pause');
    let before = performance.now();
    const step = now => {
      if (!this.isPlaying) return;
      this.at = Math.min(this.length, this.at + ((now - before) / 1000) * Number(this.speed.value));
      before = now;
      this.show();
      if (this.at >= this.length) this.halt();
      else this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  halt() {
    this.isPlaying = false;
    cancelAnimationFrame(this.frame);
    setText(this.play.firstChild, 'Play');
  }

  seek(share) {
    if (!this.pieces) return;
    const at = share * this.length;
    if (at < this.at) {
      this.source.reset();
      this.view.elements.clear();
      this.view.heights.clear();
      this.next = 0;
    }
    this.at = at;
    this.show();
  }

  show() {
    const until = this.first + this.at * 1000;
    while (this.next < this.pieces.length && (instant(this.pieces[this.next].at) <= until || this.at >= this.length)) {
      this.source.lines.append(this.pieces[this.next]);
      this.next += 1;
    }
    this.view.isFollowing = true;
    this.view.grown();
    this.slider.value = String(Math.round((this.at / this.length) * 1000));
    setText(this.clock, `${duration(this.at)} of ${duration(this.length)}`);
  }
}
