//! ListActivities: by name, paged.

use runtime::blocking;
use wire::{ActivityListItem, ApiError, ListActivitiesInput, ListActivitiesOutput, Timestamp};

use crate::pages::page_size;
use crate::service::Service;
use crate::{errors, lookup};

/// What tokens of this list are bound to.
const LIST: &str = "ListActivities";

pub(super) async fn run(
    service: &Service,
    request: ListActivitiesInput,
) -> Result<ListActivitiesOutput, ApiError> {
    let now = service.engine.now().0;
    let after = request.next_token.map(|token| service.pages.position(LIST, &token, now)).transpose()?;
    let size = page_size(request.max_results);
    let catalogue = service.engine.catalogue().clone();
    let rows = blocking(move || catalogue.activities(after.as_deref(), size + 1)).await;
    let mut rows = rows.map_err(|error| errors::of_activity(error, ""))?;
    let more = rows.len() > size;
    rows.truncate(size);
    let last = rows.last().filter(|_| more);
    let next_token = last.map(|(name, _)| service.pages.token(LIST, name, now));
    let items = rows.into_iter().map(|(name, row)| ActivityListItem {
        activity_arn: lookup::activity_arn(service, &name),
        name,
        creation_date: Timestamp::from_millis(row.created_at),
    });
    Ok(ListActivitiesOutput { activities: items.collect(), next_token })
}
