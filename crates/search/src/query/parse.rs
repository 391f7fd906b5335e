//! Reads what was typed. Nothing typed is an error: what cannot be understood is passed over and told.

use super::{
    Ignored, Query, Reason,
    dates::Interval,
    fields::{Field, language_tag, urgency},
    lexer::{Lexer, Token, first_value, unquoted},
    tree::{Node, Part, Said},
    word::{Word, words},
};
use crate::words::Words;

/// Deepest bracket that is looked into; people write one or two.
const DEPTH_MAX: usize = 8;

/// Most conditions of a query: each is held against every document that is found.
const CONDITIONS_MAX: usize = 64;

/// Most values of a list behind one field (`source:a,b,c`); each is a condition of its own.
const VALUES_MAX: usize = 32;

/// Most words with a `*`: each stands for thousands, and puts a list together for all of them.
const STARS_MAX: usize = 4;

/// Most words that are looked at, stop words and excluded ones among them. Each costs a look into every part of the index.
const WORDS_TYPED_MAX: u32 = 200;

/// Fewest letters before a `*`: fewer begin half of all words.
pub(crate) const START_CHARS_MIN: usize = 3;

/// Widest gap that `~` may ask for.
const SLOP_MAX: u32 = 50;

/// How a unit follows the one before.
#[derive(Clone, Copy, PartialEq)]
enum Joint {
    Beside,
    And,
    Or,
}

/// A word, a phrase, a condition or a group, with its signs.
struct Unit {
    kind: Kind,
    joint: Joint,
    negated: bool,
    required: bool,
}

enum Kind {
    /// Words as they are typed.
    Plain(Vec<Word>),
    Condition(Node),
    Group(Vec<Unit>),
}

/// The parser of one query.
pub(crate) struct Parser<'a> {
    lexer: Lexer<'a>,
    place: u32,
    conditions: usize,
    stars: usize,
    ignored: Vec<Ignored>,
}

/// Reads a query.
pub(crate) fn parse(text: &str) -> Query {
    let mut parser =
        Parser { lexer: Lexer::new(text), place: 0, conditions: 0, stars: 0, ignored: Vec::new() };
    let mut units = Vec::new();
    // A bracket that closes none is passed over.
    while !parser.lexer.at_end() {
        units.extend(parser.sequence(0, None));
    }
    let mut query = Query { typed: parser.place, ignored: parser.ignored, ..Query::default() };
    for chain in chains(units) {
        query.take(chain);
    }
    query.finish();
    query
}

impl Query {
    /// Takes what is joined by OR, mostly one unit.
    fn take(&mut self, mut chain: Vec<Unit>) {
        if let [unit] = chain.as_mut_slice()
            && unit.is_bare()
        {
            return std::mem::replace(&mut unit.kind, Kind::Plain(Vec::new()))
                .bare(&mut self.wanted);
        }
        self.must.extend(alternatives(chain));
    }
}

impl Unit {
    /// Whether it is nothing but words that a document may hold or not.
    fn is_bare(&self) -> bool {
        !self.negated && !self.required && self.joint != Joint::And && self.kind.is_bare()
    }

    /// What it asks for; nothing where nothing is left of it.
    fn node(self) -> Option<Node> {
        let node = match self.kind {
            Kind::Plain(words) if words.is_empty() => return None,
            Kind::Plain(words) => Node::Run { part: Part::Text, words, slop: 0 },
            Kind::Condition(node) => node,
            Kind::Group(units) => {
                let mut nodes: Vec<Node> =
                    chains(units).into_iter().filter_map(alternatives).collect();
                match nodes.len() {
                    0 | 1 => nodes.pop()?,
                    _ => Node::All(nodes),
                }
            }
        };
        Some(if self.negated { Node::Not(Box::new(node)) } else { node })
    }
}

impl Kind {
    fn is_bare(&self) -> bool {
        match self {
            Self::Plain(_) => true,
            Self::Condition(_) => false,
            Self::Group(units) => {
                units.iter().all(|unit| unit.is_bare() && unit.joint == Joint::Beside)
            }
        }
    }

    fn bare(self, wanted: &mut Vec<Word>) {
        match self {
            Self::Plain(words) => wanted.extend(words),
            Self::Condition(_) => {}
            Self::Group(units) => units.into_iter().for_each(|unit| unit.kind.bare(wanted)),
        }
    }
}

/// The units with those together that are joined by OR.
fn chains(units: Vec<Unit>) -> Vec<Vec<Unit>> {
    let mut chains: Vec<Vec<Unit>> = Vec::new();
    for mut unit in units {
        match chains.last_mut() {
            Some(chain) if unit.joint == Joint::Or => chain.push(unit),
            Some(chain) => {
                // What AND follows is asked for as well as what follows it.
                if unit.joint == Joint::And {
                    chain.iter_mut().for_each(|before| before.required = true);
                }
                chains.push(vec![unit]);
            }
            None => {
                unit.joint = Joint::Beside;
                chains.push(vec![unit]);
            }
        }
    }
    chains
}

/// One of these, as a condition; none if nothing is left of them.
fn alternatives(chain: Vec<Unit>) -> Option<Node> {
    let mut nodes: Vec<Node> = chain.into_iter().filter_map(Unit::node).collect();
    match nodes.len() {
        0 | 1 => nodes.pop(),
        _ => Some(Node::Any(nodes)),
    }
}

impl Parser<'_> {
    /// Units up to a closing bracket or the end.
    fn sequence(&mut self, depth: usize, field: Option<Field>) -> Vec<Unit> {
        let mut units = Vec::new();
        let (mut joint, mut negated, mut required) = (Joint::Beside, false, false);
        while let Some(token) = self.lexer.next() {
            let kind = match token {
                Token::And => {
                    joint = Joint::And;
                    continue;
                }
                Token::Or => {
                    joint = Joint::Or;
                    continue;
                }
                Token::Not => {
                    negated = true;
                    continue;
                }
                Token::Plus => {
                    required = true;
                    continue;
                }
                Token::Close => return units,
                Token::Open(inner) => self.group(depth, inner.or(field)),
                Token::Piece { field: own, text, quoted, slop } => {
                    self.piece(own.or(field), text, quoted, slop)
                }
            };
            if let Some(kind) = kind {
                units.push(Unit { kind, joint, negated, required });
            }
            (joint, negated, required) = (Joint::Beside, false, false);
        }
        units
    }

    fn group(&mut self, depth: usize, field: Option<Field>) -> Option<Kind> {
        if depth >= DEPTH_MAX {
            self.pass_over("(", Reason::Deep);
            return None;
        }
        Some(Kind::Group(self.sequence(depth + 1, field)))
    }

    fn pass_over(&mut self, text: &str, reason: Reason) {
        let known = |ignored: &Ignored| ignored.reason == reason && ignored.text == text;
        if !self.ignored.iter().any(known) {
            self.ignored.push(Ignored { text: text.to_owned(), reason });
        }
    }

    /// What a word, a phrase or a field asks for.
    fn piece(&mut self, field: Option<Field>, text: &str, quoted: bool, slop: u32) -> Option<Kind> {
        if self.place >= WORDS_TYPED_MAX {
            self.pass_over(text, Reason::Long);
            return None;
        }
        let Some(field) = field else { return self.words(text, quoted, slop) };
        let parts = match quoted || matches!(field, Field::Time(_)) {
            true => vec![(text, quoted)],
            false => self.values(text),
        };
        let mut nodes: Vec<Node> = Vec::new();
        for (part, quoted) in parts {
            if self.conditions >= CONDITIONS_MAX {
                self.pass_over(part, Reason::Many);
                break;
            }
            self.conditions += 1;
            nodes.extend(self.condition(field, part, quoted));
        }
        match nodes.len() {
            0 | 1 => nodes.pop().map(Kind::Condition),
            _ => Some(Kind::Condition(Node::Any(nodes))),
        }
    }

    /// The values of a list, each once, and whether each was in quotation marks.
    fn values<'t>(&mut self, text: &'t str) -> Vec<(&'t str, bool)> {
        let (mut values, mut rest) = (Vec::new(), text);
        while !rest.is_empty() {
            let (value, after) = first_value(rest);
            // What is no value is passed over, be it a bracket.
            let skipped = after.chars().next().map_or(0, char::len_utf8);
            rest = after.get(skipped..).unwrap_or_default();
            let value = unquoted(value);
            if value.0.is_empty() || values.contains(&value) {
                continue;
            }
            if values.len() == VALUES_MAX {
                self.pass_over(value.0, Reason::Many);
                break;
            }
            values.push(value);
        }
        values
    }

    fn words(&mut self, text: &str, quoted: bool, slop: u32) -> Option<Kind> {
        if !quoted && let Some(start) = text.strip_suffix('*') {
            return self.start(text, start);
        }
        let found = words(text, &mut self.place);
        if quoted && !found.is_empty() {
            self.conditions += 1;
            let slop = slop.min(SLOP_MAX);
            return Some(Kind::Condition(Node::Run { part: Part::Text, words: found, slop }));
        }
        Some(Kind::Plain(found))
    }

    /// Words that begin so.
    fn start(&mut self, typed: &str, start: &str) -> Option<Kind> {
        let (mut cutter, mut form, mut last) = (Words::new(start), String::new(), String::new());
        while cutter.next(&mut form).is_some() {
            self.place += 1;
            last.clone_from(&form);
        }
        if last.chars().count() < START_CHARS_MIN {
            if last.is_empty() {
                return None;
            }
            self.pass_over(typed, Reason::Start);
            return None;
        }
        if self.stars >= STARS_MAX {
            self.pass_over(typed, Reason::Many);
            return None;
        }
        self.stars += 1;
        self.conditions += 1;
        let word = Word { begins: true, asked: true, ..Word::new(&last, self.place) };
        Some(Kind::Condition(Node::Run { part: Part::Text, words: vec![word], slop: 0 }))
    }

    /// What a field asks for.
    fn condition(&mut self, field: Field, text: &str, quoted: bool) -> Option<Node> {
        match field {
            Field::Headline => return self.headline(text, quoted),
            Field::Source => return Some(Node::SourceNamed(text.to_owned())),
            Field::Saved => return Some(Node::Saved(text.to_owned())),
            Field::Unsupported => {
                self.pass_over(text, Reason::Field);
                return None;
            }
            Field::Time(kind) => {
                let interval = kind.read(text);
                if interval.is_none() {
                    self.pass_over(text, Reason::Time);
                }
                return interval.map(Node::Time);
            }
            Field::Urgency => {
                let urgency = urgency(text);
                if urgency.is_none() {
                    self.pass_over(text, Reason::Value);
                }
                return urgency.map(|(from, to)| Node::Urgency(from, to));
            }
            Field::Said(_) => {}
        }
        let Field::Said(what) = field else { return None };
        let words = match what {
            Said::Language => vec![language_tag(text)],
            _ => said_words(text),
        };
        if words.is_empty() {
            self.pass_over(text, Reason::Value);
            return None;
        }
        Some(Node::Said { what, words })
    }

    /// Words in the headline; a phrase has to stand in the text too, for headlines have no places.
    fn headline(&mut self, text: &str, quoted: bool) -> Option<Node> {
        let found = words(text, &mut self.place);
        let run = |part, words| Node::Run { part, words, slop: 0 };
        let mut nodes: Vec<Node> =
            found.iter().map(|word| run(Part::Headline, vec![word.clone()])).collect();
        if quoted && found.len() > 1 {
            nodes.push(run(Part::Text, found));
        }
        match nodes.len() {
            0 | 1 => nodes.pop(),
            _ => Some(Node::All(nodes)),
        }
    }
}

/// The folded words of what is said of an article, all of them.
pub(crate) fn said_words(text: &str) -> Vec<String> {
    let (mut cutter, mut form, mut words) = (Words::new(text), String::new(), Vec::new());
    while cutter.next(&mut form).is_some() {
        words.push(form.clone());
    }
    words
}

/// How a field of time reads its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeField {
    Before,
    After,
    Since,
    Within,
}

impl TimeField {
    fn read(self, text: &str) -> Option<Interval> {
        match self {
            Self::Before => Interval::before(text),
            Self::After => Interval::after(text),
            Self::Since => Interval::since(text),
            Self::Within => Interval::within(text),
        }
    }
}
