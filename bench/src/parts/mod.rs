//! The parts that are measured, one module each.

pub(crate) mod archive;
pub(crate) mod copies;
pub(crate) mod extract;
pub(crate) mod feeds;
pub(crate) mod index;
pub(crate) mod ingest;
pub(crate) mod lag;
pub(crate) mod latest;
pub(crate) mod live;
pub(crate) mod memory;
pub(crate) mod poll;
pub(crate) mod search;
pub(crate) mod space;
