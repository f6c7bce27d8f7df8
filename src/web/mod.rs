//! The shell: everything that touches JavaScript, one browser touch-point a file, no decisions.
//!
//! | File | Touches |
//! |---|---|
//! | `auth` | the class that the package's facade talks to |
//! | `auth_provider` | the same, for `hallpass/oidc` |
//! | `driver` | the event queue between the core and everything below |
//! | `activity` | pointer, key, touch and scroll events |
//! | `allocator` | the module's own memory |
//! | `calls` | what takes time: the lock, a refresh, the server's half of a sign-out |
//! | `channel` | `BroadcastChannel` |
//! | `client_cookie` | the fingerprint cookie of client mode |
//! | `clock` | `Date.now`, `performance.now` |
//! | `convert` | options in, snapshots out |
//! | `cookie` | `document.cookie` |
//! | `deadline` | what must be done in time |
//! | `effects` | carrying out what the core orders |
//! | `exchange` | an endpoint or a function that gives tokens |
//! | `error` | the package's `AuthError` |
//! | `fetch` | calls of endpoints |
//! | `global` | the global object, whatever kind it is |
//! | `host` | functions of the application |
//! | `listeners` | DOM listeners that go when they are dropped; wakes |
//! | `location` | URLs of the redirect flow |
//! | `lock` | Web Locks, by way of the facade |
//! | `marks` | localStorage, for what every tab may read |
//! | `no_provider` | the same as `provider` and `auth_provider`, in the core without that half |
//! | `provider` | what takes time at a provider |
//! | `provider_functions` | the functions of `hallpass/oidc` |
//! | `random` | `crypto.getRandomValues` |
//! | `response` | `Response`, and the streams in it |
//! | `storage` | sessionStorage, localStorage, or the application's store |
//! | `channels` | which tabs it tells and hears: all, and its copies |
//! | `task` | microtasks |
//! | `timer` | `setTimeout` |
//! | `waiters` | the promises that callers hold |
//!
//! A file may use the small ones below it (a custom store has a deadline), never the driver: `tests/layering.rs` holds the rows.
//!
//! Nothing here assumes a window: features are looked up on the global object, and what is missing is
//! done without.

mod activity;
mod allocator;
mod auth;
#[cfg(feature = "provider")]
mod auth_provider;
mod calls;
mod channel;
mod channels;
mod client_cookie;
mod clock;
mod convert;
mod cookie;
mod deadline;
mod driver;
mod effects;
mod error;
mod exchange;
mod fetch;
mod global;
mod host;
mod listeners;
mod location;
mod lock;
mod marks;
#[cfg(not(feature = "provider"))]
mod no_provider;
#[cfg(feature = "provider")]
mod provider;
#[cfg_attr(
    not(feature = "provider"),
    expect(dead_code, reason = "what only `provider` calls")
)]
mod provider_functions;
mod random;
mod response;
mod storage;
mod task;
mod timer;
mod waiters;
