//! The login page's HTML. No script at all, one style whose hash the policy names, every value
//! escaped.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64ct::{Base64, Encoding};

use crate::error::ApiError;
use crate::random;
use crate::sign_in::Typed;

/// The login form.
pub(crate) struct Page<'a> {
    /// Where the form goes.
    pub(crate) action: &'a str,
    /// What the app asked for, by name.
    pub(crate) request: Vec<(&'a str, &'a str)>,
    /// Where "Cancel" leads.
    pub(crate) cancel: &'a str,
    pub(crate) fields: Fields<'a>,
    pub(crate) problem: Option<&'a str>,
}

/// What the user is to type.
#[derive(Clone, Copy)]
pub(crate) enum Fields<'a> {
    Password { username: &'a str },
    Code { ticket: &'a str },
}

impl<'a> Fields<'a> {
    /// What is to be typed again after a refusal.
    pub(crate) fn again(typed: Typed<'a>, refusal: &ApiError) -> Self {
        match typed {
            _ if refusal.is_expired_ticket() => Self::Password { username: "" },
            Typed::Password { username, .. } => Self::Password { username },
            Typed::Code { ticket, .. } => Self::Code { ticket },
        }
    }
}

impl Page<'_> {
    /// The page. `origins`: where the form may lead to in the end.
    pub(crate) fn respond(&self, origins: &[String], status: StatusCode) -> Response {
        respond(origins, status, "Sign in", &self.form())
    }

    /// The page again, with what was wrong.
    pub(crate) fn refused(&self, origins: &[String], refusal: &ApiError) -> Response {
        let page = self.respond(origins, status(refusal));
        (refusal.mark(), refusal.headers(), page).into_response()
    }

    fn form(&self) -> String {
        let problem = self.problem.map(|problem| {
            format!(
                "<p class=\"problem\" role=\"alert\">{}</p>",
                escape(problem)
            )
        });
        let request = self.request.iter().map(|(name, value)| hidden(name, value));
        format!(
            r#"<p class="where">to continue to the demo app</p>
{problem}
<form method="post" action="{action}">
{request}{fields}
<button type="submit">Sign in</button>
<a href="{cancel}">Cancel</a>
</form>"#,
            problem = problem.unwrap_or_default(),
            action = escape(self.action),
            request = request.collect::<String>(),
            fields = self.fields.html(),
            cancel = escape(self.cancel),
        )
    }
}

impl Fields<'_> {
    fn html(self) -> String {
        match self {
            Self::Password { username } => format!(
                r#"<label>User name
<input name="username" value="{}" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus></label>
<label>Password
<input name="password" type="password" autocomplete="current-password" required></label>"#,
                escape(username)
            ),
            Self::Code { ticket } => format!(
                r#"{}<label>Code from your authenticator
<input name="code" inputmode="numeric" autocomplete="one-time-code" required autofocus></label>"#,
                hidden("ticket", ticket)
            ),
        }
    }
}

/// A wrong password or code is no failure of the page, but neither is it a success for those who count
/// statuses: 403, without the challenge that a 401 needs.
fn status(refusal: &ApiError) -> StatusCode {
    if refusal.is_invalid_grant() || refusal.is_expired_ticket() {
        StatusCode::FORBIDDEN
    } else {
        refusal.status()
    }
}

/// A request that must not be answered with a redirect: the user stays here and reads why.
pub(crate) fn refuse(origins: &[String], refusal: &ApiError) -> Response {
    let text = format!(
        "<p class=\"problem\" role=\"alert\">{}</p>",
        escape(refusal.reason())
    );
    let title = "This sign-in link is wrong";
    let page = respond(origins, refusal.status(), title, &text);
    (refusal.mark(), page).into_response()
}

/// A page with a title of ours and HTML of ours.
pub(crate) fn respond(origins: &[String], status: StatusCode, title: &str, main: &str) -> Response {
    let html = format!(
        r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="theme-color" content="#f4efe4" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#12181a" media="(prefers-color-scheme: dark)">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{main}
</main>
</body>
</html>
"##
    );
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy(origins)),
        // Not `no-referrer`: browsers would then send `Origin: null` with the form.
        (header::REFERRER_POLICY, "same-origin".to_owned()),
    ];
    (status, headers, Html(html)).into_response()
}

/// `form-action` names the apps too: Chromium applies it to the redirect after the form.
fn policy(origins: &[String]) -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; form-action 'self' {}; base-uri 'none'; \
         frame-ancestors 'none'",
        Base64::encode_string(&random::sha256(STYLE.as_bytes())),
        origins.join(" "),
    )
}

/// A field that the user does not see.
pub(crate) fn hidden(name: &str, value: &str) -> String {
    format!(
        "<input type=\"hidden\" name=\"{}\" value=\"{}\">\n",
        escape(name),
        escape(value)
    )
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(char),
        }
    }
    escaped
}

/// The demo app's colours and corners, so that going here and back looks like one product. The
/// edge of a field is darker than other lines: it must be seen (WCAG 2.2, 1.4.11).
const STYLE: &str = "
:root { color-scheme: light dark; --paper: #f4efe4; --surface: #fffdf7; --line: #ddd4c1; --edge: #828a85; --ink: #1e2a2b; --ink-soft: #59635f; --accent: #0e6b57; --on-accent: #fff; --bad: #b23a2a; }
@media (prefers-color-scheme: dark) { :root { --paper: #12181a; --surface: #1a2224; --line: #314042; --edge: #828d89; --ink: #eee8da; --ink-soft: #a5b0ab; --accent: #58c9a9; --on-accent: #06231c; --bad: #ff8f78; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 22rem; padding: 2rem; background: var(--surface); border: 1px solid var(--line); border-radius: 22px; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.2; }
.where { margin: .25rem 0 1.5rem; color: var(--ink-soft); }
.problem { margin: 1rem 0; padding: .6rem .8rem; border-left: 4px solid var(--bad); color: var(--bad); }
form { display: grid; gap: 1rem; }
label { display: grid; gap: .25rem; font-weight: 600; }
input { font: inherit; color: inherit; padding: .6rem .7rem; min-height: 44px; background: transparent; border: 1px solid var(--edge); border-radius: 12px; }
button { font: inherit; font-weight: 650; min-height: 44px; padding: .6rem .7rem; color: var(--on-accent); background: var(--accent); border: 0; border-radius: 12px; cursor: pointer; }
a { justify-self: center; color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_leave_their_attribute() {
        assert_eq!(
            escape(r#""><script>'&"#),
            "&quot;&gt;&lt;script&gt;&#39;&amp;"
        );
    }
}
