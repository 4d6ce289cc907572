// Where a token is needed: asks for one, and says how to make it.

import { ask } from './api.js';
import { fill, h } from './dom.js';

let isShown = false;

export function showSignIn(done) {
  if (isShown) return;
  isShown = true;
  const token = h('input', { type: 'password', autocomplete: 'current-password', required: true, placeholder: 'taro_…', spellcheck: 'false' });
  const problem = h('div', { class: 'wrong', role: 'alert', hidden: true });
  const form = h(
    'form', { on: { submit } }, h('h2', { id: 'sign-in' }, 'A token, please'),
    h('p', {}, 'This page shows jobs to the user of taros and to root. Everybody else needs a token, which they make on this host:'),
    h('pre', { class: 'code' }, 'taros token add NAME --scope read\ntaros token add NAME --scope control'),
    h('p', {}, 'read looks at everything, control may stop jobs too. The token is shown once.'),
    // Browsers that keep passwords want a name for them.
    h('input', { type: 'text', autocomplete: 'username', value: 'taros', hidden: true }),
    h('label', {}, 'Token', token), problem,
    h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'main' }, 'Sign in')));
  const dialog = h('dialog', { class: 'sign-in', 'aria-labelledby': 'sign-in', on: { cancel: event => event.preventDefault() } }, form);
  document.body.append(dialog);
  dialog.showModal();
  token.focus();

  async function submit(event) {
    event.preventDefault();
    try {
      await ask('/session', { method: 'POST', headers: { Authorization: `Bearer ${token.value.trim()}` } });
      done();
    } catch (error) {
      fill(problem, error.status === 401 ? 'This token is none, or is not valid any more.' : error.message).hidden = false;
      token.select();
    }
  }
}
