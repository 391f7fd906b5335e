//! What a page's JSON-LD says of its kind: the types of its objects, and whether its text is to be paid for.

use serde_json::Value;

use crate::captions;
use crate::linked_data::{all_texts, text};
use crate::live::{self, Update};

/// What is declared beside the article's fields.
#[derive(Debug, Default)]
pub(crate) struct Nature {
    /// The types of all objects, without their vocabulary (`CollectionPage`).
    types: Vec<String>,
    /// How many articles with a headline and a date stand side by side.
    pub(crate) articles: usize,
    /// Whether a part of an article is kept for those who pay.
    pub(crate) paywalled: bool,
    /// Whether an article is a live blog, and its entries.
    pub(crate) live: bool,
    pub(crate) updates: Vec<Update>,
}

impl Nature {
    /// Of the objects that may be the page's article, by their rank (0 and 1 are articles without doubt).
    pub(crate) fn of(objects: &[&Value], rank: impl Fn(&Value) -> Option<u8>) -> Self {
        let is_article = |object: &&&Value| {
            object.get("datePublished").is_some() && rank(object).is_some_and(|rank| rank <= 1)
        };
        let with_rank = || objects.iter().filter(|object| rank(object).is_some());
        let is_live = |object: &&&Value| {
            object
                .get("@type")
                .is_some_and(|kind| types(kind).iter().any(|kind| kind == "LiveBlogPosting"))
        };
        let live = objects.iter().find(is_live);
        Self {
            live: live.is_some(),
            updates: live.map(|live| live::updates(live)).unwrap_or_default(),
            types: objects
                .iter()
                .filter_map(|object| object.get("@type"))
                .flat_map(types)
                .collect(),
            articles: objects.iter().filter(is_article).count(),
            paywalled: with_rank().any(|object| is_paid_for(object)),
        }
    }

    /// Whether an object of the page is of one of these types.
    pub(crate) fn has(&self, types: &[&str]) -> bool {
        self.types.iter().any(|own| types.contains(&own.as_str()))
    }
}

fn types(value: &Value) -> Vec<String> {
    let bare = |name: String| name.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
    all_texts(value).into_iter().map(bare).collect()
}

/// Whether an article or a part of it is not free (`isAccessibleForFree`, as schema.org and search engines ask for it).
fn is_paid_for(article: &Value) -> bool {
    let free = |object: &Value| match object.get("isAccessibleForFree") {
        Some(Value::Bool(free)) => Some(*free),
        Some(Value::String(text)) => Some(!text.trim().to_ascii_lowercase().ends_with("false")),
        _ => None,
    };
    let parts = match article.get("hasPart") {
        Some(Value::Array(parts)) => parts.as_slice(),
        Some(part) => std::slice::from_ref(part),
        None => &[],
    };
    match free(article) {
        Some(free) => !free,
        None => parts.iter().any(|part| free(part) == Some(false)),
    }
}

/// What is said of an article's picture.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    pub(crate) caption: Option<String>,
    pub(crate) credit: Option<String>,
}

impl Picture {
    /// Of the value of `image`: an object, the first of several, or a reference to one of `objects`.
    pub(crate) fn of(image: Option<&Value>, objects: &[&Value]) -> Self {
        let image = match image {
            Some(Value::Array(images)) => images.first(),
            image => image,
        };
        let Some(image) = image.filter(|image| image.is_object()) else { return Self::default() };
        let id = image.get("@id").and_then(Value::as_str);
        let named =
            |object: &&&Value| id.is_some() && object.get("@id").and_then(Value::as_str) == id;
        let image = objects.iter().rfind(named).copied().unwrap_or(image);
        let field = |name: &str| image.get(name).and_then(text);
        let (caption, in_caption) =
            field("caption").map(|text| captions::split(&text)).unwrap_or_default();
        let holders = ["creditText", "copyrightHolder", "author", "creator", "copyrightNotice"];
        let credit = holders.into_iter().find_map(field).filter(|credit| credit.len() < 200);
        Self { caption, credit: credit.or(in_caption) }
    }
}
