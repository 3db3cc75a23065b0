//! What a name stands for, whatever its case and however its parts are joined.

use super::{Cluster, ClusterId, Knowledge};

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
}
