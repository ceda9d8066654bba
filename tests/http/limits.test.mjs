// Limits: each of src/http/limits.h is reached and answered as documented. A server of its own for each kind.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Raw, Server, sleep, withServer } from "./server.mjs";

const elapsed = async (work) => {
  const start = Date.now();
  await work();
  return Date.now() - start;
};

const eventually = async (condition) => {
  const until = Date.now() + 5000;
  while (!condition() && Date.now() < until) await sleep(20);
  assert.ok(condition());
};

test("a full queue answers 503 with Retry-After at once", () =>
  withServer({ limits: { reader_queue: 2, readers: 1, retry_after_s: 7 } }, async (server) => {
    const holder = await server.hold();
    const waiting = [server.fetch("/api/sleep?ms=1"), server.fetch("/api/sleep?ms=1")];
    await server.eventually('grenier_http_queue_depth{lane="reader"}', 2);
    const refused = await server.fetch("/api/echo");
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get("retry-after"), "7");
    assert.equal((await refused.json()).title, "too busy");
    // Large bodies, and prepared ones, find no place either.
    assert.equal((await server.fetch("/api/echo", { method: "POST", body: Buffer.alloc(100000) })).status, 503);
    // Other lanes are not concerned.
    assert.equal((await server.fetch("/api/sleep?lane=writer")).status, 200);
    await holder.free();
    for (const reply of waiting) assert.equal((await reply).status, 200);
    assert.equal((await server.fetch("/api/echo")).status, 200);
  }));

test("who would wait long at the present pace is refused at once, but a single pause refuses nobody", () =>
  withServer({ limits: { readers: 1 } }, async (server) => {
    // A pause of a second among quick ones: those behind it wait for it.
    for (let i = 0; i < 20; i++) assert.equal((await server.fetch("/api/sleep?ms=1")).status, 200);
    const pause = server.fetch("/api/sleep?ms=1000");
    await server.eventually('grenier_http_workers_busy{lane="reader"}', 1);
    const behind = await Promise.all(Array.from({ length: 20 }, () => server.fetch("/api/sleep?ms=1")));
    assert.deepEqual([...new Set(behind.map((reply) => reply.status))], [200]);
    assert.equal((await pause).status, 200);
    // A hundred milliseconds each, one after the other: three or four may wait, the others are told at once.
    for (let i = 0; i < 25; i++) assert.equal((await server.fetch("/api/sleep?ms=100")).status, 200);
    const waits = [], refused = [];
    await Promise.all(Array.from({ length: 40 }, async () => {
      const start = Date.now(), reply = await server.fetch("/api/sleep?ms=100");
      if (reply.status === 200) return waits.push(Date.now() - start);
      assert.equal(reply.status, 503);
      assert.ok(reply.headers.get("retry-after"));
      refused.push(Date.now() - start);
    }));
    assert.ok(waits.length >= 3 && waits.length <= 12, `${waits.length} accepted`);
    assert.ok(refused.length >= 28 && Math.min(...refused) < 500, `${refused.length} refused, the first after ${Math.min(...refused)} ms`);
    // And when it is quick again, all are served again.
    for (let i = 0; i < 30; i++) assert.equal((await server.fetch("/api/sleep?ms=1")).status, 200);
    const quick = await Promise.all(Array.from({ length: 60 }, () => server.fetch("/api/sleep?ms=1")));
    assert.deepEqual([...new Set(quick.map((reply) => reply.status))], [200]);
  }));

test("the lanes of exports and passwords run one at a time", () =>
  withServer({ limits: { export_queue: 1, password_queue: 1 } }, async (server) => {
    for (const lane of ["export", "password"]) {
      const holder = await server.hold(lane);
      const second = server.fetch(`/api/sleep?lane=${lane}`);
      await server.eventually(`grenier_http_queue_depth{lane="${lane}"}`, 1);
      assert.equal((await server.fetch(`/api/sleep?lane=${lane}`)).status, 503);
      await holder.free();
      assert.equal((await second).status, 200);
    }
  }));

test("a hop to a full lane is refused", () =>
  withServer({ limits: { password_queue: 1 } }, async (server) => {
    const holder = await server.hold("password");
    const second = server.fetch("/api/sleep?lane=password");
    await server.eventually('grenier_http_queue_depth{lane="password"}', 1);
    assert.equal((await server.fetch("/api/hop")).status, 503);
    await holder.free();
    assert.equal((await second).status, 200);
    assert.equal((await server.fetch("/api/hop")).status, 200);
  }));

test("a request whose deadline passes in a queue is answered without being executed", () =>
  withServer({ limits: { readers: 1, deadline_ms: 200 } }, async (server) => {
    const holder = await server.hold();
    const before = await server.figure("echo_executed");
    let late;
    const took = await elapsed(async () => {
      late = await server.fetch("/api/echo");
      assert.equal(late.status, 503);
      assert.equal((await late.json()).title, "waited too long");
      assert.ok(late.headers.get("retry-after"));
    });
    assert.ok(took >= 180 && took < 2000, `answered after ${took} ms`);
    // The same before a large body is read: its connection lives on.
    const raw = await server.connect();
    raw.send("POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
    raw.send(Buffer.alloc(100000));
    assert.equal((await raw.reply()).status, 503);
    assert.equal(await server.figure("echo_executed"), before);
    // One that is lifted waits.
    const patient = server.fetch("/api/echo?deadline=0");
    await sleep(400);
    await holder.free();
    assert.equal((await patient).status, 200);
    assert.equal((await raw.get("/api/now")).body, "now");
    raw.close();
  }));

test("none is executed later than its deadline, however the worker comes to it", () =>
  withServer({ limits: { readers: 1 } }, async (server) => {
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async () => (await server.fetch("/api/sleep?ms=7&deadline=60")).status),
    );
    const lines = server.requests().filter((line) => line.includes("status=200"));
    const waits = lines.map((line) => Number(/wait_us=(\d+)/.exec(line)[1]));
    assert.ok(waits.length > 0 && statuses.includes(503), statuses.join());
    // A hundred microseconds between the two clocks of one thread would already be long.
    assert.ok(Math.max(...waits) <= 61000, `waited ${Math.max(...waits)} µs`);
  }));

test("one writer in order, several at once", () =>
  withServer({ limits: { writers: 2, writer_batch: 8 } }, async (server) => {
    const names = await Promise.all(
      Array.from({ length: 20 }, (_, i) => server.fetch(`/api/sleep?ms=5&lane=writer&key=k${i}`).then((r) => r.text())),
    );
    assert.deepEqual([...new Set(names)].sort(), ["writer-0", "writer-1"]);
  }));

test("who sends no head, or dribbles one, is cut", () =>
  withServer({ limits: { idle_ms: 400 } }, async (server) => {
    const silent = await server.connect();
    const dribbling = await server.connect();
    dribbling.send("GET / HTTP/1.1\r\nHost: x\r\n");
    const timer = setInterval(() => dribbling.closed || dribbling.send("X: y\r\n"), 40);
    const took = await elapsed(() => Promise.all([silent.all(5000), dribbling.all(5000)]));
    clearInterval(timer);
    assert.ok(took >= 300 && took < 2500, `cut after ${took} ms`);
    assert.equal(await server.figure('grenier_http_cut_total{at="head"}'), 1);
    await server.eventually("grenier_http_connections", 1);
  }));

test("an idle connection is closed after its time, a used one kept", () =>
  withServer({ limits: { idle_ms: 400 } }, async (server) => {
    const raw = await server.connect();
    for (let i = 0; i < 5; i++) {
      assert.equal((await raw.get("/api/now")).body, "now");
      await sleep(200);
    }
    assert.equal(raw.closed, false);
    await raw.all(2000);
  }));

test("a body that comes too slowly is answered 408 and cut", () =>
  withServer({ limits: { transfer_grace_ms: 300, transfer_rate: 1000000 } }, async (server) => {
    for (const [target, size] of [["/api/echo", 1000], ["/api/upload", 200000], ["/api/none", 1000]]) {
      const raw = await server.connect();
      raw.send(`POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
      const timer = setInterval(() => raw.closed || raw.send("x"), 40);
      const reply = await raw.all(4000);
      clearInterval(timer);
      assert.match(reply, /^HTTP\/1\.1 408 /);
    }
    assert.equal(await server.figure('grenier_http_cut_total{at="body"}'), 3);
    await server.eventually("grenier_http_uploads", 0);
    await server.eventually("echo_requests_allocated", 1);
  }));

test("a reader that stops reading is cut, and its worker was never held", () =>
  withServer({ limits: { transfer_grace_ms: 500, transfer_rate: 1000000000, readers: 1 } }, async (server) => {
    for (const [i, target] of ["/api/big?size=30000000", "/api/file?size=200000000"].entries()) {
      const raw = await server.connect();
      raw.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
      raw.socket.pause();
      assert.equal((await server.fetch("/api/echo")).status, 200);
      await server.eventually('grenier_http_cut_total{at="reply"}', i + 1);
      await server.eventually("grenier_http_requests_in_flight", 1);
      raw.close();
    }
  }));

test("a connection over the limit waits for its turn", () =>
  withServer({ limits: { connections: 4, connections_per_address: 100 } }, async (server) => {
    const raws = [];
    for (let i = 0; i < 4; i++) raws.push(await server.connect());
    for (const raw of raws) assert.equal((await raw.get("/api/now")).body, "now");
    const others = []; /* the kernel accepts them, the server does not */
    for (let i = 0; i < 6; i++) {
      others.push(await server.connect());
      others[i].send("GET /api/now HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    const answered = () => others.filter((raw) => raw.received.length > 0).length;
    await sleep(300);
    assert.equal(answered(), 0);
    raws[0].close();
    await eventually(() => answered() > 0);
    await sleep(300);
    assert.equal(answered(), 1);
    for (const raw of raws) raw.close();
    await eventually(() => answered() >= 4);
    for (const raw of others) raw.close();
  }));

test("one address has only so many connections, but behind a trusted proxy all come from one", async () => {
  const limits = { connections_per_address: 3 };
  await withServer({ limits }, async (server) => {
    const raws = [];
    for (let i = 0; i < 3; i++) raws.push(await server.connect());
    for (const raw of raws) assert.equal((await raw.get("/api/now")).body, "now");
    const fourth = await Raw.connect(server.port);
    fourth.send("GET /api/now HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.equal(await fourth.all(2000), "");
    raws.forEach((raw) => raw.close());
    await server.eventually("grenier_http_connections", 1); /* asking takes one, too */
    assert.ok((await server.figure("grenier_http_turned_away_total")) >= 1);
  });
  await withServer({ limits, args: ["--trusted", "127.0.0.0/8"] }, async (server) => {
    const raws = [];
    for (let i = 0; i < 8; i++) raws.push(await server.connect());
    for (const raw of raws) assert.equal((await raw.get("/api/now")).body, "now");
    raws.forEach((raw) => raw.close());
  });
});

test("a trusted proxy says who the client is", () =>
  withServer({ args: ["--trusted", "127.0.0.1", "--trusted", "10.0.0.0/8", "--trusted", "::1"] }, async (server) => {
    const cases = [
      ["", "127.0.0.1"],
      ["192.0.2.7", "192.0.2.7"],
      ["192.0.2.7, 10.1.2.3", "192.0.2.7"],
      ["203.0.113.9, 192.0.2.7", "192.0.2.7"],
      ["192.0.2.7:4711", "192.0.2.7"],
      ["[2001:db8::7]:4711", "2001:db8::7"],
      ["2001:DB8:0::7", "2001:db8::7"],
      ["::ffff:192.0.2.7", "192.0.2.7"],
      ["unknown", "127.0.0.1"],
      ["192.0.2.7, unknown", "127.0.0.1"],
      ["192.0.2.7, , 10.0.0.1", "10.0.0.1"],
      ["10.0.0.2, 10.0.0.1", "10.0.0.2"],
    ];
    const raw = await server.connect();
    for (const [header, address] of cases) {
      const reply = JSON.parse((await raw.get("/api/echo", `X-Forwarded-For: ${header}\r\nX-Forwarded-Proto: https\r\n`)).body);
      assert.equal(reply.address, address, header);
      assert.equal(reply.secure, true);
    }
    const twice = await raw.get("/api/echo", "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\nX-Forwarded-Proto: https, http\r\n");
    assert.equal(JSON.parse(twice.body).address, "192.0.2.2");
    assert.equal(JSON.parse(twice.body).secure, false);
    assert.doesNotMatch(twice.head, /Strict-Transport-Security/i);
    for (const target of ["/", "/api/echo", "/api/none", "/api/nothing"])
      assert.match((await raw.get(target, "X-Forwarded-Proto: https\r\nAccept: */*\r\n")).head, /\r\nStrict-Transport-Security: max-age=31536000; includeSubDomains(\r\n|$)/, target);
    raw.close();
  }));

test("only so many uploads at a time", () =>
  withServer({ limits: { uploads: 1 } }, async (server) => {
    const raw = await server.connect();
    raw.send("POST /api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
    await server.eventually("grenier_http_uploads", 1);
    assert.equal((await server.fetch("/api/upload", { method: "POST", body: Buffer.alloc(100000) })).status, 503);
    assert.equal((await server.fetch("/api/upload", { method: "POST", body: Buffer.alloc(1000) })).status, 200);
    raw.send(Buffer.alloc(100000));
    assert.equal((await raw.reply()).status, 200);
    assert.equal((await server.fetch("/api/upload", { method: "POST", body: Buffer.alloc(100000) })).status, 200);
    raw.close();
  }));

test("no room for temporary files is said", () =>
  withServer({ args: ["--temporary", "/proc/nowhere"] }, async (server) => {
    const reply = await server.fetch("/api/echo", { method: "POST", body: Buffer.alloc(100000) });
    assert.equal(reply.status, 503);
    assert.equal((await reply.json()).title, "no room for the body");
    assert.equal((await server.fetch("/api/echo", { method: "POST", body: Buffer.alloc(1000) })).status, 200);
  }));

test("waiting costs no processor time", () =>
  withServer({ limits: { readers: 2, drain_ms: 100 } }, async (server) => {
    const raws = [];
    for (let i = 0; i < 20; i++) {
      raws.push(await server.connect());
      raws[i].send("GET /api/sleep?ms=1500 HTTP/1.1\r\nHost: x\r\n\r\n"); /* most wait in the queue */
    }
    const upload = await server.connect();
    upload.send("POST /api/open HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
    await sleep(100);
    const before = await server.figure("echo_cpu_us");
    await sleep(1000);
    const used = (await server.figure("echo_cpu_us")) - before;
    assert.ok(used < 250000, `${used} µs of processor time in a second of waiting`);
    for (const raw of [...raws, upload]) raw.close();
  }));

test("what cannot start says why", async () => {
  const cases = [
    [["--limit", "writers=0"], /bad option/],
    [["--limit", "nonsense=1"], /bad option/],
    [["--address", "example.org"], /not a numeric address/],
    [["--address", "192.0.2.1"], /cannot listen on 192\.0\.2\.1/],
    [["--trusted", "10.0.0.0/33"], /not an address or a network/],
  ];
  for (const [args, wanted] of cases) await assert.rejects(Server.start({ args }), wanted);
  const server = await Server.start();
  await assert.rejects(Server.start({ args: ["--port", String(server.port)] }), /cannot listen on 127\.0\.0\.1 port/);
  await server.stop();
});

test("IPv6 is listened on and told", async () => {
  const server = await Server.start({ args: ["--address", "::1"] });
  const reply = await fetch(`http://[::1]:${server.port}/api/echo`);
  assert.equal((await reply.json()).address, "::1");
  await server.stop();
});
