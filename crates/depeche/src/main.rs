//! Dépêche: a self-hosted news wire in one binary.
fn main() {}
