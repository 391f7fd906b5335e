//! The layer table, held against what the crates really use.

use std::fs;

use super::House;

/// Layer of each crate, and the crates of ours it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("news", &[]),
    ("text", &["news"]),
    ("formats", &["news", "text"]),
    ("extract", &["news", "text"]),
    ("cluster", &["news", "text"]),
    ("outbound", &["news"]),
    ("collect", &["news", "text", "formats", "outbound"]),
    ("store", &["news"]),
    ("search", &["news", "text"]),
    (
        "ingest",
        &[
            "news", "text", "formats", "extract", "cluster", "outbound", "collect", "store",
            "search",
        ],
    ),
    ("web", &["news", "text", "store", "search"]),
];

/// Crates that layers 0 and 1 must not use: they do no I/O and spawn nothing.
const NOT_BELOW: &[&str] = &["tokio", "reqwest", "rusqlite", "tantivy", "axum", "tracing"];

/// The layers that are pure.
const PURE: &[&str] = &["news", "text", "formats", "extract", "cluster"];

pub(super) fn layers(house: &House) -> Vec<String> {
    let mut complaints = Vec::new();
    for package in house.metadata.workspace_packages() {
        let Some(name) = package.name.strip_prefix("depeche-") else { continue };
        let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| *layer == name) else {
            complaints.push(format!(
                "{name} has no place in the layer table of xtask/src/tidy/layers.rs"
            ));
            continue;
        };
        let used = package
            .dependencies
            .iter()
            .filter(|used| used.kind == cargo_metadata::DependencyKind::Normal);
        for used in used {
            if let Some(ours) = used.name.strip_prefix("depeche-")
                && !allowed.contains(&ours)
            {
                complaints.push(format!("{name} uses {ours}, which its layer may not"));
            }
            if PURE.contains(&name) && NOT_BELOW.contains(&used.name.as_str()) {
                complaints.push(format!("{name} is pure and uses {}", used.name));
            }
        }
    }
    complaints
}

pub(super) fn paragraphs(house: &House) -> Vec<String> {
    let text = fs::read_to_string(house.root.join("ARCHITECTURE.md")).unwrap_or_default();
    let names =
        house.metadata.workspace_packages().into_iter().map(|package| {
            package.name.strip_prefix("depeche-").unwrap_or(&package.name).to_owned()
        });
    names
        .filter(|name| !text.contains(&format!("### `{name}`")))
        .map(|name| format!("ARCHITECTURE.md has no paragraph «### `{name}`»"))
        .collect()
}
