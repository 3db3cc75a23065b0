//! What names something on a network: hosts, addresses, URLs.

use super::super::Verdict::{Detect, Drop, Note, Reference};
use super::super::benign;
use super::super::evidence::{Column, Evidence};
use super::super::hosts;
use super::super::pages;
use super::super::shape::Shape;
use super::super::sites::Site;
use super::super::words::Topic;
use super::{Ruling, ruling};
use crate::indicators::{Kind, Origin};

/// What a host, an address or a URL is worth.
pub(super) fn network(e: &Evidence<'_>) -> Ruling {
    if is_placeholder(e) {
        return ruling(Drop, "a placeholder");
    }
    if benign::is_address(&e.host) {
        return public_resolver(e);
    }
    // `Win32/Agent.BT` and `evilname1.cr` look like hosts; the header says that they are none.
    let is_name = matches!(e.find.kind, Kind::Domain | Kind::Hostname);
    if is_name && !e.find.defanged && e.column == Column::Detections {
        return ruling(Drop, "the name of a detection");
    }
    if is_name && !e.find.defanged && e.column == Column::Files {
        return ruling(Drop, "the name of a file");
    }
    if e.find.defanged {
        return defanged(e);
    }
    if e.outline.is_own(&e.host) {
        return ruling(Drop, "the blog's own site");
    }
    if pages::is_share_button(&e.find.value) {
        return ruling(Drop, "a share button");
    }
    if e.outline.snippet && e.find.origin == Origin::Text {
        return in_snippet(e);
    }
    if let Some(aside) = e.is_aside() {
        return ruling(Reference, aside);
    }
    if let Some(site) = e.site {
        return known_site(e, site);
    }
    if e.is_listed() {
        return listed(e);
    }
    if hosts::is_hidden_service(&e.host) {
        return hidden_service(e);
    }
    if e.linked {
        return ruling(Reference, "linked in running prose");
    }
    if e.outline.is_condemned(&e.host) {
        return ruling(Detect, "beside a defanged value of the same site");
    }
    if hosts::is_address(&e.host) {
        return address(e);
    }
    if e.outline.is_trusted(&e.host) {
        return ruling(Reference, "a site that the article links to");
    }
    if e.outline.defangs {
        undefanged(e)
    } else {
        plain(e)
    }
}

fn defanged(e: &Evidence<'_>) -> Ruling {
    let has_path = e.target.is_some_and(|target| target.has_path);
    let service = match e.site {
        Some(site) if site.is_abused() => !has_path,
        Some(_) => true,
        None => false,
    };
    if service {
        return ruling(Note, "defanged, but a well-known service");
    }
    // Nobody defangs a site like the publisher's but to warn of it: only the very site excuses.
    if e.outline.is_own_site(&e.host) {
        return ruling(Note, "defanged, but the blog's own site");
    }
    // Only bare names are demoted: a path on a victim's site is what to look for.
    if !has_path && e.is_excused() {
        return ruling(Note, "defanged, but called harmless, imitated or a victim");
    }
    if e.is_aside().is_some() {
        return ruling(Note, "defanged among the references");
    }
    ruling(Detect, "defanged")
}

/// Everybody's resolvers stand in every capture; only where they are listed are they worth a note.
fn public_resolver(e: &Evidence<'_>) -> Ruling {
    if e.find.defanged || e.is_listed() || e.outline.snippet {
        ruling(Note, "a public resolver")
    } else {
        ruling(Reference, "a public resolver")
    }
}

/// Of bots and webhooks.
const TAKES: &str = "takes what malware sends";

fn in_snippet(e: &Evidence<'_>) -> Ruling {
    match e.site {
        Some(_) if pages::is_drop(&e.find.value) => ruling(Detect, TAKES),
        Some(_) => ruling(Note, "a well-known site"),
        None => ruling(Detect, "in a text by itself"),
    }
}

fn known_site(e: &Evidence<'_>, site: Site) -> Ruling {
    let has_path = e.target.is_some_and(|target| target.has_path);
    if site.is_abused() && e.is_listed() {
        return if has_path {
            ruling(Detect, "listed, on a service that attackers use")
        } else {
            ruling(Note, "listed, but a well-known service")
        };
    }
    if site == Site::Popular && e.is_listed() {
        return ruling(Note, "listed, but a well-known site");
    }
    if pages::is_drop(&e.find.value) {
        return ruling(Detect, TAKES);
    }
    let used = e.says_before(Topic::Tied) && !e.says(Topic::Reference) && !e.is_called_good();
    if site == Site::Hosting && has_path && !e.linked && used {
        return ruling(Detect, "called malicious, on a service that attackers use");
    }
    ruling(Reference, site.phrase())
}

fn listed(e: &Evidence<'_>) -> Ruling {
    let has_path = e.target.is_some_and(|target| target.has_path);
    if e.find.origin == Origin::Link && e.shape == Shape::Prose {
        return ruling(Reference, "linked, not written");
    }
    if !has_path && e.is_excused() {
        return ruling(Note, "listed, but called harmless, imitated or a victim");
    }
    ruling(Detect, "listed")
}

/// Hidden services stand in reports as the attackers' own: leak sites, negotiations, payments.
fn hidden_service(e: &Evidence<'_>) -> Ruling {
    if e.is_called_bad() || e.says(Topic::Extortion) {
        ruling(Detect, "called malicious")
    } else {
        ruling(Note, "a hidden service")
    }
}

/// An address, or a URL with one, that is not defanged: no reference is written so, but victims' addresses and
/// those of captures are.
fn address(e: &Evidence<'_>) -> Ruling {
    if e.is_called_bad() {
        ruling(Detect, "called malicious")
    } else if e.is_called_good() {
        ruling(Reference, "called harmless, imitated or a victim")
    } else if e.shape >= Shape::Labelled && !e.outline.defangs && !e.code {
        ruling(Detect, "on a line of its own")
    } else {
        ruling(Note, "an address in the text")
    }
}

/// A name or a URL that is written plainly where others are defanged: nearly always one that may be clicked. But
/// authors forget some, and whoever copies a request or a table copies it as it is.
fn undefanged(e: &Evidence<'_>) -> Ruling {
    let is_url = e.find.kind == Kind::Url;
    if e.is_called_good() || e.says(Topic::Reference) {
        ruling(Reference, "not defanged where others are")
    } else if e.is_named(Topic::Damning) && !pages::is_reading(&e.find.value)
        || e.shape >= Shape::Labelled && (e.says_before(Topic::Malicious) || e.leads(Topic::Tied))
    {
        ruling(Detect, "called malicious")
    } else if e.code && (is_url || e.is_called_bad()) {
        ruling(Note, "in code, not defanged where others are")
    } else if e.says_before(Topic::Tied) && !e.code {
        ruling(Note, "called malicious, not defanged where others are")
    } else if e.shape == Shape::Alone && !is_url && !e.host.starts_with("www.") && !e.code {
        ruling(Note, "on a line of its own, not defanged where others are")
    } else {
        ruling(Reference, "not defanged where others are")
    }
}

/// A name or a URL in an article that defangs nothing.
fn plain(e: &Evidence<'_>) -> Ruling {
    if e.is_called_good() {
        return ruling(Reference, "called harmless, imitated or a victim");
    }
    let is_reference = e.says(Topic::Reference);
    if e.code {
        // Readers are told to type commands too.
        return if e.is_called_bad() || e.says_before(Topic::Tied) {
            ruling(Detect, "in code that is called malicious")
        } else {
            ruling(Note, "in code")
        };
    }
    if pages::is_reading(&e.find.value) && !e.says_before(Topic::Tied) {
        return ruling(Reference, "an article or a picture");
    }
    if e.shape >= Shape::Labelled && !is_reference {
        return ruling(Detect, "on a line of its own");
    }
    match (e.is_called_bad(), is_reference) {
        (true, false) => ruling(Detect, "called malicious"),
        (true, true) => ruling(Note, "called malicious, but named as a source"),
        (false, true) => ruling(Reference, "named as a source"),
        (false, false) => ruling(Note, "in running prose"),
    }
}

/// Hosts that the author left open: `<c2>`, `{domain}`, `evil…`, `your-domain.com`.
pub(super) fn is_placeholder(e: &Evidence<'_>) -> bool {
    let (value, host) = (e.find.value.as_str(), e.host.as_str());
    host.contains(['<', '>', '{', '}', '…', '$', '%']) && !hosts::is_address(host)
        || value.ends_with('…')
        || value.ends_with("...")
        || benign::is_left_open(host)
        || !e.find.defanged && benign::is_stand_in(host)
}
