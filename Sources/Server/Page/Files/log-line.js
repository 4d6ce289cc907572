// A line of output as an element. Nothing in it is markup; only what begins with http(s) is a link.

import { parseLine } from './ansi.js';
import { h } from './dom.js';
import { lineText } from './lines.js';
import { places } from './log-search.js';
import { count, printable } from './text.js';
import { clockWithMillis } from './time.js';

const LINK = /https?:\/\/[^\s<>"'`{}|\\^\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

export function lineElement(line, { wanted, isMarked }) {
  const number = h('a', { class: 'at', tabindex: '-1', data: { offset: line.offset } }, line.number === null ? '·' : String(line.number));
  const time = h('span', { class: 'when' }, Number.isFinite(line.at) ? clockWithMillis(line.at) : '');
  const sign = h('span', { class: 'from' }, line.isError ? 'err' : '');
  const text = h('span', { class: 'what' });
  const element = h('div', { class: `line${line.isError ? ' is-error' : ''}${isMarked ? ' is-marked' : ''}`, data: { offset: line.offset } }, number, time, sign, text);
  show(text, line, wanted);
  return element;
}

function show(place, line, wanted) {
  const { spans, cut } = parseLine(lineText(line));
  const whole = spans.map(span => span.text).join('');
  const hits = places(whole, wanted?.toLowerCase());
  const links = [...whole.matchAll(LINK)].map(found => [found.index, found.index + found[0].replace(/[.,;:!?)\]]+$/, '').length]);
  let at = 0;
  for (const { text, style } of spans) {
    for (const [from, to] of pieces(at, at + text.length, [...hits, ...links])) {
      const link = links.find(([start, end]) => from >= start && to <= end);
      const hit = hits.some(([start, end]) => from >= start && to <= end);
      place.append(piece(whole.slice(from, to), style, link && whole.slice(...link), hit));
    }
    at += text.length;
  }
  if (cut) place.append(h('span', { class: 'cut-off' }, ` … ${count(cut)} more characters`));
}

// A stretch, cut where one of these begins or ends.
function pieces(from, to, ranges) {
  const cuts = new Set([from, to]);
  for (const [start, end] of ranges) for (const cut of [start, end]) if (cut > from && cut < to) cuts.add(cut);
  const sorted = [...cuts].sort((one, other) => one - other);
  return sorted.slice(1).map((end, index) => [sorted[index], end]);
}

function piece(text, style, link, isHit) {
  const shown = printable(text);
  const isPlain = Object.keys(style).length === 0;
  if (isPlain && !link && !isHit) return document.createTextNode(shown);
  const element = link
    ? h('a', { href: link, target: '_blank', rel: 'noopener noreferrer', tabindex: '-1' }, shown)
    : h(isHit ? 'mark' : 'span', {}, shown);
  if (link && isHit) element.className = 'hit';
  paint(element, style);
  return element;
}

// What has a ground of its own has the colours of a terminal, else those that can be read on the page's.
const FIXED = ['#24292f', '#c2362e', '#2f8f4e', '#b98a12', '#2f6fd0', '#a347b0', '#1d8a93', '#d0d4d8', '#6b7178', '#ff7b72', '#56d364', '#e3b341', '#79b8ff', '#d2a8ff', '#76e3ea', '#ffffff'];

function paint(element, style) {
  const words = ['bold', 'dim', 'italic', 'underline', 'strike'].filter(word => style[word]);
  const [front, back] = style.inverse ? [style.back ?? 0, style.front ?? 15] : [style.front, style.back];
  if (back !== undefined) {
    const ground = FIXED[back] ?? back;
    element.style.backgroundColor = ground;
    element.style.color = front === undefined ? readableOn(ground) : FIXED[front] ?? front;
  } else if (typeof front === 'number') words.push(`f${front}`);
  else if (front !== undefined) element.style.color = front;
  if (words.length) element.classList.add(...words);
}

function readableOn(ground) {
  const numbers = ground.startsWith('#') ? ground.slice(1).match(/../g).map(byte => parseInt(byte, 16)) : ground.match(/\d+/g).map(Number);
  return 0.299 * numbers[0] + 0.587 * numbers[1] + 0.114 * numbers[2] > 140 ? '#000000' : '#ffffff';
}
