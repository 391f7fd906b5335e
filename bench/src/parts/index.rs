//! An index by itself, without a store: how fast it is made, its bytes, and what queries of every kind cost.

use std::{fs, path::Path};

use depeche_news::{
    DispatchId, ItemId, SourceId, Viewer,
    jiff::{Timestamp, tz::TimeZone},
};
use depeche_search::{About, Change, Index, Order, Paper, Query, Reader, Scope};

use crate::{
    arguments::Arguments,
    clock::{process_cpu, thread_cpu},
    figures::{Figures, ms, percentile, progress, rate},
    making,
    parts::search::queries,
    text::{Piece, feeds},
};

const PART: &str = "index";

/// Papers applied at once, and papers between two commits: what a busy wire brings in half a second.
const AT_ONCE: usize = 500;

/// Rounds over the queries.
const ROUNDS: usize = 7;

/// Words of a query that nobody types.
const MANY_WORDS: usize = 10_000;

/// Values of a list behind a field.
const WORDS_LISTED: usize = 200;

pub(crate) fn measure(
    figures: &mut Figures,
    arguments: &Arguments,
    articles: usize,
    keep: Option<&Path>,
) -> anyhow::Result<()> {
    let own = tempfile::tempdir()?;
    let folder = keep.unwrap_or(own.path()).join(format!("index-{articles}"));
    fs::create_dir_all(&folder)?;
    let known = Reader::open(&folder).ok().filter(|reader| reader.documents() == articles as u64);
    if known.is_none() {
        make(figures, arguments, articles, &folder)?;
    }
    let reader = Reader::open(&folder)?;
    let queries = queries(arguments, articles)?;
    let counted = |order| {
        let now = Timestamp::now().to_zoned_datetime(TimeZone::UTC);
        Scope { order, counted: true, now, limit: 42, ..Scope::new(Viewer::Reader) }
    };
    let plain = Scope { limit: 42, ..Scope::new(Viewer::Reader) };
    tell(figures, &reader, &queries, "", &plain, Query::parse)?;
    let page = counted(Order::Mixed);
    tell(figures, &reader, &queries, ", counted, by day too", &page, Query::parse)?;
    let typed: Vec<String> = queries.iter().flat_map(|query| typings(query)).collect();
    tell(figures, &reader, &typed, ", as they are typed", &page, Query::typing)?;
    let narrowed: Vec<String> = queries
        .iter()
        .map(|query| format!("{query} depuis:30j (rubrique:monde OU urgence:1-3)"))
        .collect();
    tell(figures, &reader, &narrowed, ", narrowed", &page, Query::parse)?;
    tell(figures, &reader, &hostile(&queries), " that nobody should ask", &page, Query::parse)?;
    Ok(())
}

/// Prints what queries cost, the middle one and the dearest in a hundred.
fn tell(
    figures: &mut Figures,
    reader: &Reader,
    queries: &[String],
    kind: &str,
    scope: &Scope<'_>,
    read: fn(&str) -> Query,
) -> anyhow::Result<()> {
    let mut rounds: Vec<Vec<f64>> = vec![Vec::new(); queries.len()];
    for round in 0..=ROUNDS {
        for (query, costs) in queries.iter().zip(&mut rounds) {
            let before = thread_cpu();
            reader.search(&read(query), scope)?;
            if round > 0 {
                costs.push(ms(thread_cpu() - before));
            }
        }
    }
    // A machine that is lent out is half as fast for a second now and then: of each query the middle round counts.
    let mut costs: Vec<f64> = rounds.iter_mut().map(|costs| percentile(costs, 50)).collect();
    let name = |which: &str| format!("{which} of {} queries{kind} (CPU)", queries.len());
    figures.tell(PART, &name("p50"), percentile(&mut costs, 50), "ms");
    figures.tell(PART, &name("p99"), percentile(&mut costs, 99), "ms");
    figures.tell(PART, &name("dearest"), percentile(&mut costs, 100), "ms");
    Ok(())
}

/// What is in the box after each third letter.
fn typings(query: &str) -> Vec<String> {
    let ends = query.char_indices().map(|(at, _)| at).skip(2).step_by(3);
    ends.filter_map(|end| query.get(..end)).map(str::to_owned).collect()
}

/// Queries that are meant to cost much.
fn hostile(queries: &[String]) -> Vec<String> {
    let common: Vec<&str> = queries.iter().take(12).map(String::as_str).collect();
    let all = common.join(" ");
    let start = |word: &&str| format!("{}*", word.chars().take(3).collect::<String>());
    let stars: Vec<String> = common.iter().map(start).collect();
    let listed: Vec<&str> = common.iter().cycle().take(WORDS_LISTED).copied().collect();
    vec![
        "mot ".repeat(MANY_WORDS),
        "(".repeat(1000),
        all.clone(),
        format!("\"{all}\""),
        format!("\"{all}\"~50"),
        format!("\"{}\"~50", common.iter().take(2).copied().collect::<Vec<_>>().join(" ")),
        format!("\"{} {}\"", common.first().unwrap_or(&""), common.get(1).unwrap_or(&"")),
        stars.join(" "),
        stars.join(" OU "),
        format!("{all} -{}", stars.join(" -")),
        format!("{all} ({} OU langue:fr)", stars.join(" ")),
        format!("source:{} {all}", listed.join(",")),
        format!("{all} rubrique:{} -lieu:{}", listed.join(","), listed.join(",")),
        "\"état islamique\" ei daech -otan \"al-qaida\"~9 isis".to_owned(),
        format!("-{}", common.join(" -")),
        common.join(" ET "),
        common.join(" OU "),
        "(.*)+$ [a-z]{1,1000} ^(a|a)*".to_owned(),
        "source:x OU -y".to_owned(),
        "langue:fr".to_owned(),
        "-langue:fr".to_owned(),
    ]
}

fn make(
    figures: &mut Figures,
    arguments: &Arguments,
    articles: usize,
    folder: &Path,
) -> anyhow::Result<()> {
    let mut newsroom = making::newsroom(arguments, articles)?;
    let mut index = Index::open(folder)?.index;
    let (mut done, mut text_bytes, mut spent) = (0, 0, std::time::Duration::ZERO);
    while done < articles {
        let pieces: Vec<Piece> =
            (0..AT_ONCE.min(articles - done)).map(|_| newsroom.piece()).collect();
        text_bytes += pieces.iter().map(|piece| piece.text_bytes() as u64).sum::<u64>();
        let changes: Vec<Change> = pieces.iter().map(|piece| Change::Put(paper(piece))).collect();
        done += pieces.len();
        let before = process_cpu();
        index.apply(&changes)?;
        if done.is_multiple_of(AT_ONCE * 20) || done == articles {
            index.commit(done as u64, 1)?;
            progress(&format!("{done} of {articles} indexed"));
        }
        spent += process_cpu() - before;
    }
    let before = process_cpu();
    index.settle()?;
    spent += process_cpu() - before;
    figures.held(PART, "articles a CPU second", rate(articles, spent), "/s", "≥ 1500");
    let share = bytes(folder)? as f64 / text_bytes.max(1) as f64;
    figures.held(PART, "bytes a byte of text", share, "", "≤ 0.45");
    Ok(())
}

fn paper(piece: &Piece) -> Paper {
    let source = SourceId::of_address(&feeds::address(piece.outlet));
    let item = ItemId::new(&source, Some(&piece.number.to_string()), None, "");
    Paper {
        dispatch: DispatchId::from(&item),
        item,
        external: None,
        source,
        private: false,
        headline: piece.headline.clone(),
        credit: String::new(),
        standfirst: piece.standfirst.clone().unwrap_or_default(),
        byline: piece.author.clone(),
        body: piece.paragraphs.join("\n"),
        language: Some("fr".to_owned()),
        about: About {
            section: Some(piece.section.to_owned()),
            places: vec![piece.place.clone()],
            ..About::default()
        },
        at: piece.at,
        seq: piece.number as u64,
    }
}

/// Bytes of all files below a folder.
fn bytes(folder: &Path) -> anyhow::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        sum += match entry.file_type()?.is_dir() {
            true => bytes(&entry.path())?,
            false => entry.metadata()?.len(),
        };
    }
    Ok(sum)
}
