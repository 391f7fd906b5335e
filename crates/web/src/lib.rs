//! pages, live updates, administration
