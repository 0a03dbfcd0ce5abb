//! The files `~/.aws/config` and `~/.aws/credentials`: sections of `key = value`.
//! Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".

use std::collections::BTreeMap;

/// What both files say about one profile; the credentials file wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    keys: BTreeMap<String, String>,
}

impl Profile {
    /// Reads a profile out of the two files' texts; `None` when neither has it.
    pub(crate) fn read(config: &str, credentials: &str, name: &str) -> Option<Profile> {
        let in_config = if name == "default" { vec!["default".to_owned()] } else { Vec::new() };
        let in_config = in_config.into_iter().chain([format!("profile {name}")]).collect::<Vec<_>>();
        let mut keys = section(config, &in_config);
        let more = section(credentials, &[name.to_owned()]);
        if keys.is_none() && more.is_none() {
            return None;
        }
        keys.get_or_insert_default().extend(more.unwrap_or_default());
        Some(Profile { keys: keys.unwrap_or_default() })
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.keys.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// The keys of the sections of these names; what is indented belongs to a nested setting and is left out.
fn section(text: &str, names: &[String]) -> Option<BTreeMap<String, String>> {
    let (mut found, mut here) = (None, false);
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            here = names.contains(&name);
            if here {
                found.get_or_insert_with(BTreeMap::new);
            }
        } else if here
            && !line.starts_with([' ', '\t'])
            && let (Some(keys), Some((key, value))) = (&mut found, trimmed.split_once('='))
        {
            keys.insert(key.trim().to_lowercase(), uncomment(value).to_owned());
        }
    }
    found
}

/// A comment begins with a blank.
fn uncomment(value: &str) -> &str {
    let end = [" #", " ;", "\t#", "\t;"].iter().filter_map(|mark| value.find(mark)).min();
    end.map_or(value, |end| &value[..end]).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "[default]\nregion = eu-west-1\n[profile  work]\nregion=us-west-2 # there\n\
        s3 =\n  max_concurrent_requests = 1\nrole_arn = arn:r\n; no\n[services x]\nregion = no\n";
    const CREDENTIALS: &str =
        "[default]\naws_access_key_id = A\naws_secret_access_key = b#c\n[work]\nregion = x\n";

    #[test]
    fn profiles() {
        let check = |name: &str, key: &str, expected: Option<&str>| {
            let profile = Profile::read(CONFIG, CREDENTIALS, name);
            assert_eq!(profile.as_ref().and_then(|profile| profile.get(key)), expected, "{name} {key}");
        };
        check("default", "region", Some("eu-west-1"));
        check("default", "aws_access_key_id", Some("A"));
        check("default", "aws_secret_access_key", Some("b#c"));
        check("work", "region", Some("x"));
        check("work", "role_arn", Some("arn:r"));
        check("work", "max_concurrent_requests", None);
        assert_eq!(Profile::read(CONFIG, CREDENTIALS, "other"), None);
        assert_eq!(Profile::read("", "", "default"), None);
    }
}
