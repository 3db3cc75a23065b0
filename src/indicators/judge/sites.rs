//! Well-known sites, and what a mention of them in a report usually means.
//!
//! An article on malware links to vendors, to documentation and to analysis services, and names the brands
//! that were imitated; undefanged, none of these is an indicator. Only names that stand in reports again and
//! again are kept here: the warninglists know the rest.

use std::collections::HashMap;
use std::sync::OnceLock;

/// What a site is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Site {
    /// A security vendor, an agency, a researcher, the press.
    Publisher,
    /// Documentation, databases of weaknesses and of attacks.
    Documentation,
    /// Sandboxes and collections of malware.
    Analysis,
    /// Social networks.
    Social,
    /// Hosts what anybody puts there: honest code and malware.
    Hosting,
    /// Everybody's: search engines, shops, makers of software.
    Popular,
}

impl Site {
    /// For reasons: `a vendor's page`.
    pub(super) const fn phrase(self) -> &'static str {
        match self {
            Self::Publisher => "a vendor's, an agency's or a newspaper's page",
            Self::Documentation => "documentation",
            Self::Analysis => "an analysis service",
            Self::Social => "a social network",
            Self::Hosting => "a hosting service",
            Self::Popular => "a well-known site",
        }
    }

    /// Whether attackers put things there too.
    pub(super) const fn is_abused(self) -> bool {
        matches!(self, Self::Hosting | Self::Social)
    }
}

/// The site that a host belongs to: its name or one above it. `host` is in lower case.
pub(super) fn of_host(host: &str) -> Option<Site> {
    let table = table();
    let mut rest = host.trim_end_matches('.');
    // A bounded number of labels: a longer name is no site of these.
    for _ in 0..8 {
        if let Some(site) = table.get(rest) {
            return Some(*site);
        }
        rest = rest.split_once('.')?.1;
    }
    None
}

/// Whether a host serves what many unrelated people put there, so that one bad address says nothing of the others:
/// `drive.google.com`, `t.me`. A name that somebody got for himself below such a site (`evil.github.io`) does not.
pub fn is_shared(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let given = psl::suffix(host.as_bytes()).is_some_and(|suffix| {
        suffix.typ() == Some(psl::Type::Private) && suffix != host.as_bytes()
    });
    table().contains_key(host.as_str()) || !given && of_host(&host).is_some()
}

fn table() -> &'static HashMap<&'static str, Site> {
    static TABLE: OnceLock<HashMap<&'static str, Site>> = OnceLock::new();
    TABLE.get_or_init(|| entries().collect())
}

/// Every name with its site.
fn entries() -> impl Iterator<Item = (&'static str, Site)> {
    [
        (PUBLISHERS, Site::Publisher),
        (DOCUMENTATION, Site::Documentation),
        (ANALYSIS, Site::Analysis),
        (SOCIAL, Site::Social),
        (HOSTING, Site::Hosting),
        (POPULAR, Site::Popular),
    ]
    .into_iter()
    .flat_map(|(names, site)| names.split_ascii_whitespace().map(move |name| (name, site)))
}

const PUBLISHERS: &str = "
    360.com 360.cn qianxin.com netlab.360.com abuse.ch accenture.com aquasec.com ahnlab.com akamai.com
    alienvault.com anomali.com arcticwolf.com arstechnica.com attackiq.com aqniu.com avast.com avast.io avg.com avira.com
    barracuda.com bellingcat.com binarydefense.com bitdefender.com blackberry.com blackpointcyber.com
    bleepingcomputer.com bluecoat.com broadcom.com cadosecurity.com carbonblack.com cert.pl cert.gov.ua
    cert.at cert-bund.de bsi.bund.de ssi.gouv.fr cert.ssi.gouv.fr cert.europa.eu checkpoint.com chronicle.security
    cisa.gov us-cert.gov ncsc.gov.uk cyber.gc.ca cyber.gov.au fbi.gov ic3.gov justice.gov nsa.gov europol.europa.eu
    enisa.europa.eu circl.lu citizenlab.ca cleafy.com clearskysec.com cloudsek.com cobaltstrike.com cofense.com
    comodo.com confiant.com corelight.com coveware.com crowdstrike.com cyberark.com cybereason.com cyberint.com
    cyberscoop.com cyble.com cylance.com cyberthreatalliance.org cybersecuritydive.com darkreading.com
    darktrace.com datadoghq.com deepinstinct.com domaintools.com dragos.com drweb.com drweb.ru eclecticiq.com
    elastic.co elastic.io emsisoft.com esentire.com eset.com eset-la.com welivesecurity.com exatrack.com f-secure.com
    f5.com facct.ru fireeye.com mandiant.com flashpoint.io flashpoint-intel.com forcepoint.com forescout.com
    fortinet.com fortiguard.com fox-it.com g-data.com gdatasoftware.com glimps.fr greynoise.io group-ib.com
    guardicore.com hackernews.com thehackernews.com haveibeenpwned.com helpnetsecurity.com huntress.com
    hunt.io ibm.com securityintelligence.com imperva.com infoblox.com inquest.net intel471.com intezer.com
    intrinsec.com isc.sans.edu sans.org sans.edu itworldcanada.com jamf.com objective-see.com objective-see.org jfrog.com
    joesecurity.org jpcert.or.jp k7computing.com kaspersky.com kaspersky.ru securelist.com securelist.ru
    krebsonsecurity.com kroll.com lab52.io lacework.com lookout.com lumen.com malware-traffic-analysis.net
    malwarebytes.com malwarebytes.org malwaremustdie.org mcafee.com trellix.com medium.com
    misp-project.org mitre.org mitiga.io morphisec.com nccgroup.com nccgroup.trust nextron-systems.com netskope.com
    netresec.com netscout.com netwitness.com ninjio.com novetta.com nozominetworks.com openanalysis.net opensecurity.global
    orangecyberdefense.com orca.security paloaltonetworks.com pwc.com pwc.co.uk perception-point.io phishlabs.com
    phylum.io positive.technology ptsecurity.com proofpoint.com emergingthreats.net proofpointus.com prevailion.com
    qualys.com quickheal.com seqrite.com radware.com rapid7.com recordedfuture.com redcanary.com redcanary.co
    reliaquest.com reuters.com resecurity.com reversinglabs.com riskiq.com rsa.com safebreach.com sansec.io scmagazine.com
    scworld.com secureworks.com securityaffairs.co securityaffairs.com securityjoes.com securityscorecard.com
    securityweek.com sekoia.io sentinelone.com sentinellabs.com shadowserver.org silentpush.com socprime.com
    socket.dev sonatype.com sonicwall.com sophos.com splunk.com spamhaus.org spamhaus.com stairwell.com
    suspectfile.com sucuri.net symantec.com synacktiv.com sygnia.co sysdig.com talosintelligence.com cisco.com
    talos-intelligence.com team-cymru.com team-cymru.org tenable.com thedfirreport.com therecord.media threatconnect.com
    threatfabric.com threatminer.org threatpost.com threatstop.com threatmon.io thezdi.com zerodayinitiative.com tgsoft.it
    trendmicro.com trendmicro.co.jp trustwave.com unit42.com upguard.com uptycs.com vmray.com vmware.com volexity.com
    walmart.io wired.com wiz.io withsecure.com withsecure.ch wordfence.com yoroi.company zdnet.com zerofox.com zimperium.com
    zscaler.com zscaler.fr veriti.ai virusbulletin.com virusbtn.com washingtonpost.com nytimes.com theguardian.com
    bbc.com bbc.co.uk cnn.com techcrunch.com theregister.com theregister.co.uk vice.com zeit.de spiegel.de heise.de
    golem.de lemonde.fr elpais.com politico.com politico.eu bloomberg.com forbes.com wsj.com ft.com apnews.com
    aljazeera.com haaretz.com scmp.com nikkei.com vx-underground.org malpedia.com malpedia.caad.fkie.fraunhofer.de
    hexacorn.com pentestpartners.com specterops.io trustedsec.com outflank.nl mdsec.co.uk blackhillsinfosec.com
    bushidotoken.net any.run
";

const DOCUMENTATION: &str = "
    learn.microsoft.com docs.microsoft.com msdn.microsoft.com technet.microsoft.com support.microsoft.com
    msrc.microsoft.com portal.msrc.microsoft.com developer.mozilla.org developer.apple.com support.apple.com
    developer.android.com developers.google.com support.google.com cloud.google.com docs.aws.amazon.com aws.amazon.com
    attack.mitre.org cve.mitre.org cwe.mitre.org capec.mitre.org d3fend.mitre.org cve.org nvd.nist.gov nist.gov
    first.org exploit-db.com cvedetails.com vuldb.com snyk.io osv.dev kb.cert.org owasp.org lolbas-project.github.io
    gtfobins.github.io wikipedia.org wikimedia.org wiktionary.org archive.org web.archive.org archive.is archive.ph
    rfc-editor.org ietf.org iana.org icann.org w3.org ieee.org acm.org arxiv.org usenix.org doi.org readthedocs.io
    python.org golang.org go.dev rust-lang.org crates.io docs.rs nodejs.org npmjs.com pypi.org rubygems.org nuget.org
    packagist.org maven.org php.net java.com openjdk.org apache.org nginx.org nginx.com openssl.org
    kernel.org debian.org ubuntu.com redhat.com centos.org gnu.org man7.org die.net stackoverflow.com stackexchange.com
    superuser.com serverfault.com ss64.com undocumented.ntinternals.net malapi.io geeksforgeeks.org schemas.microsoft.com
    schemas.openxmlformats.org schemas.android.com purl.org xml.org wireshark.org nmap.org torproject.org hex-rays.com
    ghidra-sre.org x64dbg.com dnspy.org sourceforge.net 7-zip.org winscp.net putty.org chiark.greenend.org.uk
    sysinternals.com cyberchef.io gchq.github.io yararules.com virustotal.github.io sigmahq.io opencti.io
";

const ANALYSIS: &str = "
    virustotal.com virustotal.io app.any.run bazaar.abuse.ch urlhaus.abuse.ch threatfox.abuse.ch sslbl.abuse.ch
    feodotracker.abuse.ch hybrid-analysis.com reverse.it tria.ge hatching.io urlscan.io unpac.me joesandbox.com
    malshare.com malwr.com analyze.intezer.com app.docguard.io filescan.io vicheck.ca threatexpert.com
    koodous.com shodan.io censys.io censys.com zoomeye.org fofa.so fofa.info binaryedge.io otx.alienvault.com
    pulsedive.com passivetotal.org community.riskiq.com viz.greynoise.io abuseipdb.com ipvoid.com
    urlvoid.com whois.com whois.domaintools.com crt.sh securitytrails.com dnsdumpster.com dnsdb.info
    cuckoosandbox.org capesandbox.com polyswarm.network opentip.kaspersky.com metadefender.opswat.com opswat.com
    vxcube.drweb.com samples.vx-underground.org valhalla.nextron-systems.com unprotect.it ipalyzer.com
    virusshare.com vxug.fakedoma.in malpedia.io x.threatbook.com threatbook.cn threatbook.io s.threatbook.cn ti.qianxin.com
    app.threatzone.io viriback.com vms.drweb.com vms.drweb.ru nsrl.nist.gov hashlookup.circl.lu hash.cymru.com
";

const SOCIAL: &str = "
    twitter.com x.com facebook.com fb.com linkedin.com lnkd.in youtube.com youtu.be reddit.com instagram.com
    tiktok.com pinterest.com tumblr.com vk.com ok.ru weibo.com mastodon.social infosec.exchange bsky.app
    threads.net whatsapp.com wa.me slack.com news.ycombinator.com ycombinator.com vimeo.com flipboard.com
    getpocket.com feedburner.com feedly.com addtoany.com addthis.com sharethis.com buffer.com hatena.ne.jp
    b.hatena.ne.jp line.me social-plugins.line.me xing.com quora.com flickr.com soundcloud.com spotify.com
    gravatar.com disqus.com steamcommunity.com
";

const HOSTING: &str = "
    github.com raw.githubusercontent.com githubusercontent.com gist.github.com gitlab.com bitbucket.org codeberg.org
    gitee.com pastebin.com paste.ee pastes.io ghostbin.com hastebin.com rentry.co rentry.org controlc.com
    dropbox.com dropboxusercontent.com drive.google.com docs.google.com sites.google.com script.google.com
    storage.googleapis.com firebasestorage.googleapis.com onedrive.live.com 1drv.ms sharepoint.com mega.nz
    mega.co.nz mega.io mediafire.com 4shared.com box.com wetransfer.com we.tl sendspace.com transfer.sh
    anonfiles.com gofile.io file.io catbox.moe files.catbox.moe litterbox.catbox.moe temp.sh bashupload.com
    ufile.io uploadfiles.io cdn.discordapp.com media.discordapp.net discord.com discord.gg discordapp.com
    telegram.org api.telegram.org t.me telegra.ph webhook.site requestbin.com pipedream.net requestbin.net
    ngrok.io ngrok.com trycloudflare.com workers.dev imgur.com i.imgur.com ibb.co postimg.cc bit.ly tinyurl.com
    is.gd cutt.ly rebrand.ly goo.gl ow.ly shorturl.at t.co s.id tiny.cc notion.so notion.site evernote.com
    slideshare.net scribd.com issuu.com docdroid.net pcloud.com yadi.sk disk.yandex.ru disk.yandex.com cloud.mail.ru
    s3.amazonaws.com graph.microsoft.com graph.facebook.com ipfs.io dweb.link interact.sh oast.fun
";

const POPULAR: &str = "
    google.com google.co.uk google.de google.fr google.co.jp google.com.br google.ru google.co.in googleapis.com
    fonts.googleapis.com ajax.googleapis.com
    gstatic.com googletagmanager.com google-analytics.com doubleclick.net googlesyndication.com googlevideo.com
    android.com play.google.com chrome.com gmail.com blogger.com microsoft.com windows.com windowsupdate.com
    update.microsoft.com office.com office365.com microsoftonline.com live.com outlook.com hotmail.com msn.com bing.com
    skype.com azure.com xbox.com msftncsi.com msftconnecttest.com apple.com icloud.com itunes.com mozilla.org
    mozilla.com firefox.com opera.com brave.com amazon.com amazon.co.uk amazon.de amazon.co.jp ebay.com paypal.com
    netflix.com yahoo.com yahoo.co.jp aol.com duckduckgo.com baidu.com qq.com taobao.com alibaba.com aliyun.com
    tencent.com 163.com sina.com.cn sohu.com yandex.ru yandex.com mail.ru rambler.ru naver.com daum.net adobe.com
    zoom.us webex.com salesforce.com oracle.com sap.com intel.com amd.com nvidia.com dell.com lenovo.com hp.com
    samsung.com huawei.com sony.com nintendo.com steampowered.com epicgames.com roblox.com minecraft.net
    cloudflare.com akamai.net fastly.net jquery.com code.jquery.com jsdelivr.net cdn.jsdelivr.net unpkg.com
    cdnjs.cloudflare.com bootstrapcdn.com fontawesome.com wordpress.org wordpress.com wp.com joomla.org drupal.org
    godaddy.com namecheap.com letsencrypt.org digicert.com verisign.com sectigo.com globalsign.com docker.com
    kubernetes.io jenkins.io atlassian.com jira.com trello.com stripe.com visa.com mastercard.com americanexpress.com
    chase.com bankofamerica.com wellsfargo.com citibank.com hsbc.com barclays.co.uk usps.com ups.com fedex.com dhl.com
    walmart.com target.com bestbuy.com costco.com homedepot.com booking.com airbnb.com uber.com twitch.tv wix.com
    squarespace.com shopify.com weebly.com myspace.com binance.com coinbase.com blockchain.com blockchain.info
    blockchair.com etherscan.io bitcoin.org metamask.io kraken.com coinmarketcap.com ipify.org api.ipify.org icanhazip.com
    ifconfig.me ipinfo.io ip-api.com checkip.amazonaws.com checkip.dyndns.org whatismyipaddress.com ident.me
    ipecho.net wtfismyip.com myip.dnsomatic.com ip.sb freegeoip.net ipv6-test.com anydesk.com teamviewer.com
    openai.com chatgpt.com anthropic.com huggingface.co
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_known_with_what_lies_below_them() {
        for (host, site) in [
            ("www.virustotal.com", Some(Site::Analysis)),
            ("unit42.paloaltonetworks.com", Some(Site::Publisher)),
            ("learn.microsoft.com", Some(Site::Documentation)),
            ("gist.github.com", Some(Site::Hosting)),
            ("github.com.", Some(Site::Hosting)),
            ("twitter.com", Some(Site::Social)),
            ("www.google.com", Some(Site::Popular)),
            ("evil-update.top", None),
            ("notgithub.com", None),
            ("github.com.evil-update.top", None),
            ("", None),
        ] {
            assert_eq!(of_host(host), site, "{host}");
        }
    }

    #[test]
    fn shared_hosts_are_told_from_own_names() {
        for (host, shared) in [
            ("drive.google.com", true),
            ("GitHub.com.", true),
            ("t.me", true),
            ("raw.githubusercontent.com", true),
            ("evil.github.io", false),
            ("evil.blogspot.com", false),
            ("cdn.evil-update.top", false),
        ] {
            assert_eq!(is_shared(host), shared, "{host}");
        }
    }

    #[test]
    fn a_site_is_of_one_kind() {
        for (name, site) in entries() {
            assert_eq!(table().get(name), Some(&site), "{name}");
        }
    }

    #[test]
    fn a_site_below_another_has_its_own_sense() {
        assert_eq!(of_host("bazaar.abuse.ch"), Some(Site::Analysis));
        assert_eq!(of_host("sites.google.com"), Some(Site::Hosting));
        assert_eq!(of_host("a.b.c.d.e.f.g.h.i.google.com"), None);
    }
}
