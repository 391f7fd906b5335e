//! Fetches the page of one item.

use depeche_news::limits::collect::PAGE_BYTES_MAX;
use depeche_news::{Access, Delivery, DeliveryKind, SourceId, Validators, jiff::Timestamp};
use depeche_outbound::{Client, Request, Response, same_host};

use crate::{Failure, Fault, fetch::delivery};

const ACCEPT: &str = "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.5";

/// The page of an item that is to be fetched.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The source the item came from.
    pub source: SourceId,
    /// What the page is: that of an item, or one of its own.
    pub kind: DeliveryKind,
    /// The page's address.
    pub address: String,
    /// What its source is asked with.
    pub access: Option<Access>,
}

/// Fetches a page.
pub async fn page(client: &Client, wanted: &Wanted, now: Timestamp) -> Result<Delivery, Failure> {
    let request = Request {
        address: &wanted.address,
        validators: &Validators::default(),
        accept: ACCEPT,
        body_bytes_max: PAGE_BYTES_MAX,
        access: wanted.access.as_ref(),
    };
    let response = client.get(&request).await.map_err(|error| Failure::from(&error))?;
    if !(200..300).contains(&response.status) {
        return Err(Failure::of_status(&response));
    }
    if let Some(what) = not_a_page(&response) {
        let detail = format!("{what} came from {}", response.address);
        return Err(Failure::new(Fault::NotAPage, detail));
    }
    Ok(delivery(response, &wanted.source, wanted.kind.clone(), &wanted.address, now))
}

/// What a page is asked with, where its source is asked at `source` with `access`: the whole of it at the
/// source's own host, else only the way there; nothing where nothing is left.
pub fn access_of_page(access: &Access, source: &str, page: &str) -> Option<Access> {
    let left = match same_host(source, page) {
        true => access.clone(),
        false => Access { proxy: access.proxy.clone(), ..Access::default() },
    };
    (!left.is_none()).then_some(left)
}

/// What came instead of a page. Without a label it is taken: the reader will see.
fn not_a_page(response: &Response) -> Option<&str> {
    if response.body.is_empty() {
        return Some("nothing");
    }
    let kind = response.header("content-type")?.split(';').next()?.trim();
    let [image, audio, video, font] = ["image/", "audio/", "video/", "font/"];
    let other = [image, audio, video, font].iter().any(|family| kind.starts_with(family))
        || ["application/pdf", "application/zip", "application/octet-stream"].contains(&kind);
    other.then_some(kind)
}
