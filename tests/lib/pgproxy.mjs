// A socket between libpq and PostgreSQL that breaks on demand: cuts the connection before or after the nth exchange, or
// turns one statement into another. What it counts: everything the client sends up to a Sync or a simple query, but the
// named statements prepared when a connection opens.
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const SOCKET = ".s.PGSQL.5432";

export class Proxy {
  /** In front of the cluster whose socket is in `upstream`; connect to `host=${proxy.dir}`. */
  constructor(upstream) {
    this.upstream = path.join(upstream, SOCKET);
    this.dir = mkdtempSync(path.join(tmpdir(), "gproxy."));
    this.reset();
    this.sockets = new Set();
    this.often = null; // () => "before", "after" or null: asked at every exchange, where nothing is armed
    this.cuts = 0;
    this.server = net.createServer((client) => this.accept(client));
    this.ready = new Promise((resolve) => this.server.listen(path.join(this.dir, SOCKET), resolve));
  }

  reset() {
    this.count = 0;
    this.seen = [];
    this.plan = null;
    this.down = false;
    this.fired = false;
  }

  /**
   * Arms one fault. `at`: number of the exchange (from 1), or a text that the exchange must contain. `mode`: "before" (the
   * server never sees it), "after" (it is done, but the answer does not come back), "instead" with `sql` (a simple query is
   * sent in its place; text, or a function of the exchange) and, with `keep`, in place of each that follows. `stay`: afterwards no connection is let through until reset(). `kill`: the connection does not break by
   * itself, but since its backend is killed (-9), of which all others of the cluster end too.
   */
  arm(at, mode, { sql, stay = false, kill = false, keep = false } = {}) {
    this.reset();
    this.plan = { at, mode, sql, stay, kill, keep };
  }

  accept(client) {
    if (this.down) return client.destroy();
    const server = net.connect(this.upstream);
    const link = { client, server, pending: Buffer.alloc(0), group: [], started: false, swallow: false, startup: Buffer.alloc(0), pid: 0 };
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => { this.sockets.delete(socket); client.destroy(); server.destroy(); });
    }
    client.on("data", (bytes) => this.fromClient(link, bytes));
    server.on("data", (bytes) => this.fromServer(link, bytes));
  }

  fromClient(link, bytes) {
    link.pending = Buffer.concat([link.pending, bytes]);
    for (;;) {
      const head = link.started ? 5 : 4;
      if (link.pending.length < head) return;
      const size = link.pending.readInt32BE(head - 4) + head - 4;
      if (link.pending.length < size) return;
      const message = link.pending.subarray(0, size);
      link.pending = link.pending.subarray(size);
      if (!link.started) {
        link.started = true;
        link.server.write(message);
        continue;
      }
      link.group.push(message);
      if (message[0] === 0x51 /* Q */ || message[0] === 0x53 /* S */) this.exchange(link, link.group.splice(0));
    }
  }

  exchange(link, group) {
    const preparing = group[0][0] === 0x50 /* P */ && group[0][5] !== 0;
    const text = Buffer.concat(group).toString("latin1");
    if (!preparing) {
      this.count++;
      this.seen.push(text);
    }
    const plan = this.plan;
    const now = plan !== null && !preparing && (typeof plan.at === "number"
      ? this.count === plan.at || (plan.keep && this.count > plan.at) : text.includes(plan.at));
    const often = plan === null && !preparing ? this.often?.() ?? null : null;
    if (often !== null) {
      this.cuts++;
      if (often === "before") return void link.server.destroy();
      link.swallow = true;
    }
    if (!now) return void link.server.write(Buffer.concat(group));
    if (!plan.keep) this.plan = null;
    this.fired = true;
    this.down = plan.stay;
    link.kill = plan.kill;
    if (plan.mode === "before") {
      this.break(link);
    } else if (plan.mode === "instead") {
      const body = Buffer.from((typeof plan.sql === "function" ? plan.sql(text) : plan.sql) + "\0");
      const query = Buffer.alloc(5);
      query.write("Q");
      query.writeInt32BE(body.length + 4, 1);
      link.server.write(Buffer.concat([query, body]));
    } else {
      link.swallow = true;
      link.server.write(Buffer.concat(group));
    }
  }

  break(link) {
    if (!link.kill) return void link.server.destroy();
    process.kill(link.pid, "SIGKILL");
  }

  /** The number of the backend, from what it says of itself at the start of a connection. */
  learnPid(link, bytes) {
    link.startup = Buffer.concat([link.startup, bytes]);
    for (let at = 0; at + 5 <= link.startup.length; at += 1 + link.startup.readInt32BE(at + 1))
      if (link.startup[at] === 0x4b /* K */ && at + 9 <= link.startup.length) link.pid = link.startup.readInt32BE(at + 5);
  }

  fromServer(link, bytes) {
    if (link.pid === 0) this.learnPid(link, bytes);
    if (!link.swallow) return void link.client.write(bytes);
    // ReadyForQuery ends an answer: what was asked is done.
    if (bytes.length >= 6 && bytes[bytes.length - 6] === 0x5a /* Z */) this.break(link);
  }

  async close() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.dir, { recursive: true, force: true });
  }
}
