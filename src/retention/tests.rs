use super::*;

const TOOL: &str = "curation:source=\"gleaner\"";

fn stored(age_days: i64, tags: &[&str], org: u8) -> Stored {
    let tags: Vec<Value> = tags.iter().map(|name| json!({"name": name})).collect();
    let now = 1_800_000_000_i64;
    serde_json::from_value(json!({
        "id": "1", "uuid": Uuid::from_bytes([1; 16]), "info": "x", "timestamp": (now - age_days * 86_400).to_string(),
        "Orgc": {"id": "1", "name": "o", "uuid": Uuid::from_bytes([org; 16])}, "Tag": tags,
    }))
    .unwrap()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn all_conditions_count() {
    let rules = Rules {
        organisation: Uuid::from_bytes([7; 16]),
        tool_tag: TOOL,
        after: Duration::from_secs(99 * DAY),
        now: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
    };
    let judge = |age, tags: &[&str], org| rules.judge(&stored(age, tags, org));
    let days = |n: u64| Ok(Duration::from_secs(n * DAY));
    for (age, tags, org, expected) in [
        (100, vec![TOOL, INCOMPLETE], 7, days(99)),
        (99, vec![TOOL, INCOMPLETE], 7, Err(KeepReason::Young)),
        (
            100,
            vec![TOOL, INCOMPLETE],
            8,
            Err(KeepReason::OtherOrganisation),
        ),
        (100, vec![INCOMPLETE], 7, Err(KeepReason::NoToolTag)),
        (
            100,
            vec!["curation:source=\"gleanerX\"", INCOMPLETE],
            7,
            Err(KeepReason::NoToolTag),
        ),
        (100, vec![TOOL], 7, Err(KeepReason::NotIncomplete)),
        (
            100,
            vec![TOOL, "workflow:state=\"complete\""],
            7,
            Err(KeepReason::NotIncomplete),
        ),
        (
            100,
            vec![TOOL, INCOMPLETE, DO_NOT_DELETE],
            7,
            Err(KeepReason::DoNotDelete),
        ),
        (31, vec![TOOL, INCOMPLETE, "retention:30d"], 7, days(30)),
        (
            100,
            vec![TOOL, INCOMPLETE, "retention:1y"],
            7,
            Err(KeepReason::Young),
        ),
        (
            31,
            vec![TOOL, INCOMPLETE, "retention:30d", "retention:2m"],
            7,
            Err(KeepReason::Young),
        ),
        (
            100,
            vec![TOOL, INCOMPLETE, "retention:soon"],
            7,
            Err(KeepReason::UnreadableRetention),
        ),
        (1, vec![TOOL, INCOMPLETE, "retention:expired"], 7, days(0)),
        (
            -5,
            vec![TOOL, INCOMPLETE, "retention:expired"],
            7,
            Err(KeepReason::Young),
        ),
    ] {
        assert_eq!(judge(age, &tags, org), expected, "{age} {tags:?} {org}");
    }
}

#[test]
fn retention_tags_are_read_as_the_taxonomy_means_them() {
    for (text, days) in [
        ("1d", Some(1)),
        ("2w", Some(14)),
        ("3m", Some(90)),
        ("10y", Some(3650)),
        ("\"30d\"", Some(30)),
        ("expired", Some(0)),
        ("", None),
        ("d", None),
        ("+3d", None),
        ("3h", None),
        ("99999999999999999999d", None),
        ("3ä", None),
    ] {
        assert_eq!(
            tagged(text),
            days.map(|days| Duration::from_secs(days * DAY)),
            "{text}"
        );
    }
}
