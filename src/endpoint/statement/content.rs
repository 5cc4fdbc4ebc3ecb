//! What is said, and in which order?

use std::collections::BTreeMap;

use super::block::{Block, Cell, Inline, Line, Source, plain, told};
use crate::category::Category;
use crate::choice::CookieStyle;
use crate::policy::catalog::Known;
use crate::policy::{Controller, Dnt, SiteCookie, Texts, Vendor, day_at};

const SECONDS_PER_DAY: u64 = 86_400;

/// The whole text.
pub(super) fn content(of: &Source<'_>) -> Vec<Block> {
    let (policy, texts) = (of.policy, of.texts);
    let mut blocks = Vec::new();
    applies(of, &mut blocks);
    responsible(of, &mut blocks);
    blocks.push(Block::Heading(0, texts.details.to_string()));
    let days = texts.count(&texts.days, policy.lifetime_seconds() / SECONDS_PER_DAY);
    blocks.push(Block::Paragraph(vec![vec![
        Inline::text(format!("{} ", texts.choice_kept.replace("{time}", &days))),
        Inline::Link {
            url: policy.prefix().to_owned(),
            text: texts.settings.to_string(),
        },
    ]]));
    for category in Category::ALL {
        if category == Category::Necessary || policy.asked().contains(category) {
            group(of, category, &mut blocks);
        }
    }
    recipients(of, &mut blocks);
    signals(of, &mut blocks);
    if of.transmission {
        transmission(of, &mut blocks);
    }
    record(of, &mut blocks);
    blocks
}

/// From when the newest version applies, where it says it.
fn applies(of: &Source<'_>, blocks: &mut Vec<Block>) {
    let applies = of.policy.version().applies_from();
    if let Some(day) = applies.and_then(day_at) {
        let day = of.texts.day(day);
        let line = of.texts.effective.replace("{date}", &day);
        blocks.push(Block::Paragraph(plain(line)));
    }
}

/// Who answers for the site, where the policy says it.
fn responsible(of: &Source<'_>, blocks: &mut Vec<Block>) {
    let Some(controller) = of.policy.controller() else {
        return;
    };
    blocks.push(Block::Heading(0, of.texts.controller.to_string()));
    let lines = [
        controller.name(),
        controller.address(),
        of.texts.country(controller.country()),
        controller.contact(),
    ];
    let lines = lines.into_iter().map(|line| vec![Inline::text(line)]);
    blocks.push(Block::Paragraph(lines.collect()));
}

/// One category: what it is for, and everything in it.
fn group(of: &Source<'_>, category: Category, blocks: &mut Vec<Block>) {
    let (policy, texts) = (of.policy, of.texts);
    let (name, purpose) = texts.category(category);
    blocks.push(Block::Heading(1, name.to_owned()));
    blocks.push(Block::Paragraph(plain(purpose)));
    let mut rows = Vec::new();
    if category == Category::Necessary {
        rows.push(choice_cookies(of));
    }
    let own = policy.site_cookies().iter();
    let own = own.filter(|cookie| effective(cookie) == category);
    rows.extend(own.map(|cookie| own_cookie(of, cookie)));
    for (_, vendor) in policy.vendors_of(category) {
        rows.push(vec![
            told(texts.name(vendor)),
            purposes(texts, vendor),
            provider(of, vendor),
            stored(texts, vendor),
            plain(texts.retention(vendor.retention())),
        ]);
    }
    blocks.push(Block::Table {
        caption: name.to_owned(),
        head: [
            &texts.service,
            &texts.purpose,
            &texts.provider,
            &texts.cookies,
            &texts.retention,
        ]
        .map(ToString::to_string)
        .into(),
        rows,
    });
}

/// The category that a cookie of the site's own stands and falls with.
fn effective(cookie: &SiteCookie) -> Category {
    match cookie.user_requested_reason() {
        "" => cookie.category(),
        _ => Category::Necessary,
    }
}

fn choice_cookies(of: &Source<'_>) -> Vec<Cell> {
    let (policy, texts) = (of.policy, of.texts);
    let naming = CookieStyle::new(policy, false).naming;
    let names = Category::ALL.map(|category| naming.name(category));
    let days = texts.count(&texts.days, policy.lifetime_seconds() / SECONDS_PER_DAY);
    vec![
        plain(&*texts.this_site),
        // The policy's word: a layer without a log says that it does not keep it.
        plain(texts.on_choice_cookies(policy.record_terms().is_some())),
        plain(site(of)),
        names.map(|name| vec![Inline::Code(name)]).into(),
        plain(days),
    ]
}

/// Who runs the site, as far as the policy says.
fn site<'a>(of: &Source<'a>) -> &'a str {
    let controller = of.policy.controller().map(Controller::name);
    let named = controller.or(Some(of.policy.site()).filter(|site| !site.is_empty()));
    named.unwrap_or(&of.texts.this_site)
}

fn own_cookie(of: &Source<'_>, cookie: &SiteCookie) -> Vec<Cell> {
    let texts = of.texts;
    let mut purpose = told(texts.cookie_purpose(cookie));
    for reason in [cookie.user_requested_reason(), &cookie.overrides_catalog] {
        if !reason.is_empty() {
            purpose.push(vec![Inline::text(reason)]);
        }
    }
    vec![
        plain(&*texts.this_site),
        purpose,
        plain(site(of)),
        vec![vec![Inline::Code(cookie.name().to_owned())]],
        plain(texts.retention(cookie.retention())),
    ]
}

fn purposes(texts: &Texts, vendor: &Vendor) -> Cell {
    let mut purposes = told(texts.purpose(vendor));
    if !vendor.overrides_catalog.is_empty() {
        purposes.push(vec![Inline::text(&vendor.overrides_catalog)]);
    }
    if vendor.umbrella {
        let names = Known::get().names(vendor.category());
        purposes.push(vec![Inline::text(names.join(", "))]);
    }
    purposes
}

fn provider(of: &Source<'_>, vendor: &Vendor) -> Cell {
    let texts = of.texts;
    if vendor.is_first_party() || vendor.provider().is_empty() {
        return match vendor.umbrella {
            true => plain(&*texts.as_stated),
            false => plain(site(of)),
        };
    }
    let country = texts.country(vendor.country());
    let mut cell = plain(format!("{} ({country})", vendor.provider()));
    cell.extend(policy_link(texts, vendor));
    cell
}

fn policy_link(texts: &Texts, vendor: &Vendor) -> Option<Line> {
    (!vendor.policy_url().is_empty()).then(|| {
        vec![Inline::Link {
            url: vendor.policy_url().to_owned(),
            text: texts.provider_policy.to_string(),
        }]
    })
}

/// The names of what a vendor keeps in the browser.
fn stored(texts: &Texts, vendor: &Vendor) -> Cell {
    let codes = |names: &[String]| {
        let mut line = Vec::new();
        for name in names {
            if !line.is_empty() {
                line.push(Inline::text(", "));
            }
            line.push(Inline::Code(name.clone()));
        }
        line
    };
    let mut cell = Vec::new();
    if !vendor.cookies.is_empty() {
        cell.push(codes(&vendor.cookies));
    }
    if !vendor.storage.is_empty() {
        let mut line = vec![Inline::text(format!("{}: ", texts.storage))];
        line.extend(codes(&vendor.storage));
        cell.push(line);
    }
    if cell.is_empty() {
        cell = match vendor.umbrella {
            true => plain(&*texts.as_stated),
            false => plain(&*texts.no_cookies),
        };
    }
    cell
}

/// Everybody else who receives something, once, with what of theirs is used.
fn recipients(of: &Source<'_>, blocks: &mut Vec<Block>) {
    let texts = of.texts;
    let mut found: BTreeMap<(&str, &str), Vec<&Vendor>> = BTreeMap::new();
    for vendor in third_parties(of).filter(|vendor| !vendor.umbrella) {
        let key = (vendor.provider(), vendor.country());
        found.entry(key).or_default().push(vendor);
    }
    if found.is_empty() {
        return;
    }
    let rows = found.into_iter().map(|((name, country), vendors)| {
        let services: Vec<&str> = vendors.iter().map(|vendor| vendor.name()).collect();
        vec![
            plain(name),
            plain(texts.country(country)),
            plain(services.join(", ")),
        ]
    });
    blocks.push(Block::Heading(0, texts.recipients.to_string()));
    blocks.push(Block::Table {
        caption: texts.recipients.to_string(),
        head: [&texts.recipient, &texts.country, &texts.service]
            .map(ToString::to_string)
            .into(),
        rows: rows.collect(),
    });
}

fn third_parties<'a>(of: &Source<'a>) -> impl Iterator<Item = &'a Vendor> {
    let vendors = of.policy.vendors().iter();
    vendors.filter(|vendor| !vendor.is_first_party())
}

/// What the browser's signals do.
fn signals(of: &Source<'_>, blocks: &mut Vec<Block>) {
    let texts = of.texts;
    blocks.push(Block::Heading(0, texts.signals.to_string()));
    blocks.push(Block::Paragraph(plain(&*texts.gpc_statement)));
    let dnt = match of.policy.dnt() {
        Dnt::Ignore => &texts.dnt_ignored,
        Dnt::Objection => &texts.dnt_objection,
    };
    blocks.push(Block::Paragraph(plain(&**dnt)));
}

/// What is sent, to whom, what for.
fn transmission(of: &Source<'_>, blocks: &mut Vec<Block>) {
    let texts = of.texts;
    let rows: Vec<Vec<Cell>> = third_parties(of)
        .map(|vendor| {
            let mut recipient = told(texts.name(vendor));
            if !vendor.provider().is_empty() {
                let country = texts.country(vendor.country());
                recipient.push(vec![Inline::text(format!(
                    "{} ({country})",
                    vendor.provider()
                ))]);
            }
            recipient.extend(policy_link(texts, vendor));
            vec![recipient, plain(&*texts.sent_data), purposes(texts, vendor)]
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    blocks.push(Block::Heading(0, texts.transmission.to_string()));
    blocks.push(Block::Table {
        caption: texts.transmission.to_string(),
        head: [&texts.recipient, &texts.sent, &texts.purpose]
            .map(ToString::to_string)
            .into(),
        rows,
    });
}

/// The record of choices, where one is kept.
fn record(of: &Source<'_>, blocks: &mut Vec<Block>) {
    let (policy, texts) = (of.policy, of.texts);
    let Some(records) = policy.record_terms() else {
        return;
    };
    let days = texts.count(&texts.days, u64::from(records.retention_days()));
    let countries: Vec<&str> = records
        .stored_in()
        .iter()
        .map(|code| texts.country(code))
        .collect();
    blocks.push(Block::Heading(0, texts.history.to_string()));
    blocks.push(Block::Paragraph(plain(&*texts.history_body)));
    blocks.push(Block::Paragraph(vec![
        vec![Inline::text(format!("{}: {days}", texts.retention))],
        vec![Inline::text(format!(
            "{}: {}",
            texts.country,
            countries.join(", ")
        ))],
    ]));
}
