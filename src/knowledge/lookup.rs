//! What a name stands for, whatever its case and however its parts are joined.

use uuid::Uuid;

use super::{Cluster, ClusterId, Knowledge};

/// How the tags of clusters begin.
const GALAXY: &str = "misp-galaxy:";

/// How a cluster is called by a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Called {
    /// It is its own name.
    Name,
    /// It is another of its names.
    Synonym,
    /// It is one of its ids.
    Id,
}

/// A name as it is compared: lower case, without blanks, hyphens and underscores, so that `APT28`, `APT 28` and `apt-28`
/// are one.
pub fn folded(name: &str) -> String {
    let joins = |c: &char| {
        c.is_whitespace() || matches!(c, '-' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}')
    };
    let letters = name.chars().filter(|c| !joins(c));
    letters.flat_map(char::to_lowercase).collect()
}

/// The name of a cluster without the id that stands behind it: `Phishing` of `Phishing - T1566`.
pub fn plain(cluster: &Cluster) -> &str {
    match cluster.value.rsplit_once(" - ") {
        Some((name, id)) if cluster.ids.iter().any(|other| &**other == id) => name,
        _ => &cluster.value,
    }
}

impl Knowledge {
    /// The clusters that carry a name, in their order.
    pub fn called(&self, name: &str) -> Vec<(ClusterId, &Cluster, Called)> {
        let wanted = folded(name);
        let is = |other: &str| folded(other) == wanted;
        let called = |cluster: &Cluster| {
            if wanted.is_empty() {
                None
            } else if is(&cluster.value) || is(plain(cluster)) {
                Some(Called::Name)
            } else if cluster.synonyms.iter().any(|other| is(other)) {
                Some(Called::Synonym)
            } else if cluster.ids.iter().any(|other| is(other)) {
                Some(Called::Id)
            } else {
                None
            }
        };
        (0..)
            .zip(&self.clusters)
            .filter_map(|(id, cluster)| Some((id, cluster, called(cluster)?)))
            .collect()
    }

    /// The cluster that a tag stands for, whatever its case, as MISP compares tags.
    pub fn tagged(&self, tag: &str) -> Option<&Cluster> {
        let (kind, value) = parts(tag)?;
        let is_kind = |cluster: &&Cluster| {
            let galaxy = self.galaxy(cluster);
            galaxy.is_some_and(|galaxy| galaxy.kind.eq_ignore_ascii_case(kind))
        };
        let lower = value.to_lowercase();
        let fits = |cluster: &&Cluster| cluster.value.to_lowercase() == lower;
        let mut fitting = self.clusters.iter().filter(is_kind).filter(fits);
        let first = fitting.next()?;
        let mut all = std::iter::once(first).chain(fitting);
        Some(
            all.find(|cluster| &*cluster.value == value)
                .unwrap_or(first),
        )
    }

    /// The UUID of the cluster that a tag stands for. The tags of a server's own clusters have it in place of their name.
    pub fn cluster_of(&self, tag: &str) -> Option<Uuid> {
        let known = self.tagged(tag).map(|cluster| cluster.uuid);
        known.or_else(|| Uuid::parse_str(parts(tag)?.1).ok())
    }
}

/// Whether a tag has the form of those that stand for clusters, known or not.
pub fn is_clusters(tag: &str) -> bool {
    parts(tag).is_some()
}

/// Galaxy and name of a tag that stands for a cluster: `misp-galaxy:GALAXY="NAME"`.
fn parts(tag: &str) -> Option<(&str, &str)> {
    let (head, rest) = tag.split_at_checked(GALAXY.len())?;
    let (kind, value) = rest.split_once("=\"")?;
    let value = value.strip_suffix('"')?;
    head.eq_ignore_ascii_case(GALAXY).then_some((kind, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_however_they_are_joined() {
        let knowledge = Knowledge::builtin();
        let tags = |name: &str| -> Vec<(String, Called)> {
            let called = knowledge.called(name);
            let tag = |cluster| knowledge.tag(cluster).unwrap();
            (called.into_iter())
                .map(|(_, cluster, how)| (tag(cluster), how))
                .collect()
        };
        let apt28 = tags("APT28");
        assert_eq!(apt28, tags("apt-28"));
        assert_eq!(apt28, tags("Apt\u{a0}28"));
        let actor = "misp-galaxy:threat-actor=\"APT28\"".to_owned();
        assert!(apt28.contains(&(actor.clone(), Called::Name)), "{apt28:?}");
        assert!(tags("fancy bear").contains(&(actor, Called::Synonym)));
        let phishing = "misp-galaxy:mitre-attack-pattern=\"Phishing - T1566\"".to_owned();
        assert!(tags("phishing").contains(&(phishing.clone(), Called::Name)));
        assert!(tags("t1566").contains(&(phishing, Called::Id)));
        assert_eq!(tags(" - "), []);
        assert_eq!(tags("no such name at all"), []);
    }

    #[test]
    fn a_tag_stands_for_its_cluster() {
        let knowledge = Knowledge::builtin();
        let tag = |tag| knowledge.tagged(tag).and_then(|one| knowledge.tag(one));
        let actor = "misp-galaxy:threat-actor=\"APT28\"";
        assert_eq!(tag(actor).as_deref(), Some(actor));
        let lower = actor.to_lowercase();
        assert_eq!(tag(&lower).as_deref(), Some(actor));
        assert_eq!(knowledge.cluster_of(&lower), knowledge.cluster_of(actor));
        for none in [
            "misp-galaxy:threat-actor=\"Nobody at all\"",
            "misp-galaxy:no-galaxy=\"APT28\"",
            "misp-galaxy:threat-actor=\"APT28",
            "misp-galaxy:threat-actor",
            "threat-actor=\"APT28\"",
            "tlp:clear",
            "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
            "",
        ] {
            assert_eq!(knowledge.cluster_of(none), None, "{none}");
        }
        assert!(is_clusters(actor) && !is_clusters("tlp:clear"));
        let own = "5e1f0c2a-7777-4000-8000-000000000001";
        let tag = format!("misp-galaxy:threat-actor=\"{own}\"");
        assert_eq!(knowledge.cluster_of(&tag), Uuid::parse_str(own).ok());
    }
}
