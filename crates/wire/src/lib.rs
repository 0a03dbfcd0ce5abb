//! Shapes and errors of the public API, generated from the service model.
