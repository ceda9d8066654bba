// Ten times the load that can be served: what is accepted stays fast, the rest is told to come again, and nothing else
// happens. For each kind of work: its capacity by clients that wait for each answer, then requests at ten times that rate
// whether answers come or not (an open loop: the time of an answer is counted from when its request was due).
//
//   GRENIER_BUILD=build-release node tests/bench/overload.mjs [--seconds 5] [--factor 10] [KIND…]    reads writes documents sign-ins
//
// On one machine, client and server share its processors. Prints a table; exit code 1 when an answer was none of 2xx, 401
// (sign-ins), 429 and 503, when a refusal had no Retry-After, when p99 of what was accepted is a second or more, or when the
// books are not right afterwards.
import { randomUUID } from "node:crypto";
import net from "node:net";
import { Serve, done, newDir } from "../cmd/grenier.mjs";

const words = process.argv.slice(2);
const option = (name, otherwise) => {
  const at = words.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(words.splice(at, 2)[1]);
};
const seconds = option("seconds", 5), factor = option("factor", 10);
const POOL = 900, MARK_MS = 1000;
const year = new Date().getUTCFullYear();

const dir = newDir(), at = ["--data-dir", dir];
// Behind a trusted proxy one address may have all connections, as a proxy has.
const server = await Serve.start([...at, "--trusted-proxy", "127.0.0.1"]);
done(["organisation", "create", "--slug", "essai", "--name", "Essai", "--fiscal-year-start", `${year}-01-01`, ...at]);
const token = done(["token", "create", "--organisation", "essai", "--role", "treasurer", ...at]).split("\n").at(-1);
const port = Number(new URL(server.url).port);

const organisation = "/api/v1/organisations/essai/";
const message = (method, path, headers, body = "") => Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${headers}`
  + (method === "GET" ? "\r\n" : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`));
const bearer = `Authorization: Bearer ${token}\r\n`;
const post = async (path, body) => {
  const reply = await fetch(server.url + organisation.slice(1) + path, { method: "POST", body: JSON.stringify(body),
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" } });
  if (reply.status !== 201) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  return reply.json();
};
const member = await post("members", { name: "Les Jardins", legal_form: "association", joined_on: `${year}-01-01` });
const gift = JSON.stringify({ member_id: member.id, amount: "10.00", means: "transfer", nature: "dues", received_on: `${year}-01-02` });
for (let i = 0; i < 100; i++) await post("contributions", JSON.parse(gift));

let n = 0;
const address = () => `10.${n >> 16 & 255}.${n >> 8 & 255}.${n++ & 255}`;
// Each: how many wait for their answers when the capacity is measured, and the next request.
const kinds = {
  reads: [16, () => message("GET", `${organisation}reports/trial-balance`, bearer)],
  writes: [32, () => message("POST", `${organisation}contributions`, `${bearer}Idempotency-Key: ${randomUUID()}\r\n`, gift)],
  documents: [4, () => message("GET", `${organisation}reports/fund-position?format=pdf`, bearer)],
  "sign-ins": [4, () => message("POST", "/api/v1/sessions", `X-Grenier: 1\r\nX-Forwarded-For: ${address()}\r\n`,
    JSON.stringify({ email: `p${n}@example.org`, password: "une phrase bien longue" }))],
};

class Connection {
  constructor(back) {
    this.back = back;
    this.open();
  }

  open() {
    this.socket = net.connect(port, "127.0.0.1").setNoDelay(true);
    this.bytes = Buffer.alloc(0);
    this.socket.on("data", (bytes) => this.take(bytes));
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      if (this.done) this.answer(0, "");
      if (!this.over) this.open();
    });
  }

  ask(bytes, answered) {
    this.done = answered;
    this.socket.write(bytes);
  }

  take(bytes) {
    this.bytes = this.bytes.length === 0 ? bytes : Buffer.concat([this.bytes, bytes]);
    const end = this.bytes.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = this.bytes.toString("latin1", 0, end), length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.bytes.length < end + 4 + length) return;
    this.bytes = Buffer.alloc(0);
    this.answer(Number(head.slice(9, 12)), head);
  }

  answer(status, head) {
    const { done: answered } = this;
    this.done = null;
    answered(status, head);
    this.back(this);
  }

  close() {
    this.over = true;
    this.socket.destroy();
  }
}

const now = () => Number(process.hrtime.bigint()) / 1e6;

async function capacity(clients, request) {
  let served = 0;
  const until = now() + 3000;
  const connections = [];
  await Promise.all(Array.from({ length: clients }, () => new Promise((resolve) => {
    const next = (connection) => now() >= until ? resolve() : connection.ask(request(), (status) => { served += status < 500 && status !== 429 && status > 0; });
    const connection = new Connection(next);
    connections.push(connection);
    next(connection);
  })));
  connections.forEach((connection) => connection.close());
  return served / 3;
}

async function overload(rate, request) {
  const free = [], due = [], accepted = [], seen = {};
  let unsaid = 0, asked = 0, open = 0;
  const send = (connection) => {
    const start = due.shift();
    open++;
    connection.ask(request(), (status, head) => {
      open--;
      seen[status] = (seen[status] ?? 0) + 1;
      if (status === 429 || status === 503) unsaid += !/\r\nretry-after: \d+/i.test(head);
      else accepted.push(now() - start);
    });
  };
  const back = (connection) => due.length > 0 ? send(connection) : free.push(connection);
  const connections = Array.from({ length: POOL }, () => new Connection(back));
  free.push(...connections);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const begin = now(), total = Math.round(rate * seconds);
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      for (const upto = Math.min(total, (now() - begin) / 1000 * rate); asked < upto; asked++) {
        due.push(begin + asked / rate * 1000);
        if (free.length > 0) send(free.pop());
      }
      if (asked >= total && due.length === 0 && open === 0) {
        clearInterval(timer);
        resolve();
      }
    }, 2);
  });
  const took = (now() - begin) / 1000;
  connections.forEach((connection) => connection.close());
  accepted.sort((a, b) => a - b);
  const quantile = (q) => accepted[Math.min(accepted.length - 1, Math.floor(accepted.length * q))] ?? NaN;
  return { offered: total / took, accepted: accepted.length / took, p50: quantile(0.5), p99: quantile(0.99), max: accepted.at(-1), seen, unsaid };
}

let failed = false;
console.log("| kind | capacity/s | offered/s | accepted/s | p50 ms | p99 ms | max ms | answers |\n|---|---|---|---|---|---|---|---|");
for (const [kind, [clients, request]] of Object.entries(kinds)) {
  if (words.length > 0 && !words.includes(kind)) continue;
  await capacity(clients, request); // plans, caches
  const able = await capacity(clients, request);
  const result = await overload(able * factor, request);
  const round = (x) => x.toFixed(0);
  console.log(`| ${kind} | ${round(able)} | ${round(result.offered)} | ${round(result.accepted)} | ${round(result.p50)} | ${round(result.p99)} | ${round(result.max)} | ${
    Object.entries(result.seen).map(([status, count]) => `${status}: ${count}`).join(", ")} |`);
  const strange = Object.keys(result.seen).filter((status) => !(/^2/.test(status) || ["429", "503"].includes(status) || (kind === "sign-ins" && status === "401")));
  if (strange.length > 0 || result.unsaid > 0 || !(result.p99 < MARK_MS)) {
    console.log(`missed: ${kind}: ${strange.length > 0 ? `answers ${strange}` : result.unsaid > 0 ? `${result.unsaid} refusals without Retry-After` : `p99 ${round(result.p99)} ms`}`);
    failed = true;
  }
}
const after = now();
const alive = await server.get("organisations/essai/journals", token);
console.log(`afterwards: ${alive.status} in ${(now() - after).toFixed(0)} ms; ${done(["check", ...at]).split("\n").at(-1)}`);
await server.stop("SIGTERM");
process.exit(failed || alive.status !== 200 ? 1 : 0);
