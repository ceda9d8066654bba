// What every measurement here shares: a private PostgreSQL with durable defaults, a release server on it, the same
// clock for both sides of a comparison, medians with their spread, the books checked at the end.
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

export const here = path.dirname(fileURLToPath(import.meta.url));
export const root = path.resolve(here, "../..");
export const build = process.env.GRENIER_BUILD ?? path.join(root, "build");
const pgbin = process.env.PGBIN ?? "/usr/lib/postgresql/15/bin";

/** A number from the environment: figures smaller or larger than the usual ones are asked for there. */
export const setting = (name, usual) => Number(process.env[name] ?? usual);
export const repeat = setting("REPEAT", 5);

/** Runs a program to its end; answers what it printed. */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 30, ...options });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`${command} ${args.join(" ")}: exit ${done.status}\n${`${done.stdout ?? ""}${done.stderr ?? ""}`.slice(0, 4000)}`);
  return done.stdout;
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Sorted figures: median, min, max. */
export function spread(values) {
  const v = [...values].sort((a, b) => a - b);
  const middle = v.length / 2;
  return { median: v.length % 2 ? v[Math.floor(middle)] : (v[middle - 1] + v[middle]) / 2, min: v[0], max: v[v.length - 1] };
}
export const percentile = (values, p) => {
  const v = [...values].sort((a, b) => a - b);
  return v[Math.min(v.length - 1, Math.ceil((p / 100) * v.length) - 1)];
};
const short = (x) => (Math.abs(x) >= 100 ? x.toFixed(0) : Math.abs(x) >= 10 ? x.toFixed(1) : x.toFixed(Math.abs(x) >= 0.1 ? 2 : 4));
const text = (s, unit) => `${short(s.median)}${unit} (${short(s.min)} to ${short(s.max)})`;

/** One figure: what it is, its spread, and beside it the mark it must reach. */
export function say(what, values, unit = "", mark = "") {
  console.log(`${what}: ${text(spread(values), unit)}${mark === "" ? "" : ` — mark: ${mark}`}`);
}

/** Ours and theirs taken in turn, A B A B, each `rounds` times after one of each to warm up; ratios by round. */
export async function compare(what, ours, theirs, { unit = " ms", mark = "", rounds = repeat, invert = false } = {}) {
  const a = [], b = [];
  for (let round = -1; round < rounds; round++) {
    const x = await ours(), y = await theirs();
    if (round >= 0) a.push(x), b.push(y);
  }
  const ratios = a.map((x, i) => (invert ? b[i] / x : x / b[i]));
  say(`${what}: ours`, a, unit);
  say(`${what}: beside it`, b, unit);
  say(`${what}: ratio`, ratios, "", mark);
  return { ours: a, theirs: b, ratios };
}

/** Milliseconds one call takes. */
export async function timed(call) {
  const from = performance.now();
  await call();
  return performance.now() - from;
}

const asPostgres = process.getuid() === 0 ? ["runuser", "-u", "postgres", "--"] : [];
const asOwner = (args) => {
  const all = [...asPostgres, ...args];
  return run(all[0], all.slice(1), { cwd: "/tmp", stdio: ["ignore", "ignore", "inherit"] });
};

export class Bench {
  /** A migrated database on a cluster of its own; kept in $BENCH_KEEP between runs where that names a folder. */
  constructor() {
    for (const tool of ["grenier", "grenierd"])
      if (!existsSync(path.join(build, "bin", tool))) throw new Error(`missing: ${path.join(build, "bin", tool)}`);
    this.kept = process.env.BENCH_KEEP || undefined;
    this.dir = this.kept ?? mkdtempSync(path.join(tmpdir(), "gbench."));
    const fresh = !existsSync(path.join(this.dir, "data"));
    if (fresh) {
      run("mkdir", ["-p", this.dir]);
      chmodSync(this.dir, 0o755);
      if (process.getuid() === 0) run("chown", ["postgres", this.dir]);
      asOwner([`${pgbin}/initdb`, "-D", `${this.dir}/data`, "-U", "postgres", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8", "-k"]);
    }
    asOwner([`${pgbin}/pg_ctl`, "-D", `${this.dir}/data`, "-w", "-l", `${this.dir}/log`, "-o",
      `-k '${this.dir}' -c listen_addresses='' -c max_connections=60 ${process.env.BENCH_POSTGRES ?? ""}`, "start"]);
    this.url = `host=${this.dir} user=postgres dbname=bench`;
    this.servers = [];
    process.once("SIGINT", () => this.close().then(() => process.exit(130)));
    if (fresh) {
      run(`${pgbin}/createdb`, ["-h", this.dir, "-U", "postgres", "bench"]);
      this.grenier("migrate");
    }
    this.fresh = fresh;
  }

  grenier(...args) {
    return run(path.join(build, "bin/grenier"), [...args, "--database", this.url]).trim();
  }

  /** SQL as superuser, or as the server's role in an organisation's context. */
  sql(sql, { organisation, server = false } = {}) {
    const head = (organisation ? `SET app.organisation_id = '${organisation}'; SET app.member_id = '';` : "")
      + (server ? "SET search_path = pg_catalog; SET timezone = 'UTC'; SET ROLE grenier_server;" : "");
    return run("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", this.dir, "-U", "postgres", "-d", "bench"],
      { input: head + sql, env: { ...process.env, PGTZ: "UTC", PGOPTIONS: "" } }).trimEnd();
  }

  /** Runs a file of tests/bench with psql variables. */
  file(name, variables = {}) {
    return run("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", this.dir, "-U", "postgres", "-d", "bench",
      ...Object.entries(variables).flatMap(([k, v]) => ["-v", `${k}=${v}`]), "-f", path.join(here, name)]).trimEnd();
  }

  /** The milliseconds PostgreSQL itself says a statement took, plans included, best taken by the caller's rounds. */
  explained(sql, options) {
    const plan = JSON.parse(this.sql(`EXPLAIN (ANALYZE, BUFFERS, FORMAT json) ${sql}`, options))[0];
    return { ms: plan["Planning Time"] + plan["Execution Time"], execution: plan["Execution Time"], plan: plan.Plan };
  }

  /** An organisation of `lines` lines (see books.sql), its id, and a token of the treasurer's. */
  books(slug, lines, { years = 10, accounts = 200 } = {}) {
    const known = this.sql(`SELECT organisation_id FROM app.directory WHERE slug = '${slug}'`);
    if (known === "") {
      const first = new Date().getFullYear() - years + 1;
      this.grenier("organisation", "create", "--slug", slug, "--name", `Bench ${slug}`, "--fiscal-year-start", `${first}-01-01`);
    }
    const id = known || this.sql(`SELECT organisation_id FROM app.directory WHERE slug = '${slug}'`);
    if (known === "") {
      const ms = performance.now();
      this.file("books.sql", { organisation: id, lines, years, accounts });
      console.log(`# ${lines} lines for ${slug}: written in ${((performance.now() - ms) / 1000).toFixed(0)} s`);
    }
    return { id, slug, token: this.token(slug) };
  }

  token(slug, role = "treasurer") {
    return this.grenier("token", "create", "--organisation", slug, "--role", role).split("\n").at(-1);
  }

  /** The milliseconds PostgreSQL spent on a request, by its own log: parse, plan and execution of all its statements. */
  async databaseTime(server, pathname, options) {
    const size = statSync(`${this.dir}/log`).size;
    const wall = await server.ms(pathname, options);
    await sleep(20);
    const added = readFileSync(`${this.dir}/log`).subarray(size).toString();
    const ms = [...added.matchAll(/duration: ([0-9.]+) ms/g)].reduce((sum, m) => sum + Number(m[1]), 0);
    return { ms, wall };
  }

  /** Whether PostgreSQL logs how long each statement took, from the next connection on. */
  logDurations(on) {
    this.sql(on ? "ALTER DATABASE bench SET log_min_duration_statement = 0" : "ALTER DATABASE bench RESET log_min_duration_statement");
  }

  /** Starts grenierd; answers it when it says it is ready. */
  async server(args = []) {
    const from = performance.now();
    const child = spawn(path.join(build, "bin/grenierd"), ["--database", this.url, "--port", "0", ...args],
      { stdio: ["ignore", "pipe", process.env.BENCH_LOG ? "inherit" : "ignore"], cwd: "/tmp" });
    const server = new Server(child, from);
    this.servers.push(server);
    await server.started;
    return server;
  }

  /** Ends everything; the books are right, or this fails. */
  async finish() {
    console.log(this.grenier("check"));
    await this.close();
  }

  async close() {
    for (const server of this.servers) await server.stop();
    spawnSync([...asPostgres, `${pgbin}/pg_ctl`][0], [...asPostgres, `${pgbin}/pg_ctl`].slice(1).concat(["-D", `${this.dir}/data`, "-m", "fast", "-w", "stop"]),
      { cwd: "/tmp", stdio: "ignore" });
    if (!this.kept) rmSync(this.dir, { recursive: true, force: true });
  }
}

/** One psql that stays: statements timed by its own clock, without the start of a program. */
export class Session {
  constructor(bench, { organisation, server = true, settings = "" } = {}) {
    this.child = spawn("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", bench.dir, "-U", "postgres", "-d", "bench"],
      { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, PGTZ: "UTC", PGOPTIONS: "" } });
    this.out = "";
    this.waiting = [];
    this.child.stdout.on("data", (chunk) => {
      this.out += chunk;
      for (let found; (found = /^Time: ([0-9.]+) ms.*\n/m.exec(this.out)); ) {
        this.out = this.out.slice(found.index + found[0].length);
        this.waiting.shift()(Number(found[1]));
      }
    });
    this.child.stdin.write((organisation ? `SET app.organisation_id = '${organisation}'; SET app.member_id = '';\n` : "")
      + (server ? "SET search_path = pg_catalog; SET timezone = 'UTC'; SET ROLE grenier_server;\n" : "") + settings + "\n\\timing on\n");
  }

  /** The milliseconds of one statement, its result thrown away. */
  ms(sql) {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.child.stdin.write(`\\o /dev/null\n${sql};\n\\o\n`);
    });
  }

  end() { this.child.stdin.end(); }
}

export class Server {
  constructor(child, from) {
    this.child = child;
    this.from = from;
    this.ended = new Promise((resolve) => child.on("exit", resolve));
    this.started = new Promise((resolve, reject) => {
      let out = "";
      child.stdout.on("data", (chunk) => {
        out += chunk;
        const found = /http:\/\/[0-9.:]+/.exec(out);
        if (found) this.base = found[0], this.ready = performance.now() - from, resolve();
      });
      child.on("exit", (code) => reject(new Error(`grenierd ended with ${code}`)));
    });
    this.started.catch(() => {});
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
  }

  /** One request on a kept connection, read to its end: {status, bytes, ms, body when asked for}. */
  request(pathname, { token, method = "GET", body, headers = {}, keep = false, agent = this.agent } = {}) {
    const from = performance.now();
    return new Promise((resolve, reject) => {
      const request = http.request(this.base + pathname, { method, agent, headers: {
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) }), ...headers } },
      (reply) => {
        let bytes = 0;
        const chunks = [];
        reply.on("data", (chunk) => { bytes += chunk.length; if (keep) chunks.push(chunk); });
        reply.on("end", () => resolve({ status: reply.statusCode, headers: reply.headers, bytes, ms: performance.now() - from, body: keep ? Buffer.concat(chunks).toString() : undefined }));
        reply.on("error", reject);
      });
      request.on("error", reject);
      request.end(body);
    });
  }

  /** The same, refusing anything but the status wanted; answers the milliseconds. */
  async ms(pathname, options = {}) {
    const reply = await this.request(pathname, { keep: true, ...options });
    if (reply.status !== (options.wanted ?? 200)) throw new Error(`${pathname}: ${reply.status} ${reply.body}`);
    return reply.ms;
  }

  /** Memory in KiB: PSS, or RSS for what the kernel counts at once (`peak`: the highest RSS so far). */
  pss() { return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${this.child.pid}/smaps_rollup`, "utf8"))[1]); }
  rss() { return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${this.child.pid}/status`, "utf8"))[1]); }

  async stop() {
    this.agent.destroy();
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill();
    await this.ended;
  }
}

export { sleep };
