//! How fast stories are taken from pages, beside dom_smoothie: both over the same pages by turns, in one run.

use std::{
    hint::black_box,
    io::Read,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use depeche_extract::Hints;
use flate2::read::MultiGzDecoder;

use crate::documents;

/// Rounds of which the best counts for each page: what the machine did besides made the others slower.
const ROUNDS: usize = 3;

/// Measures over the pages of a folder, `*.html` or `*.html.gz`.
pub(crate) fn pages(folder: &Path) -> ExitCode {
    let pages: Vec<Vec<u8>> = documents(folder)
        .into_iter()
        .filter(|(name, _)| name.ends_with(".html") || name.ends_with(".html.gz"))
        .map(|(name, bytes)| if name.ends_with(".gz") { unpacked(&bytes) } else { bytes })
        .collect();
    if pages.is_empty() {
        eprintln!("no pages in {}", folder.display());
        return ExitCode::FAILURE;
    }
    let hints = Hints { address: Some(BASE), ..Hints::default() };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for page in &pages {
        let (mut own, mut other) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            own = own.min(time_of(|| {
                depeche_extract::article(black_box(page), &hints).article.body.len()
            }));
            other = other.min(time_of(|| their_article(black_box(page))));
        }
        ours.push(own);
        theirs.push(other);
    }
    let bytes: usize = pages.iter().map(Vec::len).sum();
    let (ours, theirs) = (Figures::of(ours), Figures::of(theirs));
    println!(
        "{}",
        serde_json::json!({
            "pages": pages.len(), "bytes": bytes, "ours": ours.told(bytes), "dom_smoothie": theirs.told(bytes),
            "ratio": theirs.whole.as_secs_f64() / ours.whole.as_secs_f64(),
        })
    );
    ExitCode::SUCCESS
}

/// Where the pages are from: relative addresses in them are looked for.
const BASE: &str = "https://outlet.example/2026/01/05/article.html";

fn their_article(page: &[u8]) -> usize {
    let text = String::from_utf8_lossy(page);
    let parsed = dom_smoothie::Readability::new(text.as_ref(), Some(BASE), None)
        .and_then(|mut readability| readability.parse());
    parsed.map_or(0, |article| article.text_content.len())
}

/// The times of one reader, a page each.
struct Figures {
    whole: Duration,
    sorted: Vec<Duration>,
}

impl Figures {
    fn of(mut times: Vec<Duration>) -> Self {
        let whole = times.iter().sum();
        times.sort();
        Self { whole, sorted: times }
    }

    fn told(&self, bytes: usize) -> serde_json::Value {
        let at = |share: f64| {
            let place = ((self.sorted.len() - 1) as f64 * share) as usize;
            self.sorted[place].as_secs_f64() * 1e3
        };
        serde_json::json!({
            "pages_s": self.sorted.len() as f64 / self.whole.as_secs_f64(),
            "mb_s": bytes as f64 / 1e6 / self.whole.as_secs_f64(),
            "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1.0),
        })
    }
}

fn time_of(work: impl FnOnce() -> usize) -> Duration {
    let began = Instant::now();
    black_box(work());
    began.elapsed()
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    // A page that is cut is measured as far as it goes.
    let _ = MultiGzDecoder::new(bytes).read_to_end(&mut whole);
    whole
}
