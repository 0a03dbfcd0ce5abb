//! Which server this is.

use serde::Serialize;

use crate::service::Service;

/// The answer of `GET /meta`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta {
    version: &'static str,
    partition: String,
    region: String,
    account: String,
    started_at: i64,
    now: i64,
}

/// Version, place and clock.
pub(super) fn meta(service: &Service) -> Meta {
    let place = &service.engine.environment().place;
    Meta {
        version: env!("CARGO_PKG_VERSION"),
        partition: place.partition.to_string(),
        region: place.region.to_string(),
        account: place.account.to_string(),
        started_at: service.started_at,
        now: service.engine.now().0,
    }
}
