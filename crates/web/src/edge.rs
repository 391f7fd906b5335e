//! The edge of the pages: who asks and in which language, what is refused before any handler runs,
//! and the headers that every answer carries.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method,
        header::{self, SET_COOKIE},
        request::Parts,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use depeche_news::{Viewer, jiff::Timestamp};

use crate::{
    App, Settings,
    failure::Failure,
    forms::{self, Asked},
    page::{Visit, read},
    words::Language,
};

/// The cookie that holds a session's secret.
pub(crate) const SESSION_COOKIE: &str = "session";
const LANGUAGE_COOKIE: &str = "lang";

/// Nothing is loaded from elsewhere, nothing runs that we did not ship, nobody frames us.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers of every answer. The referrer policy keeps every address from the outside, as
/// `no-referrer` would, but leaves forms their `Origin`, by which we know them.
const HEADERS: [(HeaderName, HeaderValue); 7] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// Runs around every request.
pub(crate) async fn edge(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let asked = forms::fields(request.uri().query().unwrap_or_default());
    let chosen = asked.get("lang").and_then(Language::parse);
    let mut visit = visit(&request, &asked, chosen);
    let mut response = match refusal(&app.settings, &request) {
        Some(failure) => failure.into_response(),
        None => {
            visit.viewer = viewer(&app, &visit).await;
            request.extensions_mut().insert(visit.clone());
            next.run(request).await
        }
    };
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        response = failure.page(&app, &visit);
    }
    complete(&mut response, chosen);
    response
}

fn visit(request: &Request, asked: &Asked, chosen: Option<Language>) -> Visit {
    let headers = request.headers();
    let language = chosen
        .or_else(|| cookie(headers, LANGUAGE_COOKIE).and_then(Language::parse))
        .unwrap_or_else(|| Language::asked_for(text(headers, &header::ACCEPT_LANGUAGE)));
    Visit {
        language,
        viewer: Viewer::Reader,
        // The one place where a request reads the clock.
        now: Timestamp::now(),
        session: cookie(headers, SESSION_COOKIE).map(str::to_owned),
        query: asked.without("lang"),
        host: text(headers, &header::HOST).to_owned(),
    }
}

/// The administrator is whoever holds a valid session; a store in trouble makes nobody one.
async fn viewer(app: &Arc<App>, visit: &Visit) -> Viewer {
    let Some(session) = visit.session.clone() else { return Viewer::Reader };
    let now = visit.now;
    match read(app, move |store| store.session_valid(&session, now)).await {
        Ok(true) => Viewer::Administrator,
        _ => Viewer::Reader,
    }
}

/// What is wrong with a request before it is looked at.
fn refusal(settings: &Settings, request: &Request) -> Option<Failure> {
    let host = text(request.headers(), &header::HOST);
    if !host_allowed(&settings.allowed_hosts, host) {
        return Some(Failure::WrongHost);
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        && !shows_its_own_right(request.uri().path());
    (changes && !from_here(request.headers(), host)).then_some(Failure::ForeignForm)
}

/// Whether what is asked for here stands on a token or a signature that comes with it: cookies count for
/// nothing there, so that no page elsewhere can misuse somebody's.
fn shows_its_own_right(path: &str) -> bool {
    path.starts_with("/intake/") || path.starts_with("/websub/")
}

/// Whether the `Host` is one of ours: with it a page elsewhere could reach us through a name of
/// its own that points here.
fn host_allowed(allowed: &[String], host: &str) -> bool {
    let after_brackets = host.rfind(']').map_or(0, |end| end + 1);
    let port = host.get(after_brackets..).and_then(|rest| rest.rfind(':'));
    let digits = |at: usize| {
        let port = host.get(after_brackets + at + 1..).unwrap_or_default();
        !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
    };
    let port = port.filter(|&at| digits(at));
    let name = port.and_then(|at| host.get(..after_brackets + at)).unwrap_or(host);
    allowed.iter().any(|ours| ours.eq_ignore_ascii_case(host) || ours.eq_ignore_ascii_case(name))
}

/// Whether a form was sent from one of our own pages. A browser says so in one of two headers; a
/// program that sends neither has no cookies of somebody else to misuse.
fn from_here(headers: &HeaderMap, host: &str) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let authority = origin.to_str().ok().and_then(|o| o.split_once("://")).map(|(_, rest)| rest);
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

fn complete(response: &mut Response, chosen: Option<Language>) {
    let headers = response.headers_mut();
    headers.extend(HEADERS);
    headers.append(header::VARY, HeaderValue::from_static("cookie, accept-language"));
    if let Some(language) = chosen {
        let cookie = match language {
            Language::French => "lang=fr; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
            Language::English => "lang=en; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
        };
        headers.append(SET_COOKIE, HeaderValue::from_static(cookie));
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or(Failure::Trouble)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_host(host: &str, expected: bool) {
        let allowed = ["127.0.0.1", "[::1]", "fil.example:8080"].map(String::from);
        assert_eq!(host_allowed(&allowed, host), expected, "{host}");
    }

    #[test]
    fn only_our_own_names_are_answered() {
        check_host("127.0.0.1", true);
        check_host("127.0.0.1:7410", true);
        check_host("[::1]", true);
        check_host("[::1]:7410", true);
        check_host("FIL.example:8080", true);
        check_host("fil.example", false);
        check_host("evil.example", false);
        check_host("127.0.0.1.evil.example", false);
        check_host("", false);
        check_host(":", false);
        check_host("]", false);
    }

    #[track_caller]
    fn check_form(name: &'static str, value: &'static str, expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        assert_eq!(from_here(&headers, "127.0.0.1:7410"), expected, "{name}: {value}");
    }

    #[test]
    fn forms_of_other_sites_are_known() {
        check_form("origin", "http://127.0.0.1:7410", true);
        check_form("origin", "http://127.0.0.1:9999", false);
        check_form("origin", "null", false);
        check_form("sec-fetch-site", "same-origin", true);
        check_form("sec-fetch-site", "same-site", false);
        check_form("sec-fetch-site", "cross-site", false);
        check_form("accept", "*/*", true);
    }
}
