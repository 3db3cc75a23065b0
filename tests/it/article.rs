//! Tests of article, from the outside.
