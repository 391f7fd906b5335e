//! Pieces become the blocks of a body.

use std::cell::{Cell, RefCell};

use depeche_news::limits::text::LINK_BYTES_MAX;
use depeche_news::{Block, Embed, Image, Mark, Span, Table, Text};
use foldhash::HashMap;
use url::Url;

use crate::addresses;
use crate::blocks::{Kind, Piece, Stand, Standing, ends_sentence};
use crate::tree::{NodeId, Tree};
use crate::{captions, numbering, numbering::Numbers, set, tables};

/// Longest cell of a table; a longer one is a column of a page laid out as a table.
pub(crate) const CELL_SIZE_MAX: usize = 200;

/// What pieces are set by besides their text: the page they stand on, and what its addresses start from.
pub(crate) struct Setting<'a> {
    /// The page, where there is one.
    pub(crate) tree: Option<&'a Tree>,
    /// Where there is none, the addresses of links by their elements, in order.
    hrefs: &'a [(NodeId, String)],
    pub(crate) base: Option<&'a Url>,
    /// How many bytes of addresses may still be led to.
    left: Cell<usize>,
    /// The numbers of the lists that were counted: one list may be parted by other blocks many times.
    pub(crate) numbers: RefCell<HashMap<NodeId, Numbers>>,
}

impl<'a> Setting<'a> {
    /// That of a page.
    pub(crate) fn of_page(tree: &'a Tree, base: Option<&'a Url>) -> Self {
        Self { tree: Some(tree), ..Self::of_links(&[], base) }
    }

    /// That of a text with links, of which nothing else is known.
    pub(crate) fn of_links(hrefs: &'a [(NodeId, String)], base: Option<&'a Url>) -> Self {
        let (left, numbers) = (Cell::new(LINK_BYTES_MAX), RefCell::default());
        Self { tree: None, hrefs, base, left, numbers }
    }

    /// The same with so many bytes of addresses that may be led to.
    pub(crate) fn within(self, links: usize) -> Self {
        Self { left: Cell::new(links), ..self }
    }

    /// The text of a piece with its marks.
    pub(crate) fn text(&self, piece: Piece) -> Text {
        let spans = piece.standing.iter().rev().filter_map(|standing| {
            let Standing { start, end, stand, element } = *standing;
            let mark = match stand {
                Stand::Link => Mark::Link(self.link(element)?),
                Stand::Strong => Mark::Strong,
                Stand::Emphasis => Mark::Emphasis,
                Stand::Code => Mark::Code,
            };
            Some(Span { start, end, mark })
        });
        Text::new(piece.text, spans.collect())
    }

    /// Where a link leads: to a page or a mailbox elsewhere, not to a place on its own page.
    fn link(&self, element: NodeId) -> Option<String> {
        let of_tree = |tree: &'a Tree| tree.attribute(element, "href");
        let noted = || {
            let at = self.hrefs.binary_search_by_key(&element, |(id, _)| *id).ok()?;
            self.hrefs.get(at).map(|(_, href)| href.as_str())
        };
        let href = self.tree.map_or_else(noted, of_tree)?.trim();
        let scheme = href.split_once(':').filter(|(s, _)| s.eq_ignore_ascii_case("mailto"));
        let address = match scheme {
            // What a page would have written for its reader is left out.
            Some((_, box_of)) => format!("mailto:{}", box_of.split('?').next()?),
            None if href.is_empty() || href.starts_with('#') => return None,
            None => absolute(href, self.base)?,
        };
        let left = self.left.get().checked_sub(address.len())?;
        self.left.set(left);
        Some(address)
    }
}

/// The blocks of `pieces`; images are resolved against the base and left out where that gives no
/// http or https address.
pub(crate) fn blocks(pieces: Vec<Piece>, setting: &Setting) -> Vec<Block> {
    let mut blocks = Vec::with_capacity(pieces.len());
    let mut pieces = pieces.into_iter().peekable();
    while let Some(piece) = pieces.next() {
        match piece.kind {
            Kind::Image if piece.embed => {
                blocks.push(Block::Embed(Embed { address: piece.text, caption: piece.caption }))
            }
            Kind::Image => blocks.extend(image(piece, setting.base)),
            Kind::Heading(_) => blocks.push(Block::Subhead(setting.text(piece))),
            Kind::Quote => blocks.push(Block::Quote(setting.text(piece))),
            Kind::Entry => {
                let mut entries = vec![piece];
                let goes_on = |entries: &[Piece], next: &Piece| {
                    let ends = entries.first().zip(entries.last());
                    next.kind == Kind::Entry
                        && ends.is_some_and(|(first, last)| {
                            numbering::goes_on(setting.tree, first, last, next)
                        })
                };
                while let Some(next) = pieces.next_if(|next| goes_on(&entries, next)) {
                    entries.push(next);
                }
                blocks.push(Block::List(numbering::entries(entries, setting)));
            }
            Kind::Cell => {
                let group = piece.group;
                let mut cells = vec![piece];
                while let Some(next) =
                    pieces.next_if(|next| next.kind == Kind::Cell && next.group == group)
                {
                    cells.push(next);
                }
                table(cells, setting, &mut blocks);
            }
            Kind::Paragraph | Kind::Loose | Kind::Caption => {
                blocks.push(match piece.set.as_deref().and_then(set::lines) {
                    Some(lines) => Block::Preformatted(lines),
                    None => Block::Paragraph(setting.text(piece)),
                })
            }
        }
    }
    blocks
}

fn table(cells: Vec<Piece>, setting: &Setting, blocks: &mut Vec<Block>) {
    let sentences = cells.iter().filter(|cell| cell.size > 80 && ends_sentence(&cell.text)).count();
    let laid_out = sentences * 2 > cells.len()
        || cells.iter().any(|cell| cell.size > CELL_SIZE_MAX)
        || tables::is_of_paragraphs(&cells);
    if cells.len() == 1 || laid_out {
        blocks.extend(cells.into_iter().map(|cell| Block::Paragraph(setting.text(cell))));
        return;
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row: Option<NodeId> = None;
    for cell in cells {
        match rows.last_mut() {
            Some(last) if row == Some(cell.row) => last.push(cell.text),
            _ => rows.push(vec![cell.text]),
        }
        row = Some(cell.row);
    }
    blocks.push(Block::Table(Table { rows }));
}

fn image(piece: Piece, base: Option<&Url>) -> Option<Block> {
    let address = absolute(&piece.text, base)?;
    let (caption, credit) = piece.caption.as_deref().map(captions::split).unwrap_or_default();
    Some(Block::Image(Image { address, caption, credit }))
}

/// An absolute http or https address that a reader may be led to, or none.
pub(crate) fn absolute(address: &str, base: Option<&Url>) -> Option<String> {
    addresses::outward(address, base).map(String::from)
}
