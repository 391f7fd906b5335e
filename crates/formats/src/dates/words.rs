//! The words in dates: months in the languages of our sources, zones by their usual letters.

use depeche_news::limits::formats::DATE_WORD_BYTES_MAX;

/// What a word in a date means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Month(i8),
    /// A month, unless another word is one: «mar.» is March and mardi.
    PerhapsMonth(i8),
    /// Seconds east of Greenwich.
    Zone(i32),
    Afternoon(bool),
}

/// The meaning of `word`, if it has any; names of days have none that we need.
pub(super) fn meaning(word: &str) -> Option<Word> {
    if word.len() > DATE_WORD_BYTES_MAX {
        return None;
    }
    if let Some(zone) = zone(word) {
        return Some(Word::Zone(zone));
    }
    let word = depeche_text::fold(word);
    match word.as_str() {
        "am" => Some(Word::Afternoon(false)),
        "pm" => Some(Word::Afternoon(true)),
        "mar" => Some(Word::PerhapsMonth(3)),
        _ => month(&word).map(Word::Month),
    }
}

/// Months by their first letters, in English, French, German, Spanish, Italian, Portuguese, Dutch.
/// The longer start comes first where one is the start of another.
const MONTHS: [(&str, i8); 39] = [
    ("janv", 1),
    ("jan", 1),
    ("ene", 1),
    ("gen", 1),
    ("fev", 2),
    ("feb", 2),
    ("fevr", 2),
    ("mars", 3),
    ("marc", 3),
    ("marz", 3),
    ("maart", 3),
    ("mrt", 3),
    ("maer", 3),
    ("mrz", 3),
    ("avr", 4),
    ("apr", 4),
    ("abr", 4),
    ("mai", 5),
    ("may", 5),
    ("mag", 5),
    ("mei", 5),
    ("juin", 6),
    ("jun", 6),
    ("giu", 6),
    ("juil", 7),
    ("jul", 7),
    ("lug", 7),
    ("aout", 8),
    ("aug", 8),
    ("ago", 8),
    ("sep", 9),
    ("set", 9),
    ("oct", 10),
    ("okt", 10),
    ("ott", 10),
    ("out", 10),
    ("nov", 11),
    ("dec", 12),
    ("dez", 12),
];

fn month(word: &str) -> Option<i8> {
    if matches!(word, "dic" | "diciembre" | "dicembre") {
        return Some(12);
    }
    MONTHS.iter().find(|(start, _)| word.starts_with(start)).map(|(_, month)| *month)
}

/// Zones by name, minutes east of Greenwich. Letters that several countries use have the meaning
/// that feeds give them most: EST and CST are American, BST is British, IST is Indian.
const ZONES: [(&str, i32); 42] = [
    ("GMT", 0),
    ("UTC", 0),
    ("UT", 0),
    ("Z", 0),
    ("WET", 0),
    ("WEST", 60),
    ("BST", 60),
    ("CET", 60),
    ("MET", 60),
    ("HNEC", 60),
    ("CEST", 120),
    ("MEST", 120),
    ("MESZ", 120),
    ("MEZ", 60),
    ("HAEC", 120),
    ("EET", 120),
    ("EEST", 180),
    ("SAST", 120),
    ("MSK", 180),
    ("TRT", 180),
    ("AST", -240),
    ("ADT", -180),
    ("NST", -210),
    ("NDT", -150),
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("AKST", -540),
    ("AKDT", -480),
    ("HST", -600),
    ("IST", 330),
    ("SGT", 480),
    ("HKT", 480),
    ("JST", 540),
    ("KST", 540),
    ("AEST", 600),
    ("AEDT", 660),
];

fn zone(word: &str) -> Option<i32> {
    // Seen in feeds of daylight saving's first years: `ET`, `CT`, `MT`, `PT`.
    let short = [("ET", -300), ("CT", -360), ("MT", -420), ("PT", -480)];
    let found = ZONES.iter().chain(&short).find(|(name, _)| word.eq_ignore_ascii_case(name));
    found.map(|(_, minutes)| minutes * 60)
}
