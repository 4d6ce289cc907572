// Addresses within the page. They stand behind `#`, so that every resource keeps its own path.

export function address(view, path = [], query = {}) {
  const parts = [view, ...path].filter(part => part !== '').map(encodeURIComponent);
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== null && one !== undefined && one !== '') search.append(name, one);
  }
  const text = search.toString();
  return `#/${parts.join('/')}${text ? `?${text}` : ''}`;
}

export const toRun = (id, query) => address('run', [id], query);
export const toJob = job => address('job', [job]);
export const toHistory = query => address('history', [], query);

/** `{ view, path, query }` of what stands behind `#`. */
export function parse(hash) {
  const [way, query = ''] = hash.replace(/^#?\/?/, '').split(/\?(.*)/s);
  const [view = '', ...path] = way.split('/').map(decode);
  return { view, path: path.filter(part => part !== ''), query: new URLSearchParams(query) };
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Paths of resources. */
export const instancePath = id => `/instances/${encodeURIComponent(id)}`;
export const jobPath = job => `/jobs/${segment(job)}`;
export const disabledPath = pattern => `/disabled/${segment(pattern)}`;
export const latchPath = latch => `/latches/${segment(latch)}`;

// A segment of dots alone would be taken for the way up.
function segment(text) {
  return /^\.{1,2}$/.test(text) ? text.replaceAll('.', '%2E') : encodeURIComponent(text);
}
