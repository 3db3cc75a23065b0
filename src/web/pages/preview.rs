//! "Show me what you would take."

use std::borrow::Cow;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::fields::Fields;
use super::form::returned;
use super::sent::Sent;
use super::{Frame, Visitor, html};
use crate::article::blocks::{Block, Kind};
use crate::web::problem::Problem;
use crate::web::submission::{Field, Flaw, Page, Reference, reference};
use crate::web::view::{self, Found, Time, web_link};
use crate::web::{Shared, preview};

/// Most text of an article shown, in bytes.
const MOST_TEXT: usize = 300_000;

#[derive(Template)]
#[template(path = "preview.html")]
struct PreviewPage {
    frame: Frame,
    url: String,
    /// The page, as it was pasted.
    pasted: String,
    /// Whether it was a file.
    file: bool,
    faults: Vec<String>,
    seen: Option<Seen>,
}

/// A page that was read.
struct Seen {
    link: Option<String>,
    title: String,
    author: Option<String>,
    published: Option<Time>,
    language: Option<String>,
    /// Those that are taken, and those that are not; `None`: Gleaner does not extract.
    taken: Option<Vec<Found>>,
    left: Vec<Found>,
    text: Vec<Piece>,
    cut: bool,
}

/// A block of the article, by how it is shown.
struct Piece {
    kind: &'static str,
    text: String,
}

impl Seen {
    fn of(preview: &preview::Preview) -> Self {
        let article = &preview.article;
        let found = preview.indicators.as_deref();
        let found = found.map(|found| view::found(found, &article.blocks));
        let is_taken = |one: &Found| matches!(one.verdict, "detect" | "note");
        let (taken, left) = match found {
            Some(found) => {
                let (taken, left) = found.into_iter().partition(is_taken);
                (Some(taken), left)
            }
            None => (None, Vec::new()),
        };
        let (text, cut) = pieces(&article.blocks);
        Self {
            link: web_link(article.url.as_str()).map(str::to_owned),
            title: article.title.clone(),
            author: article.author.clone(),
            published: article.published.map(Time::of),
            language: article.language.clone(),
            taken,
            left,
            text,
            cut,
        }
    }
}

/// The blocks of the report, as many as fit, and whether that were all.
fn pieces(blocks: &[Block]) -> (Vec<Piece>, bool) {
    let mut room = MOST_TEXT;
    let mut pieces = Vec::new();
    for block in blocks.iter().filter(|block| block.in_report()) {
        let text = block.text();
        let Some(left) = room.checked_sub(text.len()) else {
            return (pieces, true);
        };
        room = left;
        if !text.trim().is_empty() {
            pieces.push(piece(block, text));
        }
    }
    (pieces, false)
}

fn piece(block: &Block, text: Cow<'_, str>) -> Piece {
    let (kind, text) = match block.kind {
        Kind::Heading { .. } => ("heading", text),
        Kind::ListItem { .. } => ("item", text),
        Kind::TableRow { .. } => ("row", text.replace('\t', " | ").into()),
        Kind::Code { .. } => ("code", text),
        Kind::Image { .. } => ("image", text),
        _ if block.quote > 0 => ("quote", text),
        _ => ("paragraph", text),
    };
    Piece {
        kind,
        text: text.into_owned(),
    }
}

/// What the query fills in.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    url: String,
}

pub(super) async fn form(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Fields(asked): Fields<Asked>,
) -> Result<Response, Problem> {
    web.previewer()?;
    Ok(html(
        StatusCode::OK,
        &PreviewPage {
            frame: Frame::of(&web, &visitor),
            url: asked.url,
            pasted: String::new(),
            file: false,
            faults: Vec::new(),
            seen: None,
        },
    ))
}

/// Looks at a page: of this page's form, or of the one to submit articles with.
pub(super) async fn make(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    sent: Sent,
) -> Result<Response, Problem> {
    web.auth.check_form(&visitor.session, sent.field("csrf"))?;
    let previewer = web.previewer()?;
    let url = [sent.field("url"), sent.field("urls")]
        .into_iter()
        .map(str::trim)
        .find(|url| !url.is_empty());
    let (status, faults, seen) = match asked_for(url, &sent.pages(), web.max_page) {
        Err(flaws) => {
            let faults = flaws.into_iter().map(|flaw| flaw.detail);
            (StatusCode::UNPROCESSABLE_ENTITY, faults.collect(), None)
        }
        Ok(Reference {
            canonical, body, ..
        }) => match previewer.preview(&canonical, body).await? {
            Ok(preview) => (StatusCode::OK, Vec::new(), Some(Seen::of(&preview))),
            Err(failure) => {
                let words = failure.reason.in_words();
                let fault = format!("{words}: {}", failure.message);
                (StatusCode::OK, vec![fault], None)
            }
        },
    };
    let (pasted, left_out) = returned(sent.field("page"));
    let left_out = left_out.into_iter().map(|(_, advice)| advice);
    Ok(html(
        status,
        &PreviewPage {
            frame: Frame::of(&web, &visitor),
            url: url.unwrap_or_default().to_owned(),
            pasted,
            file: !sent.files.is_empty(),
            faults: faults.into_iter().chain(left_out).collect(),
            seen,
        },
    ))
}

fn asked_for(url: Option<&str>, pages: &[Page], max_page: usize) -> Result<Reference, Vec<Flaw>> {
    let several = |field, detail| Err(vec![Flaw::new(field, detail)]);
    if url.is_some_and(|url| url.lines().count() > 1) {
        return several(Field::Url, "a preview is of one article; give one URL");
    }
    if pages.len() > 1 {
        return several(Field::File, "a preview is of one article; give one page");
    }
    reference(url, pages.first(), max_page)
}
