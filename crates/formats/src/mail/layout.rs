//! The markup of mail: what only lays it out goes, so that its text is read as text.
//!
//! Newsletters are set in tables inside of tables, since mail programs know nothing else, and open with a line
//! that nobody is to see but the list of messages. Neither means anything.

/// Elements that lay a message out; the outermost name of all of them becomes `div`.
const LAYOUT: [&str; 9] =
    ["table", "tbody", "thead", "tfoot", "tr", "td", "th", "center", "section"];

/// Shortest side of a picture that shows something; below are logos, lines and the ones that count readers.
const PICTURE_PIXELS_MIN: u32 = 80;

/// Elements without an end tag, which can hold nothing that is hidden with them.
const VOID: [&str; 8] = ["img", "br", "hr", "input", "meta", "link", "col", "wbr"];

/// The body of a message's markup, without tables, comments and what is hidden.
pub(super) fn text_of(html: &str) -> String {
    text_by(&mut Tags::of(html))
}

fn text_by(tags: &mut Tags<'_>) -> String {
    let html = tags.html;
    let mut out = String::with_capacity(html.len());
    let mut at = 0;
    // The element that is hidden, and how many of its name are open inside of it.
    let mut hidden: Option<(String, usize)> = None;
    while let Some(length) = html[at..].find('<') {
        if hidden.is_none() {
            out.push_str(&html[at..at + length]);
        }
        at += length;
        if html[at..].starts_with("<!--") {
            // A conditional comment for one mail program is a comment for us.
            at = html[at..].find("-->").map_or(html.len(), |end| at + end + "-->".len());
            continue;
        }
        let Some(tag) = tags.read(at) else {
            if hidden.is_none() {
                out.push_str("&lt;");
            }
            at += 1;
            continue;
        };
        at += tag.bytes;
        if tag.name == "body" && !tag.is_end {
            out.clear();
        }
        match &mut hidden {
            Some((name, open)) if *name == tag.name => {
                *open = if tag.is_end { open.saturating_sub(1) } else { *open + 1 };
                if *open == 0 {
                    hidden = None;
                }
            }
            Some(_) => {}
            None if tag.is_hidden() => hidden = Some((tag.name, 1)),
            None if tag.is_sign() => {}
            None => tag.write(&mut out),
        }
    }
    if hidden.is_none() {
        out.push_str(&html[at..]);
    }
    out
}

/// The tags of a document, found in time that grows with it: what one of them has shown of the rest is not looked
/// for again.
struct Tags<'h> {
    html: &'h str,
    /// The last place where a tag ends.
    last_end: usize,
    /// No tag was met whose quotation marks hide all that could end it.
    quotes_close: bool,
    /// Bytes that were looked at for the end of a tag.
    #[cfg(test)]
    looked: usize,
}

impl<'h> Tags<'h> {
    fn of(html: &'h str) -> Self {
        Self {
            html,
            last_end: html.rfind('>').unwrap_or(0),
            quotes_close: true,
            #[cfg(test)]
            looked: 0,
        }
    }

    /// The tag that begins at this `<`.
    fn read(&mut self, at: usize) -> Option<Tag<'h>> {
        if at >= self.last_end {
            return None;
        }
        let rest = self.html.get(at + 1..)?;
        let (is_end, rest) = rest.strip_prefix('/').map_or((false, rest), |rest| (true, rest));
        let name_bytes = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != ':')?;
        let (name, rest) = rest.split_at(name_bytes);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let end = self.end(rest)?;
        let attributes = rest.get(..end)?;
        let bytes = self.html.len() - at - rest.len() + end + 1;
        Some(Tag { name: name.to_ascii_lowercase(), is_end, attributes, bytes })
    }

    /// Where the tag ends whose name `rest` follows. Values in quotation marks may hold a `>`; where these hide all
    /// that is left, neither this nor any later mark is believed.
    fn end(&mut self, rest: &str) -> Option<usize> {
        if self.quotes_close {
            let end = end_outside_quotes(rest);
            #[cfg(test)]
            {
                self.looked += end.unwrap_or(rest.len());
            }
            if end.is_some() {
                return end;
            }
            self.quotes_close = false;
        }
        rest.find('>')
    }
}

/// The first `>` that is not in the value of an attribute.
fn end_outside_quotes(rest: &str) -> Option<usize> {
    let (mut quote, mut before) = (None, b' ');
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') if before == b'=' => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
    }
    None
}

struct Tag<'h> {
    name: String,
    is_end: bool,
    attributes: &'h str,
    bytes: usize,
}

impl Tag<'_> {
    fn is_hidden(&self) -> bool {
        if self.is_end || VOID.contains(&&*self.name) {
            return false;
        }
        let style: String =
            self.attributes.to_ascii_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
        ["display:none", "visibility:hidden", "mso-hide:all", "max-height:0;", "max-height:0px"]
            .iter()
            .any(|hides| style.contains(hides))
            || matches!(&*self.name, "style" | "script" | "title")
    }

    /// Whether it is a picture that tells its sender that it was looked at, or a sign: too small to show anything.
    fn is_sign(&self) -> bool {
        let size = |name: &str| {
            let (_, value) = self.attributes.split_once(name)?;
            let digits = value.trim_start_matches(['=', '"', '\'', ' ']);
            let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            digits[..end].parse::<u32>().ok()
        };
        let is_small = |name| size(name).is_some_and(|pixels| pixels < PICTURE_PIXELS_MIN);
        self.name == "img" && (is_small("width=") || is_small("height="))
    }

    fn write(&self, out: &mut String) {
        let (open, name) = (if self.is_end { "</" } else { "<" }, &*self.name);
        let is_layout = LAYOUT.contains(&name);
        out.push_str(open);
        out.push_str(if is_layout { "div" } else { name });
        if !is_layout {
            out.push_str(self.attributes);
        }
        out.push('>');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &str) {
        assert_eq!(text_of(html), expected);
    }

    #[test]
    fn layout_goes_and_text_stays() {
        check(
            "<html><head><title>x</title></head><body><p>Otan</p></body></html>",
            "<body><p>Otan</p></body></html>",
        );
        check(
            "<TABLE width=600><tr><td><a href=x>Otan</a></td></tr></TABLE>",
            "<div><div><div><a href=x>Otan</a></div></div></div>",
        );
        check(
            "<!--[if mso]><table><![endif]--><p title='a > b'>1 < 2</p>",
            "<p title='a > b'>1 &lt; 2</p>",
        );
    }

    #[test]
    fn marks_that_hide_the_rest_are_not_believed() {
        check("<p title=\"a>b<i>c</i>", "<p title=\"a>b<i>c</i>");
        check("<p a=\"x\"\">b<i class=\"y\">c", "<p a=\"x\"\">b<i class=\"y\">c");
    }

    #[test]
    fn no_text_is_looked_through_twice() {
        for hostile in ["<a =\">\"", "<a =\"", "<a b='\">", "<a", "<", "<!--<a =\"", "<p =\">"] {
            let html = hostile.repeat(10_000);
            let mut tags = Tags::of(&html);
            text_by(&mut tags);
            assert!(tags.looked <= 2 * html.len(), "{hostile}: {}", tags.looked);
        }
    }

    #[test]
    fn what_is_hidden_goes() {
        check("<div style='display: none'>a<div>b</div>c</div><p>d</p>", "<p>d</p>");
        check(
            "<span style=\"mso-hide:all\">a</span><img style='display:none' src=x>b",
            "<img style='display:none' src=x>b",
        );
        check("<style>p { color: red }</style>a<div style='display:none'>b", "a");
        check("a<b", "a&lt;b");
        check(
            "<img src=o.gif width=\"1\" height=1><img src=p.jpg width=600>",
            "<img src=p.jpg width=600>",
        );
    }
}
