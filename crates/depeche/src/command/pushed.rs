//! `depeche source add --pushed|--folder`, `depeche source token`: sources that deliver by themselves.

use std::path::{Path, PathBuf};

use anyhow::bail;
use depeche_news::jiff::Timestamp;
use depeche_store::{AfterTaking, NewSource, SourceKind, WatchedFolder};
use serde_json::json;

use crate::{
    arguments::{AddSource, After, SourceToken},
    command::{open, open_existing, source::find},
    telling::{self, Advice},
};

/// Adds a source that is pushed or whose folder is watched.
pub(crate) fn add(add: &AddSource) -> anyhow::Result<()> {
    let folder = add.watch.folder.as_deref();
    let folder = folder.map(|folder| watchable(folder, &add.data.folder)).transpose()?;
    let new = match &folder {
        Some(folder) => Some(NewSource {
            address: format!("folder:{}", folder.display()),
            name: Some(add.name.clone().unwrap_or_else(|| named(folder))),
            language: None,
            visibility: add.visibility(),
            kind: SourceKind::Files,
        }),
        None => NewSource::pushed(add.pushed.clone().unwrap_or_default(), add.visibility()),
    };
    let Some(new) = new else {
        bail!(Advice::error(
            "the name of a source that delivers by itself has no letter that an address may have",
            "give one with some Latin letters or digits",
        ));
    };
    let new = NewSource { language: add.language.clone(), ..new };
    let address = new.address.clone();
    let store = open(&add.data.folder)?;
    let (id, new) = store.add_source(new, Timestamp::now()).wait()?;
    if let Some(path) = folder {
        let after = match add.watch.after {
            After::Move => AfterTaking::Move,
            After::Delete => AfterTaking::Delete,
            After::Leave => AfterTaking::Leave,
        };
        let (source, done_suffix) = (id.clone(), add.watch.done_suffix.clone());
        let settle_seconds = add.watch.settle;
        let watched =
            WatchedFolder { source, path, done_suffix, settle_seconds, after, failure: None };
        store.watch_folder(watched).wait()?;
    }
    telling::answer(&json!({ "id": id, "address": address, "new": new }).to_string())
}

fn named(folder: &Path) -> String {
    folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned()
}

/// The folder by its whole path: one that is there, and that is not where the wire itself is.
fn watchable(folder: &Path, data: &Path) -> anyhow::Result<PathBuf> {
    let whole = folder.canonicalize().ok().filter(|whole| whole.is_dir()).ok_or_else(|| {
        Advice::error(
            format!("{} is not a folder", folder.display()),
            "make it first, so that the user depeche runs as may read it and move files in it",
        )
    })?;
    let data = data.canonicalize().unwrap_or_else(|_| data.to_owned());
    if whole.starts_with(&data) || data.starts_with(&whole) {
        bail!(Advice::error(
            format!("{} is where this wire is kept", folder.display()),
            "watch a folder beside the data folder",
        ));
    }
    if whole.to_str().is_none() {
        bail!(Advice::error(
            format!("the name of {} is not UTF-8", folder.display()),
            "watch a folder with another name",
        ));
    }
    Ok(whole)
}

/// Makes a token of a source, lists them, or revokes some.
pub(crate) fn token(given: &SourceToken) -> anyhow::Result<()> {
    let store = open_existing(&given.data.folder)?;
    let source = find(&store, &given.source)?;
    if given.list {
        for token in store.intake_tokens(&source.id)? {
            let told =
                json!({ "token": token.name, "made_at": token.made_at, "used_at": token.used_at });
            telling::answer(&told.to_string())?;
        }
        return Ok(());
    }
    if let Some(which) = given.revoke.as_deref() {
        let one = Some(which).filter(|which| *which != "all");
        let count = store.revoke_intake_tokens(&source.id, one).wait()?;
        if count == 0 && one.is_some() {
            bail!(Advice::error(
                format!("{} has no token `{which}`", source.name),
                "`depeche source token NAME --list` lists them",
            ));
        }
        return telling::answer(&json!({ "id": source.id, "revoked": count }).to_string());
    }
    if !source.address.starts_with("push:") {
        bail!(Advice::error(
            format!("{} is not delivered by pushes: a token of it would open nothing", source.name),
            "add a source that is: `depeche source add --pushed NAME`",
        ));
    }
    let token = store.new_intake_token(&source.id, Timestamp::now()).wait()?;
    let token = token.ok_or_else(|| {
        Advice::error(
            format!("{} has as many tokens as it may have", source.name),
            "revoke one first: `depeche source token NAME --revoke TOKEN`",
        )
    })?;
    telling::answer(&token)
}
