//! a page becomes an article
