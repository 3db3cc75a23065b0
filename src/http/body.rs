//! Reading bodies, counted: what a header promises says nothing about what comes.

use std::fmt;

/// Why a body was not read.
#[derive(Debug)]
#[non_exhaustive]
pub enum BodyError {
    /// It is larger than so many bytes, after decompression.
    TooLarge(usize),
    /// It did not come whole, or not in the form its headers say.
    Transport(reqwest::Error),
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(max) => write!(f, "the body is larger than {max} bytes"),
            Self::Transport(error) => write!(f, "the body could not be read: {error}"),
        }
    }
}

impl std::error::Error for BodyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::TooLarge(_) => None,
            Self::Transport(error) => Some(error),
        }
    }
}

/// Room taken at once for a body that announces its length.
const FIRST_ROOM: usize = 256 * 1024;

/// Reads a body of at most `max` bytes. Decompression happens chunk by chunk, so a bomb is stopped by the
/// count and never held in memory.
pub async fn read(mut response: reqwest::Response, max: usize) -> Result<Vec<u8>, BodyError> {
    // Absent for compressed bodies, and only ever a promise: it can refuse early, not admit.
    let announced = response.content_length().unwrap_or(0);
    let announced = usize::try_from(announced).unwrap_or(usize::MAX);
    if announced > max {
        return Err(BodyError::TooLarge(max));
    }
    let mut body = Vec::with_capacity(announced.min(FIRST_ROOM));
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Transport)? {
        if chunk.len() > max - body.len() {
            return Err(BodyError::TooLarge(max));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
