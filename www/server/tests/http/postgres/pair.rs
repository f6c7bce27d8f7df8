//! Two processes on one database, as behind a proxy, and clients of the provider.

use std::collections::BTreeMap;

use hallpass_server::Origins;
use reqwest::Client;

use super::cluster::Cluster;
use crate::browser::{Answer, Browser};
use crate::oidc::flow::{Flow, callback};
use crate::process::Process;
use crate::server::plain_client;

/// The address that browsers see: the proxy's.
const ADDRESS: [&str; 4] = [
    "--app-origin",
    "https://app.test",
    "--api-origin",
    "https://api.test",
];

/// The processes, and a user who is signed in at the provider: one password for all families.
pub(crate) struct Pair {
    pub(crate) processes: [Process; 2],
    login: BTreeMap<String, String>,
    http: Client,
}

/// A family of refresh tokens, as its client holds it.
pub(crate) struct Family {
    http: Client,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

impl Pair {
    pub(crate) async fn start(cluster: &Cluster) -> Self {
        let processes = Process::start_together(&flags(&cluster.url()));
        let http = plain_client();
        let mut flow = Flow::with_client(&origins(&processes[0]), http.clone());
        // The page with the form is the proxy's.
        ADDRESS[3].clone_into(&mut flow.origins.api);
        flow.sign_in().await;
        Self {
            processes,
            login: flow.browser.cookies,
            http,
        }
    }

    /// Another process in the place of one that was killed.
    pub(crate) fn replace(&mut self, which: usize, cluster: &Cluster) {
        self.processes[which] = Process::start(&flags(&cluster.url()));
    }

    /// Where a process listens.
    pub(crate) fn origins(&self, which: usize) -> Origins {
        origins(&self.processes[which])
    }

    /// Opens a family: the code comes from one process, the tokens from the other.
    pub(crate) async fn family(&self) -> Family {
        // Without an ID token, which takes longer to sign than all the rest.
        let flow = Flow::with_client(&self.origins(0), self.http.clone());
        let mut flow = flow.set("scope", "profile offline_access");
        flow.browser.cookies = self.login.clone();
        let code = callback(&flow.begin().await)["code"].clone();
        flow.page.origins = self.origins(1);
        let answer = flow.exchange(&code).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        Family {
            http: self.http.clone(),
            access_token: flow.page.token.expect("an access token"),
            refresh_token: flow.page.refresh_token.expect("a refresh token"),
        }
    }
}

impl Family {
    /// Presents a refresh token; no answer may come.
    pub(crate) async fn present(&self, at: &Origins, token: &str) -> reqwest::Result<Answer> {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.post(at, "/oidc/token", &fields).await
    }

    /// Signs out.
    pub(crate) async fn revoke(&self, at: &Origins) -> reqwest::Result<Answer> {
        let fields = [("token", self.refresh_token.as_str())];
        self.post(at, "/oidc/revoke", &fields).await
    }

    /// Asks the API with the access token.
    pub(crate) async fn me(&self, at: &Origins) -> Answer {
        let mut page = Browser::with_client(at, self.http.clone());
        page.token = Some(self.access_token.clone());
        page.me().await
    }

    /// Takes the tokens of an answer.
    pub(crate) fn adopt(&mut self, answer: &Answer) {
        let tokens = answer.json();
        let token = |name: &str| tokens[name].as_str().expect("a token").to_owned();
        self.access_token = token("access_token");
        self.refresh_token = token("refresh_token");
    }

    async fn post(
        &self,
        at: &Origins,
        path: &str,
        fields: &[(&str, &str)],
    ) -> reqwest::Result<Answer> {
        let fields = [&[("client_id", "spa")], fields].concat();
        let request = self.http.post(format!("{}{path}", at.api));
        let request = request.header("origin", &at.app).form(&fields);
        Answer::try_read(request.send().await?).await
    }
}

fn flags(database: &str) -> Vec<&str> {
    [&["--db", database], ADDRESS.as_slice()].concat()
}

/// Its own port, and the app's origin as browsers see it.
fn origins(process: &Process) -> Origins {
    Origins {
        app: ADDRESS[1].to_owned(),
        ..process.origins.clone()
    }
}
