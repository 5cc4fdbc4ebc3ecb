//! How are the banner and the guard put into a page?

/// Where the banner goes. See
/// [`with_banner`](crate::ConsentLayer::with_banner).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BannerPlacement {
    /// At the start of `body`, so that it is there at first paint and comes
    /// first for keyboards and screen readers.
    #[default]
    BodyStart,
    /// At the end of `body`.
    BodyEnd,
    /// Nowhere in the markup. After the page has loaded, a script asks for it
    /// and adds it, and the settings link with it. For apps that compare the
    /// whole document with what they would have written themselves, such as
    /// React at document level. **Visitors without scripts are then not
    /// asked**, and have nothing granted.
    Script,
}

/// How much the guard holds back of what scripts insert at run time. See
/// [`with_guard`](crate::ConsentLayer::with_guard).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum GuardMode {
    /// No guard: markup and headers are gated, scripts are not watched.
    Off,
    /// Addresses given to scripts, images, frames and links, scripts that are
    /// inserted, markup inserted as text (`innerHTML`, `document.write` and the
    /// like), `fetch`, `XMLHttpRequest`, `sendBeacon`, `WebSocket`,
    /// `EventSource`.
    #[default]
    Core,
    /// Also every other element that fetches, attribute nodes, nodes parsed
    /// elsewhere, worklets, `document.cookie`, `cookieStore` and web storage. Strict third parties always come with it.
    Full,
}

/// What a layer was told about both.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) settings_link: bool,
    pub(crate) placement: BannerPlacement,
    pub(crate) guard: GuardMode,
    /// Whether the app's Content-Security-Policy may be given what the layer needs.
    pub(crate) admits: bool,
}

impl Look {
    /// As records name it.
    pub(crate) const fn variant(self) -> &'static str {
        match self.placement {
            BannerPlacement::BodyStart => "body-start",
            BannerPlacement::BodyEnd => "body-end",
            BannerPlacement::Script => "script",
        }
    }

    /// Differs where pages differ.
    pub(crate) fn digest(self) -> [u8; 4] {
        let placement = match self.placement {
            BannerPlacement::BodyStart => 0,
            BannerPlacement::BodyEnd => 1,
            BannerPlacement::Script => 2,
        };
        let guard = match self.guard {
            GuardMode::Off => 0,
            GuardMode::Core => 1,
            GuardMode::Full => 2,
        };
        [
            u8::from(self.settings_link),
            placement,
            guard,
            u8::from(self.admits),
        ]
    }
}
