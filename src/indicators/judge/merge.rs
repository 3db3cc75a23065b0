//! One indicator for each value.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::indicators::{Find, Kind};

/// Groups finds by what they name, in order of first appearance. Each group holds indices into `finds`.
pub(super) fn groups(finds: &[Find]) -> Vec<Vec<usize>> {
    let mut known: HashMap<(Kind, Cow<'_, str>), usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (number, find) in finds.iter().enumerate() {
        let group = *known.entry((find.kind, key(find))).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(group) {
            group.push(number);
        }
    }
    groups
}

/// What two spellings of one value have in common. URLs are the same whatever the case of scheme and host, and
/// with and without a slash at the end (RFC 3986, 6.2.2.1 and 6.2.3). A fragment tells URLs apart: on some services
/// it names the file.
fn key(find: &Find) -> Cow<'_, str> {
    if find.kind != Kind::Url {
        return Cow::Borrowed(&find.value);
    }
    let value = find.value.strip_suffix('#').unwrap_or(&find.value);
    let value = value.strip_suffix('/').unwrap_or(value);
    let host = value.find("://").map_or(0, |at| at + 3);
    let end = value
        .get(host..)
        .and_then(|rest| rest.find(['/', '?', '#']))
        .map_or(value.len(), |at| host + at);
    match value.split_at_checked(end) {
        Some((front, rest)) if front.bytes().any(|b| b.is_ascii_uppercase()) => {
            Cow::Owned(format!("{}{rest}", front.to_ascii_lowercase()))
        }
        _ => Cow::Borrowed(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::Origin;

    fn find(kind: Kind, value: &str) -> Find {
        Find {
            kind,
            value: value.into(),
            block: 0,
            span: 0..0,
            defanged: false,
            origin: Origin::Text,
        }
    }

    #[test]
    fn spellings_of_one_value_are_grouped() {
        let finds = [
            find(Kind::Url, "http://evil-update.top/A"),
            find(Kind::Domain, "evil-update.top"),
            find(Kind::Url, "HTTP://Evil-Update.top/A/"),
            find(Kind::Url, "http://evil-update.top/a"),
            find(Kind::Url, "http://evil-update.top/A#!other!file"),
            find(Kind::Hostname, "evil-update.top"),
            find(Kind::Domain, "evil-update.top"),
        ];
        assert_eq!(
            groups(&finds),
            [vec![0, 2], vec![1, 6], vec![3], vec![4], vec![5]]
        );
    }
}
