//! What a spreadsheet makes of a text.

/// Whether a spreadsheet may take a text for a formula and run it: by its first sign, in full width too, behind what it does
/// not show (spaces, marks of byte order and of direction, joiners). A text that is not ours then needs an apostrophe before it.
pub fn is_formula(text: &str) -> bool {
    let begins = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    text.starts_with(['\t', '\r', '\n']) || text.trim_start_matches(is_unseen).starts_with(begins)
}

fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_by_their_first_sign() {
        for text in
            ["=1", " +1", "\t=1", "\ta", "\nb", "＝1", "- dit-il", "\u{200b}\u{feff} =1", "\u{1}@a"]
        {
            assert!(is_formula(text), "{text:?}");
        }
        for text in ["", "Otan", "a=1", "1-2", "«-»", "\u{feff}a"] {
            assert!(!is_formula(text), "{text:?}");
        }
    }
}
