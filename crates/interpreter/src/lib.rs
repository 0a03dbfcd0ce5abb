//! One execution as a state machine over events. No clock, no I/O, no randomness.
