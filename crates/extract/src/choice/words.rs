//! What the signs and words of a text are.

use std::sync::LazyLock;

use foldhash::HashSet;

/// Counts over a text.
#[derive(Debug, Default)]
pub(crate) struct Text {
    pub(crate) words: f32,
    pub(crate) letters: f32,
    pub(crate) function_words: f32,
    /// Words that begin with a capital.
    pub(crate) capitals: f32,
    pub(crate) digits: f32,
    pub(crate) commas: f32,
    /// Full stops, question and exclamation marks.
    pub(crate) stops: f32,
    /// Other signs.
    pub(crate) signs: f32,
    /// Whether there are quotation marks.
    pub(crate) quotes: f32,
    /// What it starts with: 0 a small letter, 1 a capital, 2 a digit, 3 a quotation mark, 4 a
    /// letter without case, 5 another sign.
    pub(crate) starts: f32,
    /// What it ends with: 0 a letter, 1 a full stop, 2 a question or exclamation mark, 3 a colon,
    /// 4 an ellipsis, 5 a quotation mark, 6 a bracket, 7 a digit, 8 another sign.
    pub(crate) ends: f32,
    /// Signs that running text seldom has: bars, arrows, at-signs, copyrights.
    pub(crate) odd: f32,
}

impl Text {
    pub(crate) fn of(text: &str, words: &[Word]) -> Self {
        let mut counts = Self::default();
        let mut inside = false;
        for c in text.chars() {
            let alphabetic = is_alphabetic(c);
            if alphabetic {
                counts.letters += 1.0;
                counts.capitals += f32::from(!inside && c.is_uppercase());
                inside = true;
            } else if c.is_numeric() {
                counts.digits += 1.0;
                inside = true;
            } else {
                counts.sign(c);
                inside = false;
            }
        }
        counts.words = words.len() as f32;
        counts.function_words = words.iter().filter(|word| word.function).count() as f32;
        counts.starts = starts(text);
        counts.ends = ends(text);
        counts
    }

    fn sign(&mut self, c: char) {
        match c {
            ',' | '،' | '、' | '，' => self.commas += 1.0,
            '.' | '?' | '!' | '。' | '？' | '！' | '।' | '؟' => self.stops += 1.0,
            '"' | '«' | '»' | '„' | '“' | '”' | '「' | '」' => self.quotes = 1.0,
            '|' | '›' | '→' | '©' | '@' | '•' | '·' | '▶' | '►' | '>' | '<' | '{' | '}' | '#' =>
            {
                self.odd += 1.0;
                self.signs += 1.0;
            }
            c if c.is_whitespace() => {}
            _ => self.signs += 1.0,
        }
    }
}

fn starts(text: &str) -> f32 {
    match text.chars().next() {
        Some(c) if c.is_lowercase() => 0.0,
        Some(c) if c.is_uppercase() => 1.0,
        Some(c) if c.is_numeric() => 2.0,
        Some('"' | '«' | '„' | '“' | '”' | '\'' | '‘' | '’' | '「' | '–' | '—' | '-') => {
            3.0
        }
        Some(c) if c.is_alphabetic() => 4.0,
        _ => 5.0,
    }
}

fn ends(text: &str) -> f32 {
    match text.chars().next_back() {
        Some('.' | '。' | '।') if text.ends_with("...") => 4.0,
        Some('.' | '。' | '।') => 1.0,
        Some('?' | '!' | '？' | '！' | '؟') => 2.0,
        Some(':' | '：') => 3.0,
        Some('…') => 4.0,
        Some('"' | '»' | '“' | '”' | '’' | '\'' | '」') => 5.0,
        Some(')' | ']' | '>' | '）') => 6.0,
        Some(c) if c.is_numeric() => 7.0,
        Some(c) if c.is_alphabetic() => 0.0,
        _ => 8.0,
    }
}

/// What an element is, for the model.
pub(crate) fn element(name: &str) -> u8 {
    const NAMES: [&str; 20] = [
        "p",
        "div",
        "span",
        "li",
        "td",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "header",
        "footer",
        "figcaption",
        "blockquote",
        "dd",
        "dt",
        "th",
    ];
    NAMES.iter().position(|known| *known == name).and_then(|at| u8::try_from(at).ok()).unwrap_or(30)
}

/// Whether a character is a letter, without the tables for those of most texts.
fn is_alphabetic(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { c.is_alphabetic() }
}

/// What is asked of a word of a folded text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub(crate) hash: u32,
    /// Whether it stands in every text of its language.
    pub(crate) function: bool,
    /// The hash of its stem or nearly, if it is none of those and not short.
    pub(crate) content: Option<u32>,
}

impl Word {
    fn of(word: &str) -> Self {
        let function = word.len() <= FUNCTION_BYTES_MAX && FUNCTION_WORDS.contains(word);
        let (hash, stem) = super::hash_and_stem(word);
        Self { hash, function, content: (word.len() >= 4 && !function).then_some(stem) }
    }
}

/// The words of a folded text.
pub(crate) fn words_of(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !depeche_text::is_alphanumeric(c)).filter(|word| !word.is_empty())
}

/// The words of a folded text, each looked at once.
pub(crate) fn words(folded: &str) -> Vec<Word> {
    words_of(folded).map(Word::of).collect()
}

/// Longest of the words below, in bytes; a test holds it.
const FUNCTION_BYTES_MAX: usize = 8;

static FUNCTION_WORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| WORDS.split_whitespace().collect());

/// The words that hold sentences together, folded, in the languages our outlets write.
const WORDS: &str = "
    le la les l un une des du de d et est en a au aux que qui ne pas pour par sur dans ce cette ces son sa ses
    il elle ils elles on nous vous je se sont avec plus mais ou comme si leur leurs ont ete etait fait aussi
    the of and to in is that it for was on are as with his they at be this have from or had by but not what all
    were when we there can an your which their said if will each about how up out them then she many some so
    these would other into has more her two like him time could no than been who its now over after also
    der die das und ist in den von zu mit sich des auf fur nicht ein eine einen einem einer als auch es an werden
    aus er hat dass sie nach wird bei um am sind noch wie uber so zum war haben nur oder aber vor zur bis mehr
    durch man sein wurde sei wenn habe ihre seine unter wir soll ich kann gegen vom schon
    el los las y del se por con para una su al lo como mas pero sus le ya o este si porque esta entre cuando muy
    sin sobre ser tiene tambien me hasta hay donde quien desde todo nos durante todos uno les ni contra
    il di che e della per non sono con gli nel alla piu dei delle anche come ha lo dal ai si questo era ma nella
    o os que do da em um para com nao uma no na por mais dos como mas foi ao ele das tem seu sua ou quando muito
    de het een van en is dat op te zijn voor met die niet aan er om ook als dan maar bij nog uit naar heeft
    w i z na do nie sie ze to jest o jak ale po co tak za od przez przy dla juz tylko czy jego oraz
    och att det som pa ar for av med den till inte om har de ett han men var jag sig fran vi sa kan nar hon
    og at det er som pa til av for med ikke den om har de et han men var jeg seg fra vi sa kan nar hun
    a i v se na ze je s z do o k ve jako po ale by jsem jeho pro tak az jsou byl bylo
    ve bir bu da de icin ile olarak daha cok olan gibi ne kadar sonra var ise o en
    и в не на что с по как это но из у к за от о для же так его то все а было он бы мы
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_function_word_is_too_long_to_be_found() {
        let longest = WORDS.split_whitespace().map(str::len).max();
        assert_eq!(longest, Some(FUNCTION_BYTES_MAX));
    }

    #[test]
    fn texts_are_counted() {
        let text = "« Nous partons », a dit le maire.";
        let counts = Text::of(text, &words(&depeche_text::fold(text)));
        assert_eq!(
            (counts.words, counts.function_words, counts.commas, counts.stops),
            (6.0, 3.0, 1.0, 1.0)
        );
        assert_eq!((counts.starts, counts.ends, counts.quotes), (3.0, 1.0, 1.0));
    }
}
