//! How fast both read the same documents, by turns in one run, so that whatever else the machine does slows both.

use std::{
    hint::black_box,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use depeche_formats::{Hints, read};

use crate::documents;

/// Rounds of which the best counts: what the machine did besides made the others slower.
const ROUNDS: usize = 15;

/// Measures each document of a folder.
pub(crate) fn speed(folder: &Path) -> ExitCode {
    let documents = documents(folder);
    for (name, bytes) in &documents {
        let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            ours = ours.min(time_of(|| read(black_box(bytes), &Hints::default()).items.len()));
            theirs = theirs.min(time_of(|| {
                feed_rs::parser::parse(black_box(bytes.as_slice()))
                    .map_or(0, |feed| feed.entries.len())
            }));
        }
        let megabytes = |time: Duration| bytes.len() as f64 / 1e6 / time.as_secs_f64();
        let figures = serde_json::json!({
            "document": name,
            "bytes": bytes.len(),
            "ours_mb_s": megabytes(ours),
            "feed_rs_mb_s": megabytes(theirs),
            "ratio": theirs.as_secs_f64() / ours.as_secs_f64(),
        });
        println!("{figures}");
    }
    if documents.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn time_of(work: impl FnOnce() -> usize) -> Duration {
    let began = Instant::now();
    black_box(work());
    began.elapsed()
}
