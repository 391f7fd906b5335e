-- What editors said about what belongs together. None is ever changed but for being undone, so that it can be told later
-- who is where by whose word.
CREATE TABLE decision (
  number    INTEGER PRIMARY KEY AUTOINCREMENT,
  kind      TEXT NOT NULL CHECK (kind IN ('apart', 'together', 'same_story', 'other_story')),
  item      TEXT NOT NULL,                     -- the item spoken of
  other     TEXT,                              -- the item it belongs with
  made_at   INTEGER NOT NULL,
  undone_at INTEGER,
  changed   INTEGER NOT NULL                   -- counts up with each decision and each undoing, for who follows them
) STRICT;
CREATE UNIQUE INDEX decision_changed ON decision (changed);

-- Where each item was that a decision moved, and where it moved to: what undoing it gives back.
CREATE TABLE decision_move (
  decision   INTEGER NOT NULL REFERENCES decision (number),
  item       TEXT NOT NULL,
  dispatch   TEXT NOT NULL,                    -- before
  story      TEXT NOT NULL,
  relation   TEXT NOT NULL,
  related_to TEXT,
  evidence   TEXT,
  to_dispatch TEXT NOT NULL,
  to_story    TEXT NOT NULL,
  PRIMARY KEY (decision, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX decision_move_item ON decision_move (item);
