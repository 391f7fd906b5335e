//! One state of the index, opened so that a search only has to read.
//!
//! tantivy looks columns up by name and lists by field at every use; at a few microseconds a
//! search that would be most of it. A view is made once a commit and shared by all searches.

use std::sync::{Arc, OnceLock};

use depeche_news::Viewer;
use tantivy::{
    DocId, DocSet, InvertedIndexReader, Searcher, SegmentReader, TERMINATED, Term,
    columnar::{ColumnValues, StrColumn},
    fastfield::FastFieldReaders,
    fieldnorm::FieldNormReader,
    postings::TermInfo,
    schema::IndexRecordOption,
};

use crate::{
    paper::{FACETS, Fields, Texts},
    terms::{FAMILIES, Family, family_of},
};

/// How fast a word said again counts less (BM25 `k1`).
const SATURATION: f32 = 1.2;

/// How much a long document must repeat a word to be worth a short one (BM25 `b`).
const LENGTH_WEIGHT: f32 = 0.75;

/// Most names of a column that are kept in memory, a megabyte or so: a dictionary is read from the start of a block at every
/// look-up, and a search has thousands of them.
const NAMES_KEPT_MAX: usize = 1 << 16;

/// All segments of one commit.
pub(crate) struct View {
    pub(crate) searcher: Searcher,
    pub(crate) segments: Vec<Segment>,
    /// The numbers of the segments, those with the latest documents first.
    pub(crate) latest_first: Vec<usize>,
    pub(crate) fields: Fields,
    /// Documents, deleted ones that still lie in a segment among them: as list lengths count.
    pub(crate) documents: u64,
    /// The latest time of any document, the «now» of the mixed order.
    pub(crate) newest: i64,
    /// Whether any document has a headline.
    pub(crate) has_headlines: bool,
    /// Which families have stems here: in a French wire no other one is looked for.
    families: [bool; FAMILIES],
    saturations: [Saturation; 3],
}

/// One segment, all columns open.
pub(crate) struct Segment {
    pub(crate) reader: SegmentReader,
    texts: [Text; 3],
    pub(crate) item: [Arc<dyn ColumnValues<u64>>; 2],
    pub(crate) dispatch: [Arc<dyn ColumnValues<u64>>; 2],
    pub(crate) source: Arc<dyn ColumnValues<u64>>,
    pub(crate) private: Arc<dyn ColumnValues<bool>>,
    /// Whether any document here is for the administrator alone.
    pub(crate) has_private: bool,
    pub(crate) at: Arc<dyn ColumnValues<i64>>,
    pub(crate) external: Option<StrColumn>,
    pub(crate) urgency: Arc<dyn ColumnValues<u64>>,
    /// The columns that results are counted by, as [`FACETS`] has them.
    facets: [Option<StrColumn>; FACETS.len()],
    /// The names of those columns that have few, each read when it is first asked for.
    names: Arc<[OnceLock<ColumnNames>; FACETS.len()]>,
    /// The lists of what is said beside the texts.
    pub(crate) said: Arc<InvertedIndexReader>,
}

/// The lists of one text field.
pub(crate) struct Text {
    pub(crate) lists: Arc<InvertedIndexReader>,
    pub(crate) lengths: FieldNormReader,
}

impl View {
    /// The view of a commit; from the one `before` it takes what segments that are still there keep.
    pub(crate) fn new(
        searcher: Searcher,
        fields: Fields,
        before: Option<&Self>,
    ) -> tantivy::Result<Self> {
        let known = |reader: &SegmentReader| {
            let id = reader.segment_id();
            let known = before?.segments.iter().find(|known| known.reader.segment_id() == id)?;
            Some(Arc::clone(&known.names))
        };
        let segments = searcher
            .segment_readers()
            .iter()
            .map(|reader| Segment::new(reader, &fields, known(reader).unwrap_or_default()))
            .collect::<tantivy::Result<Vec<_>>>()?;
        let documents = segments.iter().map(|s| u64::from(s.reader.max_doc())).sum();
        let newest = segments.iter().map(|s| s.at.max_value()).max().unwrap_or_default();
        let saturations = [Texts::Forms, Texts::Stems, Texts::Headline]
            .map(|text| Saturation::new(&segments, measured(text), documents));
        let has_headlines = words(&segments, Texts::Headline) > 0;
        let families = families(&segments)?;
        let mut latest_first: Vec<usize> = (0..segments.len()).collect();
        let latest = |number: &usize| segments.get(*number).map_or(0, |s| s.at.max_value());
        latest_first.sort_by_key(|number| std::cmp::Reverse(latest(number)));
        Ok(Self {
            searcher,
            segments,
            latest_first,
            fields,
            documents,
            newest,
            has_headlines,
            families,
            saturations,
        })
    }

    pub(crate) fn term(&self, text: Texts, word: &str) -> Term {
        Term::from_field_text(self.fields.text(text), word)
    }

    /// What the counts of a word in documents of every length are worth.
    pub(crate) fn saturation(&self, text: Texts) -> &Saturation {
        let [forms, stems, headline] = &self.saturations;
        match text {
            Texts::Forms => forms,
            Texts::Stems => stems,
            Texts::Headline => headline,
        }
    }

    /// Where a word's lists lie, one place a segment, and how many documents hold it.
    pub(crate) fn look_up(
        &self,
        text: Texts,
        word: &str,
    ) -> tantivy::Result<(Vec<Option<TermInfo>>, u64)> {
        if text != Texts::Forms && !self.holds(family_of(word)) {
            return Ok((Vec::new(), 0));
        }
        let term = self.term(text, word);
        let mut documents = 0;
        let mut places = Vec::with_capacity(self.segments.len());
        for segment in &self.segments {
            let place = segment.text(text).lists.get_term_info(&term)?;
            documents += place.as_ref().map_or(0, |place| u64::from(place.doc_freq));
            places.push(place);
        }
        Ok((places, documents))
    }

    fn holds(&self, family: Family) -> bool {
        self.families.get(family.number()).copied().unwrap_or(true)
    }

    /// How rare a word is: 0 for one that all documents hold.
    pub(crate) fn rarity(&self, documents: u64) -> f32 {
        let (all, holding) = (self.documents as f32, documents.min(self.documents) as f32);
        (1.0 + (all - holding + 0.5) / (holding + 0.5)).ln()
    }
}

impl Segment {
    pub(crate) fn text(&self, text: Texts) -> &Text {
        let [forms, stems, headline] = &self.texts;
        match text {
            Texts::Forms => forms,
            Texts::Stems => stems,
            Texts::Headline => headline,
        }
    }

    /// Where the lists of the terms lie that begin so, at most `most` of them.
    pub(crate) fn beginning(
        &self,
        text: Texts,
        start: &str,
        most: usize,
    ) -> tantivy::Result<Vec<TermInfo>> {
        let lists = &self.text(text).lists;
        let mut terms = lists.terms().range().ge(start.as_bytes()).into_stream()?;
        let mut places = Vec::new();
        while places.len() < most && terms.advance() && terms.key().starts_with(start.as_bytes()) {
            places.push(terms.value().clone());
        }
        Ok(places)
    }

    /// Whether a viewer may see all documents.
    pub(crate) fn shows_all(&self, viewer: Viewer) -> bool {
        !self.reader.has_deletes() && (!self.has_private || viewer == Viewer::Administrator)
    }

    /// Whether a viewer may see a document.
    pub(crate) fn shows(&self, document: DocId, viewer: Viewer) -> bool {
        !self.reader.is_deleted(document)
            && (!self.has_private
                || viewer == Viewer::Administrator
                || !self.private.get_val(document))
    }

    /// Whether a viewer may see a document of a list.
    pub(crate) fn shows_one(
        &self,
        text: Texts,
        place: &TermInfo,
        viewer: Viewer,
    ) -> tantivy::Result<bool> {
        let lists = &self.text(text).lists;
        let mut list = lists.read_postings_from_terminfo(place, IndexRecordOption::Basic)?;
        let mut document = list.doc();
        while document != TERMINATED && !self.shows(document, viewer) {
            document = list.advance();
        }
        Ok(document != TERMINATED)
    }

    /// A column that results are counted by.
    pub(crate) fn facet(&self, facet: usize) -> Option<&StrColumn> {
        self.facets.get(facet)?.as_ref()
    }

    /// Tells the names of values that were counted, which are given by number, ascending.
    pub(crate) fn name(
        &self,
        facet: usize,
        counted: &[(u64, u32)],
        mut tell: impl FnMut(&str, u32),
    ) -> tantivy::Result<()> {
        let (Some(column), Some(kept)) = (self.facet(facet), self.names.get(facet)) else {
            return Ok(());
        };
        if column.num_terms() <= NAMES_KEPT_MAX {
            let names = match kept.get() {
                Some(names) => names,
                None => {
                    let names = ColumnNames::read(column)?;
                    kept.get_or_init(|| names)
                }
            };
            let named = counted.iter().filter_map(|(ord, n)| Some((names.get(*ord)?, n)));
            named.for_each(|(name, count)| tell(name, *count));
            return Ok(());
        }
        let ords: Vec<u64> = counted.iter().map(|(ord, _)| *ord).collect();
        let mut counts = counted.iter().map(|(_, count)| *count);
        let named = |name: &[u8]| {
            tell(&String::from_utf8_lossy(name), counts.next().unwrap_or_default());
        };
        let read = column.dictionary().sorted_ords_to_term_cb(&ords, named);
        read.map_err(tantivy::TantivyError::from)?;
        Ok(())
    }

    fn new(
        reader: &SegmentReader,
        fields: &Fields,
        names: Arc<[OnceLock<ColumnNames>; FACETS.len()]>,
    ) -> tantivy::Result<Self> {
        let columns = reader.fast_fields();
        let number = |name: &str| columns.u64(name).map(|column| column.first_or_default_col(0));
        let text = |text: Texts| {
            let field = fields.text(text);
            tantivy::Result::Ok(Text {
                lists: reader.inverted_index(field)?,
                lengths: reader.get_fieldnorms_reader(fields.text(measured(text)))?,
            })
        };
        let private = columns.bool("private")?.first_or_default_col(true);
        Ok(Self {
            has_private: private.max_value(),
            private,
            texts: [text(Texts::Forms)?, text(Texts::Stems)?, text(Texts::Headline)?],
            item: [number("item_high")?, number("item_low")?],
            dispatch: [number("dispatch_high")?, number("dispatch_low")?],
            source: number("source")?,
            at: columns.i64("at")?.first_or_default_col(0),
            external: columns.str("external")?,
            urgency: number("urgency")?,
            facets: facets(columns)?,
            names,
            said: reader.inverted_index(fields.said)?,
            reader: reader.clone(),
        })
    }
}

fn facets(columns: &FastFieldReaders) -> tantivy::Result<[Option<StrColumn>; FACETS.len()]> {
    let mut facets = [const { None }; FACETS.len()];
    for (facet, name) in facets.iter_mut().zip(FACETS) {
        *facet = columns.str(name)?;
    }
    Ok(facets)
}

/// All names of a column, by number.
struct ColumnNames {
    text: String,
    /// Where each ends in the text.
    ends: Vec<u32>,
}

impl ColumnNames {
    fn read(column: &StrColumn) -> tantivy::Result<Self> {
        let mut terms = column.dictionary().stream()?;
        let mut names = Self { text: String::new(), ends: Vec::with_capacity(column.num_terms()) };
        while terms.advance() {
            names.text.push_str(&String::from_utf8_lossy(terms.key()));
            names.ends.push(names.text.len() as u32);
        }
        Ok(names)
    }

    fn get(&self, ord: u64) -> Option<&str> {
        let at = usize::try_from(ord).ok()?;
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before));
        let (start, end) = (start.copied().unwrap_or_default(), *self.ends.get(at)?);
        self.text.get(start as usize..end as usize)
    }
}

/// The field whose length is that of a text: forms are as many as their stems, of which some are
/// not indexed again.
fn measured(text: Texts) -> Texts {
    if text == Texts::Forms { Texts::Stems } else { text }
}

/// How many words all documents have in a text field.
fn words(segments: &[Segment], text: Texts) -> u64 {
    segments.iter().map(|segment| segment.text(text).lists.total_num_tokens()).sum()
}

/// Which families any stem belongs to; unmarked ones are taken to be there.
fn families(segments: &[Segment]) -> tantivy::Result<[bool; FAMILIES]> {
    let mut families = [false; FAMILIES];
    for (family, held) in Family::all().zip(&mut families) {
        let Some(mark) = family.mark().bytes().next() else {
            *held = true;
            continue;
        };
        for segment in segments {
            let stems = segment.text(Texts::Stems).lists.terms().range();
            *held |= stems.ge([mark]).lt([mark + 1]).into_stream()?.advance();
        }
    }
    Ok(families)
}

/// What the count of a word in a document is worth, from 0 to 1, by the length of the document: the more of it there is in
/// a short text the better, and ever less is gained (BM25).
pub(crate) struct Saturation {
    /// What is added to a count, for each of the 256 lengths that the index tells apart.
    damping: [f32; 256],
    /// The worth of small counts, so that nearly none has to be divided.
    small: Box<[[f32; 256]; SMALL_COUNTS]>,
}

/// Counts whose worth is kept: a word stands more often in few texts.
const SMALL_COUNTS: usize = 6;

impl Saturation {
    fn new(segments: &[Segment], text: Texts, documents: u64) -> Self {
        let mean = (words(segments, text) as f32 / documents.max(1) as f32).max(1.0);
        let damping = std::array::from_fn(|length| {
            let words = FieldNormReader::id_to_fieldnorm(length as u8) as f32;
            SATURATION * (1.0 - LENGTH_WEIGHT + LENGTH_WEIGHT * words / mean)
        });
        let worth = |count: usize| damping.map(|damping| saturated(count as f32, damping));
        Self { damping, small: Box::new(std::array::from_fn(worth)) }
    }

    /// The worth of a count in a document of a length, as the index tells it.
    pub(crate) fn of(&self, count: u32, length: usize) -> f32 {
        match self.small.get(count as usize) {
            Some(worth) => worth.get(length).copied().unwrap_or_default(),
            None => saturated(count as f32, self.damping.get(length).copied().unwrap_or(1.0)),
        }
    }
}

fn saturated(count: f32, damping: f32) -> f32 {
    count / (count + damping)
}
