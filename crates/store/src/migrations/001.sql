-- The first schema. Times are milliseconds since 1970 (UTC) unless a column says otherwise; a
-- moment of a provider is text (RFC 3339, with its own precision and offset).
--
-- Only SQLite could run this; what of it is listed in docs/design/001-store.md.
--
-- Tables with long rows (item, version, delivery) have a rowid: without one SQLite keeps at most a
-- quarter of a page of a row in the tree, and each longer row takes an overflow page of its own.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row: the last place of the wire log. Read and written inside the writing transaction, so
-- that the order of `wire.seq` is the order of commits.
CREATE TABLE counter (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  epoch INTEGER NOT NULL,
  seq   INTEGER NOT NULL
) STRICT;

CREATE TABLE source (
  id             TEXT PRIMARY KEY,
  address        TEXT NOT NULL UNIQUE,
  name           TEXT NOT NULL,
  named_by_us    INTEGER NOT NULL,             -- 0: the operator chose the name, keep it
  language       TEXT,
  visibility     TEXT NOT NULL CHECK (visibility IN ('shared', 'private')),
  state          TEXT NOT NULL CHECK (state IN ('active', 'paused')),
  kind           TEXT NOT NULL CHECK (kind IN ('feed', 'files')),
  added_at       INTEGER NOT NULL,
  etag           TEXT,                         -- validators of `address`, byte for byte
  last_modified  TEXT,
  polled_at      INTEGER,
  succeeded_at   INTEGER,
  news_at        INTEGER,
  next_poll_at   INTEGER,
  failures       INTEGER NOT NULL DEFAULT 0,
  failure_word   TEXT,
  failure_detail TEXT,
  ttl_minutes    INTEGER,
  items          INTEGER NOT NULL DEFAULT 0,   -- kept beside, so that no page counts
  removed_at     INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX source_due ON source (next_poll_at) WHERE state = 'active' AND removed_at IS NULL;

CREATE TABLE delivery (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  source        TEXT NOT NULL REFERENCES source (id),
  kind          TEXT NOT NULL,                 -- JSON of news::DeliveryKind
  address       TEXT NOT NULL,
  headers       TEXT NOT NULL,                 -- JSON
  digest        BLOB NOT NULL,                 -- of the body
  body          BLOB,                          -- zstd; NULL once removed
  body_bytes    INTEGER NOT NULL,
  received_at   INTEGER NOT NULL,
  backfill      INTEGER NOT NULL,
  etag          TEXT,
  last_modified TEXT,
  state         TEXT NOT NULL CHECK (state IN ('new', 'read', 'refused')),
  problems      TEXT NOT NULL DEFAULT '[]',    -- JSON
  repeats       INTEGER NOT NULL DEFAULT 0     -- how often the same bytes came again
) STRICT;
CREATE INDEX delivery_new ON delivery (source, id) WHERE state = 'new';
CREATE INDEX delivery_latest ON delivery (source, address, id);

CREATE TABLE item (
  id              TEXT PRIMARY KEY,
  source          TEXT NOT NULL REFERENCES source (id),
  guid            TEXT,
  address         TEXT,
  external        TEXT,                        -- the id an imported article line carried
  versions        INTEGER NOT NULL,
  digest          BLOB NOT NULL,               -- of the latest version
  status          TEXT NOT NULL CHECK (status IN ('usable', 'withheld', 'canceled')),
  embargoed_until INTEGER,                     -- NULL once it has ended
  urgency         INTEGER,
  headline        TEXT NOT NULL,
  credit          TEXT,
  teaser          TEXT NOT NULL,
  language        TEXT,
  section         TEXT,
  published       TEXT,
  wire_at         INTEGER NOT NULL,
  sort_at         INTEGER NOT NULL,            -- the earlier of published and wire_at
  backfill        INTEGER NOT NULL,
  on_wire         INTEGER NOT NULL,            -- 0: embargoed or withheld, no Published yet
  corrected_at    INTEGER,
  killed_at       INTEGER,
  removed_at      INTEGER,
  removal_reason  TEXT,
  page            TEXT NOT NULL CHECK (page IN ('none', 'wanted', 'had', 'missing')),
  dispatch        TEXT NOT NULL,
  story           TEXT NOT NULL,
  relation        TEXT NOT NULL,
  related_to      TEXT,
  evidence        TEXT,
  trace           BLOB                         -- fingerprints and terms, for the cluster's window
) STRICT;
CREATE INDEX item_dispatch ON item (dispatch, sort_at);
CREATE INDEX item_story ON item (story, sort_at);
CREATE INDEX item_source ON item (source, sort_at);
CREATE INDEX item_unplaced ON item (wire_at) WHERE page = 'missing' AND trace IS NULL;
CREATE INDEX item_embargo ON item (embargoed_until) WHERE embargoed_until IS NOT NULL;
CREATE INDEX item_wire ON item (wire_at);

CREATE TABLE version (
  item        TEXT NOT NULL REFERENCES item (id),
  number      INTEGER NOT NULL,
  digest      BLOB NOT NULL,
  received_at INTEGER NOT NULL,
  version     TEXT,                            -- the provider's own
  signal      TEXT,
  headline    TEXT NOT NULL,
  encoding    INTEGER NOT NULL,                -- how `article` is encoded; 1: zstd of JSON
  article     BLOB NOT NULL,
  shown       INTEGER NOT NULL,                -- 0: it was never on the wire (embargoed, withheld)
  reading     TEXT NOT NULL,                   -- which reader and extractor understood it
  delivery    INTEGER REFERENCES delivery (id),
  PRIMARY KEY (item, number)
) STRICT;

CREATE TABLE dispatch (
  id      TEXT PRIMARY KEY,
  story   TEXT NOT NULL,
  sort_at INTEGER NOT NULL                     -- of its earliest item
) STRICT, WITHOUT ROWID;
CREATE INDEX dispatch_latest ON dispatch (sort_at DESC, id DESC);
CREATE INDEX dispatch_story ON dispatch (story, sort_at);

-- Where a merged dispatch or story went.
CREATE TABLE redirect (
  kind TEXT NOT NULL CHECK (kind IN ('dispatch', 'story')),
  gone TEXT NOT NULL,
  now  TEXT NOT NULL,
  PRIMARY KEY (kind, gone)
) STRICT, WITHOUT ROWID;

CREATE TABLE wire (
  seq      INTEGER PRIMARY KEY,
  kind     TEXT NOT NULL,
  item     TEXT NOT NULL,
  dispatch TEXT NOT NULL,
  gone     TEXT,                               -- regrouped: the dispatch that was emptied by it
  backfill INTEGER NOT NULL,
  at       INTEGER NOT NULL
) STRICT;

CREATE TABLE job (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  kind     TEXT NOT NULL,
  source   TEXT NOT NULL,                      -- whose host it asks; empty when nobody's
  payload  TEXT NOT NULL,
  state    TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at   INTEGER NOT NULL,
  result   TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX job_due ON job (source, due_at) WHERE state = 'waiting';

CREATE TABLE session (
  token_hash BLOB PRIMARY KEY,
  ends_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
