//! Credentials, and where they come from: the environment, the profile's files, a web identity, the container, the machine. The order is
//! that of the SDKs ("Standardized credential providers" in the AWS SDKs and Tools Reference Guide). Not here: IAM Identity Center and
//! commands that print credentials.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::client::Client;
use crate::profile::Profile;
use crate::{assume, metadata};

/// Credentials are fetched again when they have less than this left.
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(5);

/// What requests are signed with. Its `Debug` form keeps the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Who.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
    /// Goes along with temporary credentials.
    pub session_token: Option<String>,
    /// Until when they are good, if not for ever.
    pub expires_at: Option<Timestamp>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Credentials");
        shown.field("access_key_id", &self.access_key_id).field("expires_at", &self.expires_at);
        shown.finish_non_exhaustive()
    }
}

impl Credentials {
    /// Credentials that do not expire.
    pub fn fixed(access_key_id: &str, secret_access_key: &str, session_token: Option<String>) -> Credentials {
        Credentials {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: secret_access_key.to_owned(),
            session_token,
            expires_at: None,
        }
    }

    /// For endpoints that are not AWS's: those that stand in for several accounts take the access key for the account.
    pub(crate) fn made_up(account: &str) -> Credentials {
        Credentials::fixed(account, "test", None)
    }

    pub(crate) fn is_fresh(&self) -> bool {
        self.expires_at.is_none_or(|at| at.duration_since(Timestamp::now()) > FRESH_FOR)
    }
}

/// Where credentials come from; asks when they are needed, and again before they expire.
#[derive(Clone, Debug)]
pub struct Provider {
    source: Arc<Source>,
    known: Arc<Mutex<Option<Credentials>>>,
}

#[derive(Debug)]
pub(crate) enum Source {
    Fixed(Credentials),
    /// A role, assumed with other credentials.
    Role {
        role_arn: String,
        external_id: Option<String>,
        with: Credentials,
    },
    /// A role, assumed with a token in a file.
    WebIdentity {
        role_arn: String,
        session_name: String,
        token_file: PathBuf,
    },
    /// An address inside of the container, and what to send along: a token, or the file that it is in.
    Container {
        url: String,
        token: Option<String>,
        token_file: Option<PathBuf>,
    },
    /// The machine that this runs on.
    Instance,
    /// None, and why.
    Nowhere(String),
}

impl Provider {
    /// Always these.
    pub fn fixed(credentials: Credentials) -> Provider {
        Provider::of(Source::Fixed(credentials))
    }

    fn of(source: Source) -> Provider {
        Provider { source: Arc::new(source), known: Arc::new(Mutex::new(None)) }
    }

    /// As SDKs find them, by the process's variables. Files are read now, everything else when credentials are needed.
    pub fn from_environment(variable: &dyn Fn(&str) -> Option<String>) -> Provider {
        Provider::of(source(variable))
    }

    /// Is it the machine that would have to be asked, for want of anything else?
    pub(crate) fn is_last_resort(&self) -> bool {
        matches!(&*self.source, Source::Instance | Source::Nowhere(_))
    }

    /// Credentials that are good for some minutes.
    ///
    /// # Errors
    /// Why there are none.
    pub(crate) async fn get(&self, client: &Client) -> Result<Credentials, String> {
        if let Source::Fixed(credentials) = &*self.source {
            return Ok(credentials.clone());
        }
        let mut known = self.known.lock().await;
        if let Some(credentials) = known.as_ref().filter(|credentials| credentials.is_fresh()) {
            return Ok(credentials.clone());
        }
        let found = self.fetch(client).await?;
        *known = Some(found.clone());
        Ok(found)
    }

    async fn fetch(&self, client: &Client) -> Result<Credentials, String> {
        match &*self.source {
            Source::Fixed(credentials) => Ok(credentials.clone()),
            Source::Role { role_arn, external_id, with } => {
                assume::role(client, role_arn, external_id.as_deref(), with).await
            }
            Source::WebIdentity { role_arn, session_name, token_file } => {
                let token = read_file(token_file)?;
                assume::web_identity(client, role_arn, session_name, &token).await
            }
            Source::Container { url, token, token_file } => {
                let token = match token_file {
                    Some(file) => Some(read_file(file)?),
                    None => token.clone(),
                };
                metadata::of_container(client.transport(), url, token.as_deref()).await
            }
            Source::Instance => metadata::of_instance(client.transport()).await,
            Source::Nowhere(why) => Err(why.clone()),
        }
    }
}

fn read_file(path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read the token in `{}`: {error}", path.display()))?;
    Ok(text.trim().to_owned())
}

fn source(variable: &dyn Fn(&str) -> Option<String>) -> Source {
    let get = |name: &str| variable(name).filter(|value| !value.is_empty());
    if get("AWS_PROFILE").is_none()
        && let (Some(id), Some(secret)) = (get("AWS_ACCESS_KEY_ID"), get("AWS_SECRET_ACCESS_KEY"))
    {
        return Source::Fixed(Credentials::fixed(&id, &secret, get("AWS_SESSION_TOKEN")));
    }
    if let (Some(role_arn), Some(file)) = (get("AWS_ROLE_ARN"), get("AWS_WEB_IDENTITY_TOKEN_FILE")) {
        let session_name = get("AWS_ROLE_SESSION_NAME").unwrap_or_else(|| "stepwell".to_owned());
        return Source::WebIdentity { role_arn, session_name, token_file: file.into() };
    }
    if let Some(found) = of_profile(&get) {
        return found;
    }
    let token = get("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    let token_file = get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map(PathBuf::from);
    let relative = get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    let url = relative.map(|path| format!("http://169.254.170.2{path}"));
    if let Some(url) = url.or_else(|| get("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
        return Source::Container { url, token, token_file };
    }
    if get("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Source::Nowhere(
            "no AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"
                .to_owned(),
        );
    }
    Source::Instance
}

/// The profile's credentials; `None` when there is no profile and none was asked for.
fn of_profile(get: &dyn Fn(&str) -> Option<String>) -> Option<Source> {
    let asked_for = get("AWS_PROFILE");
    let name = asked_for.as_deref().unwrap_or("default");
    let home = get("HOME").map(PathBuf::from).unwrap_or_default().join(".aws");
    let file = |name: &str, default: &str| {
        let path = get(name).map_or_else(|| home.join(default), PathBuf::from);
        std::fs::read_to_string(path).unwrap_or_default()
    };
    let config = file("AWS_CONFIG_FILE", "config");
    let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    let Some(profile) = Profile::read(&config, &credentials, name) else {
        let missing = format!("there is no profile `{name}`: see AWS_PROFILE, AWS_CONFIG_FILE");
        return asked_for.map(|_| Source::Nowhere(missing));
    };
    let fixed = |profile: &Profile| {
        let (id, secret) = (profile.get("aws_access_key_id")?, profile.get("aws_secret_access_key")?);
        Some(Credentials::fixed(id, secret, profile.get("aws_session_token").map(str::to_owned)))
    };
    if let Some(role_arn) = profile.get("role_arn").map(str::to_owned) {
        if let Some(token_file) = profile.get("web_identity_token_file") {
            let session_name = profile.get("role_session_name").unwrap_or("stepwell").to_owned();
            return Some(Source::WebIdentity { role_arn, session_name, token_file: token_file.into() });
        }
        let source = profile.get("source_profile").unwrap_or(name);
        let with = Profile::read(&config, &credentials, source).and_then(|profile| fixed(&profile));
        let external_id = profile.get("external_id").map(str::to_owned);
        return Some(match with {
            Some(with) => Source::Role { role_arn, external_id, with },
            None => Source::Nowhere(format!(
                "the profile `{source}` has no access key to assume `{role_arn}` with"
            )),
        });
    }
    match fixed(&profile) {
        Some(credentials) => Some(Source::Fixed(credentials)),
        None => asked_for.map(|name| {
            Source::Nowhere(format!(
                "the profile `{name}` has no credentials that can be used here: expected an access key or a role"
            ))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_credentials_come_from() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let config =
            file("config", "[profile role]\nrole_arn = arn:r\nsource_profile = keys\n[profile empty]\n");
        let credentials = file("credentials", "[keys]\naws_access_key_id = A\naws_secret_access_key = S\n");
        let check = |variables: &[(&str, &str)], expected: &str| {
            let find = |name: &str| match name {
                "AWS_CONFIG_FILE" => Some(config.clone()),
                "AWS_SHARED_CREDENTIALS_FILE" => Some(credentials.clone()),
                _ => variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()),
            };
            let found = format!("{:?}", source(&find));
            assert!(found.starts_with(expected), "{variables:?}: {found}");
            assert!(!found.contains("secret_access_key"), "{found}");
        };
        let keys = [("AWS_ACCESS_KEY_ID", "I"), ("AWS_SECRET_ACCESS_KEY", "S")];
        check(&keys, "Fixed(Credentials { access_key_id: \"I\"");
        check(&[keys[0], keys[1], ("AWS_PROFILE", "keys")], "Fixed(Credentials { access_key_id: \"A\"");
        check(&[("AWS_PROFILE", "role")], "Role { role_arn: \"arn:r\"");
        check(&[("AWS_PROFILE", "empty")], "Nowhere(\"the profile `empty` has no credentials");
        check(&[("AWS_PROFILE", "none")], "Nowhere(\"there is no profile `none`");
        check(&[("AWS_ROLE_ARN", "a"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "f")], "WebIdentity");
        check(
            &[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2")],
            "Container { url: \"http://169.254.170.2/v2\"",
        );
        check(&[("AWS_EC2_METADATA_DISABLED", "true")], "Nowhere(\"no AWS credentials were found");
        check(&[], "Instance");
    }
}
