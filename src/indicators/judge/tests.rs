//! Whole documents, judged.

use std::sync::Arc;

use super::*;
use crate::article::blocks::{Cell, Kind as BlockKind, Marker, Region, Run, Style};
use crate::indicators::warninglists::{List, ListType};

/// Builds an article block by block, with the finds that a scan would make.
#[derive(Default)]
struct Article {
    blocks: Vec<Block>,
    finds: Vec<Find>,
}

impl Article {
    fn block(mut self, kind: BlockKind, text: &str) -> Self {
        self.blocks.push(Block::plain(kind, text));
        self
    }

    fn heading(self, level: u8, text: &str) -> Self {
        self.block(BlockKind::Heading { level }, text)
    }

    fn text(self, text: &str) -> Self {
        self.block(BlockKind::Paragraph, text)
    }

    fn item(self, text: &str) -> Self {
        let kind = BlockKind::ListItem {
            depth: 0,
            marker: Marker::Bullet,
        };
        self.block(kind, text)
    }

    fn code(self, text: &str) -> Self {
        self.block(BlockKind::Code { language: None }, text)
    }

    fn row(mut self, headers: &[&str], cells: &[&str]) -> Self {
        self.blocks.push(Block {
            kind: BlockKind::TableRow {
                table: 0,
                header: false,
                headers: headers.iter().map(ToString::to_string).collect(),
            },
            region: Region::Main,
            quote: 0,
            cells: cells.iter().map(|text| Cell::plain(*text)).collect(),
        });
        self
    }

    /// A paragraph of three runs, the middle one a link.
    fn link(mut self, before: &str, text: &str, target: &str, after: &str) -> Self {
        let run = |text: &str, link: Option<&str>| Run {
            text: text.into(),
            style: Style::default(),
            link: link.map(Arc::from),
        };
        let mut block = Block::plain(BlockKind::Paragraph, "");
        let runs = [run(before, None), run(text, Some(target)), run(after, None)];
        let runs = runs
            .into_iter()
            .filter(|run| !run.text.is_empty())
            .collect();
        block.cells = vec![Cell { runs }];
        self.blocks.push(block);
        let span = before.len()..before.len() + text.len();
        self.push(Kind::Url, target, span, Origin::Link);
        self
    }

    fn region(mut self, region: Region) -> Self {
        self.blocks.last_mut().unwrap().region = region;
        self
    }

    /// The last block holds this, as written there; what is written otherwise is defanged.
    fn find(mut self, kind: Kind, written: &str, value: &str) -> Self {
        let text = self.blocks.last().unwrap().text();
        let at = text.find(written).expect("the block holds the value");
        self.push(kind, value, at..at + written.len(), Origin::Text);
        self.finds.last_mut().unwrap().defanged = written != value;
        self
    }

    /// A find that is written as it is.
    fn plain(self, kind: Kind, value: &str) -> Self {
        self.find(kind, value, value)
    }

    fn push(&mut self, kind: Kind, value: &str, span: Range<usize>, origin: Origin) {
        self.finds.push(Find {
            kind,
            value: value.into(),
            block: self.blocks.len() - 1,
            span,
            defanged: false,
            origin,
        });
    }

    fn judge_with(&self, judge: &Judge, url: Option<&str>) -> Vec<Indicator> {
        let url = url.map(|url| Url::parse(url).unwrap());
        let document = Document {
            url: url.as_ref(),
            blocks: &self.blocks,
        };
        judge.judge(document, self.finds.clone())
    }

    /// Judged as an article of an unknown blog.
    fn judge(&self) -> Vec<Indicator> {
        self.judge_with(&Judge::default(), Some("https://blog.night-watch.dev/post"))
    }

    /// Verdict of the only value.
    fn verdict(&self) -> (Verdict, String) {
        let mut indicators = self.judge();
        assert_eq!(indicators.len(), 1);
        let indicator = indicators.remove(0);
        (indicator.verdict, indicator.reason)
    }
}

fn article() -> Article {
    Article::default()
}

/// An article that defangs.
fn defanging() -> Article {
    article()
        .text("The loader asks hxxps://drop-zone[.]top/a for its payload.")
        .find(
            Kind::Url,
            "hxxps://drop-zone[.]top/a",
            "https://drop-zone.top/a",
        )
}

/// Verdict of the last value of an article.
fn last(article: &Article) -> (Verdict, String) {
    let indicator = article.judge().pop().unwrap();
    (indicator.verdict, indicator.reason)
}

#[test]
fn defanged_values_are_indicators_wherever_they_stand() {
    let value = "cdn.evil-update.top";
    let written = "cdn.evil-update[.]top";
    for (name, article) in [
        (
            "prose",
            article().text("We like cdn.evil-update[.]top a lot."),
        ),
        (
            "heading",
            article().heading(2, "The end of cdn.evil-update[.]top"),
        ),
        ("list", article().item("cdn.evil-update[.]top")),
        ("code", article().code("host = cdn.evil-update[.]top")),
        (
            "elsewhere",
            article()
                .text("cdn.evil-update[.]top")
                .region(Region::Elsewhere),
        ),
        (
            "references",
            article()
                .heading(2, "References")
                .item("cdn.evil-update[.]top"),
        ),
        (
            "harmless",
            article().text("The legitimate site cdn.evil-update[.]top"),
        ),
    ] {
        let (verdict, reason) = article.find(Kind::Hostname, written, value).verdict();
        assert!(verdict.is_indicator(), "{name}: {reason}");
        assert!(reason.starts_with("defanged"), "{name}: {reason}");
    }
}

#[test]
fn services_keep_their_paths_but_not_their_names() {
    for (kind, written, value, expected) in [
        (
            Kind::Url,
            "hxxps://webhook[.]site/b0b2",
            "https://webhook.site/b0b2",
            Verdict::Detect,
        ),
        (
            Kind::Domain,
            "webhook[.]site",
            "webhook.site",
            Verdict::Note,
        ),
        (
            Kind::Url,
            "hxxps://mega[.]nz/file/x",
            "https://mega.nz/file/x",
            Verdict::Detect,
        ),
        (Kind::Domain, "google[.]com", "google.com", Verdict::Note),
        (Kind::IpDst, "8.8.8[.]8", "8.8.8.8", Verdict::Note),
    ] {
        let text = format!("It sends data to {written} every hour.");
        let (verdict, reason) = article().text(&text).find(kind, written, value).verdict();
        assert_eq!(verdict, expected, "{value}: {reason}");
    }
}

#[test]
fn sections_decide_where_nothing_is_defanged() {
    let of = |heading: &str| {
        article()
            .text("Some words.")
            .heading(2, heading)
            .item("evil-update.top")
    };
    for (heading, expected) in [
        ("Indicators of Compromise", Verdict::Detect),
        ("Indicateurs de compromission", Verdict::Detect),
        ("Domains", Verdict::Detect),
        ("References", Verdict::Reference),
        ("Further reading", Verdict::Reference),
        ("About the author", Verdict::Reference),
    ] {
        let (verdict, reason) = of(heading).plain(Kind::Domain, "evil-update.top").verdict();
        assert_eq!(verdict, expected, "{heading}: {reason}");
    }
}

#[test]
fn a_section_ends_with_the_next_heading_of_its_level() {
    let article = article()
        .heading(2, "IoCs")
        .heading(3, "First wave")
        .item("first-wave.top")
        .plain(Kind::Domain, "first-wave.top")
        .heading(2, "Acknowledgements")
        .text("We thank our friends at good-people.top for their help.")
        .plain(Kind::Domain, "good-people.top")
        .heading(4, "Conclusion")
        .text("Our site is all-of-us.top, and it grows.")
        .plain(Kind::Domain, "all-of-us.top");
    let verdicts: Vec<_> = article.judge().iter().map(|one| one.verdict).collect();
    assert_eq!(
        verdicts,
        [Verdict::Detect, Verdict::Reference, Verdict::Note]
    );
}

#[test]
fn labels_open_sections_in_flat_text() {
    let article = article()
        .text("References:")
        .text("https://good-people.top/report")
        .plain(Kind::Url, "https://good-people.top/report")
        .text("IOCs:")
        .text("https://evil-update.top/x")
        .plain(Kind::Url, "https://evil-update.top/x");
    let verdicts: Vec<_> = article.judge().iter().map(|one| one.verdict).collect();
    assert_eq!(verdicts, [Verdict::Reference, Verdict::Detect]);
}

#[test]
fn tables_speak_through_their_headers() {
    let hash = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    for (headers, cells, kind, value, expected) in [
        (
            &["MD5", "Name"][..],
            &[hash, "x"][..],
            Kind::Md5,
            hash,
            Verdict::Detect,
        ),
        (
            &["Domain", "Seen"],
            &["evil-update.top", "May"],
            Kind::Domain,
            "evil-update.top",
            Verdict::Detect,
        ),
        (
            &["Detection name", "Seen"],
            &["Agent.BT", "May"],
            Kind::Domain,
            "Agent.BT",
            Verdict::Drop,
        ),
        (
            &["Filename", "MD5"],
            &["evilname1.cr", "x"],
            Kind::Domain,
            "evilname1.cr",
            Verdict::Drop,
        ),
        (
            &["Source", "MD5"],
            &["good-people.top", "x"],
            Kind::Domain,
            "good-people.top",
            Verdict::Reference,
        ),
        (
            &[],
            &["IP", "45.9.148.7"],
            Kind::IpDst,
            "45.9.148.7",
            Verdict::Detect,
        ),
    ] {
        let (verdict, reason) = article().row(headers, cells).plain(kind, value).verdict();
        assert_eq!(verdict, expected, "{value}: {reason}");
    }
    let (_, reason) = article()
        .row(&["MD5"], &[hash])
        .plain(Kind::Md5, hash)
        .verdict();
    assert_eq!(reason, "listed, in a table, column \"MD5\"");
}

#[test]
fn links_are_references() {
    let link = || {
        article().link(
            "We wrote ",
            "more on this",
            "https://good-people.top/report",
            " last year.",
        )
    };
    assert_eq!(
        link().verdict(),
        (Verdict::Reference, "linked in running prose".into())
    );
    let hidden = article().heading(2, "IoCs").link(
        "",
        "evil-update.top/a…",
        "https://evil-update.top/a/b",
        "",
    );
    assert_eq!(hidden.verdict().0, Verdict::Detect);
    let sample = article().heading(2, "IoCs").link(
        "See ",
        "the analysis of the sample",
        "https://good-people.top/s",
        " for more on it.",
    );
    assert_eq!(sample.verdict().0, Verdict::Reference);
}

#[test]
fn a_links_target_and_its_text_are_one_value() {
    let article = article()
        .link(
            "Payload: ",
            "hxxps://evil-update[.]top/A",
            "https://Evil-Update.top/A/",
            "",
        )
        .find(
            Kind::Url,
            "hxxps://evil-update[.]top/A",
            "https://evil-update.top/A",
        );
    let indicators = article.judge();
    assert_eq!(indicators.len(), 1);
    let indicator = &indicators[0];
    assert_eq!(indicator.verdict, Verdict::Detect);
    assert_eq!(indicator.value, "https://evil-update.top/A");
    assert_eq!(indicator.places.len(), 2);
    assert_eq!(indicator.decisive, 1);
}

#[test]
fn what_is_not_defanged_in_an_article_that_defangs() {
    for (name, article, expected) in [
        (
            "a reference",
            defanging()
                .text("We built on work that good-people.top did.")
                .plain(Kind::Domain, "good-people.top"),
            Verdict::Reference,
        ),
        (
            "a URL on its own line",
            defanging()
                .text("https://good-people.top/post")
                .plain(Kind::Url, "https://good-people.top/post"),
            Verdict::Reference,
        ),
        (
            "another name of the same site",
            defanging()
                .text("Later it moved to www.drop-zone.top as well.")
                .plain(Kind::Hostname, "www.drop-zone.top"),
            Verdict::Detect,
        ),
        (
            "a name in a list of indicators",
            defanging()
                .heading(2, "IoCs")
                .item("evil-update.top")
                .plain(Kind::Domain, "evil-update.top"),
            Verdict::Detect,
        ),
        (
            "an address",
            defanging()
                .text("The server was 45.9.148.7 at that time.")
                .plain(Kind::IpDst, "45.9.148.7"),
            Verdict::Note,
        ),
        (
            "an address called bad",
            defanging()
                .text("It connects to 45.9.148.7 every hour.")
                .plain(Kind::IpDst, "45.9.148.7"),
            Verdict::Detect,
        ),
        (
            "a name that malware talks to",
            defanging()
                .text("It also connects to evil-update.top every hour.")
                .plain(Kind::Domain, "evil-update.top"),
            Verdict::Note,
        ),
    ] {
        let (verdict, reason) = last(&article);
        assert_eq!(verdict, expected, "{name}: {reason}");
    }
}

#[test]
fn words_decide_in_prose_that_defangs_nothing() {
    for (text, expected) in [
        (
            "The dropper connects to evil-update.top over TLS.",
            Verdict::Detect,
        ),
        (
            "Data was exfiltrated to evil-update.top by FTP.",
            Verdict::Detect,
        ),
        (
            "The report is available at evil-update.top for everyone.",
            Verdict::Reference,
        ),
        (
            "The actors imitated, among others, the legitimate evil-update.top shop.",
            Verdict::Reference,
        ),
        (
            "The name impersonates evil-update.top of course.",
            Verdict::Reference,
        ),
        (
            "One of the victims was evil-update.top in May.",
            Verdict::Reference,
        ),
        ("There is also evil-update.top in that file.", Verdict::Note),
    ] {
        let (verdict, reason) = article()
            .text(text)
            .plain(Kind::Domain, "evil-update.top")
            .verdict();
        assert_eq!(verdict, expected, "{text}: {reason}");
    }
}

#[test]
fn what_the_article_links_to_in_words_is_trusted() {
    let of = |text: &str| {
        article()
            .link(
                "We thank ",
                "our friends",
                "https://www.good-people.top/",
                " for help.",
            )
            .text("Their server good-people.top was down.")
            .plain(Kind::Domain, "good-people.top")
            .text(text)
    };
    assert_eq!(last(&of("")).0, Verdict::Reference);
    let condemned = of("Now it is good-people[.]top instead.").find(
        Kind::Domain,
        "good-people[.]top",
        "good-people.top",
    );
    assert_eq!(last(&condemned).0, Verdict::Detect);
}

#[test]
fn a_victim_named_in_the_lead_is_no_excuse_for_a_c2() {
    let of = |lead: &str| {
        let article = article().text(lead).item("evil-update[.]top");
        let (verdict, _) = article
            .find(Kind::Domain, "evil-update[.]top", "evil-update.top")
            .verdict();
        verdict
    };
    assert_eq!(of("Compromised websites:"), Verdict::Note);
    assert_eq!(
        of("Domains that are not malicious by themselves, but legitimate:"),
        Verdict::Note
    );
    assert_eq!(of("C2 servers that victims connected to:"), Verdict::Detect);
}

#[test]
fn known_sites_are_references() {
    for value in [
        "https://www.virustotal.com/gui/file/0f1e",
        "https://github.com/someone/tool",
        "https://learn.microsoft.com/en-us/windows",
        "https://attack.mitre.org/techniques/T1566",
        "https://www.welivesecurity.com/en/post",
        "https://twitter.com/someone/status/1",
    ] {
        let in_prose = article()
            .text(&format!("There is {value} too."))
            .plain(Kind::Url, value);
        assert_eq!(in_prose.verdict().0, Verdict::Reference, "{value}");
    }
    let listed = |value: &str| {
        article()
            .heading(2, "IoCs")
            .item(value)
            .plain(Kind::Url, value)
            .verdict()
    };
    assert_eq!(listed("https://github.com/bad-guy/tool").0, Verdict::Detect);
    assert_eq!(
        listed("https://www.virustotal.com/gui/file/0f1e").0,
        Verdict::Reference
    );
}

#[test]
fn the_blogs_own_site_and_share_buttons_are_dropped() {
    for (value, expected) in [
        ("https://www.night-watch.dev/contact", Verdict::Drop),
        ("https://night-watch.org/", Verdict::Drop),
        ("https://twitter.com/intent/tweet?url=x", Verdict::Drop),
        (
            "https://www.facebook.com/sharer/sharer.php?u=x",
            Verdict::Drop,
        ),
        ("https://night-watchers.org/", Verdict::Note),
    ] {
        let article = article()
            .text(&format!("We say {value} here."))
            .plain(Kind::Url, value);
        assert_eq!(article.verdict().0, expected, "{value}");
    }
}

#[test]
fn a_text_without_address_names_its_publisher() {
    let article = article()
        .heading(1, "Moonlight")
        .text("© 2023 Night Watch Ltd. All rights reserved.")
        .text("nightwatch.dev")
        .plain(Kind::Domain, "nightwatch.dev");
    let indicators = article.judge_with(&Judge::default(), None);
    assert_eq!(indicators[0].reason, "the blog's own site");
}

#[test]
fn a_text_by_itself_is_taken_at_its_word() {
    for (kind, text, value, expected) in [
        (
            Kind::Domain,
            "evil-update.top",
            "evil-update.top",
            Verdict::Detect,
        ),
        (
            Kind::Url,
            "look at https://evil-update.top/x now",
            "https://evil-update.top/x",
            Verdict::Detect,
        ),
        (
            Kind::Email,
            "who@evil-update.top",
            "who@evil-update.top",
            Verdict::Detect,
        ),
        (Kind::Domain, "google.com", "google.com", Verdict::Note),
        (Kind::Filename, "cmd.exe", "cmd.exe", Verdict::Note),
        (
            Kind::Vulnerability,
            "CVE-2021-44228",
            "CVE-2021-44228",
            Verdict::Note,
        ),
    ] {
        let article = article().text(text).plain(kind, value);
        let indicators = article.judge_with(&Judge::default(), None);
        assert_eq!(
            indicators[0].verdict, expected,
            "{text}: {}",
            indicators[0].reason
        );
    }
}

#[test]
fn hashes_are_indicators_unless_something_speaks_against_it() {
    let hash = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    for (name, article, expected) in [
        (
            "prose",
            article().text(&format!("The file {hash} was packed.")),
            Verdict::Detect,
        ),
        (
            "harmless",
            article().text(&format!("It loads the legitimate viewer ({hash}).")),
            Verdict::Note,
        ),
        (
            "references",
            article()
                .heading(2, "References")
                .item(&format!("Analysis of {hash}")),
            Verdict::Reference,
        ),
        (
            "elsewhere",
            article()
                .text(&format!("Cookie {hash} of our site here"))
                .region(Region::Elsewhere),
            Verdict::Reference,
        ),
        (
            "listed elsewhere",
            article().item(hash).region(Region::Elsewhere),
            Verdict::Detect,
        ),
    ] {
        let (verdict, reason) = article.plain(Kind::Md5, hash).verdict();
        assert_eq!(verdict, expected, "{name}: {reason}");
    }
    let empty = "d41d8cd98f00b204e9800998ecf8427e";
    let (verdict, _) = article()
        .heading(2, "IoCs")
        .item(empty)
        .plain(Kind::Md5, empty)
        .verdict();
    assert_eq!(verdict, Verdict::Note);
}

#[test]
fn mail_addresses() {
    for (article, expected) in [
        (
            article().text("Contact the author at jane@good-people.top for more."),
            Verdict::Reference,
        ),
        (
            article().text("Reach her at jane@good-people.top for more."),
            Verdict::Reference,
        ),
        (
            article().text("Phishing mails came from jane@good-people.top in May."),
            Verdict::Detect,
        ),
        (
            article()
                .heading(2, "Sender addresses, IoCs")
                .item("jane@good-people.top"),
            Verdict::Detect,
        ),
        (
            defanging().text("A mail of jane@good-people.top says so."),
            Verdict::Reference,
        ),
        (
            article()
                .heading(2, "About us")
                .text("jane@good-people.top"),
            Verdict::Reference,
        ),
    ] {
        let (verdict, reason) = last(&article.plain(Kind::Email, "jane@good-people.top"));
        assert_eq!(verdict, expected, "{reason}");
    }
}

#[test]
fn files_and_keys_of_every_system_are_notes() {
    let listed = |kind, value: &str| {
        article()
            .heading(2, "IoCs")
            .item(value)
            .plain(kind, value)
            .verdict()
            .0
    };
    let told = |kind, value: &str| {
        let text = format!("Then {value} is started by it.");
        article().text(&text).plain(kind, value).verdict().0
    };
    assert_eq!(listed(Kind::Filename, "updt32.dll"), Verdict::Detect);
    assert_eq!(
        listed(Kind::Filename, r"C:\Windows\System32\cmd.exe"),
        Verdict::Note
    );
    assert_eq!(told(Kind::Filename, "updt32.dll"), Verdict::Note);
    assert_eq!(told(Kind::Filename, "rundll32.exe"), Verdict::Note);
    let run = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run";
    assert_eq!(told(Kind::Regkey, run), Verdict::Note);
    assert_eq!(
        listed(Kind::Regkey, &format!(r"{run}\Updt")),
        Verdict::Detect
    );
    assert_eq!(told(Kind::Mutex, "Global\\moon"), Verdict::Detect);
}

#[test]
fn outside_of_the_article_only_lists_count() {
    let of = |article: Article| {
        article
            .region(Region::Elsewhere)
            .plain(Kind::Domain, "evil-update.top")
            .verdict()
            .0
    };
    assert_eq!(
        of(article().text("Our partner evil-update.top sells hats.")),
        Verdict::Reference
    );
    assert_eq!(
        of(article().heading(2, "IoCs").item("evil-update.top")),
        Verdict::Detect
    );
}

#[test]
fn placeholders_are_dropped() {
    for value in [
        "http://<c2>/gate.php",
        "http://{host}/a",
        "http://evil-update.top/lo…",
    ] {
        let (verdict, reason) = article().text(value).plain(Kind::Url, value).verdict();
        assert_eq!(verdict, Verdict::Drop, "{value}: {reason}");
    }
}

#[test]
fn the_ids_flag_needs_detection_and_a_type_for_it() {
    let article = article()
        .heading(2, "IoCs")
        .item("45.9.148.7")
        .plain(Kind::IpDst, "45.9.148.7")
        .item(r"C:\moon\moon.pdb")
        .plain(Kind::Pdb, r"C:\moon\moon.pdb")
        .item("CVE-2021-44228")
        .plain(Kind::Vulnerability, "CVE-2021-44228");
    let flags: Vec<_> = article
        .judge()
        .iter()
        .map(|one| (one.verdict, one.to_ids))
        .collect();
    assert_eq!(
        flags,
        [
            (Verdict::Detect, true),
            (Verdict::Detect, false),
            (Verdict::Note, false)
        ]
    );
}

#[test]
fn the_strongest_place_decides_and_order_is_kept() {
    let article = article()
        .text("There is evil-update.top in that file.")
        .plain(Kind::Domain, "evil-update.top")
        .text("It had 45.9.148.7 too.")
        .plain(Kind::IpDst, "45.9.148.7")
        .heading(2, "IoCs")
        .item("evil-update.top")
        .plain(Kind::Domain, "evil-update.top");
    let indicators = article.judge();
    let values: Vec<_> = indicators.iter().map(|one| one.value.as_str()).collect();
    assert_eq!(values, ["evil-update.top", "45.9.148.7"]);
    assert_eq!(indicators[0].decisive, 1);
    assert_eq!(indicators[0].reason, "listed, in a list, under \"IoCs\"");
}

#[test]
fn warninglists_flag_or_drop() {
    let judge = |action| {
        let list = List {
            name: "Known hosts".into(),
            list_type: ListType::Hostname,
            matching_attributes: Vec::new(),
            values: vec!["shared-files.top".into()],
        };
        let lists = Warninglists::builder().list_with(list, action).build();
        Judge::new(Arc::new(lists))
    };
    let article = article()
        .text("It sends all to shared-files[.]top at hxxps://shared-files[.]top/x/1 by night.")
        .find(Kind::Domain, "shared-files[.]top", "shared-files.top")
        .find(
            Kind::Url,
            "hxxps://shared-files[.]top/x/1",
            "https://shared-files.top/x/1",
        );
    for (action, expected) in [
        (Action::Flag, [Verdict::Note, Verdict::Note]),
        (Action::Drop, [Verdict::Drop, Verdict::Note]),
    ] {
        let judged = article.judge_with(&judge(action), None);
        let verdicts: Vec<_> = judged.iter().map(|one| one.verdict).collect();
        assert_eq!(verdicts, expected);
        assert!(
            judged
                .iter()
                .all(|one| !one.to_ids && one.reason.contains("Known hosts"))
        );
    }
}

#[test]
fn lists_of_ones_own_go_before_everything() {
    let own = OwnLists::parse(&["good-people.top".into()], &["*.evil-update.top".into()]).unwrap();
    let judge = Judge::default().with_own(Arc::new(own));
    let article = article()
        .link("See ", "this", "https://c2.evil-update.top/x", "")
        .heading(2, "References")
        .item("good-people.top")
        .plain(Kind::Domain, "good-people.top")
        .text("C2: c2.evil-update[.]top")
        .find(Kind::Hostname, "c2.evil-update[.]top", "c2.evil-update.top");
    let judged = article.judge_with(&judge, None);
    let verdicts: Vec<_> = judged.iter().map(|one| one.verdict).collect();
    assert_eq!(verdicts, [Verdict::Drop, Verdict::Detect, Verdict::Drop]);
    assert!(judged[1].to_ids);
    assert_eq!(
        judged[2].reason,
        "denied by one's own list: *.evil-update.top"
    );
}

#[test]
fn finds_that_do_not_fit_the_document_do_no_harm() {
    let mut article = article().text("é");
    for (block, start, end) in [(0, 1, 9), (0, 5, 2), (7, 0, 4)] {
        article.finds.push(Find {
            kind: Kind::Domain,
            value: "evil-update.top".into(),
            block,
            span: start..end,
            defanged: false,
            origin: Origin::Text,
        });
    }
    assert_eq!(article.judge().len(), 1);
}

#[test]
fn a_defanged_value_is_excused_by_the_words_beside_it_only() {
    let written = "evil-portal[.]net";
    for (text, expected) in [
        (
            "The victim is redirected through evil-portal[.]net",
            Verdict::Detect,
        ),
        (
            "Victims searching for the tool are sent to evil-portal[.]net",
            Verdict::Detect,
        ),
        (
            "It collects the IP of the victim and sends it to evil-portal[.]net",
            Verdict::Detect,
        ),
        (
            "The legitimate-looking domain evil-portal[.]net",
            Verdict::Detect,
        ),
        (
            "evil-portal[.]net resolves to a legitimate cloud provider",
            Verdict::Detect,
        ),
        (
            "They copied the legitimate site evil-portal[.]net",
            Verdict::Note,
        ),
        (
            "Also evil-portal[.]net, one of the victims, was entered",
            Verdict::Note,
        ),
    ] {
        let article = article()
            .text(text)
            .find(Kind::Domain, written, "evil-portal.net");
        let (verdict, reason) = article.verdict();
        assert_eq!(verdict, expected, "{text}: {reason}");
    }
}

#[test]
fn words_beside_a_plain_value_outweigh_the_convention() {
    for (text, kind, value, expected) in [
        (
            "The bot contacts its C2 server at http://bot-panel.su/gate.php",
            Kind::Url,
            "http://bot-panel.su/gate.php",
            Verdict::Detect,
        ),
        (
            "Talk to us on http://velvettoad.onion/chat now",
            Kind::Url,
            "http://velvettoad.onion/chat",
            Verdict::Note,
        ),
        (
            "Victims are told to mail velvettoad@evilmail.org",
            Kind::Email,
            "velvettoad@evilmail.org",
            Verdict::Detect,
        ),
        (
            "He writes on http://good-people.top/notes about fish",
            Kind::Url,
            "http://good-people.top/notes",
            Verdict::Reference,
        ),
    ] {
        let (verdict, reason) = last(&defanging().text(text).plain(kind, value));
        assert_eq!(verdict, expected, "{text}: {reason}");
    }
}

#[test]
fn abused_services_count_where_malware_uses_them() {
    for (text, value, expected) in [
        (
            "Stolen passwords are sent to https://api.telegram.org/bot6012345678:AAH/send",
            "https://api.telegram.org/bot6012345678:AAH/send",
            Verdict::Detect,
        ),
        (
            "It downloads its payload from https://raw.githubusercontent.com/evil77/cfg/main/p.bin",
            "https://raw.githubusercontent.com/evil77/cfg/main/p.bin",
            Verdict::Detect,
        ),
        (
            "The PoC was downloaded from https://github.com/someone/poc",
            "https://github.com/someone/poc",
            Verdict::Reference,
        ),
    ] {
        let (verdict, reason) = article().text(text).plain(Kind::Url, value).verdict();
        assert_eq!(verdict, expected, "{text}: {reason}");
    }
}

#[test]
fn code_is_no_reproach() {
    let of = |lead: &str, code: &str, kind, value: &str| {
        article().text(lead).code(code).plain(kind, value).verdict()
    };
    let tool = "https://downloads.good-tool.top/tool.tgz";
    let (verdict, reason) = of(
        "Install our tool:",
        &format!("wget {tool}"),
        Kind::Url,
        tool,
    );
    assert_eq!((verdict, reason.as_str()), (Verdict::Note, "in code"));
    let (verdict, _) = of("Look:", "ping 194.87.45.90", Kind::IpDst, "194.87.45.90");
    assert_eq!(verdict, Verdict::Note);
    let (verdict, _) = of(
        "The dropper runs:",
        &format!("wget {tool}"),
        Kind::Url,
        tool,
    );
    assert_eq!(verdict, Verdict::Detect);
}

#[test]
fn a_small_text_that_takes_sides_is_no_snippet() {
    let article = article()
        .text("The loader asks evil-update[.]top for more.")
        .find(Kind::Domain, "evil-update[.]top", "evil-update.top")
        .text("References")
        .text("https://good-people.top/a/1.html")
        .plain(Kind::Url, "https://good-people.top/a/1.html")
        .text("https://good-people.top/a/2.html")
        .plain(Kind::Url, "https://good-people.top/a/2.html");
    let judged = article.judge_with(&Judge::default(), None);
    let verdicts: Vec<_> = judged.iter().map(|one| one.verdict).collect();
    assert_eq!(
        verdicts,
        [Verdict::Detect, Verdict::Reference, Verdict::Reference]
    );
}

#[test]
fn other_languages_call_things_malicious() {
    for text in [
        "Сообщает серверу управления evil-update.top имя",
        "Il parle au serveur de commande evil-update.top sans fin",
        "El servidor de mando y control evil-update.top sigue",
    ] {
        let (verdict, reason) = article()
            .text(text)
            .plain(Kind::Domain, "evil-update.top")
            .verdict();
        assert_eq!(verdict, Verdict::Detect, "{text}: {reason}");
    }
}

#[test]
fn values_that_stand_for_any_are_dropped() {
    for (kind, value) in [
        (Kind::Url, "http://xxx.xxx.xxx.xxx/"),
        (Kind::Url, "https://your-domain.com/"),
        (Kind::Email, "you@domain.com"),
        (Kind::Email, "yourname@yourcompany.com"),
        (Kind::Domain, "attacker.com"),
        (Kind::Hostname, "mail.example.co.uk"),
    ] {
        let (verdict, reason) = article().text(value).plain(kind, value).verdict();
        assert_eq!(verdict, Verdict::Drop, "{value}: {reason}");
    }
}

#[test]
fn lists_of_references_without_marks_of_headings_end() {
    let hash = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    for article in [
        article()
            .text("References")
            .text("https://good-people.top/a")
            .plain(Kind::Url, "https://good-people.top/a"),
        article()
            .text("Sources\n[1] https://good-people.top/b\n[2] https://good-people.top/a")
            .plain(Kind::Url, "https://good-people.top/a"),
    ] {
        let article = article.text("More of it").item(hash).plain(Kind::Md5, hash);
        let verdicts: Vec<_> = article.judge().iter().map(|one| one.verdict).collect();
        assert_eq!(verdicts, [Verdict::Reference, Verdict::Detect]);
    }
}
