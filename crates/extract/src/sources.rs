//! The addresses that an `img` has: in its own attributes, in its `srcset`, in the `source` elements of its `picture`.

use crate::blocks::SOURCES;
use crate::tree::{NodeId, Tree};

/// How wide a picture is wanted: it fills a column of text on a fine screen, and is what outlets give to social media.
const WANTED_WIDTH: u32 = 1_200;

/// Attributes that hold addresses with widths.
const SETS: [&str; 3] = ["srcset", "data-srcset", "data-lazy-srcset"];

/// Most addresses of one picture that are looked at; sets of real pages have up to thirty.
const CANDIDATES_MAX: usize = 60;

/// Most `source` elements of one picture; each has a set for one kind of screen or file.
const ALTERNATIVES_MAX: usize = 12;

/// An address in a set, and how wide it says the picture is there.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Candidate<'a> {
    address: &'a str,
    width: Option<u32>,
}

/// The addresses in the picture's own attributes, those first that a script would put in the place of the first.
pub(crate) fn plain(tree: &Tree, image: NodeId) -> impl Iterator<Item = &str> {
    let (src, later) = SOURCES.split_first().map_or(("", SOURCES.as_slice()), |(a, b)| (*a, b));
    let attributes = later.iter().copied().chain(std::iter::once(src));
    attributes.filter_map(move |name| tree.attribute(image, name)).map(str::trim).filter(is_address)
}

/// All addresses of a picture.
pub(crate) fn all(tree: &Tree, image: NodeId) -> impl Iterator<Item = &str> {
    plain(tree, image).chain(listed(tree, image).map(|candidate| candidate.address))
}

/// The address of a picture that is nearest to the wanted width: of those with a width, else its own, else the last
/// of a set without widths, which is the finest.
pub(crate) fn best(tree: &Tree, image: NodeId) -> Option<&str> {
    let far = |candidate: &Candidate| candidate.width.map(|width| width.abs_diff(WANTED_WIDTH));
    let sized = listed(tree, image).filter(|candidate| candidate.width.is_some());
    let nearest = sized.min_by_key(|candidate| far(candidate).unwrap_or(u32::MAX));
    let own = || plain(tree, image).next();
    let last = || listed(tree, image).last().map(|candidate| candidate.address);
    nearest.map(|candidate| candidate.address).or_else(own).or_else(last)
}

/// The greatest width that is told of a picture in its sets.
pub(crate) fn widest(tree: &Tree, image: NodeId) -> Option<u32> {
    listed(tree, image).filter_map(|candidate| candidate.width).max()
}

/// What stands in the sets of a picture, its own first.
fn listed(tree: &Tree, image: NodeId) -> impl Iterator<Item = Candidate<'_>> {
    let around = tree.parent(image).filter(|parent| tree.name(*parent) == "picture");
    let sources = around.into_iter().flat_map(|picture| {
        tree.children(picture).filter(|id| tree.name(*id) == "source").take(ALTERNATIVES_MAX)
    });
    let elements = std::iter::once(image).chain(sources);
    let sets =
        elements.flat_map(move |id| SETS.iter().filter_map(move |set| tree.attribute(id, set)));
    sets.flat_map(|set| Set { rest: set }).take(CANDIDATES_MAX)
}

/// What is no picture is written in its place until a script runs.
fn is_address(source: &&str) -> bool {
    !source.is_empty() && !source.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"))
}

/// The candidates of a `srcset`: an address may have commas in it, but none at its end.
struct Set<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Set<'a> {
    type Item = Candidate<'a>;

    fn next(&mut self) -> Option<Candidate<'a>> {
        loop {
            let rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let (written, after) = rest.split_at(end);
            let address = written.trim_end_matches(',');
            if address.is_empty() {
                return None;
            }
            let (told, after) = match written.len() > address.len() {
                true => ("", after),
                false => after.split_once(',').unwrap_or((after, "")),
            };
            self.rest = after;
            if is_address(&address) {
                let width = told.trim().strip_suffix('w').and_then(|width| width.parse().ok());
                return Some(Candidate { address, width });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(markup: &str, expected: Option<&str>) {
        let tree = crate::tree::parse(markup);
        let image = tree.walk(crate::tree::ROOT).find(|id| tree.name(*id) == "img");
        assert_eq!(image.and_then(|image| best(&tree, image)), expected, "{markup}");
    }

    #[test]
    fn the_nearest_to_the_wanted_width_is_taken() {
        for (markup, expected) in [
            ("<img src=a.jpg>", "a.jpg"),
            ("<img src='data:image/gif;base64,R0' data-src=a.jpg>", "a.jpg"),
            ("<img src=/blank.gif data-src=a.jpg>", "a.jpg"),
            ("<img srcset='a.jpg 320w, b.jpg 1024w, c.jpg 2048w'>", "b.jpg"),
            ("<img src=s.jpg srcset='a.jpg 320w,b.jpg 1300w'>", "b.jpg"),
            ("<img data-srcset='a,w_300.jpg 300w, a,w_900.jpg 900w'>", "a,w_900.jpg"),
            ("<img srcset='a.jpg, b.jpg 2x'>", "b.jpg"),
            ("<img src=s.jpg srcset='s.jpg 1x, b.jpg 2x'>", "s.jpg"),
            (
                "<picture><source srcset='a.webp 640w, b.webp 1280w'><img src=s.jpg></picture>",
                "b.webp",
            ),
            ("<picture><source data-srcset=a.webp><img src='DATA:image/gif,'></picture>", "a.webp"),
            ("<img srcset='data:image/gif;base64,R0 1w, a.jpg 500w'>", "a.jpg"),
        ] {
            check(markup, Some(expected));
        }
        for markup in ["<img>", "<img src=''>", "<img srcset=' , '>", "<img src=é>é"] {
            check(markup, None.or(markup.contains('é').then_some("é")));
        }
    }
}
