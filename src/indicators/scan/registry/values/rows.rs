//! Keys and what is written there in the cells of one row.

use crate::article::blocks::Block;
use crate::indicators::clear::Clear;
use crate::indicators::{Find, Kind, Origin};

/// The longest cell that is taken for a name or for data, in bytes.
const LONGEST: usize = 1024;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Key,
    Name,
    /// A name if there is a column of data, data if there is none.
    Value,
    Data,
}

/// Joins the key of a row with the name and the data in the columns beside it.
pub(in super::super::super) fn row(block: &Block, headers: &[String], finds: &mut [Find]) {
    let mut keys = finds
        .iter_mut()
        .filter(|find| find.kind == Kind::Regkey && find.origin == Origin::Text);
    let (Some(key), None) = (keys.next(), keys.next()) else {
        return;
    };
    let columns: Vec<_> = headers.iter().map(|header| column(header)).collect();
    let own = column_of(block, key.span.start);
    if columns.get(own) != Some(&Some(Column::Key)) {
        return;
    }
    let cell = |wanted: Column| {
        let at = columns.iter().position(|column| *column == Some(wanted))?;
        let text = block.cells.get(at)?.text();
        let clear = Clear::of(&text).into_string();
        let clear = clear.trim().trim_matches(['"', '“', '”', '`']);
        let fits = !clear.is_empty() && clear.len() <= LONGEST && !clear.contains('\n');
        fits.then(|| clear.to_owned())
    };
    let value = cell(Column::Value);
    let (name, data) = match (cell(Column::Name), cell(Column::Data)) {
        (name, Some(data)) => (name.or(value), data),
        (name, None) if !columns.contains(&Some(Column::Data)) => match value {
            Some(value) => (name, value),
            None => return,
        },
        _ => return,
    };
    if !super::is_data(&data) {
        return;
    }
    let name = name.filter(|name| !key.value.ends_with(&format!("\\{name}")));
    key.value = super::joined(&key.value, &name.unwrap_or_default(), &data);
    key.kind = Kind::RegkeyValue;
}

/// The column that a place in the block's text belongs to.
fn column_of(block: &Block, at: usize) -> usize {
    block
        .pieces()
        .filter(|piece| piece.range.start <= at)
        .last()
        .map_or(0, |piece| piece.cell)
}

fn column(header: &str) -> Option<Column> {
    let words = header.trim().trim_end_matches(':').to_ascii_lowercase();
    Some(match words.as_str() {
        "key"
        | "key path"
        | "key name"
        | "subkey"
        | "registry"
        | "registry key"
        | "registry path"
        | "registry key path"
        | "registry location"
        | "registry keys"
        | "regkey"
        | "reg key"
        | "hive"
        | "windows registry key" => Column::Key,
        "name" | "value name" | "entry" | "registry value name" => Column::Name,
        "value" | "registry value" | "values" => Column::Value,
        "data"
        | "value data"
        | "registry data"
        | "content"
        | "contents"
        | "registry value data" => Column::Data,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::article::blocks::{self, Cell, Region};
    use crate::indicators::scan_blocks;

    /// The keys of a row with these headers and cells.
    fn keys(headers: &[&str], cells: &[&str]) -> Vec<(Kind, String)> {
        let headers: Arc<[String]> = headers.iter().map(|header| (*header).to_owned()).collect();
        let block = Block {
            kind: blocks::Kind::TableRow {
                table: 0,
                header: false,
                headers,
            },
            region: Region::Main,
            quote: 0,
            cells: cells.iter().map(|cell| Cell::plain(*cell)).collect(),
        };
        scan_blocks(&[block])
            .into_iter()
            .filter(|find| matches!(find.kind, Kind::Regkey | Kind::RegkeyValue))
            .map(|find| (find.kind, find.value))
            .collect()
    }

    #[test]
    fn columns_join() {
        let key = r"HKCU\Software\Evil";
        for (headers, cells, expected) in [
            (
                ["Key", "Value", "Data"],
                [key, "Upd", r"C:\a.exe"],
                r"HKCU\Software\Evil\Upd|C:\a.exe",
            ),
            (
                ["Registry Key", "Value Name:", "Value data"],
                [key, "Upd", "hxxp://evil-update[.]top/"],
                r"HKCU\Software\Evil\Upd|http://evil-update.top/",
            ),
            (
                ["Comment", "Registry path", "Value"],
                ["Persistence", key, r"C:\a.exe"],
                r"HKCU\Software\Evil|C:\a.exe",
            ),
            (
                ["Key", "Name", "Data"],
                [r"HKCU\Software\Evil\Upd", "Upd", "1"],
                r"HKCU\Software\Evil\Upd|1",
            ),
        ] {
            assert_eq!(
                keys(&headers, &cells),
                [(Kind::RegkeyValue, expected.to_owned())],
                "{headers:?}"
            );
        }
    }

    #[test]
    fn other_columns_do_not() {
        let key = r"HKCU\Software\Evil";
        for (headers, cells) in [
            (["Type", "Value", "Data"], ["registry", key, "x"]),
            (["Key", "Value", "Data"], [key, "Upd", ""]),
            (["Key", "Value", "Data"], [key, "Upd", "-"]),
            (["Key", "Name", "Description"], [key, "Upd", "Starts it"]),
        ] {
            let expected = (Kind::Regkey, key.to_owned());
            assert_eq!(keys(&headers, &cells), [expected], "{headers:?} {cells:?}");
        }
    }
}
