//! Dates as feeds write them.
//!
//! RFC 822/2822 (RSS) and RFC 3339 (Atom, JSON Feed) with the usual liberties: wrong or missing
//! weekdays, names of zones and months spelt out, missing seconds, missing times, asctime. What cannot
//! be read with certainty (`03/04/2026`) is no date: an entry without one is still an entry.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// Longer texts are no dates.
const MAX_LEN: usize = 80;

/// The instant a text names. Without a zone it is taken as UTC.
pub fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_LEN {
        return None;
    }
    let date = DateTime::parse_from_rfc3339(text)
        .map(|date| date.to_utc())
        .ok()
        .or_else(|| iso(text))
        .or_else(|| words(text))?;
    // Before the web, or a typing error: of no use to anyone.
    (1990..=2100).contains(&date.year()).then_some(date)
}

/// ISO 8601 in its looser forms: `2026-11-20`, `2026-11-20 10:00`, `2026-11-20T10:00:00.5+0100`, `2026/11/20`.
fn iso(text: &str) -> Option<DateTime<Utc>> {
    let digits = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
    let separator = text.as_bytes().get(4).copied()?;
    let (date, rest) = match separator {
        b'-' | b'/' => {
            let year = i32::try_from(digits(0..4)?).ok()?;
            let month = digits(5..7)?;
            let has_day = text.as_bytes().get(7) == Some(&separator);
            let day = if has_day { digits(8..10)? } else { 1 };
            let rest = text.get(if has_day { 10 } else { 7 }..)?;
            (NaiveDate::from_ymd_opt(year, month, day)?, rest)
        }
        _ if text.len() >= 8 && text.bytes().take(8).all(|byte| byte.is_ascii_digit()) => {
            let year = i32::try_from(digits(0..4)?).ok()?;
            let date = NaiveDate::from_ymd_opt(year, digits(4..6)?, digits(6..8)?)?;
            (date, text.get(8..)?)
        }
        _ => return None,
    };
    let rest = rest.trim_start_matches(['T', 't', ' ']);
    if rest.is_empty() {
        return Some(utc(date, NaiveTime::MIN, 0));
    }
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.' | ','))
        .unwrap_or(rest.len());
    let (clock, after) = rest.split_at_checked(end)?;
    Some(utc(date, time(clock)?, zone_of(after.trim())?))
}

/// Everything with the month as a word, the parts in any order.
fn words(text: &str) -> Option<DateTime<Utc>> {
    let mut parts = Parts::default();
    let spaced = text.replace(',', " ");
    for word in spaced.split_whitespace() {
        // `20-Nov-2026`
        if word.contains('-')
            && word.contains(|c: char| c.is_ascii_alphabetic())
            && !word.contains(':')
        {
            word.split('-').try_for_each(|piece| parts.take(piece))?;
        } else {
            parts.take(word)?;
        }
    }
    let date = NaiveDate::from_ymd_opt(parts.year?, parts.month?, parts.day?)?;
    Some(utc(date, parts.clock()?, parts.offset))
}

#[derive(Default)]
struct Parts {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    time: Option<NaiveTime>,
    afternoon: Option<bool>,
    offset: i32,
}

impl Parts {
    /// Takes one word for what it looks like; `None` if it looks like nothing that belongs in a date.
    fn take(&mut self, word: &str) -> Option<()> {
        let bare = word.trim_matches(['.', '(', ')']);
        if bare.is_empty() || is_weekday(bare) || bare.eq_ignore_ascii_case("at") {
            return Some(());
        }
        if bare.contains(':') && !bare.starts_with(['+', '-']) {
            return self.take_time(bare);
        }
        if self.month.is_none()
            && let Some(month) = month(bare)
        {
            self.month = Some(month);
            return Some(());
        }
        let number = bare.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let ordinal = matches!(
            bare.get(number.len()..),
            Some("" | "st" | "nd" | "rd" | "th")
        );
        if ordinal
            && let Ok(value) = number.parse::<u32>()
            && !bare.starts_with(['+', '-'])
        {
            return self.take_number(number, value);
        }
        match bare.to_ascii_lowercase().as_str() {
            "am" => self.afternoon = Some(false),
            "pm" => self.afternoon = Some(true),
            _ => self.offset = zone_of(bare)?,
        }
        Some(())
    }

    fn take_time(&mut self, word: &str) -> Option<()> {
        let end = word
            .find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.'))
            .unwrap_or(word.len());
        let (clock, after) = word.split_at_checked(end)?;
        self.time = Some(time(clock)?);
        match after.to_ascii_lowercase().as_str() {
            "" => {}
            "am" => self.afternoon = Some(false),
            "pm" => self.afternoon = Some(true),
            _ => self.offset = zone_of(after)?,
        }
        Some(())
    }

    fn take_number(&mut self, digits: &str, value: u32) -> Option<()> {
        if digits.len() == 4 && self.year.is_none() {
            self.year = i32::try_from(value).ok();
        } else if self.day.is_none() && (1..=31).contains(&value) {
            self.day = Some(value);
        } else if self.year.is_none() && digits.len() == 2 {
            // RFC 2822, section 4.3.
            self.year = i32::try_from(if value < 50 {
                2000 + value
            } else {
                1900 + value
            })
            .ok();
        } else {
            return None;
        }
        Some(())
    }

    fn clock(&self) -> Option<NaiveTime> {
        use chrono::Timelike;
        let time = self.time.unwrap_or(NaiveTime::MIN);
        match (self.afternoon, time.hour()) {
            (Some(true), hour @ 1..=11) => time.with_hour(hour + 12),
            (Some(false), 12) => time.with_hour(0),
            _ => Some(time),
        }
    }
}

fn utc(date: NaiveDate, time: NaiveTime, offset: i32) -> DateTime<Utc> {
    let local = NaiveDateTime::new(date, time).and_utc();
    local - chrono::Duration::seconds(i64::from(offset))
}

/// `10`, `10:00`, `10:00:00.25`. A leap second, or the midnight `24:00`, is the second before.
fn time(text: &str) -> Option<NaiveTime> {
    let mut parts = text.trim_end_matches(['.', ',']).split(':');
    let hour: u32 = parts.next()?.parse().ok()?;
    let minute: u32 = parts.next().map_or(Some(0), |part| part.parse().ok())?;
    let second: u32 = parts
        .next()
        .map_or(Some(0), |part| part.split(['.', ',']).next()?.parse().ok())?;
    if parts.next().is_some() {
        return None;
    }
    if (hour, minute, second) == (24, 0, 0) {
        return NaiveTime::from_hms_opt(23, 59, 59);
    }
    NaiveTime::from_hms_opt(hour, minute, second.min(59))
}

fn is_weekday(word: &str) -> bool {
    const DAYS: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let word = word.to_ascii_lowercase();
    word.len() >= 3
        && DAYS
            .iter()
            .any(|day| day.starts_with(&word) || word == "tues" || word == "thurs")
}

fn month(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.to_ascii_lowercase();
    if word.len() < 3 || word == "sept" {
        return (word == "sept").then_some(9);
    }
    let index = MONTHS.iter().position(|month| month.starts_with(&word))?;
    u32::try_from(index + 1).ok()
}

/// Seconds east of UTC. Names from RFC 822 and those European, Asian and Australian blogs use.
fn zone_of(text: &str) -> Option<i32> {
    let hours = match text.to_ascii_uppercase().as_str() {
        "" | "Z" | "UT" | "UTC" | "GMT" | "WET" => 0,
        "CET" | "BST" | "WEST" => 1,
        "CEST" | "EET" | "SAST" => 2,
        "EEST" | "MSK" => 3,
        "IST" => return Some(19_800),
        "SGT" | "HKT" | "AWST" => 8,
        "JST" | "KST" => 9,
        "AEST" => 10,
        "AEDT" => 11,
        "NZST" => 12,
        "NZDT" => 13,
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        _ => return numeric_zone(text),
    };
    Some(hours * 3600)
}

/// `+0100`, `+01:00`, `-5`, `GMT+2`.
fn numeric_zone(text: &str) -> Option<i32> {
    let text = text
        .trim_start_matches("GMT")
        .trim_start_matches("UTC")
        .trim();
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text
        .chars()
        .skip(1)
        .take_while(|c| c.is_ascii_digit() || *c == ':')
        .filter(char::is_ascii_digit)
        .collect();
    let number: i32 = digits.parse().ok()?;
    let (hours, minutes) = if digits.len() > 2 {
        (number / 100, number % 100)
    } else {
        (number, 0)
    };
    let seconds = sign * (hours * 3600 + minutes * 60);
    FixedOffset::east_opt(seconds).map(|_| seconds)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings() {
        for (text, expected) in [
            ("Fri, 20 Nov 2026 10:00:00 GMT", "2026-11-20T10:00:00"),
            ("Mon, 20 Nov 2026 10:00:00 +0100", "2026-11-20T09:00:00"),
            ("20 Nov 2026", "2026-11-20T00:00:00"),
            ("Fri, 20 Nov 26 10:00 EST", "2026-11-20T15:00:00"),
            ("Fri, 20 Nov 2026 10:00 CEST", "2026-11-20T08:00:00"),
            ("Friday, November 20, 2026 - 10:00", ""),
            ("Friday, November 20, 2026 10:00pm", "2026-11-20T22:00:00"),
            ("Nov 20, 2026", "2026-11-20T00:00:00"),
            ("November 20th, 2026 at 12:30 AM", "2026-11-20T00:30:00"),
            ("Fri Nov 20 10:00:00 2026", "2026-11-20T10:00:00"),
            ("Fri Nov 20 10:00:00 PST 2026", "2026-11-20T18:00:00"),
            ("20-Nov-2026 10:00:00", "2026-11-20T10:00:00"),
            ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00"),
            ("2026-11-20T10:00:00.123456+05:30", "2026-11-20T04:30:00"),
            ("2026-11-20 10:00:00", "2026-11-20T10:00:00"),
            ("2026-11-20 10:00:00 +0000 UTC", "2026-11-20T10:00:00"),
            ("2026-11-20T10:00Z", "2026-11-20T10:00:00"),
            ("2026-11-20T10:00:00-0500", "2026-11-20T15:00:00"),
            ("2026-11-20", "2026-11-20T00:00:00"),
            ("2026-11", "2026-11-01T00:00:00"),
            ("2026/11/20 10:00", "2026-11-20T10:00:00"),
            ("20261120", "2026-11-20T00:00:00"),
            ("Fri, 20 Nov 2026 24:00:00 GMT", "2026-11-20T23:59:59"),
            ("Fri, 20 Nov 2026 10:00:60 GMT", "2026-11-20T10:00:59"),
            ("Sun, 01 Jan 0001 00:00:00 GMT", ""),
            ("03/04/2026", ""),
            ("yesterday", ""),
            ("", ""),
        ] {
            let shown = parse(text).map_or_else(String::new, |date| {
                date.format("%Y-%m-%dT%H:%M:%S").to_string()
            });
            assert_eq!(shown, expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }

        #[test]
        fn never_panics_on_date_like(text in "[0-9A-Za-z:,+/ .-]{0,40}") {
            let _ = parse(&text);
        }
    }
}
