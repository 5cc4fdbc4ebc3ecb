//! Which analytics vendors record single visits, or show visitors different pages?

use crate::category::Category;
use crate::policy::vendor::Vendor;

/// Hotjar, which records visits and asks visitors for feedback.
///
/// Source: <https://help.hotjar.com/hc/en-us/articles/6952777582999-Cookies-Set-by-the-Hotjar-Tracking-Code>
#[must_use]
pub fn hotjar() -> Vendor {
    Vendor::new("hotjar", Category::Analytics)
        .with_name("Hotjar")
        .with_purpose("Records clicks, scrolling and mouse movement on this site")
        .with_provider("Hotjar Limited", "MT")
        .with_retention("up to 1 year")
        .with_policy_url("https://www.hotjar.com/legal/policies/privacy/")
        .storage(["_hj*"])
        .globals(["hj"])
        .cookies(["_hj*"])
        .hosts(["hotjar.com", "hotjar.io"])
        .inline(["static.hotjar.com/c/"])
}

/// Microsoft Clarity, which records visits.
///
/// Microsoft also uses the data for advertising.
///
/// Source: <https://learn.microsoft.com/en-us/clarity/setup-and-installation/cookie-list>
#[must_use]
pub fn clarity() -> Vendor {
    Vendor::new("clarity", Category::Analytics)
        .with_name("Microsoft Clarity")
        .with_purpose("Records clicks, scrolling and mouse movement on this site")
        .with_provider("Microsoft Ireland Operations Limited", "IE")
        .with_retention("up to 1 year")
        .with_policy_url("https://privacy.microsoft.com/en-us/privacystatement")
        .storage(["_clck", "_clsk", "_cltk"])
        .globals(["clarity"])
        .cookies(["_clck", "_clsk"])
        .hosts(["clarity.ms"])
        .inline(["clarity.ms/tag/"])
}

/// Fullstory, which records visits so that they can be replayed.
///
/// Source: <https://help.fullstory.com/hc/en-us/articles/360020829513-Why-Fullstory-uses-First-Party-Cookies>
#[must_use]
pub fn fullstory() -> Vendor {
    Vendor::new("fullstory", Category::Analytics)
        .with_name("Fullstory")
        .with_purpose("Records clicks, scrolling and mouse movement on this site")
        .with_provider("Fullstory, Inc.", "US")
        .with_retention("up to 1 year")
        .with_policy_url("https://www.fullstory.com/legal/privacy-policy/")
        .storage(["_fs_*"])
        .globals(["FS.identify", "FS.event", "FS.setUserVars"])
        .cookies(["fs_uid", "fs_lua"])
        .hosts([
            "edge.eu1.fullstory.com",
            "edge.fullstory.com",
            "rs.eu1.fullstory.com",
            "rs.fullstory.com",
        ])
        .inline(["fullstory.com/s/fs.js"])
}

/// Mouseflow, which records visits so that they can be replayed.
///
/// Source: <https://help.mouseflow.com/en/articles/4282966-what-is-your-cookie-policy>
#[must_use]
pub fn mouseflow() -> Vendor {
    Vendor::new("mouseflow", Category::Analytics)
        .with_name("Mouseflow")
        .with_purpose("Records clicks, scrolling and mouse movement on this site")
        .with_provider("Mouseflow ApS", "DK")
        .with_retention("up to 90 days")
        .with_policy_url("https://mouseflow.com/privacy/")
        .storage(["mf_*"])
        .globals(["_mfq[]"])
        .cookies(["mf_user"])
        .hosts(["cdn.mouseflow.com", "o2.mouseflow.com"])
        .inline(["cdn.mouseflow.com/projects/"])
}

/// Crazy Egg, which draws heat maps, records visits and runs tests.
///
/// Source: <https://support.crazyegg.com/hc/en-us/articles/360054306594-Crazy-Egg-Privacy-Data-Practice>
#[must_use]
pub fn crazy_egg() -> Vendor {
    Vendor::new("crazy-egg", Category::Analytics)
        .with_name("Crazy Egg")
        .with_purpose("Records clicks, scrolling and mouse movement on this site")
        .with_provider("Crazy Egg, Inc.", "US")
        .with_retention("up to 5 years")
        .with_policy_url("https://www.crazyegg.com/privacy")
        .storage(["_ce.*"])
        .cookies(["_CEFT", "_ce.*", "_ceir", "cebs", "cebsp_*"])
        .hosts(["script.crazyegg.com", "tracking.crazyegg.com"])
        .inline(["script.crazyegg.com/pages/scripts/"])
}

/// Lucky Orange, which draws heat maps and records visits.
///
/// Source: <https://developers.luckyorange.com/libraries/browser/cookies-storage>
#[must_use]
pub fn lucky_orange() -> Vendor {
    Vendor::new("lucky-orange", Category::Analytics)
        .with_name("Lucky Orange")
        .with_purpose("Records clicks, scrolling and mouse movement on this site")
        .with_provider("Lucky Orange LLC", "US")
        .with_retention("up to 2 years")
        .with_policy_url("https://www.luckyorange.com/privacy")
        .storage(["_lo_*"])
        .globals(["LOQ[]"])
        .cookies(["lo-uid", "lo-visits", "_lo_uid", "_lo_v", "_lorid"])
        .hosts(["luckyorange.com", "luckyorange.net"])
        .inline(["tools.luckyorange.com/core/"])
}

/// Smartlook, which records visits so that they can be replayed.
///
/// Source: <https://help.smartlook.com/docs/cookies-smartlook>
#[must_use]
pub fn smartlook() -> Vendor {
    Vendor::new("smartlook", Category::Analytics)
        .with_name("Smartlook")
        .with_purpose("Records clicks, scrolling and mouse movement on this site")
        .with_provider("Smartlook.com, s.r.o.", "CZ")
        .with_retention("up to 13 months")
        .with_policy_url("https://help.smartlook.com/docs/privacy-policy")
        .storage(["SL_C_*"])
        .globals(["smartlook"])
        .cookies(["SL_C_23361dd035530_*"])
        .hosts(["smartlook.cloud", "smartlook.com"])
        .inline([
            "rec.smartlook.com/recorder.js",
            "web-sdk.smartlook.com/recorder.js",
        ])
}

/// Contentsquare, which records visits so that they can be replayed.
///
/// Source: <https://docs.contentsquare.com/en/web/cookies/>
#[must_use]
pub fn contentsquare() -> Vendor {
    Vendor::new("contentsquare", Category::Analytics)
        .with_name("Contentsquare")
        .with_purpose("Records clicks, scrolling and mouse movement on this site")
        .with_provider("Content Square SAS", "FR")
        .with_retention("up to 13 months")
        .with_policy_url("https://contentsquare.com/privacy-center/privacy-policy/")
        .storage(["_cs_*"])
        .globals(["_uxa[]"])
        .cookies([
            "_cs_c",
            "_cs_cvars",
            "_cs_id",
            "_cs_mk_aa",
            "_cs_mk_ga",
            "_cs_s",
            "_cs_s_ctx",
        ])
        .hosts(["contentsquare.net"])
        .inline(["t.contentsquare.net/uxa/"])
}

/// Optimizely Web Experimentation, which shows variants of a page and measures
/// them.
///
/// Source: <https://support.optimizely.com/hc/en-us/articles/4410284260365-Cookies-and-localStorage-in-snippets>
#[must_use]
pub fn optimizely() -> Vendor {
    Vendor::new("optimizely", Category::Analytics)
        .with_name("Optimizely")
        .with_purpose("Tests variants of pages and measures which works better")
        .with_provider("Optimizely North America Inc.", "US")
        .with_retention("up to 6 months")
        .with_policy_url("https://www.optimizely.com/legal/privacy-notice/")
        .storage(["optimizely_*"])
        .globals(["optimizely[]"])
        .cookies([
            "optimizelyBuckets",
            "optimizelyDomainTestCookie",
            "optimizelyEndUserId",
            "optimizelyPendingLogEvents",
            "optimizelyRedirectData",
            "optimizelySegments",
        ])
        .hosts([
            "cdn.optimizely.com",
            "cdn-pci.optimizely.com",
            "logx.optimizely.com",
        ])
        .inline(["cdn.optimizely.com/js/"])
}

/// Visual Website Optimizer, which shows variants of a page and measures them.
///
/// Source: <https://help.vwo.com/hc/en-us/articles/360033990873>
#[must_use]
pub fn vwo() -> Vendor {
    Vendor::new("vwo", Category::Analytics)
        .with_name("VWO")
        .with_purpose("Tests variants of pages and measures which works better")
        .with_provider("Wingify Software Private Limited", "IN")
        .with_retention("up to 1 year")
        .with_policy_url("https://vwo.com/privacy-policy/")
        .storage(["_vwo_*", "_vis_opt_*"])
        .globals(["_vis_opt_queue[]", "VWO[]"])
        .cookies([
            "_vis_opt_exp_*",
            "_vis_opt_s",
            "_vis_opt_test_cookie",
            "_vwo",
            "_vwo_ds",
            "_vwo_referrer",
            "_vwo_sn",
            "_vwo_ssm",
            "_vwo_uuid",
            "_vwo_uuid_v2",
        ])
        .hosts(["visualwebsiteoptimizer.com"])
        .inline(["dev.visualwebsiteoptimizer.com/"])
}

/// AB Tasty, which shows variants of a page and measures them.
///
/// Source: <https://docs.abtasty.com/client-side/tag/tag-cookies>
#[must_use]
pub fn ab_tasty() -> Vendor {
    Vendor::new("ab-tasty", Category::Analytics)
        .with_name("AB Tasty")
        .with_purpose("Tests variants of pages and measures which works better")
        .with_provider("AB Tasty SAS", "FR")
        .with_retention("up to 13 months")
        .with_policy_url("https://www.abtasty.com/privacy-policy/")
        .storage(["ABTasty*"])
        .cookies(["ABTasty", "ABTastyDomainTest", "ABTastySession"])
        .hosts([
            "ariane.abtasty.com",
            "dcinfos.abtasty.com",
            "dcinfos-cache.abtasty.com",
            "try.abtasty.com",
        ])
        .inline(["try.abtasty.com/"])
}

pub(super) fn all() -> Vec<Vendor> {
    vec![
        hotjar(),
        clarity(),
        fullstory(),
        mouseflow(),
        crazy_egg(),
        lucky_orange(),
        smartlook(),
        contentsquare(),
        optimizely(),
        vwo(),
        ab_tasty(),
    ]
}
