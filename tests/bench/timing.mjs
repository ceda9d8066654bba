// Does the time of a 404 tell whether the thing exists elsewhere? Another organisation's object and one that exists nowhere
// are asked for in turn, round by round, in random order, on one connection; a second missing one is the control: what chance
// alone makes of two equal things. The same for organisations, and for the sign-in of people known and unknown.
//
//   GRENIER_BUILD=build-release node tests/bench/timing.mjs [--rounds 2000] [--sign-ins 60]
//
// Prints the medians of each and their ratio to the missing one; exit code 1 when a ratio is further from 1 than the control
// and 5 % together.
import { randomUUID } from "node:crypto";
import http from "node:http";
import { Serve, done, newDir } from "../cmd/grenier.mjs";

const words = process.argv.slice(2);
const option = (name, otherwise) => words.includes(`--${name}`) ? Number(words[words.indexOf(`--${name}`) + 1]) : otherwise;
const rounds = option("rounds", 2000), signIns = option("sign-ins", 60);
const TOLERANCE = 0.05;

const dir = newDir(), at = ["--data-dir", dir];
const server = await Serve.start([...at, "--trusted-proxy", "127.0.0.1"]);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const { port } = new URL(server.url);
const ask = (method, path, headers, body) => new Promise((resolve, reject) => {
  const start = process.hrtime.bigint();
  const request = http.request({ agent, port, method, path: "/api/v1/" + path, headers }, (reply) => {
    const chunks = [];
    reply.on("data", (bytes) => chunks.push(bytes));
    reply.on("end", () => resolve({ us: Number(process.hrtime.bigint() - start) / 1e3, status: reply.statusCode, body: Buffer.concat(chunks).toString() }));
  });
  request.on("error", reject);
  request.end(body);
});

const tokens = {}, ids = {};
for (const slug of ["own", "other"]) {
  done(["organisation", "create", "--slug", slug, "--name", slug, ...at]);
  tokens[slug] = done(["token", "create", "--organisation", slug, "--role", "treasurer", ...at]).split("\n").at(-1);
  const post = async (path, body) => JSON.parse((await ask("POST", `organisations/${slug}/${path}`,
    { authorization: `Bearer ${tokens[slug]}`, "content-type": "application/json" }, JSON.stringify(body))).body).id;
  const year = new Date().getUTCFullYear();
  const member = await post("members", { name: "Les Jardins", legal_form: "association", joined_on: `${year}-01-01` });
  ids[slug] = { members: member, funds: await post("funds", { name: "Réserve", kind: "designated" }),
    contributions: await post("contributions", { member_id: member, amount: "10.00", means: "transfer", nature: "dues", received_on: `${year}-01-02` }),
    entries: await post("entries", { journal: "OD", date: `${year}-01-02`, label: "Achat", lines: [{ account: "606", debit: "5.00" }, { account: "512", credit: "5.00" }] }) };
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
let failed = false;

// `kinds`: name → what is asked next; the first is the missing one, the second its control.
async function compare(what, n, kinds, statuses) {
  const times = Object.fromEntries(Object.keys(kinds).map((name) => [name, []]));
  for (let i = -n / 10; i < n; i++)
    for (const name of Object.keys(kinds).sort(() => Math.random() - 0.5)) {
      const reply = await kinds[name]();
      if (!statuses.includes(reply.status)) throw new Error(`${what} ${name}: ${reply.status} ${reply.body}`);
      if (i >= 0) times[name].push(reply.us);
    }
  const medians = Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
  const [missing, control, ...others] = Object.keys(kinds), base = medians[missing];
  const noise = Math.abs(medians[control] / base - 1);
  const ratios = others.map((name) => {
    const ratio = medians[name] / base;
    if (Math.abs(ratio - 1) > noise + TOLERANCE) failed = true;
    return `${name} ${medians[name].toFixed(0)} µs, ratio ${ratio.toFixed(3)}`;
  });
  console.log(`${what}: missing ${base.toFixed(0)} µs, again ${(medians[control] / base).toFixed(3)}; ${ratios.join("; ")} (${n} rounds)`);
}

const get = (slug, path) => ask("GET", `organisations/${slug}/${path}`, { authorization: `Bearer ${tokens.own}` });
for (const list of ["members", "funds", "contributions", "entries"])
  await compare(`GET ${list}/{id}`, rounds, { missing: () => get("own", `${list}/${randomUUID()}`), again: () => get("own", `${list}/${randomUUID()}`),
    foreign: () => get("own", `${list}/${ids.other[list]}`) }, [404]);
await compare("organisation", rounds, { missing: () => get("ghost", "funds"), again: () => get("spook", "funds"), foreign: () => get("other", "funds") }, [404]);

const person = (email) => done(["user", "create", "--organisation", "own", "--email", email, "--name", "A", "--role", "board", ...at]).split("/").at(-1);
person("new@example.org");
const used = await ask("POST", `one-time-links/${person("known@example.org")}/uses`, { "content-type": "application/json", "x-grenier": "1" },
  JSON.stringify({ password: "une autre phrase bien longue" }));
if (used.status !== 200) throw new Error(used.body);
let n = 0;
const signIn = (email) => ask("POST", "sessions", { "content-type": "application/json", "x-grenier": "1", "x-forwarded-for": `10.1.${n >> 8 & 255}.${n++ & 255}` },
  JSON.stringify({ email, password: "une phrase bien longue" }));
await compare("sign-in with a wrong password", signIns, { missing: () => signIn("nobody@example.org"), again: () => signIn("nothing@example.org"),
  known: () => signIn("known@example.org"), "known, without a password": () => signIn("new@example.org") }, [401]);

agent.destroy();
await server.stop("SIGTERM");
process.exit(failed ? 1 : 0);
