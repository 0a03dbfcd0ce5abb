//! What a test saw of the data flow: `inspectionData` of TestState, before anybody decides which of it is shown.

use std::collections::BTreeMap;

use asl::{Kind, QueryLanguage, State};

use crate::data::Data;
use crate::event::Assigned;
use crate::failure::Failure;
use crate::text::Text;

/// A stage of the data flow, called as the member of `inspectionData` that shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// `afterInputPath`.
    AfterInputPath,
    /// `afterParameters`.
    AfterParameters,
    /// `afterArguments`.
    AfterArguments,
    /// `afterItemsPath`.
    AfterItemsPath,
    /// `afterItemsPointer`.
    AfterItemsPointer,
    /// `afterItemSelector`.
    AfterItemSelector,
    /// `afterItemBatcher`.
    AfterItemBatcher,
    /// `result`.
    Result,
    /// `afterResultSelector`.
    AfterResultSelector,
    /// `afterResultPath`.
    AfterResultPath,
}

/// What a test saw.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    /// What each stage made, as far as the state came.
    pub stages: BTreeMap<Stage, Data>,
    /// The variables after the state; those that were given among them.
    pub variables: BTreeMap<Text, Data>,
    /// Place of the Retrier that matched the error.
    pub retry_index: Option<u32>,
    /// Seconds until that Retrier would run the state again, if it would.
    pub retry_backoff_interval_seconds: Option<i64>,
    /// Place of the Catcher that handled the error.
    pub catch_index: Option<u32>,
    /// `MaxConcurrency` of a Map; 0 when it has none.
    pub max_concurrency: Option<u64>,
    /// `ToleratedFailureCount` of a Map that has it.
    pub tolerated_failure_count: Option<u64>,
    /// `ToleratedFailurePercentage` of a Map that has it.
    pub tolerated_failure_percentage: Option<f64>,
    /// How many iterations a Map has, if that is known.
    pub iterations: Option<u64>,
    /// The failure that Retry and Catch were asked about.
    pub(crate) failure: Option<Failure>,
}

impl Inspection {
    /// What this stage made, if the service shows it for states like this one (recorded: a Pass with `Result` has nothing
    /// before its result, Parallel and Map have no `result`, in JSONata only a Task shows its stages).
    pub fn shown(&self, stage: Stage, state: &State) -> Option<&Data> {
        let shows = match state.query_language {
            QueryLanguage::JsonPath => shown_in_jsonpath(stage, &state.kind),
            QueryLanguage::Jsonata => shown_in_jsonata(stage, &state.kind),
        };
        self.stages.get(&stage).filter(|_| shows)
    }

    pub(super) fn assign(&mut self, given: &BTreeMap<Text, Data>, assigned: &[Assigned]) {
        self.variables = given.clone();
        let assigned = assigned.iter().map(|one| (one.name.clone(), one.value.clone()));
        self.variables.extend(assigned);
    }
}

fn shown_in_jsonpath(stage: Stage, kind: &Kind) -> bool {
    match stage {
        Stage::AfterArguments => false,
        Stage::AfterInputPath => match kind {
            Kind::Pass(pass) => pass.result.is_none(),
            Kind::Parallel(_) => false,
            Kind::Task(_)
            | Kind::Choice(_)
            | Kind::Wait(_)
            | Kind::Succeed
            | Kind::Fail(_)
            | Kind::Map(_) => true,
        },
        Stage::AfterParameters => match kind {
            Kind::Pass(pass) => pass.result.is_none(),
            _ => matches!(kind, Kind::Task(_)),
        },
        Stage::Result => match kind {
            Kind::Pass(pass) => pass.result.is_some(),
            _ => matches!(kind, Kind::Task(_)),
        },
        Stage::AfterResultSelector | Stage::AfterResultPath => true,
        Stage::AfterItemsPath
        | Stage::AfterItemsPointer
        | Stage::AfterItemSelector
        | Stage::AfterItemBatcher => matches!(kind, Kind::Map(_)),
    }
}

fn shown_in_jsonata(stage: Stage, kind: &Kind) -> bool {
    match stage {
        Stage::AfterArguments | Stage::Result => matches!(kind, Kind::Task(_)),
        Stage::AfterItemsPointer | Stage::AfterItemSelector | Stage::AfterItemBatcher => {
            matches!(kind, Kind::Map(_))
        }
        Stage::AfterInputPath
        | Stage::AfterParameters
        | Stage::AfterItemsPath
        | Stage::AfterResultSelector
        | Stage::AfterResultPath => false,
    }
}
