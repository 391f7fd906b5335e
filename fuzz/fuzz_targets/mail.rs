#![no_main]
//! Messages and mailboxes.

use depeche_formats::mail::{self, Mbox};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mail = mail::read(bytes, None);
    assert_eq!(mail.sender, mail::sender(bytes));
    let mut mbox = Mbox::default();
    for mut piece in bytes.chunks(97) {
        while mbox.next(&mut piece).is_some() {}
    }
    while mbox.end().is_some() {}
    let _ = (mail::is_message(bytes), mail::is_mbox(bytes));
});
