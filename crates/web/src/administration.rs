//! What changes something: signing in and out, and the acts on sources. Each is a POST from one of
//! our own pages (the edge sees to that) with the administrator's session.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Multipart, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use depeche_news::{SourceId, pasted};
use depeche_store::{NewJob, NewSource, SESSION_DAYS, SourceChange, SourceKind, SourceState};

use crate::{
    App,
    edge::SESSION_COOKIE,
    failure::Failure,
    forms::{Asked, Named, Sent, query},
    page::{Here, Page, Visit, draw, read, write},
    sources::{self, AddForm},
    words::Words,
};

/// Sources added by one form: more come as an OPML file.
const SOURCES_A_FORM: usize = 200;
/// Bytes of an address: what servers commonly take.
const ADDRESS_BYTES_MAX: usize = 2048;
/// Characters of a source's name: some feeds call themselves by a sentence.
const NAME_CHARS_MAX: usize = 200;
/// Days a source may be kept: a century; more is a slip.
const KEEP_DAYS_MAX: u32 = 36_500;
/// Bytes of a language tag: what RFC 5646 asks programs to hold.
const LANGUAGE_BYTES_MAX: usize = 35;

/// `GET /connexion`
pub(crate) async fn sign_in_page(
    State(app): State<Arc<App>>,
    visit: Visit,
    asked: Asked,
) -> Result<Response, Failure> {
    token_page(&app, &visit, &asked, false)
}

/// `POST /connexion`
pub(crate) async fn sign_in(
    State(app): State<Arc<App>>,
    visit: Visit,
    Sent(sent): Sent,
) -> Result<Response, Failure> {
    let token = sent.get("jeton").unwrap_or_default().to_owned();
    if !read(&app, move |store| store.administrator_token_matches(&token)).await? {
        let page = token_page(&app, &visit, &sent, true)?;
        return Ok((StatusCode::FORBIDDEN, page).into_response());
    }
    let now = visit.now;
    let session = write(&app, move |store| store.open_session(now)).await?;
    let cookie = session_cookie(&app, &session, SESSION_DAYS * 24 * 60 * 60)?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(next(&sent))).into_response())
}

/// `POST /deconnexion`
pub(crate) async fn sign_out(
    State(app): State<Arc<App>>,
    visit: Visit,
) -> Result<Response, Failure> {
    if let Some(session) = visit.session {
        write(&app, move |store| store.close_session(&session)).await?;
    }
    let cookie = session_cookie(&app, "", 0)?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

/// `POST /sources/ajouter`: one address with its name, or several at once.
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    visit: Visit,
    Sent(sent): Sent,
) -> Result<Response, Failure> {
    visit.administrator()?;
    let visibility = sent.visibility();
    if !sent.has("adresse") {
        return Err(Failure::NoneChosen);
    }
    let addresses: Option<Vec<String>> =
        sent.all("adresse").take(SOURCES_A_FORM).map(web_address).collect();
    let Some(addresses) = addresses.filter(|all| !all.is_empty()) else {
        return sources::again(&app, &visit, sent_form(&sent)).await;
    };
    let mut marked = Vec::new();
    for address in addresses {
        let known = app.settings.starter_sources.iter().find(|s| s.address == address);
        let name = sent.get("nom").or(known.map(|starter| starter.name));
        let new = NewSource {
            address,
            name: name.map(str::to_owned),
            language: None,
            visibility,
            kind: SourceKind::Feed,
        };
        let now = visit.now;
        let (id, is_new) = write(&app, move |store| store.add_source(new, now)).await?;
        if marked.iter().all(|(_, before)| *before != id) {
            marked.push((if is_new { "ajoutee" } else { "connue" }, id));
        }
    }
    let marked = query(marked.iter().map(|(key, id)| (*key, id.as_str())));
    Ok(Redirect::to(&format!("/sources?{marked}")).into_response())
}

/// The form as it was sent, its address not being one.
fn sent_form(sent: &Asked) -> AddForm {
    let bad = sent.all("adresse").find(|text| web_address(text).is_none());
    AddForm {
        address: bad.unwrap_or_default().to_owned(),
        name: sent.get("nom").unwrap_or_default().to_owned(),
        private: sent.get("privee").is_some(),
        bad_address: true,
        ..AddForm::default()
    }
}

/// `POST /sources/tester`: asks the collector to look at an address.
pub(crate) async fn test(
    State(app): State<Arc<App>>,
    visit: Visit,
    Sent(sent): Sent,
) -> Result<Response, Failure> {
    visit.administrator()?;
    let given = sent.get("une").or_else(|| sent.get("adresse"));
    // As it was given: what came without its scheme may be tried with another.
    let address = given.filter(|given| web_address(given).is_some());
    let Some(address) = address.map(str::to_owned) else {
        return sources::again(&app, &visit, sent_form(&sent)).await;
    };
    let to = job(&app, &visit, NewJob::TestAddress { address }, "").await?;
    Ok(to.into_response())
}

/// `POST /sources/opml`: hands an OPML file to the collector.
pub(crate) async fn take_opml(
    State(app): State<Arc<App>>,
    visit: Visit,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Redirect, Failure> {
    visit.administrator()?;
    let mut form = form.map_err(|_| Failure::BadRequest)?;
    let mut document = String::new();
    while let Some(field) = form.next_field().await.map_err(|_| Failure::BadRequest)? {
        if field.name() == Some("opml") {
            let bytes = field.bytes().await.map_err(|_| Failure::BadRequest)?;
            document = depeche_text::decode(&bytes, &[]).text;
        }
    }
    if document.trim().is_empty() {
        return Err(Failure::BadRequest);
    }
    job(&app, &visit, NewJob::TakeOpml { document }, "?quoi=opml").await
}

/// `POST /sources/{id}/{act}`
pub(crate) async fn act(
    State(app): State<Arc<App>>,
    visit: Visit,
    named: Named<SourceId>,
    headers: HeaderMap,
) -> Result<Redirect, Failure> {
    visit.administrator()?;
    let (viewer, now, id) = (visit.viewer, visit.now, named.id.clone());
    let known = read(&app, move |store| store.source(viewer, now, &id)).await?;
    known.ok_or(Failure::NotFound)?;
    let act = named.slug.unwrap_or_default();
    if !["pause", "reprendre", "interroger", "retirer"].contains(&act.as_str()) {
        return Err(Failure::NotFound);
    }
    // Back to where the button was, unless there is nothing there any more.
    let own = format!("/sources/{}", named.id);
    let from = headers.get(header::REFERER).and_then(|from| from.to_str().ok());
    let stays = act != "retirer" && from.is_some_and(|from| from.ends_with(&own));
    write(&app, move |store| match act.as_str() {
        "pause" => store.set_source_state(&named.id, SourceState::Paused),
        "reprendre" => store.set_source_state(&named.id, SourceState::Active),
        "interroger" => store.refresh_source(&named.id, now),
        _ => store.remove_source(&named.id, now),
    })
    .await?;
    Ok(Redirect::to(if stays { &own } else { "/sources" }))
}

/// `POST /sources/{id}/modifier`: its name, its language, who sees it, how long it is kept.
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    visit: Visit,
    named: Named<SourceId>,
    Sent(sent): Sent,
) -> Result<Redirect, Failure> {
    visit.administrator()?;
    let change = wished(&sent).ok_or(Failure::BadRequest)?;
    let (now, id) = (visit.now, named.id.clone());
    let known = write(&app, move |store| store.change_source(&id, change, now)).await?;
    if !known {
        return Err(Failure::NotFound);
    }
    Ok(Redirect::to(&format!("/sources/{}", named.id)))
}

/// What a form says of a source: it has every field, and an empty one means something.
fn wished(sent: &Asked) -> Option<SourceChange> {
    let keep_days = match sent.get("jours") {
        None => None,
        Some(days) => Some(days.parse().ok().filter(|days| (1..=KEEP_DAYS_MAX).contains(days))?),
    };
    let language = match sent.get("langue") {
        None => None,
        Some(tag) => Some(language_tag(tag)?),
    };
    let visibility = sent.visibility();
    Some(SourceChange {
        name: Some(sent.get("nom").unwrap_or_default().chars().take(NAME_CHARS_MAX).collect()),
        visibility: Some(visibility),
        language: Some(language),
        keep_days: Some(keep_days),
        ..SourceChange::default()
    })
}

/// A language as BCP 47 writes it, as far as pages and spelling rules go by it: `fr`, `pt-BR`.
fn language_tag(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let primary = parts.next().is_some_and(|part| (2..=3).contains(&part.len()));
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let rest = parts.all(|part| (1..=8).contains(&part.len()));
    (primary && plain && rest && text.len() <= LANGUAGE_BYTES_MAX).then(|| text.to_owned())
}

/// Leaves a job to the collector and leads to the page that tells what came of it.
async fn job(app: &Arc<App>, visit: &Visit, new: NewJob, what: &str) -> Result<Redirect, Failure> {
    let now = visit.now;
    let id = write(app, move |store| store.add_job(new, now)).await?;
    Ok(Redirect::to(&format!("/travaux/{id}{what}")))
}

/// An address that a source may have, as people paste it. Whether it leads anywhere is the collector's to find out.
fn web_address(text: &str) -> Option<String> {
    pasted(text).filter(|address| address.len() <= ADDRESS_BYTES_MAX)
}

/// Where to go after signing in: a path of ours, never another site.
fn next(asked: &Asked) -> &str {
    let wished = asked.get("suite").unwrap_or("/");
    let ours = wished.starts_with('/')
        && !wished.starts_with("//")
        && wished.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if ours { wished } else { "/" }
}

/// The cookie is for our own pages only, and never for script.
fn session_cookie(app: &App, session: &str, seconds: i64) -> Result<HeaderValue, Failure> {
    let https = app.settings.base_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    let secure = if https { "; Secure" } else { "" };
    let cookie = format!(
        "{SESSION_COOKIE}={session}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
    );
    HeaderValue::from_str(&cookie).map_err(|_| Failure::Trouble)
}

fn token_page(app: &App, visit: &Visit, asked: &Asked, wrong: bool) -> Result<Response, Failure> {
    let page = Page::new(app, visit, Here::Elsewhere);
    draw(&SignInPage { page, w: visit.words(), next: next(asked).to_owned(), wrong })
}

#[derive(Template)]
#[template(path = "signin.html")]
struct SignInPage {
    page: Page,
    w: &'static Words,
    next: String,
    wrong: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::fields;

    #[track_caller]
    fn check_next(wished: &str, expected: &str) {
        assert_eq!(next(&fields(&query([("suite", wished)]))), expected, "{wished}");
    }

    #[test]
    fn signing_in_leads_nowhere_else() {
        check_next("/sources", "/sources");
        check_next("/recherche?q=otan&ordre=date", "/recherche?q=otan&ordre=date");
        check_next("//evil.example", "/");
        check_next("/\\evil.example", "/");
        check_next("https://evil.example", "/");
        check_next("/a\nSet-Cookie: x", "/");
        check_next("", "/");
    }

    #[track_caller]
    fn check_wished(form: &str, expected: Option<(Option<&str>, Option<u32>)>) {
        let change = wished(&fields(form));
        let told = change.map(|change| (change.language.unwrap(), change.keep_days.unwrap()));
        assert_eq!(told, expected.map(|(tag, days)| (tag.map(str::to_owned), days)), "{form}");
    }

    #[test]
    fn a_form_about_a_source_says_all_or_is_refused() {
        check_wished("nom=A&langue=fr&jours=30", Some((Some("fr"), Some(30))));
        check_wished("langue=pt-BR", Some((Some("pt-BR"), None)));
        check_wished("nom=&langue=&jours=", Some((None, None)));
        for bad in ["jours=0", "jours=-1", "jours=x", "jours=99999", "langue=f", "langue=fr_FR"] {
            check_wished(bad, None);
        }
    }

    #[test]
    fn only_web_addresses_are_taken() {
        for (text, address) in [
            ("https://a.example/fil.rss?x=1#haut", "https://a.example/fil.rss?x=1"),
            ("a.example", "https://a.example/"),
            ("a.example:8080/fil", "https://a.example:8080/fil"),
            ("feed:http://a.example/", "http://a.example/"),
            ("feed://a.example/", "https://a.example/"),
        ] {
            assert_eq!(web_address(text).as_deref(), Some(address), "{text}");
        }
        for bad in [
            "a b",
            "https://a:b@c.example/",
            "ftp://a.example",
            "https://",
            "file:///etc/passwd",
            "javascript:alert(1)",
        ] {
            assert_eq!(web_address(bad), None, "{bad}");
        }
    }
}
