//! Every limit of the intake, with the reason for its value: what comes from outside is bounded here, and
//! nowhere else.
//!
//! One module a crate, in the order in which news passes them. A limit that is not about what comes in (how a
//! page is drawn, how a window remembers) stands with its work.

