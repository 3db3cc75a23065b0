//! Forms in use, traps beside them, and the map back.

use super::*;

fn refanged(text: &str) -> String {
    Clear::of(text).into_string()
}

#[track_caller]
fn all(expected: &str, forms: &[&str]) {
    for form in forms {
        assert_eq!(refanged(form), expected, "{form:?}");
    }
}

#[track_caller]
fn untouched(texts: &[&str]) {
    for text in texts {
        let clear = Clear::of(text);
        assert_eq!(clear.as_str(), *text);
        assert!(
            matches!(clear.text, Cow::Borrowed(_)),
            "{text:?} was copied"
        );
        assert_eq!(clear.written(0..text.len()), 0..text.len());
        assert!(!clear.is_defanged(&(0..text.len())));
    }
}

#[test]
fn dots_in_every_bracket_whole_half_doubled_and_mixed() {
    all(
        "evil-update.top",
        &[
            "evil-update[.]top",
            "evil-update(.)top",
            "evil-update{.}top",
            "evil-update<.>top",
            "evil-update[.)top",
            "evil-update(.]top",
            "evil-update{.)top",
            "evil-update[[.]]top",
            "evil-update((.))top",
            "evil-update[.[top",
            "evil-update[.top",
            "evil-update.]top",
            "evil-update(.top",
            "evil-update.)top",
            "evil-update{.top",
            "evil-update.}top",
            "evil-update[ . ]top",
            "evil-update [.] top",
            "evil-update [.]top",
            "evil-update[.] top",
            "evil-update[.]\ntop",
            "evil-update\n[.]top",
            "evil-update[.]\r\n  top",
            "evil-update[,]top",
            "evil-update.[top]",
            "evil-update.[top",
            "evil-update[.top]",
            "evil-update].top",
            "evil-update . top",
            "evil-update\\.top",
            "evil-update\\\\.top",
            "evil-update^.top",
            "evil-update\\[.\\]top",
            "evil-update\\(.\\)top",
            "evil-update[\\.]top",
        ],
    );
}

#[test]
fn dots_as_words() {
    all(
        "evil-update.top",
        &[
            "evil-update[dot]top",
            "evil-update(dot)top",
            "evil-update{dot}top",
            "evil-update[DOT]top",
            "evil-update[Dot]top",
            "evil-update[d0t]top",
            "evil-update[ dot ]top",
            "evil-update [dot] top",
            "evil-update [ dot ] top",
            "evil-update dot top",
            "evil-update DOT top",
            "evil-update(dot top",
            "evil-update-dot-top",
            "evil-update_dot_top",
            "evil-update[punkt]top",
            "evil-update[punto]top",
            "evil-updatedot]top",
        ],
    );
    all(
        "45.83.12.1",
        &[
            "45[.]83.12[.]1",
            "45(dot)83(dot)12(dot)1",
            "45 dot 83 dot 12 dot 1",
            "45 . 83 . 12 . 1",
            "45[.83.]12[.1",
            "45.83.12\\.1",
            "45.83.12 . 1",
            "45 [.] 83 [.] 12 [.] 1",
            "45。83。12。1",
            "[45].83.12.1",
        ],
    );
}

#[test]
fn schemes_and_separators() {
    all(
        "http://evil-update.top/a",
        &[
            "hxxp://evil-update.top/a",
            "hXXp://evil-update.top/a",
            "HXXP://evil-update.top/a",
            "hxxxp://evil-update.top/a",
            "h**p://evil-update.top/a",
            "h__p://evil-update.top/a",
            "h--p://evil-update.top/a",
            "h-x-x-p://evil-update.top/a",
            "[http://]evil-update.top/a",
            "(hxxp://)evil-update[.]top/a",
            "httpx://evil-update[.]top/a",
            "hp://evil-update[.]top/a",
            "hzzp://evil-update[.]top/a",
            "httpp://evil-update(.)top/a",
            "htxp://evil-update.top/a",
            "hxtp://evil-update.top/a",
            "httx://evil-update.top/a",
            "h[tt]p://evil-update.top/a",
            "[http]://evil-update.top/a",
            "(http)://evil-update.top/a",
            "<http>://evil-update.top/a",
            "[hxxp]://evil-update.top/a",
            "meow://evil-update.top/a",
            "xxxx://evil-update.top/a",
            "tXXp://evil-update.top/a",
            "ttp://evil-update.top/a",
            "http[:]//evil-update.top/a",
            "http[://]evil-update.top/a",
            "http:[//]evil-update.top/a",
            "http[:/]/evil-update.top/a",
            "http(:)//evil-update.top/a",
            "http{:}//evil-update.top/a",
            "http[:][/][/]evil-update.top/a",
            "http:\\\\evil-update.top/a",
            "http:\\/\\/evil-update.top/a",
            "http:///evil-update.top/a",
            "http:/evil-update.top/a",
            "http:// evil-update.top/a",
            "http: //evil-update.top/a",
            "http ://evil-update.top/a",
            "http__evil-update.top/a",
            "hxxp[:]\\\\evil-update[.]top[/]a",
            "hxxp://[evil-update.top]/a",
            "http&colon;&sol;&sol;evil-update.top/a",
            "http%3A%2F%2Fevil-update%2Etop%2Fa",
            "ｈｔｔｐ：／／evil-update．top/a",
            "++http://evil-update.top/a++",
            "+http://evil-update.top/a+",
            "http://evil-update++[.]++top/a",
            "http://evil-update[.]top(/)a",
        ],
    );
}

#[test]
fn other_schemes() {
    all(
        "https://evil-update.top",
        &[
            "hxxps://evil-update.top",
            "h**ps://evil-update.top",
            "httxs://evil-update.top",
            "meows://evil-update.top",
            "hXXps[:]//evil-update.top",
            "[https]://evil-update.top",
            "h__ps__evil-update.top",
        ],
    );
    all(
        "ftp://evil-update.top",
        &[
            "fxp://evil-update.top",
            "ftx://evil-update.top",
            "f*p[:]//evil-update[.]top",
        ],
    );
    all(
        "tcp://evil-update.top:80/",
        &[
            "tcp[://]evil-update[.]top[:]80/",
            "tcp[:]//evil-update.top(:)80[/]",
        ],
    );
}

#[test]
fn signs_within_values() {
    for (form, expected) in [
        ("45.83.12.1[:]8080", "45.83.12.1:8080"),
        ("evil-update.top[:443", "evil-update.top:443"),
        ("2a01[:]4f8[:][:]1", "2a01:4f8::1"),
        ("2a03[:]b0c0[:]2[::]1a2", "2a03:b0c0:2::1a2"),
        (
            "http://[2a03:b0c0[::]f007]:80/b",
            "http://[2a03:b0c0::f007]:80/b",
        ),
        ("evil[-]update.top", "evil-update.top"),
        ("evil-update%2Etop", "evil-update.top"),
        ("evil++[.]++co++[.]++uk", "evil.co.uk"),
        (
            "link:++http://evil-update.top/a++[b]",
            "link:http://evil-update.top/a [b]",
        ),
        ("[www].evil-update.top", "www.evil-update.top"),
        ("[www.]evil-update.top", "www.evil-update.top"),
        (
            "www.[evil-update.[top was seen",
            "www.evil-update.top was seen",
        ),
        ("C:[\\]Windows[\\]evil.dll", "C:\\Windows\\evil.dll"),
        ("my\\_name@evil-update.top", "my_name@evil-update.top"),
        ("evil\\-update.top\\/a", "evil-update.top/a"),
        ("(evil-update[.]top)", "(evil-update.top)"),
        (
            "[evil-update[.]top](http://evil-update.top)",
            "[evil-update.top](http://evil-update.top)",
        ),
        ("*[.]evil-update[.]top", "*.evil-update.top"),
    ] {
        assert_eq!(refanged(form), expected, "{form:?}");
    }
}

#[test]
fn at_signs() {
    all(
        "bob.k@evil-update.top",
        &[
            "bob.k[@]evil-update.top",
            "bob.k(@)evil-update.top",
            "bob.k{@}evil-update.top",
            "bob.k[at]evil-update.top",
            "bob.k(AT)evil-update.top",
            "bob.k{at}evil-update.top",
            "bob.k<at>evil-update[.]top",
            "bob.k [at] evil-update.top",
            "bob.k [ at ] evil-update [ dot ] top",
            "bob.k (at) evil-update (dot) top",
            "bob.k at evil-update dot top",
            "bob.k at evil-update[.]top",
            "bob.k AT evil-update.top",
            "bob.k_at_evil-update.top",
            "bob.k[@evil-update.top",
            "bob.k@]evil-update.top",
            "bob.k@evil-update dot top",
            "bob.k @ evil-update[.]top",
            "bob.k@evil-update . top",
            "bob.k_at_evil-update_dot_top",
            "bob.k-at-evil-update[.]top",
        ],
    );
    assert_eq!(
        refanged("Email: bob at evil-update[.]top"),
        "Email: bob@evil-update.top"
    );
}

#[test]
fn characters_that_stand_for_others() {
    for (form, expected) in [
        ("evil\u{200B}-update\u{AD}.top", "evil-update.top"),
        ("CVE\u{2011}2021\u{2011}44228", "CVE-2021-44228"),
        ("CVE\u{2013}2021\u{2013}44228", "CVE-2021-44228"),
        ("evil-update&#46;top &#x5B;.&#x5D;", "evil-update.top [.]"),
        (
            "http://evil-update.top/?a=1&amp;b=2",
            "http://evil-update.top/?a=1&b=2",
        ),
        ("bob&commat;evil-update.top", "bob@evil-update.top"),
        ("evil-update\u{3002}top", "evil-update.top"),
        ("evil-update\u{2024}top", "evil-update.top"),
        ("a\u{A0}b\u{3000}c", "a b c"),
        ("evil-update&#91;.&#93;top", "evil-update.top"),
        ("evil-update[\u{3002}]top", "evil-update.top"),
    ] {
        let clear = Clear::of(form);
        assert_eq!(clear.as_str(), expected);
    }
    assert!(!Clear::of("evil&#46;top").is_defanged(&(0..8)));
    assert!(Clear::of("evil&#91;.&#93;top").is_defanged(&(0..8)));
}

#[test]
fn values_over_two_lines() {
    for (form, expected) in [
        (
            "SHA256:\n275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2\n  c4538aabf651fd0f\nnext",
            "SHA256:\n275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f\nnext",
        ),
        (
            "SHA-256: 275a021bbfb6489e54d471899f7db9d1\n663fc695ec2fe2a2c4538aabf651fd0f",
            "SHA-256: 275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f",
        ),
        (
            "http://evil-update.top/a/long/path/that/fills/its/line/up-\nto-here.php\nnext",
            "http://evil-update.top/a/long/path/that/fills/its/line/up-to-here.php\nnext",
        ),
    ] {
        let clear = Clear::of(form);
        assert_eq!(clear.as_str(), expected);
        assert!(!clear.is_defanged(&(0..expected.len())));
    }
    untouched(&[
        "275a021bbfb6489e54d471899f7db9d1\n663fc695ec2fe2a2c4538aabf651fd0f",
        "MD5: 275a021bbfb6489e54d471899f7db9d1\n663fc695ec2fe2a2c4538aabf651fd0f",
        "275a021bbfb6489e54d471899f7db9d1663fc695\n663fc695ec2fe2a2c4538aab",
        "http://evil-update.top/\nfile.exe",
        "http://evil-update.top/a/long/path/that/fills/its/line/up/to/\nThe next sentence.",
        "face\nb00c",
    ]);
}

#[test]
fn hosts_and_vulnerabilities_over_two_lines() {
    for (form, expected) in [
        ("hxxps://dl.lynx-\ncdn[.]top/a", "https://dl.lynx-cdn.top/a"),
        ("see dl.lynx-\ncdn[.]top", "see dl.lynx-cdn.top"),
        ("see lynx-\r\n  cdn[.]top", "see lynx-cdn.top"),
        ("dl[.]lynx-\ncdn.top", "dl.lynx-cdn.top"),
        (
            "hxxp://dl.lynx\nbackup[.]top/a",
            "http://dl.lynxbackup.top/a",
        ),
        ("hxxp://dl.lynx.\ncdn[.]top/a", "http://dl.lynx.cdn.top/a"),
        ("45.83.\n12[.]1", "45.83.12.1"),
        ("CVE-2023-\n27997.", "CVE-2023-27997."),
        ("cve-\n2023-27997", "cve-2023-27997"),
        (
            "SHA-256\n275a021bbfb6489e54d471899f7db9d1\n663fc695ec2fe2a2c4538aabf651fd0f",
            "SHA-256\n275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f",
        ),
    ] {
        assert_eq!(refanged(form), expected, "{form:?}");
    }
    untouched(&[
        "http://1.2.3.4\nevil-update.top",
        "http://evil-update.top\nlynx.top",
        "seen evil-update.top.\nlynx.top is",
        "the well-\nknown evil.top and a -\nlynx.top",
        "in 4.5.\n6.7 it",
        "CVE-2023-\nseveral CVE-\n2023",
        "MD5, SHA-256\n275a021bbfb6489e54d471899f7db9d1\n663fc695ec2fe2a2c4538aabf651fd0f",
    ]);
    assert_eq!(
        refanged("is 45.83.12[.]1.\nAfter that"),
        "is 45.83.12.1.\nAfter that"
    );
    assert_eq!(
        refanged("hxxp://1.2.3.4\nevil[.]top"),
        "http://1.2.3.4\nevil.top"
    );
    assert_eq!(
        refanged("hxxp://lynx.top\nevil[.]top"),
        "http://lynx.top\nevil.top"
    );
}

#[test]
fn ordinary_text_stays_as_it_is() {
    untouched(&[
        "",
        "Plain prose, e.g. this (see Fig. 1). And [1] notes; a[0].b, foo().bar(x).baz!",
        "Replace each dot with [.] in the text, or (dot) if you must.",
        "(see evil-update.top.)Next [see above.]Next text[1].In footnote.[2] end.[3]The",
        "as shown.(See Fig. 1) data.(in total 3) (see below).com f(.5) rgba(0,0,0,.5) $(.foo)",
        "[Ref].Assembly.GetType( (Get-Item).Name [Convert]::ToBase64String($a[0].Name)",
        "C:\\.ssh\\_x HKLM\\Soft\\_foo\\-bar \\\\server\\share\\.x \\\\.\\pipe\\foo %APPDATA%\\.minecraft",
        "copy /b %s\\\\%s HKCU\\\\Software\\\\.foo C:\\\\Users\\\\.x",
        "the dot com bubble, connect the dots, the red dot in the map, an anecdote",
        "look at evil-update.top, hosted at evil-update.top, seen at 10.30 in Rome",
        "look_at_me.php meet_at_noon.md __init__.py foo__bar.top at-risk state-of-the-art",
        "[http://](http://evil-update.top) and [http://] alone, hdfs://evil-update.top",
        "http://{id}.evil-update.top/a https://[redacted].evil-update.top/a",
        "http://evil-update.top/?u=a%2Ecom%2Fb 50%2E5",
        "a[::]b a[::2] std[::]x [::]:80 [::1]",
        "domains under [.]top and the [.]xyz domain",
        "C++ i++ ++i; x++y g++-13 c++11 a + b ++",
        "file:///etc/passwd C://x case http: //comment http://[2a01::1]:80/ [2a01::1]:80 http://evil-update.top/a__b",
        "[link](http://evil-update.top) <http://evil-update.top> std::vector<.5> a::b 12:30 key: value",
        "[a-z]+[.]com ^[^.]+(.*)$ \\d+\\.\\d+ x[:] y[:,1] z[::2] {.} [](){} dict[.]",
        "使用Windows。It works. 日本語。English text. 1,000.50 U.S.A. v1.2 . 3 items",
        "AT&T a&b &nosuch; Q&A 100% 5 % of",
        "join us (at) the fair; (a) first (b) second; section 3(a)of",
        "2019\u{2013}2021, yes \u{2013} no, \u{201C}quoted\u{201D}",
        "a mark such as [.]\nnext line",
        "follow us @ evil-update.top, talk @ home",
        "wait . . . what . In the end",
    ]);
}

#[test]
fn looking_at_a_host_is_no_address() {
    assert_eq!(
        refanged("look at evil-update[.]top"),
        "look at evil-update.top"
    );
    assert_eq!(
        refanged("hosted at evil-update [dot] top"),
        "hosted at evil-update.top"
    );
    assert_eq!(
        refanged("Kimsuky at evil-update[dot]top"),
        "Kimsuky at evil-update.top"
    );
    assert_eq!(
        refanged("the server at evil-update[.]top"),
        "the server at evil-update.top"
    );
}

/// What was written for a value in the clear text.
#[track_caller]
fn written<'a>(text: &'a str, value: &str) -> (&'a str, bool) {
    let clear = Clear::of(text);
    let start = clear
        .as_str()
        .find(value)
        .expect("the value is in the clear text");
    let span = start..start + value.len();
    (
        text.get(clear.written(span.clone())).unwrap(),
        clear.is_defanged(&span),
    )
}

#[test]
fn spans_hold_the_marks_of_a_value_and_no_others() {
    for (text, value, expected, defanged) in [
        ("see [evil[.]top]", "evil.top", "evil[.]top", true),
        ("see evil[.top] x", "evil.top", "evil[.top]", true),
        ("a [http]://x.top b", "http://x.top", "[http]://x.top", true),
        ("a hxxp://x[.]top b", "http://x.top", "hxxp://x[.]top", true),
        ("a hxxp://x[.]top b", "x.top", "x[.]top", true),
        ("a hxxp://x.top b", "x.top", "x.top", false),
        ("++x.top/a++", "x.top/a", "x.top/a", false),
        ("\u{200B}x.top\u{200B} y", "x.top", "x.top", false),
        ("x\u{200B}.top", "x.top", "x\u{200B}.top", false),
        ("bob [at] x.top", "bob@x.top", "bob [at] x.top", true),
        ("bob [at] x.top", "x.top", "x.top", false),
        ("[www].x.top", "www.x.top", "[www].x.top", true),
        ("x[.]top[:]80", "x.top", "x[.]top", true),
        ("a.top[:]80", "a.top", "a.top", false),
        ("x&#91;.&#93;top", "x.top", "x&#91;.&#93;top", true),
        ("é hxxp://ü[.]top é", "http://ü.top", "hxxp://ü[.]top", true),
        ("a\u{A0}x\u{FF0E}top\u{A0}b", "x.top", "x\u{FF0E}top", false),
    ] {
        assert_eq!(
            written(text, value),
            (expected, defanged),
            "{value:?} in {text:?}"
        );
    }
}

#[test]
fn hostile_input_takes_linear_time() {
    let units = [
        "[",
        "]",
        ".",
        "[.]",
        "a[.]",
        " dot ",
        "a dot ",
        "&#",
        "\\",
        "a\\.",
        "hxxp",
        "_",
        "h_",
        "h:/",
        " at ",
        "a at b.",
        "a_at_b.",
        "++a",
        " ++a",
        "%3A",
        "http%3A%2F%2F",
        "a1b2c3d4e5f6a7b8\n",
        "/\n",
        "\u{3002}",
        "a\u{3002}",
        "[a",
        "({[<",
        ":",
        "://",
        "a . ",
        "1 . ",
        "@",
        "a@]",
        "\u{FF0C}",
        "-dot-",
        "^",
        "http:// ",
        "[http",
        "http]",
    ];
    let start = std::time::Instant::now();
    for unit in units {
        let text = unit.repeat(200_000 / unit.len());
        let clear = Clear::of(&text);
        assert!(clear.as_str().len() <= text.len());
    }
    // Quadratic work on one of them would be 4 * 10^10 steps.
    assert!(start.elapsed().as_secs() < 60);
}
