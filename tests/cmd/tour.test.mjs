// docs/tour.md, run as it stands: every sh block in one shell, against a server started from nothing; the lines of the text
// block that follows must appear in its output, in order.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { build, root } from "../lib/cluster.mjs";

const blocks = [...readFileSync(path.join(root, "docs/tour.md"), "utf8").matchAll(/^```sh\n([^]*?)^```\n(?:```text\n([^]*?)^```\n)?/gm)];
const dir = mkdtempSync("/tmp/tour.");
chmodSync(dir, 0o755); // as root, the data belong to another user
let server, base, said = "";

before(async () => {
  // The tour speaks from the clone: the same paths, with the build under test, and its own files elsewhere.
  mkdirSync(path.join(dir, "clone/build"), { recursive: true });
  symlinkSync(path.join(build, "bin"), path.join(dir, "clone/build/bin"));
  symlinkSync(path.join(root, "tests"), path.join(dir, "clone/tests"));
  server = spawn(path.join(build, "bin/grenier"), ["serve", "--data-dir", path.join(dir, "data"), "--port", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LSAN_OPTIONS: `suppressions=${path.join(root, "tests/lib/lsan.supp")}:print_suppressions=0` },
  });
  base = await new Promise((resolve, reject) => {
    server.stderr.on("data", (chunk) => { said += chunk; });
    server.stdout.on("data", (chunk) => {
      said += chunk;
      const ready = /^ready (http:\S+?)\/?$/m.exec(said);
      if (ready) resolve(ready[1]);
    });
    server.on("exit", (code) => reject(new Error(`serve ended with ${code}\n${said}`)));
  });
});

after(async () => {
  const ended = new Promise((resolve) => server.on("exit", resolve));
  server.kill("SIGTERM");
  assert.equal(await ended, 0, `the server stops cleanly\n${said}`);
  rmSync(dir, { recursive: true });
});

test("every block does what it shows", { timeout: 300000 }, () => {
  assert.ok(blocks.length >= 10);
  const script = "set -euo pipefail\n" + blocks.map((block, i) => `echo "@@${i}"\n${block[1]}`).join("");
  const done = spawnSync("bash", ["-c", script], {
    cwd: path.join(dir, "clone"), encoding: "utf8", maxBuffer: 1 << 26,
    env: { ...process.env, GRENIER: base, DATA: path.join(dir, "data"), LC_ALL: "C.UTF-8" },
  });
  // the page is written with ordinary spaces where French typography has narrow or unbreakable ones
  const plain = (text) => text.replaceAll(/[\u00a0\u202f]/g, " ");
  const outputs = plain(done.stdout).split(/^@@\d+\n/m).slice(1);
  assert.equal(done.status, 0, `block ${outputs.length}: ${done.stderr}\n${outputs.at(-1)}`);
  blocks.forEach((block, i) => {
    let at = 0;
    for (const line of plain(block[2] ?? "").split("\n").filter((l) => l !== "")) {
      const found = outputs[i].indexOf(line, at);
      assert.ok(found >= 0, `block ${i + 1} should say “${line}” and said:\n${outputs[i]}`);
      at = found + line.length;
    }
  });
});
