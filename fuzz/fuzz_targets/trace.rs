#![no_main]
//! Stored traces, and texts on their way through the window.

use depeche_cluster::{Candidate, Limits, Trace, Window};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut window = Window::new(Limits::default());
    if let Some(trace) = Trace::from_bytes(bytes) {
        window.restore("a", &trace, "a", "a", None);
    }
    let text = String::from_utf8_lossy(bytes);
    for id in ["b", "c"] {
        let _ =
            window.place(&Candidate { id, title: "Titre", text: &text, ..Candidate::default() });
    }
});
