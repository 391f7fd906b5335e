//! Sets the text of a paper into the words that are indexed.

use tantivy::{
    TantivyDocument,
    tokenizer::{Token, TokenStream, Tokenizer},
};

use crate::{
    paper::{Fields, Paper, Texts},
    terms::{Family, Stems, is_form, is_stop},
    words::Words,
};

/// Words between two parts of an article: no phrase reaches over this gap.
const PART_GAP: usize = 16;

/// Most words indexed of one item. The longest pieces of the press have 20,000; what is longer is
/// a table or a file that went astray, and must not fill the memory of the writer.
const WORDS_MAX: usize = 50_000;

/// Makes index documents out of papers.
pub(crate) struct Typesetter {
    fields: Fields,
    french: Stems,
    english: Stems,
    other: Stems,
}

impl Typesetter {
    pub(crate) fn new(fields: Fields) -> Self {
        Self {
            fields,
            french: Stems::new(Family::French),
            english: Stems::new(Family::English),
            other: Stems::new(Family::Other),
        }
    }

    pub(crate) fn document(&mut self, paper: &Paper) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        self.add_texts(paper, &mut document);
        self.fields.add_columns(paper, &mut document);
        document
    }

    fn add_texts(&mut self, paper: &Paper, document: &mut TantivyDocument) {
        let stems = match Family::of(paper.language.as_deref()) {
            Family::French => &mut self.french,
            Family::English => &mut self.english,
            Family::Other => &mut self.other,
        };
        let mut galley = Galley::default();
        galley.set(&paper.headline, stems);
        let headline = galley.stems.clone();
        for part in [&paper.credit, &paper.standfirst, &paper.byline, &paper.body] {
            galley.set(part, stems);
        }
        document.add_text(self.fields.text(Texts::Forms), galley.forms);
        document.add_text(self.fields.text(Texts::Stems), galley.stems);
        document.add_text(self.fields.text(Texts::Headline), headline);
    }
}

/// The words of one document, set twice. A word ends with a space; among the stems, whose places
/// are kept, a space more stands for a stop word or for a place in the gap between two parts.
#[derive(Default)]
struct Galley {
    forms: String,
    stems: String,
    words: usize,
}

/// The name of [`GalleyTokenizer`] in the schema.
pub(crate) const GALLEY: &str = "galley";

impl Galley {
    fn set(&mut self, text: &str, stems: &mut Stems) {
        let (mut words, mut form) = (Words::new(text), String::new());
        while self.words < WORDS_MAX && words.next(&mut form).is_some() {
            self.words += 1;
            if !is_stop(&form) {
                let stem = stems.stem(&form);
                if !is_form(stem, &form) {
                    self.forms.push_str(&form);
                    self.forms.push(' ');
                }
                self.stems.push_str(stem);
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
        galley.set("L'Otan et les coalitions", &mut Stems::new(Family::French));
        let mut tokenizer = GalleyTokenizer::default();
        let mut stream = tokenizer.token_stream(&galley.stems);
        let mut found = Vec::new();
        while stream.advance() {
            found.push((stream.token().position, stream.token().text.clone()));
        }
        assert_eq!(found, [(0, "otan".to_owned()), (3, "coalit".to_owned())]);
        assert_eq!(galley.forms, "coalitions ");
    }
}
