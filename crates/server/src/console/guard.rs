//! Who may reach the server through a browser. A page of another site can make a browser send requests here: by a name of its own
//! that it lets point to this machine (DNS rebinding), or across sites. Clients that are no browsers are not affected: they send
//! any `Host`, and neither `Origin` nor `Sec-Fetch-Site`.

use std::net::{Ipv4Addr, Ipv6Addr};

use hyper::StatusCode;
use hyper::header::{HOST, HeaderMap, ORIGIN};

use crate::answer::{self, Answer};

const FOREIGN_PAGE: &str = "A page of another site may not do this.\n";
const FOREIGN_NAME: &str = "Browsers may reach this server by its address, or by a name that `stepwell serve --allowed-host` gives.\n";

/// The refusal of a request that a foreign page has made, if it is one.
pub(crate) fn refusal(headers: &HeaderMap, allowed: &[String]) -> Option<Answer> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (site, origin) = (text("sec-fetch-site"), text(ORIGIN.as_str()));
    if site.is_none() && origin.is_none() {
        return None;
    }
    let across =
        matches!(site, Some("cross-site" | "same-site")) && text("sec-fetch-mode") != Some("navigate");
    if across {
        return Some(answer::text(StatusCode::FORBIDDEN, FOREIGN_PAGE));
    }
    if let Some(refusal) = foreign_name(headers, allowed) {
        return Some(refusal);
    }
    let host = text(HOST.as_str()).unwrap_or_default();
    let same = origin.is_none_or(|origin| origin.split_once("://").is_some_and(|(_, name)| name == host));
    (!same).then(|| answer::text(StatusCode::FORBIDDEN, FOREIGN_PAGE))
}

/// The refusal of a `Host` that is not ours.
pub(super) fn foreign_name(headers: &HeaderMap, allowed: &[String]) -> Option<Answer> {
    let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    (!is_ours(host, allowed)).then(|| answer::text(StatusCode::MISDIRECTED_REQUEST, FOREIGN_NAME))
}

fn is_ours(host: &str, allowed: &[String]) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.to_ascii_lowercase();
    // A name can be made to point here; an address is what it is.
    name.parse::<Ipv4Addr>().is_ok()
        || name.parse::<Ipv6Addr>().is_ok()
        || name == "localhost"
        || name.ends_with(".localhost")
        || allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(&name))
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderMap, HeaderValue};

    use super::{is_ours, refusal};

    #[track_caller]
    fn check(headers: &[(&'static str, &str)], wanted: Option<u16>) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_str(value).expect("a header"));
        }
        let status = refusal(&map, &["flows.example".to_owned()]).map(|answer| answer.status().as_u16());
        assert_eq!(status, wanted, "{headers:?}");
    }

    #[test]
    fn foreign_pages_are_refused() {
        let fetch = |site: &'static str, mode: &'static str| {
            [("host", "localhost:8083"), ("sec-fetch-site", site), ("sec-fetch-mode", mode)]
        };
        check(&[("host", "anything.example")], None);
        check(&[("host", "127.0.0.1:8083"), ("origin", "http://127.0.0.1:8083")], None);
        check(&[("host", "127.0.0.1:8083"), ("origin", "http://evil.example")], Some(403));
        check(&[("host", "evil.example"), ("origin", "http://evil.example")], Some(421));
        check(&[("host", "evil.example"), ("sec-fetch-site", "same-origin")], Some(421));
        check(&fetch("cross-site", "cors"), Some(403));
        check(&fetch("cross-site", "navigate"), None);
        check(&[("host", "flows.example"), ("sec-fetch-site", "same-origin")], None);
        check(&[("host", "localhost:8083"), ("origin", "null")], Some(403));
    }

    #[test]
    fn addresses_and_loopback_names_are_ours() {
        for (host, ours) in [
            ("[::1]:8083", true),
            ("10.1.2.3", true),
            ("localhost", true),
            ("a.localhost:1", true),
            ("localhost.evil.example", false),
            ("", false),
        ] {
            assert_eq!(is_ours(host, &[]), ours, "{host}");
        }
    }
}
