//! What a reader sent: queries, which are never wrong, forms, and the identities in addresses.

use std::str::FromStr;

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Query, RawPathParams, Request},
    http::{Uri, request::Parts},
};
use depeche_news::{DispatchId, ItemId, SourceId, SourceVisibility, StoryId};

use crate::failure::Failure;

/// The fields of a query or a form, in order. What cannot be read is not there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked(Vec<(String, String)>);

/// Reads a query.
pub(crate) fn fields(query: &str) -> Asked {
    let uri = Uri::from_str(&format!("/?{query}")).unwrap_or_default();
    Asked(Query::try_from_uri(&uri).map(|Query(fields)| fields).unwrap_or_default())
}

impl Asked {
    /// Who may see a source, by the box that makes it private.
    pub(crate) fn visibility(&self) -> SourceVisibility {
        match self.get("privee") {
            Some(_) => SourceVisibility::Private,
            None => SourceVisibility::Shared,
        }
    }

    /// The first field of this name that says something.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Whether there is a field of this name, also an empty one.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// All fields of this name that say something.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// As a query again, without the fields of this name.
    pub(crate) fn without(&self, name: &str) -> String {
        let kept = self.0.iter().filter(|(key, _)| key != name);
        query(kept.map(|(key, value)| (key.as_str(), value.as_str())))
    }
}

/// Writes a query.
pub(crate) fn query<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = String::new();
    for (key, value) in fields {
        if !query.is_empty() {
            query.push('&');
        }
        escape(key, &mut query);
        query.push('=');
        escape(value, &mut query);
    }
    query
}

fn escape(text: &str, query: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                query.push(char::from(byte));
            }
            b' ' => query.push('+'),
            _ => {
                let digit =
                    |d: u8| char::from_digit(u32::from(d), 16).unwrap_or('0').to_ascii_uppercase();
                query.extend(['%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(fields(parts.uri.query().unwrap_or_default()))
    }
}

/// The fields of a form that was posted.
pub(crate) struct Sent(pub(crate) Asked);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let read = Form::<Vec<(String, String)>>::from_request(request, state).await;
        let Form(fields) = read.map_err(|_| Failure::BadRequest)?;
        Ok(Self(Asked(fields)))
    }
}

/// An identity in an address, with the readable end that may follow it.
pub(crate) struct Named<Id> {
    pub(crate) id: Id,
    pub(crate) slug: Option<String>,
}

/// What an address can name.
pub(crate) trait Identity: Sized {
    /// Reads it; `None` for what was never written by us.
    fn read(text: &str) -> Option<Self>;
}

macro_rules! identities {
    ($($id:ty),*) => {
        $(impl Identity for $id {
            fn read(text: &str) -> Option<Self> {
                Self::parse(text)
            }
        })*
    };
}
identities!(ItemId, DispatchId, StoryId, SourceId);

impl Identity for i64 {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl<S: Send + Sync, Id: Identity> FromRequestParts<S> for Named<Id> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| Failure::NotFound)?;
        let named = |name| params.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
        let id = named("id").and_then(Id::read).ok_or(Failure::NotFound)?;
        Ok(Self { id, slug: named("slug").or_else(|| named("act")).map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_never_wrong() {
        assert_eq!(fields("q=l%27Otan+ici&lang=en").get("q"), Some("l'Otan ici"));
        assert_eq!(fields("q=%ff%zz&&&=&q").get("x"), None);
        assert_eq!(fields("q=+&q=b").get("q"), Some("b"));
        assert_eq!(fields("a=1&lang=fr&b=%26").without("lang"), "a=1&b=%26");
    }

    proptest::proptest! {
        #[test]
        fn any_query_is_read(query in "\\PC{0,60}") {
            fields(&query);
        }

        #[test]
        fn what_is_written_is_read_again(value in "\\PC{1,40}") {
            let written = query([("q", value.as_str())]);
            let read = fields(&written);
            proptest::prop_assert_eq!(read.get("q").unwrap_or_default(), value.trim());
        }
    }
}
