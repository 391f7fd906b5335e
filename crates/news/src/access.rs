//! How one source is asked where that is not as all are: it holds secrets.

use std::fmt;

/// What a source is asked with beyond its address. Its `Debug` shows no secret, so that none gets into a log.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// The name to sign in with (HTTP Basic).
    pub user: Option<String>,
    /// Its password.
    pub password: Option<String>,
    /// Headers to send, as `Authorization: Bearer …`.
    pub headers: Vec<(String, String)>,
    /// The address of the proxy to ask through.
    pub proxy: Option<String>,
}

impl Access {
    /// Nothing in particular: the source is asked as all are.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Something is sent that only the source's own host may see.
    pub fn is_secret(&self) -> bool {
        self.user.is_some() || self.password.is_some() || !self.headers.is_empty()
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Access")
            .field("user", &self.user.is_some())
            .field("password", &self.password.is_some())
            .field("headers", &names)
            .field("proxy", &self.proxy.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let access = Access {
            user: Some("alice".into()),
            password: Some("sesame".into()),
            headers: vec![("Authorization".into(), "Bearer sesame".into())],
            proxy: Some("http://alice:sesame@proxy.example:3128".into()),
        };
        let shown = format!("{access:?}");
        assert!(shown.contains("Authorization"), "{shown}");
        for secret in ["alice", "sesame", "proxy.example"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
