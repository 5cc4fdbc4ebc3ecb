//! What is for sale?

/// Something for sale.
#[derive(Debug)]
pub(crate) struct Good {
    pub(crate) id: u32,
    pub(crate) name: &'static str,
    /// In cents.
    pub(crate) price: u32,
    pub(crate) blurb: &'static str,
    /// The shapes of its drawing, in a box of 120 by 120.
    pub(crate) drawing: &'static str,
    /// The hue of its drawing, in degrees.
    pub(crate) hue: u16,
}

/// The good with this id.
pub(crate) fn find(id: u32) -> Option<&'static Good> {
    GOODS.iter().find(|good| good.id == id)
}

/// A price as visitors read it.
pub(crate) fn price(cents: u32) -> String {
    format!("€{}.{:02}", cents / 100, cents % 100)
}

pub(crate) const GOODS: &[Good] = &[
    Good {
        id: 1,
        name: "Morning mug",
        price: 2400,
        blurb: "Holds 300 ml and stays warm to the last sip. Thrown by hand, glazed in sea green.",
        drawing: r#"<path d="M30 36h56v38c0 16-12 24-28 24s-28-8-28-24z"/><path d="M86 48h8a13 13 0 0 1 0 26h-8" fill="none" stroke="currentColor" stroke-width="8"/>"#,
        hue: 165,
    },
    Good {
        id: 2,
        name: "Rice bowl",
        price: 1900,
        blurb: "A quiet bowl for rice, soup or keys. The foot is left bare, so that you feel the clay.",
        drawing: r#"<path d="M16 48h88c0 26-18 44-30 46v6H46v-6C34 92 16 74 16 48z"/>"#,
        hue: 28,
    },
    Good {
        id: 3,
        name: "Tall vase",
        price: 5200,
        blurb: "For three branches and no more. Fired twice, watertight, heavy enough to stand in a draught.",
        drawing: r#"<path d="M48 14h24l-5 24c26 14 26 66-7 66s-33-52-7-66z"/>"#,
        hue: 210,
    },
    Good {
        id: 4,
        name: "Sunday plate",
        price: 3100,
        blurb: "28 cm across with a rim that keeps the sauce where it belongs. Goes into the dishwasher.",
        drawing: r#"<ellipse cx="60" cy="66" rx="48" ry="24"/><ellipse cx="60" cy="63" rx="30" ry="13" fill="var(--card)" opacity=".35"/>"#,
        hue: 345,
    },
    Good {
        id: 5,
        name: "Teapot for two",
        price: 6800,
        blurb: "Pours without a drip, which took us four winters to get right. The sieve is part of the pot.",
        drawing: r#"<path d="M34 54h52c8 34-6 46-26 46S26 88 34 54z"/><path d="M84 66c12 0 12-14 24-18" fill="none" stroke="currentColor" stroke-width="8"/><path d="M34 62c-20-4-22 28 0 28" fill="none" stroke="currentColor" stroke-width="7"/><path d="M42 50c2-12 34-12 36 0z"/><circle cx="60" cy="36" r="5"/>"#,
        hue: 50,
    },
    Good {
        id: 6,
        name: "Window planter",
        price: 2700,
        blurb: "Made for basil, happy with thyme. A hole below and a saucer that fits.",
        drawing: r#"<path d="M30 56h60l-8 46H38z"/><path d="M60 54C60 34 48 24 32 22c0 18 10 30 28 32zm0 0c0-16 10-30 26-34 0 18-8 30-26 34z" opacity=".7"/>"#,
        hue: 110,
    },
];
