//! An article as HTML and as Markdown. Its text is plain, and stays text in both.

use crate::{Article, Block, Embed, Image, LiveEntry, Mark, Moment, Part, Table, Text, is_web};

mod inline;
mod lists;

use inline::{inline, line, target};
pub use lists::{html as list_html, plain};

/// A body as HTML: its text is escaped, and nothing in it is active.
pub fn html(body: &[Block]) -> String {
    let mut out = String::new();
    for block in body {
        match block {
            Block::Paragraph(text) => marked("p", text, &mut out),
            Block::Subhead(text) => marked("h2", text, &mut out),
            Block::Quote(text) => marked("blockquote", text, &mut out),
            Block::List(entries) => out.push_str(&list_html(entries)),
            // A line break right after the tag would be none.
            Block::Preformatted(lines) => tag("pre", &format!("\n{lines}"), &mut out),
            Block::Image(image) => figure(image, &mut out),
            Block::Embed(embed) => embedded(embed, &mut out),
            Block::Entry(entry) => tag("h3", &headed(entry), &mut out),
            Block::Table(table) => {
                out.push_str("<table>");
                for row in &table.rows {
                    out.push_str("<tr>");
                    row.iter().for_each(|cell| tag("td", cell, &mut out));
                    out.push_str("</tr>");
                }
                out.push_str("</table>");
            }
        }
    }
    out
}

/// A text with its marks as HTML: escaped, its links made safe to follow.
pub fn inline_html(text: &Text) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for part in text.parts() {
        match part {
            Part::Words(words) => escape(words, &mut out),
            Part::Open(Mark::Link(address), _) => {
                out.push_str("<a rel=\"nofollow noopener noreferrer\" href=\"");
                escape(address, &mut out);
                out.push_str("\">");
            }
            Part::Open(mark, _) => out.push_str(&format!("<{}>", element(mark))),
            Part::Close(mark) => out.push_str(&format!("</{}>", element(mark))),
        }
    }
    out
}

fn element(mark: &Mark) -> &'static str {
    match mark {
        Mark::Link(_) => "a",
        Mark::Strong => "strong",
        Mark::Emphasis => "em",
        Mark::Code => "code",
    }
}

fn marked(name: &str, text: &Text, out: &mut String) {
    out.push_str(&format!("<{name}>{}</{name}>", inline_html(text)));
}

/// A picture that is not of the web is only told of.
fn figure(image: &Image, out: &mut String) {
    let caption = captioned(image);
    out.push_str("<figure>");
    if is_web(&image.address) {
        out.push_str("<img loading=\"lazy\" referrerpolicy=\"no-referrer\" src=\"");
        escape(&image.address, out);
        out.push_str("\" alt=\"");
        escape(image.caption.as_deref().unwrap_or_default(), out);
        out.push_str("\">");
    }
    if !caption.is_empty() {
        tag("figcaption", &caption, out);
    }
    out.push_str("</figure>");
}

/// What is embedded is a link to its page.
fn embedded(embed: &Embed, out: &mut String) {
    let caption = embed.caption.as_deref().unwrap_or(&embed.address);
    if !is_web(&embed.address) {
        return tag("p", caption, out);
    }
    out.push_str("<p><a rel=\"nofollow noopener noreferrer\" href=\"");
    escape(&embed.address, out);
    out.push_str("\">");
    escape(caption, out);
    out.push_str("</a></p>");
}

/// The time of a live blog's entry as it is shown, and its headline.
fn headed(entry: &LiveEntry) -> String {
    let at = entry.at.as_ref().map(Moment::to_string);
    let time = entry.shown.clone().or(at);
    let parts: Vec<String> = time.into_iter().chain(entry.headline.clone()).collect();
    parts.join(" ")
}

fn captioned(image: &Image) -> String {
    match (image.caption.as_deref(), image.credit.as_deref()) {
        (Some(caption), Some(credit)) => format!("{caption} ({credit})"),
        (Some(text), None) | (None, Some(text)) => text.to_owned(),
        (None, None) => String::new(),
    }
}

fn tag(name: &str, text: &str, out: &mut String) {
    out.push_str(&format!("<{name}>"));
    escape(text, out);
    out.push_str(&format!("</{name}>"));
}

/// What would be markup becomes what it is; signs that only command are left out.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => out.push(c),
        }
    }
}

/// An article as Markdown (CommonMark, tables as GitHub has them): headline, standfirst, a line of facts, body.
pub fn markdown(article: &Article) -> String {
    let mut parts = Vec::new();
    if !article.headline.is_empty() {
        let credit = article.credit.as_ref().map(|credit| format!(" ({credit})"));
        let headline = format!("{}{}", article.headline, credit.unwrap_or_default());
        parts.push(format!("# {}", inline(&headline)));
    }
    let standfirst = article.standfirst.as_deref().map(inline).filter(|text| !text.is_empty());
    parts.extend(standfirst.map(|text| format!("**{text}**")));
    let facts = facts(article);
    parts.extend((!facts.is_empty()).then(|| facts.join(" · ")));
    let mut body: Vec<String> = article.body.iter().map(block).collect();
    // The leading picture stands below the first paragraph, as on the page.
    if let Some(image) = &article.image {
        let first = article.body.iter().position(|block| matches!(block, Block::Paragraph(_)));
        body.insert(first.map_or(0, |first| first + 1), block(&Block::Image(image.clone())));
    }
    parts.extend(body.into_iter().filter(|text| !text.is_empty()));
    parts.iter().map(|part| format!("{part}\n")).collect::<Vec<_>>().join("\n")
}

/// Who tells it, when, and where.
fn facts(article: &Article) -> Vec<String> {
    let authors = article.authors.join(", ");
    let texts = [Some(authors.as_str()), article.outlet.as_deref()];
    let texts = texts.into_iter().flatten().map(line).filter(|text| !text.is_empty());
    let address = article.address.as_deref().filter(|address| is_web(address));
    let address = address.map(|address| format!("<{}>", target(address)));
    texts.chain(article.published.as_ref().map(Moment::to_string)).chain(address).collect()
}

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(text) => inline::marked_line(text),
        Block::Subhead(text) => prefixed("## ", &inline::marked(text)),
        Block::Quote(text) => prefixed("> ", &inline::marked_line(text)),
        Block::List(entries) => lists::markdown(entries),
        Block::Preformatted(lines) => fenced(lines),
        Block::Image(image) if is_web(&image.address) => {
            format!("![{}](<{}>)", inline(&captioned(image)), target(&image.address))
        }
        Block::Image(image) => line(&captioned(image)),
        Block::Embed(embed) if is_web(&embed.address) => {
            let caption = embed.caption.as_deref().unwrap_or(&embed.address);
            format!("[{}](<{}>)", inline(caption), target(&embed.address))
        }
        Block::Embed(embed) => line(embed.caption.as_deref().unwrap_or(&embed.address)),
        Block::Entry(entry) => prefixed("### ", &inline(&headed(entry))),
        Block::Table(rows) => table(rows),
    }
}

fn prefixed(prefix: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{prefix}{text}") }
}

/// Lines as they are, between two fences longer than any in them.
fn fenced(lines: &str) -> String {
    let lines = lines.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t'), "");
    let longest = inline::longest_run(&lines, '`');
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}\n{lines}\n{fence}")
}

/// The first row is the head: Markdown has no table without one.
fn table(table: &Table) -> String {
    let columns = table.rows.iter().map(Vec::len).max().unwrap_or(0);
    let row = |cells: &[String]| {
        let cell = |at: usize| cells.get(at).map(|cell| inline(cell)).unwrap_or_default();
        format!("| {} |", (0..columns).map(cell).collect::<Vec<_>>().join(" | "))
    };
    let Some((head, rows)) = table.rows.split_first().filter(|_| columns > 0) else {
        return String::new();
    };
    let rule = format!("|{}", " --- |".repeat(columns));
    let rows = rows.iter().map(|cells| row(cells));
    [row(head), rule].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{inline::SIGNS, *};
    use crate::Span;

    fn paragraph(text: &str) -> Block {
        Block::Paragraph(text.into())
    }

    fn image(caption: Option<&str>, credit: Option<&str>) -> Block {
        Block::Image(Image {
            address: "https://a.example/b.jpg?c=1&d=2".to_owned(),
            caption: caption.map(str::to_owned),
            credit: credit.map(str::to_owned),
        })
    }

    #[track_caller]
    fn check(block: Block, markup: &str) {
        assert_eq!(super::block(&block), markup);
    }

    /// Each sign looks at what follows: a megabyte of them would take an hour if it looked to the end.
    #[test]
    fn signs_in_their_hundred_thousands() {
        let text = format!("La crue{}{}", " #".repeat(200_000), "#".repeat(400_000));
        assert!(inline(&text).starts_with("La crue #"));
        assert_eq!(target(&"&".repeat(800_000)).len(), 800_000);
        assert_eq!(target("a?b&lt;c&d"), "a?b%26lt;c&d");
    }

    #[test]
    fn blocks_have_their_marks() {
        check(paragraph("Un\n deux\u{202f}!"), "Un deux\u{202f}!");
        check(Block::Subhead("Trois jours".into()), "## Trois jours");
        check(Block::Quote("« Nous étudions »".into()), "> « Nous étudions »");
        check(Block::List(vec!["a".into(), " ".into(), "b".into()]), "- a\n- b");
        check(
            image(Some("La Meuse"), Some("AFP")),
            "![La Meuse (AFP)](<https://a.example/b.jpg?c=1&d=2>)",
        );
        check(image(None, None), "![](<https://a.example/b.jpg?c=1&d=2>)");
        let rows = vec![vec!["Lieu".to_owned(), "Cote".to_owned()], vec!["a|b".to_owned()]];
        check(Block::Table(Table { rows }), "| Lieu | Cote |\n| --- | --- |\n| a\\|b |  |");
        check(Block::Table(Table::default()), "");
    }

    #[test]
    fn lines_that_are_set_stay_so() {
        let lines = "  Sous le pont\n\n```  coule".to_owned();
        assert_eq!(html(&[Block::Preformatted(lines.clone())]), format!("<pre>\n{lines}</pre>"));
        assert_eq!(Block::Preformatted(lines.clone()).text(), "Sous le pont ``` coule");
        check(Block::Preformatted(lines.clone()), &format!("````\n{lines}\n````"));
    }

    fn marked(words: &str, spans: &[(&str, &str)]) -> Text {
        let spans = spans.iter().map(|(words_of, what)| {
            let start = words.find(words_of).unwrap_or_default() as u32;
            Span::from((start, start + words_of.len() as u32, (*what).to_owned()))
        });
        Text::new(words, spans.collect())
    }

    #[test]
    fn links_and_emphasis_are_written() {
        let to = "https://a.example/?b&c";
        for (text, expected_html, expected_markdown) in [
            (
                marked("Le rapport dit [tout] !", &[("rapport", to)]),
                "Le <a rel=\"nofollow noopener noreferrer\" href=\"https://a.example/?b&amp;c\">rapport</a> dit [tout] !",
                "Le [rapport](<https://a.example/?b&c>) dit \\[tout\\] !",
            ),
            (
                marked("Ah !ici, <fin>", &[("ici", to), ("fin", "em"), ("Ah", "strong")]),
                "<strong>Ah</strong> !<a rel=\"nofollow noopener noreferrer\" href=\"https://a.example/?b&amp;c\">ici</a>, &lt;<em>fin</em>&gt;",
                "**Ah** \\![ici](<https://a.example/?b&c>), \\<*fin*\\>",
            ),
            // Stars beside a letter and a sign would stay stars.
            (marked("l«un»e", &[("«un»", "em")]), "l<em>«un»</em>e", "l«un»e"),
            (marked("un`e`.", &[("e", "code")]), "un`<code>e</code>`.", "un\\`e\\`."),
            // Two fences beside each other would be one.
            (
                marked("xa`[un](javascript:b)", &[("x", "code"), ("a`[un](javascript:b)", "code")]),
                "<code>x</code><code>a`[un](javascript:b)</code>",
                "`x`a\\`\\[un\\](javascript:b)",
            ),
            (
                marked("Ah ![un]", &[("[un]", to)]),
                "Ah !<a rel=\"nofollow noopener noreferrer\" href=\"https://a.example/?b&amp;c\">[un]</a>",
                "Ah \\![\\[un\\]](<https://a.example/?b&c>)",
            ),
            (marked("x a*b` y", &[("a*b` y", "code")]), "x <code>a*b` y</code>", "x ``a*b` y``"),
            (
                marked("un mot dit", &[("un mot", to), ("mot", "strong")]),
                "<a rel=\"nofollow noopener noreferrer\" href=\"https://a.example/?b&amp;c\">un <strong>mot</strong></a> dit",
                "[un **mot**](<https://a.example/?b&c>) dit",
            ),
        ] {
            assert_eq!(html(&[Block::Paragraph(text.clone())]), format!("<p>{expected_html}</p>"));
            check(Block::Paragraph(text), expected_markdown);
        }
    }

    #[test]
    fn what_looks_like_markup_is_text() {
        for (text, markup) in [
            ("# Un", "\\# Un"),
            ("C #", "C \\#"),
            ("C ##", "C \\##"),
            ("n°1 de #MeToo", "n°1 de #MeToo"),
            ("16:41", "16:41"),
            ("> un", "\\> un"),
            ("- un", "\\- un"),
            ("+ un", "\\+ un"),
            ("---", "\\---"),
            ("===", "\\==="),
            ("1. un", "1\\. un"),
            ("12) un", "12\\) un"),
            ("1,5 million", "1,5 million"),
            ("***", "\\*\\*\\*"),
            ("~~un~~", "\\~\\~un\\~\\~"),
            ("`un`", "\\`un\\`"),
            ("<b>", "\\<b\\>"),
            ("&amp; & AT&T;", "\\&amp; & AT\\&T;"),
            ("[a](b)", "\\[a\\](b)"),
            ("![a]", "\\!\\[a\\]"),
            ("http://a.example", "http\\://a.example"),
            ("www.a.example", "www\\.a.example"),
            ("a@b.example", "a\\@b.example"),
            ("Il a dit : oui", "Il a dit : oui"),
            ("un\u{0}\u{1b}[31m", "un\\[31m"),
        ] {
            check(paragraph(text), markup);
        }
    }

    #[test]
    fn a_document_has_its_head() {
        let article = Article {
            headline: "La crue *est* finie".to_owned(),
            credit: Some("AFP".to_owned()),
            standfirst: Some("La Meuse regagne son lit.".to_owned()),
            authors: vec!["Jeanne Corvisier".to_owned()],
            published: Moment::parse("2016-02-11"),
            address: Some("https://a.example/?b=<c>".to_owned()),
            body: vec![paragraph("Un."), paragraph(" "), paragraph("Deux.")],
            ..Article::default()
        };
        let expected = "# La crue \\*est\\* finie (AFP)\n\n**La Meuse regagne son lit.**\n\n\
            Jeanne Corvisier · 2016-02-11 · <https://a.example/?b=%3Cc%3E>\n\nUn.\n\nDeux.\n";
        assert_eq!(markdown(&article), expected);
        assert_eq!(markdown(&Article::default()), "");
    }

    #[test]
    fn pictures_keep_caption_and_credit_and_foreign_addresses_load_nothing() {
        let shown = html(&[image(Some("La \"Meuse\""), Some("AFP"))]);
        let expected = "<figure><img loading=\"lazy\" referrerpolicy=\"no-referrer\" src=\"https://a.example/b.jpg?c=1&amp;d=2\" \
            alt=\"La &quot;Meuse&quot;\"><figcaption>La &quot;Meuse&quot; (AFP)</figcaption></figure>";
        assert_eq!(shown, expected);
        let script = Image { address: "javascript:alert(1)".to_owned(), ..Image::default() };
        assert_eq!(html(&[Block::Image(script)]), "<figure></figure>");
    }

    /// A line of Markdown with its escaped signs as `shown`, after no sign was found that is not escaped.
    fn unescaped(markup: &str, shown: impl Fn(char) -> char) -> Result<String, String> {
        let mut text = String::new();
        let mut chars = markup.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' if chars.peek().is_some_and(char::is_ascii_punctuation) => {
                    text.extend(chars.next().map(&shown));
                }
                c if SIGNS.contains(c) => return Err(format!("a bare {c} in {markup}")),
                c => text.push(c),
            }
        }
        Ok(text)
    }

    proptest! {
        /// Whatever a text is, its Markdown is one line in which no sign means anything, and says the same.
        #[test]
        fn text_never_becomes_markup(text in "([ -~é»\u{a0}\n\t\u{1}]|www\\.|https?://|[0-9]{1,3}[.)]|&amp;|a@b| #){0,40}") {
            let written = line(&text);
            prop_assert!(!written.contains(['\n', '\r', '\t']));
            let starts = ["#", ">", "-", "+", "=", " ", "```", "~~~"];
            prop_assert!(starts.iter().all(|start| !written.starts_with(start)), "{written}");
            let digits = written.trim_start_matches(|c: char| c.is_ascii_digit());
            prop_assert!(digits.len() == written.len() || !digits.starts_with(['.', ')']), "{written}");
            let shown = unescaped(&written, |_| '¤').unwrap_or_default();
            for sign in ["&amp;", "https://", "http://", "www.", "a@b"] {
                prop_assert!(!shown.contains(sign), "{sign} in {written}");
            }
            prop_assert!(!shown.ends_with('#') || !shown.trim_end_matches('#').ends_with(' '), "{written}");
            let bare = |text: &str| text.split(|c: char| c.is_whitespace() || c.is_control()).collect::<String>();
            prop_assert_eq!(unescaped(&written, |c| c).map(|text| bare(&text)), Ok(bare(&text)));
        }

        /// HTML holds the tags that were meant and no other, and its text is the text.
        #[test]
        fn html_holds_no_other_tags(text in "[ -~é\n]{0,60}") {
            let shown = html(&[paragraph(&text)]);
            let inner = shown.strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>")).unwrap_or("<");
            prop_assert!(!inner.contains(['<', '>', '"']), "{inner}");
            let back = inner.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
            prop_assert_eq!(back, text);
        }
    }
}
