//! Proves what filter lists cost: to load, to keep, and for each page.
//!
//! No real list may stand in this repository, so the lists are generated, the
//! same in every run, with the shares that real ones have: hosts, hosts with
//! options, paths, generic patterns and exceptions. Time is the thread's CPU
//! time; memory is the process's resident set, where Linux tells it.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench prints, and panics where its set-up is wrong"
)]

use std::convert::Infallible;
use std::fmt::Write;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use cpu_time::ThreadTime;
use http::header::{CONTENT_TYPE, HOST};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tower::{Layer, ServiceExt, service_fn};
use tower_consent::{ConsentLayer, FilterLists, Keyring, Policy, SigningKey, catalog};

const ANALYTICS_RULES: usize = 50_000;
const MARKETING_RULES: usize = 30_000;
/// Addresses on one page, by far more than most pages have.
const ADDRESSES: usize = 100;

fn main() {
    // `cargo test --benches` only wants to know that everything runs.
    let is_bench = std::env::args().any(|arg| arg == "--bench");
    let (share, rounds) = if is_bench { (1, 101) } else { (100, 2) };
    let texts = [
        list(ANALYTICS_RULES / share, 1),
        list(MARKETING_RULES / share, 2),
    ];
    let size = texts.iter().map(String::len).sum::<usize>();

    let before = resident();
    let start = ThreadTime::now();
    let lists = build(&texts);
    let load = start.elapsed();
    let kept = resident().saturating_sub(before);
    println!("{} rules in {} KiB of text", lists.rules(), size / 1024);
    println!("loading: {} ms, {kept} KiB kept", load.as_millis());

    let plain = layer();
    let listed = layer().with_filter_lists(&lists);
    let page = page(ADDRESSES);
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..rounds {
        let [without, warm, cold] = &mut times;
        without.push(time(|| serve(&plain, &page)));
        // The same lists with nothing looked up yet.
        lists.replace(&build_if(&texts, is_bench, &lists));
        cold.push(time(|| serve(&listed, &page)));
        warm.push(time(|| serve(&listed, &page)));
    }
    let [without, warm, cold] = times.map(median);
    let bytes = page.len() / 1024;
    println!("a page of {bytes} KiB with {ADDRESSES} addresses:");
    println!("  without lists      {:>7} us  1.00", without.as_micros());
    for (name, time) in [("addresses known   ", warm), ("addresses not known", cold)] {
        let ratio = time.as_secs_f64() / without.as_secs_f64();
        println!("  {name:<18} {:>7} us  {ratio:.2}", time.as_micros());
    }
}

fn build(texts: &[String; 2]) -> FilterLists {
    let [analytics, marketing] = texts;
    let builder = FilterLists::builder().analytics(analytics);
    builder.marketing(marketing).build().unwrap()
}

/// Fresh lists, which know no verdict yet. A mere trial run keeps those that it has.
fn build_if(texts: &[String; 2], fresh: bool, old: &FilterLists) -> FilterLists {
    if fresh { build(texts) } else { old.clone() }
}

/// A list with rules of the kinds that real ones have.
fn list(rules: usize, seed: u64) -> String {
    let mut random = Random(seed);
    let mut text = "[Adblock Plus 2.0]\n! Title: generated\n".to_owned();
    for _ in 0..rules {
        let (host, path) = (random.host(), random.word());
        let _ = match random.below(100) {
            0..40 => writeln!(text, "||{host}^"),
            40..60 => writeln!(text, "||{host}^$third-party"),
            60..80 => writeln!(text, "||{host}/{path}"),
            80..90 => writeln!(text, "/{path}/{}.js", random.word()),
            90..94 => writeln!(text, "-{path}-{}.", random.word()),
            94..97 => writeln!(text, "/{path}.$image,domain={host}"),
            _ => writeln!(text, "@@||{host}/{path}^$domain={}", random.host()),
        };
    }
    text
}

/// A page with text around addresses of other sites and of its own, few of which a list names.
fn page(addresses: usize) -> String {
    let mut random = Random(3);
    let mut page = "<!doctype html><html><head><title>Shop</title></head><body>".to_owned();
    for number in 0..addresses {
        let (host, path) = (random.host(), random.word());
        let _ = match number % 5 {
            0 => write!(
                page,
                "<script src=\"https://{host}/{path}.js?v={number}\"></script>"
            ),
            1 => write!(page, "<img src=\"https://{host}/{path}/{number}.png\">"),
            2 => write!(
                page,
                "<iframe src=\"https://{host}/embed/{path}\"></iframe>"
            ),
            _ => write!(page, "<img src=\"/media/{path}/{number}.jpg\">"),
        };
        for _ in 0..20 {
            let _ = write!(
                page,
                "<p class=\"a\">{} {}</p>",
                random.word(),
                random.word()
            );
        }
    }
    page += "</body></html>";
    page
}

/// A generator of its own, so that every run measures the same lists (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn word(&mut self) -> String {
        let length = 4 + self.below(7);
        let letter = |random: &mut Self| u8::try_from(random.below(26)).unwrap() + b'a';
        (0..length).map(|_| char::from(letter(self))).collect()
    }

    fn host(&mut self) -> String {
        format!(
            "{}.{}",
            self.word(),
            ["com", "net", "io", "co.uk"]
                .get(self.below(4) as usize)
                .unwrap()
        )
    }
}

fn layer() -> ConsentLayer {
    let policy = Policy::builder("1")
        .vendors(catalog::defaults())
        .build()
        .unwrap();
    let key = SigningKey::from_bytes(b"0123456789abcdef0123456789abcdef").unwrap();
    ConsentLayer::new(policy, Keyring::new(key))
}

fn serve(layer: &ConsentLayer, page: &str) -> Bytes {
    let body = Full::new(Bytes::copy_from_slice(page.as_bytes()));
    let service = layer.layer(service_fn(move |_: Request<Full<Bytes>>| {
        let response = Response::builder().header(CONTENT_TYPE, "text/html; charset=utf-8");
        std::future::ready(Ok::<_, Infallible>(response.body(body.clone()).unwrap()))
    }));
    let request = Request::builder().uri("/").header(HOST, "www.shop.example");
    let request = request.body(Full::default()).unwrap();
    ready(async {
        let response = service.oneshot(request).await.unwrap();
        response.into_body().collect().await.unwrap().to_bytes()
    })
}

/// Polls until the future is done; nothing here waits.
fn ready<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            return output;
        }
    }
}

fn time<T>(run: impl FnOnce() -> T) -> Duration {
    let start = ThreadTime::now();
    black_box(run());
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// What the process holds in memory, in KiB; 0 where that cannot be told.
fn resident() -> usize {
    std::fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|line| {
            line.strip_prefix("VmRSS:")?
                .trim()
                .strip_suffix(" kB")?
                .parse()
                .ok()
        })
        .unwrap_or(0)
}
