-- Public keys of ID tokens that sign no more, see `keyring.rs`: seconds since the epoch until which an ID
-- token of theirs may come back as a hint.
CREATE TABLE former_keys (
    id_token   BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;
