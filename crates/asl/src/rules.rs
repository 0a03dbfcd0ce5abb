//! What each of our codes means: the text behind `stepwell explain`.

/// A rule of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The code, for example `SW1003`. It never changes its meaning.
    pub code: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// Why it is wrong and what to do about it.
    pub text: &'static str,
    /// What it looks like, wrong.
    pub example: &'static str,
    /// What the service calls it: codes of its validation, or the error at run time; empty if it says nothing.
    pub aws: &'static str,
}

/// The rule of a code.
pub fn rule(code: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.code == code)
}

/// Every rule that this crate applies, by code: what the checks of the service find and what lint finds.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let (mut checks, mut lints) = (RULES.iter().peekable(), crate::lint::rules::RULES.iter().peekable());
    std::iter::from_fn(move || {
        let takes_check = match (checks.peek(), lints.peek()) {
            (Some(check), Some(lint)) => check.code < lint.code,
            (check, _) => check.is_some(),
        };
        if takes_check { checks.next() } else { lints.next() }
    })
}

/// The rules of the checks that the service makes, too, and of what is found on the way.
static RULES: [Rule; 22] = [
    Rule {
        code: "SW1001",
        title: "not a definition",
        text: "The text is not valid JSON or YAML, or its outermost value is not an object. The message of the JSON reader \
               names the first character that it could not make sense of.",
        example: "{\"StartAt\": \"A\" \"States\": {}}      a comma is missing",
        aws: "INVALID_JSON_DESCRIPTION",
    },
    Rule {
        code: "SW1002",
        title: "no start",
        text: "A state machine, a branch of a Parallel and the item processor of a Map each need `States` and `StartAt`.",
        example: "{\"States\": {\"A\": {\"Type\": \"Succeed\"}}}",
        aws: "SCHEMA_VALIDATION_FAILED",
    },
    Rule {
        code: "SW1003",
        title: "transition target does not exist",
        text: "`StartAt`, `Next`, `Default` and the `Next` of rules and Catchers name a state of the same `States` object. A \
               transition cannot lead into or out of a branch or an item processor.",
        example: "\"Charge\": {\"Type\": \"Task\", …, \"Next\": \"Shp\"}      the state is called `Ship`",
        aws: "MISSING_TRANSITION_TARGET",
    },
    Rule {
        code: "SW1004",
        title: "state cannot be reached",
        text: "No chain of transitions leads from `StartAt` to this state. Add the transition that is missing or remove the \
               state.",
        example: "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Succeed\"}, \"B\": {\"Type\": \"Succeed\"}}}",
        aws: "MISSING_TRANSITION_TARGET",
    },
    Rule {
        code: "SW1005",
        title: "duplicate name",
        text: "The names of states are unique in the whole definition, branches and item processors included; so are the \
               labels of distributed Maps.",
        example: "\"Both\": {\"Type\": \"Parallel\", \"Branches\": [{\"StartAt\": \"Both\", …}]}",
        aws: "DUPLICATE_STATE_NAME, DUPLICATE_LABEL_NAME",
    },
    Rule {
        code: "SW1006",
        title: "unknown or missing field",
        text: "The object has a field that does not exist here, often a misspelt one (names are case-sensitive), or lacks a \
               parameter without which the service refuses the call.",
        example: "\"Load\": {\"Type\": \"Task\", \"Paramters\": {…}, …}",
        aws: "SCHEMA_VALIDATION_FAILED",
    },
    Rule {
        code: "SW1007",
        title: "field of the other query language",
        text: "JSONPath states use InputPath, Parameters, ResultSelector, ResultPath and OutputPath; JSONata states use \
               Arguments and Output. A state machine that is JSONata at the top cannot hold JSONPath states; states inside a \
               Map or Parallel follow the top level, not the state around them.",
        example: "\"QueryLanguage\": \"JSONata\", … \"Load\": {\"Type\": \"Task\", \"ResultPath\": \"$.a\", …}",
        aws: "SCHEMA_VALIDATION_FAILED",
    },
    Rule {
        code: "SW1008",
        title: "no end",
        text: "No state of the flow is terminal: give one of them `\"End\": true`, or add a Succeed or Fail state.",
        example: "\"A\": {\"Type\": \"Pass\", \"Next\": \"B\"}, \"B\": {\"Type\": \"Pass\", \"Next\": \"A\"}",
        aws: "MISSING_END_STATE",
    },
    Rule {
        code: "SW1009",
        title: "key stands twice",
        text: "JSON readers keep only the last value of a repeated key, so the first one has no effect.",
        example: "\"Load\": {…}, \"Load\": {…}",
        aws: "",
    },
    Rule {
        code: "SW1010",
        title: "invalid name",
        text: "State names have 1 to 80 characters, labels 1 to 40 and no blanks or wildcards; variables are identifiers of at \
               most 80 characters, and `states` is reserved.",
        example: "\"Label\": \"my items\"      a blank",
        aws: "INVALID_STATE_NAME, INVALID_LABEL_NAME, INVALID_VARIABLE_NAME, RESERVED_VARIABLE_NAME",
    },
    Rule {
        code: "SW1011",
        title: "ErrorEquals",
        text: "`States.ALL` must stand alone, in the last Retrier or Catcher. Names that start with `States.` are the \
               service's own: one that it never raises never matches.",
        example: "\"Retry\": [{\"ErrorEquals\": [\"States.ALL\", \"Busy\"]}]",
        aws: "SCHEMA_VALIDATION_FAILED",
    },
    Rule {
        code: "SW1012",
        title: "Choice rule",
        text: "A rule has exactly one of And, Or, Not, Variable and Condition, and a rule with Variable exactly one comparison.",
        example: "{\"Variable\": \"$.n\", \"NumericGreaterThan\": 1, \"NumericLessThan\": 9, \"Next\": \"A\"}      use And",
        aws: "SCHEMA_VALIDATION_FAILED",
    },
    Rule {
        code: "SW1013",
        title: "value out of range",
        text: "A number is not of the right kind or outside its limits, or a timestamp is not of the form \
               2016-03-14T01:59:00Z.",
        example: "\"TimeoutSeconds\": 0",
        aws: "SCHEMA_VALIDATION_FAILED",
    },
    Rule {
        code: "SW1014",
        title: "wrong shape",
        text: "Fields are missing, exclude each other, are empty, nested too deeply, or belong to the other type of state \
               machine.",
        example: "\"Rest\": {\"Type\": \"Wait\", \"Seconds\": 5, \"Timestamp\": \"…\"}",
        aws: "SCHEMA_VALIDATION_FAILED, TOO_DEEPLY_NESTED",
    },
    Rule {
        code: "SW1015",
        title: "distributed Map",
        text: "ItemReader reads with s3:getObject or s3:listObjectsV2, ResultWriter writes with s3:putObject, CSV needs \
               CSVHeaderLocation, and ItemBatcher needs a limit.",
        example: "\"ReaderConfig\": {\"InputType\": \"CSV\"}      no CSVHeaderLocation",
        aws: "SCHEMA_VALIDATION_FAILED",
    },
    Rule {
        code: "SW1016",
        title: "wrong type",
        text: "The value is not of the JSON type that the field takes, or not one of its values.",
        example: "\"End\": \"true\"      a string",
        aws: "SCHEMA_VALIDATION_FAILED",
    },
    Rule {
        code: "SW2001",
        title: "invalid path",
        text: "The text is not a JSONPath that starts with `$`, or it could lead to more than one place where a Reference Path \
               is wanted: names and indexes only.",
        example: "\"ResultPath\": \"$.items[*].id\"      many places",
        aws: "SCHEMA_VALIDATION_FAILED",
    },
    Rule {
        code: "SW2002",
        title: "invalid JSONata",
        text: "A JSONata expression starts exactly with `{%` and ends exactly with `%}`, and what stands between must parse. An \
               expression has no context of its own: it begins with `$states` or a variable, and reads of `$states` only \
               what exists where it stands.",
        example: "\"Output\": \"{% $states.input.total + %}\"",
        aws: "INVALID_JSONATA_EXPRESSION, UNSUPPORTED_JSONATA_EXPRESSION",
    },
    Rule {
        code: "SW2003",
        title: "unknown variable",
        text: "A path reads a variable that no state assigns. The execution would fail there.",
        example: "\"Parameters\": {\"n.$\": \"$counter\"}      and no state assigns `counter`",
        aws: "",
    },
    Rule {
        code: "SW2004",
        title: "variable of another scope",
        text: "A branch or an iteration has variables of its own: what it assigns is gone when it ends, and hides nothing \
               outside. What a distributed Map runs sees no outer variables at all.",
        example: "a Map's states assign `total`, and the state behind the Map reads `$total`",
        aws: "",
    },
    Rule {
        code: "SW2006",
        title: "path that is not evaluated",
        text: "In templates, only the value of a key that ends in `.$` is evaluated, and it must be a path or an intrinsic \
               function; in fields, only those whose name ends in Path. The Result of a Pass state is never evaluated.",
        example: "\"Parameters\": {\"id\": \"$.id\"}      the key is to be `id.$`",
        aws: "NO_DOLLAR, NO_PATH, PASS_RESULT_IS_STATIC, SCHEMA_VALIDATION_FAILED",
    },
    Rule {
        code: "SW4001",
        title: "resource not recognised",
        text: "A Task's Resource is the ARN of a function or an activity, or arn:aws:states:::service:api with an integration \
               and a pattern that exist.",
        example: "\"Resource\": \"arn:aws:states:::lambda:invoke.sync\"",
        aws: "SCHEMA_VALIDATION_FAILED",
    },
];
