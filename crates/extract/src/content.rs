//! Which pieces of a page are the body of its article.
//!
//! The model judges every piece by itself; where it keeps none, `container` finds the element whose prose outweighs its
//! furniture by most, and `judge` decides piece by piece.

use depeche_text::fold;
use foldhash::HashSet;

use crate::blocks::{self, Kind, Page, Piece, Strictness, ends_sentence};
use crate::choice::{Declared, Model, Sheet, leanings};
use crate::judge::{Judge, LINE_SIZE_MAX, bare};
use crate::lines::{self, Beside};
use crate::marks::Marks;
use crate::phrases;
use crate::pictures;
use crate::rule::Rule;
use crate::trail::Trail;
use crate::{container, entries, shown, standfirst, tables};

pub(crate) use crate::container::containers;
pub(crate) use crate::judge::{is_prose, is_teaser_of, same_start, sorted};

/// What is known of the article before its body is looked for.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Every form of the headline that was found, as its letters only: markup glues a kicker to a
    /// headline with or without a space.
    pub(crate) headlines: Vec<String>,
    /// Every form of the standfirst that was found, folded.
    pub(crate) standfirsts: Vec<String>,
    /// Folded names.
    pub(crate) authors: Vec<String>,
    /// Whether the page calls itself a live blog.
    pub(crate) live: bool,
}

impl Known {
    pub(crate) fn is_headline(&self, piece: &Piece) -> bool {
        piece.size < LINE_SIZE_MAX * 2
            && self.may_start(&piece.text)
            && self.is_headline_folded(piece.size, &fold(&piece.text))
    }

    /// Whether a form of the headline starts as a text does: folding all of it would be dear, and each sign is folded by itself.
    fn may_start(&self, text: &str) -> bool {
        let end = text.char_indices().nth(START_CHARS).map_or(text.len(), |(end, _)| end);
        let start = fold(text.get(..end).unwrap_or(text));
        let letters = || start.chars().filter(|c| depeche_text::is_alphanumeric(*c));
        let starts = |form: &String| {
            let mut form = form.chars();
            letters().all(|letter| form.next() == Some(letter))
        };
        self.headlines.iter().any(starts)
    }

    /// The same for a text that is folded already.
    pub(crate) fn is_headline_folded(&self, size: usize, folded: &str) -> bool {
        let letters = || folded.chars().filter(|c| depeche_text::is_alphanumeric(*c));
        let same = |form: &String| form.len() <= folded.len() && form.chars().eq(letters());
        size < LINE_SIZE_MAX * 2 && self.headlines.iter().any(same)
    }
}

/// Signs by which most texts are told from a headline.
const START_CHARS: usize = 12;

/// The pieces of the body, in order, and the standfirst if it was seen on the page.
///
/// Where names and elements leave little of the page's prose, they may lie: what is found without
/// believing the names is taken if it is much more.
pub(crate) fn body(page: &Page, known: &Known, mut trail: Option<&mut Trail>) -> Body {
    let strict = body_of(page, Strictness::Names, known, trail.as_deref_mut());
    let size = size(&strict);
    if size >= ENOUGH_SIZE && size * 4 >= page.prose() {
        return strict;
    }
    let mut other = trail.is_some().then(Trail::default);
    let lenient = body_of(page, Strictness::Elements, known, other.as_mut());
    if self::size(&lenient) <= size * 2 {
        return strict;
    }
    trail.into_iter().zip(other).for_each(|(trail, other)| *trail = other);
    lenient
}

/// The pieces of a whole page: all, and the places of those that are text.
pub(crate) fn texts(page: &Page) -> (Vec<Piece>, Vec<usize>) {
    let pieces = blocks::pieces(page, Strictness::Nothing);
    let texts = pieces.iter().enumerate().filter(|(_, piece)| piece.kind != Kind::Image);
    let texts = texts.map(|(at, _)| at).collect();
    (pieces, texts)
}

/// The texts that the rules take for the body, hashed.
pub(crate) fn by_rules(page: &Page, known: &Known) -> HashSet<u32> {
    let found = body(page, known, None);
    found.folded.iter().map(|folded| crate::choice::hash(folded.as_bytes())).collect()
}

/// The body as a model sees it: every piece of the page with its chance.
pub(crate) fn judged_by(
    model: &Model,
    page: &Page,
    known: &Known,
    declared: &Declared,
    mut trail: Option<&mut Trail>,
) -> Body {
    let (mut pieces, at) = texts(page);
    let texts: Vec<&Piece> = at.iter().filter_map(|at| pieces.get(*at)).collect();
    let sheet = Sheet::new(page, texts.clone(), known, declared);
    let scores = sheet.scores(model);
    let chances =
        model.judge(&sheet.places(), &mut |at, values| sheet.put_row(at, model, &scores, values));
    let mut inside = likely(&pieces, &at, &chances, border(&texts, &chances));
    without_unseen(page, &pieces, &mut inside);
    without_headline(&pieces, &mut inside, known);
    if !inside.contains(&true) || !chances.iter().any(|chance| *chance >= ANY_MIN) {
        // Where nothing is likely enough, as on a page of two sentences, the rules may still know.
        return Body { all: pieces, ..body(page, known, trail) };
    }
    tables::whole(&pieces, &mut inside);
    tables::after(page, &pieces, &mut inside);
    entries::take_in(page, &pieces, &mut inside, known.live);
    shown::take_in(page, &pieces, &mut inside);
    if let Some(trail) = trail.as_deref_mut() {
        trail.begin(page, Strictness::Nothing, &pieces);
        let rows = sheet.rows(model);
        trail.weighed(&at, leanings(model, &sheet, &rows, &chances));
        let mut rules = Trail::default();
        body(page, known, Some(&mut rules));
        trail.beside(rules);
    }
    let mut folded = sheet.into_folded();
    let lines = lines_around(&pieces, &inside, known);
    let chance = |piece: usize| {
        at.binary_search(&piece).ok().and_then(|at| chances.get(at)).copied().unwrap_or(0.0)
    };
    let apart = standfirst::first_of(&pieces, &inside, chance, known);
    if let Some(inside) = apart.and_then(|at| inside.get_mut(at)) {
        *inside = false;
    }
    let apart = apart.or_else(|| standfirst::beside(&pieces, &inside, known));
    let beside = lines::beside(page, &pieces, &inside, known);
    let standfirst = apart.and_then(|at| pieces.get(at)).map(|piece| piece.text.clone());
    let sure = sure(&inside, &at, &chances);
    pictures::with_captions(&mut pieces, &inside);
    let mut folded_of = |piece: usize| {
        let text = at.binary_search(&piece).ok().and_then(|at| folded.get_mut(at));
        text.map(std::mem::take)
    };
    let chosen = pieces.iter().enumerate().zip(&inside).filter(|(_, inside)| **inside);
    let chosen = chosen.map(|((at, piece), _)| {
        (piece.clone(), folded_of(at).unwrap_or_else(|| fold(&piece.text)))
    });
    let (chosen, folded) = chosen.unzip();
    let mut judge = Judge::of_folded(chosen, folded, known);
    judge.drop_repeats();
    judge.take_standfirst();
    judge.drop_bare_headings(&sure);
    if let Some(trail) = trail {
        apart.into_iter().for_each(|at| trail.put(at, Rule::Standfirst));
        trail.judged(&inside, &judge.out, Rule::Likely, Rule::Unlikely);
    }
    let judged = judge.done();
    let standfirst = judged.standfirst.or(standfirst);
    Body { lines, beside, standfirst, all: pieces, ..judged }
}

/// Of each piece, whether its chance is enough.
fn likely(pieces: &[Piece], at: &[usize], chances: &[f32], border: f32) -> Vec<bool> {
    let mut inside = vec![false; pieces.len()];
    for (at, chance) in at.iter().zip(chances) {
        if let Some(inside) = inside.get_mut(*at) {
            let doubtful = *chance < SURE && pieces.get(*at).is_some_and(is_call);
            *inside = *chance >= border && !doubtful && !pieces.get(*at).is_some_and(is_rule);
        }
    }
    inside
}

/// Takes out what is hidden by itself; what is hidden with all around it may be shown by a script.
fn without_unseen(page: &Page, pieces: &[Piece], inside: &mut [bool]) {
    for (piece, inside) in pieces.iter().zip(inside.iter_mut()).filter(|(_, inside)| **inside) {
        *inside = !crate::elements::is_unseen(page.tree, piece.element);
    }
}

/// Takes out the headline that stands before the story's text.
fn without_headline(pieces: &[Piece], inside: &mut [bool], known: &Known) {
    let kept = pieces.iter().zip(inside.iter()).enumerate().filter(|(_, (_, inside))| **inside);
    let texts: Vec<(usize, &Piece)> = kept
        .map(|(at, (piece, _))| (at, piece))
        .filter(|(_, piece)| piece.kind != Kind::Image)
        .collect();
    let headlines = texts.iter().take_while(|(_, piece)| known.is_headline(piece)).count();
    if headlines < texts.len() {
        for (at, _) in texts.into_iter().take(headlines) {
            if let Some(inside) = inside.get_mut(at) {
                *inside = false;
            }
        }
    }
}

/// Of each piece inside, whether the model is so sure of it that it stays though it is a bare heading.
fn sure(inside: &[bool], at: &[usize], chances: &[f32]) -> Vec<bool> {
    let mut sure = vec![false; inside.len()];
    for (at, chance) in at.iter().zip(chances) {
        if let Some(sure) = sure.get_mut(*at) {
            *sure = *chance >= SURE;
        }
    }
    let both = sure.into_iter().zip(inside).filter(|(_, inside)| **inside);
    both.map(|(sure, _)| sure).collect()
}

/// The chance from which on pieces are kept, so that the F1 that is to be expected over their sizes is greatest:
/// where much is doubtful, what is lost weighs more than what is too much.
fn border(texts: &[&Piece], chances: &[f32]) -> f32 {
    let sized = texts.iter().zip(chances).map(|(piece, chance)| (*chance, piece.size as f32));
    let mut all: Vec<(f32, f32)> = sized.collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let wanted: f32 = all.iter().map(|(chance, size)| chance * size).sum();
    let (mut kept, mut sure, mut best) = (0.0, 0.0, (0.0, BORDER_MAX));
    for (chance, size) in all {
        kept += size;
        sure += chance * size;
        let expected = 2.0 * sure / f32::max(kept + wanted, 1.0);
        if expected > best.0 {
            best = (expected, chance);
        }
    }
    best.1.clamp(BORDER_MIN, BORDER_MAX)
}

/// A page none of whose pieces is as likely holds no story that the model knows of: a list of teasers, each of them a little.
const ANY_MIN: f32 = 0.35;

/// Nothing is kept that is surely out, nor left out that is rather in.
const BORDER_MIN: f32 = 0.2;
const BORDER_MAX: f32 = 0.5;

/// The chance from which on a heading is believed though nothing of its own follows: stories told in headings are few.
const SURE: f32 = 0.8;

/// Whether a paragraph is a line drawn with signs: «* * *».
fn is_rule(piece: &Piece) -> bool {
    matches!(piece.kind, Kind::Paragraph | Kind::Loose)
        && !piece.text.chars().any(depeche_text::is_alphanumeric)
}

/// Whether a short line says what only buttons and calls say.
fn is_call(piece: &Piece) -> bool {
    piece.size < CALL_SIZE_MAX
        && !ends_sentence(&piece.text)
        && phrases::is_furniture_line(&fold(&piece.text))
}

/// Longest line that is left out for its words though the model would rather keep it.
const CALL_SIZE_MAX: usize = 80;

/// A body of this size is an article whatever else there is on its page.
const ENOUGH_SIZE: usize = 400;

fn size(body: &Body) -> usize {
    body.pieces.iter().filter(|piece| piece.kind != Kind::Image).map(|piece| piece.size).sum()
}

fn body_of(
    page: &Page,
    strictness: Strictness,
    known: &Known,
    mut trail: Option<&mut Trail>,
) -> Body {
    let tree = page.tree;
    let pieces = blocks::pieces(page, strictness);
    let (_, container) = containers(page, &pieces.iter().collect::<Vec<_>>());
    let mut inside = container::inside(tree, &pieces, container);
    if let Some(trail) = trail.as_deref_mut() {
        trail.begin(page, strictness, &pieces);
    }
    let lead = lead(&pieces, &inside, known);
    let mut standfirst = None;
    for at in lead {
        let Some(piece) = pieces.get(at) else { continue };
        if standfirst.is_none() && is_known_standfirst(piece, &fold(&piece.text), known) {
            standfirst = Some(piece.text.clone());
            trail.as_deref_mut().into_iter().for_each(|trail| trail.put(at, Rule::Standfirst));
        } else if let Some(inside) = inside.get_mut(at) {
            *inside = true;
            trail.as_deref_mut().into_iter().for_each(|trail| trail.put(at, Rule::Lead));
        }
    }
    let lines = lines_around(&pieces, &inside, known);
    let pieces: Vec<Piece> =
        pieces.into_iter().zip(&inside).filter(|(_, inside)| **inside).map(|(p, _)| p).collect();
    let judge = Judge::new(pieces, known).decided();
    if let Some(trail) = trail.as_deref_mut() {
        trail.judged(&inside, &judge.out, Rule::Kept, Rule::Outside);
        trail.known(|piece| known.is_headline(piece), Rule::Headline);
    }
    let judged = judge.done();
    let standfirst = standfirst.or(judged.standfirst);
    let told = standfirst.as_deref().map(fold).unwrap_or_default();
    if let Some(trail) = trail {
        trail.leave_out(|piece| repeats(&told, piece), Rule::StandfirstAgain);
    }
    let both = judged.pieces.into_iter().zip(judged.folded);
    let (pieces, folded) = both.filter(|(_, folded)| !is_repeat(&told, folded)).unzip();
    Body { lines, standfirst, pieces, folded, ..Body::default() }
}

/// Most paragraphs between a headline and the container that are taken for its lead.
const LEAD_MAX: usize = 3;

/// Farthest headline above a container, in pieces.
const LEAD_REACH_MAX: usize = 25;

/// The paragraphs between the headline and the container: a standfirst, or the start of the story.
fn lead(pieces: &[Piece], inside: &[bool], known: &Known) -> Vec<usize> {
    let Some(start) = inside.iter().position(|inside| *inside) else { return Vec::new() };
    let reach = start.saturating_sub(LEAD_REACH_MAX)..start;
    let between = pieces.get(reach.clone()).unwrap_or_default();
    let is_headline = |piece: &Piece| known.is_headline(piece);
    let Some(headline) = between.iter().rposition(is_headline) else { return Vec::new() };
    let candidates =
        between.iter().enumerate().skip(headline + 1).filter(|(_, piece)| is_lead(piece));
    let found: Vec<usize> = candidates.map(|(at, _)| reach.start + at).collect();
    if found.len() <= LEAD_MAX { found } else { Vec::new() }
}

fn is_lead(piece: &Piece) -> bool {
    is_prose(piece)
        && !depeche_text::is_cut(&piece.text)
        && piece.link_density() < 0.3
        && !piece.marks.any(Marks::CAPTION | Marks::BYLINE | Marks::DATE)
}

fn is_known_standfirst(piece: &Piece, folded: &str, known: &Known) -> bool {
    piece.marks.any(Marks::STANDFIRST_PROPER)
        || known.standfirsts.iter().any(|standfirst| same_start(standfirst, folded))
}

/// Whether a piece says again, whole or cut, what the standfirst said.
fn repeats(standfirst: &str, piece: &Piece) -> bool {
    is_repeat(standfirst, &fold(&piece.text))
}

/// The same of a text that is folded already.
fn is_repeat(standfirst: &str, folded: &str) -> bool {
    let cut = || depeche_text::is_cut(folded) && standfirst.starts_with(bare(folded));
    same_start(standfirst, folded) || (folded.len() > 20 && cut())
}

/// Most short lines looked at on each side of the story.
const LINES_MAX: usize = 12;

/// The short lines from the headline to the story's first paragraph, and those after its last.
fn lines_around(pieces: &[Piece], inside: &[bool], known: &Known) -> Vec<String> {
    let is_headline = |piece: &Piece| known.is_headline(piece);
    let start = inside.iter().position(|inside| *inside).unwrap_or(0);
    let headline =
        pieces.iter().position(is_headline).unwrap_or(start.saturating_sub(LINES_MAX / 2));
    let is_line = |piece: &&Piece| piece.kind != Kind::Image && piece.size < LINE_SIZE_MAX;
    let story = |piece: &Piece| piece.size >= LINE_SIZE_MAX * 2;
    let from_headline = pieces.get(headline..).unwrap_or_default();
    let before =
        from_headline.iter().take_while(|piece| !story(piece)).filter(is_line).take(LINES_MAX);
    let last = pieces
        .iter()
        .zip(inside)
        .rposition(|(piece, inside)| *inside && story(piece))
        .unwrap_or(pieces.len());
    let after = pieces.get(last..).unwrap_or_default().iter().filter(is_line).take(LINES_MAX);
    let dated = pieces
        .iter()
        .filter(|piece| piece.size < DATED_SIZE_MAX && piece.text.contains("20"))
        .take(LINES_MAX);
    before.chain(after).chain(dated).map(|piece| piece.text.clone()).collect()
}

/// Longest line anywhere on a page that may be its date.
const DATED_SIZE_MAX: usize = 60;

/// The pieces of a container, or of a plain text, that are the body.
pub(crate) fn judged(pieces: Vec<Piece>, known: &Known, trail: Option<&mut Trail>) -> Body {
    let judge = Judge::new(pieces, known).decided();
    if let Some(trail) = trail {
        trail.judged_lines(&judge.pieces, &judge.out);
    }
    judge.done()
}

/// What was chosen.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) pieces: Vec<Piece>,
    /// The folded text of each.
    pub(crate) folded: Vec<String>,
    /// A standfirst that stood in the container and was taken out.
    pub(crate) standfirst: Option<String>,
    /// The lines between headline and story, where bylines and dates stand, then those after it.
    pub(crate) lines: Vec<String>,
    /// The lines directly above and below the story, their elements apart.
    pub(crate) beside: Beside,
    /// All pieces of the page, where a model chose among them.
    pub(crate) all: Vec<Piece>,
}

#[cfg(test)]
mod tests {
    use depeche_news::Block;

    /// What a paragraph hides by itself is no part of the story; a story hidden with all around it may be.
    #[test]
    fn nothing_unseen_is_of_the_story() {
        const SECRET: &str =
            "Les communes de la vallée ont été prévenues, et les sentiers resteront fermés.";
        for hiding in ["hidden", "style='display: none'", "style='DISPLAY : NONE !important'"] {
            let page = format!(
                "<html lang=fr><title>La crue est finie</title><article><h1>La crue est finie</h1>\
                <p>La préfète a annoncé mardi la fin de la crue, après trois jours de pluie sur le département.</p>\
                <p>Les pompiers, qui ont passé trois nuits sur les digues, sont rentrés dans la matinée.</p>\
                <p {hiding}>{SECRET}</p>\
                <p>Le pont de pierre rouvre jeudi aux voitures, et vendredi aux camions.</p></article>"
            );
            let body = crate::article(page.as_bytes(), &crate::Hints::default()).article.body;
            let secret = Block::Paragraph(SECRET.into());
            assert!(body.len() == 3 && !body.contains(&secret), "{hiding}: {body:?}");
        }
    }
}
