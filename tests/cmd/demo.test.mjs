// The demonstration: whole, made once, and made whole when its making was cut off.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import test from "node:test";
import { Serve, done, folder, newDir, sleep, someone } from "./grenier.mjs";

/** What a visitor sees of it, in figures. */
async function figures(dir) {
  const serve = await Serve.start(["--data-dir", dir, "--demo"]);
  const token = done(["token", "create", "--organisation", "demo", "--role", "treasurer", "--data-dir", dir]).split("\n").at(-1);
  const all = async (where) => {
    const reply = await serve.get(`organisations/demo/${where}`, token);
    assert.equal(reply.status, 200, where);
    return reply.body.items;
  };
  const members = await all("members?limit=500");
  const contributions = await all("contributions?limit=500");
  const transactions = await all("bank-transactions?limit=500");
  const [account] = await all("bank-accounts");
  const result = {
    members: members.length,
    forms: [...new Set(members.map((member) => member.legal_form))].sort(),
    contributions: contributions.length,
    unmatched: transactions.filter((line) => line.status === "unmatched").length,
    transactions: transactions.length,
    balance: (await all("reports/trial-balance")).map((row) => [row.account, row.balance]),
    account: account.name,
    years: (await all("fiscal-years")).length,
    events: (await all("audit-events?limit=1"))[0].id === undefined,
  };
  const link = await serve.get("one-time-links/" + serve.link.split("/").at(-1));
  assert.equal(link.body.purpose, "password");
  assert.equal(await serve.stop(), 0);
  return result;
}

let whole;

test("twenty-five members, nine months of money, a bank statement partly matched", async () => {
  const dir = newDir();
  done(["demo", "--data-dir", dir]);
  whole = await figures(dir);
  assert.equal(whole.members, 25);
  assert.deepEqual(whole.forms, ["association", "company", "elected_official", "local_authority", "scic", "scop", "sole_trader"]);
  assert.ok(whole.contributions >= 40, `${whole.contributions} contributions`);
  assert.ok(whole.transactions >= 50 && whole.unmatched > 0 && whole.unmatched < 10, `${whole.unmatched} of ${whole.transactions}`);
  assert.equal(whole.account, "Compte courant");
  assert.equal(whole.years, 1);
  assert.match(done(["check", "--data-dir", dir]), /organisations checked: 1, faults: 0/);
  assert.match(done(["check", "--books", "--data-dir", dir]), /^1 organisations, \d+ entries, \d+ lines checked: nothing differs$/);

  // Again changes nothing.
  done(["demo", "--data-dir", dir]);
  assert.deepEqual(await figures(dir), whole);
});

test("cut off with kill -9 at several points, it goes on where it stood", async () => {
  const dir = newDir();
  done(["migrate", "--data-dir", dir]);
  for (const ms of [150, 400, 700]) {
    const making = spawn(path.join(folder, "grenier"), ["demo", "--data-dir", dir],
      { ...someone, cwd: folder, stdio: "ignore", env: { LANG: "C.UTF-8", HOME: folder } });
    const ended = new Promise((resolve) => making.on("close", resolve));
    await Promise.race([sleep(300 + ms), ended]);
    making.kill("SIGKILL");
    await ended;
  }
  done(["demo", "--data-dir", dir]);
  assert.deepEqual(await figures(dir), whole);
  assert.match(done(["check", "--data-dir", dir]), /faults: 0/);
});
