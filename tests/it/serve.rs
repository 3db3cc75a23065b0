//! The intake endpoint, asked as browsers, programs and attackers ask.

mod api;
mod attacks;
mod browser;
mod intake;
mod intake_api;
mod limits;
mod login;
mod pages;
mod results;
mod running;
mod world;
