//! The one HTTP client of the house, with the address guard.
//!
//! Every outgoing connection is made here. [`Client::get`] asks for one address and follows its
//! redirects by hand; the guard checks each address that would be connected to, whether it was
//! written as a number, came out of DNS or out of a redirect. Proxy variables are ignored, no
//! cookie is kept, no referrer told. What is allowed besides the public internet is the operator's
//! [`Allowance`], nothing else.

mod access;
mod body;
mod client;
mod error;
mod guard;
mod headers;
mod post;
#[cfg(test)]
mod rebinding;
#[cfg(test)]
mod sockets;
#[cfg(test)]
mod sockets_tls;

pub use access::{header, proxy_address, same_host};
pub use client::{Client, Policy, Request, Response};
pub use error::{Error, Wait};
pub use guard::{Allowance, Allowed, BadAllowance, is_special};
pub use post::Form;
