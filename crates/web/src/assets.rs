//! The stylesheet, the script and the icon: part of the program, served under addresses that name
//! their content, so that browsers keep them for good.

use std::sync::{Arc, LazyLock};

use axum::{Router, http::HeaderMap, routing::get};

use crate::{App, ready::Ready};

/// One year: the content of such an address never changes.
const KEPT: &str = "public, max-age=31536000, immutable";

/// A file of ours.
pub(crate) struct Asset {
    name: &'static str,
    media_type: &'static str,
    path: LazyLock<String>,
    ready: LazyLock<Ready>,
}

macro_rules! asset {
    ($name:literal, $extension:literal, $media_type:literal) => {{
        const CONTENT: &str = include_str!(concat!("../assets/", $name, ".", $extension));
        Asset {
            name: $name,
            media_type: $media_type,
            path: LazyLock::new(|| format!("/{}-{}.{}", $name, hash(CONTENT), $extension)),
            ready: LazyLock::new(|| Ready::new(CONTENT)),
        }
    }};
}

/// The stylesheet as it is written.
pub(crate) const STYLE_TEXT: &str = include_str!("../assets/style.css");

pub(crate) static STYLE: Asset = asset!("style", "css", "text/css; charset=utf-8");
pub(crate) static SCRIPT: Asset = asset!("script", "js", "text/javascript; charset=utf-8");
pub(crate) static ICON: Asset = asset!("icon", "svg", "image/svg+xml");

impl Asset {
    /// Its address.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

impl std::fmt::Debug for Asset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The address of each.
pub(crate) fn routes() -> Router<Arc<App>> {
    [&STYLE, &SCRIPT, &ICON].into_iter().fold(Router::new(), |routes, asset| {
        let serve =
            async move |headers: HeaderMap| asset.ready.answer(&headers, asset.media_type, KEPT);
        routes.route(asset.path(), get(serve))
    })
}

/// Sixteen digits that change with the content.
fn hash(content: &str) -> String {
    let digest = depeche_news::content_digest(&[content]);
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
