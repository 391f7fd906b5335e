-- Looking after a wire for years: what is kept how long, what was taken away and why, what is to be
-- read again by a better reader.

-- Moves when what lists show of a source changes (its name, who may see it): a page is drawn once
-- for a place of the wire and a place of this.
ALTER TABLE counter ADD COLUMN outlets INTEGER NOT NULL DEFAULT 0;

-- Days its items are kept; NULL: as the configuration says.
ALTER TABLE source ADD COLUMN keep_days INTEGER;

-- Why an item's text is gone: taken down by the operator (its row keeps a notice in every list), or
-- expired (its address alone tells).
ALTER TABLE item ADD COLUMN removal TEXT CHECK (removal IN ('taken_down', 'expired'));

-- The page that the latest reading of a version is made from, beside its feed.
ALTER TABLE version ADD COLUMN page_delivery INTEGER REFERENCES delivery (id);
CREATE INDEX delivery_kind ON delivery (kind);
UPDATE version SET page_delivery = (
  SELECT max(delivery.id) FROM delivery
  WHERE delivery.kind = json_object('page', version.item) AND delivery.state = 'read'
) WHERE number = (SELECT versions FROM item WHERE item.id = version.item)
    AND (SELECT page FROM item WHERE item.id = version.item) = 'had';
DROP INDEX delivery_kind;

-- 1: cut down to the entries that brought an item or a version, or with nothing left to cut.
ALTER TABLE delivery ADD COLUMN reduced INTEGER NOT NULL DEFAULT 0;
CREATE INDEX delivery_whole ON delivery (received_at) WHERE reduced = 0;
CREATE INDEX delivery_page ON delivery (received_at)
  WHERE substr(kind, 1, 6) = '{"page' AND body IS NOT NULL;
CREATE INDEX version_delivery ON version (delivery);
CREATE INDEX version_page ON version (page_delivery) WHERE page_delivery IS NOT NULL;

-- What may expire, by age; what has is not looked at again.
CREATE INDEX item_kept ON item (source, sort_at) WHERE removed_at IS NULL;

-- Items whose latest version is to be read again from what they were read from, the items of one document
-- together.
CREATE TABLE to_reread (
  item     TEXT PRIMARY KEY,
  delivery INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX to_reread_order ON to_reread (delivery, item);

CREATE INDEX wire_removed ON wire (seq) WHERE kind = 'removed';

-- «DPCH»: so that the system's `file` and we know whose it is.
PRAGMA application_id = 0x44504348;
-- Nobody ever read it: what is compared with is the digest of the item.
ALTER TABLE version DROP COLUMN digest;

-- Ascending, so that news is added at its end and fills its pages; it is read backwards.
DROP INDEX dispatch_latest;
CREATE INDEX dispatch_latest ON dispatch (sort_at, id);

-- The dispatches of a story are found by its items (item_story).
DROP INDEX dispatch_story;
