//! The seam to outside work: do one task, poll it, cancel it.
