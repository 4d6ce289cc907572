// Short words at the edge of the page: what was done, or was not.

import { h } from './dom.js';

const SHOWN = 5000;
let place;

export function notice(text, isBad = false) {
  place ??= document.body.appendChild(h('div', { class: 'toasts', role: 'status' }));
  const toast = h('div', { class: isBad ? 'toast bad' : 'toast' }, text);
  place.append(toast);
  setTimeout(() => toast.remove(), isBad ? 2 * SHOWN : SHOWN);
}

/** What is wrong, in the place of what should be there. */
export function wrong(error) {
  return h('div', { class: 'wrong', role: 'alert' }, error.message);
}
