use super::*;

fn clients(settings: &str) -> Clients {
    Clients::new(&toml::from_str(settings).unwrap()).unwrap()
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

const BEHIND_PROXY: &str =
    "proxy = { addresses = [\"10.0.0.0/8\"], user_header = \"X-Remote-User\" }";

#[test]
fn only_the_proxy_is_believed() {
    let clients = clients(BEHIND_PROXY);
    let told = headers(&[
        ("x-forwarded-for", "6.6.6.6, 203.0.113.9"),
        ("x-forwarded-proto", "https"),
        ("x-remote-user", "alice"),
    ]);
    let from = |peer: &str| clients.identify(peer.parse().unwrap(), &told);
    let stranger = from("192.0.2.1");
    assert_eq!(stranger.address.to_string(), "192.0.2.1");
    assert_eq!((stranger.user, stranger.https), (None, false));
    for peer in ["10.1.2.3", "::ffff:10.1.2.3"] {
        let client = from(peer);
        assert_eq!(client.address.to_string(), "203.0.113.9", "the last hop");
        assert_eq!(
            (client.user.as_deref(), client.https),
            (Some("alice"), true)
        );
    }
}

#[test]
fn forwarded_addresses_are_read_in_every_spelling() {
    let clients = clients(BEHIND_PROXY);
    for (value, expected) in [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("1.2.3.4, unknown", "10.0.0.1"),
        ("", "10.0.0.1"),
    ] {
        let client = clients.identify(
            "10.0.0.1".parse().unwrap(),
            &headers(&[("x-forwarded-for", value)]),
        );
        assert_eq!(client.address.to_string(), expected, "{value}");
    }
}

#[test]
fn a_doubtful_user_is_none() {
    let clients = clients(BEHIND_PROXY);
    let long = "a".repeat(MAX_USER + 1);
    for pairs in [
        vec![],
        vec![("x-remote-user", "")],
        vec![("x-remote-user", long.as_str())],
        vec![("x-remote-user", "a\tb")],
        vec![("x-remote-user", "mallory"), ("x-remote-user", "alice")],
    ] {
        let client = clients.identify("10.0.0.1".parse().unwrap(), &headers(&pairs));
        assert_eq!(client.user, None, "{pairs:?}");
    }
}

#[test]
fn an_open_server_answers_to_its_own_names_only() {
    let open = clients("public_url = \"http://gleaner.internal:8765\"");
    for (host, fits) in [
        ("localhost", true),
        ("LOCALHOST:8765", true),
        ("127.0.0.1:8765", true),
        ("[::1]:8765", true),
        ("gleaner.internal:8765", true),
        ("evil.example", false),
        ("localhost.evil.example", false),
        ("127.0.0.1.evil.example", false),
        ("192.0.2.1", false),
        ("localhost:80@evil.example", false),
        ("[::1]evil.example", false),
        ("[::1", false),
        ("", false),
    ] {
        let checked = open.check_host(&headers(&[("host", host)]));
        assert_eq!(checked.is_ok(), fits, "{host}");
    }
    assert!(open.check_host(&headers(&[])).is_err());
    for passed_on in ["x-forwarded-for", "forwarded", "via", "x-real-ip"] {
        let pairs = [("host", "localhost"), (passed_on, "192.0.2.1")];
        assert!(open.check_host(&headers(&pairs)).is_err(), "{passed_on}");
    }
    let closed = clients(BEHIND_PROXY);
    assert!(
        closed
            .check_host(&headers(&[("host", "any.example")]))
            .is_ok()
    );
}

#[test]
fn pages_of_others_are_told_from_our_own() {
    let clients = clients("public_url = \"https://gleaner.example\"");
    for (pairs, form, own) in [
        (vec![("sec-fetch-site", "same-origin")], false, true),
        (vec![("sec-fetch-site", "none")], false, true),
        (vec![("sec-fetch-site", "same-site")], true, false),
        (vec![("sec-fetch-site", "cross-site")], true, false),
        (
            vec![("sec-fetch-site", "cross-site"), ("origin", "http://a:1")],
            true,
            false,
        ),
        (vec![], false, true),
        (vec![("origin", "http://a:1")], false, true),
        (vec![("origin", "https://gleaner.example")], false, true),
        (vec![("origin", "http://gleaner.example")], false, false),
        (vec![("origin", "http://a:2")], true, false),
        (vec![("origin", "http://evil.example")], true, false),
        (vec![("origin", "null")], false, false),
        (vec![("origin", "null")], true, true),
        (vec![("origin", "what?")], true, false),
    ] {
        let mut all = pairs.clone();
        all.push(("host", "a:1"));
        assert_eq!(
            clients.is_own(&headers(&all), form),
            own,
            "{pairs:?} {form}"
        );
    }
}

#[test]
fn links_lead_back_to_where_people_came_in() {
    let client = Client {
        address: "192.0.2.1".parse().unwrap(),
        by_proxy: false,
        https: true,
        user: None,
    };
    let asked = headers(&[("host", "gleaner.internal:8765")]);
    let base = |settings: &str| clients(settings).base(&client, &asked);
    assert_eq!(base(""), "https://gleaner.internal:8765");
    assert_eq!(
        base("public_url = \"https://g.example/\""),
        "https://g.example"
    );
    let hostile = headers(&[("host", "a'\"<>")]);
    assert_eq!(clients("").base(&client, &hostile), "https://localhost");
}
