// The API in process, as tests speak to it: one dispatch process and one database per Api.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import path from "node:path";
import readline from "node:readline";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { build, database } from "./cluster.mjs";

export const ROLES = ["treasurer", "board", "member", "auditor", "administrator"];

const quote = (text) => `'${String(text).replaceAll("'", "''")}'`;

/** A multipart/form-data body: parts {name, file?, type?, content (string or Buffer)}. */
export function multipart(parts) {
  const boundary = "----grenier" + randomUUID();
  const chunks = [];
  for (const part of parts) {
    const file = part.file === undefined ? "" : `; filename="${part.file}"`;
    const type = part.type === undefined ? "" : `Content-Type: ${part.type}\r\n`;
    chunks.push(Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${part.name}"${file}\r\n${type}\r\n`));
    chunks.push(Buffer.from(part.content), Buffer.from("\r\n"));
  }
  chunks.push(Buffer.from(`--${boundary}--\r\n`));
  return { type: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat(chunks) };
}

export class Api {
  constructor(options = {}) {
    this.db = options.db ?? database();
    this.process = spawn(path.join(build, "bin/dispatch"), [this.db.server], { stdio: ["pipe", "pipe", "inherit"] });
    this.waiting = [];
    this.ended = new Promise((resolve) => this.process.on("exit", (code, signal) => resolve(code ?? signal)));
    this.process.on("exit", () => this.waiting.splice(0).forEach((w) => w.reject(new Error("dispatch ended"))));
    readline.createInterface({ input: this.process.stdout }).on("line", (line) => this.waiting.shift().resolve(JSON.parse(line)));
  }

  /** One request as it is: {method, path, headers, body|body_base64}; the raw reply. */
  send(request) {
    return new Promise((resolve, reject) => {
      if (this.process.exitCode !== null || this.process.signalCode !== null) return reject(new Error("dispatch ended"));
      this.waiting.push({ resolve, reject });
      this.process.stdin.write(JSON.stringify(request) + "\n");
    });
  }

  /** Makes an organisation with its first fiscal year (from 1 January of this year unless said) and a token per role. */
  organisation(slug = "org-" + randomBytes(4).toString("hex"), options = {}) {
    const starts = options.starts ?? `${new Date().getUTCFullYear()}-01-01`;
    const extra = options.currency ? `, ${quote(options.currency)}, ${options.digits}` : "";
    const id = this.db.sql(`SELECT app.organisation_create(${quote(slug)}, ${quote(options.name ?? "Association " + slug)}, ${quote(starts)}, 'cli:test'${extra})`);
    const organisation = new Organisation(this, slug, id);
    for (const role of ROLES) if (role !== "member") organisation.tokens[role] = this.token(slug, role);
    return organisation;
  }

  /** An access key of the role; `member` is the member's id for the role member. */
  token(slug, role, member = null, expires = null) {
    const secret = randomBytes(32).toString("base64url");
    const hash = createHash("sha256").update(secret).digest("hex");
    this.db.sql(`SELECT app.token_create(${quote(slug)}, ${quote(role)}, decode('${hash}', 'hex'), ${member === null ? "NULL" : quote(member)}::uuid, ${expires === null ? "NULL" : quote(expires)}::timestamptz, ${quote("test " + role)}, 'cli:test')`);
    return secret;
  }

  /** JSON request with an access key; reply {status, headers, body (parsed when JSON), text}. */
  async call(token, method, path, { body, headers = {}, form } = {}) {
    const request = { method, path, headers: { "Accept-Language": "en", ...headers } };
    if (token !== null && token !== undefined) request.headers.Authorization = `Bearer ${token}`;
    if (form !== undefined) {
      request.headers["Content-Type"] = form.type;
      request.body_base64 = form.body.toString("base64");
    } else if (body !== undefined) {
      request.headers["Content-Type"] ??= "application/json";
      request.body = typeof body === "string" ? body : JSON.stringify(body);
    }
    // A fault for this one request: see dispatch.c.
    Object.assign(request, this.fault);
    this.fault = undefined;
    const reply = await this.send(request);
    this.allocations = reply.allocations;
    if (reply.status === 0) return { status: 0, headers: {}, text: "", body: "" };
    await this.conforms(method, path, reply);
    const text = reply.body ?? Buffer.from(reply.body_base64, "base64");
    const json = /json/.test(reply.headers["content-type"] ?? "") && text.length > 0;
    return { status: reply.status, headers: reply.headers, text, body: json ? JSON.parse(text) : text };
  }

  /** Every reply is held to the served OpenAPI document: a status it names, a body its schema describes. */
  async conforms(method, path, reply) {
    if (this.validators === undefined) {
      const served = await this.send({ method: "GET", path: "/api/v1/openapi.json", headers: {} });
      this.document = JSON.parse(served.body);
      this.ajv = new Ajv({ strict: false, allErrors: true });
      addFormats(this.ajv);
      this.ajv.addSchema(this.document, "openapi");
      this.validators = new Map();
    }
    const parts = path.split("?")[0].replace("/api/v1", "").split("/");
    const fits = (template) => {
      const wanted = template.split("/");
      return wanted.length === parts.length && wanted.every((w, i) => w.startsWith("{") || w === parts[i]);
    };
    const template = Object.keys(this.document.paths).find((t) => fits(t) && method.toLowerCase() in this.document.paths[t]);
    if (template === undefined || reply.status === 304) return;
    const responses = this.document.paths[template][method.toLowerCase()].responses;
    const status = reply.status in responses ? String(reply.status) : `${String(reply.status)[0]}XX`;
    assert.ok(status in responses, `${method} ${template} answered ${reply.status}, which its description does not name`);
    if (!/json/.test(reply.headers["content-type"] ?? "") || template === "/openapi.json") return;
    const at = ["paths", template, method.toLowerCase(), "responses", status, "content", "application/json", "schema"];
    const pointer = status.endsWith("XX") ? "/components/schemas/Problem"
      : at.map((s) => "/" + s.replaceAll("~", "~0").replaceAll("/", "~1")).join("");
    if (!this.validators.has(pointer))
      this.validators.set(pointer, this.ajv.compile({ $ref: `openapi#${encodeURI(pointer)}` }));
    const valid = this.validators.get(pointer);
    assert.ok(valid(JSON.parse(reply.body)), `${method} ${template} ${reply.status}: ${this.ajv.errorsText(valid.errors)}\n${reply.body.slice(0, 600)}`);
  }

  /** After every test, judged by the database and by the checker that trusts neither it nor us. */
  checkBooks() {
    assert.equal(this.db.sql("SELECT string_agg(c::text, E'\\n') FROM app.check_books(NULL) c"), "", "books are right");
    const check = spawnSync(path.join(build, "bin/grenier-check"), ["--lang", "en", "--database", this.db.conninfo], { encoding: "utf8" });
    assert.match(check.stdout, /^\d+ organisations, \d+ entries, \d+ lines checked: nothing differs\n$/, check.stderr);
  }

  async close() {
    this.process.stdin.end();
    assert.equal(await this.ended, 0, "dispatch ends without a sanitizer's report");
    this.checkBooks();
    this.db.drop();
  }
}

export class Organisation {
  constructor(api, slug, id) {
    Object.assign(this, { api, slug, id, tokens: {} });
  }

  /** A request below the organisation as a role (treasurer unless said). */
  call(method, path, options = {}) {
    const token = "token" in options ? options.token : this.tokens[options.as ?? "treasurer"];
    return this.api.call(token, method, `/api/v1/organisations/${this.slug}${path === "" ? "" : "/" + path}`, options);
  }

  /** SQL as the owner of the tables, inside the organisation's context and its policies. */
  sql(text) {
    return this.api.db.sql(`DO $$ BEGIN PERFORM set_config('app.organisation_id', '${this.id}', true); END $$; SET ROLE grenier_owner; ${text}`);
  }

  get(path, options) { return this.call("GET", path, options); }
  post(path, body, options) { return this.call("POST", path, { body, ...options }); }
  upload(path, file, content, options) {
    return this.call("POST", path, { form: multipart([{ name: "file", file, content, type: "application/octet-stream" }]), ...options });
  }

  /** PATCH with the ETag of the resource as it is now. */
  async patch(path, body, options = {}) {
    const tag = options.etag ?? (await this.get(path, options)).headers.etag;
    return this.call("PATCH", path, { body, ...options, headers: { "If-Match": tag, ...options.headers } });
  }

  async delete(path, options = {}) {
    const tag = options.etag ?? (await this.get(path, options)).headers.etag;
    return this.call("DELETE", path, { ...options, headers: { "If-Match": tag, ...options.headers } });
  }

  /** Posts and expects success; answers the body. */
  async make(path, body, options) {
    const reply = await this.post(path, body, options);
    assert.ok(reply.status === 201 || reply.status === 200, `POST ${path}: ${reply.status} ${reply.text}`);
    return reply.body;
  }
}

/** The faults of a problem as "pointer code" lines, sorted. */
export function faults(reply) {
  return (reply.body.errors ?? []).map((e) => `${e.pointer} ${e.code}`).sort();
}
