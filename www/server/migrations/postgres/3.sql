-- Keys that sign tokens, see `keyring.rs`: seconds since the epoch from which on they do, and their seeds.
CREATE TABLE signing_keys (
    since        BIGINT PRIMARY KEY,
    access_token BYTEA NOT NULL,
    id_token     BYTEA NOT NULL
);
INSERT INTO signing_keys SELECT 0, a.value, i.value FROM secrets a, secrets i
    WHERE a.name = 'access-token' AND i.name = 'id-token';
