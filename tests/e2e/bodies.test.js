import assert from "node:assert/strict";
import { suite } from "./harness/suite.js";
import { tokenAnswer } from "./harness/jwt.js";

/*
 * A request that got a 401 is sent a second time: what arrives then must be what arrived first, to the last byte.
 * The harness server keeps both, so they can be compared as they were on the wire.
 */

/** Bodies as a page makes them. Run in the page; `kind` names one. */
const MAKE = `(kind) => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
  switch (kind) {
    case "string": return "grüße ✓ \\r\\n\\u0000 end";
    case "Blob": return new Blob(["text ✓", bytes], { type: "application/x-test" });
    case "File": return new File([bytes], "päss.bin", { type: "application/octet-stream" });
    case "URLSearchParams": return new URLSearchParams([["a", "1 & 2"], ["ü", "✓"], ["a", "again"]]);
    case "ArrayBuffer": return bytes.buffer;
    case "Uint8Array": return bytes;
    case "view of a part": return new Uint8Array(bytes.buffer, 7, 99);
    case "DataView": return new DataView(bytes.buffer, 3, 50);
    case "FormData": {
      const form = new FormData();
      form.append("name", "grüße");
      form.append("name", "twice");
      form.append("file", new Blob([bytes], { type: "application/octet-stream" }), "päss.bin");
      return form;
    }
    case "FormData without files": {
      const form = new FormData();
      form.append("name", "grüße");
      return form;
    }
    case "nothing": return undefined;
  }
}`;

const KINDS = ["nothing", "string", "Blob", "File", "URLSearchParams", "ArrayBuffer", "Uint8Array", "view of a part", "DataView", "FormData", "FormData without files"];

suite("request bodies", (test) => {
  test("fetch: every replayable kind arrives byte-identical on the replay, boundary and content type included (REL-19)", async (world) => {
    const { page, server } = await refusedOnce(world);
    const statuses = await page.run(
      `(kinds) => Promise.all(kinds.map(async (kind) => {
        const answer = await window.auth.fetch("/upload/" + kind, { method: "POST", body: (${MAKE})(kind) });
        return answer.status;
      }))`,
      KINDS,
    );
    assert.deepEqual(statuses, KINDS.map(() => 200));
    for (const kind of KINDS) assertTwins(server, kind);
  }, { quick: true });

  test("fetch with a Request: every replayable kind arrives byte-identical on the replay (REL-19)", async (world) => {
    const { page, server } = await refusedOnce(world);
    // WebKit forgets the files of a form that only the Request holds: rather the 401 than an empty file.
    const isKept = (kind) => world.engine !== "webkit" || kind !== "FormData";
    const statuses = await page.run(
      `(kinds) => Promise.all(kinds.map(async (kind) => {
        const init = { method: "PUT", headers: { "X-Request-Id": "7" }, body: (${MAKE})(kind) };
        return (await window.auth.fetch(new Request("/upload/" + kind, init))).status;
      }))`,
      KINDS,
    );
    assert.deepEqual(statuses, KINDS.map((kind) => (isKept(kind) ? 200 : 401)));
    for (const kind of KINDS.filter(isKept)) {
      const [, second] = assertTwins(server, kind);
      assert.deepEqual([second.method, second.headers["x-request-id"]], ["PUT", "7"]);
    }
    if (!isKept("FormData")) assert.equal(server.callsTo("/upload/FormData").length, 1);
  });

  for (const adapter of ["xhr", "fetch"]) {
    test(`axios, ${adapter} adapter: every replayable kind arrives byte-identical on the replay, FormData with the same parts (REL-19)`, async (world) => {
      const { page, server } = await refusedOnce(world);
      const statuses = await page.run(
        `(kinds, adapter) => Promise.all(kinds.map(async (kind) => {
          const answer = await window.client.post("/upload/" + kind, (${MAKE})(kind), { adapter });
          return answer.status;
        }))`,
        KINDS,
        adapter,
      );
      assert.deepEqual(statuses, KINDS.map(() => 200));
      for (const kind of KINDS) assertTwins(server, kind, withoutBoundary);
    });
  }

  test("bodies that the caller changes after the call go out as they were at the call, both times (REL-19)", async (world) => {
    const { page, server } = await refusedOnce(world);
    const kinds = ["Uint8Array", "ArrayBuffer", "URLSearchParams", "FormData"];
    await page.run(
      `(kinds) => Promise.all(kinds.map((kind) => {
        const body = (${MAKE})(kind);
        const answer = window.auth.fetch("/upload/" + kind, { method: "POST", body });
        if (body instanceof Uint8Array) body.fill(0);
        else if (body instanceof ArrayBuffer) new Uint8Array(body).fill(0);
        else body.append("late", "too late");
        return answer.then(() => null);
      }))`,
      kinds,
    );
    for (const kind of kinds) {
      const [first] = assertTwins(server, kind);
      assert.ok(!first.body.includes("too late"), kind);
      assert.ok(first.body.some((byte) => byte !== 0), kind);
    }
  });

  test("a ReadableStream cannot be sent twice: its 401 comes back, and the next request has a fresh token (REL-19)", async (world) => {
    const page = await world.open();
    await page.signIn();
    await world.server.staleAccess(world.user);
    const outcome = await page.run(async (url) => {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode("only once"));
          controller.close();
        },
      });
      try {
        return (await window.hallpassDemo.auth.fetch(url, { method: "POST", body, duplex: "half" })).status;
      } catch (error) {
        return error.name;
      }
    }, `${world.server.api}/echo`);

    const echoes = await world.server.log({ path: "/echo" });
    if (world.engine === "webkit") {
      // WebKit cannot send streams at all and says so before anything goes out.
      assert.deepEqual([outcome, echoes.length], ["NotSupportedError", 0]);
      return;
    }
    assert.equal(outcome, 401);
    assert.deepEqual(echoes.map((entry) => entry.status), [401], "sent once");
    await page.change("refreshed");
    assert.equal((await page.ask("/me"))[0].status, 200);
    assert.deepEqual((await world.server.log({ path: "/me" })).map((entry) => entry.status), [200]);
    assert.equal((await world.server.log({ path: "/token" })).length, 1);
  });

  test("80 MB down and up, with progress, while unauthorized and renewFrom look at each answer: nothing is copied", async (world) => {
    const [server] = await world.origins();
    const size = 80_000_000;
    server.on("GET /download", () => ({ body: Buffer.alloc(size, 7), headers: { "Content-Type": "application/octet-stream", "X-Token": "" } }));
    server.on("POST /upload", (call) => ({ json: { arrived: call.body.length } }));
    const page = world.packagePage(server);
    await page.open({}, (options) => {
      window.asked = 0;
      return {
        ...options,
        unauthorized: ({ status }) => (window.asked++, status === 419),
        renewFrom: ({ headers }) => (headers.get("X-Token") ? { accessToken: headers.get("X-Token") } : null),
      };
    });
    await page.accept(tokenAnswer());
    const seen = await page.run(async (size) => {
      let clones = 0;
      const { clone } = Response.prototype;
      Response.prototype.clone = function () {
        clones += 1;
        return clone.call(this);
      };
      const reader = (await window.auth.fetch("/download")).body.getReader();
      let [chunks, length] = [0, 0];
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        chunks += 1;
        length += value.length;
      }
      const down = [];
      const up = [];
      const onDownloadProgress = ({ loaded }) => down.push(loaded);
      const onUploadProgress = ({ loaded }) => up.push(loaded);
      const { data } = await window.client.get("/download", { adapter: "xhr", responseType: "blob", onDownloadProgress });
      const answer = await window.client.post("/upload", new Blob([new Uint8Array(size)]), { adapter: "xhr", onUploadProgress });
      const sent = await window.auth.fetch("/upload", { method: "POST", body: new Blob([new Uint8Array(size)]) });
      return {
        fetched: [length, chunks > 1],
        down: [data.size, down.at(-1), down.length > 1],
        up: [answer.data.arrived, up.at(-1), up.length > 1],
        sent: await sent.json(),
        clones,
        asked: window.asked,
      };
    }, size);
    assert.deepEqual(seen, {
      fetched: [size, true],
      down: [size, size, true],
      up: [size, size, true],
      sent: { arrived: size },
      clones: 0,
      asked: 4,
    });
  });

  test("the demo's uploads with a rejected token: the reference server's checksums agree, by fetch and by axios (REL-19)", async (world) => {
    const page = await world.open({}, "/requests");
    await page.signIn();
    for (const client of ["fetch", "axios"]) {
      await page.click(`rejected-upload-${client}`);
      const rows = await page.until(
        `the uploads by ${client} are done`,
        (by) => {
          const batch = document.querySelector("[data-testid=batch]");
          if (batch?.dataset.client !== by) return null;
          return [...batch.querySelectorAll("[data-testid=request]")].map(({ dataset }) => [dataset.kind, dataset.status, dataset.identical]);
        },
        client,
      );
      const kinds = ["string", "URLSearchParams", "FormData", "Blob", "ArrayBuffer", "Uint8Array"];
      assert.deepEqual(rows, kinds.map((kind) => [kind, "200", "true"]));
      const echoes = await world.server.log({ path: "/echo", method: "POST" });
      const refused = echoes.filter((entry) => entry.status === 401).length;
      assert.ok(refused >= 1 && echoes.length === kinds.length + refused);
      await world.server.clearLog();
    }
  });
});

/** A signed-in page; each of its uploads is answered with 401 at first, and with 200 when it comes with the next token. */
async function refusedOnce(world) {
  const [server] = await world.origins();
  let good;
  server.on("POST /token", () => {
    const answer = tokenAnswer();
    good = `Bearer ${answer.access_token}`;
    return { json: answer };
  });
  for (const kind of KINDS) {
    server.on(`* ${encodeURI(`/upload/${kind}`)}`, (call, nth) => {
      if (nth > 1 && call.headers.authorization === good) return { json: {} };
      return { status: 401, headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' } };
    });
  }
  const page = world.packagePage(server);
  await page.open({ refresh: "/token" });
  await page.accept(tokenAnswer());
  return { page, server };
}

/** The two uploads of this kind that arrived are the same but for the token. */
function assertTwins(server, kind, normal = (body) => body) {
  const uploads = server.callsTo(encodeURI(`/upload/${kind}`));
  assert.equal(uploads.length, 2, `${kind}: sent twice`);
  const [first, second] = uploads;
  assert.notEqual(first.headers.authorization, second.headers.authorization, kind);
  const [one, two] = [normal(first.body, first), normal(second.body, second)];
  assert.ok(one.equals(two), `${kind}: the same bytes; ${difference(one, two)}`);
  if (kind === "nothing") assert.equal(first.body.length, 0);
  else assert.ok(first.body.length > 0, `${kind}: something arrived`);
  const type = (call) => (call.headers["content-type"] ?? "").replace(normal === withoutBoundary ? /boundary=.*/ : "", "");
  assert.equal(type(first), type(second), `${kind}: the same content type`);
  assert.equal(server.callsTo("/token").length, 1, "one refresh for all kinds");
  return uploads;
}

function difference(one, two) {
  const at = one.findIndex((byte, index) => byte !== two[index]);
  const around = (bytes) => JSON.stringify(bytes.subarray(Math.max(0, at - 40), at + 40).toString("latin1"));
  return `${one.length} and ${two.length} bytes, from ${at} on: ${around(one)} and ${around(two)}`;
}

/** A multipart body with a boundary that does not change. */
function withoutBoundary(body, { headers }) {
  const boundary = /boundary="?([^";]+)/.exec(headers["content-type"] ?? "")?.[1];
  return boundary === undefined ? body : Buffer.from(body.toString("latin1").replaceAll(boundary, "BOUNDARY"), "latin1");
}
