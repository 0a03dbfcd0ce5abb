//! Retriers and Catchers.

use crate::diagnostic::{Advice, closest};
use crate::error_names::ALL;
use crate::syntax::Item;
use crate::{Catcher, Name, QueryLanguage, Retrier};

use super::Parser;
use super::fields::{Fields, indexed};
use super::jsonata::JsonataPlace;
use super::numbers::{MOST, Range};
use super::state::Frame;

/// The names that start with `States.`, which are the service's.
const RESERVED: [&str; 18] = [
    ALL,
    "States.TaskFailed",
    "States.Timeout",
    "States.HeartbeatTimeout",
    "States.Permissions",
    "States.DataLimitExceeded",
    "States.Runtime",
    "States.QueryEvaluationError",
    "States.NoChoiceMatched",
    "States.BranchFailed",
    "States.ResultPathMatchFailure",
    "States.ParameterPathFailure",
    "States.IntrinsicFailure",
    "States.ExceedToleratedFailureThreshold",
    "States.ItemReaderFailed",
    "States.ResultWriterFailed",
    "States.Http.Socket",
    "States.Http.StatusCode",
];

impl Parser {
    /// `Retry`.
    pub(super) fn retriers<'t>(&mut self, fields: &Fields<'t>) -> Vec<Retrier> {
        let items = self.array_field(fields, "Retry").unwrap_or_default();
        let count = items.len();
        let mut retriers = Vec::with_capacity(count);
        for (at, item) in items.into_iter().enumerate() {
            let location = indexed(&fields.at("Retry"), at);
            if let Some(fields) = self.object(item, location) {
                retriers.push(self.retrier(&fields, at + 1 == count));
            }
        }
        retriers
    }

    fn retrier<'t>(&mut self, fields: &Fields<'t>, is_last: bool) -> Retrier {
        self.allow(
            fields,
            &[
                "ErrorEquals",
                "IntervalSeconds",
                "MaxAttempts",
                "BackoffRate",
                "MaxDelaySeconds",
                "JitterStrategy",
                "Comment",
            ],
        );
        self.require(fields, &["ErrorEquals"]);
        self.comment(fields);
        Retrier {
            error_equals: self.error_equals(fields, is_last),
            // 0 is accepted, against the documentation (measured).
            interval_seconds: self
                .integer_literal(fields, "IntervalSeconds", Range::integer(0, MOST))
                .unwrap_or(1),
            max_attempts: self.integer_literal(fields, "MaxAttempts", Range::integer(0, MOST)).unwrap_or(3),
            backoff_rate: self
                .number_literal(fields, "BackoffRate", Range::number(1, i64::MAX))
                .unwrap_or(2.0),
            max_delay_seconds: self.integer_literal(fields, "MaxDelaySeconds", Range::integer(1, 31_622_400)),
            full_jitter: self.enum_field(fields, "JitterStrategy", &["NONE", "FULL"]) == Some("FULL"),
        }
    }

    /// `Catch`.
    pub(super) fn catchers<'t>(&mut self, frame: &Frame<'_, 't>) -> Vec<Catcher> {
        let items = self.array_field(frame.fields, "Catch").unwrap_or_default();
        let count = items.len();
        let mut catchers = Vec::with_capacity(count);
        for (at, item) in items.into_iter().enumerate() {
            let location = indexed(&frame.fields.at("Catch"), at);
            if let Some(fields) = self.object(item, location) {
                catchers.push(self.catcher(frame, &fields, at, at + 1 == count));
            }
        }
        catchers
    }

    fn catcher<'t>(
        &mut self,
        frame: &Frame<'_, 't>,
        fields: &Fields<'t>,
        at: usize,
        is_last: bool,
    ) -> Catcher {
        let language = frame.language;
        self.check_language(fields, language, &["ResultPath"], &["Output"]);
        self.allow(fields, &["ErrorEquals", "Next", "ResultPath", "Output", "Assign", "Comment"]);
        self.require(fields, &["ErrorEquals"]);
        self.require(fields, &["Next"]);
        self.comment(fields);
        let error_equals = self.error_equals(fields, is_last);
        let next = self.target(frame, fields, "Next").unwrap_or_default();
        let result_path = match language {
            QueryLanguage::JsonPath => self.result_path(fields),
            QueryLanguage::Jsonata => crate::ResultPath::Replace,
        };
        let place = JsonataPlace { has_result: false, has_error_output: true };
        let assign = self.assign_field(fields, &format!("Catch[{at}]/Assign"), language, place);
        let output = match language {
            QueryLanguage::JsonPath => None,
            QueryLanguage::Jsonata => {
                self.template_field(fields, "Output", &format!("Catch[{at}]/Output"), language, place)
            }
        };
        Catcher { error_equals, next, result_path, assign, output }
    }

    /// `ErrorEquals`: not empty; `States.ALL` alone, and only in the last place of all.
    fn error_equals<'t>(&mut self, fields: &Fields<'t>, is_last: bool) -> Vec<Name> {
        const KEY: &str = "ErrorEquals";
        let items = self.nonempty_array_field(fields, KEY).unwrap_or_default();
        let mut names = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            match item.as_str() {
                Some(name) => {
                    self.check_error_name(fields, name, *item);
                    names.push(Name::from(name));
                }
                None => self.wrong_type(indexed(&fields.at(KEY), at), *item, "STRING"),
            }
        }
        if names.iter().any(|name| &**name == ALL) && (names.len() > 1 || !is_last) {
            let span = fields.get(KEY).map(Item::span).unwrap_or_default();
            self.error("SW1011", fields.at(KEY), span, "States.ALL must appear alone and at end of list");
        }
        names
    }

    /// A reserved name that the service never raises is a slip of the pen; only we say so.
    fn check_error_name<'t>(&mut self, fields: &Fields<'t>, name: &str, item: Item<'t>) {
        if !name.starts_with("States.")
            || RESERVED.contains(&name)
            || name.starts_with("States.Http.StatusCode.")
        {
            return;
        }
        let message = format!("no error is called `{}`", super::fields::shortened(name));
        let help = closest(name, RESERVED.into_iter()).map(Advice::did_you_mean);
        self.warn("", "SW1011", fields.at("ErrorEquals"), item.span(), message, help);
    }
}
