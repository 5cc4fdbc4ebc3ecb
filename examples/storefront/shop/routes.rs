//! How does the shop answer?
//!
//! Ordinary handlers. Two of them do what needs consent: a product page sets
//! cookies of the statistics and advertising services from the server, and
//! [`collect`] takes events. The first is written without a thought of
//! consent; the second cannot be called without it.

use std::sync::{Arc, PoisonError};

use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, SET_COOKIE};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use tower_consent::{Granted, marker};

use super::visit::Visit;
use super::{Shop, goods, pages};

pub(crate) fn router() -> Router<Arc<Shop>> {
    Router::new()
        .route("/", get(|visit: Visit| async move { pages::home(&visit) }))
        .route("/product/{id}", get(product))
        .route(
            "/cart",
            get(|visit: Visit| async move { pages::cart(&visit) }).post(add),
        )
        .route("/cart/clear", post(clear))
        .route(
            "/login",
            get(|visit: Visit| async move { pages::login(&visit) }).post(sign_in),
        )
        .route("/logout", post(sign_out))
        .route("/account", get(account))
        .route(
            "/privacy",
            get(|visit: Visit| async move { pages::privacy(&visit) }),
        )
        .route("/language", get(language))
        .route("/collect", post(collect))
        .route("/cookies", get(cookies))
        .route(
            "/assets/shop.css",
            get(|| asset("text/css", include_str!("assets/shop.css"))),
        )
        .route(
            "/assets/shop.js",
            get(|| asset("text/javascript", include_str!("assets/shop.js"))),
        )
        .fallback(async |visit: Visit| (StatusCode::NOT_FOUND, pages::nothing(&visit)))
}

/// A product page. It remembers what was looked at in cookies of the
/// statistics and the advertising service, which need consent: without it the
/// layer suppresses both lines.
async fn product(visit: Visit, Path(id): Path<u32>) -> Response {
    let Some(good) = goods::find(id) else {
        return (StatusCode::NOT_FOUND, pages::nothing(&visit)).into_response();
    };
    let seen = AppendHeaders([
        (
            SET_COOKIE,
            format!("_stats_seen={id}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"),
        ),
        (
            SET_COOKIE,
            format!("_ads_seen={id}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"),
        ),
    ]);
    (seen, pages::product(&visit, good)).into_response()
}

/// Events for the shop's own statistics.
///
/// The proof in the arguments is why this cannot run without consent. It never
/// needs to answer 403 either: the policy declares the path, so that the layer
/// refuses such requests before they come here.
async fn collect(
    _: Granted<marker::Analytics>,
    State(shop): State<Arc<Shop>>,
    event: String,
) -> StatusCode {
    shop.collected.note(event);
    StatusCode::ACCEPTED
}

#[derive(Deserialize)]
struct Add {
    id: u32,
}

async fn add(visit: Visit, Form(Add { id }): Form<Add>) -> impl IntoResponse {
    let mut ids: Vec<String> = visit
        .cart()
        .iter()
        .map(|good| good.id.to_string())
        .collect();
    ids.extend(goods::find(id).map(|good| good.id.to_string()));
    set(
        "cart",
        &ids.join("."),
        "Path=/; HttpOnly; SameSite=Lax",
        "/cart",
    )
}

async fn clear() -> impl IntoResponse {
    set("cart", "", "Path=/; Max-Age=0", "/cart")
}

#[derive(Deserialize)]
struct SignIn {
    name: String,
}

async fn sign_in(State(shop): State<Arc<Shop>>, Form(SignIn { name }): Form<SignIn>) -> Response {
    let name = name.trim();
    if name.is_empty() || name.len() > 40 {
        return Redirect::to("/login").into_response();
    }
    // A real shop asks for a password, and takes a session id that nobody can guess.
    let mut sessions = shop.sessions.lock().unwrap_or_else(PoisonError::into_inner);
    let session = format!("s{}", sessions.len() + 1);
    sessions.insert(session.clone(), name.to_owned());
    set(
        "session",
        &session,
        "Path=/; HttpOnly; SameSite=Lax",
        "/account",
    )
    .into_response()
}

async fn sign_out(visit: Visit) -> impl IntoResponse {
    let mut sessions = visit
        .shop
        .sessions
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    sessions.remove(visit.cookie("session").unwrap_or_default());
    drop(sessions);
    set("session", "", "Path=/; Max-Age=0", "/")
}

async fn account(visit: Visit) -> Response {
    match visit.user() {
        Some(name) => pages::account(&visit, &name).into_response(),
        None => Redirect::to("/login").into_response(),
    }
}

#[derive(Deserialize)]
struct Language {
    to: String,
}

async fn language(Query(Language { to }): Query<Language>) -> impl IntoResponse {
    let lang = if to == "de" { "de" } else { "en" };
    set("lang", lang, "Path=/; Max-Age=31536000; SameSite=Lax", "/")
}

/// The names of the cookies that reached the shop's code.
async fn cookies(visit: Visit) -> impl IntoResponse {
    let names: Vec<String> = visit
        .cookie_names()
        .into_iter()
        .map(str::to_owned)
        .collect();
    ([(CACHE_CONTROL, "private, no-store")], Json(names))
}

async fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "max-age=600")], text)
}

fn set(name: &str, value: &str, attributes: &str, next: &str) -> impl IntoResponse + use<> {
    let line = format!("{name}={value}; {attributes}");
    (AppendHeaders([(SET_COOKIE, line)]), Redirect::to(next))
}
