//! How do scripts and templates read a consent?

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::Consent;
use crate::category::Category;
use crate::clock::Timestamp;
use crate::jurisdiction::Jurisdiction;

/// As scripts and templates read it:
///
/// ```json
/// {
///   "decided": true,
///   "granted": ["analytics"],
///   "refused_vendors": [],
///   "granted_vendors": ["youtube"],
///   "categories": { "analytics": "granted", "marketing": "refused" },
///   "decided_at": 1795361096,
///   "gpc": false
/// }
/// ```
///
/// `categories` holds those that the policy asks about, `refused_vendors` the
/// vendors refused inside granted categories, `granted_vendors` those granted
/// alone in other categories, `decided_at` seconds since 1970. `exempt` is there
/// where categories run without a choice, `jurisdiction` where it is known.
impl Serialize for Consent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Summary<'a> {
            decided: bool,
            granted: Vec<Category>,
            refused_vendors: Vec<&'a str>,
            granted_vendors: Vec<&'a str>,
            categories: BTreeMap<Category, &'static str>,
            decided_at: Option<u64>,
            gpc: bool,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            exempt: Vec<Category>,
            #[serde(skip_serializing_if = "Option::is_none")]
            jurisdiction: Option<&'static str>,
        }
        let jurisdiction = self.jurisdiction();
        Summary {
            decided: !self.needs_banner(),
            granted: self.granted().iter().collect(),
            refused_vendors: self.refused_vendor_ids(),
            granted_vendors: self
                .granted_vendor_ids()
                .into_iter()
                .map(|(_, id)| id)
                .collect(),
            categories: self
                .policy
                .asked()
                .iter()
                .map(|category| (category, self.state(category).as_str()))
                .collect(),
            decided_at: self.decided_at().map(Timestamp::unix_seconds),
            gpc: self.gpc(),
            exempt: self.exempt().iter().collect(),
            jurisdiction: (jurisdiction != Jurisdiction::Global).then(|| jurisdiction.as_str()),
        }
        .serialize(serializer)
    }
}
