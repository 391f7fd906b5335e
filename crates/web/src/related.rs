//! Other stories that have names and telling words in common with one: what went before it, and what is
//! told beside it.

use std::collections::{HashMap, HashSet};

use depeche_news::DispatchId;
use depeche_search::{Query, Reader, Scope};
use depeche_store::{Error, Row, Store, StoryHeadline, StoryLine, StoryView};
use depeche_text::fold;

use crate::{
    page::Visit,
    story::{one_word, story_name},
};

/// Stories named: more is a list nobody reads.
const STORIES_MAX: usize = 5;

/// Stories looked at for them: one that only a stray dispatch relates is called something else.
const STORIES_TRIED: usize = 12;

/// Words of a story that are looked for; the index goes through the list of each.
const WORDS_MAX: usize = 10;

/// Hits looked at, among what was there before the story began and among everything.
const HITS_BEFORE: usize = 60;
const HITS: usize = 120;

/// Words told of what two stories have in common.
const SHARED_MAX: usize = 4;

/// Words in common that make a relation, if a name is among them, and if none is.
const SHARED_WITH_NAME: usize = 2;
const SHARED_MIN: usize = 3;

/// How well, of the best that the story's own dispatches do, another must match: what merely names
/// the same country does worse.
const MATCH_SHARE: f32 = 0.35;

/// Another story, and what ties it to this one.
pub(crate) struct Related {
    pub(crate) line: StoryLine,
    /// The dispatch of it that is most like this story.
    pub(crate) row: Row,
    /// The words in common, as this story writes them.
    pub(crate) shared: Vec<String>,
}

/// The stories related to this one, the most alike first. An index that cannot be read gives none: the
/// page is whole without.
pub(crate) fn related(
    store: &Store,
    reader: &Reader,
    visit: &Visit,
    view: &StoryView,
) -> Result<Vec<Related>, Error> {
    let telling = telling(&view.headlines, &view.facts.terms);
    if telling.len() < SHARED_WITH_NAME {
        return Ok(Vec::new());
    }
    let found = match hits(reader, visit, view, &telling) {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(%error, "the index could not be searched");
            return Ok(Vec::new());
        }
    };
    let dispatches: Vec<DispatchId> = found.iter().map(|(id, _)| id.clone()).collect();
    let rows = store.rows(visit.viewer, visit.now, &dispatches)?;
    let scores: HashMap<DispatchId, f32> = found.into_iter().collect();
    let score = |row: &Row| scores.get(&row.dispatch).copied().unwrap_or_default();
    let own = rows.iter().filter(|row| row.story == view.id).map(&score).fold(0.0, f32::max);
    let mut stories = HashSet::from([view.id.clone()]);
    let alike = rows.into_iter().filter(|row| score(row) >= own * MATCH_SHARE).filter_map(|row| {
        let shared = shared(&telling, &row)?;
        stories.insert(row.story.clone()).then_some((row, shared))
    });
    let mut related = told(store, visit, alike.take(STORIES_TRIED).collect())?;
    related
        .retain(|other| !common(&telling, &written(story_name(&other.line.headlines))).is_empty());
    related.truncate(STORIES_MAX);
    Ok(related)
}

/// The dispatches that the index finds by these words, the best first, each once.
fn hits(
    reader: &Reader,
    visit: &Visit,
    view: &StoryView,
    telling: &[Telling],
) -> Result<Vec<(DispatchId, f32)>, depeche_search::Error> {
    let words: Vec<&str> = telling.iter().map(|word| word.written.as_str()).collect();
    let query = Query::plain(&words.join(" "));
    let began = view.facts.first.as_ref().map(|first| first.at);
    let all = Scope { limit: HITS, ..Scope::new(visit.viewer) };
    let before = Scope { limit: HITS_BEFORE, before: began, ..all.clone() };
    let mut found = Vec::new();
    for scope in [all, before] {
        found.extend(reader.search(&query, &scope)?.hits);
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut known = HashSet::new();
    let once = found.into_iter().filter(|hit| known.insert(hit.dispatch.clone()));
    Ok(once.map(|hit| (hit.dispatch, hit.score)).collect())
}

fn told(
    store: &Store,
    visit: &Visit,
    alike: Vec<(Row, Vec<String>)>,
) -> Result<Vec<Related>, Error> {
    let ids: Vec<_> = alike.iter().map(|(row, _)| row.story.clone()).collect();
    let lines = store.story_lines(visit.viewer, visit.now, &ids)?;
    let mut lines: HashMap<_, _> = lines.into_iter().map(|line| (line.id.clone(), line)).collect();
    let related = alike.into_iter().filter_map(|(row, shared)| {
        let line = lines.remove(&row.story)?;
        Some(Related { line, row, shared })
    });
    Ok(related.collect())
}

/// A word by which other stories are found.
#[derive(Clone, Debug, PartialEq)]
struct Telling {
    folded: String,
    written: String,
    is_name: bool,
    /// The folded word before it, where both are parts of one name, and what stands between.
    after: Option<(String, String)>,
}

/// The words a story is told by, the most telling first: those of most of its headlines, names before
/// others, and the terms that tie its items.
fn telling(headlines: &[StoryHeadline], terms: &[String]) -> Vec<Telling> {
    let mut words: Vec<(Telling, usize)> = Vec::new();
    for headline in headlines {
        let mut said = HashSet::new();
        for word in written(&headline.headline) {
            let at = words.iter().position(|(known, _)| one_word(&known.folded, &word.folded));
            let at = at.unwrap_or_else(|| {
                words.push((word.clone(), 0));
                words.len() - 1
            });
            let Some((known, count)) = words.get_mut(at) else { continue };
            *count += usize::from(said.insert(at));
            known.after = known.after.take().or_else(|| word.after.clone());
            // A name by its capital, any other word in small letters: as it is inside of a sentence.
            let capital = |word: &Telling| word.written.starts_with(char::is_uppercase);
            let plainer = !known.is_name && capital(known) && !capital(&word);
            if word.is_name && !known.is_name || plainer {
                *known = Telling { after: known.after.take(), ..word };
            }
        }
    }
    let few = headlines.len() <= FEW_HEADLINES;
    words.retain(|(word, count)| few || *count > 1 || terms.contains(&word.folded));
    // Stable: of equals the earlier stays first.
    words.sort_by_key(|(word, count)| {
        let ties = usize::from(terms.contains(&word.folded));
        std::cmp::Reverse((count + ties * headlines.len()) * (1 + usize::from(word.is_name)))
    });
    words.into_iter().map(|(word, _)| word).take(WORDS_MAX).collect()
}

/// Headlines of which each word may tell the story.
const FEW_HEADLINES: usize = 3;

/// The words of a text that can tell a story, and which are names: written with a capital where no
/// sentence begins, or alone before a colon.
fn written(text: &str) -> Vec<Telling> {
    let mut words = Vec::new();
    let mut starts = true;
    let mut before: Option<String> = None;
    let mut rest = text;
    while let Some(from) = rest.find(char::is_alphanumeric) {
        let (between, tail) = rest.split_at(from);
        starts |= between.contains(['.', '!', '?', ':', '«', '"', '“']);
        let end = tail.find(|c: char| !c.is_alphanumeric()).unwrap_or(tail.len());
        let (word, after) = tail.split_at(end);
        let rubric = words.is_empty() && after.trim_start().starts_with(':');
        let capital = word.starts_with(char::is_uppercase);
        // After an elision (L'Otan) a word stands inside of the sentence.
        let inside = !starts;
        starts = false;
        rest = after;
        let folded = fold(word);
        if is_telling(&folded) {
            let is_name = capital && (inside || rubric);
            let joined = before.take().filter(|_| capital && [" ", "-"].contains(&between));
            let after = joined.map(|before| (before, between.to_owned()));
            before = Some(folded.clone()).filter(|_| capital);
            words.push(Telling { folded, written: word.to_owned(), is_name, after });
        } else {
            before = None;
        }
    }
    let names = words.iter().filter(|word| word.is_name).count();
    // Where every word has a capital, it tells nothing.
    if names * 3 > words.len() * 2 && words.len() >= 3 {
        words.iter_mut().for_each(|word| word.is_name = false);
    }
    words
}

/// Letters of a word that can tell something.
const TELLING_CHARS: usize = 4;

fn is_telling(folded: &str) -> bool {
    let letters = folded.chars().filter(|c| c.is_alphabetic()).count();
    letters >= TELLING_CHARS && !USUAL.contains(&folded)
}

/// Words that stand in headlines of everything, folded.
const USUAL: [&str; 67] = [
    "face", "lors", "week", "saint", "sainte", "dans", "pour", "avec", "sans", "plus", "moins",
    "apres", "avant", "selon", "entre", "contre", "vers", "sous", "chez", "cette", "leur", "leurs",
    "etre", "sont", "fait", "faire", "deux", "trois", "quatre", "cinq", "jour", "jours", "annee",
    "annees", "mois", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
    "direct", "video", "nouveau", "nouvelle", "nouveaux", "encore", "toujours", "tous", "toute",
    "tout", "with", "from", "after", "before", "over", "says", "said", "that", "this", "have",
    "will", "they", "their", "more", "about",
];

/// The words of ours that are among theirs, in whatever form.
fn common<'a>(ours: &'a [Telling], theirs: &[Telling]) -> Vec<&'a Telling> {
    let told = |word: &&Telling| theirs.iter().any(|their| one_word(&their.folded, &word.folded));
    ours.iter().filter(told).collect()
}

/// The words that a row has in common with a story, if they are enough to relate it.
fn shared(telling: &[Telling], row: &Row) -> Option<Vec<String>> {
    let texts = [&row.headline, &row.teaser];
    let theirs: Vec<Telling> = texts.iter().flat_map(|text| written(text)).collect();
    let common = common(telling, &theirs);
    let named = common.iter().any(|word| word.is_name);
    let words = whole_names(&common);
    let enough = words.len() >= if named { SHARED_WITH_NAME } else { SHARED_MIN };
    enough.then(|| words.into_iter().take(SHARED_MAX).collect())
}

/// The words as they are told: those of one name are one («Emmanuel Macron»), wherever they stand.
fn whole_names(words: &[&Telling]) -> Vec<String> {
    let follows = |word: &Telling, other: &Telling| {
        word.after.as_ref().is_some_and(|(before, _)| *before == other.folded)
    };
    let begins = |word: &&&Telling| !words.iter().any(|other| follows(word, other));
    let whole = |first: &&Telling| {
        let (mut name, mut last) = (first.written.clone(), *first);
        for _ in 0..NAME_WORDS_MAX {
            let Some(next) = words.iter().find(|word| follows(word, last)) else { break };
            let between = next.after.as_ref().map_or(" ", |(_, between)| between);
            name.extend([between, &next.written]);
            last = next;
        }
        name
    };
    words.iter().filter(begins).map(whole).collect()
}

/// Further words of one name.
const NAME_WORDS_MAX: usize = 3;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[track_caller]
    fn check_words(headline: &str, expected: &str) {
        let words = written(headline)
            .into_iter()
            .map(|word| if word.is_name { format!("{}*", word.folded) } else { word.folded });
        assert_eq!(words.collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn names_are_told_from_words() {
        check_words("Le barrage de Verdun cède", "barrage verdun* cede");
        check_words("Verdun : le barrage cède", "verdun* barrage cede");
        check_words("L'Otan décide à Bruxelles", "otan* decide bruxelles*");
        check_words("Crue. Alerte à Verdun", "crue alerte verdun*");
        check_words("Dam Bursts Over Verdun Valley", "bursts verdun valley");
        check_words("« Nous partons », dit Morel", "nous partons morel*");
        check_words("", "");
    }

    #[track_caller]
    fn check_telling(headlines: &[&str], terms: &[&str], expected: &str) {
        let headlines: Vec<StoryHeadline> = headlines
            .iter()
            .map(|headline| StoryHeadline {
                source: depeche_news::SourceId::of_address("a"),
                headline: (*headline).to_owned(),
                language: None,
            })
            .collect();
        let terms: Vec<String> = terms.iter().map(|term| (*term).to_owned()).collect();
        let words = telling(&headlines, &terms).into_iter().map(|word| word.written);
        assert_eq!(words.collect::<Vec<_>>().join(" "), expected);
    }

    #[track_caller]
    fn check_shared(ours: &str, theirs: &str, expected: &str) {
        let (ours, theirs) = (written(ours), written(theirs));
        assert_eq!(whole_names(&common(&ours, &theirs)).join(", "), expected);
    }

    #[test]
    fn a_name_of_two_words_is_one_thing_in_common() {
        let ours = "Climat. Emmanuel Macron sur les Champs-Élysées";
        check_shared(ours, "Un voyage d'Emmanuel Macron", "Emmanuel Macron");
        check_shared(ours, "Macron et le climat", "Climat, Macron");
        check_shared(ours, "Défilé aux Champs-Élysées", "Champs-Élysées");
        check_shared(ours, "Le barrage", "");
    }

    #[test]
    fn a_story_is_told_by_what_most_headlines_have() {
        check_telling(&[], &[], "");
        check_telling(&["Le barrage de Verdun cède"], &[], "Verdun barrage cède");
        let four = [
            "Le barrage de Verdun cède",
            "Verdun : le barrage a cédé",
            "Crue : Verdun évacuée",
            "Des barrages sous surveillance",
        ];
        check_telling(&four, &[], "Verdun barrage cède");
        check_telling(&four, &["crue"], "Crue Verdun barrage cède");
    }
}
