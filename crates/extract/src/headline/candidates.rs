//! What might be the headline: headings, declared titles, and pieces of both.

use depeche_text::squash;

use super::letters;
use super::outlet::{Outlet, PARTERS, is_quoted, without_names, without_outlet};
use crate::facts::{Facts, Heading, LARGE, NAMED};
use crate::linked_data;

/// Where a candidate was found; one may be found in many places.
pub(crate) mod from {
    pub(crate) const HEADING: u32 = 1;
    pub(crate) const HEADING_LATER: u32 = 1 << 1;
    pub(crate) const SECOND: u32 = 1 << 2;
    pub(crate) const SECOND_LATER: u32 = 1 << 3;
    /// A piece of a heading that an element of its own holds.
    pub(crate) const PART_FIRST: u32 = 1 << 4;
    pub(crate) const PART_LAST: u32 = 1 << 5;
    pub(crate) const LINKED: u32 = 1 << 6;
    pub(crate) const MICRODATA: u32 = 1 << 7;
    pub(crate) const OG: u32 = 1 << 8;
    pub(crate) const META: u32 = 1 << 9;
    /// The `title` element without the outlet's name.
    pub(crate) const TITLE: u32 = 1 << 10;
    /// A piece of it between signs.
    pub(crate) const SEGMENT_FIRST: u32 = 1 << 11;
    pub(crate) const SEGMENT_LAST: u32 = 1 << 12;
    pub(crate) const SEGMENT_INNER: u32 = 1 << 13;
    /// One of the others without what looks like a name at its end.
    pub(crate) const TRIMMED: u32 = 1 << 14;
    pub(crate) const TRIMMED_TITLE: u32 = 1 << 15;
    pub(crate) const TRIMMED_HEADING: u32 = 1 << 16;
    /// Of no heading element: what its name makes one.
    pub(crate) const NAMED: u32 = 1 << 17;
    /// A heading that leads to the page it is on.
    pub(crate) const OWN_LINK: u32 = 1 << 18;
    /// Of no heading element: what the size of its letters makes one.
    pub(crate) const LARGE: u32 = 1 << 19;
    /// How many there are.
    pub(crate) const ALL: usize = 20;
    /// Those that a page shows or declares as a whole.
    pub(crate) const WHOLE: u32 = HEADING | LINKED | MICRODATA | OG | META | TITLE;
}

/// One that might be the headline.
#[derive(Debug, Default)]
pub(crate) struct Candidate {
    pub(crate) text: String,
    pub(crate) letters: String,
    pub(crate) from: u32,
    /// What is known of the heading it stands in.
    pub(crate) marked: bool,
    pub(crate) linked: bool,
    pub(crate) aside: bool,
    /// Paragraphs of prose before it on the page.
    pub(crate) after: usize,
}

impl Candidate {
    pub(crate) fn is_from(&self, places: u32) -> bool {
        self.from & places != 0
    }

    /// Whether it is no mere piece.
    pub(super) fn is_whole(&self) -> bool {
        self.is_from(from::WHOLE)
    }

    /// The surest of the places it was found in.
    pub(crate) fn evidence(&self) -> &'static str {
        const ALL: [(u32, &str); 6] = [
            (from::HEADING | from::HEADING_LATER, "heading"),
            (from::LINKED, "json-ld"),
            (from::MICRODATA, "microdata"),
            (from::OG | from::META, "meta"),
            (from::SECOND | from::SECOND_LATER | from::PART_FIRST | from::PART_LAST, "heading"),
            (u32::MAX, "title"),
        ];
        ALL.iter().find(|(places, _)| self.is_from(*places)).map_or("", |(_, name)| name)
    }
}

/// Headings of each level that are looked at.
const HEADINGS_MAX: usize = 4;

/// Pieces of a title: headline, section, outlet and its motto; of what has more none is a headline.
const SEGMENTS_MAX: usize = 16;

/// Longest candidate, in bytes of its letters; what is longer is a paragraph.
const LETTERS_MAX: usize = 300;

/// The same where a page has nothing shorter: whatever it is, it is how the page calls itself.
const LETTERS_AT_ALL_MAX: usize = 2_000;

/// All candidates of a page, each once, the surest sources first.
pub(crate) fn gather(facts: &Facts, outlet: &Outlet) -> Vec<Candidate> {
    let all = gathered(facts, outlet, LETTERS_MAX);
    if all.is_empty() { gathered(facts, outlet, LETTERS_AT_ALL_MAX) } else { all }
}

fn gathered(facts: &Facts, outlet: &Outlet, longest: usize) -> Vec<Candidate> {
    let mut all = Candidates { all: Vec::new(), longest };
    for (level, first, later) in
        [(1, from::HEADING, from::HEADING_LATER), (2, from::SECOND, from::SECOND_LATER)]
    {
        let filled = facts.headings.iter().filter(|h| h.level == level && !h.text.is_empty());
        for (at, heading) in filled.take(HEADINGS_MAX).enumerate() {
            all.headings(heading, if at == 0 { first } else { later }, outlet);
        }
    }
    for (level, place) in [(LARGE, from::LARGE), (NAMED, from::NAMED)] {
        let of_level = facts.headings.iter().filter(|h| h.level == level && !h.aside);
        for heading in of_level.filter(|h| h.text.chars().count() > 12).take(HEADINGS_MAX) {
            all.add(without_outlet(&heading.text, outlet), place, Some(heading));
        }
    }
    let own = facts.headings.iter().filter(|h| h.link.as_ref().is_some_and(|l| outlet.is_here(l)));
    for heading in own.take(1) {
        all.add(&heading.text, from::OWN_LINK, Some(heading));
    }
    let metas =
        facts.all_metas(&["twitter:title", "dc.title", "parsely-title", "sailthru.title", "title"]);
    let declared = (facts.linked.headline.as_deref().map(|text| (text, from::LINKED)))
        .into_iter()
        .chain(facts.property("headline").map(|text| (text, from::MICRODATA)))
        .chain(facts.first_meta(&["og:title"]).map(|text| (text, from::OG)))
        .chain(metas.map(|text| (text, from::META)))
        .chain(std::iter::once((facts.title.as_str(), from::TITLE)));
    for (text, place) in declared {
        let text = squash(&linked_data::decoded(text));
        all.add(without_outlet(&text, outlet), place, None);
        let trimmed = if place == from::TITLE { from::TRIMMED_TITLE } else { from::TRIMMED };
        all.add(without_names(&text, outlet), trimmed, None);
    }
    all.segments(&facts.title);
    all.all
}

/// Those gathered so far.
struct Candidates {
    all: Vec<Candidate>,
    /// Longest one that is taken, in bytes of its letters.
    longest: usize,
}

impl Candidates {
    fn headings(&mut self, heading: &Heading, place: u32, outlet: &Outlet) {
        self.add(without_outlet(&heading.text, outlet), place, Some(heading));
        self.add(without_names(&heading.text, outlet), from::TRIMMED_HEADING, Some(heading));
        let first = heading.parts.first().map(|part| (part, from::PART_FIRST));
        let last = heading.parts.last().map(|part| (part, from::PART_LAST));
        if heading.parts.len() > 1 {
            for (part, place) in first.into_iter().chain(last) {
                self.add(part, place, Some(heading));
            }
        }
    }

    /// The pieces of a title between signs.
    fn segments(&mut self, title: &str) {
        let quoted = is_quoted(title);
        let signs = PARTERS.iter().filter(|sign| !(quoted && sign.contains(['«', '»'])));
        let marked = signs.fold(title.to_owned(), |title, sign| title.replace(sign, "\n"));
        self.pieces(&marked);
        // French headlines have colons of their own, which part the outlet's name on other pages.
        let marked = [" : ", "--", " // ", "_", " >> ", " > "]
            .iter()
            .fold(marked, |title, sign| title.replace(sign, "\n"));
        self.pieces(&marked);
    }

    /// The lines of a title that was parted.
    fn pieces(&mut self, marked: &str) {
        let pieces: Vec<&str> = marked.split('\n').take(SEGMENTS_MAX + 1).collect();
        if pieces.len() > SEGMENTS_MAX {
            return;
        }
        for (at, piece) in pieces.iter().enumerate() {
            let place = match at {
                0 => from::SEGMENT_FIRST,
                _ if at + 1 == pieces.len() => from::SEGMENT_LAST,
                _ => from::SEGMENT_INNER,
            };
            if pieces.len() > 1 {
                self.add(piece, place, None);
            }
        }
    }

    /// Adds what is not there yet, or the place to what is.
    fn add(&mut self, text: &str, place: u32, heading: Option<&Heading>) {
        let letters = letters(text);
        if letters.is_empty() || letters.len() > self.longest {
            return;
        }
        let known = self.all.iter_mut().find(|known| known.letters == letters);
        let one = match known {
            Some(known) => {
                // Capitals throughout are the style of a page, and words without a space between an accident.
                let words = |text: &str| text.split_whitespace().count();
                if (is_shouted(&known.text) && !is_shouted(text))
                    || words(&known.text) < words(text)
                {
                    known.text = text.trim().to_owned();
                }
                known
            }
            None => {
                self.all.push(Candidate {
                    text: text.trim().to_owned(),
                    letters,
                    ..Candidate::default()
                });
                let Some(new) = self.all.last_mut() else { return };
                new
            }
        };
        one.from |= place;
        if let Some(heading) = heading {
            one.marked |= heading.marked;
            one.linked |= heading.link.is_some();
            one.aside |= heading.aside;
            one.after = heading.after;
        }
    }
}

pub(super) fn is_shouted(text: &str) -> bool {
    text.chars().filter(|c| c.is_uppercase()).count() > 5 && !text.chars().any(char::is_lowercase)
}
