//! What every request can reach.

use std::sync::Arc;

use crate::args::Args;
use crate::clock::Clock;
use crate::csrf::CsrfKey;
use crate::db::Db;
use crate::error::ApiError;
use crate::faults::knobs::Faults;
use crate::oidc::client::Client;
use crate::oidc::id_token::IdTokenKey;
use crate::oidc::nonces::Nonces;
use crate::origins::Origins;
use crate::passwords::Passwords;
use crate::policy::PolicyCell;
use crate::throttle::Throttle;
use crate::tokens::Signer;
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
    pub(crate) policy: PolicyCell,
    pub(crate) clock: Clock,
    pub(crate) db: Db,
    pub(crate) passwords: Passwords,
    /// Slows down guessing codes of the second factor.
    pub(crate) codes: Throttle,
    pub(crate) signer: Signer,
    pub(crate) csrf: CsrfKey,
    /// The provider's client, and its keys.
    pub(crate) client: Client,
    pub(crate) id_token_key: IdTokenKey,
    pub(crate) nonces: Nonces,
    /// `None` unless the server was started with `--faults`.
    pub(crate) faults: Option<Faults>,
}

/// The application as handlers hold it.
pub(crate) type Shared = Arc<App>;

impl App {
    /// Opens the database, makes or finds the keys, seeds the demo account.
    pub(crate) async fn new(args: &Args, origins: Origins) -> Result<Shared, ApiError> {
        let db = Db::open(&args.db)?;
        let signer =
            Signer::new(&db.key("access-token")?).map_err(|error| ApiError::server(&error))?;
        let csrf = CsrfKey::new(&db.key("csrf")?).map_err(|error| ApiError::server(&error))?;
        let id_token_key =
            IdTokenKey::new(db.key("id-token")?).map_err(|error| ApiError::server(&error))?;
        let nonces =
            Nonces::new(&db.key("dpop-nonce")?).map_err(|error| ApiError::server(&error))?;
        let client = Client::new(&args.redirect_uri, &args.post_logout_redirect_uri, &origins);
        let app = Arc::new(Self {
            origins,
            policy: PolicyCell::new(args.policy()),
            clock: Clock::default(),
            db,
            passwords: Passwords::new()?,
            codes: Throttle::default(),
            signer,
            csrf,
            client,
            id_token_key,
            nonces,
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
        self.db
            .transaction(|tx| Ok(users::add(tx, username, &hash, display_name, totp_secret)?))
    }
}
