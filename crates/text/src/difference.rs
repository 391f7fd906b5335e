//! What became of a text: by words, with figures, names and quotations brought out.
//!
//! Who reads a correction asks what is different and whether it matters. Words are compared, not letters; what stays
//! between two changes but means nothing by itself goes with them; figures are paired with what replaced them.

mod words;

use std::collections::HashSet;

use depeche_news::limits::text::{DIFFERENCE_WORDS_MAX, DIFFERENCES_MAX};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::fold;
use words::{Word, names, paragraphs, quotations, words};

/// What became of a stretch of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is in both.
    Same,
    /// It was only in the earlier text.
    Left,
    /// It is only in the later one.
    Added,
}

/// What a changed word is, where that makes the change a grave one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// A word like others.
    Plain,
    /// It has digits.
    Figure,
    /// It is part of a name.
    Name,
    /// It stands in quotation marks.
    Quotation,
}

/// Words in a row of which the same became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// What became of them.
    pub change: Change,
    /// What they are; of what is the same always [`Weight::Plain`].
    pub weight: Weight,
    /// The words as they are written, with the spaces between and before them.
    pub text: String,
}

/// How a text differs from an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Both texts in one, a paragraph each.
    pub paragraphs: Vec<Vec<Stretch>>,
    /// Figures that changed: what stood there and what stands there now, each with the word after it; one of both may be
    /// empty.
    pub figures: Vec<(String, String)>,
    /// Names that only the later text has.
    pub names_added: Vec<String>,
    /// Names that only the earlier one had.
    pub names_left: Vec<String>,
    /// Quotations that only the later text has.
    pub quotations_added: Vec<String>,
    /// Quotations that only the earlier one had.
    pub quotations_left: Vec<String>,
    /// Words that both have, in one order.
    pub same: usize,
    /// Words that only the earlier text had.
    pub left: usize,
    /// Words that only the later one has.
    pub added: usize,
    /// The longest passage in common, in words.
    pub longest: usize,
}

impl Difference {
    /// Whether nothing changed but spaces and the form of signs.
    pub fn is_none(&self) -> bool {
        self.left == 0 && self.added == 0
    }
}

/// How `new` differs from `old`; both have one paragraph a line.
///
/// Texts of more than [`DIFFERENCE_WORDS_MAX`] words and signs are compared by whole paragraphs; of as many paragraphs the
/// rest is one.
pub fn difference(old: &str, new: &str) -> Difference {
    let (mut before, mut after) =
        (words(old, DIFFERENCE_WORDS_MAX), words(new, DIFFERENCE_WORDS_MAX));
    if before.len().max(after.len()) > DIFFERENCE_WORDS_MAX {
        (before, after) =
            (paragraphs(old, DIFFERENCE_WORDS_MAX), paragraphs(new, DIFFERENCE_WORDS_MAX));
    }
    let steps = capture_diff_slices(Algorithm::Myers, &keys(&before), &keys(&after));
    let steps = joined(steps, &before);
    let mut found = Difference {
        figures: figures(&steps, &before, &after),
        names_added: beyond(names(&after), &names(&before)),
        names_left: beyond(names(&before), &names(&after)),
        quotations_added: beyond(quotations(&after), &quotations(&before)),
        quotations_left: beyond(quotations(&before), &quotations(&after)),
        ..Difference::default()
    };
    let mut page = Page::default();
    for step in &steps {
        let (old, new) = (step.old_range(), step.new_range());
        let (old, new) = (slice(&before, &old), slice(&after, &new));
        match step {
            DiffOp::Equal { .. } => {
                let count = counted(new);
                found.same += count;
                found.longest = found.longest.max(count);
                page.set(new, Change::Same);
            }
            _ => {
                found.left += counted(old);
                found.added += counted(new);
                page.set(old, Change::Left);
                page.set(new, Change::Added);
            }
        }
    }
    found.paragraphs = page.done();
    found
}

fn keys<'w>(words: &'w [Word]) -> Vec<&'w str> {
    words.iter().map(|word| &*word.key).collect()
}

fn slice<'w, 'a>(words: &'w [Word<'a>], range: &std::ops::Range<usize>) -> &'w [Word<'a>] {
    words.get(range.clone()).unwrap_or_default()
}

fn counted(words: &[Word]) -> usize {
    words.iter().map(|word| word.count).sum()
}

/// Words that stay between two changes, and fewer than the words of each: they are read with them.
const ISLAND_MAX: usize = 2;

/// Smallest change that takes an island with it; a figure alone keeps its place between the words around it.
const CHANGE_MIN: usize = 3;

/// The steps with small islands between large changes made part of them.
fn joined(steps: Vec<DiffOp>, before: &[Word]) -> Vec<DiffOp> {
    let large = |step: Option<&DiffOp>| {
        step.is_some_and(|step| {
            !matches!(step, DiffOp::Equal { .. })
                && step.old_range().len().max(step.new_range().len()) >= CHANGE_MIN
        })
    };
    let mut all: Vec<DiffOp> = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let kept = slice(before, &step.old_range());
        let island = matches!(step, DiffOp::Equal { .. })
            && kept.len() <= ISLAND_MAX
            && kept.iter().all(|word| !word.is_break() && word.weight != Weight::Figure)
            && large(all.last())
            && large(steps.get(at + 1));
        let follows = all.last().is_some_and(|last| !matches!(last, DiffOp::Equal { .. }));
        match all.last_mut() {
            Some(last) if island || (follows && !matches!(step, DiffOp::Equal { .. })) => {
                let (old, new) = (last.old_range(), last.new_range());
                *last = DiffOp::Replace {
                    old_index: old.start,
                    old_len: old.len() + step.old_range().len(),
                    new_index: new.start,
                    new_len: new.len() + step.new_range().len(),
                };
            }
            _ => all.push(*step),
        }
    }
    all
}

/// The figures that changed: first those that took the place of others, where both sides of a change have as many; then,
/// each once, those that neither the other text nor one of these has.
fn figures(steps: &[DiffOp], before: &[Word], after: &[Word]) -> Vec<(String, String)> {
    let keys = |words| figures_in(words, 0..usize::MAX).into_iter().map(|figure| figure.key);
    let (mut had, mut has): (HashSet<String>, HashSet<String>) =
        (keys(before).collect(), keys(after).collect());
    let (mut replaced, mut left, mut added) = (Vec::new(), Vec::new(), Vec::new());
    for step in steps.iter().filter(|step| !matches!(step, DiffOp::Equal { .. })) {
        let old = figures_in(before, step.old_range());
        let new = figures_in(after, step.new_range());
        match old.len() == new.len() {
            true => {
                replaced.extend(old.into_iter().zip(new).filter(|(old, new)| old.key != new.key))
            }
            false => {
                left.extend(old);
                added.extend(new);
            }
        }
    }
    for (old, new) in &replaced {
        has.insert(old.key.clone());
        had.insert(new.key.clone());
    }
    left.retain(|figure| has.insert(figure.key.clone()));
    added.retain(|figure| had.insert(figure.key.clone()));
    let replaced = replaced.into_iter().map(|(old, new)| (old.told, new.told));
    let left = left.into_iter().map(|figure| (figure.told, String::new()));
    let added = added.into_iter().map(|figure| (String::new(), figure.told));
    replaced.chain(left).chain(added).take(DIFFERENCES_MAX).collect()
}

/// A figure, and how it is told: with the word after it.
struct Figure {
    key: String,
    told: String,
}

fn figures_in(words: &[Word], range: std::ops::Range<usize>) -> Vec<Figure> {
    let end = range.end.min(words.len());
    let is_figure = |at: &usize| words.get(*at).is_some_and(|word| word.weight == Weight::Figure);
    let figure = |at: usize| {
        let (figure, next) = (words.get(at)?, words.get(at + 1));
        let unit = next.filter(|next| next.is_letters() || next.text == "%");
        let unit = unit.map(|unit| format!("\u{a0}{}", unit.text)).unwrap_or_default();
        Some(Figure { key: figure.key.to_string(), told: format!("{}{unit}", figure.text) })
    };
    (range.start..end).filter(is_figure).filter_map(figure).collect()
}

/// Those of `all` that are not among `others`, each once.
fn beyond(all: Vec<String>, others: &[String]) -> Vec<String> {
    let mut known: HashSet<String> = others.iter().map(|other| fold(other)).collect();
    let new = all.into_iter().filter(|one| known.insert(fold(one)));
    new.take(DIFFERENCES_MAX).collect()
}

/// Both texts in one, as it is set.
#[derive(Default)]
struct Page {
    done: Vec<Vec<Stretch>>,
    open: Vec<Stretch>,
}

impl Page {
    fn set(&mut self, words: &[Word], change: Change) {
        for word in words {
            if word.is_break() {
                // One that only the earlier text had parts nothing any more, but what is all gone.
                let gone = self.open.iter().all(|stretch| stretch.change == Change::Left);
                if change != Change::Left || gone {
                    self.close();
                }
                continue;
            }
            let weight = if change == Change::Same { Weight::Plain } else { word.weight };
            let space =
                if word.spaced || self.runs_into(word, change) { self.space(change) } else { "" };
            match self.open.last_mut() {
                Some(last) if (last.change, last.weight) == (change, weight) => {
                    last.text.push_str(space);
                    last.text.push_str(&word.text);
                }
                _ => {
                    self.open.push(Stretch {
                        change,
                        weight,
                        text: format!("{space}{}", word.text),
                    });
                }
            }
        }
    }

    /// Whether a word that takes the place of another would stand against it without a space.
    fn runs_into(&self, word: &Word, change: Change) -> bool {
        self.open.last().is_some_and(|last| {
            let replaces = (last.change, change) == (Change::Left, Change::Added);
            replaces
                && last.text.ends_with(char::is_alphanumeric)
                && word.text.starts_with(char::is_alphanumeric)
        })
    }

    /// The space before a word, unless it is set here: before what changed it is marked with nothing.
    fn space(&mut self, change: Change) -> &'static str {
        let Some(last) = self.open.last_mut() else { return "" };
        match (last.change, change) {
            (Change::Same, Change::Left | Change::Added) => last.text.push(' '),
            (Change::Left, Change::Added) | (Change::Added, Change::Left) => {
                let (change, text) = (Change::Same, " ".to_owned());
                self.open.push(Stretch { change, weight: Weight::Plain, text });
            }
            _ => return " ",
        }
        ""
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            self.done.push(std::mem::take(&mut self.open));
        }
    }

    fn done(mut self) -> Vec<Vec<Stretch>> {
        self.close();
        self.done
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A difference as one would mark it by hand: `[-left-]`, `{+added+}`, `#` before a figure, `@` before a name, `"` before
    /// a quotation.
    fn marked(old: &str, new: &str) -> String {
        let set = |stretch: &Stretch| {
            let weight = match stretch.weight {
                Weight::Plain => "",
                Weight::Figure => "#",
                Weight::Name => "@",
                Weight::Quotation => "\"",
            };
            match stretch.change {
                Change::Same => stretch.text.clone(),
                Change::Left => format!("[-{weight}{}-]", stretch.text),
                Change::Added => format!("{{+{weight}{}+}}", stretch.text),
            }
        };
        let paragraphs = difference(old, new).paragraphs;
        let lines = paragraphs.iter().map(|line| line.iter().map(set).collect::<String>());
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn words_that_changed_are_marked() {
        for (old, new, wanted) in [
            (
                "La crue a fait 12 morts.",
                "La crue a fait 14 morts.",
                "La crue a fait [-#12-] {+#14+} morts.",
            ),
            (
                "Le maire, Paul Aubin, l’a dit.",
                "Le maire, Jean Aubin, l'a dit.",
                "Le maire, [-@Paul-] {+@Jean+} Aubin, l'a dit.",
            ),
            ("Un.\nDeux.", "Un.\nDeux.", "Un.\nDeux."),
            ("Un.\nDeux.\nTrois.", "Un.\nTrois.", "Un.\n[-Deux.-]\nTrois."),
            (
                "La Meuse monte.",
                "La Meuse monte.\n« Nous partons », a dit un riverain.",
                "La Meuse monte.\n{+\"« Nous partons »+}{+, a dit un riverain.+}",
            ),
            (
                "Le prix est de 1 200 euros",
                "Le prix est de 1\u{202f}200 euros",
                "Le prix est de 1\u{202f}200 euros",
            ),
            (
                "Le prix est de 3.500 euros, 2,5 %",
                "Le prix est de 3\u{a0}500 euros, 2.5 %",
                "Le prix est de 3\u{a0}500 euros, [-#2,5-] {+#2.5+} %",
            ),
            ("", "Un mot", "{+Un mot+}"),
            ("Un mot", "", "[-Un mot-]"),
            ("", "", ""),
            (
                "le préfet a levé l'alerte rouge hier",
                "les services ont rouvert la route hier",
                "[-le préfet a levé l'alerte rouge-] {+les services ont rouvert la route+} hier",
            ),
        ] {
            assert_eq!(marked(old, new), wanted, "{old} / {new}");
        }
    }

    #[test]
    fn what_matters_is_told_apart() {
        let old = "VERDUN - La crue a fait 12 morts et 40 blessés, selon Paul Aubin. « Nous partons », a-t-il dit.";
        let new = "VERDUN - La crue a fait 14 morts et 40 blessés, selon la préfète Anne Le Goff. « Nous restons », a-t-elle dit mardi 3 mars.";
        let found = difference(old, new);
        let told = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            found.figures,
            [
                ("12\u{a0}morts".to_owned(), "14\u{a0}morts".to_owned()),
                (String::new(), "3\u{a0}mars".to_owned())
            ]
        );
        assert_eq!(
            (found.names_added, found.names_left),
            (told(&["Anne Le Goff"]), told(&["Paul Aubin"]))
        );
        assert_eq!(
            (found.quotations_added, found.quotations_left),
            (told(&["Nous restons"]), told(&["Nous partons"]))
        );
        let found = difference(
            "La préfète chiffre les dégâts à 9 millions, dit-on.",
            "Bien 19 et 19 millions, 3 fois.\nLa préfète chiffre les dégâts à 19 millions, dit-on.",
        );
        let pair = ("9\u{a0}millions".to_owned(), "19\u{a0}millions".to_owned());
        assert_eq!(found.figures, [pair, (String::new(), "3\u{a0}fois".to_owned())]);
        let found =
            difference("", "Le feu de Saint-Loup. Port-la-Nouvelle aussi, dit-on - Anne le dit.");
        assert_eq!(found.names_added, told(&["Saint-Loup", "Port-la-Nouvelle"]));
        assert!(difference("« Oui »", "\"Oui\"").is_none());
        assert!(!difference("Oui", "Non").is_none());
    }

    #[test]
    fn a_long_text_is_compared_by_its_paragraphs() {
        let line = "La Meuse monte encore et la préfecture appelle à la prudence. ";
        let old: String = (0..4_000).map(|at| format!("{line}{at}\n")).collect();
        let new = old.replace("3999", "x");
        let found = difference(&old, &new);
        assert_eq!((found.left, found.added), (12, 12));
        assert!(found.same > 40_000);
    }

    #[test]
    fn signs_without_end_are_read_no_further_than_they_are_compared() {
        let signs = "\u{301}".repeat(1_000_000);
        assert_eq!(words(&signs, DIFFERENCE_WORDS_MAX).len(), DIFFERENCE_WORDS_MAX + 1);
        let lines = "x\n".repeat(100_000);
        assert!(words(&lines, DIFFERENCE_WORDS_MAX).len() <= DIFFERENCE_WORDS_MAX + 2);
        let found = difference(&signs, &format!("{signs} fin"));
        assert_eq!((found.left, found.added, found.paragraphs.len()), (1, 2, 1));
    }

    #[test]
    fn a_text_of_countless_paragraphs_is_compared_to_its_end() {
        let old: String = (0..60_000).map(|at| format!("mot {at}\n")).collect();
        let found = difference(&old, &format!("{old}fin"));
        assert!(found.paragraphs.len() <= DIFFERENCE_WORDS_MAX, "{}", found.paragraphs.len());
        assert_eq!((found.same + found.left, found.same + found.added), (120_000, 120_001));
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_out_of_it(old in "[a-d0-2 .,«»\n]{0,60}", new in "[a-d0-2 .,«»\n]{0,60}") {
            let found = difference(&old, &new);
            let read = |without: Change| {
                let all = found.paragraphs.iter().flatten().filter(|stretch| stretch.change != without);
                all.flat_map(|stretch| stretch.text.chars()).filter(|c| !c.is_whitespace()).collect::<String>()
            };
            let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(read(Change::Left), bare(&new));
            let of_old = read(Change::Added);
            prop_assert_eq!(of_old.len(), bare(&old).len());
        }
    }
}
