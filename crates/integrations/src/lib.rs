//! Connectors: who does the outside work that Task states ask for.
//!
//! * [`functions`]: unmodified Lambda handlers as local processes.
//!
//! Nothing here decides about retries, time limits of states or results: a connector makes one attempt and reports.

pub mod functions;
