//! Which pieces of a page are the body of its article.
//!
//! Recall first: the container is the element whose prose outweighs its furniture by most. Then
//! each piece is judged: what stands at the head, what comes after the end, what is twice.

use depeche_text::fold;
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use crate::blocks::{self, Kind, Page, Piece, Strictness, ends_sentence};
use crate::choice::{Declared, Model, Sheet, leanings};
use crate::lines::{self, Beside};
use crate::marks::Marks;
use crate::phrases;
use crate::pictures;
use crate::rule::Rule;
use crate::trail::Trail;
use crate::tree::{NodeId, ROOT, Tree};
use crate::{dates, standfirst};

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
    let scores = sheet.scores(&|name| model.name(name));
    let chances =
        model.judge(&sheet.places(), &mut |at, values| sheet.put_row(at, &scores, values));
    let border = border(&texts, &chances);
    let mut inside = vec![false; pieces.len()];
    for (at, chance) in at.iter().zip(&chances) {
        if let Some(inside) = inside.get_mut(*at) {
            let doubtful = *chance < SURE && pieces.get(*at).is_some_and(is_call);
            *inside = *chance >= border && !doubtful;
        }
    }
    if !inside.contains(&true) {
        // Where nothing is likely enough, as on a page of two sentences, the rules may still know.
        return Body { all: pieces, ..body(page, known, trail) };
    }
    with_images(&pieces, &mut inside);
    if let Some(trail) = trail.as_deref_mut() {
        trail.begin(page, Strictness::Nothing, &pieces);
        let rows = sheet.rows(&|name| model.name(name));
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

/// Nothing is kept that is surely out, nor left out that is rather in.
const BORDER_MIN: f32 = 0.2;
const BORDER_MAX: f32 = 0.5;

/// The chance from which on a heading is believed though nothing of its own follows: stories told in headings are few.
const SURE: f32 = 0.8;

/// Whether a short line says what only buttons and calls say.
fn is_call(piece: &Piece) -> bool {
    piece.size < CALL_SIZE_MAX
        && !ends_sentence(&piece.text)
        && phrases::is_furniture_line(&fold(&piece.text))
}

/// Longest line that is left out for its words though the model would rather keep it.
const CALL_SIZE_MAX: usize = 80;

/// Takes in the images that stand between two pieces of the story, in an element of one of them.
fn with_images(pieces: &[Piece], inside: &mut [bool]) {
    let mut before: Option<usize> = None;
    let mut images: Vec<usize> = Vec::new();
    for at in 0..pieces.len() {
        let is_image = pieces.get(at).is_some_and(|piece| piece.kind == Kind::Image);
        let kept = inside.get(at).copied().unwrap_or(false);
        if is_image && before.is_some() {
            images.push(at);
        } else if kept {
            for image in images.drain(..).filter(|image| is_beside(pieces, *image, at)) {
                if let Some(inside) = inside.get_mut(image) {
                    *inside = true;
                }
            }
            before = Some(at);
        } else if !is_image {
            // A caption and a post's own text stand beside what is shown.
            let own = |piece: &Piece| {
                piece.marks.any(Marks::CAPTION) || matches!(piece.kind, Kind::Caption | Kind::Quote)
            };
            if !pieces.get(at).is_some_and(own) {
                images.clear();
            }
        }
    }
}

/// Whether an image and a piece of the story are in one element that is not named for furniture.
fn is_beside(pieces: &[Piece], image: usize, at: usize) -> bool {
    let (Some(image), Some(piece)) = (pieces.get(image), pieces.get(at)) else { return false };
    !image.marks.any(Marks::FURNITURE) || piece.marks.any(Marks::FURNITURE)
}

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
    let mut inside = inside(tree, &pieces, container);
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
    folded: Vec<String>,
    /// A standfirst that stood in the container and was taken out.
    pub(crate) standfirst: Option<String>,
    /// The lines between headline and story, where bylines and dates stand, then those after it.
    pub(crate) lines: Vec<String>,
    /// The lines directly above and below the story, their elements apart.
    pub(crate) beside: Beside,
    /// All pieces of the page, where a model chose among them.
    pub(crate) all: Vec<Piece>,
}

/// What a piece adds to the container that holds it: prose for it, labels and links against it.
fn value(piece: &Piece) -> f32 {
    let size = piece.size as f32;
    let density = piece.link_density();
    if matches!(piece.kind, Kind::Image | Kind::Caption | Kind::Heading(_))
        || piece.marks.any(Marks::CAPTION)
    {
        return 0.0;
    }
    if density > 0.5 {
        return -0.6 * size.min(100.0);
    }
    if piece.size < 40 && !ends_sentence(&piece.text) {
        return -0.3 * size;
    }
    let trust = match piece.kind {
        Kind::Paragraph | Kind::Quote => 1.0,
        Kind::Entry => 0.6,
        _ => 0.8,
    };
    let long = if piece.size < 80 { 0.5 } else { 1.0 };
    trust * long * size * (1.0 - density)
}

/// The element with the greatest sum of values, the innermost of equals; and the one in it that
/// calls itself the story, or itself.
pub(crate) fn containers(page: &Page, pieces: &[&Piece]) -> (NodeId, NodeId) {
    let tree = page.tree;
    let sums = sums(tree, pieces);
    let greatest = sums.iter().copied().fold(0.0, f32::max);
    // Wrappers around one element have its very sum.
    let best = (0..).zip(&sums).filter(|(_, sum)| **sum > 0.0 && **sum >= greatest - 0.5);
    let best = best.map(|(id, _)| id).max_by_key(|&id| tree.ancestors(id).count());
    let best = best.unwrap_or(ROOT);
    (best, narrowed(page, pieces, &sums, best))
}

/// The values of all that is in each element, by its place in the tree.
fn sums(tree: &Tree, pieces: &[&Piece]) -> Vec<f32> {
    let mut sums = vec![0.0; tree.len()];
    for piece in pieces {
        let value = value(piece);
        for id in std::iter::once(piece.element).chain(tree.ancestors(piece.element)) {
            if let Some(sum) = sums.get_mut(id as usize) {
                *sum += value;
            }
        }
    }
    sums
}

fn sum_of(sums: &[f32], id: NodeId) -> f32 {
    sums.get(id as usize).copied().unwrap_or(0.0)
}

/// How much of a container's prose an element that calls itself the body must hold.
const BODY_SHARE_MIN: f32 = 0.6;

/// Goes into the element that names itself the article's body, if it holds most of the prose.
fn narrowed(page: &Page, pieces: &[&Piece], sums: &[f32], container: NodeId) -> NodeId {
    let tree = page.tree;
    let whole = sum_of(sums, container);
    let mut best = (container, 0.0);
    let mut seen = vec![false; tree.len()];
    for piece in pieces {
        for id in std::iter::once(piece.element).chain(tree.ancestors(piece.element)) {
            let seen = seen.get_mut(id as usize).map(|seen| std::mem::replace(seen, true));
            if id == container || seen != Some(false) {
                break;
            }
            let sum = sum_of(sums, id);
            let named = tree.name(id) == "article" || page.marks_of(id).any(Marks::BODY);
            if named
                && sum >= whole * BODY_SHARE_MIN
                && sum > best.1
                && is_within(tree, id, container)
            {
                best = (id, sum);
            }
        }
    }
    best.0
}

fn is_within(tree: &Tree, id: NodeId, container: NodeId) -> bool {
    container == ROOT || tree.ancestors(id).any(|around| around == container)
}

fn inside(tree: &Tree, pieces: &[Piece], container: NodeId) -> Vec<bool> {
    let within = |id| id == container || is_within(tree, id, container);
    pieces.iter().map(|piece| within(piece.element)).collect()
}

/// Judges the pieces of a container one after the other.
struct Judge<'a> {
    pieces: Vec<Piece>,
    folded: Vec<String>,
    /// By which rule each was left out.
    out: Vec<Option<Rule>>,
    known: &'a Known,
    standfirst: Option<String>,
}

/// Most lines at a story's end that may tell of its author.
const BIOGRAPHY_LINES_MAX: usize = 4;

/// Where the author's name stands in a biography: at the start, after a title or a role.
const BIOGRAPHY_START_CHARS: usize = 60;

/// Longest notice about cookies, accounts or embedded content.
const NOTICE_SIZE_MAX: usize = 700;

/// Longest line that is looked up among the phrases of furniture.
const LINE_SIZE_MAX: usize = 160;

impl<'a> Judge<'a> {
    fn new(pieces: Vec<Piece>, known: &'a Known) -> Self {
        let folded = pieces.iter().map(|piece| fold(&piece.text)).collect();
        Self::of_folded(pieces, folded, known)
    }

    fn of_folded(pieces: Vec<Piece>, folded: Vec<String>, known: &'a Known) -> Self {
        let out = vec![None; pieces.len()];
        Self { pieces, folded, out, known, standfirst: None }
    }

    fn decided(mut self) -> Self {
        self.drop_what_is_never_body();
        self.drop_link_groups();
        self.drop_repeats();
        self.trim_head();
        self.cut_tail();
        self.drop_biographies();
        self.trim_tail();
        self.drop_bare_headings(&[]);
        self
    }

    fn done(self) -> Body {
        let all = self.pieces.into_iter().zip(self.folded).zip(self.out);
        let kept = all.filter(|(_, out)| out.is_none()).map(|(both, _)| both);
        let (pieces, folded) = kept.unzip();
        Body { pieces, folded, standfirst: self.standfirst, ..Body::default() }
    }

    fn entries(&self) -> impl Iterator<Item = (usize, &Piece, &str)> {
        let both = self.pieces.iter().zip(&self.folded).enumerate();
        both.filter(|(i, _)| self.kept(*i)).map(|(i, (piece, folded))| (i, piece, folded.as_str()))
    }

    fn kept(&self, at: usize) -> bool {
        self.out.get(at).is_some_and(Option::is_none)
    }

    fn drop_all(&mut self, rule: Rule, out: impl IntoIterator<Item = usize>) {
        out.into_iter().for_each(|at| self.drop_one(at, rule));
    }

    fn drop_one(&mut self, at: usize, rule: Rule) {
        if let Some(out) = self.out.get_mut(at) {
            out.get_or_insert(rule);
        }
    }

    fn drop_what_is_never_body(&mut self) {
        let out = self.entries().filter_map(|(at, piece, folded)| {
            never_body(piece, folded, self.known).map(|rule| (at, rule))
        });
        let out: Vec<(usize, Rule)> = out.collect();
        out.into_iter().for_each(|(at, rule)| self.drop_one(at, rule));
    }

    /// Lists and tables that are mostly links: menus, tags, other stories.
    fn drop_link_groups(&mut self) {
        let mut groups: HashMap<NodeId, (usize, usize)> = HashMap::new();
        for (_, piece, _) in self.entries().filter(|(_, piece, _)| piece.group != ROOT) {
            let sums = groups.entry(piece.group).or_default();
            *sums = (sums.0 + piece.size, sums.1 + piece.linked);
        }
        let mostly_links = |piece: &Piece| {
            groups.get(&piece.group).is_some_and(|(all, linked)| linked * 3 > *all * 2)
        };
        let out: Vec<usize> =
            self.entries().filter(|(_, piece, _)| mostly_links(piece)).map(|(at, ..)| at).collect();
        self.drop_all(Rule::LinkList, out);
    }

    /// What stands twice stays once; the standfirst and cut teasers go altogether.
    fn drop_repeats(&mut self) {
        let mut seen: HashSet<&str> = HashSet::new();
        let mut out = Vec::new();
        let sorted = sorted(self.folded.iter().map(String::as_str));
        for (at, _, folded) in self.entries().filter(|(_, piece, _)| piece.size >= 30) {
            if !seen.insert(folded) {
                out.push((at, Rule::Twice));
            } else if is_teaser_of(&sorted, folded) {
                out.push((at, Rule::Teaser));
            }
        }
        out.into_iter().for_each(|(at, rule)| self.drop_one(at, rule));
    }

    /// Drops what stands before the story's first paragraph.
    fn trim_head(&mut self) {
        let Some(first) = self.entries().find(|(_, piece, _)| is_prose(piece)).map(|(at, ..)| at)
        else {
            return;
        };
        let is_over = |at: usize, piece: &Piece| {
            let opens_story = piece.is_heading() && self.next_kept(at) == Some(first);
            at < first && (is_label(piece) || is_dateline(piece)) && !opens_story
        };
        let over = self.entries().filter(|(at, piece, _)| is_over(*at, piece));
        let rule = |piece| if is_dateline(piece) { Rule::Dateline } else { Rule::Head };
        let over: Vec<(usize, Rule)> = over.map(|(at, piece, _)| (at, rule(piece))).collect();
        self.take_standfirst();
        over.into_iter().for_each(|(at, rule)| self.drop_one(at, rule));
    }

    /// Takes out what is the standfirst and stands before the story's first paragraph.
    fn take_standfirst(&mut self) {
        let Some(first) = self.entries().find(|(_, piece, _)| is_prose(piece)).map(|(at, ..)| at)
        else {
            return;
        };
        let own = self.entries().filter(|(at, piece, folded)| {
            piece.kind != Kind::Image && self.is_standfirst(*at, first, piece, folded)
        });
        let out: Vec<usize> = own.map(|(at, ..)| at).collect();
        let standfirst = out.first().and_then(|at| self.pieces.get(*at));
        self.standfirst = standfirst.map(|piece| piece.text.clone());
        self.drop_all(Rule::Standfirst, out);
    }

    fn is_standfirst(&self, at: usize, first: usize, piece: &Piece, folded: &str) -> bool {
        let known = self.known.standfirsts.iter().any(|standfirst| same_start(standfirst, folded));
        let proper = piece.marks.any(Marks::STANDFIRST_PROPER) && piece.size < 600;
        let marked = piece.marks.any(Marks::STANDFIRST) && piece.size < 600;
        let bold = piece.stressed * 10 >= piece.size * 8;
        let set_apart = piece.in_header || marked || bold || piece.is_heading();
        // What is called a lead or a summary is often the first paragraph of the body itself.
        let apart = proper || (known && set_apart && at < first);
        at <= first && apart && !depeche_text::is_cut(folded)
    }

    /// Cuts where the part after the story begins.
    fn cut_tail(&mut self) {
        let total: usize = self.entries().map(|(_, piece, _)| piece.size).sum();
        let mut before = 0;
        let mut cut = None;
        for (at, piece, folded) in self.entries() {
            let heading =
                piece.is_heading() || piece.stressed * 10 >= piece.size * 8 || piece.size < 40;
            if heading
                && piece.size <= 80
                && before * 10 >= total * 7
                && phrases::opens_tail(folded)
            {
                cut = Some(at);
                break;
            }
            before += piece.size;
        }
        if let Some(cut) = cut {
            self.drop_all(Rule::Tail, cut..self.pieces.len());
        }
    }

    /// The next piece still kept that is no image.
    fn next_kept(&self, at: usize) -> Option<usize> {
        let after = self.pieces.iter().enumerate().skip(at + 1);
        after
            .filter(|(_, piece)| piece.kind != Kind::Image)
            .map(|(next, _)| next)
            .find(|next| self.kept(*next))
    }

    /// Drops what tells of the author at the end.
    fn drop_biographies(&mut self) {
        let kept: Vec<usize> = self
            .entries()
            .filter(|(_, piece, _)| piece.kind != Kind::Image)
            .map(|(at, ..)| at)
            .collect();
        let end = kept.iter().skip(kept.len().saturating_sub(BIOGRAPHY_LINES_MAX).max(2));
        let of_author = |at: &usize| {
            let folded = self.folded.get(*at).map_or("", String::as_str);
            let start: String = folded.chars().take(BIOGRAPHY_START_CHARS).collect();
            self.known
                .authors
                .iter()
                .any(|author| author.contains(' ') && start.contains(author.as_str()))
        };
        let out: Vec<usize> = end.filter(|at| of_author(at)).copied().collect();
        self.drop_all(Rule::Biography, out);
    }

    /// Drops labels after the last paragraph.
    fn trim_tail(&mut self) {
        let last = self.entries().filter(|(_, piece, _)| is_prose(piece)).map(|(at, ..)| at).last();
        let Some(last) = last else { return };
        let out: Vec<usize> = self
            .entries()
            .filter(|(at, piece, _)| *at > last && is_label(piece))
            .map(|(at, ..)| at)
            .collect();
        self.drop_all(Rule::Foot, out);
    }

    /// A heading stays where text of its own follows, or where it is sure to be of the story.
    fn drop_bare_headings(&mut self, sure: &[bool]) {
        let mut out = Vec::new();
        let mut open: Vec<(usize, u8)> = Vec::new();
        for (at, piece, _) in self.entries() {
            match piece.kind {
                Kind::Heading(level) => {
                    while open.last().is_some_and(|(_, before)| *before >= level) {
                        out.extend(open.pop().map(|(at, _)| at));
                    }
                    open.push((at, level));
                }
                Kind::Image => {}
                _ => open.clear(),
            }
        }
        out.extend(open.into_iter().map(|(at, _)| at));
        out.retain(|at| !sure.get(*at).copied().unwrap_or(false));
        self.drop_all(Rule::BareHeading, out);
    }
}

/// Folded texts in order, for [`is_teaser_of`].
pub(crate) fn sorted<'a>(folded: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut sorted: Vec<&str> = folded.collect();
    sorted.sort_unstable();
    sorted
}

/// Whether a text was cut and another one, of those in `sorted`, goes on where it ends.
pub(crate) fn is_teaser_of(sorted: &[&str], folded: &str) -> bool {
    if !depeche_text::is_cut(folded) {
        return false;
    }
    let start = folded.trim_end_matches(['.', '…', ' ', ']', '[', '"', ')']);
    let from = sorted.partition_point(|text| *text < start);
    // What starts the same way stands together; a handful of repeats may come before the whole.
    let mut near = sorted.iter().skip(from).take(8).take_while(|text| text.starts_with(start));
    start.len() >= 20 && near.any(|text| text.len() > folded.len() + 3)
}

/// The rule by which a piece is part of no body, wherever it stands.
fn never_body(piece: &Piece, folded: &str, known: &Known) -> Option<Rule> {
    match piece.kind {
        Kind::Image => return None,
        _ if known.is_headline(piece) => return Some(Rule::Headline),
        Kind::Caption => return Some(Rule::Caption),
        Kind::Heading(1) => return Some(Rule::FirstHeading),
        _ => {}
    }
    let short = piece.size <= LINE_SIZE_MAX;
    let sentence = ends_sentence(&piece.text);
    let linked =
        || piece.link_density() > 0.7 && (short || piece.size < 300) && piece.kind != Kind::Entry;
    let named = || piece.size < LINE_SIZE_NAMED_MAX && piece.marks.any(Marks::BYLINE | Marks::DATE);
    Some(match () {
        () if piece.marks.any(Marks::CAPTION) => Rule::Caption,
        () if is_stray_label(piece) => Rule::Label,
        () if short && phrases::is_furniture_line(folded) => Rule::Phrase,
        () if piece.size < NOTICE_SIZE_MAX && phrases::is_notice(folded) => Rule::Notice,
        () if short && !sentence && phrases::is_caption(folded) => Rule::Caption,
        () if linked() => Rule::Links,
        () if named() && !sentence => Rule::NamedLine,
        () if is_byline(piece, folded, known) => Rule::Byline,
        () => return None,
    })
}

/// Longest line that its element's name makes the author's or the date's.
const LINE_SIZE_NAMED_MAX: usize = 100;

/// Whether a piece is a few words in an element that is neither paragraph, heading nor entry:
/// the label of a box or a button.
fn is_stray_label(piece: &Piece) -> bool {
    let short = piece.kind == Kind::Loose && piece.size < 80 && piece.stressed * 2 < piece.size;
    short && !ends_sentence(&piece.text) && !piece.text.ends_with(':')
}

/// Whether a short line names the author and little else.
fn is_byline(piece: &Piece, folded: &str, known: &Known) -> bool {
    if piece.size > 100 {
        return false;
    }
    let named = phrases::BYLINE_STARTS.iter().any(|start| folded.starts_with(start))
        && piece.size < 60
        && !ends_sentence(&piece.text);
    let author = known.authors.iter().any(|author| {
        !author.is_empty()
            && folded.contains(author.as_str())
            && folded.len() < author.len() * 2 + 12
            && !ends_sentence(&piece.text)
    });
    named || author
}

/// Whether a piece is without doubt running text.
pub(crate) fn is_prose(piece: &Piece) -> bool {
    let textual = !matches!(piece.kind, Kind::Heading(_) | Kind::Image | Kind::Caption);
    textual
        && piece.link_density() < 0.5
        && (piece.size >= 100 || (piece.size >= 40 && ends_sentence(&piece.text)))
}

/// Whether a piece reads like a label: short and no sentence.
fn is_label(piece: &Piece) -> bool {
    piece.kind != Kind::Image && piece.size < 100 && !ends_sentence(&piece.text)
}

/// Whether a line at the head tells when the story was published, and little else.
fn is_dateline(piece: &Piece) -> bool {
    piece.kind != Kind::Image
        && piece.size < LINE_SIZE_MAX / 2
        && dates::prose(&piece.text, dates::Order::DayFirst).is_some()
}

/// Whether two folded texts are the same up to a cut or an added end.
pub(crate) fn same_start(a: &str, b: &str) -> bool {
    let (a, b) = (bare(a), bare(b));
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    short.len() >= 30 && long.starts_with(short) && short.len() * 10 >= long.len() * 8
}

fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}
