//! Proves that vendors' tags hear "denied" before anything else, one update
//! for each choice, and "denied" again after a withdrawal.

use serde_json::{Value, json};
use tower_consent::{
    CacheMode, ConsentLayer, ConsentMode, GoogleAdvancedConsentMode, GoogleConsentMode,
    Jurisdiction, Policy, UsRule, catalog,
};

use crate::driver::until;
use crate::site::{Page, Site, layer};

/// The snippets as their vendors hand them out, each with an event.
const SNIPPETS: &str = r#"<!doctype html><html><head><title>Tags</title>
<script async src="https://www.googletagmanager.com/gtag/js?id=G-TEST000001"></script>
<script>
  window.dataLayer = window.dataLayer || [];
  function gtag(){dataLayer.push(arguments);}
  gtag('js', new Date(0));
  gtag('config', 'G-TEST000001');
</script>
<script>
  (function(w,d,t,r,u){var f,n,i;w[u]=w[u]||[],f=function(){var o={ti:"1",enableAutoSpaTracking:true};o.q=w[u],w[u].push("pageLoad")},
  n=d.createElement(t),n.src=r,n.async=1,n.onload=n.onreadystatechange=function(){var s=this.readyState;s&&s!=="loaded"&&s!=="complete"||(f(),n.onload=n.onreadystatechange=null)},
  i=d.getElementsByTagName(t)[0],i.parentNode.insertBefore(n,i)})(window,document,"script","//bat.bing.com/bat.js","uetq");
</script>
<script>
  (function(c,l,a,r,i,t,y){c[a]=c[a]||function(){(c[a].q=c[a].q||[]).push(arguments)};
  t=l.createElement(r);t.async=1;t.src="https://www.clarity.ms/tag/"+i;
  y=l.getElementsByTagName(r)[0];y.parentNode.insertBefore(t,y);})(window,document,"clarity","script","abc");
  clarity('set', 'page', 'first');
</script>
<script>
  !function(f,b,e,v,n,t,s){if(f.fbq)return;n=f.fbq=function(){n.callMethod?
  n.callMethod.apply(n,arguments):n.queue.push(arguments)};if(!f._fbq)f._fbq=n;
  n.push=n;n.loaded=!0;n.version='2.0';n.queue=[];t=b.createElement(e);t.async=!0;
  t.src=v;s=b.getElementsByTagName(e)[0];s.parentNode.insertBefore(t,s)}(window,
  document,'script','https://connect.facebook.net/en_US/fbevents.js');
  fbq('init', '0');
  fbq('track', 'PageView');
</script>
<script>
  !function (w, d, t) {
    w.TiktokAnalyticsObject=t;var ttq=w[t]=w[t]||[];ttq.methods=["page","track","identify","holdConsent","revokeConsent","grantConsent"],
    ttq.setAndDefer=function(t,e){t[e]=function(){t.push([e].concat(Array.prototype.slice.call(arguments,0)))}};
    for(var i=0;i<ttq.methods.length;i++)ttq.setAndDefer(ttq,ttq.methods[i]);
    ttq.load=function(e){var n=d.createElement("script");n.async=!0,n.src="https://analytics.tiktok.com/i18n/pixel/events.js?sdkid="+e;
    var s=d.getElementsByTagName("script")[0];s.parentNode.insertBefore(n,s)};
    ttq.load('T'); ttq.page();
  }(window, document, 'ttq');
</script>
</head><body><main>Tags</main></body></html>"#;

const PAGES: &[Page] = &[
    ("/", "", SNIPPETS),
    (
        "/strict",
        "default-src 'self'",
        "<!doctype html><html><head><title>Strict</title></head><body>Hi</body></html>",
    ),
    (
        "/nonce",
        "script-src 'nonce-abc' 'strict-dynamic'; require-trusted-types-for 'script'; trusted-types tower-consent",
        "<!doctype html><html><head><title>Nonce</title></head><body>Hi</body></html>",
    ),
];

fn told() -> ConsentLayer {
    layer(
        Policy::builder("1")
            .vendor(catalog::google_analytics())
            .vendor(catalog::google_ads())
            .vendor(catalog::microsoft_advertising())
            .vendor(catalog::clarity())
            .vendor(catalog::meta_pixel())
            .vendor(catalog::tiktok_pixel())
            .functional("lang", "Remembers the language")
            .consent_mode(GoogleConsentMode::basic())
            .consent_mode(ConsentMode::microsoft_uet())
            .consent_mode(ConsentMode::clarity())
            .consent_mode(ConsentMode::meta())
            .consent_mode(ConsentMode::tiktok()),
    )
}

/// What each queue holds, in short: `consent default`, `consent update granted`, an event by its name.
const QUEUES: &str = "
    const short = (call) => [...call].map((word) =>
        typeof word === 'string' ? word : word && typeof word === 'object' && !(word instanceof Date)
            ? [...new Set(Object.entries(word).filter(([name]) => /storage|personal|data$/i.test(name) && name !== 'security_storage').map(([, value]) => value))].sort().join('/')
            : '').join(' ').trim();
    const grouped = [];
    for (let at = 0; at < (window.uetq || []).length; at += 1)
        grouped.push(uetq[at] === 'consent' ? [uetq[at], uetq[++at], uetq[++at]] : [uetq[at]]);
    return {
        google: [...(window.dataLayer || [])].map(short),
        uet: grouped.map(short),
        clarity: [...(window.clarity?.q || [])].map(short),
        meta: [...(window.fbq?.queue || [])].map(short),
        tiktok: [...(Array.isArray(window.ttq) ? window.ttq : [])].map(short),
    }";

async fn queues(site: &Site) -> Value {
    site.browser.run(QUEUES).await
}

const GOOGLE_DEFAULT: &str = "consent default denied";

// covers T06, T08, T10, T12, T13, T14, T15
#[tokio::test]
async fn real_snippets_find_denied_before_their_first_event_and_one_update() {
    let Some(site) = Site::open(told(), PAGES).await else {
        return;
    };
    site.goto("/").await;
    let before = queues(&site).await;
    let google = [
        GOOGLE_DEFAULT,
        "set ads_data_redaction",
        "js",
        "config G-TEST000001",
    ];
    assert_eq!(before["google"], json!(google), "{before}");
    assert_eq!(before["uet"], json!(["consent default denied"]));
    for none in ["clarity", "meta", "tiktok"] {
        assert_eq!(before[none], json!([]), "{before}");
    }
    let outside = [
        "googletagmanager.com",
        "bing.com",
        "clarity.ms",
        "facebook.net",
        "tiktok.com",
    ];
    assert_eq!(site.sink.contacts(&outside), [""; 0]);

    site.choose("[data-tc-accept]").await;
    until("all tags were asked for", async || {
        outside.iter().all(|host| {
            let heard = site.sink.contacts(&[host]);
            heard.iter().any(|contact| contact.contains('/'))
        })
    })
    .await;
    site.browser.settle().await;
    let granted = queues(&site).await;
    assert_eq!(granted["google"][4], "consent update granted", "{granted}");
    assert_eq!(granted["google"].as_array().unwrap().len(), 5, "{granted}");
    assert_eq!(
        granted["uet"],
        json!([
            "consent default denied",
            "consent update granted",
            "pageLoad"
        ])
    );
    assert_eq!(
        granted["clarity"],
        json!(["consentv2 denied", "consentv2 granted", "set page first"])
    );
    assert_eq!(
        granted["meta"],
        json!([
            "consent revoke",
            "consent grant",
            "init 0",
            "track PageView"
        ])
    );
    assert_eq!(
        granted["tiktok"],
        json!(["holdConsent", "grantConsent", "page"])
    );

    // The next page says the same from its start.
    site.goto("/").await;
    until("the tags have come", async || {
        queues(&site).await["uet"]
            .as_array()
            .is_some_and(|uet| uet.len() == 3)
    })
    .await;
    let again = queues(&site).await;
    let google = [
        GOOGLE_DEFAULT,
        "set ads_data_redaction",
        "consent update granted",
        "js",
        "config G-TEST000001",
    ];
    assert_eq!(again["google"], json!(google), "{again}");
    for same in ["uet", "clarity", "meta", "tiktok"] {
        assert_eq!(again[same], granted[same], "{again}");
    }
}

// covers T10
#[tokio::test]
async fn in_the_advanced_form_googles_tag_loads_denied_before_a_choice_and_no_other_does() {
    for (place, loads) in [
        (Jurisdiction::Us(UsRule::Strict), true),
        (Jurisdiction::Eu, false),
    ] {
        let mode = GoogleAdvancedConsentMode::only_in([Jurisdiction::Us(UsRule::Strict)]);
        let policy = Policy::builder("1")
            .vendor(catalog::google_analytics())
            .vendor(catalog::microsoft_advertising())
            .vendor(catalog::meta_pixel())
            .consent_mode(mode);
        let layer = layer(policy).with_jurisdiction(move |_| place);
        let Some(site) = Site::open(layer, PAGES).await else {
            return;
        };
        let asked = || {
            let contacts = site.sink.contacts(&["googletagmanager.com"]);
            contacts
                .iter()
                .filter(|contact| contact.contains('/'))
                .count()
        };
        let others = ["bing.com", "clarity.ms", "facebook.net", "tiktok.com"];
        site.goto("/").await;
        assert_eq!(asked() > 0, loads, "{place}");
        let first = queues(&site).await;
        let google = [
            GOOGLE_DEFAULT,
            "set ads_data_redaction",
            "js",
            "config G-TEST000001",
        ];
        assert_eq!(first["google"], json!(google), "{place} {first}");
        assert_eq!(site.sink.contacts(&others), [""; 0], "{place}");
        // A refusal is told, and the next page does not load it any more.
        site.choose("[data-tc-reject]").await;
        let refused = queues(&site).await;
        assert_eq!(refused["google"][4], "consent update denied", "{refused}");
        let before = asked();
        site.goto("/").await;
        assert_eq!(asked(), before, "{place}");
        // A later grant is told once, and loads it.
        site.browser
            .run("return fetch('/_consent/choice', { method: 'POST', body: new URLSearchParams('choice=accept') }).then(() => 1)")
            .await;
        site.goto("/").await;
        until("the tag was asked for", async || asked() > before).await;
        let granted = queues(&site).await["google"].clone();
        let granted = granted.as_array().unwrap();
        let updates = granted
            .iter()
            .filter(|call| call.as_str().unwrap().starts_with("consent update"));
        assert_eq!(
            updates.collect::<Vec<_>>(),
            ["consent update denied/granted"],
            "{granted:?}"
        );
    }
}

/// Stands in for every tag from before the page's first script on, and
/// remembers over pages what it is told.
const RECORDER: &str = "
    const log = (name) => (...call) => {
        const said = JSON.parse(sessionStorage.said || '[]');
        said.push([name, ...call.flatMap((word) => String(word) === '[object Arguments]' || Array.isArray(word) ? [...word] : [word])]);
        sessionStorage.said = JSON.stringify(said);
    };
    if (location.port) {
        window.dataLayer = { push: log('google') };
        window.uetq = { push: log('uet') };
        window.clarity = log('clarity');
        window.fbq = log('meta');
        window.ttq = { holdConsent: log('tiktok holdConsent'), grantConsent: log('tiktok grantConsent'), revokeConsent: log('tiktok revokeConsent'), push: log('tiktok') };
    }";

/// What was told since the last look.
async fn said(site: &Site) -> Vec<String> {
    let script = "
        const said = JSON.parse(sessionStorage.said || '[]');
        sessionStorage.said = '[]';
        return said.map((call) => call.map((word) => typeof word === 'object'
            ? [...new Set(Object.entries(word).filter(([name]) => /storage|personal|data$/i.test(name) && name !== 'security_storage').map(([, value]) => value))].sort().join('/')
            : word).join(' '));";
    site.browser.texts(script).await
}

const DEFAULTS: [&str; 6] = [
    "google consent default denied",
    "google set ads_data_redaction true",
    "uet consent default denied",
    "clarity consentv2 denied",
    "meta consent revoke",
    "tiktok holdConsent",
];

fn updates(word: &str, switch: [&str; 2]) -> Vec<String> {
    vec![
        format!("google consent update {word}"),
        format!("uet consent update {word}"),
        format!("clarity consentv2 {word}"),
        format!("meta consent {}", switch[0]),
        format!("tiktok {}", switch[1]),
    ]
}

fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort();
    list
}

async fn recording(layer: ConsentLayer) -> Option<Site> {
    let site = Site::open(layer, PAGES).await?;
    let script = json!({ "source": RECORDER });
    site.browser
        .devtools("Page.addScriptToEvaluateOnNewDocument", script)
        .await;
    Some(site)
}

// covers T08, T12, T13, T14, T15, L05
#[tokio::test]
async fn each_choice_is_told_once_and_a_withdrawal_says_denied_again() {
    let Some(site) = recording(told()).await else {
        return;
    };
    site.goto("/").await;
    let mut first = said(&site).await;
    first.retain(|call| DEFAULTS.contains(&&**call) || call.contains("onsent"));
    assert_eq!(first, DEFAULTS);

    site.choose("[data-tc-accept]").await;
    site.browser.settle().await;
    let told = consent_only(said(&site).await);
    assert_eq!(told, sorted(updates("granted", ["grant", "grantConsent"])));

    // Taken back in another tab: this one says so, and comes anew.
    site.browser
        .run(
            "window.old = 1; fetch('/_consent/choice', { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams({ choice: 'reject' }) })
                .then(() => new BroadcastChannel('tower-consent').postMessage({ towerConsent: 'another' }))",
        )
        .await;
    until("the page has come anew", async || {
        site.browser.run("return window.old").await.is_null()
    })
    .await;
    site.browser.settle().await;
    let denied = updates("denied", ["revoke", "revokeConsent"]);
    let defaults: Vec<String> = DEFAULTS.iter().map(ToString::to_string).collect();
    // Once on the page that ends, and once on the one that begins, behind its defaults.
    let expected = sorted([denied.clone(), defaults, denied].concat());
    let told = consent_only(said(&site).await);
    assert_eq!(
        told,
        expected
            .into_iter()
            .filter(|call| !call.contains("redaction"))
            .collect::<Vec<_>>()
    );
}

/// The calls that are about consent, in order of their text.
fn consent_only(mut calls: Vec<String>) -> Vec<String> {
    calls.retain(|call| call.contains("onsent"));
    sorted(calls)
}

// covers T08
#[tokio::test]
async fn a_partial_choice_grants_its_part_alone() {
    let Some(site) = recording(told()).await else {
        return;
    };
    site.goto("/").await;
    site.browser.click("[data-tc-banner] .tc-choose").await;
    site.browser.click(".tc-sheet input[name=analytics]").await;
    said(&site).await;
    site.browser.click(".tc-sheet [data-tc-save]").await;
    until("the choice was told", async || {
        let script = "return sessionStorage.said.includes('update')";
        site.browser.run(script).await == true
    })
    .await;
    site.browser.settle().await;
    let told = consent_only(said(&site).await);
    let expected = [
        "clarity consentv2 denied/granted",
        "google consent update denied/granted",
        "meta consent revoke",
        "tiktok revokeConsent",
        "uet consent update denied",
    ];
    assert_eq!(told, expected);
}

// covers T08, T30
#[tokio::test]
async fn a_page_for_everybody_tells_the_stored_choice_once_it_is_known() {
    let layer = told().with_cache_mode(CacheMode::Uniform);
    let Some(site) = recording(layer).await else {
        return;
    };
    site.goto("/").await;
    site.choose("[data-tc-accept]").await;
    site.browser.settle().await;
    said(&site).await;
    site.goto("/").await;
    until("the choice was told", async || {
        let script = "return sessionStorage.said.includes('\"grant\"')";
        site.browser.run(script).await == true
    })
    .await;
    site.browser.settle().await;
    let told = consent_only(said(&site).await);
    let defaults = DEFAULTS.iter().filter(|call| !call.contains("redaction"));
    let defaults: Vec<String> = defaults.map(ToString::to_string).collect();
    let expected = sorted([defaults, updates("granted", ["grant", "grantConsent"])].concat());
    assert_eq!(told, expected);
}

// covers T32
#[tokio::test]
async fn strict_content_security_policies_let_it_speak_without_a_complaint() {
    let Some(site) = Site::open(told(), PAGES).await else {
        return;
    };
    for page in ["/strict", "/nonce"] {
        site.goto(page).await;
        let said = queues(&site).await;
        assert_eq!(said["google"][0], GOOGLE_DEFAULT, "{page}");
        assert_eq!(site.browser.console_errors().await, [""; 0], "{page}");
    }
}
