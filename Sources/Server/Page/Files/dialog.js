// A question in the middle of the page. Escape and Cancel answer no.

import { fill, h } from './dom.js';

/**
 * Asks, and calls `act(values)` when the answer is yes; stays open and says why while that fails.
 * `fields` are `{ name, label, placeholder, value, choices }`.
 */
export function askFor({ title, text, yes, isDangerous = false, fields = [], act }) {
  const inputs = fields.map(field => ({ ...field, element: input(field) }));
  const problem = h('div', { class: 'wrong', role: 'alert', hidden: true });
  const accept = h('button', { type: 'submit', class: isDangerous ? 'danger' : 'main' }, yes);
  const cancel = h('button', { type: 'button', on: { click: () => dialog.close() } }, 'Cancel');
  const form = h(
    'form', { on: { submit } }, h('h2', { id: 'question' }, title), text && h('p', {}, text),
    inputs.map(field => h('label', {}, field.label, field.element)), problem,
    h('div', { class: 'actions' }, cancel, accept));
  const dialog = h('dialog', { 'aria-labelledby': 'question', on: { close: () => dialog.remove() } }, form);
  document.body.append(dialog);
  dialog.showModal();
  (inputs[0]?.element ?? accept).focus();

  async function submit(event) {
    event.preventDefault();
    accept.disabled = true;
    try {
      await act(Object.fromEntries(inputs.map(field => [field.name, field.element.value.trim()])));
      dialog.close();
    } catch (error) {
      fill(problem, error.message).hidden = false;
      accept.disabled = false;
    }
  }
}

function input({ placeholder, value = '', choices, type = 'text' }) {
  if (choices) {
    return h('select', {}, choices.map(([text, word]) => h('option', { value: text, selected: text === value }, word)));
  }
  return h('input', { type, placeholder, value, autocomplete: 'off', spellcheck: 'false' });
}
