//! How is consent proved?
//!
//! With [`with_records`](crate::ConsentLayer::with_records) every choice leaves
//! a row in a log before it grants anything. See [`record`](crate::record).
