//! The typed definition: what a parsed state machine is. Data only: parsing is in `parse`, evaluation in
//! `template`, `expression`, `choice` and `intrinsic`; running it is the interpreter's.

use std::collections::HashMap;
use std::sync::Arc;

use jsonpath::{Path, ReferencePath};
use value::{Payload, Value};

/// A state name, a field name or another short text that many records share.
pub type Name = Arc<str>;

/// `QueryLanguage` of a state machine or a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryLanguage {
    /// JSONPath, the default.
    JsonPath,
    /// JSONata.
    Jsonata,
}

/// A whole state machine. States of every depth are found by name: names are unique in the whole definition.
#[derive(Debug)]
pub struct StateMachine {
    /// `Comment`.
    pub comment: Option<String>,
    /// `QueryLanguage` of the top level.
    pub query_language: QueryLanguage,
    /// `TimeoutSeconds` of the whole execution.
    pub timeout_seconds: Option<u64>,
    /// The top-level flow.
    pub root: Flow,
    /// Every state of the definition, nested ones included, in the order of the text.
    pub states: Vec<State>,
    /// Index of `states` by name.
    pub index: HashMap<Name, usize>,
}

impl StateMachine {
    /// The state called `name`, at whatever depth it stands.
    pub fn state(&self, name: &str) -> Option<&State> {
        self.index.get(name).and_then(|at| self.states.get(*at))
    }

    /// Whether a state stands in the ItemProcessor of a Map, at whatever depth.
    pub fn stands_in_map(&self, name: &str) -> bool {
        let mut inside = name;
        // Each round goes one flow outwards, and no flow lies around itself.
        for _ in 0..self.states.len() {
            let holds = |flow: &Flow| flow.states.iter().any(|state| &**state == inside);
            let around = self.states.iter().find_map(|state| match &state.kind {
                Kind::Map(map) if holds(&map.processor) => Some((state, true)),
                Kind::Parallel(parallel) if parallel.branches.iter().any(holds) => Some((state, false)),
                _ => None,
            });
            match around {
                None => return false,
                Some((_, true)) => return true,
                Some((parallel, false)) => inside = &parallel.name,
            }
        }
        false
    }
}

/// One sub-machine: the top level, a Parallel branch or a Map's ItemProcessor.
#[derive(Clone, Debug)]
pub struct Flow {
    /// `StartAt`.
    pub start_at: Name,
    /// Names of the states of this flow, in the order of the text (nested flows excluded).
    pub states: Vec<Name>,
    /// `Comment`.
    pub comment: Option<String>,
}

/// One state: the fields that several types share, and what is its type's own.
/// A field that a type does not have holds its default.
#[derive(Debug)]
pub struct State {
    /// The state's name.
    pub name: Name,
    /// `Comment`.
    pub comment: Option<String>,
    /// The language in force for this state.
    pub query_language: QueryLanguage,
    /// `InputPath` (JSONPath).
    pub input_path: PathField,
    /// `OutputPath` (JSONPath).
    pub output_path: PathField,
    /// `Parameters` (JSONPath; on a Map the deprecated synonym is stored in `Map::item_selector` instead).
    pub parameters: Option<Template>,
    /// `Arguments` (JSONata).
    pub arguments: Option<Template>,
    /// `ResultSelector` (JSONPath).
    pub result_selector: Option<Template>,
    /// `ResultPath` (JSONPath).
    pub result_path: ResultPath,
    /// `Assign`.
    pub assign: Option<Template>,
    /// `Output` (JSONata).
    pub output: Option<Template>,
    /// `Next`, `End`, or neither where the type has none.
    pub transition: Transition,
    /// `Retry`.
    pub retry: Vec<Retrier>,
    /// `Catch`.
    pub catch: Vec<Catcher>,
    /// What the type adds.
    pub kind: Kind,
}

/// Where a state leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// `Next`.
    Next(Name),
    /// `"End": true`, and Succeed.
    End,
    /// The type decides (Choice) or nothing follows (Fail).
    None,
}

/// `InputPath` and `OutputPath`.
#[derive(Debug)]
pub enum PathField {
    /// Absent or `$`: everything, unchanged (the same payload, the same text).
    Whole,
    /// `null`: an empty object.
    Nothing,
    /// Any other path.
    At(Expression),
}

/// `ResultPath` of a state or a Catcher.
#[derive(Debug)]
pub enum ResultPath {
    /// Absent or `$`: the result replaces the input.
    Replace,
    /// `null`: the result is discarded, the raw input passes.
    Discard,
    /// The result is written at this place of the raw input.
    At(ReferencePath),
}

/// One JSONPath-mode expression: a path, a context path, a variable, or an intrinsic call.
#[derive(Debug)]
pub struct Expression {
    /// The text as written.
    pub text: Name,
    /// What it is.
    pub kind: ExpressionKind,
}

/// The forms of an [`Expression`].
#[derive(Debug)]
pub enum ExpressionKind {
    /// `$…`: a path into the current data.
    Data(Path),
    /// `$$…`: a path into the context object (the path is relative to it, as `$…`).
    Context(Path),
    /// `$name…`: a path into a variable (relative to the variable's value, as `$…`).
    Variable {
        /// The variable's name, without `$`.
        name: Name,
        /// The rest, rewritten as `$…`.
        path: Path,
    },
    /// `States.Name(…)`.
    Intrinsic(Box<IntrinsicCall>),
}

/// A call of an intrinsic function.
#[derive(Debug)]
pub struct IntrinsicCall {
    /// Which one.
    pub function: Intrinsic,
    /// Its arguments, in order.
    pub arguments: Vec<Argument>,
}

/// An argument of an intrinsic function.
#[derive(Debug)]
pub enum Argument {
    /// A string, number, boolean or null literal.
    Literal(Value),
    /// A path, a variable or a nested call.
    Expression(Expression),
}

/// The 18 intrinsic functions (AWS page "Intrinsic functions").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named exactly as States.<Name>")]
pub enum Intrinsic {
    Array,
    ArrayPartition,
    ArrayContains,
    ArrayRange,
    ArrayGetItem,
    ArrayLength,
    ArrayUnique,
    Base64Encode,
    Base64Decode,
    Hash,
    JsonMerge,
    StringToJson,
    JsonToString,
    MathRandom,
    MathAdd,
    StringSplit,
    Uuid,
    Format,
}

/// A payload template, in either language.
#[derive(Debug)]
pub struct Template {
    /// The template's value.
    pub root: Node,
    /// The field it stands in (`Parameters`, `Assign`, …), for error texts.
    pub field: Name,
}

/// A node of a [`Template`].
#[derive(Debug)]
pub enum Node {
    /// A value without anything to evaluate at any depth.
    Literal(Value),
    /// A member whose key ends in `.$`: the key as written and its expression.
    Path {
        /// The key with its `.$`, as error texts name it.
        key: Name,
        /// What it evaluates to.
        expression: Expression,
    },
    /// A JSONata expression: what stands between `{%` and `%}`, and the slash path of the field for error texts.
    Jsonata {
        /// The expression, compiled.
        expression: jsonata::Expression,
        /// For example `Arguments/Input/pushLocation`.
        location: Name,
    },
    /// An object; keys without `.$`.
    Object(Vec<(Name, Node)>),
    /// An array.
    Array(Vec<Node>),
}

/// A number field: literal, path or JSONata.
#[derive(Debug)]
pub enum NumberField {
    /// A literal (the parser has checked its range).
    Literal(f64),
    /// The `…Path` twin.
    Path(Expression),
    /// A JSONata expression.
    Jsonata(jsonata::Expression),
}

/// A text field: literal, path or JSONata.
#[derive(Debug)]
pub enum TextField {
    /// A literal.
    Literal(Name),
    /// The `…Path` twin (`ErrorPath`, `CausePath`, `TimestampPath`).
    Path(Expression),
    /// A JSONata expression.
    Jsonata(jsonata::Expression),
}

/// What each state type adds.
#[derive(Debug)]
pub enum Kind {
    /// Pass.
    Pass(Pass),
    /// Task.
    Task(Task),
    /// Choice.
    Choice(Choice),
    /// Wait.
    Wait(Wait),
    /// Succeed.
    Succeed,
    /// Fail.
    Fail(Fail),
    /// Parallel.
    Parallel(Parallel),
    /// Map.
    Map(Box<Map>),
}

/// Pass.
#[derive(Debug)]
pub struct Pass {
    /// `Result` (JSONPath), written compactly.
    pub result: Option<Payload>,
}

/// Task.
#[derive(Debug)]
pub struct Task {
    /// `Resource`.
    pub resource: Resource,
    /// `TimeoutSeconds` or its twin.
    pub timeout: Option<NumberField>,
    /// `HeartbeatSeconds` or its twin.
    pub heartbeat: Option<NumberField>,
    /// `Credentials`.
    pub credentials: Option<Template>,
}

/// A Task's resource, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The URI as written.
    pub text: Name,
    /// What it names.
    pub kind: ResourceKind,
}

/// What a resource names (spec: resource grammar of the developer guide).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceKind {
    /// `arn:…:lambda:…:function:…`: the input is the event, the output is the result (Lambda* events).
    Lambda,
    /// `arn:…:states:…:activity:…`.
    Activity,
    /// `arn:…:states:::service:api[.pattern]`.
    Service {
        /// `resourceType` of the history events: `lambda`, `aws-sdk:dynamodb`, `http`.
        resource_type: Name,
        /// `resource` of the history events: `invoke`, `sendMessage.waitForTaskToken`.
        resource: Name,
        /// How the state waits.
        pattern: Pattern,
    },
}

/// The service integration pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Request response.
    RequestResponse,
    /// `.sync`.
    Sync,
    /// `.sync:2`.
    Sync2,
    /// `.waitForTaskToken`.
    WaitForTaskToken,
}

/// Choice.
#[derive(Debug)]
pub struct Choice {
    /// `Choices`.
    pub rules: Vec<ChoiceRule>,
    /// `Default`.
    pub default: Option<Name>,
}

/// A top-level rule of a Choice.
#[derive(Debug)]
pub struct ChoiceRule {
    /// What must hold.
    pub condition: Condition,
    /// `Next`.
    pub next: Name,
    /// `Assign` of the rule.
    pub assign: Option<Template>,
    /// `Output` of the rule (JSONata).
    pub output: Option<Template>,
    /// `Comment`.
    pub comment: Option<String>,
}

/// A condition of a Choice rule.
#[derive(Debug)]
pub enum Condition {
    /// `And`.
    And(Vec<Condition>),
    /// `Or`.
    Or(Vec<Condition>),
    /// `Not`.
    Not(Box<Condition>),
    /// `Variable` and a comparator.
    Compare {
        /// `Variable`.
        variable: Expression,
        /// The comparator without `Path`.
        comparator: Comparator,
        /// Its right side.
        operand: Operand,
    },
    /// `Condition`: a JSONata expression.
    Jsonata(jsonata::Expression),
    /// `Condition`: a literal boolean.
    Literal(bool),
}

/// The right side of a comparator.
#[derive(Debug)]
pub enum Operand {
    /// A literal.
    Literal(Value),
    /// The `…Path` twin.
    Path(Expression),
}

/// The comparators of a JSONPath Choice rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named exactly as in the Amazon States Language")]
pub enum Comparator {
    StringEquals,
    StringLessThan,
    StringGreaterThan,
    StringLessThanEquals,
    StringGreaterThanEquals,
    StringMatches,
    NumericEquals,
    NumericLessThan,
    NumericGreaterThan,
    NumericLessThanEquals,
    NumericGreaterThanEquals,
    BooleanEquals,
    TimestampEquals,
    TimestampLessThan,
    TimestampGreaterThan,
    TimestampLessThanEquals,
    TimestampGreaterThanEquals,
    IsNull,
    IsPresent,
    IsNumeric,
    IsString,
    IsBoolean,
    IsTimestamp,
}

/// Wait: exactly one of its fields.
#[derive(Debug)]
pub enum Wait {
    /// `Seconds` or `SecondsPath`.
    Seconds(NumberField),
    /// `Timestamp` or `TimestampPath`.
    Timestamp(TextField),
}

/// Fail.
#[derive(Debug)]
pub struct Fail {
    /// `Error` or `ErrorPath`.
    pub error: Option<TextField>,
    /// `Cause` or `CausePath`.
    pub cause: Option<TextField>,
}

/// Parallel.
#[derive(Debug)]
pub struct Parallel {
    /// `Branches`.
    pub branches: Vec<Flow>,
}

/// Map, inline or distributed.
#[derive(Debug)]
pub struct Map {
    /// `ItemProcessor` (or `Iterator`).
    pub processor: Flow,
    /// `ProcessorConfig`.
    pub mode: MapMode,
    /// `ItemsPath` (JSONPath).
    pub items_path: Option<Expression>,
    /// `Items` (JSONata).
    pub items: Option<Template>,
    /// `ItemSelector` (or the deprecated `Parameters`).
    pub item_selector: Option<Template>,
    /// `MaxConcurrency` or its twin.
    pub max_concurrency: Option<NumberField>,
    /// What only a distributed Map has.
    pub distributed: Distributed,
}

/// `ProcessorConfig.Mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapMode {
    /// `INLINE`.
    Inline,
    /// `DISTRIBUTED` with `ExecutionType: STANDARD`.
    DistributedStandard,
    /// `DISTRIBUTED` with `ExecutionType: EXPRESS`.
    DistributedExpress,
}

/// The fields of a distributed Map.
#[derive(Debug, Default)]
pub struct Distributed {
    /// `Label`.
    pub label: Option<Name>,
    /// `ToleratedFailureCount` or its twin.
    pub tolerated_failure_count: Option<NumberField>,
    /// `ToleratedFailurePercentage` or its twin.
    pub tolerated_failure_percentage: Option<NumberField>,
    /// `ItemReader`.
    pub item_reader: Option<ItemReader>,
    /// `ItemBatcher`.
    pub item_batcher: Option<ItemBatcher>,
    /// `ResultWriter`.
    pub result_writer: Option<ResultWriter>,
}

/// `ItemReader`.
#[derive(Debug)]
pub struct ItemReader {
    /// `Resource`.
    pub resource: Name,
    /// `ReaderConfig`, its members as written (`MaxItemsPath` and JSONata excepted: see `max_items`).
    pub config: Value,
    /// `MaxItems` or its twin.
    pub max_items: Option<NumberField>,
    /// `Parameters` or `Arguments`.
    pub parameters: Option<Template>,
}

/// `ItemBatcher`.
#[derive(Debug)]
pub struct ItemBatcher {
    /// `MaxItemsPerBatch` or its twin.
    pub max_items: Option<NumberField>,
    /// `MaxInputBytesPerBatch` or its twin.
    pub max_input_bytes: Option<NumberField>,
    /// `BatchInput`.
    pub batch_input: Option<Template>,
}

/// `ResultWriter`.
#[derive(Debug)]
pub struct ResultWriter {
    /// `Resource`.
    pub resource: Option<Name>,
    /// `WriterConfig`, as written.
    pub config: Option<Value>,
    /// `Parameters` or `Arguments`.
    pub parameters: Option<Template>,
}

/// A Retrier. Defaults are filled in by the parser.
#[derive(Clone, Debug)]
pub struct Retrier {
    /// `ErrorEquals`.
    pub error_equals: Vec<Name>,
    /// `IntervalSeconds`, default 1.
    pub interval_seconds: u64,
    /// `MaxAttempts`, default 3; 0 = never.
    pub max_attempts: u64,
    /// `BackoffRate`, default 2.0.
    pub backoff_rate: f64,
    /// `MaxDelaySeconds`.
    pub max_delay_seconds: Option<u64>,
    /// `JitterStrategy` is `FULL`.
    pub full_jitter: bool,
}

/// A Catcher.
#[derive(Debug)]
pub struct Catcher {
    /// `ErrorEquals`.
    pub error_equals: Vec<Name>,
    /// `Next`.
    pub next: Name,
    /// `ResultPath` (JSONPath).
    pub result_path: ResultPath,
    /// `Assign`.
    pub assign: Option<Template>,
    /// `Output` (JSONata).
    pub output: Option<Template>,
}
