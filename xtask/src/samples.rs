//! The lines `archives` and `agency` of `cargo xtask eval`: samples that nobody scores are handed to the program, and
//! what it understood of them is counted.
//!
//! Archives and lists of subscriptions, good and broken, are imported, each into a wire of its own. Agency samples
//! are read in one go. Those that a standard's own tests call good have to be read without a problem of form; those that they call bad
//! have to be read without a fall, and their problem named.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File},
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;
use serde_json::{Value, json};

use crate::eval::write;

/// Folders of agency samples below the intake set.
const FOLDERS: [&str; 3] = ["newsml-g2", "ninjs", "agency-superdesk"];

/// What is no sample: schemas, licences, pictures, notes.
const NO_SAMPLES: [&str; 8] = ["xsd", "md", "jpg", "png", "pdf", "rng", "dtd", "html"];

/// Names of what the standards publish beside their samples.
const NO_SAMPLE_NAMES: [&str; 5] =
    ["LICENSE", "ninjs-schema", "GeoJSON-schema", "package.json", "schema-extension"];

/// Fields that are counted of a document's items.
const FIELDS: [&str; 14] = [
    "guid",
    "version",
    "status",
    "title",
    "updated",
    "content",
    "byline",
    "dateline",
    "slugline",
    "urgency",
    "located",
    "keywords",
    "rights",
    "embargoed_until",
];

/// What is told of an item that its standard lets be: it says too little to be ordered or shown. A bad sample of
/// which nothing else is told counts as not named.
const TOLD_OF_GOOD_ONES: [&str; 3] = ["missing_version", "missing_content", "no_item"];

/// Who is asked, about which samples, and where there is room to work.
pub(crate) struct Asked<'a> {
    pub(crate) program: &'a Path,
    /// The folder of the intake set.
    pub(crate) intake: &'a Path,
    pub(crate) work: &'a Path,
}

/// Imports each archive and each list; gives what was read of each archive, how many lists were read, and how often
/// the program fell.
pub(crate) fn archives(asked: &Asked<'_>) -> anyhow::Result<String> {
    let mut records = serde_json::Map::new();
    let (mut pages, mut panics) = (0, 0);
    let known = ["warc", "arc", "gz", "bad"];
    for path in gather(&[asked.intake.join("warc")], |path| known.contains(&&*extension(path)))? {
        let (summary, panicked) = asked.imported(&path)?;
        panics += usize::from(panicked);
        pages += summary["items"].as_u64().unwrap_or(0);
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        records.insert(name.unwrap_or_default(), summary["records"].clone());
    }
    let opml = asked.intake.join("feedvalidator/opml");
    let (mut lists, mut lists_read, mut feeds) = (0, 0, 0);
    for path in
        gather(&[opml.join("clean"), opml.join("errors")], |path| extension(path) == "opml")?
    {
        let (summary, panicked) = asked.imported(&path)?;
        panics += usize::from(panicked);
        lists += 1;
        lists_read += usize::from(!panicked && summary.is_object());
        feeds += summary["sources"].as_u64().unwrap_or(0);
    }
    let figures = json!({
        "set": "archives",
        "archives": records.len(),
        "records": records,
        "items": pages,
        "opml": lists,
        "opml_read": lists_read,
        "opml_sources": feeds,
        "panics": panics,
    });
    Ok(figures.to_string())
}

/// Reads every sample, prints a table, and writes what was read of each to `table`.
pub(crate) fn agency(asked: &Asked<'_>, table: Option<&Path>) -> anyhow::Result<()> {
    let folders = FOLDERS.map(|folder| asked.intake.join(folder));
    let samples = gather(&folders, |path| {
        let name = path.to_string_lossy();
        !NO_SAMPLES.contains(&&*extension(path))
            && !NO_SAMPLE_NAMES.iter().any(|part| name.contains(part))
    })?;
    let answers = asked.read(&samples)?;
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut lines = String::new();
    for (sample, answer) in samples.iter().zip(&answers) {
        let name = sample.strip_prefix(asked.intake).unwrap_or(sample);
        groups.entry(group(name)).or_default().count(name, answer);
        writeln!(lines, "{}", json!({ "file": name, "read": answer }))?;
    }
    for (name, group) in &groups {
        println!("{}", group.told(name));
    }
    if let Some(table) = table {
        fs::write(table, lines).with_context(|| format!("cannot write {}", table.display()))?;
    }
    let sum = |of: fn(&Group) -> usize| groups.values().map(of).sum::<usize>();
    println!(
        "agency files={} read={} refused={} panics={} bad_named={} bad_unnamed={} good_with_problem={}",
        sum(|group| group.files),
        sum(|group| group.read),
        sum(|group| group.refused),
        sum(|group| group.panics),
        sum(|group| group.named),
        sum(|group| group.unnamed.len()),
        sum(|group| group.blamed.len()),
    );
    Ok(())
}

/// The samples in folders and below them, in order. A folder that is not there has none.
fn gather(folders: &[PathBuf], is_sample: impl Fn(&Path) -> bool) -> anyhow::Result<Vec<PathBuf>> {
    let mut samples = Vec::new();
    let mut ahead = folders.to_vec();
    while let Some(folder) = ahead.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                ahead.push(path);
            } else if is_sample(&path) {
                samples.push(path);
            }
        }
    }
    samples.sort();
    Ok(samples)
}

fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().into_owned()
}

impl Asked<'_> {
    /// What is read of each sample.
    fn read(&self, samples: &[PathBuf]) -> anyhow::Result<Vec<Value>> {
        let (input, output) =
            (self.work.join("agency.in.jsonl"), self.work.join("agency.out.jsonl"));
        let lines: Vec<String> = samples
            .iter()
            .enumerate()
            .map(|(id, path)| json!({ "id": id, "path": path }).to_string())
            .collect();
        fs::write(&input, lines.join("\n"))?;
        let mut answer = Command::new(self.program);
        answer.args(["read", "--batch"]).stdin(File::open(&input)?);
        write(&mut answer, &output)?;
        let said = fs::read_to_string(&output)?;
        let answers = said.lines().map(serde_json::from_str).collect::<Result<Vec<_>, _>>()?;
        anyhow::ensure!(answers.len() == samples.len(), "not every sample was answered");
        Ok(answers)
    }

    /// The summary of one import, and whether the program panicked or died of it. One of which nothing could be
    /// taken in has its summary too.
    fn imported(&self, path: &Path) -> anyhow::Result<(Value, bool)> {
        let data = self.work.join("archives.data");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let mut import = Command::new(self.program);
        let output = import.arg("import").arg("--data").arg(&data).arg(path).output()?;
        let told = String::from_utf8_lossy(&output.stderr);
        let panicked = told.contains("panicked") || output.status.code().is_none();
        let summary = String::from_utf8_lossy(&output.stdout);
        let summary = summary.lines().last().and_then(|line| serde_json::from_str(line).ok());
        Ok((summary.unwrap_or_default(), panicked))
    }
}

/// The group of a sample: its folder, and whether its standard calls it good or bad.
fn group(name: &Path) -> String {
    let text = name.to_string_lossy();
    let first = text.split('/').next().unwrap_or_default();
    match () {
        () if text.contains("should_pass") => format!("{first}/should_pass"),
        () if text.contains("should_fail") => format!("{first}/should_fail"),
        () => first.to_owned(),
    }
}

/// What was counted of a group.
#[derive(Default)]
struct Group {
    files: usize,
    read: usize,
    refused: usize,
    panics: usize,
    items: usize,
    /// Files whose items have each field.
    fields: BTreeMap<&'static str, usize>,
    /// Files called bad whose problem is named, and those whose is not.
    named: usize,
    unnamed: Vec<String>,
    /// Files called good of which another problem was told.
    blamed: Vec<String>,
    words: BTreeMap<String, usize>,
    digest: DefaultHasher,
}

impl Group {
    fn count(&mut self, name: &Path, answer: &Value) {
        let problems: Vec<&str> =
            answer["problems"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let words: Vec<&str> =
            problems.iter().map(|problem| problem.split(':').next().unwrap_or_default()).collect();
        self.files += 1;
        self.read += usize::from(answer["format"].is_string());
        self.refused += usize::from(words.contains(&"refused"));
        self.panics += usize::from(words.contains(&"panic"));
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        self.items += items.len();
        for field in FIELDS {
            let has = |item: &Value| match &item[field] {
                Value::Null => false,
                Value::Array(list) => !list.is_empty(),
                _ => true,
            };
            *self.fields.entry(field).or_default() += items.iter().filter(|item| has(item)).count();
        }
        let text = name.to_string_lossy().into_owned();
        let blamed = words.iter().any(|word| !TOLD_OF_GOOD_ONES.contains(word));
        if text.contains("should_fail") {
            match blamed {
                true => self.named += 1,
                false => self.unnamed.push(format!("{text} ({})", problems.join("; "))),
            }
        } else if text.contains("should_pass") && blamed {
            self.blamed.push(format!("{text} ({})", problems.join("; ")));
        }
        for word in words {
            *self.words.entry(word.to_owned()).or_default() += 1;
        }
        // The path of the sets is not of the answer; what was read is.
        answer.get("items").map(Value::to_string).hash(&mut self.digest);
        problems.hash(&mut self.digest);
    }

    fn told(&self, name: &str) -> String {
        let mut out = format!(
            "{name}: files={} read={} refused={} panics={} items={} digest={:016x}\n  with:",
            self.files,
            self.read,
            self.refused,
            self.panics,
            self.items,
            self.digest.finish(),
        );
        for (field, count) in &self.fields {
            out.push_str(&format!(" {field}={count}"));
        }
        out.push_str("\n  problems:");
        for (word, count) in &self.words {
            out.push_str(&format!(" {word}={count}"));
        }
        for (what, list) in [("not named", &self.unnamed), ("called good", &self.blamed)] {
            for line in list {
                out.push_str(&format!("\n  {what}: {line}"));
            }
        }
        out
    }
}
