use proptest::prelude::*;

use super::*;
use crate::indicators::Kind;
use crate::indicators::warninglists::{Action, List, Warninglists};

fn list(name: &str, list_type: ListType, types: &[&str], values: &[&str]) -> List {
    List {
        name: name.into(),
        list_type,
        matching_attributes: types.iter().map(ToString::to_string).collect(),
        values: values.iter().map(ToString::to_string).collect(),
    }
}

fn samples() -> Vec<List> {
    let large = (0..=write::MAX_EXACT).map(|n| format!("site{n}.top"));
    vec![
        list(
            "z hosts",
            ListType::Hostname,
            &["domain", "url"],
            &[".Good.top", "b.top"],
        ),
        list(
            "strings",
            ListType::String,
            &["domain", "md5"],
            &["Harmless.top", "D41D8CD98F00B204E9800998ECF8427E"],
        ),
        list(
            "nets",
            ListType::Cidr,
            &["ip-dst"],
            &["10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "nonsense"],
        ),
        list("parts", ListType::Substring, &[], &["sandbox"]),
        list("patterns", ListType::Regex, &["email"], &["/^abuse@/i"]),
        List {
            values: large.clone().collect(),
            ..list("large hosts", ListType::Hostname, &[], &[])
        },
        List {
            values: large.collect(),
            ..list("large strings", ListType::String, &["md5"], &[])
        },
    ]
}

fn read(lists: Vec<List>) -> Packed {
    Packed::read(&Bytes::from(write(lists).bytes)).unwrap()
}

#[test]
fn packed_lists_answer_like_lists_that_were_read() {
    let packed = std::sync::Arc::new(read(samples()));
    let packed = Warninglists::builder()
        .packed(&packed, |_| Some(Action::Flag))
        .build();
    let mut plain = Warninglists::builder();
    let mut lists = samples();
    lists.sort_by(|a, b| a.name.cmp(&b.name));
    for list in lists {
        plain = plain.list(list);
    }
    let plain = plain.build();
    let mut hits = 0;
    for (kind, value) in [
        (Kind::Domain, "good.top"),
        (Kind::Domain, "www.good.top"),
        (Kind::Url, "https://x.good.top:8/a"),
        (Kind::Email, "x@good.top"),
        (Kind::Domain, "notgood.top"),
        (Kind::Domain, "harmless.top"),
        (Kind::Domain, "www.harmless.top"),
        (Kind::Md5, "d41d8cd98f00b204e9800998ecf8427e"),
        (Kind::Md5, "d41d8cd98f00b204e9800998ecf8427f"),
        (Kind::IpDst, "10.1.2.3"),
        (Kind::IpDst, "11.1.2.3"),
        (Kind::IpDst, "192.0.2.7"),
        (Kind::IpDst, "192.0.2.8"),
        (Kind::IpDst, "2001:db8::7"),
        (Kind::IpDst, "2001:db9::7"),
        (Kind::Url, "https://my-sandbox.example/"),
        (Kind::Email, "abuse@a.top"),
        (Kind::Domain, "site7.top"),
        (Kind::Domain, "a.site19000.top"),
        (Kind::Domain, "site19001.top"),
        (Kind::Md5, "site7.top"),
    ] {
        let hit = packed.hit(kind, value);
        assert_eq!(hit, plain.hit(kind, value), "{kind} {value}");
        hits += usize::from(hit.is_some());
    }
    assert_eq!(hits, 13);
}

#[test]
fn the_order_of_lists_and_entries_changes_no_byte() {
    let mut other = samples();
    other.reverse();
    for list in &mut other {
        list.values.reverse();
    }
    let written = write(samples());
    assert_eq!(written.bytes, write(other).bytes);
    assert_eq!(
        written.warnings,
        ["warninglist \"nets\": entry `nonsense` is no address or net"]
    );
}

#[test]
fn only_chosen_lists_are_asked() {
    let packed = std::sync::Arc::new(read(samples()));
    let lists = Warninglists::builder()
        .packed(&packed, |name| (name == "nets").then_some(Action::Drop))
        .build();
    assert_eq!(lists.len(), 1);
    assert_eq!(lists.hit(Kind::Domain, "good.top"), None);
    let hit = lists.hit(Kind::IpDst, "10.1.2.3").unwrap();
    assert_eq!((hit.list, hit.action), ("nets", Action::Drop));
}

#[test]
fn lists_that_weigh_say_nothing_of_rented_names() {
    let lists = [
        list("popular", ListType::Hostname, &[], &["dyn.top", "shop.top"]),
        list("rented", ListType::Hostname, &[], &["dyn.top"]),
        list("harmless", ListType::String, &[], &["good.dyn.top"]),
    ];
    let packed = std::sync::Arc::new(read(lists.into()));
    let lists = Warninglists::builder()
        .packed(&packed, |name| {
            Some(match name {
                "popular" => Action::Weigh,
                "rented" => Action::Rented,
                _ => Action::Flag,
            })
        })
        .build();
    for (value, expected) in [
        ("www.shop.top", Some("popular")),
        ("bad.dyn.top", None),
        ("good.dyn.top", Some("harmless")),
    ] {
        let hit = lists.hit(Kind::Hostname, value);
        assert_eq!(hit.map(|hit| hit.list), expected, "{value}");
    }
    assert_eq!(lists.hits(Kind::Hostname, "good.dyn.top").len(), 3);
}

#[test]
fn cut_bytes_are_refused() {
    let small: Vec<List> = samples().into_iter().take(5).collect();
    let bytes = write(small).bytes;
    for end in 0..bytes.len() {
        assert!(
            Packed::read(&Bytes::from(bytes[..end].to_vec())).is_err(),
            "{end}"
        );
    }
}

proptest! {
    /// Bytes whose check sum is right may still be nonsense.
    #[test]
    fn no_bytes_make_it_panic(flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let small: Vec<List> = samples().into_iter().take(5).collect();
        let mut bytes = write(small).bytes;
        for (at, to) in flips {
            let at = at.index(bytes.len());
            bytes[at] = to;
        }
        if let Ok(packed) = Packed::read(&Bytes::from(bytes)) {
            let lists = Warninglists::builder().packed(&std::sync::Arc::new(packed), |_| Some(Action::Flag)).build();
            for (kind, value) in [(Kind::Domain, "good.top"), (Kind::IpDst, "10.1.2.3"), (Kind::IpDst, "2001:db8::7")] {
                let _ = lists.hit(kind, value);
            }
        }
    }
}
