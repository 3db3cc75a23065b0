//! Delivering to MISP and to feed folders, and purging, seen from the outside.
mod context;
mod contract;
mod delivery;
mod feed;
mod import;
mod indicators;
mod purge;

use std::sync::Arc;
use std::time::Duration;

use gleaner::config::{self, Config};
use gleaner::destinations::misp::{Misp, MispClient};
use gleaner::destinations::{Delivering, Destination, Receipt};
use gleaner::event::{self, Event};
use gleaner::failure::Failure;
use gleaner::feeds::entry::Entry;
use gleaner::queue::{Job, Source};

use crate::support::misp::{MispDouble, Role};

const LINK: &str = "https://blog.example.com/loader";
const REPORT: &str = "# Loader\n\nIt calls evil[.]example and 198.51.100.7 daily.\n";

/// Whether MISP can read this feed folder, by PyMISP's word.
pub(crate) fn feed_is_sound(folder: &std::path::Path) {
    feed::pymisp(folder);
}

/// A client that, like the one of the program, follows no redirects.
fn http() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy();
    builder
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

fn settings(double: &MispDouble, role: Role) -> config::Misp {
    config::Misp {
        url: format!("{}/", double.url()),
        key: role.key().as_str().into(),
        timeout: config::units::Span::from(Duration::from_secs(5)),
        ..config::Misp::default()
    }
}

fn client(double: &MispDouble, role: Role) -> Arc<MispClient> {
    Arc::new(MispClient::new(http(), &settings(double, role)).unwrap())
}

fn misp(settings: config::Misp) -> Misp {
    let client = MispClient::new(http(), &settings).unwrap();
    Misp::new(Arc::new(client), settings)
}

/// One that lets the server extract from the report.
fn extracting(settings: config::Misp) -> Misp {
    misp(settings).with_server_extraction(true)
}

fn job(link: &str) -> Job {
    Job {
        id: "1".into(),
        entry: Entry {
            link: link.into(),
            link_as_given: link.into(),
            title: "A new loader".into(),
            guid: None,
            published: Some("2026-11-19T10:00:00Z".parse().unwrap()),
            updated: None,
            categories: Vec::new(),
        },
        source: Source {
            title: "Example Blog".into(),
            url: "https://blog.example.com/feed.xml".into(),
            tags: Vec::new(),
            local_tags: Vec::new(),
        },
        created: "2026-11-20T08:00:00Z".parse().unwrap(),
        submission: None,
    }
}

/// An event with a report, or without for servers that write it themselves.
fn event(report: Option<&str>) -> Event {
    let settings = Config::default().event;
    event::build(&settings, &job(LINK), None, report.map(Into::into), &[])
}

async fn deliver(misp: &Misp, event: &Event) -> Result<Receipt, Failure> {
    attempt(misp, event, false).await
}

async fn attempt(misp: &Misp, event: &Event, last_attempt: bool) -> Result<Receipt, Failure> {
    attempt_after(misp, event, None, last_attempt).await
}

/// An attempt after one that answered this.
async fn attempt_after(
    misp: &Misp,
    event: &Event,
    before: Option<&Receipt>,
    last_attempt: bool,
) -> Result<Receipt, Failure> {
    let context = Delivering {
        link: LINK,
        before,
        last_attempt,
    };
    misp.deliver(event, context).await
}
