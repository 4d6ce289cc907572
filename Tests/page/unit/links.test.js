import { address, disabledPath, instancePath, jobPath, parse, toJob, toRun } from '/page/links.js';
import { equal, test } from './harness.js';

const NAMES = ['backup', 'mirror/debian', 'a b', '%2F', 'ü日', '<img src=x>', '#?&=', '..', '"\'', 'a\nb'];

test('whatever a job is called, its address leads to it', () => {
  for (const name of NAMES) equal(parse(toJob(name)), { view: 'job', path: [name], query: {} }, name);
});
test('and its resource is one segment of a path', () => {
  for (const name of NAMES) equal(jobPath(name).split('/').length, 3, name);
  equal([jobPath('..'), disabledPath('.'), instancePath('a@b')], ['/jobs/%2E%2E', '/disabled/%2E', '/instances/a%40b']);
});
test('a search is its address', () => {
  const { view, query } = parse(address('history', [], { state: ['FAILED', 'LOST'], match: 'a*&b', since: '', until: null }));
  equal([view, query.getAll('state'), query.get('match'), query.has('since')], ['history', ['FAILED', 'LOST'], 'a*&b', false]);
});
test('what is no address leads to the beginning, or nowhere', () => {
  equal(['', '#', '#/', '#/%zz'].map(hash => parse(hash).view), ['', '', '', '%zz']);
  equal(parse(toRun('06h0', { at: 12 })).query.get('at'), '12');
});
