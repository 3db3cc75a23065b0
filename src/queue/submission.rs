//! What people hand in by themselves, beside what feeds bring.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::article::MediaType;

/// Who handed an article in, and how it is to be taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Submission {
    /// The name of the user or token; `None`: nobody had to log in, or it is not to be recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Where it came from; `None`: unknown, or not to be recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<IpAddr>,
    /// Whether to take the article although it is known: as an event of its own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
    /// The page itself. Then nothing is downloaded, and the link is only the reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

/// A page that was handed in. Its bytes are not part of the job: the store keeps them beside it, from
/// [`Queue::publish`](super::Queue::publish) until the job ends, and [`Queue::body`](super::Queue::body) gives them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// How to read it.
    pub media_type: MediaType,
    /// What its sender says of its encoding, `utf-8`; what the bytes and the page say counts as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
    /// The name of the file, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// How many bytes it has.
    #[serde(default)]
    pub size: usize,
    /// The bytes, of a job that is to be published; empty of a job that comes from the store.
    #[serde(skip)]
    pub bytes: Arc<[u8]>,
}

impl Body {
    /// A page of these bytes. The caller bounds them; a store takes [`MAX_BODY`](super::MAX_BODY) at most.
    pub fn new(media_type: MediaType, bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        Self {
            media_type,
            charset: None,
            file_name: None,
            size: bytes.len(),
            bytes,
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("media_type", &self.media_type)
            .field("charset", &self.charset)
            .field("file_name", &self.file_name)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::Job;

    #[test]
    fn jobs_without_a_submission_are_read_and_written_as_before() {
        let old = r#"{"id":"1","entry":{"link":"https://a.example/","link_as_given":"https://a.example/","title":"",
            "guid":null,"published":null,"updated":null},"source":{"title":"a","url":"b"},
            "created":"2026-11-20T08:00:00Z"}"#;
        let job: Job = serde_json::from_str(old).unwrap();
        assert_eq!(job.submission, None);
        assert!(!serde_json::to_string(&job).unwrap().contains("submission"));
    }

    #[test]
    fn bytes_stay_out_of_the_job() {
        let submission = Submission {
            user: Some("alice".into()),
            remote: Some("2001:db8::1".parse().unwrap()),
            again: true,
            body: Some(Body::new(MediaType::Pdf, b"%PDF-secret".as_slice())),
        };
        let json = serde_json::to_string(&submission).unwrap();
        assert_eq!(
            json,
            r#"{"user":"alice","remote":"2001:db8::1","again":true,"body":{"media_type":"pdf","size":11}}"#
        );
        let read: Submission = serde_json::from_str(&json).unwrap();
        let body = read.body.unwrap();
        assert_eq!((body.size, body.bytes.len()), (11, 0));
        assert!(!format!("{submission:?}").contains("37, 80"));
    }
}
