//! Which vendors tie visits to a known person, to send or sell something?

use crate::category::Category;
use crate::policy::vendor::Vendor;

/// HubSpot's tracking code, which ties visits to contacts.
///
/// HubSpot's forms and its consent banner are other hosts and are not matched.
///
/// Source: <https://knowledge.hubspot.com/privacy-and-consent/what-cookies-does-hubspot-set-in-a-visitor-s-browser>
#[must_use]
pub fn hubspot() -> Vendor {
    Vendor::new("hubspot", Category::Marketing)
        .with_name("HubSpot")
        .with_purpose("Recognises visitors and ties their visits to a sales contact")
        .with_provider("HubSpot, Inc.", "US")
        .with_retention("up to 6 months")
        .with_policy_url("https://legal.hubspot.com/privacy-policy")
        .globals(["_hsq[]", "_hsp[]"])
        .cookies(["__hssc", "__hssrc", "__hstc", "hubspotutk", "messagesUtk"])
        .hosts([
            "hs-analytics.net",
            "hs-scripts.com",
            "hsadspixel.net",
            "hscollectedforms.net",
            "hsleadflows.net",
            "track.hubspot.com",
            "track-eu1.hubspot.com",
            "usemessages.com",
        ])
        .inline(["hs-analytics.net/analytics/", "hs-scripts.com/"])
}

/// Klaviyo's on-site tracking, which ties visits to mail subscribers.
///
/// Source: <https://help.klaviyo.com/hc/en-us/articles/360034666712>
#[must_use]
pub fn klaviyo() -> Vendor {
    Vendor::new("klaviyo", Category::Marketing)
        .with_name("Klaviyo")
        .with_purpose("Recognises visitors and chooses mail for them")
        .with_provider("Klaviyo, Inc.", "US")
        .with_retention("up to 2 years")
        .with_policy_url("https://www.klaviyo.com/legal/privacy-notice")
        .storage(["klaviyo*"])
        .globals(["_learnq[]", "_klOnsite[]"])
        .cookies(["__kla_id"])
        .hosts([
            "a.klaviyo.com",
            "static.klaviyo.com",
            "static-forms.klaviyo.com",
            "static-tracking.klaviyo.com",
        ])
        .inline(["static.klaviyo.com/onsite/js/"])
}

/// Mailchimp's connected-site script, which ties visits to mail subscribers and
/// opens sign-up forms.
///
/// Source: <https://mailchimp.com/legal/cookies/>
#[must_use]
pub fn mailchimp() -> Vendor {
    Vendor::new("mailchimp", Category::Marketing)
        .with_name("Mailchimp")
        .with_purpose("Recognises visitors and chooses mail for them")
        .with_provider("Intuit Inc.", "US")
        .with_retention("up to 1 year")
        .with_policy_url("https://www.intuit.com/privacy/statement/")
        .cookies(["_mcid", "mailchimp_campaign_id", "mailchimp_landing_site"])
        .hosts(["chimpstatic.com"])
        .inline(["chimpstatic.com/mcjs-connected/"])
}

/// Brevo's tracker, formerly Sendinblue, which ties visits to mail contacts.
///
/// Source: <https://help.brevo.com/hc/en-us/articles/4409601214226-Troubleshooting-Implementing-first-party-cookies-on-your-website>
#[must_use]
pub fn brevo() -> Vendor {
    Vendor::new("brevo", Category::Marketing)
        .with_name("Brevo")
        .with_purpose("Recognises visitors and chooses mail for them")
        .with_provider("Sendinblue SAS", "FR")
        .with_retention("up to 6 months")
        .with_policy_url("https://www.brevo.com/legal/privacypolicy/")
        .globals(["sendinblue.track", "sendinblue.identify", "Brevo[]"])
        .cookies(["sib_cuid"])
        .hosts([
            "cdn.brevo.com/js/",
            "in-automate.brevo.com",
            "in-automate.sendinblue.com",
            "sibautomation.com",
        ])
        .inline(["cdn.brevo.com/js/sdk-loader.js", "sibautomation.com/sa.js"])
}

/// ActiveCampaign's site tracking, which ties visits to mail contacts.
///
/// Source: <https://help.activecampaign.com/hc/en-us/articles/360000872064>
#[must_use]
pub fn active_campaign() -> Vendor {
    Vendor::new("active-campaign", Category::Marketing)
        .with_name("ActiveCampaign")
        .with_purpose("Recognises visitors and chooses mail for them")
        .with_provider("ActiveCampaign, LLC", "US")
        .with_retention("up to 30 days")
        .with_policy_url("https://www.activecampaign.com/legal/privacy-policy")
        .globals(["vgo"])
        .cookies(["prism_*"])
        .hosts([
            "diffuser-cdn.app-us1.com",
            "prism.app-us1.com",
            "trackcmp.net",
        ])
        .inline(["diffuser-cdn.app-us1.com/diffuser/", "trackcmp.net/"])
}

/// Customer.io's web tracking, which ties visits to people it sends messages
/// to.
///
/// Source: <https://customer.io/docs/javascript-quick-start/>
#[must_use]
pub fn customer_io() -> Vendor {
    Vendor::new("customer-io", Category::Marketing)
        .with_name("Customer.io")
        .with_purpose("Recognises visitors and chooses messages for them")
        .with_provider("Peaberry Software, Inc.", "US")
        .with_retention("up to 1 year")
        .with_policy_url("https://customer.io/legal/privacy-policy")
        .globals(["_cio[]"])
        .cookies(["_cio", "_cioanonid", "_cioid"])
        .hosts([
            "assets.customer.io",
            "cdp.customer.io",
            "cdp-eu.customer.io",
            "track.customer.io",
            "track-eu.customer.io",
        ])
        .inline([
            "assets.customer.io/assets/track",
            "cdp.customer.io/v1/analytics-js",
        ])
}

/// The Braze web SDK, which recognises visitors and sends them messages.
///
/// Source: <https://www.braze.com/docs/developer_guide/platform_integration_guides/web/cookies_and_storage/>
#[must_use]
pub fn braze() -> Vendor {
    Vendor::new("braze", Category::Marketing)
        .with_name("Braze")
        .with_purpose("Recognises visitors and chooses messages for them")
        .with_provider("Braze, Inc.", "US")
        .with_retention("up to 400 days")
        .with_policy_url("https://www.braze.com/company/legal/privacy")
        .storage(["ab.storage.*"])
        .cookies([
            "ab.storage.deviceId.*",
            "ab.storage.sessionId.*",
            "ab.storage.userId.*",
        ])
        .hosts(["appboy.com", "appboycdn.com"])
        .inline(["js.appboycdn.com/web-sdk/"])
}

/// Marketo's Munchkin script, which ties visits to sales contacts.
///
/// Source: <https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/javascriptapi/lead-tracking>
#[must_use]
pub fn marketo() -> Vendor {
    Vendor::new("marketo", Category::Marketing)
        .with_name("Adobe Marketo Engage")
        .with_purpose("Recognises visitors and ties their visits to a sales contact")
        .with_provider("Adobe Systems Software Ireland Limited", "IE")
        .with_retention("up to 2 years")
        .with_policy_url("https://www.adobe.com/privacy/policy.html")
        .globals(["Munchkin.init", "Munchkin.munchkinFunction"])
        .cookies(["_mkto_trk"])
        .hosts(["mktoresp.com", "munchkin.marketo.net"])
        .inline(["munchkin.marketo.net/munchkin"])
}

/// Salesforce Account Engagement, formerly Pardot, which ties visits to sales
/// contacts.
///
/// Its cookie names end in the account's number.
///
/// Source: <https://help.salesforce.com/s/articleView?id=sf.pardot_basics_cookies.htm>
#[must_use]
pub fn pardot() -> Vendor {
    Vendor::new("pardot", Category::Marketing)
        .with_name("Salesforce Account Engagement")
        .with_purpose("Recognises visitors and ties their visits to a sales contact")
        .with_provider("Salesforce, Inc.", "US")
        .with_retention("up to 1 year")
        .with_policy_url("https://www.salesforce.com/company/legal/privacy/")
        .cookies([
            "visitor_id1*",
            "visitor_id2*",
            "visitor_id3*",
            "visitor_id4*",
            "visitor_id5*",
            "visitor_id6*",
            "visitor_id7*",
            "visitor_id8*",
            "visitor_id9*",
        ])
        .hosts(["cdn.pardot.com", "go.pardot.com", "pi.pardot.com"])
        .inline(["pardot.com/pd.js"])
}

pub(super) fn all() -> Vec<Vendor> {
    vec![
        hubspot(),
        klaviyo(),
        mailchimp(),
        brevo(),
        active_campaign(),
        customer_io(),
        braze(),
        marketo(),
        pardot(),
    ]
}
