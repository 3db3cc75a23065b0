//! The rules: what a value is worth at one place.
//!
//! A ladder for every class of kinds, from the strongest evidence to the weakest; the first rung that holds
//! decides. A value that is defanged never falls below [`Verdict::Note`]: nobody defangs a reference.

mod network;

use self::network::{is_placeholder, network};
use super::Verdict::{self, Detect, Drop, Note, Reference};
use super::benign;
use super::evidence::{Column, Evidence};
use super::pages;
use super::shape::Shape;
use super::sites::Site;
use super::words::Topic;
use crate::article::blocks::Region;
use crate::indicators::{Kind, Origin};

/// A verdict and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ruling {
    pub(super) verdict: Verdict,
    pub(super) why: &'static str,
}

const fn ruling(verdict: Verdict, why: &'static str) -> Ruling {
    Ruling { verdict, why }
}

/// What a value is worth at one place.
pub(super) fn rule(e: &Evidence<'_>) -> Ruling {
    let kind = e.find.kind;
    match kind {
        Kind::Email | Kind::EmailSrc | Kind::EmailDst => email(e),
        _ if kind.is_network() => network(e),
        Kind::FilenameMd5 | Kind::FilenameSha1 | Kind::FilenameSha256 | Kind::FilenameSha512 => {
            hash(e)
        }
        _ if kind.is_file_hash() => hash(e),
        Kind::Filename => file(e),
        Kind::Regkey | Kind::RegkeyValue => registry(e),
        Kind::GitCommit => ruling(Reference, "a commit, not a file"),
        Kind::Vulnerability | Kind::Weakness | Kind::As | Kind::Cpe => context(e),
        _ if kind.is_context() => context(e),
        Kind::PhoneNumber | Kind::MacAddress => detail(e),
        Kind::Telegram | Kind::Discord | Kind::GithubUsername | Kind::GithubRepository => {
            account(e)
        }
        _ => artifact(e),
    }
}

fn email(e: &Evidence<'_>) -> Ruling {
    let publisher = e
        .site
        .is_some_and(|site| !site.is_abused() && site != Site::Popular);
    if is_placeholder(e) {
        return ruling(Drop, "a placeholder");
    }
    if e.find.defanged {
        return if publisher || e.outline.is_own(&e.host) {
            ruling(Note, "defanged, but a vendor's")
        } else {
            ruling(Detect, "defanged")
        };
    }
    if e.outline.is_own(&e.host) {
        return ruling(Drop, "the blog's own address");
    }
    if e.outline.snippet {
        return ruling(Detect, "in a text by itself");
    }
    if let Some(aside) = e.is_aside() {
        return ruling(Reference, aside);
    }
    if publisher || pages::is_share_button(&e.find.value) {
        return ruling(Reference, "a vendor's or an agency's address");
    }
    if e.is_listed() && e.find.origin == Origin::Text {
        return ruling(Detect, "listed");
    }
    if e.outline.is_condemned(&e.host) {
        return ruling(Detect, "beside a defanged value of the same site");
    }
    written_email(e)
}

/// An address in the text. Extortionists' addresses stand in ransom notes, mostly plain, at providers of free mail.
fn written_email(e: &Evidence<'_>) -> Ruling {
    let bad = e.is_called_bad();
    let asks = e.says_before(Topic::Extortion) || e.leads(Topic::Extortion);
    let demanded = asks || e.says_before(Topic::Victim) && e.says_before(Topic::Writing);
    let role = benign::is_role(&e.find.value) && e.shape == Shape::Prose;
    if e.find.origin == Origin::Link || (e.says(Topic::Contact) || role) && !bad && !demanded {
        ruling(Reference, "somebody to write to")
    } else if demanded {
        ruling(Detect, "where victims are to write")
    } else if e.find.kind == Kind::EmailSrc && !e.outline.defangs && !e.is_called_good() {
        ruling(Detect, "named as a sender")
    } else if (bad || e.shape == Shape::Alone) && !e.outline.defangs {
        ruling(
            Detect,
            if bad {
                "called malicious"
            } else {
                "on a line of its own"
            },
        )
    } else if bad || !e.outline.defangs {
        ruling(Note, "in running prose")
    } else {
        ruling(Reference, "not defanged where others are")
    }
}

fn hash(e: &Evidence<'_>) -> Ruling {
    let digest = e.find.value.rsplit('|').next().unwrap_or_default();
    if benign::is_hash(digest) {
        return ruling(Note, "the digest of an empty or a test file");
    }
    if e.outline.snippet {
        return ruling(Detect, "in a text by itself");
    }
    if e.find.origin == Origin::Link {
        return ruling(Reference, "only in a link's target");
    }
    let apart = e.shape >= Shape::Labelled || e.column != Column::None;
    if let Some(aside) = e
        .is_aside()
        .filter(|_| !(e.region == Region::Elsewhere && apart))
    {
        return ruling(Reference, aside);
    }
    if e.says(Topic::Harmless) && !e.is_called_bad() {
        return ruling(Note, "called harmless");
    }
    ruling(Detect, if apart { "listed" } else { "in the text" })
}

fn file(e: &Evidence<'_>) -> Ruling {
    if e.find.origin == Origin::Link {
        return ruling(Reference, "only in a link's target");
    }
    if benign::is_system_file(&e.find.value) {
        return ruling(Note, "a file that every system has");
    }
    if e.outline.snippet {
        return ruling(Detect, "in a text by itself");
    }
    if let Some(aside) = e.is_aside() {
        return ruling(Reference, aside);
    }
    if e.is_listed() && !e.says(Topic::Harmless) {
        return ruling(Detect, "listed");
    }
    ruling(Note, "a file of the story")
}

fn registry(e: &Evidence<'_>) -> Ruling {
    if let Some(aside) = e.is_aside() {
        return ruling(Reference, aside);
    }
    if e.find.kind == Kind::Regkey && benign::is_system_key(&e.find.value) {
        return ruling(Note, "a key that every system has");
    }
    if e.outline.snippet || e.is_listed() || e.shape >= Shape::Labelled || e.is_called_bad() {
        return ruling(Detect, "written by malware");
    }
    ruling(Note, "a key of the story")
}

/// What tells of the story but is nothing to look for.
fn context(e: &Evidence<'_>) -> Ruling {
    match e.is_aside() {
        Some(aside) if e.region == Region::Elsewhere => ruling(Reference, aside),
        _ if e.find.origin == Origin::Link => ruling(Reference, "only in a link's target"),
        _ => ruling(Note, "part of the story"),
    }
}

fn detail(e: &Evidence<'_>) -> Ruling {
    if let Some(aside) = e.is_aside() {
        return ruling(Reference, aside);
    }
    if e.find.origin == Origin::Link
        || e.says(Topic::Contact) && !e.is_listed() && !e.outline.snippet
    {
        return ruling(Reference, "somebody to call");
    }
    ruling(Note, "part of the story")
}

fn account(e: &Evidence<'_>) -> Ruling {
    if e.outline.snippet {
        return ruling(Detect, "in a text by itself");
    }
    if let Some(aside) = e.is_aside() {
        return ruling(Reference, aside);
    }
    if e.find.defanged || e.is_listed() && e.find.origin == Origin::Text {
        return ruling(Detect, "listed");
    }
    if e.find.origin == Origin::Link || e.linked {
        return ruling(Reference, "linked in running prose");
    }
    if e.is_called_bad() {
        ruling(Note, "called malicious")
    } else {
        ruling(Reference, "an account in running prose")
    }
}

/// What only stands in an article because malware or its makers use it.
fn artifact(e: &Evidence<'_>) -> Ruling {
    if e.outline.snippet {
        return ruling(Detect, "in a text by itself");
    }
    if let Some(aside) = e.is_aside() {
        return ruling(Reference, aside);
    }
    if e.find.origin == Origin::Link {
        return ruling(Reference, "only in a link's target");
    }
    if e.says(Topic::Harmless) && !e.is_called_bad() && !e.is_listed() {
        return ruling(Note, "called harmless");
    }
    ruling(
        Detect,
        if e.is_listed() {
            "listed"
        } else {
            "in the text"
        },
    )
}
