//! Pages and results as the stores keep them: deflated, as text shrinks to a quarter.

use std::io::{self, Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::{Job, MAX_BODY, QueueError, Result};

/// Smaller.
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// As it was. Fails when it is damaged, or would take more than `max` bytes.
pub(crate) fn unpack(packed: &[u8], max: usize) -> io::Result<Vec<u8>> {
    let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    ZlibDecoder::new(packed)
        .take(limit)
        .read_to_end(&mut bytes)?;
    if bytes.len() > max {
        return Err(io::Error::other(format!("it is over {max} bytes")));
    }
    Ok(bytes)
}

/// The packed body of each job, in order; `None` where there is none.
pub(super) async fn bodies(jobs: &[Job]) -> Result<Vec<Option<Vec<u8>>>> {
    let bodies: Vec<_> = jobs.iter().map(|job| job.body().cloned()).collect();
    if bodies.iter().all(Option::is_none) {
        return Ok(vec![None; jobs.len()]);
    }
    let large = bodies.iter().flatten().map(|body| body.bytes.len()).max();
    if large > Some(MAX_BODY) {
        return Err(QueueError::Store(format!(
            "a submitted page has more than the {MAX_BODY} bytes that the queue takes"
        )));
    }
    let pack_all = move || {
        let packed = bodies
            .into_iter()
            .map(|body| body.map(|body| pack(&body.bytes)));
        packed.collect()
    };
    tokio::task::spawn_blocking(pack_all)
        .await
        .map_err(|error| QueueError::Store(format!("packing a submitted page failed: {error}")))
}

/// The body of the job `id`, from what a store holds of it.
pub(super) async fn body(id: &str, packed: Option<Vec<u8>>) -> Result<Option<Vec<u8>>> {
    let Some(packed) = packed else {
        return Ok(None);
    };
    let unpacked = tokio::task::spawn_blocking(move || unpack(&packed, MAX_BODY)).await;
    match unpacked {
        Ok(Ok(bytes)) => Ok(Some(bytes)),
        Ok(Err(error)) => Err(QueueError::Corrupt(format!(
            "the page submitted with job `{id}` cannot be read: {error}"
        ))),
        Err(error) => Err(QueueError::Store(format!(
            "reading a submitted page failed: {error}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_as_it_was_and_never_larger_than_allowed() {
        let text = "the same again and ".repeat(1000);
        let packed = pack(text.as_bytes());
        assert!(packed.len() < text.len() / 10);
        assert_eq!(unpack(&packed, text.len()).unwrap(), text.as_bytes());
        let error = unpack(&packed, text.len() - 1).unwrap_err();
        assert!(error.to_string().contains("over"), "{error}");
        assert!(unpack(b"not deflated", 100).is_err());
        assert_eq!(unpack(&pack(b""), 0).unwrap(), b"");
    }
}
