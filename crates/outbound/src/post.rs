//! Sends a form to one address: a hub is asked for a subscription.

use reqwest::{
    StatusCode,
    header::{self, HeaderValue},
};
use tokio::time::timeout;
use url::form_urlencoded;

use crate::{
    Client, Error, Response, Wait,
    client::{Way, late, parsed, redirect},
};

/// A form to send.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    /// The address, http or https.
    pub address: &'a str,
    /// Names and values.
    pub fields: &'a [(&'a str, &'a str)],
    /// How many decoded bytes of the answer's body are taken.
    pub body_bytes_max: usize,
}

impl Client {
    /// Sends a form and takes the answer, under the same guard and the same limits as [`Client::get`].
    ///
    /// Only redirects that keep the method (307, 308) and the host are followed, as for every secret: what is sent
    /// is meant for that host. Any other one is the answer.
    pub async fn post(&self, form: &Form<'_>) -> Result<Response, Error> {
        let whole = self.patience().whole;
        match timeout(whole, Box::pin(self.send(form))).await {
            Ok(answer) => answer,
            Err(_) => Err(late(&parsed(form.address)?, Wait::Whole, whole)),
        }
    }

    async fn send(&self, form: &Form<'_>) -> Result<Response, Error> {
        let body = encoded(form.fields);
        let mut way = Way::from(parsed(form.address)?);
        loop {
            let answer = self.send_to(&way, body.clone()).await?;
            let kept = matches!(
                answer.status(),
                StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
            );
            match redirect(&answer).filter(|_| kept).transpose()? {
                Some(location) if way.stays(&location) => way.go_on(&location, answer.status())?,
                _ => return self.take(answer, way, form.body_bytes_max).await,
            }
        }
    }

    async fn send_to(&self, way: &Way, body: String) -> Result<reqwest::Response, Error> {
        let (url, patience) = (&way.here, self.patience());
        let door = self.door(url);
        door.check_literal(url)?;
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        let send = door.http.post(url.clone()).header(header::CONTENT_TYPE, kind).body(body);
        match timeout(patience.first_byte, send.send()).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(Error::of_sending(&error, url, patience.connection)),
            Err(_) => Err(late(url, Wait::FirstByte, patience.first_byte)),
        }
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
