//! How does an axum handler ask for consent?
//!
//! [`Consent`] and [`Granted`] are extractors. A handler that takes
//! `Granted<Analytics>` is not called without a grant; one that takes
//! `Option<Granted<Analytics>>` is called either way.

use std::convert::Infallible;
use std::fmt;

use axum_core::body::Body;
use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use http::StatusCode;
use http::request::Parts;

use crate::banner::OwnBanner;
use crate::category::Category;
use crate::category::marker::Marker;
use crate::choice::Choice;
use crate::consent::{Consent, Granted};
use crate::require::MISSING_LAYER;

/// Why a handler was not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConsentRejection {
    /// No [`ConsentLayer`](crate::ConsentLayer) is around the route: 500 with a body that says how to add it.
    MissingLayer,
    /// The category is not granted: 403.
    NotGranted(Category),
}

impl fmt::Display for ConsentRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingLayer => f.write_str(MISSING_LAYER),
            Self::NotGranted(category) => {
                write!(f, "The visitor has not granted {category}.")
            }
        }
    }
}

impl std::error::Error for ConsentRejection {}

impl IntoResponse for ConsentRejection {
    fn into_response(self) -> Response {
        let status = match self {
            Self::MissingLayer => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotGranted(_) => StatusCode::FORBIDDEN,
        };
        let mut response = Response::new(Body::from(self.to_string()));
        *response.status_mut() = status;
        response
    }
}

impl<S: Sync> FromRequestParts<S> for Consent {
    type Rejection = ConsentRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ConsentRejection> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(ConsentRejection::MissingLayer)
    }
}

impl<S: Sync, C: Marker> FromRequestParts<S> for Granted<C> {
    type Rejection = ConsentRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ConsentRejection> {
        Consent::from_request_parts(parts, state)
            .await?
            .proof()
            .ok_or(ConsentRejection::NotGranted(C::CATEGORY))
    }
}

/// `None` where the category is not granted. A missing layer is still an error.
impl<S: Sync, C: Marker> OptionalFromRequestParts<S> for Granted<C> {
    type Rejection = ConsentRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Option<Self>, ConsentRejection> {
        let consent = <Consent as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        Ok(consent.proof())
    }
}

/// Records the choice with the response that it is part of.
impl IntoResponseParts for Choice {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        parts.extensions_mut().insert(self);
        Ok(parts)
    }
}

impl IntoResponseParts for OwnBanner {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        parts.extensions_mut().insert(self);
        Ok(parts)
    }
}
