//! What does the layer cost a server that sends whole pages over HTTP?

use std::hint::black_box;

use axum::Router;
use axum::response::Html;
use axum::routing::{MethodRouter, get};
use bytes::Bytes;
use cpu_time::ThreadTime;
use http::Request;
use http::header::{ACCEPT, COOKIE, HOST};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tower_consent::Choice;

use crate::measure::Times;
use crate::site::{chosen, layer, page, rendered, with_others};

/// A server on a thread of its own, and a connection to it.
struct Served {
    sender: SendRequest<Empty<Bytes>>,
}

impl Served {
    /// Serves `router` on the loopback address; `/cpu` tells the thread's CPU time in nanoseconds.
    async fn start(router: Router) -> Self {
        let (port, asked) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            thread_local! {
                static START: ThreadTime = ThreadTime::now();
            }
            START.with(|_| ());
            let cpu = get(async || START.with(ThreadTime::elapsed).as_nanos().to_string());
            let router = Router::new().route("/cpu", cpu).merge(router);
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                port.send(listener.local_addr().unwrap()).unwrap();
                axum::serve(listener, router).await.unwrap();
            });
        });
        let stream = TcpStream::connect(asked.recv().unwrap()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        Self { sender }
    }

    async fn get(&mut self, path: &str, cookies: &str) -> Bytes {
        let request = Request::get(path)
            .header(HOST, "shop.example")
            .header(ACCEPT, "text/html")
            .header(COOKIE, cookies)
            .body(Empty::new())
            .unwrap();
        self.sender.ready().await.unwrap();
        let response = self.sender.send_request(request).await.unwrap();
        response.into_body().collect().await.unwrap().to_bytes()
    }

    /// The server's CPU time for the page at `path`, in nanoseconds, over `count` of them.
    async fn time(&mut self, path: &str, cookies: &str, count: u32) -> f64 {
        let cpu = |text: Bytes| String::from_utf8_lossy(&text).parse::<f64>().unwrap();
        let before = cpu(self.get("/cpu", "").await);
        for _ in 0..count {
            black_box(self.get(path, cookies).await);
        }
        (cpu(self.get("/cpu", "").await) - before) / f64::from(count)
    }
}

/// How often the two take turns on a connection, and for how many pages each time.
const TURNS: usize = 4;
const PAGES: u32 = 25;

/// The app with the layer against the app without it.
///
/// A connection is a fast or a slow one for as long as it lasts. So each round
/// has a fresh server and one connection to it, on which both take turns. The
/// first turn of each does not count: a server that just started answers from
/// cold caches.
pub(crate) fn served(rounds: usize) {
    println!("\nThe same page over HTTP/1.1 on the loopback address: the server's CPU time");
    let layer = layer();
    let granted = with_others(&chosen(&layer, &Choice::accept_all()));
    let stored = page();
    let both = |page: MethodRouter| {
        let gated = Router::new()
            .route("/gated", page.clone())
            .layer(layer.clone());
        Router::new().route("/plain", page).merge(gated)
    };
    let apps: [(&str, Router); 2] = [
        (
            "written for each request",
            both(get(async || Html(rendered()))),
        ),
        (
            "kept in memory and copied to the socket, no more",
            both(get(move || std::future::ready(Html(stored.clone())))),
        ),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .unwrap();
    for (name, router) in apps {
        let times = runtime.block_on(async {
            let mut times = Vec::new();
            for round in 0..rounds.min(101) {
                let mut server = Served::start(router.clone()).await;
                let mut pair = vec![0.0; 2];
                for turn in 0..=TURNS {
                    for which in [round % 2, (round + 1) % 2] {
                        let path = ["/plain", "/gated"][which];
                        let time = server.time(path, &granted, PAGES).await;
                        if turn > 0 {
                            pair[which] += time / TURNS as f64;
                        }
                    }
                }
                times.push(pair);
            }
            Times { rounds: times }
        });
        times.row(name, times.median(|round| round[0]), 1.0, None);
        times.row(
            "with the layer, everything granted",
            times.median(|round| round[1]),
            times.median(|round| round[1] / round[0]),
            Some(1.15),
        );
    }
}
