// Clients that write at the same moment and do what docs/api.md asks of them: the same request under the same
// Idempotency-Key until it is answered. Together they know what must be in the books.
import assert from "node:assert/strict";
import http from "node:http";
import { sleep } from "../cmd/grenier.mjs";

const PATIENCE_MS = 60_000;
const day = `${new Date().getUTCFullYear()}-01-02`;

export class Crowd {
  /** `where`: () => {port, token}; `slug` of the organisation; `random`: what is written. */
  constructor({ where, slug, random }) {
    Object.assign(this, { where, slug, random, acknowledged: [], serial: 0, stopping: false });
    this.tally = { requests: 0, unanswered: 0, refused: 0 };
  }

  /** One exchange: {status, text, headers}; null when no whole answer came. */
  exchange(method, path, key, body) {
    const { port, token } = this.where();
    return new Promise((resolve) => {
      const request = http.request({ port, host: "127.0.0.1", method, path: `/api/v1/organisations/${this.slug}/${path}`, agent: false,
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

  /** The same request until it is answered, as a 503 asks. */
  async persist(method, path, key, body) {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(40)) {
      this.tally.requests++;
      const reply = await this.exchange(method, path, key, body);
      if (reply === null) this.tally.unanswered++;
      else if (reply.status === 503) {
        this.tally.refused++;
        assert.ok(Number(reply.headers["retry-after"]) >= 0, "503 says when to come back");
      } else return reply;
    }
    throw new Error(`${method} ${path}: no answer within ${PATIENCE_MS / 1000} s`);
  }

  async begin() {
    const reply = await this.persist("POST", "members", "crowd-member", { name: "Les Jardins", legal_form: "association", joined_on: day });
    assert.equal(reply.status, 201, reply.text);
    this.member = JSON.parse(reply.text).id;
  }

  async write(kind, path, body, mark) {
    const key = `crowd-${mark}`, reply = await this.persist("POST", path, key, body);
    assert.ok(reply.status === 201 || reply.status === 200, `${path}: ${reply.status} ${reply.text}`);
    this.acknowledged.push({ kind, mark, key, path, body, text: reply.text, status: reply.status });
    return JSON.parse(reply.text);
  }

  async client() {
    while (!this.stopping) {
      const mark = `w${++this.serial}`, gift = { member_id: this.member, means: "cheque", nature: "dues", received_on: day, label: mark };
      switch (this.random.below(4)) {
        case 0: {
          const draft = await this.write("draft", "entries", { journal: "OD", date: day, label: mark,
            lines: [{ account: "512", debit: "3.00" }, { account: "7561", credit: "3.00" }] }, mark);
          await this.write("entry", `entries/${draft.id}/validations`, undefined, `${mark}-v`);
          break;
        }
        case 1: {
          const made = await this.write("contribution", "contributions", { ...gift, amount: "5.00" }, mark);
          await this.write("cancellation", `contributions/${made.id}/cancellations`, { reason: "essai" }, `${mark}-c`);
          break;
        }
        case 2: await this.write("project", "projects", { name: mark }, mark); break;
        default: await this.write("contribution", "contributions", { ...gift, amount: "7.00" }, mark);
      }
    }
  }

  /** So many clients, until stop(); answers their promises. */
  start(clients) {
    this.stopping = false;
    this.clients = Array.from({ length: clients }, () => this.client());
  }

  /** Nobody begins anything more; what was begun is answered. */
  async stop() {
    this.stopping = true;
    await Promise.all(this.clients);
  }

  /** Every acknowledged write is in the books once, and nothing is there that was not acknowledged. */
  account(sql, seed) {
    const rows = sql(`SELECT 'contribution ' || label, count(*) FROM fund.contribution GROUP BY label
      UNION ALL SELECT 'project ' || name, count(*) FROM fund.project GROUP BY name
      UNION ALL SELECT 'entry ' || label || '-v', count(*) FROM fund.entry WHERE source_kind = 'manual' GROUP BY label
      UNION ALL SELECT 'cancellation ' || o.label || '-c', count(*) FROM fund.entry r
                  JOIN fund.entry o ON o.organisation_id = r.organisation_id AND o.id = r.reverses_entry_id GROUP BY o.label
      UNION ALL SELECT 'drafts', count(*) FROM fund.draft`).split("\n").map((row) => row.split("|"));
    const there = new Map(rows.map(([what, n]) => [what, Number(n)])), drafts = there.get("drafts");
    there.delete("drafts");
    const wanted = this.acknowledged.filter((a) => a.kind !== "draft").map((a) => `${a.kind} ${a.mark}`);
    assert.deepEqual({ lost: wanted.filter((a) => !there.has(a)), doubled: [...there].filter(([, n]) => n > 1), unasked: there.size - wanted.length, drafts },
      { lost: [], doubled: [], unasked: 0, drafts: 0 }, `(SEED=${seed})`);
  }

  /** Asked again, after all that: the same answers. */
  async again(times, seed) {
    for (let i = 0; i < times; i++) {
      const a = this.random.pick(this.acknowledged), reply = await this.persist("POST", a.path, a.key, a.body);
      assert.deepEqual([reply.status, reply.text], [a.status, a.text], `${a.path} again (SEED=${seed})`);
    }
  }

  say() {
    return `${this.acknowledged.length} writes acknowledged, ${this.tally.requests} requests: ${this.tally.unanswered} without an answer, ${this.tally.refused} told to come back`;
  }
}
