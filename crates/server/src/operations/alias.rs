//! What the operations on aliases share: the ARN, the routing configuration, and the refusals in the service's words (recorded where
//! the texts name what was received).

use engine::catalogue::{Refused, Route, qualifier_number};
use interpreter::Place;
use runtime::catalogue::CatalogueError;
use wire::{ApiError, RoutingConfigurationListItem};

use crate::arn::{Arn, Resource};
use crate::errors;

/// Names of a state machine and of its alias, from the alias's ARN; `None` when it is the ARN of another place.
///
/// # Errors
/// `InvalidArn` for what is no alias's ARN.
pub(super) fn names<'a>(place: &Place, text: &'a str) -> Result<Option<(&'a str, &'a str)>, ApiError> {
    let arn = Arn::parse(text)?;
    match arn.resource {
        Resource::StateMachine { name, qualifier: Some(alias) } if qualifier_number(alias).is_none() => {
            Ok(arn.is_here(place).then_some((name, alias)))
        }
        _ => Err(arn.wrong_type()),
    }
}

/// The state machine and the routes of a routing configuration. That the versions exist is not asked here.
///
/// # Errors
/// `InvalidArn`; `ValidationException` for ARNs that are no versions of one state machine; `ResourceNotFound` for another place's.
pub(super) fn routes(
    place: &Place,
    items: &[RoutingConfigurationListItem],
) -> Result<(String, Vec<Route>), ApiError> {
    let mut machine = None;
    let mut routes = Vec::with_capacity(items.len());
    for item in items {
        let arn = Arn::parse(&item.state_machine_version_arn)?;
        let Resource::StateMachine { name, qualifier } = arn.resource else { return Err(arn.wrong_type()) };
        let number = qualifier.and_then(qualifier_number);
        let version = number.ok_or_else(|| bad("must contain state machine version ARNs", items))?;
        if *machine.get_or_insert(name) != name {
            return Err(bad("must contain versions of the same state machine", items));
        }
        if !arn.is_here(place) {
            return Err(missing(&item.state_machine_version_arn));
        }
        routes.push(Route { version, weight: u32::try_from(item.weight).unwrap_or(u32::MAX) });
    }
    Ok((machine.unwrap_or_default().to_owned(), routes))
}

/// A refusal about the alias with this ARN; `items` is the routing configuration of the request.
pub(super) fn refused(error: CatalogueError, arn: &str, items: &[RoutingConfigurationListItem]) -> ApiError {
    let CatalogueError::Refused(why) = &error else { return errors::of_machine(error, arn) };
    match why {
        Refused::AlreadyExists => ApiError::conflict_exception(
            "Failed to create alias because an alias with the same name and a different routing configuration already exists.",
        ),
        Refused::DoesNotExist => missing(arn),
        Refused::NoSuchVersion => {
            missing(items.first().map_or(arn, |item| item.state_machine_version_arn.as_str()))
        }
        Refused::SameVersionTwice => bad("must contain distinct state machine version ARNs", items),
        Refused::Routes => bad("must contain one or two state machine version ARNs", items),
        Refused::WeightsSum => {
            let weights: Vec<String> = items.iter().map(|item| item.weight.to_string()).collect();
            invalid(format!(
                "Sum of routing configuration weights must equal 100. Received: [{}]",
                weights.join(", ")
            ))
        }
        Refused::NothingToUpdate => ApiError::validation_exception(
            "Either the description or the routingConfiguration must be specified",
        )
        .with("reason", "MISSING_REQUIRED_PARAMETER"),
        Refused::Quota(most) => errors::quota(&format!("{most} aliases"), arn),
        _ => errors::of_machine(error, arn),
    }
}

/// Nothing has this ARN (recorded text).
pub(super) fn missing(arn: &str) -> ApiError {
    ApiError::resource_not_found("Request references a resource that does not exist.")
        .with("resourceName", arn)
}

fn bad(what: &str, items: &[RoutingConfigurationListItem]) -> ApiError {
    let arns: Vec<&str> = items.iter().map(|item| item.state_machine_version_arn.as_str()).collect();
    invalid(format!("Routing configuration {what}. Received: [{}]", arns.join(", ")))
}

fn invalid(message: String) -> ApiError {
    ApiError::validation_exception(message).with("reason", "INVALID_ROUTING_CONFIGURATION")
}
