//! The pages as a browser asks for them: anyone's, or an administrator's who has signed in.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use depeche_news::SourceVisibility;
use depeche_search::{About, Change, Paper, Reader};
use depeche_web::{Settings, Site, router};
use tokio::sync::watch;
use tower::ServiceExt;

use super::Desk;

pub(crate) const BODY_BYTES_MAX: usize = 4 << 20;

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) fn site(desk: &Desk) -> Router {
    let (_, search) = watch::channel(None);
    router(Site::new(desk.store.clone(), search, Settings::default()))
}

pub(crate) fn request(method: &str, address: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(address).header("host", "127.0.0.1:7410")
}

pub(crate) async fn send(site: &Router, request: Request<Body>) -> Answer {
    let answer = site.clone().oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}

pub(crate) async fn get(site: &Router, address: &str) -> Answer {
    send(site, request("GET", address).body(Body::empty()).unwrap()).await
}

pub(crate) async fn post(site: &Router, address: &str, cookie: &str, form: &str) -> Answer {
    let request = request("POST", address)
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "http://127.0.0.1:7410");
    send(site, request.body(Body::from(form.to_owned())).unwrap()).await
}

/// The store waits for its writer where a test would block the runtime.
pub(crate) async fn at<T: Send + 'static>(desk: &Desk, act: impl FnOnce(&Desk) -> T + Send) -> T {
    tokio::task::block_in_place(|| act(desk))
}

pub(crate) async fn signed_in(desk: &Desk, site: &Router) -> String {
    let token = at(desk, |desk| desk.store.new_administrator_token().wait().unwrap()).await;
    let answer = post(site, "/connexion", "", &format!("jeton={token}&suite=/sources")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/sources");
    let cookie = answer.header("set-cookie");
    for promise in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(promise), "{cookie}");
    }
    cookie.split(';').next().unwrap().to_owned()
}

/// The pages with an index of all that is on the wire.
pub(crate) fn searchable(desk: &Desk, folder: &std::path::Path) -> Router {
    let (_, search) = watch::channel(Some(indexed(desk, folder, 0)));
    router(Site::new(desk.store.clone(), search, Settings::default()))
}

/// An index of all that is on the wire, which says that it lacks so many of its last entries.
pub(crate) fn indexed(desk: &Desk, folder: &std::path::Path, behind: u64) -> Reader {
    let mut index = depeche_search::Index::open(folder).unwrap().index;
    let entries = desk.store.entries(0, 1000).unwrap();
    let ids: Vec<_> = entries.into_iter().map(|entry| entry.subject.item).collect();
    let papers = desk.store.papers(desk.now, &ids).unwrap();
    let changes = papers.into_values().map(|paper| {
        Change::Put(Paper {
            item: paper.item,
            external: None,
            dispatch: paper.dispatch,
            source: paper.source,
            private: paper.visibility == SourceVisibility::Private,
            headline: paper.article.headline.clone(),
            credit: String::new(),
            standfirst: String::new(),
            byline: String::new(),
            body: paper.article.text(),
            language: paper.article.language.clone(),
            about: About::of(&paper.article, &paper.desk, paper.urgency),
            at: paper.at,
            seq: 1,
        })
    });
    index.apply(&changes.collect::<Vec<_>>()).unwrap();
    let wire = desk.store.cursor().unwrap();
    index.commit(wire.seq - behind, wire.epoch).unwrap();
    index.reader().unwrap()
}
