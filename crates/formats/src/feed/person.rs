//! Who wrote it: an element with parts, or a name and an address in one line of any form.

use depeche_news::limits::formats::PERSON_BYTES_MAX;
use url::Url;

use crate::Person;
use crate::address::absolute;
use crate::markup::Element;

/// Reads an author element of Atom, or one of RSS, which is a line of text.
pub(crate) fn person(element: Element<'_, '_>, base: Option<&Url>) -> Option<Person> {
    if element.children().next().is_none() {
        return line(&element.text());
    }
    let part = |name: &str| element.child(name).and_then(Element::filled_text);
    let address = part("uri").or_else(|| part("url")).or_else(|| part("homepage"));
    let parts = Person {
        name: part("name"),
        email: part("email"),
        url: address.map(|address| absolute(&address, base)),
    };
    if parts == Person::default() { line(&element.text()) } else { Some(parts) }
}

/// Reads `a@b.example (Ann Onyme)`, `Ann Onyme <a@b.example>` and the like.
pub(crate) fn line(text: &str) -> Option<Person> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let is_address = |word: &&str| {
        word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
    };
    let separates =
        |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | ',' | ';' | '"');
    let short = text.len() <= PERSON_BYTES_MAX;
    let email = text.split(separates).find(is_address).filter(|_| short);
    let Some(email) = email else {
        return Some(Person { name: Some(text.to_owned()), ..Person::default() });
    };
    let rest = text.replacen(email, "", 1).replace("mailto:", "");
    let rest = rest.replace("()", "").replace("<>", "");
    let name = rest.trim_matches(|c| separates(c) || c == ':');
    let name = name.rsplit_once('(').map_or(name, |(before, inside)| match before.trim() {
        "" => inside,
        _ => name,
    });
    let email = email.strip_prefix("mailto:").unwrap_or(email);
    Some(Person {
        name: (!name.is_empty()).then(|| name.to_owned()),
        email: Some(email.to_owned()),
        url: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, name: &str, email: &str) {
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let expected = Person { name: filled(name), email: filled(email), url: None };
        assert_eq!(line(text).unwrap_or_default(), expected);
    }

    #[test]
    fn names_and_addresses_in_one_line() {
        check("ann@b.example (Ann Onyme)", "Ann Onyme", "ann@b.example");
        check("Ann Onyme <ann@b.example>", "Ann Onyme", "ann@b.example");
        check("Ann Onyme (ann@b.example)", "Ann Onyme", "ann@b.example");
        check("ann@b.example", "", "ann@b.example");
        check("ann+fil@b.example", "", "ann+fil@b.example");
        check("Ann Onyme (à Bruxelles)", "Ann Onyme (à Bruxelles)", "");
        check("@ann", "@ann", "");
        check(" ", "", "");
    }
}
