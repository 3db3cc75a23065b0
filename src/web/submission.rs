//! What people submit: links, checked like those of a feed, and published under the source `Manual`.

use url::Url;

use super::client::Client;
use crate::feeds::canonical::parse_link;
use crate::feeds::entry::Entry;
use crate::indicators::refang;
use crate::plain;
use crate::queue::{Job, JobRecord, Published, Queue, Result, Source};

/// Title and URL of the source that submitted articles have, as misp-scraper names it.
pub(super) const SOURCE: &str = "Manual";

/// Longest title, in characters.
pub(super) const MAX_TITLE: usize = 500;

/// Longest link that is repeated to the one who gave it, in characters.
const SHOWN: usize = 120;

/// What somebody asks to be taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wish {
    /// As given.
    pub(super) url: String,
    /// Empty: the article's own.
    pub(super) title: String,
}

/// What became of a wish.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    /// It is queued.
    Queued(Box<Job>),
    /// The article is known, by this job. Its record may be gone by now.
    Known {
        /// Empty when the article was only left out when its feed was first read.
        id: String,
        /// Everything known of it.
        record: Option<Box<JobRecord>>,
    },
    /// It is no article that can be asked for; the text says why.
    Refused(String),
}

/// Publishes what can be, and says what became of each, in order.
pub(super) async fn submit(
    queue: &dyn Queue,
    wishes: &[Wish],
    client: &Client,
    user: Option<&str>,
) -> Result<Vec<Outcome>> {
    let read: Vec<_> = wishes.iter().map(job).collect();
    let jobs: Vec<Job> = read.iter().flatten().cloned().collect();
    let published = if jobs.is_empty() {
        Vec::new()
    } else {
        queue.publish(&jobs).await?
    };
    let mut published = published.into_iter();
    let mut outcomes = Vec::with_capacity(read.len());
    for job in read {
        let outcome = match job {
            Err(why) => Outcome::Refused(why),
            Ok(job) => match published.next() {
                Some(Published::Known(id)) => known(queue, id).await?,
                Some(Published::New) => Outcome::Queued(Box::new(job)),
                None => Outcome::Refused("the store did not say what became of it".into()),
            },
        };
        note(&outcome, client, user);
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

async fn known(queue: &dyn Queue, id: String) -> Result<Outcome> {
    let record = if id.is_empty() {
        None
    } else {
        queue.job(&id).await?.map(Box::new)
    };
    Ok(Outcome::Known { id, record })
}

/// Counts it, and says in the log who submitted what.
fn note(outcome: &Outcome, client: &Client, user: Option<&str>) {
    let word = match outcome {
        Outcome::Queued(job) => {
            tracing::info!(
                job = job.id,
                article.url = plain::clean(&job.entry.link),
                client = %client.address,
                user,
                "submitted"
            );
            "queued"
        }
        Outcome::Known { .. } => "known",
        Outcome::Refused(_) => "refused",
    };
    super::metrics::submitted(word);
}

/// The job of a wish, or what is wrong with it.
fn job(wish: &Wish) -> std::result::Result<Job, String> {
    let (given, canonical) = link(&wish.url)?;
    let entry = Entry {
        link: canonical.into(),
        link_as_given: given.into(),
        title: title(&wish.title)?,
        guid: None,
        published: None,
        updated: None,
        categories: Vec::new(),
    };
    let source = Source {
        title: SOURCE.into(),
        url: SOURCE.into(),
        tags: Vec::new(),
        local_tags: Vec::new(),
    };
    Ok(Job::new(entry, source))
}

/// A link as given and in canonical form. It may be defanged: that is how they stand in mails.
pub(super) fn link(text: &str) -> std::result::Result<(Url, Url), String> {
    let text = text.trim();
    let shown = || plain::short(text, SHOWN);
    if text.is_empty() {
        return Err("the URL is empty".into());
    }
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(format!(
            "`{}` holds blanks; write one URL a line",
            hidden(&shown())
        ));
    }
    let link = parse_link(text, None)
        .or_else(|| parse_link(&refang(text), None))
        .ok_or_else(|| format!("`{}` is no http or https URL", hidden(&shown())))?;
    let host = link.url.host_str().unwrap_or_default();
    if !link.url.username().is_empty() || link.url.password().is_some() {
        // Not repeated: it would stand in logs and on pages.
        return Err(format!(
            "the URL at `{}` holds a user name or password; take them out: the worker would not use them",
            plain::short(host, SHOWN)
        ));
    }
    if !is_name(host) {
        return Err(format!(
            "`{}` is no name of a host",
            plain::short(host, SHOWN)
        ));
    }
    Ok((link.url, link.canonical))
}

/// Browsers take nearly any character in a host; names that can be looked up have few.
fn is_name(host: &str) -> bool {
    host.starts_with('[')
        || host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Text that is no URL may hold a password all the same.
fn hidden(text: &str) -> String {
    match text.split_once('@') {
        Some((before, after)) if before.contains(':') => {
            let scheme = before.split_once("://").map_or("", |(scheme, _)| scheme);
            format!("{scheme}://…@{after}")
        }
        _ => text.to_owned(),
    }
}

fn title(text: &str) -> std::result::Result<String, String> {
    let title = plain::clean(text);
    let length = title.chars().count();
    if length > MAX_TITLE {
        return Err(format!(
            "the title has {length} characters; at most {MAX_TITLE} are taken"
        ));
    }
    Ok(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_as_feeds_are_and_defanged_ones_too() {
        for (text, canonical) in [
            (
                "https://blog.example/a/?utm_source=x#top",
                "https://blog.example/a",
            ),
            ("  HTTP://Blog.Example:80/a\t", "http://blog.example/a"),
            ("hxxps://blog[.]example/a", "https://blog.example/a"),
            ("https://blog[.]example/a", "https://blog.example/a"),
            (
                "https://www.google.com/url?url=https%3A%2F%2Fblog.example%2Fa",
                "https://blog.example/a",
            ),
            ("http://127.0.0.1:8080/a", "http://127.0.0.1:8080/a"),
            ("http://[2001:db8::1]/a", "http://[2001:db8::1]/a"),
            (
                "https://bücher.example/ü",
                "https://xn--bcher-kva.example/%C3%BC",
            ),
        ] {
            assert_eq!(link(text).unwrap().1.as_str(), canonical, "{text}");
        }
    }

    #[test]
    fn what_is_no_link_is_refused_in_words() {
        for (text, says) in [
            ("", "empty"),
            ("   ", "empty"),
            ("blog.example/a", "no http or https URL"),
            ("/etc/passwd", "no http or https URL"),
            ("ftp://blog.example/a", "no http or https URL"),
            ("javascript:alert(1)", "no http or https URL"),
            ("https://", "no http or https URL"),
            ("https://a.example/ https://b.example/", "one URL a line"),
            ("ht\ntps://a.example/", "one URL a line"),
            ("https://user:s3cret@blog.example/a", "password"),
            ("https://user@blog.example/a", "user name"),
            ("https://blog.example*/a", "no name of a host"),
            ("https://blog.exa'mple/a", "no name of a host"),
        ] {
            let why = link(text).unwrap_err();
            assert!(why.contains(says), "{text}: {why}");
            assert!(!why.contains("s3cret"), "{why}");
        }
        let why = link("https://user:s3cret@blog example/").unwrap_err();
        assert!(!why.contains("s3cret"), "{why}");
        let why = link("user:s3cret@blog.example").unwrap_err();
        assert!(!why.contains("s3cret"), "{why}");
        assert!(link(&format!("https://a.example/{}", "a".repeat(9000))).is_err());
    }

    #[test]
    fn a_job_says_where_it_came_from() {
        let wish = Wish {
            url: "https://blog.example/a/".into(),
            title: " A\u{202e} title\n".into(),
        };
        let job = job(&wish).unwrap();
        assert_eq!(job.entry.link, "https://blog.example/a");
        assert_eq!(job.entry.link_as_given, "https://blog.example/a/");
        assert_eq!(job.entry.title, "A\u{fffd} title");
        assert_eq!(
            (job.source.title.as_str(), job.source.url.as_str()),
            (SOURCE, SOURCE)
        );
        let long = Wish {
            title: "x".repeat(MAX_TITLE + 1),
            ..wish
        };
        assert!(super::job(&long).unwrap_err().contains("501"));
    }
}
