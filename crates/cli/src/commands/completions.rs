//! `stepwell completions`: the script that lets a shell complete commands and flags. No server is needed.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::args::Cli;
use crate::failure::Failure;
use crate::output;

/// Print the completion script of a shell
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell completions bash > ~/.local/share/bash-completion/completions/stepwell
  stepwell completions zsh > \"${fpath[1]}/_stepwell\"
  stepwell completions fish > ~/.config/fish/completions/stepwell.fish\n")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "stepwell", &mut script);
    output::write(&String::from_utf8_lossy(&script))
}
