//! The command line.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Parser;
use url::Url;

use crate::logs::LogFormat;
use crate::policy::{Policy, hours_to_seconds};

/// Reference server of hallpass: demo app, API and a foreign origin, on loopback unless told otherwise.
#[derive(Debug, Clone, Parser)]
#[command(name = "hallpass-server", version)]
pub struct Args {
    /// Port of the demo app; 0 chooses a free one.
    #[arg(long, default_value_t = 7080)]
    pub app_port: u16,

    /// Port of the API; 0 chooses a free one.
    #[arg(long, default_value_t = 7081)]
    pub api_port: u16,

    /// Port of the foreign origin, which must never see a token; 0 chooses a free one.
    #[arg(long, default_value_t = 7082)]
    pub foreign_port: u16,

    /// Port of the documentation; 0 chooses a free one.
    #[arg(long, default_value_t = 7083)]
    pub docs_port: u16,

    /// Listens on this address instead of loopback: in a container, whose network has a proxy in front.
    /// The demo user has a password that everybody knows.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<IpAddr>,

    /// Asks the server that runs here, on --api-port, whether it is alive, and ends: the health check of
    /// a container, which has nothing else to ask with.
    #[arg(long)]
    pub probe: bool,

    /// Directory with the built demo app.
    #[arg(long, value_name = "DIR")]
    pub app_dir: Option<PathBuf>,

    /// Directory with the built documentation; without it, none is served.
    #[arg(long, value_name = "DIR")]
    pub docs_dir: Option<PathBuf>,

    /// Database: a file of SQLite, ":memory:", or postgres://USER@HOST/DATABASE, which several
    /// processes can share. A password for it comes by PGPASSWORD or ~/.pgpass, where others do not
    /// see it.
    #[arg(long, value_name = "DATABASE", default_value = ":memory:")]
    pub db: String,

    /// So many transactions may wait for the database; the next requests are told to come back.
    #[arg(long, value_name = "PLACES", default_value_t = 128)]
    pub db_queue: u16,

    /// Where browsers reach the demo app, behind a proxy in front of several processes. Default: the
    /// port of this one on localhost.
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    pub app_origin: Option<String>,

    /// The same of the API.
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    pub api_origin: Option<String>,

    /// Serves https with a self-signed certificate made at start.
    #[arg(long)]
    pub tls: bool,

    /// Speaks HTTP/1.1 only, for browsers whose HTTP/2 gets stuck.
    #[arg(long)]
    pub http1: bool,

    /// Life of an access token.
    #[arg(long, value_name = "SECONDS", default_value_t = 300,
          value_parser = clap::value_parser!(i64).range(1..=Policy::LONGEST))]
    pub access_seconds: i64,

    /// Life of a refresh token; every rotation starts it anew.
    #[arg(long, value_name = "SECONDS", default_value_t = 30 * 24 * 3600,
          value_parser = clap::value_parser!(i64).range(1..=Policy::LONGEST))]
    pub refresh_seconds: i64,

    /// Lets a still valid access token be exchanged for a new one.
    #[arg(long)]
    pub sliding: bool,

    /// Adds the claim `softexp`, so long after issue: when the server would like a refresh.
    #[arg(long, value_name = "SECONDS",
          value_parser = clap::value_parser!(i64).range(1..=Policy::LONGEST))]
    pub soft_expiry_seconds: Option<i64>,

    /// Ends every session so long after sign-in, however active it is.
    #[arg(long, value_name = "HOURS", value_parser = hours)]
    pub reauth_hours: Option<f64>,

    /// Asks for a code (TOTP) after the password where an account has a second factor, as the
    /// demo user has.
    #[arg(long)]
    pub second_factor: bool,

    /// A page of the client `spa` that codes may go to, compared as text; several times for
    /// several. A path is one of the demo app's origin. Default: the root of the demo app.
    #[arg(long, value_name = "URL", value_parser = page)]
    pub redirect_uri: Vec<String>,

    /// A page that users may be led to after signing out; several times for several. Default: the
    /// pages of --redirect-uri.
    #[arg(long, value_name = "URL", value_parser = page)]
    pub post_logout_redirect_uri: Vec<String>,

    /// Takes authorization requests only where the client has pushed them before (RFC 9126).
    #[arg(long)]
    pub require_par: bool,

    /// Asks for a nonce in each DPoP proof (RFC 9449, 8 and 9).
    #[arg(long)]
    pub dpop_nonce: bool,

    /// Signs with new keys after so long. The old ones are good until the last token that they have
    /// signed is over. Default: one key for good.
    #[arg(long, value_name = "HOURS", value_parser = hours)]
    pub rotate_keys_hours: Option<f64>,

    /// How the lines of the log look, on stderr.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log: LogFormat,

    /// Opens /metrics on the API's origin, for Prometheus. The way there must be closed to strangers.
    #[arg(long)]
    pub metrics: bool,

    /// Opens /faults: knobs that break the server on purpose. For tests only.
    #[arg(long)]
    pub faults: bool,
}

impl Args {
    /// The policy that the flags set.
    pub(crate) fn policy(&self) -> Policy {
        Policy {
            access_seconds: self.access_seconds,
            refresh_seconds: self.refresh_seconds,
            sliding: self.sliding,
            soft_expiry_seconds: self.soft_expiry_seconds,
            reauth_seconds: self.reauth_hours.map(hours_to_seconds),
            second_factor: self.second_factor,
            require_par: self.require_par,
            dpop_nonce: self.dpop_nonce,
            omit_expiry: false,
            omit_expires_in: false,
            omit_fingerprint: false,
        }
    }
}

/// A path, or a web page by its whole address; a fragment would hide what the answer adds.
fn page(text: &str) -> Result<String, String> {
    let is_path = text.starts_with('/') && !text.starts_with("//");
    let is_page = Url::parse(text)
        .is_ok_and(|url| is_web(&url) && url.username().is_empty() && url.password().is_none());
    if (is_path || is_page) && !text.contains('#') {
        return Ok(text.to_owned());
    }
    Err("must be a path, or a https URL (http on loopback) without a fragment".to_owned())
}

/// As browsers write it.
fn origin(text: &str) -> Result<String, String> {
    let url = Url::parse(text).ok().filter(is_web);
    url.map(|url| url.origin().ascii_serialization())
        .filter(|origin| origin == text)
        .ok_or_else(|| "must be an origin of https (http on loopback), and no more".to_owned())
}

fn is_web(url: &Url) -> bool {
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

/// Hours as a positive, finite number; fractions are welcome.
fn hours(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(hours) if hours > 0.0 && hours <= 1e6 => Ok(hours),
        _ => Err("must be a number of hours above 0".to_owned()),
    }
}
