//! The storage seam: what is written together, what is read back.
