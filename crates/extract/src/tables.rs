//! A table is kept whole: a figure by itself says too little to be judged.

use crate::blocks::{Kind, Piece, ends_sentence};
use crate::render::CELL_SIZE_MAX;
use crate::tree::{NodeId, ROOT};

/// Takes in the whole of each table of figures of which something was kept, or that stands between two kept pieces.
pub(crate) fn whole(pieces: &[Piece], inside: &mut [bool]) {
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        let cells = pieces.iter().skip(at).take_while(|next| is_cell(next, piece.group)).count();
        let end = at + cells.max(1);
        let kept = |at: usize| inside.get(at).copied().unwrap_or(false);
        let between = at > 0 && kept(at - 1) && kept(end);
        if (between || (at..end).any(kept))
            && is_of_figures(pieces.get(at..end).unwrap_or_default())
        {
            inside.iter_mut().skip(at).take(cells).for_each(|inside| *inside = true);
        }
        at = end;
    }
}

fn is_cell(piece: &Piece, group: NodeId) -> bool {
    piece.kind == Kind::Cell && piece.group == group && group != ROOT
}

/// Fewest cells of a table.
const CELLS_MIN: usize = 4;

/// Whether cells are those of a table rather than the columns of a page: short, in rows, few of them sentences or links.
fn is_of_figures(cells: &[Piece]) -> bool {
    let rows = cells.chunk_by(|a, b| a.row == b.row).count();
    let sentences = cells.iter().filter(|cell| cell.size > 80 && ends_sentence(&cell.text)).count();
    let (all, linked) =
        cells.iter().fold((0, 0), |(all, linked), cell| (all + cell.size, linked + cell.linked));
    cells.len() >= CELLS_MIN
        && rows >= 2
        && rows < cells.len()
        && sentences * 4 < cells.len()
        && linked * 3 < all
        && cells.iter().all(|cell| cell.size <= CELL_SIZE_MAX)
}
