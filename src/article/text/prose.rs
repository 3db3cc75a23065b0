//! Lines of running text: which of them belong together.

/// A line this short was not broken by whoever wrapped the text.
const SHORTEST_WRAPPED: usize = 40;
/// A line this long was not wrapped at all.
const LONGEST_WRAPPED: usize = 160;

/// Where text is wrapped: the length of its longest line, if it is wrapped.
pub(super) fn width<'a>(lines: impl Iterator<Item = &'a str>) -> usize {
    lines
        .map(|line| line.chars().count())
        .max()
        .unwrap_or_default()
}

/// Whether `next` goes on where `line` was broken, in a text wrapped at `width`.
///
/// Text is wrapped where the next word did not fit. Lists of values are not: they are told by having a single
/// word, or room left.
pub(super) fn wraps(line: &str, next: &str, width: usize) -> bool {
    if splits_digest(line, next) {
        return true;
    }
    if width > LONGEST_WRAPPED {
        return false;
    }
    let (line, next) = (line.trim(), next.trim());
    let length = line.chars().count();
    if !(SHORTEST_WRAPPED..=LONGEST_WRAPPED).contains(&length)
        || line.split_whitespace().nth(3).is_none()
    {
        return false;
    }
    let Some(word) = next.split_whitespace().next() else {
        return false;
    };
    let fits = length + 1 + word.chars().count() <= width;
    let goes_on = word.starts_with(char::is_lowercase) && !line.ends_with(['.', ':', '!', '?']);
    !fits || (goes_on && length + 12 >= width)
}

/// Whether a digest was broken at the end of the line: two runs of hexadecimal digits that make one together. Two that
/// are digests each by itself are a list.
fn splits_digest(line: &str, next: &str) -> bool {
    let (line, next) = (line.trim_end(), next.trim_start());
    let at_border = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    if !at_border(line.as_bytes().last()) || !at_border(next.as_bytes().first()) {
        return false;
    }
    let hex = |word: &str| word.len() >= 8 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_digest = |length| matches!(length, 32 | 40 | 56 | 64 | 96 | 128);
    let mut words = line.split_whitespace();
    let (Some(end), Some(start)) = (words.next_back(), next.split_whitespace().next()) else {
        return false;
    };
    let labelled = words.next_back().is_some();
    hex(end)
        && hex(start)
        && is_digest(end.len() + start.len())
        && (labelled || !is_digest(end.len()) || !is_digest(start.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_wrapped_and_values_are_listed() {
        let long = "The loader asks its server for a second stage and stays on the";
        for (line, next, width, expected) in [
            (long, "machine as a task.", 64, true),
            (long, "Windows machine.", 64, true),
            (long, "machine as a task.", 300, false),
            (
                "It sets",
                "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run",
                60,
                false,
            ),
            ("evil[.]top", "bad[.]top", 10, false),
            (
                "The servers are these, as far as we know of them now:",
                "a.top",
                60,
                false,
            ),
            (
                "SHA256: 275a021bbfb6489e54d471899f7db9d1",
                "663fc695ec2fe2a2c4538aabf651fd0f",
                40,
                true,
            ),
            (
                "275a021bbfb6489e54d471899f7db9d1",
                "663fc695ec2fe2a2c4538aabf651fd0f",
                40,
                false,
            ),
            (
                "275a021bbfb6489e54d471899f7db9d1663fc695",
                "ec2fe2a2c4538aabf651fd0f",
                40,
                true,
            ),
        ] {
            assert_eq!(wraps(line, next, width), expected, "{line} / {next}");
        }
    }
}
