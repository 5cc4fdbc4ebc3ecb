//! What do the tables look like?

use tokio_postgres::types::Type;

use super::server::{Failure, Server};
use crate::record::head::Head;
use crate::record::log::LogError;
use crate::record::stores::query::tables;

/// Held while the tables are made, so that of several machines one makes them: "consent-".
const LOCK: i64 = 0x636f_6e73_656e_742d;

/// Each step once, in order; how many were taken stands in `consent_schema`.
/// What stands here has been released and stays as it is.
const STEPS: &[&str] = &[tables!(
    "bytea",
    "bigint",
    "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    ""
)];

/// Takes the steps that are due.
pub(super) async fn prepare(server: &Server) -> Result<(), LogError> {
    let mut client = server.client().await?;
    let transaction = client.transaction().await.map_err(Failure::from)?;
    let result: Result<(), Failure> = async {
        transaction
            .execute_typed("SELECT pg_advisory_xact_lock($1)", &[(&LOCK, Type::INT8)])
            .await?;
        transaction
            .batch_execute("CREATE TABLE IF NOT EXISTS consent_schema (steps bigint NOT NULL)")
            .await?;
        let taken = transaction
            .query_typed_opt("SELECT max(steps) FROM consent_schema", &[])
            .await?
            .and_then(|line| line.try_get::<_, Option<i64>>(0).ok()?)
            .unwrap_or_default();
        let taken = usize::try_from(taken).unwrap_or_default();
        if taken > STEPS.len() {
            return Err(Failure::Other(LogError::rejected(
                "the tables were made by a later version of tower-consent",
            )));
        }
        let steps = STEPS.get(taken..).unwrap_or_default();
        if steps.is_empty() {
            return Ok(());
        }
        for step in steps {
            transaction.batch_execute(step).await?;
        }
        if taken == 0 {
            let head = Head::new(server.seal()).to_bytes();
            transaction
                .execute_typed(
                    "INSERT INTO consent_head (one, head, archive) VALUES (1, $1, 0)",
                    &[(&head, Type::BYTEA)],
                )
                .await?;
        }
        transaction
            .execute_typed(
                "INSERT INTO consent_schema (steps) VALUES ($1)",
                &[(&(STEPS.len() as i64), Type::INT8)],
            )
            .await?;
        Ok(())
    }
    .await;
    result?;
    transaction.commit().await.map_err(Failure::from)?;
    Ok(())
}
