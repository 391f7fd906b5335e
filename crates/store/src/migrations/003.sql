-- Intake: how each source is asked, and deliveries that come by themselves.

-- == Sources that are asked ==

-- When its server said that it is gone for good (410). It is paused, and says so, until an operator resumes it.
ALTER TABLE source ADD COLUMN gone_at INTEGER;

-- Since when it says so without having brought anything meanwhile, and how often it did: once is not enough.
ALTER TABLE source ADD COLUMN gone_since INTEGER;
ALTER TABLE source ADD COLUMN gone_answers INTEGER NOT NULL DEFAULT 0;

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

-- The folder a source is filed under in lists of subscriptions.
ALTER TABLE source ADD COLUMN folder TEXT;

-- Where its own text says that it has moved, and when that address was last looked at.
ALTER TABLE source ADD COLUMN announced TEXT;
ALTER TABLE source ADD COLUMN announced_tried_at INTEGER;

-- Where sources were listened to before they moved: they are known by these addresses too.
CREATE TABLE former_address (
  address TEXT PRIMARY KEY,
  source  TEXT NOT NULL REFERENCES source (id),
  left_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX former_address_source ON former_address (source, left_at);

-- What should be known of it although it answers (JSON: {word: detail}).
ALTER TABLE source ADD COLUMN notices TEXT NOT NULL DEFAULT '{}';

-- How one source is asked, where that is not as all are. It holds secrets: no page and no export shows it.
CREATE TABLE access (
  source   TEXT PRIMARY KEY REFERENCES source (id),
  user     TEXT,
  password TEXT,
  headers  TEXT NOT NULL DEFAULT '[]',         -- JSON: [[name, value], …]
  proxy    TEXT                                -- the address of a proxy the operator trusts
) STRICT, WITHOUT ROWID;

-- The pages that lists of pages name are looked up one by one, in what is known of their source.
CREATE INDEX job_page ON job (source, json_extract(payload, '$.fetch_item.address')) WHERE kind = 'fetch_item';
CREATE INDEX item_address ON item (source, address) WHERE address IS NOT NULL;

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

-- A folder that is watched; `source.address` is `folder:` with its path.
CREATE TABLE watched_folder (
  source         TEXT PRIMARY KEY REFERENCES source (id),
  done_suffix    TEXT,                         -- of the empty file that says that one is whole
  settle_seconds INTEGER,                      -- how long a file does not change before it is whole
  after          TEXT NOT NULL CHECK (after IN ('move', 'delete', 'leave'))
) STRICT, WITHOUT ROWID;

-- The subscriptions of a source at its hub (WebSub): the one that is active, the one that is to take its place,
-- and those that end because the feed has moved.
CREATE TABLE subscription (
  callback  TEXT PRIMARY KEY,                  -- the unguessable part of the address we gave
  source    TEXT NOT NULL REFERENCES source (id),
  hub       TEXT NOT NULL,
  topic     TEXT NOT NULL,
  secret    TEXT NOT NULL,                     -- of the signature (HMAC)
  state     TEXT NOT NULL CHECK (state IN ('found', 'asked', 'active', 'denied', 'ending')),
  found_at  INTEGER NOT NULL,                  -- when the feed named it
  asked_at  INTEGER,
  until     INTEGER,                           -- the end of the lease
  next_at   INTEGER NOT NULL,                  -- when to ask again
  failures  INTEGER NOT NULL DEFAULT 0,        -- times asked since it was last confirmed
  detail    TEXT,                              -- why the hub said no
  pushed_at INTEGER,                           -- when content last came
  ignored   INTEGER NOT NULL DEFAULT 0         -- contents whose signature was wrong or missing
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX subscription_holds ON subscription (source, state = 'active') WHERE state <> 'ending';
CREATE INDEX subscription_due ON subscription (next_at);

-- What came by itself, by source: its deliveries each have an address of their own.
CREATE INDEX delivery_pushed ON delivery (source, id) WHERE kind = '"pushed"';

-- How often it was begun to be read at a start and the process ended before it was: what ends it again and again is
-- set aside.
ALTER TABLE delivery ADD COLUMN reading INTEGER NOT NULL DEFAULT 0;

-- == Files that are taken in ==

-- How far each file was read, written with what it brought, so that an import that was interrupted goes on there.
CREATE TABLE import (
  digest  BLOB NOT NULL,                       -- of all of its bytes
  source  TEXT NOT NULL,                       -- the name it was given; '' where its parts name their own
  path    TEXT NOT NULL,                       -- where it was found
  place   INTEGER NOT NULL,                    -- the byte where its last unit begins, or the place before it …
  skip    INTEGER NOT NULL,                    -- … from which that one is so many units away
  units   INTEGER NOT NULL,                    -- records, messages or lines read
  done_at INTEGER,                             -- when it was read to its end
  PRIMARY KEY (digest, source)
) STRICT, WITHOUT ROWID;

-- What agencies hold back, by source, for the pages of whoever runs the wire.
CREATE INDEX item_held ON item (source) WHERE status = 'withheld' OR embargoed_until IS NOT NULL;

-- == The order inside of a dispatch ==

-- The time an item counts for among the items of its dispatch; the first leads it. Mostly that of `sort_at`, but what
-- comes after another does not get before it by a date that it tells of itself.
ALTER TABLE item ADD COLUMN lead_at INTEGER NOT NULL DEFAULT 0;
UPDATE item SET lead_at = sort_at;
DROP INDEX item_dispatch;
CREATE INDEX item_dispatch ON item (dispatch, lead_at);
