//! What MISP keeps of a value, and what it refuses.
//!
//! MISP drops an attribute that fails its validation without a word, the event is stored all the same. The rules
//! are those of MISP 2.5 (`AttributeValidationTool`); where a rule there is lax, ours is as strict as the type's
//! own definition. Values are brought into the form MISP would store them in, so that what is sent, what comes
//! back and what two spellings of one value make are the same.

use std::fmt::Write as _;
use std::net::IpAddr;

use url::{Host, Url};

use super::{Attribute, text, types};

/// MISP's limit for a value, in bytes.
pub const MAX_VALUE: usize = 65_535;

/// Longest host name, in bytes (RFC 1035, section 2.3.4).
const MAX_HOST: usize = 253;

/// Longest label of a host name, in bytes.
const MAX_LABEL: usize = 63;

/// Longest name of a Windows service, in bytes.
const MAX_SERVICE: usize = 256;

/// Why MISP would not keep a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// Over [`MAX_VALUE`].
    #[error("it is longer than 65,535 bytes")]
    TooLong,
    /// Not of its type's form.
    #[error("it has not the form of its type")]
    Form,
    /// No type of MISP's, or not in this category.
    #[error("MISP has no such type in this category")]
    Type,
}

/// Whether MISP keeps this attribute, and exactly as it is.
pub fn check(attribute: &Attribute) -> Result<(), Refused> {
    if !types::is_known(attribute) {
        return Err(Refused::Type);
    }
    match normalised(&attribute.kind, &attribute.value) {
        Ok(value) if value == attribute.value => Ok(()),
        Ok(_) => Err(Refused::Form),
        Err(refused) => Err(refused),
    }
}

/// The value as MISP stores it.
pub fn normalised(kind: &str, value: &str) -> Result<String, Refused> {
    let value = match kind {
        "url" => text::storable(&percent_encoded(value)),
        _ => text::storable(value),
    };
    let value = value.trim();
    if value.is_empty() {
        return Err(Refused::Empty);
    }
    let form = if kind.contains('|') {
        let mut parts = value.split('|').map(str::trim);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(left), Some(right), None) if !left.is_empty() && !right.is_empty() => {
                composite(kind, left, right)
            }
            _ => None,
        }
    } else {
        simple(kind, value)
    };
    let value = form.ok_or(Refused::Form)?;
    if value.len() > MAX_VALUE {
        return Err(Refused::TooLong);
    }
    Ok(value)
}

/// A URL without characters that MISP cannot store, and without blanks at its ends.
fn percent_encoded(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    let mut bytes = [0; 4];
    for c in url.trim().chars() {
        if u32::from(c) > 0xFFFF {
            for byte in c.encode_utf8(&mut bytes).bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// Values of two parts. `regkey|value` aside, both parts are of types that hold no `|` themselves.
fn composite(kind: &str, left: &str, right: &str) -> Option<String> {
    let (left, right) = match kind {
        "ip-dst|port" => (ip(left)?, port(right)?),
        "hostname|port" => (host(left)?, port(right)?),
        "regkey|value" => (one_line(left)?, one_line(right)?),
        _ => {
            let hash = kind.strip_prefix("filename|")?;
            (one_line(left)?, simple(hash, right)?)
        }
    };
    Some(format!("{left}|{right}"))
}

fn simple(kind: &str, value: &str) -> Option<String> {
    if let Some(digits) = hex_digits(kind) {
        return hexadecimal(&value.replace(':', ""), digits);
    }
    match kind {
        "ip-dst" => net(value),
        "domain" | "hostname" => host(value),
        "link" => link(value),
        "email" | "email-src" | "email-dst" => email(value),
        "ssdeep" | "impfuzzy" => fuzzy(value),
        "tlsh" => tlsh(value),
        "telfhash" => telfhash(value),
        "cdhash" => (value.len() >= 40).then(|| hexadecimal(value, value.len()))?,
        "vulnerability" => vulnerability(value),
        "weakness" => numbered(value, "CWE-"),
        "AS" => autonomous_system(value),
        "mac-address" => mac(value),
        "btc" | "dash" | "xmr" => alphanumeric(value),
        "iban" => alphanumeric(&kept(value, |c| c.is_ascii_alphanumeric()).to_uppercase()),
        "cc-number" => digits(&kept(value, |c| c.is_ascii_digit())),
        "phone-number" => phone(value),
        "size-in-bytes" => digits(value),
        "windows-service-name" => {
            let fits = value.len() <= MAX_SERVICE && !value.contains(['/', '\\']);
            one_line(value).filter(|_| fits)
        }
        "yara" | "sigma" | "snort" | "comment" | "text" | "other" | "mutex" | "cpe" => {
            Some(value.to_owned())
        }
        _ => one_line(value),
    }
}

/// Length of hashes written in hexadecimal digits.
fn hex_digits(kind: &str) -> Option<usize> {
    Some(match kind {
        "md5"
        | "imphash"
        | "x509-fingerprint-md5"
        | "ja3-fingerprint-md5"
        | "hassh-md5"
        | "hasshserver-md5" => 32,
        "sha1" | "pehash" | "x509-fingerprint-sha1" | "git-commit-id" => 40,
        "sha224" => 56,
        "jarm-fingerprint" => 62,
        "sha256" | "authentihash" | "x509-fingerprint-sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return None,
    })
}

fn hexadecimal(value: &str, digits: usize) -> Option<String> {
    let well_formed = value.len() == digits && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    well_formed.then(|| value.to_ascii_lowercase())
}

/// MISP takes two parts of Base64 letters behind a number for `ssdeep`, and any for `impfuzzy`.
fn fuzzy(value: &str) -> Option<String> {
    let mut parts = value.split(':');
    let (size, first, second) = (parts.next()?, parts.next()?, parts.next()?);
    let letters = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+'))
    };
    let well_formed = parts.next().is_none() && letters(first) && letters(second);
    digits(size).filter(|_| well_formed)?;
    Some(value.to_owned())
}

fn tlsh(value: &str) -> Option<String> {
    let value = value.to_ascii_lowercase();
    let body = value.strip_prefix('t').unwrap_or(&value);
    hexadecimal(body, body.len()).filter(|body| body.len() > 35)?;
    Some(value)
}

fn telfhash(value: &str) -> Option<String> {
    let value = value.to_ascii_lowercase();
    let body = value.strip_prefix("t1").unwrap_or(&value);
    hexadecimal(body, 70)?;
    Some(value)
}

/// An address or a net; the net of one address is the address. IPv6 in its shortest form, without zone.
fn net(value: &str) -> Option<String> {
    let Some((address, length)) = value.split_once('/') else {
        return ip(value);
    };
    let address = parsed_ip(address)?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let length: u8 = digits(length)?.parse().ok()?;
    match length {
        _ if length > longest => None,
        _ if length == longest => Some(address.to_string()),
        _ => Some(format!("{address}/{length}")),
    }
}

fn ip(value: &str) -> Option<String> {
    parsed_ip(value).map(|address| address.to_string())
}

fn parsed_ip(value: &str) -> Option<IpAddr> {
    let value = value.split_once('%').map_or(value, |(address, _)| address);
    value.parse().ok()
}

fn port(value: &str) -> Option<String> {
    let port: u16 = digits(value)?.parse().ok()?;
    (port > 0).then(|| port.to_string())
}

/// A host name: lower case, without dots at its ends, in ASCII.
pub(super) fn host(value: &str) -> Option<String> {
    let value = value.trim_matches('.').to_lowercase();
    let value = if value.is_ascii() {
        value
    } else {
        match Host::parse(&value).ok()? {
            Host::Domain(domain) => domain,
            Host::Ipv4(_) | Host::Ipv6(_) => return None,
        }
    };
    let label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let (_, top) = value.rsplit_once('.')?;
    let well_formed = value.len() <= MAX_HOST
        && value.split('.').all(label)
        && top.len() >= 2
        && !top.contains('_')
        && !top.bytes().all(|byte| byte.is_ascii_digit());
    well_formed.then_some(value)
}

/// A web address as MISP keeps links: absolute, in ASCII, without blanks, its host without underscores (PHP's
/// `FILTER_VALIDATE_URL`). Blanks and other characters are percent-encoded, host names by punycode.
pub(super) fn link(value: &str) -> Option<String> {
    let url = Url::parse(value.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let plain = |label: &str| {
        label.len() <= MAX_LABEL
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if let Host::Domain(domain) = url.host()?.to_owned()
        && (domain.len() > MAX_HOST || !domain.trim_end_matches('.').split('.').all(plain))
    {
        return None;
    }
    Some(url.into())
}

/// `local@host.name` without blanks; MISP asks for no more, and stores it in lower case.
fn email(value: &str) -> Option<String> {
    let (local, domain) = value.rsplit_once('@')?;
    let well_formed = !local.is_empty()
        && !value.contains(char::is_whitespace)
        && domain.split('.').count() > 1
        && domain.split('.').all(|label| !label.is_empty());
    well_formed.then(|| value.to_ascii_lowercase())
}

/// MISP knows vulnerabilities by their CVE only.
fn vulnerability(value: &str) -> Option<String> {
    let value = value.replace('–', "-").to_uppercase();
    let (year, number) = value.strip_prefix("CVE-")?.split_once('-')?;
    let well_formed = year.len() == 4 && number.len() >= 4;
    digits(year).and(digits(number)).filter(|_| well_formed)?;
    Some(value)
}

fn numbered(value: &str, prefix: &str) -> Option<String> {
    let value = value.to_uppercase();
    digits(value.strip_prefix(prefix)?)?;
    Some(value)
}

/// A number of 32 bits, without `AS`; `1.10` is asdot notation (RFC 5396).
fn autonomous_system(value: &str) -> Option<String> {
    let value = value.to_ascii_uppercase();
    let value = value.strip_prefix("ASN").unwrap_or(&value);
    let value = value.strip_prefix("AS").unwrap_or(value).trim();
    let number = match value.split_once('.') {
        Some((high, low)) => {
            let (high, low): (u16, u16) = (high.parse().ok()?, low.parse().ok()?);
            u32::from(high) << 16 | u32::from(low)
        }
        None => digits(value)?.parse().ok()?,
    };
    Some(number.to_string())
}

fn mac(value: &str) -> Option<String> {
    let digits = kept(value, |c| !matches!(c, '.' | ':' | '-' | ' '));
    let digits = hexadecimal(&digits, 12)?;
    let mut out = String::with_capacity(17);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 2 == 0 {
            out.push(':');
        }
        out.push(digit);
    }
    Some(out)
}

/// Digits behind a `+`; `00` in front means the same, `(0)` is not dialled from abroad.
fn phone(value: &str) -> Option<String> {
    let value = value.replace("(0)", "");
    let plus = value.starts_with('+') || value.starts_with("00");
    let number = kept(&value, |c| c.is_ascii_digit());
    let number = if value.starts_with("00") {
        number.trim_start_matches('0')
    } else {
        &number
    };
    let number = digits(number)?;
    Some(if plus { format!("+{number}") } else { number })
}

fn alphanumeric(value: &str) -> Option<String> {
    let well_formed = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    well_formed.then(|| value.to_owned())
}

fn digits(value: &str) -> Option<String> {
    let well_formed = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    well_formed.then(|| value.to_owned())
}

fn one_line(value: &str) -> Option<String> {
    (!value.contains('\n')).then(|| value.to_owned())
}

fn kept(value: &str, wanted: impl Fn(char) -> bool) -> String {
    value.chars().filter(|c| wanted(*c)).collect()
}

#[cfg(test)]
mod tests;
