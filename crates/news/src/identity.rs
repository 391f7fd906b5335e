//! Identities: short, opaque, the same on every run and backend.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How many hexadecimal digits an identity has. 80 bits: among ten million items two share one
/// with a probability of 4e-11, and an address stays readable.
const DIGITS: usize = 20;

macro_rules! identity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes an identity that was written by us, from an address or the store;
            /// `None` when it has not the form of one.
            pub fn parse(text: &str) -> Option<Self> {
                let right = text.len() == DIGITS
                    && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
                right.then(|| Self(text.to_owned()))
            }

            /// The identity as it stands in addresses and in the store.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

identity!(
    /// One source: a hash of the address it is listened to at.
    SourceId
);
identity!(
    /// One item: a hash of its source and of what its provider identifies it by.
    ItemId
);
identity!(
    /// One dispatch: the identity of the item that founded it.
    DispatchId
);
identity!(
    /// One story: the identity of the dispatch that founded it.
    StoryId
);

impl SourceId {
    /// The identity of the source at `address`.
    pub fn of_address(address: &str) -> Self {
        Self(digest(&["source", address]))
    }
}

impl ItemId {
    /// The identity of an item of `source` by the first of its guid, its address and its content
    /// that is there.
    pub fn new(
        source: &SourceId,
        guid: Option<&str>,
        address: Option<&str>,
        content: &str,
    ) -> Self {
        let named = |kind, text: Option<&str>| {
            text.map(str::trim)
                .filter(|t| !t.is_empty())
                .map(|t| digest(&[kind, source.as_str(), t]))
        };
        Self(
            named("guid", guid)
                .or_else(|| named("address", address))
                .unwrap_or_else(|| digest(&["content", source.as_str(), content])),
        )
    }
}

impl From<&ItemId> for DispatchId {
    fn from(founder: &ItemId) -> Self {
        Self(founder.0.clone())
    }
}

impl From<&DispatchId> for StoryId {
    fn from(founder: &DispatchId) -> Self {
        Self(founder.0.clone())
    }
}

/// A digest of parts that tells two contents apart: equal parts, equal digest. Parts are
/// separated by their lengths, so that ("ab", "c") differs from ("a", "bc").
pub fn content_digest(parts: &[&str]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut short = [0; 16];
    short.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    short
}

fn digest(parts: &[&str]) -> String {
    use fmt::Write as _;
    content_digest(parts)[..DIGITS / 2].iter().fold(
        String::with_capacity(DIGITS),
        |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_named_by_guid_then_address_then_content() {
        let source = SourceId::of_address("https://a.example/fil.rss");
        let by_guid = ItemId::new(&source, Some("1"), Some("https://a.example/1"), "x");
        assert_eq!(by_guid, ItemId::new(&source, Some(" 1 "), None, "y"));
        let by_address = ItemId::new(&source, Some(" "), Some("https://a.example/1"), "x");
        assert_eq!(by_address, ItemId::new(&source, None, Some("https://a.example/1"), "y"));
        assert_ne!(by_guid, by_address);
        assert_ne!(ItemId::new(&source, None, None, "x"), ItemId::new(&source, None, None, "y"));
    }

    #[test]
    fn two_sources_never_share_an_item() {
        let (a, b) = (
            SourceId::of_address("https://a.example/"),
            SourceId::of_address("https://b.example/"),
        );
        assert_ne!(ItemId::new(&a, Some("1"), None, ""), ItemId::new(&b, Some("1"), None, ""));
    }

    #[test]
    fn only_our_own_form_is_an_identity() {
        let id = SourceId::of_address("https://a.example/");
        assert_eq!(SourceId::parse(id.as_str()), Some(id));
        for bad in ["", "zz", "../../etc/passwd", "ABCDEF0123456789ABCD"] {
            assert_eq!(ItemId::parse(bad), None);
        }
    }
}
