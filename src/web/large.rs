//! Requests that bring pages. All others are small; of these only so many bytes are in memory at once, however many
//! people send some.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::CONTENT_LENGTH;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::Web;
use super::problem::Problem;

/// Largest body of a request that brings no page, in bytes.
const SMALL: usize = 64 << 10;

/// How many of the largest bodies are in memory at once.
const LARGEST_AT_ONCE: usize = 4;

/// Longest wait for room.
const PATIENCE: Duration = Duration::from_secs(5);

/// Room that a request has, until this is dropped.
pub(super) type Held = Option<OwnedSemaphorePermit>;

/// Room for bodies, in KiB.
pub(super) struct Room {
    left: Arc<Semaphore>,
    patience: Duration,
}

impl Room {
    pub(super) fn for_bodies(largest: usize) -> Self {
        let room = kib(largest).saturating_mul(LARGEST_AT_ONCE);
        Self {
            left: Arc::new(Semaphore::new(room)),
            patience: PATIENCE,
        }
    }

    async fn take(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Problem> {
        let wanted = u32::try_from(kib(bytes)).unwrap_or(u32::MAX);
        let place = Arc::clone(&self.left).acquire_many_owned(wanted);
        let taken = timeout(self.patience, place).await;
        match taken {
            Ok(Ok(held)) => Ok(held),
            _ => Err(Problem::too_many(
                "others are sending large pages; try again in a moment",
                self.patience,
            )),
        }
    }
}

const fn kib(bytes: usize) -> usize {
    bytes.div_ceil(1024)
}

/// Largest body of all requests that do not ask for more.
pub(super) fn small(web: &Web) -> usize {
    web.max_body.min(SMALL)
}

/// Lets a request bring up to `serve.max_body`, once there is room for what it says it brings.
pub(super) async fn admit(request: &mut Request, web: &Web) -> Result<Held, Problem> {
    let length = request.headers().get(CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    let length = length.unwrap_or(web.max_body);
    if length > web.max_body {
        return Err(Problem::too_large(web.max_body));
    }
    DefaultBodyLimit::max(web.max_body).apply(request);
    if length <= SMALL {
        return Ok(None);
    }
    web.room.take(length).await.map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn room_is_given_back() {
        let room = Room {
            patience: Duration::from_millis(20),
            ..Room::for_bodies(1 << 20)
        };
        let mut held = Vec::new();
        for _ in 0..LARGEST_AT_ONCE {
            held.push(room.take(1 << 20).await.unwrap());
        }
        let refused = room.take(1).await.unwrap_err();
        assert_eq!(refused.status(), 429);
        held.pop();
        assert!(room.take(1 << 20).await.is_ok());
    }
}
