//! The pages: «Dernières infos» and its live stream, «À la une», search, articles, stories, sources and their
//! administration, in French and English.
//!
//! A request never goes to the outside and never waits for the collector: it reads the store and
//! the index, and what a click needs from outside becomes a job in the store. Every page is
//! complete without script. Text from news reaches a page only as text: templates escape it, and
//! bodies are drawn from blocks, so that no foreign markup can pass.

mod administration;
mod article;
mod assets;
mod comparison;
#[cfg(test)]
mod contrast;
mod dates;
mod door;
mod drawn;
mod edge;
mod editions;
mod failure;
mod forms;
mod front;
mod health;
mod intake;
mod jobs;
mod latest;
mod list;
mod live;
mod page;
mod problems;
mod pushed;
mod ready;
mod related;
mod search;
mod setting;
mod source;
mod sources;
mod standalone;
mod story;
mod trouble;
mod turns;
mod websub;
mod words;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use depeche_news::jiff::tz::TimeZone;
use depeche_search::Spellings;
use depeche_store::{Store, Trouble, WireState};
use tokio::sync::watch;
use tower_http::compression::CompressionLayer;

pub use health::why_in_english;
pub use problems::problem_in_english;
pub use standalone::{ExplainedBlock, ExplainedField, Explanation, explained, printed};

use crate::failure::Failure;

/// What the pages are made from.
#[derive(Clone)]
pub struct Site {
    /// The store that is read, and written where an administrator changes something.
    pub store: Store,
    /// The index, once there is one; a rebuilt one takes the place of the old.
    pub search: watch::Receiver<Option<depeche_search::Reader>>,
    /// Why nothing is taken in, while that is so.
    pub trouble: watch::Receiver<Option<Trouble>>,
    /// Turns true when the process is about to end: live streams are then brought to their end, so
    /// that no browser is cut off in the middle of one.
    pub ending: watch::Receiver<bool>,
    /// What the operator chose.
    pub settings: Settings,
}

impl Site {
    /// A site that never ends, with the store's own troubles.
    pub fn new(
        store: Store,
        search: watch::Receiver<Option<depeche_search::Reader>>,
        settings: Settings,
    ) -> Self {
        let (trouble, ending) = (store.trouble(), watch::channel(false).1);
        Self { store, search, trouble, ending, settings }
    }
}

/// What the operator chose.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The zone that days and times are told in.
    pub zone: TimeZone,
    /// The names this server answers to, without port (`127.0.0.1`, `localhost`, `[::1]`); a name
    /// with a port allows only that port.
    pub allowed_hosts: Vec<String>,
    /// The address readers reach it at, where that is not the one they asked for (`https://fil.example`).
    pub base_url: Option<String>,
    /// Whether the wire is the demonstration's, which each page then says.
    pub demo: bool,
    /// Sources offered where there is none yet.
    pub starter_sources: &'static [Starter],
    /// The operator's own names with several spellings, which search takes for one.
    pub spellings: Arc<Spellings>,
}

/// A source offered for a start.
#[derive(Clone, Copy, Debug)]
pub struct Starter {
    /// The set it belongs to: a language (`fr`, `en`), or the set's name.
    pub set: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its feed.
    pub address: &'static str,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            zone: TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC),
            allowed_hosts: ["127.0.0.1", "localhost", "[::1]"].map(String::from).to_vec(),
            base_url: None,
            demo: false,
            starter_sources: &[],
            spellings: Arc::default(),
        }
    }
}

/// What every handler shares.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) search: watch::Receiver<Option<depeche_search::Reader>>,
    pub(crate) settings: Settings,
    pub(crate) live: live::Live,
    pub(crate) trouble: watch::Receiver<Option<Trouble>>,
    pub(crate) changes: watch::Receiver<WireState>,
    pub(crate) drawn: drawn::Drawn,
    pub(crate) front: drawn::Drawn,
    pub(crate) door: door::Door,
    pub(crate) effects: editions::Remembered,
    pub(crate) comparisons: turns::Turns,
    pub(crate) searches: turns::Turns,
}

/// Comparisons that are worked out at once: of two books each holds some hundred megabytes and a core.
const COMPARISONS_AT_ONCE: usize = 2;
/// Searches at once: each holds a core for some 50 ms at most, and on the smallest machine there are two.
const SEARCHES_AT_ONCE: usize = 2;

/// Bytes of a form: a token, a name, two hundred addresses.
const FORM_BYTES_MAX: usize = 256 * 1024;
/// Bytes of an OPML file: two thousand sources with long descriptions take about one million.
const OPML_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The pages as a service; the binary binds it to a socket.
pub fn router(site: Site) -> Router {
    let Site { store, search, trouble, ending, settings } = site;
    let (live, changes) = (live::Live::new(ending), store.changes());
    let (drawn, front) = (drawn::Drawn::new(drawn::LIST), drawn::Drawn::new(drawn::FRONT));
    let (door, effects) = (door::Door::new(), editions::Remembered::default());
    let app = Arc::new(App {
        store,
        search,
        settings,
        live,
        trouble,
        changes,
        drawn,
        front,
        door,
        effects,
        comparisons: turns::Turns::new(COMPARISONS_AT_ONCE),
        searches: turns::Turns::new(SEARCHES_AT_ONCE),
    });
    let router = reading().merge(administering()).merge(pushing()).merge(assets::routes());
    router
        .fallback(async || Failure::NotFound)
        .method_not_allowed_fallback(async || Failure::WrongMethod)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), edge::edge))
        .layer(CompressionLayer::new())
        // Outside of the edge: whoever watches over a server asks under the name it has there.
        .route("/healthz", get(trouble::healthz))
        .with_state(app)
}

fn reading() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(latest::latest))
        .route("/direct", get(live::stream))
        .route("/a-la-une", get(front::front))
        .route("/recherche", get(search::search))
        .route("/recherche.atom", get(search::feed))
        .route("/recherche.rss", get(search::feed))
        .route("/recherche.json", get(search::feed))
        .route("/recherche.csv", get(search::feed))
        .route("/recherche/suggestions", get(search::suggestions))
        .route("/opensearch.xml", get(search::description))
        .route("/article/{id}", get(article::item))
        .route("/article/{id}/versions/{number}", get(comparison::version))
        .route("/article/{id}/comparaison/{other}", get(comparison::items))
        .route("/article/{id}/{slug}", get(article::item))
        .route("/depeche/{id}", get(article::dispatch))
        .route("/depeche/{id}/copies", get(article::copies))
        .route("/depeche/{id}/{slug}", get(article::dispatch))
        .route("/sujet/{id}", get(story::story))
        .route("/sujet/{id}/{slug}", get(story::story))
        .route("/sources", get(sources::all))
        .route("/sources/{id}", get(source::one))
}

/// What programs call: by a token or a signature, never by a cookie.
fn pushing() -> Router<Arc<App>> {
    Router::new()
        .route("/intake/{source}", post(intake::take).fallback(intake::wrong_method))
        .route("/websub/{callback}", get(websub::verify).post(websub::content))
}

fn administering() -> Router<Arc<App>> {
    Router::new()
        .route("/connexion", get(administration::sign_in_page).post(administration::sign_in))
        .route("/deconnexion", post(administration::sign_out))
        .route("/sources/ajouter", post(administration::add))
        .route("/sources/tester", post(administration::test))
        .route(
            "/sources/opml",
            post(administration::take_opml).layer(DefaultBodyLimit::max(OPML_BYTES_MAX)),
        )
        .route("/sources/{id}/modifier", post(administration::change))
        .route("/sources/livrees", post(pushed::add))
        .route("/sources/{id}/jeton", post(pushed::make_token))
        .route("/sources/{id}/jeton/retirer", post(pushed::revoke_token))
        .route("/sources/{id}/{act}", post(administration::act))
        .route("/travaux/{id}", get(jobs::job))
}
