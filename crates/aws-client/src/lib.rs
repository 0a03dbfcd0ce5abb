//! Calls any operation of any AWS service, at AWS or at any endpoint that speaks its API.
//!
//! * [`Client`] makes a call: endpoint, credentials, signature, HTTP, retries. What goes over the wire is `aws-model`'s affair.
//! * [`Settings`] says where services are and how long to wait; [`Settings::from_environment`] reads what AWS SDKs read.
//! * [`Provider`] finds credentials as the SDKs do, and assumes roles.
//!
//! Not here: which states may call what, and what an error means for a workflow; that is `integrations`'.

mod assume;
mod client;
mod credentials;
mod error;
mod http;
mod metadata;
mod profile;
mod settings;
mod sign;

pub use client::{Answer, Call, Client};
pub use credentials::{Credentials, Provider};
pub use error::CallError;
pub use settings::{Settings, SettingsError};
