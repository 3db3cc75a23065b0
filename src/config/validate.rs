//! What types cannot check.
