// Host: which ledger, which host, who waits for which latch.

import { isAllowed, release } from './actions.js';
import { get, getLines, list } from './api.js';
import { fill, h } from './dom.js';
import { toRun } from './links.js';
import { wrong } from './notices.js';
import { button, name, patience } from './parts.js';
import { Refresher } from './refresh.js';
import { bytes, count, plural, printable } from './text.js';
import { ago, instant, timeElement } from './time.js';

export function hostView({ feed }) {
  const element = h('div', { class: 'host-view' }, h('h1', { class: 'hidden' }, 'Host'));
  const ready = patience(element);
  const place = h('div', { class: 'cards' });
  const problem = h('div');
  element.append(problem, place);
  let retention = null;
  const refresher = new Refresher(feed, {
    isWanted: () => true,
    load: async signal => {
      const [ledger, host, latches, who] = await Promise.all(['/ledger', '/hostinfo', '/latches', '/session'].map(path => get(path, signal)));
      retention ??= await lastRetention(ledger.head, signal);
      return { ledger, host, latches: latches._embedded.latches, who };
    },
    show: answer => {
      ready();
      fill(problem);
      fill(place, cards(answer, retention));
    },
    fail: error => {
      ready();
      fill(problem, wrong(error));
    },
  });
  return { element, title: 'Host', dispose: () => refresher.dispose() };
}

// Of a large ledger the end alone is looked through.
async function lastRetention(head, signal) {
  const after = Math.max(0, head - 20_000);
  const events = await getLines(list('/events', { after, kind: ['retained', 'recovered', 'sealed'] }), signal);
  return { last: events.findLast(event => event.kind === 'retained') ?? null, troubles: events.filter(event => event.kind !== 'retained'), isWhole: after === 0 };
}

function card(title, ...children) {
  return h('section', { class: 'panel padded card' }, h('h2', {}, title), children);
}

function facts(pairs) {
  return h('dl', { class: 'facts' }, pairs.filter(Boolean).map(([word, value]) => [h('dt', {}, word), h('dd', {}, value)]));
}

function cards({ ledger, host, latches, who }, retention) {
  const constants = Object.entries(host.const ?? {});
  return [
    card('Ledger', facts([
      ['Events', count(ledger.head)], ['Size', bytes(ledger.size)],
      ledger.lag > 100 && ['Answers lack', plural(ledger.lag, 'event')],
      ['Id', h('span', { class: 'mono' }, ledger.id ?? 'there is no ledger yet')],
      ledger.digest && ['Head', h('span', { class: 'mono' }, `${ledger.digest}@${ledger.head}`)],
      ['Retention', retention.last ? ['last ', timeElement(retention.last.at), `, ${plural(retention.last.data.events ?? 0, 'event')} of ${plural(retention.last.data.instances?.length ?? 0, 'run')} went`]
        : retention.isWhole ? 'nothing was dropped' : 'nothing lately'],
      ...retention.troubles.map(event => [event.kind === 'sealed' ? 'Put aside' : 'Recovered', [timeElement(event.at), `: ${printable(event.data.damage ?? '')}`]]),
    ]), h('p', { class: 'soft' }, 'The head says what the ledger was: keep it elsewhere, and '), h('p', {}, h('code', { class: 'block' }, 'taro ledger verify')), h('p', { class: 'soft' }, 'tells whether anything was changed since.')),
    card('Host', facts([
      ['Name', printable(host.hostname)], ['System', printable([host.os, host.machine].filter(Boolean).join(', '))], ['Kernel', printable(host.kernel)],
      ['Processor', printable([host.processor, plural(host.processors, 'processor')].filter(Boolean).join(', '))],
      host.memory_bytes && ['Memory', bytes(host.memory_bytes)], ['Booted', [timeElement(host.booted_at), h('span', { class: 'soft' }, ` ${ago(instant(host.booted_at))}`)]],
      ...constants.map(([key, value]) => [printable(key), printable(value)]),
    ])),
    card('Latches', latches.length
      ? h('ul', { class: 'latches' }, latches.map(latch => h('li', {}, h('strong', {}, name(latch.latch)), 
        latch.instances.map(one => h('a', { class: 'plain', href: toRun(one.instance) }, printable(`${one.job}@${one.instance}`))),
        isAllowed() && button('Release', { onClick: () => release(latch.latch) }))))
      : h('p', { class: 'soft' }, 'Nobody waits for a latch.')),
    card('You', facts([
      ['Are', printable(who.token ? `token ${who.token}` : `user ${who.user}`)], ['May', who.scope === 'control' ? 'look, and control' : 'look'],
      who.jobs.length > 0 && ['See', printable(who.jobs.join(', '))],
    ]), h('p', { class: 'soft' }, h('a', { class: 'plain', href: '/openapi.json' }, 'openapi.json'), ' describes for programs what this page asks; ', h('a', { class: 'plain', href: '/metrics' }, 'metrics'), ' has figures for Prometheus.')),
  ];
}
