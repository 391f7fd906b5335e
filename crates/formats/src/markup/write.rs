//! Gives a part of a tree back as HTML.

use super::{Element, Namespace, Node};

/// What to write next: a tree is walked with a list, not with recursion.
enum Step<'t, 'a> {
    Open(Node<'t, 'a>),
    Close(&'a str),
}

/// HTML elements that are written without an end tag.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// The markup inside `element`. Text is escaped again, except that CDATA outside of XHTML is taken
/// for the HTML it nearly always is.
pub(crate) fn inner_markup(element: Element<'_, '_>, xhtml: bool) -> String {
    let mut out = String::new();
    let mut steps: Vec<_> = element.nodes().map(Step::Open).collect();
    steps.reverse();
    while let Some(step) = steps.pop() {
        match step {
            Step::Close(name) => push_all(&mut out, &["</", name, ">"]),
            Step::Open(Node::Text { text, cdata }) if cdata && !xhtml => out.push_str(text),
            Step::Open(Node::Text { text, .. }) => escape_into(text, false, &mut out),
            Step::Open(Node::Element(inner)) => {
                let name = open_tag(inner, &mut out);
                if !VOID.contains(&name) {
                    steps.push(Step::Close(name));
                    let from = steps.len();
                    steps.extend(inner.nodes().map(Step::Open));
                    if let Some(added) = steps.get_mut(from..) {
                        added.reverse();
                    }
                }
            }
        }
    }
    out
}

/// Writes the tag as HTML has it: the names of its own vocabularies without prefix.
fn open_tag<'a>(element: Element<'_, 'a>, out: &mut String) -> &'a str {
    let known = element.namespace() != Namespace::Other;
    let name = if known { html_name(element.name()) } else { element.full_name() };
    push_all(out, &["<", name]);
    let above = element.parent().map(Element::namespace);
    match element.namespace() {
        own if Some(own) == above => {}
        Namespace::Svg => out.push_str(" xmlns=\"http://www.w3.org/2000/svg\""),
        Namespace::MathMl => out.push_str(" xmlns=\"http://www.w3.org/1998/Math/MathML\""),
        _ => {}
    }
    if element.pairs().any(|(attribute, _)| attribute.starts_with("xlink:")) {
        out.push_str(" xmlns:xlink=\"http://www.w3.org/1999/xlink\"");
    }
    for (attribute, value) in element.pairs() {
        if attribute.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("xmlns")) {
            continue;
        }
        push_all(out, &[" ", attribute, "=\""]);
        escape_into(value, true, out);
        out.push('"');
    }
    out.push('>');
    name
}

/// What HTML calls an element that NITF names otherwise.
fn html_name(name: &str) -> &str {
    match name {
        "hl1" | "hl2" => "h2",
        "block" => "div",
        _ => name,
    }
}

/// Appends `text` with `&`, `<`, `>`, and in an attribute `"`, as references.
pub(crate) fn escape_into(text: &str, attribute: bool, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(|c| matches!(c, '&' | '<' | '>') || (attribute && c == '"')) {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        out.push_str(match special.as_bytes().first() {
            Some(b'&') => "&amp;",
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            _ => "&quot;",
        });
        rest = &special[1..];
    }
    out.push_str(rest);
}

fn push_all(out: &mut String, parts: &[&str]) {
    for part in parts {
        out.push_str(part);
    }
}
