//! Reading forms that may bring files.

use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;

use super::fields;
use crate::web::large::{self, Held};
use crate::web::problem::Problem;
use crate::web::submission::Page;
use crate::web::{Shared, Web};

/// Most fields and files of a form, beside a file for each article.
const MOST_FIELDS: usize = 32;

/// Names and values.
type Fields = Vec<(String, String)>;

/// What a form brought: as `multipart/form-data`, or without files as `application/x-www-form-urlencoded`.
#[derive(Debug)]
pub(super) struct Sent {
    fields: Fields,
    /// The files, in order.
    pub(super) files: Vec<Page>,
    _held: Held,
}

impl Sent {
    /// The value of a field; empty when it was not sent.
    pub(super) fn field(&self, name: &str) -> &str {
        let mut fields = self.fields.iter();
        let found = fields.find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The pages that came along, pasted or as files.
    pub(super) fn pages(&self) -> Vec<Page> {
        let pasted = self.field("page");
        let pasted = (!pasted.trim().is_empty()).then(|| Page::pasted(pasted.to_owned()));
        pasted
            .into_iter()
            .chain(self.files.iter().cloned())
            .collect()
    }
}

impl FromRequest<Shared> for Sent {
    type Rejection = Problem;

    async fn from_request(mut request: Request, web: &Shared) -> Result<Self, Problem> {
        let held = large::admit(&mut request, web).await?;
        let (fields, files) = if is_multipart(&request) {
            let parts = Multipart::from_request(request, web).await;
            let parts = parts.map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
            read(parts, web).await?
        } else {
            let read = axum::Form::from_request(request, web).await;
            let axum::Form(fields) =
                read.map_err(|rejection| fields::problem(&rejection, web.max_body))?;
            (fields, Vec::new())
        };
        Ok(Self {
            fields,
            files,
            _held: held,
        })
    }
}

fn is_multipart(request: &Request) -> bool {
    let declared = request.headers().get(CONTENT_TYPE);
    let declared = declared.and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = declared.split(';').next().unwrap_or("").trim();
    essence.eq_ignore_ascii_case("multipart/form-data")
}

async fn read(mut parts: Multipart, web: &Web) -> Result<(Fields, Vec<Page>), Problem> {
    let most = MOST_FIELDS.saturating_add(web.max_urls);
    let (mut fields, mut files, mut count) = (Fields::new(), Vec::new(), 0);
    let fault = |error: &MultipartError| problem(error, web.max_body);
    while let Some(part) = parts.next_field().await.map_err(|error| fault(&error))? {
        count += 1;
        if count > most {
            let detail = format!("the form has more than {most} fields and files");
            return Err(Problem::bad_request(detail));
        }
        match part.file_name().map(str::to_owned) {
            Some(name) => {
                let bytes = part.bytes().await.map_err(|error| fault(&error))?;
                // What browsers send when no file is chosen.
                if !name.is_empty() || !bytes.is_empty() {
                    files.push(Page::file(&name, None, bytes.into()));
                }
            }
            None => fields.push(field(part, web).await?),
        }
    }
    Ok((fields, files))
}

async fn field(part: Field<'_>, web: &Web) -> Result<(String, String), Problem> {
    let name = part.name().unwrap_or_default().to_owned();
    let bytes = part.bytes().await;
    let bytes = bytes.map_err(|error| problem(&error, web.max_body))?;
    let value = String::from_utf8(bytes.into()).map_err(|_| {
        Problem::bad_request(format!(
            "the field `{}` is not UTF-8; send a page in another encoding as a file",
            crate::plain::short(&name, 40)
        ))
    })?;
    Ok((name, value))
}

fn problem(error: &MultipartError, max_body: usize) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(max_body),
        _ => Problem::bad_request(format!("the form cannot be read: {}", error.body_text())),
    }
}
