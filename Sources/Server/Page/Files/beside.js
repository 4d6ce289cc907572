// A failure and a good run side by side: what differs of how they were started, and where their outputs part.

import { ask, get } from './api.js';
import { compare, folded } from './diff.js';
import { fill, h } from './dom.js';
import { plain } from './ansi.js';
import { instancePath, toRun } from './links.js';
import { stateSign } from './parts.js';
import { because } from './states.js';
import { bytes, plural, printable, shellWords } from './text.js';
import { duration, moment, timeElement } from './time.js';

const LINES = 300;

export function beside(failure, good) {
  const element = h('div', { class: 'beside panel' });
  load();
  return element;

  async function load() {
    try {
      const [bad, well] = await Promise.all([side(failure), side(good)]);
      fill(element, heads(bad.run, well.run), facts(bad.run, well.run), outputs(bad.lines, well.lines));
    } catch (error) {
      fill(element, h('p', { class: 'note' }, error.message));
    }
  }
}

async function side(run) {
  const path = instancePath(run.instance);
  const [whole, lines] = await Promise.all([get(path), lastLines(path)]);
  return { run: whole, lines };
}

async function lastLines(path) {
  try {
    const answer = await ask(`${path}/output?lines=${LINES}`);
    const text = await answer.text();
    return text.slice(-200_000).split('\n').map(plain).filter((line, index, all) => line !== '' || index < all.length - 1);
  } catch {
    return null;
  }
}

function heads(bad, well) {
  const one = run => h('a', { class: 'side-head', href: toRun(run.instance) }, stateSign(run), h('span', { class: 'soft' }, timeElement(run.created_at)), h('span', { class: 'soft cut' }, printable(because(run))));
  return h('div', { class: 'sides heads' }, one(bad), one(well));
}

// What a person compares first.
const FACTS = [
  ['Took', run => duration(run.run_seconds)],
  ['Command', run => shellWords(run.command)],
  ['Parameters', run => Object.entries(run.params).map(pair => pair.join('=')).join(' ')],
  ['Directory', run => run.cwd],
  ['User', run => run.user],
  ['Host', run => run.host],
  ['Started by', run => run.parent],
  ['Output', run => (run.output ? `${bytes(run.output.bytes)}, ${plural(run.output.lines, 'line')}` : 'not captured')],
  ['Memory', run => (run.usage?.max_rss_bytes ? bytes(run.usage.max_rss_bytes) : '')],
  ['Version', run => run.version],
];

function facts(bad, well) {
  const rows = FACTS.map(([word, value]) => [word, value(bad), value(well)]).filter(([word, left, right]) => left !== right || word === 'Took');
  return h('table', { class: 'differ', 'aria-label': 'What differs' }, rows.map(([word, left, right]) => h(
    'tr', {}, h('th', { scope: 'row' }, word), h('td', {}, printable(left) || '–'), h('td', {}, printable(right) || '–'))));
}

function outputs(left, right) {
  if (!left?.length && !right?.length) return h('p', { class: 'note' }, 'Neither has printed anything that is still there.');
  const rows = folded(compare(left ?? [], right ?? []));
  const differs = rows.some(row => row.kind !== 'gap' && row.kind !== 'same');
  if (!differs) return h('p', { class: 'note' }, `Their last ${LINES} lines are alike, numbers aside.`);
  const cell = (text, side, kind) => h('td', { class: kind === side ? `alone ${side}` : text === null ? 'void' : '' }, text === null ? '' : printable(text));
  return h('div', { class: 'lines-beside' }, h('table', { 'aria-label': 'Last lines of both' }, rows.slice(-400).map(row => (row.kind === 'gap'
    ? h('tr', { class: 'gap' }, h('td', { colspan: 2 }, `${plural(row.count, 'line')} alike`))
    : h('tr', {}, cell(row.left, 'left', row.kind), cell(row.right, 'right', row.kind))))));
}
