// Elements without markup: whatever comes from a job or a user is text here, and never parsed.

const SVG = 'http://www.w3.org/2000/svg';

/** Makes an element. Properties: attributes; `on` has listeners, `style` CSS properties, `data` the dataset. */
export function h(name, properties = {}, ...children) {
  return fill(assign(document.createElement(name), properties), ...children);
}

export function svg(name, properties = {}, ...children) {
  return fill(assign(document.createElementNS(SVG, name), properties), ...children);
}

function assign(element, properties) {
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === 'on') for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else if (key === 'style') for (const [name, text] of Object.entries(value)) element.style.setProperty(name, text);
    else if (key === 'data') Object.assign(element.dataset, value);
    else if (key === 'value') element.value = value;
    else element.setAttribute(key, value === true ? '' : value);
  }
  return element;
}

/** Puts these in the place of all children; null, undefined and false are left out. */
export function fill(element, ...children) {
  const nodes = children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false);
  element.replaceChildren(...nodes);
  return element;
}

/** Changes a text where it is another, so that a selection in it stays. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

const rows = new WeakMap();

/**
 * Shows a list: an element for each item, kept while its key is there, so that focus, selection and scrolling stay.
 * `make` gives `{ element, update }`.
 */
export function showList(parent, items, key, make) {
  const known = rows.get(parent) ?? new Map();
  const next = new Map();
  let place = parent.firstChild;
  for (const item of items) {
    const id = key(item);
    const row = known.get(id) ?? make(item);
    next.set(id, row);
    row.update?.(item);
    if (row.element === place) place = place.nextSibling;
    else parent.insertBefore(row.element, place);
  }
  for (const [id, row] of known) {
    if (!next.has(id)) {
      row.element.remove();
      row.dispose?.();
    }
  }
  rows.set(parent, next);
}
