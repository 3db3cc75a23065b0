//! Tests of misp, from the outside.
