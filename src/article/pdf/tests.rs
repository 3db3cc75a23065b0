use lopdf::content::{Content, Operation};
use lopdf::{Document, Object, Stream, dictionary};

use super::*;

const LONG: Duration = Duration::from_secs(20);

fn operation(name: &str, operands: Vec<Object>) -> Operation {
    Operation::new(name, operands)
}

/// A document of one page with these instructions, `F1` being Helvetica, `F2` its bold and `F3` Courier.
fn document(operations: Vec<Operation>, title: Option<&str>) -> Document {
    let mut document = Document::with_version("1.5");
    let pages = document.new_object_id();
    let mut fonts = lopdf::Dictionary::new();
    for (name, base) in [
        ("F1", "Helvetica"),
        ("F2", "Helvetica-Bold"),
        ("F3", "Courier"),
    ] {
        let font = document.add_object(dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => base, "Encoding" => "WinAnsiEncoding",
        });
        fonts.set(name, font);
    }
    let resources = document.add_object(dictionary! { "Font" => fonts });
    let content = Content { operations }.encode().unwrap();
    let content = document.add_object(Stream::new(dictionary! {}, content));
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Resources" => resources,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    });
    let kids = vec![page.into()];
    document.objects.insert(
        pages,
        Object::Dictionary(dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => 1 }),
    );
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    if let Some(title) = title {
        let info = document.add_object(dictionary! { "Title" => Object::string_literal(title) });
        document.trailer.set("Info", info);
    }
    document
}

fn bytes(mut document: Document) -> Vec<u8> {
    document.compress();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

/// Text at a place, in a font and size.
fn set(font: &str, size: i64, x: i64, y: i64, text: &str) -> Vec<Operation> {
    vec![
        operation("BT", vec![]),
        operation("Tf", vec![font.into(), size.into()]),
        operation("Td", vec![x.into(), y.into()]),
        operation("Tj", vec![Object::string_literal(text)]),
        operation("ET", vec![]),
    ]
}

#[test]
fn lines_columns_and_headings() {
    let operations = [
        set("F1", 24, 50, 800, "GreyHeron loader"),
        set("F1", 10, 50, 760, "The loader asks its server"),
        set("F1", 10, 50, 748, "for a second stage."),
        set("F2", 10, 50, 700, "Indicators"),
        set("F1", 10, 50, 680, "SHA-1"),
        set("F1", 10, 300, 680, "Name"),
        set("F3", 10, 50, 668, "9e107d9d372bb6826bd81d3542a419d6"),
        set("F1", 10, 300, 668, "x.exe"),
    ]
    .concat();
    let read = read(&bytes(document(operations, Some("A report"))), LONG).unwrap();
    assert_eq!(read.title, "A report");
    assert_eq!(
        read.text,
        "\n\n# GreyHeron loader\n\nThe loader asks its server\nfor a second stage.\n\n\n### Indicators\n\n\
         SHA-1\tName\n9e107d9d372bb6826bd81d3542a419d6\tx.exe\n"
    );
}

#[test]
fn lines_within_one_text_object_are_not_glued() {
    let operations = vec![
        operation("BT", vec![]),
        operation("Tf", vec!["F1".into(), 10.into()]),
        operation("Td", vec![50.into(), 700.into()]),
        operation(
            "TJ",
            vec![Object::Array(vec![
                Object::string_literal("evil"),
                20.into(),
                Object::string_literal("[.]top"),
                Object::Integer(-300),
                Object::string_literal("is"),
            ])],
        ),
        operation("Td", vec![0.into(), Object::Integer(-12)]),
        operation("Tj", vec![Object::string_literal("bad[.]top")]),
        operation("TL", vec![12.into()]),
        operation("'", vec![Object::string_literal("worse[.]top")]),
        operation("ET", vec![]),
    ];
    let read = read(&bytes(document(operations, None)), LONG).unwrap();
    assert_eq!(read.text, "\nevil[.]top is\nbad[.]top\nworse[.]top\n");
}

#[test]
fn what_cannot_be_read_says_why() {
    let nothing = bytes(document(vec![operation("q", vec![])], None));
    assert_eq!(read(&nothing, LONG).unwrap_err(), Fault::NoText);
    assert!(matches!(
        read(b"%PDF-1.7 and no more", LONG),
        Err(Fault::Damaged(_))
    ));
    assert!(matches!(read(b"", LONG), Err(Fault::Damaged(_))));
    let text = bytes(document(set("F1", 10, 50, 700, "text"), None));
    assert_eq!(read(&text, Duration::ZERO).unwrap_err(), Fault::Time);
    for cut in [10, 100, text.len() / 2, text.len() - 20] {
        // Repaired or refused, but never worse.
        let _ = read(&text[..cut], LONG);
    }
}

/// A document whose page draws this content, as it stands; `X` is a form of the same.
fn with_content(content: &[u8], entries: lopdf::Dictionary) -> Vec<u8> {
    let mut document = document(set("F1", 10, 50, 700, "text"), None);
    let page = document.page_iter().next().unwrap();
    let mut form = entries.clone();
    form.set("Subtype", "Form");
    let form = document.add_object(Stream::new(form, content.to_vec()));
    let content = document.add_object(Stream::new(entries, content.to_vec()));
    let resources = dictionary! { "XObject" => dictionary! { "X" => form } };
    let page = document
        .get_object_mut(page)
        .unwrap()
        .as_dict_mut()
        .unwrap();
    page.set("Contents", content);
    page.set("Resources", resources);
    bytes(document)
}

#[test]
fn too_much_content_says_which_limit() {
    let mib = |part: &str, mib: usize| part.repeat((mib << 20) / part.len());
    let plain = dictionary! {};
    let unknown = dictionary! { "Filter" => "Unknown" };
    let forms = format!("{}{}", "/X Do ".repeat(20), mib(" ", 3));
    for (content, entries, expected) in [
        (
            mib("q ", 5),
            &plain,
            Some("page 1's content is larger than 4 MiB"),
        ),
        (
            mib("[]", 1),
            &plain,
            Some("page 1's content takes more than 128 MiB to read"),
        ),
        (
            forms,
            &plain,
            Some("up to page 1 its content is larger than 64 MiB"),
        ),
        ("BI /W".into(), &plain, Some("page 1's content is damaged")),
        (")))".into(), &plain, Some("page 1's content is damaged")),
        (
            "q Q".into(),
            &unknown,
            Some("page 1's content cannot be decoded"),
        ),
        (mib("0 0 m\n", 1), &plain, None),
    ] {
        let fault = read(&with_content(content.as_bytes(), entries.clone()), LONG).unwrap_err();
        match (expected, &fault) {
            (Some(expected), Fault::Damaged(why)) => assert!(why.starts_with(expected), "{why}"),
            (expected, fault) => assert!(expected.is_none() && *fault == Fault::NoText, "{fault}"),
        }
    }
}

#[test]
fn documents_without_pages_are_damaged() {
    let mut document = document(set("F1", 10, 50, 700, "text"), None);
    let page = document.page_iter().next().unwrap();
    document.objects.remove(&page);
    let missing = Fault::Damaged("page 1's content is missing".into());
    assert_eq!(read(&bytes(document.clone()), LONG).unwrap_err(), missing);
    let none = dictionary! { "Type" => "Pages", "Kids" => Vec::<Object>::new(), "Count" => 0 };
    let pages = document.catalog().unwrap().get(b"Pages").unwrap();
    let pages = pages.as_reference().unwrap();
    document.objects.insert(pages, none.into());
    let none = Fault::Damaged("it has no pages".into());
    assert_eq!(read(&bytes(document), LONG).unwrap_err(), none);
}

#[test]
fn text_before_damage_is_kept() {
    let mut document = document(set("F1", 10, 50, 700, "evil.top"), None);
    let page = document.page_iter().next().unwrap();
    let damage = document.add_object(Stream::new(dictionary! {}, b"BI /W".to_vec()));
    let page = document
        .get_object_mut(page)
        .unwrap()
        .as_dict_mut()
        .unwrap();
    let whole = page.get(b"Contents").unwrap().clone();
    page.set("Contents", vec![whole, damage.into()]);
    assert_eq!(
        read(&bytes(document), LONG).unwrap().text.trim(),
        "evil.top"
    );
}

#[test]
fn encrypted_documents_want_a_password() {
    let mut document = document(set("F1", 10, 50, 700, "text"), None);
    let id = Object::string_literal("0123456789abcdef");
    document.trailer.set("ID", vec![id.clone(), id]);
    let version = lopdf::EncryptionVersion::V2 {
        document: &document,
        owner_password: "owner",
        user_password: "user",
        key_length: 128,
        permissions: lopdf::Permissions::all(),
    };
    let state = lopdf::EncryptionState::try_from(version).unwrap();
    document.encrypt(&state).unwrap();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    assert_eq!(read(&bytes, LONG).unwrap_err(), Fault::Encrypted);
}

#[test]
fn names_of_files_are_no_titles() {
    for (title, expected) in [
        ("Microsoft Word - report.docx", ""),
        ("report_v2.indd", ""),
        ("The GreyHeron loader", "The GreyHeron loader"),
    ] {
        let document = document(set("F1", 10, 50, 700, "text"), Some(title));
        assert_eq!(read(&bytes(document), LONG).unwrap().title, expected);
    }
}

/// A document with object streams, each of which holds a list of this many numbers.
fn with_lists(streams: usize, numbers: usize) -> Vec<u8> {
    let mut out = b"%PDF-1.5\n".to_vec();
    let mut rows = vec![(0_u8, 0_usize, 0_u16)];
    let mut object = |out: &mut Vec<u8>, body: &[u8]| {
        let number = rows.len();
        rows.push((1, out.len(), 0));
        out.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        out.extend_from_slice(body);
        out.extend_from_slice(b"\nendobj\n");
    };
    object(&mut out, b"<</Type/Catalog/Pages 2 0 R>>");
    object(&mut out, b"<</Type/Pages/Kids[3 0 R]/Count 1>>");
    object(
        &mut out,
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
    );
    let text = "BT /F 12 Tf 10 10 Td (evil.example) Tj ET";
    let content = format!("<</Length {}>>stream\n{text}\nendstream", text.len());
    object(&mut out, content.as_bytes());
    for number in 0..streams {
        let head = format!("{} 0 ", 1000 + number);
        let list = format!("{head}[{}]", "0 ".repeat(numbers));
        let mut stream = lopdf::Stream::new(
            dictionary! { "Type" => "ObjStm", "N" => 1, "First" => i64::try_from(head.len()).unwrap() },
            list.into_bytes(),
        );
        stream.compress().unwrap();
        let mut body = format!(
            "<</Type/ObjStm/N 1/First {}/Filter/FlateDecode/Length {}>>stream\n",
            head.len(),
            stream.content.len()
        )
        .into_bytes();
        body.extend_from_slice(&stream.content);
        body.extend_from_slice(b"\nendstream");
        object(&mut out, &body);
    }
    let start = out.len();
    out.extend_from_slice(format!("xref\n0 {}\n0000000000 65535 f \n", rows.len()).as_bytes());
    for (_, at, _) in rows.iter().skip(1) {
        out.extend_from_slice(format!("{at:010} 00000 n \n").as_bytes());
    }
    let trailer = format!(
        "trailer<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n",
        rows.len()
    );
    out.extend_from_slice(trailer.as_bytes());
    out
}

#[test]
fn lists_of_objects_do_not_fill_the_memory() {
    let limit = Duration::from_secs(60);
    let small = read(&with_lists(2, 1_000), limit).unwrap();
    assert!(small.text.contains("evil.example"), "{}", small.text);
    let bomb = with_lists(3, 900_000);
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    let Err(Fault::Damaged(why)) = read(&bomb, limit) else {
        panic!("it was read");
    };
    assert!(why.contains("more objects"), "{why}");
    let plain = [&b"%PDF-1.5\n"[..], &b"0 ".repeat(3_000_000)].concat();
    let Err(Fault::Damaged(why)) = read(&plain, limit) else {
        panic!("it was read");
    };
    assert!(why.contains("more objects"), "{why}");
}
