// The description of the API is valid, complete, and what committed files were made from.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { build, database, root } from "../lib/cluster.mjs";

const grenier = (...args) => {
  const done = spawnSync(path.join(build, "bin/grenier"), ["openapi", ...args], { encoding: "utf8", maxBuffer: 1 << 26 });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout;
};

test("redocly finds nothing in the OpenAPI document", () => {
  const dir = mkdtempSync(path.join(tmpdir(), "openapi."));
  try {
    writeFileSync(path.join(dir, "openapi.json"), grenier());
    const cli = path.join(root, "tests/node_modules/@redocly/cli/bin/cli.js");
    const lint = spawnSync(process.execPath, [cli, "lint", "openapi.json", "--format=stylish"],
      { cwd: dir, encoding: "utf8", env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" } });
    assert.equal(lint.status, 0, lint.stdout + lint.stderr);
    assert.doesNotMatch(lint.stdout + lint.stderr, /warning|error/i);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("every operation says who may, and no operation id stands twice", () => {
  const operations = Object.values(JSON.parse(grenier()).paths).flatMap((item) => Object.values(item));
  assert.ok(operations.every((o) => o["x-roles"].length > 0 && o.summary));
  assert.equal(new Set(operations.map((o) => o.operationId)).size, operations.length);
});

for (const [file, flag] of [["src/web/src/api.ts", "--typescript"], ["docs/errors.md", "--errors"], ["docs/api.md", "--markdown"]])
  test(`${file} is what the tables say`, () => {
    assert.ok(readFileSync(path.join(root, file), "utf8") === grenier(flag), `make it again: grenier openapi ${flag} > ${file}`);
  });

test("every statement of the routes fits the database", () => {
  const db = database();
  const done = spawnSync(path.join(build, "bin/dispatch"), [db.server, "--fits"], { encoding: "utf8" });
  assert.equal(done.status, 0, done.stdout + done.stderr);
  db.drop();
});
