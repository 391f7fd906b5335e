//! wire formats: what the provider says
