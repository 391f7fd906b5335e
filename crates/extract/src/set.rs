//! Lines that stand as they are set in a `pre`: verses, code, forms; not prose that is only broken into lines.

/// The lines of a `pre`, where their breaks are part of what they say.
pub(crate) fn lines(set: &str) -> Option<String> {
    let shown: String = set
        .replace("\r\n", "\n")
        .chars()
        .filter(|c| matches!(c, '\n' | '\t') || !(c.is_control() || turns_or_hides(*c)))
        .collect();
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    let (first, last) = (filled(lines.iter())?, lines.len() - filled(lines.iter().rev())?);
    let lines = lines.get(first..last)?;
    (lines.len() > 1 && !is_prose(lines)).then(|| lines.join("\n"))
}

/// How many lines stand before the first one with text.
fn filled<'a>(mut lines: impl Iterator<Item = &'a &'a str>) -> Option<usize> {
    lines.position(|line| !line.is_empty())
}

/// Shortest line that was broken because it was full.
const FULL_CHARS_MIN: usize = 50;

/// Whether every line that is not the last of its paragraph is full, as those of agencies' copies are.
fn is_prose(lines: &[&str]) -> bool {
    let mut before_last = lines.windows(2).filter_map(|two| match two {
        [line, next] if !line.is_empty() && !next.is_empty() => Some(*line),
        _ => None,
    });
    let is_full =
        |line: &str| line.chars().count() >= FULL_CHARS_MIN && !line.trim_start().contains("  ");
    let mut any = false;
    before_last.all(|line| {
        any = true;
        is_full(line)
    }) && any
}

fn turns_or_hides(c: char) -> bool {
    crate::blocks::is_invisible(c) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_mean_something_are_told_from_prose() {
        let verses = "\n  Sous le pont Mirabeau\r\n  coule la Seine  \n\n\n";
        assert_eq!(lines(verses).as_deref(), Some("  Sous le pont Mirabeau\n  coule la Seine"));
        let copy = "VERDUN, 24 nov (HP) - La Meuse a baissé de deux mètres en une\n\
            seule nuit, a dit lundi la préfecture, qui lève l’alerte dans toutes\nles communes.\n\nabc/def";
        assert_eq!(lines(copy), None);
        for other in ["", " \n ", "Une ligne.", "\u{1}\n"] {
            assert_eq!(lines(other), None, "{other:?}");
        }
        assert_eq!(lines("a\u{202e}\tb\u{1b}\nc").as_deref(), Some("a\tb\nc"));
    }
}
