//! What text is, before it is news: charset, language, normal forms, typography, teasers.
//!
//! Layer 1: no I/O, never fails. Bytes come in with whatever label they carry; text comes out.

pub mod agency;
mod charset;
mod credit;
mod dateline;
mod difference;
mod embargo;
mod fold;
pub mod language;
mod spreadsheet;
mod teaser;
mod title;
mod twice;
mod typography;

pub use charset::{Decoded, characters, decode};
pub use credit::{Credited, is_credit, is_organisation, split_credit};
pub use dateline::{dateline, dateline_place, split_dateline};
pub use difference::{Change, Difference, Stretch, Weight, difference};
pub use fold::{fold, fold_char, fold_into, is_alphanumeric, squash};
pub use language::{language, recognise};
pub use spreadsheet::is_formula;
pub use teaser::{is_cut, teaser};
pub use title::{Heading, story_title};
pub use twice::mended;
pub use typography::typeset;
