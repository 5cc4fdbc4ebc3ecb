//! A managed database is reached over TLS alone, and under its own name alone.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, InvalidDnsNameError, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tower_consent::record::{ConsentLog, LogError, PostgresLog, verify};

use crate::place::Postgres;
use crate::rows::{Click, keys, receipt, rows};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_a_certificate_is_reached_over_tls_and_no_other_is() {
    let Some(place) = Postgres::fresh().await else {
        return;
    };
    let (own, other) = (Authority::new(), Authority::new());
    own.install("127.0.0.1", &place).await;
    let url = format!("{}&sslmode=require&application_name=encrypted", place.url());
    let open = async |authority: &Authority| {
        let tls = Tls(Arc::new(authority.trusted()));
        PostgresLog::connect_with(&url, tls, &keys()).await
    };

    let log = open(&own).await.unwrap();
    let click = Click::by(1);
    log.append(click.batch()).await.unwrap();
    let stored = log.by_receipt(receipt(1)).await.unwrap();
    assert_eq!(rows(&stored), [click.row()]);
    assert!(verify(&log, &keys(), |_| ()).await.unwrap().is_clean());
    let (plain, encrypted) = connections(&place).await;
    assert!(plain == 0 && encrypted > 0, "{plain} {encrypted}");

    let refused = said(open(&other).await);
    assert!(refused.contains("certificate"), "{refused}");
    // Whoever asks for TLS and brings none is not let through in the clear.
    let refused = said(PostgresLog::connect(&url, &keys()).await);
    assert!(refused.contains("TLS"), "{refused}");
    // The same authority for another host.
    own.install("db.example", &place).await;
    let refused = said(open(&own).await);
    assert!(refused.contains("certificate"), "{refused}");
}

fn said(outcome: Result<PostgresLog, LogError>) -> String {
    outcome.unwrap_err().to_string()
}

/// How many of the log's own connections are plain, and how many encrypted.
async fn connections(place: &Postgres) -> (i64, i64) {
    let line = place
        .one(
            "SELECT count(*) FILTER (WHERE NOT ssl), count(*) FILTER (WHERE ssl)
             FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
             WHERE application_name = 'encrypted'",
        )
        .await;
    (line.get(0), line.get(1))
}

/// Who signs the server's certificate, for as long as the test runs.
struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self {
            certificate: params.self_signed(&key).unwrap().der().clone(),
            issuer: Issuer::new(params, key),
        }
    }

    /// Trusts certificates of this authority and no others.
    fn trusted(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth()
    }

    /// Has the server present a certificate for `host`.
    async fn install(&self, host: &str, place: &Postgres) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        for (name, pem) in [
            ("tls.key", key.serialize_pem()),
            ("tls.crt", certificate.pem()),
        ] {
            // Written by the server itself, which trusts no key that others can read.
            let lines = pem.trim_end().replace('\n', "','");
            place
                .run(&format!(
                    "COPY (SELECT unnest(ARRAY['{lines}'])) TO PROGRAM 'umask 077 && cat > {name}'"
                ))
                .await;
        }
        for setting in [
            "ssl_key_file = 'tls.key'",
            "ssl_cert_file = 'tls.crt'",
            "ssl = on",
        ] {
            place.run(&format!("ALTER SYSTEM SET {setting}")).await;
        }
        let loaded = "SELECT pg_conf_load_time()::text, current_setting('ssl')";
        let before: String = place.one(loaded).await.get(0);
        place.run("SELECT pg_reload_conf()").await;
        // Every new connection asks the server as it is by then.
        for _ in 0..5000 {
            let line = place.one(loaded).await;
            let (after, ssl): (String, String) = (line.get(0), line.get(1));
            if after != before && ssl == "on" {
                return;
            }
        }
        panic!("the server does not read its settings again");
    }
}

/// TLS by rustls, as the crates that bring it for `tokio-postgres` do it.
#[derive(Clone)]
struct Tls(Arc<ClientConfig>);

struct Connecting {
    connector: TlsConnector,
    host: ServerName<'static>,
}

struct Encrypted(client::TlsStream<Socket>);

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Encrypted;
    type TlsConnect = Connecting;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Connecting, InvalidDnsNameError> {
        Ok(Connecting {
            connector: TlsConnector::from(self.0.clone()),
            host: ServerName::try_from(domain)?.to_owned(),
        })
    }
}

impl TlsConnect<Socket> for Connecting {
    type Stream = Encrypted;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Encrypted, Self::Error>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let stream = self.connector.connect(self.host, socket).await?;
            Ok(Encrypted(stream))
        })
    }
}

impl TlsStream for Encrypted {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
