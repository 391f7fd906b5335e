//! What is indexed of an item, and how it lies in the index.

use depeche_news::{DispatchId, ItemId, SourceId, content_digest, jiff::Timestamp};
use tantivy::{
    TantivyDocument, Term,
    schema::{FAST, Field, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions},
    tokenizer::{Token, TokenStream, Tokenizer},
};

use crate::{
    terms::{Family, Stems, is_form, is_stop},
    words::Words,
};

/// Raised whenever the same text would give other terms: an index made by another version of the
/// analysis is built anew.
const ANALYSIS_VERSION: u32 = 2;

/// Words between two parts of an article: no phrase reaches over this gap.
const PART_GAP: usize = 16;

/// Most words indexed of one item. The longest pieces of the press have 20,000; what is longer is
/// a table or a file that went astray, and must not fill the memory of the writer.
const WORDS_MAX: usize = 50_000;

/// One item as it is searched; its body is read and not kept.
#[derive(Clone, Debug)]
pub struct Paper {
    /// Which item.
    pub item: ItemId,
    /// The id that an imported article line carried.
    pub external: Option<String>,
    /// The dispatch it belongs to.
    pub dispatch: DispatchId,
    /// Where it came from.
    pub source: SourceId,
    /// Whether only the administrator may find it.
    pub private: bool,
    /// The headline; a word of it counts more than one of the body.
    pub headline: String,
    /// Who is credited in the headline's brackets.
    pub credit: String,
    /// The standfirst.
    pub standfirst: String,
    /// The authors.
    pub byline: String,
    /// The body as text.
    pub body: String,
    /// Its language, BCP 47.
    pub language: Option<String>,
    /// The time the wire sorts it by.
    pub at: Timestamp,
    /// The wire entry that this was read at.
    pub seq: u64,
}

/// One thing to do to the index.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly every change is the large one")]
pub enum Change {
    /// Index this item, in the place of what was there of it.
    Put(Paper),
    /// Forget this item.
    Delete(ItemId),
}

/// The fields of the index.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    /// The item's identity, to delete by.
    pub(crate) item: Field,
    /// Forms as written, stems, stems of the headline: see [`Texts`].
    texts: [Field; 3],
    columns: Columns,
}

/// Which text field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Texts {
    /// Every word as it was written, folded, unless that is its stem.
    Forms,
    /// Every word's stem, with its place.
    Stems,
    /// Stems of the headline alone.
    Headline,
}

#[derive(Clone, Debug)]
struct Columns {
    item: [Field; 2],
    dispatch: [Field; 2],
    source: Field,
    private: Field,
    at: Field,
    seq: Field,
    external: Field,
}

impl Fields {
    pub(crate) fn new() -> Self {
        let mut schema = Schema::builder();
        let words = |option, measured| {
            let indexing = TextFieldIndexing::default().set_tokenizer(GALLEY);
            let indexing = indexing.set_index_option(option).set_fieldnorms(measured);
            TextOptions::default().set_indexing_options(indexing)
        };
        let item = schema.add_text_field("item", STRING);
        let texts = [
            schema.add_text_field("forms", words(IndexRecordOption::WithFreqs, false)),
            schema.add_text_field("stems", words(IndexRecordOption::WithFreqsAndPositions, true)),
            schema.add_text_field("headline", words(IndexRecordOption::WithFreqs, true)),
        ];
        let columns = Columns {
            item: [schema.add_u64_field("item_high", FAST), schema.add_u64_field("item_low", FAST)],
            dispatch: [
                schema.add_u64_field("dispatch_high", FAST),
                schema.add_u64_field("dispatch_low", FAST),
            ],
            source: schema.add_u64_field("source", FAST),
            private: schema.add_bool_field("private", FAST),
            at: schema.add_i64_field("at", FAST),
            seq: schema.add_u64_field("seq", FAST),
            external: schema.add_text_field("external", TextOptions::default().set_fast("raw")),
        };
        Self { schema: schema.build(), item, texts, columns }
    }

    pub(crate) fn text(&self, text: Texts) -> Field {
        let [forms, stems, headline] = self.texts;
        match text {
            Texts::Forms => forms,
            Texts::Stems => stems,
            Texts::Headline => headline,
        }
    }

    /// Names this schema and this analysis; another one has another name.
    pub(crate) fn digest(&self) -> String {
        let schema = serde_json::to_string(&self.schema).unwrap_or_default();
        let digest = content_digest(&[&schema, &ANALYSIS_VERSION.to_string()]);
        digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The term that deletes an item.
    pub(crate) fn item_term(&self, item: &ItemId) -> Term {
        Term::from_field_text(self.item, item.as_str())
    }
}

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
        self.add_columns(paper, &mut document);
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
        let [forms_field, stems_field, headline_field] = self.fields.texts;
        document.add_text(forms_field, galley.forms);
        document.add_text(stems_field, galley.stems);
        document.add_text(headline_field, headline);
    }

    fn add_columns(&self, paper: &Paper, document: &mut TantivyDocument) {
        let columns = &self.fields.columns;
        document.add_text(self.fields.item, paper.item.as_str());
        for (fields, id) in [
            (columns.item, Digits::of(paper.item.as_str())),
            (columns.dispatch, Digits::of(paper.dispatch.as_str())),
        ] {
            document.add_u64(fields[0], id.high);
            document.add_u64(fields[1], id.low);
        }
        document.add_u64(columns.source, Digits::of(paper.source.as_str()).high);
        document.add_bool(columns.private, paper.private);
        document.add_i64(columns.at, paper.at.as_microsecond());
        document.add_u64(columns.seq, paper.seq);
        if let Some(external) = &paper.external {
            document.add_text(columns.external, external);
        }
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

/// An identity's 80 bits as two numbers, the way columns keep them: a tenth of the time that a
/// dictionary of strings takes to give back a page of hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digits {
    pub(crate) high: u64,
    pub(crate) low: u64,
}

/// Hexadecimal digits of an identity that `high` holds.
const HIGH_DIGITS: usize = 16;

impl Digits {
    pub(crate) fn of(id: &str) -> Self {
        let (high, low) = id.split_at(id.floor_char_boundary(HIGH_DIGITS));
        let number = |digits| u64::from_str_radix(digits, 16).unwrap_or_default();
        Self { high: number(high), low: number(low) }
    }

    /// The identity as it is written.
    pub(crate) fn text(self) -> String {
        let digit = |number: u64, shift: u32| {
            char::from_digit(((number >> shift) & 15) as u32, 16).unwrap_or('0')
        };
        let high = (0..16).rev().map(|n| digit(self.high, n * 4));
        let low = (0..4).rev().map(|n| digit(self.low, n * 4));
        let mut text = String::with_capacity(20);
        text.extend(high.chain(low));
        text
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

    #[test]
    fn an_identity_survives_its_columns() {
        let source = SourceId::of_address("https://a.example/");
        assert_eq!(Digits::of(source.as_str()).text(), source.as_str());
        assert_eq!(Digits::of("00000000000000000001").text(), "00000000000000000001");
    }
}
