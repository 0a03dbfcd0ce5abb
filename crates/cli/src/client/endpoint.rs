//! The address of a server. Plain HTTP only: a server of ours listens on this machine or behind something that does TLS.

use std::fmt;

use hyper::Uri;

use crate::failure::Failure;

/// `http://host:port`, optionally with a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Uri);

impl Endpoint {
    /// Reads an address. `host:port` without a scheme is plain HTTP.
    ///
    /// # Errors
    /// When it is no address, or one with another scheme.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let wrong = || {
            Failure::usage(format!("`{text}` is not an address of a server"))
                .hint("expected `http://host:port`")
        };
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let uri: Uri = with_scheme.parse().map_err(|_| wrong())?;
        if uri.scheme_str() == Some("https") {
            return Err(Failure::usage(format!("`{text}`: this command does not speak TLS"))
                .hint("use the server's plain address, or any AWS SDK or the AWS CLI, which do"));
        }
        if uri.scheme_str() != Some("http") || uri.host().is_none_or(str::is_empty) {
            return Err(wrong());
        }
        Ok(Self(uri))
    }

    /// As a request has it.
    pub fn url(&self) -> Uri {
        self.0.clone()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_string().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn addresses_are_read() {
        for (text, wanted) in [
            ("http://localhost:8083", Some("http://localhost:8083")),
            ("http://localhost:8083/sfn/", Some("http://localhost:8083/sfn")),
            ("localhost:8083", Some("http://localhost:8083")),
            ("[::1]:8083", Some("http://[::1]:8083")),
            ("https://localhost", None),
            ("ftp://localhost", None),
            ("http://", None),
            ("", None),
            ("not an address", None),
        ] {
            assert_eq!(
                Endpoint::parse(text).ok().map(|found| found.to_string()).as_deref(),
                wanted,
                "{text}"
            );
        }
    }
}
