// What happens, as server-sent events: one connection while the page is seen, taken up again from the last event.
//
// A browser has six connections to a server for all its tabs together: a page that nobody sees has none.

import { get } from './api.js';

const SHORTEST = 250;
const LONGEST = 5000;
// A restart of the server is over by then.
const GRACE = 2000;
// Beyond so many events it is quicker to ask for what there is now.
const FAR = 5000;

export class Feed {
  constructor() {
    this.seq = null;
    this.state = 'connecting';
    this.listeners = new Set();
    this.watchers = new Set();
    this.pause = SHORTEST;
    this.batch = [];
    document.addEventListener('visibilitychange', () => (document.hidden ? this.rest() : this.connect()));
  }

  /** Calls `listener(events, isAnew)` with what has happened; `isAnew` says that something may have been missed. */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Calls the watcher with each state: `connecting`, `live`, `lost`. */
  watch(watcher) {
    this.watchers.add(watcher);
    watcher(this.state);
    return () => this.watchers.delete(watcher);
  }

  /** Where the ledger ends, before anything else is asked: nothing that happens since is missed. */
  async begin() {
    const { head, id } = await get('/ledger');
    [this.seq, this.ledger] = [head, id];
  }

  async connect() {
    if (this.source || this.isConnecting || document.hidden) return;
    this.isConnecting = true;
    try {
      const { head, id } = await get('/ledger');
      const isOther = this.seq !== null && (id !== this.ledger || head < this.seq || head - this.seq > FAR);
      this.ledger = id;
      if (this.seq === null || isOther) this.seq = head;
      if (isOther) this.tell([], true);
    } catch {
      this.isConnecting = false;
      this.retry();
      return;
    }
    this.isConnecting = false;
    if (document.hidden) return;
    const source = new EventSource(`/events?after=${this.seq}`);
    this.source = source;
    source.onopen = () => {
      this.pause = SHORTEST;
      clearTimeout(this.grace);
      this.grace = null;
      this.become('live');
    };
    source.onmessage = message => this.take(JSON.parse(message.data));
    source.onerror = () => {
      this.rest();
      this.retry();
    };
  }

  rest() {
    this.source?.close();
    this.source = null;
  }

  retry() {
    if (this.state !== 'lost' && !this.grace) this.grace = setTimeout(() => this.become('lost'), GRACE);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), this.pause);
    this.pause = Math.min(LONGEST, this.pause * 2);
  }

  // Of a storm, all that came within a frame is told at once.
  take(event) {
    this.seq = event.seq;
    this.batch.push(event);
    if (this.batch.length > 1) return;
    setTimeout(() => {
      const events = this.batch;
      this.batch = [];
      this.tell(events, false);
    }, 16);
  }

  tell(events, isAnew) {
    for (const listener of [...this.listeners]) listener(events, isAnew);
  }

  become(state) {
    if (this.state === state) return;
    this.state = state;
    for (const watcher of this.watchers) watcher(state);
  }
}
