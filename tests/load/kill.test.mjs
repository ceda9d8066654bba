// kill -9 of the server, of PostgreSQL's processes, of all of them, while clients write through a proxy that cuts: what was
// acknowledged is there, once, and everything comes back by itself. The clients do what docs/api.md asks of them: the same
// request under the same Idempotency-Key until it is answered.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { after, before, test } from "node:test";
import { HttpProxy } from "../lib/httpproxy.mjs";
import { Serve, clusterProcesses, done, newDir, postmaster, sleep, someone } from "../cmd/grenier.mjs";
import { Random } from "./random.mjs";

const rounds = Number(process.env.ROUNDS ?? (process.env.GRENIER_LONG === "1" ? 200 : 10));
const seed = process.env.SEED ?? String(Date.now() % 1e9), random = new Random(`kill ${seed}`);
console.log(`# SEED=${seed}`);
const CLIENTS = 8, ROUND_MS = 1200, PATIENCE_MS = 60_000;
const year = new Date().getUTCFullYear(), day = `${year}-01-02`;
const dir = newDir();
let serve, proxy, token, member, stopping = false;

/** One exchange: {status, text}; null when no answer came. */
function exchange(method, where, key, body) {
  return new Promise((resolve) => {
    const request = http.request({ port: proxy.port, host: "127.0.0.1", method, path: `/api/v1/organisations/essai/${where}`, agent: false,
      timeout: 20_000, headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...(key ? { "idempotency-key": key } : {}) } });
    request.on("timeout", () => request.destroy()).on("error", () => resolve(null)).on("close", () => resolve(null));
    request.on("response", (reply) => {
      let text = "";
      reply.setEncoding("utf8").on("data", (part) => { text += part; }).on("error", () => {});
      reply.on("end", () => resolve(reply.complete ? { status: reply.statusCode, text, headers: reply.headers } : null));
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const tally = { requests: 0, unanswered: 0, refused: 0 };

/** The same request until it is answered, as the server's 503 asks. */
async function persist(method, where, key, body) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(40)) {
    tally.requests++;
    const reply = await exchange(method, where, key, body);
    if (reply === null) tally.unanswered++;
    else if (reply.status === 503) {
      tally.refused++;
      assert.ok(Number(reply.headers["retry-after"]) >= 0, "503 says when to come back");
    } else return reply;
  }
  throw new Error(`${method} ${where}: no answer within ${PATIENCE_MS / 1000} s\n${serve.errors.slice(-5).join("\n")}`);
}

const acknowledged = []; // {kind, mark, key, where, body, text}
let serial = 0;

async function write(kind, where, body, mark) {
  const key = `kill-${mark}`, reply = await persist("POST", where, key, body);
  assert.ok(reply.status === 201 || reply.status === 200, `${where}: ${reply.status} ${reply.text}`);
  acknowledged.push({ kind, mark, key, where, body, text: reply.text, status: reply.status });
  return JSON.parse(reply.text);
}

async function client() {
  while (!stopping) {
    const mark = `w${++serial}`;
    switch (random.below(4)) {
      case 0: {
        const draft = await write("draft", "entries", { journal: "OD", date: day, label: mark,
          lines: [{ account: "512", debit: "3.00" }, { account: "7561", credit: "3.00" }] }, mark);
        await write("entry", `entries/${draft.id}/validations`, undefined, `${mark}-v`);
        break;
      }
      case 1: {
        const gift = await write("contribution", "contributions", { member_id: member, amount: "5.00", means: "cheque", nature: "dues", received_on: day, label: mark }, mark);
        await write("cancellation", `contributions/${gift.id}/cancellations`, { reason: "essai" }, `${mark}-c`);
        break;
      }
      case 2: await write("project", "projects", { name: mark }, mark); break;
      default: await write("contribution", "contributions", { member_id: member, amount: "7.00", means: "transfer", nature: "dues", received_on: day, label: mark }, mark);
    }
  }
}

function sql(text) {
  const run = spawnSync("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", path.join(dir, "run"), "-U", "postgres", "-d", "grenier", "-c", text],
    { ...someone, encoding: "utf8", cwd: "/", env: { ...process.env, HOME: "/" } });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout.trim();
}

const kill = (pid) => {
  try { process.kill(pid, "SIGKILL"); } catch { /* gone already */ }
};
const backends = () => clusterProcesses(dir).filter((pid) => {
  try { return /grenier_server/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8")); } catch { return false; }
});

async function restart() {
  proxy.to(null);
  await serve.ended;
  serve = await Serve.start(["--data-dir", dir]);
  proxy.to(serve.url);
}

const KILLS = {
  "the server": async () => { serve.process.kill("SIGKILL"); await restart(); },
  "a backend": async () => { const found = backends(); if (found.length > 0) kill(random.pick(found)); },
  "the postmaster": async () => kill(postmaster(dir)),
  "the server and the postmaster": async () => { kill(postmaster(dir)); serve.process.kill("SIGKILL"); await restart(); },
  "all of them": async () => {
    serve.process.kill("SIGKILL");
    for (const pid of clusterProcesses(dir)) kill(pid);
    await restart();
  },
};

/** Every acknowledged write is in the books once, and nothing is there that nobody asked for. */
function account() {
  const there = new Map(sql(`SELECT 'contribution ' || label, count(*) FROM fund.contribution GROUP BY label
    UNION ALL SELECT 'project ' || name, count(*) FROM fund.project GROUP BY name
    UNION ALL SELECT 'entry ' || label || '-v', count(*) FROM fund.entry WHERE source_kind = 'manual' GROUP BY label
    UNION ALL SELECT 'cancellation ' || o.label || '-c', count(*) FROM fund.entry r JOIN fund.entry o ON o.organisation_id = r.organisation_id AND o.id = r.reverses_entry_id GROUP BY o.label
    UNION ALL SELECT 'drafts', count(*) FROM fund.draft`).split("\n").map((row) => [row.slice(0, row.lastIndexOf("|")), Number(row.slice(row.lastIndexOf("|") + 1))]));
  const wanted = acknowledged.filter((a) => a.kind !== "draft");
  const lost = wanted.filter((a) => !there.has(`${a.kind} ${a.mark}`)), doubled = [...there].filter(([what, n]) => what !== "drafts" && n > 1);
  assert.deepEqual([lost, doubled], [[], []], `lost and doubled (SEED=${seed})`);
  assert.equal(there.size - 1, wanted.length, "what is there was acknowledged");
  assert.equal(there.get("drafts"), 0, "every draft was posted, once");
}

before(async () => {
  done(["migrate", "--data-dir", dir]);
  done(["organisation", "create", "--slug", "essai", "--name", "Réseau d’essai", "--data-dir", dir]);
  token = done(["token", "create", "--organisation", "essai", "--role", "treasurer", "--data-dir", dir]).split("\n").at(-1);
  proxy = new HttpProxy((n) => (n < 2 || !random.chance(10) ? null : random.pick(["before", "after"])));
  await proxy.ready;
  serve = await Serve.start(["--data-dir", dir]);
  proxy.to(serve.url);
  member = JSON.parse((await persist("POST", "members", "kill-member", { name: "Les Jardins", legal_form: "association", joined_on: day })).text).id;
});
after(async () => {
  stopping = true;
  if (serve !== undefined) assert.equal(await serve.stop(), 0);
  await proxy?.close();
});

test(`kill -9, ${rounds} rounds: nothing acknowledged is lost, nothing is doubled`, async (t) => {
  const seen = {};
  for (let round = 0; round < rounds; round++) {
    const what = Object.keys(KILLS)[round % Object.keys(KILLS).length];
    stopping = false;
    const clients = Array.from({ length: CLIENTS }, client);
    await sleep(200 + random.below(ROUND_MS - 400));
    const begun = Date.now(), had = acknowledged.length;
    await KILLS[what]();
    while (acknowledged.length < had + CLIENTS) { // written again
      await Promise.race([sleep(20), ...clients]);
      assert.ok(Date.now() - begun < PATIENCE_MS, `no write after ${what} was killed`);
    }
    (seen[what] ??= []).push(Date.now() - begun);
    await sleep(100);
    stopping = true;
    await Promise.all(clients);
    account();
    const checked = done(["check", "--data-dir", dir]);
    assert.match(checked, /faults: 0/, `${checked} (SEED=${seed})`);
    // Asked again, after all that: the same answer, and still once.
    for (let i = 0; i < 5; i++) {
      const a = random.pick(acknowledged), again = await persist("POST", a.where, a.key, a.body);
      assert.deepEqual([again.status, again.text], [a.status, a.text], `${a.where} again (SEED=${seed})`);
    }
    account();
  }
  t.diagnostic(`${acknowledged.length} writes acknowledged, ${tally.requests} requests: ${tally.unanswered} without an answer, ${tally.refused} told to come back; proxy cut ${proxy.broken.before} before, ${proxy.broken.after} after`);
  t.diagnostic(Object.entries(seen).map(([what, ms]) => `${what}: writes again after ${Math.max(...ms)} ms at most`).join("; "));
});
