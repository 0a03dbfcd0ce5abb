//! `stepwell explain`: the long text behind the code of a diagnostic. No server is needed.

use clap::Args;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Column, Listing, Record, Table};
use crate::terminal::Tone;
use crate::{config, output};

/// Explain the code of a diagnostic
#[derive(Args, Debug)]
#[command(
    before_help = "Examples:\n  stepwell explain SW1003\n  stepwell explain                                 all codes\n"
)]
pub struct ExplainArgs {
    /// The code
    code: Option<String>,
}

impl ExplainArgs {
    /// For one code.
    pub fn of(code: &str) -> Self {
        Self { code: Some(code.to_owned()) }
    }
}

/// Prints the text, or the list of codes.
///
/// # Errors
/// When there is no such code.
pub fn run(args: &ExplainArgs, context: &Context) -> Result<(), Failure> {
    let Some(code) = args.code.as_deref().map(str::to_ascii_uppercase) else {
        return context.printer.listing(&listing());
    };
    let Some(rule) = asl::rule(&code) else {
        let known: Vec<&str> = asl::rules().map(|rule| rule.code).collect();
        let failure = Failure::usage(format!("there is no code `{code}`"));
        return Err(match config::nearest(&code, &known) {
            Some(near) => failure.hint(format!("did you mean `{near}`? `stepwell explain` shows all")),
            None => failure.hint("`stepwell explain` shows all"),
        });
    };
    let mut fields = vec![
        ("code", output::Cell::new(rule.code, Tone::Strong)),
        ("title", rule.title.into()),
        ("meaning", rule.text.into()),
        ("example", rule.example.into()),
    ];
    if !rule.aws.is_empty() {
        fields.push(("aws", rule.aws.into()));
    }
    let json = record(rule);
    context.printer.record(&Record { fields, json, name: rule.code.to_owned() })
}

fn record(rule: &asl::Rule) -> serde_json::Value {
    json!({"code": rule.code, "title": rule.title, "text": rule.text, "example": rule.example, "aws": rule.aws})
}

fn listing() -> Listing {
    let columns = [Column::new("code"), Column::new("title"), Column::wide("meaning")];
    let mut listing = Listing { table: Table::new(&columns), ..Listing::default() };
    for rule in asl::rules() {
        listing.items.push(record(rule));
        listing.table.rows.push(vec![rule.code.into(), rule.title.into(), rule.text.into()]);
        listing.names.push(rule.code.to_owned());
    }
    listing
}
