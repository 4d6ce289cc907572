// Looks for a text in the whole of an output, a slice at a time.

import { plain } from './ansi.js';
import { utf8Length } from './lines.js';

const SLICE = 2 << 20;
const MOST = 20_000;

/** The places of a text in a line, `[from, to]`, whatever the case. */
export function places(line, wanted) {
  const found = [];
  if (!wanted) return found;
  const text = line.toLowerCase();
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) found.push([at, at + wanted.length]);
  return found;
}

/** Calls `tell({ hits, done, of })` as it goes on; `hits` are the offsets of lines. */
export async function search(path, stream, size, wanted, signal, tell) {
  const hits = [];
  const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });
  const text = wanted.toLowerCase();
  let offset = 0;
  let rest = '';
  for (let from = 0; from < size && hits.length < MOST; from += SLICE) {
    const to = Math.min(size, from + SLICE);
    const query = `from=${from}&to=${to}${stream ? `&stream=${stream}` : ''}`;
    const answer = await fetch(`${path}?${query}`, { signal, cache: 'no-store' });
    if (!answer.ok) throw new Error(`the output cannot be read (${answer.status})`);
    rest += decoder.decode(await answer.arrayBuffer(), { stream: to < size });
    const lines = rest.split('\n');
    rest = to < size ? lines.pop() : '';
    for (const line of lines) {
      if (plain(line).toLowerCase().includes(text) && hits.length < MOST) hits.push(offset);
      offset += utf8Length(line) + 1;
    }
    tell({ hits, done: to, of: size, isFull: hits.length >= MOST });
    // The page stays quick meanwhile.
    await new Promise(resolve => setTimeout(resolve));
  }
  tell({ hits, done: size, of: size, isFull: hits.length >= MOST });
}
