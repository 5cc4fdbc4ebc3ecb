//! Proves that every store keeps what it is given, gives it back, loses it only
//! when told to, and lets nothing be changed unnoticed: the same suite against
//! SQLite, a real PostgreSQL and a file of JSON lines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "what fails here fails the test"
)]

mod archive;
mod command;
mod concurrent;
mod encrypted;
mod kept;
mod moving;
mod opening;
mod place;
mod removed;
mod rows;
mod tampering;

/// The same test for each store, by its name.
#[macro_export]
macro_rules! on_every_store {
    ($($(#[$note:meta])* $name:ident,)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$note])*
            async fn $name() {
                super::$name($crate::place::Sqlite::fresh()).await;
            })*
        }
        mod json_lines {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$note])*
            async fn $name() {
                super::$name($crate::place::JsonLines::fresh()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$note])*
            async fn $name() {
                if let Some(place) = $crate::place::Postgres::fresh().await {
                    super::$name(place).await;
                }
            })*
        }
    };
}
