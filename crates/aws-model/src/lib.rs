//! Every AWS service: which operations it has, what they take and give, and how that looks on the wire.
//!
//! * [`service()`] looks a service up by the name that it has in Step Functions' AWS SDK integrations; [`Service`], [`Operation`],
//!   [`Shape`] say what there is. The table is made by `cargo xtask codegen` from AWS's own models and unpacked service by service,
//!   when one is first asked for.
//! * [`request()`] makes an HTTP request of a state's parameters, [`response()`] a result, or an [`ApiError`], of the answer: all wire
//!   protocols of AWS.
//!
//! Not here: sockets, signatures, credentials, retries; those are `aws-client`'s.

mod cbor;
mod customization;
mod error;
mod input;
mod json;
mod names;
mod output;
mod query;
mod read;
mod request;
mod response;
mod rest;
mod service;
mod timestamp;
mod xml;

pub use error::ApiError;
pub use input::Problems;
pub use output::Form;
pub use read::{service, service_names, service_of_model};
pub use request::{Request, request};
pub use response::{Response, response};
pub use service::{Auth, Endpoint, Kind, Member, Operation, Protocol, Reference, Service, Shape, Structure};
