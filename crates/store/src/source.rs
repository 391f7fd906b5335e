//! Sources: who we listen to, how they do, when they are asked next.

use depeche_news::{
    Kind, Schedule, SourceId, SourceVisibility, Validators, Viewer, is_web, jiff::Timestamp, slug,
};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::{
    Appended, Error, FailureNote, Former, Receipt, SourceKind, SourceState, SourceView, Store,
    access,
    connection::{ms, time, visibility, visibility_word},
    delivery::keep_validators,
    filed::file,
    grouping::refresh_dispatch,
    item::{dispatch_id, item_id},
    job, notice,
    subscription::SENDS,
    wire::{log, outlets_moved},
};

/// A source to listen to.
#[derive(Clone, Debug)]
pub struct NewSource {
    /// The address of its feed, or `file:` with a name for files handed in.
    pub address: String,
    /// The operator's name for it; else its feed's title is taken.
    pub name: Option<String>,
    /// Its language, if known.
    pub language: Option<String>,
    /// Who may see it.
    pub visibility: SourceVisibility,
    /// What it is.
    pub kind: SourceKind,
}

impl NewSource {
    /// A source of this name that delivers by itself; `None` where the name has no letter that an address may
    /// have.
    pub fn pushed(name: String, visibility: SourceVisibility) -> Option<Self> {
        let slug = slug(&name);
        (!slug.is_empty()).then(|| Self {
            address: format!("push:{slug}"),
            name: Some(name),
            language: None,
            visibility,
            kind: SourceKind::Files,
        })
    }
}

/// What the operator changes of a source; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceChange {
    /// Its name; an empty one is what its feed calls itself, from the next time it is read.
    pub name: Option<String>,
    /// Who may see it.
    pub visibility: Option<SourceVisibility>,
    /// Its language.
    pub language: Option<Option<String>>,
    /// The zone of its dates that name none (IANA name); `Some(None)`: UTC.
    pub zone: Option<Option<String>>,
    /// Days its items are kept; `Some(None)`: as the configuration says.
    pub keep_days: Option<Option<u32>>,
    /// Whether the pages of its items are fetched where its feed tells only a teaser.
    pub pages: Option<bool>,
}

/// What the collector needs to know of a source that is due.
#[derive(Clone, Debug)]
pub struct PolledSource {
    /// Its identity.
    pub id: SourceId,
    /// The address to ask.
    pub address: String,
    /// What to send with the request.
    pub validators: Validators,
    /// Failures since the last success.
    pub failures: u32,
    /// The last time it brought something new.
    pub news_at: Option<Timestamp>,
    /// The interval its feed asks for.
    pub ttl_minutes: Option<u32>,
    /// Its hub sends what is new by itself, so that it need not be asked often.
    pub pushed: bool,
    /// What its feed says of its own timetable.
    pub schedule: Schedule,
    /// When it was added.
    pub added_at: Timestamp,
    /// When it last had news, by its items' own times.
    pub newest_at: Option<Timestamp>,
    /// Items of the seven days before its last news.
    pub week_items: u32,
    /// When it last sent a whole document.
    pub whole_at: Option<Timestamp>,
    /// Since when it says that it is gone, without having brought anything meanwhile; and how often it did.
    pub gone_said: Option<(Timestamp, u32)>,
    /// Where its own text says that it has moved, if it is time to look at that.
    pub announced: Option<String>,
    /// It is asked in a way of its own: see [`Store::access`].
    pub has_access: bool,
}

/// What came of asking a source once.
#[derive(Clone, Debug)]
pub struct Poll {
    /// When it was asked.
    pub at: Timestamp,
    /// Why it failed, if it did.
    pub failure: Option<FailureNote>,
    /// When to ask again.
    pub next_at: Timestamp,
    /// When to ask again, should what it brought turn out to hold news.
    pub on_news_at: Timestamp,
    /// Whether it said that it is gone.
    pub gone: Gone,
    /// Pages that a list of pages names as new; those that are known are left out.
    pub pages: Vec<String>,
    /// What should be known of it from now on, by its word; without a detail, what no longer holds.
    pub notices: Vec<(String, Option<String>)>,
    /// What came of looking at the address that its text announced, if that was looked at: why it is not
    /// followed there, where it is not.
    pub announced: Option<Result<(), String>>,
    /// Where the source has moved for good; its identity stays.
    pub moved_to: Option<Moved>,
    /// Validators that came without a delivery: those of an answer «unchanged».
    pub validators: Option<Validators>,
}

/// Whether a source is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// It did not say so.
    No,
    /// It said so, and is asked again to be sure.
    Said,
    /// It said so often enough: it is paused, with a notice.
    ForGood,
}

/// Where a source has moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its new address.
    pub address: String,
    /// Its secrets may be sent there. Else they are given up, and the operator is told.
    pub same_host: bool,
}

impl Poll {
    /// A source that was asked at `at`, answered that there is nothing new, and is asked again at `next_at`.
    pub fn unchanged(at: Timestamp, next_at: Timestamp) -> Self {
        Self {
            at,
            failure: None,
            next_at,
            on_news_at: next_at,
            gone: Gone::No,
            pages: Vec::new(),
            notices: Vec::new(),
            announced: None,
            moved_to: None,
            validators: None,
        }
    }
}

impl Store {
    /// Adds a source, or takes up again one that was removed. Gives its identity and whether it
    /// was not listened to before; one that has moved is known by its former addresses too.
    pub fn add_source(&self, new: NewSource, now: Timestamp) -> Receipt<(SourceId, bool)> {
        self.write(move |transaction| add(transaction, &new, now))
    }

    /// Adds the sources of a list, each filed under its folder unless it has one: all of them or none. Gives how
    /// many are new, and how many were listened to before.
    pub fn add_sources(
        &self,
        sources: Vec<(NewSource, Option<String>)>,
        now: Timestamp,
    ) -> Receipt<(usize, usize)> {
        self.write(move |transaction| {
            let mut added = 0;
            for (new, folder) in &sources {
                let (id, is_new) = add(transaction, new, now)?;
                added += usize::from(is_new);
                if let Some(folder) = folder {
                    file(transaction, &id, folder)?;
                }
            }
            Ok((added, sources.len() - added))
        })
    }

    /// Pauses a source or goes on with it, also with one that said it was gone. An unknown source is left
    /// alone.
    pub fn set_source_state(&self, id: &SourceId, state: SourceState) -> Receipt<()> {
        let id = id.clone();
        self.write(move |transaction| {
            let sql = match state {
                SourceState::Paused => "UPDATE source SET state = 'paused' WHERE id = ?1",
                SourceState::Active => {
                    "UPDATE source SET state = 'active',
                       failures = iif(gone_at IS NULL, failures, 0),
                       failure_word = iif(gone_at IS NULL, failure_word, NULL),
                       failure_detail = iif(gone_at IS NULL, failure_detail, NULL),
                       gone_at = NULL, gone_since = NULL, gone_answers = 0
                     WHERE id = ?1"
                }
            };
            transaction.execute(sql, [id.as_str()])?;
            Ok(())
        })
    }

    /// Changes what the operator decides of a source; false where there is no such source. Who may
    /// see it changes for all it ever brought.
    pub fn change_source(
        &self,
        id: &SourceId,
        change: SourceChange,
        now: Timestamp,
    ) -> Receipt<bool> {
        let id = id.clone();
        self.write(move |transaction| changed(transaction, &id, &change, now))
    }

    /// Stops listening to a source. What it brought stays on the wire until retention takes it.
    pub fn remove_source(&self, id: &SourceId, now: Timestamp) -> Receipt<()> {
        let id = id.clone();
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE source SET removed_at = ?2, etag = NULL, last_modified = NULL WHERE id = ?1",
                params![id.as_str(), ms(now)],
            )?;
            // Nobody needs its secrets any more.
            transaction.execute("DELETE FROM access WHERE source = ?1", [id.as_str()])?;
            transaction.execute("DELETE FROM intake_token WHERE source = ?1", [id.as_str()])?;
            // A file may have named it, alone or with others: taken in again, it brings it back. What it brought
            // is known and only counted.
            transaction.execute("DELETE FROM import", [])?;
            outlets_moved(transaction)
        })
    }

    /// The source that is listened to at an address.
    pub fn source_at(&self, address: &str) -> Result<Option<SourceId>, Error> {
        self.read_all(|connection| {
            let sql = "SELECT id FROM source WHERE address = ?1 AND removed_at IS NULL";
            let id = connection.prepare_cached(sql)?.query_row([address], |row| row.get(0));
            id.optional()?.map(source_id).transpose()
        })
    }

    /// The source that was listened to at an address before it moved.
    pub fn source_formerly_at(&self, address: &str) -> Result<Option<SourceId>, Error> {
        self.read_all(|connection| {
            let sql = "SELECT id FROM former_address JOIN source ON id = source
                       WHERE former_address.address = ?1 AND removed_at IS NULL";
            let id = connection.prepare_cached(sql)?.query_row([address], |row| row.get(0));
            id.optional()?.map(source_id).transpose()
        })
    }

    /// Has a source asked as soon as the collector can.
    pub fn refresh_source(&self, id: &SourceId, now: Timestamp) -> Receipt<()> {
        let id = id.clone();
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE source SET next_poll_at = ?2 WHERE id = ?1",
                params![id.as_str(), ms(now)],
            )?;
            Ok(())
        })
    }

    /// Plans anew when a collector starts: what was allowed and how often to ask may have changed. No source
    /// that is well waits beyond `latest`; one that the operator had not allowed is asked now.
    pub fn plan_polls(&self, now: Timestamp, latest: Timestamp) -> Receipt<()> {
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE source SET next_poll_at = min(next_poll_at, iif(failure_word = 'refused_address', ?1, ?2))
                 WHERE failures = 0 OR failure_word = 'refused_address'",
                [ms(now), ms(latest)],
            )?;
            Ok(())
        })
    }

    /// Notes what came of asking a source. News it brought are noted when they are appended.
    pub fn polled(&self, id: &SourceId, poll: Poll) -> Receipt<()> {
        let id = id.clone();
        self.write(move |transaction| polled(transaction, &id, &poll, false))
    }

    /// Active feeds whose time has come, the longest waiting first.
    pub fn due_sources(&self, now: Timestamp, limit: usize) -> Result<Vec<PolledSource>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT id, address, etag, last_modified, failures, news_at, ttl_minutes, schedule,
                        added_at, newest_at, week_items, whole_at, gone_since, gone_answers,
                        iif(coalesce(announced_tried_at, 0) <= ?1 - ?3, announced, NULL),
                        EXISTS (SELECT 1 FROM access WHERE access.source = source.id),
                        {SENDS}
                 FROM source
                 WHERE state = 'active' AND removed_at IS NULL AND kind = 'feed' AND next_poll_at <= ?1
                 ORDER BY next_poll_at LIMIT ?2",
            ))?;
            let parameters = params![ms(now), limit as i64, ANNOUNCED_EVERY_MS];
            let rows = statement.query_map(parameters, |row| Ok(due(row)))?;
            rows.map(|row| row?).collect()
        })
    }

    /// The sources that `viewer` may see, by name.
    pub fn sources(&self, viewer: Viewer, now: Timestamp) -> Result<Vec<SourceView>, Error> {
        self.read(viewer, now, |connection| {
            let sql = format!(
                "{SELECT} AND (?1 OR visibility = 'shared') ORDER BY name COLLATE NOCASE, id"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows =
                statement.query_map([viewer == Viewer::Administrator], |row| Ok(view(row)))?;
            rows.map(|row| row?).collect()
        })
    }

    /// The names and addresses of the sources that `viewer` may see: what a search may name them by.
    pub fn source_names(
        &self,
        viewer: Viewer,
        now: Timestamp,
    ) -> Result<Vec<(SourceId, String, String)>, Error> {
        self.read(viewer, now, |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, name, address FROM source
                 WHERE removed_at IS NULL AND (?1 OR visibility = 'shared')",
            )?;
            let rows = statement.query_map([viewer == Viewer::Administrator], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
            rows.map(|row| {
                let (id, name, address) = row?;
                Ok((source_id(id)?, name, address))
            })
            .collect()
        })
    }

    /// One source, if `viewer` may see it.
    pub fn source(
        &self,
        viewer: Viewer,
        now: Timestamp,
        id: &SourceId,
    ) -> Result<Option<SourceView>, Error> {
        self.read(viewer, now, |connection| one(connection, viewer, id))
    }
}

fn add(
    transaction: &Transaction<'_>,
    new: &NewSource,
    now: Timestamp,
) -> Result<(SourceId, bool), Error> {
    // A source that moved has kept the identity of its first address. Where another is now, that one is meant.
    let known: Option<(String, bool)> = transaction
        .query_row(
            "SELECT id, removed_at IS NULL FROM source WHERE address = ?1
             UNION ALL SELECT id, removed_at IS NULL FROM former_address AS former
               JOIN source ON source.id = former.source WHERE former.address = ?1",
            [&new.address],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let id = match known {
        Some((id, true)) => return Ok((source_id(id)?, false)),
        Some((id, false)) => source_id(id)?,
        None => SourceId::of_address(&new.address),
    };
    let seen_by = visibility_word(new.visibility);
    let name = new.name.as_deref().map(told_name).filter(|name| !name.is_empty());
    transaction.execute(
        "INSERT INTO source (id, address, name, named_by_us, language, visibility, state, kind, added_at, next_poll_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'active', ?7, ?8, ?8)
         ON CONFLICT (id) DO UPDATE SET
           removed_at = NULL, gone_at = NULL, gone_since = NULL, gone_answers = 0, state = 'active', next_poll_at = ?8, failures = 0, failure_word = NULL,
           failure_detail = NULL, visibility = ?6, name = iif(?4, name, ?3)",
        params![
            id.as_str(),
            new.address,
            name.as_deref().unwrap_or(&new.address),
            name.is_none(),
            new.language,
            seen_by,
            if new.kind == SourceKind::Feed { "feed" } else { "files" },
            ms(now),
        ],
    )?;
    retell(transaction, &id, now)?;
    outlets_moved(transaction)?;
    Ok((id, true))
}

fn changed(
    transaction: &Transaction<'_>,
    id: &SourceId,
    change: &SourceChange,
    now: Timestamp,
) -> Result<bool, Error> {
    let before: Option<(String, String)> = transaction
        .query_row(
            "SELECT name, visibility FROM source WHERE id = ?1 AND removed_at IS NULL",
            [id.as_str()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((name, visibility)) = before else { return Ok(false) };
    let set = |column: &str, value: &dyn rusqlite::ToSql| {
        let sql = format!("UPDATE source SET {column} = ?2 WHERE id = ?1");
        transaction.execute(&sql, params![id.as_str(), value])
    };
    // A form that says the name it was shown has not chosen one: the feed may still change it.
    if let Some(wished) = change.name.as_deref().map(told_name).filter(|wished| *wished != name) {
        set("named_by_us", &wished.is_empty())?;
        if !wished.is_empty() {
            set("name", &wished)?;
        }
    }
    if let Some(language) = &change.language {
        set("language", language)?;
    }
    if let Some(zone) = &change.zone {
        set("zone", zone)?;
    }
    if let Some(days) = change.keep_days {
        set("keep_days", &days)?;
    }
    if let Some(pages) = change.pages {
        set("no_pages", &!pages)?;
    }
    let seen_by = change.visibility.map(visibility_word);
    if let Some(word) = seen_by.filter(|word| *word != visibility) {
        set("visibility", &word)?;
        retell(transaction, id, now)?;
    }
    outlets_moved(transaction)?;
    Ok(true)
}

/// Has the items of a source indexed and listed anew: who may see them may have changed.
fn retell(transaction: &Transaction<'_>, source: &SourceId, now: Timestamp) -> Result<(), Error> {
    let items: Vec<(String, String, String)> = {
        let mut statement = transaction
            .prepare_cached("SELECT id, dispatch, story FROM item WHERE source = ?1 AND on_wire")?;
        let rows = statement
            .query_map([source.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    for (item, dispatch, story) in items {
        refresh_dispatch(transaction, &dispatch, &story)?;
        log(transaction, Kind::Revised, &item_id(item)?, &dispatch_id(dispatch)?, true, now)?;
    }
    Ok(())
}

/// Writes down what came of asking a source; `whole`: a whole document came.
pub(crate) fn polled(
    transaction: &Transaction<'_>,
    id: &SourceId,
    poll: &Poll,
    whole: bool,
) -> Result<(), Error> {
    let failure = poll.failure.as_ref();
    transaction
        .prepare_cached(
            "UPDATE source SET polled_at = ?2, next_poll_at = ?3,
               succeeded_at = iif(?4 IS NULL, ?2, succeeded_at),
               failures = iif(?4 IS NULL, 0, failures + 1), failure_word = ?4, failure_detail = ?5,
               on_news_at = ?6, gone_at = iif(?7, ?2, gone_at), state = iif(?7, 'paused', state),
               gone_since = iif(?4 IS NULL, NULL, iif(?8, coalesce(gone_since, ?2), gone_since)),
               gone_answers = iif(?4 IS NULL, 0, gone_answers + ?8), whole_at = iif(?9, ?2, whole_at)
             WHERE id = ?1",
        )?
        .execute(params![
            id.as_str(),
            ms(poll.at),
            ms(poll.next_at),
            failure.map(|f| &f.word),
            failure.map(|f| &f.detail),
            ms(poll.on_news_at),
            poll.gone == Gone::ForGood,
            poll.gone != Gone::No,
            whole,
        ])?;
    job::want_items(transaction, id, &poll.pages, poll.at)?;
    for (word, detail) in &poll.notices {
        notice::set(transaction, id, word, detail.as_deref())?;
    }
    if let Some(validators) = &poll.validators {
        keep_validators(transaction, id, validators)?;
    }
    if let Some(looked) = &poll.announced {
        transaction.execute(
            "UPDATE source SET announced_tried_at = ?2 WHERE id = ?1",
            params![id.as_str(), ms(poll.at)],
        )?;
        notice::set(transaction, id, notice::ANNOUNCED, looked.as_ref().err().map(String::as_str))?;
    }
    if let Some(moved) = &poll.moved_to {
        self::moved(transaction, id, moved, poll.at)?;
    }
    Ok(())
}

/// Has a source asked at another address, but not where another source is already: that would be listened to
/// twice. What only its old host may see stays behind.
fn moved(
    transaction: &Transaction<'_>,
    id: &SourceId,
    to: &Moved,
    at: Timestamp,
) -> Result<(), Error> {
    let before: String = transaction.query_row(
        "SELECT address FROM source WHERE id = ?1",
        [id.as_str()],
        |row| row.get(0),
    )?;
    let moved = transaction.execute(
        "UPDATE OR IGNORE source SET address = ?2 WHERE id = ?1 AND address <> ?2",
        [id.as_str(), &to.address],
    )?;
    if moved > 0 {
        transaction.execute("DELETE FROM former_address WHERE address = ?1", [&to.address])?;
        transaction.execute(
            "INSERT OR REPLACE INTO former_address (address, source, left_at) VALUES (?1, ?2, ?3)",
            params![before, id.as_str(), ms(at)],
        )?;
    }
    if moved > 0 && !to.same_host && access::give_up_secrets(transaction, id)? {
        let detail = format!("left behind at {before}");
        notice::set(transaction, id, notice::SECRET_LEFT, Some(&detail))?;
    }
    Ok(())
}

/// A name as lists show it: one line, without what cannot be seen and what turns the direction of writing.
fn told_name(name: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown = name.replace(|c: char| turns(c) || (c.is_control() && !c.is_whitespace()), "");
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a read delivery told about its source, taken over in the transaction of its items.
pub(crate) fn learn(
    transaction: &Transaction<'_>,
    id: &SourceId,
    read: &Appended,
) -> Result<(), Error> {
    let renamed = transaction
        .prepare_cached("UPDATE source SET name = ?2 WHERE id = ?1 AND named_by_us AND name <> ?2")?
        .execute(params![id.as_str(), read.title.as_deref().map(told_name)])?;
    if renamed > 0 {
        outlets_moved(transaction)?;
    }
    transaction
        .prepare_cached(
            "UPDATE source SET language = coalesce(language, ?2), ttl_minutes = ?3, schedule = ?4
             WHERE id = ?1",
        )?
        .execute(params![
            id.as_str(),
            read.language,
            read.ttl_minutes,
            serde_json::to_string(&read.schedule)?
        ])?;
    announced(transaction, id, read.moved_to.as_deref())
}

/// Where its text says that it has moved, for the collector to look at. Many name themselves there.
fn announced(transaction: &Transaction<'_>, id: &SourceId, to: Option<&str>) -> Result<(), Error> {
    let (address, before): (String, Option<String>) = transaction
        .prepare_cached("SELECT address, announced FROM source WHERE id = ?1")?
        .query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let to = to.filter(|to| is_web(to) && *to != address);
    if to == before.as_deref() {
        return Ok(());
    }
    transaction.execute(
        "UPDATE source SET announced = ?2, announced_tried_at = NULL WHERE id = ?1",
        params![id.as_str(), to],
    )?;
    notice::set(transaction, id, notice::ANNOUNCED, None)
}

/// Takes note that a source had news, and has it asked again as soon as its timetable says for that case.
/// The old items of a first document are no news: their own times count.
pub(crate) fn stirred(
    transaction: &Transaction<'_>,
    id: &SourceId,
    at: Timestamp,
    backfill: bool,
) -> Result<(), Error> {
    transaction
        .prepare_cached(
            "UPDATE source SET
               newest_at = iif(?3, (SELECT max(sort_at) FROM item WHERE item.source = ?1), ?2),
               week_items = (SELECT count(*) FROM (
                 SELECT 1 FROM item WHERE item.source = ?1 AND sort_at > ?2 - ?4 LIMIT ?5)),
               next_poll_at = iif(?3, next_poll_at, min(next_poll_at, coalesce(on_news_at, next_poll_at)))
             WHERE id = ?1 AND kind = 'feed'",
        )?
        .execute(params![id.as_str(), ms(at), backfill, WEEK_MS, WEEK_ITEMS_MAX])?;
    Ok(())
}

/// How often the address is looked at that a source's text announces, while it is not followed there.
const ANNOUNCED_EVERY_MS: i64 = 24 * 60 * 60 * 1000;

const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Items of a week that are counted: with one in four minutes a source is asked every two, which is the
/// shortest.
const WEEK_ITEMS_MAX: i64 = 2520;

/// Of its items those are counted that have come, not what its agency holds back: nobody is to learn of it.
const SELECT: &str = "SELECT id, name, address, language, visibility, state, kind, added_at, polled_at, succeeded_at,
        news_at, next_poll_at, failures, failure_word, failure_detail,
        items - (SELECT count(*) FROM item AS back WHERE back.source = source.id
                 AND (back.status = 'withheld' OR back.embargoed_until IS NOT NULL)
                 AND visibility(back.status, back.embargoed_until, back.removal, source.visibility) = 0),
        gone_at, zone, notices,
        (SELECT json_array(former.address, left_at) FROM former_address AS former
          WHERE former.source = source.id ORDER BY left_at DESC LIMIT 1)
 FROM source WHERE removed_at IS NULL";

fn one(
    connection: &Connection,
    viewer: Viewer,
    id: &SourceId,
) -> Result<Option<SourceView>, Error> {
    let sql = format!("{SELECT} AND (?1 OR visibility = 'shared') AND id = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    statement
        .query_row(params![viewer == Viewer::Administrator, id.as_str()], |row| Ok(view(row)))
        .optional()?
        .transpose()
}

fn view(row: &Row<'_>) -> Result<SourceView, Error> {
    let word: Option<String> = row.get(13)?;
    let detail: Option<String> = row.get(14)?;
    let items: i64 = row.get(15)?;
    Ok(SourceView {
        id: source_id(row.get(0)?)?,
        name: row.get(1)?,
        address: row.get(2)?,
        language: row.get(3)?,
        visibility: visibility(&row.get::<_, String>(4)?),
        state: if row.get::<_, String>(5)? == "active" {
            SourceState::Active
        } else {
            SourceState::Paused
        },
        kind: if row.get::<_, String>(6)? == "feed" { SourceKind::Feed } else { SourceKind::Files },
        added_at: time(row.get(7)?),
        polled_at: row.get::<_, Option<i64>>(8)?.map(time),
        succeeded_at: row.get::<_, Option<i64>>(9)?.map(time),
        news_at: row.get::<_, Option<i64>>(10)?.map(time),
        next_poll_at: row.get::<_, Option<i64>>(11)?.map(time),
        failures: row.get(12)?,
        failure: word.map(|word| FailureNote { word, detail: detail.unwrap_or_default() }),
        items: items as usize,
        gone_at: row.get::<_, Option<i64>>(16)?.map(time),
        zone: row.get(17)?,
        notices: notice::listed(&row.get::<_, String>(18)?)?,
        moved: row.get::<_, Option<String>>(19)?.map(|json| former(&json)).transpose()?,
    })
}

fn former(json: &str) -> Result<Former, Error> {
    let (address, left_at): (String, i64) = serde_json::from_str(json)?;
    Ok(Former { address, left_at: time(left_at) })
}

fn due(row: &Row<'_>) -> Result<PolledSource, Error> {
    Ok(PolledSource {
        id: source_id(row.get(0)?)?,
        address: row.get(1)?,
        validators: Validators { etag: row.get(2)?, last_modified: row.get(3)? },
        failures: row.get(4)?,
        news_at: row.get::<_, Option<i64>>(5)?.map(time),
        ttl_minutes: row.get(6)?,
        // What a later program wrote says nothing to this one.
        schedule: serde_json::from_str(&row.get::<_, String>(7)?).unwrap_or_default(),
        added_at: time(row.get(8)?),
        newest_at: row.get::<_, Option<i64>>(9)?.map(time),
        week_items: row.get(10)?,
        whole_at: row.get::<_, Option<i64>>(11)?.map(time),
        gone_said: row.get::<_, Option<i64>>(12)?.map(time).zip(row.get(13)?),
        announced: row.get(14)?,
        has_access: row.get(15)?,
        pushed: row.get(16)?,
    })
}

pub(crate) fn source_id(text: String) -> Result<SourceId, Error> {
    SourceId::parse(&text).ok_or(Error::Unreadable(text))
}
