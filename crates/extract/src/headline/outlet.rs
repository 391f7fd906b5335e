//! Takes the outlet's name off a title.

use depeche_text::fold;

use super::letters;

/// Signs that part the headline from the outlet's name.
pub(crate) const PARTERS: [&str; 12] =
    [" | ", " - ", " – ", " — ", " :: ", " » ", " · ", " • ", " / ", " « ", "ㅣ", "｜"];

/// The names by which a page's outlet may sign its titles.
pub(crate) struct Outlet {
    names: Vec<String>,
    /// The path of the page's address.
    path: String,
}

impl Outlet {
    /// From the declared name and the address of the page.
    pub(crate) fn new(declared: &[Option<&str>], address: Option<&str>) -> Self {
        let host = address.and_then(host_name).map(letters);
        let names = declared.iter().flatten().map(|name| letters(name)).chain(host);
        let path = address.map(path).unwrap_or_default().to_owned();
        Self { names: names.filter(|name| !name.is_empty()).collect(), path }
    }

    /// Whether a piece of a title is the outlet's name.
    pub(crate) fn is(&self, text: &str) -> bool {
        let text = letters(text);
        !text.is_empty() && self.names.iter().any(|name| same_name(name, &text))
    }

    /// How many of the words of the page's address are in a text, and how many of the text's in the address.
    pub(super) fn agreement(&self, text: &str) -> (f32, f32) {
        let own = words(
            self.path
                .split('/')
                .max_by_key(|folder| folder.matches(['-', '_']).count())
                .unwrap_or_default(),
        );
        let its = words(text);
        if own.len() < 3 || its.is_empty() {
            return (0.0, 0.0);
        }
        let share = |of: &[String], all: &[String]| {
            of.iter().filter(|word| all.contains(word)).count() as f32 / of.len() as f32
        };
        (share(&own, &its), share(&its, &own))
    }

    /// Whether a link leads to the page itself.
    pub(super) fn is_here(&self, link: &str) -> bool {
        self.path.len() > 1 && path(link) == self.path
    }

    /// Whether an address is that of a list of the same outlet: shorter than the page's, without a number.
    pub(super) fn is_list(&self, address: &str) -> bool {
        let list = path(address);
        list.len() > 1
            && list.len() * 2 <= self.path.len()
            && !list.contains(|c: char| c.is_ascii_digit())
            && host_name(address).is_none_or(|name| self.is(name))
    }

    /// Whether a longer text has the outlet's name in it.
    pub(super) fn is_in(&self, letters: &str) -> bool {
        self.names
            .iter()
            .any(|name| name.len() > 3 && letters.len() > name.len() && letters.contains(name))
    }
}

/// The words of a text that an address would have.
fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| word.len() > 2).map(str::to_owned).collect()
}

/// The longest label of a host but the last: `lecourrier` of `www.lecourrier.example`.
fn host_name(address: &str) -> Option<&str> {
    let host = depeche_news::host(address)?.split(':').next()?;
    let (most, _) = host.rsplit_once('.')?;
    most.split('.').max_by_key(|label| label.len())
}

/// The path of an address, without its last stroke.
fn path(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| {
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default()
    });
    rest.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/')
}

/// Takes the outlet's name off a title, at its end or at its start, where it is known.
pub(crate) fn without_outlet<'a>(title: &'a str, outlet: &Outlet) -> &'a str {
    let mut title = title.trim();
    for _ in 0..3 {
        let Some((head, tail)) = last_parted(title) else { break };
        if !(outlet.is(tail) || is_host(tail)) {
            break;
        }
        title = head.trim_end();
    }
    let quoted = is_quoted(title);
    let signs = PARTERS.iter().filter(|sign| !(quoted && sign.contains(['«', '»'])));
    let first = signs.filter_map(|sign| title.split_once(sign));
    if let Some((_, tail)) =
        first.min_by_key(|(head, _)| head.len()).filter(|(head, _)| outlet.is(head))
    {
        title = tail;
    }
    without_label(title.trim())
}

/// A title without the word for a print version before it.
fn without_label(title: &str) -> &str {
    const LABELS: &str = "imprimer|version imprimable|impression|print|printable version|drucken|druckversion|imprimir|stampa|afdrukken";
    let parted = title.split_once(':').or_else(|| title.split_once(" - "));
    match parted {
        Some((label, rest)) if LABELS.split('|').any(|known| known == fold(label).trim()) => {
            rest.trim()
        }
        _ => title,
    }
}

/// The same, and what else looks like one at the end.
pub(super) fn without_names<'a>(title: &'a str, outlet: &Outlet) -> &'a str {
    let mut title = without_outlet(title, outlet);
    for _ in 0..3 {
        match last_parted(title) {
            Some((head, tail)) if outlet.is(tail) || looks_like_name(tail, head) => {
                title = head.trim();
            }
            _ => break,
        }
    }
    title
}

/// `lecourrier.example`
fn is_host(text: &str) -> bool {
    let text = text.trim();
    let (name, end) = text.rsplit_once('.').unwrap_or_default();
    name.len() > 1 && end.len() > 1 && end.chars().all(char::is_alphabetic) && !text.contains(' ')
}

pub(super) fn last_parted(title: &str) -> Option<(&str, &str)> {
    let quoted = is_quoted(title);
    let signs = PARTERS.iter().filter(|sign| !(quoted && sign.contains(['«', '»'])));
    signs.filter_map(|sign| title.rsplit_once(sign)).max_by_key(|(head, _)| head.len())
}

/// Whether the signs « » are the quotation marks that they are, and part nothing.
pub(super) fn is_quoted(title: &str) -> bool {
    title.contains('«') && title.contains('»')
}

/// Whether the end of a title is the outlet's name by its looks: short beside the rest, no sentence.
fn looks_like_name(tail: &str, head: &str) -> bool {
    let words = tail.split_whitespace().count();
    words <= 4
        && tail.chars().count() <= 32
        && head.split_whitespace().count() >= 3
        && (tail.contains('.')
            || tail.chars().next().is_some_and(|c| c.is_uppercase() || c.is_numeric()))
        && !tail.ends_with(['?', '!', '»', '"'])
}

fn same_name(outlet: &str, text: &str) -> bool {
    outlet == text
        || (text.len() > 4 && outlet.contains(text))
        || (outlet.len() > 4 && text.contains(outlet) && text.len() < outlet.len() * 2 + 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(title: &str, outlet: Option<&str>, expected: &str) {
        let outlet = Outlet::new(&[outlet], Some("https://www.meuse-matin.example/une"));
        assert_eq!(without_names(title, &outlet), expected);
    }

    #[test]
    fn the_outlet_is_taken_off() {
        check(
            "La crue recule à Verdun - Le Courrier",
            Some("Le Courrier"),
            "La crue recule à Verdun",
        );
        check(
            "La crue recule à Verdun | Meuse | Le Courrier",
            Some("Le Courrier"),
            "La crue recule à Verdun",
        );
        check("Le Courrier - La crue recule", Some("Le Courrier"), "La crue recule");
        check("La crue recule - Meuse Matin", None, "La crue recule");
        check("La crue recule - courrier.example", None, "La crue recule");
        check("À Roscoff, le « Reine »", None, "À Roscoff, le « Reine »");
        check("Imprimer : la crue recule", None, "la crue recule");
        check("Crue - ce qu'on sait", None, "Crue - ce qu'on sait");
        check("Paris - Lyon", None, "Paris - Lyon");
    }
}
