//! Which tables are there, and which columns is a row read from?
//!
//! Both databases hold the same tables, and are asked for a row in the same words.

/// The statements that make the tables, in a database's own words: its type of
/// bytes, of whole numbers, of a key that it counts up and never gives twice,
/// and what ends a table that is kept in the order of its key.
///
/// What stands here makes step 1 of either schema. Once released it stays as it is.
macro_rules! tables {
    ($bytes:literal, $number:literal, $counted:literal, $ordered:literal) => {
        concat!(
            "CREATE TABLE consent_rows (
                position ",
            $counted,
            ",
                id ",
            $bytes,
            " NOT NULL UNIQUE,
                receipt ",
            $bytes,
            " NOT NULL,
                at ",
            $number,
            " NOT NULL, -- seconds since 1970
                text text NOT NULL, -- the event as JSON, which the tag is over
                tag ",
            $bytes,
            " NOT NULL,
                named ",
            $number,
            " NOT NULL -- which of consent_sets
            );
            CREATE INDEX consent_rows_receipt ON consent_rows (receipt);
            CREATE INDEX consent_rows_at ON consent_rows (at);
            CREATE INDEX consent_rows_named ON consent_rows (named);
            CREATE TABLE consent_sets ( -- artefacts that rows name together
                named ",
            $counted,
            ",
                digest ",
            $bytes,
            " NOT NULL UNIQUE
            );
            CREATE TABLE consent_members (
                named ",
            $number,
            " NOT NULL REFERENCES consent_sets (named) ON DELETE CASCADE,
                artefact ",
            $bytes,
            " NOT NULL,
                PRIMARY KEY (named, artefact)
            )",
            $ordered,
            ";
            CREATE INDEX consent_members_artefact ON consent_members (artefact);
            CREATE TABLE consent_artefacts (
                id ",
            $bytes,
            " PRIMARY KEY, -- SHA-256 of the bytes
                type text NOT NULL,
                bytes ",
            $bytes,
            " NOT NULL
            );
            CREATE TABLE consent_holds (
                receipt ",
            $bytes,
            " PRIMARY KEY,
                reason text NOT NULL
            )",
            $ordered,
            ";
            CREATE TABLE consent_head (
                one ",
            $number,
            " PRIMARY KEY CHECK (one = 1),
                head ",
            $bytes,
            " NOT NULL, -- which rows there are, sealed
                archive ",
            $number,
            " NOT NULL -- counts removals from the archive
            );"
        )
    };
}

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

pub(super) use {columns, rows, tables};
