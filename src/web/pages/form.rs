//! The form to submit articles with: filled in, and read.

use super::sent::Sent;
use super::{Visitor, files};
use crate::web::Web;
use crate::web::submission::{self, Field, Flaw, MAX_TITLE, Outcome, SOURCE, Wish, split_tags};
use crate::web::view;

/// The form, maybe filled in, with what is wrong in it, and what became of what was sent.
#[derive(Default)]
pub(super) struct Form {
    pub(super) urls: String,
    pub(super) title: String,
    /// The page, pasted.
    pub(super) page: String,
    pub(super) tags: String,
    pub(super) tlp: String,
    pub(super) again: bool,
    /// See [`submission::Ticket`].
    pub(super) ticket: String,
    /// By field: its name, and what is wrong.
    pub(super) faults: Vec<(&'static str, String)>,
    pub(super) notices: Vec<Notice>,
}

/// What became of one article.
pub(super) struct Notice {
    pub(super) kind: &'static str,
    pub(super) text: String,
    /// Address and text of a link.
    pub(super) link: Option<(String, String)>,
    /// Where it can be submitted again.
    pub(super) again: Option<String>,
}

/// Largest page that is sent back with what is wrong beside it, in bytes; escaped it may be six times as large.
const MAX_RETURNED: usize = 256 << 10;

/// A pasted page for filling in again, and what to say if it is too large for that.
pub(super) fn returned(page: &str) -> (String, Vec<(&'static str, String)>) {
    if page.len() <= MAX_RETURNED {
        return (page.to_owned(), Vec::new());
    }
    let advice = "paste the page once more: it is too large to be filled in again";
    (String::new(), vec![("page", advice.into())])
}

impl Form {
    pub(super) const MAX_TITLE: usize = MAX_TITLE;
    pub(super) const SOURCE: &'static str = SOURCE;
    pub(super) const TLP: [&'static str; 5] = submission::TLP;

    /// An empty one.
    pub(super) fn of(web: &Web, visitor: &Visitor) -> Self {
        Self {
            ticket: web.auth.new_ticket(&visitor.session),
            ..Self::default()
        }
    }

    /// One filled in with what was sent. The same ticket is not given twice: whoever corrects something and
    /// sends it means another article.
    pub(super) fn filled(web: &Web, visitor: &Visitor, sent: &Sent) -> Self {
        let text = |name| sent.field(name).to_owned();
        let (page, faults) = returned(sent.field("page"));
        Self {
            urls: text("urls"),
            title: text("title"),
            page,
            faults,
            tags: text("tags"),
            tlp: text("tlp"),
            again: is_again(sent),
            ..Self::of(web, visitor)
        }
    }

    /// The script that goes with it.
    pub(super) fn script() -> &'static str {
        files::form_script_address()
    }

    /// Shows what is wrong beside the fields. A browser does not fill in files again, so that is said.
    pub(super) fn blame(&mut self, flaws: &[Flaw], files: bool) {
        for flaw in flaws {
            let name = field(flaw.field);
            let fault = (name, flaw.detail.clone());
            if !self.faults.contains(&fault) {
                self.faults.push(fault);
            }
        }
        if files {
            self.faults.push((
                "file",
                "choose the file once more: browsers forget it".into(),
            ));
        }
    }

    pub(super) fn is_bad(&self, field: &str) -> bool {
        self.faults(field).next().is_some()
    }

    pub(super) fn faults<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a str> {
        let faults = self.faults.iter();
        faults
            .filter(move |(name, _)| *name == field)
            .map(|(_, fault)| fault.as_str())
    }

    /// Whether to show what is optional: when some of it is filled in, or wrong.
    pub(super) fn is_open(&self) -> bool {
        let filled = [&self.page, &self.tags, &self.tlp];
        let optional = ["file", "page", "tags", "tlp"];
        self.again
            || filled.iter().any(|text| !text.is_empty())
            || optional.iter().any(|field| self.is_bad(field))
    }
}

/// The form's name of what is wrong.
const fn field(field: Field) -> &'static str {
    match field {
        Field::Url => "urls",
        Field::Title => "title",
        Field::Html | Field::Text => "page",
        Field::File | Field::FileName => "file",
        Field::Tags => "tags",
        Field::Tlp => "tlp",
    }
}

fn is_again(sent: &Sent) -> bool {
    !sent.field("again").is_empty()
}

/// What a form asks for: an article for each line, or for each file, or one for a page and its line. What can only
/// be meant for one article must not stand beside several.
pub(super) fn wishes(web: &Web, visitor: &Visitor, sent: &Sent) -> Result<Vec<Wish>, Vec<Flaw>> {
    let lines = sent.field("urls").lines().map(str::trim);
    let urls: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let pages = sent.pages();
    let flaws = misfits(sent, &urls, pages.len(), web.max_urls);
    if !flaws.is_empty() {
        return Err(flaws);
    }
    let common = Wish {
        title: sent.field("title").to_owned(),
        tags: split_tags(sent.field("tags")),
        // A choice of none is sent as nothing.
        tlp: Some(sent.field("tlp").to_owned()).filter(|colour| !colour.is_empty()),
        again: is_again(sent),
        ticket: web.auth.ticket(&visitor.session, sent.field("ticket")),
        ..Wish::default()
    };
    let number = urls.len().max(pages.len()).max(1);
    let mut pages = pages.into_iter();
    let wish = |place: usize| Wish {
        url: urls.get(place).map(|&url| url.to_owned()),
        page: pages.next(),
        ..common.clone()
    };
    Ok((0..number).map(wish).collect())
}

fn misfits(sent: &Sent, urls: &[&str], pages: usize, most: usize) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut flaw = |field, detail: &str| flaws.push(Flaw::new(field, detail));
    let titled = !sent.field("title").trim().is_empty();
    if urls.len() > most {
        let detail = format!("there are {} URLs; send at most {most} at once", urls.len());
        flaw(Field::Url, &detail);
    }
    if pages > most {
        let detail = format!("there are {pages} files; send at most {most} at once");
        flaw(Field::File, &detail);
    }
    if pages > sent.files.len() && !sent.files.is_empty() {
        flaw(
            Field::Text,
            "the page is pasted, and there is a file as well; send one of them",
        );
    } else if pages > 1 && !urls.is_empty() {
        flaw(
            Field::Url,
            "several files are an article each, and nobody could tell which URL is whose; take the URLs out, or send the files one by one",
        );
    } else if pages == 1 && urls.len() > 1 {
        flaw(
            Field::Url,
            "a page is one article; give its one URL, or none",
        );
    }
    if titled && (urls.len() > 1 || pages > 1) {
        flaw(
            Field::Title,
            "a title is for one article; take it out, or send the articles one by one",
        );
    }
    flaws
}

/// What became of a wish, for people.
pub(super) fn notice(wish: &Wish, outcome: &Outcome) -> Notice {
    let url = wish.url.as_deref().unwrap_or("the page");
    let plain = |kind, text: String| Notice {
        kind,
        text,
        link: None,
        again: None,
    };
    let again = || view::again_address(wish.url.as_deref()?);
    match outcome {
        Outcome::Queued(job) => Notice {
            link: Some((format!("/jobs/{}", job.id), job.entry.link.clone())),
            ..plain("good", "Queued: ".into())
        },
        Outcome::Known {
            id,
            record: Some(record),
        } => Notice {
            link: Some((format!("/jobs/{id}"), view::title(record).to_owned())),
            again: again(),
            ..plain("known", format!("Known already, and {}: ", record.state))
        },
        Outcome::Known { record: None, .. } => Notice {
            again: again(),
            ..plain("known", format!("{url}: {}", view::KNOWN_WITHOUT_RECORD))
        },
        Outcome::Refused(flaws) => {
            let whys: Vec<&str> = flaws.iter().map(|flaw| flaw.detail.as_str()).collect();
            plain("bad", format!("Not taken: {}", whys.join("; ")))
        }
    }
}
