//! How is a single route made to need consent, on any tower stack?

use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use http::{HeaderValue, Request, Response, StatusCode};
use tower_layer::Layer;
use tower_service::Service;

use crate::body::ConsentBody;
use crate::category::Category;
use crate::consent::Consent;
use crate::future::ResponseFuture;

/// Refuses requests whose category is not granted, before the wrapped service sees them.
///
/// It needs a [`ConsentLayer`](crate::ConsentLayer) around it. Without one every
/// request is answered 500 with a body that says so, since nothing can be granted.
///
/// ```
/// use axum::{Router, routing::get};
/// use http::StatusCode;
/// use tower_consent::{Category, RequireConsent};
///
/// let pixel = RequireConsent::new(Category::Marketing).with_status(StatusCode::NO_CONTENT);
/// let app: Router = Router::new().route("/pixel", get(|| async { "..." }).route_layer(pixel));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RequireConsent {
    category: Category,
    status: StatusCode,
}

impl RequireConsent {
    /// Requires `category`.
    #[must_use]
    pub const fn new(category: Category) -> Self {
        Self {
            category,
            status: StatusCode::FORBIDDEN,
        }
    }

    /// The status of a refusal. Default: 403 Forbidden.
    #[must_use]
    pub const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

impl<S> Layer<S> for RequireConsent {
    type Service = RequireConsentService<S>;

    fn layer(&self, inner: S) -> RequireConsentService<S> {
        RequireConsentService {
            inner,
            require: *self,
        }
    }
}

/// The service that [`RequireConsent`] makes.
#[derive(Clone, Copy, Debug)]
pub struct RequireConsentService<S> {
    inner: S,
    require: RequireConsent,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for RequireConsentService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = Response<ConsentBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let RequireConsent { category, status } = self.require;
        match request.extensions().get::<Consent>() {
            Some(consent) if consent.allows(category) => {
                ResponseFuture::bypassed(self.inner.call(request))
            }
            Some(_) => ResponseFuture::answered(refusal(status, "")),
            None => {
                ResponseFuture::answered(refusal(StatusCode::INTERNAL_SERVER_ERROR, MISSING_LAYER))
            }
        }
    }
}

/// What a developer reads who forgot the layer.
pub(crate) const MISSING_LAYER: &str = "No ConsentLayer is around this route, so nothing can be granted. Add .layer(ConsentLayer::new(policy, keys)) to the app, outside of this route.";

fn refusal(status: StatusCode, message: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(message.as_bytes()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(VARY, HeaderValue::from_static("Cookie, Sec-GPC"));
    if !message.is_empty() {
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
    }
    response
}
