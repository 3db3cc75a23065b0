//! Reading requests; what cannot be read is a problem of the caller.

use std::fmt;
use std::marker::PhantomData;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor};
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

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members(PhantomData)).map(Self)
    }
}

/// Reads members one by one, so that what has no place in `T` is refused before it is in memory.
struct Members<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members))
    }
}

/// Most elements of a list that is read at all; what is taken of it is said elsewhere.
const MAX_ELEMENTS: usize = 10_000;

/// Reads a list up to a length that does not matter.
pub(super) fn bounded<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_seq(Elements(PhantomData))
}

struct Elements<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX_ELEMENTS} elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            if list.len() == MAX_ELEMENTS {
                return Err(A::Error::invalid_length(MAX_ELEMENTS + 1, &self));
            }
            list.push(element);
        }
        Ok(list)
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
