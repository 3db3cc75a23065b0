use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;

const GALAXY: &str = r#"{"name": "RAT", "type": "rat", "version": 3, "values": [
    {"value": "B", "uuid": "8dbd4c42-8a0d-4bb6-8d5c-0f8b9a3c2d11"}]}"#;

const LIST: &str = r#"{"name": "N", "type": "string", "version": 1, "list": ["a.top"]}"#;

fn files() -> [(&'static str, &'static str); 3] {
    [
        ("main/clusters/rat.json", GALAXY),
        ("main/lists/n/list.json", LIST),
        ("main/README.md", "no JSON"),
    ]
}

fn tar(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, text) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        builder
            .append_data(&mut header, path, text.as_bytes())
            .unwrap();
    }
    builder.into_inner().unwrap()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in files {
        writer
            .start_file(*path, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn read(bytes: &[u8]) -> Result<(usize, usize), String> {
    let mut gathered = Gathered::default();
    gather("x", bytes, &Limits::default(), &mut gathered).map_err(|error| error.to_string())?;
    let clusters = gathered
        .knowledge()
        .map_or(0, |(all, _)| all.clusters.len());
    Ok((
        clusters,
        gathered.warninglists().map_or(0, |(all, _)| all.counts.1),
    ))
}

#[test]
fn every_kind_of_archive_is_read() {
    for bytes in [tar(&files()), gz(&tar(&files())), zip(&files())] {
        assert_eq!(read(&bytes), Ok((1, 1)));
    }
}

#[test]
fn paths_that_lead_elsewhere_lead_nowhere() {
    let mut header = tar::Header::new_ustar();
    header.set_size(GALAXY.len() as u64);
    let path = b"../../../clusters/rat.json";
    header.as_old_mut().name[..path.len()].copy_from_slice(path);
    header.set_cksum();
    let mut builder = tar::Builder::new(Vec::new());
    builder.append(&header, GALAXY.as_bytes()).unwrap();
    assert_eq!(read(&builder.into_inner().unwrap()), Ok((1, 0)));
}

#[test]
fn bombs_are_refused() {
    let zeros = "0".repeat(64 << 20);
    for path in ["main/clusters/rat.json", "main/zeros"] {
        let error = read(&gz(&tar(&[(path, &zeros)]))).unwrap_err();
        assert!(error.contains("far more comes out"), "{error}");
    }
    let error = read(&zip(&[("main/clusters/rat.json", &zeros)])).unwrap_err();
    assert!(error.contains("far more comes out"), "{error}");
    // What is not taken out of a zip cannot burst.
    assert_eq!(read(&zip(&[("main/zeros", &zeros)])), Ok((0, 0)));
}

#[test]
fn too_many_entries_and_too_large_files_are_refused() {
    let limits = Limits {
        entries: 2,
        ..Limits::default()
    };
    for bytes in [tar(&files()), zip(&files())] {
        let error = gather("x", &bytes, &limits, &mut Gathered::default()).unwrap_err();
        assert_eq!(error.to_string(), "`x`: it has too many entries");
    }
    let limits = Limits {
        file: 10,
        ..Limits::default()
    };
    let error = gather("x", &tar(&files()), &limits, &mut Gathered::default()).unwrap_err();
    assert!(
        error.to_string().contains("larger than any file"),
        "{error}"
    );
}

/// An end of the directory of ZIP64 that claims so many entries, with its locator and the end that readers look for.
fn end_of_directory(claimed: u64) -> Vec<u8> {
    let mut end = b"PK\x06\x06".to_vec();
    end.extend(44_u64.to_le_bytes());
    end.extend([0; 12]);
    for number in [claimed, claimed, 46, 0] {
        end.extend(number.to_le_bytes());
    }
    end.extend(b"PK\x06\x07");
    end.extend([0; 16]);
    end.extend(b"PK\x05\x06");
    end.extend([0; 4]);
    end.extend([0xff; 12]);
    end.extend([0; 2]);
    end
}

#[test]
fn a_large_directory_is_refused_before_it_is_read() {
    let mut headers = b"PK\x03\x04".to_vec();
    for _ in 0..=Limits::default().entries {
        headers.extend(b"PK\x01\x02");
        headers.extend([0; 42]);
    }
    let mut claims = b"PK\x03\x04".to_vec();
    claims.extend(end_of_directory(5_000_000));
    for bytes in [headers, claims] {
        assert_eq!(read(&bytes), Err("`x`: it has too many entries".to_owned()));
    }
    // What only looks like one claims nothing.
    let mut other = zip(&[("main/clusters/rat.json", GALAXY)]);
    let end = end_of_directory(5_000_000);
    other.splice(0..0, end[..50].iter().copied());
    assert_eq!(directory(&other), 1);
}

#[test]
fn long_names_in_a_tar_are_honoured() {
    let path = format!("{}/clusters/rat.json", "long-folder/".repeat(40));
    let mut header = tar::Header::new_gnu();
    header.set_size(GALAXY.len() as u64);
    let mut gnu = tar::Builder::new(Vec::new());
    gnu.append_data(&mut header, &path, GALAXY.as_bytes())
        .unwrap();

    let mut pax = tar::Builder::new(Vec::new());
    let comment = ("comment", &b"0123456789abcdef"[..]);
    pax.append_pax_extensions([comment, ("path", path.as_bytes())])
        .unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_size(GALAXY.len() as u64);
    pax.append_data(&mut header, "cut/off", GALAXY.as_bytes())
        .unwrap();
    for archive in [gnu, pax] {
        assert_eq!(read(&archive.into_inner().unwrap()), Ok((1, 0)));
    }
}

#[test]
fn names_in_a_tar_are_bounded_and_so_is_what_they_claim() {
    let long = format!("{}/clusters/rat.json", "long-folder/".repeat(9_000));
    let size = GALAXY.len().to_string();
    let fields = [
        ("path", long.as_bytes(), "longer than names are"),
        ("size", size.as_bytes(), "larger than any file"),
    ];
    for (key, value, says) in fields {
        let mut builder = tar::Builder::new(Vec::new());
        builder.append_pax_extensions([(key, value)]).unwrap();
        let mut header = tar::Header::new_ustar();
        header.set_size(GALAXY.len() as u64);
        builder
            .append_data(&mut header, "clusters/rat.json", GALAXY.as_bytes())
            .unwrap();
        let fault = read(&builder.into_inner().unwrap()).unwrap_err();
        assert!(fault.contains(says), "{fault}");
    }
}

#[test]
fn faults_name_the_file() {
    let error = read(&tar(&[("a/clusters/b.json", "{}")])).unwrap_err();
    assert!(
        error.starts_with("`a/clusters/b.json`: not a cluster file"),
        "{error}"
    );
    let error = read(b"<!doctype html>").unwrap_err();
    assert_eq!(error, "`x`: neither a tar, nor a tar.gz, nor a zip archive");
}

#[test]
fn cut_archives_are_refused() {
    for bytes in [gz(&tar(&files())), zip(&files())] {
        for end in (3..bytes.len()).step_by(7) {
            assert!(read(&bytes[..end]).is_err(), "{end}");
        }
    }
    // Of a plain tar all entries may be whole, and end in zeros; two blocks of zeros end it.
    let zeros = "\0".repeat(2_000);
    let [galaxy, list, other] = files();
    let bytes = tar(&[galaxy, ("main/logo", &zeros), list, other]);
    let block = 512;
    let cuts = (3..=bytes.len() - 2 * block).step_by(7);
    for end in cuts.chain((1..bytes.len() / block - 1).map(|blocks| blocks * block)) {
        assert!(read(&bytes[..end]).is_err(), "{end}");
        assert!(read(&gz(&bytes[..end])).is_err(), "{end}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        for mut bytes in [tar(&files()), gz(&tar(&files())), zip(&files())] {
            for (at, to) in &flips {
                let at = at.index(bytes.len());
                bytes[at] = *to;
            }
            let _ = read(&bytes);
        }
    }
}
