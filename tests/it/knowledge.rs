//! `knowledge`: looking names up, and refreshing from folders, archives on the web and a MISP server; what goes wrong on
//! the way changes nothing.

use std::io::Write as _;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::app::{App, Store};
use crate::support::misp::{Fault, MispDouble, Moment, Role};
use crate::support::web::{Reply, Web, response};

const OWN: &str = "5e1f0c2a-7777-4000-8000-000000000001";

fn app() -> App {
    App::new(&Store::Embedded)
}

/// A cluster file with one cluster.
fn galaxy(kind: &str, value: &str) -> String {
    json!({"name": kind, "type": kind, "version": 7, "values": [
        {"value": value, "uuid": OWN, "description": "x", "meta": {"synonyms": ["Pale Crane"]}}]})
    .to_string()
}

/// A list of hosts.
fn list(name: &str, host: &str) -> String {
    json!({"name": name, "type": "hostname", "version": 2, "list": [host]}).to_string()
}

fn tar_gz(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    for (path, text) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        builder
            .append_data(&mut header, path, text.as_bytes())
            .unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, text) in files {
        writer
            .start_file(*path, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn tags(app: &App, name: &str) -> Vec<String> {
    let shown = app.json(&["knowledge", "show", name]);
    let clusters = shown["clusters"].as_array().unwrap().iter();
    clusters
        .map(|cluster| cluster["tag"].as_str().unwrap().to_owned())
        .collect()
}

fn lists_of(app: &App, value: &str) -> Vec<String> {
    let shown = app.json(&["knowledge", "show", value]);
    let lists = shown["values"][0]["warninglists"]
        .as_array()
        .unwrap()
        .iter();
    lists
        .map(|list| list.as_str().unwrap().to_owned())
        .collect()
}

fn kept(app: &App) -> PathBuf {
    app.folder().join("gleaner-data/knowledge.bin")
}

/// An update that must fail; what it says.
fn failure(app: &App, from: &str) -> String {
    let output = app.output(&["knowledge", "update", "--from", from]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("stays as it was"), "{said}");
    said
}

#[test]
fn a_bare_machine_knows_names_and_harmless_values() {
    let app = app();
    for name in ["APT28", "apt 28", "APT-28", "Fancy Bear"] {
        let tags = tags(&app, name);
        assert!(
            tags.contains(&"misp-galaxy:threat-actor=\"APT28\"".into()),
            "{tags:?}"
        );
    }
    assert_eq!(
        tags(&app, "T1566.001"),
        ["misp-galaxy:mitre-attack-pattern=\"Spearphishing Attachment - T1566.001\""]
    );
    let shown = app.run(&["knowledge", "show", "Royal"]);
    assert!(shown.contains("misp-galaxy:ransomware="), "{shown}");
    assert!(shown.contains("\nalso an English word\n"), "{shown}");
    assert!(
        shown.contains("\nin articles   counts with evidence"),
        "{shown}"
    );
    let empty = lists_of(&app, "d41d8cd98f00b204e9800998ecf8427e");
    assert!(
        empty.contains(&"\"List of known hashes for empty files\"".into()),
        "{empty:?}"
    );
    assert!(
        lists_of(&app, "8.8.8.8")
            .iter()
            .any(|list| list.contains("public DNS"))
    );
    let tranco = "\"Top 1,000,000 most-used sites from Tranco\"".to_owned();
    assert!(lists_of(&app, "www.wikipedia.org").contains(&tranco));
    assert!(lists_of(&app, "nobody-has-ever-heard-of-this.top").is_empty());
    let status = app.json(&["knowledge", "status"]);
    assert_eq!(status["galaxies"]["origin"]["from"], "pymispgalaxies 1.1.1");
    assert_eq!(
        status["warninglists"]["builtin"]["from"],
        "pymispwarninglists 1.7.0"
    );
    assert!(!kept(&app).exists(), "looking changes nothing");
}

#[test]
fn a_folder_replaces_what_it_has_and_nothing_else() {
    let app = app();
    for folder in [
        "new/misp-galaxy/clusters",
        "new/misp-warninglists/lists/own",
    ] {
        std::fs::create_dir_all(app.folder().join(folder)).unwrap();
    }
    app.write(
        "new/misp-galaxy/clusters/rat.json",
        &galaxy("rat", "Grey Heron"),
    );
    app.write(
        "new/misp-galaxy/clusters/guns.json",
        &galaxy("firearms", "Gun"),
    );
    app.write(
        "new/misp-warninglists/lists/own/list.json",
        &list("Ours", "our-host.top"),
    );
    let report = app.json(&["knowledge", "update", "--from", "new"]);
    assert_eq!(
        report,
        json!({"galaxies": 1, "clusters": 1, "warninglists": 1, "entries": 1, "warnings": []})
    );
    assert_eq!(tags(&app, "pale-crane"), ["misp-galaxy:rat=\"Grey Heron\""]);
    assert!(tags(&app, "Gun").is_empty());
    assert!(
        tags(&app, "JadeRAT")
            .iter()
            .all(|tag| !tag.contains(":rat="))
    );
    assert!(!tags(&app, "APT28").is_empty());
    assert_eq!(lists_of(&app, "www.our-host.top"), ["\"Ours\""]);
    assert!(
        !lists_of(&app, "8.8.8.8").is_empty(),
        "the built-in lists are there still"
    );
    let status = app.json(&["knowledge", "status"]);
    // From wherever it is taken next, it is the same folder.
    let from = status["galaxies"]["origin"]["from"].as_str().unwrap();
    assert!(from.starts_with('/') && from.ends_with("/new"), "{from}");
    assert_eq!(status["galaxies"]["origin"]["versions"]["rat"], "7");
    assert_eq!(status["galaxies"]["clusters"]["rat"], 1);
    assert_eq!(status["warninglists"]["refreshed"]["versions"]["Ours"], "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn archives_come_from_the_web_in_every_form() {
    let files = [("x-main/clusters/rat.json", galaxy("rat", "Grey Heron"))];
    let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    for body in [tar_gz(&files), zip(&files)] {
        let web = Web::page("Content-Type: application/octet-stream", body).await;
        let app = app();
        app.run(&["knowledge", "update", "--from", &web.url("/main")]);
        assert_eq!(tags(&app, "Grey Heron"), ["misp-galaxy:rat=\"Grey Heron\""]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_not_shown_but_tells_sources_apart() {
    let json = list("Ours", "a.example");
    let body = tar_gz(&[("x/lists/ours/list.json", &json)]);
    let web = Web::page("Content-Type: application/octet-stream", body).await;
    let app = app();
    let from = |query: &str| {
        app.run(&["knowledge", "update", "--from", &web.url(query)]);
        let status = app.json(&["knowledge", "status"]);
        let from = status["warninglists"]["refreshed"]["from"].as_str();
        from.unwrap().to_owned()
    };
    let one = from("/main?token=s3cret");
    assert!(
        one.contains("/main (query ") && !one.contains("s3cret"),
        "{one}"
    );
    assert_ne!(one, from("/main?token=other"));
    assert_eq!(one, from("/main?token=s3cret"));
    assert!(from("/main").ends_with("/main"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_is_given_up() {
    let body = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nP".to_vec();
    let silent = Web::start(|_| Reply::Silence).await;
    let stalled = Web::start(move |_| Reply::Drip(body.clone(), b'K')).await;
    let app = app().with("GLEANER__HTTP__READ_TIMEOUT", "1s");
    let start = std::time::Instant::now();
    let said = failure(&app, &silent.url("/archive"));
    assert!(said.contains("/archive"), "{said}");
    assert!(start.elapsed() < std::time::Duration::from_secs(50));
    // One that goes on sending is not silent.
    let said = failure(&app, &stalled.url("/archive"));
    assert!(!said.contains("timed out"), "{said}");
}

/// Answers that bring no knowledge, and words of what is said of each.
fn bad_answers() -> Vec<(Vec<u8>, &'static [&'static str])> {
    let good = galaxy("rat", "White Stork");
    let whole = tar_gz(&[("x/clusters/rat.json", &good)]);
    let zeros = "0".repeat(64 << 20);
    let mut cut = response("200 OK", "", &whole);
    cut.truncate(cut.len() - 20);
    vec![
        (cut, &["/archive"]),
        (
            response("200 OK", "", &whole[..whole.len() - 20]),
            &["/archive"],
        ),
        (
            response("200 OK", "", &zip(&[("x/clusters/rat.json", &zeros)])),
            &["/archive", "far more comes out"],
        ),
        (
            response("200 OK", "", &tar_gz(&[("x/zeros", &zeros)])),
            &["/archive", "far more comes out"],
        ),
        (
            response(
                "200 OK",
                "",
                &zip(&[
                    ("x/clusters/rat.json", &good),
                    ("x/clusters/tool.json", "{\"name\": 1}"),
                ]),
            ),
            &["x/clusters/tool.json", "not a cluster file of misp-galaxy"],
        ),
        (
            response(
                "200 OK",
                "",
                &tar_gz(&[("x/lists/a/list.json", "{\"list\": {}}")]),
            ),
            &["x/lists/a/list.json", "not a warninglist"],
        ),
        (
            response("200 OK", "", &tar_gz(&[("x/README.md", "x")])),
            &["/archive", "neither galaxies"],
        ),
        (
            response("200 OK", "", b"<!doctype html>"),
            &["/archive", "neither a tar"],
        ),
        (response("404 Not Found", "", b""), &["/archive", "404"]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_changes_nothing() {
    let app = app();
    std::fs::create_dir_all(app.folder().join("good/clusters")).unwrap();
    app.write("good/clusters/rat.json", &galaxy("rat", "Grey Heron"));
    app.run(&["knowledge", "update", "--from", "good"]);
    let before = std::fs::read(kept(&app)).unwrap();

    for (bytes, words) in bad_answers() {
        let web = Web::start(move |_| Reply::Bytes(bytes.clone())).await;
        let said = failure(&app, &web.url("/archive"));
        assert!(
            words.iter().all(|word| said.contains(word)),
            "{words:?}: {said}"
        );
        assert_eq!(std::fs::read(kept(&app)).unwrap(), before, "{said}");
    }
    let said = app
        .output(&["knowledge", "update", "--from", "none"])
        .stderr;
    assert!(String::from_utf8_lossy(&said).contains("neither a folder"));
    let outside = app.with("GLEANER__HTTP__ALLOW_NETWORKS", "[]");
    let said = failure(&outside, "http://127.0.0.1:9/archive");
    assert!(said.contains("127.0.0.1"), "{said}");
    assert_eq!(tags(&outside, "Grey Heron").len(), 1);
}

#[test]
fn a_damaged_file_is_named_and_what_is_built_in_is_used() {
    let app = app();
    std::fs::create_dir_all(app.folder().join("good/clusters")).unwrap();
    app.write("good/clusters/rat.json", &galaxy("rat", "Grey Heron"));
    app.run(&["knowledge", "update", "--from", "good"]);
    let mut bytes = std::fs::read(kept(&app)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(kept(&app), bytes).unwrap();
    let output = app.output(&["knowledge", "show", "JadeRAT"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("knowledge.bin") && said.contains("check sum"),
        "{said}"
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("misp-galaxy:rat=\"JadeRAT\""));
    let status = app.json(&["knowledge", "status"]);
    assert!(status["fault"].as_str().unwrap().contains("check sum"));
    // The next update mends it.
    app.run(&["knowledge", "update", "--from", "good"]);
    assert_eq!(tags(&app, "Grey Heron").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misp_server_gives_its_galaxies_custom_clusters_and_lists() {
    let misp = MispDouble::start().await;
    let head = |id: &str, kind: &str| json!({"id": id, "type": kind, "name": kind, "version": "3", "enabled": true});
    let cluster = |value: &str, tag: &str, default: bool, uuid: &str| {
        json!({"value": value, "tag_name": tag, "default": default, "uuid": uuid, "deleted": false,
               "GalaxyElement": [{"key": "synonyms", "value": "Pale Crane"}]})
    };
    let own = format!("misp-galaxy:rat=\"{OWN}\"");
    let other = "5e1f0c2a-7777-4000-8000-000000000002";
    {
        let mut state = misp.state();
        let rats: Value = json!({"Galaxy": head("1", "rat"), "GalaxyCluster": [
            cluster("Iperius", "misp-galaxy:rat=\"Iperius\"", true, other), cluster("Grey Heron", &own, false, OWN)]});
        let guns = json!({"Galaxy": head("2", "firearms"), "GalaxyCluster": [
            cluster("Gun", "misp-galaxy:firearms=\"Gun\"", true, other)]});
        state.galaxies.insert("1".into(), rats);
        state.galaxies.insert("2".into(), guns);
        state
            .warninglists
            .insert("87".into(), vec!["our-host.top".into()]);
    }
    let app = app()
        .with("MISP_URL", misp.url())
        .with("MISP_KEY", &Role::Admin.key());
    app.run(&["knowledge", "update"]);
    // MISP puts the UUID of a custom cluster into its tag.
    assert_eq!(tags(&app, "grey heron"), [own.as_str()]);
    assert_eq!(tags(&app, "Iperius"), ["misp-galaxy:rat=\"Iperius\""]);
    assert_eq!(tags(&app, "Pale Crane").len(), 2);
    assert!(tags(&app, "Gun").is_empty());
    assert_eq!(lists_of(&app, "our-host.top"), ["\"List 87\""]);

    let before = std::fs::read(kept(&app)).unwrap();
    misp.fault("/galaxies/view/1", Moment::Before, 1, Fault::BreakOff);
    assert!(failure(&app, "misp").contains("/galaxies/view/1.json"));
    misp.fault(
        "/galaxies/index",
        Moment::Before,
        1,
        Fault::Status(200, "{}"),
    );
    assert!(failure(&app, "misp").contains("no list of galaxies"));
    assert_eq!(std::fs::read(kept(&app)).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_clusters_of_a_galaxy_that_the_server_did_not_load_are_added_to_it() {
    let misp = MispDouble::start().await;
    let galaxy = |clusters: Value| {
        let head =
            json!({"id": "1", "type": "rat", "name": "RAT", "version": "1", "enabled": true});
        json!({"Galaxy": head, "GalaxyCluster": clusters})
    };
    let cluster = |value: &str, uuid: &str| json!({"value": value, "tag_name": format!("misp-galaxy:rat=\"{uuid}\""), "default": "0", "uuid": uuid});
    let put = |clusters: Value| misp.state().galaxies.insert("1".into(), galaxy(clusters));
    put(json!([cluster("Grey Heron", OWN)]));
    let app = app()
        .with("MISP_URL", misp.url())
        .with("MISP_KEY", &Role::Admin.key());
    app.run(&["knowledge", "update"]);
    let own = format!("misp-galaxy:rat=\"{OWN}\"");
    assert_eq!(tags(&app, "grey heron"), [own.as_str()]);
    let jade = "misp-galaxy:rat=\"JadeRAT\"".to_owned();
    assert!(tags(&app, "JadeRAT").contains(&jade));

    // What was deleted on the server goes, and comes no second time.
    put(json!([cluster(
        "White Stork",
        "5e1f0c2a-7777-4000-8000-000000000003"
    )]));
    app.run(&["knowledge", "update"]);
    assert!(tags(&app, "grey heron").is_empty());
    assert_eq!(tags(&app, "white stork").len(), 1);
    assert!(tags(&app, "JadeRAT").contains(&jade));
}

#[test]
fn the_packs_lists_take_the_flag_from_what_is_harmless() {
    let app = app();
    let report = "# Indicators of compromise\n\n- d41d8cd98f00b204e9800998ecf8427e\n- 7f3c9a41e2b85d06c1f4a7938be25d10\n\
                  - wikipedia.org\n- wikihow[.]com\n- evil.hopto.org\n";
    app.write("report.txt", report);
    let flags = |app: &App| -> Vec<(String, bool)> {
        let answer = app.json(&["extract", "report.txt", "--all"]);
        let list = answer["indicators"].as_array().unwrap().iter();
        list.map(|one| {
            (
                one["value"].as_str().unwrap().to_owned(),
                one["to_ids"] == true,
            )
        })
        .collect()
    };
    let of = |found: &[(String, bool)], value: &str| {
        found
            .iter()
            .find(|(other, _)| other == value)
            .map(|(_, flag)| *flag)
    };
    let found = flags(&app);
    for (value, flag) in [
        ("d41d8cd98f00b204e9800998ecf8427e", false),
        ("7f3c9a41e2b85d06c1f4a7938be25d10", true),
        ("wikipedia.org", false),
        ("wikihow.com", true),
        ("evil.hopto.org", true),
    ] {
        assert_eq!(of(&found, value), Some(flag), "{value}: {found:?}");
    }
    let app = app.with(
        "GLEANER__INDICATORS__WARNINGLISTS_DROP",
        "[\"Top 10K most-used sites from Tranco\"]",
    );
    let found = flags(&app);
    assert_eq!(of(&found, "wikipedia.org"), Some(false));
    let shown = app.json(&["extract", "report.txt", "--all"]).to_string();
    assert!(shown.contains("\"drop\""), "{shown}");
}
