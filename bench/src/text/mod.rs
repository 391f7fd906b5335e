//! News that nobody wrote: pieces as a dozen outlets would send them over some days, with stories
//! that go on and copies of one another, the same for the same seed.

pub(crate) mod feeds;
mod grammar;
mod lexicon;
pub(crate) mod random;
mod sets;

use std::{collections::VecDeque, path::Path};

use depeche_news::jiff::{SignedDuration, Timestamp};

use grammar::{Subject, Writer};
use lexicon::Lexicon;
use random::Random;
use sets::Pool;

/// Outlets that the pieces come from.
pub(crate) const OUTLETS: usize = 12;

/// How much of it is copied: measured among French outlets on one day, between a fifth and a half.
const COPIED: f64 = 0.3;
/// Pieces back that a copy may be of: some hours.
const COPIED_OF_LAST: usize = 400;
/// Stories that go on at once.
const STORIES: usize = 120;
/// How often a piece is about a story that goes on.
const IN_STORY: f64 = 0.5;
/// How often one of the stories ends and another begins, at each piece: each lives some days.
const STORY_ENDS: f64 = 0.01;

/// Bytes of bodies, by tenths of the pieces: about 3 kB in the mean, with the spread of the press.
const BODY_BYTES: [usize; 11] = [350, 800, 1250, 1700, 2150, 2650, 3200, 3800, 4600, 5800, 9000];

/// One piece, as its outlet has it.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) number: usize,
    pub(crate) outlet: usize,
    pub(crate) headline: String,
    pub(crate) standfirst: Option<String>,
    pub(crate) paragraphs: Vec<String>,
    /// A subhead before this paragraph.
    pub(crate) subhead: Option<(usize, String)>,
    pub(crate) place: String,
    pub(crate) section: &'static str,
    pub(crate) author: String,
    pub(crate) at: Timestamp,
}

impl Piece {
    /// Bytes of what is read as its text: standfirst and body.
    pub(crate) fn text_bytes(&self) -> usize {
        let subhead = self.subhead.as_ref().map_or(0, |(_, text)| text.len());
        let standfirst = self.standfirst.as_ref().map_or(0, String::len);
        standfirst + subhead + self.paragraphs.iter().map(String::len).sum::<usize>()
    }
}

/// Where pieces come from, one after the other.
pub(crate) struct Newsroom {
    words: Lexicon,
    random: Random,
    pool: Option<Pool>,
    stories: Vec<Subject>,
    recent: VecDeque<Piece>,
    number: usize,
    next_at: Timestamp,
    apart: SignedDuration,
}

impl Newsroom {
    /// Pieces that end at `end` if `count` are taken, `a_day` of them each day.
    pub(crate) fn open(plan: &Plan<'_>) -> anyhow::Result<Self> {
        let words = Lexicon::new();
        let mut random = Random::new(plan.seed);
        let stories = (0..STORIES).map(|_| Subject::new(&words, &mut random)).collect();
        let apart = SignedDuration::from_millis(86_400_000 / plan.a_day.max(1) as i64);
        let next_at = plan.end - apart * plan.count as i32;
        let pool = plan.sets.map(Pool::read).transpose()?;
        let recent = VecDeque::with_capacity(COPIED_OF_LAST + 1);
        Ok(Self { words, random, pool, stories, recent, number: plan.first, next_at, apart })
    }

    /// The next piece.
    pub(crate) fn piece(&mut self) -> Piece {
        let copied = self.recent.len() > 20 && self.random.chance(COPIED);
        let piece = if copied { self.copy() } else { self.original() };
        self.number += 1;
        self.next_at += self.apart;
        if !copied {
            self.recent.push_back(piece.clone());
            if self.recent.len() > COPIED_OF_LAST {
                self.recent.pop_front();
            }
        }
        piece
    }

    fn original(&mut self) -> Piece {
        if self.random.chance(STORY_ENDS) {
            let story = self.random.below(STORIES);
            self.stories[story] = Subject::new(&self.words, &mut self.random);
        }
        let subject = match self.random.chance(IN_STORY) {
            true => self.stories[self.random.zipf(STORIES, 5.0)].clone(),
            false => Subject::new(&self.words, &mut self.random),
        };
        let bytes = self.body_bytes();
        let random = &mut self.random;
        let (headline, standfirst, paragraphs) = match &self.pool {
            Some(pool) => pool.piece(random, bytes),
            None => written(&mut Writer { words: &self.words, random, subject: &subject }, bytes),
        };
        let long = paragraphs.len() > 4 && self.pool.is_none() && self.random.chance(0.5);
        let mut writer = Writer { words: &self.words, random: &mut self.random, subject: &subject };
        Piece {
            number: self.number,
            subhead: long.then(|| (2, writer.subhead())),
            outlet: self.random.zipf(OUTLETS, 6.0),
            headline,
            standfirst,
            paragraphs,
            place: subject.place().to_owned(),
            section: subject.section,
            author: self.words.person(&mut self.random),
            at: self.next_at,
        }
    }

    fn body_bytes(&mut self) -> usize {
        let tenth = self.random.below(BODY_BYTES.len() - 1);
        self.random.between(BODY_BYTES[tenth], BODY_BYTES[tenth + 1])
    }

    /// A recent piece as another outlet prints it: as it is, cut, or touched up.
    fn copy(&mut self) -> Piece {
        let mut piece = self.recent[self.random.below(self.recent.len())].clone();
        piece.number = self.number;
        piece.at = self.next_at;
        piece.outlet = (piece.outlet + self.random.between(1, OUTLETS - 1)) % OUTLETS;
        match self.random.below(3) {
            0 => {}
            1 => self.cut(&mut piece),
            _ => self.touch_up(&mut piece),
        }
        piece
    }

    fn cut(&mut self, piece: &mut Piece) {
        let share = 0.4 + 0.5 * self.random.unit();
        let kept = (piece.paragraphs.len() as f64 * share).ceil() as usize;
        piece.paragraphs.truncate(kept.max(1));
        piece.subhead = piece.subhead.take().filter(|(before, _)| *before < kept);
    }

    /// Another headline, a paragraph dropped, a sentence added, a word in thirty another.
    fn touch_up(&mut self, piece: &mut Piece) {
        let subject = Subject::new(&self.words, &mut self.random);
        let mut writer = Writer { words: &self.words, random: &mut self.random, subject: &subject };
        piece.headline = writer.headline();
        let mut added = String::new();
        writer.sentence(&mut added);
        if piece.paragraphs.len() > 2 {
            let dropped = self.random.below(piece.paragraphs.len());
            piece.paragraphs.remove(dropped);
        }
        for paragraph in &mut piece.paragraphs {
            let words: Vec<String> = paragraph.split(' ').map(|word| self.other(word)).collect();
            *paragraph = words.join(" ");
        }
        piece.paragraphs.push(added);
        piece.subhead = None;
    }

    fn other(&mut self, word: &str) -> String {
        if !self.random.chance(1.0 / 30.0) {
            return word.to_owned();
        }
        let noun = self.words.draw_noun(&mut self.random);
        self.words.noun(noun, word.ends_with('s'))
    }
}

/// What pieces are wanted.
pub(crate) struct Plan<'a> {
    pub(crate) seed: u64,
    pub(crate) count: usize,
    pub(crate) a_day: usize,
    pub(crate) end: Timestamp,
    /// The folder of evaluation sets that texts are taken from, instead of made-up ones.
    pub(crate) sets: Option<&'a Path>,
    /// The number of the first, by which outlets name their pieces.
    pub(crate) first: usize,
}

/// Headline, standfirst, paragraphs.
type Text = (String, Option<String>, Vec<String>);

fn written(writer: &mut Writer<'_>, bytes: usize) -> Text {
    let headline = writer.headline();
    let standfirst = writer.random.chance(0.5).then(|| writer.paragraph(160));
    let mut paragraphs = Vec::new();
    let mut left = bytes;
    while left > 150 || paragraphs.is_empty() {
        let size = writer.random.between(120, 620).min(left);
        let paragraph = writer.paragraph(size);
        left = left.saturating_sub(paragraph.len());
        paragraphs.push(paragraph);
    }
    (headline, standfirst, paragraphs)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn pieces(seed: u64, count: usize) -> Vec<Piece> {
        let plan =
            Plan { seed, count, a_day: 1000, end: Timestamp::UNIX_EPOCH, sets: None, first: 0 };
        let mut newsroom = Newsroom::open(&plan).unwrap();
        (0..count).map(|_| newsroom.piece()).collect()
    }

    #[test]
    fn a_seed_gives_the_same_pieces() {
        let texts = |seed| pieces(seed, 30).into_iter().map(|piece| piece.paragraphs);
        assert!(texts(1).eq(texts(1)));
        assert!(!texts(1).eq(texts(2)));
    }

    #[test]
    fn pieces_are_as_long_and_as_many_worded_as_news() {
        let pieces = pieces(1, 2000);
        let bytes: usize = pieces.iter().map(Piece::text_bytes).sum();
        assert!((2500..3500).contains(&(bytes / pieces.len())), "{}", bytes / pieces.len());
        let words: HashSet<&str> = pieces
            .iter()
            .flat_map(|piece| &piece.paragraphs)
            .flat_map(|text| text.split(' '))
            .collect();
        // 2,000 pieces of the French press have about 60,000 different words.
        assert!(words.len() > 40_000, "{}", words.len());
    }
}
