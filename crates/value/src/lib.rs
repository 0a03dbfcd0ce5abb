//! The one JSON value of the engine: read, write, share, compare and drop, safely at any depth.
