//! The clients of a kind.

use crate::client::{Fleet, Kind};
use crate::core::Core;
use crate::plain::Plain;

/// So many of them.
pub(crate) fn fleet(kind: Kind, clients: u32) -> Box<dyn Fleet> {
    match kind {
        Kind::Plain => Box::new(Plain::new(clients)),
        _ => Box::new(Core::new(kind, clients)),
    }
}
