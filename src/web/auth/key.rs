//! The key that signs sessions and forms: made at first start, kept in the state folder for its owner alone.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use aws_lc_rs::hmac;

/// Length of the key in bytes: as long as the hash.
const LENGTH: usize = 32;

/// An HMAC-SHA256 key (RFC 2104).
pub(in crate::web) struct Key(hmac::Key);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key([hidden])")
    }
}

impl Key {
    /// The key of this file, made when there is none. Processes that start at once agree on one.
    pub(in crate::web) fn of_file(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
        }
        if !path.exists() {
            make(path).with_context(|| format!("cannot write the session key `{shown}`"))?;
        }
        let mut bytes = Vec::new();
        std::fs::File::open(path)
            .and_then(|file| file.take(1024).read_to_end(&mut bytes))
            .with_context(|| format!("cannot read the session key `{shown}`"))?;
        if bytes.len() != LENGTH {
            bail!(
                "the session key `{shown}` is not {LENGTH} bytes long; remove the file, and a new one is made"
            );
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    #[cfg(test)]
    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The signature of what is said for this purpose. Each part is preceded by its length: no two lists of parts
    /// sign the same text.
    pub(super) fn sign(&self, purpose: &str, parts: &[&[u8]]) -> String {
        hex::encode(hmac::sign(&self.0, &joined(purpose, parts)))
    }

    /// Whether that is its signature. Takes the same time however near it is.
    pub(super) fn signed(&self, signature: &str, purpose: &str, parts: &[&[u8]]) -> bool {
        hex::decode(signature)
            .is_ok_and(|tag| hmac::verify(&self.0, &joined(purpose, parts), &tag).is_ok())
    }
}

fn joined(purpose: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut message = Vec::new();
    for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
        message.extend_from_slice(&part.len().to_be_bytes());
        message.extend_from_slice(part);
    }
    message
}

/// Writes a new key beside its place and moves it there whole, unless somebody else did.
fn make(path: &Path) -> anyhow::Result<()> {
    let mut key = [0; LENGTH];
    if aws_lc_rs::rand::fill(&mut key).is_err() {
        bail!("the system has no random numbers");
    }
    let draft = path.with_extension(format!("new-{}", std::process::id()));
    // What a process that died left there would belong to somebody else.
    let _ = std::fs::remove_file(&draft);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(&key)?;
    file.sync_all()?;
    let placed = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match placed {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/serve.key");
        let first = Key::of_file(&path).unwrap();
        let second = Key::of_file(&path).unwrap();
        let signature = first.sign("test", &[b"x"]);
        assert!(second.signed(&signature, "test", &[b"x"]));
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let left: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "no draft is left");
        assert_eq!(format!("{first:?}"), "Key([hidden])");
    }

    #[test]
    fn a_damaged_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serve.key");
        std::fs::write(&path, "short").unwrap();
        let fault = Key::of_file(&path).unwrap_err().to_string();
        assert!(
            fault.contains("serve.key") && fault.contains("remove"),
            "{fault}"
        );
    }

    #[test]
    fn purposes_and_boundaries_matter() {
        let key = Key::of_bytes(b"key");
        let signature = key.sign("a", &[b"bc", b"d"]);
        assert!(key.signed(&signature, "a", &[b"bc", b"d"]));
        for (purpose, parts) in [
            ("a", vec![&b"b"[..], b"cd"]),
            ("a", vec![b"bcd"]),
            ("ab", vec![b"c", b"d"]),
            ("b", vec![b"bc", b"d"]),
        ] {
            assert!(!key.signed(&signature, purpose, &parts), "{purpose}");
        }
        assert!(!Key::of_bytes(b"other").signed(&signature, "a", &[b"bc", b"d"]));
        for wrong in [
            "",
            "zz",
            signature.get(..62).unwrap(),
            &format!("{signature}00"),
        ] {
            assert!(!key.signed(wrong, "a", &[b"bc", b"d"]), "{wrong}");
        }
    }
}
