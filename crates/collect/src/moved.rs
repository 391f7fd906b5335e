//! Feeds that say in their own text that they have moved (`itunes:new-feed-url`, `redirect/newLocation`).
//!
//! A text is copied more easily than a server's answer is given: by whoever makes a feed out of another, by an old
//! template. So the new address has to be a feed that does not send us on, and there are moves which only an
//! operator makes.

use std::time::Duration;

use depeche_formats::{self as formats, Hints};
use depeche_news::Validators;
use depeche_outbound::same_host;

use crate::{Scout, Target, rests::is_own_network};

/// Whether a source that is asked at `from` may follow its text to `to`; else why not.
pub fn may_follow(from: &str, to: &str, has_secret: bool) -> Result<(), &'static str> {
    if has_secret && !same_host(from, to) {
        return Err("its password would stay behind");
    }
    // A bridge in the operator's own network repeats what the feed says of itself; and nobody outside says what
    // is asked inside.
    if is_own_network(from) != is_own_network(to) {
        return Err("one of the two is in a private network");
    }
    match from.starts_with("https:") && !to.starts_with("https:") {
        true => Err("it is not https"),
        false => Ok(()),
    }
}

/// Asks the announced address once: it is followed where it is a feed which says that it has stayed. Else why not.
pub async fn look_where_announced(
    scout: Scout<'_>,
    target: &Target,
    to: &str,
) -> Result<(), String> {
    let access = target.access.as_ref();
    let there = Target {
        address: to.to_owned(),
        validators: Validators::default(),
        access: access.and_then(|access| crate::access_of_page(access, &target.address, to)),
        ..target.clone()
    };
    let fetched = scout.fetch(&there, Duration::ZERO).await;
    if let Some(failure) = fetched.outcome.failure() {
        return Err(failure.to_string());
    }
    if let Some(next) = fetched.moved_to {
        return Err(format!("it leads on to {next}"));
    }
    let Some(delivery) = fetched.delivery else { return Err("it is no feed".to_owned()) };
    // Where it led in the end is judged as what it said.
    may_follow(&target.address, delivery.found_at(), false).map_err(str::to_owned)?;
    let hints = Hints {
        content_type: delivery.header("content-type"),
        base: Some(delivery.found_at()),
        ..Hints::default()
    };
    let document = formats::read(&delivery.body, &hints);
    if document.format.is_none() || document.items.is_empty() {
        return Err("it is no feed with news in it".to_owned());
    }
    match document.feed.moved_to.filter(|next| next != to && next != delivery.found_at()) {
        Some(next) => Err(format!("it says that it has moved to {next}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, to: &str, has_secret: bool, follows: bool) {
        assert_eq!(may_follow(from, to, has_secret).is_ok(), follows, "{from} {to} {has_secret}");
    }

    #[test]
    fn not_every_announced_move_is_made() {
        check("https://a.example/x", "https://a.example/y", true, true);
        check("http://a.example/x", "https://a.example/x", true, true);
        check("https://a.example/x", "https://b.example/x", false, true);
        check("https://a.example/x", "https://b.example/x", true, false);
        check("https://a.example/x", "http://a.example/x", false, false);
        check("http://10.0.0.1/x", "https://a.example/x", false, false);
        check("https://a.example/x", "http://rsshub:1200/x", false, false);
        check("http://8.8.8.8/x", "https://a.example/x", false, true);
        check("https://a.example/x", "https://[::ffff:10.1.2.3]/x", false, false);
        check("https://a.example/x", "https://100.64.0.1/x", false, false);
    }
}
