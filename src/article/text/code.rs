//! Code without a fence: rules that are to stay whole, and indented source.

/// The language of a rule that begins in this line and is written over several.
pub(super) fn rule_start(line: &str) -> Option<&'static str> {
    if !line.trim_start().starts_with(['r', 'p', 'g']) {
        return None;
    }
    let mut words = line.split_whitespace();
    let mut word = words.next()?;
    while matches!(word, "private" | "global") {
        word = words.next()?;
    }
    if word == "rule" {
        let name = words.next()?.trim_end_matches([':', '{']);
        let named = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let opens = words.next().is_none_or(|next| next.starts_with([':', '{']));
        return (named && !name.is_empty() && opens).then_some("yara");
    }
    None
}

/// Whether these lines are a Sigma rule.
pub(super) fn is_sigma(lines: &[&str]) -> bool {
    let has = |key: &str| lines.iter().any(|line| line.starts_with(key));
    has("title:") && has("detection:") && has("logsource:")
}

/// Whether indented lines are source code rather than indented text. A list of values is text.
pub(super) fn is_source(lines: &[&str]) -> bool {
    let marked = lines.iter().filter(|line| looks_like_source(line.trim()));
    marked.count() * 3 >= lines.len().max(2)
}

fn looks_like_source(line: &str) -> bool {
    let ends = [";", "{", "}", "()", ");", "\\"];
    let starts = [
        "#include",
        "import ",
        "from ",
        "def ",
        "function ",
        "var ",
        "let ",
        "const ",
        "return ",
        "if (",
        "if(",
        "for (",
        "while ",
        "$ ",
        "PS ",
        "C:\\>",
        "//",
        "/*",
        "<?",
        "#!",
        "sudo ",
        "powershell",
        "cmd ",
        "curl ",
        "GET /",
        "POST /",
    ];
    ends.iter().any(|end| line.ends_with(end))
        || starts.iter().any(|start| line.starts_with(start))
        || [" = ", " == ", " => ", " := ", "->"]
            .iter()
            .any(|sign| line.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_known_by_their_first_line() {
        for (line, expected) in [
            ("rule Loader", Some("yara")),
            ("rule Loader {", Some("yara")),
            ("private rule Loader : trojan {", Some("yara")),
            ("rule of thumb", None),
            ("rules", None),
            ("a rule Loader {", None),
        ] {
            assert_eq!(rule_start(line), expected, "{line}");
        }
        assert!(is_sigma(&["title: x", "logsource:", "detection:"]));
        assert!(!is_sigma(&["title: x", "a"]));
    }

    #[test]
    fn values_are_no_source() {
        assert!(is_source(&[
            "    int main() {",
            "        return 0;",
            "    }"
        ]));
        assert!(!is_source(&[
            "    68b329da9893e34099c7d8ad5cb9c940",
            "    evil[.]top",
            "    C:\\x\\y.exe"
        ]));
    }
}
