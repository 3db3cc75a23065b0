//! Versions in Chinese, Japanese and Korean text, where no blank parts the words.

/// Words for a version.
const VERSION: &[&str] = &["版本", "バージョン", "버전", "版本号", "章节"];

/// What stands between the members of a list or the ends of a range.
const JOINTS: &[char] = &[
    '至', '到', '和', '及', '与', '或', '、', '，', '~', '～', '-', '–', 'か', 'ら', '및', '부',
    '터', ' ',
];

/// How many members of a list are passed.
const MEMBERS: usize = 4;

/// Whether a word for a version stands right before the end of `before`, or before a list that ends there:
/// `版本16.0.15.210`, `影响版本：7.0.0.1至7.4.2.3`.
pub(super) fn is_version(before: &str) -> bool {
    if before.is_ascii() {
        return false;
    }
    let mut before = before;
    for _ in 0..MEMBERS {
        let label = before.trim_end_matches([' ', ':', '：', '(', '（', '号', '为', '是', 'は']);
        if VERSION.iter().any(|word| label.ends_with(word)) {
            return true;
        }
        let joined = before.trim_end_matches(JOINTS);
        let head = joined.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        if joined.len() == before.len() || head.len() == joined.len() {
            return false;
        }
        before = head;
    }
    false
}
