// Keeps a view true: asks at once, and again when something has happened that it shows.

import { Unreachable } from './api.js';

// The server is asked no more than a third of the time.
const SHARE = 2;
const SHORTEST = 100;
const AGAIN = 1000;

export class Refresher {
  /**
   * `load(signal)` asks, `show(answer)` shows it, `fail(error)` shows what is wrong; `isWanted(event)` says which events
   * change the answer.
   */
  constructor(feed, { load, show, fail, isWanted = () => true }) {
    Object.assign(this, { load, show, fail });
    this.stop = new AbortController();
    const unsubscribe = feed.subscribe((events, isAnew) => {
      if (isAnew || events.some(isWanted)) this.refresh();
    });
    const unwatch = feed.watch(state => {
      if (state === 'live' && this.hasFailed) this.refresh();
    });
    this.stop.signal.addEventListener('abort', () => {
      unsubscribe();
      unwatch();
      clearTimeout(this.timer);
    });
    this.refresh();
  }

  dispose() {
    this.stop.abort();
  }

  refresh() {
    if (this.isBusy || this.timer) {
      this.isDue = true;
      return;
    }
    this.run();
  }

  async run() {
    this.isBusy = true;
    this.isDue = false;
    const [start, isFirst] = [performance.now(), !this.hasShown];
    try {
      const answer = await this.load(this.stop.signal);
      if (!this.stop.signal.aborted) this.show(answer);
      [this.hasFailed, this.hasShown] = [false, true];
    } catch (error) {
      this.hasFailed = true;
      // The bar tells of a lost connection; what is shown stays, and is asked for again.
      const isLost = error instanceof Unreachable;
      this.isDue ||= isLost;
      if (!this.stop.signal.aborted && error.name !== 'AbortError' && !(isLost && this.hasShown)) this.fail(error);
    }
    this.isBusy = false;
    if (this.stop.signal.aborted) return;
    // The first answer may have waited until the server knew the ledger: it says nothing of the next.
    const share = isFirst ? 0 : SHARE * (performance.now() - start);
    const pause = Math.max(this.hasFailed ? AGAIN : SHORTEST, share);
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.isDue) this.run();
    }, pause);
  }
}
