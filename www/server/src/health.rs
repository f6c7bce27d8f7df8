//! For what watches the process: is it alive, and can it do its work?

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use sqlx::query;
use tokio::time::timeout;

use crate::db::transaction;
use crate::error::ApiError;
use crate::state::Shared;

/// A database that answers later is no help to a request either.
const PATIENCE: Duration = Duration::from_secs(2);

/// `GET /healthz`: the process answers. What is wrong elsewhere is no reason to start it anew.
pub(crate) async fn live() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Asks a server on this machine whether it is alive.
pub fn is_alive(port: u16) -> bool {
    const REQUEST: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let ask = || {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut server = TcpStream::connect_timeout(&address, PATIENCE)?;
        server.set_read_timeout(Some(PATIENCE))?;
        server.write_all(REQUEST.as_bytes())?;
        let mut answer = [0; 12];
        server.read_exact(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    ask().is_ok_and(|answer| answer == *b"HTTP/1.1 204")
}

/// `GET /readyz`: the database answers, so requests may come. Whether many wait for it is no matter: where
/// that took a process out of service, the others would be the next.
pub(crate) async fn ready(State(app): State<Shared>) -> Result<StatusCode, ApiError> {
    let db = app.db.unqueued();
    let ask = async { transaction!(db, |tx| Ok(tx.any(query("SELECT 1")).await?)) };
    match timeout(PATIENCE, ask).await {
        Ok(answer) => answer.map(|_| StatusCode::NO_CONTENT),
        Err(late) => Err(ApiError::unavailable(&late)),
    }
}
