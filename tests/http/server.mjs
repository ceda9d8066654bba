// The real server with the small application of echo_server.c, and raw connections to it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const build = process.env.GRENIER_BUILD ?? path.join(root, "build-test");

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Server {
  /** `limits` by name; `args` as they are. */
  static async start({ limits = {}, args = [] } = {}) {
    const server = new Server();
    const all = Object.entries(limits).flatMap(([name, value]) => ["--limit", `${name}=${value}`]);
    const options = `handle_abort=1:${process.env.TSAN_OPTIONS ?? ""}`;
    server.process = spawn(path.join(build, "bin/http_echo"), [...all, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, TSAN_OPTIONS: options },
    });
    server.log = [];
    readline.createInterface({ input: server.process.stderr }).on("line", (line) => server.log.push(line));
    server.ended = once(server.process, "close").then(([code, signal]) => signal ?? code);
    const lines = readline.createInterface({ input: server.process.stdout });
    const first = await Promise.race([once(lines, "line"), server.ended]);
    if (!Array.isArray(first)) throw new Error(`no start: ${first} ${server.log.join("\n")}`);
    server.port = Number(first[0]);
    return server;
  }

  /** Stops in order; every reply owed was sent, nothing leaked (the sanitizers' exit codes). */
  async stop() {
    this.process.kill("SIGTERM");
    const timer = setTimeout(() => this.process.kill("SIGKILL"), 60000);
    const ended = await this.ended;
    clearTimeout(timer);
    assert.equal(ended, 0, this.log.slice(-40).join("\n"));
  }

  url(target) {
    return `http://127.0.0.1:${this.port}${target}`;
  }

  fetch(target, options) {
    return fetch(this.url(target), options);
  }

  /** A figure of /metrics, as a number; labels as written there. On a connection of its own, so that no other is used. */
  async figure(name) {
    const text = await this.raw("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const line = text.split("\n").find((l) => l.startsWith(name + " "));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  }

  async eventually(name, wanted, ms = 5000) {
    const until = Date.now() + ms;
    let found;
    do {
      found = await this.figure(name);
      if (found === wanted) return;
      await sleep(20);
    } while (Date.now() < until);
    assert.equal(found, wanted, name);
  }

  /** Keeps a worker of the lane busy until `free` of what is answered. */
  async hold(lane = "reader") {
    const held = this.fetch(`/api/hold?lane=${lane}&deadline=0`);
    await this.eventually(`grenier_http_workers_busy{lane="${lane}"}`, 1);
    return {
      free: async () => {
        await this.raw("GET /api/free HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert.equal((await held).status, 204);
      },
    };
  }

  connect() {
    return Raw.connect(this.port);
  }

  /** Sends bytes on a connection of its own and reads all until the server closes. */
  async raw(bytes) {
    const raw = await this.connect();
    raw.send(bytes);
    return raw.all();
  }

  /** Waits until the server holds no unlinked file, open or mapped: each goes a moment after its answer. */
  async noTemporaryFiles() {
    const until = Date.now() + 5000;
    while (this.temporaryFiles() > 0 && Date.now() < until) await sleep(20);
    assert.equal(this.temporaryFiles(), 0, "temporary files");
  }

  temporaryFiles() {
    const descriptors = `/proc/${this.process.pid}/fd`;
    const open = readdirSync(descriptors).map((fd) => {
      try {
        return readlinkSync(`${descriptors}/${fd}`);
      } catch {
        return ""; // closed meanwhile
      }
    });
    const mapped = readFileSync(`/proc/${this.process.pid}/maps`, "latin1").split("\n");
    return [...open, ...mapped].filter((line) => / \(deleted\)$/.test(line)).length;
  }

  /** The log lines of requests. */
  requests() {
    return this.log.filter((line) => line.includes("event=request"));
  }
}

/** A connection on which every byte is ours. */
export class Raw {
  static async connect(port) {
    const raw = new Raw();
    raw.socket = net.connect({ port, host: "127.0.0.1" });
    raw.socket.setNoDelay(true);
    raw.received = Buffer.alloc(0);
    raw.waiters = [];
    raw.closed = false;
    raw.socket.on("data", (bytes) => {
      raw.received = Buffer.concat([raw.received, bytes]);
      raw.wake();
    });
    const over = () => {
      raw.closed = true;
      raw.wake();
    };
    raw.socket.on("end", over).on("close", over).on("error", over);
    await once(raw.socket, "connect");
    return raw;
  }

  wake() {
    this.waiters.splice(0).forEach((waiter) => waiter());
  }

  send(bytes) {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  async until(condition, ms = 15000) {
    const end = Date.now() + ms;
    while (!condition()) {
      const left = end - Date.now();
      if (left <= 0) throw new Error("nothing more came: " + this.received.toString("latin1").slice(0, 500));
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Everything until the server closes, as latin1 text. */
  async all(ms) {
    await this.until(() => this.closed, ms);
    return this.received.toString("latin1");
  }

  /** The next whole answer (with Content-Length): {status, head, body}. */
  async reply({ head = false, ms } = {}) {
    const parse = () => {
      const end = this.received.indexOf("\r\n\r\n");
      if (end < 0) return null;
      const text = this.received.subarray(0, end).toString("latin1");
      const status = Number(text.slice(9, 12));
      const length = /\r\ncontent-length: (\d+)/i.exec(text);
      const size = head || status < 200 || status === 304 || status === 204 || !length ? 0 : Number(length[1]);
      if (this.received.length < end + 4 + size) return null;
      const body = this.received.subarray(end + 4, end + 4 + size).toString("latin1");
      this.received = this.received.subarray(end + 4 + size);
      return { status, head: text, body };
    };
    let found = parse();
    if (found === null) await this.until(() => (found = parse()) !== null || this.closed, ms);
    if (found === null) throw new Error("closed without an answer: " + this.received.toString("latin1"));
    return found;
  }

  get(target, headers = "") {
    this.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
    return this.reply();
  }

  close() {
    this.socket.destroy();
  }
}

/** Runs tests with one server, and stops it after the last. */
export async function withServer(options, tests) {
  const server = await Server.start(options);
  try {
    await tests(server);
  } finally {
    await server.stop();
  }
}
