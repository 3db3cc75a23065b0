//! The pages in a real browser: Debian's Chromium, driven through ChromeDriver.

mod bookmarklet;
mod driver;
mod forgery;
mod handing_in;
mod people;
mod pictures;
mod results;
mod shape;
mod submitting;

use self::driver::Browser;

/// Whether whoever runs the tests left these out; says so.
fn left_out() -> bool {
    let left_out = std::env::var_os("GLEANER_NO_BROWSER").is_some();
    if left_out {
        eprintln!("SKIPPED: GLEANER_NO_BROWSER leaves the tests in a browser out");
    }
    left_out
}

/// Runs a test in a browser of its own, which must have had nothing to complain of: no violation of the
/// Content-Security-Policy, no error of a script.
async fn in_browser(test: impl AsyncFnOnce(&Browser)) {
    if left_out() {
        return;
    }
    let browser = Browser::start().await;
    test(&browser).await;
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "the browser says: {complaints:#?}");
}
