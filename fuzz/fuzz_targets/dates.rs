#![no_main]
//! Dates in every form, at home in a zone that changes its clocks and in none.

use std::sync::LazyLock;

use depeche_formats::dates::{date, date_in};
use depeche_news::{Moment, jiff::tz::TimeZone};

static PARIS: LazyLock<Option<TimeZone>> = LazyLock::new(|| TimeZone::get("Europe/Paris").ok());

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (nowhere, at_home) = (date(text), date_in(text, PARIS.as_ref()));
    assert_eq!(nowhere.is_some(), at_home.is_some());
    // What is stored is read back as the same instant.
    for moment in nowhere.into_iter().chain(at_home) {
        let again = Moment::parse(&moment.to_string());
        assert_eq!(again.map(|again| again.sort_key()), Some(moment.sort_key()));
    }
});
