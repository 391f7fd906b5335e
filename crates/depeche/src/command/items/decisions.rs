//! What an editor says of copies and stories: done, listed, undone.

use depeche_news::{ItemId, jiff::Timestamp};
use depeche_store::{Decided, DecisionKind, NotDecided, Store};
use serde_json::json;

use crate::{
    arguments::{ItemsCommand, OneItem, TwoItems},
    command::open_existing,
    telling::{self, Advice},
};

/// Runs one of the commands by which editors decide.
pub(super) fn run(said: &ItemsCommand) -> anyhow::Result<()> {
    match said {
        ItemsCommand::Apart(given) => of_one(DecisionKind::Apart, given),
        ItemsCommand::OtherStory(given) => of_one(DecisionKind::OtherStory, given),
        ItemsCommand::Together(given) => of_two(DecisionKind::Together, given),
        ItemsCommand::SameStory(given) => of_two(DecisionKind::SameStory, given),
        ItemsCommand::Decisions(data) => list(&open_existing(&data.folder)?),
        ItemsCommand::Undo(given) => {
            let store = open_existing(&given.data.folder)?;
            told(&store, store.undo_decision(given.number, Timestamp::now()).wait()?)
        }
        ItemsCommand::List(_) | ItemsCommand::Remove(_) => Ok(()),
    }
}

fn of_one(kind: DecisionKind, given: &OneItem) -> anyhow::Result<()> {
    let store = open_existing(&given.data.folder)?;
    let item = named(&given.item)?;
    told(&store, store.decide(kind, item, None, Timestamp::now()).wait()?)
}

fn of_two(kind: DecisionKind, given: &TwoItems) -> anyhow::Result<()> {
    let store = open_existing(&given.data.folder)?;
    let (item, other) = (named(&given.item)?, named(&given.other)?);
    told(&store, store.decide(kind, item, Some(other), Timestamp::now()).wait()?)
}

fn named(text: &str) -> anyhow::Result<ItemId> {
    ItemId::parse(text.trim()).ok_or_else(|| no_item(text))
}

fn no_item(text: &str) -> anyhow::Error {
    Advice::error(
        format!("there is no item `{text}`, or it was taken down; nothing was changed"),
        "`depeche items` lists their ids; it is the part after /article/ or /depeche/ of a page's address",
    )
}

/// Tells what was done, with where each item stands now.
fn told(store: &Store, decided: Decided) -> anyhow::Result<()> {
    let (number, moved) = match decided {
        Decided::Done { number, moved } => (number, moved),
        Decided::Refused(why) => return Err(refused(&why)),
    };
    let known = store.known(&moved)?;
    let items: Vec<_> = moved
        .iter()
        .filter_map(|id| {
            let at = known.get(id)?;
            Some(json!({
                "id": id, "dispatch": at.dispatch, "relation": at.relation, "story": at.story,
            }))
        })
        .collect();
    telling::answer(&json!({ "decision": number, "moved": items }).to_string())
}

fn refused(why: &NotDecided) -> anyhow::Error {
    match why {
        NotDecided::NoItem(id) => no_item(id),
        NotDecided::AlreadySo => Advice::error(
            "it is so already; nothing was changed",
            "the item's page shows its dispatch, its copies and its story",
        ),
        NotDecided::NoDecision => Advice::error(
            "there is no such decision, or it was undone before",
            "`depeche items decisions` lists them with their numbers",
        ),
        NotDecided::MovedSince(later) => Advice::error(
            format!("decision {later} has moved some of these items since"),
            format!("undo that first: depeche items undo {later}"),
        ),
        NotDecided::MovedOn => Advice::error(
            "some of these items stand elsewhere now",
            "say anew where they belong: items apart, together, same-story, other-story",
        ),
    }
}

fn list(store: &Store) -> anyhow::Result<()> {
    for line in store.decisions()? {
        telling::answer(&serde_json::to_string(&line)?)?;
    }
    Ok(())
}
