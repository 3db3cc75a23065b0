//! ATT&CK in prose: what analysts write for a technique, and which of several techniques with one name is meant.

mod lists;
mod terms;

use std::collections::HashSet;
use std::sync::LazyLock;

pub(super) use self::lists::DEFENCE;
use self::lists::ORDINARY;
pub(super) use self::terms::TERMS;
use super::names::{self, Key, bare};

/// How much it takes until words stand for a technique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// A term of art: once is enough.
    Term,
    /// Said in passing too: twice, or where the article says what it is about.
    Passing,
}

/// The term for what the registry starts at each login.
pub(super) const RUN_KEY: &str = "run key";

/// What ransomware does: an article about some speaks of this technique.
pub(super) const RANSOMWARE: &str = "T1486";

/// Whether a technique is to lure somebody: advice, statistics and advertisements are full of these.
pub(super) fn is_lure(id: &str) -> bool {
    id.starts_with("T1566") || id == "T1660"
}

/// Whether the name of a technique is so long that nothing else is called like it.
pub(super) fn is_long(value: &str, id: &str) -> bool {
    let name = bare(value);
    names::words(name).count() >= LONG && rank(id).0 != PRE && !is_ordinary(&Key::of(name).bytes)
}

/// Whether other things are called by the name of a technique, as names are compared.
pub(super) fn is_ordinary(key: &[u8]) -> bool {
    static KEYS: LazyLock<HashSet<Vec<u8>>> = LazyLock::new(|| {
        let keys = ORDINARY.iter().map(|name| Key::of(name).bytes);
        keys.collect()
    });
    KEYS.contains(key)
}

/// Names of techniques in so many words are names in any case.
const LONG: usize = 3;

/// What [`rank`] says first of techniques that were withdrawn with those before the compromise.
const PRE: u8 = 2;

/// What [`rank`] says first of techniques for mobile devices.
pub(super) const MOBILE: u8 = 1;

/// Which of the techniques with one name is meant: the smallest. Sub-techniques replaced what was a technique of its own
/// before (T1193 became T1566.001); those for mobile devices and before the compromise come after.
pub(super) fn rank(id: &str) -> (u8, u8, &str) {
    let number: u32 = id
        .get(1..5)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0);
    let domain = if is_pre(number) {
        PRE
    } else {
        u8::from(is_mobile(number))
    };
    (domain, u8::from(!id.contains('.')), id)
}

/// Techniques of PRE-ATT&CK, withdrawn with version 8.
const fn is_pre(number: u32) -> bool {
    matches!(number, 1226..=1397)
}

/// Techniques of ATT&CK for Mobile.
const fn is_mobile(number: u32) -> bool {
    matches!(number, 1398..=1479 | 1481 | 1507..=1510 | 1512 | 1513 | 1516 | 1517 | 1521 | 1523 | 1532 | 1533 | 1540 | 1541 | 1544
        | 1575..=1577 | 1579..=1582 | 1603 | 1604 | 1616..=1618 | 1623..=1646 | 1655 | 1658 | 1660..=1664)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_technique_in_force_comes_first() {
        for (first, second) in [
            ("T1566.001", "T1193"),
            ("T1566.001", "T1598.002"),
            ("T1486", "T1471"),
            ("T1056.001", "T1417.001"),
            ("T1568.001", "T1325"),
            ("T1055", "T1631"),
            ("T1568.002", "T1520"),
        ] {
            assert!(rank(first) < rank(second), "{first} {second}");
        }
    }
}
