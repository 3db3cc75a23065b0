//! What types cannot check: all faults at once, each with its key and what to write instead.

use url::Url;

use super::{Config, DestinationKind, Extraction, Fetch, StoreKind};

/// The faults of a configuration; none if it can be used.
pub fn validate(config: &Config) -> Vec<String> {
    let mut faults = Vec::new();
    check_store(config, &mut faults);
    check_ranges(config, &mut faults);
    check_event(config, &mut faults);
    super::indicators::check(config, &mut faults);
    super::context::check(config, &mut faults);
    check_misp(config, &mut faults);
    super::serve::check(config, &mut faults);
    if config.retention.after >= config.store.remember {
        faults.push(format!(
            "`store.remember` ({}) must be longer than `retention.after` ({}), or purged articles come back",
            config.store.remember, config.retention.after
        ));
    }
    faults
}

fn check_store(config: &Config, faults: &mut Vec<String>) {
    let store = &config.store;
    if store.kind == StoreKind::Redis && store.url.is_empty() {
        faults.push("`store.kind` is `redis` but `store.url` is empty; write `redis://host:6379` or set REDIS_URL".into());
    }
    if store.kind == StoreKind::Sqlite && !store.url.is_empty() {
        faults.push(
            "`store.kind` is `sqlite` but `store.url` names a Redis; drop one of them".into(),
        );
    }
    if store.prefix.is_empty() || store.prefix.contains(['{', '}', ':', ' ']) {
        faults.push("`store.prefix` must be a word without braces, colons and blanks".into());
    }
    if store.max_attempts == 0 {
        faults.push("`store.max_attempts` must be at least 1".into());
    }
    if store.lease.get().as_secs() < 1 {
        faults.push(format!(
            "`store.lease` ({}) must be at least 1s",
            store.lease
        ));
    }
}

fn check_ranges(config: &Config, faults: &mut Vec<String>) {
    let worker = &config.worker;
    if !worker.metrics.trim().is_empty() && worker.metrics_address().is_none() {
        faults.push(format!(
            "`worker.metrics`: `{}` is no address with a port, like `127.0.0.1:9464`",
            worker.metrics
        ));
    }
    for (key, value) in [
        ("worker.in_flight", config.worker.in_flight),
        ("feeds.concurrency", config.feeds.concurrency),
    ] {
        if !(1..=1024).contains(&value) {
            faults.push(format!("`{key}` must be between 1 and 1024, not {value}"));
        }
    }
    for (key, span) in [
        ("feeds.timeout", config.feeds.timeout),
        ("article.timeout", config.article.timeout),
        ("article.parse_timeout", config.article.parse_timeout),
        ("http.connect_timeout", config.http.connect_timeout),
        ("http.read_timeout", config.http.read_timeout),
        ("misp.timeout", config.misp.timeout),
    ] {
        if span.is_zero() {
            faults.push(format!(
                "`{key}` must be more than nothing: requests are always bounded in time"
            ));
        }
    }
    for (key, size, least) in [
        ("feeds.max_size", config.feeds.max_size, 64 << 10),
        ("article.max_size", config.article.max_size, 64 << 10),
        ("event.max_report", config.event.max_report, 16 << 10),
    ] {
        if size.get() < least {
            faults.push(format!(
                "`{key}` ({size}) must be at least {least} bytes: real pages need that"
            ));
        }
    }
    if config.retention.after.get().as_secs() < 24 * 60 * 60 {
        faults.push(format!(
            "`retention.after` ({}) must be at least 1d; to keep all events set `retention.enabled = false`",
            config.retention.after
        ));
    }
    for (key, proxy) in [
        ("http.proxy", &config.http.proxy),
        ("misp.proxy", &config.misp.proxy),
    ] {
        if !proxy.is_empty() && !is_proxy(proxy.expose()) {
            faults.push(format!("`{key}` is not an http, https, socks5 or socks5h URL (it is not shown: it may hold a password)"));
        }
    }
    if !(16..=2000).contains(&config.article.max_depth) {
        faults.push(format!(
            "`article.max_depth` must be between 16 and 2000, not {}",
            config.article.max_depth
        ));
    }
}

fn is_proxy(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") && url.has_host()
    })
}

fn check_event(config: &Config, faults: &mut Vec<String>) {
    let event = &config.event;
    if event.distribution > 4 {
        faults.push(format!(
            "`event.distribution` must be 0 to 4, not {}",
            event.distribution
        ));
    }
    if (event.distribution == 4) != (event.sharing_group_id != 0) {
        faults.push(
            "`event.distribution` 4 and `event.sharing_group_id` go together; set both or neither"
                .into(),
        );
    }
    if !(1..=4).contains(&event.threat_level) {
        faults.push(format!(
            "`event.threat_level` must be 1 to 4, not {}",
            event.threat_level
        ));
    }
    if event.analysis > 2 {
        faults.push(format!(
            "`event.analysis` must be 0 to 2, not {}",
            event.analysis
        ));
    }
    if event.tool_tag.trim().is_empty() {
        faults.push(
            "`event.tool_tag` must not be empty: purge knows Gleaner's own events by it".into(),
        );
    }
}

fn check_misp(config: &Config, faults: &mut Vec<String>) {
    let misp = &config.misp;
    let wanted = config
        .effective_destinations()
        .contains(&DestinationKind::Misp);
    match Url::parse(&misp.url) {
        // Not repeated: the address stands in messages, receipts and `config show`.
        Ok(url) if !url.username().is_empty() || url.password().is_some() => faults.push(
            "`misp.url` holds a user name or password, which messages would show; the key goes into `misp.key`".into(),
        ),
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {}
        _ if misp.url.is_empty() && !wanted => {}
        _ if misp.url.is_empty() => {
            faults.push(
                "`destinations` has `misp` but `misp.url` is empty; set it or MISP_URL".into(),
            );
        }
        // What is no URL may hold a password all the same.
        _ if misp.url.contains('@') => {
            faults.push("`misp.url` is not an http or https URL".into());
        }
        _ => faults.push(format!(
            "`misp.url`: `{}` is not an http or https URL",
            misp.url
        )),
    }
    if wanted && !misp.url.is_empty() && misp.key.is_empty() {
        faults.push("`misp.key` is empty; set it, MISP_KEY, MISP_KEY_FILE, or the systemd credential `misp.key`".into());
    }
    if !wanted && (!misp.required_strings.is_empty() || misp.required_strings_warninglist != 0) {
        faults.push("`misp.required_strings` work only with the destination `misp`; add it to `destinations` or remove them".into());
    }
    if misp.fetch == Fetch::Misp && config.effective_destinations() != [DestinationKind::Misp] {
        faults.push("`misp.fetch` is `misp`, so `misp` must be the only destination: the others need the article".into());
    }
    let extraction = config.indicators.extraction;
    if misp.fetch == Fetch::Misp && extraction == Extraction::Local {
        faults.push("`misp.fetch` is `misp`, so Gleaner does not see the article; set `indicators.extraction` to `misp` or `none`".into());
    }
    if misp.remove_warninglist != 0 && extraction != Extraction::Misp {
        faults.push("`misp.remove_warninglist` works on what the server extracts (`indicators.extraction = \"misp\"`); for Gleaner's own extraction enable the list in MISP and put its name into `indicators.warninglists_drop`".into());
    }
    if extraction == Extraction::Misp && !wanted {
        faults.push("`indicators.extraction` is `misp`, but events do not go to a MISP server; set it to `local` or `none`".into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        validate(&toml::from_str(text).unwrap())
    }

    #[test]
    fn the_defaults_are_valid() {
        assert_eq!(validate(&Config::default()), Vec::<String>::new());
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        for user in ["me:s3cret", ":s3cret", "s3cret"] {
            let text = format!("[misp]\nurl = \"https://{user}@misp.example\"\nkey = \"k\"");
            let faults = faults(&text).join("\n");
            assert!(faults.contains("`misp.url`"), "{faults}");
            assert!(!faults.contains("s3cret"), "{faults}");
        }
        // Not understood as a URL, and repeated all the same?
        let faults =
            faults("[misp]\nurl = \"https://me:s3cret@misp example\"\nkey = \"k\"").join("\n");
        assert!(!faults.contains("s3cret"), "{faults}");
    }

    #[test]
    fn each_fault_names_its_key() {
        for (text, key) in [
            ("[store]\nkind = \"redis\"", "store.url"),
            (
                "[store]\nkind = \"sqlite\"\nurl = \"redis://x\"",
                "store.kind",
            ),
            ("[store]\nprefix = \"a:b\"", "store.prefix"),
            ("[store]\nmax_attempts = 0", "store.max_attempts"),
            ("[store]\nlease = \"900ms\"", "store.lease"),
            ("[store]\nremember = \"30d\"", "store.remember"),
            ("[worker]\nin_flight = 0", "worker.in_flight"),
            ("[worker]\nmetrics = \"localhost\"", "worker.metrics"),
            ("[feeds]\ntimeout = \"0s\"", "feeds.timeout"),
            ("[article]\nmax_depth = 5", "article.max_depth"),
            ("[article]\nmax_size = 1", "article.max_size"),
            ("[event]\nmax_report = 1", "event.max_report"),
            ("[retention]\nafter = \"0s\"", "retention.after"),
            ("[http]\nproxy = \"ht!tp://x\"", "http.proxy"),
            ("[event]\ndistribution = 5", "event.distribution"),
            ("[event]\ndistribution = 4", "event.sharing_group_id"),
            ("[event]\nthreat_level = 0", "event.threat_level"),
            ("[event]\nanalysis = 3", "event.analysis"),
            ("[event]\ntool_tag = \" \"", "event.tool_tag"),
            ("destinations = [\"misp\"]", "misp.url"),
            ("[misp]\nurl = \"misp.example\"\nkey = \"k\"", "misp.url"),
            (
                "[misp]\nurl = \"https://me@misp.example\"\nkey = \"k\"",
                "misp.url",
            ),
            ("[misp]\nurl = \"https://misp.example\"", "misp.key"),
            (
                "[misp]\nrequired_strings = [\"x\"]",
                "misp.required_strings",
            ),
            (
                "destinations = [\"misp\", \"misp-feed\"]\n[misp]\nurl = \"https://m.example\"\nkey = \"k\"\nfetch = \"misp\"",
                "misp.fetch",
            ),
        ] {
            names(text, key);
        }
    }

    #[test]
    fn faults_of_extraction_name_their_key() {
        for (text, key) in [
            (
                "[misp]\nurl = \"https://m.example\"\nkey = \"k\"\nfetch = \"misp\"",
                "indicators.extraction",
            ),
            (
                "[indicators]\nextraction = \"misp\"",
                "indicators.extraction",
            ),
            ("[misp]\nremove_warninglist = 3", "misp.remove_warninglist"),
            ("[indicators]\nlimit = 0", "indicators.limit"),
            ("[indicators]\nallow = [\"*\"]", "indicators.allow"),
            ("[indicators]\ndeny = [\"a.*\"]", "indicators.deny"),
            (
                "[indicators]\nwarninglists_refresh = \"5s\"",
                "indicators.warninglists_refresh",
            ),
            (
                "[indicators]\nwarninglists_folder = \"/no/such\"",
                "indicators.warninglists_folder",
            ),
        ] {
            names(text, key);
        }
    }

    /// Holds that a fault names this key.
    fn names(text: &str, key: &str) {
        let faults = faults(text);
        let named = format!("`{key}`");
        assert!(
            faults.iter().any(|fault| fault.contains(&named)),
            "{text}: {faults:?}"
        );
    }
}
