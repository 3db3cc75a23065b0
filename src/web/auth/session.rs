//! Sessions: a signed cookie, nothing kept on our side.
//!
//! A session is of nobody until somebody logs in, which begins a new one: what an attacker may have planted before is
//! worth nothing after. The signature covers the hash of the token that began it, so a session ends with its token.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use chrono::{DateTime, TimeDelta, Utc};

use super::key::Key;
use super::tokens::Tokens;
use crate::web::submission::Ticket;

const SESSION: &str = "session";
const FORM: &str = "form";
const TICKET: &str = "ticket";

/// One browser's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::web) struct Session {
    /// 128 random bits in hexadecimal.
    id: String,
    expires: DateTime<Utc>,
    name: Option<String>,
}

impl Session {
    pub(super) fn new(name: Option<&str>, expires: DateTime<Utc>) -> Self {
        Self {
            // A version 4 UUID has 122 random bits from the system's generator.
            id: uuid::Uuid::new_v4().simple().to_string(),
            expires,
            name: name.map(str::to_owned),
        }
    }

    /// Whose it is, once somebody logged in.
    pub(in crate::web) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// As the cookie's value: id, expiry, signature, name.
    pub(super) fn write(&self, key: &Key, tokens: &Tokens) -> String {
        let expires = self.expires.timestamp();
        let name = self.name().unwrap_or_default();
        let signature = key.sign(
            SESSION,
            &parts(&self.id, &expires.to_string(), name, tokens),
        );
        format!("{}.{expires}.{signature}.{name}", self.id)
    }

    /// The session of a cookie's value: signed by us, not over, and begun by a token that is still configured.
    pub(super) fn read(value: &str, key: &Key, tokens: &Tokens) -> Option<Self> {
        let mut pieces = value.splitn(4, '.');
        let (id, expiry) = (pieces.next()?, pieces.next()?);
        let (signature, name) = (pieces.next()?, pieces.next()?);
        if !name.is_empty() {
            tokens.hash_of(name)?;
        }
        if !key.signed(signature, SESSION, &parts(id, expiry, name, tokens)) {
            return None;
        }
        let expires = DateTime::from_timestamp(expiry.parse().ok()?, 0)?;
        (Utc::now() < expires).then(|| Self {
            id: id.to_owned(),
            expires,
            name: (!name.is_empty()).then(|| name.to_owned()),
        })
    }

    /// What its forms carry.
    pub(super) fn form_token(&self, key: &Key) -> String {
        key.sign(FORM, &[self.id.as_bytes()])
    }

    /// Whether a form with this token is one of its own.
    pub(super) fn gave(&self, token: &str, key: &Key) -> bool {
        key.signed(token, FORM, &[self.id.as_bytes()])
    }
}

impl Session {
    /// A new ticket, as a form of this session carries it.
    pub(super) fn new_ticket(&self, key: &Key) -> String {
        let text = Ticket::new().text();
        let signature = key.sign(TICKET, &[self.id.as_bytes(), text.as_bytes()]);
        format!("{text}.{signature}")
    }

    /// The ticket of this text, if this session was given it.
    pub(super) fn ticket(&self, text: &str, key: &Key) -> Option<Ticket> {
        let (text, signature) = text.split_once('.')?;
        let signed = key.signed(signature, TICKET, &[self.id.as_bytes(), text.as_bytes()]);
        signed.then(|| Ticket::read(text)).flatten()
    }
}

fn parts<'a>(id: &'a str, expires: &'a str, name: &'a str, tokens: &'a Tokens) -> [&'a [u8]; 4] {
    let hash = tokens.hash_of(name).map_or(&[][..], |hash| hash.bytes());
    [id.as_bytes(), expires.as_bytes(), name.as_bytes(), hash]
}

/// Browsers take a cookie of the first name over TLS, for the whole host, and from this host alone (RFC 6265bis).
const fn cookie_name(https: bool) -> &'static str {
    if https {
        "__Host-gleaner_session"
    } else {
        "gleaner_session"
    }
}

/// The value of the session's cookie. One that comes twice is not believed.
pub(super) fn cookie(headers: &HeaderMap, https: bool) -> Option<&str> {
    let name = cookie_name(https);
    let mut values = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

pub(super) fn set_cookie(value: &str, lifetime: TimeDelta, https: bool) -> String {
    let (name, seconds) = (cookie_name(https), lifetime.num_seconds());
    let secure = if https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::tokens::new_token;
    use super::*;

    fn tokens() -> Tokens {
        let (_, hash) = new_token().unwrap();
        Tokens::new(&BTreeMap::from([("alice-b".to_owned(), hash)]))
    }

    fn in_an_hour() -> DateTime<Utc> {
        let expires = Utc::now() + TimeDelta::hours(1);
        DateTime::from_timestamp(expires.timestamp(), 0).unwrap()
    }

    #[test]
    fn sessions_come_back_as_they_went() {
        let (key, tokens) = (Key::of_bytes(b"key"), tokens());
        for name in [None, Some("alice-b")] {
            let session = Session::new(name, in_an_hour());
            let value = session.write(&key, &tokens);
            assert_eq!(Session::read(&value, &key, &tokens), Some(session));
        }
    }

    #[test]
    fn forged_old_and_orphaned_sessions_are_not_believed() {
        let (key, tokens) = (Key::of_bytes(b"key"), tokens());
        let value = Session::new(Some("alice-b"), in_an_hour()).write(&key, &tokens);
        let nobody = Session::new(None, in_an_hour()).write(&key, &tokens);
        let over = Session::new(None, Utc::now() - TimeDelta::seconds(1)).write(&key, &tokens);
        for forged in [
            String::new(),
            ".".into(),
            "...".into(),
            over,
            value.replace("alice-b", "alice-c"),
            value.trim_end_matches("-b").to_owned(),
            format!("{nobody}alice-b"),
            format!("0{value}"),
            Session::new(Some("alice-b"), in_an_hour()).write(&Key::of_bytes(b"other"), &tokens),
        ] {
            assert_eq!(Session::read(&forged, &key, &tokens), None, "{forged}");
        }
        // A new token under the old name is another token.
        assert_eq!(Session::read(&value, &key, &self::tokens()), None);
        let none = Tokens::new(&BTreeMap::new());
        assert_eq!(Session::read(&value, &key, &none), None);
    }

    #[test]
    fn a_form_belongs_to_its_session() {
        let key = Key::of_bytes(b"key");
        let (mine, other) = (
            Session::new(None, in_an_hour()),
            Session::new(None, in_an_hour()),
        );
        assert!(mine.gave(&mine.form_token(&key), &key));
        assert!(!mine.gave(&other.form_token(&key), &key));
        assert!(!mine.gave("", &key));
    }

    #[test]
    fn a_ticket_belongs_to_its_session() {
        let key = Key::of_bytes(b"key");
        let mine = Session::new(None, in_an_hour());
        let ticket = mine.new_ticket(&key);
        assert!(mine.ticket(&ticket, &key).is_some());
        let other = Session::new(None, in_an_hour());
        assert_eq!(other.ticket(&ticket, &key), None);
        for forged in [
            "",
            ".",
            &format!("0{ticket}"),
            ticket.split('.').next().unwrap(),
        ] {
            assert_eq!(mine.ticket(forged, &key), None, "{forged}");
        }
    }

    #[test]
    fn cookies_are_found_and_doubtful_ones_not_believed() {
        for (cookies, https, found) in [
            (vec!["gleaner_session=a.b.c."], false, Some("a.b.c.")),
            (vec!["x=1; gleaner_session=a; y=2"], false, Some("a")),
            (vec!["x=1", "gleaner_session=a"], false, Some("a")),
            (vec!["gleaner_session=a; gleaner_session=b"], false, None),
            (vec!["gleaner_session=a"], true, None),
            (vec!["__Host-gleaner_session=a"], true, Some("a")),
            (vec!["gleaner_session"], false, None),
            (vec![], false, None),
        ] {
            let mut headers = HeaderMap::new();
            for value in &cookies {
                headers.append(COOKIE, value.parse().unwrap());
            }
            assert_eq!(cookie(&headers, https), found, "{cookies:?}");
        }
        let set = set_cookie("v", TimeDelta::hours(12), true);
        assert_eq!(
            set,
            "__Host-gleaner_session=v; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(!set_cookie("v", TimeDelta::hours(12), false).contains("Secure"));
    }
}
