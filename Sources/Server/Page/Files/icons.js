// Signs, drawn here: fonts have them in many shapes or not at all. 16 by 16.

import { svg } from './dom.js';

// Lines, and what is filled behind a `*`.
const SHAPES = {
  check: 'M3.5 8.5l3 3 6-7',
  cross: 'M4 4l8 8M12 4l-8 8',
  question: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.8-1.1 1.8M8 12.4v.1',
  bolt: 'M9 2.5L4.5 9H8l-1 4.5L11.5 7H8z',
  play: '*M5 3.5v9l7-4.5z',
  pause: 'M6 4v8M10 4v8',
  square: '*M4.5 4.5h7v7h-7z',
  clock: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11M8 5v3.2l2 1.3',
  slash: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11M4.2 11.8l7.6-7.6',
  dot: '*M8 5.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 0 0 0-5',
  warning: 'M8 2.5l6 11H2zM8 6.5v3.2M8 11.6v.1',
  search: 'M7 2.8a4.2 4.2 0 1 0 0 8.4a4.2 4.2 0 0 0 0-8.4M10.2 10.2l3.3 3.3',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 0 0 0-5.6M8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1',
  moon: 'M13 9.6A5.5 5.5 0 1 1 6.4 3a4.5 4.5 0 0 0 6.6 6.6z',
  half: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11M8 2.5v11',
  down: 'M8 3v10M4 9l4 4 4-4',
  up: 'M8 13V3M4 7l4-4 4 4',
  left: 'M10 3.5L5.5 8l4.5 4.5',
  right: 'M6 3.5L10.5 8 6 12.5',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  link: 'M6.7 9.3a2.5 2.5 0 0 0 3.6 0l2-2a2.5 2.5 0 0 0-3.6-3.6l-.7.7M9.3 6.7a2.5 2.5 0 0 0-3.6 0l-2 2a2.5 2.5 0 0 0 3.6 3.6l.7-.7',
  download: 'M8 2.5v7.5M4.8 7L8 10.2 11.2 7M3 13h10',
  more: '*M3.5 7a1 1 0 1 0 0 2a1 1 0 0 0 0-2zM8 7a1 1 0 1 0 0 2a1 1 0 0 0 0-2zM12.5 7a1 1 0 1 0 0 2a1 1 0 0 0 0-2z',
  skull: 'M8 2.5a5 5 0 0 0-3 9v2h6v-2a5 5 0 0 0-3-9M6.2 7.6v.8M9.8 7.6v.8M8 11.5v2',
};

/** Without a title it is decoration, and a screen reader passes it over. */
export function icon(name, className = '') {
  const shape = SHAPES[name] ?? SHAPES.dot;
  const isFilled = shape.startsWith('*');
  return svg(
    'svg', { viewBox: '0 0 16 16', class: `icon ${className}`, 'aria-hidden': 'true' },
    svg('path', { d: isFilled ? shape.slice(1) : shape, class: isFilled ? 'filled' : 'lines' }));
}
