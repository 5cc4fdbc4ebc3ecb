//! A cookie jar that keeps and drops cookies as browsers do (RFC 6265bis, section 5.6).

/// One stored cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stored {
    name: Vec<u8>,
    value: Vec<u8>,
    domain: String,
    host_only: bool,
    path: String,
    partitioned: bool,
}

impl Stored {
    /// Name, domain, path and partition together say which cookie it is.
    fn is_same_place(&self, other: &Self) -> bool {
        self.name == other.name
            && self.domain == other.domain
            && self.host_only == other.host_only
            && self.path == other.path
            && self.partitioned == other.partitioned
    }

    fn is_sent_to(&self, host: &str, path: &str) -> bool {
        let host_fits = if self.host_only {
            host == self.domain
        } else {
            is_subdomain(host, &self.domain)
        };
        let path_fits = path == self.path
            || path.starts_with(&self.path)
                && (self.path.ends_with('/') || path[self.path.len()..].starts_with('/'));
        host_fits && path_fits
    }
}

/// The cookies of one browser.
#[derive(Clone, Debug, Default)]
pub(crate) struct Jar(Vec<Stored>);

impl Jar {
    /// Takes one `Set-Cookie` line of a response from `host` to a request for `path`.
    pub(crate) fn store(&mut self, line: &[u8], host: &str, path: &str) {
        let mut parts = line.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
        let pair = parts.next().unwrap_or_default();
        let at = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = at.map_or((&b""[..], pair), |at| (&pair[..at], &pair[at + 1..]));
        let default_path = match path.rfind('/') {
            Some(at) if at > 0 => &path[..at],
            _ => "/",
        };
        let mut cookie = Stored {
            name: name.trim_ascii().to_vec(),
            value: value.trim_ascii().to_vec(),
            domain: host.to_owned(),
            host_only: true,
            path: default_path.to_owned(),
            partitioned: false,
        };
        let (mut secure, mut http_only, mut gone) = (false, false, false);
        for attribute in parts {
            let text = String::from_utf8_lossy(attribute).into_owned();
            let (key, value) = text.split_once('=').unwrap_or((&text, ""));
            match &*key.to_ascii_lowercase() {
                "domain" => {
                    cookie.domain = value.trim_start_matches('.').to_ascii_lowercase();
                    cookie.host_only = false;
                }
                "path" if value.starts_with('/') => cookie.path = value.to_owned(),
                "secure" => secure = true,
                "httponly" => http_only = true,
                "partitioned" => cookie.partitioned = true,
                "max-age" => gone = value.parse::<i64>().is_ok_and(|seconds| seconds <= 0),
                "expires" => gone |= value.contains("1970"),
                _ => {}
            }
        }
        if !cookie.host_only && !is_subdomain(host, &cookie.domain) {
            return;
        }
        let lower = cookie.name.to_ascii_lowercase();
        let bound = lower.starts_with(b"__host-");
        let prefixed = bound || lower.starts_with(b"__secure-");
        let breaks_its_prefix = prefixed && !secure
            || bound && (!cookie.host_only || cookie.path != "/")
            || lower.starts_with(b"__host-http-") && !http_only
            || cookie.partitioned && !secure;
        if breaks_its_prefix {
            return;
        }
        self.0.retain(|stored| !stored.is_same_place(&cookie));
        if !gone {
            self.0.push(cookie);
        }
    }

    /// The `Cookie` header of a request, longer paths first.
    pub(crate) fn header(&self, host: &str, path: &str) -> Option<Vec<u8>> {
        let mut sent: Vec<&Stored> = self
            .0
            .iter()
            .filter(|cookie| cookie.is_sent_to(host, path))
            .collect();
        sent.sort_by_key(|cookie| usize::MAX - cookie.path.len());
        let pairs: Vec<Vec<u8>> = sent
            .iter()
            .map(|cookie| [&cookie.name[..], b"=", &cookie.value[..]].concat())
            .collect();
        (!pairs.is_empty()).then(|| pairs.join(&b"; "[..]))
    }

    /// The value of the first cookie of this name.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        self.0
            .iter()
            .find(|cookie| cookie.name == name.as_bytes())
            .map(|cookie| String::from_utf8_lossy(&cookie.value).into_owned())
    }

    /// All names, sorted, each once.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .0
            .iter()
            .map(|cookie| String::from_utf8_lossy(&cookie.name).into_owned())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Deletes all cookies of a name, as a visitor does in the browser's settings.
    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|cookie| cookie.name != name.as_bytes());
    }
}

fn is_subdomain(host: &str, domain: &str) -> bool {
    host == domain
        || host
            .strip_suffix(domain)
            .is_some_and(|rest| rest.ends_with('.'))
}
