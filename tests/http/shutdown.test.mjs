// Stopping: what runs is finished, what waits is drained or answered, nothing is lost without a word.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Raw, Server, sleep } from "./server.mjs";

/** Sends the signal and lets the server begin to stop. */
const signal = async (server) => {
  server.process.kill("SIGTERM");
  await sleep(50);
};

test("running and waiting requests are answered before the server ends", async () => {
  const server = await Server.start({ limits: { readers: 1, drain_ms: 30000 } });
  const replies = Array.from({ length: 5 }, () => server.fetch("/api/sleep?ms=400").then((r) => r.status));
  await server.eventually('grenier_http_queue_depth{lane="reader"}', 4);
  await signal(server);
  assert.deepEqual(await Promise.all(replies), [200, 200, 200, 200, 200]);
  await server.stop();
});

test("past the time for draining, waiting requests get 503, running ones are waited for", async () => {
  const server = await Server.start({ limits: { readers: 1, writers: 1, drain_ms: 100 } });
  const running = server.fetch("/api/sleep?ms=3000");
  await server.eventually('grenier_http_workers_busy{lane="reader"}', 1);
  const waiting = Array.from({ length: 30 }, () => server.fetch("/api/sleep?ms=1"));
  await server.eventually('grenier_http_queue_depth{lane="reader"}', 30);
  await signal(server);
  for (const reply of await Promise.all(waiting)) {
    assert.equal(reply.status, 503);
    assert.ok(reply.headers.get("retry-after"));
    assert.equal((await reply.json()).title, "stopping");
  }
  assert.equal((await running).status, 200);
  await server.stop();
});

test("while it stops, new connections are refused and new requests answered 503", async () => {
  const server = await Server.start({ limits: { readers: 1, drain_ms: 30000 } });
  const old = await server.connect();
  assert.equal((await old.get("/api/now")).body, "now");
  const running = server.fetch("/api/sleep?ms=2500");
  await server.eventually('grenier_http_workers_busy{lane="reader"}', 1);
  await signal(server);
  await assert.rejects(Raw.connect(server.port), /ECONNREFUSED/);
  const reply = await old.get("/api/now");
  assert.equal(reply.status, 503);
  assert.match(reply.head, /Connection: close/i);
  assert.match(reply.head, /Retry-After: /);
  const last = await running;
  assert.equal(last.status, 200);
  assert.equal(last.headers.get("connection"), "close");
  await server.stop();
});

test("an upload under way and one that waits to be authorised do not hold it up", async () => {
  const server = await Server.start({ limits: { readers: 1, drain_ms: 100, flush_ms: 200 } });
  const half = await server.connect();
  half.send("POST /api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n");
  half.send(Buffer.alloc(1000));
  await server.eventually("grenier_http_uploads", 1);
  const running = server.fetch("/api/sleep?ms=2500");
  await server.eventually('grenier_http_workers_busy{lane="reader"}', 1);
  const asking = await server.connect();
  asking.send("POST /api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
  asking.send(Buffer.alloc(100000));
  await server.eventually('grenier_http_queue_depth{lane="reader"}', 1);
  await signal(server);
  assert.equal((await asking.reply()).status, 503);
  assert.equal((await running).status, 200);
  await server.stop();
  await half.all();
});

test("a reader that does not read holds it up no longer than flush_ms", async () => {
  const server = await Server.start({ limits: { flush_ms: 200 } });
  const raw = await server.connect();
  raw.send("GET /api/big?size=30000000 HTTP/1.1\r\nHost: x\r\n\r\n");
  raw.socket.pause();
  await server.eventually("grenier_http_requests_in_flight", 2);
  const start = Date.now();
  await server.stop();
  assert.ok(Date.now() - start < 4500);
  raw.close();
});

test("stopping in the middle of a storm of requests loses none that was begun", async () => {
  for (let round = 0; round < 3; round++) {
    const server = await Server.start({ limits: { readers: 2, reader_queue: 8, drain_ms: 50 } });
    let answered = 0, refused = 0, unanswered = 0, stopping = false;
    const client = async (i) => {
      const raw = await server.connect();
      while (!raw.closed) {
        const lane = ["reader", "writer", "password", "export"][i % 4];
        const upload = i % 5 === 0;
        try {
          raw.send(upload ? "POST /api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n" : `GET /api/sleep?ms=2&lane=${lane}&key=${i} HTTP/1.1\r\nHost: x\r\n\r\n`);
          if (upload) raw.send(Buffer.alloc(70000));
          const { status } = await raw.reply();
          if (status === 200) answered++;
          else if (status === 503) refused++;
          else throw new Error(String(status));
        } catch (error) {
          // A request that crosses the closing of its connection: never begun, and nothing of an answer came.
          assert.match(String(error), /closed without an answer: $/);
          assert.ok(stopping);
          unanswered++;
        }
      }
    };
    const clients = Array.from({ length: 24 }, (_, i) => client(i));
    await sleep(300);
    stopping = true;
    await server.stop();
    await Promise.all(clients);
    assert.ok(answered > 50, `${answered} answered, ${refused} refused, ${unanswered} unanswered`);
  }
});

test("starting and stopping leaves nothing behind", async () => {
  for (let i = 0; i < 5; i++) {
    const server = await Server.start({ limits: { threads: 1 + (i % 3) } });
    if (i % 2 === 0) assert.equal((await server.fetch("/api/echo")).status, 200);
    await server.stop();
  }
});
