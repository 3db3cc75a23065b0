//! From a judged value to what MISP calls it: an attribute, or an object of its own where MISP has no type.

use super::templates::{COIN_ADDRESS, DOMAIN_IP, JA4, TELEGRAM, Template};
use super::types::{category, default_category};
use super::validate::{Refused, normalised};
use crate::event::text;
use crate::indicators::{Indicator, Kind, Verdict};

/// A value with its MISP type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) kind: &'static str,
    pub(super) category: &'static str,
    /// As MISP stores it.
    pub(super) value: String,
    pub(super) to_ids: bool,
}

/// What an indicator becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// An attribute; the label says what it is when its type does not.
    Attribute(Typed, &'static str),
    /// An object: fields of a template, in order.
    Object(&'static Template, Vec<(&'static str, Typed)>),
}

/// What becomes of an indicator in the event; `None`: nothing, and nothing is lost by it.
///
/// References become links when `references` asks for them, and only web addresses do: a host that is merely
/// mentioned says nothing to a reader of the event.
pub(super) fn form(indicator: &Indicator, references: bool) -> Result<Option<Form>, Refused> {
    match indicator.verdict {
        Verdict::Drop => Ok(None),
        Verdict::Reference => Ok(Some(indicator)
            .filter(|indicator| references && indicator.kind == Kind::Url)
            .and_then(|indicator| reference(&indicator.value))),
        Verdict::Note | Verdict::Detect if indicator.kind.is_context() => Ok(None),
        Verdict::Note | Verdict::Detect => special(indicator)
            .unwrap_or_else(|| plain(indicator, attribute_type(indicator.kind), ""))
            .map(Some),
    }
}

/// Other schemes and addresses that MISP does not keep are left out: they are only references.
fn reference(url: &str) -> Option<Form> {
    let value = normalised("link", url).ok()?;
    let typed = Typed {
        kind: "link",
        category: category::EXTERNAL,
        value,
        to_ids: false,
    };
    Some(Form::Attribute(typed, ""))
}

/// The MISP type of kinds that have one. Names that later versions of MISP have a type for go by an older type
/// that all know: a hidden service is a host name, Suricata reads Snort's rules and extends them.
fn attribute_type(kind: Kind) -> &'static str {
    match kind {
        Kind::OnionAddress => "hostname",
        Kind::Suricata => "snort",
        _ => kind.as_str(),
    }
}

/// Kinds for which MISP has no type, or not for all their values.
fn special(indicator: &Indicator) -> Option<Result<Form, Refused>> {
    let value = indicator.value.as_str();
    Some(match indicator.kind {
        Kind::Eth => coin(indicator, "ETH"),
        Kind::Ltc => coin(indicator, "LTC"),
        Kind::Bch => coin(indicator, "BCH"),
        Kind::Doge => coin(indicator, "DOGE"),
        Kind::Xrp => coin(indicator, "XRP"),
        Kind::Sol => coin(indicator, "SOL"),
        Kind::Zec => coin(indicator, "ZEC"),
        Kind::Xtz => coin(indicator, "XTZ"),
        Kind::Trx => coin(indicator, "TRX"),
        Kind::Ada => coin(indicator, "ADA"),
        Kind::DomainIp => domain_ip(indicator),
        Kind::Telegram => telegram(indicator),
        Kind::Ja4 => object(
            indicator,
            &JA4,
            category::NETWORK,
            [("ja4-fingerprint", value), ("ja4-type", ja4_type(value))],
        ),
        Kind::Ja3s => other(indicator, category::NETWORK, "JA3S"),
        Kind::Discord => other(indicator, category::SOCIAL, "Discord"),
        // MISP takes CVE only.
        Kind::Vulnerability if !value.to_ascii_uppercase().starts_with("CVE-") => {
            other(indicator, category::EXTERNAL, "vulnerability")
        }
        // MISP takes one bar only; the key is what is looked for first.
        Kind::RegkeyValue if value.matches('|').count() != 1 => plain(
            &Indicator {
                value: value.split('|').next().unwrap_or_default().to_owned(),
                ..indicator.clone()
            },
            "regkey",
            "",
        ),
        _ => return None,
    })
}

fn plain(indicator: &Indicator, kind: &'static str, label: &'static str) -> Result<Form, Refused> {
    let typed = typed(indicator, kind, default_category(kind), &indicator.value)?;
    Ok(Form::Attribute(typed, label))
}

fn other(
    indicator: &Indicator,
    category: &'static str,
    label: &'static str,
) -> Result<Form, Refused> {
    Ok(Form::Attribute(
        typed(indicator, "other", category, &indicator.value)?,
        label,
    ))
}

/// A value with its type. What had to be rewritten to be stored would match nothing; rules are text, and work
/// without the picture in a comment.
pub(super) fn typed(
    indicator: &Indicator,
    kind: &'static str,
    category: &'static str,
    value: &str,
) -> Result<Typed, Refused> {
    let intact =
        matches!(kind, "url" | "yara" | "sigma" | "snort") || text::storable(value) == value;
    Ok(Typed {
        kind,
        category,
        value: normalised(kind, value)?,
        to_ids: indicator.to_ids && intact,
    })
}

/// The first field is the value itself, the others describe it.
fn object<const N: usize>(
    indicator: &Indicator,
    template: &'static Template,
    category: &'static str,
    fields: [(&'static str, &str); N],
) -> Result<Form, Refused> {
    let mut out = Vec::with_capacity(N);
    for (at, (relation, value)) in fields.into_iter().enumerate() {
        let kind = template.kind_of(relation).unwrap_or("text");
        let mut typed = typed(indicator, kind, category, value)?;
        typed.to_ids &= at == 0;
        out.push((relation, typed));
    }
    Ok(Form::Object(template, out))
}

fn coin(indicator: &Indicator, symbol: &str) -> Result<Form, Refused> {
    let fields = [
        ("address-crypto", indicator.value.as_str()),
        ("symbol", symbol),
    ];
    object(indicator, &COIN_ADDRESS, category::FRAUD, fields)
}

fn telegram(indicator: &Indicator) -> Result<Form, Refused> {
    let name = indicator.value.trim_start_matches('@');
    let is_id = name
        .trim_start_matches('-')
        .bytes()
        .all(|byte| byte.is_ascii_digit());
    let relation = if is_id { "id" } else { "username" };
    object(indicator, &TELEGRAM, category::SOCIAL, [(relation, name)])
}

/// `name|address`. Both are for detection when the pair is.
fn domain_ip(indicator: &Indicator) -> Result<Form, Refused> {
    let (name, address) = indicator.value.split_once('|').ok_or(Refused::Form)?;
    let fields = [(host_type(name), name), ("ip", address)];
    let mut out = Vec::with_capacity(2);
    for (relation, value) in fields {
        let kind = DOMAIN_IP.kind_of(relation).unwrap_or("text");
        out.push((relation, typed(indicator, kind, category::NETWORK, value)?));
    }
    Ok(Form::Object(&DOMAIN_IP, out))
}

/// `domain` for a registrable name, else `hostname`.
fn host_type(name: &str) -> &'static str {
    let name = name.trim_matches('.').to_lowercase();
    match psl::domain_str(&name) {
        Some(registrable) if registrable != name => "hostname",
        _ => "domain",
    }
}

/// Which of the JA4 family a fingerprint is, by its shape (FoxIO's technical details).
fn ja4_type(value: &str) -> &'static str {
    let parts: Vec<&str> = value.split('_').collect();
    let hex12 = |part: &&str| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    match parts.as_slice() {
        [first, _, _] if first.starts_with('c') && first.contains('s') => "JA4SSH",
        [first, second, third] if [first, second, third].into_iter().all(hex12) => "JA4X",
        [first, second, third] if first.len() == 10 && hex12(second) && hex12(third) => "JA4",
        [first, second, third] if first.len() == 7 && second.len() == 4 && hex12(third) => "JA4S",
        [first, _, _, _] if first.len() == 12 && !hex12(first) => "JA4H",
        [first, ..] if first.bytes().all(|byte| byte.is_ascii_digit()) && parts.len() > 3 => "JA4T",
        [_, _] => "JA4L",
        _ => "JA4",
    }
}

#[cfg(test)]
mod tests;
