// Builds the web interface into one folder that the server takes in as it is:
//   index.html  app.<hash>.js  app.<hash>.css  icon.<hash>.svg  icon.<hash>.png  and a .gz twin of each text.
// The folder is $GRENIER_WEB_OUT, by default build/web at the root of the repository.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.env.GRENIER_WEB_OUT || join(here, "../../build/web"));
const development = process.argv.includes("--development");

/** The first page must stay usable on a slow phone: script sent compressed, in bytes. */
const SCRIPT_BYTES_MAX = 150 * 1024;

const result = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx" },
  bundle: true,
  format: "esm",
  target: ["es2021", "chrome105", "firefox121", "safari15.4"],
  minify: !development,
  sourcemap: development ? "inline" : false,
  charset: "utf8",
  legalComments: "none",
  define: { DEVELOPMENT: String(development) },
  entryNames: "[name].[hash]",
  outdir: out,
  write: false,
  logLevel: "warning",
});

const files = new Map(result.outputFiles.map((file) => [file.path.slice(out.length + 1), Buffer.from(file.contents)]));

function named(extension) {
  const name = [...files.keys()].find((key) => key.endsWith(extension));
  if (!name) throw new Error(`the bundle has no ${extension}`);
  return name;
}

function icon(source) {
  const content = readFileSync(join(here, "public", source));
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8);
  const name = source.replace(/(\.\w+)$/, `.${hash}$1`);
  files.set(name, content);
  return name;
}

const names = { script: named(".js"), style: named(".css"), icon: icon("icon.svg"), touch: icon("icon.png") };
const page = readFileSync(join(here, "public/index.html"), "utf8").replace(/\{(\w+)\}/g, (_, key) => {
  if (!(key in names)) throw new Error(`public/index.html names {${key}}, which the build does not make`);
  return `/${names[key]}`;
});
files.set("index.html", Buffer.from(page));

mkdirSync(out, { recursive: true });
for (const old of readdirSync(out)) if (/^(index|app|icon)\./.test(old)) rmSync(join(out, old));
for (const [name, content] of files) {
  writeFileSync(join(out, name), content);
  if (!name.endsWith(".png")) writeFileSync(join(out, `${name}.gz`), gzipSync(content, { level: 9 }));
}

const compressed = gzipSync(files.get(names.script), { level: 9 }).length;
if (!development && compressed > SCRIPT_BYTES_MAX) {
  throw new Error(`the script is ${compressed} bytes compressed, ${SCRIPT_BYTES_MAX} at most`);
}
console.log(`web interface: ${files.size} files in ${out}, script ${(compressed / 1024).toFixed(1)} KiB compressed`);
