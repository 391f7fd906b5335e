//! The words by which a text is told from all others of the index.

use std::collections::HashMap;

use crate::{
    Error, Reader,
    paper::Texts,
    terms::{is_stop, stems},
    words::Words,
};

/// Words of a text that are looked at: what an article is about stands in its first thousand.
const WORDS_LOOKED_AT: usize = 1_000;

/// Letters of a word that can tell something.
const TELLING_CHARS: usize = 3;

impl Reader {
    /// The words of a text that it says often and others seldom, folded, the most telling first. A word that stands in
    /// no other text finds none and is left out.
    pub fn telling(&self, text: &str, most: usize) -> Result<Vec<String>, Error> {
        self.reading(|| self.most_telling(text, most))
    }

    fn most_telling(&self, text: &str, most: usize) -> Result<Vec<String>, Error> {
        let view = self.view()?;
        let mut told = Vec::new();
        for (form, count) in counted(text) {
            let mut holding = 0;
            for stem in stems(&form, &form) {
                holding = view.look_up(Texts::Stems, &stem)?.1.max(holding);
            }
            if holding > 1 {
                told.push((form, (1.0 + (count as f32).ln()) * view.rarity(holding)));
            }
        }
        // Stable: of equals the earlier stays first.
        told.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        Ok(told.into_iter().take(most).map(|(form, _)| form).collect())
    }
}

/// The words of a text, each once in the form it has first, and how often they stand there in any form.
fn counted(text: &str) -> Vec<(String, u32)> {
    let (mut words, mut form) = (Words::new(text), String::new());
    let mut places: HashMap<Vec<String>, usize> = HashMap::new();
    let mut counts: Vec<(String, u32)> = Vec::new();
    for _ in 0..WORDS_LOOKED_AT {
        if words.next(&mut form).is_none() {
            break;
        }
        let letters = form.chars().filter(|c| c.is_alphabetic()).count();
        if letters < TELLING_CHARS || is_stop(&form) {
            continue;
        }
        let place = *places.entry(stems(&form, &form)).or_insert(counts.len());
        match counts.get_mut(place) {
            Some((_, count)) => *count += 1,
            None => counts.push((form.clone(), 1)),
        }
    }
    counts
}
