-- Names are compared without regard to the case of ASCII letters.
CREATE UNIQUE INDEX users_by_name ON users (lower(username));

-- Guesses of the last minute, see `throttle.rs`.
CREATE TABLE attempts (
    hash BYTEA NOT NULL,
    at   BIGINT NOT NULL
);
CREATE INDEX attempts_by_hash ON attempts (hash, at);

-- What is over is looked for by its time, see `cleaning.rs`.
CREATE INDEX attempts_by_time ON attempts (at);
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX refresh_tokens_by_end ON refresh_tokens (expires_at);
CREATE INDEX tickets_by_end ON tickets (expires_at);
CREATE INDEX logins_by_end ON logins (expires_at);
CREATE INDEX pushed_requests_by_end ON pushed_requests (expires_at);
CREATE INDEX codes_by_end ON codes (expires_at);
CREATE INDEX proofs_by_end ON proofs (expires_at);
