//! What two texts that are alike are to each other.

use std::cmp::Ordering;

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

/// The share in common and a like headline speak for it, and of two that have all of a teaser the one
/// that has more of the subject; another figure speaks against it: of two texts of one dispatch the one
/// without the correction is the nearer.
fn strength(like: &Likeness) -> f32 {
    let title = like.title.unwrap_or(0.5);
    let figures = if like.other_figures > like.same_figures { 0.1 } else { 0.0 };
    share(like) + 0.3 * like.our_cover + title - figures
}

fn relation(like: &Likeness, cut: bool) -> Relation {
    if is_template(like) {
        return Relation::Original;
    }
    let enough = is_enough(like) && !is_other_part(like);
    let teases = enough || like.same_headline && !is_other_part(like);
    if teases && is_start(like, cut) {
        return Relation::Teaser;
    }
    if !enough || is_end(like) || is_pasted(like) {
        let passage = like.run >= PASSAGE_WORDS_MIN;
        return if passage { Relation::Background } else { Relation::Original };
    }
    if is_newer(like) { Relation::Version } else { Relation::Copy }
}

/// Copies are cut and extended, so the shorter text decides, not the common share of both.
fn share(like: &Likeness) -> f32 {
    like.ours.max(like.theirs)
}

/// The same with the small gaps that scanning and rewording make. What is thinly alike all over is a copy
/// that was worked over; what is alike in one place only has taken that from the other.
fn cover(like: &Likeness) -> f32 {
    like.our_cover.max(like.their_cover)
}

/// Whether two texts have enough in common to be one dispatch. A like headline says it already; where the
/// headlines say nothing or something else, the text has to.
fn is_enough(like: &Likeness) -> bool {
    let (cover, share) = (cover(like), share(like));
    let enough = match like.title {
        Some(title) if title >= 0.9 => cover >= 0.1,
        Some(title) if title >= LIKE_TITLE => cover >= 0.3,
        Some(title) if title >= OTHER_TITLE => cover >= 0.4 && share >= 0.3,
        Some(_) => is_held(like) || is_all_over(like) && cover >= 0.4 && share >= 0.22,
        None => is_held(like) || is_all_over(like) && cover >= 0.5 && share >= 0.25,
    };
    enough && (like.matches >= 2 || is_like_titled(like))
}

/// Whether the shorter text is firmly held by the other: by what they share, and half as much by what of it is in
/// passages. Texts about one thing share names and phrases; one that was made from the other shares sentences.
fn is_held(like: &Likeness) -> bool {
    2.0 * share(like) + like.in_passages >= 3.0 * HELD
}

const HELD: f32 = 0.29;

/// Whether the two are thinly alike in all of both, as where one was scanned badly: phrases that a short text
/// shares with a long one are all over the short one only.
fn is_all_over(like: &Likeness) -> bool {
    like.our_cover.min(like.their_cover) >= 0.3
}

/// From which share in common headlines are like, and below which they are of something else.
const LIKE_TITLE: f32 = 0.6;
const OTHER_TITLE: f32 = 0.34;

fn is_like_titled(like: &Likeness) -> bool {
    like.title.is_some_and(|title| title >= LIKE_TITLE)
}

fn is_other_titled(like: &Likeness) -> bool {
    like.title.is_some_and(|title| title < OTHER_TITLE)
}

/// Words in a row that are a passage: longer than a phrase, a title or a name with its office.
const PASSAGE_WORDS_MIN: u32 = 20;

/// Whether the two share sentences whose figures nearly all differ: weather, markets, matches. A
/// corrected dispatch has more words around each figure that changed. In texts that are full of figures
/// fewer that differ will do, and one where each headline names somebody else.
fn is_template(like: &Likeness) -> bool {
    let (same, other) = (like.same_figures, like.other_figures);
    let differ = other >= 2 && other > same && like.common < other as f32 * 5.0;
    let many = other >= 2 && other * 3 >= same * 2 && share(like) < 0.7;
    let of_another = like.other_names && (other >= 1 || share(like) < 0.8);
    differ || like.figured && (many || of_another)
}

/// Whether the headlines number two parts of one work. An agency numbers the takes of a dispatch the same
/// way, but a take has the beginning of the one before.
fn is_other_part(like: &Likeness) -> bool {
    match like.part {
        Ordering::Equal => false,
        Ordering::Greater => like.their_start < 0.5,
        Ordering::Less => like.our_start < 0.5,
    }
}

/// Whether the subject is the start of the other: short, or cut by somebody.
fn is_start(like: &Likeness, cut: bool) -> bool {
    let words_max = if cut { 120 } else { 60 };
    like.our_words < words_max && like.our_words * 2 < like.their_words
}

/// Whether most of one is the end of the other and nothing of it its beginning. The news stands at the
/// top; who takes only what comes below takes the background, and who puts other news over all of an
/// earlier text has it as background.
fn is_end(like: &Likeness) -> bool {
    let ours = like.ours > like.theirs && like.ours > 0.5 && like.their_from > 0.3;
    let theirs = like.theirs > like.ours && like.theirs > 0.5 && like.our_head > 0.35;
    ours || theirs && is_other_titled(like)
}

/// Whether one text has pasted from the other, or both from a third: all they have in common is one
/// passage, deep in one of them or less than half of each; or it begins deep in both, under headlines of
/// other things.
fn is_pasted(like: &Likeness) -> bool {
    let (ours, theirs) = (like.our_head > 0.4, like.their_head > 0.4);
    let one = like.in_one_place && (ours || theirs || cover(like) < 0.45);
    !is_like_titled(like) && (one || is_other_titled(like) && ours && theirs)
}

/// Whether the subject corrects figures of the other, says itself that it is another edition, or puts a
/// new lead before the other's beginning.
fn is_newer(like: &Likeness) -> bool {
    let corrects = like.other_figures > 0 && like.other_figures * 8 > like.same_figures;
    let says_so = like.marked && like.ours.min(like.theirs) < 0.9;
    corrects || says_so || like.new_lead > 0.2 && like.their_start >= 0.5
}
