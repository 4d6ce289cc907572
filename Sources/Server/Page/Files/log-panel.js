// The output of a run with everything that one does with it: streams, search, follow, wrap, times, download, replay.

import { Problem } from './api.js';
import { fill, h, setText } from './dom.js';
import { icon } from './icons.js';
import { search } from './log-search.js';
import { LogSource } from './log-source.js';
import { LogView } from './log-view.js';
import { instancePath } from './links.js';
import { nothing, button } from './parts.js';
import { Replay } from './replay.js';
import { bytes, count, plural } from './text.js';
import { isLive } from './states.js';
import { notice } from './notices.js';

const STREAMS = [[null, 'Both'], ['stdout', 'stdout'], ['stderr', 'stderr']];
const ERRORS = /\b(error|fatal|panic|exception|traceback|failed|failure|cannot|denied)\b/i;

/** What a person chose for all runs. */
const kept = {
  get: name => localStorage.getItem(`taro-log-${name}`),
  set: (name, value) => localStorage.setItem(`taro-log-${name}`, value),
};

export class LogPanel {
  /** `at` is the offset of a line to show; `onLine(offset)` is called for one that was chosen. */
  constructor(run, { at = null, find = '', onLine }) {
    Object.assign(this, { run, at, onLine, stream: null, hits: [], hit: -1 });
    this.size = h('span', { class: 'soft size' });
    this.streams = h('div', { class: 'joined', role: 'group', 'aria-label': 'Streams' }, STREAMS.map(([stream, text]) => button(text, {
      pressed: stream === null, onClick: () => this.choose(stream),
    })));
    this.wrap = this.toggle('Wrap', 'wrap', true);
    this.times = this.toggle('Times', 'times', false);
    this.field = h('input', {
      type: 'search', placeholder: 'Search', 'aria-label': 'Search the output', spellcheck: 'false', value: find,
      on: { input: () => this.type(), keydown: event => this.keys(event) },
    });
    this.found = h('span', { class: 'soft found', role: 'status' });
    this.previous = button('', { sign: 'up', title: 'Previous hit (Shift+Enter)', className: 'quiet', onClick: () => this.step(-1) });
    this.next = button('', { sign: 'down', title: 'Next hit (Enter)', className: 'quiet', onClick: () => this.step(1) });
    this.error = button('First error', { onClick: () => this.showError(), title: 'The first line of stderr, or the first that looks like an error' });
    this.toStart = button('Start', { onClick: () => { this.view?.follow(false); this.view?.showStart(); } });
    this.steps = h('span', { class: 'steps-of-search', hidden: true }, this.found, this.previous, this.next);
    this.toEnd = button('End', { onClick: () => this.end() });
    this.replayButton = button('Replay', { sign: 'play', onClick: () => this.replay(), title: 'Plays it in the time that it took' });
    this.tools = h(
      'div', { class: 'log-tools', role: 'toolbar', 'aria-label': 'Output' },
      h('span', { class: 'finder' }, icon('search'), this.field, this.steps),
      h('span', { class: 'log-buttons' },
        this.error, h('span', { class: 'joined' }, this.toStart, this.toEnd), this.streams, this.wrap, this.times, this.replayButton,
      h('a', { class: 'button', title: 'Download', 'aria-label': 'Download the output', href: `${instancePath(run.instance)}/output`, download: `${run.job.replace(/[^\w.-]+/g, '_')}-${run.instance}.log` }, icon('download')), this.size));
    this.place = h('div', { class: 'log-place' });
    this.element = h('section', { class: 'log-panel panel', 'aria-label': 'Output', on: { keydown: event => this.shortcut(event) } }, this.tools, this.place);
    this.open();
  }

  toggle(text, name, standard) {
    const isOn = () => (kept.get(name) ?? String(standard)) === 'true';
    return button(text, { pressed: isOn(), onClick: event => {
      kept.set(name, String(!isOn()));
      event.currentTarget.setAttribute('aria-pressed', String(isOn()));
      this.dress();
    } });
  }

  dress() {
    if (!this.view) return;
    this.view.change(() => {
      this.view.element.classList.toggle('wraps', this.wrap.getAttribute('aria-pressed') === 'true');
      this.view.element.classList.toggle('has-times', this.times.getAttribute('aria-pressed') === 'true');
    });
  }

  dispose() {
    this.stop?.abort();
    this.player?.dispose();
    this.view?.dispose();
  }

  // MARK: opening

  async open() {
    this.stop?.abort();
    this.stop = new AbortController();
    this.player?.dispose();
    this.player = null;
    this.view?.dispose();
    const source = new LogSource(this.run.instance, this.stream);
    const view = new LogView(source, {
      follow: isFollowing => this.showFollowing(isFollowing), line: offset => this.onLine?.(offset),
      fail: error => this.fail(error),
    });
    this.view = view;
    const { signal } = this.stop;
    signal.addEventListener('abort', () => source.dispose());
    try {
      await source.open();
      if (signal.aborted) return;
      view.isLive = isLive(this.run.state);
      fill(this.place, view.element);
      this.dress();
      if (!source.index.parts.length) this.showEmpty();
      await this.showFirst(view, source);
      if (view.isLive) {
        source.follow(() => {
          view.isLive = false;
          this.showFollowing(false);
        });
        this.sizes = setInterval(() => this.tell(), 500);
        signal.addEventListener('abort', () => clearInterval(this.sizes));
      }
      this.tell();
      if (this.field.value) this.look();
    } catch (error) {
      if (error.name !== 'AbortError') this.fail(error);
    }
  }

  async showFirst(view, source) {
    if (this.at !== null && this.at < source.size) await view.showOffset(this.at, true);
    else if (view.isLive) {
      await view.showEnd();
      view.follow(true);
    } else if (this.run.group === 'failure') await view.showEnd();
    else await view.showStart();
    this.at = null;
    this.showFollowing(view.isFollowing);
  }

  fail(error) {
    const isGone = error instanceof Problem && error.kind === 'gone';
    const isNone = error instanceof Problem && error.kind === 'no-output';
    fill(this.place, nothing(isGone ? 'The output was dropped' : isNone ? 'The output was not captured' : 'The output cannot be read', error.message));
    this.tools.hidden = isGone || isNone;
  }

  showEmpty() {
    const text = h('div', { class: 'log-empty soft' }, this.view.isLive ? 'It has printed nothing yet.' : this.stream ? `It printed nothing on ${this.stream}.` : 'It printed nothing.');
    this.place.append(text);
    const { changed } = this.view.source;
    this.view.source.changed = () => {
      text.remove();
      changed();
    };
  }

  tell() {
    const { source } = this.view;
    const lines = source.isAtEnd && source.lines.next !== null ? source.lines.next - 1 : source.index.isCounted ? source.index.lines : null;
    this.view.element.classList.toggle('has-errors', source.index.firstWithErrors() >= 0 && !source.stream);
    this.streams.hidden = !!this.run.output?.one_stream;
    setText(this.size, `${lines === null ? '' : `${plural(lines, 'line')}, `}${bytes(source.size)}`);
  }

  /** The run as it is now. */
  update(run) {
    this.run = run;
  }

  choose(stream) {
    this.stream = stream;
    [...this.streams.children].forEach((child, index) => child.setAttribute('aria-pressed', String(STREAMS[index][0] === stream)));
    this.open();
  }

  // MARK: following

  end() {
    if (this.view.isLive) this.view.follow(true);
    this.view.showEnd();
  }

  showFollowing(isFollowing) {
    const live = this.view.isLive;
    setText(this.toEnd.firstChild, live ? (isFollowing ? 'Following' : 'Follow') : 'End');
    if (live) this.toEnd.setAttribute('aria-pressed', String(isFollowing));
    else this.toEnd.removeAttribute('aria-pressed');
  }

  // MARK: search

  type() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), 150);
  }

  async look() {
    this.searching?.abort();
    this.searching = new AbortController();
    const { signal } = this.searching;
    const wanted = this.field.value;
    const { view } = this;
    [this.hits, this.hit] = [[], -1];
    setText(this.found, '');
    this.steps.hidden = !wanted;
    view.search(wanted, []);
    if (!wanted) return;
    try {
      const { source } = view;
      await search(source.path, source.stream, source.size, wanted, signal, ({ hits, done, of, isFull }) => {
        if (signal.aborted) return;
        this.hits = hits;
        view.search(wanted, hits);
        const share = done < of && !isFull ? `, ${Math.floor((100 * done) / of)} %` : '';
        this.progress = `${share}${isFull ? '+' : ''}`;
        this.tellHits();
        if (this.hit < 0 && hits.length) this.step(1, this.firstFromHere());
      });
    } catch (error) {
      if (error.name !== 'AbortError') setText(this.found, error.message);
    }
  }

  firstFromHere() {
    const { offset } = this.view.place;
    return Math.max(0, this.hits.findIndex(hit => hit >= offset));
  }

  tellHits() {
    const what = this.hits.length ? `${this.hit >= 0 ? `${count(this.hit + 1)} of ` : ''}${count(this.hits.length)}` : 'none';
    setText(this.found, what + this.progress);
  }

  step(by, to = null) {
    if (!this.hits.length) return;
    this.hit = to ?? (this.hit + by + this.hits.length) % this.hits.length;
    this.tellHits();
    this.view.showOffset(this.hits[this.hit], true);
  }

  keys(event) {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    this.step(event.shiftKey ? -1 : 1);
  }

  shortcut(event) {
    const isFind = (event.key === 'f' && (event.ctrlKey || event.metaKey)) || (event.key === '/' && event.target !== this.field);
    if (!isFind) return;
    event.preventDefault();
    this.field.focus();
    this.field.select();
  }

  // MARK: errors

  async showError() {
    const { source } = this.view;
    if (this.stream !== null) return this.view.showStart();
    const part = source.index.firstWithErrors();
    const offset = part < 0 ? await this.firstSuspect(source) : await firstOfStderr(source, part);
    if (offset === null) {
      notice('Nothing in it looks like an error');
      return undefined;
    }
    return this.view.showOffset(offset, true);
  }

  // One stream was both: what looks like an error.
  async firstSuspect(source) {
    for (const word of ['error', 'fatal', 'panic', 'exception', 'failed', 'cannot', 'denied']) {
      let first = null;
      const stop = new AbortController();
      await search(source.path, null, Math.min(source.size, 64 << 20), word, stop.signal, ({ hits }) => {
        if (hits.length && first === null) {
          [first] = hits;
          stop.abort();
        }
      }).catch(() => {});
      if (first !== null) return first;
    }
    return null;
  }

  // MARK: replay

  async replay() {
    if (this.player) {
      this.replayButton.removeAttribute('aria-pressed');
      return this.open();
    }
    this.replayButton.setAttribute('aria-pressed', 'true');
    this.player = new Replay(this.run, this.stream, this.view.source);
    this.stop.abort();
    this.view.dispose();
    this.view = this.player.view;
    fill(this.place, this.player.element);
    this.dress();
    return this.player.begin();
  }
}

async function firstOfStderr(source, part) {
  for (const piece of await source.pieces(source.index.parts[part].offset, source.index.endOf(part))) {
    if (piece.stream === 'stderr') return piece.offset;
  }
  return source.index.parts[part].offset;
}

export const looksLikeError = line => ERRORS.test(line);
