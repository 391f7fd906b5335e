//! Mends text that was encoded twice: «prÃ©fÃ¨te» for «préfète», `doesnâ€™t` for `doesn’t`.

use encoding_rs::WINDOWS_1252;

/// Characters that must have been mended in a text to believe that it is one of these.
const MENDED_MIN: usize = 3;

/// The text as it was before UTF-8 was read as Windows-1252 and written as UTF-8 again, where all of it was: each
/// stretch that is not ASCII reads as UTF-8 once it is bytes again, and gives what texts are made of. A text with one
/// good accent, one such dash or one quotation mark is left as it is.
pub fn mended(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut mended = String::new();
    let (mut all, mut common) = (0, 0);
    let mut rest = text;
    while let Some(start) = rest.bytes().position(|byte| !byte.is_ascii()) {
        let (before, after) = rest.split_at(start);
        let end = after.find(|c: char| c.is_ascii()).unwrap_or(after.len());
        let (stretch, after) = after.split_at(end);
        // Most texts have a good accent here, and are done with.
        let bytes: Vec<u8> = stretch.chars().map(byte).collect::<Option<_>>()?;
        let read = String::from_utf8(bytes).ok()?;
        if read.chars().any(char::is_control) {
            return None;
        }
        all += read.chars().count();
        common += read.chars().filter(|c| is_common(*c)).count();
        mended.push_str(before);
        mended.push_str(&read);
        rest = after;
    }
    mended.push_str(rest);
    (all >= MENDED_MIN && common * 10 >= all * 9).then_some(mended)
}

/// The byte that Windows-1252 reads as this character; those it has no character for stand for themselves.
fn byte(c: char) -> Option<u8> {
    if ('\u{80}'..='\u{9f}').contains(&c) {
        return u8::try_from(u32::from(c)).ok();
    }
    let mut utf8 = [0; 4];
    match WINDOWS_1252.encode(c.encode_utf8(&mut utf8)) {
        (bytes, _, false) => bytes.first().copied().filter(|_| bytes.len() == 1),
        _ => None,
    }
}

/// Whether a character is of a script, or punctuation that texts have.
fn is_common(c: char) -> bool {
    matches!(c,
        '\u{a0}'..='\u{17f}' | '\u{370}'..='\u{52f}' | '\u{590}'..='\u{6ff}' | '\u{900}'..='\u{dff}'
        | '\u{e00}'..='\u{e7f}' | '\u{2010}'..='\u{203a}' | '€' | '™' | '\u{3000}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{1f300}'..='\u{1faff}' | '\u{fe0f}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Windows-1252 makes of a text's UTF-8, as UTF-8.
    fn twice(text: &str) -> String {
        text.bytes()
            .map(|byte| match byte {
                0x81 | 0x8d | 0x8f | 0x90 | 0x9d => char::from(byte),
                _ => WINDOWS_1252.decode(&[byte]).0.chars().next().unwrap_or_default(),
            })
            .collect()
    }

    #[track_caller]
    fn is_mended(text: &str) {
        assert_eq!(mended(&twice(text)).as_deref(), Some(text));
    }

    #[track_caller]
    fn is_left(text: &str) {
        assert_eq!(mended(text), None);
    }

    #[test]
    fn what_was_encoded_twice_throughout() {
        assert_eq!(twice("préfète doesn’t"), "prÃ©fÃ¨te doesnâ€™t");
        is_mended("<p>La préfète a été reçue à l’Élysée.</p>");
        is_mended("It doesn’t, it won’t, they said: “no”.");
        is_mended("« À Noël » coûte 3 €…");
        is_mended("Новости дня");
        is_mended("日本語の記事");
    }

    #[test]
    fn good_text_is_left() {
        is_left("");
        is_left("plain");
        is_left("La préfète a été reçue à l’Élysée.");
        is_left("CAFÉ» et THÉ» et BÉ»");
        is_left("São Paulo, NÃO, Â, Ã, â");
        is_left("日本語の記事");
        // Some of it, or too little to tell.
        is_left(&format!("{} été", twice("La préfète a été reçue à l’Élysée.")));
        is_left(&twice("prêt"));
    }

    proptest::proptest! {
        #[test]
        fn text_in_latin_letters_is_left(text in "[a-zA-ZàâäçéèêëîïôöùûüÿœæÀÂÇÉÈÊËÎÏÔÙÛŒñáíóúßåøãõ «»“”‘’…–—·°€.,]{1,60}") {
            let mended = mended(&text);
            proptest::prop_assert!(mended.is_none(), "{mended:?}");
        }

        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = mended(&text);
        }
    }
}
