//! Pages that stand by themselves in a file: an article, and why its text is what it is. They need nothing beside
//! them, hold no script, and load nothing but an article's pictures.

use std::sync::LazyLock;

use askama::Template;
use depeche_news::{Article, html};

use crate::{assets::STYLE_TEXT, dates, setting};

/// What a page tells of how an article was found.
#[derive(Clone, Debug, Default)]
pub struct Explanation {
    /// The headline that was found.
    pub headline: String,
    /// The language of the article.
    pub language: Option<String>,
    /// What was found beside the text.
    pub fields: Vec<ExplainedField>,
    /// What could not be understood, in sentences.
    pub problems: Vec<String>,
    /// How many blocks were kept, and who judged.
    pub summary: String,
    /// All blocks, in their order.
    pub blocks: Vec<ExplainedBlock>,
}

/// A field of an article, and which evidence it was taken from.
#[derive(Clone, Debug)]
pub struct ExplainedField {
    /// Its stable word.
    pub field: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What stands in it.
    pub value: String,
    /// Where it was found.
    pub evidence: Option<String>,
    /// Whether the value is in the language of the article.
    pub theirs: bool,
}

/// A block of a page.
#[derive(Clone, Debug)]
pub struct ExplainedBlock {
    /// What it says.
    pub text: String,
    /// What it is, in a word.
    pub kind: &'static str,
    /// Whether it is part of the body.
    pub kept: bool,
    /// Whether it is in the article besides, as its headline or standfirst.
    pub taken: bool,
    /// What chance the model gave it, in per cent.
    pub chance: Option<u8>,
    /// Why, the weightiest reason first.
    pub reasons: Vec<&'static str>,
}

/// An article as a page.
pub fn printed(article: &Article) -> String {
    let page = Printed {
        style: &STYLE,
        article,
        authors: article.authors.join(", "),
        dateline: setting::dateline(article),
        body: html(&setting::body(article.image.clone(), article.body.clone())),
        address: article.address.as_deref().filter(|address| depeche_news::is_web(address)),
    };
    page.render().unwrap_or_default()
}

#[derive(Template)]
#[template(path = "printed.html")]
struct Printed<'a> {
    style: &'a str,
    article: &'a Article,
    authors: String,
    dateline: Option<&'a str>,
    /// Markup of ours around escaped text.
    body: String,
    address: Option<&'a str>,
}

/// Why an article is what it is, as a page.
pub fn explained(told: &Explanation) -> String {
    let page = Explained { style: &STYLE, told, parts: parts(&told.blocks) };
    page.render().unwrap_or_default()
}

#[derive(Template)]
#[template(path = "explained.html")]
struct Explained<'a> {
    style: &'a str,
    told: &'a Explanation,
    parts: Vec<Part<'a>>,
}

/// Blocks that are shown together; a long run of what was left out is folded, and its line says what is in it.
struct Part<'a> {
    folded: Option<String>,
    blocks: Vec<(usize, &'a ExplainedBlock)>,
}

/// Blocks left out in a row that are shown: longer runs are menus and lists, which nobody reads through.
const RUN_SHOWN_MAX: usize = 5;

fn parts(blocks: &[ExplainedBlock]) -> Vec<Part<'_>> {
    let numbered: Vec<(usize, &ExplainedBlock)> = (1..).zip(blocks).collect();
    let runs = numbered.chunk_by(|(_, a), (_, b)| (a.kept, a.taken) == (b.kept, b.taken));
    let part = |run: &[(usize, &'_ ExplainedBlock)]| {
        let long =
            run.len() > RUN_SHOWN_MAX && run.iter().all(|(_, block)| !block.kept && !block.taken);
        long.then(|| folded(run))
    };
    runs.map(|run| Part { folded: part(run), blocks: run.to_vec() }).collect()
}

/// «37 blocks left out, most of them: mostly links».
fn folded(run: &[(usize, &ExplainedBlock)]) -> String {
    let reasons = run.iter().filter_map(|(_, block)| block.reasons.first().copied());
    let mut counts: Vec<(usize, &str)> = Vec::new();
    for reason in reasons {
        match counts.iter_mut().find(|(_, known)| *known == reason) {
            Some((count, _)) => *count += 1,
            None => counts.push((1, reason)),
        }
    }
    let most = counts.into_iter().reduce(|most, one| if one.0 > most.0 { one } else { most });
    match most {
        Some((count, reason)) if count == run.len() => format!("{count} blocks left out: {reason}"),
        Some((_, reason)) => format!("{} blocks left out, most of them: {reason}", run.len()),
        None => format!("{} blocks left out", run.len()),
    }
}

/// The tokens of the one stylesheet, and what these pages need of their own.
static STYLE: LazyLock<String> = LazyLock::new(|| {
    let tokens = STYLE_TEXT.split_once("@layer page {").map_or("", |(tokens, _)| tokens);
    let (_, tokens) = tokens.split_once("@layer tokens {").unwrap_or(("", ""));
    format!("@layer tokens {{{tokens}{}", include_str!("../assets/standalone.css"))
});

#[cfg(test)]
mod tests {
    use depeche_news::{Block, Image, Moment};
    use proptest::prelude::*;

    use super::*;

    fn block(text: &str, kept: bool) -> ExplainedBlock {
        let reasons = vec![if kept { "long" } else { "mostly links" }];
        ExplainedBlock {
            text: text.to_owned(),
            kind: "paragraph",
            kept,
            taken: false,
            chance: Some(98),
            reasons,
        }
    }

    #[test]
    fn an_article_is_a_page_of_its_own() {
        let article = Article {
            headline: "La crue & <ses> suites".to_owned(),
            credit: Some("AFP".to_owned()),
            authors: vec!["Jeanne Corvisier".to_owned()],
            published: Moment::parse("2016-02-11T16:41:00+01:00"),
            language: Some("fr".to_owned()),
            address: Some("https://a.example/?b=1&c=2".to_owned()),
            body: vec![
                Block::Paragraph("Un <script>alert(1)</script>".into()),
                Block::Image(Image {
                    address: "https://a.example/b.jpg".to_owned(),
                    ..Image::default()
                }),
            ],
            ..Article::default()
        };
        let page = printed(&article);
        for part in [
            "<html lang=\"fr\">",
            "<title>La crue &#38; &#60;ses&#62; suites</title>",
            "<small>(AFP)</small>",
            "Jeanne Corvisier",
            "<time datetime=\"2016-02-11T16:41:00+01:00\">2016-02-11 16:41 +01:00</time>",
            "<p>Un &lt;script&gt;alert(1)&lt;/script&gt;</p>",
            "src=\"https://a.example/b.jpg\"",
            "href=\"https://a.example/?b=1&#38;c=2\"",
            "--paper:",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
    }

    #[test]
    fn long_runs_of_what_was_left_out_are_folded() {
        let mut blocks = vec![block("Un", true)];
        blocks.extend((0..6).map(|_| block("Menu", false)));
        blocks.extend([block("Deux", true), block("Pied", false)]);
        let told: Vec<_> =
            parts(&blocks).into_iter().map(|part| (part.folded, part.blocks.len())).collect();
        let folded = "6 blocks left out: mostly links".to_owned();
        assert_eq!(told, [(None, 1), (Some(folded), 6), (None, 1), (None, 1)]);
    }

    proptest! {
        /// Whatever a page says, it adds no tag to ours.
        #[test]
        fn nothing_foreign_becomes_markup(text in "[ -~é]{1,40}") {
            let tags = |page: &str| page.matches('<').count();
            let explanation = |text: &str| Explanation {
                headline: text.to_owned(),
                language: Some(text.to_owned()),
                fields: vec![ExplainedField { field: "x", name: "X", value: text.to_owned(), evidence: Some(text.to_owned()), theirs: true }],
                problems: vec![text.to_owned()],
                summary: String::new(),
                blocks: vec![block(text, true)],
            };
            prop_assert_eq!(tags(&explained(&explanation(&text))), tags(&explained(&explanation("x"))));
            let article = |text: &str| Article {
                headline: text.to_owned(),
                standfirst: Some(text.to_owned()),
                authors: vec![format!("x{text}")],
                language: Some(text.to_owned()),
                address: Some(format!("https://a.example/{text}")),
                body: vec![Block::Paragraph(text.into())],
                ..Article::default()
            };
            prop_assert_eq!(tags(&printed(&article(&text))), tags(&printed(&article("x"))));
        }
    }
}
