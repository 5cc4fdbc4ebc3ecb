//! Proves that no key, no token and no cookie value reaches a log at TRACE, a
//! `Debug` or `Display` text, or an answer that says what went wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a broken fixture fails its test"
)]

mod common;

use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use common::mint::{self, Claims};
use common::*;
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;
use tower::service_fn;
use tower_consent::marker::Analytics;
use tower_consent::{
    BodyError, Category, Choice, Keyring, OwnBanner, Policy, RequireConsent, SigningKey,
};
use tower_layer::Layer;
use tracing_subscriber::fmt::MakeWriter;

/// Everything that was logged, by whichever test of this file.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// The log, which takes in everything from the first call on.
    fn open() -> Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Self::default();
            tracing_subscriber::fmt()
                .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
                .with_ansi(false)
                .with_writer(log.clone())
                .init();
            log
        })
        .clone()
    }

    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Texts that must be found nowhere, each with what it is.
#[derive(Default)]
struct Secrets(Vec<(String, String)>);

impl Secrets {
    fn add(&mut self, what: &str, text: &str) {
        assert!(text.len() >= 6, "too short to search for: {text}");
        self.0.push((what.to_owned(), text.to_owned()));
    }

    /// Bytes in every form in which a careless line would print them.
    fn add_bytes(&mut self, what: &str, bytes: &[u8]) {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let list = format!("{bytes:?}");
        for form in [
            String::from_utf8_lossy(bytes).into_owned(),
            bytes.escape_ascii().to_string(),
            hex.to_uppercase(),
            hex,
            STANDARD.encode(bytes),
            URL_SAFE_NO_PAD.encode(bytes),
            list[1..list.len() - 1].to_owned(),
        ] {
            self.add(what, &form);
        }
    }

    fn add_token(&mut self, what: &str, token: &str) {
        self.add(what, token);
        let bytes = mint::decode(token);
        let (payload, tag) = bytes.split_at(bytes.len() - 16);
        self.add_bytes(&format!("the payload of {what}"), payload);
        self.add_bytes(&format!("the tag of {what}"), tag);
        // Half of it is too much as well.
        self.add(what, &token[token.len() / 2..]);
    }

    fn assert_absent(&self, from: &str, text: &str) {
        for (what, secret) in &self.0 {
            assert!(!text.contains(secret.as_str()), "{what} in {from}: {text}");
        }
    }
}

/// Values that only their cookies hold.
const VALUES: [&str; 6] = [
    "GA1.1.visitor-4711",
    "session-hunter2",
    "fb.1.visitor-0815",
    "undeclared-value-99",
    "app-sets-this-77",
    "bearer-token-55",
];

fn shop_that_sets_cookies() -> App {
    App::shop().answering(|request| match request.uri().path() {
        "/choice" => {
            let mut response = page(PAGE);
            response.extensions_mut().insert(Choice::reject_all());
            response
        }
        "/own" => {
            let mut response = page(PAGE);
            response.extensions_mut().insert(OwnBanner);
            response
        }
        "/compressed" => {
            let mut response = page(PAGE);
            let coding = HeaderValue::from_static("compress");
            response.headers_mut().insert("content-encoding", coding);
            response
        }
        "/api" => json("{}"),
        "/none" => Response::builder()
            .status(StatusCode::NOT_MODIFIED)
            .body(Full::default())
            .unwrap(),
        _ => {
            let value = VALUES[4];
            let lines = ["_ga", "sid", "odd_app", "__Host-Http-consent-analytics"]
                .map(|name| format!("{name}={value}; Path=/"));
            let mut response = setting(page(PAGE), lines);
            let link = HeaderValue::from_static("<https://connect.facebook.net/x.js>; rel=preload");
            response.headers_mut().insert("link", link);
            response
        }
    })
}

// covers S40
#[test]
fn nothing_secret_is_logged_or_answered_on_any_path() {
    let log = Log::open();
    let mut secrets = Secrets::default();
    for (what, key) in [
        ("the signing key", FIRST_KEY),
        ("the previous key", OTHER_KEY),
        ("a foreign key", THIRD_KEY),
    ] {
        secrets.add_bytes(what, &key);
    }
    for value in VALUES {
        secrets.add("a cookie value", value);
    }

    let keys = keyring(FIRST_KEY).with_previous(signing_key(OTHER_KEY));
    let app = App::with_keys(shop_policy(), keys);
    let app = shop_that_sets_cookies().set(|_| app.layer);
    let mut accepted = app.visitor();
    accepted.accept();
    let mut rejected = app.visitor();
    rejected.reject();
    for (what, visitor) in [("a grant", &accepted), ("a refusal", &rejected)] {
        for category in Category::ALL {
            secrets.add_token(what, &visitor.token(category));
        }
    }

    // Stored choices in every state, with cookies of every kind beside them.
    let revisions = mint::shop_revisions(REVISION);
    let minted = |key: &[u8], site: &str, change: &dyn Fn(&mut Claims)| {
        let tokens = Category::ALL.map(|category| {
            let mut claims = Claims::granted(NOW, revisions[category as usize]);
            change(&mut claims);
            mint::token(key, site, category.as_str(), &claims)
        });
        let pairs: Vec<_> = Category::ALL
            .into_iter()
            .zip(tokens.iter().map(String::as_str))
            .collect();
        (cookie_line(&pairs), tokens.clone())
    };
    let mut lines = vec![
        String::new(),
        String::from_utf8(accepted.jar.header(SITE_HOST, "/").unwrap()).unwrap(),
        String::from_utf8(rejected.jar.header(SITE_HOST, "/").unwrap()).unwrap(),
    ];
    type Change<'a> = &'a dyn Fn(&mut Claims);
    let changes: [([u8; 32], &str, Change<'_>); 8] = [
        (FIRST_KEY, SITE, &|claims| claims.stamp = NOW - 2 * LIFETIME),
        (FIRST_KEY, SITE, &|claims| claims.stamp = NOW + 10_000),
        (FIRST_KEY, SITE, &|claims| claims.revision[0] ^= 1),
        (FIRST_KEY, SITE, &|claims| claims.flags = 0x7f),
        (FIRST_KEY, SITE, &|claims| claims.schema = 9),
        (FIRST_KEY, "elsewhere.test", &|_| {}),
        (OTHER_KEY, SITE, &|claims| claims.stamp = NOW - 1),
        (THIRD_KEY, SITE, &|_| {}),
    ];
    for (key, site, change) in changes {
        let (line, tokens) = minted(&key, site, change);
        for token in &tokens {
            secrets.add_token("a minted token", token);
        }
        lines.push(line.clone());
        lines.push(format!("{line}; {line}"));
        lines.push(format!("{line}x"));
    }
    let paths = [
        "/",
        "/choice",
        "/own",
        "/compressed",
        "/api",
        "/none",
        "/collect",
        "/_consent",
        "/_consent/state",
        "/_consent/x",
    ];
    let beside = format!(
        "_ga={}; sid={}; _fbp={}; odd_name={}; _gcl_au={}",
        VALUES[0], VALUES[1], VALUES[2], VALUES[3], VALUES[3]
    );
    let mut answers = Vec::new();
    for line in &lines {
        for path in paths {
            for gpc in [None, Some("1")] {
                let mut request = request(Method::GET, path)
                    .header("authorization", format!("Bearer {}", VALUES[5]))
                    .header("cookie", format!("{beside}; {line}"));
                if let Some(gpc) = gpc {
                    request = request.header("sec-gpc", gpc);
                }
                answers.push(app.send(empty(request)));
            }
        }
    }

    // Choices that are taken and choices that are turned down, for every reason.
    let form = ("content-type", "application/x-www-form-urlencoded");
    let own = ("sec-fetch-site", "same-origin");
    let secret = VALUES[3];
    for (headers, body) in [
        (&[form, own][..], "choice=accept".to_owned()),
        (&[form, own], "choice=reject".to_owned()),
        (
            &[form, own],
            "choice=save&analytics=on&offered=google-analytics".to_owned(),
        ),
        (&[form, own], format!("choice={secret}")),
        (&[form, own], format!("{secret}=on&choice=save")),
        (&[form, own], format!("choice=save&offered={secret}")),
        (&[form, own], format!("choice=save&source={secret}")),
        (&[form, own], secret.repeat(1000)),
        (&[form], format!("choice={secret}")),
        (
            &[form, ("origin", "https://evil.test")],
            format!("choice={secret}"),
        ),
        (
            &[("content-type", "text/plain"), own],
            format!("choice={secret}"),
        ),
        (
            &[("content-type", "application/json"), own],
            format!("{{\"choice\":\"{secret}\"}}"),
        ),
        (
            &[("content-type", "application/json"), own],
            format!("{{\"{secret}\":1}}"),
        ),
        (
            &[("content-type", "application/json"), own],
            secret.to_owned(),
        ),
    ] {
        for line in &lines[..6] {
            let mut request = request(Method::POST, "/_consent/choice")
                .header("cookie", format!("{beside}; {line}"));
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let answer = app.send(request.body(Full::from(body.clone())).unwrap());
            if answer.status.is_client_error() {
                secrets.assert_absent("an error", answer.text());
            }
        }
    }

    // Other ways to run it: over plain http on a public name, strict, expiring, bypassed, refused.
    let strict = shop().strict().expire_undecided().build().unwrap();
    let strict = shop_that_sets_cookies().set(|_| App::new(strict).layer);
    for app in [
        app.clone().set(|layer| layer.with_insecure_cookies(true)),
        app.clone().set(|layer| layer.with_bypass(|_, _, _| true)),
        strict,
    ] {
        let mut visitor = app.visitor();
        visitor.accept();
        for name in ["consent-analytics", "consent-necessary"] {
            if let Some(token) = visitor.cookie(name) {
                secrets.add_token("an unprefixed token", &token);
            }
        }
        for line in beside.split("; ") {
            visitor.plant(line);
        }
        visitor.get("/");
        visitor.reject();
        visitor.get("/");
    }
    let alone = RequireConsent::new(Category::Analytics).layer(service_fn(
        |_: http::Request<Full<bytes::Bytes>>| async {
            Ok::<_, std::convert::Infallible>(Response::new(Full::<bytes::Bytes>::default()))
        },
    ));
    drop(block_on(tower::ServiceExt::oneshot(alone, get("/"))));

    // What a page does not say of a choice is no business of the app's pages either.
    for answer in &answers {
        if let Ok(text) = std::str::from_utf8(&answer.body) {
            secrets.assert_absent("a body", text);
        }
    }
    let text = log.text();
    for act in [
        "stripped a request cookie",
        "suppressed a Set-Cookie line",
        "expired a stored cookie",
        "refused a route",
        "undeclared cookie",
        "could not be gated",
        "without Secure",
    ] {
        assert!(
            text.contains(act),
            "the scenario never came to: {act}\n{text}"
        );
    }
    assert!(text.contains("odd_name"), "names are told, values are not");
    secrets.assert_absent("the log", &text);
}

// covers S40
#[test]
fn nothing_secret_is_shown_by_debug_or_display() {
    let mut secrets = Secrets::default();
    for key in [FIRST_KEY, OTHER_KEY] {
        secrets.add_bytes("a key", &key);
        for category in Category::ALL {
            let claims = Claims::granted(NOW, [0; 8]);
            secrets.add_token(
                "a token",
                &mint::token(&key, SITE, category.as_str(), &claims),
            );
        }
    }
    let ring = keyring(FIRST_KEY).with_previous(signing_key(OTHER_KEY));
    let app = App::with_keys(shop_policy(), ring.clone());
    let mut visitor = app.visitor();
    let answer = visitor.accept();
    for category in Category::ALL {
        secrets.add_token("a stored token", &visitor.token(category));
    }
    secrets.add("a cookie value", VALUES[0]);
    visitor.plant(&format!("_ga={}", VALUES[0]));
    let consent = visitor.consent();
    let service = app.layer.layer("inner");
    let base64 = STANDARD.encode([7; 32]);
    let short = STANDARD.encode(&FIRST_KEY[..31]);
    secrets.add("a refused key", &base64);
    secrets.add("a short key", &short);
    for shown in [
        format!("{ring:?} {ring:#?}"),
        format!("{:?}", signing_key(FIRST_KEY)),
        format!("{:?} {:#?}", app.layer, app.layer),
        format!("{service:?} {service:#?}"),
        format!("{consent:?} {consent:#?}"),
        format!("{:?}", consent.proof::<Analytics>()),
        serde_json::to_string(&consent).unwrap(),
        format!("{:?}", shop_policy()),
        format!("{:?}", Choice::accept_all().refusing_vendor("shop-stats")),
        format!("{:?}", SigningKey::from_base64(&base64).unwrap_err()),
        SigningKey::from_base64(&base64).unwrap_err().to_string(),
        format!("{:?}", SigningKey::from_base64(&short).unwrap_err()),
        SigningKey::from_base64(&short).unwrap_err().to_string(),
        SigningKey::from_base64(&format!("{short}!"))
            .unwrap_err()
            .to_string(),
        format!("{:?}", Policy::builder("").build().unwrap_err()),
    ] {
        secrets.assert_absent("a text", &shown);
    }
    // What is searched for is what the cookies hold, so an empty search cannot pass for success.
    assert!(answer.set_cookies()[2].contains(&visitor.token(Category::Analytics)));
}

// covers S40, S49
#[test]
fn a_key_variable_is_named_and_its_content_is_not() {
    // Whatever `PATH` holds, it is no key.
    let content = std::env::var("PATH").unwrap();
    let error = Keyring::from_env("PATH").unwrap_err();
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(text.contains("PATH"), "{text}");
        assert!(!text.contains(&content), "{text}");
        assert!(
            !content
                .split(':')
                .any(|part| part.len() > 4 && text.contains(part)),
            "{text}"
        );
    }
}

#[test]
fn an_error_of_a_body_names_its_cause_and_no_content() {
    fn assert_error<E: std::error::Error + Send + Sync + 'static>() {}
    assert_error::<BodyError>();
}
