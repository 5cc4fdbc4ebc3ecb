//! Which languages are built in?
//!
//! One file a language, named by its tag: the official languages of the
//! European Union in the order of their own names in English, then others.

mod ar;
mod bg;
mod cs;
mod da;
mod de;
mod el;
mod es;
mod et;
mod fi;
mod fr;
mod ga;
mod he;
mod hi;
mod hr;
mod hu;
mod is;
mod it;
mod ja;
mod ko;
mod lt;
mod lv;
mod mt;
mod nb;
mod nl;
mod pl;
mod pt;
mod pt_br;
mod ro;
mod sk;
mod sl;
mod sv;
mod tr;
mod uk;
mod zh_hans;
mod zh_hant;

use super::keys::{ENGLISH, Texts};

/// Every built-in language; English, the default, comes first.
static ALL: &[&Texts] = &[
    &ENGLISH,
    &bg::TEXTS,
    &hr::TEXTS,
    &cs::TEXTS,
    &da::TEXTS,
    &nl::TEXTS,
    &et::TEXTS,
    &fi::TEXTS,
    &fr::TEXTS,
    &de::TEXTS,
    &el::TEXTS,
    &hu::TEXTS,
    &ga::TEXTS,
    &it::TEXTS,
    &lv::TEXTS,
    &lt::TEXTS,
    &mt::TEXTS,
    &pl::TEXTS,
    &pt::TEXTS,
    &ro::TEXTS,
    &sk::TEXTS,
    &sl::TEXTS,
    &es::TEXTS,
    &sv::TEXTS,
    &nb::TEXTS,
    &is::TEXTS,
    &uk::TEXTS,
    &tr::TEXTS,
    &ja::TEXTS,
    &ko::TEXTS,
    &zh_hans::TEXTS,
    &zh_hant::TEXTS,
    &pt_br::TEXTS,
    &ar::TEXTS,
    &he::TEXTS,
    &hi::TEXTS,
];

pub(crate) fn all() -> impl Iterator<Item = &'static Texts> {
    ALL.iter().copied()
}
