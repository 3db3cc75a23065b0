//! The Traffic Light Protocol: which of two markings is the more restrictive one.

/// What its tags begin with.
pub const PREFIX: &str = "tlp:";

/// Whether a tag is one of the protocol.
pub fn is_marking(tag: &str) -> bool {
    let head = tag.get(..PREFIX.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(PREFIX))
}

/// Whether an article's `marking` is to stand in place of `set`, which the feed or the configuration sets.
///
/// By the order of <https://www.first.org/tlp/>: clear (once white), green, amber, amber+strict, red.
/// `tlp:unclear` gives way to all of them. What is not in that order, as `tlp:ex:chr`, gives way to none: whoever
/// set it meant something else.
pub fn outranks(marking: &str, set: &str) -> bool {
    match (rank(marking), rank(set)) {
        (Some(marking), Some(set)) => marking > set,
        _ => false,
    }
}

fn rank(tag: &str) -> Option<u8> {
    match tag.trim().to_ascii_lowercase().as_str() {
        "tlp:unclear" => Some(0),
        "tlp:clear" | "tlp:white" => Some(1),
        "tlp:green" => Some(2),
        "tlp:amber" => Some(3),
        "tlp:amber+strict" => Some(4),
        "tlp:red" => Some(5),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_restrictive_one_wins() {
        for (marking, set, expected) in [
            ("tlp:red", "tlp:amber+strict", true),
            ("tlp:amber+strict", "tlp:amber", true),
            ("tlp:amber", "TLP:GREEN", true),
            ("tlp:green", "tlp:clear", true),
            ("tlp:clear", "tlp:white", false),
            ("tlp:clear", "tlp:unclear", true),
            ("tlp:green", "tlp:amber", false),
            ("tlp:red", "tlp:red", false),
            ("tlp:red", "tlp:ex:chr", false),
            ("tlp:ex:chr", "tlp:clear", false),
        ] {
            assert_eq!(outranks(marking, set), expected, "{marking} over {set}");
        }
        assert!(is_marking("TLP:red") && !is_marking("tl") && !is_marking("workflow:x"));
    }
}
