#![no_main]
//! Stored traces, and texts on their way through the window.

use std::collections::HashMap;

use depeche_cluster::{Candidate, Limits, Trace, Window};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut window = Window::new(Limits::default());
    let mut traces = HashMap::new();
    if let Some(trace) = Trace::from_bytes(bytes) {
        window.restore("a", &trace, "a", "a", None);
        traces.insert("a", trace);
    }
    let text = String::from_utf8_lossy(bytes);
    for id in ["b", "c"] {
        let candidate = Candidate { id, title: "Titre", text: &text, ..Candidate::default() };
        let placed = window.place(&candidate, |id| traces.get(id).cloned());
        traces.insert(id, placed.trace);
    }
});
