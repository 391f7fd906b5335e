//! full text on tantivy
