//! Sets the text of a paper into the words that are indexed.

use std::ops::Range;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::{
    about::said,
    joins::{Joiner, Pairs, inner_pairs, joined_term},
    paper::Paper,
    script::is_han,
    terms::{FAMILIES, Family, Stems, is_form, is_stop},
    words::Words,
};

/// Words between two parts of an article: no phrase reaches over this gap.
const PART_GAP: usize = 16;

/// Most words indexed of one item. The longest pieces of the press have 20,000; what is longer is
/// a table or a file that went astray, and must not fill the memory of the writer.
const WORDS_MAX: usize = 50_000;

/// Analyses papers.
#[derive(Default)]
pub(crate) struct Typesetter {
    /// The memory of each language that was met.
    stems: [Option<Stems>; FAMILIES],
}

/// The analysed words of a paper, a galley a field.
pub(crate) struct Set {
    pub(crate) forms: String,
    pub(crate) stems: String,
    pub(crate) headline: String,
    pub(crate) said: String,
}

impl Typesetter {
    pub(crate) fn set(&mut self, paper: &Paper) -> Set {
        let Galley { forms, stems, headline, .. } = self.galley(paper);
        Set { forms, stems, headline, said: said(paper) }
    }

    fn galley(&mut self, paper: &Paper) -> Galley {
        let family = Family::of(paper.language.as_deref());
        let mut galley = Galley::default();
        if let Some(stems) = self.stems.get_mut(family.number()) {
            let stems = stems.get_or_insert_with(|| Stems::new(family));
            galley.set(&paper.headline, stems);
            galley.headline = galley.stems.clone();
            for part in [&paper.credit, &paper.standfirst, &paper.byline, &paper.body] {
                galley.set(part, stems);
            }
        }
        galley
    }
}

/// The words of one document, set twice. A word ends with a space; among the stems, whose places
/// are kept, a space more stands for a stop word or for a place in the gap between two parts.
#[derive(Default)]
struct Galley {
    forms: String,
    stems: String,
    headline: String,
    words: usize,
}

/// Whether a word begins with a capital. A French name with a hyphen (Jean-Luc, Champs-Élysées) is
/// never written as one word, and a quarter of all hyphens stands in one.
fn begins_big(text: &str, place: &Range<usize>) -> bool {
    text.get(place.clone()).is_some_and(|word| word.starts_with(char::is_uppercase))
}

/// The name of [`GalleyTokenizer`] in the schema.
pub(crate) const GALLEY: &str = "galley";

impl Galley {
    fn set(&mut self, text: &str, stems: &mut Stems) {
        let (mut words, mut form) = (Words::new(text), String::new());
        let (mut joiner, mut pairs) = (Joiner::default(), Pairs::default());
        while self.words < WORDS_MAX
            && let Some(place) = words.next(&mut form)
        {
            self.words += 1;
            let is_stop = is_stop(&form);
            if !is_stop {
                let stem = stems.stem(&form, text.get(place.clone()).unwrap_or_default());
                if !is_form(stem, &form) {
                    self.forms.push_str(&form);
                    self.forms.push(' ');
                }
                self.stems.push_str(stem);
            }
            if let Some((_, joined)) = joiner.next(text, &place, &form, is_stop)
                && !(stems.is_french() && begins_big(text, &place))
            {
                self.forms.push_str(&joined_term(joined));
                self.forms.push(' ');
            }
            if form.starts_with(is_han) {
                let crossing = pairs.crossing(&place, &form);
                for [first, second] in crossing.into_iter().chain(inner_pairs(&form)) {
                    self.forms.extend([first, second, ' ']);
                }
            }
            self.skip(1);
        }
        self.skip(PART_GAP);
    }

    fn skip(&mut self, places: usize) {
        for _ in 0..places {
            self.stems.push(' ');
        }
    }
}

/// Takes a galley apart again. tantivy wants a text and a tokenizer; but both fields come from one
/// pass over the article, and the stemmer has to know its language.
#[derive(Clone, Default)]
pub(crate) struct GalleyTokenizer {
    token: Token,
}

/// The words of one galley.
pub(crate) struct GalleyStream<'a> {
    rest: &'a str,
    token: &'a mut Token,
}

impl Tokenizer for GalleyTokenizer {
    type TokenStream<'a> = GalleyStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> GalleyStream<'a> {
        self.token.reset();
        GalleyStream { rest: text, token: &mut self.token }
    }
}

impl TokenStream for GalleyStream<'_> {
    fn advance(&mut self) -> bool {
        // Words are short: looking for a space byte by byte is quicker than any search of the library.
        while let Some(end) = self.rest.bytes().position(|byte| byte == b' ') {
            let (word, rest) = self.rest.split_at(end);
            self.rest = rest.get(1..).unwrap_or_default();
            self.token.position = self.token.position.wrapping_add(1);
            if !word.is_empty() {
                self.token.text.clear();
                self.token.text.push_str(word);
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_galley_keeps_words_and_places() {
        let mut galley = Galley::default();
        galley.set("L'Otan et les porte-avions", &mut Stems::new(Family::French));
        let mut tokenizer = GalleyTokenizer::default();
        let mut stream = tokenizer.token_stream(&galley.stems);
        let mut found = Vec::new();
        while stream.advance() {
            found.push((stream.token().position, stream.token().text.clone()));
        }
        let expected = [(0, "otan"), (3, "port"), (4, "avion")];
        assert_eq!(found, expected.map(|(place, stem)| (place, stem.to_owned())));
        assert_eq!(galley.forms, "porte avions -porteavion ");
    }

    #[test]
    fn pairs_of_characters_are_forms() {
        let mut galley = Galley::default();
        galley.set("会见了法国总统。大学生", &mut Stems::new(Family::Chinese));
        assert_eq!(galley.stems.trim_end(), "Z会见 Z了法 Z国 Z总统 Z大学生");
        assert_eq!(galley.forms, "见了 法国 国总 大学 学生 ");
    }
}
