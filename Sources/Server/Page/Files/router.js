// One view at a time, by what stands behind `#`.

import { parse } from './links.js';

export class Router {
  /** `views` has, by name, functions that take `{ path, query }` and give `{ element, title, dispose, update }`. */
  constructor(main, views, onChange) {
    Object.assign(this, { main, views, onChange });
    window.addEventListener('hashchange', () => this.show());
  }

  show() {
    const place = parse(location.hash);
    const name = place.view === '' ? 'now' : place.view;
    const isSame = this.current && this.name === name && JSON.stringify(this.path) === JSON.stringify(place.path);
    // The same thing with other parameters stays, and is told.
    if (isSame && this.current.update) {
      this.current.update(place.query);
      return;
    }
    this.current?.dispose?.();
    const view = (this.views[name] ?? this.views.missing)(place);
    const isFirst = !this.current;
    [this.name, this.path, this.current] = [name, place.path, view];
    this.main.className = view.className ?? '';
    this.main.replaceChildren(view.element);
    this.onChange(name, view);
    if (isFirst) return;
    window.scrollTo(0, 0);
    this.main.focus({ preventScroll: true });
  }

  /** Shows the same once more, from the beginning. */
  showAnew() {
    this.current?.dispose?.();
    this.current = null;
    this.show();
  }
}
