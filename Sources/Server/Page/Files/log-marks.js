// Beside the scroll bar: where hits and lines of stderr are in the whole.

import { h } from './dom.js';
import { colour } from './theme.js';

const WIDTH = 12;

export class Marks {
  constructor(go) {
    this.hits = [];
    this.element = h('canvas', {
      class: 'log-marks', 'aria-hidden': 'true',
      on: { click: event => go(event.offsetY / this.element.clientHeight) },
    });
    this.onTheme = () => this.last && this.draw(...this.last);
    document.addEventListener('taro-theme', this.onTheme);
  }

  dispose() {
    document.removeEventListener('taro-theme', this.onTheme);
  }

  draw(source, height) {
    this.last = [source, height];
    const scale = window.devicePixelRatio || 1;
    this.element.width = WIDTH * scale;
    this.element.height = height * scale;
    this.element.style.height = `${height}px`;
    const context = this.element.getContext('2d');
    context.scale(scale, scale);
    context.clearRect(0, 0, WIDTH, height);
    const size = Math.max(1, source.size);
    const y = offset => Math.round((offset / size) * (height - 3));
    const errors = this.errors(source);
    context.fillStyle = colour('bad-fill');
    for (const offset of errors) context.fillRect(0, y(offset), 4, 2);
    context.fillStyle = colour('wait-fill');
    let last = -1;
    for (const offset of this.hits) {
      const at = y(offset);
      if (at !== last) context.fillRect(5, at, WIDTH - 5, 3);
      last = at;
    }
  }

  // Where most of it is stderr, that says nothing.
  errors(source) {
    if (source.stream) return [];
    if (source.isAtStart && source.isAtEnd) {
      const lines = source.lines.all;
      const errors = lines.filter(line => line.isError);
      return errors.length * 2 < lines.length ? errors.map(line => line.offset) : [];
    }
    const parts = source.index.parts.filter(part => part.hasErrors);
    return parts.length * 2 < source.index.parts.length ? parts.map(part => part.offset) : [];
  }
}
