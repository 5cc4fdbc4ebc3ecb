//! Plays every host of the outside world, and records who was contacted.

use std::borrow::Cow;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// The first byte of a TLS handshake (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 0x16;

/// A server on one port that speaks http and https.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) port: u16,
    record: Record,
    _server: JoinSet<()>,
}

type Record = Arc<Mutex<Vec<String>>>;

impl Sink {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let record = Record::default();
        let tls = acceptor();
        let mut server = JoinSet::new();
        let notes = record.clone();
        server.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((connection, _)) = listener.accept().await {
                connections.spawn(serve(connection, tls.clone(), notes.clone()));
            }
        });
        Self {
            port,
            record,
            _server: server,
        }
    }

    /// What contacted these hosts or those below them: `host` for a
    /// connection, `host/path` for a request.
    pub(crate) fn contacts(&self, hosts: &[&str]) -> Vec<String> {
        let record = self.record.lock().unwrap();
        record
            .iter()
            .filter(|entry| {
                let host = entry.split('/').next().unwrap();
                hosts
                    .iter()
                    .any(|known| host == *known || host.ends_with(&format!(".{known}")))
            })
            .cloned()
            .collect()
    }
}

fn acceptor() -> TlsAcceptor {
    let key = rcgen::generate_simple_self_signed(["sink.test".to_owned()]).unwrap();
    let private = PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(connection: TcpStream, tls: TlsAcceptor, record: Record) {
    let mut first = [0];
    let Ok(1) = connection.peek(&mut first).await else {
        return;
    };
    if first != [HANDSHAKE] {
        let _ = answer(connection, &record).await;
    } else if let Ok(connection) = tls.accept(connection).await {
        let host = connection
            .get_ref()
            .1
            .server_name()
            .unwrap_or("unnamed")
            .to_owned();
        record.lock().unwrap().push(host);
        let _ = answer(connection, &record).await;
    }
}

/// Answers one request and closes.
async fn answer(
    mut connection: impl AsyncRead + AsyncWrite + Unpin,
    record: &Record,
) -> std::io::Result<()> {
    let mut request = Vec::new();
    let head = loop {
        if connection.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
        if let Some(end) = request.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break String::from_utf8_lossy(&request[..end]).into_owned();
        }
    };
    let field = |name: &str| {
        head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    };
    let length = field("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    while request.len() < head.len() + 4 + length {
        if connection.read_buf(&mut request).await? == 0 {
            break;
        }
    }
    let path = head.split(' ').nth(1).unwrap_or("/");
    record
        .lock()
        .unwrap()
        .push(field("host").unwrap_or_default() + path);
    if let Some(other) = path.split_once("?after=").map(|(_, other)| other) {
        // A slow script is one that comes after another that was asked for later.
        while !record
            .lock()
            .unwrap()
            .iter()
            .any(|entry| entry.ends_with(other))
        {
            tokio::task::yield_now().await;
        }
    }
    let (kind, body) = body(path.split('?').next().unwrap_or_default());
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-store\r\nAccess-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).await?;
    connection.write_all(body.as_bytes()).await?;
    connection.shutdown().await
}

/// What the real scripts do, in short.
fn body(path: &str) -> (&'static str, Cow<'static, str>) {
    // One that says its name where the page keeps a list.
    if let Some(name) = path
        .strip_prefix("/say/")
        .and_then(|name| name.strip_suffix(".js"))
    {
        let script = format!("(window.said ||= []).push('{name}');");
        return ("text/javascript", script.into());
    }
    let (kind, body) = match path {
        "/gtag/js" => (
            "text/javascript",
            "document.cookie = '_ga=GA1.1.1.1; path=/; max-age=34000000';
             document.cookie = '_ga_TEST000001=GS2.1.1; path=/; max-age=34000000';
             navigator.sendBeacon('https://www.google-analytics.com/g/collect?v=2&en=page_view');",
        ),
        "/en_US/fbevents.js" => (
            "text/javascript",
            "document.cookie = '_fbp=fb.1.1.1; path=/; max-age=7776000';
             for (const call of window.fbq.queue) {
               if (call[0] === 'track') new Image().src = 'https://www.facebook.com/tr?id=000000000000000&ev=' + call[1];
             }",
        ),
        path if path.ends_with(".js") => ("text/javascript", ""),
        path if path.ends_with(".html") => ("text/html", "<!doctype html><title>Frame</title>"),
        path if path.ends_with(".css") => ("text/css", "html { --sink: 1 }"),
        path if path.ends_with(".json") => ("application/json", "{}"),
        _ => ("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>"),
    };
    (kind, body.into())
}
