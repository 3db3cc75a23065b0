//! Properties: whatever is defanged comes back, and the map is a map.

use std::fmt::Write;

use proptest::prelude::*;

use super::Clear;

const DOTS: &[&str] = &[
    ".",
    "[.]",
    "(.)",
    "{.}",
    "[.)",
    "(.]",
    "{.]",
    "[[.]]",
    "[.",
    "{.",
    "[dot]",
    "(dot)",
    "{dot}",
    "[DOT]",
    "[ dot ]",
    "[ . ]",
    " [.] ",
    " (dot) ",
    "[d0t]",
    "\\.",
    "^.",
    "\\[.\\]",
    "[\u{3002}]",
    "\u{200B}.",
    "&#46;",
    "&period;",
    "&#91;.&#93;",
    "\u{FF0E}",
    "[.]\n",
    "[.]\u{200B}",
    "\u{AD}[.]",
];
const AFTER_SCHEMES: &[&str] = &[
    "://",
    "[:]//",
    "[://]",
    ":[//]",
    "[:/]/",
    "(:)//",
    "{:}//",
    "[:][/][/]",
    ":\\/\\/",
    ":\\\\",
    ":///",
    "&colon;//",
    "\u{FF1A}//",
    "[:]\\\\",
];
const HTTP: &[&str] = &[
    "http",
    "hxxp",
    "hXXp",
    "HXXP",
    "h**p",
    "h__p",
    "htxp",
    "hxtp",
    "httx",
    "hxxxp",
    "h-x-x-p",
    "h[tt]p",
    "[http]",
    "(http)",
    "meow",
    "[hxxp]",
    "h\u{200B}ttp",
    "xxxx",
    "ttp",
];
const HTTPS: &[&str] = &[
    "https", "hxxps", "hXXps", "h**ps", "h__ps", "htxps", "httxs", "[https]", "(https)", "meows",
    "h[tt]ps", "xxxxs",
];
const SLASHES: &[&str] = &["/", "[/]", "(/)", "{/}", "\\/", "&sol;"];
const COLONS: &[&str] = &[":", "[:]", "(:)", "{:}", "&colon;", "\u{FF1A}"];
const ATS: &[&str] = &[
    "@", "[@]", "(@)", "{@}", "[at]", "(at)", "{at}", "[AT]", " [at] ", "[ at ]", " (at) ",
    "\\[@\\]", "&commat;", "\u{FF20}",
];

/// A value in parts, and a style for each mark between them.
fn pick(styles: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(styles)
}

fn label() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9]{0,6}(-[a-z0-9]{2,5})?".prop_filter("words of marks", |label| {
        !super::words::is_function_word(label.as_bytes())
            && !super::words::is_about_names(label.as_bytes())
    })
}

/// A host name or an address as it works, and defanged.
fn host() -> impl Strategy<Value = (String, String)> {
    let name = (
        prop::collection::vec((label(), pick(DOTS)), 1..4),
        prop::sample::select(vec!["com", "top", "xyz", "ru", "net", "onion"]),
    )
        .prop_map(|(labels, top)| {
            let plain = labels
                .iter()
                .map(|(label, _)| format!("{label}."))
                .collect::<String>();
            let marked = labels
                .iter()
                .map(|(label, dot)| format!("{label}{dot}"))
                .collect::<String>();
            (plain + top, marked + top)
        });
    let address = (any::<[u8; 4]>(), [pick(DOTS), pick(DOTS), pick(DOTS)]).prop_map(
        |([a, b, c, d], [x, y, z])| (format!("{a}.{b}.{c}.{d}"), format!("{a}{x}{b}{y}{c}{z}{d}")),
    );
    prop_oneof![3 => name, 1 => address]
}

fn scheme() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop_oneof![
        pick(HTTP).prop_map(|style| ("http", style)),
        pick(HTTPS).prop_map(|style| ("https", style)),
        Just(("ftp", "fxp")),
        Just(("tcp", "tcp")),
    ]
}

proptest! {
    #[test]
    fn hosts_come_back((plain, marked) in host()) {
        prop_assert_eq!(super::Clear::of(&marked).into_string(), plain, "{}", marked);
    }

    #[test]
    fn hosts_come_back_within_prose((plain, marked) in host()) {
        let text = format!("It calls {marked}, then sleeps.");
        let clear = Clear::of(&text);
        prop_assert_eq!(clear.as_str(), format!("It calls {plain}, then sleeps."));
        prop_assert_eq!(text.get(clear.written(9..9 + plain.len())), Some(marked.as_str()));
        prop_assert!(!clear.is_defanged(&(0..8)));
    }

    #[test]
    fn urls_come_back(
        (scheme, crossed) in scheme(),
        between in pick(AFTER_SCHEMES),
        (host, marked) in host(),
        port in prop::option::of((1_u16.., pick(COLONS))),
        path in prop::collection::vec(("[a-z0-9]{1,6}", pick(SLASHES)), 0..4),
        query in prop::option::of("[a-z]{1,4}=[a-zA-Z0-9]{1,8}"),
    ) {
        let web = scheme != "tcp" || !between.contains('\\') && between != ":///";
        let between = if web { between } else { "://" };
        let (mut plain, mut written) = (format!("{scheme}://{host}"), format!("{crossed}{between}{marked}"));
        if let Some((port, colon)) = port {
            let _ = write!(plain, ":{port}");
            let _ = write!(written, "{colon}{port}");
        }
        for (part, slash) in &path {
            let _ = write!(plain, "/{part}");
            let _ = write!(written, "{slash}{part}");
        }
        if let Some(query) = query {
            let _ = write!(plain, "?{query}");
            let _ = write!(written, "?{query}");
        }
        prop_assert_eq!(Clear::of(&written).into_string(), plain, "{}", written);
    }

    #[test]
    fn addresses_come_back(account in "[a-z][a-z0-9]{0,5}([._+-][a-z0-9]{1,5})?", at in pick(ATS), (host, marked) in host()) {
        let written = format!("{account}{at}{marked}");
        prop_assert_eq!(Clear::of(&written).into_string(), format!("{account}@{host}"), "{}", written);
    }

    #[test]
    fn any_text_is_read_and_mapped(text in prop_oneof![
        any::<String>(),
        "([\\[\\](){}<>.:/\\\\^@&#;%+_ \n-]|dot|at|hxxp|com|1|a|\u{200B}|\u{3002}|\u{FF0E}|é|&#46;|%3A%2F%2F){0,40}",
    ]) {
        let clear = Clear::of(&text);
        let length = clear.as_str().len();
        let mut last = 0;
        for at in 0..length {
            let span = clear.written(at..at + 1);
            prop_assert!(span.start <= span.end && span.end <= text.len());
            prop_assert!(span.start >= last);
            if clear.as_str().is_char_boundary(at) && clear.as_str().is_char_boundary(at + 1) {
                prop_assert!(text.get(span.clone()).is_some(), "{:?} {:?}", text, span);
            }
            last = span.start;
        }
        if clear.as_str() == text {
            prop_assert_eq!(clear.written(0..length), 0..length);
        }
    }

    #[test]
    fn words_and_stops_are_borrowed(text in "([A-Za-z]{1,9}[,.;!?]? ){0,30}") {
        prop_assume!(!text.to_lowercase().contains("dot ") && !text.to_lowercase().contains(" at "));
        let clear = Clear::of(&text);
        prop_assert_eq!(clear.as_str(), text.as_str());
        prop_assert!(matches!(clear.text, std::borrow::Cow::Borrowed(_)));
    }
}
