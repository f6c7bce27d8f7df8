-- Keys that sign tokens, see `keyring.rs`: seconds since the epoch from which on they do, and their seeds.
CREATE TABLE signing_keys (
    since        INTEGER PRIMARY KEY,
    access_token BLOB NOT NULL,
    id_token     BLOB NOT NULL
) STRICT;
INSERT INTO signing_keys SELECT 0, a.value, i.value FROM secrets a, secrets i
    WHERE a.name = 'access-token' AND i.name = 'id-token';
