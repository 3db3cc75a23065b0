//! Events with indicators: MISP keeps all of them, and PyMISP finds them as MISP describes them.

use gleaner::article::Article;
use gleaner::article::blocks::{Block, Kind as BlockKind, Marker};
use gleaner::config::{Config, MispFeed as Settings};
use gleaner::destinations::Destination as _;
use gleaner::destinations::misp_feed::MispFeed;
use gleaner::event::{self, Content, Event, Options};
use gleaner::indicators::judge::Place;
use gleaner::indicators::{Indicator, Kind, Origin, Verdict};

use super::{LINK, deliver, feed, job, misp, settings};
use crate::support::misp::{MispDouble, Role};

fn hex(digits: usize) -> String {
    "0a1b2c3d4e".chars().cycle().take(digits).collect()
}

/// A value of each kind, some in lines of their own, some side by side.
fn items() -> Vec<Vec<(Kind, String)>> {
    let one = |kind, value: &str| vec![(kind, value.to_owned())];
    let mut items = vec![
        vec![
            (Kind::Filename, "load.exe".to_owned()),
            (Kind::Md5, hex(32)),
            (Kind::Sha1, hex(40)),
            (Kind::Sha256, hex(64)),
            (Kind::Ssdeep, "96:abc:def".to_owned()),
        ],
        vec![
            (Kind::Hostname, "c2.evil-update.top".to_owned()),
            (Kind::IpDst, "45.9.148.7".to_owned()),
        ],
        one(Kind::IpDst, "45.9.149.0/24"),
        one(Kind::IpDstPort, "45.9.148.8|443"),
        one(Kind::Domain, "evil-cdn.top"),
        one(Kind::HostnamePort, "evil-cdn.top|8080"),
        one(Kind::DomainIp, "evil-drop.top|45.9.148.9"),
        one(Kind::OnionAddress, &format!("{}.onion", "a2".repeat(28))),
        one(Kind::Url, "http://evil-cdn.top/a|b"),
        one(Kind::Email, "a@evil-cdn.top"),
        one(Kind::EmailSrc, "b@evil-cdn.top"),
        one(
            Kind::FilenameSha256,
            &format!("drop.dll|{}", "ef".repeat(32)),
        ),
        one(Kind::Pdb, "C:\\build\\load.pdb"),
        one(Kind::Regkey, "HKCU\\Software\\Run"),
        one(Kind::RegkeyValue, "HKCU\\Software\\Run|load.exe"),
        one(Kind::Mutex, "Global\\load"),
        one(Kind::NamedPipe, "\\\\.\\pipe\\load"),
        one(Kind::UserAgent, "Mozilla/4.0 (load)"),
        one(Kind::Vulnerability, "CVE-2024-12345"),
        one(Kind::Vulnerability, "GHSA-jfh8-c2jp-5v3q"),
        one(Kind::As, "AS64496"),
        one(Kind::MacAddress, "00-1A-2B-3C-4D-5E"),
        one(Kind::Telegram, "@loadbot"),
        one(Kind::Discord, "https://discord.gg/abc"),
        one(Kind::Ja4, "t13d1516h2_8daaf6152771_b186095e22b6"),
        one(Kind::Suricata, "alert http any any -> any any (sid:1;)"),
        one(Kind::AttackTechnique, "T1566"),
    ];
    let coins = [
        Kind::Eth,
        Kind::Ltc,
        Kind::Bch,
        Kind::Doge,
        Kind::Sol,
        Kind::Ada,
    ];
    items.extend(coins.map(|kind| one(kind, &format!("{kind}wallet"))));
    for (kind, digits) in [
        (Kind::Imphash, 32),
        (Kind::Ja3, 32),
        (Kind::Ja3s, 32),
        (Kind::Jarm, 62),
    ] {
        items.push(one(kind, &format!("f{}", hex(digits - 1))));
    }
    items
}

fn judged(kind: Kind, value: &str, block: usize, start: usize) -> Indicator {
    let for_detection = !matches!(kind, Kind::Vulnerability | Kind::As);
    Indicator {
        kind,
        value: value.into(),
        verdict: if for_detection {
            Verdict::Detect
        } else {
            Verdict::Note
        },
        reason: "in a list of indicators".into(),
        to_ids: for_detection,
        places: vec![Place {
            block,
            span: start..start + value.len(),
            defanged: false,
            origin: Origin::Text,
        }],
        decisive: 0,
    }
}

fn everything() -> Event {
    let (mut blocks, mut indicators) = (Vec::new(), Vec::new());
    for (number, values) in items().iter().enumerate() {
        let mut text = String::new();
        for (kind, value) in values {
            if !text.is_empty() {
                text.push_str(" - ");
            }
            indicators.push(judged(*kind, value, number, text.len()));
            text.push_str(value);
        }
        let item = BlockKind::ListItem {
            depth: 0,
            marker: Marker::Bullet,
        };
        blocks.push(Block::plain(item, text));
    }
    let article = Article {
        url: LINK.parse().unwrap(),
        title: "A new loader".into(),
        author: None,
        published: None,
        language: None,
        canonical: None,
        keywords: Vec::new(),
        blocks,
    };
    let content = Content::of(LINK, &article, &indicators, &Options::default(), 1 << 20);
    assert_eq!(content.notes, Vec::<String>::new());
    let settings = Config::default().event;
    event::build(&settings, &job(LINK), Some(&article), Some(content), &[])
}

#[tokio::test]
async fn misp_keeps_all_of_it() {
    let double = MispDouble::start().await;
    let event = everything();
    let receipt = deliver(&misp(settings(&double, Role::Admin)), &event)
        .await
        .unwrap();
    assert_eq!(receipt.notes, Vec::<String>::new());
    let state = double.state();
    let stored = state.event(&event.uuid.to_string()).unwrap();
    assert_eq!(stored.attributes.len(), event.attributes.len());
    assert_eq!(stored.objects.len(), event.objects.len());
    assert!(event.objects.len() >= 10, "{}", event.objects.len());
    let report = stored.reports[0]["content"].as_str().unwrap();
    assert!(!report.contains("c2.evil-update.top"), "{report}");
}

#[tokio::test]
async fn a_loss_in_an_object_is_said() {
    let double = MispDouble::start().await;
    let mut event = everything();
    event.objects[0].attributes[1].attribute.value = "nothex".into();
    let receipt = deliver(&misp(settings(&double, Role::Admin)), &event)
        .await
        .unwrap();
    assert_eq!(receipt.notes, ["MISP dropped the attribute `nothex`"]);
}

#[tokio::test]
async fn pymisp_finds_it_as_misp_describes_it() {
    let folder = tempfile::tempdir().unwrap();
    let feed = MispFeed::open(folder.path(), &Settings::default()).unwrap();
    feed.deliver(&everything(), feed::CONTEXT).await.unwrap();
    feed.flush().await.unwrap();
    feed::pymisp(folder.path());
}
