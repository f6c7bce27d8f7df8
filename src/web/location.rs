//! URLs of the redirect flow, by the platform's parser.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Storage, Url, UrlSearchParams};

use crate::config::Redirect;
use crate::error::{Error, ErrorKind};
use crate::redirect::{Callback, return_to};
use crate::secret::Secret;

use super::convert::pairs;
use super::global::{global, property};

/// The URL to leave for.
pub(super) fn departure(
    options: &Redirect,
    page: &str,
    state: Option<&Secret>,
    params: &[(Secret, Secret)],
) -> Result<String, Error> {
    let invalid = |_: JsValue| {
        Error::new(
            ErrorKind::InvalidOption,
            "options.redirect.url must be a URL",
        )
    };
    let url = Url::new(&options.url).map_err(invalid)?;
    let query = url.search_params();
    for (name, value) in params {
        query.set(name.expose(), value.expose());
    }
    match &options.callback_url {
        Some(written) => query.set(&options.return_param, written),
        None => {
            let end = page.bytes().position(|byte| matches!(byte, b'?' | b'#'));
            let bare = end.and_then(|end| page.get(..end)).unwrap_or(page);
            query.set(&options.return_param, bare);
        }
    }
    if let (Some(name), Some(state)) = (&options.state_param, state) {
        query.set(name, state.expose());
    }
    Ok(url.href())
}

/// A path on this page's origin, or the default; the page itself where nothing was asked for.
pub(super) fn path_here(asked: Option<&str>, page: &str) -> String {
    let Ok(here) = Url::new(page) else {
        return "/".to_owned();
    };
    let there = match asked {
        None => Ok(here.clone()),
        Some(asked) => Url::new_with_base(asked, page),
    };
    there.map_or_else(
        |_| "/".to_owned(),
        |there| {
            let mut path = there.pathname();
            path.push_str(&there.search());
            path.push_str(&there.hash());
            return_to(&here.origin(), &there.origin(), &path)
        },
    )
}

/// A stored path is untrusted again when it comes back.
pub(super) fn path_again(stored: &str) -> String {
    let page = global("location").and_then(|location| property(&location, "href")?.as_string());
    page.map_or_else(|| "/".to_owned(), |page| path_here(Some(stored), &page))
}

/// The callback in what the facade took out of the address bar.
pub(super) fn callback(fragment: &str, options: &Redirect) -> Callback {
    Callback::read(fragment, parameters(fragment), &options.accept)
}

/// Parameters as they stand in a query or in a fragment.
pub(super) fn parameters(text: &str) -> Vec<(Secret, Secret)> {
    let params = UrlSearchParams::new_with_str(text);
    params.map_or_else(|_| Vec::new(), |params| pairs(&params.into()))
}

/// What a tab remembers while it is away: always in sessionStorage, for that is the tab's own.
pub(super) struct Away {
    storage: Option<Storage>,
    key: String,
}

impl Away {
    pub(super) fn new(key: String) -> Self {
        let storage = global("sessionStorage").map(JsCast::unchecked_into);
        Self { storage, key }
    }

    /// Remembers; without that no callback could be told from an attacker's.
    pub(super) fn remember(&self, memory: &Secret) -> Result<(), Error> {
        let written = self
            .storage
            .as_ref()
            .map(|storage| storage.set_item(&self.key, memory.expose()));
        match written {
            Some(Ok(())) => Ok(()),
            _ => Err(Error::new(
                ErrorKind::StorageUnavailable,
                "a redirect sign-in needs sessionStorage, and this page has no access to it",
            )),
        }
    }

    /// Gives what was remembered, once.
    pub(super) fn take(&self) -> Option<Secret> {
        let memory = self.peek();
        self.forget();
        memory
    }

    /// Gives what was remembered.
    pub(super) fn peek(&self) -> Option<Secret> {
        let text = self.storage.as_ref()?.get_item(&self.key).ok()??;
        Some(Secret::from(text))
    }

    pub(super) fn forget(&self) {
        if let Some(storage) = &self.storage {
            let _ = storage.remove_item(&self.key);
        }
    }
}
