//! Datelines: the place, date and agency that open a dispatch.

use crate::{agency::AGENCIES, fold};

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

/// Words of a place and its date: `La Chapelle-sur-Erdre (France), 11 fév 2016` has six.
const PLACE_WORDS_MAX: usize = 9;

/// Whether a place ends with a day and a month: `Paris, 3 mars`, `Paris, 3 mars 2016`.
fn is_dated(place: &str) -> bool {
    let Some((_, date)) = place.rsplit_once(',') else { return false };
    let folded = fold(date);
    let mut words = folded.split_whitespace();
    let day = words.next().is_some_and(|day| {
        let day = day.strip_suffix("er").unwrap_or(day);
        day.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day))
    });
    day && words.next().is_some_and(|month| MONTHS.iter().any(|known| month.starts_with(known)))
}

/// How the months begin, folded.
const MONTHS: [&str; 12] =
    ["janv", "fev", "mars", "avr", "mai", "juin", "juil", "aou", "sept", "oct", "nov", "dec"];

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
    fn a_dateline_has_a_place() {
        assert_eq!(dateline_place("Bruxelles, 11 fév 2016 (AFP) -"), Some("Bruxelles"));
        assert_eq!(dateline_place("NEW YORK (AFP) -"), Some("NEW YORK"));
        assert_eq!(dateline_place("11 fév 2016 -"), None);
    }
}
