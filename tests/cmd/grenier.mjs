// The program itself, as a person runs it: started, talked to, killed.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const build = process.env.GRENIER_BUILD ?? path.join(root, "build-test");

export const isRoot = process.getuid() === 0;
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function idOf(kind, user) {
  return Number(spawnSync("id", [kind, user], { encoding: "utf8" }).stdout);
}

/** Who runs what must not run as root: PostgreSQL's own user when the tests are run by root, else nobody else. */
export const someone = isRoot ? { uid: idOf("-u", "postgres"), gid: idOf("-g", "postgres") } : {};

// A folder and a copy of the programs that `someone` can reach wherever the sources are.
export const folder = mkdtempSync(path.join(tmpdir(), "gcmd."));
chmodSync(folder, 0o755);
if (isRoot) chownSync(folder, someone.uid, someone.gid);
for (const name of ["grenier", "grenierd", "grenier-check"]) {
  copyFileSync(path.join(build, "bin", name), path.join(folder, name));
  chmodSync(path.join(folder, name), 0o755);
}
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

function settings({ as = someone, env = {}, cwd = folder } = {}) {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(LC_|LANG|XDG_|PG)/.test(name)));
  // Who was root is not allowed to look into itself, which finding leaks needs.
  const options = as.uid === undefined && isRoot ? { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ""}:detect_leaks=0` } : {};
  return { ...as, cwd, env: { ...clean, LANG: "C.UTF-8", HOME: folder, ...options, ...env } };
}

/** Runs a command to its end: {status, stdout, stderr}. */
export function grenier(args, options = {}) {
  const done = spawnSync(path.join(folder, options.program ?? "grenier"), args, { ...settings(options), encoding: "utf8", timeout: 90_000 });
  assert.equal(done.error, undefined, `${args.join(" ")}: ${done.error}`);
  return done;
}

/** A command that must succeed; answers its standard output without the last line feed. */
export function done(args, options = {}) {
  const result = grenier(args, options);
  assert.equal(result.status, 0, `${args.join(" ")}: exit ${result.status}\n${result.stderr}`);
  return result.stdout.trimEnd();
}

export class Serve {
  /** Starts `grenier serve --port 0 …` (or another program and command) and waits for its address. */
  static async start(args, options = {}) {
    const serve = new Serve();
    const words = options.program === "grenierd" ? [] : ["serve"];
    serve.process = spawn(path.join(folder, options.program ?? "grenier"), [...words, "--port", "0", ...args],
      { ...settings(options), stdio: ["ignore", "pipe", "pipe"] });
    serve.errors = [];
    serve.output = [];
    readline.createInterface({ input: serve.process.stderr }).on("line", (line) => serve.errors.push(line));
    serve.ended = new Promise((resolve) => serve.process.on("close", (code, signal) => resolve(signal ?? code)));
    const lines = readline.createInterface({ input: serve.process.stdout });
    lines.on("line", (line) => serve.output.push(line));
    const ready = () => serve.output.find((line) => line.startsWith("ready "));
    const end = serve.ended.then((code) => { serve.code = code; });
    while (!ready() && serve.code === undefined) await Promise.race([sleep(20), end]);
    if (!ready()) throw new Error(`serve ended with ${serve.code}\n${serve.errors.join("\n")}`);
    serve.url = ready().slice("ready ".length);
    await sleep(30); // the link's line follows
    return serve;
  }

  get link() {
    return this.output.map((line) => /http\S+\/links\/\S+/.exec(line)?.[0]).find(Boolean);
  }

  async stop(signal = "SIGINT") {
    this.process.kill(signal);
    return this.ended;
  }

  /** GET of the API: {status, body}; status 0 when nobody answers. */
  async get(where, token) {
    try {
      const reply = await fetch(this.url + "api/v1/" + where, { headers: token ? { authorization: `Bearer ${token}` } : {} });
      return { status: reply.status, body: await reply.json() };
    } catch {
      return { status: 0 };
    }
  }

  /** Waits until /ready answers 200 (or `status`). */
  async until(status = 200, seconds = 30) {
    const end = Date.now() + seconds * 1000;
    let last;
    while (Date.now() < end) {
      last = await this.get("ready");
      if (last.status === status) return;
      await sleep(50);
    }
    assert.fail(`/ready answers ${last?.status} after ${seconds} s\n${this.errors.join("\n")}`);
  }
}

/** The number of the postmaster of a data directory, or 0. */
export function postmaster(dir) {
  try {
    return Number(readFileSync(path.join(dir, "postgresql/postmaster.pid"), "utf8").split("\n")[0]);
  } catch {
    return 0;
  }
}

/** Processes of the cluster of a data directory (they work in it). */
export function clusterProcesses(dir) {
  const data = path.join(dir, "postgresql");
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === data;
    } catch {
      return false;
    }
  });
}

export async function until(what, condition, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  while (!condition()) {
    assert.ok(Date.now() < end, `${what}: not after ${seconds} s`);
    await sleep(30);
  }
}

export const present = existsSync;
let serial = 0;
/** A data directory that does not exist yet. */
export const newDir = () => path.join(folder, `d${++serial}`);
