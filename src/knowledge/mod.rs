//! What Gleaner knows of names: the clusters of MISP's galaxies.
//!
//! A *galaxy* is a collection (`threat-actor`, `ransomware`, `mitre-attack-pattern`), a *cluster* one entry of it:
//! a name, its synonyms, and a tag that stands for it on events (`misp-galaxy:threat-actor="APT28"`). Terms and
//! forms are those of <https://github.com/MISP/misp-galaxy>.

pub mod builtin;
mod galaxies;
pub mod import;
pub mod lookup;
pub mod origin;
pub mod store;
pub mod update;
pub mod words;

use uuid::Uuid;

pub use self::store::Store;

/// Number of a galaxy in [`Knowledge::galaxies`].
pub type GalaxyId = u16;

/// Number of a cluster in [`Knowledge::clusters`].
pub type ClusterId = u32;

/// Galaxies and their clusters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Knowledge {
    /// Each of another kind.
    pub galaxies: Vec<Galaxy>,
    /// Those of one galaxy one after another.
    pub clusters: Vec<Cluster>,
}

/// A collection of clusters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Galaxy {
    /// As it stands in tags: `threat-actor`.
    pub kind: Box<str>,
    /// For people: `Threat Actor`.
    pub name: Box<str>,
}

/// An entry of a galaxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Where it belongs.
    pub galaxy: GalaxyId,
    /// Its name as it stands in tags: `APT28`, `Phishing - T1566`.
    pub value: Box<str>,
    /// Its UUID, by which MISP attaches it.
    pub uuid: Uuid,
    /// Other names.
    pub synonyms: Box<[Box<str>]>,
    /// Ids elsewhere: `T1566.001`, `G0007`, `S0154`; of a country its ISO code.
    pub ids: Box<[Box<str>]>,
}

impl Knowledge {
    /// A cluster by its number.
    pub fn cluster(&self, id: ClusterId) -> Option<&Cluster> {
        self.clusters.get(usize::try_from(id).ok()?)
    }

    /// The galaxy of a cluster.
    pub fn galaxy(&self, cluster: &Cluster) -> Option<&Galaxy> {
        self.galaxies.get(usize::from(cluster.galaxy))
    }

    /// The tag that stands for a cluster on events: `misp-galaxy:ransomware="LockBit"`.
    pub fn tag(&self, cluster: &Cluster) -> Option<String> {
        let galaxy = self.galaxy(cluster)?;
        Some(format!("misp-galaxy:{}=\"{}\"", galaxy.kind, cluster.value))
    }
}
