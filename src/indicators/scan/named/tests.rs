use super::super::{Place, text as scan_text};
use crate::indicators::{Kind, scan};

const NAMED: &[Kind] = &[
    Kind::Mutex,
    Kind::NamedPipe,
    Kind::WindowsService,
    Kind::WindowsTask,
    Kind::UserAgent,
];

fn named(text: &str) -> Vec<(Kind, String)> {
    scan(text)
        .into_iter()
        .filter(|find| NAMED.contains(&find.kind))
        .map(|find| (find.kind, find.value))
        .collect()
}

#[track_caller]
fn check(kind: Kind, cases: &[(&str, &str)]) {
    for (text, value) in cases {
        assert_eq!(named(text), [(kind, (*value).to_owned())], "in {text:?}");
    }
}

#[test]
fn mutexes_are_named_by_their_label() {
    check(
        Kind::Mutex,
        &[
            (r"Mutex: Global\foo_1", r"Global\foo_1"),
            (r"Mutex: Global\\foo_1", r"Global\foo_1"),
            ("Mutex name: QWERTY-77.", "QWERTY-77"),
            ("It creates a mutex named “two words”.", "two words"),
            ("creates a mutex called xT9 first", "xT9"),
            ("opens a mutex with the name 8724643052 and", "8724643052"),
            (
                "a hardcoded mutex value {99C10657-633C-4165} to",
                "{99C10657-633C-4165}",
            ),
            (r#""mutex": "abc def""#, "abc def"),
            (r"the Global\evil-77 mutex", r"Global\evil-77"),
            (r#"CreateMutexA(0, 0, "evil");"#, "evil"),
            ("mutex = DCMIN_MUTEX-8", "DCMIN_MUTEX-8"),
        ],
    );
}

#[test]
fn services_tasks_and_pipes_are_named_by_their_label() {
    check(
        Kind::WindowsService,
        &[
            ("Service name: EvilSvc", "EvilSvc"),
            ("installs a service named “Evil Update”", "Evil Update"),
            ("sc create EvilSvc binPath= x", "EvilSvc"),
            (r#"sc.exe create "Evil Svc" binPath= x"#, "Evil Svc"),
            ("New-Service -Name EvilSvc -x", "EvilSvc"),
        ],
    );
    check(
        Kind::WindowsTask,
        &[
            ("a scheduled task named “Evil Update”", "Evil Update"),
            (
                r"scheduled task “Microsoft\Windows\Evil”",
                r"Microsoft\Windows\Evil",
            ),
            (
                r#"schtasks /create /sc minute /tn "Evil Up" /tr x"#,
                "Evil Up",
            ),
            (
                r#"schtasks /create /tn "\Microsoft\Evil" /tr x"#,
                r"\Microsoft\Evil",
            ),
            ("schtasks.exe /Create /TN EvilUp /TR x", "EvilUp"),
        ],
    );
    check(
        Kind::NamedPipe,
        &[
            ("a named pipe called “evil pipe”", "evil pipe"),
            (r"named pipe: \\.\pipe\evil", r"\\.\pipe\evil"),
            (r"writes to \\.\pipe\evil now", r"\\.\pipe\evil"),
        ],
    );
}

#[test]
fn user_agents_end_where_their_grammar_does() {
    let firefox =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:109.0) Gecko/20100101 Firefox/115.0";
    check(
        Kind::UserAgent,
        &[
            (&format!("It sends {firefox} to its host."), firefox),
            (&format!("It sends {firefox}."), firefox),
            (&format!("User-Agent: {firefox}\r\nHost: x"), firefox),
            (&format!("('{firefox}')"), firefox),
            (&format!("'User-Agent': '{firefox}'"), firefox),
            (
                "Mozilla/4.0 (compatible; MSIE 8.0; (x) y)",
                "Mozilla/4.0 (compatible; MSIE 8.0; (x) y)",
            ),
            ("User-Agent: curl/7.64.1", "curl/7.64.1"),
            ("User-Agent: Evil Loader 2", "Evil Loader 2"),
            ("the user agent string “Evil Loader”", "Evil Loader"),
            ("uses the user-agent curl/7.64.1 for", "curl/7.64.1"),
        ],
    );
}

#[test]
fn sentences_name_nothing() {
    for text in [
        "It creates a mutex to avoid running twice.",
        "The mutex is created with CreateMutexW.",
        "a mutex named after the user",
        "Mutexes: none",
        "Mutex: the malware checks it",
        "mutexes and named pipes",
        "a named pipe is used for it",
        "the service name is random",
        "scheduled tasks and services",
        "schtasks /delete /tn EvilUp",
        "sc create",
        "User-Agent: %s",
        "The User-Agent is also in the binary, and it is:",
        "User-Agent header of the request",
        "Mozilla/5.0 is common. Mozilla Firefox",
        "the mutex",
        r"Global\settings were changed",
        "curl/7.64.1",
    ] {
        assert_eq!(named(text), [], "in {text:?}");
    }
}

fn cell(header: &str, written: &str) -> Vec<(Kind, String)> {
    let mut finds = Vec::new();
    let place = Place {
        header: Some(header),
        ..Place::default()
    };
    scan_text(written, place, &mut finds);
    finds
        .into_iter()
        .filter(|find| NAMED.contains(&find.kind))
        .map(|find| (find.kind, find.value))
        .collect()
}

#[test]
fn headers_name_whole_cells() {
    for (header, written, expected) in [
        ("Mutex", "two words", vec![(Kind::Mutex, "two words")]),
        (
            "Mutexes:",
            "a_1\nb_2",
            vec![(Kind::Mutex, "a_1"), (Kind::Mutex, "b_2")],
        ),
        ("Mutex", "N/A", vec![]),
        (
            "Mutex",
            "It is created at the start and never released again.",
            vec![],
        ),
        (
            "User-Agent",
            "“Evil Loader”",
            vec![(Kind::UserAgent, "Evil Loader")],
        ),
        (
            "Service name",
            "EvilSvc",
            vec![(Kind::WindowsService, "EvilSvc")],
        ),
        ("Service name", "ssh", vec![]),
        ("Description", "EvilSvc", vec![]),
    ] {
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(kind, name)| (kind, name.to_owned()))
            .collect();
        assert_eq!(cell(header, written), expected, "{header}: {written:?}");
    }
}
