//! Rules that are read off the source text. The files are formatted, so indentation is meaning.

use super::House;

/// Functions past this length want something out.
const LINES_MAX: usize = 70;

pub(super) fn long_functions(house: &House) -> Vec<String> {
    let long: Vec<String> = house
        .files
        .iter()
        .flat_map(|(name, text)| functions(text).map(move |(line, length)| (name, line, length)))
        .filter(|(.., length)| *length > LINES_MAX)
        .map(|(name, line, length)| format!("{name}:{line} has {length} lines"))
        .collect();
    let most = house.number("long_functions");
    if long.len() > most { long } else { Vec::new() }
}

/// Where each function starts and how many lines it has.
fn functions(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let lines: Vec<&str> = text.lines().collect();
    let starts: Vec<usize> = (0..lines.len())
        .filter(|&at| lines.get(at).is_some_and(|line| is_function(line)))
        .collect();
    starts.into_iter().filter_map(move |at| {
        let start = lines.get(at)?;
        let indent = start.len() - start.trim_start().len();
        let close = format!("{}}}", " ".repeat(indent));
        let length = lines.get(at..)?.iter().position(|line| *line == close)?;
        Some((at + 1, length + 1))
    })
}

fn is_function(line: &str) -> bool {
    let words =
        line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
    let words =
        words.trim_start_matches("pub ").trim_start_matches("const ").trim_start_matches("async ");
    words.starts_with("fn ") && !line.trim_end().ends_with(['}', ';'])
}

pub(super) fn sql(house: &House) -> Vec<String> {
    const WORDS: [&str; 5] =
        ["\"SELECT ", "\"INSERT INTO", "\"UPDATE ", "\"DELETE FROM", "\"CREATE TABLE"];
    found(house, &WORDS, &["crates/store/", "xtask/"])
}

pub(super) fn connections(house: &House) -> Vec<String> {
    const WORDS: [&str; 5] = [
        "reqwest::",
        "TcpStream::connect",
        "UdpSocket::bind",
        "UnixStream::connect",
        "hyper_util::client",
    ];
    let mut complaints = found(
        house,
        &WORDS,
        &["crates/outbound/", "bench/", "xtask/", "/tests/", "/tests.rs", "/sockets.rs"],
    );
    for package in house.metadata.workspace_packages() {
        let uses = package.dependencies.iter().any(|used| used.name == "reqwest");
        if uses && package.name.as_str() != "depeche-outbound" {
            complaints.push(format!("{} depends on an HTTP client", package.name));
        }
    }
    complaints
}

pub(super) fn machine_paths(house: &House) -> Vec<String> {
    let home = ["/ro", "ot/"].concat();
    let work = ["/wo", "rk/"].concat();
    found(house, &[&home, &work], &[])
}

/// What comes from outside is bounded in one file, where the limits are read together. How long a flash is at
/// most, and the like, is no limit but a judgement.
pub(super) fn limits(house: &House) -> Vec<String> {
    let of_the_intake = [
        "crates/outbound/src/",
        "crates/formats/src/",
        "crates/collect/src/",
        "crates/depeche/src/command/import/",
    ];
    let of = [
        "BYTES", "ITEMS", "LIST", "NODES", "DEPTH", "PAGES", "LINKS", "PARTS", "HEADERS", "LINES",
        "PROBLEMS", "FOLDERS", "FIELDS", "VALUES",
    ];
    let stated = |line: &str| {
        line.contains("const ") && of.iter().any(|of| line.contains(&format!("{of}_MAX: ")))
    };
    let mut complaints = Vec::new();
    for (name, text) in &house.files {
        if !of_the_intake.iter().any(|folder| name.starts_with(folder)) {
            continue;
        }
        for (number, line) in text.lines().enumerate().filter(|(_, line)| stated(line)) {
            let line = line.trim();
            complaints.push(format!(
                "{name}:{} has `{line}`: limits stand in crates/news/src/limits.rs",
                number + 1
            ));
        }
    }
    complaints
}

/// A limit that nothing asks for bounds nothing; of two with one name, the one that is used hides the other.
pub(super) fn used_limits(house: &House) -> Vec<String> {
    const LIMITS: &str = "crates/news/src/limits.rs";
    let text = house.files.iter().find(|(name, _)| name == LIMITS).map(|(_, text)| text.as_str());
    let others: Vec<&str> = house
        .files
        .iter()
        .filter(|(name, _)| name.starts_with("crates/") && name != LIMITS)
        .map(|(_, text)| text.as_str())
        .collect();
    let unused = constants(text.unwrap_or_default())
        .into_iter()
        .filter(|(module, name)| !others.iter().any(|text| names(text, module, name)));
    unused.map(|(module, name)| format!("{LIMITS}: nothing uses {module}::{name}")).collect()
}

/// The limits in the text of their file, each with its module.
fn constants(text: &str) -> Vec<(&str, &str)> {
    let mut module = "";
    let mut constants = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("pub mod ") {
            module = name.trim_end_matches([' ', '{']);
        } else if let Some((name, _)) =
            line.strip_prefix("pub const ").and_then(|rest| rest.split_once(':'))
        {
            constants.push((module, name));
        }
    }
    constants
}

/// Whether a text names a limit by its module, alone or in a list.
fn names(text: &str, module: &str, name: &str) -> bool {
    let path = format!("{module}::");
    text.match_indices(&path).any(|(at, _)| {
        let rest = &text[at + path.len()..];
        let list = rest.strip_prefix('{').map(|list| list.split('}').next().unwrap_or_default());
        let mut words = list.unwrap_or(rest).split(|c: char| !c.is_alphanumeric() && c != '_');
        match list {
            Some(_) => words.any(|word| word == name),
            None => words.next() == Some(name),
        }
    })
}

fn found(house: &House, words: &[&str], except: &[&str]) -> Vec<String> {
    let looked =
        house.files.iter().filter(|(name, _)| !except.iter().any(|part| name.contains(part)));
    let mut complaints = Vec::new();
    for (name, text) in looked {
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                complaints.push(format!("{name}:{} has `{word}`", number + 1));
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_used_by_the_name_of_their_module() {
        let limits = "pub mod a {\n    pub const X_MAX: usize = 1;\n}\npub mod b {\n    pub const X_MAX: u8 = 1;\n}\n";
        assert_eq!(constants(limits), [("a", "X_MAX"), ("b", "X_MAX")]);
        assert!(names("use news::limits::a::{\n    W, X_MAX,\n};", "a", "X_MAX"));
        assert!(names("a::X_MAX + 1", "a", "X_MAX"));
        assert!(!names("use limits::{a::{W}, b::X_MAX};", "a", "X_MAX"));
        assert!(!names("a::X_MAX_2", "a", "X_MAX"));
    }

    #[test]
    fn the_length_of_functions_is_measured() {
        let text = "fn a() {}\n\npub(crate) fn b() {\n    1;\n}\n\nimpl X {\n    fn c(\n        a: A,\n    ) {\n    }\n}\n";
        assert_eq!(functions(text).collect::<Vec<_>>(), [(3, 3), (8, 4)]);
    }
}
