//! The fields of the query language, by their French and their English names and by those of other programs.

use depeche_text::fold;

use super::{parse::TimeField, tree::Said};

/// What a field asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// The headline.
    Headline,
    /// The source by its name.
    Source,
    /// A time.
    Time(TimeField),
    /// The urgency.
    Urgency,
    /// A search kept under a name.
    Saved,
    /// What else is said of an article.
    Said(Said),
    /// A field of another program that has no meaning here.
    Unsupported,
}

/// Longest name of a field, in bytes.
const NAME_BYTES_MAX: usize = 16;

/// The field whose name `text` begins with, and what follows its colon. A colon with a space behind it is punctuation.
pub(crate) fn field(text: &str) -> Option<(Field, &str)> {
    let colon = text.bytes().take(NAME_BYTES_MAX + 1).position(|byte| byte == b':')?;
    let (name, value) = (text.get(..colon)?, text.get(colon + 1..)?);
    // An interval may begin with its stroke, an address has two.
    let begins = value.chars().next().is_some_and(|c| !c.is_whitespace() && c != ')')
        && !value.starts_with("//");
    Some((named(&fold(name))?, value)).filter(|_| begins)
}

fn named(name: &str) -> Option<Field> {
    Some(match name {
        "titre" | "title" | "intitle" | "headline" => Field::Headline,
        "source" | "f" | "feed" | "flux" => Field::Source,
        "avant" | "before" => Field::Time(TimeField::Before),
        "apres" | "after" => Field::Time(TimeField::After),
        "depuis" | "since" => Field::Time(TimeField::Since),
        "date" | "pubdate" => Field::Time(TimeField::Within),
        "urgence" | "urgency" => Field::Urgency,
        "recherche" | "search" => Field::Saved,
        "auteur" | "author" => Field::Said(Said::Author),
        "agence" | "agency" => Field::Said(Said::Agency),
        "langue" | "language" | "lang" => Field::Said(Said::Language),
        "rubrique" | "section" => Field::Said(Said::Section),
        "type" | "kind" => Field::Said(Said::Kind),
        "lieu" | "place" => Field::Said(Said::Place),
        "personne" | "person" => Field::Said(Said::Person),
        "inurl" | "label" | "filetype" | "site" | "intext" => Field::Unsupported,
        _ => return None,
    })
}

/// The tag of a language by its name in French or English or by itself, as short as possible.
pub(crate) fn language_tag(text: &str) -> String {
    let folded = fold(text.trim());
    let tag = match folded.as_str() {
        "francais" | "french" => "fr",
        "anglais" | "english" => "en",
        "allemand" | "german" => "de",
        "espagnol" | "spanish" => "es",
        "italien" | "italian" => "it",
        "portugais" | "portuguese" => "pt",
        "neerlandais" | "dutch" => "nl",
        "polonais" | "polish" => "pl",
        "suedois" | "swedish" => "sv",
        "danois" | "danish" => "da",
        "norvegien" | "norwegian" => "no",
        "finnois" | "finnish" => "fi",
        "roumain" | "romanian" => "ro",
        "hongrois" | "hungarian" => "hu",
        "tcheque" | "czech" => "cs",
        "grec" | "greek" => "el",
        "russe" | "russian" => "ru",
        "ukrainien" | "ukrainian" => "uk",
        "turc" | "turkish" => "tr",
        "arabe" | "arabic" => "ar",
        "hebreu" | "hebrew" => "he",
        "chinois" | "chinese" => "zh",
        "japonais" | "japanese" => "ja",
        "coreen" | "korean" => "ko",
        "catalan" => "ca",
        other => other.split(['-', '_']).next().unwrap_or_default(),
    };
    tag.to_owned()
}

/// An urgency or a range of them: `1`, `1-3`, `<=3`, `urgent`, `flash`.
pub(crate) fn urgency(text: &str) -> Option<(u8, u8)> {
    let number = |text: &str| text.trim().parse::<u8>().ok().filter(|n| (1..=9).contains(n));
    let folded = fold(text.trim());
    match folded.as_str() {
        "flash" => return Some((1, 1)),
        "urgent" | "urgente" => return Some((1, 3)),
        _ => {}
    }
    if let Some(most) = folded.strip_prefix("<=") {
        return Some((1, number(most)?));
    }
    if let Some(least) = folded.strip_prefix(">=") {
        return Some((number(least)?, 9));
    }
    if let Some((from, to)) = folded.split_once("..").or_else(|| folded.split_once('-')) {
        return Some((number(from)?, number(to)?)).filter(|(from, to)| from <= to);
    }
    let one = number(&folded)?;
    Some((one, one))
}
