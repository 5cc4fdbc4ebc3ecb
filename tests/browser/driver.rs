//! Drives a headless Chromium through chromedriver, and leaves nothing behind.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::Url;

/// How long anything may take on a machine with other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `holds`, and fails with `what` when that takes too long.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whether the browser runs scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scripts {
    On,
    Off,
}

/// The programs that the tests need, or what is missing.
#[derive(Debug)]
pub(crate) struct Programs {
    chromium: PathBuf,
    chromedriver: PathBuf,
}

impl Programs {
    pub(crate) fn find() -> Result<Self, &'static str> {
        let chromium = ["chromium", "chromium-browser", "google-chrome"];
        Ok(Self {
            chromium: chromium
                .into_iter()
                .find_map(in_path)
                .ok_or("no chromium")?,
            chromedriver: in_path("chromedriver").ok_or("no chromedriver")?,
        })
    }
}

pub(crate) fn in_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// A running chromedriver with the profile of its one browser.
#[derive(Debug)]
struct Driver {
    process: Child,
    port: u16,
    profile: PathBuf,
    /// Kept open, since chromedriver goes on writing.
    _output: BufReader<ChildStdout>,
}

impl Driver {
    fn start(programs: &Programs) -> Self {
        static PROFILES: AtomicUsize = AtomicUsize::new(0);
        // Under load it may find the port taken that it chose for itself.
        let (process, output, port) = (0..5)
            .find_map(|_| Self::spawn(programs))
            .expect("chromedriver starts");
        let number = PROFILES.fetch_add(1, Ordering::Relaxed);
        let profile = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("profile-{}-{number}", std::process::id()));
        Self {
            process,
            port,
            profile,
            _output: output,
        }
    }

    /// A running chromedriver and its port; nothing where it ended without naming one.
    fn spawn(programs: &Programs) -> Option<(Child, BufReader<ChildStdout>, u16)> {
        let mut process = Command::new(&programs.chromedriver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut output = BufReader::new(process.stdout.take()?);
        let port = output
            .by_ref()
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_once("successfully on port ")?
                    .1
                    .trim_end_matches('.')
                    .parse()
                    .ok()
            });
        if port.is_none() {
            let _ = process.wait();
        }
        Some((process, output, port?))
    }

    /// Makes chromedriver close its browser and end.
    fn shut_down(&self) -> std::io::Result<()> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        connection.set_read_timeout(Some(Duration::from_secs(5)))?;
        connection
            .write_all(b"GET /shutdown HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        connection.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if self.shut_down().is_err() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// One browser with a profile of its own.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) client: Client,
    pub(crate) scripts: Scripts,
    _driver: Driver,
}

impl Browser {
    /// Opens a browser that finds every host of the outside world at `sink`.
    pub(crate) async fn open(programs: &Programs, scripts: Scripts, sink: u16) -> Self {
        let driver = Driver::start(programs);
        let resolver = format!(
            "--host-resolver-rules=MAP * 127.0.0.1:{sink}, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1"
        );
        let javascript = match scripts {
            Scripts::On => 1,
            Scripts::Off => 2,
        };
        let capabilities = json!({
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "binary": programs.chromium,
                "prefs": { "profile.managed_default_content_settings.javascript": javascript },
                "args": [
                    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--ignore-certificate-errors", "--disable-dev-shm-usage",
                    "--window-size=1320,1000",
                    format!("--user-data-dir={}", driver.profile.display()),
                    resolver,
                ],
            },
        });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().unwrap().clone())
            .connect(&format!("http://127.0.0.1:{}", driver.port))
            .await
            .expect("a browser opens");
        Self {
            client,
            scripts,
            _driver: driver,
        }
    }

    /// Goes to `url` and waits until nothing of the page is under way any more.
    pub(crate) async fn goto(&self, url: &str) {
        self.client.goto(url).await.unwrap();
        self.settle().await;
    }

    /// Waits until the page has loaded and its scripts had their turn.
    pub(crate) async fn settle(&self) {
        until("the page has loaded", async || {
            self.run("return document.readyState").await == "complete"
        })
        .await;
        if self.scripts == Scripts::On {
            // What the page asked for in its idle moments is sent before this request is.
            let fence = "const done = arguments[0];
                requestIdleCallback(() => fetch('/_consent/state').then(done, done), { timeout: 3000 })";
            until("the page is idle", async || {
                self.client.execute_async(fence, Vec::new()).await.is_ok()
            })
            .await;
        }
    }

    /// What a script answers. This also works where pages may not run any.
    pub(crate) async fn run(&self, script: &str) -> Value {
        match self.client.execute(script, Vec::new()).await {
            Ok(value) => value,
            // The page went away under the script.
            Err(_) => Value::Null,
        }
    }

    /// The texts that a script answers in an array.
    pub(crate) async fn texts(&self, script: &str) -> Vec<String> {
        serde_json::from_value(self.run(script).await).unwrap_or_default()
    }

    pub(crate) async fn has(&self, css: &str) -> bool {
        let script = format!("return document.querySelector({css:?}) !== null");
        self.run(&script).await == true
    }

    /// Whether the first such element can be seen.
    pub(crate) async fn shows(&self, css: &str) -> bool {
        let script = format!("return document.querySelector({css:?})?.checkVisibility() === true");
        self.run(&script).await == true
    }

    /// Clicks the first such element as soon as it is there.
    pub(crate) async fn click(&self, css: &str) {
        until(&format!("{css} can be seen"), async || {
            self.shows(css).await
        })
        .await;
        // Into the middle, clear of bars that stick to an edge.
        let script =
            format!("document.querySelector({css:?})?.scrollIntoView({{ block: 'center' }})");
        self.run(&script).await;
        let element = self.client.find(Locator::Css(css)).await.unwrap();
        element.click().await.unwrap();
    }

    /// Waits until the banner is not in the page any more; says how the page stands when that takes too long.
    pub(crate) async fn until_banner_has_gone(&self) {
        const STATE: &str = "const banner = document.querySelector('[data-tc-banner]');
            const { top, left } = banner?.getBoundingClientRect() || {};
            return { ready: document.readyState, at: location.href, hidden: banner?.hidden, top, left,
              lifted: banner?.matches(':popover-open'), keyboard: document.activeElement?.outerHTML.slice(0, 99) }";
        let deadline = Instant::now() + PATIENCE;
        while self.has("[data-tc-banner]").await {
            let late = Instant::now() > deadline;
            let told = match late {
                true => (self.run(STATE).await, self.console_errors().await),
                false => Default::default(),
            };
            assert!(!late, "the banner stays: {told:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.path().to_owned()
    }

    /// Every cookie that the browser holds, of whatever site, as `(domain, name)`.
    pub(crate) async fn cookies(&self) -> Vec<(String, String)> {
        let answer = self.devtools("Storage.getCookies", json!({})).await;
        let text = |cookie: &Value, key: &str| cookie[key].as_str().unwrap().to_owned();
        answer["cookies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|cookie| (text(cookie, "domain"), text(cookie, "name")))
            .collect()
    }

    /// What the console reported as an error since it was last asked.
    pub(crate) async fn console_errors(&self) -> Vec<String> {
        self.console(&["SEVERE"]).await
    }

    /// What the console reported as an error or a warning since it was last asked.
    pub(crate) async fn console_complaints(&self) -> Vec<String> {
        self.console(&["SEVERE", "WARNING"]).await
    }

    async fn console(&self, levels: &[&str]) -> Vec<String> {
        let log = self.command("se/log", json!({ "type": "browser" })).await;
        log.as_array()
            .unwrap()
            .iter()
            .filter(|entry| levels.iter().any(|level| entry["level"] == *level))
            .map(|entry| entry["message"].as_str().unwrap().to_owned())
            .collect()
    }

    /// A command of the DevTools protocol.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.command(
            "goog/cdp/execute",
            json!({ "cmd": command, "params": parameters }),
        )
        .await
    }

    async fn command(&self, path: &'static str, body: Value) -> Value {
        self.client
            .issue_cmd(Extension { path, body })
            .await
            .unwrap()
    }
}

/// A command that chromedriver adds to the standard's.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
