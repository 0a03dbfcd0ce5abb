//! Which fields a state may have, by its type and its query language: measured with the service's validation.

/// The types in the order in which the service lists them.
pub(super) const TYPES: [&str; 8] = ["Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map"];

/// Fields of JSONPath states only.
pub(super) const JSON_PATH_ONLY: [&str; 16] = [
    "InputPath",
    "OutputPath",
    "ResultPath",
    "Parameters",
    "ResultSelector",
    "Result",
    "ItemsPath",
    "TimeoutSecondsPath",
    "HeartbeatSecondsPath",
    "SecondsPath",
    "TimestampPath",
    "MaxConcurrencyPath",
    "ToleratedFailurePercentagePath",
    "ToleratedFailureCountPath",
    "ErrorPath",
    "CausePath",
];

/// Fields of JSONata states only.
pub(super) const JSONATA_ONLY: [&str; 3] = ["Output", "Arguments", "Items"];

/// What a type may have, one field a word.
const FIELDS: [(&str, &str); 8] = [
    ("Pass", "Next End InputPath OutputPath Result ResultPath Parameters Output Assign"),
    (
        "Task",
        "Next End InputPath OutputPath ResultPath Parameters Arguments Output Assign Resource Credentials ResultSelector \
         Retry Catch TimeoutSeconds TimeoutSecondsPath HeartbeatSeconds HeartbeatSecondsPath",
    ),
    ("Wait", "Next End InputPath OutputPath Output Assign Seconds Timestamp SecondsPath TimestampPath"),
    (
        "Parallel",
        "Next End InputPath OutputPath ResultPath Parameters Arguments Output Assign ResultSelector Retry Catch Branches",
    ),
    (
        "Map",
        "Next End InputPath OutputPath ResultPath Parameters Output Assign ResultSelector Retry Catch ItemProcessor \
         Iterator ItemsPath Items ItemSelector ItemReader ItemBatcher ResultWriter MaxConcurrency MaxConcurrencyPath \
         ToleratedFailurePercentage ToleratedFailurePercentagePath ToleratedFailureCount ToleratedFailureCountPath Label",
    ),
    ("Choice", "InputPath OutputPath Output Assign Choices Default"),
    ("Succeed", "InputPath OutputPath Output"),
    ("Fail", "Error Cause ErrorPath CausePath"),
];

/// The fields that a type may have, in no order that matters; every type has `Type`, `Comment` and `QueryLanguage`.
pub(super) fn allowed(kind: &str) -> impl Iterator<Item = &'static str> {
    let own = FIELDS.iter().find(|(name, _)| *name == kind).map_or("", |(_, fields)| fields);
    ["Type", "Comment", "QueryLanguage"].into_iter().chain(own.split(' '))
}
