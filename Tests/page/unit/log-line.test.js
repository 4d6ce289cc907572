import { lineElement } from '/page/log-line.js';
import { places } from '/page/log-search.js';
import { equal, ok, test } from './harness.js';

const line = text => ({ offset: 0, number: 1, parts: [{ text, isError: false }], at: 0 });
const shown = (text, wanted = '') => lineElement(line(text), { wanted }).querySelector('.what');

test('markup of a job is text', () => {
  const what = shown('<img src=x onerror=alert(1)><script>alert(2)</script>');
  equal([what.textContent, what.childElementCount], ['<img src=x onerror=alert(1)><script>alert(2)</script>', 0]);
});
test('only http(s) is a link, and it leads nowhere with who we are', () => {
  const what = shown('see https://a.example/x?y=1, or javascript:alert(1), file:///etc/passwd.');
  const links = [...what.querySelectorAll('a')];
  equal(links.map(link => link.getAttribute('href')), ['https://a.example/x?y=1']);
  equal([links[0].rel, links[0].target], ['noopener noreferrer', '_blank']);
});
test('a link does not show one address and lead to another', () => {
  const [link] = shown('http://a.example/\u202egro.live').querySelectorAll('a');
  equal(link.href, 'http://a.example/');
});
test('hits are marked across colours', () => {
  const what = shown('\u001b[31mer\u001b[0mror', 'error');
  equal([...what.querySelectorAll('mark')].map(mark => mark.textContent).join(''), 'error');
  equal(places('aXa', 'a'), [[0, 1], [2, 3]]);
  equal(places('anything', ''), []);
});
test('what is hidden is shown', () => ok(shown('a\u202eb').textContent.includes('202E')));
test('a title of a terminal does not get out', () => equal(shown('\u001b]0;evil\u0007ok').textContent, 'ok'));
