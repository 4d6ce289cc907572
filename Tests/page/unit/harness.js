// A few words for tests that run in a browser: what was found stands in `window.results` when all have ended.

const results = [];

export function test(name, body) {
  try {
    body();
    results.push({ name, fault: null });
  } catch (error) {
    results.push({ name, fault: `${error.message}\n${error.stack?.split('\n').slice(1, 3).join('\n') ?? ''}` });
  }
}

export function equal(found, wanted, what = '') {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what} found ${one}, wanted ${other}`);
}

export function ok(found, what = '') {
  if (!found) throw new Error(`${what} found ${found}`);
}

export function tell() {
  window.results = results;
}
