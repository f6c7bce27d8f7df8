//! Where the servers of these tests keep what they keep: in memory, or with `HALLPASS_TEST_POSTGRES`
//! set in a PostgreSQL that runs as long as the tests do.

/// Flags for a store of its own, unless these name one.
#[cfg(unix)]
pub(crate) async fn flags(given: &[&str]) -> Vec<String> {
    use crate::postgres::cluster::Cluster;

    if given.contains(&"--db") || std::env::var_os("HALLPASS_TEST_POSTGRES").is_none() {
        return Vec::new();
    }
    let cluster = Cluster::shared().await.expect("PostgreSQL");
    vec!["--db".to_owned(), cluster.new_schema().await]
}

#[cfg(not(unix))]
pub(crate) async fn flags(_: &[&str]) -> Vec<String> {
    Vec::new()
}
