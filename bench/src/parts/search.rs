//! Queries over a large index; indexing it anew; opening it.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use depeche_news::{ItemId, Viewer};
use depeche_search::{Index, Query, Reader, Scope};
use depeche_store::Store;

use crate::{
    arguments::{Arguments, Probe, Until},
    clock::{cpu_of, process_cpu, thread_cpu},
    figures::{Figures, ms, percentile, progress, rate},
    instructions,
    making::{self, Made},
    pages::Pages,
    server,
    text::{Piece, random::Random},
};

const PART: &str = "search";

/// Rounds over the queries that are counted, after one that is not.
const ROUNDS: usize = 5;

/// Entries read from the store at once.
const ENTRIES_AT_ONCE: usize = 512;

pub(crate) fn measure(
    figures: &mut Figures,
    arguments: &Arguments,
    made: &Made,
) -> anyhow::Result<()> {
    let queries = queries(arguments, made.note.articles)?;
    let folder = made.folder.join("index");
    let opened = || -> anyhow::Result<Reader> {
        let reader = Reader::open(&folder)?;
        reader.search(&Query::parse("ministre"), &Scope::new(Viewer::Reader))?;
        Ok(reader)
    };
    opened()?;
    let (reader, cost) = cpu_of(opened);
    let reader = reader?;
    let name = format!("p50 of {} queries, {} articles (CPU)", queries.len(), made.note.articles);
    let (mut cpu, mut wall) = asked(&reader, &queries)?;
    figures.held(PART, &name, percentile(&mut cpu, 50), "ms", "≤ 5");
    figures.tell(PART, "p99 (CPU)", percentile(&mut cpu, 99), "ms");
    figures.tell(PART, "p50 (wall)", percentile(&mut wall, 50), "ms");
    figures.tell(PART, "p99 (wall)", percentile(&mut wall, 99), "ms");
    figures.tell(PART, "opening and the first query (CPU)", ms(cost), "ms");
    page(figures, made, &queries)?;
    again(figures, made)?;
    if arguments.instructions && instructions::can_count() {
        let run =
            |times| instructions::probe(arguments, Until::Searched, Some(&made.folder), times);
        let count = queries.len();
        let (less, more) = (run(count)?, run(3 * count)?);
        let each = more.total.saturating_sub(less.total) as f64 / (2 * count) as f64;
        figures.tell(PART, "instructions a query", each / 1e3, "k instr.");
    }
    Ok(())
}

/// Milliseconds of CPU and of wall that each query took.
fn asked(reader: &Reader, queries: &[String]) -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
    let (mut cpu, mut wall) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        for query in queries {
            let before = thread_cpu();
            let hits = reader.search(&Query::parse(query), &Scope::new(Viewer::Reader))?;
            let took = thread_cpu() - before;
            if round > 0 {
                cpu.push(ms(took));
                wall.push(hits.took_microseconds as f64 / 1e3);
            }
        }
    }
    Ok((cpu, wall))
}

/// The page of a search, with its rows and marked passages.
fn page(figures: &mut Figures, made: &Made, queries: &[String]) -> anyhow::Result<()> {
    let store = Store::open(&made.folder)?;
    let pages = Pages::new(server::pages(&store))?;
    let mut costs = Vec::new();
    for round in 0..2 {
        for query in queries {
            let address = format!("/recherche?q={}", encoded(query));
            let (answer, cost) = cpu_of(|| pages.get(&address, ""));
            anyhow::ensure!(answer?.status == 200, "{address} was not answered");
            if round > 0 {
                costs.push(ms(cost));
            }
        }
    }
    figures.tell(PART, "the page of a search, p50 (CPU)", percentile(&mut costs, 50), "ms");
    figures.tell(PART, "the page of a search, p99 (CPU)", percentile(&mut costs, 99), "ms");
    Ok(())
}

fn encoded(query: &str) -> String {
    query.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Indexes the whole wire anew in a folder of its own.
fn again(figures: &mut Figures, made: &Made) -> anyhow::Result<()> {
    let store = Store::open(&made.folder)?;
    let folder = tempfile::tempdir_in(&made.folder)?;
    let mut index = Index::open(folder.path())?.index;
    let cursor = store.cursor()?;
    let (mut seq, mut documents, mut reading) = (0, 0, Duration::ZERO);
    let began = process_cpu();
    loop {
        let (changes, cost) = cpu_of(|| -> anyhow::Result<_> {
            let entries = store.entries(seq, ENTRIES_AT_ONCE)?;
            seq = entries.last().map_or(seq, |entry| entry.seq);
            let latest: BTreeMap<ItemId, u64> =
                entries.into_iter().map(|entry| (entry.subject.item, entry.seq)).collect();
            making::changes(&store, &latest)
        });
        reading += cost;
        let changes = changes?;
        if changes.is_empty() {
            break;
        }
        if (documents + changes.len()) / 20_000 > documents / 20_000 {
            progress(&format!("{} documents indexed", documents + changes.len()));
        }
        documents += changes.len();
        index.apply(&changes)?;
    }
    index.commit(cursor.seq, cursor.epoch)?;
    drop(index);
    // Threads of the index work while the store is read, so that the reading is the whole process's.
    let all = process_cpu() - began;
    figures.tell(PART, "documents a CPU second, indexed anew", rate(documents, all), "docs/s");
    figures.tell(
        PART,
        "  reading the store, at most",
        100.0 * reading.as_secs_f64() / all.as_secs_f64(),
        "% of CPU",
    );
    Ok(())
}

/// The fixed list: common words, rare ones, several, phrases, names; drawn from the first pieces.
pub(crate) fn queries(arguments: &Arguments, articles: usize) -> anyhow::Result<Vec<String>> {
    let mut newsroom = making::newsroom(arguments, articles)?;
    let pieces: Vec<Piece> = (0..articles.min(1000)).map(|_| newsroom.piece()).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for piece in &pieces {
        for word in
            piece.paragraphs.iter().flat_map(|text| text.split(' ')).filter(|word| is_word(word))
        {
            *counts.entry(word).or_default() += 1;
        }
    }
    let mut ranked: Vec<(&str, usize)> = counts.into_iter().collect();
    ranked.sort_by_key(|&(word, count)| (std::cmp::Reverse(count), word));
    let random = &mut Random::new(9);
    let middle = ranked.len() / 10;
    let mut queries: Vec<String> =
        ranked.iter().take(12).map(|(word, _)| (*word).to_owned()).collect();
    queries.extend((0..8).map(|at| ranked[middle * at / 8].0.to_owned()));
    queries.extend(ranked.iter().rev().step_by(7).take(8).map(|(word, _)| (*word).to_owned()));
    for _ in 0..32 {
        queries.push(of_text(random, &pieces));
    }
    Ok(queries)
}

fn is_word(word: &str) -> bool {
    word.chars().count() > 4 && word.chars().all(char::is_alphabetic)
}

/// Two to four words that stand in one text, or a phrase of it, or somebody's name.
fn of_text(random: &mut Random, pieces: &[Piece]) -> String {
    let piece = random.one(pieces);
    let words: Vec<&str> = random
        .one(&piece.paragraphs)
        .split(' ')
        .filter(|word| word.chars().all(char::is_alphanumeric))
        .collect();
    if words.len() < 6 || random.chance(0.1) {
        return piece.author.clone();
    }
    let at = random.below(words.len() - 4);
    match random.chance(0.3) {
        true => format!("\"{}\"", words[at..at + 3].join(" ")),
        false => {
            let count = random.between(2, 4);
            (0..count).map(|_| *random.one(&words)).collect::<Vec<_>>().join(" ")
        }
    }
}

/// The work that is counted from outside.
pub(crate) fn probe(arguments: &Arguments, probe: &Probe) -> anyhow::Result<()> {
    let note = making::known(&probe.folder).map_or(0, |note| note.articles);
    let made =
        Made { folder: probe.folder.clone(), note: making::Note::of(arguments, note), spent: None };
    let queries = queries(arguments, made.note.articles)?;
    let reader = Reader::open(&probe.folder.join("index"))?;
    for query in queries.iter().cycle().take(probe.times) {
        reader.search(&Query::parse(query), &Scope::new(Viewer::Reader))?;
    }
    Ok(())
}
