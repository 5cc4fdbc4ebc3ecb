//! The shop with its records in a real store, and visitors that click.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::header::{COOKIE, SET_COOKIE};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tower::{ServiceExt, service_fn};
use tower_consent::record::{ConsentLog, ReceiptId, Recording};
use tower_consent::{Category, Consent, ConsentLayer, Policy};
use tower_layer::Layer;

use crate::common::records::recorded_shop;
use crate::common::{FIRST_KEY, get, keyring, page, post_form};

#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) layer: ConsentLayer,
}

/// What a visitor got.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    cookies: String,
}

impl Shop {
    pub(crate) fn new(log: impl ConsentLog) -> Self {
        let recording = Recording::new(log)
            .with_max_in_flight(20_000)
            .with_max_waiting(200_000)
            .with_timeout(Duration::from_secs(60));
        let policy: Policy = recorded_shop().build().unwrap();
        let layer = ConsentLayer::new(policy, keyring(FIRST_KEY));
        Self {
            layer: layer.with_records(recording).unwrap(),
        }
    }

    /// The response, and what the app was told about the request.
    async fn send(
        &self,
        mut request: Request<Full<Bytes>>,
        cookies: &str,
    ) -> (Answer, Option<Consent>) {
        if !cookies.is_empty() {
            let cookies = cookies.parse().unwrap();
            request.headers_mut().insert(COOKIE, cookies);
        }
        let (told, mut consent) = tokio::sync::mpsc::unbounded_channel();
        let app = service_fn(move |request: Request<Full<Bytes>>| {
            told.send(request.extensions().get::<Consent>().cloned())
                .unwrap();
            async { Ok::<_, Infallible>(page("<!doctype html><h1>Shop</h1>")) }
        });
        let response: Response<_> = self.layer.layer(app).oneshot(request).await.unwrap();
        let stored: Vec<&str> = response
            .headers()
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|line| line.to_str().unwrap().split(';').next())
            .filter(|pair| !pair.ends_with('='))
            .collect();
        let answer = Answer {
            status: response.status(),
            cookies: stored.join("; "),
        };
        (answer, consent.recv().await.flatten())
    }

    /// Sends the banner's form.
    pub(crate) async fn choose(&self, choice: &str, before: &str) -> Answer {
        let form = format!("choice={choice}");
        self.send(post_form(&form), before).await.0
    }

    /// Opens a page, and says what the app may do and in whose record it stands.
    pub(crate) async fn open(&self, answer: &Answer) -> (bool, Option<ReceiptId>) {
        let (page, consent) = self.send(get("/"), &answer.cookies).await;
        assert_eq!(page.status, StatusCode::OK);
        let consent = consent.unwrap();
        (consent.allows(Category::Marketing), consent.receipt())
    }
}

impl Answer {
    pub(crate) fn cookies(&self) -> &str {
        &self.cookies
    }
}
