//! What two texts that are alike are to each other.

use crate::{Relation, compare::Likeness};

/// What the subject is to the other text, and how much speaks for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) relation: Relation,
    pub(crate) strength: f32,
}

/// Judges one comparison; `cut` says that the subject ends where somebody cut it. `Original` means
/// that the two are nothing to each other.
pub(crate) fn judge(like: &Likeness, cut: bool) -> Verdict {
    Verdict { relation: relation(like, cut), strength: strength(like) }
}

/// The share in common counts, a like headline speaks for it, another figure against it: of two
/// texts of one dispatch the one without the correction is the nearer.
fn strength(like: &Likeness) -> f32 {
    let title = like.title.unwrap_or(0.5) * 0.3;
    let figures = if like.other_figures > like.same_figures { 0.1 } else { 0.0 };
    share(like) + title - figures
}

fn relation(like: &Likeness, cut: bool) -> Relation {
    if is_template(like) {
        return Relation::Original;
    }
    let enough = share(like) >= share_min(like);
    if enough && is_start(like, cut) {
        return Relation::Teaser;
    }
    if !enough || is_end(like) {
        let passage = like.run >= PASSAGE_WORDS_MIN;
        return if passage { Relation::Background } else { Relation::Original };
    }
    if is_newer(like) { Relation::Version } else { Relation::Copy }
}

/// Copies are cut and extended, so the shorter text decides, not the common share of both.
fn share(like: &Likeness) -> f32 {
    like.ours.max(like.theirs)
}

/// How much two texts must have in common to be one dispatch. A like headline says it already; a
/// headline of other words asks for more.
fn share_min(like: &Likeness) -> f32 {
    match like.title {
        Some(title) if title >= 0.6 => 0.15,
        Some(title) if title < 0.2 => 0.4,
        _ => 0.3,
    }
}

/// Words in a row that are a passage: longer than a phrase, a title or a name with its office.
const PASSAGE_WORDS_MIN: u32 = 20;

/// Whether the two share sentences whose figures nearly all differ: weather, markets, matches. A
/// corrected dispatch has more words around each figure that changed.
fn is_template(like: &Likeness) -> bool {
    let other = like.other_figures;
    other >= 2 && other > like.same_figures && like.common < other as f32 * 5.0
}

/// Whether the subject is the start of the other: short, or cut by somebody.
fn is_start(like: &Likeness, cut: bool) -> bool {
    let words_max = if cut { 120 } else { 60 };
    like.our_words < words_max && like.our_words * 2 < like.their_words
}

/// Whether most of the subject is the end of the other and nothing of it its beginning. The news
/// stands at the top; who takes only what comes below takes the background.
fn is_end(like: &Likeness) -> bool {
    like.ours > like.theirs && like.ours > 0.5 && like.their_from > 0.3
}

/// Whether the subject corrects figures of the other, or puts a new lead before its beginning.
fn is_newer(like: &Likeness) -> bool {
    let corrects = like.other_figures > 0 && like.other_figures * 4 > like.same_figures;
    corrects || like.new_lead > 0.2
}
