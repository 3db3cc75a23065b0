//! Filling the configuration from a file and the environment.
//!
//! Later wins: defaults, the file, systemd's credentials, the community's variable names, `GLEANER__…`.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Config;
use super::env::{
    CREDENTIALS_DIRECTORY, Environment, FILE_SUFFIX, GLEANER_CONFIG, OVERRIDE_PREFIX, WELL_KNOWN,
};
use super::validate::validate;

/// The configuration cannot be used. Each line names a fault: where it is, what is wrong, what to write.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);

impl ConfigError {
    fn one(fault: impl Into<String>) -> Self {
        Self(vec![fault.into()])
    }
}

/// A configuration, and the file it came from.
#[derive(Debug)]
pub struct Loaded {
    /// What was configured, defaults filled in.
    pub config: Config,
    /// The file, if there was one.
    pub path: Option<PathBuf>,
}

/// Looked for in this order when neither `--config` nor `$GLEANER_CONFIG` names a file.
const USUAL_PLACES: [&str; 2] = ["config.toml", "/etc/gleaner/config.toml"];

/// Finds and reads the configuration: `explicit`, `$GLEANER_CONFIG`, `./config.toml`,
/// `/etc/gleaner/config.toml`, else the defaults; then the environment on top.
pub fn load(explicit: Option<&Path>, environment: &Environment) -> Result<Loaded, ConfigError> {
    let path = explicit
        .map(Path::to_path_buf)
        .or_else(|| environment.get(GLEANER_CONFIG).map(PathBuf::from))
        .or_else(|| {
            USUAL_PLACES
                .iter()
                .map(PathBuf::from)
                .find(|path| path.exists())
        });
    let mut table = match &path {
        Some(path) => read_file(path)?,
        None => Table::new(),
    };
    overlay(&mut table, environment)?;
    let config: Config = table
        .try_into()
        .map_err(|error: toml::de::Error| ConfigError::one(error.message().to_owned()))?;
    let faults = validate(&config);
    if faults.is_empty() {
        Ok(Loaded { config, path })
    } else {
        Err(ConfigError(faults))
    }
}

/// The file as a table in which every key is known and of its type.
fn read_file(path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        ConfigError::one(format!("{}: cannot be read: {error}", path.display()))
    })?;
    let at = |span: Option<Range<usize>>| match span {
        Some(span) => format!("{}:{}", path.display(), line_of(&text, span.start)),
        None => path.display().to_string(),
    };
    let document = toml::de::DeTable::parse(&text).map_err(|error| {
        ConfigError::one(format!(
            "{}: not valid TOML: {}",
            at(error.span()),
            error.message()
        ))
    })?;
    let mut keys = Vec::new();
    collect_keys(document.get_ref(), "", &mut keys);
    let known = known_keys();
    let unknown: Vec<_> = keys
        .iter()
        .filter(|key| !known.is_known(&key.path))
        .map(|key| {
            format!(
                "{}: {}",
                at(Some(key.name.clone())),
                known.explain_unknown(&key.path)
            )
        })
        .collect();
    if !unknown.is_empty() {
        return Err(ConfigError(unknown));
    }
    toml::from_str::<Config>(&text).map_err(|error| {
        let key = error
            .span()
            .and_then(|span| keys.iter().rfind(|key| key.value.start <= span.start));
        let key = key
            .map(|key| format!("`{}`: ", key.path))
            .unwrap_or_default();
        ConfigError::one(format!(
            "{}: {key}{}",
            at(error.span()),
            error.message().trim()
        ))
    })?;
    text.parse::<Table>()
        .map_err(|error| ConfigError::one(format!("{}: {}", at(error.span()), error.message())))
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text
        .bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
}

/// A key of the file and where it and its value stand, in bytes.
struct Key {
    path: String,
    name: Range<usize>,
    value: Range<usize>,
}

/// All keys, in the order of the file. Nesting is bounded by the TOML parser.
fn collect_keys(table: &toml::de::DeTable<'_>, prefix: &str, keys: &mut Vec<Key>) {
    for (name, value) in table {
        let path = if prefix.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{prefix}.{}", name.get_ref())
        };
        keys.push(Key {
            path: path.clone(),
            name: name.span(),
            value: value.span(),
        });
        if let toml::de::DeValue::Table(inner) = value.get_ref() {
            collect_keys(inner, &path, keys);
        }
    }
    if prefix.is_empty() {
        keys.sort_by_key(|key| key.value.start);
    }
}

/// The keys that exist, as paths like `misp.url`.
struct KnownKeys(Vec<String>);

/// Keys below which anything may stand: names chosen by the user.
const FREE_FORM: [&str; 2] = ["http.headers", "serve.tokens"];

fn known_keys() -> KnownKeys {
    let mut paths = Vec::new();
    if let Ok(Value::Table(sections)) = Value::try_from(Config::default()) {
        collect_paths(&sections, "", &mut paths);
    }
    KnownKeys(paths)
}

fn collect_paths(table: &Table, prefix: &str, paths: &mut Vec<String>) {
    for (name, value) in table {
        let path = format!("{prefix}{name}");
        if let Value::Table(inner) = value {
            collect_paths(inner, &format!("{path}."), paths);
        }
        paths.push(path);
    }
}

impl KnownKeys {
    fn is_known(&self, path: &str) -> bool {
        self.0.iter().any(|known| known == path)
            || FREE_FORM.iter().any(|free| {
                path.strip_prefix(free)
                    .is_some_and(|rest| rest.starts_with('.'))
            })
    }

    fn explain_unknown(&self, path: &str) -> String {
        let mut text = format!("unknown key `{path}`");
        let last = path.rsplit('.').next().unwrap_or(path);
        // The right name in the wrong section is nearer than a similar one in the right section.
        let nearest = self
            .0
            .iter()
            .find(|known| known.rsplit('.').next() == Some(last))
            .or_else(|| {
                self.0
                    .iter()
                    .map(|known| (strsim::normalized_damerau_levenshtein(known, path), known))
                    .max_by(|a, b| a.0.total_cmp(&b.0))
                    .map(|(_, known)| known)
            });
        if let Some(nearest) = nearest {
            let _ = write!(text, "; the nearest known key is `{nearest}`");
        }
        text
    }
}

/// Puts the environment on top of the file.
fn overlay(table: &mut Table, environment: &Environment) -> Result<(), ConfigError> {
    let known = known_keys();
    for (name, path) in environment.credentials() {
        if known.is_known(&name) && name.contains('.') {
            let value = read_secret(&path, &format!("${CREDENTIALS_DIRECTORY}/{name}"))?;
            set(
                table,
                &name,
                &value,
                &format!("${CREDENTIALS_DIRECTORY}/{name}"),
            )?;
        }
    }
    for (name, key) in WELL_KNOWN {
        if let Some(path) = environment.get(&format!("{name}{FILE_SUFFIX}")) {
            let value = read_secret(Path::new(path), &format!("${name}{FILE_SUFFIX}"))?;
            set_well_known(table, name, key, &value)?;
        }
        if let Some(value) = environment.get(name) {
            set_well_known(table, name, key, value)?;
        }
    }
    for (rest, value) in environment.with_prefix(OVERRIDE_PREFIX) {
        let name = format!("{OVERRIDE_PREFIX}{rest}");
        let key = rest.to_ascii_lowercase().replace("__", ".");
        if known.is_known(&key) {
            set(table, &key, value, &format!("${name}"))?;
        } else if let Some(secret) = key.strip_suffix("_file").filter(|key| known.is_known(key)) {
            let value = read_secret(Path::new(value), &format!("${name}"))?;
            set(table, secret, &value, &format!("${name}"))?;
        } else {
            return Err(ConfigError::one(format!(
                "${name}: {}",
                known.explain_unknown(&key)
            )));
        }
    }
    Ok(())
}

/// `MISP_VERIFYCERT` may name a file, as PyMISP's `ssl` does; the others are taken as they are.
fn set_well_known(
    table: &mut Table,
    name: &str,
    key: &str,
    value: &str,
) -> Result<(), ConfigError> {
    let origin = format!("${name}");
    if name != "MISP_VERIFYCERT" {
        return set(table, key, value, &origin);
    }
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => set(table, key, "true", &origin),
        "false" | "0" | "no" => set(table, key, "false", &origin),
        _ if Path::new(value).is_file() => {
            set(table, key, "true", &origin)?;
            set(table, "misp.ca_file", value, &origin)
        }
        _ => Err(ConfigError::one(format!(
            "{origin}: expected `true`, `false` or the path of a PEM file, and there is no file `{value}`"
        ))),
    }
}

/// Sets one key from text: as a TOML value where that fits the key's type, else as a string.
fn set(table: &mut Table, key: &str, text: &str, origin: &str) -> Result<(), ConfigError> {
    let plain = Value::String(text.to_owned());
    let parsed = format!("value = {text}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("value"));
    let mut failure = String::new();
    for candidate in parsed.into_iter().chain([plain]) {
        let mut changed = table.clone();
        place(&mut changed, key, candidate);
        match changed.clone().try_into::<Config>() {
            Ok(_) => {
                *table = changed;
                return Ok(());
            }
            Err(error) if failure.is_empty() => error.message().trim().clone_into(&mut failure),
            Err(_) => {}
        }
    }
    Err(ConfigError::one(format!("{origin}: `{key}`: {failure}")))
}

fn place(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((section, rest)) => {
            let section = table
                .entry(section)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(section) = section {
                place(section, rest, value);
            }
        }
    }
}

fn read_secret(path: &Path, origin: &str) -> Result<String, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        ConfigError::one(format!(
            "{origin}: {}: cannot be read: {error}",
            path.display()
        ))
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load_text(text: &str, environment: &Environment) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        let shown = format!("{}", folder.path().display());
        load(Some(&path), environment)
            .map(|loaded| loaded.config)
            .map_err(|error| error.to_string().replace(&format!("{shown}/"), ""))
    }

    #[test]
    fn faults_name_file_line_and_nearest_key() {
        for (text, fault) in [
            (
                "[misp]\nurl = \"https://m.example\"\nkye = \"x\"\n",
                "config.toml:3: unknown key `misp.kye`; the nearest known key is `misp.key`",
            ),
            (
                "[mips]\nurl = \"x\"\n",
                "config.toml:1: unknown key `mips`; the nearest known key is `misp`",
            ),
            (
                "in_flight = 3",
                "config.toml:1: unknown key `in_flight`; the nearest known key is `worker.in_flight`",
            ),
            (
                "[misp]\nextraction = \"misp\"",
                "config.toml:2: unknown key `misp.extraction`; the nearest known key is `indicators.extraction`",
            ),
            (
                "[worker]\n\nin_flight = \"many\"",
                "config.toml:3: `worker.in_flight`: invalid type: string \"many\", expected usize",
            ),
            (
                "[store]\nlease = \"2 parsecs\"",
                "config.toml:2: `store.lease`: `2 parsecs` is not a duration; write a number and a unit, like `30s`, `15m`, `2h`, `99d`",
            ),
            (
                "[misp]\nkey = 12345",
                "config.toml:2: `misp.key`: expected a string in quotes (the value is not shown: it is a secret)",
            ),
            (
                "[store]\nkind = \"postgres\"",
                "config.toml:2: `store.kind`: unknown variant `postgres`, expected one of `auto`, `redis`, `sqlite`",
            ),
            (
                "[misp\n",
                "config.toml:1: not valid TOML: unclosed table, expected `]`",
            ),
        ] {
            assert_eq!(
                load_text(text, &Environment::default())
                    .unwrap_err()
                    .lines()
                    .next()
                    .unwrap_or_default(),
                fault,
                "{text}"
            );
        }
    }

    #[test]
    fn all_unknown_keys_are_named_at_once() {
        let faults =
            load_text("[misp]\na = 1\n[log]\nb = 2\n", &Environment::default()).unwrap_err();
        assert_eq!(faults.lines().count(), 2, "{faults}");
    }

    #[test]
    fn free_form_keys_are_left_alone() {
        let config = load_text(
            "[http.headers]\nAccept-Language = \"en\"",
            &Environment::default(),
        )
        .unwrap();
        assert_eq!(config.http.headers.len(), 1);
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let file =
            "[misp]\nurl = \"https://file.example\"\nkey = \"file\"\n[worker]\nin_flight = 2\n";
        let environment = Environment::from([
            ("MISP_URL", "https://well-known.example"),
            ("MISP_KEY", "1234"),
            ("MISP_VERIFYCERT", "False"),
            ("GLEANER__WORKER__IN_FLIGHT", "4"),
            ("GLEANER__EVENT__TAGS", "[\"tlp:amber\", \"a b\"]"),
            ("GLEANER__MISP__TIMEOUT", "10s"),
            ("GLEANER__EVENT__PREFIX", "42"),
            ("REDIS_URL", "redis://r.example"),
        ]);
        let config = load_text(file, &environment).unwrap();
        assert_eq!(config.misp.url, "https://well-known.example");
        assert_eq!(config.misp.key.expose(), "1234");
        assert!(!config.misp.verify_cert);
        assert_eq!(config.worker.in_flight, 4);
        assert_eq!(config.event.tags, ["tlp:amber", "a b"]);
        assert_eq!(config.event.prefix, "42");
        assert!(config.uses_redis());
        let environment = Environment::from([
            ("MISP_URL", "https://a.example"),
            ("GLEANER__MISP__URL", "https://b.example"),
            ("MISP_KEY", "k"),
        ]);
        assert_eq!(
            load_text("", &environment).unwrap().misp.url,
            "https://b.example"
        );
    }

    #[test]
    fn faults_in_the_environment_name_the_variable() {
        for (name, value, fault) in [
            (
                "GLEANER__MISP__KYE",
                "x",
                "$GLEANER__MISP__KYE: unknown key `misp.kye`; the nearest known key is `misp.key`",
            ),
            (
                "GLEANER__WORKER__IN_FLIGHT",
                "many",
                "$GLEANER__WORKER__IN_FLIGHT: `worker.in_flight`: invalid type: string \"many\", expected usize",
            ),
            (
                "MISP_VERIFYCERT",
                "/no/such.pem",
                "$MISP_VERIFYCERT: expected `true`, `false` or the path of a PEM file, and there is no file `/no/such.pem`",
            ),
            (
                "MISP_KEY_FILE",
                "/no/such",
                "$MISP_KEY_FILE: /no/such: cannot be read: No such file or directory (os error 2)",
            ),
        ] {
            let error = load_text("", &Environment::from([(name, value)])).unwrap_err();
            assert_eq!(error.trim(), fault);
        }
    }

    #[test]
    fn secrets_come_from_files_and_credentials() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("misp.key"), "from-systemd\n").unwrap();
        std::fs::write(folder.path().join("unrelated"), "x").unwrap();
        let directory = folder.path().to_str().unwrap();
        let environment = Environment::from([("CREDENTIALS_DIRECTORY", directory)]);
        assert_eq!(
            load_text("[misp]\nkey = \"file\"", &environment)
                .unwrap()
                .misp
                .key
                .expose(),
            "from-systemd"
        );

        let file = folder.path().join("misp.key");
        let environment = Environment::from([("GLEANER__MISP__KEY_FILE", file.to_str().unwrap())]);
        assert_eq!(
            load_text("", &environment).unwrap().misp.key.expose(),
            "from-systemd"
        );
        let environment = Environment::from([
            ("MISP_KEY_FILE", file.to_str().unwrap()),
            ("MISP_KEY", "direct"),
        ]);
        assert_eq!(
            load_text("", &environment).unwrap().misp.key.expose(),
            "direct"
        );
    }
}
