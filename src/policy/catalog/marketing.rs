//! Which vendors advertise, or follow visitors for advertising?

mod contacts;
mod tags;

pub use contacts::*;
pub use tags::*;

use crate::category::Category;
use crate::policy::vendor::Vendor;

/// Google Ads and Campaign Manager (DoubleClick): conversion measurement and
/// remarketing.
///
/// Source: <https://business.safety.google/adscookies/>
#[must_use]
pub fn google_ads() -> Vendor {
    Vendor::new("google-ads", Category::Marketing)
        .with_name("Google Ads")
        .with_purpose("Measures advertising and shows ads that follow visits to this site")
        .with_provider("Google Ireland Limited", "IE")
        .with_retention("up to 13 months")
        .with_policy_url("https://policies.google.com/privacy")
        .storage(["_gcl_ls"])
        .globals(["gtag", "dataLayer[]"])
        .cookies(["_gac_*", "_gcl_*", "FPAU", "FPGCLAW", "FPGCLDC"])
        .hosts([
            "doubleclick.net",
            "googleadservices.com",
            "www.google.com/ads/",
            "www.google.com/ccm/",
            "www.google.com/pagead/",
            "www.google.com/rmkt/",
        ])
        .inline([
            "doubleclick.net/dc.js",
            "googleadservices.com/pagead/conversion",
        ])
}

/// The tags of AdSense and of Google Ad Manager, which fill ad space.
///
/// Source: <https://policies.google.com/technologies/ads>
#[must_use]
pub fn google_adsense() -> Vendor {
    Vendor::new("google-adsense", Category::Marketing)
        .with_name("Google AdSense and Ad Manager")
        .with_purpose("Shows advertising on this site and measures it")
        .with_provider("Google Ireland Limited", "IE")
        .with_retention("up to 13 months")
        .with_policy_url("https://policies.google.com/privacy")
        .globals(["adsbygoogle[]"])
        .cookies(["__eoi", "__gads", "__gpi", "GoogleAdServingTest"])
        .hosts([
            "2mdn.net",
            "adservice.google.com",
            "adtrafficquality.google",
            "googlesyndication.com",
            "googletagservices.com",
        ])
        .inline([
            "doubleclick.net/tag/js/gpt.js",
            "googlesyndication.com/pagead/js/",
            "googletagservices.com/tag/js/gpt.js",
        ])
}

/// The Meta Pixel for advertising on Facebook and Instagram.
///
/// Its script host also serves Facebook's login and plug-ins.
///
/// Source: <https://www.facebook.com/privacy/policies/cookies/>
#[must_use]
pub fn meta_pixel() -> Vendor {
    Vendor::new("meta-pixel", Category::Marketing)
        .with_name("Meta Pixel")
        .with_purpose("Measures advertising on Facebook and Instagram and chooses who sees it")
        .with_provider("Meta Platforms Ireland Limited", "IE")
        .with_retention("up to 90 days")
        .with_policy_url("https://www.facebook.com/privacy/policy/")
        .storage(["lastExternalReferrer", "lastExternalReferrerTime"])
        .globals(["fbq"])
        .cookies(["_fbc", "_fbp"])
        .hosts([
            "an.facebook.com",
            "connect.facebook.net",
            "pixel.facebook.com",
            "www.facebook.com/tr",
        ])
        .inline(["connect.facebook.net/*/fbevents.js"])
}

/// Microsoft's Universal Event Tracking (UET) for advertising on Bing.
///
/// Source: <https://learn.microsoft.com/en-us/advertising/guides/universal-event-tracking>
#[must_use]
pub fn microsoft_advertising() -> Vendor {
    Vendor::new("microsoft-advertising", Category::Marketing)
        .with_name("Microsoft Advertising")
        .with_purpose("Measures advertising on Bing and chooses who sees it")
        .with_provider("Microsoft Ireland Operations Limited", "IE")
        .with_retention("up to 13 months")
        .with_policy_url("https://privacy.microsoft.com/en-us/privacystatement")
        .storage(["_uetsid", "_uetsid_exp", "_uetvid", "_uetvid_exp"])
        .globals(["uetq[]"])
        .cookies(["_uetmsclkid", "_uetsid", "_uetvid", "MUID"])
        .hosts([
            "bat.bing.com",
            "bat.bing.net",
            "bat.r.msn.com",
            "c.bing.com",
        ])
        .inline(["bat.bing.com/bat.js", "bat.bing.net/bat.js"])
}

/// The TikTok Pixel for advertising on TikTok.
///
/// Source: <https://ads.tiktok.com/help/article/using-cookies-with-tiktok-pixel>
#[must_use]
pub fn tiktok_pixel() -> Vendor {
    Vendor::new("tiktok-pixel", Category::Marketing)
        .with_name("TikTok Pixel")
        .with_purpose("Measures advertising on TikTok and chooses who sees it")
        .with_provider("TikTok Technology Limited", "IE")
        .with_retention("up to 13 months")
        .with_policy_url("https://www.tiktok.com/legal/page/eea/privacy-policy/en")
        .storage(["tt_*"])
        .globals(["ttq.track", "ttq.page", "ttq.identify"])
        .cookies(["_tt_enable_cookie", "_ttp", "ttclid", "ttcsid", "ttcsid_*"])
        .hosts([
            "analytics.tiktok.com",
            "analytics-ipv6.tiktokw.us",
            "analytics-sg.tiktok.com",
        ])
        .inline(["analytics.tiktok.com/i18n/pixel/"])
}

/// The LinkedIn Insight Tag for advertising on LinkedIn.
///
/// Source: <https://www.linkedin.com/legal/l/cookie-table>
#[must_use]
pub fn linkedin_insight() -> Vendor {
    Vendor::new("linkedin-insight", Category::Marketing)
        .with_name("LinkedIn Insight Tag")
        .with_purpose("Measures advertising on LinkedIn and chooses who sees it")
        .with_provider("LinkedIn Ireland Unlimited Company", "IE")
        .with_retention("up to 1 year")
        .with_policy_url("https://www.linkedin.com/legal/privacy-policy")
        .storage(["li_adsId"])
        .globals(["lintrk"])
        .cookies([
            "AnalyticsSyncHistory",
            "li_fat_id",
            "li_giant",
            "li_sugr",
            "ln_or",
            "UserMatchHistory",
        ])
        .hosts(["ads.linkedin.com", "snap.licdn.com", "www.linkedin.com/px"])
        .inline(["snap.licdn.com/li.lms-analytics"])
}

/// The X (Twitter) Pixel for advertising on X.
///
/// Source: <https://business.x.com/en/help/campaign-measurement-and-analytics/conversion-tracking-for-websites>
#[must_use]
pub fn x_pixel() -> Vendor {
    Vendor::new("x-pixel", Category::Marketing)
        .with_name("X Pixel")
        .with_purpose("Measures advertising on X and chooses who sees it")
        .with_provider("X Internet Unlimited Company", "IE")
        .with_retention("up to 2 years")
        .with_policy_url("https://x.com/en/privacy")
        .globals(["twq"])
        .cookies(["_twclid", "_twpid", "muc_ads"])
        .hosts([
            "ads-twitter.com",
            "analytics.twitter.com",
            "analytics.x.com",
            "t.co/1/i/adsct",
            "t.co/i/adsct",
        ])
        .inline(["static.ads-twitter.com/uwt.js"])
}

/// The Pinterest Tag for advertising on Pinterest.
///
/// Source: <https://help.pinterest.com/en/business/article/pinterest-tag-parameters-and-cookies>
#[must_use]
pub fn pinterest_tag() -> Vendor {
    Vendor::new("pinterest-tag", Category::Marketing)
        .with_name("Pinterest Tag")
        .with_purpose("Measures advertising on Pinterest and chooses who sees it")
        .with_provider("Pinterest Europe Limited", "IE")
        .with_retention("up to 1 year")
        .with_policy_url("https://policy.pinterest.com/en/privacy-policy")
        .globals(["pintrk"])
        .cookies([
            "_derived_epik",
            "_epik",
            "_pin_unauth",
            "_pinterest_ct",
            "_pinterest_ct_rt",
            "_pinterest_ct_ua",
        ])
        .hosts(["ct.pinterest.com", "s.pinimg.com/ct/"])
        .inline(["s.pinimg.com/ct/core.js"])
}

/// The Snap Pixel for advertising on Snapchat.
///
/// Source: <https://www.snap.com/privacy/cookie-information>
#[must_use]
pub fn snap_pixel() -> Vendor {
    Vendor::new("snap-pixel", Category::Marketing)
        .with_name("Snap Pixel")
        .with_purpose("Measures advertising on Snapchat and chooses who sees it")
        .with_provider("Snap Inc.", "US")
        .with_retention("up to 13 months")
        .with_policy_url("https://values.snap.com/privacy/privacy-policy")
        .globals(["snaptr"])
        .cookies([
            "_schn",
            "_schn1",
            "_scid",
            "_scid_r",
            "_sclid",
            "_screload",
            "_sctr",
            "sc_at",
        ])
        .hosts([
            "sc-static.net/scevent",
            "tr.snapchat.com",
            "tr6.snapchat.com",
        ])
        .inline(["sc-static.net/scevent"])
}

/// The Reddit Pixel for advertising on Reddit.
///
/// Source: <https://business.reddithelp.com/s/article/reddit-pixel>
#[must_use]
pub fn reddit_pixel() -> Vendor {
    Vendor::new("reddit-pixel", Category::Marketing)
        .with_name("Reddit Pixel")
        .with_purpose("Measures advertising on Reddit and chooses who sees it")
        .with_provider("Reddit, Inc.", "US")
        .with_retention("up to 90 days")
        .with_policy_url("https://www.reddit.com/policies/privacy-policy")
        .globals(["rdt"])
        .cookies(["_rdt_cid", "_rdt_em", "_rdt_uuid"])
        .hosts([
            "alb.reddit.com",
            "conversions-config.reddit.com",
            "pixel-config.reddit.com",
            "www.redditstatic.com/ads/",
        ])
        .inline(["redditstatic.com/ads/pixel.js"])
}

/// The Quora Pixel for advertising on Quora.
///
/// Source: <https://www.quora.com/about/privacy>
#[must_use]
pub fn quora_pixel() -> Vendor {
    Vendor::new("quora-pixel", Category::Marketing)
        .with_name("Quora Pixel")
        .with_purpose("Measures advertising on Quora and chooses who sees it")
        .with_provider("Quora, Inc.", "US")
        .with_retention("up to 2 years")
        .with_policy_url("https://www.quora.com/about/privacy")
        .globals(["qp"])
        .hosts(["a.quora.com", "q.quora.com"])
        .inline(["a.quora.com/qevents.js"])
}

/// Amazon's advertising tags: the Amazon tag of advertisers and the publisher
/// services of ad space.
///
/// Source: <https://aps.amazon.com/aps/privacy-policy/>
#[must_use]
pub fn amazon_ads() -> Vendor {
    Vendor::new("amazon-ads", Category::Marketing)
        .with_name("Amazon Ads")
        .with_purpose("Shows advertising of Amazon and measures it")
        .with_provider("Amazon Europe Core S.à r.l.", "LU")
        .with_retention("up to 13 months")
        .with_policy_url("https://www.amazon.com/privacy")
        .hosts(["amazon-adsystem.com"])
        .inline([
            "amazon-adsystem.com/aat/amzn.js",
            "amazon-adsystem.com/aax2/apstag.js",
        ])
}

/// Criteo, which shows ads for products that visitors looked at.
///
/// Source: <https://www.criteo.com/privacy/>
#[must_use]
pub fn criteo() -> Vendor {
    Vendor::new("criteo", Category::Marketing)
        .with_name("Criteo")
        .with_purpose("Shows ads on other sites that follow visits to this site")
        .with_provider("Criteo SA", "FR")
        .with_retention("up to 13 months")
        .with_policy_url("https://www.criteo.com/privacy/")
        .globals(["criteo_q[]"])
        .cookies([
            "criteo_write_test",
            "cto_bidid",
            "cto_bundle",
            "cto_dna_bundle",
            "cto_lwid",
            "cto_tld_test",
        ])
        .hosts(["criteo.com", "criteo.net"])
        .inline(["dynamic.criteo.com/js/", "static.criteo.net/js/"])
}

/// Taboola, which shows paid links and measures what they bring.
///
/// Source: <https://policies.taboola.com/en/cookie-policy/>
#[must_use]
pub fn taboola() -> Vendor {
    Vendor::new("taboola", Category::Marketing)
        .with_name("Taboola")
        .with_purpose("Shows paid links and measures what visitors do after them")
        .with_provider("Taboola.com Ltd.", "IL")
        .with_retention("up to 13 months")
        .with_policy_url("https://policies.taboola.com/en/privacy-policy/")
        .storage(["taboola global:*", "_taboola*"])
        .globals(["_taboola[]", "_tfa[]"])
        .cookies([
            "_tb_sess_r",
            "_tb_t_ppg",
            "t_gid",
            "t_pt_gid",
            "trc_cookie_storage",
        ])
        .hosts(["taboola.com", "taboolasyndication.com"])
        .inline(["cdn.taboola.com/libtrc/"])
}

/// Outbrain, which shows paid links and measures what they bring.
///
/// Source: <https://www.outbrain.com/privacy/>
#[must_use]
pub fn outbrain() -> Vendor {
    Vendor::new("outbrain", Category::Marketing)
        .with_name("Outbrain")
        .with_purpose("Shows paid links and measures what visitors do after them")
        .with_provider("Teads Holding Co.", "US")
        .with_retention("up to 13 months")
        .with_policy_url("https://www.outbrain.com/privacy/")
        .globals(["obApi"])
        .cookies(["dicbo_id", "outbrain_cid_fetch"])
        .hosts(["outbrain.com", "outbrainimg.com", "zemanta.com"])
        .inline([
            "amplify.outbrain.com/cp/obtp.js",
            "widgets.outbrain.com/outbrain.js",
        ])
}

/// AdRoll, which shows ads to those who visited the site before.
///
/// Source: <https://www.nextroll.com/privacy>
#[must_use]
pub fn adroll() -> Vendor {
    Vendor::new("adroll", Category::Marketing)
        .with_name("AdRoll")
        .with_purpose("Shows ads on other sites that follow visits to this site")
        .with_provider("NextRoll, Inc.", "US")
        .with_retention("up to 13 months")
        .with_policy_url("https://www.nextroll.com/privacy")
        .storage(["__adroll*"])
        .globals(["adroll.track", "__adroll.record_user"])
        .cookies(["__adroll", "__adroll_fpc", "__adroll_shared", "__ar_v4"])
        .hosts(["d.adroll.com", "s.adroll.com"])
        .inline(["s.adroll.com/j/"])
}

/// The Trade Desk, which buys ad space and recognises visitors across sites.
///
/// Source: <https://www.thetradedesk.com/us/privacy>
#[must_use]
pub fn trade_desk() -> Vendor {
    Vendor::new("trade-desk", Category::Marketing)
        .with_name("The Trade Desk")
        .with_purpose("Measures advertising and chooses who sees it on other sites")
        .with_provider("The Trade Desk, Inc.", "US")
        .with_retention("up to 13 months")
        .with_policy_url("https://www.thetradedesk.com/us/privacy")
        .cookies(["TDCPM", "TDID"])
        .hosts(["adsrvr.cn", "adsrvr.org"])
        .inline(["js.adsrvr.org/up_loader"])
}

/// Adform, which buys and serves ads and recognises visitors across sites.
///
/// Source: <https://site.adform.com/privacy-center/platform-privacy/product-and-services-privacy-policy/>
#[must_use]
pub fn adform() -> Vendor {
    Vendor::new("adform", Category::Marketing)
        .with_name("Adform")
        .with_purpose("Measures advertising and chooses who sees it on other sites")
        .with_provider("Adform A/S", "DK")
        .with_retention("up to 13 months")
        .with_policy_url("https://site.adform.com/privacy-center/overview/")
        .cookies(["adformfrpid"])
        .hosts(["adform.net", "adformdsp.net"])
        .inline([
            "adform.net/banners/scripts/st/trackpoint",
            "adform.net/serving/scripts/trackpoint",
        ])
}

/// Quantcast, which measures audiences and sells advertising to them.
///
/// Its consent manager is another host and is not matched.
///
/// Source: <https://www.quantcast.com/privacy/>
#[must_use]
pub fn quantcast() -> Vendor {
    Vendor::new("quantcast", Category::Marketing)
        .with_name("Quantcast")
        .with_purpose("Measures the audience of this site and advertises to it elsewhere")
        .with_provider("Quantcast International Limited", "IE")
        .with_retention("up to 13 months")
        .with_policy_url("https://www.quantcast.com/privacy/")
        .globals(["_qevents[]"])
        .cookies(["__qca"])
        .hosts(["quantcount.com", "quantserve.com"])
        .inline(["quantserve.com/quant.js"])
}

/// Comscore ScorecardResearch, which measures audiences across sites.
///
/// Source: <https://www.comscore.com/About/Privacy-Policy>
#[must_use]
pub fn comscore() -> Vendor {
    Vendor::new("comscore", Category::Marketing)
        .with_name("Comscore")
        .with_purpose("Measures the audience of this site and of others")
        .with_provider("Comscore, Inc.", "US")
        .with_retention("up to 13 months")
        .with_policy_url("https://www.comscore.com/About/Privacy-Policy")
        .globals(["_comscore[]"])
        .cookies(["_scor_uid"])
        .hosts(["scorecardresearch.com"])
        .inline(["scorecardresearch.com/"])
}

/// Adobe Audience Manager, which builds audiences for advertising.
///
/// Source: <https://experienceleague.adobe.com/en/docs/core-services/interface/data-collection/cookies/audience-manager>
#[must_use]
pub fn adobe_audience_manager() -> Vendor {
    Vendor::new("adobe-audience-manager", Category::Marketing)
        .with_name("Adobe Audience Manager")
        .with_purpose("Builds profiles of visitors for advertising")
        .with_provider("Adobe Systems Software Ireland Limited", "IE")
        .with_retention("up to 180 days")
        .with_policy_url("https://www.adobe.com/privacy/policy.html")
        .cookies(["aam_uuid", "demdex", "dextp"])
        .hosts(["demdex.net"])
}

/// Adobe Target, which shows different content to different visitors.
///
/// Source: <https://experienceleague.adobe.com/en/docs/core-services/interface/data-collection/cookies/target>
#[must_use]
pub fn adobe_target() -> Vendor {
    Vendor::new("adobe-target", Category::Marketing)
        .with_name("Adobe Target")
        .with_purpose("Chooses offers and page variants for each visitor")
        .with_provider("Adobe Systems Software Ireland Limited", "IE")
        .with_retention("up to 2 years")
        .with_policy_url("https://www.adobe.com/privacy/policy.html")
        .globals(["mboxCreate", "mboxDefine", "mboxUpdate"])
        .cookies(["at_check", "mbox", "mboxEdgeCluster"])
        .hosts(["tt.omtrdc.net"])
}

/// The Awin affiliate network, which pays partners for the sales that they
/// bring.
///
/// Source: <https://www.awin.com/gb/privacy>
#[must_use]
pub fn awin() -> Vendor {
    Vendor::new("awin", Category::Marketing)
        .with_name("Awin")
        .with_purpose("Notes which partner brought a visitor, so that the partner is paid")
        .with_provider("AWIN AG", "DE")
        .with_retention("up to 1 year")
        .with_policy_url("https://www.awin.com/gb/privacy")
        .cookies(["_aw_m_*", "_aw_sn_*"])
        .hosts(["awin1.com", "dwin1.com", "zenaps.com"])
        .inline(["dwin1.com/"])
}

/// All of them.
pub(crate) fn all_marketing() -> Vec<Vendor> {
    let mut all = vec![
        google_ads(),
        google_adsense(),
        meta_pixel(),
        microsoft_advertising(),
        tiktok_pixel(),
        linkedin_insight(),
        x_pixel(),
        pinterest_tag(),
        snap_pixel(),
        reddit_pixel(),
        quora_pixel(),
        amazon_ads(),
        criteo(),
        taboola(),
        outbrain(),
        adroll(),
        trade_desk(),
        adform(),
        quantcast(),
        comscore(),
        adobe_audience_manager(),
        adobe_target(),
        awin(),
    ];
    all.extend(contacts::all());
    all.extend(tags::all());
    all
}
