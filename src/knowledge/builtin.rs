//! The pack that is part of the program; see `src/knowledge/pack/SOURCES.md` for what it was made from.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use super::Knowledge;
use super::origin::Origins;
use crate::indicators::warninglists::packed::Packed;
use crate::pack::{Bytes, Pack, PackError};

static BYTES: &[u8] = include_bytes!("pack/knowledge.bin");

/// The pack. That it can be read is tested, so a fault of it is one of the build.
pub(super) fn pack() -> Result<Pack, PackError> {
    Pack::read_unchecked(Bytes::from(Cow::Borrowed(BYTES)))
}

/// Bytes it takes in the program.
pub const fn size() -> usize {
    BYTES.len()
}

/// Where its parts come from.
pub fn origins() -> Origins {
    let read = || Origins::read(pack()?.required(*b"info")?.get());
    usable(read(), "origins")
}

/// Its warninglists.
pub fn warninglists() -> Option<Arc<Packed>> {
    static LISTS: OnceLock<Option<Arc<Packed>>> = OnceLock::new();
    let read = || Ok(Some(Arc::new(Packed::read(pack()?.required(*b"list")?)?)));
    let lists = LISTS.get_or_init(|| usable(read(), "warninglists"));
    lists.clone()
}

impl Knowledge {
    /// The galaxies that are part of the program.
    pub fn builtin() -> Arc<Self> {
        static GALAXIES: OnceLock<Arc<Knowledge>> = OnceLock::new();
        let read = || Ok(Arc::new(Self::read(pack()?.required(*b"gala")?.get())?));
        let galaxies = GALAXIES.get_or_init(|| usable(read(), "galaxies"));
        Arc::clone(galaxies)
    }
}

fn usable<T: Default>(read: Result<T, PackError>, what: &str) -> T {
    read.unwrap_or_else(|error| {
        tracing::error!(%error, what, "the built-in knowledge cannot be read; this build is broken");
        T::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_as_it_was_written() {
        let pack = Pack::read(Bytes::from(Cow::Borrowed(BYTES))).unwrap();
        let knowledge = Knowledge::read(pack.required(*b"gala").unwrap().get()).unwrap();
        assert!(
            knowledge.clusters.len() > 10_000,
            "{}",
            knowledge.clusters.len()
        );
        assert_eq!(knowledge.write(), pack.required(*b"gala").unwrap().get());
        let lists = Packed::read(pack.required(*b"list").unwrap()).unwrap();
        assert!(lists.lists().len() > 100);
        let origins = Origins::read(pack.required(*b"info").unwrap().get()).unwrap();
        assert_eq!(
            origins.galaxies.as_ref().unwrap().from,
            "pymispgalaxies 1.1.1"
        );
        assert!(BYTES.len() < 8_000_000, "{}", BYTES.len());
    }

    #[test]
    fn its_clusters_have_what_their_names_need() {
        let knowledge = Knowledge::builtin();
        let tags: std::collections::HashSet<String> = (knowledge.clusters.iter())
            .filter_map(|cluster| knowledge.tag(cluster))
            .collect();
        for tag in [
            "misp-galaxy:threat-actor=\"APT28\"",
            "misp-galaxy:mitre-attack-pattern=\"Phishing - T1566\"",
            "misp-galaxy:mitre-intrusion-set=\"APT28 - G0007\"",
            "misp-galaxy:ransomware=\"LockBit\"",
            "misp-galaxy:country=\"poland\"",
        ] {
            assert!(tags.contains(tag), "{tag}");
        }
        let of = |value: &str| {
            let mut clusters = knowledge.clusters.iter();
            clusters.find(|cluster| &*cluster.value == value).unwrap()
        };
        let ids = |value: &str| of(value).ids.join(" ");
        assert_eq!(ids("Phishing - T1566"), "T1566");
        assert_eq!(ids("poland"), "PL POL");
        assert!(
            of("APT28 - G0007")
                .synonyms
                .iter()
                .any(|name| &**name == "Fancy Bear")
        );
    }
}
