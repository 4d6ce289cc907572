-- The read models: folds over the ledger's events, kept so that a question need not read the whole ledger.
-- Disposable: delete the file and nothing is lost. This is the only copy of the schema.

CREATE TABLE checkpoint (
  id        INTEGER PRIMARY KEY CHECK (id = 1),
  ledger_id TEXT NOT NULL,
  seq       INTEGER NOT NULL,  -- the last event that was folded
  digest    BLOB NOT NULL,     -- its digest
  version   INTEGER NOT NULL   -- of the folds
) STRICT;

-- The boots of which instances have told, in the order in which the first of each was appended.
CREATE TABLE boot (
  id   INTEGER NOT NULL UNIQUE,
  boot TEXT NOT NULL UNIQUE       -- the kernel's random id
) STRICT;

-- One row an instance. What events tell stands here as they told it (JSON), and is read when it is asked for.
CREATE TABLE instance (
  created_seq  INTEGER PRIMARY KEY,
  instance     TEXT NOT NULL UNIQUE,
  job          TEXT NOT NULL,
  state        TEXT NOT NULL,
  created_at   INTEGER NOT NULL,  -- microseconds since 1970, as the other times
  started_at   INTEGER,
  started_mono INTEGER,           -- microseconds since boot
  ended_at     INTEGER,
  run_us       INTEGER,           -- microseconds from start to end
  last_seq     INTEGER NOT NULL,
  last_n       INTEGER NOT NULL,
  last_at      INTEGER NOT NULL,
  stdout_bytes INTEGER NOT NULL,
  stderr_bytes INTEGER NOT NULL,
  lines        INTEGER NOT NULL,
  dropped      INTEGER NOT NULL,
  status       TEXT,
  created      TEXT NOT NULL,     -- data of the created event
  running      TEXT,              -- data of the running event
  ended        TEXT,              -- data of the terminal event
  transitions  BLOB NOT NULL,     -- 17 bytes each: state, at, seq
  warnings     TEXT,              -- [{"type", "text", "count", "last", "unmatched_bytes"}, ...]
  requests     TEXT,              -- [{"kind", "at", "seq", "data"}, ...]
  wait         TEXT,              -- data of the last pending or waiting event
  paused       TEXT,              -- the signal that the job is stopped by, without SIG
  orphan       INTEGER,           -- pid of the command that a lost runner has left behind
  progress     TEXT,              -- {"done", "total", "percent"}, as far as known
  hidden       INTEGER NOT NULL,  -- the event that removed it from the history; 0 while there is none
  removed_at   INTEGER,           -- when retention dropped its output
  removed_seq  INTEGER,           -- the event that says so
  created_order INTEGER NOT NULL, -- place in the order of creation: the boot, then the time since it
  execution_group TEXT,           -- as created tells it
  within       TEXT,              -- the instance by whose job it was started
  reach        INTEGER NOT NULL   -- bits of the number of positions between its first event and its last
) STRICT;

CREATE INDEX instance_live ON instance (created_order) WHERE ended_at IS NULL;
CREATE INDEX instance_ended ON instance (ended_at, created_order) WHERE ended_at IS NOT NULL;
CREATE INDEX instance_order ON instance (created_order);
CREATE INDEX instance_job ON instance (job, created_order);
CREATE INDEX instance_created ON instance (created_at, created_order);
CREATE INDEX instance_orphan ON instance (created_order) WHERE orphan IS NOT NULL;
-- Which had begun at a position and not ended: of each reach only what was created a little before is looked at.
CREATE INDEX instance_reach ON instance (reach, created_seq) WHERE ended_at IS NOT NULL;

-- What an instance of many events was in between: a row of its as it stood, each 256 of its events. What was said when it was
-- created is in its own row alone.
CREATE TABLE kept AS SELECT * FROM instance LIMIT 0;
CREATE UNIQUE INDEX kept_position ON kept (created_seq, last_seq);

-- For positions some thousand events apart, and for the last one: what no event and no instance up to there is beyond, or
-- was before retention.
CREATE TABLE moment (
  seq           INTEGER PRIMARY KEY,
  at            INTEGER NOT NULL,  -- the latest time at which one of the events happened
  created_order INTEGER NOT NULL   -- the last place in the order of creation
) STRICT;
