//! `cargo xtask queries --from FILE`: a set of news queries made out of articles at hand, and how well search answers it.
//!
//! The articles are what `depeche export --format jsonl` writes, or lines with `id`, `title` and `text`; nothing of them is
//! kept but in the folder of the build. A query is made of one part of an article and must find another part: its headline
//! the body, its standfirst the body, the beginning of a copy the other copies.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Context;
use serde_json::{Value, json};

use crate::{cargo, eval::write, run, target};

/// Most queries of one kind.
const OF_A_KIND: usize = 400;

/// Fewest words of a text that is worth finding, and of a query made of a headline.
const TEXT_WORDS_MIN: usize = 60;
const HEADLINE_WORDS_MIN: usize = 4;

/// Words of the beginning of a copy.
const COPY_WORDS: usize = 30;

/// Words of a dated question.
const DATED_WORDS: usize = 3;

/// Places of an answer that are looked at for its order, and for whether it is there at all.
const FIRST: usize = 10;
const ALL: usize = 100;

/// Spellings of one name; a query has the one where the article has the other.
const NAMES: [(&str, &str); 6] = [
    ("Raqqa", "Raqa"),
    ("Mossoul", "Mosul"),
    ("Kiev", "Kyiv"),
    ("djihadistes", "jihadistes"),
    ("Otan", "NATO"),
    ("Daech", "Daesh"),
];

/// An article at hand.
struct Piece {
    id: String,
    headline: String,
    standfirst: String,
    body: String,
    dispatch: Option<String>,
    published: Option<String>,
    language: Option<String>,
}

/// A query and what it must find.
struct Asked {
    kind: &'static str,
    query: String,
    /// Whether it is read as typed, with its operators.
    typed: bool,
    right: HashSet<String>,
    /// Found in spite of itself, and not counted.
    own: Option<String>,
}

/// Makes the set, asks, and prints a line a kind.
pub(crate) fn queries(from: &[PathBuf]) -> anyhow::Result<()> {
    run(cargo().args(["build", "--quiet", "--locked", "--package", "depeche", "--release"]))?;
    let pieces = pieces(from)?;
    anyhow::ensure!(!pieces.is_empty(), "no article with a headline and a text is in these files");
    let work = target().join("queries");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    println!("{} articles", pieces.len());
    let bare = with_copies(asked(&pieces), &pieces);
    print(&answers(&work, "bare", &pieces, &bare, false)?, &bare);
    let whole = headlines(&pieces, "headline, with headlines indexed", |_| true);
    let whole = with_copies(whole, &pieces);
    print(&answers(&work, "whole", &pieces, &whole, true)?, &whole);
    Ok(())
}

fn pieces(from: &[PathBuf]) -> anyhow::Result<Vec<Piece>> {
    let mut known = HashSet::new();
    let mut pieces = Vec::new();
    for path in from {
        let file =
            fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        for line in BufReader::new(file).lines() {
            let Ok(line) = serde_json::from_str::<Value>(&line?) else { continue };
            pieces.extend(piece(&line).filter(|piece| known.insert(piece.id.clone())));
        }
    }
    Ok(pieces)
}

fn piece(line: &Value) -> Option<Piece> {
    let article = &line["article"];
    let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
    let first = |values: [&Value; 2]| values.into_iter().map(text).find(|text| !text.is_empty());
    let piece = Piece {
        id: first([&line["id"], &line["external"]])?,
        headline: first([&article["headline"], &line["title"]])?,
        standfirst: text(&article["standfirst"]),
        body: text(&line["text"]),
        dispatch: line["dispatch"].as_str().map(str::to_owned),
        published: first([&line["at"], &line["published"]])
            .or_else(|| first([&line["date"], &Value::Null])),
        language: first([&article["language"], &line["language"]]),
    };
    (words(&piece.body) >= TEXT_WORDS_MIN).then_some(piece)
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// The queries of every kind.
fn asked(pieces: &[Piece]) -> Vec<Asked> {
    let mut all = headlines(pieces, "headline", |_| true);
    type Change = fn(&str) -> String;
    let changes: [(&'static str, Change); 4] = [
        ("headline without accents", unaccented),
        ("headline in capitals", |text| text.to_uppercase()),
        ("headline with another apostrophe", |text| text.replace('\'', "’").replace('’', " ")),
        ("headline with one slip", slipped),
    ];
    for (kind, change) in changes {
        let changed = headlines(pieces, kind, |piece| change(&piece.headline) != piece.headline);
        all.extend(changed.into_iter().map(|asked| Asked { query: change(&asked.query), ..asked }));
    }
    for (ours, theirs) in NAMES {
        let named = headlines(pieces, "headline with another spelling", |piece| {
            piece.headline.contains(ours) && piece.body.contains(ours)
        });
        let other = |asked: Asked| Asked { query: asked.query.replace(ours, theirs), ..asked };
        all.extend(named.into_iter().map(other));
    }
    let standfirsts = pieces.iter().filter(|piece| words(&piece.standfirst) >= HEADLINE_WORDS_MIN);
    all.extend(
        spread(standfirsts.collect())
            .into_iter()
            .map(|piece| Asked { query: piece.standfirst.clone(), ..of("standfirst", piece) }),
    );
    all.extend(dated(pieces));
    all.extend(copies(pieces));
    all
}

fn of(kind: &'static str, piece: &Piece) -> Asked {
    let right = HashSet::from([piece.id.clone()]);
    Asked { kind, query: piece.headline.clone(), typed: false, right, own: None }
}

/// Headlines that must find their bodies, where the body does not repeat them.
fn headlines(pieces: &[Piece], kind: &'static str, wanted: impl Fn(&Piece) -> bool) -> Vec<Asked> {
    let right = |piece: &&Piece| {
        words(&piece.headline) >= HEADLINE_WORDS_MIN
            && !piece.body.contains(&piece.headline)
            && wanted(piece)
    };
    spread(pieces.iter().filter(right).collect()).into_iter().map(|piece| of(kind, piece)).collect()
}

/// Three words of a headline and the day it was published.
fn dated(pieces: &[Piece]) -> Vec<Asked> {
    let dated = pieces
        .iter()
        .filter(|piece| piece.published.is_some() && words(&piece.headline) >= HEADLINE_WORDS_MIN);
    let question = |piece: &Piece| {
        let mut long: Vec<&str> = piece
            .headline
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.chars().count() > 3)
            .collect();
        long.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        long.truncate(DATED_WORDS);
        let day = piece.published.as_deref()?.get(..10)?;
        let query = format!("{} date:{day}", long.join(" "));
        (long.len() == DATED_WORDS).then(|| Asked {
            query,
            typed: true,
            ..of("dated question", piece)
        })
    };
    spread(dated.collect()).into_iter().filter_map(question).collect()
}

/// The beginnings of copies, which must find the other copies of their dispatch.
fn copies(pieces: &[Piece]) -> Vec<Asked> {
    let mut dispatches: BTreeMap<&str, Vec<&Piece>> = BTreeMap::new();
    for piece in pieces {
        if let Some(dispatch) = &piece.dispatch {
            dispatches.entry(dispatch).or_default().push(piece);
        }
    }
    let several: Vec<&Vec<&Piece>> = dispatches.values().filter(|all| all.len() > 1).collect();
    let question = |all: &Vec<&Piece>| {
        let first = all.first()?;
        let lead: Vec<&str> = first.body.split_whitespace().take(COPY_WORDS).collect();
        let right = all.iter().skip(1).map(|piece| piece.id.clone()).collect();
        let own = Some(first.id.clone());
        Some(Asked { kind: "copy", query: lead.join(" "), typed: false, right, own })
    };
    several.into_iter().take(OF_A_KIND).filter_map(question).collect()
}

/// The same, where what finds an article may find any copy of it as well.
fn with_copies(mut asked: Vec<Asked>, pieces: &[Piece]) -> Vec<Asked> {
    let dispatch: HashMap<&str, &str> = pieces
        .iter()
        .filter_map(|piece| Some((piece.id.as_str(), piece.dispatch.as_deref()?)))
        .collect();
    for asked in asked.iter_mut().filter(|asked| asked.own.is_none()) {
        let of: HashSet<&str> =
            asked.right.iter().filter_map(|id| dispatch.get(id.as_str()).copied()).collect();
        let copies = dispatch.iter().filter(|(_, dispatch)| of.contains(*dispatch));
        let copies: Vec<String> = copies.map(|(id, _)| (*id).to_owned()).collect();
        asked.right.extend(copies);
    }
    asked
}

/// At most so many of them as one kind has, spread over all.
fn spread<T>(all: Vec<T>) -> Vec<T> {
    let step = all.len().div_ceil(OF_A_KIND).max(1);
    all.into_iter().step_by(step).collect()
}

fn unaccented(text: &str) -> String {
    let plain = |c: char| match c {
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'à' | 'â' => 'a',
        'î' | 'ï' => 'i',
        'ô' => 'o',
        'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'É' | 'È' | 'Ê' => 'E',
        'À' | 'Â' => 'A',
        other => other,
    };
    text.chars().map(plain).collect()
}

/// The longest word with two letters exchanged in its middle.
fn slipped(text: &str) -> String {
    let longest = text
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| word.chars().count() > 6)
        .max_by_key(|word| word.chars().count());
    let Some(word) = longest else { return text.to_owned() };
    let mut letters: Vec<char> = word.chars().collect();
    let middle = letters.len() / 2;
    letters.swap(middle - 1, middle);
    text.replacen(word, &letters.into_iter().collect::<String>(), 1)
}

/// What search answers to each query, from a fresh wire of these articles.
fn answers(
    work: &Path,
    name: &str,
    pieces: &[Piece],
    asked: &[Asked],
    headlines: bool,
) -> anyhow::Result<Vec<Vec<String>>> {
    let (documents, data) = (work.join(format!("{name}.docs.jsonl")), work.join(name));
    let mut out = BufWriter::new(fs::File::create(&documents)?);
    for piece in pieces {
        let title = if headlines { piece.headline.as_str() } else { "" };
        let line = json!({
            "id": piece.id, "source": "articles", "title": title, "text": piece.body,
            "published": piece.published, "language": piece.language,
        });
        writeln!(out, "{line}")?;
    }
    drop(out);
    let program = target().join("release/depeche");
    let mut import = Command::new(&program);
    import.arg("import").arg("--data").arg(&data).arg(&documents).stdout(Stdio::null());
    run(&mut import)?;
    let (input, output) =
        (work.join(format!("{name}.in.jsonl")), work.join(format!("{name}.out.jsonl")));
    let mut lines = BufWriter::new(fs::File::create(&input)?);
    for (number, asked) in asked.iter().enumerate() {
        writeln!(lines, "{}", json!({ "id": number, "query": asked.query, "typed": asked.typed }))?;
    }
    drop(lines);
    let mut search = Command::new(&program);
    search.args(["search", "--batch", "--data"]).arg(&data).stdin(fs::File::open(&input)?);
    write(&mut search, &output)?;
    let mut found = vec![Vec::new(); asked.len()];
    for line in fs::read_to_string(&output)?.lines() {
        let line: Value = serde_json::from_str(line)?;
        let hits = line["hits"].as_array().into_iter().flatten();
        let hits = hits.filter_map(|hit| hit.as_str().map(str::to_owned)).collect();
        if let Some(slot) = line["id"].as_u64().and_then(|id| found.get_mut(id as usize)) {
            *slot = hits;
        }
    }
    Ok(found)
}

/// A line a kind: how many, nDCG@10, how often a right one comes first, and how many are among the first hundred.
fn print(found: &[Vec<String>], asked: &[Asked]) {
    let mut kinds: Vec<&str> = Vec::new();
    let mut sums: HashMap<&str, [f64; 4]> = HashMap::new();
    for (asked, hits) in asked.iter().zip(found) {
        if !kinds.contains(&asked.kind) {
            kinds.push(asked.kind);
        }
        let hits: Vec<&String> =
            hits.iter().filter(|hit| Some(*hit) != asked.own.as_ref()).collect();
        let right = |hit: &&&String| asked.right.contains(hit.as_str());
        let worth = |place: usize| 1.0 / ((place + 2) as f64).log2();
        let gained: f64 = hits
            .iter()
            .take(FIRST)
            .enumerate()
            .filter(|(_, hit)| right(hit))
            .map(|(place, _)| worth(place))
            .sum();
        let best: f64 = (0..asked.right.len().min(FIRST)).map(worth).sum();
        let first = hits.first().is_some_and(|hit| right(&hit));
        let there = hits.iter().take(ALL).filter(right).count() as f64 / asked.right.len() as f64;
        let all = sums.entry(asked.kind).or_default();
        for (sum, value) in
            all.iter_mut().zip([1.0, gained / best, f64::from(u8::from(first)), there])
        {
            *sum += value;
        }
    }
    for kind in kinds {
        let [count, gained, first, there] = sums.get(kind).copied().unwrap_or_default();
        println!(
            "{kind:<34} queries={count:<4} ndcg10={:.3} first={:.3} recall100={:.3}",
            gained / count,
            first / count,
            there / count
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_is_spoiled_as_people_do() {
        assert_eq!(unaccented("Préfète à l'été"), "Prefete a l'ete");
        assert_eq!(slipped("La préfecture dit non"), "La préfceture dit non");
        assert_eq!(slipped("Un deux"), "Un deux");
    }

    #[test]
    fn a_copy_is_as_right_as_its_text() {
        let line = |id: &str, dispatch: &str| {
            let line = json!({ "id": id, "title": format!("Un titre de six mots {id}"),
                "text": "assez de mots ".repeat(30), "dispatch": dispatch });
            piece(&line).unwrap()
        };
        let pieces = [line("a", "x"), line("b", "x"), line("c", "y")];
        let asked = with_copies(headlines(&pieces, "headline", |_| true), &pieces);
        let right: Vec<usize> = asked.iter().map(|asked| asked.right.len()).collect();
        assert_eq!(right, [2, 2, 1]);
    }

    #[test]
    fn only_what_can_be_found_by_its_body_is_asked_for() {
        let line = |headline: &str, body: &str| {
            piece(&json!({ "id": headline, "title": headline, "text": body.repeat(30) }))
        };
        assert!(line("Un titre de six mots là", "assez de mots ").is_some());
        assert!(piece(&json!({ "id": "a", "title": "Un titre", "text": "court" })).is_none());
        let leaked = line("Un titre de six mots", "Un titre de six mots et plus ").unwrap();
        assert!(headlines(&[leaked], "headline", |_| true).is_empty());
    }
}
