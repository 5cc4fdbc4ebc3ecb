//! What must a page's guard know about the policy?
//!
//! The guard is the script that holds back what scripts insert at run time. It
//! judges by the same names as the gate over markup: the policy's vendors and
//! site cookies first, then the catalog. They are written into its file once
//! per policy, in rows of one vendor each, and one row for each category of
//! the catalog's table of hosts.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::catalog::{hosts, vendors};
use super::owner::Owner;
use super::pattern::HostPattern;
use super::site_cookie::SiteCookie;
use super::vendor::Vendor;
use crate::category::Category;

/// What nobody can grant.
const UNKNOWN: &str = "unknown";

/// What of a policy the guard is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) vendors: &'a [Vendor],
    pub(super) site_cookies: &'a [SiteCookie],
    /// For each category the vendor that stands for all of the catalog.
    pub(super) umbrella: &'a [Option<Owner>; 4],
    pub(super) strict: bool,
    /// Whether the catalog counts.
    pub(super) catalog: bool,
}

/// Everything that the guard is told.
#[derive(Debug)]
pub(super) struct Table {
    /// What the policy declares, which goes before what the catalog knows: rows as JSON with short keys.
    declared: String,
    /// What the catalog knows, likewise.
    known: String,
    /// How the globals begin that pages call, each between spaces: whether a script names any is
    /// then known before the rows are read.
    calls: String,
}

impl Table {
    /// In the order in which the guard takes them.
    pub(super) fn told(&self) -> [&str; 3] {
        [&self.declared, &self.known, &self.calls]
    }
}

/// One vendor. Names are separated by spaces, storage names by line breaks.
#[derive(Debug, Default, Serialize)]
struct Row {
    /// What must be granted, as in `data-tc`; empty where nothing must.
    t: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    h: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    p: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    c: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    s: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    g: String,
}

impl Row {
    fn of(vendor: &Vendor, needs: String) -> Self {
        let host = |text: &String| {
            let pattern = HostPattern::parse(text).ok()?;
            Some(pattern.host + &pattern.path)
        };
        let hosts: Vec<String> = vendor.hosts.iter().filter_map(host).collect();
        Self {
            t: needs,
            h: hosts.join(" "),
            p: vendor.paths.join(" "),
            c: vendor.cookies.join(" "),
            s: vendor.storage.join("\n"),
            g: vendor.globals.join(" "),
        }
    }
}

/// The table; `None` where there is nothing to hold back.
pub(super) fn table(policy: Source<'_>) -> Option<Table> {
    let declared = policy.vendors.iter().filter(|vendor| !vendor.umbrella);
    let mut d: Vec<Row> = declared
        .map(|vendor| Row::of(vendor, needs(vendor)))
        .collect();
    let mut cookies: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for cookie in policy.site_cookies {
        let needs = match cookie.category {
            Category::Necessary => "",
            _ if !cookie.user_requested.is_empty() => "",
            category => category.as_str(),
        };
        cookies.entry(needs).or_default().push(&cookie.name);
    }
    d.extend(cookies.into_iter().map(|(needs, names)| Row {
        t: needs.to_owned(),
        c: names.join(" "),
        ..Row::default()
    }));
    let mut k = Vec::new();
    if policy.catalog {
        let declared = |vendor: &Vendor| policy.vendors.contains(vendor);
        for vendor in vendors().filter(|vendor| !declared(vendor)) {
            let needs = needs_of_known(policy, vendor.category);
            k.push(Row::of(&vendor, needs));
        }
        for category in Category::OPTIONAL {
            let hosts: Vec<&str> = hosts::HOSTS
                .iter()
                .filter(|row| row.category == category)
                .map(|row| row.host)
                .collect();
            k.push(Row {
                t: needs_of_known(policy, category),
                h: hosts.join(" "),
                ..Row::default()
            });
        }
    }
    if d.iter().all(|row| row.t.is_empty()) && k.is_empty() {
        return None;
    }
    Some(Table {
        declared: json(&d)?,
        known: json(&k)?,
        calls: calls(d.iter().chain(&k)),
    })
}

/// Plain texts always serialise. `<` could only come from a declared name.
fn json(rows: &[Row]) -> Option<String> {
    let json = serde_json::to_string(rows).ok()?;
    Some(json.replace('<', "\\u003c"))
}

/// What stands first in the name of each global.
fn calls<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    let names: BTreeSet<&str> = rows
        .flat_map(|row| row.g.split(' '))
        .filter_map(|name| name.split(['.', '[']).next())
        .filter(|name| !name.is_empty())
        .collect();
    let mut text = String::from(" ");
    for name in names {
        text.push_str(name);
        text.push(' ');
    }
    text
}

fn needs(vendor: &Vendor) -> String {
    match vendor.category {
        Category::Necessary => String::new(),
        category => format!("{category}:{}", vendor.id),
    }
}

/// What something of this category must be granted that the policy does not declare itself.
fn needs_of_known(policy: Source<'_>, category: Category) -> String {
    let umbrella = policy.umbrella.get(category.index()).copied().flatten();
    match umbrella {
        Some(Owner::Vendor { index, .. }) => policy
            .vendors
            .get(usize::from(index))
            .map_or_else(|| UNKNOWN.to_owned(), needs),
        _ if policy.strict => UNKNOWN.to_owned(),
        _ => category.as_str().to_owned(),
    }
}
