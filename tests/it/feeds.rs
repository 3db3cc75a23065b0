//! Tests of feeds, from the outside.
