//! `extract`: files, standard input, addresses and batches, as a person or a script calls it.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::app::{App, Store};
use crate::support::web::Web;

const MD5: &str = "7f3c9a41e2b85d06c1f4a7938be25d10";

const TEXT: &str = "The loader asks hxxps://cdn.evil-update[.]top/a.php for its payload.\n\n\
                    # Indicators of compromise\n\n- bad-host[.]top\n- 7f3c9a41e2b85d06c1f4a7938be25d10\n";

fn app() -> App {
    App::new(&Store::Embedded)
}

/// Type and value of each.
fn found(answer: &Value, key: &str) -> BTreeSet<(String, String)> {
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    let list = answer[key].as_array().unwrap().iter();
    list.map(|one| (text(one, "type"), text(one, "value")))
        .collect()
}

fn expected() -> BTreeSet<(String, String)> {
    [
        ("url", "https://cdn.evil-update.top/a.php"),
        ("domain", "bad-host.top"),
        ("md5", MD5),
    ]
    .map(|(kind, value)| (kind.to_owned(), value.to_owned()))
    .into()
}

#[test]
fn a_file_as_table_and_as_json() {
    let app = app();
    app.write("report.txt", TEXT);
    let shown = app.run(&["extract", "report.txt"]);
    for text in [
        "https://cdn.evil-update.top/a.php",
        "bad-host.top",
        MD5,
        "detect",
    ] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    assert!(
        shown.ends_with("3 indicators, 3 for detection\n"),
        "{shown}"
    );

    let answer = app.json(&["extract", "report.txt"]);
    assert_eq!(found(&answer, "indicators"), expected());
    let url = &answer["indicators"][0];
    assert_eq!(url["written"], "hxxps://cdn.evil-update[.]top/a.php");
    assert_eq!((&url["block"], &url["offset"]), (&json!(0), &json!(16)));
    assert_eq!(
        (&url["verdict"], &url["to_ids"]),
        (&json!("detect"), &json!(true))
    );
    assert!(!url["reason"].as_str().unwrap().is_empty());
    assert_eq!(url["places"][0]["defanged"], true);
}

#[test]
fn the_same_article_gives_the_same_in_every_form() {
    let app = app();
    let html = "<!doctype html><html><head><title>Loader</title></head><body><article><h1>Loader</h1>\
                <p>The loader asks <code>hxxps://cdn.evil-update[.]top/a.php</code> for its <b>payload</b>, and then waits for orders \
                from its operators, which come <a href=\"https://www.vendor-blog.com/\">as we know</a> every few hours.</p>\
                <h2>Indicators of compromise</h2><table><tr><th>Type</th><th>Value</th></tr>\
                <tr><td>MD5</td><td><code>7f3c9a41e2b85d06c1f4a7938be25d10</code></td></tr></table>\
                <ul><li>bad-host[.]top</li></ul></article></body></html>";
    let markdown = "# Loader\n\nThe loader asks `hxxps://cdn.evil-update[.]top/a.php` for its **payload**, and then waits for \
                    orders\nfrom its operators, which come [as we know](https://www.vendor-blog.com/) every few hours.\n\n\
                    ## Indicators of compromise\n\n| Type | Value |\n|---|---|\n| MD5 | `7f3c9a41e2b85d06c1f4a7938be25d10` |\n\n\
                    - bad-host[.]top\n";
    app.write("a.html", html);
    app.write("a.md", markdown);
    app.write("a.txt", markdown);
    let asciidoc = markdown
        .replace("## Indicators", "== Indicators")
        .replace("# Loader", "= Loader")
        .replace("**", "*")
        .replace(
            "[as we know](https://www.vendor-blog.com/)",
            "https://www.vendor-blog.com/[as we know]",
        )
        .replace(
            "| Type | Value |\n|---|---|",
            "[options=\"header\"]\n|===\n| Type | Value\n",
        )
        .replace("3b` |\n", "3b`\n|===\n")
        .replace("- bad", "* bad");
    app.write("a.adoc", &asciidoc);
    for file in ["a.html", "a.md", "a.txt", "a.adoc"] {
        let answer = app.json(&["extract", file]);
        assert_eq!(
            found(&answer, "indicators"),
            expected(),
            "{file}: {answer:#}"
        );
        assert_eq!(answer["title"], "Loader", "{file}");
        let all = app.json(&["extract", file, "--all"]);
        let reference = all["indicators"].as_array().unwrap().iter();
        let mut reference = reference.filter(|one| one["verdict"] == "reference");
        assert_eq!(
            reference.next().unwrap()["value"],
            "https://www.vendor-blog.com/",
            "{file}"
        );
    }
}

#[test]
fn standard_input_unjudged() {
    let app = app();
    let mut command = app.command(&["extract", "-", "--scan", "--json"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(TEXT.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found(&answer, "finds"), expected());
    assert_eq!(answer["finds"][0]["origin"], "text");
    assert!(answer["finds"][0].get("verdict").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_by_the_rules_of_the_worker() {
    let web = Web::page("Content-Type: text/plain", TEXT).await;
    let answer = app().json(&["extract", &web.url("/report")]);
    assert_eq!(found(&answer, "indicators"), expected());
    assert_eq!(answer["url"], web.url("/report"));

    let strict = app().with("GLEANER__HTTP__ALLOW_NETWORKS", "[]");
    let output = strict.output(&["extract", &web.url("/report")]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(errors.contains("refused-address"), "{errors}");
}

#[cfg(feature = "pdf")]
#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_from_a_file_and_from_the_web() {
    let pdf = crate::support::pdf::document(&[
        "Loader",
        "The loader asks hxxps://cdn.evil-update[.]top/a.php for its payload.",
        "bad-host[.]top",
        MD5,
    ]);
    let app = app();
    std::fs::write(app.folder().join("report"), &pdf).unwrap();
    let web = Web::page("Content-Type: application/pdf", pdf).await;
    for input in ["report", &web.url("/report.pdf")] {
        let answer = app.json(&["extract", input]);
        assert_eq!(found(&answer, "indicators"), expected(), "{answer:#}");
        assert_eq!(answer["title"], "Loader");
    }
}

#[test]
fn a_batch_of_texts_and_pages() {
    let app = app();
    let page = "<html><title>x</title><body><article><p>Its server is hxxp://bad-host[.]top/gate, which it asks for orders \
                every hour, on the hour, until somebody answers it.</p></article>";
    app.write("page.html", page);
    let cases = [
        json!({"id": "text", "text": TEXT}),
        json!({"id": 2, "page": "page.html"}),
        json!({"id": "both", "text": "nothing here", "page": "page.html"}),
    ];
    let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
    app.write("cases.jsonl", &(lines.join("\n") + "\n\n"));
    let read = |arguments: &[&str]| -> Vec<Value> {
        let shown = app.run(arguments);
        shown
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let answers = read(&["extract", "--batch", "cases.jsonl"]);
    assert_eq!(answers.len(), 3);
    assert_eq!(found(&answers[0], "found"), expected());
    assert_eq!(answers[0]["found"][0]["to_ids"], true);
    assert_eq!(answers[0]["found"][0]["verdict"], "detect");
    assert_eq!(answers[1]["id"], 2);
    assert_eq!(answers[1]["found"][0]["value"], "http://bad-host.top/gate");
    assert_eq!(answers[2], json!({"id": "both", "found": [], "tags": []}));
    let scanned = read(&["extract", "--scan", "--batch", "cases.jsonl"]);
    assert_eq!(found(&scanned[0], "found"), expected());
    assert!(scanned[0]["found"][0].get("verdict").is_none());
}

/// A report on one actor that names another besides.
const STORY: &str = "# APT28 is back\n\nAPT28 sent mails with a link to a page that asks for the password (T1566.002). The \
                     mails came in March and again in May, and those who gave their password away found their mail box read.\n\n\
                     The page is hosted where many others are, and says nothing about who wrote it. Tools such as Mimikatz were \
                     not seen. We found no other trace of APT28 in the logs that we were given, which went back for half a year.";

#[test]
fn tags_are_shown_with_the_sentence_that_earned_them() {
    let app = app();
    app.write("story.md", STORY);
    let shown = app.run(&["extract", "story.md"]);
    for part in [
        r#"misp-galaxy:threat-actor="APT28""#,
        r#"Spearphishing Link - T1566.002""#,
        "APT28 sent mails with a link",
        "mentions (--mentions shows them)",
    ] {
        assert!(shown.contains(part), "{part} in:\n{shown}");
    }
    assert!(!shown.contains("MimiKatz"), "{shown}");
    let all = app.run(&["extract", "story.md", "--mentions"]);
    assert!(all.contains("MimiKatz"), "{all}");

    let answer = app.json(&["extract", "story.md"]);
    let actor = &answer["tags"][0];
    assert_eq!(actor["tag"], r#"misp-galaxy:threat-actor="APT28""#);
    assert_eq!(actor["topic"], "actor");
    assert_eq!(actor["standing"], "subject");
    assert_eq!(actor["places"][0]["written"], "APT28");
}

#[test]
fn a_batch_answers_with_the_tags_of_the_event() {
    let app = app();
    let case = json!({"id": 1, "text": STORY}).to_string();
    app.write("cases.jsonl", &case);
    let tags = |arguments: &[&str]| -> Vec<String> {
        let line: Value = serde_json::from_str(app.run(arguments).trim()).unwrap();
        let tags = line["tags"].as_array().into_iter().flatten();
        tags.map(|tag| tag.as_str().unwrap().to_owned()).collect()
    };
    let subjects = tags(&["extract", "--batch", "cases.jsonl"]);
    assert_eq!(subjects.len(), 3, "{subjects:?}");
    assert!(subjects.iter().all(|tag| !tag.contains("Mimi")));
    let all = tags(&["extract", "--batch", "cases.jsonl", "--mentions"]);
    assert!(all.iter().any(|tag| tag.contains("Mimi")), "{all:?}");
    assert!(tags(&["extract", "--batch", "cases.jsonl", "--scan"]).is_empty());
}

#[test]
fn what_is_wrong_is_named() {
    let app = app();
    app.write("empty.txt", " \n");
    app.write("bad.jsonl", "{\"id\": 1, \"text\": \"x\"}\nno JSON\n");
    app.write("gone.jsonl", "{\"id\": 1, \"page\": \"none.html\"}\n");
    std::fs::write(app.folder().join("binary"), b"MZ\0\x01\x02").unwrap();
    app.write("broken.pdf", "%PDF-1.7\nno more");
    for (arguments, words) in [
        (&["extract", "none.txt"][..], "cannot open `none.txt`"),
        (&["extract", "empty.txt"], "`empty.txt` is empty"),
        (&["extract", "binary"], "holds neither text nor PDF"),
        (&["extract", "broken.pdf"], "PDF"),
        (&["extract", "--batch", "bad.jsonl"], "`bad.jsonl`, line 2"),
        (
            &["extract", "--batch", "gone.jsonl"],
            "1 pages were not read",
        ),
    ] {
        let output = app.output(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(errors.contains(words), "{arguments:?}: {errors}");
    }
    let gone = app.output(&["extract", "--batch", "gone.jsonl"]);
    let line: Value = serde_json::from_slice(&gone.stdout).unwrap();
    assert!(
        line["error"].as_str().unwrap().contains("none.html"),
        "{line}"
    );
    let small = app.with("GLEANER__ARTICLE__MAX_SIZE", "64KiB");
    small.write("large.txt", &"evil ".repeat(20_000));
    let output = small.output(&["extract", "large.txt"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("article.max_size"));
}

#[test]
fn lists_of_ones_own_and_warninglists_of_a_folder() {
    let app = app();
    app.write("report.txt", TEXT);
    std::fs::create_dir_all(app.folder().join("lists/lists/hosts")).unwrap();
    app.write(
        "lists/lists/hosts/list.json",
        r#"{"name": "Known hosts", "type": "hostname", "version": 1, "list": ["evil-update.top"],
            "matching_attributes": ["domain", "hostname", "url"]}"#,
    );
    let verdicts = |app: &App| -> Vec<(String, String, bool)> {
        let answer = app.json(&["extract", "report.txt", "--all"]);
        let list = answer["indicators"].as_array().unwrap().iter();
        list.map(|one| {
            let text = |key: &str| one[key].as_str().unwrap().to_owned();
            (text("type"), text("verdict"), one["to_ids"] == true)
        })
        .collect()
    };
    let is = |kind: &str, verdict: &str, to_ids| (kind.to_owned(), verdict.to_owned(), to_ids);
    let app = app
        .with("GLEANER__INDICATORS__WARNINGLISTS_FOLDER", "lists")
        .with(
            "GLEANER__INDICATORS__DENY",
            "[\"md5:7f3c9a41e2b85d06c1f4a7938be25d10\"]",
        );
    assert_eq!(
        verdicts(&app),
        [
            is("url", "note", false),
            is("domain", "detect", true),
            is("md5", "drop", false)
        ]
    );
    let app = app.with("GLEANER__INDICATORS__ALLOW", "[\"*.evil-update.top\"]");
    assert!(verdicts(&app).contains(&is("url", "detect", true)));
}

#[test]
fn what_is_never_set_is_not_shown() {
    let app = app();
    app.write(
        "a.txt",
        "Emotet is back\n\nThe Emotet trojan came by mail.\n",
    );
    let tags = |app: &App| -> Vec<String> {
        let shown = app.json(&["extract", "a.txt", "--mentions"]);
        let tags = shown["tags"].as_array().unwrap().iter();
        tags.map(|tag| tag["tag"].as_str().unwrap().to_owned())
            .collect()
    };
    let emotet = "misp-galaxy:malpedia=\"Emotet\"".to_owned();
    assert!(tags(&app).contains(&emotet));
    let app = app.with("GLEANER__CONTEXT__NEVER", "[\"malpedia\"]");
    let left = tags(&app);
    assert!(!left.is_empty() && !left.contains(&emotet), "{left:?}");
}
