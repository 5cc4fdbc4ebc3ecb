//! Drives a headless Firefox through its own remote protocol, Marionette, and
//! leaves nothing behind. A message is its length, a colon and JSON.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use crate::driver::{in_path, until};

/// The program; `None` where it is missing.
pub(super) fn program() -> Option<PathBuf> {
    ["firefox-esr", "firefox"].into_iter().find_map(in_path)
}

/// The running program with its profile, both of which go with it.
#[derive(Debug)]
struct Process {
    child: Child,
    profile: PathBuf,
}

impl Process {
    fn start(program: &Path, sink: u16) -> Self {
        static PROFILES: AtomicUsize = AtomicUsize::new(0);
        let number = PROFILES.fetch_add(1, Ordering::Relaxed);
        let profile = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("firefox-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&profile).unwrap();
        let preferences = [
            ("marionette.port", json!(0)),
            // Every host of the outside world is the sink.
            ("network.dns.forceResolve", json!("127.0.0.1")),
            (
                "network.socket.forcePort",
                json!(format!("443={sink};80={sink}")),
            ),
            ("app.normandy.enabled", json!(false)),
            ("datareporting.policy.dataSubmissionEnabled", json!(false)),
            ("dom.security.https_first", json!(false)),
            ("network.captive-portal-service.enabled", json!(false)),
            ("network.connectivity-service.enabled", json!(false)),
        ];
        let preferences: String = preferences
            .iter()
            .map(|(name, value)| format!("user_pref({name:?}, {value});\n"))
            .collect();
        std::fs::write(profile.join("user.js"), preferences).unwrap();
        let child = Command::new(program)
            .args(["--headless", "--no-remote", "--marionette", "--profile"])
            .arg(&profile)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Firefox starts");
        Self { child, profile }
    }

    fn port(&self) -> Option<u16> {
        let port = std::fs::read_to_string(self.profile.join("MarionetteActivePort")).ok()?;
        port.trim().parse().ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

#[derive(Debug)]
struct Connection {
    stream: BufReader<TcpStream>,
    number: u64,
}

impl Connection {
    async fn read(&mut self) -> Value {
        let mut length = Vec::new();
        self.stream.read_until(b':', &mut length).await.unwrap();
        length.pop();
        let length = String::from_utf8(length).unwrap().parse().unwrap();
        let mut message = vec![0; length];
        self.stream.read_exact(&mut message).await.unwrap();
        serde_json::from_slice(&message).unwrap()
    }

    /// The result, or what went wrong.
    async fn command(&mut self, name: &str, parameters: Value) -> Result<Value, String> {
        self.number += 1;
        let message = json!([0, self.number, name, parameters]).to_string();
        let message = format!("{}:{message}", message.len());
        self.stream.write_all(message.as_bytes()).await.unwrap();
        let answer = self.read().await;
        assert_eq!(answer[1], self.number, "{name}");
        match &answer[2] {
            Value::Null => Ok(answer[3].clone()),
            error => Err(error.to_string()),
        }
    }
}

/// One browser with a profile of its own.
#[derive(Debug)]
pub(super) struct Firefox {
    connection: Mutex<Connection>,
    _process: Process,
}

impl Firefox {
    /// Opens a browser that finds every host of the outside world at `sink`.
    pub(super) async fn open(program: &Path, sink: u16) -> Self {
        let process = Process::start(program, sink);
        let mut stream = None;
        until("Firefox listens", async || {
            if let Some(port) = process.port() {
                stream = TcpStream::connect(("127.0.0.1", port)).await.ok();
            }
            stream.is_some()
        })
        .await;
        let mut connection = Connection {
            stream: BufReader::new(stream.unwrap()),
            number: 0,
        };
        assert_eq!(connection.read().await["marionetteProtocol"], 3);
        let wishes = json!({ "acceptInsecureCerts": true });
        let session = connection.command("WebDriver:NewSession", wishes).await;
        assert_eq!(
            session.unwrap()["capabilities"]["acceptInsecureCerts"],
            true
        );
        Self {
            connection: Mutex::new(connection),
            _process: process,
        }
    }

    async fn command(&self, name: &str, parameters: Value) -> Result<Value, String> {
        self.connection.lock().await.command(name, parameters).await
    }

    /// Goes to `url` and waits until it has loaded.
    pub(super) async fn goto(&self, url: &str) {
        self.command("WebDriver:Navigate", json!({ "url": url }))
            .await
            .unwrap();
        self.settle().await;
    }

    pub(super) async fn back(&self) {
        self.command("WebDriver:Back", json!({})).await.unwrap();
        self.settle().await;
    }

    /// Waits until the page has loaded and its scripts had their turn.
    pub(super) async fn settle(&self) {
        let idle = "const [done] = arguments;
            const wait = () => document.readyState === 'complete'
              ? requestIdleCallback(() => done(true), { timeout: 3000 }) : setTimeout(wait, 10);
            wait()";
        until("the page is idle", async || {
            let script = json!({ "script": idle, "args": [] });
            self.command("WebDriver:ExecuteAsyncScript", script)
                .await
                .is_ok()
        })
        .await;
    }

    /// What a script answers; nothing where the page went away under it.
    pub(super) async fn run(&self, script: &str) -> Value {
        let script = json!({ "script": script, "args": [], "sandbox": null });
        let answer = self.command("WebDriver:ExecuteScript", script).await;
        answer.map_or(Value::Null, |answer| answer["value"].clone())
    }

    pub(super) async fn has(&self, css: &str) -> bool {
        let script = format!("return document.querySelector({css:?}) !== null");
        self.run(&script).await == true
    }

    /// Clicks the first such element as soon as it can be seen.
    pub(super) async fn click(&self, css: &str) {
        until(&format!("{css} can be clicked"), async || {
            let find = json!({ "using": "css selector", "value": css });
            let Ok(found) = self.command("WebDriver:FindElement", find).await else {
                return false;
            };
            let Some(id) = found["value"]
                .as_object()
                .and_then(|one| one.values().next())
            else {
                return false;
            };
            self.command("WebDriver:ElementClick", json!({ "id": id }))
                .await
                .is_ok()
        })
        .await;
    }
}
