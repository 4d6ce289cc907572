// The bar above every view: where one can go, what is found, whether the page is live.

import { get, send } from './api.js';
import { fill, h, setAttribute, setText, svg } from './dom.js';
import { icon } from './icons.js';
import { address } from './links.js';
import { openPalette } from './palette.js';
import { button } from './parts.js';
import { printable } from './text.js';
import { chooseNext, chosen, LOOKS } from './theme.js';

const VIEWS = [['now', 'Now'], ['timeline', 'Timeline'], ['history', 'History'], ['jobs', 'Jobs'], ['events', 'Events'], ['host', 'Host']];
// To whose view these belong.
const WITHIN = { job: 'jobs', run: 'history' };
const WORDS = { connecting: 'connecting', live: 'live', lost: 'no connection, trying again' };

export class Frame {
  constructor(feed) {
    this.main = h('main', { id: 'main', tabindex: '-1' });
    this.host = h('span', { class: 'host cut' });
    this.links = VIEWS.map(([view, text]) => h('a', { href: address(view === 'now' ? '' : view), data: { view } }, text));
    this.state = h('span', { class: 'link-state', role: 'status' });
    this.who = h('span');
    this.element = h(
      'header', { class: 'bar' },
      h('a', { class: 'brand', href: address('') },
        svg('svg', { viewBox: '0 0 32 32', class: 'mark', 'aria-hidden': 'true' },
          svg('path', { d: 'M3 7h17M11 16h17M3 25h11', stroke: 'currentColor', 'stroke-width': '5', 'stroke-linecap': 'round' })),
        'taro', this.host),
      h('nav', { class: 'views', 'aria-label': 'Views' }, this.links),
      h('div', { class: 'rest' }, this.state, this.who, this.findButton(), this.themeButton()));
    feed.watch(state => {
      this.state.dataset.state = state;
      setText(this.state, WORDS[state]);
    });
    document.addEventListener('keydown', event => this.key(event));
  }

  findButton() {
    return h(
      'button', { type: 'button', class: 'quiet find', title: 'Find a job, a run or a view (Ctrl+K)', on: { click: () => openPalette() } },
      icon('search'), h('span', { class: 'word' }, 'Find'), h('span', { class: 'word keys' }, 'Ctrl K'));
  }

  themeButton() {
    const place = h('span');
    const show = () => {
      const look = LOOKS[chosen()];
      fill(place, button('', {
        sign: look.sign, className: 'quiet', title: `Colours: ${look.word}`,
        onClick: () => {
          chooseNext();
          show();
          place.firstChild.focus();
        },
      }));
    };
    show();
    return place;
  }

  show(name) {
    const current = WITHIN[name] ?? name;
    for (const link of this.links) setAttribute(link, 'aria-current', link.dataset.view === current ? 'page' : null);
  }

  async showHost() {
    try {
      const { hostname } = await get('/hostinfo');
      setText(this.host, printable(hostname));
    } catch {
      // The view says what is wrong.
    }
  }

  /** Who came with a token may leave. */
  showWho(who) {
    if (!who.has_session) return;
    fill(this.who, button(`Sign out ${printable(who.token)}`, {
      className: 'quiet', onClick: async () => {
        await send('DELETE', '/session');
        location.reload();
      },
    }));
  }

  key(event) {
    if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      openPalette();
    }
  }
}
