//! Tests of queue, from the outside.
