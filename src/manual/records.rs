//! How is consent proved?
