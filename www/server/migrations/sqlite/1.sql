-- Files from before there were steps have these tables already.
CREATE TABLE IF NOT EXISTS secrets (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS users (
    id            INTEGER PRIMARY KEY,
    username      TEXT NOT NULL UNIQUE COLLATE NOCASE,
    password_hash TEXT NOT NULL,
    display_name  TEXT NOT NULL,
    token_version INTEGER NOT NULL DEFAULT 1,
    totp_secret   BLOB,
    totp_step     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
    id            TEXT PRIMARY KEY,
    user_id       INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    fingerprint   TEXT NOT NULL,
    user_agent    TEXT NOT NULL,
    permanent     INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    seen_at       INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    reauth        INTEGER NOT NULL DEFAULT 0,
    revoked       INTEGER NOT NULL DEFAULT 0,
    token_version INTEGER NOT NULL DEFAULT 0,
    replaced      TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS sessions_of_user ON sessions (user_id);
CREATE INDEX IF NOT EXISTS sessions_of_fingerprint ON sessions (fingerprint);
CREATE INDEX IF NOT EXISTS sessions_that_replaced ON sessions (replaced);
CREATE TABLE IF NOT EXISTS refresh_tokens (
    hash       BLOB PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    spent      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS refresh_tokens_of_session ON refresh_tokens (session_id);
CREATE TABLE IF NOT EXISTS tickets (
    hash       BLOB PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    refresh    TEXT,
    expires_at INTEGER NOT NULL,
    failures   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS tickets_of_user ON tickets (user_id);
CREATE TABLE IF NOT EXISTS logins (
    hash       BLOB PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    auth_time  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS logins_of_user ON logins (user_id);
CREATE TABLE IF NOT EXISTS pushed_requests (
    hash       BLOB PRIMARY KEY,
    params     TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS codes (
    hash         BLOB PRIMARY KEY,
    user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id    TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge    TEXT NOT NULL,
    jkt          TEXT,
    scope        TEXT NOT NULL,
    nonce        TEXT,
    auth_time    INTEGER NOT NULL,
    login        BLOB NOT NULL,
    fingerprint  TEXT,
    replaced     TEXT,
    expires_at   INTEGER NOT NULL,
    session_id   TEXT REFERENCES sessions (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX IF NOT EXISTS codes_of_user ON codes (user_id);
CREATE INDEX IF NOT EXISTS codes_of_login ON codes (login);
CREATE INDEX IF NOT EXISTS codes_of_session ON codes (session_id);
CREATE TABLE IF NOT EXISTS authorizations (
    session_id TEXT PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    client_id  TEXT NOT NULL,
    scope      TEXT NOT NULL,
    auth_time  INTEGER NOT NULL,
    jkt        TEXT,
    login      BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS authorizations_of_login ON authorizations (login);
CREATE TABLE IF NOT EXISTS proofs (
    hash       BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;
