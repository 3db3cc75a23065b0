//! Reading requests; what cannot be read is a problem of the caller.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::web::Shared;
use crate::web::large::{self, Held};
use crate::web::problem::Problem;

/// A JSON body, which may bring pages along. The room they take is held as long as this lives.
pub(super) struct Body<T>(pub(super) T, pub(super) Held);

impl<T: DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = Problem;

    async fn from_request(mut request: Request, web: &Shared) -> Result<Self, Problem> {
        let held = large::admit(&mut request, web).await?;
        match Json::<T>::from_request(request, web).await {
            Ok(Json(body)) => Ok(Self(body, held)),
            Err(rejection) => Err(problem(&rejection, web.max_body)),
        }
    }
}

fn problem(rejection: &JsonRejection, max_body: usize) -> Problem {
    match rejection {
        JsonRejection::JsonDataError(error) => Problem::invalid(error.body_text(), Vec::new()),
        JsonRejection::MissingJsonContentType(_) => Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the body must be JSON, with `Content-Type: application/json`",
        ),
        other if other.status() == StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(max_body),
        other => Problem::bad_request(other.body_text()),
    }
}

/// What is written as a JSON object; serde's structs take arrays too.
#[derive(Debug)]
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = serde_json::Map::deserialize(deserializer)?;
        let read = serde_json::from_value(serde_json::Value::Object(members));
        read.map(Self).map_err(serde::de::Error::custom)
    }
}

/// Parameters of the query.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Shared> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Shared) -> Result<Self, Problem> {
        let read = Query::<T>::from_request_parts(parts, web).await;
        let Query(parameters) =
            read.map_err(|rejection: QueryRejection| Problem::bad_request(rejection.body_text()))?;
        Ok(Self(parameters))
    }
}

/// The id of an article in the path. What cannot be one is one that is not there.
pub(in crate::web) struct Id(pub(in crate::web) String);

impl FromRequestParts<Shared> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Shared) -> Result<Self, Problem> {
        let read = Path::<String>::from_request_parts(parts, web).await;
        let is_id = |id: &str| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
        match read {
            Ok(Path(id)) if is_id(&id) => Ok(Self(id)),
            _ => Err(Problem::no_such_article()),
        }
    }
}
