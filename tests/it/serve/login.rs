//! Who may come in.

use serde_json::json;

use super::world::{Server, with_token};
use crate::support::app::{App, Store};

#[tokio::test(flavor = "multi_thread")]
async fn people_log_in_and_out() {
    for store in Store::both() {
        let (app, token) = with_token(&store);
        let server = Server::start(&app);
        let browser = server.client();
        let sent_away = browser.get("/jobs/1?x=%2F&y").await;
        assert_eq!(sent_away.status, 303);
        assert_eq!(
            sent_away.header("location"),
            "/login?next=%2Fjobs%2F1%3Fx%3D%252F%26y"
        );
        assert_eq!(
            browser.get("/live").await.status,
            401,
            "not shown inside the list"
        );

        let wrong = browser.log_in("gleaner_wrong").await;
        assert_eq!(wrong.status, 401);
        assert!(
            wrong.body.contains("this token is not known"),
            "{}",
            wrong.body
        );
        assert_eq!(browser.get("/").await.status, 303);

        let before = browser.cookie().unwrap();
        let right = browser
            .fill("/login", "/login", &[("token", &token), ("next", "/feeds")])
            .await;
        assert_eq!((right.status, right.header("location")), (303, "/feeds"));
        let set = right.header("set-cookie");
        for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"] {
            assert!(set.contains(part), "{set}");
        }
        assert!(!set.contains("Secure"), "not over plain HTTP: {set}");
        let session = browser.cookie().unwrap();
        assert_ne!(
            session.split('.').next(),
            before.split('.').next(),
            "a session of its own"
        );
        let home = browser.get("/").await;
        assert_eq!(home.status, 200);
        assert!(
            home.body.contains("<strong>alice</strong>"),
            "{}",
            home.body
        );
        assert_eq!(browser.get("/login").await.header("location"), "/");

        let out = browser.fill("/", "/logout", &[]).await;
        assert_eq!((out.status, out.header("location")), (303, "/login"));
        assert_eq!(browser.get("/").await.status, 303);
        let log = server.log();
        assert!(
            !log.contains(&token) && !log.contains("gleaner_wrong"),
            "{log}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_another_site_after_login() {
    let (app, token) = with_token(&Store::Embedded);
    let server = Server::start(&app);
    for next in ["https://evil.example", "//evil.example", "/\\evil.example"] {
        let browser = server.client();
        let answer = browser
            .fill("/login", "/login", &[("token", &token), ("next", next)])
            .await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, "/"),
            "{next}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_its_token() {
    let (app, token) = with_token(&Store::Embedded);
    let browser = {
        let server = Server::start(&app);
        let browser = server.client();
        browser.log_in(&token).await;
        browser
    };
    // The server that is started again knows the session, by the key it kept.
    let cookie = browser.cookie().unwrap();
    let server = Server::start(&app);
    let again = server.client();
    again.set_cookie(&cookie);
    assert_eq!(again.get("/").await.status, 200);
    drop(server);
    let (other, _) = with_token(&Store::Embedded);
    std::fs::create_dir_all(other.folder().join("gleaner-data")).unwrap();
    let key = |app: &App| app.folder().join("gleaner-data/serve.key");
    std::fs::copy(key(&app), key(&other)).unwrap();
    let server = Server::start(&other);
    let again = server.client();
    again.set_cookie(&cookie);
    assert_eq!(
        again.get("/").await.status,
        303,
        "another token, though alice's"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_show_their_token() {
    let (app, token) = with_token(&Store::Embedded);
    let server = Server::start(&app);
    let path = "/api/v1/articles";
    let refused = server.client().get(path).await;
    refused.is_problem(401);
    assert!(refused.header("www-authenticate").starts_with("Bearer"));
    for authorization in ["Bearer wrong", "Basic YTpi", "Bearer", token.as_str()] {
        let client = server.client().with("authorization", authorization);
        client.get(path).await.is_problem(401);
        let body = json!({"url": "https://blog.example/a"});
        client.post_json(path, &body).await.is_problem(401);
    }
    let client = server
        .client()
        .with("authorization", &format!("Bearer {token}"));
    assert_eq!(client.get(path).await.status, 200);
    // A browser's session opens no API: other sites could use it.
    let browser = server.client();
    browser.log_in(&token).await;
    assert_eq!(browser.get("/").await.status, 200);
    browser.get(path).await.is_problem(401);
    assert_eq!(app.status()["waiting"], 0);
    assert!(!server.log().contains(&token));
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down() {
    let (app, token) = with_token(&Store::Embedded);
    let app = app.with("GLEANER__SERVE__LOGIN_LIMIT", "3");
    let server = Server::start(&app);
    let browser = server.client();
    for _ in 0..3 {
        assert_eq!(browser.log_in("wrong").await.status, 401);
    }
    let slowed = browser.log_in("wrong").await;
    assert_eq!(slowed.status, 429);
    let wait: u64 = slowed.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    let program = server.client().with("authorization", "Bearer wrong");
    program.get("/api/v1/feeds").await.is_problem(429);
    assert_eq!(
        browser.log_in(&token).await.status,
        303,
        "the right one is taken"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_in_front_logs_people_in() {
    let (app, _) = with_token(&Store::Embedded);
    let app = app
        .with("GLEANER__SERVE__PROXY__ADDRESSES", r#"["127.0.0.1"]"#)
        .with("GLEANER__SERVE__PROXY__USER_HEADER", "X-Remote-User")
        .with("GLEANER__SERVE__RATE_LIMIT", "5");
    let server = Server::start(&app);
    let from = |address: &str| server.client().with("x-forwarded-for", address);
    let bob = from("192.0.2.1")
        .with("x-remote-user", "bob <b>")
        .with("x-forwarded-proto", "https");
    let home = bob.get("/").await;
    assert_eq!(home.status, 200);
    assert!(
        home.body.contains("<strong>bob &#60;b&#62;</strong>"),
        "{}",
        home.body
    );
    let set = home.header("set-cookie");
    assert!(
        set.starts_with("__Host-") && set.contains("Secure"),
        "{set}"
    );
    let submitted = bob
        .fill("/", "/submit", &[("urls", "https://blog.example/a")])
        .await;
    assert_eq!(submitted.status, 303, "{}", submitted.body);
    assert!(server.log().contains("bob"), "{}", server.log());
    assert_eq!(bob.get("/api/v1/feeds").await.status, 200);
    // The proxy may be open to the world, though this server listens on loopback.
    from("192.0.2.3").get("/metrics").await.is_problem(401);
    // Each of the proxy's clients has a pace of its own.
    assert_eq!(bob.get("/").await.status, 200);
    assert_eq!(bob.get("/").await.status, 429);
    assert_eq!(
        from("192.0.2.2").get("/").await.status,
        303,
        "nobody was named"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_no_proxy() {
    let (app, _) = with_token(&Store::Embedded);
    let app = app
        .with("GLEANER__SERVE__PROXY__ADDRESSES", r#"["192.0.2.0/24"]"#)
        .with("GLEANER__SERVE__PROXY__USER_HEADER", "X-Remote-User")
        .with("GLEANER__SERVE__RATE_LIMIT", "3");
    let server = Server::start(&app);
    for number in 0..3 {
        let client = server
            .client()
            .with("x-remote-user", "bob")
            .with("x-forwarded-for", &format!("192.0.2.{number}"));
        client.get("/api/v1/feeds").await.is_problem(401);
    }
    let client = server.client().with("x-forwarded-for", "192.0.2.9");
    client.get("/api/v1/feeds").await.is_problem(429);
}
