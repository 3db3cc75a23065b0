//! Galaxies as bytes: the section `gala` of a pack.

use std::collections::{BTreeSet, HashSet};

use uuid::Uuid;

use super::{Cluster, Galaxy, Knowledge};
use crate::pack::PackError;
use crate::pack::wire::{Reader, Writer};

impl Knowledge {
    /// Reads the section.
    pub fn read(bytes: &[u8]) -> Result<Self, PackError> {
        let reader = &mut Reader::new(bytes, "the section of galaxies");
        let mut knowledge = Self::default();
        for number in 0..reader.u16()? {
            let (kind, name) = (reader.text()?.into(), reader.text()?.into());
            knowledge.galaxies.push(Galaxy { kind, name });
            let count = reader.count()?;
            for _ in 0..count {
                knowledge.clusters.push(Cluster {
                    galaxy: number,
                    value: reader.text()?.into(),
                    uuid: Uuid::from_bytes(reader.array()?),
                    synonyms: texts(reader)?,
                    ids: texts(reader)?,
                });
            }
        }
        reader.end()?;
        Ok(knowledge)
    }

    /// Writes the section. Galaxies are ordered by kind, clusters by value, so that the same knowledge gives the same
    /// bytes.
    pub fn write(&self) -> Vec<u8> {
        let mut galaxies: Vec<(usize, &Galaxy)> = self.galaxies.iter().enumerate().collect();
        galaxies.sort_by(|(_, a), (_, b)| a.kind.cmp(&b.kind));
        galaxies.truncate(usize::from(u16::MAX));
        let mut out = Writer::default();
        out.u16(u16::try_from(galaxies.len()).unwrap_or(u16::MAX));
        for (number, galaxy) in galaxies {
            out.text(&galaxy.kind);
            out.text(&galaxy.name);
            let clusters = self.clusters.iter();
            let mut clusters: Vec<&Cluster> = clusters
                .filter(|cluster| usize::from(cluster.galaxy) == number)
                .collect();
            clusters.sort_by(|a, b| (&a.value, a.uuid).cmp(&(&b.value, b.uuid)));
            out.count(clusters.len());
            for cluster in clusters {
                out.text(&cluster.value);
                out.bytes(cluster.uuid.as_bytes());
                write_texts(&mut out, &cluster.synonyms);
                write_texts(&mut out, &cluster.ids);
            }
        }
        out.finish()
    }

    /// Takes over the galaxies of `newer`: each replaces the one of its kind, but for those that are `added` to it: they
    /// have but a server's own clusters, and take the place of such as were there. An empty one replaces nothing.
    #[must_use]
    pub fn updated_by(&self, newer: &Self, added: &BTreeSet<String>) -> Self {
        let mut all = Self::default();
        let has_clusters = |number: usize| {
            let mut clusters = newer.clusters.iter();
            clusters.any(|cluster| usize::from(cluster.galaxy) == number)
        };
        let fresh: Vec<&str> = (newer.galaxies.iter().enumerate())
            .filter(|(number, _)| has_clusters(*number))
            .map(|(_, galaxy)| &*galaxy.kind)
            .collect();
        let is_added = |kind: &str| fresh.contains(&kind) && added.contains(kind);
        let brought: HashSet<Uuid> = newer.clusters.iter().map(|cluster| cluster.uuid).collect();
        let stays = |kind: &str, cluster: &Cluster| {
            !is_added(kind) || !(cluster.is_own() || brought.contains(&cluster.uuid))
        };
        all.take(self, |kind| !fresh.contains(&kind) || is_added(kind), stays);
        all.take(newer, |kind| fresh.contains(&kind), |_, _| true);
        all.clusters.sort_by_key(|cluster| cluster.galaxy);
        all
    }

    /// Takes over the galaxies of these kinds with those of their clusters that stay. Of a galaxy that is there, clusters
    /// come behind those that it has.
    fn take(
        &mut self,
        from: &Self,
        wanted: impl Fn(&str) -> bool,
        stays: impl Fn(&str, &Cluster) -> bool,
    ) {
        for (number, galaxy) in from.galaxies.iter().enumerate() {
            if !wanted(&galaxy.kind) {
                continue;
            }
            let there = self.galaxies.iter().position(|it| it.kind == galaxy.kind);
            let Ok(new) = u16::try_from(there.unwrap_or(self.galaxies.len())) else {
                return;
            };
            if there.is_none() {
                self.galaxies.push(galaxy.clone());
            }
            let clusters = from.clusters.iter();
            let of_it = clusters.filter(|cluster| usize::from(cluster.galaxy) == number);
            let of_it = of_it.filter(|cluster| stays(&galaxy.kind, cluster));
            self.clusters.extend(of_it.map(|cluster| Cluster {
                galaxy: new,
                ..cluster.clone()
            }));
        }
    }
}

impl Cluster {
    /// Whether people of a server made it: its tag has its UUID in place of a name.
    fn is_own(&self) -> bool {
        Uuid::parse_str(&self.value).is_ok_and(|uuid| uuid == self.uuid)
    }
}

fn texts(reader: &mut Reader<'_>) -> Result<Box<[Box<str>]>, PackError> {
    let count = reader.u16()?;
    (0..count)
        .map(|_| reader.text().map(Box::from))
        .collect::<Result<_, _>>()
}

fn write_texts(out: &mut Writer, texts: &[Box<str>]) {
    let count = u16::try_from(texts.len()).unwrap_or(u16::MAX);
    out.u16(count);
    for text in texts.iter().take(usize::from(count)) {
        out.text(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn knowledge(galaxies: &[(&str, &[&str])]) -> Knowledge {
        let mut all = Knowledge::default();
        for (number, (kind, values)) in (0..).zip(galaxies) {
            let name = kind.to_uppercase();
            all.galaxies.push(Galaxy {
                kind: (*kind).into(),
                name: name.into(),
            });
            all.clusters.extend(values.iter().map(|value| Cluster {
                galaxy: number,
                value: (*value).into(),
                uuid: Uuid::new_v5(&Uuid::NAMESPACE_OID, value.as_bytes()),
                synonyms: Box::new([format!("{value} Group").into(), "海莲花".into()]),
                ids: Box::new(["G0007".into()]),
            }));
        }
        all
    }

    #[test]
    fn clusters_come_back_in_order() {
        let sorted = knowledge(&[("rat", &["A"]), ("threat-actor", &["APT1", "APT28"])]);
        let mixed = knowledge(&[("threat-actor", &["APT28", "APT1"]), ("rat", &["A"])]);
        assert_eq!(Knowledge::read(&mixed.write()).unwrap(), sorted);
        assert_eq!(mixed.write(), sorted.write());
    }

    #[test]
    fn newer_galaxies_replace_their_kind() {
        let old = knowledge(&[("rat", &["A"]), ("tool", &["B"]), ("tds", &["C"])]);
        let new = knowledge(&[("tool", &["D", "E"]), ("tds", &[]), ("own", &["F"])]);
        let both = old.updated_by(&new, &BTreeSet::new());
        let shown: Vec<String> = (both.clusters.iter())
            .map(|cluster| both.tag(cluster).unwrap())
            .collect();
        assert_eq!(
            shown,
            [
                "misp-galaxy:rat=\"A\"",
                "misp-galaxy:tds=\"C\"",
                "misp-galaxy:tool=\"D\"",
                "misp-galaxy:tool=\"E\"",
                "misp-galaxy:own=\"F\"",
            ]
        );
    }

    #[test]
    fn a_servers_own_clusters_are_added_to_their_kind_each_time_anew() {
        let own = |number: u128| {
            let uuid = Uuid::from_u128(number);
            let mut all = knowledge(&[("tool", &["Own"])]);
            for cluster in &mut all.clusters {
                (cluster.value, cluster.uuid) = (uuid.to_string().into(), uuid);
            }
            (all, uuid.to_string())
        };
        let names = |all: &Knowledge| -> Vec<String> {
            let all = Knowledge::read(&all.write()).unwrap();
            all.clusters
                .iter()
                .map(|one| one.value.to_string())
                .collect()
        };
        let added = BTreeSet::from(["tool".to_owned()]);
        let old = knowledge(&[("tool", &["A", "B"]), ("wifi", &["C"])]);
        let ((first, old_own), (second, new_own)) = (own(0xf1), own(0xf2));
        let once = old.updated_by(&first, &added);
        assert_eq!(names(&once), [&old_own, "A", "B", "C"]);
        let twice = once.updated_by(&second, &added);
        assert_eq!(names(&twice), [&new_own, "A", "B", "C"]);
        // What has come to the others in the meantime is there once.
        let known = knowledge(&[("tool", &["B"])]);
        assert_eq!(names(&old.updated_by(&known, &added)).len(), 3);
    }

    #[test]
    fn cut_bytes_are_refused() {
        let bytes = knowledge(&[("rat", &["A"]), ("threat-actor", &["APT1"])]).write();
        for end in 0..bytes.len() {
            assert!(Knowledge::read(&bytes[..end]).is_err(), "{end}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = Knowledge::read(&bytes);
        }
    }
}
