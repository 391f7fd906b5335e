//! The scripts that words are written in, as far as the analysis tells them apart.

/// What a folded word is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    /// With a digit in it: the same in every language.
    Figures,
    Latin,
    Cyrillic,
    Greek,
    Arabic,
    /// Chinese characters and kana.
    Han,
    Hangul,
    Other,
}

impl Script {
    /// The script of a folded word: that of its first letter beyond ASCII.
    pub(crate) fn of(form: &str) -> Self {
        if form.bytes().any(|byte| byte.is_ascii_digit()) {
            return Self::Figures;
        }
        match form.chars().find(|c| !c.is_ascii()) {
            None | Some('\u{80}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') => Self::Latin,
            Some('\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}') => Self::Greek,
            Some('\u{400}'..='\u{52f}') => Self::Cyrillic,
            Some('\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}') => Self::Arabic,
            Some('\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}') => Self::Hangul,
            Some(c) if is_east_asian(c) => Self::Han,
            Some(_) => Self::Other,
        }
    }
}

/// Whether no spaces are set between words of this script, which are cut by a dictionary.
pub(crate) fn is_unspaced(c: char) -> bool {
    c >= '\u{e00}'
        && (matches!(c,
            // Thai and Lao, Burmese, Khmer.
            '\u{e00}'..='\u{e3e}' | '\u{e40}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17d3}')
            || is_east_asian(c))
}

/// Whether this is a Chinese character or kana, halves of the old width among them.
fn is_east_asian(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}')
        || is_han(c)
}

/// Whether this is a Chinese character.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_their_scripts() {
        for (form, script) in [
            ("otan", Script::Latin),
            ("þing", Script::Latin),
            ("g20", Script::Figures),
            ("киів", Script::Cyrillic),
            ("αθηνα", Script::Greek),
            ("مصر", Script::Arabic),
            ("北京", Script::Han),
            ("サッカー", Script::Han),
            ("한국", Script::Hangul),
            ("हिन्दी", Script::Other),
        ] {
            assert_eq!(Script::of(form), script, "{form}");
        }
        assert!(is_unspaced('ไ') && is_unspaced('北') && !is_unspaced('・') && !is_unspaced('한'));
    }
}
