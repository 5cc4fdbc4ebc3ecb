//! Which bit of a signed choice is a vendor's?

use super::error::Problems;
use super::owner::{MAX_VENDORS, Owner};
use super::vendor::Vendor;
use crate::category::Category;

/// The vendors of each category by id, so that the order of declaration
/// changes neither a token's bits nor what the visitor was asked.
pub(super) fn by_category(vendors: &[Vendor], problems: &mut Problems) -> [Vec<u16>; 4] {
    let lists = Category::ALL.map(|category| {
        let mut list: Vec<u16> = (0..)
            .zip(vendors)
            .filter(|(_, vendor)| vendor.category == category)
            .map(|(index, _)| index)
            .collect();
        list.sort_by_key(|index| vendors.get(usize::from(*index)).map(Vendor::id));
        if list.len() > MAX_VENDORS {
            problems.add(
                format!(
                    "{category} has {} vendors and can hold {MAX_VENDORS}",
                    list.len()
                ),
                "group vendors of one purpose into one declaration",
            );
        }
        list
    });
    if vendors.len() > usize::from(u16::MAX) {
        problems.add("more than 65535 vendors", "group vendors of one purpose");
    }
    lists
}

/// Whose it is what the vendor at `index` uses.
pub(super) fn owner_of(vendor: &Vendor, index: usize, by_category: &[Vec<u16>; 4]) -> Owner {
    let category = vendor.category;
    if category == Category::Necessary {
        return Owner::Exempt;
    }
    let index = u16::try_from(index).unwrap_or(u16::MAX);
    let position = by_category
        .get(category.index())
        .and_then(|list| list.iter().position(|other| *other == index))
        .and_then(|position| u8::try_from(position).ok())
        .unwrap_or(u8::MAX);
    Owner::Vendor {
        category,
        index,
        position,
    }
}
