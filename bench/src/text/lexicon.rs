//! Words that no dictionary has, in the shape of French ones: nouns, adjectives and verbs with their
//! forms, names of persons and places, and the real small words that hold sentences together.

use super::random::Random;

/// Made-up headwords of each kind; with their forms some 250,000 words, as many as a large daily uses
/// in a year. An index over a small vocabulary would look smaller and quicker than it is.
const NOUNS: usize = 32_000;
const ADJECTIVES: usize = 14_000;
const VERBS: usize = 14_000;
const NAMES: usize = 24_000;

/// How flat the top of Zipf's law is: the commonest content word of the press is about one in 200.
const FLAT: f64 = 10.0;

/// Verbs and adjectives are fewer and repeated more.
const FLAT_OTHERS: f64 = 5.0;

/// Headwords this far up have one syllable before their ending, those four times as far two: common
/// words are short.
const SHORT: usize = 2500;

const ONSETS: [&str; 42] = [
    "b", "br", "bl", "c", "ch", "cl", "cr", "d", "dr", "f", "fl", "fr", "g", "gl", "gr", "gu", "h",
    "j", "l", "m", "n", "p", "pl", "pr", "ph", "qu", "r", "s", "sc", "sp", "st", "t", "tr", "v",
    "vr", "", "", "", "m", "r", "l", "t",
];
const NUCLEI: [&str; 24] = [
    "a", "e", "i", "o", "u", "é", "è", "ou", "oi", "ai", "au", "eu", "an", "en", "in", "on", "a",
    "e", "i", "o", "é", "er", "ar", "or",
];
const NOUN_ENDS: [&str; 20] = [
    "tion", "ment", "eur", "age", "ité", "ure", "isme", "ance", "ette", "ier", "oir", "ard", "ine",
    "esse", "al", "on", "et", "ade", "ien", "e",
];
const ADJECTIVE_ENDS: [(&str, &str); 9] = [
    ("el", "elle"),
    ("if", "ive"),
    ("eux", "euse"),
    ("al", "ale"),
    ("ique", "ique"),
    ("able", "able"),
    ("ain", "aine"),
    ("ant", "ante"),
    ("aire", "aire"),
];
const NAME_ENDS: [&str; 14] = [
    "ac", "ard", "eau", "ier", "in", "ot", "y", "ez", "ville", "mont", "court", "elle", "aud",
    "ois",
];
const FIRST_NAMES: [&str; 24] = [
    "Claire", "Jean", "Nadia", "Paul", "Sofia", "Karim", "Lucie", "Hugo", "Inès", "Marc", "Anne",
    "Léo", "Aïcha", "Pierre", "Julie", "Omar", "Élise", "Thomas", "Marie", "Antoine", "Sarah",
    "Louis", "Camille", "Yann",
];

/// Every made-up word.
pub(crate) struct Lexicon {
    nouns: Vec<String>,
    adjectives: Vec<(String, String)>,
    verbs: Vec<String>,
    names: Vec<String>,
}

impl Lexicon {
    pub(crate) fn new() -> Self {
        // The words are the same for every seed; the seed only chooses among them.
        let random = &mut Random::new(1789);
        let nouns = (0..NOUNS).map(|rank| root(random, rank) + random.word(&NOUN_ENDS)).collect();
        let adjectives = (0..ADJECTIVES).map(|rank| adjective(random, rank)).collect();
        let verbs = (0..VERBS).map(|rank| root(random, rank)).collect();
        let names =
            (0..NAMES).map(|_| capital(&(root(random, SHORT) + random.word(&NAME_ENDS)))).collect();
        Self { nouns, adjectives, verbs, names }
    }

    /// The place of a noun, the common ones oftener.
    pub(crate) fn draw_noun(&self, random: &mut Random) -> usize {
        random.zipf(self.nouns.len(), FLAT)
    }

    pub(crate) fn noun(&self, at: usize, plural: bool) -> String {
        let noun = &self.nouns[at];
        match plural && !noun.ends_with('s') {
            true => format!("{noun}s"),
            false => noun.clone(),
        }
    }

    pub(crate) fn adjective(&self, random: &mut Random, plural: bool) -> String {
        let (he, she) = &self.adjectives[random.zipf(self.adjectives.len(), FLAT_OTHERS)];
        let word = if random.chance(0.5) { he } else { she };
        if plural && !word.ends_with('x') { format!("{word}s") } else { word.clone() }
    }

    /// A verb's form: `plural`, finite, in the present, the past or the future.
    pub(crate) fn verb(&self, random: &mut Random, plural: bool) -> String {
        let stem = self.stem(random);
        let ends: [&str; 4] = if plural {
            ["ent", "aient", "eront", "eraient"]
        } else {
            ["e", "ait", "era", "erait"]
        };
        format!("{stem}{}", ends[random.zipf(4, 1.0)])
    }

    pub(crate) fn participle(&self, random: &mut Random) -> String {
        format!("{}{}", self.stem(random), ["é", "ée", "és", "ées"][random.zipf(4, 1.0)])
    }

    pub(crate) fn infinitive(&self, random: &mut Random) -> String {
        format!("{}er", self.stem(random))
    }

    fn stem(&self, random: &mut Random) -> &str {
        &self.verbs[random.zipf(self.verbs.len(), FLAT_OTHERS)]
    }

    pub(crate) fn place(&self, random: &mut Random) -> String {
        self.names[random.zipf(self.names.len(), 200.0)].clone()
    }

    pub(crate) fn person(&self, random: &mut Random) -> String {
        format!("{} {}", random.word(&FIRST_NAMES), random.one(&self.names))
    }
}

fn root(random: &mut Random, rank: usize) -> String {
    let syllables =
        1 + usize::from(rank > SHORT) + usize::from(rank > 4 * SHORT && random.chance(0.4));
    let mut root = String::new();
    for _ in 0..syllables {
        root.push_str(random.word(&ONSETS));
        root.push_str(random.word(&NUCLEI));
    }
    root + *random
        .one(&["l", "r", "t", "n", "s", "ss", "d", "v", "m", "ch", "g", "c", "p", "tt", "ll", "nn"])
}

fn adjective(random: &mut Random, rank: usize) -> (String, String) {
    let root = root(random, rank);
    let (he, she) = random.one(&ADJECTIVE_ENDS);
    (root.clone() + he, root + she)
}

/// With a capital first letter.
pub(crate) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
