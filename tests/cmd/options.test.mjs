// Command lines: what is wrong is named, in the person's language, and nothing is tried.
import assert from "node:assert/strict";
import test from "node:test";
import { done, grenier, newDir, present } from "./grenier.mjs";

const wrong = [
  [["serve", "--prot", "80"], /--prot/],
  [["serve", "--port"], /--port.*missing/],
  [["serve", "--port", "80x"], /--port 80x.*0 to 65535/],
  [["serve", "--port", "65536"], /--port 65536/],
  [["serve", "--port", "1", "--port", "2"], /--port is given twice/],
  [["serve", "--demo=yes"], /--demo yes.*no value/],
  [["serve", "here"], /"here"/],
  [["serve", "--data-dir", ""], /--data-dir/],
  [["serve", "--listen", "localhost"], /--listen localhost.*numeric/],
  [["serve", "--listen", "0.0.0.0"], /--listen 0\.0\.0\.0.*--public-url/],
  [["serve", "--listen", "0.0.0.0", "--public-url", "http://127.0.0.1"], /--listen 0\.0\.0\.0/],
  [["serve", "--public-url", "http://books.example.org"], /--public-url http:\/\/books.example.org/],
  [["serve", "--public-url", "https://books.example.org/path"], /--public-url/],
  [["serve", "--database", "postgresql://u:secret@127.0.0.1/db"], /passfile=/],
  [["check", "--database", "postgresql://u@127.0.0.1/db?password=secret"], /passfile=/],
  [["migrate", "--database", "host=127.0.0.1 password = secret"], /passfile=/],
  [["migrate", "--database", "elsewhere"], /--database elsewhere/],
  [["check", "--database", "dbname=x options='-c role=postgres'"], /options=/],
  [["organisation", "create", "--slug", "x y", "--name", "N"], /--slug x y/],
  [["organisation", "create", "--name", "N"], /--slug SLUG is required/],
  [["organisation", "create", "--slug", "ok", "--name", "N", "--fiscal-year-start", "2026-02-30"], /--fiscal-year-start 2026-02-30/],
  [["user", "create", "--organisation", "ok", "--email", "a@b.example", "--name", "A", "--role", "king"], /--role king.*treasurer, board/],
  [["user", "create", "--organisation", "ok", "--email", "a@b.example", "--name", "A", "--role", "treasurer,"], /--role treasurer,/],
  [["token", "create", "--organisation", "ok", "--role", "member"], /--member/],
  [["token", "create", "--organisation", "ok", "--role", "board", "--member", "12"], /--member 12/],
  [["token", "create", "--organisation", "ok", "--role", "board", "--expires", "soon"], /--expires soon/],
  [["token", "create", "--organisation", "ok", "--role", "board", "--expires", "0"], /--expires 0/],
  [["frobnicate"], /"frobnicate"/],
  [["organisation", "destroy"], /"organisation destroy"/],
  [["version", "--verbose"], /--verbose/],
];

for (const [args, pattern] of wrong) {
  test(`grenier ${args.join(" ")}`, () => {
    const dir = newDir();
    const all = args.includes("--data-dir") || args[0] === "version" || args[0] === "frobnicate" || args[1] === "destroy"
      ? args : [...args, "--data-dir", dir];
    // A value that is missing is only missing at the end.
    const result = grenier(args.at(-1) === "--port" ? args : all);
    assert.equal(result.status, 2, result.stderr);
    assert.match(result.stderr, pattern);
    assert.equal(result.stdout, "");
    assert.ok(!result.stderr.includes("secret"), "a password is repeated");
    assert.ok(!present(dir), "the data directory was made");
  });
}

test("the same in French", () => {
  assert.match(grenier(["serve", "--port", "x"], { env: { LANG: "fr_FR.UTF-8" } }).stderr, /un nombre de 0 à 65535 est attendu/);
  assert.match(grenier(["--lang", "fr", "serve", "--port", "x"]).stderr, /est attendu/);
  assert.match(grenier(["serve", "--lang=fr", "--port", "x"]).stderr, /est attendu/);
  assert.match(grenier(["serve", "--port", "x"], { env: { LANG: "fr_FR.UTF-8", LC_ALL: "C" } }).stderr, /is expected/);
});

test("help names every command and every option", () => {
  const help = done(["help"]);
  for (const command of ["serve", "migrate", "check", "organisation create", "user create", "user link", "user end", "token create", "token list", "token revoke", "demo", "openapi", "version"]) {
    assert.ok(help.includes(`  ${command} `), command);
    if (command !== "version") assert.match(done([...command.split(" "), "--help"]), /--lang/);
  }
  for (const option of ["port", "data-dir", "database", "public-url", "trusted-proxy", "listen", "demo"]) {
    assert.match(done(["serve", "--help"]), new RegExp(`--${option}`));
    assert.match(done(["serve", "--help"], { env: { LANG: "fr_FR.UTF-8" } }), new RegExp(`--${option}`));
  }
  assert.equal(grenier([]).status, 2);
});

test("version", () => {
  assert.match(done(["version"]), /^grenier \d+\.\d+\.\d+, schema \d+$/);
  assert.match(done(["--version"], { program: "grenierd" }), /^grenierd \d+\.\d+\.\d+, schema \d+$/);
});

test("openapi describes the API", () => {
  const document = JSON.parse(done(["openapi"]));
  assert.match(document.openapi, /^3\.1/);
  assert.ok(Object.keys(document.paths).length > 20);
  assert.match(done(["openapi", "--typescript"]), /export (interface|type) /);
});

test("commands without a Grenier say so and make nothing", () => {
  for (const args of [["check"], ["user", "create", "--organisation", "a1", "--email", "a@b.example", "--name", "A", "--role", "board"]]) {
    const dir = newDir();
    const result = grenier([...args, "--data-dir", dir]);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /there is no Grenier here/);
    assert.ok(!present(dir));
  }
});

test("a database that is not there", () => {
  const result = grenier(["check", "--database", "postgresql://nobody@127.0.0.1:1/none?connect_timeout=3"]);
  assert.equal(result.status, 1);
  assert.match(result.stderr, /cannot be reached/);
});
