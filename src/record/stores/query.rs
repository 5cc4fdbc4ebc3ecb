//! Which columns is a row read from?
//!
//! Both databases hold the same tables, and are asked for a row in the same words.

/// The same columns of a row that goes, as far as the head counts it.
macro_rules! columns {
    () => {
        "position, id, receipt, at, '', tag, NULL"
    };
}

/// Rows and why each is held; what follows says which.
macro_rules! rows {
    ($which:literal) => {
        concat!(
            "SELECT position, id, consent_rows.receipt, at, text, tag, reason FROM consent_rows
             LEFT JOIN consent_holds ON consent_holds.receipt = consent_rows.receipt ",
            $which
        )
    };
}

pub(super) use {columns, rows};
