//! What every request can reach.

use std::sync::Arc;

use hallpass_axum::{DpopCheck, Verifier};

use crate::args::Args;
use crate::checks;
use crate::clock::Clock;
use crate::csrf::CsrfKey;
use crate::db::{Db, transaction};
use crate::error::ApiError;
use crate::faults::knobs::Faults;
use crate::keyring::Keyring;
use crate::oidc::client::Client;
use crate::origins::Origins;
use crate::passwords::Passwords;
use crate::policy::{PolicyCell, hours_to_seconds};
use crate::users;

/// The account that is there from the start.
pub const DEMO_USER: &str = "demo";
/// Its password.
pub const DEMO_PASSWORD: &str = "correct horse battery staple";
/// The secret of its second factor, the one of RFC 6238's test vectors.
pub const DEMO_TOTP_SECRET: &[u8] = b"12345678901234567890";

/// The application.
pub(crate) struct App {
    pub(crate) origins: Origins,
    pub(crate) policy: Arc<PolicyCell>,
    pub(crate) clock: Clock,
    pub(crate) db: Arc<Db>,
    pub(crate) passwords: Passwords,
    pub(crate) keys: Arc<Keyring>,
    /// Checks access tokens, and what they are bound to.
    pub(crate) verifier: Verifier,
    pub(crate) csrf: CsrfKey,
    /// The provider's client.
    pub(crate) client: Client,
    /// What is asked of proofs.
    pub(crate) dpop: DpopCheck,
    /// `None` unless the server was started with `--faults`.
    pub(crate) faults: Option<Faults>,
}

/// The application as handlers hold it.
pub(crate) type Shared = Arc<App>;

impl App {
    /// Opens the database, makes or finds the keys, seeds the demo account.
    pub(crate) async fn new(args: &Args, origins: Origins) -> Result<Shared, ApiError> {
        let db = Arc::new(Db::open(&args.db, args.db_queue).await?);
        let (clock, policy) = (Clock::default(), Arc::new(PolicyCell::new(args.policy())));
        let rotate_seconds = args.rotate_keys_hours.map(hours_to_seconds);
        let keys = Keyring::open(db.clone(), policy.clone(), rotate_seconds, clock.now()).await?;
        let keys = Arc::new(keys);
        let csrf =
            CsrfKey::new(&db.key("csrf").await?).map_err(|error| ApiError::server(&error))?;
        let dpop = checks::dpop(&origins, &policy, &db, &db.key("dpop-nonce").await?);
        let verifier =
            checks::verifier(&origins, &keys, &dpop).map_err(|error| ApiError::server(&error))?;
        let client = Client::new(&args.redirect_uri, &args.post_logout_redirect_uri, &origins);
        let app = Arc::new(Self {
            origins,
            policy,
            clock,
            db,
            passwords: Passwords::new()?,
            keys,
            verifier,
            csrf,
            client,
            dpop,
            faults: args.faults.then(Faults::default),
        });
        app.add_user(
            DEMO_USER,
            DEMO_PASSWORD,
            "Demo User",
            Some(DEMO_TOTP_SECRET),
        )
        .await?;
        Ok(app)
    }

    /// Adds an account. One of that name stays as it is, but for the second factor that it lacks.
    pub(crate) async fn add_user(
        &self,
        username: &str,
        password: &str,
        display_name: &str,
        totp_secret: Option<&[u8]>,
    ) -> Result<(), ApiError> {
        let hash = self.passwords.hash(password).await?;
        transaction!(self.db, |tx| {
            Ok(users::add(tx, username, &hash, display_name, totp_secret).await?)
        })
    }
}
