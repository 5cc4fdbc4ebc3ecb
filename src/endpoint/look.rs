//! How are the banner, the settings link and the guard put into a page?

use super::tail::Tails;
use super::template::Template;
use crate::asset::Part;

/// Where the banner goes. See
/// [`with_banner`](crate::ConsentLayer::with_banner).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BannerPlacement {
    /// At the start of `body`, so that it is there at first paint and comes
    /// first for keyboards and screen readers.
    #[default]
    BodyStart,
    /// At the end of `body`. Apps that walk their own nodes from the start of
    /// `body` and look no further, as Leptos does, hydrate with it.
    BodyEnd,
    /// Nowhere in the markup. After the page has loaded, a script asks for it
    /// and adds it, and the settings link with it. For apps that compare the
    /// whole document with what they would have written themselves, such as
    /// React at document level. **Visitors without scripts are then not
    /// asked**, and have nothing granted.
    Script,
}

/// What the banner looks like on a screen wide enough; on phones it is always a
/// sheet at the bottom, and zoomed in far it opens the page. It never covers
/// the whole page, locks it or moves it. See
/// [`with_banner_shape`](crate::ConsentLayer::with_banner_shape).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BannerShape {
    /// A box in the lower corner where lines begin.
    #[default]
    Corner,
    /// A bar along the lower edge.
    Bar,
    /// A card in the middle.
    Card,
}

/// What leads to the preferences on a page that has no link of its own. See
/// [`with_settings_entry`](crate::ConsentLayer::with_settings_entry).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingsEntry {
    /// A small button that floats in the lower corner where lines begin, within reach wherever the visitor has scrolled.
    #[default]
    Floating,
    /// A line of text at the end of the page.
    Quiet,
}

/// Which colours the banner and the preferences have. See
/// [`with_color_scheme`](crate::ConsentLayer::with_color_scheme).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColorScheme {
    /// What the visitor's system asks for. A page can say otherwise at any time by `data-tc-scheme="light"` or `"dark"` on its root element.
    #[default]
    Auto,
    /// Always dark text on light.
    Light,
    /// Always light text on dark.
    Dark,
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

/// What a layer was told about all of them.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub(crate) settings_link: bool,
    pub(crate) entry: SettingsEntry,
    pub(crate) placement: BannerPlacement,
    pub(crate) shape: BannerShape,
    pub(crate) scheme: ColorScheme,
    /// The site's own banner.
    pub(crate) template: Option<Template>,
    pub(crate) guard: GuardMode,
    /// Whether the app's Content-Security-Policy may be given what the layer needs.
    pub(crate) admits: bool,
    /// What pages got at their end so far.
    pub(super) tails: Tails,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            settings_link: true,
            entry: SettingsEntry::default(),
            placement: BannerPlacement::default(),
            shape: BannerShape::default(),
            scheme: ColorScheme::default(),
            template: None,
            guard: GuardMode::default(),
            admits: false,
            tails: Tails::default(),
        }
    }
}

impl Look {
    /// The parts of the stylesheet that the settings link needs, and the banner too if there is one.
    pub(super) fn parts(&self, banner: bool) -> Vec<Part> {
        let mut parts = vec![Part::Base];
        if self.settings_link {
            parts.push(match self.entry {
                SettingsEntry::Floating => Part::Floating,
                SettingsEntry::Quiet => Part::Quiet,
            });
        }
        if banner && self.template.is_none() {
            parts.extend([Part::Controls, Part::Banner, Part::Cross]);
            match self.shape {
                BannerShape::Corner => {}
                BannerShape::Bar => parts.push(Part::Wide),
                BannerShape::Card => parts.push(Part::Card),
            }
        }
        parts
    }

    /// As records name it.
    pub(crate) const fn variant(&self) -> &'static str {
        match self.placement {
            BannerPlacement::BodyStart => "body-start",
            BannerPlacement::BodyEnd => "body-end",
            BannerPlacement::Script => "script",
        }
    }

    /// Differs where pages differ.
    pub(crate) fn digest(&self) -> [u8; 8] {
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
        let entry = match self.entry {
            SettingsEntry::Floating => 0,
            SettingsEntry::Quiet => 1,
        };
        let shape = match self.shape {
            BannerShape::Corner => 0,
            BannerShape::Bar => 1,
            BannerShape::Card => 2,
        };
        let scheme = match self.scheme {
            ColorScheme::Auto => 0,
            ColorScheme::Light => 1,
            ColorScheme::Dark => 2,
        };
        [
            u8::from(self.settings_link),
            entry,
            placement,
            shape,
            scheme,
            u8::from(self.template.is_some()),
            guard,
            u8::from(self.admits),
        ]
    }
}
