//! Where the conditions of a typed query stand, so that a page can show each by itself and take it away.

use std::ops::Range;

use super::{
    cut,
    fields::Field,
    lexer::{Lexer, Token},
    parse::TimeField,
};

/// A condition with a field, as it stands in a query: `-source:"Le Monde"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedCondition {
    /// Where it stands, its signs among it.
    pub range: Range<usize>,
    /// The field by the name that was typed.
    pub field: String,
    /// What was asked of it, without quotation marks or brackets.
    pub value: String,
    /// Whether it must not be met.
    pub negated: bool,
    /// Whether it asks for a time as `date:` does.
    pub is_date: bool,
}

/// The conditions with a field that stand in a query outside of brackets, in order.
pub fn typed_conditions(text: &str) -> Vec<TypedCondition> {
    let text = cut(text);
    let end = text.trim_end().len();
    let mut lexer = Lexer::new(text);
    let mut found = Vec::new();
    let (mut signs, mut negated, mut depth) = (None, false, 0_usize);
    let mut group = None;
    while !lexer.at_end() {
        let from = end.saturating_sub(lexer.left());
        let Some(token) = lexer.next() else { break };
        let until = end.saturating_sub(lexer.left_untrimmed());
        let start = signs.unwrap_or(from);
        match token {
            Token::Not | Token::Plus => {
                negated |= token == Token::Not;
                signs = Some(start);
                continue;
            }
            Token::Open(field) => {
                if depth == 0 {
                    group = field.map(|field| (start, from, until, field, negated));
                }
                depth += 1;
            }
            Token::Close => {
                depth = depth.saturating_sub(1);
                if let Some((start, from, inner, field, negated)) = group.take_if(|_| depth == 0) {
                    let value = text.get(inner..from_close(text, until)).unwrap_or_default();
                    found.extend(condition(text, (start, from, until), field, value, negated));
                }
            }
            Token::Piece { field: Some(field), text: value, .. } if depth == 0 => {
                found.extend(condition(text, (start, from, until), field, value, negated));
            }
            Token::Piece { .. } | Token::And | Token::Or => {}
        }
        (signs, negated) = (None, false);
    }
    found
}

/// Where the bracket stands that closes a group.
fn from_close(text: &str, until: usize) -> usize {
    text.get(..until).and_then(|text| text.rfind(')')).unwrap_or(until)
}

fn condition(
    text: &str,
    (start, from, until): (usize, usize, usize),
    field: Field,
    value: &str,
    negated: bool,
) -> Option<TypedCondition> {
    let (name, _) = text.get(from..until)?.split_once(':')?;
    let name = name.trim_start_matches(|c: char| !c.is_alphanumeric());
    let known = field != Field::Unsupported;
    known.then(|| TypedCondition {
        range: start..until,
        field: name.to_owned(),
        value: value.trim().to_owned(),
        negated,
        is_date: field == Field::Time(TimeField::Within),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let told = typed_conditions(text).into_iter().map(|condition| {
            let sign = if condition.negated { "-" } else { "" };
            let typed = text.get(condition.range.clone()).unwrap_or("?");
            format!("{typed} = {sign}{}|{}", condition.field, condition.value)
        });
        assert_eq!(told.collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn conditions_are_told_with_their_place() {
        check("otan", &[]);
        check("otan source:AFP crue", &["source:AFP = source|AFP"]);
        check("  source:\"Le Monde\"  ", &["source:\"Le Monde\" = source|Le Monde"]);
        check("-lieu:Lyon otan", &["-lieu:Lyon = -lieu|Lyon"]);
        check("a SAUF lieu:Lyon", &["SAUF lieu:Lyon = -lieu|Lyon"]);
        check("titre:(la crue) x", &["titre:(la crue) = titre|la crue"]);
        check(
            "date:2026-11-01/2026-11-24",
            &["date:2026-11-01/2026-11-24 = date|2026-11-01/2026-11-24"],
        );
        check("date:/2026-11-24", &["date:/2026-11-24 = date|/2026-11-24"]);
        check("titre:\"a b\"~3 c", &["titre:\"a b\"~3 = titre|a b"]);
        // Inside of brackets it is part of something else; a field of other programs means nothing.
        check("(source:AFP OU lieu:Lyon) inurl:x", &[]);
        check("Verdun : la crue, https://a.example", &[]);
        check("((( titre:( ))", &[]);
    }

    proptest::proptest! {
        #[test]
        fn places_are_those_of_the_text(text in "[a-é:\"()«» \\-+!~/]{0,40}|source:\\PC{0,20}") {
            for condition in typed_conditions(&text) {
                proptest::prop_assert!(text.get(condition.range).is_some());
            }
        }
    }
}
