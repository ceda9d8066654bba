// The disk is full, at several fill levels: `grenier serve` on a small file system of its own, filled by ballast to some room,
// then written to until it refuses. What was refused is not half there, what was answered is there once, and when room is back
// so is the service, without a hand.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { Serve, clusterProcesses, done, folder, isRoot, sleep, someone } from "../cmd/grenier.mjs";
import { Sql, long } from "./money.mjs";

const KIB = 1024, MIB = 1024 * KIB;
const SIZE = 256 * MIB;
const BACK_WITHIN_S = 10;
// Room left by the ballast; PostgreSQL writes tables in pages of 8 KiB, its log in files of 16 MiB. With `log` its present
// file is ended, so that the next write needs another: without room for that PostgreSQL ends itself, and cannot start again.
const LEVELS = [["nothing is left", { left: 0 }], ["a page is left", { left: 8 * KIB }], ["eight pages are left", { left: 64 * KIB }],
  ["256 KiB are left", { left: 256 * KIB }], ["1 MiB is left", { left: MIB }], ["4 MiB are left", { left: 4 * MIB }],
  ["8 MiB are left", { left: 8 * MIB }], ["half a file of the log is left at its end", { left: 8 * MIB, log: true }],
  ["a page less than a file of the log is left at its end", { left: 16 * MIB - 8 * KIB, log: true }],
  ["nothing is left at the end of the log", { left: 0, log: true }]];
const IN_THE_RUN = [0, 1, 3, 4, 7];

const year = new Date().getUTCFullYear();

function run(command, args) {
  const result = spawnSync(command, args, { encoding: "utf8" });
  assert.equal(result.status, 0, `${command} ${args.join(" ")}: ${result.stderr}`);
}

/** A small file system in memory; null where none can be mounted. */
function mount() {
  const disk = path.join(folder, "disk");
  mkdirSync(disk);
  if (!isRoot || spawnSync("mount", ["-t", "tmpfs", "-o", `size=${SIZE},mode=755`, "tmpfs", disk]).status !== 0) return null;
  chownSync(disk, someone.uid, someone.gid);
  return disk;
}

const room = (disk) => {
  const s = statfsSync(disk);
  return s.bavail * s.bsize;
};

function fill(disk, left) {
  const size = room(disk) - left;
  assert.ok(size > 0, `${room(disk)} bytes are left, ${left} are wanted`);
  run("fallocate", ["-l", String(size), path.join(disk, "ballast")]);
}

class Books {
  constructor(serve, token) {
    Object.assign(this, { serve, token, acknowledged: new Set(), open: new Set(), statuses: {}, ends: 0 });
  }

  async send(method, where, { key = randomUUID(), body, type = "application/json" } = {}) {
    let reply;
    try {
      reply = await fetch(`${this.serve.url}api/v1/organisations/essai/${where}`, { method, body, signal: AbortSignal.timeout(30_000),
        headers: { authorization: `Bearer ${this.token}`, "content-type": type, "accept-language": "en", "idempotency-key": key } });
    } catch (error) {
      assert.fail(`${where}: no answer: ${error.cause ?? error}`);
    }
    const text = await reply.text();
    this.statuses[reply.status] = (this.statuses[reply.status] ?? 0) + 1;
    assert.match(reply.headers.get("content-type"), /json/, `${reply.status} ${text}`);
    return { status: reply.status, body: JSON.parse(text), text };
  }

  /** One contribution under a key; true when it is said to be recorded. */
  async give(key) {
    const body = JSON.stringify({ donor: { name: "Une donatrice", legal_form: "person" }, amount: "10.00", means: "cheque", nature: "donation",
      received_on: `${year}-01-02`, label: key });
    this.open.add(key);
    const reply = await this.send("POST", "contributions", { key, body });
    if (reply.status === 201) {
      assert.equal(reply.body.label, key, reply.text);
      this.open.delete(key);
      this.acknowledged.add(key);
      return true;
    }
    assert.ok([503, 507].includes(reply.status), `${reply.status} ${reply.text}`);
    return false;
  }

  /** Many members at once: what fills the disk quickly. All of them, or none. */
  async load(n) {
    const names = Array.from({ length: n }, () => `Nom ${randomUUID()}`);
    const boundary = "grenier-disk";
    const body = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="m.csv"\r\n\r\nnom;forme;adhésion\n` +
      names.map((name) => `${name};personne;${year}-01-02\n`).join("") + `\r\n--${boundary}--\r\n`;
    const reply = await this.send("POST", "member-imports", { body, type: `multipart/form-data; boundary=${boundary}` });
    if (reply.status === 200) {
      assert.equal(reply.body.created, n, reply.text);
      return true;
    }
    assert.ok([503, 507].includes(reply.status), `${reply.status} ${reply.text}`);
    return false;
  }
}

test("the disk is full", async (t) => {
  const disk = mount();
  if (disk === null) return t.skip("SKIPPED: no file system can be mounted here (root is needed)");
  let serve;
  try {
    const dir = path.join(disk, "data");
    done(["migrate", "--data-dir", dir]);
    done(["organisation", "create", "--slug", "essai", "--name", "Réseau d’essai", "--data-dir", dir]);
    const token = done(["token", "create", "--organisation", "essai", "--role", "treasurer", "--data-dir", dir]).split("\n").at(-1);
    // As delivered, but for the size of the log that a disk so small has room for.
    writeFileSync(path.join(dir, "postgresql.conf"), "max_wal_size = 64MB\nmin_wal_size = 32MB\n");
    serve = await Serve.start(["--data-dir", dir]);
    const books = new Books(serve, token);
    await books.give(randomUUID());
    assert.equal(books.acknowledged.size, 1);
    const wanted = long ? LEVELS : IN_THE_RUN.map((i) => LEVELS[i]);
    for (const [name, options] of wanted) await t.test(name, (t) => level(t, { disk, dir, serve, books, ...options }));

    await t.test("the books are right, and each acknowledged write is in them once", async () => {
      const sql = new Sql(path.join(dir, "run"), "grenier", someone);
      const [found] = await sql.rows("SELECT count(DISTINCT label), count(*), count(DISTINCT entry_id) FROM fund.contribution");
      assert.equal(found, [0, 0, 0].map(() => books.acknowledged.size).join("|"));
      const [members] = await sql.rows("SELECT count(*) % 200 FROM fund.member");
      assert.equal(members, "0", "a file of 200 members is loaded whole or not at all");
      await sql.close();
      assert.ok(books.ends > 0, "PostgreSQL ended for want of room, and was started again");
      assert.match(done(["check", "--data-dir", dir]), /organisations checked: 1, faults: 0/);
      t.diagnostic(`${books.acknowledged.size} acknowledged; answers: ${JSON.stringify(books.statuses)}`);
    });
    assert.equal(await serve.stop(), 0);
    assert.deepEqual(clusterProcesses(dir), []);
  } finally {
    serve?.process.kill("SIGKILL");
    await serve?.ended;
    for (let tries = 0; tries < 100 && spawnSync("umount", [disk]).status !== 0; tries++) await sleep(100);
    rmSync(disk, { recursive: true, force: true });
  }
});

/** Ends the present file of PostgreSQL's log, and those made in advance, until PostgreSQL ends itself. */
async function endLog(dir) {
  const sql = new Sql(path.join(dir, "run"), "grenier", someone);
  await assert.rejects(async () => {
    for (let i = 0; i < 20; i++) await sql.rows("SELECT pg_switch_wal(); SELECT txid_current()");
  }, /psql ended/, "PostgreSQL has no room for its log");
}

async function level(t, { disk, dir, serve, books, left, log = false }) {
  const said = () => serve.errors.filter((line) => /is full: PostgreSQL is started again as soon as/.test(line)).length, before = said();
  fill(disk, left);
  // It may make room for itself once, by doing away with older files of the log, and start again.
  for (let tries = 0; log && tries < 5 && said() === before; tries++) {
    await endLog(dir);
    for (let i = 0; i < 20 && said() === before; i++) await sleep(100);
  }
  let written = 0, refused = false;
  for (; !refused && written < 3000; written++)
    refused = !(await books.give(randomUUID())) || !(await books.load(200));
  assert.ok(refused, `${written} writes into ${left} bytes`);
  // It goes on being refused, or goes through, in order; who asks again and again is answered each time.
  for (let i = 0; i < 5; i++) await books.give(randomUUID());
  assert.equal(serve.code, undefined, `serve has ended\n${serve.errors.slice(-20).join("\n")}`);
  const ended = said() > before;
  rmSync(path.join(disk, "ballast"));
  const since = Date.now();
  const key = [...books.open][0] ?? randomUUID();
  while (!(await books.give(key)))
    assert.ok(Date.now() - since < BACK_WITHIN_S * 1000, `not back after ${BACK_WITHIN_S} s\n${serve.errors.slice(-20).join("\n")}`);
  const back = Date.now() - since;
  // What was refused, or not known to be done, is asked for again under its key.
  for (const again of [...books.open]) assert.ok(await books.give(again), `${again} is taken when there is room`);
  books.ends += ended;
  t.diagnostic(`refused after ${written} rounds${ended ? ", PostgreSQL had ended" : ""}; back after ${back} ms`);
}
