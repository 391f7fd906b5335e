-- Intake: how each source is asked, and deliveries that come by themselves.

-- == Sources that are asked ==

-- When its server said that it is gone for good (410). It is paused, and says so, until an operator resumes it.
ALTER TABLE source ADD COLUMN gone_at INTEGER;

-- Its rhythm: when it last had news, and how many items the seven days before brought.
ALTER TABLE source ADD COLUMN newest_at INTEGER;
ALTER TABLE source ADD COLUMN week_items INTEGER NOT NULL DEFAULT 0;
UPDATE source SET
  newest_at = (SELECT max(sort_at) FROM item WHERE item.source = source.id),
  week_items = (SELECT count(*) FROM item WHERE item.source = source.id AND sort_at > news_at - 604800000)
WHERE news_at IS NOT NULL;

-- What its feed says of its own timetable (JSON of news::Schedule).
ALTER TABLE source ADD COLUMN schedule TEXT NOT NULL DEFAULT '{}';

-- When to ask again, should what came last turn out to hold news: then it takes the place of next_poll_at.
ALTER TABLE source ADD COLUMN on_news_at INTEGER;

-- When it last sent a whole document: whoever says «unchanged» for too long is asked for one.
ALTER TABLE source ADD COLUMN whole_at INTEGER;

-- 1: the pages of its items are never fetched, what its feed tells is all there is.
ALTER TABLE source ADD COLUMN no_pages INTEGER NOT NULL DEFAULT 0;

-- The zone of its dates that name none (IANA name); NULL: UTC.
ALTER TABLE source ADD COLUMN zone TEXT;

-- How one source is asked, where that is not as all are. It holds secrets: no page and no export shows it.
CREATE TABLE access (
  source   TEXT PRIMARY KEY REFERENCES source (id),
  user     TEXT,
  password TEXT,
  headers  TEXT NOT NULL DEFAULT '[]',         -- JSON: [[name, value], …]
  proxy    TEXT                                -- the address of a proxy the operator trusts
) STRICT, WITHOUT ROWID;

-- Hosts that asked to be left alone, each with its port, so that a restart does not ask them again.
CREATE TABLE host_rest (
  host  TEXT PRIMARY KEY,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- == Deliveries that come by themselves ==

-- Who may push deliveries of a source: hashes of tokens.
CREATE TABLE intake_token (
  token_hash BLOB PRIMARY KEY,
  source     TEXT NOT NULL REFERENCES source (id),
  made_at    INTEGER NOT NULL,
  used_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX intake_token_source ON intake_token (source);

-- The subscription of a source at its hub (WebSub).
CREATE TABLE subscription (
  source     TEXT PRIMARY KEY REFERENCES source (id),
  hub        TEXT NOT NULL,
  topic      TEXT NOT NULL,
  callback   TEXT NOT NULL UNIQUE,             -- the unguessable part of the address we gave
  secret     TEXT NOT NULL,                    -- of the signature (HMAC)
  state      TEXT NOT NULL CHECK (state IN ('asked', 'active', 'denied', 'ending')),
  asked_at   INTEGER NOT NULL,
  until      INTEGER,                          -- the end of the lease
  next_at    INTEGER NOT NULL,                 -- when to ask again
  failures   INTEGER NOT NULL DEFAULT 0,
  detail     TEXT
) STRICT, WITHOUT ROWID;
