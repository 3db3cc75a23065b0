use super::*;

fn list(name: &str, list_type: ListType, types: &[&str], values: &[&str]) -> List {
    List {
        name: name.into(),
        list_type,
        matching_attributes: types.iter().map(ToString::to_string).collect(),
        values: values.iter().map(ToString::to_string).collect(),
    }
}

fn one(list_type: ListType, types: &[&str], values: &[&str]) -> Warninglists {
    Warninglists::builder()
        .list(list("l", list_type, types, values))
        .build()
}

fn check(lists: &Warninglists, cases: &[(Kind, &str, bool)]) {
    for (kind, value, expected) in cases {
        assert_eq!(
            lists.hit(*kind, value).is_some(),
            *expected,
            "{kind} {value}"
        );
    }
}

#[test]
fn strings_are_whole_values() {
    let lists = one(
        ListType::String,
        &["domain", "domain|ip", "md5"],
        &["Harmless.top", "D41D8CD98F00B204E9800998ECF8427E"],
    );
    check(
        &lists,
        &[
            (Kind::Domain, "harmless.top", true),
            (Kind::Domain, "www.harmless.top", false),
            (Kind::DomainIp, "harmless.top|45.9.148.1", true),
            (Kind::DomainIp, "other.top|45.9.148.1", false),
            (Kind::Md5, "d41d8cd98f00b204e9800998ecf8427e", true),
            // Not among its types.
            (Kind::Hostname, "harmless.top", false),
        ],
    );
}

#[test]
fn hostnames_hold_for_names_below_and_for_urls() {
    let lists = one(
        ListType::Hostname,
        &["domain", "hostname", "url", "hostname|port"],
        &["harmless.top", ".dyn.net"],
    );
    check(
        &lists,
        &[
            (Kind::Domain, "harmless.top", true),
            (Kind::Hostname, "A.B.Harmless.top", true),
            (Kind::HostnamePort, "a.harmless.top|443", true),
            (Kind::Url, "https://user@www.harmless.top:8443/x?y=/z", true),
            (Kind::Url, "www.harmless.top/x", true),
            (Kind::Url, "http://evil.top/harmless.top", false),
            (Kind::Url, "http://evil.top/a|harmless.top", false),
            (Kind::Domain, "notharmless.top", false),
            (Kind::Domain, "harmless.top.evil.top", false),
            (Kind::Hostname, "c2.dyn.net", true),
            (Kind::Domain, "dyn.net", true),
            (Kind::Domain, "top", false),
        ],
    );
}

#[test]
fn nets_hold_addresses_and_smaller_nets() {
    let lists = one(
        ListType::Cidr,
        &["ip-src", "domain|ip", "ip-dst|port"],
        &[
            "45.9.148.0/24",
            "45.10.0.7",
            "2a02:e00::/29",
            "45.16.0.0/12",
        ],
    );
    check(
        &lists,
        &[
            (Kind::IpDst, "45.9.148.255", true),
            (Kind::IpDst, "45.9.149.0", false),
            (Kind::IpDst, "45.10.0.7", true),
            (Kind::IpDst, "45.10.0.8", false),
            (Kind::IpDst, "45.31.255.255", true),
            (Kind::IpDst, "45.9.148.128/25", true),
            (Kind::IpDst, "45.9.148.0/23", false),
            (Kind::IpDst, "2a02:e07:ffff::1", true),
            (Kind::IpDst, "2a02:e08::", false),
            (Kind::IpDstPort, "45.9.148.1|443", true),
            (Kind::DomainIp, "evil.top|45.9.148.1", true),
            (Kind::IpDst, "not an address", false),
        ],
    );
    let everything = one(ListType::Cidr, &[], &["0.0.0.0/0", "::/0"]);
    check(
        &everything,
        &[
            (Kind::IpDst, "45.9.148.1", true),
            (Kind::IpDst, "2a02::1", true),
        ],
    );
}

#[test]
fn substrings_and_regular_expressions() {
    let lists = one(ListType::Substring, &[], &["sandbox.top"]);
    check(
        &lists,
        &[
            (Kind::Url, "https://api.SANDBOX.top/x", true),
            (Kind::Domain, "mysandbox.topsy.net", true),
            (Kind::Domain, "sandbox.net", false),
        ],
    );
    let lists = one(
        ListType::Regex,
        &["email"],
        &[
            r"/^(security|abuse)\@.*\..*$/i",
            "^bare@",
            "/(?=look)ahead/",
            "/unclosed(",
        ],
    );
    check(
        &lists,
        &[
            (Kind::EmailSrc, "Abuse@harmless.top", true),
            (Kind::Email, "bare@harmless.top", true),
            (Kind::Email, "notabuse@harmless.top", false),
            (Kind::Url, "abuse@harmless.top", false),
        ],
    );
    assert_eq!(lists.warnings().len(), 2, "{:?}", lists.warnings());
    assert!(lists.warnings()[0].contains("(?=look)ahead"));
}

#[test]
fn dropping_goes_before_flagging_and_then_the_first_list_wins() {
    let of = |name: &str| list(name, ListType::Hostname, &[], &["harmless.top"]);
    let lists = Warninglists::builder()
        .list(of("first"))
        .list(of("second"))
        .build();
    assert_eq!(
        lists.hit(Kind::Domain, "harmless.top").unwrap().list,
        "first"
    );
    let lists = Warninglists::builder()
        .list(of("first"))
        .list_with(of("second"), Action::Drop)
        .list_with(of("third"), Action::Drop)
        .build();
    let hit = lists.hit(Kind::Domain, "harmless.top").unwrap();
    assert_eq!((hit.list, hit.action), ("second", Action::Drop));
}

#[test]
fn files_and_answers_of_the_server_are_read() {
    let file = br#"{"description": "d", "version": 3, "name": "n", "type": "cidr", "list": ["45.9.148.0/24"],
        "matching_attributes": ["ip-src", "ip-dst"]}"#;
    let answer = br#"{"Warninglist": {"id": "87", "name": "n", "type": "cidr", "enabled": true,
        "WarninglistEntry": [{"id": "1", "value": "45.9.148.0/24", "comment": null}],
        "WarninglistType": [{"id": "3", "type": "ip-src"}, {"id": "4", "type": "ip-dst"}]}}"#;
    let expected = list(
        "n",
        ListType::Cidr,
        &["ip-src", "ip-dst"],
        &["45.9.148.0/24"],
    );
    assert_eq!(List::from_misp_json(file).unwrap(), expected);
    assert_eq!(List::from_misp_json(answer).unwrap(), expected);
    for (bad, named) in [
        ("{}", "`list`: missing"),
        ("[]", "an object with `name`"),
        ("", "EOF"),
        (
            r#"{"name": "n", "type": "nosuch", "list": []}"#,
            "`type`: unknown variant `nosuch`, expected one of `string`",
        ),
        (r#"{"type": "cidr", "list": []}"#, "`name`: missing"),
        (r#"{"name": 1, "list": []}"#, "`name`: invalid type"),
        (r#"{"name": "n", "list": "a.top"}"#, "`list`: invalid type"),
        (
            r#"{"name": "n", "list": ["a.top", {}]}"#,
            "`list`: entry 2 is neither",
        ),
        (
            r#"{"name": "n", "list": [], "matching_attributes": "url"}"#,
            "`matching_attributes`: invalid type",
        ),
        (r#"{"Warninglist": []}"#, "`Warninglist`: not an object"),
        (
            r#"{"Warninglist": {"name": "n", "WarninglistEntry": [{"id": 1}]}}"#,
            "`WarninglistEntry`: entry 1",
        ),
        (
            r#"{"Warninglist": {"name": "n", "type": "no"}}"#,
            "`type`: unknown variant",
        ),
    ] {
        let fault = List::from_misp_json(bad.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(fault.contains(named), "{bad}: {fault}");
    }
}

#[test]
fn what_is_no_net_is_named() {
    let lists = one(ListType::Cidr, &[], &["45.9.148.0/33", "a", "45.9.148.1"]);
    assert_eq!(lists.warnings().len(), 2);
    assert!(lists.warnings()[0].contains("`45.9.148.0/33`"));
    assert!(lists.hit(Kind::IpDst, "45.9.148.1").is_some());
}

#[test]
fn a_large_list_answers_for_each_of_its_entries() {
    let values: Vec<String> = (0..50_000)
        .map(|n| format!("host-{n}.harmless.top"))
        .collect();
    let lists = Warninglists::builder()
        .list(List {
            name: "large".into(),
            list_type: ListType::Hostname,
            matching_attributes: Vec::new(),
            values,
        })
        .build();
    for n in (0..50_000).step_by(997) {
        assert!(
            lists
                .hit(Kind::Hostname, &format!("a.host-{n}.harmless.top"))
                .is_some()
        );
    }
    assert!(
        lists
            .hit(Kind::Hostname, "host-50000.harmless.top")
            .is_none()
    );
}
