//! What was understood of a page, set for a person: its head, its text, and what became of each block.

use depeche_extract::{Explained, Extracted, Judged};
use depeche_news::{Article, Block, Bullet, ListEntry, Moment};
use depeche_web::{ExplainedBlock, ExplainedField, Explanation};

use crate::terminal::{Ink, Set, cut, padded, width, wrapped};

/// Columns of a table that goes to a file.
pub(super) const COLUMNS_OF_FILES: usize = 120;

/// Longest line of a text: more is not read well.
const MEASURE: usize = 76;

/// What the fields of an article are called, and what stands in them; then which evidence they were taken from.
fn fields(extracted: &Extracted) -> Vec<ExplainedField> {
    let article = &extracted.article;
    let day_and_time = |moment: &Option<Moment>| moment.as_ref().map(set_moment);
    let image = article.image.as_ref().map(|image| match &image.caption {
        Some(caption) => format!("{caption} — {}", image.address),
        None => image.address.clone(),
    });
    let all = [
        ("headline", "Headline", Some(article.headline.clone())),
        ("credit", "Credit", article.credit.clone()),
        ("standfirst", "Standfirst", article.standfirst.clone()),
        ("authors", "Authors", Some(article.authors.join(", "))),
        ("published", "Published", day_and_time(&article.published)),
        ("modified", "Changed", day_and_time(&article.modified)),
        ("dateline", "Dateline", article.dateline.clone()),
        ("section", "Section", article.section.clone()),
        ("keywords", "Keywords", Some(article.keywords.join(", "))),
        ("language", "Language", article.language.clone()),
        ("outlet", "Outlet", article.outlet.clone()),
        (
            "paywalled",
            "Access",
            article.paywalled.then(|| "for subscribers: this is what all may read".to_owned()),
        ),
        ("live", "Form", article.live.then(|| "live blog".to_owned())),
        ("image", "Picture", image),
        ("address", "Address", article.address.clone()),
    ];
    let evidence = |field: &str| {
        let found = extracted.evidence.iter().find(|(of, _)| *of == field);
        found.map(|(_, by)| by.clone())
    };
    let told = all.into_iter().filter_map(|(field, name, value)| {
        let value = value.filter(|value| !value.trim().is_empty())?;
        let theirs = THEIRS.contains(&field);
        Some(ExplainedField { field, name, value, evidence: evidence(field), theirs })
    });
    told.collect()
}

/// Fields in the words of the page.
const THEIRS: [&str; 5] = ["headline", "standfirst", "dateline", "section", "keywords"];

/// A day or an instant in its own offset: «11 February 2016, 16:41 (UTC+01:00)».
fn set_moment(moment: &Moment) -> String {
    match moment {
        Moment::Day(day) => day.strftime("%-d %B %Y").to_string(),
        Moment::Instant { at, offset } => {
            let at = at.to_zoned_datetime(offset.to_time_zone());
            at.strftime("%-d %B %Y, %H:%M (UTC%:z)").to_string()
        }
    }
}

/// What could not be understood, in sentences.
pub(super) fn problems(extracted: &Extracted) -> Vec<String> {
    let told = extracted
        .problems
        .iter()
        .map(|problem| depeche_web::problem_in_english(&problem.to_string()));
    told.collect()
}

/// An article: headline and standfirst, what is known of it, then its text.
pub(super) fn article(extracted: &Extracted, ink: Ink, columns: usize) -> String {
    let columns = columns.min(MEASURE);
    let article = &extracted.article;
    let mut lines = Vec::new();
    let credit = article.credit.as_ref().map(|credit| format!(" ({credit})")).unwrap_or_default();
    let headline = wrapped(&format!("{}{credit}", article.headline), columns);
    lines.extend(headline.iter().map(|line| ink.set(Set::Bold, line)));
    if let Some(standfirst) = &article.standfirst {
        lines.push(String::new());
        lines.extend(wrapped(standfirst, columns));
    }
    let facts = fields(extracted);
    let head = ["headline", "credit", "standfirst"];
    let facts = facts.iter().filter(|fact| !head.contains(&fact.field));
    let facts: Vec<(&str, &str)> = facts.map(|fact| (fact.name, fact.value.as_str())).collect();
    lines.extend(list(&facts, ink, columns));
    lines.extend(complaints(extracted, ink, columns));
    for block in &article.body {
        let set = set_block(block, ink, columns);
        if !set.is_empty() {
            lines.push(String::new());
            lines.extend(set);
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Names and what stands for them, in two columns.
fn list(facts: &[(&str, &str)], ink: Ink, columns: usize) -> Vec<String> {
    let names = facts.iter().map(|(name, _)| width(name)).max().unwrap_or(0) + 2;
    let mut lines = Vec::new();
    for (name, value) in facts {
        if lines.is_empty() {
            lines.push(String::new());
        }
        for (at, line) in wrapped(value, columns.saturating_sub(names)).iter().enumerate() {
            let name = padded(if at == 0 { name } else { "" }, names);
            lines.push(format!("{}{line}", ink.set(Set::Quiet, &name)));
        }
    }
    lines
}

fn complaints(extracted: &Extracted, ink: Ink, columns: usize) -> Vec<String> {
    let problems = problems(extracted);
    let problems: Vec<(&str, &str)> =
        problems.iter().map(|text| ("Problem", text.as_str())).collect();
    list(&problems, ink, columns)
}

fn set_block(block: &Block, ink: Ink, columns: usize) -> Vec<String> {
    let behind = |mark: &str, text: &str| {
        let lines = wrapped(text, columns.saturating_sub(width(mark)));
        let rest = " ".repeat(width(mark));
        let set = lines.into_iter().enumerate().map(move |(at, line)| {
            format!("{}{line}", if at == 0 { mark.to_owned() } else { rest.clone() })
        });
        set.collect::<Vec<_>>()
    };
    match block {
        Block::Paragraph(text) => wrapped(text, columns),
        Block::Subhead(text) => {
            wrapped(text, columns).iter().map(|line| ink.set(Set::Bold, line)).collect()
        }
        Block::Quote(text) => wrapped(text, columns.saturating_sub(2))
            .iter()
            .map(|line| format!("> {line}"))
            .collect(),
        Block::List(entries) => {
            entries.iter().flat_map(|entry| behind(&before(entry), &entry.text)).collect()
        }
        Block::Preformatted(lines) => lines
            .lines()
            .flat_map(|line| cut_hard(line, columns.saturating_sub(4)))
            .map(|line| format!("    {line}"))
            .collect(),
        Block::Table(table) => {
            table.rows.iter().flat_map(|row| wrapped(&row.join(" | "), columns)).collect()
        }
        Block::Entry(entry) => {
            let head = entry.head();
            wrapped(&head, columns).iter().map(|line| ink.set(Set::Bold, line)).collect()
        }
        Block::Embed(embed) => {
            let caption = embed.caption.iter().chain([&embed.address]).cloned();
            let caption = caption.collect::<Vec<_>>().join(", ");
            behind("[elsewhere] ", &caption).iter().map(|line| ink.set(Set::Quiet, line)).collect()
        }
        Block::Image(image) => {
            let caption = image.caption.iter().chain(&image.credit).cloned().collect::<Vec<_>>();
            let caption =
                if caption.is_empty() { image.address.clone() } else { caption.join(", ") };
            behind("[picture] ", &caption).iter().map(|line| ink.set(Set::Quiet, line)).collect()
        }
    }
}

/// What stands before an entry of a list: its number or a dash, set in by its depth.
fn before(entry: &ListEntry) -> String {
    let indent = "  ".repeat(usize::from(entry.depth));
    match entry.mark {
        Bullet::Number(number) => format!("{indent}{number}. "),
        Bullet::Plain => format!("{indent}- "),
        Bullet::Term => indent,
        Bullet::Description | Bullet::More => format!("{indent}  "),
    }
}

/// A line that stands as it is set, in as many as it fills.
fn cut_hard(line: &str, columns: usize) -> Vec<String> {
    match width(line) <= columns {
        true => vec![line.to_owned()],
        false => wrapped(line, columns),
    }
}

/// Whether the model judged.
fn by_model(told: &Explained) -> bool {
    told.blocks.iter().any(|block| block.chance.is_some())
}

/// How many blocks were kept, and who judged.
fn summary(told: &Explained) -> String {
    let kept = told.blocks.iter().filter(|block| block.kept).count();
    let by = if by_model(told) { "by the model" } else { "by rules" };
    let all = told.blocks.len();
    let blocks = if all == 1 { "block" } else { "blocks" };
    format!("{kept} of {all} {blocks} kept, judged {by}")
}

/// What became of each block of a page, as a table.
pub(super) fn blocks(told: &Explained, ink: Ink, columns: usize) -> String {
    let mut lines = Vec::new();
    let fields = fields(&told.extracted);
    let with_evidence = |field: &ExplainedField| match &field.evidence {
        Some(evidence) => format!("{} ({evidence})", field.value),
        None => field.value.clone(),
    };
    let facts: Vec<_> = fields.iter().map(|field| (field.name, with_evidence(field))).collect();
    let facts: Vec<(&str, &str)> =
        facts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    lines.extend(list(&facts, ink, columns).into_iter().skip(1));
    lines.extend(complaints(&told.extracted, ink, columns));
    lines.push(String::new());
    lines.push(ink.set(Set::Bold, &summary(told)));
    let row = Row { ink, columns, by_model: by_model(told) };
    told.blocks.iter().for_each(|block| lines.extend(row.of(block)));
    lines.push(String::new());
    lines.join("\n")
}

/// A row of the table: decision, chance, kind, text, reasons; the reasons under the text where it is narrow.
struct Row {
    ink: Ink,
    columns: usize,
    by_model: bool,
}

/// Below, there is no room for text and reasons side by side.
const SIDE_BY_SIDE: usize = 84;

/// Lines of a block's text that are shown, and reasons beside them.
const TEXT_LINES: usize = 1;
const REASONS: usize = 2;

impl Row {
    fn of(&self, block: &Judged) -> Vec<String> {
        let mark = if block.kept { "kept  " } else { "out   " };
        let chance = block.chance.map(|chance| format!("{:>3.0} %", chance * 100.0));
        let chance =
            if self.by_model { padded(&chance.unwrap_or_default(), 7) } else { String::new() };
        let head = format!("{mark}{chance}{}", padded(block.kind.word(), 11));
        let (left, room) = (width(&head), self.columns.saturating_sub(width(&head)));
        let reasons: Vec<&str> =
            block.reasons.iter().take(REASONS).map(|reason| reason.says).collect();
        let reasons = reasons.join("; ");
        let side = self.columns >= SIDE_BY_SIDE;
        let wide = if side { room / 2 } else { room };
        let texts = cut(&block.text, wide.saturating_sub(2), TEXT_LINES);
        let reasons = match side {
            true => wrapped(&reasons, room - wide),
            false => wrapped(&format!("– {reasons}"), room),
        };
        let set = if block.kept { Set::Kept } else { Set::Quiet };
        let first = |at: usize| if at == 0 { head.clone() } else { " ".repeat(left) };
        if !side {
            let lines = texts.iter().chain(&reasons).enumerate();
            let lines = lines.map(|(at, line)| format!("{}{line}", first(at)));
            return lines.map(|line| self.ink.set(set, line.trim_end())).collect();
        }
        let empty = String::new();
        let lines = (0..texts.len().max(reasons.len()).max(1)).map(|at| {
            let (text, reason) =
                (texts.get(at).unwrap_or(&empty), reasons.get(at).unwrap_or(&empty));
            let line = format!("{}{}{reason}", first(at), padded(text, wide));
            self.ink.set(set, line.trim_end())
        });
        lines.collect()
    }
}

/// Reasons of what is in the article, though not in its body.
const TAKEN: [&str; 2] = ["headline", "standfirst"];

/// What the page that explains is made of.
pub(super) fn page(told: &Explained) -> Explanation {
    let article: &Article = &told.extracted.article;
    let block = |block: &Judged| ExplainedBlock {
        text: block.text.clone(),
        kind: block.kind.word(),
        kept: block.kept,
        taken: block
            .reasons
            .iter()
            .any(|reason| TAKEN.contains(&reason.word) && reason.by.is_none()),
        chance: block.chance.map(|chance| (chance * 100.0).round() as u8),
        reasons: block.reasons.iter().map(|reason| reason.says).collect(),
    };
    let mut fields = fields(&told.extracted);
    let body = told.extracted.evidence.iter().find(|(field, _)| *field == "body");
    fields.extend(body.map(|(_, by)| ExplainedField {
        field: "body",
        name: "Body",
        value: format!("{} blocks", article.body.len()),
        evidence: Some(by.clone()),
        theirs: false,
    }));
    Explanation {
        headline: article.headline.clone(),
        language: article.language.clone(),
        fields,
        problems: problems(&told.extracted),
        summary: summary(told),
        blocks: told.blocks.iter().map(block).collect(),
    }
}

#[cfg(test)]
mod tests {
    use depeche_extract::{BlockKind, Reason};
    use depeche_news::{Image, Problem, Table};

    use super::*;

    fn extracted() -> Extracted {
        let article = Article {
            headline: "La crue est finie".to_owned(),
            credit: Some("AFP".to_owned()),
            standfirst: Some("La Meuse regagne son lit, dit la préfecture.".to_owned()),
            authors: vec!["Jeanne Corvisier".to_owned(), "Paul Aubin".to_owned()],
            published: Moment::parse("2016-02-11T16:41:00+01:00"),
            language: Some("fr".to_owned()),
            body: vec![
                Block::Paragraph("La préfète a annoncé mardi la fin de la crue.".into()),
                Block::Subhead("Les routes".into()),
                Block::Quote("« Enfin »".into()),
                Block::List(vec![
                    "Verdun rouvre mercredi matin à huit heures".into(),
                    "Sedan".into(),
                ]),
                Block::Image(Image { credit: Some("AFP".to_owned()), ..Image::default() }),
                Block::Table(Table { rows: vec![vec!["Cote".to_owned(), "2,10 m".to_owned()]] }),
            ],
            ..Article::default()
        };
        let evidence = vec![("published", "json-ld".to_owned())];
        Extracted {
            article,
            evidence,
            problems: vec![Problem::new("damaged_text", "utf-8")],
            ..Extracted::default()
        }
    }

    #[test]
    fn an_article_is_set_for_reading() {
        let expected = "La crue est finie (AFP)\n\nLa Meuse regagne son lit, dit la\npréfecture.\n\n\
            Authors    Jeanne Corvisier, Paul Aubin\nPublished  11 February 2016, 16:41\n           (UTC+01:00)\n\
            Language   fr\n\nProblem  Characters were damaged and are\n         replaced. (utf-8)\n\n\
            La préfète a annoncé mardi la fin de la\ncrue.\n\nLes routes\n\n> « Enfin »\n\n\
            - Verdun rouvre mercredi matin à huit\n  heures\n- Sedan\n\n[picture] AFP\n\nCote | 2,10 m\n";
        assert_eq!(article(&extracted(), Ink::NONE, 40), expected);
    }

    fn judged(text: &str, chance: f32, reasons: &[&'static str]) -> Judged {
        let reason = |says: &&'static str| Reason { word: "word", says, by: None };
        Judged {
            text: text.to_owned(),
            kind: BlockKind::Paragraph,
            linked: 0.0,
            kept: chance > 0.5,
            chance: Some(chance),
            reasons: reasons.iter().map(reason).collect(),
        }
    }

    #[test]
    fn blocks_stand_in_columns_and_below_each_other_where_it_is_narrow() {
        let text = "La préfète a annoncé mardi la fin de la crue, après trois jours de pluie.";
        let told = Explained {
            blocks: vec![
                judged("Accueil", 0.004, &["in a nav, aside, footer or form", "short"]),
                judged(
                    text,
                    1.0,
                    &["in the stretch of the story", "among the story's text", "long"],
                ),
            ],
            ..Explained::default()
        };
        let wide = blocks(&told, Ink::NONE, 100);
        let expected = "\n1 of 2 blocks kept, judged by the model\n\
            out     0 %  paragraph  Accueil                               in a nav, aside, footer or form; short\n\
            kept  100 %  paragraph  La préfète a annoncé mardi la fin d…  in the stretch of the story; among the\n                                                              story's text\n";
        assert_eq!(wide, expected);
        let narrow = blocks(&told, Ink::NONE, 60);
        let expected = "out     0 %  paragraph  Accueil\n                        – in a nav, aside, footer or form;\n";
        assert!(narrow.contains(expected), "{narrow}");
    }
}
