// Every write takes the members its description names, and no other: what a resource shows but nobody sets, what the server
// decides, what another endpoint sets, and names that mean something to JavaScript. Each is refused by its own name beside an
// otherwise right request, at every depth, and nothing is changed. Nor does a member of another type pass.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Api, faults, multipart } from "../lib/api.mjs";
import { books, day, fill, requests, year } from "../lib/books.mjs";

let api, own, doc;
before(async () => {
  api = new Api();
  own = api.organisation("own");
  doc = (await api.call(null, "GET", "/api/v1/openapi.json")).body;
  own.ids = await books(own);
});
after(() => api.close());

const ORGANISATION = "/organisations/{organisation}";
const page = { "X-Grenier": "1" };
// Right requests, besides those of books.mjs: [method, path below the organisation, body, options].
const more = [
  ["POST", "members", { name: "La Scierie", legal_form: "scop", joined_on: day }],
  ["POST", "funds", { name: "Travaux", kind: "designated" }],
  ["POST", "projects", { name: "Four" }],
  ["POST", "fiscal-years", { starts_on: `${year + 1}-01-01`, ends_on: `${year + 1}-12-31` }],
  ["POST", "bank-accounts", { name: "Livret" }],
  ["PATCH", "", { name: "Association" }, { etag: "", as: "administrator" }],
];
// Outside of organisations: [method, path, body].
const outside = [
  ["POST", "/sessions", { email: "nobody@example.org", password: "une phrase bien longue" }],
  ["POST", "/one-time-links/nowhere/uses", { password: "une phrase bien longue" }],
  ["DELETE", "/sessions/current", {}],
  ["POST", "/sessions/0197a3c0-0000-7000-8000-000000000000/revocations", {}],
];
const writes = () => [...more, ...requests.filter(([method]) => method !== "GET")];

const operation = (method, path) => {
  const parts = path.split("?")[0].split("/");
  const template = Object.keys(doc.paths).find((t) => method.toLowerCase() in doc.paths[t] && t.split("/").length === parts.length
    && t.split("/").every((part, i) => part === parts[i] || part.startsWith("{")));
  assert.ok(template, `${method} ${path}`);
  return { template, ...doc.paths[template][method.toLowerCase()] };
};

function resolve(schema) {
  return schema?.$ref ? resolve(schema.$ref.slice(2).split("/").reduce((at, name) => at[name], doc)) : schema ?? {};
}

// The members of a schema, and of everything in it.
function names(schema, found = new Set()) {
  const s = resolve(schema);
  for (const [name, of] of Object.entries(s.properties ?? {})) {
    found.add(name);
    names(of, found);
  }
  if (s.items) names(s.items, found);
  for (const one of [...(s.oneOf ?? []), ...(s.anyOf ?? []), ...(s.allOf ?? [])]) names(one, found);
  return found;
}

const always = ["id", "organisation_id", "organisation", "version", "created_at", "created_by", "recorded_at", "recorded_by", "actor", "role",
  "roles", "user_id", "entry_id", "number", "status", "total", "locked_through", "closed_at", "currency", "slug", "source_kind", "password_hash",
  "disabled_at", "expires_at", "isAdmin", "__proto__", "constructor", "prototype", "toString", "", "a/b", "~", "Name", "name "];

// What the answers of an operation show, and what the server keeps to itself.
function strangers(op, known) {
  const shown = new Set(always);
  for (const [status, response] of Object.entries(op.responses))
    if (status.startsWith("2")) names(resolve(response).content?.["application/json"]?.schema, shown);
  return [...shown].filter((name) => !(name in known));
}

const pointer = (name) => name.replaceAll("~", "~0").replaceAll("/", "~1");
const tables = () => api.db.sql("SELECT relname FROM pg_class WHERE relnamespace = 'fund'::regnamespace AND relkind = 'r'").split("\n");
const state = () => own.sql(`SELECT md5(string_agg(x::text, ',' ORDER BY x::text)) FROM (${tables().map((t) => `SELECT to_jsonb(t) FROM fund.${t} t`).join(" UNION ALL ")}) s (x)`)
  + api.db.sql("SELECT md5(string_agg(x::text, ',' ORDER BY x::text)) FROM (SELECT to_jsonb(s) FROM app.session s UNION ALL SELECT to_jsonb(u) FROM app.account_user u UNION ALL SELECT to_jsonb(m) FROM app.membership m) x");

// JSON text in which a member stands twice or is called __proto__ cannot come from an object: it is put in by hand.
const withMember = (body, name, value) => JSON.stringify(body).replace(/^\{/, `{${JSON.stringify(name)}:${JSON.stringify(value)}${Object.keys(body).length > 0 ? "," : ""}`);

// Every object in a body: {at: its pointer, schema, object, around: the whole body when the object is this text}.
function* places(object, schema, at = "", around = (text) => text) {
  yield { at, schema: resolve(schema), object, around };
  for (const [name, value] of Object.entries(object)) {
    if (!Array.isArray(value) || typeof value[0] !== "object") continue;
    const items = resolve(resolve(schema).properties[name]).items;
    yield* places(value[0], items, `${at}/${name}/0`, (text) => around(JSON.stringify({ ...object, [name]: ["@", ...value.slice(1)] }).replace('"@"', text)));
  }
}

async function send([method, path, , options = {}], text) {
  const headers = { ...options.headers };
  if (options.etag !== undefined) headers["If-Match"] = (await own.get(fill(options.etag, own.ids))).headers.etag;
  return own.call(method, fill(path, own.ids), { as: options.as, body: text, headers });
}

const outsideCall = (method, path, text) => api.call(method === "DELETE" || path.includes("revocations") ? own.tokens.treasurer : null, method, "/api/v1" + path, { body: text, headers: page });

test("every write is here", () => {
  const here = [...writes().map(([method, path]) => operation(method, (ORGANISATION + "/" + path).replace(/\/$/, "")).operationId),
    ...outside.map(([method, path]) => operation(method, path).operationId)];
  for (const [path, item] of Object.entries(doc.paths))
    for (const [method, op] of Object.entries(item))
      if (method !== "get" && !op.requestBody?.content["multipart/form-data"]) assert.ok(here.includes(op.operationId), `${method} ${path} (${op.operationId})`);
});

test("a member that is not of the request is refused by its name, and nothing is changed", async (t) => {
  const before = state();
  let cases = 0;
  for (const request of writes()) {
    const [method, path, template = {}] = request;
    const op = operation(method, (ORGANISATION + "/" + path).replace(/\/$/, "")), body = fill(template, own.ids);
    for (const { at, schema, object, around } of places(body, op.requestBody?.content["application/json"].schema))
      for (const name of strangers(op, schema.properties ?? {})) {
        const reply = await send(request, around(withMember(object, name, "x")));
        const what = `${method} ${path} ${at}/${name}: ${reply.status} ${reply.text}`;
        assert.equal(reply.status, 422, what);
        assert.deepEqual(faults(reply), [`${at}/${pointer(name)} field.unknown`], what);
        cases++;
      }
  }
  for (const [method, path, body] of outside) {
    const op = operation(method, path);
    for (const name of strangers(op, resolve(op.requestBody?.content["application/json"].schema).properties ?? {})) {
      const reply = await outsideCall(method, path, withMember(body, name, "x"));
      assert.equal(reply.status, 422, `${method} ${path} ${name}: ${reply.text}`);
      assert.deepEqual(faults(reply), [`/${pointer(name)} field.unknown`]);
      cases++;
    }
  }
  assert.equal(state(), before, "nothing changed");
  assert.ok(cases > 1000);
  t.diagnostic(`${cases} members`);
});

test("a member of another type, or there twice, is refused", async (t) => {
  const before = state();
  let cases = 0;
  for (const request of writes()) {
    const [method, path, template = {}] = request;
    const op = operation(method, (ORGANISATION + "/" + path).replace(/\/$/, "")), body = fill(template, own.ids);
    for (const { at, schema, object, around } of places(body, op.requestBody?.content["application/json"].schema))
      for (const [name, of] of Object.entries(schema.properties ?? {})) {
        const types = [resolve(of).type].flat();
        const wrong = { object: {}, array: [[]], string: { a: "x" }, boolean: [true], integer: 1e300, number: -1.5 };
        for (const [type, value] of Object.entries(wrong)) {
          if (type === "object" && types.includes("object")) continue;
          const reply = await send(request, around(JSON.stringify({ ...object, [name]: value })));
          assert.ok([400, 422].includes(reply.status), `${method} ${path} ${at}/${name} ${JSON.stringify(value)}: ${reply.status} ${reply.text}`);
          cases++;
        }
      }
    const first = Object.keys(body)[0];
    if (first === undefined) continue;
    const twice = await send(request, withMember(body, first, body[first]));
    assert.equal(twice.status, 400, `${method} ${path} ${first} twice: ${twice.text}`);
    assert.match(twice.body.type, /body\.json$/);
  }
  assert.equal(state(), before, "nothing changed");
  t.diagnostic(`${cases} members`);
});

test("no parameter and no part but those described", async () => {
  const before = state();
  const nothing = "0197a3c0-0000-7000-8000-000000000000";
  for (const [template, item] of Object.entries(doc.paths))
    for (const [method, op] of Object.entries(item)) {
      if (!template.startsWith(ORGANISATION)) continue;
      const role = op["x-roles"].includes("treasurer") ? "treasurer" : op["x-roles"][0];
      const path = "/api/v1" + template.replace("{organisation}", "own").replace(/\{\w+\}/g, nothing);
      const call = (query, options) => api.call(own.tokens[role], method.toUpperCase(), path + query, { headers: { "If-Match": '"v1"' }, ...options });
      const form = op.requestBody?.content["multipart/form-data"], file = { name: "file", file: "x.csv", content: "x" };
      const right = form ? { form: multipart([file]) } : method === "get" ? {} : { body: {} };
      for (const name of ["organisation_id", "roles", "nonsense", "Limit", "limit[]", "__proto__"]) {
        const reply = await call(`?${encodeURIComponent(name)}=1`, right);
        assert.equal(reply.status, 422, `${method} ${template}?${name}: ${reply.text}`);
        assert.ok(faults(reply).includes(`?${name} field.unknown`), `${method} ${template}?${name}: ${reply.text}`);
      }
      if (op.parameters.some((parameter) => parameter.name === "limit"))
        for (const twice of ["limit=1&limit=2", "format=csv&format=json", "locale=fr&locale=fr"])
          assert.ok(faults(await call("?" + twice, {})).includes(`?${twice.split("=")[0]} field.unknown`), `${template}?${twice}`);
      if (method === "get") assert.match((await call("", { body: {} })).body.type, /body\.unexpected$/, `${template} with a body`);
      if (!form) continue;
      const reply = await call("", { form: multipart([file, { name: "organisation_id", content: "x" }]) });
      assert.ok(faults(reply).includes("/organisation_id field.unknown"), reply.text);
    }
  assert.equal(state(), before, "nothing changed");
});
