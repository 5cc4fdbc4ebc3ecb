//! The same page without a banner, with ours, and with each library's.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::{self, Next};
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower_consent::{ConsentLayer, GuardMode, Keyring, Policy, catalog};
use tower_http::compression::CompressionLayer;

/// One of the pages.
pub(crate) struct Page {
    pub(crate) name: &'static str,
    /// The banner and its button, as selectors; empty where there is none.
    pub(crate) banner: &'static str,
    pub(crate) accept: &'static str,
    /// What the library asks to be put into the page's head and at the body's end.
    head: &'static str,
    end: &'static str,
}

pub(crate) const PAGES: [Page; 5] = [
    Page {
        name: "none",
        banner: "",
        accept: "",
        head: "",
        end: "",
    },
    Page {
        name: "tower-consent",
        banner: "[data-tc-banner]",
        accept: "[data-tc-banner] [data-tc-accept]",
        head: "",
        end: "",
    },
    // The banner alone, as the others are: they hold nothing back that scripts insert.
    Page {
        name: "tower-consent-unguarded",
        banner: "[data-tc-banner]",
        accept: "[data-tc-banner] [data-tc-accept]",
        head: "",
        end: "",
    },
    Page {
        name: "vanilla-cookieconsent",
        banner: "#cc-main .cm",
        accept: "#cc-main [data-role=all]",
        head: "<link rel=\"stylesheet\" href=\"/lib/vanilla-cookieconsent/dist/cookieconsent.css\">\
            <script defer src=\"/lib/vanilla-cookieconsent/dist/cookieconsent.umd.js\"></script>",
        end: include_str!("vanilla.html"),
    },
    Page {
        name: "klaro",
        banner: ".klaro .cookie-notice",
        accept: ".klaro .cm-btn-success",
        head: "",
        end: include_str!("klaro.html"),
    },
];

/// What answers, and what it was asked for.
pub(crate) struct Server {
    pub(crate) port: u16,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<std::io::Result<()>>,
}

/// Serves every page below its name.
pub(crate) async fn serve() -> Server {
    let libraries = libraries();
    let policy = Policy::builder("1")
        .necessary("session", "Keeps you signed in")
        .functional("theme", "Remembers light or dark")
        .vendor(catalog::google_analytics())
        .vendor(catalog::meta_pixel())
        .privacy_url("/privacy")
        .build()
        .unwrap();
    let layer =
        ConsentLayer::new(policy, Keyring::ephemeral().unwrap()).with_insecure_cookies(true);
    let mut router = Router::new();
    for page in &PAGES {
        let one = Router::new().route(&format!("/{}", page.name), get(async || Html(markup(page))));
        router = router.merge(match page.name {
            "tower-consent" => one
                .route("/_consent", get(async || ""))
                .route("/_consent/{*rest}", axum::routing::any(async || ""))
                .layer(layer.clone()),
            // It shares the other one's addresses and files.
            "tower-consent-unguarded" => one.layer(layer.clone().with_guard(GuardMode::Off)),
            _ => one,
        });
    }
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = asked.clone();
    let kept = || (CACHE_CONTROL, "public, max-age=31536000, immutable");
    let router = router
        .route("/favicon.ico", get(async || ""))
        .route(
            "/app.js",
            get(async move || {
                let text = include_str!("app.js");
                ([(CONTENT_TYPE, "text/javascript"), kept()], text)
            }),
        )
        .route(
            "/lib/{*path}",
            get(
                async move |axum::extract::Path(path): axum::extract::Path<String>| {
                    let text = std::fs::read_to_string(libraries.join(&path)).unwrap();
                    let kind = if path.ends_with("css") {
                        "text/css"
                    } else {
                        "text/javascript"
                    };
                    ([(CONTENT_TYPE, kind), kept()], text)
                },
            ),
        )
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            heard.lock().unwrap().push(request.uri().path().to_owned());
            next.run(request)
        }));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, router).await });
    Server {
        port,
        asked,
        _tasks: tasks,
    }
}

fn markup(page: &Page) -> String {
    let trackers = if page.banner.is_empty() {
        // Without anybody to ask, none may stand here.
        ""
    } else if page.name.starts_with("tower-consent") {
        "<script async src=\"https://www.googletagmanager.com/gtag/js?id=G-1\"></script>\
         <script>(function(d){var s=d.createElement('script');s.src='https://connect.facebook.net/en_US/fbevents.js';d.head.append(s)})(document)</script>"
    } else {
        "<script type=\"text/plain\" data-category=\"analytics\" data-name=\"analytics\" data-src=\"https://www.googletagmanager.com/gtag/js?id=G-1\"></script>"
    };
    let text = "Our winter coats are made of wool from the hills and linen from the coast, cut in small \
        numbers, and mended for as long as you wear them. ";
    let main: String = (1..30)
        .map(|number| {
            format!(
                "<h2>Coat {number}</h2><p>{text}It costs {} euros.</p>",
                number * 17
            )
        })
        .collect();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Coats</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <style>body{{font:16px/1.5 sans-serif;margin:2em auto;max-width:40em}}h1{{font-size:3em}}</style>{}\
         <script defer src=\"/app.js\"></script></head>\
         <body><header><h1>Coats</h1></header><main>{main}</main>{trackers}{}</body></html>",
        page.head, page.end
    )
}

/// Where npm put the libraries.
fn libraries() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("side_by_side");
    let modules = folder.join("node_modules");
    if !modules.join("klaro/dist/klaro.js").is_file() {
        std::fs::create_dir_all(&folder).unwrap();
        let npm = Command::new("npm")
            .args([
                "install",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--prefix",
            ])
            .arg(&folder)
            .args(["vanilla-cookieconsent@3.1.0", "klaro@0.7.22"])
            .status();
        assert!(
            npm.is_ok_and(|status| status.success()),
            "npm fetches the libraries"
        );
    }
    modules
}
