// Begins: the frame, the views, what happens.

import { allow } from './actions.js';
import { get, onUnauthorized } from './api.js';
import { fill, h } from './dom.js';
import { Feed } from './feed.js';
import { Frame } from './frame.js';
import { Router } from './router.js';
import { showSignIn } from './sign-in.js';
import { apply } from './theme.js';
import { nothing } from './parts.js';
import { eventsView } from './view-events.js';
import { historyView } from './view-history.js';
import { hostView } from './view-host.js';
import { jobView } from './view-job.js';
import { jobsView } from './view-jobs.js';
import { nowView } from './view-now.js';
import { runView } from './view-run.js';
import { timelineView } from './view-timeline.js';

const feed = new Feed();
const views = {
  now: nowView, timeline: timelineView, history: historyView, jobs: jobsView, job: jobView, run: runView,
  events: eventsView, host: hostView,
  missing: () => ({ element: nothing('There is no such view', 'The links above lead to those that there are.'), title: 'Not here' }),
};

apply();
const frame = new Frame(feed);
const router = new Router(
  frame.main, Object.fromEntries(Object.entries(views).map(([name, view]) => [name, place => view({ ...place, feed })])),
  (name, view) => {
    frame.show(name);
    document.title = `${view.title} · taro`;
  });

onUnauthorized(() => showSignIn(() => location.reload()));

async function begin() {
  try {
    const [who] = await Promise.all([get('/session'), feed.begin()]);
    allow(who.scope === 'control');
    frame.showWho(who);
  } catch (error) {
    if (error.status === 401) return;
  }
  router.show();
  feed.connect();
  frame.showHost();
}

fill(document.body, h('button', { class: 'skip', type: 'button', on: { click: () => frame.main.focus() } }, 'To the content'), frame.element, frame.main);
begin();
