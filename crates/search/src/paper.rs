//! What is indexed of an item, and how it lies in the index.

use depeche_news::{DispatchId, ItemId, SourceId, content_digest, jiff::Timestamp};
use tantivy::{
    TantivyDocument, Term,
    schema::{FAST, Field, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions},
};

use crate::typesetter::{GALLEY, Set};

/// Raised whenever the same text would give other terms: an index made by another version of the
/// analysis is built anew.
const ANALYSIS_VERSION: u32 = 5;

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
    /// What is said of it beside its text.
    pub about: About,
    /// The time the wire sorts it by.
    pub at: Timestamp,
    /// The wire entry that this was read at.
    pub seq: u64,
}

/// What is said of an article beside its text: what results are counted and narrowed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The agency that is credited (`AFP`).
    pub agency: Option<String>,
    /// The outlet's section.
    pub section: Option<String>,
    /// What kind of text it is, in a word (`interview`, `direct`).
    pub kind: Option<String>,
    /// Places it is from or about.
    pub places: Vec<String>,
    /// Persons it is about.
    pub persons: Vec<String>,
    /// The provider's urgency, 1 to 9.
    pub urgency: Option<u8>,
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

/// Longest name of a section, an agency or a kind that results are counted by, in bytes; what is longer is no name.
const NAME_BYTES_MAX: usize = 80;

/// Most places, and most persons, of one item that it is found and counted by.
pub(crate) const NAMES_MAX: usize = 16;

/// A language without what comes after its first part.
pub(crate) fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag)
}

/// The fields of the index.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    /// The item's identity, to delete by.
    pub(crate) item: Field,
    /// Forms as written, stems, stems of the headline: see [`Texts`].
    texts: [Field; 3],
    /// Words of what is said beside the text, each marked with what it says.
    pub(crate) said: Field,
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
    urgency: Field,
    facets: [Field; 6],
}

/// Columns that results are counted by, in the order of [`crate::Facets`].
pub(crate) const FACETS: [&str; 6] = ["agency", "language", "section", "kind", "place", "person"];

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
            urgency: schema.add_u64_field("urgency", FAST),
            facets: FACETS
                .map(|name| schema.add_text_field(name, TextOptions::default().set_fast("raw"))),
        };
        let said = schema.add_text_field("said", words(IndexRecordOption::Basic, false));
        Self { schema: schema.build(), item, texts, said, columns }
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

    /// A paper as the index takes it, with its analysed words.
    pub(crate) fn document(&self, paper: &Paper, set: Set) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        let [forms, stems, headline] = self.texts;
        document.add_text(forms, set.forms);
        document.add_text(stems, set.stems);
        document.add_text(headline, set.headline);
        document.add_text(self.said, set.said);
        self.add_columns(paper, &mut document);
        self.add_facets(paper, &mut document);
        document
    }

    fn add_facets(&self, paper: &Paper, document: &mut TantivyDocument) {
        let about = &paper.about;
        let columns = &self.columns;
        if let Some(urgency) = about.urgency {
            document.add_u64(columns.urgency, u64::from(urgency));
        }
        let language = paper.language.as_deref().map(primary);
        let [agency, language_field, section, kind, place, person] = columns.facets;
        let one = [
            (agency, about.agency.as_deref()),
            (language_field, language),
            (section, about.section.as_deref()),
            (kind, about.kind.as_deref()),
        ];
        let one = one.into_iter().filter_map(|(field, name)| Some((field, name?)));
        let places = about.places.iter().take(NAMES_MAX).map(|name| (place, name.as_str()));
        let persons = about.persons.iter().take(NAMES_MAX).map(|name| (person, name.as_str()));
        let all = one.chain(places).chain(persons);
        let is_name = |name: &str| !name.is_empty() && name.len() <= NAME_BYTES_MAX;
        for (field, name) in all.filter(|(_, name)| is_name(name)) {
            document.add_text(field, name);
        }
    }

    /// Adds what is known of a paper beside its text.
    fn add_columns(&self, paper: &Paper, document: &mut TantivyDocument) {
        let columns = &self.columns;
        document.add_text(self.item, paper.item.as_str());
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

    /// The digits of `high`, as they are written.
    pub(crate) fn start(self) -> String {
        format!("{:016x}", self.high)
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
    fn an_identity_survives_its_columns() {
        let source = SourceId::of_address("https://a.example/");
        assert_eq!(Digits::of(source.as_str()).text(), source.as_str());
        assert_eq!(Digits::of("00000000000000000001").text(), "00000000000000000001");
    }
}
