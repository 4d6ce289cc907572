-- The ledger: one append-only stream of events, and the output bytes that belong to some of them.
-- docs/format.md explains each column; this file is the only copy of the schema.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE event (
  seq      INTEGER PRIMARY KEY,  -- position in the stream, from 1, gapless, assigned inside the commit
  at       INTEGER NOT NULL,     -- microseconds since 1970, UTC
  mono     INTEGER NOT NULL,     -- microseconds since boot
  job      TEXT,
  instance TEXT,
  n        INTEGER,              -- position within the instance, from 1, gapless
  kind     TEXT NOT NULL,
  data     TEXT NOT NULL,        -- JSON
  payload  BLOB,                 -- SHA-256 of the output bytes
  digest   BLOB NOT NULL,        -- SHA-256 over the event and its predecessor's digest
  CHECK ((instance IS NULL) = (n IS NULL)),
  UNIQUE (instance, n)
) STRICT;

-- The few events that belong to no instance, for whoever asks what is disabled or released.
CREATE INDEX event_of_host ON event (kind, seq) WHERE instance IS NULL;

CREATE TABLE output (
  seq   INTEGER PRIMARY KEY REFERENCES event (seq),
  codec INTEGER NOT NULL,        -- 0: as it is, 1: an LZ4 block
  size  INTEGER NOT NULL,        -- uncompressed bytes
  runs  BLOB NOT NULL,           -- stream, time and length of each piece
  data  BLOB NOT NULL
) STRICT;

-- Runs of positions whose events retention has dropped. Behind each the chain goes on from the digest of its last event.
CREATE TABLE dropped (
  last   INTEGER PRIMARY KEY,
  first  INTEGER NOT NULL,
  digest BLOB NOT NULL           -- of the event that stood at last
) STRICT;

-- REPLACE deletes the row in its way without a word to the trigger for deletes (sqlite.org/lang_replace.html).
CREATE TRIGGER event_is_only_appended BEFORE INSERT ON event
WHEN NEW.seq <> (SELECT IFNULL(MAX(seq), 0) + 1 FROM event)
  OR EXISTS (SELECT 1 FROM event WHERE instance = NEW.instance AND n = NEW.n)
BEGIN SELECT RAISE(ABORT, 'events are only appended'); END;

CREATE TRIGGER event_is_never_updated BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;

-- Retention says first what it drops.
CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
WHEN NOT EXISTS (SELECT 1 FROM dropped WHERE last >= OLD.seq AND first <= OLD.seq)
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
