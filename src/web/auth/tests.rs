use axum::http::StatusCode;

use super::*;

fn client(user: Option<&str>) -> Client {
    Client {
        address: "192.0.2.1".parse().unwrap(),
        by_proxy: user.is_some(),
        https: false,
        user: user.map(str::to_owned),
    }
}

fn with_token() -> (Auth, String) {
    let (token, hash) = new_token().unwrap();
    let mut settings = Serve::default();
    settings.tokens.insert("alice".into(), hash);
    settings.login_limit = 3;
    (Auth::new(&settings, Key::of_bytes(b"key")), token)
}

fn authorization(values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(AUTHORIZATION, value.parse().unwrap());
    }
    headers
}

#[test]
fn bearer_tokens_let_in() {
    let (auth, token) = with_token();
    let ask = |values: &[&str]| auth.caller(&client(None), &authorization(values));
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let caller = ask(&[&format!("{scheme} {token}")]).unwrap();
        assert_eq!(caller, Caller::Token("alice".into()));
    }
    let good = format!("Bearer {token}");
    for values in [
        &[][..],
        &["Bearer"],
        &["Basic YTpi"],
        &[token.as_str()],
        &[good.as_str(), good.as_str()],
    ] {
        let refused = ask(values).unwrap_err();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{values:?}");
    }
}

#[test]
fn the_word_of_the_proxy_counts_more_than_a_password_it_passes_on() {
    let (auth, _) = with_token();
    let basic = authorization(&["Basic YTpi"]);
    let caller = auth.caller(&client(Some("bob")), &basic).unwrap();
    assert_eq!(caller, Caller::Proxy("bob".into()));
    let wrong = authorization(&["Bearer wrong"]);
    assert!(auth.caller(&client(Some("bob")), &wrong).is_err());
}

#[test]
fn guessing_is_slowed_and_the_right_token_still_taken() {
    let (auth, token) = with_token();
    let status = |token: &str| {
        auth.check(token, &client(None))
            .map_err(|problem| problem.status())
    };
    for _ in 0..3 {
        assert_eq!(status("wrong"), Err(StatusCode::UNAUTHORIZED));
    }
    assert_eq!(status("wrong"), Err(StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(status(&token).as_deref(), Ok("alice"));
}

#[test]
fn a_wrong_token_is_refused_also_where_none_is_needed() {
    let auth = Auth::new(&Serve::default(), Key::of_bytes(b"key"));
    assert_eq!(
        auth.caller(&client(None), &HeaderMap::new()).unwrap(),
        Caller::Open
    );
    let wrong = authorization(&["Bearer wrong"]);
    assert!(auth.caller(&client(None), &wrong).is_err());
}

#[test]
fn visitors_come_by_proxy_session_or_openness() {
    let (auth, _) = with_token();
    let nobody = auth.new_session(None);
    let alice = auth.new_session(Some("alice"));
    assert_eq!(auth.visitor(&client(None), &nobody), None);
    assert_eq!(
        auth.visitor(&client(None), &alice),
        Some(Caller::Session("alice".into()))
    );
    assert_eq!(
        auth.visitor(&client(Some("bob")), &nobody),
        Some(Caller::Proxy("bob".into()))
    );
    let open = Auth::new(&Serve::default(), Key::of_bytes(b"key"));
    assert_eq!(open.visitor(&client(None), &nobody), Some(Caller::Open));
}
