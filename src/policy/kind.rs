//! What kind of request does an address stand for?
//!
//! Filter lists have rules for single kinds, and strict third parties deny
//! only what can act. The names are those of the Fetch standard's
//! destinations, and those that browsers give to extensions.

/// What a browser would make of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum RequestKind {
    /// The page itself goes there.
    Document,
    Script,
    Frame,
    Object,
    Style,
    Font,
    Image,
    Media,
    /// `fetch`, `XMLHttpRequest`, sockets and event streams.
    Fetch,
    /// Beacons, `ping` and reports, whose answers nobody reads.
    Ping,
    /// Hints, manifests, and what cannot be told.
    Other,
}

impl RequestKind {
    /// The kind with this name; an unknown one is [`Other`](Self::Other).
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "document" | "main_frame" => Self::Document,
            "script" | "worker" | "sharedworker" | "serviceworker" | "audioworklet"
            | "paintworklet" | "json" | "xslt" => Self::Script,
            "iframe" | "frame" | "sub_frame" | "subdocument" => Self::Frame,
            "embed" | "object" => Self::Object,
            "style" | "stylesheet" => Self::Style,
            "font" => Self::Font,
            "image" => Self::Image,
            "audio" | "video" | "track" | "media" => Self::Media,
            "fetch" | "xhr" | "xmlhttprequest" | "websocket" | "eventsource" => Self::Fetch,
            "ping" | "beacon" | "report" => Self::Ping,
            _ => Self::Other,
        }
    }

    /// What a link with these relations and this `as` fetches.
    pub(crate) fn of_link(relations: &str, destination: &str) -> Self {
        let has = |wanted: &str| {
            relations
                .split_ascii_whitespace()
                .any(|relation| relation.eq_ignore_ascii_case(wanted))
        };
        if has("modulepreload") {
            Self::Script
        } else if has("stylesheet") {
            Self::Style
        } else if has("preload") || has("prefetch") {
            match Self::named(&destination.trim().to_ascii_lowercase()) {
                // As a link's destination it is the content of a frame.
                Self::Document => Self::Frame,
                kind => kind,
            }
        } else if has("prerender") {
            Self::Frame
        } else if relations.to_ascii_lowercase().contains("icon") {
            Self::Image
        } else {
            Self::Other
        }
    }

    /// Its name in the rules of filter lists.
    #[cfg(feature = "filter-lists")]
    pub(super) const fn in_lists(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Script => "script",
            Self::Frame => "sub_frame",
            Self::Object => "object",
            Self::Style => "stylesheet",
            Self::Font => "font",
            Self::Image => "image",
            Self::Media => "media",
            Self::Fetch => "xhr",
            Self::Ping => "ping",
            Self::Other => "other",
        }
    }

    /// Whether it runs something, shows a page or talks to its host.
    #[cfg(feature = "strict-third-parties")]
    pub(crate) const fn is_active(self) -> bool {
        match self {
            Self::Script | Self::Frame | Self::Object | Self::Fetch | Self::Ping => true,
            Self::Document | Self::Style | Self::Font | Self::Image | Self::Media | Self::Other => {
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_link_is_told_by_its_relations_and_destination() {
        for (relations, destination, kind) in [
            ("preload", "script", RequestKind::Script),
            ("PRELOAD", " Script ", RequestKind::Script),
            ("preload", "worker", RequestKind::Script),
            ("modulepreload", "", RequestKind::Script),
            ("preload", "document", RequestKind::Frame),
            ("prerender", "", RequestKind::Frame),
            ("preload", "fetch", RequestKind::Fetch),
            ("alternate stylesheet", "script", RequestKind::Style),
            ("shortcut icon", "", RequestKind::Image),
            ("preload", "", RequestKind::Other),
            ("preconnect", "script", RequestKind::Other),
            ("", "", RequestKind::Other),
        ] {
            assert_eq!(
                RequestKind::of_link(relations, destination),
                kind,
                "{relations} {destination}"
            );
        }
    }
}
