// Adds up what gcov counted (JSON, one document per line and object file), by folder, and lists what the files held to
// all of it miss. The same source in several programs counts once: a line is run where any of them ran it.
import { createReadStream, readFileSync } from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const [counts, ...shown] = process.argv.slice(2);
const files = new Map();

// The branch of an assertion that fails is the end of the program: nothing counts it.
const assertions = new Map();
function asserts(name) {
  if (!assertions.has(name))
    assertions.set(name, new Set(readFileSync(path.join(root, name), "utf8").split("\n").flatMap((text, i) => /^\s*ASSERT\(/.test(text) ? [i + 1] : [])));
  return assertions.get(name);
}

function take(document) {
  for (const { file, lines } of document.files) {
    const name = path.relative(root, path.resolve(document.current_working_directory, file)).replace(/^build-coverage\/include\/[a-z]+\//, "src/");
    if (!/^(src|cmd)\/.*\.[ch]$/.test(name)) continue;
    if (!files.has(name)) files.set(name, new Map());
    const known = files.get(name);
    for (const { line_number: number, count, branches } of lines) {
      const line = known.get(number) ?? { count: 0, branches: [] };
      line.count += count;
      if (!asserts(name).has(number)) branches.forEach((branch, i) => { line.branches[i] = (line.branches[i] ?? 0) + branch.count; });
      known.set(number, line);
    }
  }
}

for await (const line of readline.createInterface({ input: createReadStream(counts) })) if (line.startsWith("{")) take(JSON.parse(line));

const sums = (names) => {
  const sum = { lines: 0, run: 0, branches: 0, taken: 0 };
  for (const name of names)
    for (const { count, branches } of files.get(name).values()) {
      sum.lines++;
      sum.run += count > 0;
      sum.branches += branches.length;
      sum.taken += branches.filter((taken) => taken > 0).length;
    }
  return sum;
};
const share = (part, whole) => whole === 0 ? "100.0" : (Math.floor(part * 1000 / whole) / 10).toFixed(1);
const row = (name, s) => console.log(`${name.padEnd(28)} ${share(s.run, s.lines).padStart(6)} % of ${String(s.lines).padStart(6)} lines ${share(s.taken, s.branches).padStart(6)} % of ${String(s.branches).padStart(6)} branches`);

const folders = new Map();
for (const name of [...files.keys()].sort()) folders.set(path.dirname(name), [...(folders.get(path.dirname(name)) ?? []), name]);
for (const [folder, names] of folders) row(folder, sums(names));
row("all", sums(files.keys()));

function missing(name) {
  const text = readFileSync(path.join(root, name), "utf8").split("\n");
  for (const [number, { count, branches }] of [...files.get(name)].sort((a, b) => a[0] - b[0]))
    if (count === 0 || branches.some((taken) => taken === 0))
      console.log(`    ${name}:${number}: ${count === 0 ? "not run" : `branch ${branches.map((taken, i) => taken === 0 ? i : "").filter((i) => i !== "").join(", ")} not taken`}: ${text[number - 1].trim()}`);
}

const whole = readFileSync(path.join(root, "tests/coverage/whole"), "utf8").split("\n").filter((l) => l && !l.startsWith("#"));
for (const name of shown) if (files.has(name)) missing(name);
let failed = 0;
for (const name of whole) {
  const sum = files.has(name) ? sums([name]) : { lines: 0, run: 0, branches: 0, taken: 0 };
  const right = sum.lines > 0 && sum.run === sum.lines && sum.taken === sum.branches;
  console.log(`${right ? "ok" : "not ok"} - every line and branch of ${name}`);
  if (!right && files.has(name)) missing(name);
  failed += !right;
}
console.log(`${whole.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
