//! Whose law does a visitor live under?
//!
//! The site says so for each request, from what it knows: its own domain, a
//! country that its CDN names, an account. Nothing is guessed here, neither from
//! addresses nor from languages, and what nobody knows is [`Jurisdiction::Global`],
//! under which everything optional waits for consent.

use std::fmt;

use http::{Extensions, HeaderMap, HeaderName, Uri};

/// Days for which a refusal counts in the United States: nobody who opted out
/// may be asked again within twelve months (California Civil Code
/// 1798.135(c)(4)).
const US_REFUSAL_DAYS: u64 = 366;

/// The rule that a visitor is under. Default: [`Global`](Self::Global).
///
/// All but [`UsRule::OptOut`] wait for consent. They differ in what the visitor
/// is shown, in how long a refusal lasts, and in whether statistics may be
/// [exempt](crate::ExemptStatistics).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Jurisdiction {
    /// Nobody knows: everything optional waits for consent.
    #[default]
    Global,
    /// The European Union and the European Economic Area, without the countries named below.
    Eu,
    /// France: as the Union, and statistics may be exempt.
    Fr,
    /// Italy: as France, and the banner has an X that refuses.
    It,
    /// The United Kingdom: statistics may be exempt.
    Uk,
    /// The United States, all of them alike.
    Us(UsRule),
    /// Brazil.
    Br,
    /// Japan.
    Jp,
    /// Switzerland: statistics may be exempt.
    Ch,
}

/// What runs in the United States before a visitor has chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UsRule {
    /// Nothing optional, as elsewhere.
    #[default]
    Strict,
    /// Everything, until the visitor opts out or the browser sends Global
    /// Privacy Control. **This weakens the promise**: trackers run without
    /// consent, as the law of the states allows for data that is not sensitive.
    OptOut,
}

impl Jurisdiction {
    /// The jurisdiction of a country by its ISO 3166-1 alpha-2 code in capital
    /// letters; `us` says which rule holds in the United States. A code that is
    /// not known here is [`Global`](Self::Global).
    #[must_use]
    pub fn of_country(code: &str, us: UsRule) -> Self {
        match code {
            "US" => Self::Us(us),
            "GB" => Self::Uk,
            "FR" => Self::Fr,
            "IT" => Self::It,
            "BR" => Self::Br,
            "JP" => Self::Jp,
            "CH" => Self::Ch,
            _ if EEA.contains(&code) => Self::Eu,
            _ => Self::Global,
        }
    }

    /// A short name of lower-case letters and `-`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Eu => "eu",
            Self::Fr => "fr",
            Self::It => "it",
            Self::Uk => "uk",
            Self::Us(UsRule::Strict) => "us-strict",
            Self::Us(UsRule::OptOut) => "us-opt-out",
            Self::Br => "br",
            Self::Jp => "jp",
            Self::Ch => "ch",
        }
    }

    /// The language to fall back on where neither the page nor the browser names
    /// one, as a BCP 47 tag; `None` where there are several.
    #[must_use]
    pub const fn language(self) -> Option<&'static str> {
        match self {
            Self::Fr => Some("fr"),
            Self::It => Some("it"),
            Self::Uk => Some("en-GB"),
            Self::Us(_) => Some("en"),
            Self::Br => Some("pt-BR"),
            Self::Jp => Some("ja"),
            Self::Global | Self::Eu | Self::Ch => None,
        }
    }

    pub(crate) const fn is_us(self) -> bool {
        matches!(self, Self::Us(_))
    }

    /// Whether what is not sensitive runs until the visitor opts out.
    pub(crate) const fn is_opt_out(self) -> bool {
        matches!(self, Self::Us(UsRule::OptOut))
    }

    /// The one with this short name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|place| place.as_str() == name)
    }

    /// Whether nothing may be loaded there before consent, whatever it stores:
    /// in the European Economic Area, the United Kingdom and Switzerland, and
    /// wherever that may be so.
    pub(crate) const fn forbids_loading_ahead(self) -> bool {
        match self {
            Self::Global | Self::Eu | Self::Fr | Self::It | Self::Uk | Self::Ch => true,
            Self::Us(_) | Self::Br | Self::Jp => false,
        }
    }

    /// Seconds for which a refusal counts that the browser's signal wrote in
    /// place of a grant. It keeps the grant's time, so that what is left lasts no
    /// longer, and must count in full from a day within the grant's lifetime.
    pub(crate) const fn signal_seconds(self, lifetime: u64) -> u64 {
        let refusal = self.refusal_seconds(lifetime);
        if self.is_us() {
            refusal.saturating_add(lifetime)
        } else {
            refusal
        }
    }

    /// Seconds for which a refusal counts where a grant counts for `lifetime` seconds.
    pub(crate) const fn refusal_seconds(self, lifetime: u64) -> u64 {
        let us = US_REFUSAL_DAYS * 86_400;
        if self.is_us() && lifetime < us {
            us
        } else {
            lifetime
        }
    }
}

/// All of them.
const ALL: [Jurisdiction; 10] = [
    Jurisdiction::Global,
    Jurisdiction::Eu,
    Jurisdiction::Fr,
    Jurisdiction::It,
    Jurisdiction::Uk,
    Jurisdiction::Us(UsRule::Strict),
    Jurisdiction::Us(UsRule::OptOut),
    Jurisdiction::Br,
    Jurisdiction::Jp,
    Jurisdiction::Ch,
];

impl fmt::Display for Jurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The countries of the European Economic Area that have no profile of their own.
const EEA: [&str; 28] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "GR", "HR", "HU", "IE", "IS", "LI",
    "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// What a request says of itself before its body, as far as it can tell where it comes from.
///
/// Its path is left out on purpose: the pages of the layer itself have other
/// paths than those of the site, and a visitor must be under one rule on both.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    uri: Option<&'a Uri>,
    headers: &'a HeaderMap,
    extensions: Option<&'a Extensions>,
}

impl<'a> RequestHead<'a> {
    pub(crate) const fn new(
        uri: &'a Uri,
        headers: &'a HeaderMap,
        extensions: &'a Extensions,
    ) -> Self {
        Self {
            uri: Some(uri),
            headers,
            extensions: Some(extensions),
        }
    }

    /// A request of which no more than the headers is known.
    pub(crate) const fn of_headers(headers: &'a HeaderMap) -> Self {
        Self {
            uri: None,
            headers,
            extensions: None,
        }
    }

    /// The headers. Anybody can write any header, unless a proxy of the site's
    /// own replaces it.
    #[must_use]
    pub const fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// The host and port that the request names, of HTTP/2 too.
    #[must_use]
    pub fn host(&self) -> Option<&'a str> {
        let authority = self.uri.and_then(Uri::authority);
        authority.map(http::uri::Authority::as_str).or_else(|| {
            let host = self.headers.get(http::header::HOST)?;
            host.to_str().ok()
        })
    }

    /// What a layer outside of this one put into the request's extensions, such
    /// as the address of the connection or a country looked up from it.
    #[must_use]
    pub fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<&'a T> {
        self.extensions?.get()
    }
}

/// A site's own word on where a request comes from.
pub(crate) type ResolveFn = dyn Fn(&RequestHead<'_>) -> Jurisdiction + Send + Sync;

/// Reads the visitor's country from a header that a CDN adds.
///
/// **Only as true as the way to the site is closed**: whoever can reach the
/// server past the CDN can write the header themselves. That shows them another
/// rule than theirs and concerns nobody else, but under [`UsRule::OptOut`] it
/// lets trackers run for them without consent. Keep other ways shut, or have the
/// proxy in front remove the header. A missing, repeated or unknown value is
/// [`Jurisdiction::Global`].
///
/// ```
/// use tower_consent::{ConsentLayer, CountryHeader, Keyring, Policy, UsRule};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let countries = CountryHeader::cloudflare().with_us(UsRule::OptOut);
/// let layer = ConsentLayer::new(Policy::builder("2026-09-01").build()?, Keyring::ephemeral()?)
///     .with_jurisdiction(move |request| countries.jurisdiction(request));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct CountryHeader {
    name: HeaderName,
    us: UsRule,
}

impl CountryHeader {
    /// A header of this name with an ISO 3166-1 alpha-2 code, which a proxy of
    /// the site's own sets on every request.
    #[must_use]
    pub const fn new(name: HeaderName) -> Self {
        Self {
            name,
            us: UsRule::Strict,
        }
    }

    /// `CF-IPCountry`. Cloudflare overwrites what visitors send and adds it
    /// where "IP Geolocation" is on; `XX` and `T1` (Tor) are no countries.
    #[must_use]
    pub const fn cloudflare() -> Self {
        Self::new(HeaderName::from_static("cf-ipcountry"))
    }

    /// `CloudFront-Viewer-Country`. Amazon CloudFront overwrites what visitors
    /// send, and adds it only where the origin request policy names it; where it
    /// does not, a visitor's own header passes.
    #[must_use]
    pub const fn cloudfront() -> Self {
        Self::new(HeaderName::from_static("cloudfront-viewer-country"))
    }

    /// `X-Vercel-IP-Country`. Vercel overwrites what visitors send.
    #[must_use]
    pub const fn vercel() -> Self {
        Self::new(HeaderName::from_static("x-vercel-ip-country"))
    }

    /// `X-AppEngine-Country`. Google App Engine removes what visitors send;
    /// `ZZ` is no country.
    #[must_use]
    pub const fn app_engine() -> Self {
        Self::new(HeaderName::from_static("x-appengine-country"))
    }

    /// Says which rule holds in the United States. Default: [`UsRule::Strict`].
    #[must_use]
    pub const fn with_us(mut self, rule: UsRule) -> Self {
        self.us = rule;
        self
    }

    /// The jurisdiction that the header names.
    #[must_use]
    pub fn jurisdiction(&self, request: &RequestHead<'_>) -> Jurisdiction {
        let mut values = request.headers().get_all(&self.name).iter();
        match (values.next(), values.next()) {
            (Some(code), None) => Jurisdiction::of_country(code.to_str().unwrap_or(""), self.us),
            _ => Jurisdiction::Global,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    // covers L40
    #[test]
    fn what_is_not_a_known_country_waits_for_consent() {
        let of = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("cf-ipcountry", HeaderValue::from_static(value));
            }
            let countries = CountryHeader::cloudflare().with_us(UsRule::OptOut);
            countries.jurisdiction(&RequestHead::of_headers(&headers))
        };
        assert_eq!(of(&["US"]), Jurisdiction::Us(UsRule::OptOut));
        assert_eq!(of(&["DE"]), Jurisdiction::Eu);
        assert_eq!(of(&["NO"]), Jurisdiction::Eu);
        assert_eq!(of(&["IT"]), Jurisdiction::It);
        for values in [
            &[][..],
            &["us"],
            &["USA"],
            &["US,US"],
            &["US", "US"],
            &["XX"],
            &["T1"],
            &[""],
        ] {
            assert_eq!(of(values), Jurisdiction::Global, "{values:?}");
        }
    }

    #[test]
    fn refusals_last_a_year_in_the_united_states_and_as_long_as_grants_elsewhere() {
        let us = Jurisdiction::Us(UsRule::Strict);
        assert_eq!(us.refusal_seconds(184 * 86_400), 366 * 86_400);
        assert_eq!(us.refusal_seconds(400 * 86_400), 400 * 86_400);
        assert_eq!(Jurisdiction::Eu.refusal_seconds(9), 9);
    }
}
