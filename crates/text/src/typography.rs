//! French spacing, apostrophes and ellipses: set right on output, never in the store.

use std::borrow::Cow;

/// A narrow no-break space.
const NARROW: char = '\u{202f}';

/// Sets `text` as its language sets it. French: a narrow no-break space before `; : ! ? »` and
/// after `«`, and between the thousands of a number; a curved apostrophe, one ellipsis character; other languages only the ellipsis.
pub fn typeset<'a>(text: &'a str, language: Option<&str>) -> Cow<'a, str> {
    if language == Some("fr") {
        return Cow::Owned(french(text));
    }
    if text.contains("...") { Cow::Owned(text.replace("...", "…")) } else { Cow::Borrowed(text) }
}

fn french(text: &str) -> String {
    let text = text.replace("...", "…");
    let mut set = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ';' | '!' | '?' | '»' | ':' if wants_space(&set, c, chars.peek().copied()) => {
                while set.ends_with([' ', '\u{a0}', NARROW]) {
                    set.pop();
                }
                set.push(NARROW);
                set.push(c);
            }
            '«' => {
                set.push(c);
                while chars.next_if(|c| c.is_whitespace()).is_some() {}
                set.push(NARROW);
            }
            ' ' | '\u{a0}' if groups_digits(&set, chars.clone()) => set.push(NARROW),
            '\'' if between_letters(&set, chars.peek().copied()) => set.push('’'),
            _ => set.push(c),
        }
    }
    set
}

/// Whether a space belongs before this sign: not at the start, not inside a time, an address or a
/// run of signs (`?!`), and a colon or semicolon only where one already stands or a blank follows.
fn wants_space(before: &str, sign: char, after: Option<char>) -> bool {
    let Some(previous) = before.chars().last() else { return false };
    if matches!(previous, '!' | '?' | '(' | '[') {
        return false;
    }
    let blank_after =
        after.is_none_or(|c| c.is_whitespace() || matches!(c, '»' | ')' | '"' | '!' | '?' | '…'));
    previous.is_whitespace() || sign == '»' || blank_after
}

/// Whether a blank stands between the groups of a number, «2 000», «1 234 567»: one to three digits before it,
/// three behind.
fn groups_digits(before: &str, after: impl Iterator<Item = char>) -> bool {
    let first = before.chars().rev().take(4).take_while(char::is_ascii_digit).count();
    let second = after.take(4).take_while(char::is_ascii_digit).count();
    (1..=3).contains(&first) && second == 3
}

fn between_letters(before: &str, after: Option<char>) -> bool {
    before.chars().last().is_some_and(char::is_alphabetic)
        && after.is_some_and(|c| c.is_alphanumeric() || matches!(c, '«' | '"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(typeset(text, Some("fr")).replace(NARROW, "~"), expected);
    }

    #[test]
    fn french_is_set_as_french() {
        check("Meuse : la cote", "Meuse~: la cote");
        check("Qui sait ?", "Qui sait~?");
        check("Qui sait?", "Qui sait~?");
        check("« Non », dit-il", "«~Non~», dit-il");
        check("«Non»", "«~Non~»");
        check("Quoi ?!", "Quoi~?!");
        check("à 16:41, https://a.example/?q=1", "à 16:41, https://a.example/?q=1");
        check("L'Otan...", "L’Otan…");
        check("2 000 mètres, 1 234 567 euros", "2~000 mètres, 1~234~567 euros");
        check(
            "en 2016 300 voix, 12 5000, 01 23 45, a 100",
            "en 2016 300 voix, 12 5000, 01 23 45, a 100",
        );
    }

    #[test]
    fn other_languages_keep_theirs() {
        assert_eq!(typeset("Who knows? It's...", Some("en")), "Who knows? It's…");
    }
}
