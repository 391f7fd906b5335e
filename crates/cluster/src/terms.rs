//! Terms: the words that say what a text is about, brought to their stems.

use std::{cmp::Reverse, sync::LazyLock};

use depeche_text::fold;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::words::{Folded, Token, each_word, hash, mix};

/// A term and how much a text is about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    /// A hash of its stem.
    pub(crate) hash: u32,
    /// Its weight in the text, rarity aside.
    pub(crate) weight: u8,
    /// Whether it stands in the rubric of the headline, as «Brest» does in «Brest. Un pont ferme».
    pub(crate) rubric: bool,
}

/// A term with the word it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spelled {
    pub(crate) term: Term,
    pub(crate) word: String,
}

/// Terms taken from a headline. Longer ones are lists or whole paragraphs.
const TITLE_TERMS_MAX: usize = 20;

/// Terms taken from a body: the words it repeats most.
const BODY_TERMS_MAX: usize = 8;

/// Terms of one text.
pub(crate) const TERMS_MAX: usize = TITLE_TERMS_MAX + BODY_TERMS_MAX;

/// What a body's term weighs; every term of a headline weighs more.
pub(crate) const BODY: u8 = 4;

/// Weights of a headline's terms: words that half of all headlines could have, numbers, other
/// words, and names, which are what makes one event out of a topic.
const USUAL: u8 = 5;
const NUMBER: u8 = 8;
pub(crate) const WORD: u8 = 16;
const NAME: u8 = 28;

/// The terms of a headline and its text, sorted by hash.
pub(crate) fn terms(title: &str, text: &Folded) -> Vec<Spelled> {
    let mut terms = title_terms(title);
    terms.sort_by_key(|spelled| (spelled.term.hash, u8::MAX - spelled.term.weight));
    terms.dedup_by_key(|spelled| spelled.term.hash);
    let body = body_terms(text.start(), &terms);
    terms.extend(body);
    terms.sort_by_key(|spelled| spelled.term.hash);
    terms
}

fn title_terms(title: &str) -> Vec<Spelled> {
    let rubric_words = words_of(rubric(title)).count();
    let mut terms = Vec::new();
    for (at, word) in words_of(title).enumerate().take(4 * TITLE_TERMS_MAX) {
        let capital = at > 0 && word.starts_with(char::is_uppercase);
        let folded = fold(word);
        let rank = rank(&folded, hash(&folded));
        if terms.len() < TITLE_TERMS_MAX && rank != Rank::Common {
            terms.push(spelled(&folded, rank, capital, at < rubric_words));
        }
    }
    terms
}

fn words_of(title: &str) -> impl Iterator<Item = &str> {
    title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Words of a rubric; what stands before a later colon is a sentence.
const RUBRIC_WORDS_MAX: usize = 6;

/// What a headline sets before its sentence: a place, a topic; empty if it sets nothing.
fn rubric(title: &str) -> &str {
    let ends = [title.find(". "), title.find(':')];
    let rubric = |end: usize| title.get(..end).unwrap_or_default();
    let ends = ends.into_iter().flatten().map(rubric);
    let short = |rubric: &&str| rubric.split_whitespace().count() <= RUBRIC_WORDS_MAX;
    ends.filter(short).min_by_key(|rubric| rubric.len()).unwrap_or_default()
}

fn spelled(folded: &str, rank: Rank, capital: bool, in_rubric: bool) -> Spelled {
    let weight = match () {
        () if folded.bytes().all(|b| b.is_ascii_digit()) => NUMBER,
        () if rank == Rank::Usual => USUAL,
        () if capital => NAME,
        () => WORD,
    };
    let word: String = folded.chars().take(WORD_CHARS_MAX).collect();
    let rubric = in_rubric && rank == Rank::Telling;
    Spelled { term: Term { hash: hash(stem(folded)), weight, rubric }, word }
}

/// Longest word that is told as evidence; a longer one is none.
const WORD_CHARS_MAX: usize = 40;

/// The words that the start of a text repeats most, without those of its headline.
fn body_terms(start: &str, title: &[Spelled]) -> Vec<Spelled> {
    let mut words: Vec<(u32, &str)> = Vec::with_capacity(start.len() / 8);
    each_word(start, |token| {
        if let Token::Word(word, hash_of_word) = token
            && rank(word, hash_of_word) == Rank::Telling
        {
            words.push((hash(stem(word)), word));
        }
    });
    words.sort_by_key(|(hash, _)| *hash);
    let known = |hash| title.binary_search_by_key(&hash, |spelled| spelled.term.hash).is_ok();
    let mut repeated: Vec<_> = (words.chunk_by(|a, b| a.0 == b.0))
        .filter_map(|same| Some((same.len(), *same.get(1)?)))
        .filter(|(_, (hash, _))| !known(*hash))
        .collect();
    repeated.sort_unstable_by_key(|&(count, (hash, _))| (Reverse(count), hash));
    let spelled = |(_, (hash, word)): (_, (u32, &str))| Spelled {
        term: Term { hash, weight: BODY, rubric: false },
        word: word.to_owned(),
    };
    repeated.into_iter().take(BODY_TERMS_MAX).map(spelled).collect()
}

/// How much of the shorter headline is in the other; `None` where one has not enough to tell.
pub(crate) fn title_overlap(ours: &[Term], theirs: &[Term]) -> Option<f32> {
    let title = |terms: &[Term]| terms.iter().filter(|term| term.weight > BODY).count();
    let shorter = title(ours).min(title(theirs));
    let both = ours.iter().filter(|term| {
        let there = theirs.binary_search_by_key(&term.hash, |theirs| theirs.hash);
        term.weight > BODY && there.is_ok_and(|at| theirs.get(at).is_some_and(|t| t.weight > BODY))
    });
    (shorter >= 3).then(|| both.count() as f32 / shorter as f32)
}

/// Words that say enough to know a headline by.
const HEADLINE_WORDS_MIN: usize = 5;

/// What all headlines with the same telling words have in common, if those are enough to know it by.
pub(crate) fn headline(terms: &[Term]) -> Option<u32> {
    let telling = terms.iter().filter(|term| term.weight >= WORD);
    let (mut count, mut state) = (0, 0u64);
    for term in telling {
        count += 1;
        state = state.wrapping_mul(0x100_0000_01b3) ^ u64::from(term.hash);
    }
    (count >= HEADLINE_WORDS_MIN).then(|| mix(state))
}

/// Whether each of two headlines has a name that the other has not.
pub(crate) fn names_differ(ours: &[Term], theirs: &[Term]) -> bool {
    let lacks =
        |terms: &[Term], term: &Term| terms.binary_search_by_key(&term.hash, |t| t.hash).is_err();
    let named = |ours: &[Term], theirs: &[Term]| {
        ours.iter().any(|term| term.weight == NAME && lacks(theirs, term))
    };
    named(ours, theirs) && named(theirs, ours)
}

/// What a word says about what a text is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rank {
    /// Nothing.
    Common,
    /// Something, but it ties no two headlines together.
    Usual,
    Telling,
}

/// The rank of a folded word with this hash.
fn rank(word: &str, hash_of_word: u32) -> Rank {
    static RANKS: LazyLock<FxHashMap<u32, Rank>> = LazyLock::new(|| {
        let ranked = |words: &'static str, rank| words.split(' ').map(move |w| (hash(w), rank));
        ranked(USUAL_WORDS, Rank::Usual).chain(ranked(COMMON, Rank::Common)).collect()
    });
    if word.len() < 2 {
        return Rank::Common;
    }
    RANKS.get(&hash_of_word).copied().unwrap_or(Rank::Telling)
}

/// Headlines that a term is taken to have been in before the first came.
///
/// A wire that begins knows no word to be frequent, and a headline of six words is alike to any
/// other that has two of them.
pub(crate) fn headlines_before(term: u32) -> u32 {
    static USUAL_TERMS: LazyLock<FxHashSet<u32>> =
        LazyLock::new(|| USUAL_WORDS.split(' ').map(|word| hash(stem(word))).collect());
    if USUAL_TERMS.contains(&term) { USUAL_HEADLINES } else { 0 }
}

/// Of the headlines assumed to have been before the first, those with one of [`USUAL_WORDS`]. Guessed, not counted.
const USUAL_HEADLINES: u32 = 30;

/// The stem of a folded word: what its inflections have in common. Light on purpose: it is applied
/// whatever the language is, and two words taken for one cost more than one taken for two. French
/// endings, English ones among them, longest first.
fn stem(word: &str) -> &str {
    let singular = match word.len() > 4 {
        true => word.strip_suffix(['s', 'x']).unwrap_or(word),
        false => word,
    };
    let endings: &[&str] = match singular.as_bytes().last() {
        Some(b'e') => &["atrice", "euse", "ee", "e"],
        Some(b't') => {
            &["issement", "ement", "aient", "erait", "eront", "ment", "ait", "ent", "ant"]
        }
        Some(b'n') => &["ation", "tion"],
        Some(b'r') => &["ateur", "eur", "er", "ir"],
        Some(b's') => &["ees", "es"],
        Some(b'g') => &["ing"],
        _ => &[],
    };
    let cut = |ending: &&str| singular.strip_suffix(*ending).filter(|stem| stem.len() >= STEM_MIN);
    endings.iter().find_map(cut).unwrap_or(singular)
}

/// Shortest stem that an ending leaves.
const STEM_MIN: usize = 4;

/// Folded French and English words that any headline may have.
const COMMON: &str = "about after ainsi alors an and ans apres are as at au aujourd aussi autre autres aux avant \
    avec avoir be been bien but by ca can car ce cela ces cet cette chez cinq comme comment \
    contre could dans de deja demain depuis des deux direct doit donc dont du elle elles en \
    encore entre est et etait ete etre eu face faire fait faut fois font for from had has have \
    he her hier his how hui ici il ils in info infos is it its je jour jours jusqu jusque la le \
    les leur leurs live lors lui ma mais may meme mes moins mon more ne new ni non nos not notre \
    nous nouveau nouveaux nouvelle nouvelles of on ont or ou oui our out over par pas pendant \
    peu peut peuvent plus pour pourquoi pourrait premier premiere qu quand quatre que quel \
    quelle quelles quels qui quoi rien sa said sans say says se selon sera seront ses she si \
    soit son sont sous suite sur ta tes that the their they this to ton tous tout toute toutes \
    tres trois trop tu un une up va vers video vont vos votre vous was we were what when who why \
    will with would you";

/// Folded words that many headlines have and that tie no two of them to one event.
const USUAL_WORDS: &str = "accident actu actualite actualites afp annee annees aout avril blesse blesses bon bonne \
    carte centre chose choses city club college commune conseil coupe day decembre departement \
    dimanche ecole edito editorial election elections end enquete entretien equipe euro euros \
    femme fevrier first francais francaise francaises france gendarmes gouvernement government \
    grand grande grands heure heures histoire homme image images interview janvier jeudi jeune \
    jeunes juillet juin ligue loi lundi lycee mai maire man mardi mars match matches matin \
    meilleur meilleure meilleurs mercredi milliard milliards million millions minister ministre \
    mois monde mort morts municipal municipale news novembre nuit octobre opinion people petit \
    petite photo photos place police portrait president prix programme projet question questions \
    raison raisons region reponse report reportage reuters route rue saison samedi septembre \
    soir soiree sortie sorties state temps today travaux update urgent vendredi victoire vie \
    ville week weekend woman world year years";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(a: &str, b: &str) {
        assert_eq!(stem(a), stem(b));
    }

    #[test]
    fn inflections_have_one_stem() {
        same("manifestation", "manifestations");
        same("negociateur", "negociation");
        same("blessee", "blesses");
        assert_eq!(stem("paris"), "pari");
        assert_eq!(stem("otan"), "otan");
    }

    #[test]
    fn words_that_say_nothing_are_known() {
        let rank = |word| rank(word, hash(word));
        assert_eq!(["le", "the", "x"].map(rank), [Rank::Common; 3]);
        assert_eq!((rank("janvier"), rank("otan")), (Rank::Usual, Rank::Telling));
    }

    #[track_caller]
    fn check(title: &str, text: &str, expected: &[(&str, u8)]) {
        let terms = terms(title, &Folded::new(text));
        assert!(terms.is_sorted_by_key(|spelled| spelled.term.hash));
        let mut found: Vec<_> = terms.iter().map(|s| (s.word.as_str(), s.term.weight)).collect();
        found.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn terms_weigh_what_they_tell() {
        check(
            "L'Otan à Bruxelles : 28 ministres réunis",
            "",
            &[
                ("28", NUMBER),
                ("bruxelles", NAME),
                ("ministres", WORD),
                ("otan", NAME),
                ("reunis", WORD),
            ],
        );
        check(
            "Otan",
            "La crue monte. La crue baisse, l'Otan aussi.",
            &[("crue", BODY), ("otan", WORD)],
        );
        check("", "", &[]);
    }
}
