// Clients that mean harm: requests that two readers would cut differently, in one piece and in many; clients that never
// finish, and those that never stop; ten times what can be served. Each gets its answer or loses its connection, nothing
// else is ever executed, and the others are served meanwhile.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Server, sleep, withServer } from "./server.mjs";

let server;
before(async () => {
  server = await Server.start({ limits: { idle_ms: 1500, connections_per_address: 1000 } });
});
after(() => server.stop());

const smuggled = "GET /api/now?smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
const post = "POST /api/echo HTTP/1.1\r\nHost: x\r\n";
const chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
const get = (headers = "") => `GET /api/echo HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;

// What must be refused: the connection ends with the refusal, whatever follows on it.
const refused = {
  "CL.TE": post + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "TE.CL": post + `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
  "TE.TE": post + "Transfer-Encoding: chunked\r\nTransfer-encoding: x\r\n\r\n0\r\n\r\n",
  "TE.0 on a GET": "GET /api/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n",
  "chunked in HTTP/1.0": "POST /api/echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "two lengths": post + `Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n`,
  "two lengths of one size": post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
  "a length of two words": post + "Content-Length: 2 2\r\n\r\nhi",
  "a length with a parameter": post + "Content-Length: 2;q=1\r\n\r\nhi",
  "a length with an underscore": post + "Content-Length: 1_0\r\n\r\nhi",
  "a length with white space behind": post + "Content-Length: 2 \t\r\n\r\nhi",
  "a folded length": post + "Content-Length:\r\n 2\r\n\r\nhi",
  "a folded coding": post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
  "a space before the colon": post + `Content-Length : ${smuggled.length}\r\n\r\n`,
  "a space before the colon of the coding": post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
  "a name of 8-bit letters": post + "Content-Length\xa0: 2\r\n\r\nhi",
  "chunked twice": post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
  "chunked before another": post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
  "chunked with a parameter": post + "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
  "chunked in quotes": post + 'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
  "a chunk size in other digits": chunked + "0x5\r\nhello\r\n0\r\n\r\n",
  "a signed chunk size": chunked + "+5\r\nhello\r\n0\r\n\r\n",
  "an empty chunk size": chunked + "\r\nhello\r\n0\r\n\r\n",
  "a chunk without its end": chunked + "5\r\nhello0\r\n\r\n",
  "bare LF for every end": "GET /api/now HTTP/1.1\nHost: x\n\n",
  "a bare CR for an end": "GET /api/now HTTP/1.1\rHost: x\r\r",
  "a bare CR inside": get("X: a\r\rTransfer-Encoding: chunked\r\n"),
  "two hosts": "GET /api/now HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
  "a host with a space": "GET /api/now HTTP/1.1\r\nHost: x y\r\n\r\n",
  "a host with a path": "GET /api/now HTTP/1.1\r\nHost: x/y\r\n\r\n",
  "a host with a name before it": "GET /api/now HTTP/1.1\r\nHost: a@x\r\n\r\n",
  "a tunnel": "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
  "the preface of HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "a version that is none": "GET /api/now HTTP/1.10\r\nHost: x\r\n\r\n",
  "a control character in the target": "GET /api/now\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
};

// What is one request, with an answer; what follows its end is the next one and nothing of its body is.
const whole = {
  "a body on a GET": [`GET /api/now HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`, true],
  "a body where there is nothing": [`POST /api/none HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`, true],
  "a body of an unknown coding": [post + `Content-Encoding: gzip\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`, true],
  "a chunked body that looks like a request": [chunked + `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`, false],
  "a request for a trailer": [chunked + `0\r\n${smuggled}`, false],
  "a request behind the last chunk": [chunked + `0\r\n\r\n${smuggled}`, false],
  "a length with white space before": [post + `Content-Length: \t ${smuggled.length}\r\n\r\n${smuggled}`, true],
  "an underscore for the hyphen": [get("Content_Length: 5\r\n"), true],
  "an upgrade nobody asked for": [get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"), true],
  "the whole address for a target": ["GET http://other.example/api/echo HTTP/1.1\r\nHost: x\r\n\r\n", true],
  "HTTP/1.0 that wants to stay": ["GET /api/echo HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n", null],
  "empty lines before the request": ["\r\n\r\n" + get(), null],
};

const answers = (text) => [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map((m) => Number(m[1]));

// All at once, or cut at each of these places, each piece on its way alone.
async function exchange(bytes, cuts = []) {
  const raw = await server.connect();
  let from = 0;
  for (const at of [...cuts, bytes.length]) {
    if (raw.closed) break;
    raw.send(bytes.slice(from, at));
    from = at;
    if (at < bytes.length) await sleep(3);
  }
  const end = Date.now() + 4000;
  while (!raw.closed && Date.now() < end) await sleep(5);
  const text = raw.received.toString("latin1");
  assert.ok(raw.closed, `still open: ${text.slice(0, 300)}`);
  return text;
}

// Places to cut: around what the readers disagree on, and a few by a seed.
let seed = 20261124;
const random = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
const cutsOf = (bytes) => [[], [Math.max(1, bytes.indexOf("\r\n") + 1)], [bytes.indexOf("\r\n\r\n") + 3],
  [...new Set(Array.from({ length: 6 }, () => 1 + random(bytes.length - 1)))].sort((a, b) => a - b)].map((cuts) => cuts.filter((at) => at > 0 && at < bytes.length));

test("a request that two readers would cut differently is refused, however it arrives", async (t) => {
  let cases = 0;
  await Promise.all(Object.entries(refused).map(async ([name, head]) => {
    const bytes = head + smuggled;
    for (const cuts of cutsOf(bytes)) {
      const text = await exchange(bytes, cuts);
      const what = `${name} cut at ${cuts}: ${text.slice(0, 300)}`;
      assert.ok(new Set(answers(text)).size <= 1, what); // the library writes one of its own refusals twice
      for (const status of answers(text)) assert.ok([400, 413, 414, 431, 501, 505].includes(status), what);
      assert.ok(!text.includes("\r\n\r\nnow") && !text.includes('"query"'), `executed: ${what}`);
      cases++;
    }
  }));
  t.diagnostic(`${Object.keys(refused).length} requests, ${cases} ways`);
});

test("what is one request stays one, and the next on its connection is what follows", async () => {
  await Promise.all(Object.entries(whole).map(async ([name, [bytes, stays]]) => {
    const last = "GET /api/echo?last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    for (const cuts of cutsOf(bytes + last)) {
      const text = await exchange(bytes + last, cuts), seen = answers(text), what = `${name} cut at ${cuts}: ${text.slice(0, 1500)}`;
      assert.ok(!text.includes("\r\n\r\nnow") || /^GET \/api\/now/.test(bytes), `executed: ${what}`);
      assert.equal((text.match(/"query":"smuggled"/g) ?? []).length, 0, what);
      assert.ok(seen.length >= 1 && seen.length <= 2, what);
      if (stays === true) assert.ok(seen.length === 2 && text.includes('"query":"last"'), what);
      if (stays === false) assert.equal(seen.length, 1, what);
    }
  }));
});

test("after an error on a connection: the next request if its place is sure, nothing if it is not", async () => {
  const raw = await server.connect();
  for (const [target, status] of [["/api/none", 404], ["/api/now", 200], ["/api/nothing", 500], ["/api/now", 200], ["/api/split", 500], ["/api/now", 200]])
    assert.equal((await raw.get(target)).status, status, target);
  raw.send(`PUT /api/echo HTTP/1.1\r\nHost: x\r\n\r\nGET /api/now HTTP/1.1\r\nHost: x\r\n\r\n`);
  assert.deepEqual([(await raw.reply()).status, (await raw.reply()).status], [405, 200]);
  raw.send("GET /api/now HTTP/1.1\r\nHost: x\r\nbroken\r\n\r\n" + smuggled);
  assert.equal(answers(await raw.all()).length, 1);
});

const memory = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${server.process.pid}/status`, "utf8"))[1]);

test("hundreds that never finish are cut, and the others are served meanwhile", async () => {
  const kinds = [
    ["", "GET /api/now HTTP/1.1\r\nHost: x\r\nX-Slow: "], // a head without end
    ["", ""], // nothing at all
    ["POST /api/open HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n", "x"], // a body without end
    ["GET /api/big?size=30000000 HTTP/1.1\r\nHost: x\r\n\r\n", null], // an answer nobody reads
  ];
  const slow = await Promise.all(Array.from({ length: 240 }, async (_, i) => {
    const raw = await server.connect(), [first, then] = kinds[i % kinds.length];
    if (first) raw.send(first);
    if (then === null) raw.socket.pause();
    return { raw, then, i };
  }));
  const dribble = setInterval(() => slow.forEach(({ raw, then }) => then && !raw.closed && raw.send(then)), 50);
  for (let i = 0; i < 100; i++) assert.equal((await server.fetch("/api/echo")).status, 200);
  const open = () => slow.filter(({ raw, i }) => i % 4 < 2 && !raw.closed).length;
  for (const end = Date.now() + 8000; open() > 0 && Date.now() < end; ) await sleep(50);
  clearInterval(dribble);
  assert.equal(open(), 0, "heads without end are cut");
  slow.forEach(({ raw }) => raw.close());
  await server.eventually("grenier_http_connections", 1, 10000);
  await server.noTemporaryFiles();
});

test("floods of headers, of pipelined requests and of connections leave nothing behind", async () => {
  await server.fetch("/api/echo");
  const before = memory("VmRSS");
  const line = Buffer.from("X-Flood: " + "f".repeat(1000) + "\r\n");
  await Promise.all(Array.from({ length: 60 }, async (_, i) => {
    const raw = await server.connect();
    raw.send(i % 2 === 0 ? "GET /api/echo HTTP/1.1\r\nHost: x\r\n" : "");
    for (let n = 0; n < 300 && !raw.closed; n++) {
      raw.send(i % 2 === 0 ? line : get());
      if (n % 20 === 0) await sleep(1);
    }
    raw.close();
  }));
  for (let i = 0; i < 10; i++) (await Promise.all(Array.from({ length: 90 }, () => server.connect()))).forEach((raw) => raw.close());
  await server.eventually("grenier_http_connections", 1, 10000);
  await server.eventually("grenier_http_requests_in_flight", 1, 10000);
  const grown = memory("VmRSS") - before;
  assert.ok(grown < 192 * 1024, `${grown} KiB more`); // the address sanitizer keeps freed memory for a while
  assert.equal((await server.fetch("/api/echo")).status, 200);
});

test("ten times what can be served: each answer is a 200 or a 503 with Retry-After, and then all is as before", (t) =>
  withServer({ limits: { readers: 1, writers: 1, reader_queue: 8, writer_queue: 8, connections_per_address: 1000 } }, async (server) => {
    // One worker of each lane and 5 ms a request are 200 a second; 80 clients ask without a pause.
    const seen = {}, until = Date.now() + 2000;
    const client = async (i) => {
      const raw = await server.connect();
      while (Date.now() < until) {
        const reply = await raw.get(`/api/sleep?ms=5&lane=${i % 2 ? "writer" : "reader"}`);
        seen[reply.status] = (seen[reply.status] ?? 0) + 1;
        assert.ok([200, 503].includes(reply.status), reply.head);
        assert.equal(reply.status === 503, /\r\nRetry-After: \d+/i.test(reply.head), reply.head);
        if (reply.status === 503) await sleep(5);
      }
      raw.close();
    };
    await Promise.all(Array.from({ length: 80 }, (_, i) => client(i)));
    assert.ok(seen[200] > 0 && seen[503] > seen[200], JSON.stringify(seen));
    t.diagnostic(JSON.stringify(seen));
    await server.eventually("grenier_http_requests_in_flight", 1);
    assert.equal((await server.fetch("/api/sleep?ms=1")).status, 200);
  }));
