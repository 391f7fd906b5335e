//! Datelines: the place, date and agency that open a dispatch.

use crate::{
    agency::{AGENCIES, split_marks},
    fold,
};

/// Longest dateline believed in. "SAINT-BARTHÉLEMY-DE-VALS (France), 24 septembre 2026 (Agence) - "
/// has about 70 characters.
const DATELINE_BYTES_MAX: usize = 110;

/// Splits a dispatch's first paragraph after its dateline: `BRUXELLES, 11 fév 2016 (AFP) - L'Otan…`
/// gives the dateline with its dash and the text. `None` where there is none.
///
/// The form is that of agencies: a place in capitals, whatever follows it, an agency in brackets, a dash. A
/// place that is not in capitals is one before a day and a month, or an agency that is known.
pub fn split_dateline(paragraph: &str) -> Option<(&str, &str)> {
    let (close, marked) = [") ", ")\u{a0}"].iter().find_map(|mark| {
        paragraph.find(mark).filter(|&at| at < DATELINE_BYTES_MAX).map(|at| (at, mark.len()))
    })?;
    let open = paragraph.get(..close)?.rfind('(')?;
    let rest = paragraph.get(close + marked..)?;
    let text = rest.strip_prefix(['-', '–', '—'])?.trim_start();
    let (place, agency) = (paragraph.get(..open)?, paragraph.get(open + 1..close)?);
    let first = place.split([' ', ',']).next()?;
    let capitals = first.chars().filter(|c| c.is_uppercase()).count() >= 2
        && !first.chars().any(char::is_lowercase);
    let named = first.starts_with(char::is_uppercase)
        && (AGENCIES.contains(&agency) || is_dated(place))
        && place.split_whitespace().count() <= PLACE_WORDS_MAX;
    let believable = (2..39).contains(&agency.len());
    ((capitals || named) && believable && !text.is_empty())
        .then(|| paragraph.split_at(paragraph.len() - text.len()))
}

/// The dateline that opens the first paragraph of a page, with its dash: one as agencies write it, one with a day and
/// no agency (`PARIS, 5 janvier -`), or a place in capitals before a long dash (`WASHINGTON —`).
///
/// The last form is that of English papers. Labels look like it («FOOTBALL – Le club»), so those known are left out.
pub fn dateline(paragraph: &str) -> Option<&str> {
    if let Some((dateline, _)) = split_dateline(paragraph) {
        return Some(dateline.trim_end());
    }
    let (at, dash) = DASHES
        .iter()
        .filter_map(|dash| Some((paragraph.find(dash)?, *dash)))
        .min_by_key(|(at, _)| *at)
        .filter(|(at, _)| *at < BARE_BYTES_MAX)?;
    let (dateline, text) = paragraph.split_at_checked(at + dash.len())?;
    let head = paragraph.get(..at)?.trim_end_matches(['.', ' ', '\u{a0}']);
    let opens = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let sentence = opens.starts_with(|c: char| c.is_uppercase() || c.is_numeric());
    let long = !dash.ends_with(" - ");
    (sentence && (is_place_and_day(head) || (long && is_bare_place(head))))
        .then(|| dateline.trim_end())
}

/// What parts a dateline without an agency from the text.
const DASHES: [&str; 7] = [" - ", " – ", " — ", " -- ", "\u{a0}– ", "\u{a0}— ", "\u{a0}-- "];

/// Longest dateline without an agency: `La Chapelle-sur-Erdre (Loire-Atlantique), le 11 février 2016`.
const BARE_BYTES_MAX: usize = 70;

/// `Paris, 5 janvier`, `PARIS, le 5 janvier 2026`, `NEW YORK, Jan. 5`.
fn is_place_and_day(head: &str) -> bool {
    let Some((place, date)) = head.split_once(',') else { return false };
    let date = date.trim().trim_start_matches("le ");
    let first = place.starts_with(char::is_uppercase);
    first && place.split_whitespace().count() <= PLACE_NAMES_MAX && is_day(date)
}

/// `WASHINGTON`, `BERLIN, Germany`: words in capitals that are no label, and what they are in.
fn is_bare_place(head: &str) -> bool {
    let (place, region) = head.split_once(',').unwrap_or((head, ""));
    let words: Vec<&str> = place.split([' ', '-', '\'', '’']).collect();
    let capitals =
        place.chars().all(|c| c.is_uppercase() || matches!(c, ' ' | '-' | '\'' | '’' | '.'));
    let region = region.trim();
    let regional = region.is_empty()
        || (region.starts_with(char::is_uppercase)
            && region.split_whitespace().count() <= PLACE_NAMES_MAX
            && !region.contains(|c: char| c.is_numeric()));
    let folded = fold(place);
    let label = || folded.split([' ', '-']).any(|word| LABELS.contains(&word));
    capitals
        && regional
        && words.len() <= PLACE_NAMES_MAX
        && place.chars().filter(|c| c.is_uppercase()).count() >= PLACE_LETTERS_MIN
        && !label()
        && split_marks(&format!("{place} - x")).marks.is_empty()
}

/// Words of a place: `SAINT JEAN DE LUZ`.
const PLACE_NAMES_MAX: usize = 5;

/// Letters of a place that stands alone: shorter ones are mostly parties, clubs and firms.
const PLACE_LETTERS_MIN: usize = 4;

/// Words in capitals before a dash that are no places, folded.
const LABELS: &[&str] = &[
    "alerte",
    "analyse",
    "analysis",
    "athletisme",
    "basket",
    "breaking",
    "chronique",
    "cinema",
    "commentary",
    "communique",
    "correction",
    "culture",
    "cyclisme",
    "debat",
    "decryptage",
    "dernieres",
    "derniere",
    "direct",
    "documentaire",
    "dossier",
    "economie",
    "edito",
    "editorial",
    "emploi",
    "enquete",
    "entretien",
    "environnement",
    "exclusif",
    "exclusive",
    "explainer",
    "factbox",
    "faits",
    "feature",
    "football",
    "formule",
    "grand",
    "handball",
    "histoire",
    "hockey",
    "info",
    "infographie",
    "infos",
    "insolite",
    "international",
    "interview",
    "jeux",
    "judo",
    "justice",
    "live",
    "ligue",
    "maj",
    "mercato",
    "meteo",
    "migration",
    "monde",
    "musique",
    "natation",
    "note",
    "opinion",
    "photo",
    "photos",
    "podcast",
    "politique",
    "portrait",
    "premium",
    "publicite",
    "reactions",
    "recit",
    "replay",
    "report",
    "reportage",
    "resultats",
    "review",
    "rugby",
    "sante",
    "science",
    "sciences",
    "societe",
    "sport",
    "sports",
    "temoignage",
    "temoignages",
    "tennis",
    "transports",
    "tribune",
    "update",
    "verbatim",
    "video",
    "videos",
    "voile",
    "watch",
];

/// Words of a place and its date: `La Chapelle-sur-Erdre (France), 11 fév 2016` has six.
const PLACE_WORDS_MAX: usize = 9;

/// Whether a place ends with a day and a month: `Paris, 3 mars`, `Paris, 3 mars 2016`.
fn is_dated(place: &str) -> bool {
    place.rsplit_once(',').is_some_and(|(_, date)| is_day(date))
}

/// Whether a text begins with a day and a month, in either order.
fn is_day(date: &str) -> bool {
    let folded = fold(date);
    let mut words = folded.split_whitespace();
    let (Some(first), Some(second)) = (words.next(), words.next()) else { return false };
    let is_number = |day: &str| {
        let day = day.trim_end_matches(',');
        let day = day.strip_suffix("er").unwrap_or(day);
        day.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day))
    };
    let is_month = |month: &str| MONTHS.iter().any(|known| month.starts_with(known));
    (is_number(first) && is_month(second)) || (is_month(first) && is_number(second))
}

/// How the months begin in French and English, folded.
const MONTHS: [&str; 19] = [
    "jan", "fev", "feb", "mars", "march", "avr", "apr", "mai", "may", "juin", "june", "juil",
    "july", "aou", "aug", "sep", "oct", "nov", "dec",
];

/// The place that a dateline names: `Bruxelles` of `Bruxelles, 11 fév 2016 (AFP) -`.
pub fn dateline_place(dateline: &str) -> Option<&str> {
    let place = dateline.split([',', '(']).next()?.trim();
    let place = place.trim_end_matches(['-', '–', '—']).trim_end();
    let named =
        place.chars().any(char::is_alphabetic) && !place.chars().any(|c| c.is_ascii_digit());
    (named && place.len() < DATELINE_BYTES_MAX).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(paragraph: &str, text: Option<&str>) {
        assert_eq!(split_dateline(paragraph).map(|(_, text)| text), text);
    }

    #[test]
    fn datelines_are_split_off() {
        check("BRUXELLES, 11 fév 2016 (AFP) - L'Otan étudie.", Some("L'Otan étudie."));
        check("Strasbourg, 10 juil 2024 (AFP) - La cour.", Some("La cour."));
        check("Paris, 3 mars (Reuters) – La Bourse.", Some("La Bourse."));
        check("Paris, 1er mai (HP) – Le défilé.", Some("Le défilé."));
        check("Paris (AFP)\u{a0}– La Bourse.", Some("La Bourse."));
        check("VERDUN, 24 nov (HP) – La crue.", Some("La crue."));
        check("La crue (la pire depuis 1910) - dit-on", None);
        check("Le pont, 40 mètres (130 pieds) - dit-on", None);
        check("VERDUN (HP) la crue.", None);
        check("VERDUN, 24 nov (HP) - ", None);
        check("", None);
    }

    #[test]
    fn pages_have_datelines_without_agencies_too() {
        for (paragraph, expected) in [
            ("PARIS, 5 janvier (Agence) - La Bourse.", Some("PARIS, 5 janvier (Agence) -")),
            ("Paris (AFP) – La Bourse.", Some("Paris (AFP) –")),
            ("PARIS, 5 janvier - La Bourse.", Some("PARIS, 5 janvier -")),
            ("Sète, le 1er mai 2026 – « Enfin », dit-il.", Some("Sète, le 1er mai 2026 –")),
            ("NEW YORK, Jan. 5 — The court ruled.", Some("NEW YORK, Jan. 5 —")),
            ("WASHINGTON — The court ruled.", Some("WASHINGTON —")),
            ("BERLIN, Germany -- “We knew,” she said.", Some("BERLIN, Germany --")),
            ("SAINT-DENIS\u{a0}– Le stade.", Some("SAINT-DENIS\u{a0}–")),
            ("FOOTBALL – Le club a gagné.", None),
            ("INFO LOCALE — Le maire démissionne.", None),
            ("URGENT — Le maire démissionne.", None),
            ("UMP – Le parti vote.", None),
            ("SAINT-DENIS - Le stade.", None),
            ("WASHINGTON — where it rains", None),
            ("Paris — La Bourse.", None),
            ("Jean, 5 ans – Il court.", None),
            ("Le maire — qui l'a dit — part.", None),
            ("", None),
        ] {
            assert_eq!(dateline(paragraph), expected, "{paragraph}");
        }
    }

    #[test]
    fn a_dateline_has_a_place() {
        assert_eq!(dateline_place("Bruxelles, 11 fév 2016 (AFP) -"), Some("Bruxelles"));
        assert_eq!(dateline_place("NEW YORK (AFP) -"), Some("NEW YORK"));
        assert_eq!(dateline_place("11 fév 2016 -"), None);
    }
}
