use super::*;

fn failure(status: u16, body: &str) -> Failure {
    let status = StatusCode::from_u16(status).unwrap();
    match understand("POST http://m/events/add".into(), status, body.as_bytes()) {
        Ok(answer) => answer.ok().unwrap_err(),
        Err(failure) => failure,
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_failing_answer_has_its_reason() {
    let said = |errors: &str| {
        format!(
            r#"{{"name":"Could not add Event","message":"Could not add Event","errors":{errors}}}"#
        )
    };
    let name = |text: &str| format!(r#"{{"name":"{text}","message":"{text}","url":"/x"}}"#);
    for (status, body, reason, words) in [
        (
            403,
            said(r#"{"Event":{"date":["Expected date format: YYYY-MM-DD"]}}"#),
            Reason::Refused,
            "date: Expected date format",
        ),
        (
            403,
            said(r#"[{"info":["valueNotEmpty"]}]"#),
            Reason::Refused,
            "info: valueNotEmpty",
        ),
        (
            403,
            said(r#""numeric""#),
            Reason::Refused,
            "Could not add Event: numeric",
        ),
        (
            403,
            name("Authentication failed. Please make sure"),
            Reason::Unauthorized,
            "check `misp.key`",
        ),
        (
            403,
            name("It is not possible to use this Auth key from your IP address"),
            Reason::Unauthorized,
            "allowed addresses",
        ),
        (
            403,
            name("You do not have permission to use this functionality."),
            Reason::Unauthorized,
            "perm_add",
        ),
        (
            401,
            name("Unauthorized"),
            Reason::Unauthorized,
            "organisation",
        ),
        (
            405,
            name("Invalid Sharing Group or not authorised."),
            Reason::Unauthorized,
            "event.sharing_group_id",
        ),
        (
            405,
            name("No valid event data received."),
            Reason::Refused,
            "post_max_size",
        ),
        (404, name("Not Found"), Reason::DestinationGarbled, "404"),
        (
            500,
            name("An Internal Error Has Occurred."),
            Reason::DestinationDown,
            "error.log",
        ),
        (
            500,
            "<html>oops".to_owned(),
            Reason::DestinationDown,
            "<html>oops",
        ),
        (
            200,
            "<html><body>Welcome".to_owned(),
            Reason::DestinationGarbled,
            "is `misp.url` a MISP server?",
        ),
        (200, String::new(), Reason::DestinationGarbled, "nothing"),
        (
            200,
            "{\"Event\":".to_owned(),
            Reason::DestinationGarbled,
            "JSON was due",
        ),
    ] {
        let failure = failure(status, &body);
        assert_eq!(failure.reason, reason, "{status} {body}");
        assert!(failure.message.contains(words), "{failure} lacks {words}");
    }
}

#[test]
fn redirects_and_limits_are_explained() {
    let explain = |status: u16, name: &'static str, value: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        status_failure(
            "GET http://m/x",
            StatusCode::from_u16(status).unwrap(),
            &headers,
        )
        .unwrap()
    };
    let login = explain(302, "location", "http://m/users/login");
    assert!(login.reason == Reason::Unauthorized && login.message.contains("maintenance"));
    let moved = explain(301, "location", "https://m/");
    assert!(moved.reason == Reason::DestinationGarbled && moved.message.contains("`https://m/`"));
    let limited = explain(429, "x-rate-limit-reset", "900");
    assert_eq!(limited.retry_after, Some(Duration::from_secs(900)));
    let down = explain(503, "retry-after", "7");
    assert_eq!(
        (down.reason, down.retry_after),
        (Reason::DestinationDown, Some(Duration::from_secs(7)))
    );
    assert_eq!(explain(413, "x", "").reason, Reason::TooLarge);
}
