//! How is a colour scheme put into markup?

use std::fmt;

use super::look::ColorScheme;

/// The attribute that forces a colour scheme, if one is forced.
pub(super) struct Scheme(pub(super) ColorScheme);

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            ColorScheme::Auto => "",
            ColorScheme::Light => " data-tc-scheme=\"light\"",
            ColorScheme::Dark => " data-tc-scheme=\"dark\"",
        })
    }
}
