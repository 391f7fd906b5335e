#![no_main]
//! Pages, by the rules and by a model that keeps everything.

use depeche_extract::{Hints, any, article, study::Model};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let hints = Hints { address: Some("https://a.example/1"), ..Hints::default() };
    let _ = any(bytes, &hints);
    let _ = article(bytes, &Hints { model: Some(&Model::default()), ..hints });
});
