//! Vendors of each role in each category, visitors of each place and past.

use tower_consent::{Category, Jurisdiction, Policy, PolicyBuilder, UsRule, Vendor};

use super::{App, REVISION, SITE, Visitor};

pub(crate) const DAY: u64 = 86_400;

pub(crate) const PLACES: [Jurisdiction; 10] = [
    Jurisdiction::Global,
    Jurisdiction::Eu,
    Jurisdiction::Fr,
    Jurisdiction::It,
    Jurisdiction::Uk,
    Jurisdiction::Us(UsRule::Strict),
    Jurisdiction::Us(UsRule::OptOut),
    Jurisdiction::Br,
    Jurisdiction::Jp,
    Jurisdiction::Ch,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Site,
    Processor,
    Controller,
    Seller,
}

pub(crate) const ROLES: [Role; 4] = [Role::Site, Role::Processor, Role::Controller, Role::Seller];

pub(crate) fn id(category: Category, role: Role) -> String {
    format!("{category}-{role:?}").to_lowercase()
}

pub(crate) fn vendor(category: Category, role: Role) -> Vendor {
    let name = id(category, role);
    let vendor = Vendor::new(&*name, category)
        .with_purpose("Does something")
        .with_retention("1 day")
        .cookies([format!("_{name}")])
        .hosts([format!("{name}.test")]);
    let foreign = || {
        vendor
            .clone()
            .with_provider("Example Ltd", "IE")
            .with_policy_url("https://vendor.example/privacy")
    };
    match role {
        Role::Site => vendor.first_party(),
        Role::Processor => foreign().processor(),
        Role::Controller => foreign(),
        Role::Seller => foreign().selling_or_sharing(),
    }
}

/// A vendor of each role in each category.
pub(crate) fn site() -> PolicyBuilder {
    let vendors = Category::OPTIONAL
        .into_iter()
        .flat_map(|category| ROLES.map(|role| vendor(category, role)));
    Policy::builder(REVISION).site(SITE).vendors(vendors)
}

pub(crate) fn app(policy: PolicyBuilder, place: Jurisdiction) -> App {
    App::new(policy.build().unwrap()).set(|layer| layer.with_jurisdiction(move |_| place))
}

/// What the visitor did before, in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    Nothing,
    /// Granted everything while there was no signal.
    Granted,
    /// Granted everything while the browser sent the signal.
    GrantedInView,
    /// The same after a notice that it is in conflict.
    GrantedAfterNotice,
    /// Granted everything, then sent the signal for one page, then no longer.
    SignalCameAndWent,
    Refused,
    /// Granted everything, too long ago.
    Expired,
}

pub(crate) const BEFORE: [Before; 7] = [
    Before::Nothing,
    Before::Granted,
    Before::GrantedInView,
    Before::GrantedAfterNotice,
    Before::SignalCameAndWent,
    Before::Refused,
    Before::Expired,
];

pub(crate) fn visitor(app: &App, before: Before) -> Visitor {
    let mut visitor = app.visitor();
    match before {
        Before::Nothing => {}
        Before::Granted => drop(visitor.accept()),
        Before::GrantedInView => {
            visitor.gpc = true;
            visitor.accept();
        }
        Before::GrantedAfterNotice => {
            visitor.gpc = true;
            visitor.choose("choice=accept&conflict=told");
        }
        Before::SignalCameAndWent => {
            visitor.accept();
            visitor.gpc = true;
            visitor.get("/");
            visitor.gpc = false;
        }
        Before::Refused => drop(visitor.reject()),
        Before::Expired => {
            visitor.accept();
            app.clock.advance(184 * DAY);
        }
    }
    visitor
}
