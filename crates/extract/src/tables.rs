//! A table is kept whole: a figure by itself says too little to be judged.

use crate::blocks::{Kind, Page, Piece, ends_sentence};
use crate::render::CELL_SIZE_MAX;
use crate::shown;
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

/// Tables after a story that are taken in: votes by place, then in all.
const AFTER_MAX: usize = 8;

/// Takes in the tables of figures that stand right after the story's last text, in its own element: results, votes, budgets.
pub(crate) fn after(page: &Page, pieces: &[Piece], inside: &mut [bool]) {
    for _ in 0..AFTER_MAX {
        let text = |piece: &Piece, inside: &bool| *inside && piece.kind != Kind::Image;
        let last =
            pieces.iter().zip(inside.iter()).rposition(|(piece, inside)| text(piece, inside));
        let Some((start, end)) = last.and_then(|last| next(pieces, last + 1)) else { return };
        let cells = pieces.get(start..end).unwrap_or_default();
        let group = cells.first().map_or(ROOT, |cell| cell.group);
        if !tells_figures(cells) || !shown::is_own(page, pieces, inside, group) {
            return;
        }
        inside.iter_mut().take(end).skip(start).for_each(|inside| *inside = true);
    }
}

/// Where the next table's cells begin and end, if only a picture, a caption or a heading stands before them.
fn next(pieces: &[Piece], from: usize) -> Option<(usize, usize)> {
    let stands_over =
        |piece: &&Piece| matches!(piece.kind, Kind::Image | Kind::Caption | Kind::Heading(_));
    let over = pieces.iter().skip(from).take_while(stands_over).count();
    let start = from + over;
    let group = pieces.get(start)?.group;
    let cells = pieces.iter().skip(start).take_while(|piece| is_cell(piece, group)).count();
    (over <= OVER_MAX && cells > 0).then_some((start, start + cells))
}

/// Most pieces between a story's last text and its table.
const OVER_MAX: usize = 3;

/// Whether a table has figures in two or more of its rows, and leads nowhere.
fn tells_figures(cells: &[Piece]) -> bool {
    let rows = cells.chunk_by(|a, b| a.row == b.row);
    let digits = |cell: &Piece| cell.text.chars().any(|c| c.is_numeric());
    rows.filter(|row| row.iter().any(digits)).count() >= 2
        && cells.iter().all(|cell| cell.linked == 0)
        && is_of_figures(cells)
}

fn is_cell(piece: &Piece, group: NodeId) -> bool {
    piece.kind == Kind::Cell && piece.group == group && group != ROOT
}

/// Fewest cells of a table.
const CELLS_MIN: usize = 4;

/// What most cells of a table with links in it are no longer than.
const SHORT_SIZE_MAX: usize = 60;

/// Whether cells are those of a table rather than the columns of a page: short, in a regular grid, few of them sentences
/// or links.
fn is_of_figures(cells: &[Piece]) -> bool {
    let sentences = cells.iter().filter(|cell| cell.size > 80 && ends_sentence(&cell.text)).count();
    let short = cells.iter().filter(|cell| cell.size <= SHORT_SIZE_MAX).count();
    let (all, linked) =
        cells.iter().fold((0, 0), |(all, linked), cell| (all + cell.size, linked + cell.linked));
    cells.len() >= CELLS_MIN
        && is_grid(cells)
        && sentences * 4 < cells.len()
        && (linked == 0 || short * 4 >= cells.len() * 3)
        && linked * 3 < all
        && cells.iter().all(|cell| cell.size <= CELL_SIZE_MAX)
}

/// Whether cells stand in two or more rows, half of them of one width: empty and wide cells leave some shorter.
fn is_grid(cells: &[Piece]) -> bool {
    let mut widths: Vec<usize> =
        cells.chunk_by(|a, b| a.row == b.row).map(<[Piece]>::len).collect();
    widths.sort_unstable();
    let same = widths.chunk_by(|a, b| a == b).filter(|same| same.first() > Some(&1));
    let most = same.map(<[usize]>::len).max().unwrap_or(0);
    widths.len() >= 2 && most * 2 >= widths.len() && !is_of_paragraphs(cells)
}

/// Whether cells hold several paragraphs each, as those do that lay out a page.
pub(crate) fn is_of_paragraphs(cells: &[Piece]) -> bool {
    let more = cells.windows(2).filter(|two| matches!(two, [a, b] if a.element == b.element));
    more.count() * 4 > cells.len()
}
