//! Labelled pages, read.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, anyhow};
use depeche_extract::Hints;
use depeche_extract::study::{self, Place, Rows, Study};
use flate2::read::MultiGzDecoder;
use serde_json::Value;

use crate::label;

/// A page, its pieces and what they should be.
pub(crate) struct Page {
    pub(crate) id: String,
    /// A number for its outlet: pages of one outlet are never parted.
    pub(crate) outlet: u64,
    pub(crate) rows: Rows,
    pub(crate) places: Vec<Place>,
    pub(crate) names: Vec<Vec<Vec<u32>>>,
    pub(crate) wordings: Vec<Vec<u32>>,
    /// Whether each piece is of the story.
    pub(crate) labels: Vec<bool>,
    /// What the page counts besides.
    pub(crate) counts: f32,
    /// What each piece counts; nothing where it is not known what it is.
    pub(crate) weights: Vec<f32>,
}

impl Page {
    /// A page with its labels.
    pub(crate) fn new(study: Study, truth: &Value) -> Self {
        let (labels, mut weights) = label::all(&study, truth);
        let judged = weights.iter_mut().zip(&study.places);
        judged.filter(|(_, place)| place.apart).for_each(|(weight, _)| *weight = 0.0);
        Self {
            id: truth["id"].as_str().unwrap_or_default().to_owned(),
            outlet: outlet_number(truth),
            counts: if truth["source"] == "french" { OWN_COUNTS } else { 1.0 },
            rows: study.rows,
            places: study.places,
            names: study.names,
            wordings: study.wordings,
            labels,
            weights,
        }
    }
}

/// What a page of our own counts: its truth is known by construction, where half of the other truths are doubtful
/// somewhere. More of it costs the other sets (docs/design/022-story-model.md).
const OWN_COUNTS: f32 = 7.0;

/// Reads all pages of a folder, in the order of its list.
pub(crate) fn read(folder: &Path) -> anyhow::Result<Vec<Page>> {
    let list = unpacked(&folder.join("truth.jsonl.gz"))?;
    let list = String::from_utf8(list).context("truth.jsonl.gz is not UTF-8")?;
    let truth: Vec<Value> = list.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let (left, right) = truth.split_at(truth.len() / 2);
    let (left, right) = std::thread::scope(|scope| {
        let right = scope.spawn(|| part(folder, right));
        (part(folder, left), right.join())
    });
    let mut pages = left?;
    pages.extend(right.map_err(|_| anyhow!("the reading of a page stopped"))??);
    Ok(pages)
}

/// Reads something of each page of a folder, in the order of its list.
pub(crate) fn each<T>(folder: &Path, read: impl Fn(&[u8], &Value) -> T) -> anyhow::Result<Vec<T>> {
    let list = String::from_utf8(unpacked(&folder.join("truth.jsonl.gz"))?)?;
    let mut all = Vec::new();
    for line in list.lines() {
        let truth: Value = serde_json::from_str(line)?;
        let id = truth["id"].as_str().unwrap_or_default();
        all.push(read(&unpacked(&folder.join(format!("{id}.html.gz")))?, &truth));
    }
    Ok(all)
}

fn part(folder: &Path, truth: &[Value]) -> anyhow::Result<Vec<Page>> {
    let mut pages = Vec::new();
    for truth in truth {
        let id = truth["id"].as_str().unwrap_or_default();
        let bytes = unpacked(&folder.join(format!("{id}.html.gz")))?;
        let hints = Hints { address: truth["url"].as_str(), ..Hints::default() };
        let study = study::of(&bytes, &hints);
        if study.texts.is_empty() {
            continue;
        }
        pages.push(Page::new(study, truth));
    }
    Ok(pages)
}

/// A number for the outlet of a page.
pub(crate) fn outlet_number(truth: &Value) -> u64 {
    hash(&outlet(truth))
}

/// The registrable name of a page's host, or nearly: its longest label but the last; what the truth calls so goes before.
fn outlet(truth: &Value) -> String {
    let id = truth["id"].as_str().unwrap_or_default();
    if let Some(outlet) = truth["outlet"].as_str() {
        return outlet.to_owned();
    }
    let Some(url) = truth["url"].as_str() else { return id.to_owned() };
    let host = url.split("://").nth(1).unwrap_or(url).split(['/', ':', '?']).next().unwrap_or(id);
    let labels: Vec<&str> = host.split('.').collect();
    let most = labels.split_last().map(|(_, rest)| rest).unwrap_or_default();
    let skip = ["www", "com", "co", "org", "news", "amp", "blog", "edition"];
    most.iter()
        .filter(|label| !skip.contains(label))
        .max_by_key(|label| label.len())
        .map_or(host.to_owned(), |l| (*l).to_owned())
}

fn hash(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    hash ^ (hash >> 29)
}

fn unpacked(file: &Path) -> anyhow::Result<Vec<u8>> {
    let packed =
        std::fs::File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut bytes = Vec::new();
    MultiGzDecoder::new(packed).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// How often each outlet is there.
pub(crate) fn outlets<'a>(pages: impl Iterator<Item = &'a Page>) -> HashMap<u64, usize> {
    pages.fold(HashMap::new(), |mut all, page| {
        *all.entry(page.outlet).or_default() += 1;
        all
    })
}
