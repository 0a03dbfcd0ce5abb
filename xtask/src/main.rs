//! Project automation: `cargo xtask <command>`. Every check that a merge needs is here, so that a laptop and the build
//! machine run the same thing. Not part of the product: nothing that ships depends on this crate.

mod codegen;
mod shell;
mod tidy;
mod venv;

use std::process::ExitCode;

use shell::Result;

const USAGE: &str = "\
usage: cargo xtask <command>

  codegen [--check]   write crates/wire/src/generated.rs from the service model (--check: compare only)
  tidy [--bless]      the house rules (--bless: lower the ratchet's numbers to what the code has reached)
";

fn main() -> ExitCode {
    match dispatch(pico_args::Arguments::from_env()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(mut args: pico_args::Arguments) -> Result<()> {
    let command = args.subcommand().map_err(|error| error.to_string())?;
    match command.as_deref() {
        Some("codegen") => {
            let check = args.contains("--check");
            finish(args)?;
            codegen::run(&shell::root(), check)
        }
        Some("tidy") => {
            let bless = args.contains("--bless");
            finish(args)?;
            tidy::run(&shell::root(), bless)
        }
        Some(other) => Err(format!("unknown command `{other}`\n\n{USAGE}")),
        None => Err(format!("a command is needed\n\n{USAGE}")),
    }
}

fn finish(args: pico_args::Arguments) -> Result<()> {
    let rest = args.finish();
    if rest.is_empty() { Ok(()) } else { Err(format!("unexpected arguments {rest:?}\n\n{USAGE}")) }
}
