// Timeline: a lane a job. Wheel, keys and touch move and zoom; a click opens the run.

import { fill, h, setAttribute, setText, showList } from './dom.js';
import { end, lanes, ROW, rowTop, zoomed } from './lanes.js';
import { address, toJob, toRun } from './links.js';
import { wrong } from './notices.js';
import { button, name, nothing } from './parts.js';
import { describe } from './bars.js';
import { plural, printable } from './text.js';
import { AXIS, colours, draw } from './timeline-draw.js';
import { MOST, TimelineData } from './timeline-data.js';
import { DAY, HOUR } from './time.js';

const SPANS = [['1h', HOUR], ['6h', 6 * HOUR], ['24h', DAY], ['7d', 7 * DAY], ['30d', 30 * DAY]];
// The share of the picture that is behind now.
const AHEAD = 0.04;

export function timelineView({ query, feed }) {
  return new Timeline(query, feed);
}

class Timeline {
  constructor(query, feed) {
    this.title = 'Timeline';
    this.className = 'fixed wide';
    this.data = new TimelineData(() => this.arrange());
    this.lanes = [];
    this.top = 0;
    this.span = SPANS.find(([text]) => text === query.get('span'))?.[1] ?? DAY;
    this.isFollowing = true;
    this.chosen = null;
    this.build(query);
    this.unsubscribe = feed.subscribe((events, isAnew) => (isAnew ? this.begin() : this.happened(events)));
    this.ticking = setInterval(() => this.isFollowing && !document.hidden && this.draw(), 500);
    this.onTheme = () => {
      this.paint = colours();
      this.draw();
    };
    document.addEventListener('taro-theme', this.onTheme);
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.stage);
    this.from = Date.now() - this.span * (1 - AHEAD);
    this.begin();
  }

  dispose() {
    this.data.dispose();
    this.unsubscribe();
    clearInterval(this.ticking);
    clearTimeout(this.later);
    clearTimeout(this.patience);
    document.removeEventListener('taro-theme', this.onTheme);
    this.observer.disconnect();
  }

  build(query) {
    this.field = h('input', { type: 'search', placeholder: 'Job or pattern', 'aria-label': 'Job or pattern', spellcheck: 'false', value: query.get('match') ?? '', on: { change: () => this.begin() } });
    this.spans = h('div', { class: 'joined', role: 'group', 'aria-label': 'Time that is seen' }, SPANS.map(([text, span]) => button(text, { pressed: span === this.span, onClick: () => this.show(span) })));
    this.said = h('p', { class: 'soft small said', role: 'status' });
    this.canvas = h('canvas', { tabindex: '0', role: 'application', 'aria-label': 'Timeline: arrows move, plus and minus zoom, comma and point choose a run, Enter opens it' });
    this.tip = h('div', { class: 'tip', hidden: true });
    this.labels = h('ul', { class: 'lane-labels' });
    this.empty = h('div', { class: 'stage-empty', hidden: true });
    this.stage = h('div', { class: 'stage panel' }, this.canvas, h('div', { class: 'labels-clip' }, this.labels), this.tip, this.empty);
    this.problem = h('div');
    this.follow = button('Now', { pressed: true, title: 'Goes along with the time (Home)', onClick: () => this.show(this.span) });
    this.element = h(
      'div', { class: 'timeline' },
      h('div', { class: 'search' }, h('h1', { class: 'hidden' }, 'Timeline'), this.field, this.spans, this.follow,
        h('span', { class: 'joined' }, button('', { sign: 'minus', title: 'Show more time (-)', onClick: () => this.zoom(1.5) }), button('', { sign: 'plus', title: 'Show less time (+)', onClick: () => this.zoom(1 / 1.5) })),
        legend()),
      this.problem, this.stage, this.said);
    const { canvas } = this;
    canvas.addEventListener('wheel', event => this.wheel(event), { passive: false });
    canvas.addEventListener('pointerdown', event => this.down(event));
    canvas.addEventListener('pointermove', event => this.moved(event));
    canvas.addEventListener('pointerup', event => this.up(event));
    canvas.addEventListener('pointercancel', event => this.pointers.delete(event.pointerId));
    canvas.addEventListener('pointerleave', () => { this.tip.hidden = true; });
    canvas.addEventListener('keydown', event => this.key(event));
    this.pointers = new Map();
  }

  get to() {
    return this.from + this.span;
  }

  // MARK: runs

  async begin() {
    this.data.clear(this.field.value.trim());
    [this.isLoaded, this.isSlow] = [false, false];
    clearTimeout(this.patience);
    this.patience = setTimeout(() => {
      this.isSlow = true;
      this.draw();
    }, 200);
    this.arrange();
    const span = SPANS.find(([, one]) => one === this.span)?.[0];
    history.replaceState(null, '', address('timeline', [], { match: this.field.value.trim(), span }));
    try {
      await this.data.live();
      await this.need();
      this.isLoaded = true;
      this.arrange();
    } catch (error) {
      if (error.name !== 'AbortError') fill(this.problem, wrong(error));
    }
  }

  // What is beside the picture is asked for as well: who pans finds it there.
  async need() {
    const aside = Math.min(this.span, 7 * DAY);
    await this.data.need(this.from - aside, Math.max(this.to, this.from + 1));
    fill(this.problem);
  }

  needSoon() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.need().catch(error => error.name !== 'AbortError' && fill(this.problem, wrong(error))), 120);
  }

  async happened(events) {
    const ids = this.data.take(events);
    if (!ids.length) return;
    if (this.isAsking) {
      this.due = [...new Set([...(this.due ?? []), ...ids])];
      return;
    }
    this.isAsking = true;
    try {
      await this.data.ask(ids);
    } catch {
      // The feed says when the connection is lost.
    }
    setTimeout(() => {
      this.isAsking = false;
      const due = this.due ?? [];
      this.due = null;
      if (due.length) this.happened(due.map(instance => ({ kind: '', instance })));
    }, 100);
  }

  // Once a frame, whatever comes.
  arrange() {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      const now = Date.now();
      this.lanes = lanes([...this.data.shapes.values()], now);
      this.draw();
    });
  }

  /** Only lanes that have something in the time that is seen are shown. */
  visible() {
    const now = Date.now();
    let top = 0;
    return this.lanes.filter(lane => lane.shapes.some(one => one.created <= this.to && end(one, now) >= this.from)).map(lane => {
      const shown = { ...lane, top };
      top += lane.height;
      return shown;
    });
  }

  // MARK: drawing

  resized() {
    const scale = window.devicePixelRatio || 1;
    this.width = this.stage.clientWidth;
    this.height = this.stage.clientHeight;
    this.labelWidth = this.width < 600 ? 96 : this.width < 1100 ? 152 : 208;
    this.stage.style.setProperty('--labels', `${this.labelWidth}px`);
    this.canvas.width = this.width * scale;
    this.canvas.height = this.height * scale;
    this.context = this.canvas.getContext('2d');
    this.context.scale(scale, scale);
    this.paint = colours();
    this.draw();
  }

  draw() {
    if (this.isDrawing) return;
    this.isDrawing = true;
    requestAnimationFrame(() => {
      this.isDrawing = false;
      if (this.context) this.drawNow();
    });
  }

  drawNow() {
    const now = Date.now();
    if (this.isFollowing) this.from = now - this.span * (1 - AHEAD);
    this.shown = this.visible();
    const whole = this.shown.reduce((sum, lane) => sum + lane.height, 0);
    this.top = Math.max(0, Math.min(this.top, whole - (this.height - AXIS)));
    draw(this.context, this.shown, { from: this.from, to: this.to, top: this.top, width: this.width, height: this.height, labels: this.labelWidth, now, chosen: this.chosen }, this.paint);
    showList(this.labels, this.shown, lane => lane.job, laneLabel);
    this.labels.style.transform = `translateY(${-this.top}px)`;
    const isEmpty = this.isLoaded && !this.shown.length;
    this.empty.hidden = !isEmpty;
    if (isEmpty && !this.empty.firstChild) fill(this.empty, nothing('Nothing ran in this time', 'Show more time, or move to where something ran.'));
    if (!this.isLoaded) {
      setText(this.said, this.isSlow ? 'Loading …' : '');
      return;
    }
    if (!this.tip.hidden || this.chosen) return;
    const number = this.shown.reduce((sum, lane) => sum + lane.shapes.filter(one => one.created <= this.to && end(one, now) >= this.from).length, 0);
    setText(this.said, `${plural(number, 'run')} of ${plural(this.shown.length, 'job')}${this.data.isFull ? `; no more than ${MOST} are drawn` : ''}`);
  }

  // MARK: moving

  show(span) {
    this.span = span;
    this.setFollowing(true);
    this.markSpan();
    this.needSoon();
    this.draw();
  }

  markSpan() {
    [...this.spans.children].forEach((child, index) => setAttribute(child, 'aria-pressed', String(SPANS[index][1] === this.span)));
    const span = SPANS.find(([, one]) => one === this.span)?.[0];
    history.replaceState(null, '', address('timeline', [], { match: this.field.value.trim(), span }));
  }

  setFollowing(value) {
    this.isFollowing = value;
    setAttribute(this.follow, 'aria-pressed', String(value));
  }

  pan(pixels) {
    this.setFollowing(false);
    this.from += (pixels / (this.width - this.labelWidth)) * this.span;
    const newest = Date.now() - this.span * 0.1;
    if (this.from > newest) this.from = newest;
    this.needSoon();
    this.draw();
  }

  zoom(factor, at = this.isFollowing ? Date.now() : (this.from + this.to) / 2) {
    const next = zoomed({ from: this.from, to: this.to }, factor, at);
    [this.from, this.span] = [next.from, next.to - next.from];
    this.markSpan();
    this.needSoon();
    this.draw();
  }

  moment(x) {
    return this.from + ((x - this.labelWidth) / (this.width - this.labelWidth)) * this.span;
  }

  wheel(event) {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : 1;
    if (event.ctrlKey || event.metaKey) this.zoom(Math.exp((event.deltaY * unit) / 300), this.moment(event.offsetX));
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.pan((event.deltaX || event.deltaY) * unit);
    else {
      const whole = this.shown.reduce((sum, lane) => sum + lane.height, 0);
      if (whole > this.height - AXIS) {
        this.top += event.deltaY * unit;
        this.draw();
      } else this.zoom(Math.exp((event.deltaY * unit) / 300), this.moment(event.offsetX));
    }
  }

  down(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY, first: event.offsetX });
    this.hasMoved = false;
  }

  moved(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return this.hover(event);
    const here = { ...before, x: event.offsetX, y: event.offsetY };
    if (Math.abs(here.x - before.first) > 4) this.hasMoved = true;
    const [other] = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    if (other) {
      const [was, is] = [Math.abs(before.x - other.x), Math.abs(here.x - other.x)];
      if (was > 8 && is > 8) this.zoom(was / is, this.moment((here.x + other.x) / 2));
    } else if (this.hasMoved) {
      this.pan(before.x - here.x);
      this.top -= here.y - before.y;
    }
    this.pointers.set(event.pointerId, here);
    return undefined;
  }

  up(event) {
    this.pointers.delete(event.pointerId);
    if (this.hasMoved) return;
    const found = this.at(event.offsetX, event.offsetY);
    if (found) location.hash = toRun(found.run.instance);
  }

  /** The run at a point; what is narrow is found beside itself too. */
  at(x, y) {
    const now = Date.now();
    const below = y - AXIS + this.top;
    const lane = this.shown?.find(one => below >= one.top && below < one.top + one.height);
    if (!lane || x < this.labelWidth) return null;
    const scale = (this.width - this.labelWidth) / this.span;
    let best = null;
    let nearest = 6;
    lane.rows.forEach((row, place) => {
      const top = rowTop(lane, place);
      if (below < top - 2 || below > top + ROW + 2) return;
      for (const one of row) {
        const left = this.labelWidth + (one.created - this.from) * scale;
        const right = Math.max(left + 2, this.labelWidth + (end(one, now) - this.from) * scale);
        const apart = x < left ? left - x : x > right ? x - right : 0;
        if (apart < nearest) [best, nearest] = [one, apart];
      }
    });
    return best;
  }

  hover(event) {
    const found = this.at(event.offsetX, event.offsetY);
    this.canvas.style.cursor = found ? 'pointer' : 'grab';
    this.tip.hidden = !found;
    if (!found) return;
    fill(this.tip, h('strong', {}, name(found.run.job)), h('div', {}, printable(describe(found.run))));
    const left = Math.min(event.offsetX + 12, this.width - this.tip.offsetWidth - 8);
    const top = Math.min(event.offsetY + 16, this.height - this.tip.offsetHeight - 8);
    Object.assign(this.tip.style, { left: `${left}px`, top: `${top}px` });
  }

  // MARK: keys

  key(event) {
    const page = (this.width - this.labelWidth) / 6;
    const act = {
      ArrowLeft: () => this.pan(-page), ArrowRight: () => this.pan(page), '+': () => this.zoom(1 / 1.5), '=': () => this.zoom(1 / 1.5), '-': () => this.zoom(1.5),
      Home: () => this.show(this.span), ArrowDown: () => this.chooseLane(1), ArrowUp: () => this.chooseLane(-1), ',': () => this.choose(-1), '.': () => this.choose(1),
      Enter: () => this.chosen && (location.hash = toRun(this.chosen.run.instance)),
      Escape: () => { this.chosen = null; this.draw(); },
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act();
  }

  chooseLane(by) {
    const now = this.shown.findIndex(lane => lane.job === this.chosen?.run.job);
    const lane = this.shown[Math.max(0, Math.min(this.shown.length - 1, now + by))];
    if (lane) this.pick(lane.shapes.at(-1));
  }

  choose(by) {
    const lane = this.shown.find(one => one.job === this.chosen?.run.job) ?? this.shown[0];
    if (!lane) return;
    const now = lane.shapes.indexOf(this.chosen);
    this.pick(lane.shapes[now < 0 ? lane.shapes.length - 1 : Math.max(0, Math.min(lane.shapes.length - 1, now + by))]);
  }

  pick(one) {
    this.chosen = one;
    if (one.created < this.from || one.created > this.to) {
      this.setFollowing(false);
      this.from = one.created - this.span / 2;
      this.needSoon();
    }
    const lane = this.shown.find(shown => shown.job === one.run.job);
    if (lane && lane.top < this.top) this.top = lane.top;
    if (lane && lane.top + lane.height > this.top + this.height - AXIS) this.top = lane.top + lane.height - this.height + AXIS;
    setText(this.said, printable(`${one.run.job}: ${describe(one.run)}. Enter opens it.`));
    this.draw();
  }
}

function laneLabel(lane) {
  const link = h('a', { class: 'cut', href: toJob(lane.job), title: printable(lane.job) }, name(lane.job));
  const element = h('li', {}, link);
  return { element, update: next => element.style.setProperty('height', `${next.height}px`) };
}

function legend() {
  return h('span', { class: 'legend soft small' }, [['ok', 'completed'], ['bad', 'failed'], ['run', 'running'], ['wait', 'waited'], ['idle', 'not executed']].map(([tone, word]) => h('span', { class: `key-box tone-${tone} ${tone === 'wait' ? 'dashed' : ''}` }, h('span', { class: 'soft' }, word))));
}
