//! What does the shop use, and what are its visitors told?
//!
//! This is the part that a real site writes. Everything else follows from it:
//! what is stripped, suppressed, blocked and refused, and what the banner and
//! the preferences page say.

use tower_consent::{
    Category, Controller, Policy, PolicyError, RecordTerms, SiteCookie, Vendor, catalog,
};

use super::partners::Partners;

/// The shop's declaration. The demonstration's third parties are on ports of
/// their own, so their policies' addresses are only known at run time.
pub(crate) fn policy(partners: &Partners) -> Result<Policy, PolicyError> {
    let [stats, ads, video] = &partners.0;
    Policy::builder("2026-09-01")
        .site("Kiln & Co.")
        .privacy_url("/privacy")
        .controller(Controller::new(
            "Kiln & Co. Ltd",
            "7 Harbour Lane, Galway",
            "privacy@kiln.example",
            "IE",
        ))
        .records(RecordTerms::new(184 + 730, ["IE"]))
        .vendor(
            Vendor::new("shop-stats", Category::Analytics)
                .with_name("Shop Stats")
                .with_purpose("Counts page views and shows which goods visitors look at")
                .with_provider("Shop Stats Ltd", "IE")
                .with_policy_url(format!("{}/privacy", stats.url))
                .with_retention("13 months")
                .cookies(["_stats_*"])
                .hosts(["stats.localhost"])
                .paths(["/collect"]),
        )
        .vendor(
            Vendor::new("shop-ads", Category::Marketing)
                .with_name("Shop Ads")
                .with_purpose("Shows you these goods again on other sites")
                .with_provider("Shop Ads Inc.", "US")
                .with_policy_url(format!("{}/privacy", ads.url))
                .with_retention("90 days")
                .cookies(["_ads_*"])
                .hosts(["ads.localhost"]),
        )
        .vendor(
            Vendor::new("shop-video", Category::Functional)
                .with_name("Shop Video")
                .with_purpose("Plays films of how the goods are made")
                .with_provider("Shop Video GmbH", "DE")
                .with_policy_url(format!("{}/privacy", video.url))
                .with_retention("1 year")
                .hosts(["video.localhost"])
                .embed(),
        )
        .vendor(catalog::google_analytics())
        .vendor(catalog::meta_pixel())
        .necessary("session", "Keeps you signed in")
        .necessary("cart", "Remembers what you put into the cart")
        .cookie(
            SiteCookie::new("lang", Category::Functional, "Remembers your language")
                .with_retention("1 year")
                .user_requested("Set only when you switch the language"),
        )
        .build()
}
