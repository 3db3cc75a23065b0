//! `queue`
