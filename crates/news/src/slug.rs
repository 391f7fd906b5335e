//! The readable end of an address; never an identity.

/// Longest slug. Browsers and mail programs start to cut addresses at about 80 characters.
const SLUG_BYTES_MAX: usize = 60;

/// Makes the readable end of an address out of a headline: ASCII letters, digits and hyphens, cut
/// at a word. Accents of the Latin alphabet are dropped; other scripts leave nothing behind, and
/// the address then ends with the identity alone.
pub fn slug(headline: &str) -> String {
    let mut slug = String::new();
    for word in headline.split(|c: char| !c.is_alphanumeric()) {
        let plain: String = word.chars().filter_map(plain_letter).collect();
        if plain.is_empty() {
            continue;
        }
        if slug.len() + plain.len() + 1 > SLUG_BYTES_MAX {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&plain);
    }
    slug
}

/// The ASCII letter a Latin letter is read as; `None` for another script.
fn plain_letter(c: char) -> Option<char> {
    if c.is_ascii_alphanumeric() {
        return Some(c.to_ascii_lowercase());
    }
    let plain = match c.to_lowercase().next()? {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' | 'æ' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'ì' | 'í' | 'î' | 'ï' | 'ı' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ő' | 'œ' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ş' | 'ß' => 's',
        'ť' | 'ț' => 't',
        'ù' | 'ú' | 'û' | 'ü' | 'ů' | 'ű' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        _ => return None,
    };
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headline: &str, expected: &str) {
        assert_eq!(slug(headline), expected);
    }

    #[test]
    fn slugs() {
        check("L'Otan étudie la possibilité", "l-otan-etudie-la-possibilite");
        check("Séisme : 6,1 au large !", "seisme-6-1-au-large");
        check("北京", "");
        check(&"mot ".repeat(40), "mot-mot-mot-mot-mot-mot-mot-mot-mot-mot-mot-mot-mot-mot-mot");
    }
}
