//! `stepwell doctor`: is this machine, this shell and the server fit to work together? The checks are `crate::doctor`'s.

use clap::Args;

use crate::context::Context;
use crate::doctor::{self, Found, State};
use crate::failure::{Exit, Failure};
use crate::output::{Cell, Column, Format, Listing, Table, count, write};
use crate::terminal::{Tone, printable};

/// Check the server, this shell and the functions; each line says what to do
#[derive(Args, Debug)]
#[command(
    before_help = "Examples:
  stepwell doctor
  stepwell doctor --readiness                      for a container's health check\n",
    after_help = "Exit code 0 if nothing is broken (warnings are not), 6 if something is."
)]
pub struct DoctorArgs {
    /// Only whether the server answers
    #[arg(long, conflicts_with = "readiness")]
    liveness: bool,
    /// Only whether the server answers requests of the API
    #[arg(long)]
    readiness: bool,
}

/// Runs the checks, one line each.
///
/// # Errors
/// When something is broken (exit 6).
pub async fn run(args: &DoctorArgs, context: &Context) -> Result<(), Failure> {
    let found = if args.liveness {
        vec![doctor::server::alive(context).await]
    } else if args.readiness {
        vec![doctor::server::alive(context).await, doctor::server::api(context).await]
    } else {
        doctor::all(context).await
    };
    match context.printer.format {
        Format::Table | Format::Wide if context.printer.columns.is_empty() => pretty(&found, context)?,
        _ => context.printer.listing(&listing(&found))?,
    }
    let of = |state: State| found.iter().filter(|one| one.state == state).count();
    let (broken, warned) = (of(State::Fail), of(State::Warn));
    if broken > 0 {
        return Err(Failure::new(
            Exit::Environment,
            format!("{} of {} failed", count(broken, "check"), found.len()),
        ));
    }
    if warned > 0 {
        context.say(&format!("nothing is broken; {}", count(warned, "warning")));
    }
    Ok(())
}

fn pretty(found: &[Found], context: &Context) -> Result<(), Failure> {
    let out = &context.terminal.out;
    let width = found.iter().map(|one| one.check.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for one in found {
        let tone = match one.state {
            State::Ok => Tone::Good,
            State::Warn => Tone::Warn,
            State::Fail => Tone::Bad,
        };
        let (state, check) = (one.state.word(), &one.check);
        text.push_str(&format!(
            "{}  {check:width$}  {}\n",
            out.paint(tone, &format!("{state:4}")),
            printable(&one.detail)
        ));
        for advice in &one.advice {
            text.push_str(&format!("      {:width$}  → {}\n", "", printable(advice)));
        }
    }
    write(&text)
}

fn listing(found: &[Found]) -> Listing {
    let columns = [Column::new("state"), Column::new("check"), Column::new("detail"), Column::new("advice")];
    let mut listing = Listing { table: Table::new(&columns), ..Listing::default() };
    for one in found {
        listing.items.push(serde_json::json!({
            "check": one.check, "state": one.state.word(), "detail": one.detail, "advice": one.advice,
        }));
        listing.table.rows.push(vec![
            one.state.word().into(),
            one.check.as_str().into(),
            Cell::from(one.detail.as_str()),
            one.advice.join("; ").into(),
        ]);
        listing.names.push(one.check.clone());
    }
    listing
}
