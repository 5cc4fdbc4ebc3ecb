//! Proves that a Leptos app hydrates behind the layer as it does alone: the real Leptos, in `tests/leptos`, on its own
//! server and as WebAssembly in the browser.
//!
//! It is built once, below `target`. Where Rust's target for WebAssembly is missing the tests pass and say so;
//! `TOWER_CONSENT_REQUIRE_WASM=1` makes them fail instead.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower_consent::BannerPlacement;

use crate::driver::{Scripts, until};
use crate::site::{Site, layer, policy};
use crate::stage;

const TARGET: &str = "wasm32-unknown-unknown";

/// The server and the app, built; `None`, said aloud, where they cannot be.
fn built() -> Option<&'static (PathBuf, PathBuf)> {
    static BUILT: OnceLock<Result<(PathBuf, PathBuf), String>> = OnceLock::new();
    match BUILT.get_or_init(build) {
        Ok(both) => Some(both),
        Err(why) => {
            let required = std::env::var_os("TOWER_CONSENT_REQUIRE_WASM");
            assert!(required.is_none_or(|value| value != "1"), "{why}");
            stage::say_skipped(why);
            None
        }
    }
}

fn build() -> Result<(PathBuf, PathBuf), String> {
    let tool = |name: &str, fallback: &str| {
        std::env::var_os(name).unwrap_or_else(|| OsString::from(fallback))
    };
    let output = |mut command: Command| {
        let output = command.output().map_err(|error| error.to_string())?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    };
    let mut sysroot = Command::new(tool("RUSTC", "rustc"));
    sysroot.args(["--print", "sysroot"]);
    let sysroot = PathBuf::from(output(sysroot)?.trim());
    if !sysroot.join("lib/rustlib").join(TARGET).is_dir() {
        return Err(format!("rustup has no target {TARGET}"));
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("leptos");
    for arguments in [
        &["--lib", "--features", "hydrate", "--target", TARGET][..],
        &["--bin", "leptos-server", "--features", "ssr"],
    ] {
        let mut cargo = Command::new(tool("CARGO", "cargo"));
        cargo
            .args(["build", "--locked", "--quiet", "--manifest-path"])
            .arg("tests/leptos/Cargo.toml")
            .args(arguments)
            .arg("--target-dir")
            .arg(&target);
        output(cargo)?;
    }
    let app = target.join(TARGET).join("debug/tower_consent_leptos.wasm");
    Ok((target.join("debug/leptos-server"), app))
}

/// The app's own server, without the layer. It ends with its input.
struct Server {
    port: u16,
    process: Child,
}

impl Server {
    fn start() -> Option<Self> {
        let (server, app) = built()?;
        let mut process = Command::new(server)
            .arg(app)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap();
        Some(Self { port, process })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// The app behind a layer.
struct App {
    site: Site,
    /// The paths that were asked for.
    asked: Arc<Mutex<Vec<String>>>,
    _server: Server,
}

impl App {
    async fn open(placement: BannerPlacement) -> Option<Self> {
        stage::programs()?;
        let server = Server::start()?;
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
        let (port, list) = (server.port, Arc::clone(&asked));
        let router = Router::new().fallback(async move |mut request: Request| {
            list.lock().unwrap().push(request.uri().path().to_owned());
            let to = format!("http://127.0.0.1:{port}{}", request.uri());
            *request.uri_mut() = to.parse::<Uri>().unwrap();
            let answer: Response<_> = client.request(request).await.unwrap();
            answer.map(Body::new)
        });
        let layer = layer(policy()).with_banner(placement);
        let site = Site::open_with(Scripts::On, layer, &[], router).await?;
        Some(Self {
            site,
            asked,
            _server: server,
        })
    }

    /// Visits a page, waits until the app has taken over, and presses its button: it has found every node of its own,
    /// has asked for nothing that came with the page, and nobody has complained.
    async fn hydrates(&self, path: &str) {
        let browser = &self.site.browser;
        self.asked.lock().unwrap().clear();
        self.site.goto(path).await;
        until("the app has taken over", async || {
            let complaints = browser.console_complaints().await;
            assert_eq!(complaints, [""; 0], "{path}");
            browser.has("[data-hydrated]").await
        })
        .await;
        assert_eq!(self.goods().await, ["coat", "hat"], "{path}");
        self.press(1, "odd").await;
        assert_eq!(browser.console_complaints().await, [""; 0], "{path}");
        let asked = self.asked.lock().unwrap().clone();
        let pages = asked.iter().filter(|asked| *asked == path).count();
        assert_eq!(pages, 1, "{asked:?}");
        assert!(
            !asked.iter().any(|path| path.starts_with("/api")),
            "{asked:?}"
        );
    }

    /// Presses the button; each of the app's texts then says so.
    async fn press(&self, times: usize, parity: &str) {
        self.site.browser.click("main > button").await;
        let texts = "return [document.title, document.querySelector('h1').textContent,
            document.querySelector('main > p').textContent]";
        let expected = [
            format!("Pressed {times}"),
            format!("Pressed {times} times"),
            parity.to_owned(),
        ];
        until("the app answers", async || {
            self.site.browser.texts(texts).await == expected
        })
        .await;
    }

    /// Opens a page as a visitor who has not chosen yet.
    async fn asks(&self, path: &str) {
        let browser = &self.site.browser;
        browser.client.delete_all_cookies().await.unwrap();
        self.hydrates(path).await;
        until("the banner asks", async || {
            browser.shows("[data-tc-banner]").await
        })
        .await;
    }

    async fn goods(&self) -> Vec<String> {
        let texts =
            "return [...document.querySelectorAll('main li')].map((item) => item.textContent)";
        self.site.browser.texts(texts).await
    }
}

/// In parts as they come, in parts in order, and at once.
const PAGES: [&str; 3] = ["/late", "/in-order", "/at-once"];

async fn hydrates_whatever_was_chosen(placement: BannerPlacement) {
    let Some(app) = App::open(placement).await else {
        return;
    };
    let (site, browser) = (&app.site, &app.site.browser);
    for path in PAGES {
        // Before a choice.
        app.asks(path).await;
        assert_eq!(site.heard(), [""; 0], "{path}");

        // Refused: on this page, and on the next.
        site.choose("[data-tc-reject]").await;
        app.press(2, "even").await;
        app.hydrates(path).await;
        assert!(!browser.has("[data-tc-banner]").await);
        assert_eq!(site.heard(), [""; 0], "{path}");
    }
    for path in PAGES {
        // Granted: what waits wakes in place, and the app goes on.
        app.asks(path).await;
        let before = site.heard().len();
        site.choose("[data-tc-accept]").await;
        let all = [
            "say/head.js",
            "pixel.svg",
            "count1.svg",
            "good.svg",
            "frame.html",
        ];
        until("all that waited is asked for", async || {
            let heard = site.heard().split_off(before);
            all.iter().all(|what| heard.iter().any(|path| path == what))
        })
        .await;
        app.press(2, "even").await;
        until("what the app asks for now is let through", async || {
            site.heard()
                .split_off(before)
                .iter()
                .any(|path| path == "count2.svg")
        })
        .await;
        assert_eq!(browser.console_complaints().await, [""; 0], "{path}");

        // The next page comes whole.
        app.hydrates(path).await;
        assert!(!browser.has("[data-tc-banner]").await);
    }
}

// covers S17
#[tokio::test]
async fn leptos_hydrates_with_the_banner_at_the_end_of_the_body() {
    hydrates_whatever_was_chosen(BannerPlacement::BodyEnd).await;
}

// covers S17
#[tokio::test]
async fn leptos_hydrates_with_a_banner_that_the_script_builds() {
    hydrates_whatever_was_chosen(BannerPlacement::Script).await;
}

/// Leptos takes the first node of the body for its own, so this is the placement that the manual warns of.
#[tokio::test]
async fn leptos_complains_of_a_banner_in_front_of_it() {
    let Some(app) = App::open(BannerPlacement::BodyStart).await else {
        return;
    };
    app.site.goto("/late").await;
    let mut complaints = Vec::new();
    until("Leptos complains", async || {
        complaints.extend(app.site.browser.console_complaints().await);
        complaints.iter().any(|text| text.contains("hydrat"))
    })
    .await;
}
