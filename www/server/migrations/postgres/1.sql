CREATE TABLE secrets (
    name  TEXT PRIMARY KEY,
    value BYTEA NOT NULL
);
CREATE TABLE users (
    id            BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    username      TEXT COLLATE "C" NOT NULL,
    password_hash TEXT NOT NULL,
    display_name  TEXT NOT NULL,
    token_version BIGINT NOT NULL DEFAULT 1,
    totp_secret   BYTEA,
    totp_step     BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE sessions (
    id            TEXT PRIMARY KEY,
    user_id       BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    fingerprint   TEXT NOT NULL,
    user_agent    TEXT NOT NULL,
    permanent     BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    seen_at       BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    reauth        BIGINT NOT NULL DEFAULT 0,
    revoked       BIGINT NOT NULL DEFAULT 0,
    token_version BIGINT NOT NULL DEFAULT 0,
    replaced      TEXT
);
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_of_fingerprint ON sessions (fingerprint);
CREATE INDEX sessions_that_replaced ON sessions (replaced);
CREATE TABLE refresh_tokens (
    hash       BYTEA PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL,
    spent      BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id);
CREATE TABLE tickets (
    hash       BYTEA PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    refresh    TEXT,
    expires_at BIGINT NOT NULL,
    failures   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX tickets_of_user ON tickets (user_id);
CREATE TABLE logins (
    hash       BYTEA PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    auth_time  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX logins_of_user ON logins (user_id);
CREATE TABLE pushed_requests (
    hash       BYTEA PRIMARY KEY,
    params     TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE TABLE codes (
    hash         BYTEA PRIMARY KEY,
    user_id      BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id    TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge    TEXT NOT NULL,
    jkt          TEXT,
    scope        TEXT NOT NULL,
    nonce        TEXT,
    auth_time    BIGINT NOT NULL,
    login        BYTEA NOT NULL,
    fingerprint  TEXT,
    replaced     TEXT,
    expires_at   BIGINT NOT NULL,
    session_id   TEXT REFERENCES sessions (id) ON DELETE CASCADE
);
CREATE INDEX codes_of_user ON codes (user_id);
CREATE INDEX codes_of_login ON codes (login);
CREATE INDEX codes_of_session ON codes (session_id);
CREATE TABLE authorizations (
    session_id TEXT PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    client_id  TEXT NOT NULL,
    scope      TEXT NOT NULL,
    auth_time  BIGINT NOT NULL,
    jkt        TEXT,
    login      BYTEA NOT NULL
);
CREATE INDEX authorizations_of_login ON authorizations (login);
CREATE TABLE proofs (
    hash       BYTEA PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
