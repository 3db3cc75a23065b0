//! The section read: what is small is taken out, what is large stays where it lies.

use super::{HASH, Packed, PackedId, PackedList, Table};
use crate::indicators::warninglists::ListType;
use crate::pack::fuse::Fuse;
use crate::pack::wire::Reader;
use crate::pack::{Bytes, PackError};

/// Numbers of the types.
pub(super) const TYPES: [ListType; 5] = [
    ListType::String,
    ListType::Substring,
    ListType::Hostname,
    ListType::Cidr,
    ListType::Regex,
];

pub(super) fn read(bytes: &Bytes) -> Result<Packed, PackError> {
    let reader = &mut Reader::new(bytes.get(), "the section of warninglists");
    let count = reader.count()?;
    let lists = (0..count)
        .map(|_| list(reader))
        .collect::<Result<Vec<_>, _>>()?;
    let strings = table(reader, bytes, HASH)?;
    let hosts = table(reader, bytes, HASH)?;
    let packed = Packed {
        strings,
        hosts,
        string_sets: sets(reader, bytes)?,
        host_sets: sets(reader, bytes)?,
        v4: nets(reader, bytes, 4)?,
        v6: nets(reader, bytes, 16)?,
        substrings: texts(reader)?,
        regexes: texts(reader)?,
        lists,
    };
    reader.end()?;
    Ok(packed)
}

fn list(reader: &mut Reader<'_>) -> Result<PackedList, PackError> {
    let name = reader.text()?.to_owned();
    let number = usize::from(reader.u8()?);
    let list_type = *TYPES
        .get(number)
        .ok_or(PackError::Nonsense("a warninglist of an unknown type"))?;
    let entries = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    let types = usize::from(reader.u16()?);
    let matching_attributes = (0..types)
        .map(|_| reader.text().map(str::to_owned))
        .collect::<Result<_, _>>()?;
    Ok(PackedList {
        name,
        list_type,
        matching_attributes,
        entries,
    })
}

fn table(reader: &mut Reader<'_>, bytes: &Bytes, width: usize) -> Result<Table, PackError> {
    let count = reader.count()?;
    Ok(Table {
        width,
        count,
        keys: bytes.part(reader.span(count, width)?),
        lists: bytes.part(reader.span(count, 2)?),
    })
}

fn sets(reader: &mut Reader<'_>, bytes: &Bytes) -> Result<Vec<(PackedId, Fuse)>, PackError> {
    let count = reader.count()?;
    (0..count)
        .map(|_| Ok((reader.u16()?, Fuse::read(reader, bytes)?)))
        .collect()
}

fn nets(
    reader: &mut Reader<'_>,
    bytes: &Bytes,
    width: usize,
) -> Result<Vec<(u32, Table)>, PackError> {
    let lengths = usize::from(reader.u8()?);
    (0..lengths)
        .map(|_| {
            let bits = u32::from(reader.u8()?);
            if bits as usize > width * 8 {
                return Err(PackError::Nonsense("a net of too many bits"));
            }
            Ok((bits, table(reader, bytes, width)?))
        })
        .collect()
}

fn texts(reader: &mut Reader<'_>) -> Result<Vec<(PackedId, Box<str>)>, PackError> {
    let count = reader.count()?;
    (0..count)
        .map(|_| Ok((reader.u16()?, reader.text()?.into())))
        .collect()
}
