//! Teasers (accroches): ours, cut well, and those of others, recognised.

use crate::squash;

/// Cuts `text` at a word boundary so that with its «…» it has at most `chars_max` characters;
/// a text that fits is returned whole. Never cuts inside an elision (`l'|Otan`), never leaves an
/// opening quotation mark or bracket, a comma or a dash before the «…».
pub fn teaser(text: &str, chars_max: usize) -> String {
    let text = squash(text);
    if text.chars().count() <= chars_max {
        return text;
    }
    let room: usize = text.chars().take(chars_max.saturating_sub(1)).map(char::len_utf8).sum();
    let kept = match text[room..].starts_with(' ') {
        true => &text[..room],
        false => text[..room].rsplit_once(' ').map_or("", |(kept, _)| kept),
    };
    let kept = kept.trim_end_matches(|c: char| c.is_whitespace() || ",;:–—-(«\"“‘[/".contains(c));
    format!("{kept}…")
}

/// Whether `text` is a teaser that somebody cut: it ends with «…», `...` or `[…]`.
pub fn is_cut(text: &str) -> bool {
    let end = text.trim_end().trim_end_matches([']', ')', '»', '"']).trim_end();
    end.ends_with('…') || end.ends_with("...") || end.ends_with("&hellip;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, chars_max: usize, expected: &str) {
        assert_eq!(teaser(text, chars_max), expected);
    }

    #[test]
    fn teasers_are_cut_at_words() {
        check("L'Otan étudie la possibilité", 40, "L'Otan étudie la possibilité");
        check("L'Otan étudie la possibilité", 16, "L'Otan étudie…");
        check("L'Otan étudie la possibilité", 14, "L'Otan étudie…");
        check("Il a dit l'Otan, puis", 13, "Il a dit…");
        check("Paris, Lyon, Nantes", 14, "Paris, Lyon…");
        check("Il dit « non » à tout", 10, "Il dit…");
        check("anticonstitutionnellement", 8, "…");
    }

    #[test]
    fn cut_teasers_are_recognised() {
        for cut in ["un membre à...", "un membre à…", "la suite […]", "il dit \"non..."] {
            assert!(is_cut(cut), "{cut}");
        }
        assert!(!is_cut("La fin."));
    }

    proptest::proptest! {
        #[test]
        fn a_teaser_never_exceeds_its_room(text in "\\PC{0,80}", room in 1usize..60) {
            proptest::prop_assert!(teaser(&text, room).chars().count() <= room);
        }
    }
}
