use proptest::prelude::*;

use super::*;
use crate::article::blocks::Kind;

/// One line for each block: a letter for its kind, and its text.
fn shown(text: &str) -> Vec<String> {
    plain(text)
        .iter()
        .map(|block| {
            let kind = match &block.kind {
                Kind::Heading { level } => format!("h{level}"),
                Kind::Paragraph => "p".into(),
                Kind::ListItem { depth, .. } => format!("li{depth}"),
                Kind::TableRow { header: true, .. } => "th".into(),
                Kind::TableRow { headers, .. } => format!("tr{}", headers.len()),
                Kind::Code { language } => {
                    format!("code:{}", language.as_deref().unwrap_or_default())
                }
                Kind::Image { src } => format!("img:{src}"),
            };
            let quote = ">".repeat(block.quote as usize);
            format!(
                "{quote}{kind} {}",
                block.text().replace('\n', "/").replace('\t', "|")
            )
        })
        .collect()
}

#[test]
fn characters_beyond_the_basic_plane_stay_in_their_values() {
    let blocks = plain("evil\u{1F600}3[.]com\u{200B}");
    assert_eq!(blocks[0].text(), "evil\u{1F600}3[.]com");
}

#[test]
fn plain_text_becomes_lines_and_columns() {
    let text = "Title\r\n\r\nIndicators:\nevil[.]com\n bad[.]example \n\nsha256   name\nabc1234567      x.exe\n";
    assert_eq!(
        shown(text),
        [
            "p Title",
            "p Indicators:",
            "p evil[.]com",
            "p bad[.]example",
            "code: sha256   name/abc1234567      x.exe"
        ]
    );
    assert!(plain(" \n\n").is_empty());
}

#[test]
fn markdown() {
    let text = "# Loader\n\nIt calls **[home](https://evil.top/a)** and `bad[.]top`.\n\n## Hosts\n\n- a[.]top\n- b[.]top\n  - deep\n\n\
                1. one\n2) two\n\n> quoted\n> > twice\n\n```sh\ncurl evil.top\n\n# no heading\n```\n\n\
                | Type | Value |\n|---|---|\n| md5 | 9e10 |\n\nAttack Chain\n---\n![Chain](https://a.top/c.png)\n***\nend";
    assert_eq!(
        shown(text),
        [
            "h1 Loader",
            "p It calls home and bad[.]top.",
            "h2 Hosts",
            "li0 a[.]top",
            "li0 b[.]top",
            "li1 deep",
            "li0 one",
            "li0 two",
            ">p quoted",
            ">>p twice",
            "code:sh curl evil.top//# no heading",
            "th Type|Value",
            "tr2 md5|9e10",
            "h2 Attack Chain",
            "img:https://a.top/c.png Chain",
            "p end",
        ]
    );
}

#[test]
fn asciidoc() {
    let text = ":toc:\n\n= Loader -- Indicators\n\n== Files\n\n[options=\"header\"]\n|===\n|SHA-1 | Name\n|`02790D` | `x.exe`\n|===\n\n\
                [source,powershell]\n----\niex x\n----\n\n* `a.top`\n** `b.top`\nthe https://m.example[MISP] event";
    assert_eq!(
        shown(text),
        [
            "p :toc:",
            "h1 Loader -- Indicators",
            "h2 Files",
            "th SHA-1|Name",
            "tr2 02790D|x.exe",
            "code:powershell iex x",
            "li0 a.top",
            "li1 b.top",
            "p the MISP event",
        ]
    );
}

#[test]
fn wrapped_prose_is_one_block_and_values_are_many() {
    let text = "The loader asks its server for a second stage, and then it stays on\n\
                the machine as a scheduled task. It was first seen in March and has\n\
                been around since.\n\
                a.top\nb.top\n\
                - an item that is long enough to have been wrapped by its author at\n  seventy columns\n  C:\\x.exe\n";
    assert_eq!(
        shown(text),
        [
            "p The loader asks its server for a second stage, and then it stays on/the machine as a scheduled task. It was \
             first seen in March and has/been around since.",
            "p a.top",
            "p b.top",
            "li0 an item that is long enough to have been wrapped by its author at/seventy columns",
            "li0 C:\\x.exe",
        ]
    );
}

#[test]
fn rules_stay_whole() {
    let text = "import \"pe\"\n\nrule Loader : trojan\n{\n  strings:\n    $a = \"evil.top\"\n\n  condition: $a\n}\nafter\n\n\
                rule One { condition: true }\nrule of thumb\n\ntitle: Loader\nlogsource:\n  product: windows\ndetection:\n  x: y";
    assert_eq!(
        shown(text),
        [
            "p import \"pe\"",
            "code:yara rule Loader : trojan/{/  strings:/    $a = \"evil.top\"//  condition: $a/}",
            "p after",
            "code:yara rule One { condition: true }",
            "p rule of thumb",
            "code:yaml title: Loader/logsource:/  product: windows/detection:/  x: y",
        ]
    );
}

#[test]
fn tabs_and_indentation() {
    assert_eq!(shown("# a\tb"), ["h1 a b"]);
    assert_eq!(shown("\t\tbe688838\t\t\r\n"), ["p be688838"]);
    assert_eq!(
        shown("Type\tValue\nip\t198.51.100.7\n"),
        ["th Type|Value", "tr2 ip|198.51.100.7"]
    );
    assert_eq!(
        shown("    68b329da\n    adc83b19\n"),
        ["p 68b329da", "p adc83b19"]
    );
    assert_eq!(
        shown("    x = 1;\n    y();\n"),
        ["code:     x = 1;/    y();"]
    );
}

#[test]
fn an_open_fence_or_table_loses_nothing() {
    assert_eq!(shown("```\nevil.top"), ["code: evil.top"]);
    assert_eq!(shown("|===\n|evil.top"), ["p |===", "p |evil.top"]);
    assert_eq!(shown("rule A {\nevil.top"), ["p rule A {", "p evil.top"]);
}

/// Marks of all kinds, and words. None of the marks takes words with it, as the target of a link or the language of code do.
const MARKS: &str = "# |== |- |\\* |[0-9]\\) |> |```\n|~~~\n|\\|===\n|\\| | \\|\n|\\|---\\|\n|\t|    |\n\n|\n| | `|\\*\\*|\\*|_| \\[|\\]|!\\[|<|>\
                     |rule [a-z] \\{\n|\\}\n|---\n|[.]|[a-z]{1,9}";

fn words(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !c.is_ascii_lowercase());
    words.filter(|word| !word.is_empty()).collect()
}

proptest! {
    #[test]
    fn no_word_is_lost_or_moved(parts in proptest::collection::vec(MARKS, 0..60)) {
        let text = parts.concat();
        let mut read = String::new();
        for block in plain(&text) {
            read.push_str(&block.text());
            read.push('\n');
        }
        prop_assert_eq!(words(&read), words(&text), "{:?}", text);
    }

    #[test]
    fn any_text_is_read(text in "\\PC*|[-=#*`|>\\[\\]()<!_~ \\n\\t0-9a-f.:{}]*") {
        for block in plain(&text) {
            let (code, image) = match block.kind {
                Kind::Code { .. } => (true, false),
                Kind::Image { .. } => (false, true),
                _ => (false, false),
            };
            prop_assert!(image || !block.is_empty());
            for cell in &block.cells {
                prop_assert!(cell.runs.iter().all(|run| !run.text.is_empty()));
                prop_assert!(code || !cell.text().contains('\t'));
            }
        }
    }
}

#[test]
fn hostile_text_takes_no_longer() {
    let start = std::time::Instant::now();
    for part in [
        "[",
        "`a ",
        "*a ",
        "_a ",
        "<",
        "[a](",
        "![",
        "|",
        "a|b\n",
        "|===\n",
        "rule a {\n",
        "> ",
        ">",
        "> > > > > > > > > > a\n",
        "- ",
        "\t",
        "a\n---\n",
        "```\n",
        "~~~x\n",
    ] {
        let text = part.repeat(200_000 / part.len());
        plain(&text);
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
