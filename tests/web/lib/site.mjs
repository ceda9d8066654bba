// A real server on a database of its own, and a browser that looks at it: what every test of the web interface stands on.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { chromium } from "playwright-core";
import { build, database, root } from "../../lib/cluster.mjs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
/** Where pictures go, if anywhere: GRENIER_PICTURES=folder. */
const PICTURES = process.env.GRENIER_PICTURES;
/** Web files to look at instead of those inside the server, while working on them: GRENIER_WEB_FILES=folder. */
const FILES = process.env.GRENIER_WEB_FILES;

export const fixture = (name) => path.join(root, "tests/fixtures", name);
export const PASSWORD = "une phrase assez longue pour elle";
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** The year whose books are open in a new organisation. */
export const YEAR = new Date().getUTCFullYear();

/** A day of this year in the past, so that tests run on any day: `ago` days before today, never before 1 January. */
export function day(ago) {
  const date = new Date(Date.now() - ago * 86_400_000);
  return date.getUTCFullYear() < YEAR ? `${YEAR}-01-01` : date.toISOString().slice(0, 10);
}

export class Site {
  /** `organisation: false` leaves the database empty, for the first start. */
  static async start(options = {}) {
    const site = new Site();
    try {
      await site.begin(options);
    } catch (error) {
      // Nothing of a start that failed may keep the test program running.
      await site.browser?.close();
      site.process?.kill("SIGKILL");
      throw error;
    }
    return site;
  }

  async begin({ organisation = true }) {
    this.db = database();
    this.process = spawn(path.join(build, "bin/grenierd"), ["--database", this.db.conninfo, "--port", "0"], { stdio: ["ignore", "pipe", "pipe"] });
    this.log = [];
    readline.createInterface({ input: this.process.stderr }).on("line", (line) => this.log.push(line));
    this.ended = new Promise((resolve) => this.process.on("close", (code, signal) => resolve(signal ?? code)));
    const lines = readline.createInterface({ input: this.process.stdout });
    this.url = await new Promise((resolve, reject) => {
      lines.on("line", (line) => { const found = /http:\/\/\S+?(?=\/?$)/.exec(line); if (found) resolve(found[0]); });
      this.ended.then((code) => reject(new Error(`no start: ${code}\n${this.log.join("\n")}`)));
    });
    this.browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
    if (organisation) {
      this.db.sql(`SELECT app.organisation_create('reseau', 'Réseau de la coopération', '${YEAR}-01-01', 'cli:test')`);
      this.treasurer = await this.person("Solène Arvieux", "treasurer,administrator");
    }
  }

  operator(...args) {
    const done = spawnSync(path.join(build, "bin/grenier"), [...args, "--database", this.db.conninfo], { encoding: "utf8" });
    assert.equal(done.status, 0, done.stderr);
    return done.stdout;
  }

  /** A person of the organisation who has chosen a password; answers {email, cookie}. */
  async person(name, role, ...more) {
    const email = name.toLowerCase().normalize("NFD").replace(/[^a-z]+/g, ".") + "@reseau.example";
    const said = this.operator("user", "create", "--organisation", "reseau", "--email", email, "--name", name, "--role", role, "--public-url", this.url, ...more);
    const token = /\/links\/(\S+)/.exec(said)[1];
    const reply = await this.fetch("POST", `/one-time-links/${token}/uses`, { password: PASSWORD });
    return { name, email, cookie: /__Host-grenier=([^;]+)/.exec(reply.headers.get("set-cookie"))[1] };
  }

  /** A request as the browser makes it; `who` has the session. */
  async fetch(method, where, body, who) {
    const form = body instanceof FormData;
    const headers = { "X-Grenier": "1", "Accept-Language": "fr", Origin: this.url };
    if (who) headers.Cookie = "__Host-grenier=" + who.cookie;
    if (body !== undefined && !form) headers["Content-Type"] = "application/json";
    const reply = await fetch(this.url + "/api/v1" + where, { method, headers, body: form ? body : body === undefined ? undefined : JSON.stringify(body) });
    assert.ok(reply.ok, `${method} ${where}: ${reply.status} ${reply.ok ? "" : await reply.text()}`);
    return reply;
  }

  /** Below the organisation, as the treasurer; answers the body. */
  async api(method, where, body) {
    const reply = await this.fetch(method, "/organisations/reseau/" + where, body, this.treasurer);
    return reply.status === 204 ? null : reply.json();
  }

  async importMembers(name = "members.csv") {
    const form = new FormData();
    form.append("file", new Blob([readFileSync(fixture(name))], { type: "text/csv" }), name);
    return this.api("POST", "member-imports", form);
  }

  /** A page of a new window, signed in as `who` (the treasurer unless said; null: nobody). Anything the page complains of fails the test. */
  async page({ who = this.treasurer, width = 1280, height = width < 600 ? 844 : 800, language = "fr-FR", ...options } = {}) {
    const context = await this.browser.newContext({ viewport: { width, height }, locale: language, timezoneId: "Europe/Paris", baseURL: this.url, ...options });
    if (who) await context.addCookies([{ name: "__Host-grenier", value: who.cookie, domain: "127.0.0.1", path: "/", secure: true, httpOnly: true, sameSite: "Strict" }]);
    const page = await context.newPage();
    page.complaints = [];
    page.on("pageerror", (error) => page.complaints.push(String(error)));
    page.on("console", (message) => {
      // The browser logs every refused request; what the page does with it is what tests look at.
      if (message.type() === "error" && !/Failed to load resource/.test(message.text())) page.complaints.push(message.text());
    });
    if (FILES) await page.route((url) => !url.pathname.startsWith("/api/"), (route) => serveFile(route).catch(() => {}));
    page.setDefaultTimeout(10_000);
    return page;
  }

  async stop() {
    await this.browser.close();
    this.process.kill("SIGTERM");
    const ended = await this.ended;
    const books = this.db.sql("SELECT string_agg(c::text, E'\\n') FROM app.check_books(NULL) c");
    this.db.drop();
    assert.equal(books, "", "books are right");
    assert.equal(ended, 0, this.log.slice(-20).join("\n"));
  }
}

async function serveFile(route) {
  const name = new URL(route.request().url()).pathname.slice(1);
  const file = name && existsSync(path.join(FILES, name)) ? name : "index.html";
  const head = await route.fetch();
  await route.fulfill({ path: path.join(FILES, file), headers: { ...head.headers(), "content-encoding": "", "content-type": { js: "text/javascript", css: "text/css", svg: "image/svg+xml", png: "image/png", html: "text/html" }[file.split(".").pop()] } });
}

/** Goes to an address and waits until the page has said what it is about and read what it shows. */
export async function open(page, where) {
  await page.goto(where);
  await settled(page);
}

/** The page has its title and nothing is being read any more, for some frames. */
export async function settled(page) {
  await page.waitForSelector("h1");
  await page.evaluate(() => new Promise((resolve) => {
    let calm = 0;
    const look = () => {
      calm = document.querySelector("html[data-busy], .waiting, [aria-busy=true]") ? 0 : calm + 1;
      if (calm > 4) resolve();
      else requestAnimationFrame(look);
    };
    look();
  }));
}

/** axe finds nothing, the page does not scroll sideways, has one title of the first level, and did not complain. */
export async function assertSound(page, what) {
  // As the debugger does: the policy of the page lets no foreign script in.
  await page.evaluate(readFileSync(AXE, "utf8"));
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] }));
  const told = found.violations.map((one) => `${one.id}: ${one.help}\n${one.nodes.slice(0, 5).map((node) => "    " + node.html.slice(0, 160) + " " + (node.failureSummary ?? "").split("\n").slice(1, 2)).join("\n")}`);
  assert.deepEqual(told, [], what);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${what}: ${wide} px too wide`);
  assert.equal(await page.locator("h1").count(), 1, `${what}: one h1`);
  assert.deepEqual(page.complaints, [], what);
}

/** Keeps a picture when pictures are wanted. */
export async function picture(page, name) {
  if (!PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: path.join(PICTURES, `${name}-${page.viewportSize().width}.png`), fullPage: true });
}
