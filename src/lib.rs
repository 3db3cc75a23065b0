//! Gleaner turns security blogs into MISP events that wait for an analyst.
//!
//! Data flows one way: [`feeds`] are polled, new entries go on the [`queue`], workers download and read
//! each [`article`], build an [`event`] and hand it to the [`destinations`]. `docs/architecture.md` draws
//! the map.

pub mod app;
pub mod article;
pub mod cli;
pub mod commands;
pub mod config;
pub mod context;
pub mod demo;
pub mod destinations;
pub mod event;
pub mod failure;
pub mod feeds;
pub mod http;
pub mod indicators;
pub mod knowledge;
pub mod logging;
pub mod metrics;
pub mod monitor;
pub mod pack;
pub mod plain;
pub mod queue;
pub mod retention;
pub mod shutdown;
pub mod story;
pub mod warninglists;
pub mod web;
pub mod worker;
