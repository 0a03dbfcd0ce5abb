//! `stepwell demo`: a server and a real workflow in one command. What it does stands in `crate::demo`; here is its order.

use clap::Args;

use crate::context::Context;
use crate::demo::{self, Choices, Demo};
use crate::failure::{Exit, Failure};
use crate::output::note;
use crate::serve::{LogForm, asked_to_stop, start_logging};

/// See it work: a server, functions in Python and Node, and an order from check to confirmation
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell demo                                    you approve the order; the server goes on until Ctrl-C
  stepwell demo --once --fail-payment              the card is declined; watch everything being undone\n")]
pub struct DemoArgs {
    /// Approve the order too, and end when it has ended
    #[arg(long)]
    once: bool,
    /// Let the card be declined: what was done for the order is undone
    #[arg(long)]
    fail_payment: bool,
    /// The port [default: 8083, or any if that is in use]
    #[arg(long)]
    port: Option<u16>,
}

/// Runs the demo. Nothing of it stays behind.
///
/// # Errors
/// When the server cannot start, or the order ends otherwise than the demo means it to.
pub async fn run(args: &DemoArgs, context: &Context) -> Result<(), Failure> {
    let choices = Choices { once: args.once, fail_payment: args.fail_payment, port: args.port };
    start_logging(
        LogForm::Text,
        if context.settings.debug { "info" } else { "warn" },
        &context.terminal.err,
    )?;
    let mut demo = Demo::start(&choices, context).await?;
    demo::begins(context, &demo);
    let played = tokio::select! {
        played = play(&demo, &choices, context) => played,
        asked = asked_to_stop() => Err(asked.err().unwrap_or_else(|| Failure::new(Exit::Interrupted, "the demo is interrupted"))),
    };
    if played.is_ok() && !choices.once {
        note("\nThe server goes on. Ctrl-C ends it and removes its data.");
        tokio::select! {
            ended = demo.ended() => return ended,
            asked = asked_to_stop() => asked?,
        }
    }
    let stopped = demo.stop().await;
    played.and(stopped)
}

async fn play(demo: &Demo, choices: &Choices, context: &Context) -> Result<(), Failure> {
    let machine_arn = demo.deploy(context).await?;
    let arn = demo.order(&machine_arn, choices).await?;
    let ending = demo.follow(&arn, choices, context).await?;
    demo::ends(context, &ending, choices)?;
    if !choices.once {
        demo::next(context, demo, &arn);
    }
    Ok(())
}
