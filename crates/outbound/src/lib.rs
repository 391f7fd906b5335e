//! the one HTTP client with the address guard
