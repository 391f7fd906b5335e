//! What the model knows of a piece, in the words of people: its columns by what they are about.

use crate::Reason;
use crate::blocks::Piece;
use crate::trail::Stand;

/// What some columns together are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trait {
    Length,
    Language,
    Links,
    Form,
    Phrases,
    Repeats,
    Declared,
    Headline,
    Author,
    Vocabulary,
    Place,
    Elements,
    Names,
    Heading,
    Article,
    Container,
    Around,
    LinksAround,
    Company,
    Alike,
    Beside,
    Neighbours,
    Stretch,
    Rules,
    /// The first judgement, which stands for what moved it.
    First,
    /// A column that nobody gave words to.
    Other,
}

impl Trait {
    pub(crate) const ALL: [Self; 26] = [
        Self::Length,
        Self::Language,
        Self::Links,
        Self::Form,
        Self::Phrases,
        Self::Repeats,
        Self::Declared,
        Self::Headline,
        Self::Author,
        Self::Vocabulary,
        Self::Place,
        Self::Elements,
        Self::Names,
        Self::Heading,
        Self::Article,
        Self::Container,
        Self::Around,
        Self::LinksAround,
        Self::Company,
        Self::Alike,
        Self::Beside,
        Self::Neighbours,
        Self::Stretch,
        Self::Rules,
        Self::First,
        Self::Other,
    ];
}

/// What a column is about.
pub(crate) fn of_column(name: &str) -> Trait {
    match name {
        "size" | "words" | "content words" => Trait::Length,
        "letters a word" | "function words" | "capitals" | "digits" | "commas" | "stops"
        | "signs" | "quotes" | "starts" | "ends" | "sentence" | "odd signs" => Trait::Language,
        "link density" => Trait::Links,
        "stressed" | "kind" | "element" => Trait::Form,
        "opens tail" | "furniture line" | "notice" | "caption words" | "feed line"
        | "byline words" | "dated" | "cut" => Trait::Phrases,
        "repeats" | "better twin" => Trait::Repeats,
        "in declared body" | "declared standfirst" | "in standfirst" => Trait::Declared,
        "headline" | "headline words" => Trait::Headline,
        "author" => Trait::Author,
        "shared words" | "shared often" => Trait::Vocabulary,
        "place" | "from end" | "prose before" | "prose after" | "page pieces" | "page prose" => {
            Trait::Place
        }
        "hidden" | "depth" => Trait::Elements,
        _ if super::sheet::TELLING.contains(&name) => Trait::Elements,
        "wording" | "worst wording" | "best wording" | "wording a word" => Trait::Phrases,
        "names" | "own names" | "worst names" | "best names" => Trait::Names,
        "heading over"
        | "kind over"
        | "tail over"
        | "density over"
        | "size over"
        | "first headings since"
        | "tails since" => Trait::Heading,
        "articles"
        | "article prose"
        | "article of headline"
        | "shared with headline"
        | "since headline"
        | "prose since headline" => Trait::Article,
        "shared prose" | "shared with body" => Trait::Container,
        "by rules" => Trait::Rules,
        "called prose" | "called count" | "kin prose" | "kin share" | "kin count" => Trait::Alike,
        "sure" => Trait::First,
        "from first" | "from last" | "strong before" | "strong after" | "from stretch"
        | "doubts to stretch" | "stretch" | "sure before" | "sure after" | "sure in all" => {
            Trait::Stretch
        }
        "alike" | "alike size" | "alike density" | "alike prose" | "sure alike"
        | "sure share alike" => Trait::Alike,
        _ => of_family(name),
    }
}

/// What a column is about that is one of many: of elements, neighbours and containers.
fn of_family(name: &str) -> Trait {
    let begins = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    match name {
        _ if ends(&[" mark"]) => Trait::Names,
        _ if begins(&["in container", "in body"]) || begins(&["steps to ", "apart from "]) => {
            Trait::Container
        }
        _ if begins(&["sure in ", "share in "]) => Trait::Company,
        _ if begins(&["sure "]) => Trait::Neighbours,
        _ if ends(&[" before", " after"]) => Trait::Beside,
        _ if name.contains("before ") || name.contains("after ") => Trait::Beside,
        _ if begins(&["own ", "parent ", "second ", "third ", "fourth "]) => match name {
            _ if ends(&[" density"]) => Trait::LinksAround,
            _ => Trait::Around,
        },
        _ => Trait::Other,
    }
}

/// How much a trait moved the chance of a piece, in log odds: above zero towards the story.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Leaning {
    pub(crate) on: Trait,
    pub(crate) by: f32,
}

/// Size from which on a piece is called long, and below which short.
const LONG_SIZE_MIN: usize = 100;

/// The share of links from which on a piece is full of them.
const FULL_OF_LINKS: f32 = 0.3;

impl Leaning {
    /// In words, as far as these can be true of the piece.
    pub(crate) fn told(self, piece: &Piece, stand: Stand) -> Reason {
        let (word, [towards, away]) = self.on.words();
        let long = piece.size >= LONG_SIZE_MIN;
        let says = match (self.on, self.by > 0.0) {
            (Trait::Length, _) => {
                if long {
                    "long"
                } else {
                    "short"
                }
            }
            (Trait::Links, _) if piece.link_density() >= FULL_OF_LINKS => "full of links",
            (Trait::Links, _) if piece.linked > 0 => "few links in it",
            (Trait::Links, _) => "no link in it",
            (Trait::Stretch | Trait::Place, false) => match stand {
                Stand::Before => "before the start of the story",
                Stand::After => "after the end of the story",
                _ => away,
            },
            (_, true) => towards,
            (_, false) => away,
        };
        Reason { word, says, by: Some(self.by) }
    }
}

impl Trait {
    /// The stable word, and what is said where it speaks for a piece and where against it.
    fn words(self) -> (&'static str, [&'static str; 2]) {
        match self {
            Self::Length => ("length", ["long", "short"]),
            Self::Language => ("language", ["reads like a story", "reads like no story"]),
            Self::Links => ("links", ["no link in it", "full of links"]),
            Self::Form => ("form", ["set as a story's text is", "set as no story's text is"]),
            Self::Phrases => ("phrases", ["no words of furniture", "words of furniture"]),
            Self::Repeats => ("repeats", ["stands once", "stands elsewhere too"]),
            Self::Declared => {
                ("declared", ["no declared text speaks against it", "no declared text has it"])
            }
            Self::Headline => (
                "headline",
                ["its words are in the headline", "the headline, or none of its words"],
            ),
            Self::Author => ("author", ["names no author", "names the author"]),
            Self::Vocabulary => {
                ("vocabulary", ["shares words with the story", "shares few words with the story"])
            }
            Self::Place => ("place", ["stands where stories stand", "stands where stories do not"]),
            Self::Elements => {
                ("elements", ["in no element for furniture", "in an element for furniture"])
            }
            Self::Names => (
                "names",
                [
                    "in an element named like others that hold stories",
                    "in an element named like others that hold furniture",
                ],
            ),
            Self::Heading => {
                ("heading", ["under a heading of the story", "under no heading of the story"])
            }
            Self::Article => ("article", ["together with the headline", "apart from the headline"]),
            Self::Container => (
                "container",
                ["in the element with most text", "outside the element with most text"],
            ),
            Self::Around => {
                ("around", ["in elements full of text", "in elements with little text"])
            }
            Self::LinksAround => ("links_around", ["few links around it", "links all around it"]),
            Self::Company => (
                "company",
                ["in elements that hold the story", "in elements that hold little of the story"],
            ),
            Self::Alike => {
                ("alike", ["made like the story's paragraphs", "made like what is no story"])
            }
            Self::Beside => ("beside", ["between sentences", "between short lines and links"]),
            Self::Neighbours => {
                ("neighbours", ["among the story's text", "among what is no story"])
            }
            Self::Stretch => ("stretch", ["in the stretch of the story", "apart from the story"]),
            Self::Rules => ("rules", ["the rules keep it too", "the rules leave it out too"]),
            Self::First | Self::Other => {
                ("other", ["other signs for it", "other signs against it"])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every column has words; one that is new needs a line in `of_column`.
    #[test]
    fn each_column_is_about_something() {
        let columns = [crate::study::columns(), crate::study::context_names()].concat();
        let unsaid: Vec<_> =
            columns.iter().filter(|name| of_column(name) == Trait::Other).collect();
        assert_eq!(unsaid, Vec::<&&str>::new());
        for on in Trait::ALL {
            let named = columns.iter().any(|name| of_column(name) == on);
            assert_eq!(named, on != Trait::Other, "{on:?}");
        }
    }

    #[test]
    fn columns_of_a_family_are_about_the_same() {
        for (name, on) in [
            ("second before density", Trait::Beside),
            ("before kind", Trait::Beside),
            ("ten after", Trait::Beside),
            ("sure fourth after", Trait::Neighbours),
            ("second density", Trait::LinksAround),
            ("second prose", Trait::Around),
            ("sure in parent", Trait::Company),
            ("strong before", Trait::Stretch),
            ("prose before", Trait::Place),
            ("aside", Trait::Elements),
            ("comment mark", Trait::Names),
            ("apart from body", Trait::Container),
        ] {
            assert_eq!(of_column(name), on, "{name}");
        }
    }
}
