//! JSONPath as Jayway has it, and Reference Paths; compiled once.
