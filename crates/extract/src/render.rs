//! Pieces become the blocks of a body.

use depeche_news::limits::extract::ADDRESS_BYTES_MAX;
use depeche_news::{Block, Embed, Image, Table};
use url::Url;

use crate::blocks::{Kind, Piece, ends_sentence};
use crate::captions;
use crate::tables;
use crate::tree::NodeId;

/// Longest cell of a table; a longer one is a column of a page laid out as a table.
pub(crate) const CELL_SIZE_MAX: usize = 200;

/// The blocks of `pieces`; images are resolved against `base` and left out where that gives no
/// http or https address.
pub(crate) fn blocks(pieces: Vec<Piece>, base: Option<&Url>) -> Vec<Block> {
    let mut blocks = Vec::with_capacity(pieces.len());
    let mut pieces = pieces.into_iter().peekable();
    while let Some(piece) = pieces.next() {
        match piece.kind {
            Kind::Image if piece.embed => {
                blocks.push(Block::Embed(Embed { address: piece.text, caption: piece.caption }))
            }
            Kind::Image => blocks.extend(image(piece, base)),
            Kind::Heading(_) => blocks.push(Block::Subhead(piece.text)),
            Kind::Quote => blocks.push(Block::Quote(piece.text)),
            Kind::Entry => {
                let group = piece.group;
                let mut entries = vec![piece.text];
                while let Some(next) =
                    pieces.next_if(|next| next.kind == Kind::Entry && next.group == group)
                {
                    entries.push(next.text);
                }
                blocks.push(Block::List(entries));
            }
            Kind::Cell => {
                let group = piece.group;
                let mut cells = vec![piece];
                while let Some(next) =
                    pieces.next_if(|next| next.kind == Kind::Cell && next.group == group)
                {
                    cells.push(next);
                }
                table(cells, &mut blocks);
            }
            Kind::Paragraph | Kind::Loose | Kind::Caption => {
                blocks.push(Block::Paragraph(piece.text))
            }
        }
    }
    blocks
}

fn table(cells: Vec<Piece>, blocks: &mut Vec<Block>) {
    let sentences = cells.iter().filter(|cell| cell.size > 80 && ends_sentence(&cell.text)).count();
    let laid_out = sentences * 2 > cells.len()
        || cells.iter().any(|cell| cell.size > CELL_SIZE_MAX)
        || tables::is_of_paragraphs(&cells);
    if cells.len() == 1 || laid_out {
        blocks.extend(cells.into_iter().map(|cell| Block::Paragraph(cell.text)));
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

/// An absolute http or https address, or none; none that is longer than any in use.
pub(crate) fn absolute(address: &str, base: Option<&Url>) -> Option<String> {
    let url = match base {
        Some(base) => base.join(address.trim()),
        None => Url::parse(address.trim()),
    };
    url.ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .map(String::from)
        .filter(|address| address.len() <= ADDRESS_BYTES_MAX)
}
