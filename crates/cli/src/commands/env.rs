//! `stepwell env`: the variables that point AWS SDKs and the AWS CLI of a shell to the server.
//! Credentials are made up, and only set where the shell has none: those that are there also work, and other services need them.

use clap::{Args, ValueEnum};

use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::settings::variable;

/// Print the variables that point AWS SDKs and the AWS CLI of this shell to the server
#[derive(Args, Debug)]
#[command(before_help = "Example:\n  eval \"$(stepwell env)\"\n")]
pub struct EnvArgs {
    /// The shell that reads them
    #[arg(long, value_enum, default_value_t)]
    shell: Shell,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Shell {
    /// bash, zsh, sh
    #[default]
    Bash,
    /// fish
    Fish,
    /// PowerShell
    Pwsh,
    /// A .env file
    Dotenv,
    /// Arguments of `docker run`
    Docker,
}

/// Prints the variables.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(args: &EnvArgs, context: &Context) -> Result<(), Failure> {
    let endpoint = context.settings.endpoint.to_string();
    let has_credentials = ["AWS_ACCESS_KEY_ID", "AWS_PROFILE"].iter().any(|name| variable(name).is_some());
    let mut variables = vec![
        ("AWS_ENDPOINT_URL_SFN", endpoint.as_str()),
        ("AWS_DISABLE_HOST_PREFIX_INJECTION", "true"),
        ("AWS_REGION", context.settings.region.as_str()),
        ("AWS_DEFAULT_REGION", context.settings.region.as_str()),
    ];
    if has_credentials && matches!(args.shell, Shell::Bash | Shell::Fish | Shell::Pwsh) {
        context.say("credentials are set here already and are left alone; the server takes any");
    } else {
        variables.extend([("AWS_ACCESS_KEY_ID", "stepwell"), ("AWS_SECRET_ACCESS_KEY", "stepwell")]);
    }
    output::write(&args.shell.text(&variables))
}

impl Shell {
    fn text(self, variables: &[(&str, &str)]) -> String {
        let line = |(name, value): &(&str, &str)| match self {
            Self::Bash => format!("export {name}='{value}'\n"),
            Self::Fish => format!("set -gx {name} '{value}'\n"),
            Self::Pwsh => format!("$env:{name} = '{value}'\n"),
            Self::Dotenv => format!("{name}={value}\n"),
            Self::Docker => format!("-e {name}={value} "),
        };
        let mut text: String = variables.iter().map(line).collect();
        if matches!(self, Self::Docker) {
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Shell;

    #[test]
    fn every_shell_has_its_form() {
        for (shell, wanted) in [
            (Shell::Bash, "export A='b'\nexport C='d'\n"),
            (Shell::Fish, "set -gx A 'b'\nset -gx C 'd'\n"),
            (Shell::Pwsh, "$env:A = 'b'\n$env:C = 'd'\n"),
            (Shell::Dotenv, "A=b\nC=d\n"),
            (Shell::Docker, "-e A=b -e C=d\n"),
        ] {
            assert_eq!(shell.text(&[("A", "b"), ("C", "d")]), wanted);
        }
    }
}
