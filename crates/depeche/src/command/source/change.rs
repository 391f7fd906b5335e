//! `depeche source change`: what the operator says of a source after it was added.

use depeche_news::{
    SourceVisibility,
    jiff::{Timestamp, tz::TimeZone},
};
use depeche_store::SourceChange;
use serde_json::json;

use crate::{
    arguments::{ChangeSource, Pages, SourceChanges, Visibility},
    command::{open_existing, source::find},
    telling::{self, Advice},
};

/// Changes one source and says what it was.
pub(super) fn change(given: ChangeSource) -> anyhow::Result<()> {
    let change = wished(given.to)?;
    let store = open_existing(&given.data.folder)?;
    let source = find(&store, &given.source)?;
    store.change_source(&source.id, change, Timestamp::now()).wait()?;
    let said = json!({ "id": source.id, "name": source.name, "address": source.address });
    telling::answer(&said.to_string())
}

fn wished(to: SourceChanges) -> anyhow::Result<SourceChange> {
    let filled = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok(SourceChange {
        name: to.name,
        language: to.language.map(filled),
        zone: to.zone.map(|zone| filled(zone).map(known).transpose()).transpose()?,
        visibility: to.visibility.map(|visibility| match visibility {
            Visibility::Shared => SourceVisibility::Shared,
            Visibility::Private => SourceVisibility::Private,
        }),
        pages: to.pages.map(|pages| pages == Pages::Fetch),
        ..SourceChange::default()
    })
}

/// The zone as the tables write it.
fn known(zone: String) -> anyhow::Result<String> {
    let found = TimeZone::get(&zone).ok();
    let name = found.as_ref().and_then(TimeZone::iana_name).map(str::to_owned);
    name.ok_or_else(|| {
        Advice::error(
            format!("no time zone is called `{zone}`"),
            "give it as the zone tables do, as Europe/Paris or America/Montreal",
        )
    })
}
