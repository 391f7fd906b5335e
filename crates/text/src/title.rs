//! What a story is called: its most used good headline.

use std::collections::HashMap;

use crate::{
    agency::{AGENCIES, SEPARATORS, split_marks},
    fold, is_cut,
};

/// A headline of a story's item.
#[derive(Clone, Copy, Debug)]
pub struct Heading<'a> {
    /// Who carries it: whoever says a thing twice says it once.
    pub source: &'a str,
    /// As its outlet wrote it.
    pub headline: &'a str,
    /// BCP 47.
    pub language: Option<&'a str>,
}

/// Headlines that are weighed, the earliest: what an event is called stands within its first hours,
/// and each is held against each.
const HEADINGS_MAX: usize = 192;

/// The headline a story is called by, without the words of a desk; `headings` come in the order they
/// were listed in.
///
/// A headline is worth the number of sources that say it, or in part say it in other words, times how
/// good a name it is. The earliest of equals names the story. So that the name does not follow every
/// headline that comes in, it is chosen anew only where the story has half as many again.
pub fn story_title<'a>(headings: &[Heading<'a>]) -> Option<&'a str> {
    let headings = headings.get(..weighed(headings.len())).unwrap_or_default();
    let language = main_language(headings);
    let mut words = Words::default();
    let said: Vec<Said<'a>> = headings.iter().map(|heading| words.said(heading)).collect();
    let mut best: Option<(f32, &'a str)> = None;
    for one in said.iter().filter(|one| !one.text.is_empty()) {
        let foreign = one.language.is_some_and(|own| Some(own) != language);
        let worth = goodness(one.text) * if foreign { FOREIGN } else { 1.0 } * support(one, &said);
        if best.is_none_or(|(most, _)| worth > most * EQUAL) {
            best = Some((worth, one.text));
        }
    }
    best.map(|(_, text)| text)
}

/// Sums of the same shares in another order differ by less.
const EQUAL: f32 = 1.0001;

/// How many of so many headings are weighed: 1, 2, 3, 4, 6, 8, 12, 16, 24, …
fn weighed(headings: usize) -> usize {
    let mut step = 1;
    while step * 2 <= headings {
        step *= 2;
    }
    let halfway = step + step / 2;
    let weighed = if halfway <= headings { halfway } else { step };
    weighed.min(headings).min(HEADINGS_MAX)
}

/// The language of most headings, the earliest of equals.
fn main_language<'a>(headings: &[Heading<'a>]) -> Option<&'a str> {
    let count = |tag: &str| headings.iter().filter(|heading| heading.language == Some(tag)).count();
    let tags = headings.iter().filter_map(|heading| heading.language);
    // `max_by_key` takes the last of equals.
    tags.rev().max_by_key(|tag| count(tag))
}

/// A heading as it is compared.
struct Said<'a> {
    source: &'a str,
    language: Option<&'a str>,
    text: &'a str,
    /// Its telling words by number, sorted.
    words: Vec<usize>,
}

/// The words of all headings, numbered.
#[derive(Default)]
struct Words {
    numbers: HashMap<String, usize>,
}

impl Words {
    fn said<'a>(&mut self, heading: &Heading<'a>) -> Said<'a> {
        let text = plain(heading.headline);
        let mut words = Vec::new();
        for word in fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| is_telling(word))
        {
            let next = self.numbers.len();
            words.push(*self.numbers.entry(word.to_owned()).or_insert(next));
        }
        words.sort_unstable();
        words.dedup();
        Said { source: heading.source, language: heading.language, text, words }
    }
}

fn is_telling(word: &str) -> bool {
    let short = word.chars().count() < 3 && !word.bytes().any(|byte| byte.is_ascii_digit());
    !short && !LINKING.contains(&word)
}

/// Words that only hold a headline together, folded.
const LINKING: [&str; 28] = [
    "les", "des", "une", "pour", "dans", "sur", "par", "aux", "avec", "son", "ses", "est", "sont",
    "apres", "selon", "qui", "que", "plus", "the", "and", "for", "with", "from", "after", "has",
    "are", "says", "his",
];

/// A headline without the words of a desk at it and without its agency.
fn plain(headline: &str) -> &str {
    let marked = split_marks(headline).text;
    let text = if marked.is_empty() { headline.trim() } else { marked };
    let text = without_outlet(text);
    let apart = |c: char| c.is_whitespace() || SEPARATORS.contains(&c);
    for agency in AGENCIES {
        let after = text.strip_prefix(agency).map(str::trim_start);
        if let Some(rest) = after.filter(|rest| rest.starts_with(SEPARATORS)) {
            return rest.trim_start_matches(apart);
        }
        let before = text.strip_suffix(agency).map(str::trim_end);
        if let Some(rest) = before.filter(|rest| rest.ends_with(SEPARATORS)) {
            return rest.trim_end_matches(apart);
        }
    }
    text
}

/// Words of an outlet's name behind a bar; more of them are a part of the headline.
const OUTLET_WORDS: usize = 3;

/// Takes off the name that outlets set behind a bar for search engines: «… | LCI».
fn without_outlet(text: &str) -> &str {
    let Some((before, outlet)) = text.rsplit_once(" | ") else { return text };
    let is_name = (1..=OUTLET_WORDS).contains(&outlet.split_whitespace().count());
    if is_name && !before.trim().is_empty() { before.trim_end() } else { text }
}

/// How many sources say the same: each counts for the square of the share of words that the nearest
/// of its headlines has in common with this one, so that saying half of it counts for little.
fn support(one: &Said<'_>, all: &[Said<'_>]) -> f32 {
    let mut sources: Vec<(&str, f32)> = Vec::new();
    for other in all {
        let alike = alike(one, other).powi(2);
        match sources.iter_mut().find(|(source, _)| *source == other.source) {
            Some((_, most)) => *most = most.max(alike),
            None => sources.push((other.source, alike)),
        }
    }
    sources.into_iter().map(|(_, alike)| alike).sum()
}

/// The share of words two headlines have in common.
fn alike(one: &Said<'_>, other: &Said<'_>) -> f32 {
    if one.text == other.text {
        return 1.0;
    }
    let common = one.words.iter().filter(|word| other.words.binary_search(word).is_ok()).count();
    let both = one.words.len() + other.words.len();
    if both == 0 { 0.0 } else { 2.0 * common as f32 / both as f32 }
}

/// What is left of a headline in another language than most.
const FOREIGN: f32 = 0.1;

/// How good a name for a story a headline is: 1 for one that says what happened.
fn goodness(text: &str) -> f32 {
    let folded = fold(text);
    let faults = [
        (is_kind(text, &folded), 0.3),
        (is_lure(&folded), 0.4),
        (folded.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '?').ends_with('?'), 0.4),
        (is_cut(text), 0.4),
        (is_shouted(text), 0.5),
    ];
    let left = faults.iter().filter(|(has, _)| *has).map(|(_, left)| left).product::<f32>();
    left * length(text)
}

/// What is left of a headline by its length: a word or two name no event, and three lines are no name.
fn length(text: &str) -> f32 {
    let words = text.split_whitespace().count();
    match text.chars().count() {
        _ if words < 3 => 0.3,
        ..20 => 0.6,
        20..=120 => 1.0,
        121..=180 => 0.6,
        _ => 0.3,
    }
}

/// Whether a headline begins by saying what kind of thing it stands over: set apart, or in capitals.
fn is_kind(text: &str, folded: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    let capitals = !first.contains(char::is_lowercase);
    let head = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    KINDS.iter().any(|kind| {
        head.strip_prefix(kind).is_some_and(|rest| {
            let apart = capitals && rest.starts_with(char::is_whitespace);
            let rest = rest.trim_start();
            apart
                || rest.is_empty()
                || rest.starts_with(|c: char| ".!]),".contains(c))
                || rest.starts_with(SEPARATORS)
        })
    })
}

/// Kinds of thing that do not say what happened, folded.
const KINDS: [&str; 34] = [
    "flash",
    "flash info",
    "alerte",
    "alerte info",
    "urgent",
    "breaking",
    "breaking news",
    "direct",
    "en direct",
    "direct video",
    "live",
    "live updates",
    "suivez en direct",
    "video",
    "videos",
    "watch",
    "photos",
    "en images",
    "diaporama",
    "podcast",
    "audio",
    "carte",
    "infographie",
    "sondage",
    "quiz",
    "edito",
    "editorial",
    "opinion",
    "tribune",
    "chronique",
    "billet",
    "exclusif",
    "interview",
    "replay",
];

/// Whether a folded headline promises what it does not say.
fn is_lure(folded: &str) -> bool {
    let head = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    LURES_FIRST.iter().any(|lure| {
        head.strip_prefix(lure).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    }) || LURES.iter().any(|lure| folded.contains(lure))
}

/// How a headline begins that promises, folded.
const LURES_FIRST: [&str; 19] = [
    "voici",
    "voila",
    "pourquoi",
    "comment",
    "decouvrez",
    "revivez",
    "suivez",
    "retour sur",
    "qui est",
    "qui sont",
    "faut-il",
    "cette photo",
    "cette video",
    "why",
    "how",
    "here's",
    "here is",
    "meet",
    "watch",
];

/// Words by which it promises wherever they stand, folded.
const LURES: [&str; 14] = [
    "en direct",
    "decouvrez",
    "ce que l'on sait",
    "ce qu'on sait",
    "ce qu'il faut",
    "ce que nous savons",
    "tout savoir",
    "vous n'allez pas",
    "incroyable",
    "what we know",
    "what to know",
    "you need to know",
    "you won't believe",
    "everything you",
];

/// Whether a headline is written in capitals.
fn is_shouted(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = text.chars().filter(|c| c.is_uppercase()).count();
    letters > 8 && capitals * 5 > letters * 3
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Headings of a line each, `source|headline` or `source|headline|language`.
    #[track_caller]
    fn check(lines: &[&str], expected: &str) {
        assert_eq!(title(lines).unwrap_or_default(), expected);
    }

    fn title<'a>(lines: &[&'a str]) -> Option<&'a str> {
        let headings: Vec<Heading<'a>> = lines
            .iter()
            .map(|line| {
                let mut parts = line.split('|');
                let (source, headline) = (parts.next().unwrap(), parts.next().unwrap());
                Heading { source, headline, language: parts.next().or(Some("fr")) }
            })
            .collect();
        story_title(&headings)
    }

    const QUAKE: &str = "Séisme de magnitude 6,1 au large de Corvan";

    #[test]
    fn a_story_is_called_by_what_most_say() {
        check(&[], "");
        check(&["a|"], "");
        check(&["a|Grève levée"], "Grève levée");
        check(
            &[
                "a|Un train déraille à Lancy",
                "b|Lancy : un train déraille",
                "c|Un train déraille à Lancy",
            ],
            "Un train déraille à Lancy",
        );
        check(
            &[
                "a|Terre : tremblement en mer",
                "b|Corvan : un séisme de magnitude 6,1",
                "c|Un séisme de magnitude 6,1 à Corvan",
            ],
            "Corvan : un séisme de magnitude 6,1",
        );
    }

    #[test]
    fn whoever_says_it_ten_times_says_it_once() {
        check(
            &[
                "a|Le port fermé à Corvan",
                "a|Le port fermé à Corvan",
                "a|Le port fermé à Corvan",
                "b|Tempête sur l'île, un mort",
                "c|Tempête sur l'île, un mort",
                "d|Autre chose de tout autre",
            ],
            "Tempête sur l'île, un mort",
        );
    }

    #[test]
    fn a_bad_headline_names_no_story() {
        let besides = |bad: &str| {
            let lines = [format!("a|{bad}"), format!("b|{bad}"), format!("c|{QUAKE}")];
            title(&lines.each_ref().map(String::as_str)).unwrap().to_owned()
        };
        for bad in [
            "EN DIRECT. Séisme à Corvan",
            "EN DIRECT Séisme à Corvan",
            "Corvan : suivez le séisme en direct",
            "Flash : séisme à Corvan",
            "VIDÉO. Le séisme à Corvan",
            "SÉISME DE MAGNITUDE 6,1 AU LARGE",
            "Séisme à Corvan : faut-il craindre un tsunami ?",
            "Séisme à Corvan : ce que l'on sait",
            "Comment Corvan fait face au séisme",
            "Séisme à Corvan : les habitants racontent…",
            "Séisme",
        ] {
            assert_eq!(besides(bad), QUAKE, "{bad}");
        }
    }

    #[test]
    fn words_of_a_desk_and_agencies_are_no_part_of_a_name() {
        check(&["a|URGENT - Séisme de magnitude 6,1 au large de Corvan"], QUAKE);
        check(&["a|AFP - Séisme de magnitude 6,1 au large de Corvan"], QUAKE);
        check(&["a|Séisme de magnitude 6,1 au large de Corvan - Reuters"], QUAKE);
        check(&["a|URGENT"], "URGENT");
        check(&["a|Direct au cœur de Corvan"], "Direct au cœur de Corvan");
        check(
            &["a|AFP condamnée à Corvan pour un cliché"],
            "AFP condamnée à Corvan pour un cliché",
        );
    }

    #[test]
    fn an_outlet_behind_a_bar_is_no_part_of_a_name() {
        let heading = |headline| Heading { source: "a", headline, language: None };
        let name = |headline| story_title(&[heading(headline)]);
        assert_eq!(name("Le barrage a cédé | Ouest Matin"), Some("Le barrage a cédé"));
        let long = "Le barrage a cédé | ce que disent les habitants";
        assert_eq!(name(long), Some(long));
    }

    #[test]
    fn a_story_is_called_in_its_own_language() {
        check(
            &[
                "a|Quake of magnitude 6.1 off Corvan|en",
                "b|Quake of magnitude 6.1 off Corvan|en",
                "c|Séisme de magnitude 6,1 à Corvan",
                "d|La terre tremble à Corvan hier",
                "e|Corvan secouée par la terre",
                "f|Séisme à Corvan, pas de victime",
            ],
            "Séisme de magnitude 6,1 à Corvan",
        );
    }

    #[test]
    fn the_earliest_of_equals_stays() {
        let lines: Vec<String> = (0..40)
            .map(|n| format!("s{n}|Le pont de Lancy {}", ["est fermé", "est coupé"][n % 2]))
            .collect();
        let names: Vec<_> = (1..=40)
            .map(|n| {
                title(&lines[..n].iter().map(String::as_str).collect::<Vec<_>>())
                    .unwrap()
                    .to_owned()
            })
            .collect();
        assert!(names.iter().all(|name| name == "Le pont de Lancy est fermé"), "{names:?}");
    }

    #[test]
    fn a_name_is_chosen_anew_at_half_as_many_again() {
        let steps: Vec<usize> = (0..13).map(weighed).collect();
        assert_eq!(steps, [0, 1, 2, 3, 4, 4, 6, 6, 8, 8, 8, 8, 12]);
        assert_eq!(weighed(1_000_000), HEADINGS_MAX);
    }

    proptest::proptest! {
        #[test]
        fn any_headlines_have_a_name_among_them(lines in proptest::collection::vec("\\PC{0,24}", 0..9)) {
            let headings: Vec<_> = lines.iter().map(|line| Heading { source: line, headline: line, language: None }).collect();
            let title = story_title(&headings);
            let named = title.is_none_or(|title| lines.iter().any(|line| line.contains(title)));
            proptest::prop_assert!(named);
        }
    }
}
