//! What elements are by their names: kinds of blocks, those that stand apart, and those that hold no text.

use crate::blocks::Kind;
use crate::tree::{NodeId, Tree};

/// What kind of block an element makes of the text in it, in an element of the kind `around`.
pub(crate) fn kind(name: &str, around: Kind) -> Kind {
    match name {
        "p" if matches!(around, Kind::Entry | Kind::Quote | Kind::Caption | Kind::Cell) => around,
        "p" => Kind::Paragraph,
        "h1" => Kind::Heading(1),
        "h2" => Kind::Heading(2),
        "h3" => Kind::Heading(3),
        "h4" | "h5" | "h6" => Kind::Heading(4),
        "li" | "dd" | "dt" => Kind::Entry,
        "blockquote" => Kind::Quote,
        "td" | "th" => Kind::Cell,
        "figcaption" | "caption" | "figure" => Kind::Caption,
        _ => match around {
            Kind::Entry | Kind::Quote | Kind::Caption | Kind::Heading(_) | Kind::Cell => around,
            _ => Kind::Loose,
        },
    }
}

/// Elements that never hold text of the story.
pub(crate) fn is_skipped(name: &str) -> bool {
    matches!(
        name,
        "head"
            | "script"
            | "style"
            | "noscript"
            | "template"
            | "iframe"
            | "svg"
            | "math"
            | "object"
            | "embed"
            | "audio"
            | "video"
            | "canvas"
            | "button"
            | "input"
            | "select"
            | "textarea"
            | "option"
            | "datalist"
            | "progress"
            | "meter"
            | "map"
            | "frameset"
            | "noframes"
            | "applet"
            | "title"
            | "link"
            | "meta"
            | "source"
    )
}

/// Children of an element that are looked at for what is written beside one of them: each of them asks.
const CHILDREN_MAX: usize = 16;

/// Whether an element of a site's own making stands apart, as its style would say: nothing is written beside it.
pub(crate) fn is_custom_block(tree: &Tree, id: NodeId) -> bool {
    let beside = |id| tree.children(id).take(CHILDREN_MAX).filter_map(|child| tree.text_of(child));
    tree.name(id).contains('-')
        && tree.parent(id).is_some_and(|parent| beside(parent).all(|text| text.trim().is_empty()))
}

/// Elements that stand apart from the text around them.
pub(crate) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "html"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
            | "summary"
            | "caption"
            | "menu"
            | "label"
    )
}

/// Whether an element says of itself that it is not shown.
pub(crate) fn is_hidden(tree: &Tree, id: NodeId) -> bool {
    tree.attribute(id, "hidden").is_some()
        || tree.attribute(id, "aria-hidden") == Some("true")
        || is_styled_away(tree, id)
}

/// Whether nobody sees an element itself: by its attribute or its style.
pub(crate) fn is_unseen(tree: &Tree, id: NodeId) -> bool {
    tree.attribute(id, "hidden").is_some() || is_styled_away(tree, id)
}

fn is_styled_away(tree: &Tree, id: NodeId) -> bool {
    tree.attribute(id, "style").filter(|style| may_hide(style)).is_some_and(|style| {
        let seen = style.chars().filter(|c| !c.is_whitespace()).take(STYLE_CHARS_MAX);
        let style: String = seen.map(|c| c.to_ascii_lowercase()).collect();
        style.contains("display:none") || style.contains("visibility:hidden")
    })
}

/// How much of a style is read.
const STYLE_CHARS_MAX: usize = 400;

/// Whether a value in a style begins as `none` or `hidden` do.
fn may_hide(style: &str) -> bool {
    let values = style.split(':').skip(1).map(str::trim_start);
    values.into_iter().any(|value| value.starts_with(['n', 'h', 'N', 'H']))
}
