//! The public API over HTTP: AWS JSON 1.0.
