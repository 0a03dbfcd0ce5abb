//! Connectors: who does the outside work that Task states ask for.
//!
//! * [`aws_sdk`]: any operation of any AWS service.
//! * [`functions`]: unmodified Lambda handlers as local processes.
//! * [`lambda`]: tasks that call functions, there or at a Lambda-compatible endpoint.
//! * [`logs`]: files and CloudWatch Logs for execution logs.
//! * [`mocks`]: canned responses instead of work, from the mock file of Step Functions Local.
//! * [`optimised`]: operations of AWS services that Step Functions has integrations of its own for.
//! * [`router`]: all connectors behind one.
//!
//! Nothing here decides about retries, time limits of states or results: a connector makes one attempt and reports.

pub mod aws_sdk;
pub mod functions;
pub mod lambda;
pub mod logs;
pub mod mocks;
pub mod optimised;
pub mod router;
mod sdk_metadata;
