//! What was asked for on the command line?

use std::path::PathBuf;

use http::Uri;
use http::uri::Authority;

use super::Problems;

pub(crate) const HELP: &str = "\
A reverse proxy that puts a consent gate in front of any site.

Usage: cargo run --example gateway -- --upstream http://HOST:PORT [options]

  --upstream URL      the site, over plain http
  --listen ADDRESS    where visitors come in (default 127.0.0.1:8000)
  --policy FILE       the site's consent policy, TOML or JSON; without one, visitors
                      are asked about everything that the built-in catalog recognises
  --list FILE         a filter list in the format of EasyList; may be repeated
  --strict            scripts, frames and the like of other sites wait for consent
                      unless the policy declares them
  --insecure-cookies  consent cookies that work over plain http, for development
  --upstream-host     tells the upstream its own host instead of the visitor's
  --behind-proxy      believes the X-Forwarded-* headers of the proxy in front,
                      such as the one that ends TLS, instead of replacing them
  --help              prints this

Environment:
  CONSENT_KEYS        keys in base64, the signing one first, with commas between;
                      make one with: openssl rand -base64 32
  RUST_LOG            what to log (default gateway=info,tower_consent=warn)
";

/// What to do.
#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Run(Options),
}

/// How to run.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) upstream: Authority,
    pub(crate) listen: String,
    pub(crate) policy: Option<PathBuf>,
    pub(crate) lists: Vec<PathBuf>,
    pub(crate) strict: bool,
    pub(crate) insecure_cookies: bool,
    pub(crate) upstream_host: bool,
    pub(crate) behind_proxy: bool,
}

impl Options {
    /// The defaults in front of `upstream`.
    pub(crate) fn new(upstream: Authority) -> Self {
        Self {
            upstream,
            listen: "127.0.0.1:8000".to_owned(),
            policy: None,
            lists: Vec::new(),
            strict: false,
            insecure_cookies: false,
            upstream_host: false,
            behind_proxy: false,
        }
    }
}

/// Reads the command line and says everything that is wrong with it.
pub(crate) fn read(arguments: impl Iterator<Item = String>) -> (Command, Problems) {
    let mut problems = Problems::default();
    let mut options = Options::new(Authority::from_static("missing"));
    let (mut upstreams, mut listens, mut policies) = (Vec::new(), Vec::new(), Vec::new());
    let mut arguments = arguments.peekable();
    while let Some(argument) = arguments.next() {
        let (name, attached) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (argument.as_str(), None),
        };
        let flag = match name {
            "--help" | "-h" => return (Command::Help, Problems::default()),
            "--strict" => Some(&mut options.strict),
            "--insecure-cookies" => Some(&mut options.insecure_cookies),
            "--upstream-host" => Some(&mut options.upstream_host),
            "--behind-proxy" => Some(&mut options.behind_proxy),
            _ => None,
        };
        if let Some(flag) = flag {
            *flag = true;
            if attached.is_some() {
                problems.add(format!("{name} takes no value"));
            }
            continue;
        }
        let known = ["--upstream", "--listen", "--policy", "--list"];
        if !known.contains(&name) {
            problems.add(format!("there is no option {name}"));
            continue;
        }
        let value = attached.or_else(|| arguments.next_if(|next| !next.starts_with("--")));
        match (name, value) {
            (_, None) => problems.add(format!("{name} needs a value")),
            ("--upstream", Some(url)) => upstreams.push(url),
            ("--listen", Some(address)) => listens.push(address),
            ("--policy", Some(file)) => policies.push(PathBuf::from(file)),
            (_, Some(file)) => options.lists.push(PathBuf::from(file)),
        }
    }
    match once("--upstream", upstreams, &mut problems) {
        None => problems.add("--upstream is missing, such as --upstream http://127.0.0.1:8080"),
        Some(url) => match upstream(&url) {
            Ok(authority) => options.upstream = authority,
            Err(problem) => problems.add(problem),
        },
    }
    if let Some(listen) = once("--listen", listens, &mut problems) {
        options.listen = listen;
    }
    if !has_port(&options.listen) {
        let address = &options.listen;
        problems.add(format!(
            "--listen {address} is not an address with a port, such as 127.0.0.1:8000"
        ));
    }
    if options.listen == options.upstream.as_str() {
        problems.add("--listen and --upstream are the same address, so it would ask itself");
    }
    options.policy = once("--policy", policies, &mut problems);
    (Command::Run(options), problems)
}

/// The only value of an option that stands for one thing.
fn once<T>(name: &str, mut values: Vec<T>, problems: &mut Problems) -> Option<T> {
    if values.len() > 1 {
        problems.add(format!("{name} is given {} times", values.len()));
    }
    values.pop()
}

fn has_port(address: &str) -> bool {
    address
        .rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

/// The host and port in the upstream's URL.
fn upstream(url: &str) -> Result<Authority, String> {
    let parsed = url
        .parse::<Uri>()
        .map_err(|error| format!("--upstream {url} is no URL: {error}"))?;
    if parsed.scheme_str() != Some("http") {
        return Err(format!(
            "--upstream {url} must begin with http://; for a site that speaks only https, put a proxy between that ends TLS"
        ));
    }
    if !matches!(parsed.path(), "" | "/") || parsed.query().is_some() {
        return Err(format!(
            "--upstream {url} must end after the port: paths go on as visitors ask for them"
        ));
    }
    match parsed.authority() {
        Some(authority) if !authority.host().is_empty() && !authority.as_str().contains('@') => {
            Ok(authority.clone())
        }
        _ => Err(format!("--upstream {url} must have a host and no password")),
    }
}
