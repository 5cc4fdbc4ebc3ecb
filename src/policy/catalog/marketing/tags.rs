//! Which vendors load other vendors, or pass data on to them?
//!
//! They are in marketing because what they load is decided elsewhere and can
//! be advertising tomorrow.

use crate::category::Category;
use crate::policy::vendor::Vendor;

/// Google Tag Manager.
///
/// It is in marketing because a container loads whatever is put into it,
/// advertising included, without the site being deployed anew.
///
/// Source: <https://developers.google.com/tag-platform/tag-manager/web>
#[must_use]
pub fn google_tag_manager() -> Vendor {
    Vendor::new("google-tag-manager", Category::Marketing)
        .with_name("Google Tag Manager")
        .with_purpose("Loads further services of this site, advertising among them")
        .with_provider("Google Ireland Limited", "IE")
        .with_retention("as each service states")
        .with_policy_url("https://policies.google.com/privacy")
        .globals(["dataLayer[]"])
        .cookies(["_dc_gtm_*"])
        .hosts(["googletagmanager.com"])
        .inline(["googletagmanager.com/gtm.js"])
}

/// Adobe's tag manager, formerly Launch.
///
/// It is in marketing because a property loads whatever is put into it,
/// advertising included.
///
/// Source: <https://experienceleague.adobe.com/en/docs/experience-platform/tags/home>
#[must_use]
pub fn adobe_tags() -> Vendor {
    Vendor::new("adobe-tags", Category::Marketing)
        .with_name("Adobe Experience Platform Tags")
        .with_purpose("Loads further services of this site, advertising among them")
        .with_provider("Adobe Systems Software Ireland Limited", "IE")
        .with_retention("as each service states")
        .with_policy_url("https://www.adobe.com/privacy/policy.html")
        .globals([
            "_satellite.track",
            "_satellite.pageBottom",
            "_satellite.getVar",
            "_satellite.setVar",
        ])
        .hosts(["assets.adobedtm.com"])
        .inline(["assets.adobedtm.com/"])
}

/// Tealium's tag manager.
///
/// It is in marketing because a profile loads whatever is put into it,
/// advertising included.
///
/// Source: <https://docs.tealium.com/iq-tag-management/data-layer/cookies/>
#[must_use]
pub fn tealium() -> Vendor {
    Vendor::new("tealium", Category::Marketing)
        .with_name("Tealium iQ")
        .with_purpose("Loads further services of this site, advertising among them")
        .with_provider("Tealium Inc.", "US")
        .with_retention("up to 1 year")
        .with_policy_url("https://tealium.com/privacy/")
        .globals(["utag.link", "utag.view"])
        .cookies(["utag_main", "utag_main_*"])
        .hosts(["tealiumiq.com", "tiqcdn.com"])
        .inline(["tags.tiqcdn.com/utag/"])
}

/// Segment's customer data platform.
///
/// It is in marketing because a source passes data on to, and loads, whatever
/// is connected to it.
///
/// Source: <https://www.twilio.com/docs/segment/connections/sources/catalog/libraries/website/javascript/cookie-validity-update>
#[must_use]
pub fn segment() -> Vendor {
    Vendor::new("segment", Category::Marketing)
        .with_name("Twilio Segment")
        .with_purpose("Passes data about visits on to further services, advertising among them")
        .with_provider("Twilio Inc.", "US")
        .with_retention("up to 1 year")
        .with_policy_url("https://www.twilio.com/en-us/legal/privacy")
        .storage(["ajs_*"])
        .globals([
            "analytics.track",
            "analytics.page",
            "analytics.identify",
            "analytics.ready",
        ])
        .cookies([
            "ajs_anonymous_id",
            "ajs_group_id",
            "ajs_user_id",
            "analytics_session_id",
            "analytics_session_id.last_access",
        ])
        .hosts([
            "api.segment.io",
            "cdn.segment.com",
            "cdn-settings.segment.com",
            "segmentapis.com",
        ])
        .inline(["cdn.segment.com/analytics.js"])
}

/// RudderStack's customer data platform.
///
/// It is in marketing because a source passes data on to, and loads, whatever
/// is connected to it.
///
/// Source: <https://www.rudderstack.com/docs/sources/event-streams/sdks/rudderstack-javascript-sdk/data-storage-cookies/>
#[must_use]
pub fn rudderstack() -> Vendor {
    Vendor::new("rudderstack", Category::Marketing)
        .with_name("RudderStack")
        .with_purpose("Passes data about visits on to further services, advertising among them")
        .with_provider("RudderStack, Inc.", "US")
        .with_retention("up to 1 year")
        .with_policy_url("https://www.rudderstack.com/privacy-policy/")
        .storage(["rl_*", "rudder_*"])
        .globals([
            "rudderanalytics.track",
            "rudderanalytics.page",
            "rudderanalytics.identify",
            "rudderanalytics.ready",
        ])
        .cookies([
            "rl_anonymous_id",
            "rl_auth_token",
            "rl_group_id",
            "rl_group_trait",
            "rl_page_init_referrer",
            "rl_page_init_referring_domain",
            "rl_session",
            "rl_trait",
            "rl_user_id",
        ])
        .hosts([
            "api.rudderstack.com",
            "dataplane.rudderstack.com",
            "rudderlabs.com",
        ])
        .inline(["cdn.rudderlabs.com/"])
}

pub(super) fn all() -> Vec<Vendor> {
    vec![
        google_tag_manager(),
        adobe_tags(),
        tealium(),
        segment(),
        rudderstack(),
    ]
}
