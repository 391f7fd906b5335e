//! Sources that deliver by themselves, as an administrator sees them: where to deliver, with which tokens, and
//! how far the hub of a feed is.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::header,
    response::{Html, IntoResponse, Redirect, Response},
};
use depeche_news::SourceId;
use depeche_store::{
    Error, IntakeToken, NewSource, SourceView, Store, Subscription, SubscriptionState,
};

use crate::{
    App,
    article::colon,
    dates,
    failure::Failure,
    forms::{Named, Sent},
    page::{Here, Page, Visit, read, render, write},
    sources::{self, AddForm},
    words::Words,
};

/// Characters of a source's name: some feeds call themselves by a sentence.
const NAME_CHARS_MAX: usize = 200;

/// What the store knows of what comes by itself for one source.
#[derive(Default)]
pub(crate) struct Pushes {
    tokens: Vec<IntakeToken>,
    pub(crate) subscription: Option<Subscription>,
}

/// Reads it; for the administrator.
pub(crate) fn pushes(store: &Store, view: &SourceView) -> Result<Pushes, Error> {
    let tokens = store.intake_tokens(&view.id)?;
    Ok(Pushes { tokens, subscription: store.subscription_of(&view.id)? })
}

/// Where and with what to deliver.
pub(crate) struct Deliveries {
    pub(crate) address: String,
    pub(crate) tokens: Vec<TokenLine>,
}

/// A token: what it is called, when it was made and used.
pub(crate) struct TokenLine {
    pub(crate) name: String,
    pub(crate) told: String,
}

impl Pushes {
    /// What stands on the page of a source that may be pushed for.
    pub(crate) fn deliveries(
        &self,
        app: &App,
        visit: &Visit,
        view: &SourceView,
    ) -> Option<Deliveries> {
        let may = view.address.starts_with("push:") || !self.tokens.is_empty();
        (visit.administers() && may).then(|| Deliveries {
            address: intake_address(app, visit, view),
            tokens: self.tokens.iter().map(|token| token_line(app, visit, token)).collect(),
        })
    }
}

fn token_line(app: &App, visit: &Visit, token: &IntakeToken) -> TokenLine {
    let w = visit.words();
    let at = |word, at| w.at(word, &dates::short(w.language, at, visit.now, &app.settings.zone));
    let used =
        token.used_at.map_or_else(|| w.token_unused.to_owned(), |used| at(w.token_used, used));
    TokenLine {
        name: token.name.clone(),
        told: format!("{}, {used}", at(w.token_made, token.made_at)),
    }
}

/// The address that deliveries of a source are sent to.
fn intake_address(app: &App, visit: &Visit, view: &SourceView) -> String {
    let here = format!("http://{}", visit.host);
    let base = app.settings.base_url.as_deref().unwrap_or(&here).trim_end_matches('/');
    let named = view.address.strip_prefix("push:").unwrap_or(view.id.as_str());
    format!("{base}/intake/{named}")
}

/// How far the subscription at a feed's hub is, in a few words.
pub(crate) fn hub_told(app: &App, visit: &Visit, held: &Subscription) -> String {
    let w = visit.words();
    let told = match (held.state, held.until) {
        (SubscriptionState::Active, Some(until)) => {
            let until = dates::short(w.language, until, visit.now, &app.settings.zone);
            format!("{} {until}", w.hub_active)
        }
        (SubscriptionState::Denied, _) => w.hub_denied.to_owned(),
        (SubscriptionState::Found, _) => w.hub_found.to_owned(),
        _ => w.hub_asked.to_owned(),
    };
    let why = held.detail.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
    format!("{}\u{a0}— {told}{why}", held.hub)
}

/// `POST /sources/livrees`: a source that delivers by itself.
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    visit: Visit,
    Sent(sent): Sent,
) -> Result<Response, Failure> {
    visit.administrator()?;
    let name: String = sent.get("nom").unwrap_or_default().chars().take(NAME_CHARS_MAX).collect();
    let Some(new) = NewSource::pushed(name.clone(), sent.visibility()) else {
        let add = AddForm {
            pushed_name: name,
            pushed_private: sent.get("privee").is_some(),
            bad_pushed_name: true,
            ..AddForm::default()
        };
        return sources::again(&app, &visit, add).await;
    };
    let now = visit.now;
    let (id, _) = write(&app, move |store| store.add_source(new, now)).await?;
    Ok(Redirect::to(&format!("/sources/{id}#livraisons")).into_response())
}

/// `POST /sources/{id}/jeton`: a token, shown the one time it can be read.
pub(crate) async fn make_token(
    State(app): State<Arc<App>>,
    visit: Visit,
    named: Named<SourceId>,
) -> Result<Response, Failure> {
    visit.administrator()?;
    let (viewer, now, id) = (visit.viewer, visit.now, named.id.clone());
    let view = read(&app, move |store| store.source(viewer, now, &id)).await?;
    // Nothing is pushed for a source that is asked.
    let view = view.filter(|view| view.address.starts_with("push:")).ok_or(Failure::NotFound)?;
    let id = named.id.clone();
    let token = write(&app, move |store| store.new_intake_token(&id, now)).await?;
    let token = token.ok_or(Failure::EnoughTokens)?;
    let drawn = render(&NewTokenPage {
        page: Page::new(&app, &visit, Here::Sources),
        w: visit.words(),
        colon: colon(visit.language),
        name: view.name.clone(),
        address: intake_address(&app, &visit, &view),
        back: format!("/sources/{}", named.id),
        token,
    })?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Html(drawn)).into_response())
}

/// `POST /sources/{id}/jeton/retirer`
pub(crate) async fn revoke_token(
    State(app): State<Arc<App>>,
    visit: Visit,
    named: Named<SourceId>,
    Sent(sent): Sent,
) -> Result<Redirect, Failure> {
    visit.administrator()?;
    let name = sent.get("jeton").ok_or(Failure::BadRequest)?.to_owned();
    let id = named.id.clone();
    write(&app, move |store| store.revoke_intake_tokens(&id, Some(&name))).await?;
    Ok(Redirect::to(&format!("/sources/{}#livraisons", named.id)))
}

#[derive(Template)]
#[template(path = "newtoken.html")]
struct NewTokenPage {
    page: Page,
    w: &'static Words,
    colon: &'static str,
    name: String,
    address: String,
    back: String,
    token: String,
}
