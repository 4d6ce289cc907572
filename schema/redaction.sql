-- What a ledger gets in which something is redacted for the first time: others need not read it each time they are opened.

-- The positions whose events say something else than was recorded, and the last event that tells of it.
CREATE TABLE redacted (
  seq    INTEGER PRIMARY KEY,
  by_seq INTEGER NOT NULL
) STRICT;

-- Redaction says first what it changes: what an event says, and never its digest, or which event it is.
DROP TRIGGER IF EXISTS event_is_never_updated;
CREATE TRIGGER event_is_never_updated BEFORE UPDATE ON event
WHEN NOT EXISTS (SELECT 1 FROM redacted WHERE seq = OLD.seq)
  OR (NEW.seq, NEW.at, NEW.mono, NEW.job, NEW.instance, NEW.n, NEW.kind, NEW.digest)
    IS NOT (OLD.seq, OLD.at, OLD.mono, OLD.job, OLD.instance, OLD.n, OLD.kind, OLD.digest)
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
