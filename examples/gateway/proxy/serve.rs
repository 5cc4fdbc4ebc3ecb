//! How do visitors' connections begin and end?

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tower::{Service, ServiceExt};

/// How long running answers may take once the gateway is to end.
const GRACE: Duration = Duration::from_secs(10);
/// How long a visitor may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(30);
/// How long to wait where no connection can be taken, such as for want of file handles.
const RESPITE: Duration = Duration::from_millis(100);

/// Who is asking.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visitor(pub(crate) SocketAddr);

/// Serves HTTP/1.1 and HTTP/2 until `stopped`, then lets running answers end.
pub(crate) async fn serve<S, B>(listener: TcpListener, site: S, stopped: impl Future<Output = ()>)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut server = auto::Builder::new(TokioExecutor::new());
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .http2()
        .timer(TokioTimer::new());
    let connections = GracefulShutdown::new();
    let mut stopped = pin!(stopped);
    loop {
        let (stream, visitor) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "cannot take a connection");
                    tokio::time::sleep(RESPITE).await;
                    continue;
                }
            },
            () = &mut stopped => break,
        };
        let site = site.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Visitor(visitor));
            site.clone().oneshot(request)
        });
        let connection = server.serve_connection_with_upgrades(prompt(stream), service);
        let connection = connections.watch(connection.into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke off");
            }
        });
    }
    drop(listener);
    tracing::info!("ending");
    if tokio::time::timeout(GRACE, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("broke off what did not end within {} s", GRACE.as_secs());
    }
}

/// Sends small pieces at once, so that a slow page arrives as it is written.
fn prompt(stream: TcpStream) -> TokioIo<TcpStream> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "pieces of pages may arrive late");
    }
    TokioIo::new(stream)
}
