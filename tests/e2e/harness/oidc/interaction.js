/**
 * The login page of the authorization server. No passwords: who is signed in says the test (`provider.account`). It
 * goes on by itself, or waits for one of two clicks.
 */
export async function interact(provider, { login = "auto" }, account, request, response) {
  const { prompt } = await provider.interactionDetails(request, response);
  const finish = (result) => provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
  const accept = () => finish(prompt.name === "login" ? { login: { accountId: account } } : { consent: {} });
  if (request.method === "POST") {
    const isCancelled = new URLSearchParams(await bodyOf(request)).has("cancel");
    return isCancelled ? finish({ error: "access_denied", error_description: "The user said no." }) : accept();
  }
  if (login === "auto") return accept();
  response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" }).end(PAGE);
}

const PAGE = `<!doctype html>
<title>Sign in</title>
<form method="post">
  <button id="sign-in">Sign in</button>
  <button id="cancel" name="cancel" value="1">Cancel</button>
</form>`;

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
