//! What the derived schemas cannot say: which members go together, and what strings look like.

use serde_json::{Map, Value, json};

use crate::web::submission::TLP;

/// A page is there: something that is neither a blank nor a control character stands in it.
const NOT_BLANK: &str = r"[^\u0000-\u0020\u007f]";

/// Base64 of a PDF, by its first bytes (`%PDF-`).
const PDF: &str = r"^JVBERi[0-3][A-Za-z0-9+/]([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";

/// Base64 of ASCII text that begins with a visible character. Other text is taken as well; the pattern shows the plain form.
const ASCII: &str = r"^[J-Zab-e][C-HS-Xi-ny-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][g-z0-9+/]([I-Zab-e][C-HS-Xi-ny-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][g-z0-9+/])*$";

/// Brings them into the description.
pub(super) fn refine(document: &mut Value) {
    let Some(schemas) = document.pointer_mut("/components/schemas") else {
        return;
    };
    for name in ["NewArticle", "PreviewRequest"] {
        if let Some(members) = members(schemas, name) {
            for text in ["html", "text"] {
                set(members, text, "pattern", json!(NOT_BLANK));
            }
            set(members, "tlp", "enum", json!(TLP));
            set(members, "tags", "items", tag());
        }
        if let Some(schema) = schemas.get_mut(name) {
            schema["oneOf"] = json!([
                {"required": ["html"]},
                {"required": ["text"]},
                {"required": ["file"]},
                {"required": ["url"], "properties": {"html": false, "text": false, "file": false}},
            ]);
        }
    }
    if let Some(file) = schemas.get_mut("PageFile") {
        if let Some(content) = file.pointer_mut("/properties/content") {
            content["contentEncoding"] = json!("base64");
        }
        let text = ["text/html", "text/plain", "text/markdown"];
        file["oneOf"] = json!([
            {"properties": {"content": {"pattern": PDF}}},
            {"properties": {"content": {"pattern": ASCII}, "media_type": {"enum": text}}},
        ]);
    }
}

fn members<'a>(schemas: &'a mut Value, name: &str) -> Option<&'a mut Map<String, Value>> {
    schemas
        .get_mut(name)?
        .get_mut("properties")?
        .as_object_mut()
}

fn set(members: &mut Map<String, Value>, member: &str, key: &str, value: Value) {
    if let Some(schema) = members.get_mut(member) {
        schema[key] = value;
    }
}

/// Characters of a tag, but for the blanks between its words: those of the basic plane that are seen.
const TAG_CHARACTER: &str = r"[!-~\u00a1-\u00ac\u00ae-\u061b\u061d-\u167f\u1681-\u180d\u180f-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff\ue000-\ufdcf\ufdf0-\ufefe\uff00-\ufff8\ufffc\ufffd]";

fn tag() -> Value {
    json!({
        "type": "string", "maxLength": 255, "pattern": format!("^{TAG_CHARACTER}+( {TAG_CHARACTER}+)*$"),
        "example": "case:7",
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use regex::Regex;

    use super::*;
    use crate::web::submission::labels::tag_fault;

    #[test]
    fn the_pattern_of_tags_is_what_is_taken() {
        let pattern = Regex::new(tag()["pattern"].as_str().unwrap()).unwrap();
        let around = |c: char| [format!("{c}"), format!("a{c}b"), format!("a {c}")];
        for c in (0..=0x1_ffff).filter_map(char::from_u32) {
            for text in around(c) {
                assert_eq!(
                    pattern.is_match(&text),
                    tag_fault(&text).is_none(),
                    "{text:?}"
                );
            }
        }
        for text in ["", " ", "a  b", " a", "a ", "a b c"] {
            assert_eq!(
                pattern.is_match(text),
                tag_fault(text).is_none(),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_patterns_of_files_are_base64_of_what_they_say() {
        for (pattern, bytes, matches) in [
            (PDF, &b"%PDF-1.7"[..], true),
            (PDF, b"%PDF-1.7\n", true),
            (PDF, b"%PDF-1.7\n%", true),
            (PDF, b"%PDG-1.7", false),
            (ASCII, b"The end.!", true),
            (ASCII, b" The end.", false),
            (ASCII, b"%PDF-1.7\n", false),
            (ASCII, b"\0\0\0", false),
        ] {
            let pattern = Regex::new(pattern).unwrap();
            let text = STANDARD.encode(bytes);
            assert_eq!(pattern.is_match(&text), matches, "{text}");
        }
    }
}
