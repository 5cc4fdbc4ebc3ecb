//! Which logs come with the crate?

#[cfg(any(feature = "json-lines", feature = "sqlite"))]
mod desk;
#[cfg(feature = "json-lines")]
mod json_lines;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod prepared;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod query;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "json-lines")]
pub use json_lines::JsonLinesLog;
#[cfg(feature = "postgres")]
pub use postgres::PostgresLog;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteLog;
