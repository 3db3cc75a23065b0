//! Reading forms and queries of pages.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{Method, StatusCode};
use serde::de::DeserializeOwned;

use crate::web::problem::Problem;
use crate::web::{Shared, large};

/// The fields of a form, or of a query.
pub(super) struct Fields<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Shared> for Fields<T> {
    type Rejection = Problem;

    async fn from_request(mut request: Request, web: &Shared) -> Result<Self, Problem> {
        // What HEAD asks has a query too.
        if request.method() == Method::HEAD {
            *request.method_mut() = Method::GET;
        }
        match Form::<T>::from_request(request, web).await {
            Ok(Form(fields)) => Ok(Self(fields)),
            Err(rejection) => Err(problem(&rejection, large::small(web))),
        }
    }
}

pub(super) fn problem(rejection: &FormRejection, max_body: usize) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(max_body),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the form must be sent as `application/x-www-form-urlencoded` or `multipart/form-data`",
        ),
        _ => Problem::bad_request(rejection.body_text()),
    }
}
