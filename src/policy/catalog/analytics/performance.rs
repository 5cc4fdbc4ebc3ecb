//! Which analytics vendors report errors and speed?
//!
//! The site runs without them, so they are not strictly necessary.

use crate::category::Category;
use crate::policy::vendor::Vendor;

/// Sentry in the browser, which reports errors and can replay visits.
///
/// Error reports are not strictly necessary.
///
/// Source: <https://docs.sentry.io/platforms/javascript/install/loader/>
#[must_use]
pub fn sentry() -> Vendor {
    Vendor::new("sentry", Category::Analytics)
        .with_name("Sentry")
        .with_purpose("Reports errors that occur on this site")
        .with_provider("Functional Software, Inc.", "US")
        .with_retention("no cookies; up to 90 days")
        .with_policy_url("https://sentry.io/privacy/")
        .storage(["sentryReplaySession"])
        .globals([
            "Sentry.init",
            "Sentry.onLoad",
            "Sentry.captureException",
            "Sentry.captureMessage",
        ])
        .hosts([
            "ingest.de.sentry.io",
            "ingest.sentry.io",
            "ingest.us.sentry.io",
            "sentry-cdn.com",
        ])
        .inline(["browser.sentry-cdn.com/", "js.sentry-cdn.com/"])
}

/// New Relic in the browser, which reports page speed and errors.
///
/// Source: <https://docs.newrelic.com/docs/browser/browser-monitoring/page-load-timing-resources/cookie-collection-session-tracking/>
#[must_use]
pub fn new_relic() -> Vendor {
    Vendor::new("new-relic", Category::Analytics)
        .with_name("New Relic")
        .with_purpose("Measures page speed and reports errors")
        .with_provider("New Relic, Inc.", "US")
        .with_retention("no cookies; up to 4 hours")
        .with_policy_url("https://newrelic.com/termsandconditions/privacy")
        .storage(["NRBA_*"])
        .globals([
            "newrelic.noticeError",
            "newrelic.addPageAction",
            "newrelic.setCustomAttribute",
        ])
        .hosts(["js-agent.newrelic.com", "nr-data.net"])
        .inline(["js-agent.newrelic.com/"])
}

/// Datadog in the browser, which reports page speed and errors and can replay
/// visits.
///
/// Source: <https://docs.datadoghq.com/real_user_monitoring/browser/troubleshooting/>
#[must_use]
pub fn datadog_rum() -> Vendor {
    Vendor::new("datadog-rum", Category::Analytics)
        .with_name("Datadog Real User Monitoring")
        .with_purpose("Measures page speed and reports errors")
        .with_provider("Datadog, Inc.", "US")
        .with_retention("up to 4 hours")
        .with_policy_url("https://www.datadoghq.com/legal/privacy/")
        .globals([
            "DD_RUM.onReady",
            "DD_RUM.init",
            "DD_RUM.addAction",
            "DD_RUM.addError",
            "DD_RUM.setUser",
        ])
        .cookies(["_dd_s"])
        .hosts([
            "browser-intake-ap1-datadoghq.com",
            "browser-intake-datadoghq.com",
            "browser-intake-datadoghq.eu",
            "browser-intake-us3-datadoghq.com",
            "browser-intake-us5-datadoghq.com",
            "datadoghq-browser-agent.com",
        ])
        .inline(["datadoghq-browser-agent.com/"])
}

/// Microsoft's Application Insights in the browser, which reports page speed
/// and errors.
///
/// Source: <https://learn.microsoft.com/en-us/azure/azure-monitor/app/javascript-sdk>
#[must_use]
pub fn application_insights() -> Vendor {
    Vendor::new("application-insights", Category::Analytics)
        .with_name("Azure Application Insights")
        .with_purpose("Measures page speed and reports errors")
        .with_provider("Microsoft Ireland Operations Limited", "IE")
        .with_retention("up to 1 year")
        .with_policy_url("https://privacy.microsoft.com/en-us/privacystatement")
        .storage(["AI_*"])
        .globals([
            "appInsights.trackEvent",
            "appInsights.trackPageView",
            "appInsights.trackException",
        ])
        .cookies(["ai_authUser", "ai_session", "ai_user"])
        .hosts([
            "az416426.vo.msecnd.net",
            "dc.services.visualstudio.com",
            "in.applicationinsights.azure.com",
            "js.monitor.azure.com",
        ])
        .inline([
            "az416426.vo.msecnd.net/scripts/",
            "js.monitor.azure.com/scripts/",
        ])
}

pub(super) fn all() -> Vec<Vendor> {
    vec![sentry(), new_relic(), datadog_rum(), application_insights()]
}
