//! The standfirst that a page shows apart from its story.
//!
//! What calls itself one, what the page declares as its description, or the only prose between headline and story.

use depeche_text::fold;

use crate::blocks::{Kind, Piece};
use crate::content::{Known, is_prose, is_teaser_of, same_start, sorted};
use crate::marks::Marks;
use crate::{dates, headline, phrases};

/// Farthest headline above the story, in pieces.
const REACH_MAX: usize = 25;

/// Pieces before the story that are looked at where no headline stands above it, and before the headline.
const NEAR_MAX: usize = 4;

const SIZE_MIN: usize = 30;
const SIZE_MAX: usize = 600;

/// The place of the standfirst among all pieces of a page, where it is none of those inside the story.
pub(crate) fn beside(pieces: &[Piece], inside: &[bool], known: &Known) -> Option<usize> {
    let first = inside.iter().position(|inside| *inside)?;
    let reach = first.saturating_sub(REACH_MAX);
    let above = pieces.get(reach..first).unwrap_or_default();
    let headline = above.iter().rposition(|piece| is_headline(piece, known)).map(|at| reach + at);
    let from = headline.map_or(first.saturating_sub(NEAR_MAX), |at| at + 1);
    let story: Vec<String> = pieces
        .iter()
        .zip(inside)
        .filter(|(piece, inside)| **inside && piece.kind != Kind::Image)
        .map(|(piece, _)| fold(&piece.text))
        .collect();
    let places = |from: usize, to: usize| {
        let some = pieces.get(from..to).unwrap_or_default().iter().zip(from..);
        some.map(|(piece, at)| Candidate { at, piece, folded: fold(&piece.text) })
            .filter(|one| one.may_be() && !one.is_in(&story) && !is_under_image(pieces, one.at))
            .collect::<Vec<Candidate>>()
    };
    let below = places(from, first);
    let before = headline.map(|at| places(at.saturating_sub(NEAR_MAX), at)).unwrap_or_default();
    let told = |all: &[Candidate]| {
        let by = |is: &dyn Fn(&Candidate) -> bool| all.iter().find(|one| is(one)).map(|one| one.at);
        by(&|one| one.is_named(Marks::STANDFIRST_PROPER))
            .or_else(|| by(&|one| one.is_declared(known)))
    };
    let named = || below.iter().find(|one| one.is_named(Marks::STANDFIRST)).map(|one| one.at);
    let only = || {
        let mut prose = below.iter().filter(|one| one.is_plain_prose());
        let only = prose.next().filter(|_| prose.next().is_none())?;
        (headline.is_some() && tells_of(&only.folded, &story.join(" "))).then_some(only.at)
    };
    told(&below).or_else(|| told(&before)).or_else(named).or_else(only)
}

/// The place of a standfirst that was kept as the story's first piece though it is declared or named as one and set
/// apart: by bold letters, its element, or the author or date under it. What the model is sure of stays.
pub(crate) fn first_of(
    pieces: &[Piece],
    inside: &[bool],
    chance: impl Fn(usize) -> f32,
    known: &Known,
) -> Option<usize> {
    let is_text = |at: &usize| pieces.get(*at).is_some_and(|piece| piece.kind != Kind::Image);
    let kept = || (0..pieces.len()).filter(|at| inside.get(*at) == Some(&true)).filter(is_text);
    let (first, second) = (kept().next()?, kept().nth(1)?);
    let piece = pieces.get(first)?;
    let one = Candidate { at: first, piece, folded: fold(&piece.text) };
    let named = one.is_named(Marks::STANDFIRST);
    let above_byline = || pieces.get(first + 1..second).unwrap_or_default().iter().any(is_byline);
    let bold = piece.is_bold();
    let set_apart = || bold || piece.in_header || piece.is_heading() || above_byline();
    let told = one.is_declared(known) && (named || set_apart()) || named && above_byline();
    let others = kept().skip(1).filter_map(|at| pieces.get(at));
    let alone = bold
        && one.is_plain_prose()
        && !others.clone().any(|piece| piece.is_bold() && piece.size > SIZE_MIN * 3);
    let sure = if told { SURE } else { BOLD_SURE };
    ((told || alone) && chance(first) < sure && one.may_be() && kept().nth(STORY_MIN).is_some())
        .then_some(first)
}

/// The same for one that is the only bold paragraph of its story, whatever is declared: with 0.99 segments fell by 0.002.
const BOLD_SURE: f32 = 0.9;

/// The chance from which on a first piece is the story's whatever it is called.
const SURE: f32 = 0.8;

/// A story that goes on without its first piece has at least so many.
const STORY_MIN: usize = 3;

/// Whether a short line names the author or the date.
fn is_byline(piece: &Piece) -> bool {
    let folded = fold(&piece.text);
    let starts = || phrases::BYLINE_STARTS.iter().any(|start| folded.starts_with(start));
    let dated = || dates::prose(&piece.text, dates::Order::DayFirst).is_some();
    !matches!(piece.kind, Kind::Image | Kind::Caption)
        && piece.size < BYLINE_SIZE_MAX
        && (piece.marks.any(Marks::BYLINE | Marks::DATE) || starts() || dated())
}

const BYLINE_SIZE_MAX: usize = 160;

/// Whether a piece is the headline, alone or with a line that old markup sets under it.
pub(crate) fn is_headline(piece: &Piece, known: &Known) -> bool {
    let starts = || {
        let letters = headline::letters(&piece.text);
        let start = |form: &String| {
            form.len() >= SIZE_MIN && letters.len() < form.len() + 60 && letters.starts_with(form)
        };
        known.headlines.iter().any(start)
    };
    known.is_headline(piece) || (piece.size < SIZE_MAX && starts())
}

/// Whether a text opens as an agency's story does, with a dateline: it is its first paragraph, however it is set.
pub(crate) fn opens_story(text: &str) -> bool {
    depeche_text::dateline(text).is_some_and(|dateline| dateline.contains('('))
}

fn is_under_image(pieces: &[Piece], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| pieces.get(before));
    before.is_some_and(|before| before.kind == Kind::Image)
}

struct Candidate<'a> {
    at: usize,
    piece: &'a Piece,
    folded: String,
}

impl Candidate<'_> {
    /// Whether it is a text of the right size that is nothing else.
    fn may_be(&self) -> bool {
        let other = Marks::CAPTION | Marks::BYLINE | Marks::DATE | Marks::COMMENT | Marks::CONSENT;
        !matches!(self.piece.kind, Kind::Image | Kind::Caption)
            && (SIZE_MIN..SIZE_MAX).contains(&self.piece.size)
            && self.piece.link_density() < 0.3
            && !self.piece.marks.any(other)
            && !phrases::is_notice(&self.folded)
            && !phrases::is_furniture_line(&self.folded)
            && !phrases::is_caption(&self.folded)
            && !phrases::BYLINE_STARTS.iter().any(|start| self.folded.starts_with(start))
            && !opens_story(&self.piece.text)
    }

    /// Whether the story says it again, or goes on where it is cut.
    fn is_in(&self, story: &[String]) -> bool {
        story.iter().any(|text| same_start(text, &self.folded))
            || is_teaser_of(&sorted(story.iter().map(String::as_str)), &self.folded)
    }

    fn is_named(&self, marks: Marks) -> bool {
        self.piece.marks.any(marks)
    }

    fn is_declared(&self, known: &Known) -> bool {
        known.standfirsts.iter().any(|declared| is_start_of(declared, &self.folded))
    }

    fn is_plain_prose(&self) -> bool {
        is_prose(self.piece)
            && self.piece.kind != Kind::Entry
            && !self.piece.marks.any(Marks::FURNITURE)
            && !depeche_text::is_cut(&self.folded)
    }
}

/// Whether a declared description is that text, or its start where the page's makers cut it.
fn is_start_of(declared: &str, shown: &str) -> bool {
    let start = declared.trim_end_matches(|c: char| !c.is_alphanumeric());
    same_start(declared, shown)
        || (depeche_text::is_cut(declared) && start.len() >= SIZE_MIN && shown.starts_with(start))
}

/// Whether a description that the page does not show tells of its story: that of a whole site says the same on every page.
pub(crate) fn tells_of(description: &str, story: &str) -> bool {
    let description = fold(description);
    let words = description.split(|c: char| !c.is_alphanumeric());
    let told: foldhash::HashSet<&str> =
        words.filter(|word| word.chars().count() >= WORD_CHARS_MIN).collect();
    let story = fold(story);
    let said = story.split(|c: char| !c.is_alphanumeric()).filter(|word| told.contains(word));
    let shared = said.collect::<foldhash::HashSet<&str>>().len();
    shared >= 2 && shared * SHARED_OF >= told.len()
}

/// Words from which on a word is believed to say something.
const WORD_CHARS_MIN: usize = 4;

/// One word in so many must be the story's.
const SHARED_OF: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    /// An agency's own page sets its first paragraph as others set a standfirst.
    #[test]
    fn a_paragraph_with_a_dateline_is_of_the_story() {
        let lead = "NARBONNE, 27 nov (Méridienne) - Le feu qui a parcouru 620 hectares dans les Corbières est désormais fixé.";
        let page = format!(
            "<html lang=fr><title>Le feu est fixé</title><h1>Le feu est fixé</h1><p class=chapo>{lead}</p><p class=byline>Par Jeanne Morel</p>\
            <div><p>Environ 150 hommes restent sur place pour noyer les lisières et surveiller les souches.</p>\
            <p>Les habitants du hameau évacué ont retrouvé leurs maisons, et la route doit rouvrir dans la soirée.</p>\
            <p>La préfecture a salué l'action des bénévoles qui ont guidé les camions sur les pistes.</p></div>"
        );
        let article = crate::article(page.as_bytes(), &crate::Hints::default()).article;
        assert_eq!(article.standfirst, None);
        assert_eq!(article.body.first().map(|block| block.text()).as_deref(), Some(lead));
    }

    #[test]
    fn descriptions_of_a_site_tell_nothing() {
        let story =
            "La crue recule à Verdun. L'eau de la Meuse baisse depuis mardi, la mairie respire.";
        assert!(tells_of("À Verdun, la crue de la Meuse recule enfin.", story));
        assert!(!tells_of("Toute l'actualité de la région en direct, photos et vidéos.", story));
        assert!(!tells_of("", story));
    }
}
