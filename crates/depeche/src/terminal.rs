//! What is set for a person at a terminal: width, weight, colour, wrapped lines and columns.

use std::{env, io::IsTerminal};

use crate::telling::shown;

/// Width where nothing says it.
const COLUMNS_USUAL: usize = 80;

/// Columns of standard output.
pub(crate) fn columns() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stdout());
    let columns = size.map(|size| usize::from(size.ws_col)).unwrap_or(0);
    if columns == 0 { COLUMNS_USUAL } else { columns }
}

/// Whether weight and colour are used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ink {
    on: bool,
}

/// How a text is set.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Set {
    /// As a headline.
    Bold,
    /// What matters less.
    Quiet,
    /// What is kept.
    Kept,
}

impl Ink {
    /// On a terminal, unless its person wants none (<https://no-color.org>).
    pub(crate) fn wanted() -> Self {
        let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { on: std::io::stdout().is_terminal() && !is_set("NO_COLOR") && !dumb }
    }

    /// None at all.
    pub(crate) const NONE: Self = Self { on: false };

    /// A text, which holds no commands any more, set so.
    pub(crate) fn set(self, set: Set, text: &str) -> String {
        let code = match set {
            Set::Bold => "1",
            Set::Quiet => "2",
            Set::Kept => "32",
        };
        if self.on && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Columns that a text takes: signs of East Asia take two, marks over others none.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

fn width_of(c: char) -> usize {
    match u32::from(c) {
        0x300..=0x36f | 0x200b..=0x200d | 0x2060 | 0xfe00..=0xfe0f | 0xfeff => 0,
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// The lines of a text, broken at spaces, and inside of what is longer than a line. Foreign text may be given: what
/// would command the terminal is shown instead.
pub(crate) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let text = shown(text);
    let columns = columns.max(8);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let (mut line, mut filled) = (String::new(), 0);
        for word in paragraph.split([' ', '\t']).filter(|word| !word.is_empty()) {
            let wide = width(word);
            if !line.is_empty() && filled + 1 + wide <= columns {
                line.push(' ');
                line.push_str(word);
                filled += 1 + wide;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                filled = 0;
            }
            for c in word.chars() {
                if filled + width_of(c) > columns {
                    lines.push(std::mem::take(&mut line));
                    filled = 0;
                }
                line.push(c);
                filled += width_of(c);
            }
        }
        lines.push(line);
    }
    lines
}

/// The first lines of a text; where more were there, the last one says so.
pub(crate) fn cut(text: &str, columns: usize, lines_max: usize) -> Vec<String> {
    let mut lines = wrapped(text, columns);
    if lines.len() > lines_max {
        lines.truncate(lines_max);
        if let Some(last) = lines.last_mut() {
            while width(last) + 1 > columns {
                last.pop();
            }
            last.push('…');
        }
    }
    lines
}

/// A text with spaces up to a width.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, columns: usize, expected: &[&str]) {
        assert_eq!(wrapped(text, columns), expected);
    }

    /// Signs of no width fill no line, however many there are.
    #[test]
    fn signs_of_no_width_cost_no_line() {
        assert_eq!(wrapped(&format!("a{}", "\u{301}".repeat(200_000)), 20).len(), 1);
    }

    #[test]
    fn lines_break_at_spaces_and_long_words_anywhere() {
        check("La préfète de la Meuse", 12, &["La préfète", "de la Meuse"]);
        check("https://a.example/b", 10, &["https://a.", "example/b"]);
        check("新聞記者連盟 a", 8, &["新聞記者", "連盟 a"]);
        check("un\u{202f}! deux\u{a0}: trois", 8, &["un\u{202f}!", "deux\u{a0}:", "trois"]);
        check("", 12, &[]);
        check("a\u{1b}[31m", 20, &["a\\u001b[31m"]);
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("La préfète de la Meuse", 12, 1), ["La préfète…"]);
        assert_eq!(cut("abcdefgh ijkl", 8, 1), ["abcdefg…"]);
        assert_eq!(cut("La Meuse", 12, 1), ["La Meuse"]);
        assert_eq!(padded("Été", 5), "Été  ");
    }

    #[test]
    fn no_colour_is_no_code() {
        assert_eq!(Ink::NONE.set(Set::Bold, "a"), "a");
        assert_eq!(Ink { on: true }.set(Set::Bold, "a"), "\u{1b}[1ma\u{1b}[0m");
    }
}
