//! Mends entries whose text was encoded twice («prÃ©fÃ¨te») in a document whose other text is right: a feed takes its
//! entries from several systems.

use depeche_news::Problem;
use depeche_text::mended;

use crate::{Document, Entry};

/// Parts two texts of an entry; no text that was cleaned has it.
const BETWEEN: char = '\u{1}';

/// What UTF-8 mostly begins with once it is read as Windows-1252: without one of these there is nothing to look for.
const SIGNS: [char; 10] = ['Ã', 'Â', 'â', 'Å', 'Ä', 'Î', 'Ð', 'Ñ', 'Ø', 'Ù'];

/// Mends what can be, each entry by itself, and tells it.
pub(crate) fn mend(document: &mut Document) {
    let entries = document.items.iter_mut().map(mended_entry).filter(|mended| *mended).count();
    if entries > 0 {
        document.problems.push(Problem::new("damaged_text", "encoded twice"));
    }
}

/// Whether all text of an entry was encoded twice; then it is not any more.
fn mended_entry(entry: &mut Entry) -> bool {
    let mut texts: Vec<&mut String> = texts(entry).collect();
    if !texts.iter().any(|text| text.contains(SIGNS)) {
        return false;
    }
    let all: Vec<&str> = texts.iter().map(|text| text.as_str()).collect();
    let Some(mended) = mended(&all.join(BETWEEN.encode_utf8(&mut [0; 4]))) else { return false };
    for (text, mended) in texts.iter_mut().zip(mended.split(BETWEEN)) {
        mended.clone_into(text);
    }
    true
}

/// What readers see of an entry.
fn texts(entry: &mut Entry) -> impl Iterator<Item = &mut String> {
    let Entry {
        title, summary, content, authors, keywords, byline, dateline, image_caption, ..
    } = entry;
    let fields = [title, summary, byline, dateline, image_caption].into_iter().flatten();
    fields
        .chain(content.iter_mut().map(|content| &mut content.value))
        .chain(authors.iter_mut().filter_map(|author| author.name.as_mut()))
        .chain(keywords.iter_mut().flat_map(|one| [&mut one.term, &mut one.label]).flatten())
}
