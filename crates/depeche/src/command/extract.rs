//! `extract`: the story of a page, from the web, a file or standard input, in the form that is asked for.

mod input;
mod set;

use std::{io::IsTerminal, path::Path};

use depeche_extract::{Explained, Extracted, Hints, any, explained, study::Model};
use depeche_news::{Problem, jiff::tz::TimeZone, markdown, plain};
use serde_json::{Value, json};

use self::input::Page;
pub(crate) use self::input::base;
use crate::{
    arguments::{Extract, Form},
    batch,
    telling::{self, Advice},
    terminal::{self, Ink},
};

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Head and text, for a person at a terminal.
    Terminal,
    Json,
    Markdown,
    Text,
    Html,
}

impl Shape {
    /// What was asked for: without a word, what suits whoever reads it.
    fn of(form: &Form) -> Self {
        match form {
            Form { json: true, .. } => Self::Json,
            Form { markdown: true, .. } => Self::Markdown,
            Form { text: true, .. } => Self::Text,
            Form { html: true, .. } => Self::Html,
            _ if std::io::stdout().is_terminal() => Self::Terminal,
            _ => Self::Json,
        }
    }
}

/// Takes the story out of pages.
pub(crate) fn extract(asked: &Extract) -> anyhow::Result<()> {
    let model = asked.weights.as_deref().map(weights).transpose()?;
    if asked.batch {
        return batch::run(|line| batch::extract::answer(line, model.as_ref()));
    }
    let shape = Shape::of(&asked.form);
    if shape == Shape::Html && asked.inputs.len() > 1 {
        return Err(Advice::error("--html writes one page", "give one page at a time"));
    }
    if let [only] = asked.inputs.as_slice() {
        return one(&input::page(only, asked)?, asked, model.as_ref(), shape);
    }
    several(asked, model.as_ref(), shape)
}

/// Tells one page.
fn one(page: &Page, asked: &Extract, model: Option<&Model>, shape: Shape) -> anyhow::Result<()> {
    let zone = asked.zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    let hints = Hints {
        content_type: page.content_type.as_deref(),
        address: page.address.as_deref(),
        zone: zone.as_ref(),
        model,
        ..Hints::default()
    };
    match asked.explain {
        true => tell(page, explained(&page.bytes, &hints), shape),
        false => print(page, any(&page.bytes, &hints), shape),
    }
}

/// Tells each of several pages; one that fails is told and costs the others nothing.
fn several(asked: &Extract, model: Option<&Model>, shape: Shape) -> anyhow::Result<()> {
    let mut failed = 0;
    for (at, given) in asked.inputs.iter().enumerate() {
        if at > 0 && shape != Shape::Json {
            telling::written("\n")?;
        }
        let page = input::page(given, asked);
        if let (Shape::Json, Err(error)) = (shape, &page) {
            let problem = Problem::new("unreadable", error.to_string());
            telling::answer(&batch::extract::failed(given.as_str().into(), &problem).to_string())?;
        }
        if let Err(error) = page.and_then(|page| one(&page, asked, model, shape)) {
            telling::exit(Err(error));
            failed += 1;
        }
    }
    let all = asked.inputs.len();
    match failed {
        0 => Ok(()),
        _ => Err(Advice::error(
            format!("{failed} of {all} gave no story"),
            "what is wrong with each is said above; the others are whole",
        )),
    }
}

/// The weights in a file.
fn weights(path: &Path) -> anyhow::Result<Model> {
    let bytes = std::fs::read(path).map_err(|error| super::unreadable(path, &error))?;
    Model::of_bytes(&bytes).ok_or_else(|| {
        Advice::error(
            format!("{} holds no weights of this version, or is damaged", path.display()),
            "make it with `cargo xtask train story`, of the same version as this program",
        )
    })
}

/// Prints an article; where there is none, a person is told so after what was found.
fn print(page: &Page, mut extracted: Extracted, shape: Shape) -> anyhow::Result<()> {
    extracted.problems.extend(page.problems());
    let article = &extracted.article;
    let written = match shape {
        Shape::Json => return telling::answer(&object(page, &extracted).to_string()),
        Shape::Terminal => set::article(&extracted, Ink::wanted(), terminal::columns()),
        Shape::Markdown => markdown(article),
        Shape::Text if article.body.is_empty() => String::new(),
        Shape::Text => format!("{}\n", plain(&article.body)),
        Shape::Html if article.headline.is_empty() && article.body.is_empty() => String::new(),
        Shape::Html => depeche_web::printed(article),
    };
    if !article.body.is_empty() || !article.headline.is_empty() {
        match shape {
            Shape::Terminal => telling::written(&written)?,
            _ => foreign(&written)?,
        }
    }
    if shape != Shape::Terminal && !article.body.is_empty() {
        set::problems(&extracted).iter().for_each(|told| telling::say(&format!("note: {told}")));
        if article.paywalled {
            telling::say("note: its rest is for subscribers; this is what all may read");
        }
    }
    if article.body.is_empty() { Err(no_story(page, &extracted)) } else { Ok(()) }
}

/// Prints what holds foreign text as it is: to a file whole, to a terminal without what would command it.
fn foreign(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().is_terminal() {
        true => telling::written(&telling::shown(text)),
        false => telling::written(text),
    }
}

/// Prints what became of each block of a page.
fn tell(page: &Page, mut told: Explained, shape: Shape) -> anyhow::Result<()> {
    told.extracted.problems.extend(page.problems());
    let (ink, columns) = match shape {
        Shape::Terminal => (Ink::wanted(), terminal::columns()),
        _ => (Ink::NONE, set::COLUMNS_OF_FILES),
    };
    if told.blocks.is_empty() && shape != Shape::Json {
        return Err(no_story(page, &told.extracted));
    }
    match shape {
        Shape::Json => {
            let mut object = object(page, &told.extracted);
            object["blocks"] = told.blocks.iter().map(block).collect();
            telling::answer(&object.to_string())
        }
        Shape::Html => foreign(&depeche_web::explained(&set::page(&told))),
        Shape::Terminal | Shape::Text | Shape::Markdown => {
            telling::written(&set::blocks(&told, ink, columns))
        }
    }
}

/// Why there is no story to print.
fn no_story(page: &Page, extracted: &Extracted) -> anyhow::Error {
    let refused = extracted.problems.iter().find(|problem| problem.word == "refused");
    match refused {
        Some(problem) if !problem.detail.is_empty() => Advice::error(
            format!("{} is no page: {}", page.name(), problem.detail),
            "pages (HTML) and plain texts are read; no pictures, PDF files or archives",
        ),
        _ if page.bytes.iter().all(u8::is_ascii_whitespace) => Advice::error(
            format!("{} is empty", page.name()),
            "give a page that has something in it",
        ),
        _ => Advice::error(
            format!("no story was found in {}", page.name()),
            "--explain shows each block of the page and why it was left out",
        ),
    }
}

/// What a batch answers, and all the rest that is known.
fn object(page: &Page, extracted: &Extracted) -> Value {
    let article = &extracted.article;
    let mut object = batch::extract::told(page.given.clone().into(), extracted);
    let more = json!({
        "dateline": article.dateline,
        "section": article.section,
        "keywords": article.keywords,
        "image": article.image,
        "address": article.address,
        "outlet": article.outlet,
        "kind": extracted.kind.as_str(),
        "paywalled": article.paywalled,
        "live": article.live,
        "body": article.body,
    });
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
    object
}

fn block(block: &depeche_extract::Judged) -> Value {
    let reasons = block.reasons.iter().map(
        |reason| json!({ "word": reason.word, "says": reason.says, "by": reason.by.map(rounded) }),
    );
    json!({
        "text": block.text,
        "kind": block.kind.word(),
        "linked": rounded(block.linked),
        "kept": block.kept,
        "chance": block.chance.map(rounded),
        "reasons": reasons.collect::<Vec<_>>(),
    })
}

/// Three digits are more than anybody reads.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 1_000.0).round() / 1_000.0
}

impl Page {
    /// As a sentence names it.
    fn name(&self) -> &str {
        if self.given == "-" { "standard input" } else { &self.given }
    }

    /// What is wrong with what it was read from.
    fn problems(&self) -> Vec<Problem> {
        self.cut.then(|| Problem::new("incomplete", batch::CUT)).into_iter().collect()
    }
}
