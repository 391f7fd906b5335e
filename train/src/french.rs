//! `cargo xtask eval --only french`: pages of French-language outlets, their truth known by construction.
//!
//! A pattern of markup (`fixtures/french`) is filled with stories of the invented news day (`fixtures/wire`):
//! each pattern twice, the second time with a longer story, so that its furniture stands in the middle too.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

/// A page and what is true of it, in the layout of the extraction sets.
pub(crate) struct Filled {
    pub(crate) id: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) truth: Value,
}

/// Writes the pages of each half (`develop`, `report`, `teach`) into a folder of its own; `teach` only teaches.
pub(crate) fn write(patterns: &Path, wire: &Path, out: &Path, each: usize) -> anyhow::Result<()> {
    for half in ["develop", "teach", "report"] {
        let folder = out.join(half);
        fs::create_dir_all(&folder)?;
        let mut list = String::new();
        for page in pages(&patterns.join(half), wire, each)? {
            packed(&folder.join(format!("{}.html.gz", page.id)), &page.bytes)?;
            list += &format!("{}\n", page.truth);
        }
        packed(&folder.join("truth.jsonl.gz"), list.as_bytes())?;
    }
    Ok(())
}

/// The pages of one half, so many each pattern.
pub(crate) fn pages(patterns: &Path, wire: &Path, each: usize) -> anyhow::Result<Vec<Filled>> {
    let stories = stories(wire)?;
    let mut filled = Vec::new();
    for (number, file) in files(patterns)?.iter().enumerate() {
        let text =
            fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let pattern =
            Pattern::read(&text).with_context(|| format!("{} is no pattern", file.display()))?;
        let name = file.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        for turn in 0..each {
            let own = number * 2 + turn % 2 + turn / 2 * 101;
            let form = Form { long: turn % 2 == 1, rich: turn % 8 == 6 };
            filled.push(pattern.fill(&format!("{name}-{}", turn + 1), &stories, own, form)?);
        }
    }
    Ok(filled)
}

fn packed(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let made = fs::File::create(file).with_context(|| format!("cannot make {}", file.display()))?;
    let mut packer = GzEncoder::new(made, Compression::fast());
    packer.write_all(bytes)?;
    packer.finish()?;
    Ok(())
}

fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let read = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = read.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|end| end == "html" || end == "json"));
    files.sort();
    Ok(files)
}

/// A story of the news day.
#[derive(Clone)]
struct Story {
    /// The file it stands in: one file, one matter.
    matter: usize,
    outlet: String,
    host: String,
    headline: String,
    credit: Option<String>,
    standfirst: Option<String>,
    author: String,
    section: String,
    /// Paragraphs, and the subhead before one.
    body: Vec<(Option<String>, String)>,
}

/// Who wrote what nobody signed.
const AUTHORS: [&str; 4] =
    ["Maëlys Rochebrune", "Yann Kerguénou", "Fatoumata Diabaté-Lemoine", "Jean-Noël d'Aubrac"];

/// The French stories, originals only.
fn stories(wire: &Path) -> anyhow::Result<Vec<Story>> {
    let read = |file: &Path| -> anyhow::Result<Vec<Value>> {
        let text =
            fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is no list", file.display()))
    };
    let outlets = read(&wire.join("outlets.json"))?;
    let outlets: HashMap<&str, &Value> =
        outlets.iter().filter_map(|outlet| Some((outlet["key"].as_str()?, outlet))).collect();
    let mut stories = Vec::new();
    for (matter, file) in files(&wire.join("items"))?.iter().enumerate() {
        for item in read(file)? {
            let Some(outlet) = item["outlet"].as_str().and_then(|key| outlets.get(key)) else {
                bail!("{} names an unknown outlet", file.display());
            };
            if outlet["language"] == "fr" && item["copy_of"].is_null() {
                let author = item["authors"][0].as_str().unwrap_or(AUTHORS[matter % AUTHORS.len()]);
                stories.push(story(&item, outlet, matter, author.to_owned()));
            }
        }
    }
    Ok(stories)
}

fn story(item: &Value, outlet: &Value, matter: usize, author: String) -> Story {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let paragraphs = item["body"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let body = paragraphs.enumerate().map(|(place, paragraph)| {
        let subhead = text(&item["subheads"][(place + 1).to_string()]);
        (subhead, paragraph.replace("{date}", "9 janvier"))
    });
    let site = outlet["site"].as_str().unwrap_or("https://journal.example");
    Story {
        matter,
        outlet: text(&outlet["name"]).unwrap_or_default(),
        host: site.trim_start_matches("https://").to_owned(),
        headline: text(&item["headline"]).unwrap_or_default(),
        credit: text(&item["credit"]),
        standfirst: text(&item["standfirst"]),
        author,
        section: text(&item["section"]).unwrap_or_else(|| "Actualités".to_owned()),
        body: body.collect(),
    }
}

/// How a page is filled.
#[derive(Clone, Copy)]
struct Form {
    /// Further stories of the matter are joined to the first.
    long: bool,
    /// One paragraph is set as a quotation, one as a list; such pages only teach.
    rich: bool,
}

/// The sentences of a paragraph as a list.
fn list(paragraph: &str) -> String {
    let sentences = paragraph.split_inclusive(". ").map(str::trim);
    let entries: String =
        sentences.map(|sentence| format!("<li>{}</li>", escaped(sentence))).collect();
    format!("<ul>{entries}</ul>")
}

/// A pattern: its head comment, read, and the page under it.
struct Pattern<'a> {
    charset: &'a str,
    paragraph: &'a str,
    subhead: &'a str,
    inserts: Vec<(usize, &'a str)>,
    shows: Vec<&'a str>,
    needs_credit: bool,
    page: &'a str,
}

impl<'a> Pattern<'a> {
    fn read(text: &'a str) -> anyhow::Result<Self> {
        let (head, page) = text
            .strip_prefix("<!--\n")
            .and_then(|text| text.split_once("\n-->\n"))
            .context("it does not begin with its comment")?;
        let mut pattern = Self {
            charset: "utf-8",
            paragraph: "",
            subhead: "",
            inserts: Vec::new(),
            shows: Vec::new(),
            needs_credit: false,
            page,
        };
        for line in head.lines() {
            let (key, value) = line.split_once(": ").context("a line without `: `")?;
            match key {
                "kind" => {}
                "charset" => pattern.charset = value,
                "paragraph" => pattern.paragraph = value,
                "subhead" => pattern.subhead = value,
                "shows" => pattern.shows = value.split(", ").collect(),
                "needs" => pattern.needs_credit = value == "credit",
                _ => match key.strip_prefix("insert ") {
                    Some(place) => pattern.inserts.push((place.parse()?, value)),
                    None => bail!("the line `{key}` is not known"),
                },
            }
        }
        Ok(pattern)
    }

    /// Whether the credit stands in brackets after the headline.
    fn brackets_credit(&self) -> bool {
        ["({{credit}})", "[{{credit}}]"]
            .iter()
            .any(|credit| self.page.contains(&format!("{{{{headline}}}} {credit}<")))
    }

    fn shows(&self, field: &str) -> bool {
        self.shows.contains(&field)
    }

    fn fill(&self, id: &str, all: &[Story], own: usize, form: Form) -> anyhow::Result<Filled> {
        let story = self.story(all, own, form.long).context("no story fits")?;
        let others: Vec<&Story> = (1..)
            .map(|step| &all[(own * 37 + step * 23) % all.len()])
            .filter(|other| other.matter != story.matter)
            .take(8)
            .collect();
        let date = Date::of(own);
        let slots = slots(&story, &others, &date, id);
        let body = self.body(&story, &slots, form.rich);
        let page = filled(self.page, &|slot| match slot {
            "body" => Some(body.clone()),
            _ => None,
        });
        let page = filled(&page, &|slot| slots.get(slot).cloned());
        let encoding = encoding_rs::Encoding::for_label(self.charset.as_bytes())
            .with_context(|| format!("no charset is called {}", self.charset))?;
        if let Some((_, rest)) = page.split_once("{{") {
            bail!("nothing is known of the slot {}", rest.chars().take(20).collect::<String>());
        }
        let texts = story.body.iter().flat_map(|(subhead, text)| subhead.iter().chain([text]));
        let body: Vec<&str> = texts.map(String::as_str).collect();
        let shown = |field: &str, value: Value| if self.shows(field) { value } else { Value::Null };
        let truth = json!({
            "id": id, "source": "french", "url": slots["url"], "outlet": id.rsplit_once('-').map(|(pattern, _)| pattern), "language": "fr",
            "title": story.headline, "body": body.join("\n\n"),
            "credit": shown("credit", json!(story.credit)),
            "standfirst": shown("standfirst", json!(story.standfirst)),
            "authors": shown("author", json!([story.author])),
            "published": shown("date", json!(date.iso)),
            "shows": self.shows,
        });
        let bytes = encoding.encode(&page).0.into_owned();
        Ok(Filled { id: id.to_owned(), bytes, truth })
    }

    /// The story of a page: its fields are those that the pattern shows.
    fn story(&self, all: &[Story], own: usize, long: bool) -> Option<Story> {
        let fits = |story: &&Story| {
            story.body.len() >= 3
                && (!self.shows("standfirst") || story.standfirst.is_some())
                && (!self.needs_credit || story.credit.is_some())
        };
        let fitting: Vec<&Story> = all.iter().filter(fits).collect();
        let mut story = (*fitting.get(own * 17 % fitting.len().max(1))?).clone();
        // Whom a story quotes is named in brackets after its headline, and nowhere else: in a byline it would be an author.
        let quoted = story.credit.as_ref().is_some_and(|credit| {
            is_person(credit) && story.body.iter().any(|(_, text)| text.contains(credit))
        });
        if quoted && !self.brackets_credit() {
            story.credit = Some("HP".to_owned());
        }
        if self.shows("credit") && story.credit.is_none() && own % 4 < 2 {
            story.credit = Some(["HP", "avec Méridienne", "HP, Méridienne"][own % 3].to_owned());
        }
        if long {
            let more = all.iter().filter(|other| {
                other.matter == story.matter
                    && other.headline != story.headline
                    && other.body.len() >= 3
            });
            for (place, other) in more.take(2).enumerate() {
                lengthen(&mut story.body, other, SUBHEADS[(own + place * 3) % SUBHEADS.len()]);
            }
        }
        Some(story)
    }

    /// The body in the pattern's markup, its furniture in it.
    fn body(&self, story: &Story, slots: &HashMap<String, String>, rich: bool) -> String {
        let mut body = String::new();
        for (place, (subhead, paragraph)) in story.body.iter().enumerate() {
            if let Some(subhead) = subhead {
                body += &self.subhead.replace("{}", &escaped(subhead));
                body.push('\n');
            }
            body += &match place {
                1 if rich => format!("<blockquote>{}</blockquote>", escaped(paragraph)),
                2 if rich => list(paragraph),
                _ => self.paragraph.replace("{}", &escaped(paragraph)),
            };
            body.push('\n');
            let here = self.inserts.iter().filter(|(after, _)| *after == place + 1);
            for (_, insert) in here.filter(|_| place + 1 < story.body.len()) {
                body += &filled(insert, &|slot| slots.get(slot).cloned());
                body.push('\n');
            }
        }
        body
    }
}

/// Whether a credit is a person's name: two words or more, each with a capital.
fn is_person(credit: &str) -> bool {
    credit.contains(' ') && credit.split(' ').all(|word| word.starts_with(char::is_uppercase))
}

/// Subheads between what is joined to one story.
const SUBHEADS: [&str; 7] = [
    "Des réactions partagées",
    "« Tout reste à faire »",
    "Ce qui va changer",
    "Une décision attendue depuis des mois",
    "Le précédent de l'automne",
    "Et maintenant ?",
    "Des habitants inquiets",
];

/// Adds another story of the same matter, without what both have.
fn lengthen(body: &mut Vec<(Option<String>, String)>, other: &Story, subhead: &str) {
    let mut subhead = Some(subhead.to_owned());
    for (_, paragraph) in &other.body {
        if body.iter().all(|(_, own)| own != paragraph) {
            body.push((subhead.take(), paragraph.clone()));
        }
    }
}

/// A date of the last fifteen years, as pages write it; Paris time.
struct Date {
    iso: String,
    year: usize,
    month: usize,
    day: usize,
    hour: usize,
    minute: usize,
}

impl Date {
    fn of(number: usize) -> Self {
        let (year, month, day) =
            (2010 + number * 7 % 15, 1 + number * 5 % 12, 1 + number * 11 % 27);
        let (hour, minute) = (7 + number * 3 % 14, number * 13 % 60);
        let summer = (4..=10).contains(&month) && !(month == 10 && day > 24);
        let zone = if summer { 2 } else { 1 };
        let iso = format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:00+0{zone}:00");
        Self { iso, year, month, day, hour, minute }
    }

    /// The day of the week, 0 for Sunday (Sakamoto's rule).
    fn weekday(&self) -> usize {
        const SHIFT: [usize; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
        let year = if self.month < 3 { self.year - 1 } else { self.year };
        (year + year / 4 - year / 100 + year / 400 + SHIFT[self.month - 1] + self.day) % 7
    }
}

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

const WEEKDAYS: [&str; 7] =
    ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"];

const CAPTIONS: [&str; 5] = [
    "La place de la mairie, mardi matin, avant l'arrivée des manifestants.",
    "Une vue d'archive du chantier, prise depuis la passerelle.",
    "À la sortie de la réunion, peu de participants ont souhaité s'exprimer.",
    "Le bâtiment est fermé au public depuis le printemps.",
    "Des bénévoles au travail dans la salle des fêtes.",
];

/// What stands in each slot.
fn slots(story: &Story, others: &[&Story], date: &Date, id: &str) -> HashMap<String, String> {
    let paragraphs: Vec<&str> = story.body.iter().map(|(_, text)| text.as_str()).collect();
    let number = date.year * 31 + date.day * 7 + date.minute;
    let mut slots: HashMap<String, String> = [
        ("headline", story.headline.clone()),
        ("headline_json", story.headline.clone()),
        ("credit", story.credit.clone().unwrap_or_default()),
        ("standfirst", story.standfirst.clone().unwrap_or_default()),
        ("author", story.author.clone()),
        ("section", story.section.clone()),
        ("outlet", story.outlet.clone()),
        ("url", address(story, id)),
        ("image", format!("https://{}/photos/{number}.jpg", story.host)),
        ("caption", CAPTIONS[number % CAPTIONS.len()].to_owned()),
        ("teaser", teaser(paragraphs.first().copied().unwrap_or_default())),
        ("body_plain", paragraphs.join("\n\n")),
        ("date_iso", date.iso.clone()),
        ("weekday", WEEKDAYS[date.weekday()].to_owned()),
        ("day", date.day.to_string()),
        ("day2", format!("{:02}", date.day)),
        ("month", MONTHS[date.month - 1].to_owned()),
        ("month2", format!("{:02}", date.month)),
        ("year", date.year.to_string()),
        ("hour", date.hour.to_string()),
        ("minute", format!("{:02}", date.minute)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    for (place, other) in others.iter().enumerate() {
        let first = other.body.first().map(|(_, text)| text.clone()).unwrap_or_default();
        let last = other.body.last().map(|(_, text)| text.clone()).unwrap_or_default();
        let mut set = |name: &str, value: String| {
            slots.insert(format!("other{}.{name}", place + 1), value);
        };
        set("headline", other.headline.clone());
        set("teaser", teaser(&first));
        set("standfirst", other.standfirst.clone().unwrap_or(last));
        set("paragraph", first);
        set("url", address(other, &format!("{id}{place}")));
    }
    slots
}

fn address(story: &Story, id: &str) -> String {
    let words = story.headline.to_lowercase();
    let words: Vec<&str> =
        words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() > 2).collect();
    format!("https://{}/{}-{}.html", story.host, words.join("-"), id.len() * 7919 + words.len())
}

/// The start of a text, cut as a list of teasers cuts it.
fn teaser(text: &str) -> String {
    let mut cut = String::new();
    for word in text.split(' ') {
        if cut.chars().count() + word.chars().count() > 110 {
            return cut + "...";
        }
        if !cut.is_empty() {
            cut.push(' ');
        }
        cut += word;
    }
    cut + "..."
}

/// Puts values into slots, written as the place demands: as JSON within a script, else as markup.
fn filled(text: &str, value: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        out += &rest[..at];
        rest = &rest[at..];
        let end = rest.find("}}").map_or(rest.len(), |end| end + 2);
        let slot = rest[..end].trim_matches(['{', '}']);
        match value(slot) {
            Some(value) if slot == "body" => out += &value,
            Some(value) if in_script(&out) => out += &quoted(&value),
            Some(value) => out += &escaped(&value),
            None => out += &rest[..end],
        }
        rest = &rest[end..];
    }
    out + rest
}

fn in_script(before: &str) -> bool {
    before.rfind("<script").is_some_and(|at| !before[at..].contains("</script"))
}

fn quoted(text: &str) -> String {
    let json = Value::from(text).to_string();
    json.trim_start_matches('"').strip_suffix('"').unwrap_or_default().replace("</", "<\\/")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
