//! What is said while the wire takes nothing in: a banner on every page, and a word for those who
//! watch over the server.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use depeche_store::TroubleKind;

use crate::{
    App, dates,
    health::with_article,
    page::Visit,
    words::{Language, Words},
};

/// The banner of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Banner {
    /// What stands still, since when and why.
    pub(crate) sentence: String,
    /// What to do; for the administrator.
    pub(crate) advice: Option<&'static str>,
    /// What exactly; for the administrator.
    pub(crate) detail: Option<String>,
    /// Tells one trouble from the next, so that each is read out once.
    pub(crate) since: i64,
}

impl Banner {
    /// What this visitor is told, if there is trouble.
    pub(crate) fn of(app: &App, visit: &Visit) -> Option<Self> {
        let trouble = app.trouble.borrow();
        let trouble = trouble.as_ref()?;
        let w = visit.words();
        let since = dates::short(w.language, trouble.since, visit.now, &app.settings.zone);
        let (why, advice) = told(trouble.kind, w);
        let detail = Some(trouble.detail.clone()).filter(|detail| !detail.is_empty());
        Some(Self {
            sentence: sentence(&since, why, w.language),
            advice: visit.administers().then_some(advice),
            detail: detail.filter(|_| visit.administers()),
            since: trouble.since.as_second(),
        })
    }
}

fn sentence(since: &str, why: &str, language: Language) -> String {
    match language {
        Language::French => {
            let since = with_article(since);
            format!("La prise de nouvelles est suspendue depuis {since}\u{202f}: {why}.")
        }
        Language::English => format!("No news has been taken in since {since}: {why}."),
    }
}

/// Why, and what to do.
fn told(kind: TroubleKind, w: &Words) -> (&'static str, &'static str) {
    match kind {
        TroubleKind::DiskFull => (w.disk_full, w.disk_full_advice),
        TroubleKind::ReadOnly => (w.read_only, w.read_only_advice),
        TroubleKind::Damaged => (w.damaged, w.damaged_advice),
        TroubleKind::Clock => (w.clock_wrong, w.clock_wrong_advice),
        TroubleKind::Other => (w.trouble_other, w.trouble_other_advice),
    }
}

/// `GET /healthz`: for programs that watch over this one. It says nothing of what is on the wire, so
/// that it answers under any host name.
pub(crate) async fn healthz(State(app): State<Arc<App>>) -> Response {
    let word = app.trouble.borrow().as_ref().map(|trouble| trouble.kind.word());
    let status = if word.is_some() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, format!("{}\n", word.unwrap_or("ok"))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: TroubleKind, since: &str, french: &str, english: &str) {
        let said = |language: Language| sentence(since, told(kind, language.words()).0, language);
        assert_eq!(said(Language::French).replace('\u{202f}', " "), french);
        assert_eq!(said(Language::English), english);
    }

    #[test]
    fn each_trouble_has_its_sentence() {
        check(
            TroubleKind::DiskFull,
            "14:05",
            "La prise de nouvelles est suspendue depuis 14:05 : le disque est plein.",
            "No news has been taken in since 14:05: the disk is full.",
        );
        check(
            TroubleKind::Other,
            "3 mars 2016 à 14:05",
            "La prise de nouvelles est suspendue depuis le 3 mars 2016 à 14:05 : le fil ne peut pas être écrit.",
            "No news has been taken in since 3 mars 2016 à 14:05: the wire cannot be written.",
        );
        for kind in
            [TroubleKind::DiskFull, TroubleKind::ReadOnly, TroubleKind::Damaged, TroubleKind::Clock]
        {
            for language in Language::ALL {
                let w = language.words();
                assert_ne!(told(kind, w), told(TroubleKind::Other, w), "{kind:?}");
            }
        }
    }
}
