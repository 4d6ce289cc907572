// What a state means to who looks: a word, a sign and a colour. The colour is never alone.

export const LIVE = ['CREATED', 'PENDING', 'WAITING', 'TRIGGERED', 'STARTED', 'RUNNING'];
export const FAILURES = ['FAILED', 'START_FAILED', 'ERROR', 'LOST', 'INTERRUPTED'];
export const NOT_EXECUTED = ['DISABLED', 'CANCELLED', 'SKIPPED', 'DEPENDENCY_NOT_RUNNING', 'SUSPENDED'];
export const ENDED = ['COMPLETED', 'STOPPED', ...FAILURES, ...NOT_EXECUTED];

const WORDS = {
  CREATED: 'Created', PENDING: 'Pending', WAITING: 'Waiting', TRIGGERED: 'Triggered', STARTED: 'Started',
  RUNNING: 'Running', COMPLETED: 'Completed', STOPPED: 'Stopped', FAILED: 'Failed', START_FAILED: 'Not startable',
  ERROR: 'Error', LOST: 'Lost', INTERRUPTED: 'Interrupted', DISABLED: 'Disabled', CANCELLED: 'Cancelled',
  SKIPPED: 'Skipped', DEPENDENCY_NOT_RUNNING: 'Dependency not running', SUSPENDED: 'Suspended',
};

// Which of the few colours, and which sign.
const KINDS = {
  CREATED: ['wait', 'dot'], PENDING: ['wait', 'clock'], WAITING: ['wait', 'clock'],
  TRIGGERED: ['run', 'play'], STARTED: ['run', 'play'], RUNNING: ['run', 'play'],
  COMPLETED: ['ok', 'check'], STOPPED: ['idle', 'square'],
  FAILED: ['bad', 'cross'], START_FAILED: ['bad', 'cross'], ERROR: ['bad', 'cross'],
  LOST: ['bad', 'question'], INTERRUPTED: ['bad', 'bolt'],
};

export function isLive(state) {
  return LIVE.includes(state);
}

export function isFailure(state) {
  return FAILURES.includes(state);
}

/** `{ word, tone, sign }` of a state that may be paused; one that is not known is shown as it is. */
export function look(state, pausedBy = null) {
  if (pausedBy && isLive(state)) return { word: 'Paused', tone: 'wait', sign: 'pause' };
  const [tone, sign] = KINDS[state] ?? ['idle', 'slash'];
  return { word: WORDS[state] ?? state, tone, sign };
}

/** Why it is as it is, in a few words. */
export function because(run) {
  if (run.waiting) return waits(run.waiting);
  if (run.signal) return `signal ${run.signal}`;
  if (run.reason) return run.reason;
  if (run.exit_code) return `exit code ${run.exit_code}`;
  return '';
}

function waits(waiting) {
  if (waiting.latch) return `for latch ${waiting.latch}`;
  if (waiting.execution_group) {
    const behind = waiting.ahead_count === null ? '' : `behind ${waiting.ahead_count} in `;
    return `${behind}group ${waiting.execution_group}, limit ${waiting.limit}`;
  }
  if (waiting.after?.length) return `after ${waiting.after.join(', ')}`;
  if (waiting.until) return 'for its time';
  return '';
}
