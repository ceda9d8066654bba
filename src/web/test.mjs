// Runs the unit tests: each test/*.test.ts is bundled (Node 18 reads no TypeScript) beside node_modules, where a test finds
// the compiler, and given to node --test.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const names = readdirSync(join(here, "test")).filter((name) => /\.test\.tsx?$/.test(name));
const out = mkdtempSync(join(here, "node_modules/.test-"));
await build({
  absWorkingDir: here,
  entryPoints: names.map((name) => `test/${name}`),
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node18",
  external: ["typescript"],
  define: { DEVELOPMENT: "true", WEB_ROOT: JSON.stringify(here) },
  outdir: out,
  outExtension: { ".js": ".mjs" },
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
});
const files = readdirSync(out).map((name) => join(out, name));
const run = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit", cwd: here });
rmSync(out, { recursive: true });
process.exit(run.status ?? 1);
