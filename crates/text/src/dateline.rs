//! Datelines: the place, date and agency that open a dispatch.

/// Longest dateline believed in. "SAINT-BARTHÉLEMY-DE-VALS (France), 24 septembre 2026 (Agence) - "
/// has about 70 characters.
const DATELINE_BYTES_MAX: usize = 110;

/// Splits a dispatch's first paragraph after its dateline: `BRUXELLES, 11 fév 2016 (AFP) - L'Otan…`
/// gives the dateline with its dash and the text. `None` where there is none.
///
/// The form is that of agencies: a place in capitals, whatever follows it, an agency in brackets, a dash.
pub fn split_dateline(paragraph: &str) -> Option<(&str, &str)> {
    let close = paragraph.find(") ").filter(|&close| close < DATELINE_BYTES_MAX)?;
    let open = paragraph.get(..close)?.rfind('(')?;
    let rest = paragraph.get(close + 2..)?;
    let text = rest.strip_prefix(['-', '–', '—'])?.trim_start();
    let place = paragraph.get(..open)?;
    let first = place.split([' ', ',']).next()?;
    let capitals = first.chars().filter(|c| c.is_uppercase()).count() >= 2
        && !first.chars().any(char::is_lowercase);
    let agency = close - open > 2 && close - open < 40;
    (capitals && agency && !text.is_empty())
        .then(|| paragraph.split_at(paragraph.len() - text.len()))
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
        check("VERDUN, 24 nov (HP) – La crue.", Some("La crue."));
        check("La crue (la pire depuis 1910) - dit-on", None);
        check("VERDUN (HP) la crue.", None);
        check("VERDUN, 24 nov (HP) - ", None);
        check("", None);
    }
}
