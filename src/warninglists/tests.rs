use std::fs;

use tokio::net::TcpListener;

use super::*;
use crate::indicators::{Document, Kind, Verdict, scan};

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(60);

/// A server that takes connections and never answers, and judges that ask it for lists.
async fn hanging(limits: Limits) -> (TcpListener, tempfile::TempDir, Judges, String) {
    crate::http::install_crypto_provider();
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config {
        data_dir: folder.path().to_owned(),
        ..Config::default()
    };
    config.misp.url = format!("http://{}", server.local_addr().unwrap());
    config.misp.key = "k".into();
    let client = crate::app::misp_client(&config).unwrap();
    let judges = Judges::within(&config, client, limits).unwrap();
    (server, folder, judges, config.misp.url)
}

fn verdict(judge: &Judge) -> Verdict {
    let text = "The server is bad-host[.]top.";
    let document = Document {
        url: None,
        blocks: &crate::article::read_text(text),
    };
    judge.judge(document, scan(text))[0].verdict
}

fn copy(judges: &Judges, server: &str) {
    let cache = &judges.0.cache;
    fs::create_dir_all(cache).unwrap();
    let index = format!(r#"{{"server": "{server}", "lists": [{{"id": "1", "version": "2"}}]}}"#);
    fs::write(cache.join("index.json"), index).unwrap();
    let index = fs::File::options()
        .append(true)
        .open(cache.join("index.json"));
    index
        .unwrap()
        .set_modified(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    let list = r#"{"name": "N", "type": "string", "list": ["bad-host.top"]}"#;
    fs::write(cache.join("1-2.json"), list).unwrap();
}

#[tokio::test]
async fn a_server_that_hangs_holds_nobody_up_for_long() {
    let limits = Limits {
        refresh: SHORT,
        first: LONG,
        patience: LONG,
    };
    let (_server, _folder, judges, _) = hanging(limits).await;
    let judge = timeout(LONG, judges.judge()).await.unwrap().unwrap();
    assert_eq!(verdict(&judge), Verdict::Detect);
    // It is not asked again for a while.
    let known = judges.0.current().clone().unwrap();
    assert!(known.is_fresh(&judges.0.knowledge));
}

#[tokio::test]
async fn the_last_good_copy_is_used_and_a_stale_judge_goes_on() {
    let limits = Limits {
        refresh: LONG,
        first: SHORT,
        patience: Duration::ZERO,
    };
    let (_server, _folder, judges, url) = hanging(limits).await;
    copy(&judges, &url);
    let judge = timeout(LONG, judges.judge()).await.unwrap().unwrap();
    assert_eq!(verdict(&judge), Verdict::Note);
    // One task asks the server, which hangs; nobody waits for it.
    for _ in 0..3 {
        let judge = timeout(LONG / 2, judges.judge()).await.unwrap().unwrap();
        assert_eq!(verdict(&judge), Verdict::Note);
    }
    assert!(judges.0.turn.try_lock().is_err());
}

#[tokio::test]
async fn a_panic_is_a_failure_and_no_empty_list() {
    let failure = apart(|| panic!("on purpose")).await.unwrap_err();
    assert_eq!(failure.reason, Reason::Crashed);
}

#[test]
fn the_folders_list_goes_before_the_packs_of_its_name() {
    const NAME: &str = "List of known hashes for empty files";
    const EMPTY: &str = "d41d8cd98f00b204e9800998ecf8427e";
    const OTHER: &str = "7f3c9a41e2b85d06c1f4a7938be25d10";
    let packs = [crate::knowledge::builtin::warninglists().unwrap()];
    let hit = |settings: &config::Indicators, value| {
        let lists = build(Vec::new(), settings, &packs);
        let action = lists.hit(Kind::Md5, value).map(|hit| hit.action);
        (lists.len(), action)
    };
    let mut settings = config::Indicators {
        warninglists_pack: vec![NAME.into()],
        ..config::Indicators::default()
    };
    assert_eq!(hit(&settings, EMPTY), (1, Some(Action::Flag)));
    settings.warninglists_drop = vec![NAME.into()];
    assert_eq!(hit(&settings, EMPTY), (1, Some(Action::Drop)));
    settings.warninglists_pack.clear();
    assert_eq!(hit(&settings, EMPTY), (1, Some(Action::Drop)));
    settings.warninglists_drop.clear();
    assert_eq!(hit(&settings, EMPTY), (0, None));

    let folder = tempfile::tempdir().unwrap();
    let list = format!(r#"{{"name": "{NAME}", "type": "string", "list": ["{OTHER}"]}}"#);
    fs::write(folder.path().join("a.json"), list).unwrap();
    settings.warninglists_folder = folder.path().to_owned();
    settings.warninglists_pack = vec![NAME.into()];
    assert_eq!(hit(&settings, EMPTY), (1, None));
    assert_eq!(hit(&settings, OTHER), (1, Some(Action::Flag)));
}

#[tokio::test]
async fn judges_take_over_refreshed_knowledge() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        data_dir: folder.path().to_owned(),
        ..Config::default()
    };
    let judges = Judges::new(&config, None).unwrap();
    judges.judge().await.unwrap();
    let is_fresh = || {
        let known = judges.0.current().clone().unwrap();
        known.is_fresh(&judges.0.knowledge)
    };
    assert!(is_fresh());
    fs::write(config.knowledge_path(), "of another time").unwrap();
    assert!(!is_fresh());
    judges.judge().await.unwrap();
}
