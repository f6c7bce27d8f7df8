//! How much of an answer is read, before it is judged.

/// No answer with tokens in it is longer.
pub const LONGEST_BODY: u32 = 262_144;

/// Whether an answer is a redirect, which is not followed: browsers hide what it is behind a type of its own, other
/// runtimes show it.
pub fn is_redirect(kind: &str, status: u16) -> bool {
    kind == "opaqueredirect" || matches!(status, 301..=303 | 307 | 308)
}

/// Whether the server was told about a sign-out: any success, a server that says the session is over already, or one
/// that leads on to a page of its own, as a redirect does: browsers show its status as zero.
pub fn was_told(status: u16) -> bool {
    matches!(status, 200..=299 | 401) || status == 0 || is_redirect("", status)
}

/// The length of a body of which more and more arrives, in bytes.
#[derive(Debug, Default)]
pub struct Length(u32);

impl Length {
    /// So many more have come. Whether they are still read.
    pub fn grow(&mut self, bytes: u32) -> bool {
        self.0 = self.0.saturating_add(bytes);
        self.0 <= LONGEST_BODY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_26_a_redirect_is_one_whether_it_is_hidden_or_shown() {
        assert!(is_redirect("opaqueredirect", 0));
        for status in [301, 302, 303, 307, 308] {
            assert!(is_redirect("basic", status), "{status}");
        }
        for status in [0, 200, 300, 304, 305, 306, 309, 400] {
            assert!(!is_redirect("basic", status), "{status}");
        }
    }

    #[test]
    fn rel_13_a_body_is_read_up_to_its_longest() {
        let mut length = Length::default();
        assert!(length.grow(LONGEST_BODY - 1));
        assert!(length.grow(1));
        assert!(length.grow(0));
        assert!(!length.grow(1));
        assert!(!length.grow(u32::MAX), "it does not begin anew");
    }

    #[test]
    fn a_server_was_told_where_it_answers_so_or_leads_on() {
        for status in [0, 200, 204, 299, 301, 302, 303, 307, 308, 401] {
            assert!(was_told(status), "{status}");
        }
        for status in [304, 400, 403, 404, 500, 503] {
            assert!(!was_told(status), "{status}");
        }
    }
}
