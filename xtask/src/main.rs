//! Project automation: `cargo xtask <command>`. Every check that a merge needs is here, so that a laptop and the build
//! machine run the same thing. Not part of the product: nothing that ships depends on this crate.

mod aws_protocols;
mod bench;
mod ci;
mod clients;
mod codegen;
mod conformance;
mod console;
mod crash;
mod debian;
mod e2e;
mod fuzz;
mod postgres;
mod sdk;
mod server;
mod shell;
mod tidy;
mod venv;

use std::path::Path;
use std::process::{Command, ExitCode};

use shell::Result;

const USAGE: &str = "\
usage: cargo xtask <command>

  ci [STAGE…]           everything that a merge needs, or only these stages
  ci --list             the stages
  tidy [--bless]        the house rules (--bless: lower the ratchet's numbers to what the code has reached)
  codegen [--check]     the API's shapes and the table of AWS services from the service models (--check: compare only)
  aws-protocols [--services N] [--seed S] [--from FILE]
                        requests of all services, or of N that are drawn, and the protocols' test cases, compared with botocore
  sim [ARG…]            the simulator over 100,000 seeds, or as `sim --seeds 10000` or `sim --seed 17` says
  e2e                   the console's journeys in a browser
  crash [--rounds N]    kill and restart a loaded server, 100 times unless told otherwise
  fuzz [TARGET…] [--seconds N] [--count N] [--seed S]
                        seeded fuzzing of value, jsonpath, jsonata and asl, or of some of them
  fuzz jsonata --against-js [--count N] [--seed S]
                        20,000 expressions held against jsonata-js 2.0.6
  conformance [ARG…]    recorded answers of the service; arguments go to the runner, for example `--area choice`
  bench [--children N] [jsonata] [jsonpath]
                        speed of the release binary against the goals; the large measurement only when asked for;
                        with names, only the speed of these languages beside other implementations
  bench wait-million [--count N] [--waking N]
                        executions that wait: memory, readiness after SIGKILL, and how late they wake
  bench list-million    a million finished executions: pages of lists by every filter, and retention beside starts
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
    let root = shell::root();
    match command.as_deref() {
        Some("ci") => {
            if args.contains("--list") {
                finish(args)?;
                print!("{}", ci::list());
                return Ok(());
            }
            ci::run(&root, &rest(args)?)
        }
        Some("tidy") => {
            let bless = args.contains("--bless");
            finish(args)?;
            tidy::run(&root, bless)
        }
        Some("codegen") => {
            let check = args.contains("--check");
            finish(args)?;
            codegen::run(&root, check)
        }
        Some("aws-protocols") => {
            let from = args.opt_value_from_str("--from").map_err(|error| error.to_string())?;
            match from {
                Some(from) => {
                    finish(args)?;
                    aws_protocols::compare_file(Path::new::<String>(&from))
                }
                None => aws_protocols::run(&root, &rest(args)?),
            }
        }
        Some("sim") => sim_command(&root, rest(args)?),
        Some("e2e") => {
            finish(args)?;
            console::run(&root)?;
            server::build(&root)?;
            e2e::run(&root).map(|_| ())
        }
        Some("crash") => {
            let rounds =
                args.opt_value_from_str("--rounds").map_err(|error| error.to_string())?.unwrap_or(100);
            finish(args)?;
            server::build(&root)?;
            crash::run(&root, rounds).map(|_| ())
        }
        Some("bench") => measure(args, &root),
        Some("fuzz") => fuzz_command(&root, args),
        Some("conformance") => {
            server::build(&root)?;
            conformance::command(&root, &rest(args)?)
        }
        Some(other) => Err(format!("unknown command `{other}`\n\n{USAGE}")),
        None => Err(format!("a command is needed\n\n{USAGE}")),
    }
}

fn sim_command(root: &Path, mut args: Vec<String>) -> Result<()> {
    if args.is_empty() {
        args = vec!["--seeds".to_owned(), "100000".to_owned()];
    }
    server::build(root)?;
    shell::run(Command::new(root.join("target/release/sim")).args(args).current_dir(root))
}

/// `bench`, all of it or what is named.
fn measure(mut args: pico_args::Arguments, root: &Path) -> Result<()> {
    let mut number =
        |name| args.opt_value_from_str(name).map_err(|error: pico_args::Error| error.to_string());
    let (count, waking) = (number("--count")?, number("--waking")?);
    let options = bench::Options { children: number("--children")?.unwrap_or(0) };
    let names = rest(args)?;
    match names.as_slice() {
        [] => {
            server::build(root)?;
            bench::run(root, &options)
        }
        [name] if name == "wait-million" => {
            let count = count.unwrap_or(1_000_000);
            server::build(root)?;
            bench::sleepers::run(root, &bench::sleepers::Options { count, waking: waking.unwrap_or(50_000) })
        }
        [name] if name == "list-million" => bench::list_million(root),
        names => bench::languages(root, names),
    }
}

fn fuzz_command(root: &Path, mut args: pico_args::Arguments) -> Result<()> {
    let mut number =
        |name| args.opt_value_from_str(name).map_err(|error: pico_args::Error| error.to_string());
    let (seconds, count, seed) = (number("--seconds")?, number("--count")?, number("--seed")?);
    let against_javascript = args.contains("--against-js");
    let options = fuzz::Options { targets: rest(args)?, seconds, count, seed, against_javascript };
    server::build(root)?;
    fuzz::run(root, &options)
}

fn rest(args: pico_args::Arguments) -> Result<Vec<String>> {
    args.finish()
        .into_iter()
        .map(|arg| arg.into_string().map_err(|arg| format!("{arg:?} is not UTF-8")))
        .collect()
}

fn finish(args: pico_args::Arguments) -> Result<()> {
    let rest = args.finish();
    if rest.is_empty() { Ok(()) } else { Err(format!("unexpected arguments {rest:?}\n\n{USAGE}")) }
}
