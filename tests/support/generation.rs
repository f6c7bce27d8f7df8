//! A generation as lines show it: `2`, or `2+1` after a renewal that left the refresh token as it was.

use hallpass::generation::Generation;

pub(crate) fn shown(Generation { refreshes, slides }: Generation) -> String {
    match slides {
        0 | u64::MAX => refreshes.to_string(),
        slides => format!("{refreshes}+{slides}"),
    }
}
