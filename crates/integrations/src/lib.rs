//! Connectors: functions, Lambda endpoints.
