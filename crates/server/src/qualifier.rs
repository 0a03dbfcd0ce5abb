//! From a state machine's ARN with or without a qualifier to what it names: the state machine, a version, an alias. Which version a
//! start through an alias gets is drawn here, once; the execution's record keeps it.

use std::sync::Arc;

use engine::catalogue::{AliasRow, qualifier_number};
use runtime::Revision;
use runtime::blocking;
use runtime::catalogue::{Machine, Version};
use wire::ApiError;

use crate::arn::{Arn, Resource};
use crate::errors;
use crate::lookup;
use crate::service::Service;

/// What stands behind a state machine's name in an ARN.
#[derive(Clone, Debug)]
pub(crate) enum Qualifier {
    /// Nothing.
    None,
    /// A version.
    Version(Arc<Version>),
    /// An alias and its name.
    Alias(String, Arc<AliasRow>),
}

/// What a start begins.
#[derive(Debug)]
pub(crate) struct Target {
    /// The state machine.
    pub(crate) machine: Arc<Machine>,
    /// The revision to run.
    pub(crate) revision: Arc<Revision>,
    /// The version that was named or drawn.
    pub(crate) version: Option<u32>,
    /// The alias that was named.
    pub(crate) alias: Option<String>,
}

/// What a state machine's ARN names, whether or not it is being deleted.
///
/// # Errors
/// `InvalidArn`, `StateMachineDoesNotExist`.
pub(crate) async fn qualified(service: &Service, text: &str) -> Result<(Arc<Machine>, Qualifier), ApiError> {
    let arn = Arn::parse(text)?;
    let Resource::StateMachine { name, qualifier } = arn.resource else { return Err(arn.wrong_type()) };
    if !arn.is_here(&service.engine.environment().place) {
        return Err(errors::machine_does_not_exist(text));
    }
    let machine = lookup::machine_named(service, name, text).await?;
    let qualifier = match qualifier {
        None => Qualifier::None,
        Some(qualifier) => match qualifier_number(qualifier) {
            Some(number) => Qualifier::Version(version(service, &machine, number, text).await?),
            None => Qualifier::Alias(qualifier.to_owned(), alias(service, &machine, qualifier, text).await?),
        },
    };
    Ok((machine, qualifier))
}

/// What a start through this ARN begins.
///
/// # Errors
/// As [`qualified`], and `StateMachineDeleting`.
pub(crate) async fn target(service: &Service, text: &str) -> Result<Target, ApiError> {
    let (machine, qualifier) = qualified(service, text).await?;
    if machine.row.deleting {
        return Err(errors::machine_deleting(text));
    }
    let (version, alias) = match qualifier {
        Qualifier::None => {
            let revision = machine.revision.clone();
            return Ok(Target { machine, revision, version: None, alias: None });
        }
        Qualifier::Version(found) => (found, None),
        Qualifier::Alias(name, row) => {
            let drawn = row.pick(service.engine.random_u64());
            let number = drawn.ok_or_else(|| errors::machine_does_not_exist(text))?;
            (version(service, &machine, number, text).await?, Some(name))
        }
    };
    Ok(Target { machine, revision: version.revision.clone(), version: Some(version.number), alias })
}

async fn version(
    service: &Service,
    machine: &Arc<Machine>,
    number: u32,
    text: &str,
) -> Result<Arc<Version>, ApiError> {
    if let Some(version) = machine.cached_version(number) {
        return Ok(version);
    }
    let (catalogue, machine) = (service.engine.catalogue().clone(), machine.clone());
    let found = blocking(move || catalogue.version(&machine, number)).await;
    found
        .map_err(|error| errors::of_machine(error, text))?
        .ok_or_else(|| errors::machine_does_not_exist(text))
}

async fn alias(
    service: &Service,
    machine: &Arc<Machine>,
    name: &str,
    text: &str,
) -> Result<Arc<AliasRow>, ApiError> {
    if let Some(alias) = machine.cached_alias(name) {
        return Ok(alias);
    }
    let (catalogue, machine, name) = (service.engine.catalogue().clone(), machine.clone(), name.to_owned());
    let found = blocking(move || catalogue.alias(&machine, &name)).await;
    found
        .map_err(|error| errors::of_machine(error, text))?
        .ok_or_else(|| errors::machine_does_not_exist(text))
}
