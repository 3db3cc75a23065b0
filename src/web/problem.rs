//! What went wrong, for the one who asked: problem details (RFC 9457), which pages show as a page.

use std::borrow::Cow;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::queue::QueueError;

/// A problem. Also kept among the extensions of its response, so that pages can show it their way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    status: StatusCode,
    kind: Option<&'static str>,
    detail: Cow<'static, str>,
    errors: Vec<Fault>,
    retry_after: Option<Duration>,
}

/// One thing wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Fault {
    /// Where: a JSON Pointer (RFC 6901) into the body, or the name of a parameter.
    #[schema(example = "/articles/1/url")]
    pub(super) at: String,
    /// What is wrong, in words.
    #[schema(example = "`mailto:a@blog.example` is no http or https URL")]
    pub(super) detail: String,
}

/// Problem details (RFC 9457), `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Details<'a> {
    /// What kind of problem it is: `about:blank`, the one its status stands for, or a `urn:gleaner:problem:…` of its own.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'a str,
    /// The status in words.
    #[schema(example = "Not Found")]
    title: &'a str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 404)]
    status: u16,
    /// What is wrong with this request, and what to do.
    #[schema(example = "there is no article of this id")]
    detail: &'a str,
    /// Each thing wrong with what was sent.
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    #[schema(required = false)]
    errors: &'a [Fault],
}

impl Problem {
    /// A problem that its status names.
    pub(super) fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            status,
            kind: None,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
        }))
    }

    pub(super) fn unauthorized(detail: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    pub(super) fn forbidden(detail: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    pub(super) fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(super) fn too_large(most: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body is larger than {most} bytes; see `serve.max_body`"),
        )
    }

    pub(super) fn too_many(detail: &'static str, wait: Duration) -> Self {
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, detail);
        problem.0.retry_after = Some(wait);
        problem
    }

    pub(super) fn no_such_article() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "there is no article of this id, or its record is gone",
        )
    }

    /// An article that is not dead cannot be brought back or removed.
    pub(super) fn not_dead() -> Self {
        let mut problem = Self::new(
            StatusCode::CONFLICT,
            "the article is not dead; only dead ones can be retried or removed",
        );
        problem.0.kind = Some("urn:gleaner:problem:not-dead");
        problem
    }

    /// Understood, but wrong: with each thing that is.
    pub(super) fn invalid(detail: impl Into<Cow<'static, str>>, errors: Vec<Fault>) -> Self {
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail);
        problem.0.kind = Some("urn:gleaner:problem:invalid");
        problem.0.errors = errors;
        problem
    }

    /// What a panic leaves behind.
    pub(super) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "something went wrong here; it is in the log",
        )
    }

    pub(super) fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The status in words.
    pub(super) fn title(&self) -> &'static str {
        self.0.status.canonical_reason().unwrap_or("Problem")
    }

    pub(super) fn detail(&self) -> &str {
        &self.0.detail
    }

    /// What the answer's header carries besides.
    pub(super) fn dress(&self, response: &mut Response) {
        *response.status_mut() = self.0.status;
        let headers = response.headers_mut();
        if let Some(wait) = self.0.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if self.0.status == StatusCode::PAYLOAD_TOO_LARGE {
            // The rest of the body is not read, so the connection ends; a client that is not told would use it again.
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if self.0.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"gleaner\""),
            );
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let details = Details {
            kind: self.0.kind.unwrap_or("about:blank"),
            title: self.title(),
            status: self.0.status.as_u16(),
            detail: self.detail(),
            errors: &self.0.errors,
        };
        let body = serde_json::to_vec(&details).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        self.dress(&mut response);
        response.extensions_mut().insert(self);
        response
    }
}

impl From<QueueError> for Problem {
    /// The reason stays in the log: it may name machines that outsiders need not know of.
    fn from(error: QueueError) -> Self {
        tracing::error!(%error, "the store failed");
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the queue's store does not answer; try again soon",
        );
        problem.0.retry_after = Some(Duration::from_secs(5));
        problem
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(response: Response) -> serde_json::Value {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let bytes = runtime
            .block_on(axum::body::to_bytes(response.into_body(), 1 << 20))
            .unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn problems_are_problem_details() {
        let fault = Fault {
            at: "/url".into(),
            detail: "`x` is no URL".into(),
        };
        let response = Problem::invalid("nothing was taken", vec![fault]).into_response();
        assert_eq!(response.status(), 422);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(
            body(response),
            serde_json::json!({
                "type": "urn:gleaner:problem:invalid", "title": "Unprocessable Entity", "status": 422,
                "detail": "nothing was taken", "errors": [{"at": "/url", "detail": "`x` is no URL"}],
            })
        );
    }

    #[test]
    fn waits_are_whole_seconds_and_never_none() {
        for (wait, header) in [(0, "1"), (1, "1"), (1000, "1"), (1001, "2")] {
            let problem = Problem::too_many("x", Duration::from_millis(wait));
            assert_eq!(problem.into_response().headers()[RETRY_AFTER], header);
        }
    }

    #[test]
    fn the_store_is_not_named_to_outsiders() {
        let error = QueueError::Unavailable("redis at 10.1.2.3 is down".into());
        let response = Problem::from(error).into_response();
        assert_eq!(response.status(), 503);
        assert!(!body(response).to_string().contains("10.1.2.3"));
    }
}
