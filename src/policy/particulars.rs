//! Is what a site says of itself sound: its name, its addresses, its lifetimes?

use super::builder::{DEFAULT_LIFETIME_DAYS, PolicyBuilder};
use super::compile::is_web_url;
use super::error::Problems;
use super::pattern::parse_path_prefix;
use super::terms;

/// Browsers cut longer cookie lifetimes (RFC 6265bis, section 5.5).
const MAX_LIFETIME_DAYS: u32 = 400;

impl PolicyBuilder {
    pub(super) fn check_site(&self, problems: &mut Problems) {
        if self.revision.trim().is_empty() || self.revision.len() > 64 {
            problems.add(
                "the revision is empty or over 64 bytes",
                "Policy::builder(\"2026-09-01\")",
            );
        }
        if self.site.len() > 255 {
            problems.add(
                "the site's name is over 255 bytes",
                ".site(\"shop.example\")",
            );
        }
        let url = &self.privacy_url;
        let is_path = url.starts_with('/') && !url.starts_with("//");
        if !(url.is_empty() || is_path || is_web_url(url)) {
            problems.add(
                format!("privacy_url `{url}` is neither a path nor an http(s) address"),
                ".privacy_url(\"/privacy\")",
            );
        }
        let (controller, records) = (self.controller.as_ref(), self.records.as_ref());
        terms::check(controller, records, self.lifetime_days, problems);
        if self.lifetime_days == 0 || self.lifetime_days > MAX_LIFETIME_DAYS {
            problems.add(
                format!(
                    "a lifetime of {} days is outside 1 to {MAX_LIFETIME_DAYS}",
                    self.lifetime_days
                ),
                format!(".lifetime_days({DEFAULT_LIFETIME_DAYS})"),
            );
        }
        #[cfg(feature = "strict-third-parties")]
        if self.strict_third_party_images && !self.strict_third_parties {
            problems.add(
                "other sites' images are denied and their scripts are not",
                ".strict_third_parties()",
            );
        }
        match parse_path_prefix(&self.prefix) {
            Ok(prefix) if prefix == self.prefix => {}
            Ok(_) => problems.add(
                format!("the prefix `{}` ends in `/`", self.prefix),
                ".prefix(\"/_consent\")",
            ),
            Err(why) => problems.add(
                format!("the prefix `{}` {why}", self.prefix),
                ".prefix(\"/_consent\")",
            ),
        }
        if let Some(domain) = &self.cookie_domain
            && !matches!(url::Host::parse(domain), Ok(url::Host::Domain(host)) if host.contains('.') && host.eq_ignore_ascii_case(domain))
        {
            problems.add(
                format!("the cookie domain `{domain}` is not a registrable domain name"),
                ".cookie_domain(\"example.com\")",
            );
        }
        for path in &self.expiry_paths {
            let plain =
                path.starts_with('/') && path.bytes().all(|b| b.is_ascii_graphic() && b != b';');
            if !plain {
                problems.add(
                    format!("the expiry path `{path}` is not a plain path"),
                    ".expiry_paths([\"/shop\"])",
                );
            }
        }
    }
}
