//! Lists as HTML, as Markdown and as text: their numbers, their depth, their terms.

use super::{
    inline::{inline, marked, marked_line},
    inline_html,
};
use crate::{Block, Bullet, ListEntry};

/// A list as HTML, lists within lists in their entries.
pub fn html(entries: &[ListEntry]) -> String {
    let mut out = String::new();
    let mut open: Vec<Open> = Vec::new();
    for entry in entries {
        let goes_on = open.iter().any(|open| open.depth == entry.depth);
        let more = entry.mark == Bullet::More && goes_on;
        if more {
            while let Some(ended) = open.pop_if(|open| open.depth > entry.depth) {
                ended.end(&mut out);
            }
            out.push_str("<br>");
        } else {
            begin(entry, &mut open, &mut out);
        }
        out.push_str(&inline_html(&entry.text));
    }
    while let Some(list) = open.pop() {
        list.end(&mut out);
    }
    out
}

/// A list that is open, the entry in it, and the number of the next.
struct Open {
    depth: u8,
    list: &'static str,
    entry: &'static str,
    next: i32,
}

impl Open {
    fn end(&self, out: &mut String) {
        out.push_str(&format!("</{}></{}>", self.entry, self.list));
    }
}

/// Ends what an entry does not stand in, and opens what it does.
fn begin(entry: &ListEntry, open: &mut Vec<Open>, out: &mut String) {
    let (list, element) = match entry.mark {
        Bullet::Number(_) => ("ol", "li"),
        Bullet::Term => ("dl", "dt"),
        Bullet::Description => ("dl", "dd"),
        Bullet::Plain | Bullet::More => ("ul", "li"),
    };
    let ends = |open: &mut Open| {
        open.depth > entry.depth || (open.depth == entry.depth && open.list != list)
    };
    while let Some(ended) = open.pop_if(ends) {
        ended.end(out);
    }
    let number = if let Bullet::Number(number) = entry.mark { number } else { 1 };
    let shown = |expected: i32, name: &str| match entry.mark {
        Bullet::Number(number) if number != expected => format!(" {name}=\"{number}\""),
        _ => String::new(),
    };
    match open.last_mut().filter(|open| open.depth == entry.depth) {
        Some(list) => {
            let value = shown(list.next, "value");
            out.push_str(&format!("</{}><{element}{value}>", list.entry));
            *list = Open { entry: element, next: number.saturating_add(1), ..*list };
        }
        None => {
            let start = shown(1, "start");
            out.push_str(&format!("<{list}{start}><{element}>"));
            open.push(Open {
                depth: entry.depth,
                list,
                entry: element,
                next: number.saturating_add(1),
            });
        }
    }
}

/// A list as Markdown, an entry a line, those of lists within lists set in.
pub(super) fn markdown(entries: &[ListEntry]) -> String {
    let mut lines = Vec::new();
    // The depth of the entries around, and how wide what stands before each is.
    let mut around: Vec<(u16, usize)> = Vec::new();
    let indent = |around: &[(u16, usize)]| " ".repeat(around.iter().map(|(_, width)| width).sum());
    for entry in entries.iter().filter(|entry| !inline(&entry.text).is_empty()) {
        if entry.mark == Bullet::More && !around.is_empty() {
            lines.push(format!("\\\n{}{}", indent(&around), marked_line(&entry.text)));
            continue;
        }
        let depth = u16::from(entry.depth) * 2 + u16::from(entry.mark == Bullet::Description);
        around.retain(|(outer, _)| *outer < depth);
        let before = indent(&around);
        let (mark, text) = match entry.mark {
            Bullet::Number(number @ 0..=999_999_999) => {
                (format!("{number}. "), marked_line(&entry.text))
            }
            Bullet::Number(number) => {
                ("- ".to_owned(), format!("{number}\\. {}", marked(&entry.text)))
            }
            Bullet::Term => ("- ".to_owned(), format!("**{}**", inline(&entry.text))),
            _ => ("- ".to_owned(), marked_line(&entry.text)),
        };
        around.push((depth, mark.len()));
        lines.push(format!("\n{before}{mark}{text}"));
    }
    lines.concat().trim_start_matches(['\\', '\n']).to_owned()
}

/// A body as text for reading: as it is counted, but with its numbers, its lists set in, its entries under their hours, and lines that stand as they are set.
pub fn plain(body: &[Block]) -> String {
    let shown = |block: &Block| match block {
        Block::List(entries) => entries.iter().map(entry).collect::<Vec<_>>().join("\n"),
        Block::Preformatted(lines) => lines.clone(),
        Block::Entry(entry) => entry.head(),
        block => block.text(),
    };
    let texts: Vec<String> = body.iter().map(shown).filter(|text| !text.is_empty()).collect();
    texts.join("\n\n")
}

fn entry(entry: &ListEntry) -> String {
    let indent = "  ".repeat(usize::from(entry.depth));
    match entry.mark {
        Bullet::Number(number) => format!("{indent}{number}. {}", entry.text),
        Bullet::Description => format!("{indent}  {}", entry.text),
        Bullet::Plain | Bullet::Term | Bullet::More => format!("{indent}{}", entry.text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(depth: u8, mark: Bullet, text: &str) -> ListEntry {
        ListEntry { depth, mark, ..ListEntry::from(text) }
    }

    #[track_caller]
    fn check(entries: &[ListEntry], html: &str, markdown: &str, plain: &str) {
        assert_eq!(super::html(entries), html);
        assert_eq!(super::markdown(entries), markdown);
        assert_eq!(super::plain(&[Block::List(entries.to_vec())]), plain);
    }

    #[test]
    fn numbers_depth_and_terms_are_kept() {
        use Bullet::{Description, More, Number, Plain, Term};
        check(&[], "", "", "");
        check(
            &[entry(0, Plain, "a"), entry(0, Plain, "- b")],
            "<ul><li>a</li><li>- b</li></ul>",
            "- a\n- \\- b",
            "a\n- b",
        );
        check(
            &[entry(0, Number(3), "a"), entry(0, Number(4), "b"), entry(0, Number(9), "c")],
            "<ol start=\"3\"><li>a</li><li>b</li><li value=\"9\">c</li></ol>",
            "3. a\n4. b\n9. c",
            "3. a\n4. b\n9. c",
        );
        check(
            &[
                entry(0, Number(1), "a"),
                entry(1, Plain, "b"),
                entry(1, More, "c"),
                entry(0, Number(2), "d"),
            ],
            "<ol><li>a<ul><li>b<br>c</li></ul></li><li>d</li></ol>",
            "1. a\n   - b\\\n     c\n2. d",
            "1. a\n  b\n  c\n2. d",
        );
        check(
            &[entry(0, Term, "Cote"), entry(0, Description, "2,10 m"), entry(0, Term, "Débit")],
            "<dl><dt>Cote</dt><dd>2,10 m</dd><dt>Débit</dt></dl>",
            "- **Cote**\n  - 2,10 m\n- **Débit**",
            "Cote\n  2,10 m\nDébit",
        );
        // What no page has: deeper at once, another kind at the same depth, a number below one, what goes on with nothing.
        check(
            &[
                entry(4, More, "a"),
                entry(4, Plain, "b"),
                entry(5, Number(-1), "c"),
                entry(0, Plain, "d"),
            ],
            "<ul><li>a</li><li>b<ol start=\"-1\"><li>c</li></ol></li></ul><ul><li>d</li></ul>",
            "- a\n- b\n  - -1\\. c\n- d",
            "        a\n        b\n          -1. c\nd",
        );
    }
}
