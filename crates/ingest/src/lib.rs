//! the one place that knows every stage
