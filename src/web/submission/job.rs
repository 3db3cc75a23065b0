//! From a wish to its job.

use sha2::{Digest as _, Sha256};
use url::Url;

use super::link::link;
use super::{Field, Flaw, Page, Submitter, Wish, labels};
use crate::feeds::entry::Entry;
use crate::plain;
use crate::queue::{Body, Job, Source, Submission};

/// Longest title, in characters.
pub(in crate::web) const MAX_TITLE: usize = 500;

/// The job of a wish, or all that is wrong with it.
pub(super) fn of(wish: &Wish, by: Submitter<'_>) -> Result<Job, Vec<Flaw>> {
    let mut flaws = Vec::new();
    let reference = reference(wish.url.as_deref(), wish.page.as_ref(), by.max_page);
    let reference = reference.map_err(|found| flaws.extend(found));
    let title = title(&wish.title).map_err(|flaw| flaws.push(flaw));
    let tags = labels::tags(&wish.tags, wish.tlp.as_deref()).map_err(|found| flaws.extend(found));
    let (Ok(reference), Ok(title), Ok(tags)) = (reference, title, tags) else {
        return Err(flaws);
    };
    let entry = Entry {
        link: reference.canonical.into(),
        link_as_given: reference.given.into(),
        title,
        guid: None,
        published: None,
        updated: None,
        categories: Vec::new(),
    };
    let source = Source {
        tags,
        ..Source::manual()
    };
    let mut job = Job::new(entry, source).submitted(Submission {
        user: by.user.filter(|_| by.record).map(str::to_owned),
        remote: by.record.then_some(by.client.address),
        again: wish.again,
        body: reference.body,
    });
    if let (Some(ticket), true) = (&wish.ticket, wish.again) {
        job.id = ticket.id(&job);
    }
    Ok(job)
}

/// What an article is known by, and its page if it came along.
#[derive(Debug)]
pub(in crate::web) struct Reference {
    pub(in crate::web) given: Url,
    pub(in crate::web) canonical: Url,
    pub(in crate::web) body: Option<Body>,
}

/// Checks link and page. A page that comes without a link is known by its bytes: the same file is the same article.
pub(in crate::web) fn reference(
    url: Option<&str>,
    page: Option<&Page>,
    max_page: usize,
) -> Result<Reference, Vec<Flaw>> {
    let mut flaws = Vec::new();
    let body = page
        .map(|page| page.body(max_page))
        .transpose()
        .map_err(|flaw| flaws.push(flaw));
    let links = match (url, &body) {
        (None, Ok(Some(body))) => urn(&body.bytes).map(|urn| (urn.clone(), urn)),
        // What is wrong with the page is said already.
        (None, Err(())) => return Err(flaws),
        (url, _) => link(url.unwrap_or_default()),
    };
    let links = links.map_err(|why| flaws.push(Flaw::new(Field::Url, why)));
    match (links, body) {
        (Ok((given, canonical)), Ok(body)) => Ok(Reference {
            given,
            canonical,
            body,
        }),
        _ => Err(flaws),
    }
}

fn urn(bytes: &[u8]) -> Result<Url, String> {
    let urn = format!("urn:sha256:{}", hex::encode(Sha256::digest(bytes)));
    Url::parse(&urn).map_err(|error| error.to_string())
}

fn title(text: &str) -> Result<String, Flaw> {
    let title = plain::clean(text);
    let length = title.chars().count();
    if length > MAX_TITLE {
        let detail = format!("the title has {length} characters; at most {MAX_TITLE} are taken");
        return Err(Flaw::new(Field::Title, detail));
    }
    Ok(title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::client::Client;
    use crate::web::submission::{SOURCE, Ticket};

    fn client() -> Client {
        Client {
            address: "192.0.2.7".parse().unwrap(),
            by_proxy: false,
            https: false,
            user: None,
        }
    }

    fn by(client: &Client, record: bool) -> Submitter<'_> {
        Submitter {
            client,
            user: Some("alice"),
            record,
            max_page: 100,
        }
    }

    fn wish(url: &str) -> Wish {
        Wish {
            url: Some(url.into()),
            ..Wish::default()
        }
    }

    #[test]
    fn a_job_says_where_it_came_from() {
        let asked = Wish {
            title: " A\u{202e} title\n".into(),
            tags: vec!["case:7".into()],
            tlp: Some("amber+strict".into()),
            ..wish("https://blog.example/a/")
        };
        let client = client();
        let job = of(&asked, by(&client, true)).unwrap();
        assert_eq!(job.entry.link, "https://blog.example/a");
        assert_eq!(job.entry.link_as_given, "https://blog.example/a/");
        assert_eq!(job.entry.title, "A\u{fffd} title");
        assert_eq!(
            (job.source.title.as_str(), job.source.url.as_str()),
            (SOURCE, SOURCE)
        );
        assert_eq!(job.source.tags, ["tlp:amber+strict", "case:7"]);
        let submission = job.submission.unwrap();
        assert_eq!(submission.user.as_deref(), Some("alice"));
        assert_eq!(submission.remote, Some(client.address));
        assert!(!submission.again && submission.body.is_none());
        let silent = of(&asked, by(&client, false)).unwrap().submission.unwrap();
        assert_eq!(silent, Submission::default());
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let client = client();
        let asked = Wish {
            title: "x".repeat(MAX_TITLE + 1),
            tags: vec!["good".into(), " bad".into()],
            tlp: Some("purple".into()),
            page: Some(Page::html(" ".into())),
            ..wish("nonsense")
        };
        let flaws = of(&asked, by(&client, true)).unwrap_err();
        let fields: Vec<_> = flaws.iter().map(|flaw| (flaw.field, flaw.at)).collect();
        assert_eq!(
            fields,
            [
                (Field::Html, None),
                (Field::Url, None),
                (Field::Title, None),
                (Field::Tags, Some(1)),
                (Field::Tlp, None)
            ]
        );
    }

    #[test]
    fn a_page_without_a_link_is_known_by_its_bytes() {
        let file = |text: &str| Page::file("a.txt", None, text.as_bytes().to_vec());
        let known_as = |page: &Page| reference(None, Some(page), 100).unwrap().canonical;
        assert_eq!(
            known_as(&file("abc")).as_str(),
            "urn:sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_ne!(known_as(&file("abc")), known_as(&file("abd")));
        // A link that is given counts, and a wrong one is not passed over.
        let with = reference(Some("https://a.example/"), Some(&file("abc")), 100).unwrap();
        assert_eq!(with.canonical.as_str(), "https://a.example/");
        assert_eq!(with.body.unwrap().size, 3);
        assert!(reference(Some(""), Some(&file("abc")), 100).is_err());
        assert!(reference(None, None, 100).is_err());
    }

    #[test]
    fn two_clicks_are_one_job_and_another_form_is_another() {
        let client = client();
        let again = |url: &str, ticket: &Ticket, title: &str| {
            let asked = Wish {
                again: true,
                title: title.into(),
                ticket: Some(ticket.clone()),
                ..wish(url)
            };
            of(&asked, by(&client, true)).unwrap().id
        };
        let (one, other) = (Ticket::new(), Ticket::new());
        let id = again("https://a.example/", &one, "");
        assert_eq!(id, again("https://a.example/", &one, ""));
        assert_eq!(uuid::Uuid::parse_str(&id).unwrap().get_version_num(), 7);
        for different in [
            again("https://b.example/", &one, ""),
            again("https://a.example/", &one, "x"),
            again("https://a.example/", &other, ""),
        ] {
            assert_ne!(id, different);
        }
        let unforced = Wish {
            ticket: Some(one),
            ..wish("https://a.example/")
        };
        assert_ne!(of(&unforced, by(&client, true)).unwrap().id, id);
    }
}
