import { bytes, count, percent, plural, printable, shellWords } from '/page/text.js';
import { because, ENDED, LIVE, look } from '/page/states.js';
import { equal, ok, test } from './harness.js';

test('nothing that is hidden stays hidden, nothing turns the direction', () => {
  equal(printable('a\u0000b\u001b[31m\u007f'), 'a\u2400b\u241b[31m\u2421');
  equal(printable('x\u202egpj.exe'), 'x\u27e8202E\u27e9gpj.exe');
  equal(printable('a\u200bb\u2066c\u2028d'), 'a\u27e8200B\u27e9b\u27e82066\u27e9c\u27e82028\u27e9d');
  equal(printable('<script>alert(1)</script> & "ü日😀'), '<script>alert(1)</script> & "ü日😀');
});
test('words as a shell takes them', () => equal(shellWords(['sh', '-c', "it's", '', 'a b']), "sh -c 'it'\\''s' '' 'a b'"));
test('numbers', () => {
  equal([0, 999, 1000, 1234567].map(count), ['0', '999', '1\u202f000', '1\u202f234\u202f567']);
  equal([0, 999, 1000, 999_600, 12_345_678, 1e12].map(bytes), ['0 B', '999 B', '1.0 kB', '1.0 MB', '12 MB', '1.0 TB']);
  equal([0, 0.001, 0.5, 0.999, 1].map(percent), ['0 %', '< 1 %', '50 %', '> 99 %', '100 %']);
  equal([plural(1, 'run'), plural(2, 'run')], ['1 run', '2 runs']);
});
test('every state has a word, a sign and a colour; one that is new is shown as it is', () => {
  for (const state of [...LIVE, ...ENDED]) ok(look(state).word !== state && look(state).sign, state);
  equal(look('HIBERNATING').word, 'HIBERNATING');
  equal(look('RUNNING', 'STOP').word, 'Paused');
  equal(look('COMPLETED', 'STOP').word, 'Completed');
});
test('why it is so', () => {
  equal(because({ waiting: null, signal: 'SEGV', reason: 'signal SEGV' }), 'signal SEGV');
  equal(because({ waiting: null, signal: null, reason: null, exit_code: 3 }), 'exit code 3');
  equal(because({ waiting: { latch: 'go' } }), 'for latch go');
});
