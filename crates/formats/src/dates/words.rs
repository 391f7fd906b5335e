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
    /// A place whose clocks are meant, as the zone tables call it.
    Place(&'static str),
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
        "mar" | "mart" => Some(Word::PerhapsMonth(3)),
        // «Genève» begins like «gennaio».
        _ => place(&word).map(Word::Place).or_else(|| month(&word).map(Word::Month)),
    }
}

/// A zone that a whole phrase names, as browsers print it: «heure d'été d'Europe centrale».
pub(super) fn zone_phrase(text: &str) -> Option<i32> {
    let zones = [
        ("europe centrale", 60),
        ("europe de l est", 120),
        ("europe de l ouest", 0),
        ("est nord americain", -300),
        ("est", -300),
    ];
    let folded = depeche_text::fold(text).replace(|c: char| !c.is_alphanumeric(), " ");
    let (_, phrase) = folded.split_once("heure ")?;
    let minutes = zones.iter().find(|(name, _)| phrase.trim_end().ends_with(name))?.1;
    let summer = phrase.contains("ete ") || phrase.contains("avancee ");
    Some((minutes + if summer { 60 } else { 0 }) * 60)
}

/// Towns that French and Belgian desks write «heure de …» with, and what else they call such an hour.
fn place(word: &str) -> Option<&'static str> {
    Some(match word {
        "paris" | "francaise" | "hec" => "Europe/Paris",
        "bruxelles" | "brussels" => "Europe/Brussels",
        "geneve" | "berne" => "Europe/Zurich",
        "luxembourg" => "Europe/Luxembourg",
        "londres" | "london" => "Europe/London",
        "montreal" | "quebec" => "America/Montreal",
        _ => return None,
    })
}

/// Months by their first letters, accents off, in the languages of Europe. The longer start comes first where
/// one is the start of another.
const MONTHS: [(&str, i8); 99] = [
    ("cervenec", 7),
    ("jan", 1),
    ("ene", 1),
    ("gen", 1),
    ("ian", 1),
    ("ocak", 1),
    ("stycz", 1),
    ("led", 1),
    ("янв", 1),
    ("ιαν", 1),
    ("feb", 2),
    ("fev", 2),
    ("lut", 2),
    ("subat", 2),
    ("unor", 2),
    ("фев", 2),
    ("φεβ", 2),
    ("mars", 3),
    ("marc", 3),
    ("marz", 3),
    ("maart", 3),
    ("mrt", 3),
    ("maer", 3),
    ("mrz", 3),
    ("martie", 3),
    ("brez", 3),
    ("мар", 3),
    ("μαρ", 3),
    ("avr", 4),
    ("apr", 4),
    ("abr", 4),
    ("nisan", 4),
    ("kwie", 4),
    ("dub", 4),
    ("апр", 4),
    ("απρ", 4),
    ("mai", 5),
    ("may", 5),
    ("mag", 5),
    ("mei", 5),
    ("maj", 5),
    ("kvet", 5),
    ("мая", 5),
    ("маи", 5),
    ("μαι", 5),
    ("juin", 6),
    ("jun", 6),
    ("giu", 6),
    ("iun", 6),
    ("haziran", 6),
    ("czerw", 6),
    ("cerven", 6),
    ("июн", 6),
    ("ιουν", 6),
    ("juil", 7),
    ("jul", 7),
    ("lug", 7),
    ("iul", 7),
    ("temmuz", 7),
    ("lip", 7),
    ("июл", 7),
    ("ιουλ", 7),
    ("aout", 8),
    ("aug", 8),
    ("ago", 8),
    ("agustos", 8),
    ("sierp", 8),
    ("srp", 8),
    ("авг", 8),
    ("αυγ", 8),
    ("sep", 9),
    ("set", 9),
    ("eylul", 9),
    ("wrze", 9),
    ("zari", 9),
    ("сен", 9),
    ("σεπ", 9),
    ("oct", 10),
    ("okt", 10),
    ("ott", 10),
    ("out", 10),
    ("ekim", 10),
    ("paz", 10),
    ("rij", 10),
    ("окт", 10),
    ("οκτ", 10),
    ("nov", 11),
    ("noi", 11),
    ("kasim", 11),
    ("list", 11),
    ("ноя", 11),
    ("νοε", 11),
    ("dec", 12),
    ("dez", 12),
    ("aralik", 12),
    ("grud", 12),
    ("pros", 12),
    ("дек", 12),
    ("δεκ", 12),
];

fn month(word: &str) -> Option<i8> {
    if matches!(word, "dic" | "diciembre" | "dicembre") {
        return Some(12);
    }
    MONTHS.iter().find(|(start, _)| word.starts_with(start)).map(|(_, month)| *month)
}

/// Zones by name, minutes east of Greenwich. Letters that several countries use have the meaning
/// that feeds give them most: EST and CST are American, BST is British, IST is Indian.
const ZONES: [(&str, i32); 54] = [
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
    ("TU", 0),
    ("TUC", 0),
    ("HNA", -240),
    ("HAA", -180),
    ("HNE", -300),
    ("HAE", -240),
    ("HNC", -360),
    ("HAC", -300),
    ("HNR", -420),
    ("HAR", -360),
    ("HNP", -480),
    ("HAP", -420),
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
