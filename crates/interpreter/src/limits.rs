//! The limits of an execution, all in one place. The values are the service's (AWS page "Quotas") where it has one;
//! `None` means that there is none.

/// Limits of an execution.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of UTF-8 of one payload: 262,144.
    pub payload_bytes: Option<usize>,
    /// Events of the public history: 25,000. Reaching it fails the execution.
    pub history_events: Option<u32>,
    /// Bytes of one variable's value: 262,144.
    pub variable_bytes: Option<usize>,
    /// Bytes of one Assign in all: 262,144.
    pub assign_bytes: Option<usize>,
    /// Bytes of all variables of an execution: 10,485,760.
    pub variables_bytes: Option<usize>,
    /// Iterations of an inline Map at a time: 40.
    pub inline_map_concurrency: u32,
    /// Characters of an error name: 256.
    pub error_characters: usize,
    /// Characters of a cause: 32,768.
    pub cause_characters: usize,
    /// Seconds that an execution may last whatever its definition says: 300 for Express. Watched by a timer of the execution.
    pub execution_seconds: Option<u64>,
    /// As `execution_seconds`, but watched by whatever the execution waits for, so that it costs no timer and no row: a
    /// year, 31,536,000, for Standard.
    pub lifetime_seconds: Option<u64>,
    /// Seconds after an unsuccessful end during which an execution can be redriven: 14 days, 1,209,600.
    pub redrivable_seconds: Option<u64>,
    /// States entered in one turn; an execution with more to do goes on in the next. Ours.
    pub transitions_per_turn: u32,
    /// Days that a Wait may last before the service refuses it: 24,855 (recorded: "Wait state delay is too long.").
    pub wait_days: i64,
}

impl Limits {
    /// The service's limits for Standard executions.
    pub const SERVICE: Limits = Limits {
        payload_bytes: Some(262_144),
        history_events: Some(25_000),
        variable_bytes: Some(262_144),
        assign_bytes: Some(262_144),
        variables_bytes: Some(10_485_760),
        inline_map_concurrency: 40,
        error_characters: 256,
        cause_characters: 32_768,
        execution_seconds: None,
        lifetime_seconds: Some(31_536_000),
        redrivable_seconds: Some(1_209_600),
        transitions_per_turn: 1_000,
        wait_days: 24_855,
    };

    /// The service's limits for Express executions: as Standard, without a bound on the number of events.
    pub const EXPRESS: Limits = Limits {
        history_events: None,
        execution_seconds: Some(300),
        lifetime_seconds: None,
        ..Limits::SERVICE
    };
}
