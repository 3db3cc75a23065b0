//! Windows paths: with a drive, a share, a device, an environment variable, from the root, or relative.

use std::ops::Range;

use super::super::addresses::{reserved, v4};
use super::super::hosts::{self, HostKind};
use super::super::{Kind, Raw, Text};
use super::walk::{self, Style};
use super::{LIMIT, Outcome, known};

/// How a path begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `C:\`, `%TEMP%\`, `$env:TEMP\`, `\??\C:\`: nothing else looks like it.
    Anchored,
    /// `\\server\share`, `\\.\pipe\name`.
    Share,
    /// `\dir\file.exe`.
    Rooted,
    /// `dir\file.exe`.
    Relative,
}

/// The path that begins at `at`.
pub(super) fn at(text: &Text<'_>, at: usize, raws: &[Raw]) -> Outcome {
    if let Some(server) = server_before(text, at, raws) {
        return share_behind(text, server, at);
    }
    let Some((form, first)) = form(text, at) else {
        return Outcome::Nothing;
    };
    let separator = if text.byte(first - 1) == b'/' {
        b'/'
    } else {
        b'\\'
    };
    let start = match form {
        Form::Rooted | Form::Share => before_placeholder(text, at, raws).unwrap_or(at),
        _ => at,
    };
    let form = if start < at { Form::Rooted } else { form };
    let style = Style {
        separator,
        stops: if separator == b'/' { b"?&*\\" } else { b"/&" },
        blank: &|component| blank(text, component, start, separator),
    };
    match walk::end(text, first, LIMIT, &style) {
        Err(end) => Outcome::Found(Raw::nothing(at..end)),
        Ok(end) if end <= first => Outcome::Nothing,
        Ok(end) => match path(text, form, start, end) {
            Outcome::Found(raw) if form == Form::Share => {
                Outcome::Found(server(text, first, &raw).unwrap_or(raw))
            }
            outcome => outcome,
        },
    }
}

/// The server of a share, if it is one of the Internet: `\\185.22.64.9\share\a.exe`, `\\evil.top@SSL\DavWWWRoot\a.dll`
/// (the port or `SSL` behind the `@` is how Windows is told to use WebDAV). The path is read next, by
/// [`share_behind`].
fn server(text: &Text<'_>, first: usize, path: &Raw) -> Option<Raw> {
    let component = text.slice(first..path.span.end).split('\\').next()?;
    let host = component
        .split('@')
        .next()
        .filter(|host| host.contains('.'))?;
    let span = first..first + host.len();
    if let Some(address) = v4::parse(host) {
        let global = !reserved::is_v4(address);
        return global.then(|| Raw::new(Kind::IpDst, address.to_string(), span));
    }
    let kind = hosts::is_host(host).filter(|kind| *kind != HostKind::Special)?;
    let is_name = text.is_defanged(&span) || !known::is_file(host);
    is_name.then(|| Raw::new(kind.kind(), hosts::normal(host), span))
}

/// The server that was found right before `at`, if it stands behind the backslashes of a share.
fn server_before(text: &Text<'_>, at: usize, raws: &[Raw]) -> Option<Range<usize>> {
    let last = raws.last()?;
    let is_server = matches!(
        last.kind,
        Some(Kind::IpDst | Kind::Domain | Kind::Hostname | Kind::OnionAddress)
    );
    let between = text.slice(last.span.end..at.max(last.span.end));
    let joined = match between {
        "" => matches!(text.byte(at), b'\\' | b'@'),
        between => between == "@",
    };
    let behind_backslashes = text.line_before(last.span.start, 2) == r"\\";
    (is_server && joined && behind_backslashes).then(|| last.span.clone())
}

/// The path on a share whose server was found by itself. It is told whole, but takes up only what follows the
/// server.
fn share_behind(text: &Text<'_>, server: Range<usize>, at: usize) -> Outcome {
    let leading = text
        .line_before(server.start, 4)
        .bytes()
        .rev()
        .take_while(|byte| *byte == b'\\')
        .count();
    let start = server.start - leading;
    let style = Style {
        separator: b'\\',
        stops: b"/&",
        blank: &|component| blank(text, component, start, b'\\'),
    };
    let read = match walk::end(text, server.start, LIMIT, &style) {
        Ok(end) if end > at => end,
        _ => return Outcome::Nothing,
    };
    match path(text, Form::Share, start, read) {
        Outcome::Found(raw) if raw.span.end > at => Outcome::Found(Raw {
            span: at..raw.span.end,
            ..raw
        }),
        _ => Outcome::Nothing,
    }
}

/// How a path begins at `at`, and where its first component does.
fn form(text: &Text<'_>, at: usize) -> Option<(Form, usize)> {
    if text.byte(at.wrapping_sub(1)).is_ascii_alphanumeric() {
        return None;
    }
    match text.byte(at) {
        b'\\' => backslashes(text, at),
        b'%' => variable(text, at),
        b'$' => powershell(text, at).or_else(|| relative(text, at)),
        b'{' | b'[' => bracketed(text, at),
        b'A'..=b'Z' | b'a'..=b'z' if text.byte(at + 1) == b':' => {
            drive(text, at).map(|first| (Form::Anchored, first))
        }
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'~' => relative(text, at),
        _ => None,
    }
}

/// `C:\` and `C:/`, but not `C://`.
fn drive(text: &Text<'_>, at: usize) -> Option<usize> {
    let is_drive = text.byte(at).is_ascii_alphabetic() && text.byte(at + 1) == b':';
    match text.byte(at + 2) {
        b'\\' if is_drive => Some(behind_backslashes(text, at + 2)),
        b'/' if is_drive && text.byte(at + 3) != b'/' => Some(at + 3),
        _ => None,
    }
}

fn behind_backslashes(text: &Text<'_>, at: usize) -> usize {
    let rest = text.bytes().get(at..).unwrap_or_default();
    at + rest
        .iter()
        .take(16)
        .take_while(|byte| **byte == b'\\')
        .count()
}

fn backslashes(text: &Text<'_>, at: usize) -> Option<(Form, usize)> {
    let first = behind_backslashes(text, at);
    let mark = text.byte(first);
    if matches!(mark, b'?' | b'.') {
        let marks = if text.byte(first + 1) == b'?' { 2 } else { 1 };
        if text.byte(first + marks) != b'\\' {
            return None;
        }
        let next = behind_backslashes(text, first + marks);
        return Some(match drive(text, next) {
            Some(first) => (Form::Anchored, first),
            None => (Form::Share, next),
        });
    }
    if let Some(first) = drive(text, first) {
        return Some((Form::Anchored, first));
    }
    let is_name = mark.is_ascii_alphanumeric()
        || matches!(
            mark,
            b'_' | b'$' | b'*' | b'.' | b'<' | b'%' | b'{' | 0x80..
        );
    let form = if first - at >= 2 {
        Form::Share
    } else {
        Form::Rooted
    };
    is_name.then_some((form, first))
}

/// `%NAME%\` and `%NAME%/`.
fn variable(text: &Text<'_>, at: usize) -> Option<(Form, usize)> {
    let length = name_length(text, at + 1, b"_()-. ");
    let end = at + 1 + length;
    (length > 1 && text.byte(end) == b'%')
        .then(|| behind_separator(text, end + 1))
        .flatten()
        .map(|first| (Form::Anchored, first))
}

/// `$env:NAME\`, `${env:NAME}\`.
fn powershell(text: &Text<'_>, at: usize) -> Option<(Form, usize)> {
    let brace = usize::from(text.byte(at + 1) == b'{');
    let from = at + 1 + brace;
    if !text.slice(from..from + 4).eq_ignore_ascii_case("env:") {
        return None;
    }
    let end = from + 4 + name_length(text, from + 4, b"_()");
    if brace == 1 && text.byte(end) != b'}' {
        return None;
    }
    Some((Form::Anchored, behind_separator(text, end + brace)?))
}

/// `{app}\`, `[system]\`.
fn bracketed(text: &Text<'_>, at: usize) -> Option<(Form, usize)> {
    let end = at + 1 + name_length(text, at + 1, b"_");
    (matches!(text.byte(end), b'}' | b']') && text.byte(end + 1) == b'\\')
        .then(|| (Form::Relative, behind_backslashes(text, end + 1)))
}

fn behind_separator(text: &Text<'_>, at: usize) -> Option<usize> {
    match text.byte(at) {
        b'\\' => Some(behind_backslashes(text, at)),
        b'/' => Some(at + 1),
        _ => None,
    }
}

/// `name\`.
fn relative(text: &Text<'_>, at: usize) -> Option<(Form, usize)> {
    let end = at + name_length(text, at, b"_.-$~@#");
    (end > at && text.byte(end) == b'\\').then(|| (Form::Relative, behind_backslashes(text, end)))
}

/// The length of a run of letters, digits and `others`, at most 64.
fn name_length(text: &Text<'_>, at: usize, others: &[u8]) -> usize {
    (at..at + 64)
        .take_while(|at| {
            let byte = text.byte(*at);
            byte.is_ascii_alphanumeric() || others.contains(&byte)
        })
        .count()
}

/// Where `<Temp>` begins, when `\` stands behind it and nothing in it was found before.
fn before_placeholder(text: &Text<'_>, at: usize, raws: &[Raw]) -> Option<usize> {
    if text.byte(at.wrapping_sub(1)) != b'>' {
        return None;
    }
    let name = (2..40.min(at + 1))
        .take_while(|back| matches!(text.byte(at - back), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b' ' | b'%'))
        .count();
    let open = at.checked_sub(name + 2)?;
    let is_free = raws.last().is_none_or(|raw| raw.span.end <= open);
    (name > 0 && text.byte(open) == b'<' && is_free).then_some(open)
}

/// Whether a blank belongs to the component, and up to where the component is then known.
fn blank(text: &Text<'_>, component: Range<usize>, start: usize, separator: u8) -> Option<usize> {
    let rest = text.slice(component.start..text.str().len());
    let known = component.start + known::with_blanks(known::WITH_BLANKS, rest);
    if known > component.end {
        return Some(known);
    }
    let ends_sentence = matches!(text.byte(component.end.wrapping_sub(1)), b'.' | b'!' | b'?');
    if component.is_empty() || ends_sentence || known::is_file(text.slice(component.clone())) {
        return None;
    }
    let ahead = walk::ahead(text, component.end, separator);
    if ahead.words == 0 || ahead.words > 5 {
        return None;
    }
    let last = text.slice(ahead.last..ahead.end);
    let is_other = last.is_empty() || last.starts_with(['%', '$']) || is_hive(last);
    let quoted = walk::is_quoted(text, start);
    if ahead.stop == separator {
        let fits = !ahead.prose && !is_other && ahead.file.is_none();
        return fits.then_some(ahead.end);
    }
    if quoted && !ahead.prose {
        return ahead
            .file
            .or_else(|| (ahead.stop == b'"').then_some(ahead.end));
    }
    let end = ahead.file.filter(|_| !ahead.prose)?;
    let fills_line = is_line_start(text, start) && ahead.stop == b'\n' && end == ahead.end;
    (fills_line || ahead.capitals && ahead.words <= 3).then_some(end)
}

fn is_hive(word: &str) -> bool {
    word.get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("hk"))
}

fn is_line_start(text: &Text<'_>, at: usize) -> bool {
    text.line_before(at, 8).trim().is_empty()
}

/// Decides on what was read.
fn path(text: &Text<'_>, form: Form, start: usize, read: usize) -> Outcome {
    let end = start + sound(text.slice(start..read));
    let written = text.slice(start..end);
    let leading = written.bytes().take_while(|byte| *byte == b'\\').count();
    let doubled = is_doubled(written);
    let value = super::value(written, leading_of(written, leading, doubled));
    let kind = if is_pipe(&value) {
        Kind::NamedPipe
    } else {
        let believable = match form {
            Form::Anchored => has_name(&value),
            Form::Share => is_share(&value, leading, doubled),
            Form::Rooted => is_rooted(&value),
            Form::Relative => is_relative(&value),
        };
        if !believable {
            return Outcome::Skip(read);
        }
        super::kind(&value)
    };
    Outcome::Found(Raw::new(kind, value, start..end))
}

/// The length of what is a path: not the escapes of source code behind it (`a.exe\r\n`, `a.exe\"`).
fn sound(written: &str) -> usize {
    let mut end = written.len();
    for pair in [r"\t\t", r"\r\n", r"\n\n", r"\n\r", r"\x00\x"] {
        end = end.min(written.find(pair).unwrap_or(end));
    }
    for escape in [r"\r", r"\n", r"\t", r"\0", r"\"] {
        let before = written.get(..end).unwrap_or_default();
        if let Some(file) = before.strip_suffix(escape) {
            let file = file.trim_end_matches('\\');
            if known::is_file(file) {
                end = file.len();
            }
        }
    }
    end
}

/// Whether the first separator between components is doubled, as in source code.
fn is_doubled(written: &str) -> bool {
    let path = written.trim_start_matches('\\');
    path.find('\\')
        .and_then(|at| path.get(at..))
        .is_some_and(|rest| rest.starts_with(r"\\"))
}

/// How many backslashes the value begins with: source code doubles them.
fn leading_of(written: &str, leading: usize, doubled: bool) -> usize {
    let first = components(written).next().unwrap_or_default();
    match leading {
        0 | 1 => leading,
        2 | 3 if doubled && known::is_windows(first) => 1,
        _ if first == "??" => 1,
        _ => 2,
    }
}

fn components(path: &str) -> impl Iterator<Item = &str> {
    path.split(['\\', '/'])
        .filter(|component| !component.is_empty())
}

fn has_name(value: &str) -> bool {
    components(value).nth(1).is_some_and(|name| {
        name.bytes()
            .any(|byte| byte.is_ascii_alphanumeric() || byte >= 0x80 || byte == b'*')
    })
}

/// `\\.\pipe\name`, `\\server\pipe\name`, `\pipe\name`.
fn is_pipe(value: &str) -> bool {
    let mut parts = components(value);
    let is_pipe = |part: Option<&str>| part.is_some_and(|part| part.eq_ignore_ascii_case("pipe"));
    let found = if value.starts_with(r"\\") {
        parts.next();
        is_pipe(parts.next())
    } else {
        value.starts_with('\\') && is_pipe(parts.next())
    };
    found && parts.next().is_some_and(|name| name.len() > 1)
}

fn is_share(value: &str, leading: usize, doubled: bool) -> bool {
    if !value.starts_with(r"\\") {
        return is_rooted(value);
    }
    let mut parts = components(value);
    let (Some(server), Some(share)) = (parts.next(), parts.next()) else {
        return false;
    };
    if matches!(server, "." | "?" | "*") {
        return share.len() > 1;
    }
    let is_host = server.len() > 1
        && !is_escape(server)
        && server.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'.' | b'-' | b'_' | b'$' | b'@' | b'%' | b'<' | b'>' | b':'
                )
                || byte >= 0x80
        });
    is_host
        && share.bytes().any(|byte| byte.is_ascii_alphanumeric())
        && (leading >= 4 || !doubled || known::is_file(value))
}

/// `x41`, as in `\x41\x42`.
fn is_escape(component: &str) -> bool {
    match component.as_bytes() {
        [b'n' | b'r' | b't' | b'0' | b'b' | b's' | b'd' | b'w' | b'S' | b'D' | b'W' | b'B'] => true,
        [b'x', high, low, ..] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        [b'u', digits @ ..] => digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit),
        _ => false,
    }
}

fn is_rooted(value: &str) -> bool {
    let mut parts = components(value);
    if parts.next().is_none_or(is_escape) || parts.next().is_none() {
        return false;
    }
    known::is_file(value) || components(value).any(known::is_windows)
}

/// Relative paths are believed when they end in a file's extension and no component is an escape or a pattern.
fn is_relative(value: &str) -> bool {
    let is_plain = |part: &str| {
        !is_escape(part)
            && !part.contains(['*', '+', '^', '(', '[', '=', '%', '@'])
            && part.bytes().any(|byte| byte.is_ascii_alphanumeric())
    };
    known::is_file(value)
        && components(value).skip(1).all(is_plain)
        && components(value).nth(1).is_some()
}

#[cfg(test)]
mod tests {
    use crate::indicators::{Kind, scan};

    #[test]
    fn servers_of_shares_are_found_beside_the_path() {
        for (text, server) in [
            (
                r"\\185.22.64.9\share\a.exe",
                Some((Kind::IpDst, "185.22.64.9")),
            ),
            (
                r"\\evil-update.top@SSL\DavWWWRoot\a.dll",
                Some((Kind::Domain, "evil-update.top")),
            ),
            (
                r"\\cdn.evil-update.top@8080\dav\a.dll",
                Some((Kind::Hostname, "cdn.evil-update.top")),
            ),
            (r"\\192.168.1.5\c$\a.exe", None),
            (r"\\fileserver\tools\a.exe", None),
            (r"\\dc01.corp.local\tools\a.exe", None),
        ] {
            let finds = scan(&format!("It starts {text} then."));
            let path = (Kind::Filename, text);
            let found: Vec<_> = finds
                .iter()
                .map(|find| (find.kind, find.value.as_str()))
                .collect();
            let expected: Vec<_> = server.into_iter().chain([path]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
