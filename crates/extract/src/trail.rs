//! What became of each piece of a page and why, gathered where somebody asks.

use std::collections::HashMap;

use crate::blocks::{self, Kind, Page, Piece, Strictness};
use crate::choice::{Leaning, Trait, Weighed};
use crate::rule::Rule;
use crate::tree::NodeId;
use crate::{BlockKind, Judged, Reason};

/// All pieces of a page with their fate, in its order.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    seen: Vec<Seen>,
    /// Where the pieces that are judged stand among all.
    at: Vec<usize>,
}

#[derive(Debug)]
struct Seen {
    piece: Piece,
    rule: Option<Rule>,
    weighed: Option<Weighed>,
    /// What the rules say of it, where the model decides.
    by_rules: Option<Rule>,
}

impl Seen {
    fn of(piece: Piece, rule: Option<Rule>) -> Self {
        Self { piece, rule, weighed: None, by_rules: None }
    }
}

/// Pieces of one element that are compared with one that is looked for: an element that was read twice has mostly
/// the same ones.
const NEAR_MAX: usize = 8;

impl Trail {
    /// Takes in the pieces that are judged, and between them those that were left out before.
    pub(crate) fn begin(&mut self, page: &Page, strictness: Strictness, judged: &[Piece]) {
        self.seen = blocks::pieces(page, Strictness::Nothing)
            .into_iter()
            .map(|piece| Seen::of(piece, None))
            .collect();
        let mut by_element: HashMap<NodeId, Vec<usize>> = HashMap::new();
        for (at, seen) in self.seen.iter().enumerate() {
            by_element.entry(seen.piece.element).or_default().push(at);
        }
        by_element.values_mut().for_each(|places| places.reverse());
        self.at = judged.iter().map(|piece| self.take(piece, &mut by_element)).collect();
        for at in by_element.into_values().flatten() {
            if let Some(seen) = self.seen.get_mut(at) {
                let around = std::iter::once(seen.piece.element)
                    .chain(page.tree.ancestors(seen.piece.element));
                let mut rules = around.filter_map(|id| blocks::left_out(page, id, strictness));
                seen.rule = Some(rules.next().unwrap_or(Rule::Furniture));
            }
        }
    }

    /// The place of a judged piece among the places of its element, last first. What was left out inside of it
    /// may have parted them in another way: then the next place is its own.
    fn take(&mut self, piece: &Piece, by_element: &mut HashMap<NodeId, Vec<usize>>) -> usize {
        let places = by_element.entry(piece.element).or_default();
        let is_same = |at: &&usize| {
            self.seen
                .get(**at)
                .is_some_and(|seen| seen.piece.text == piece.text && seen.piece.kind == piece.kind)
        };
        let near = places.iter().rev().take(NEAR_MAX).position(|at| is_same(&at)).unwrap_or(0);
        let place = places.len().checked_sub(near + 1).map(|place| places.remove(place));
        match place.and_then(|place| self.seen.get_mut(place)) {
            Some(seen) => seen.piece = piece.clone(),
            None => self.seen.push(Seen::of(piece.clone(), None)),
        }
        place.unwrap_or(self.seen.len() - 1)
    }

    /// Notes a rule for a judged piece.
    pub(crate) fn put(&mut self, judged: usize, rule: Rule) {
        let seen = self.at.get(judged).and_then(|at| self.seen.get_mut(*at));
        seen.into_iter().for_each(|seen| {
            seen.rule.get_or_insert(rule);
        });
    }

    /// Notes what the model made of those judged pieces that are text.
    pub(crate) fn weighed(&mut self, texts: &[usize], weighed: Vec<Weighed>) {
        for (text, weighed) in texts.iter().zip(weighed) {
            let seen = self.at.get(*text).and_then(|at| self.seen.get_mut(*at));
            seen.into_iter().for_each(|seen| seen.weighed = Some(weighed.clone()));
        }
    }

    /// Notes what the rules alone would have done: they name what the model only weighs.
    pub(crate) fn beside(&mut self, rules: Self) {
        for (seen, rule) in self.seen.iter_mut().zip(rules.seen) {
            seen.by_rules = rule.rule;
        }
    }

    /// Notes by what those inside were left out; the others are `kept`, and what is not inside is `outside`.
    pub(crate) fn judged(
        &mut self,
        inside: &[bool],
        out: &[Option<Rule>],
        kept: Rule,
        outside: Rule,
    ) {
        let mut out = out.iter();
        for (judged, inside) in inside.iter().enumerate() {
            let rule = if *inside { out.next().copied().flatten() } else { Some(outside) };
            let seen = self.at.get(judged).and_then(|at| self.seen.get_mut(*at));
            let Some(seen) = seen else { continue };
            seen.rule = match (seen.rule, rule) {
                (Some(before), Some(_)) if !before.keeps() => Some(before),
                (_, Some(Rule::Outside | Rule::Unlikely)) if seen.piece.kind == Kind::Image => {
                    Some(Rule::Picture)
                }
                (_, Some(rule)) => Some(rule),
                (before, None) => Some(before.unwrap_or(kept)),
            };
        }
    }

    /// Notes the lines of a text, which has no elements.
    pub(crate) fn judged_lines(&mut self, lines: &[Piece], out: &[Option<Rule>]) {
        let lines = lines.iter().zip(out);
        self.seen.extend(
            lines.map(|(line, out)| Seen::of(line.clone(), Some(out.unwrap_or(Rule::Kept)))),
        );
    }

    /// Notes a line that was not judged.
    pub(crate) fn line(&mut self, line: &str, rule: Rule) {
        self.seen.push(Seen::of(Piece::of_line(line.to_owned()), Some(rule)));
    }

    /// Leaves out what was kept so far and answers to this.
    pub(crate) fn leave_out(&mut self, is: impl Fn(&Piece) -> bool, rule: Rule) {
        let kept = self.seen.iter_mut().filter(|seen| seen.rule.is_some_and(Rule::keeps));
        kept.filter(|seen| is(&seen.piece)).for_each(|seen| seen.rule = Some(rule));
    }

    /// Says better what some of those are that stand outside.
    pub(crate) fn known(&mut self, is: impl Fn(&Piece) -> bool, rule: Rule) {
        let outside = self.seen.iter_mut().filter(|seen| seen.rule == Some(Rule::Outside));
        outside.filter(|seen| is(&seen.piece)).for_each(|seen| seen.rule = Some(rule));
    }

    /// The blocks as they are told.
    pub(crate) fn told(self) -> Vec<Judged> {
        let kept = |seen: &Seen| seen.rule.is_some_and(Rule::keeps);
        let first = self.seen.iter().position(kept).unwrap_or(usize::MAX);
        let last = self.seen.iter().rposition(kept).unwrap_or(0);
        let place = |at: usize| match at {
            _ if first > last => Stand::Nowhere,
            _ if at < first => Stand::Before,
            _ if at > last => Stand::After,
            _ => Stand::Within,
        };
        self.seen.into_iter().enumerate().map(|(at, seen)| seen.told(place(at))).collect()
    }
}

/// Where a piece stands to the story that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    Before,
    Within,
    After,
    Nowhere,
}

/// Reasons that are told: more are not read.
const REASONS_MAX: usize = 3;

/// A leaning in log odds below which nobody would call it a reason.
const LEANING_MIN: f32 = 0.05;

impl Seen {
    fn told(self, stand: Stand) -> Judged {
        let rule = self.rule.unwrap_or(Rule::Furniture);
        let kept = rule.keeps();
        let by_model = matches!(rule, Rule::Likely | Rule::Unlikely);
        let weighed = self.weighed.as_ref().filter(|_| by_model);
        let named = self
            .by_rules
            .filter(|named| by_model && !kept && !named.keeps() && *named != Rule::Outside);
        let mut leanings: Vec<Leaning> = weighed
            .map(|weighed| weighed.leanings.iter().copied())
            .into_iter()
            .flatten()
            .filter(|leaning| (leaning.by > 0.0) == kept && leaning.by.abs() >= LEANING_MIN)
            .filter(|leaning| leaning.on != Trait::Rules || named.is_none())
            .collect();
        leanings.sort_by(|a, b| b.by.abs().total_cmp(&a.by.abs()));
        let by_rule = |rule: Rule| Reason { word: rule.word(), says: rule.says(), by: None };
        let told = leanings.iter().map(|leaning| leaning.told(&self.piece, stand));
        let mut reasons: Vec<Reason> =
            named.map(by_rule).into_iter().chain(told).take(REASONS_MAX).collect();
        if reasons.is_empty() {
            reasons.push(by_rule(rule));
        }
        Judged {
            kind: BlockKind::of(&self.piece),
            linked: self.piece.link_density(),
            chance: self.weighed.map(|weighed| weighed.chance),
            text: self.piece.text,
            kept,
            reasons,
        }
    }
}
