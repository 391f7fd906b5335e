//! The entries of lists with what stands before them on their page: numbers, terms, and how deep they stand.

use depeche_news::limits::text::LIST_DEPTH_MAX;
use depeche_news::{Bullet, ListEntry};
use foldhash::{HashMap, HashMapExt};

use crate::blocks::Piece;
use crate::render::Setting;
use crate::tree::{NodeId, ROOT, Tree};

/// How many lists stand between an element and the list `root`; nothing where it is not in that.
fn depth(tree: &Tree, list: NodeId, root: NodeId) -> Option<u8> {
    let mut depth = 0;
    for around in std::iter::once(list).chain(tree.ancestors(list)) {
        if around == root {
            return Some(depth);
        }
        depth = LIST_DEPTH_MAX.min(depth + u8::from(is_list(tree.name(around))));
    }
    None
}

fn is_list(name: &str) -> bool {
    matches!(name, "ul" | "ol" | "dl")
}

/// Whether an entry is of the list whose first and last entries are known: its own, or one within or around that.
pub(crate) fn goes_on(tree: Option<&Tree>, first: &Piece, last: &Piece, next: &Piece) -> bool {
    let other = |tree: &Tree| {
        let depth = |piece: &Piece| depth(tree, piece.group, first.group);
        // Two lists beside each other are two.
        depth(next).is_some_and(|next| Some(next) != depth(last))
    };
    // An entry of no list has no depth in one.
    next.group == last.group || (first.group != ROOT && tree.is_some_and(other))
}

/// The entries of a list.
pub(crate) fn entries(pieces: Vec<Piece>, setting: &Setting) -> Vec<ListEntry> {
    let Some(root) = pieces.first().map(|piece| piece.group) else { return Vec::new() };
    let mut numbers = setting.numbers.borrow_mut();
    // The last entry's element at each depth.
    let mut items: Vec<NodeId> = Vec::new();
    let entry = |piece: Piece| {
        let depth = setting.tree.and_then(|tree| depth(tree, piece.group, root)).unwrap_or(0);
        let item = piece.item;
        items.resize(usize::from(depth) + 1, ROOT);
        let last = items.last_mut().map(|last| std::mem::replace(last, item));
        let mark = match setting.tree {
            _ if item != ROOT && last == Some(item) => Bullet::More,
            Some(tree) if item != ROOT => bullet(tree, item, &mut numbers),
            _ => Bullet::Plain,
        };
        ListEntry { text: setting.text(piece), depth, mark }
    };
    pieces.into_iter().map(entry).collect()
}

/// The numbers of a list's entries.
pub(crate) type Numbers = HashMap<NodeId, i32>;

fn bullet(tree: &Tree, item: NodeId, numbers: &mut HashMap<NodeId, Numbers>) -> Bullet {
    match (tree.name(item), tree.parent(item)) {
        ("dt", _) => Bullet::Term,
        ("dd", _) => Bullet::Description,
        (_, Some(list)) if tree.name(list) == "ol" => {
            let numbers = numbers.entry(list).or_insert_with(|| numbered(tree, list));
            numbers.get(&item).map_or(Bullet::Plain, |number| Bullet::Number(*number))
        }
        _ => Bullet::Plain,
    }
}

/// The numbers of a list's entries, as browsers count them; none where its style takes them away.
fn numbered(tree: &Tree, list: NodeId) -> Numbers {
    let attribute = |id, name| tree.attribute(id, name).and_then(|value| value.trim().parse().ok());
    let style = tree.attribute(list, "style").unwrap_or_default();
    if style.contains("list-style") && style.contains("none") {
        return Numbers::new();
    }
    let items: Vec<NodeId> = tree.children(list).filter(|id| tree.name(*id) == "li").collect();
    let reversed = tree.attribute(list, "reversed").is_some();
    let count = || i32::try_from(items.len()).unwrap_or(i32::MAX);
    let first = attribute(list, "start").unwrap_or_else(|| if reversed { count() } else { 1 });
    let mut next: i32 = first;
    let number = |item: &NodeId| {
        let number = attribute(*item, "value").unwrap_or(next);
        next = number.saturating_add(if reversed { -1 } else { 1 });
        (*item, number)
    };
    items.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use depeche_news::Block;

    #[track_caller]
    fn check(list: &str, expected: &str) {
        let blocks = crate::fragment(list, Some("https://a.example/"));
        let shown: Vec<String> = blocks
            .iter()
            .map(|block| match block {
                Block::List(entries) => {
                    depeche_news::plain(std::slice::from_ref(block))
                        + &format!(" ({})", entries.len())
                }
                block => block.text(),
            })
            .collect();
        assert_eq!(shown.join(" | "), expected, "{list}");
    }

    #[test]
    fn lists_keep_numbers_and_depth() {
        check("<ul><li>a<li>b</ul>", "a\nb (2)");
        check("<ol><li>a<li>b</ol>", "1. a\n2. b (2)");
        check("<ol start=5><li>a<li value=9>b<li>c</ol>", "5. a\n9. b\n10. c (3)");
        check("<ol reversed><li>a<li>b</ol>", "2. a\n1. b (2)");
        check("<ol start=x><li value=-4>a<li>b</ol>", "-4. a\n-3. b (2)");
        check("<ol style='list-style: none'><li>a</ol>", "a (1)");
        check("<ol><li>a<ul><li>b<ol><li>c</ol></ul><li>d</ol>", "1. a\n  b\n    1. c\n2. d (4)");
        check("<ol><li><p>a<p>b<li>c</ol>", "1. a\nb\n2. c (3)");
        check("<dl><dt>a<dd>b<dd>c<dt>d</dl>", "a\n  b\n  c\nd (4)");
        check("<li>a</li><ul><li>b</ul>", "a (1) | b (1)");
        // Two beside each other are two, as are those around a text.
        check("<ul><li>a</ul><ol><li>b</ol>", "a (1) | 1. b (1)");
        check("<ol><li>a</ol>b<ol start=2><li>c</ol>", "1. a (1) | b | 2. c (1)");
        check("<ul><li><ul><li>a</ul><ul><li>b</ul></ul>", "a (1) | b (1)");
        let deep = format!("{}x", "<ul><li>a".repeat(60));
        assert!(crate::fragment(&deep, None).iter().any(|block| block.text().ends_with("ax")));
    }

    #[test]
    fn lines_that_are_set_stay_lines() {
        check("<p>a<pre>\n  b\n\n  <b>c</b>\n</pre><p>d", "a | b c | d");
        let blocks = crate::fragment("<pre>\n  b\n\n  <b>c</b>\n</pre>", None);
        assert_eq!(blocks, [Block::Preformatted("  b\n\n  c".to_owned())]);
        let blocks = crate::fragment("<pre><code>un = 1;</code></pre>", None);
        let json = serde_json::to_string(&blocks).unwrap_or_default();
        assert_eq!(json, r#"[{"paragraph":{"text":"un = 1;","spans":[[0,7,"code"]]}}]"#);
    }

    #[test]
    fn links_are_kept_where_a_reader_may_be_led() {
        for (html, spans) in [
            ("<p>Un <a href=/x>mot </a>dit", r#"[[3,6,"https://a.example/x"]]"#),
            (
                "<p> Un\n <a href=' HTTP://b.example/?a&amp;b '>mot</a>",
                r#"[[3,6,"http://b.example/?a&b"]]"#,
            ),
            (
                "<p>Un <a href='MAILTO:a@b.example?subject=x'>mot</a>",
                r#"[[3,6,"mailto:a@b.example"]]"#,
            ),
            (
                "<p>Un <a href='#x'>mot</a> <a href='javascript:x'>mot</a> <a href='http://localhost/'>mot</a>",
                "",
            ),
            (
                "<p>Un <a href='//u:p@b.example/'>mot</a> <a href='ftp://b.example/'>mot</a> <a>mot</a>",
                "",
            ),
            ("<p>l’<em>été </em>\u{ad}<b>\u{200b}fini</b>.", r#"[[4,9,"em"],[10,14,"strong"]]"#),
            (
                "<div><a href=/x>Une phrase qui est assez longue pour finir un paragraphe, avec un point à sa fin.<br>Fin</a> là",
                r#"[[0,82,"https://a.example/x"]] [[0,3,"https://a.example/x"]]"#,
            ),
        ] {
            let blocks = crate::fragment(html, Some("https://a.example/"));
            let shown = blocks.iter().filter_map(|block| match block {
                Block::Paragraph(text) if !text.spans().is_empty() => {
                    serde_json::to_string(text.spans()).ok()
                }
                _ => None,
            });
            assert_eq!(shown.collect::<Vec<_>>().join(" "), spans, "{html}");
        }
        // A short address may stand for a long one.
        let base = format!("https://a.example/{}/", "x".repeat(3_000));
        let many = "<p>Un <a href=y>mot</a>.".repeat(200);
        let json = serde_json::to_string(&crate::fragment(&many, Some(&base))).unwrap_or_default();
        assert!(json.len() < 250_000, "{}", json.len());
    }
}
