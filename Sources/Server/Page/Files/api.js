// Asking taros. Every answer that is no success is a Problem, in the server's own words.

export class Problem extends Error {
  constructor(status, document) {
    super(document?.detail || document?.title || `the server answered ${status}`);
    this.status = status;
    this.kind = document?.type?.replace('/problems/', '') ?? '';
    this.document = document;
  }
}

/** Nobody answered at all. */
export class Unreachable extends Error {
  constructor() {
    super('taros does not answer');
  }
}

const listeners = new Set();

/** Calls the listener when a token is needed that is not there, or is no good any more. */
export function onUnauthorized(listener) {
  listeners.add(listener);
}

/** The answer, where it is a success. */
export async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { cache: 'no-store', ...options });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Unreachable();
  }
  if (answer.ok) return answer;
  const document = await answer.json().catch(() => null);
  if (answer.status === 401) for (const listener of listeners) listener();
  throw new Problem(answer.status, document);
}

export async function get(path, signal) {
  return (await ask(path, { signal })).json();
}

/** JSON Lines as documents. */
export async function getLines(path, signal) {
  const answer = await ask(path, { signal, headers: { Accept: 'application/x-ndjson' } });
  const text = await answer.text();
  return text.split('\n').filter(Boolean).map(line => JSON.parse(line));
}

/** Asks for something to be done; a key makes sure that it is done once, whatever happens to the connection. */
export async function send(method, path, body = null) {
  const headers = { 'Idempotency-Key': crypto.getRandomValues(new Uint32Array(4)).join('-') };
  if (body) headers['Content-Type'] = 'application/json';
  const answer = await ask(path, { method, headers, body: body && JSON.stringify(body) });
  return answer.status === 204 ? null : answer.json();
}

/** The path of a list with these parameters. */
export function list(path, query) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== null && one !== undefined && one !== '') search.append(name, one);
  }
  return `${path}?${search}`;
}

export const instances = document => document._embedded.instances;
export const nextPage = document => document._links.next?.href ?? null;

/** The fields of a run that lists show. */
export const ROW = [
  'job', 'instance', 'state', 'group', 'reason', 'still_running', 'paused_by', 'waiting', 'created_at', 'started_at',
  'ended_at', 'run_seconds', 'exit_code', 'signal', 'status', 'progress', 'warnings', 'params',
].join(',');

/** Those that a drawing needs. */
export const SHAPE = 'job,instance,state,paused_by,created_at,started_at,ended_at,run_seconds,still_running';
