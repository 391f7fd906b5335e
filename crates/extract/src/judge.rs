//! The rules by which pieces of a container are the story: what stands at the head, what comes after the end, what is twice.

use depeche_text::fold;
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use crate::blocks::{Kind, Piece, ends_sentence};
use crate::content::{Body, Known};
use crate::marks::Marks;
use crate::rule::Rule;
use crate::standfirst::opens_story;
use crate::tree::{NodeId, ROOT};
use crate::{dates, phrases};

/// Judges the pieces of a container one after the other.
pub(crate) struct Judge<'a> {
    pub(crate) pieces: Vec<Piece>,
    folded: Vec<String>,
    /// By which rule each was left out.
    pub(crate) out: Vec<Option<Rule>>,
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
pub(crate) const LINE_SIZE_MAX: usize = 160;

impl<'a> Judge<'a> {
    /// Nothing is left out yet.
    pub(crate) fn new(pieces: Vec<Piece>, known: &'a Known) -> Self {
        let folded = pieces.iter().map(|piece| fold(&piece.text)).collect();
        Self::of_folded(pieces, folded, known)
    }

    /// The same of pieces whose texts are folded already.
    pub(crate) fn of_folded(pieces: Vec<Piece>, folded: Vec<String>, known: &'a Known) -> Self {
        let out = vec![None; pieces.len()];
        Self { pieces, folded, out, known, standfirst: None }
    }

    /// With all rules.
    pub(crate) fn decided(mut self) -> Self {
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

    /// What was kept.
    pub(crate) fn done(self) -> Body {
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
    pub(crate) fn drop_repeats(&mut self) {
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
    pub(crate) fn take_standfirst(&mut self) {
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
        let bold = piece.is_bold();
        let set_apart = piece.in_header || marked || bold || piece.is_heading();
        // What is called a lead or a summary is often the first paragraph of the body itself.
        let apart = proper || (known && set_apart && at < first);
        at <= first && apart && !depeche_text::is_cut(folded) && !opens_story(&piece.text)
    }

    /// Cuts where the part after the story begins.
    fn cut_tail(&mut self) {
        let total: usize = self.entries().map(|(_, piece, _)| piece.size).sum();
        let mut before = 0;
        let mut cut = None;
        for (at, piece, folded) in self.entries() {
            let heading = piece.is_heading() || piece.is_bold() || piece.size < 40;
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
    pub(crate) fn drop_bare_headings(&mut self, sure: &[bool]) {
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

/// Without signs at its ends.
pub(crate) fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}
