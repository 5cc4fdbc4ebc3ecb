//! Which vendors measure how a site is used?
//!
//! Session replay, tests of page variants, error reports and speed measurement
//! are here too: none of them is strictly necessary (Article 29 Working Party,
//! Opinion 04/2012).

mod performance;
mod replay;

pub use performance::*;
pub use replay::*;

use crate::category::Category;
use crate::policy::vendor::Vendor;

/// Google Analytics 4, which recognises visitors and counts what they do on the
/// site.
///
/// Its loader `gtag.js` also serves Google Ads tags: both come from the same
/// address.
///
/// Source: <https://support.google.com/analytics/answer/11397207>
#[must_use]
pub fn google_analytics() -> Vendor {
    Vendor::new("google-analytics", Category::Analytics)
        .with_name("Google Analytics")
        .with_purpose("Counts visits and shows how visitors use this site")
        .with_provider("Google Ireland Limited", "IE")
        .with_retention("up to 2 years")
        .with_policy_url("https://policies.google.com/privacy")
        .globals(["gtag", "ga", "dataLayer[]", "_gaq[]"])
        .cookies([
            "_ga", "_ga_*", "_gid", "_gat", "_gat_*", "FPID", "FPLC", "__utma", "__utmb", "__utmc",
            "__utmt", "__utmv", "__utmz",
        ])
        .hosts([
            "google-analytics.com",
            "analytics.google.com",
            "googletagmanager.com/gtag/",
        ])
        .inline([
            "googletagmanager.com/gtag/js",
            "google-analytics.com/analytics.js",
            "google-analytics.com/ga.js",
        ])
}

/// Adobe Analytics, with the Experience Cloud visitor id that it shares with
/// other Adobe services.
///
/// Source: <https://experienceleague.adobe.com/en/docs/core-services/interface/data-collection/cookies/analytics>
#[must_use]
pub fn adobe_analytics() -> Vendor {
    Vendor::new("adobe-analytics", Category::Analytics)
        .with_name("Adobe Analytics")
        .with_purpose("Counts visits and shows how visitors use this site")
        .with_provider("Adobe Systems Software Ireland Limited", "IE")
        .with_retention("up to 2 years")
        .with_policy_url("https://www.adobe.com/privacy/policy.html")
        .cookies([
            "s_cc", "s_sq", "s_vi", "s_vi_*", "s_fid", "s_ecid", "s_ac", "AMCV_*", "AMCVS_*",
            "kndctr_*",
        ])
        .hosts([
            "2o7.net",
            "adobedc.net",
            "hb.omtrdc.net",
            "hb-api.omtrdc.net",
            "sc.omtrdc.net",
        ])
}

/// Matomo as its maker hosts it.
///
/// For an installation of your own see [`matomo`].
///
/// Its terms make it a processor (<https://matomo.org/matomo-cloud-dpa/>), so Global Privacy Control stops
/// nothing of it.
///
/// Source: <https://matomo.org/faq/general/faq_146/>
#[must_use]
pub fn matomo_cloud() -> Vendor {
    Vendor::new("matomo-cloud", Category::Analytics)
        .with_name("Matomo Cloud")
        .with_purpose("Counts visits and shows how visitors use this site")
        .with_provider("InnoCraft Limited", "NZ")
        .with_retention("up to 13 months")
        .with_policy_url("https://matomo.org/matomo-cloud-privacy-policy/")
        .processor()
        .globals(["_paq[]", "_mtm[]"])
        .cookies(MATOMO_COOKIES)
        .hosts(["matomo.cloud", "innocraft.cloud"])
        .inline(["cdn.matomo.cloud/", ".matomo.cloud/*matomo.php"])
}

/// Matomo on a host of your own, such as `"stats.example.com"` or `"example.com/matomo"`.
///
/// It counts as the site itself; where another company runs it for you, declare
/// a [`Vendor`] that names the company. Where it answers on the site's own host,
/// add its path too: `.paths(["/matomo"])`.
///
/// Source: <https://matomo.org/faq/general/faq_146/>
#[must_use]
pub fn matomo(host: impl Into<String>) -> Vendor {
    let host = host.into();
    let base = host.trim_end_matches('/');
    Vendor::new("matomo", Category::Analytics)
        .with_name("Matomo")
        .with_purpose("Counts visits and shows how visitors use this site")
        .with_retention("up to 13 months")
        .first_party()
        .cookies(MATOMO_COOKIES)
        .globals(["_paq[]", "_mtm[]"])
        .hosts([base])
        // The snippet writes the host once and appends the file name a line later.
        .inline([
            format!("//{base}/*matomo.php"),
            format!("//{base}/*piwik.php"),
            format!("//{base}/js/container_"),
        ])
}

const MATOMO_COOKIES: [&str; 7] = [
    "_pk_cvar*",
    "_pk_hsr*",
    "_pk_id*",
    "_pk_ref*",
    "_pk_ses*",
    "_pk_testcookie*",
    "_pk_uid",
];

/// The Piwik PRO analytics suite with its tag manager.
///
/// Its visitor cookies have the same names as Matomo's.
///
/// Its terms make it a processor (<https://piwik.pro/core-dpa>), so Global Privacy Control stops
/// nothing of it.
///
/// Source: <https://help.piwik.pro/support/privacy/cookies-created-by-piwik-pro/>
#[must_use]
pub fn piwik_pro() -> Vendor {
    Vendor::new("piwik-pro", Category::Analytics)
        .with_name("Piwik PRO")
        .with_purpose("Counts visits and shows how visitors use this site")
        .with_provider("Piwik PRO GmbH", "DE")
        .with_retention("up to 13 months")
        .with_policy_url("https://piwik.pro/privacy-policy/")
        .processor()
        .storage(["ppms_*"])
        .globals(["_paq[]", "dataLayer[]"])
        .cookies([
            "stg_last_interaction",
            "stg_returning_visitor",
            "stg_traffic_source_priority",
            "stg_fired__*",
            "stg_externalReferrer",
            "stg_utm_campaign",
            "stg_pk_campaign",
        ])
        .hosts([
            "containers.piwik.pro",
            "piwik.pro/containers/",
            "piwik.pro/ppms.",
        ])
        .inline([
            ".containers.piwik.pro/",
            ".piwik.pro/containers/",
            ".piwik.pro/*ppms.php",
        ])
}

/// Yandex Metrica, which counts visits and can replay them.
///
/// Source: <https://yandex.com/support/metrica/general/cookie-usage.html>
#[must_use]
pub fn yandex_metrica() -> Vendor {
    Vendor::new("yandex-metrica", Category::Analytics)
        .with_name("Yandex Metrica")
        .with_purpose("Counts visits and records how visitors use this site")
        .with_provider("Yandex LLC", "RU")
        .with_retention("up to 1 year")
        .with_policy_url("https://yandex.com/legal/confidential/")
        .storage(["_ym*"])
        .globals(["ym"])
        .cookies([
            "_ym_uid",
            "_ym_d",
            "_ym_isad",
            "_ym_fa",
            "_ym_visorc",
            "_ym_visorc_*",
            "_ym_hostIndex",
            "_ym_debug",
        ])
        .hosts([
            "mc.yandex.ru",
            "mc.yandex.com",
            "mc.webvisor.com",
            "mc.webvisor.org",
        ])
        .inline([
            "mc.yandex.ru/metrika/",
            "mc.yandex.com/metrika/",
            "mc.webvisor.org/metrika/",
        ])
}

/// etracker Analytics.
///
/// Without its cookies it still reads and sends data of the device.
///
/// Source: <https://help.etracker.com/en/article/cookies-used>
#[must_use]
pub fn etracker() -> Vendor {
    Vendor::new("etracker", Category::Analytics)
        .with_name("etracker Analytics")
        .with_purpose("Counts visits and shows how visitors use this site")
        .with_provider("etracker GmbH", "DE")
        .with_retention("up to 2 years")
        .with_policy_url("https://www.etracker.com/datenschutz/")
        .cookies([
            "_et_coid",
            "BT_ctst",
            "BT_ecl",
            "BT_pdc",
            "BT_sdc",
            "GS3_v",
            "isSdEnabled",
        ])
        .hosts(["code.etracker.com", "etracker.de"])
        .inline(["code.etracker.com/code/"])
}

/// Plausible as its maker hosts it.
///
/// It sets no cookie, but its script reads and sends data of the device.
///
/// Its terms make it a processor (<https://plausible.io/dpa>), so Global Privacy Control stops
/// nothing of it.
///
/// Source: <https://plausible.io/data-policy>
#[must_use]
pub fn plausible() -> Vendor {
    Vendor::new("plausible", Category::Analytics)
        .with_name("Plausible Analytics")
        .with_purpose("Counts visits without recognising visitors")
        .with_provider("Plausible Insights OÜ", "EE")
        .with_retention("no cookies; as long as this site keeps its statistics")
        .with_policy_url("https://plausible.io/privacy")
        .processor()
        .globals(["plausible"])
        .hosts(["plausible.io/api/event", "plausible.io/js/"])
        .inline(["plausible.io/js/"])
}

/// Fathom Analytics.
///
/// It sets no cookie, but its script reads and sends data of the device.
///
/// Source: <https://usefathom.com/docs>
#[must_use]
pub fn fathom() -> Vendor {
    Vendor::new("fathom", Category::Analytics)
        .with_name("Fathom Analytics")
        .with_purpose("Counts visits without recognising visitors")
        .with_provider("Conva Ventures Inc.", "CA")
        .with_retention("no cookies; as long as this site keeps its statistics")
        .with_policy_url("https://usefathom.com/privacy")
        .globals([
            "fathom.trackEvent",
            "fathom.trackGoal",
            "fathom.trackPageview",
        ])
        .hosts(["cdn.usefathom.com"])
        .inline(["cdn.usefathom.com/"])
}

/// Umami as its maker hosts it.
///
/// It sets no cookie, but its script reads and sends data of the device.
///
/// Source: <https://umami.is/docs/collect-data>
#[must_use]
pub fn umami() -> Vendor {
    Vendor::new("umami", Category::Analytics)
        .with_name("Umami")
        .with_purpose("Counts visits without recognising visitors")
        .with_provider("Umami Software, Inc.", "US")
        .with_retention("no cookies; as long as this site keeps its statistics")
        .with_policy_url("https://umami.is/privacy")
        .globals(["umami.track"])
        .hosts([
            "analytics.umami.is",
            "api-gateway.umami.dev",
            "cloud.umami.is",
        ])
        .inline(["analytics.umami.is/script.js", "cloud.umami.is/script.js"])
}

/// Simple Analytics.
///
/// It sets no cookie, but its script reads and sends data of the device.
///
/// Its terms make it a processor (<https://www.simpleanalytics.com/data-processing-agreement>), so Global Privacy Control stops
/// nothing of it.
///
/// Source: <https://docs.simpleanalytics.com/what-we-collect>
#[must_use]
pub fn simple_analytics() -> Vendor {
    Vendor::new("simple-analytics", Category::Analytics)
        .with_name("Simple Analytics")
        .with_purpose("Counts visits without recognising visitors")
        .with_provider("Simple Analytics B.V.", "NL")
        .with_retention("no cookies; as long as this site keeps its statistics")
        .with_policy_url("https://www.simpleanalytics.com/privacy-policy")
        .processor()
        .globals(["sa_event"])
        .hosts(["simpleanalyticscdn.com"])
        .inline(["scripts.simpleanalyticscdn.com/"])
}

/// Cloudflare's script that measures visits and page speed.
///
/// It sets no cookie, but reads and sends data of the device.
///
/// Source: <https://developers.cloudflare.com/web-analytics/>
#[must_use]
pub fn cloudflare_web_analytics() -> Vendor {
    Vendor::new("cloudflare-web-analytics", Category::Analytics)
        .with_name("Cloudflare Web Analytics")
        .with_purpose("Counts visits and measures how fast pages load")
        .with_provider("Cloudflare, Inc.", "US")
        .with_retention("no cookies; as long as this site keeps its statistics")
        .with_policy_url("https://www.cloudflare.com/privacypolicy/")
        .hosts(["cloudflareinsights.com"])
        .inline(["static.cloudflareinsights.com/beacon"])
}

/// Chartbeat, which measures how long readers stay with an article.
///
/// Source: <https://help.chartbeat.com/hc/en-us/articles/360044659014-Chartbeat-Cookies>
#[must_use]
pub fn chartbeat() -> Vendor {
    Vendor::new("chartbeat", Category::Analytics)
        .with_name("Chartbeat")
        .with_purpose("Measures which articles are read and for how long")
        .with_provider("Chartbeat, Inc.", "US")
        .with_retention("up to 13 months")
        .with_policy_url("https://chartbeat.com/privacy/")
        .storage(["_cb_*", "_chartbeat*"])
        .globals(["_cbq[]", "pSUPERFLY.virtualPage"])
        .cookies([
            "_cb",
            "_cb_ls",
            "_cb_svref",
            "_chartbeat2",
            "_chartbeat4",
            "_chartbeat5",
            "_t_tests",
            "_v__cb_cp",
            "_v__chartbeat3",
            "_SUPERFLY_nosample",
        ])
        .hosts(["chartbeat.net", "static.chartbeat.com"])
        .inline(["static.chartbeat.com/js/"])
}

/// Parse.ly, which measures which articles are read.
///
/// Source: <https://docs.parse.ly/privacy/cookies/>
#[must_use]
pub fn parsely() -> Vendor {
    Vendor::new("parsely", Category::Analytics)
        .with_name("Parse.ly")
        .with_purpose("Measures which articles are read and for how long")
        .with_provider("Automattic Inc.", "US")
        .with_retention("up to 13 months")
        .with_policy_url("https://automattic.com/privacy/")
        .storage(["_parsely*"])
        .cookies([
            "_parsely_visitor",
            "_parsely_session",
            "_parsely_slot_click",
            "_parsely_tpa_blocked",
        ])
        .hosts([
            "cdn.parsely.com",
            "config.parsely.com",
            "p1.parsely.com",
            "pixel.parsely.com",
            "static.parsely.com",
        ])
        .inline(["cdn.parsely.com/keys/"])
}

/// PostHog as its maker hosts it: product analytics, session replay and feature
/// flags.
///
/// Source: <https://posthog.com/docs/libraries/js/persistence>
#[must_use]
pub fn posthog() -> Vendor {
    Vendor::new("posthog", Category::Analytics)
        .with_name("PostHog")
        .with_purpose("Records how visitors use this site")
        .with_provider("PostHog, Inc.", "US")
        .with_retention("up to 1 year")
        .with_policy_url("https://posthog.com/privacy")
        .storage(["ph_*"])
        .globals([
            "posthog.capture",
            "posthog.identify",
            "posthog.register",
            "posthog.reset",
        ])
        .cookies(["ph_phc_*"])
        .hosts([
            "app.posthog.com",
            "eu.posthog.com",
            "i.posthog.com",
            "us.posthog.com",
        ])
        .inline(["-assets.i.posthog.com", "app.posthog.com/static/array.js"])
}

/// Mixpanel, which records what visitors do with a product.
///
/// Source: <https://docs.mixpanel.com/docs/tracking-methods/sdks/javascript>
#[must_use]
pub fn mixpanel() -> Vendor {
    Vendor::new("mixpanel", Category::Analytics)
        .with_name("Mixpanel")
        .with_purpose("Records how visitors use this site")
        .with_provider("Mixpanel, Inc.", "US")
        .with_retention("up to 1 year")
        .with_policy_url("https://mixpanel.com/legal/privacy-policy/")
        .storage(["mp_*", "__mp_opt_in_out_*", "__mpq_*"])
        .globals([
            "mixpanel.track",
            "mixpanel.identify",
            "mixpanel.register",
            "mixpanel.reset",
        ])
        .cookies(["mp_*"])
        .hosts([
            "api.mixpanel.com",
            "api-eu.mixpanel.com",
            "api-in.mixpanel.com",
            "api-js.mixpanel.com",
            "decide.mixpanel.com",
            "mxpnl.com",
        ])
        .inline(["cdn.mxpnl.com/libs/"])
}

/// Amplitude, which records what visitors do with a product.
///
/// Source: <https://amplitude.com/docs/sdks/analytics/browser/cookies-and-consent-management>
#[must_use]
pub fn amplitude() -> Vendor {
    Vendor::new("amplitude", Category::Analytics)
        .with_name("Amplitude")
        .with_purpose("Records how visitors use this site")
        .with_provider("Amplitude, Inc.", "US")
        .with_retention("up to 1 year")
        .with_policy_url("https://amplitude.com/privacy")
        .storage(["AMP_*", "amp_*", "amplitude_*"])
        .globals([
            "amplitude.track",
            "amplitude.identify",
            "amplitude.logEvent",
        ])
        .cookies(["amp_*", "AMP_*", "amplitude_id*"])
        .hosts([
            "api.amplitude.com",
            "api2.amplitude.com",
            "api.eu.amplitude.com",
            "api-sr.amplitude.com",
            "cdn.amplitude.com",
            "sr-client-cfg.amplitude.com",
        ])
        .inline(["cdn.amplitude.com/libs/", "cdn.amplitude.com/script/"])
}

/// Heap, which records every click and form entry without being told which.
///
/// Source: <https://help.heap.io/hc/en-us/articles/18700032854300-What-cookies-does-Heap-set-and-what-are-they-used-for>
#[must_use]
pub fn heap() -> Vendor {
    Vendor::new("heap", Category::Analytics)
        .with_name("Heap")
        .with_purpose("Records how visitors use this site")
        .with_provider("Heap Inc.", "US")
        .with_retention("up to 13 months")
        .with_policy_url("https://www.heap.io/privacy")
        .storage(["_hp2_*"])
        .globals(["heap.track", "heap.identify", "heap.addUserProperties"])
        .cookies(["_hp2_*", "_hp5_*", "userty.core.*"])
        .hosts(["heapanalytics.com", "us.auryc.com", "us.heap-api.com"])
        .inline(["cdn.heapanalytics.com/js/", "cdn.us.heap-api.com/"])
}

/// All of them but [`matomo`], which needs a host.
pub(crate) fn all_analytics() -> Vec<Vendor> {
    let mut all = vec![
        google_analytics(),
        adobe_analytics(),
        matomo_cloud(),
        piwik_pro(),
        yandex_metrica(),
        etracker(),
        plausible(),
        fathom(),
        umami(),
        simple_analytics(),
        cloudflare_web_analytics(),
        chartbeat(),
        parsely(),
        posthog(),
        mixpanel(),
        amplitude(),
        heap(),
    ];
    all.extend(performance::all());
    all.extend(replay::all());
    all
}
