//! Downloading and reading articles, against real servers and whole pages.

mod fetching;
mod pages;
mod reports;
