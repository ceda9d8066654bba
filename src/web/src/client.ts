// The one way to the REST API: headers, problems, retries after a new sign-in, and a small cache of what was read.
import type { FieldFault, Problem } from "./model";

/** The server understood and refused, or could not: an RFC 9457 problem. */
export class ApiError extends Error {
  constructor(readonly problem: Problem, readonly retryAfter: number | null = null) {
    super(problem.title);
  }
  get status(): number { return this.problem.status; }
  get faults(): FieldFault[] { return this.problem.errors ?? []; }
  /** The stable code of the problem: the last part of its type. */
  get code(): string { return this.problem.code ?? this.problem.type.replace(/^.*[/#:]/, ""); }
}

/** No answer came: it is not known whether the server did the work. The same key makes a retry safe. */
export class ConnectionLost extends Error {}

/** The person closed the sign-in dialog: the request was not sent again. */
export class SignInDeclined extends Error {}

export interface Reply<T> {
  data: T;
  status: number;
  etag: string | null;
  location: string | null;
}

export type QueryValues = Record<string, string | number | boolean | null | undefined>;

export interface RequestOptions {
  query?: QueryValues;
  /** JSON body; a FormData goes as multipart. */
  body?: unknown;
  /** Idempotency-Key: the same for every try of the same act. */
  key?: string;
  /** Version the change is based on (If-Match). */
  etag?: string | null;
  signal?: AbortSignal;
  /** A POST that changes nothing (a preview): what was read stays fresh. */
  harmless?: boolean;
  /** Do not ask for a new sign-in when the session is over. */
  quiet?: boolean;
}

const TIMEOUT_MS = 60_000;

interface Hooks {
  language: string;
  /** Asks the person to sign in again; true once done. */
  signIn: () => Promise<boolean>;
}

const hooks: Hooks = { language: "fr", signIn: () => Promise.resolve(false) };
let signingIn: Promise<boolean> | null = null;

export function configureClient(change: Partial<Hooks>): void {
  Object.assign(hooks, change);
}

/** A new Idempotency-Key. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function apiUrl(path: string, query: QueryValues = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return "/api/v1" + path + (text ? "?" + text : "");
}

function headers(method: string, options: RequestOptions): Headers {
  const set = new Headers({ "Accept": "application/json", "Accept-Language": hooks.language, "X-Grenier": "1" });
  if (options.body !== undefined && !(options.body instanceof FormData)) set.set("Content-Type", "application/json");
  if (method === "POST") set.set("Idempotency-Key", options.key ?? newKey());
  if (options.etag) set.set("If-Match", options.etag);
  return set;
}

let waiting = 0;

/** While an answer is awaited the document says so (`<html data-busy>`): for the pointer's shape, and for whoever watches. */
function busy(change: 1 | -1): void {
  waiting += change;
  document.documentElement.toggleAttribute("data-busy", waiting > 0);
}

async function send(method: string, path: string, options: RequestOptions, sent: Headers): Promise<Response> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  const stop = () => abort.abort();
  options.signal?.addEventListener("abort", stop);
  try {
    const { body } = options;
    return await fetch(apiUrl(path, options.query), {
      method, headers: sent, credentials: "same-origin", cache: "no-store", signal: abort.signal,
      body: body === undefined ? null : body instanceof FormData ? body : JSON.stringify(body),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ConnectionLost(String(error));
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", stop);
  }
}

async function problemOf(response: Response): Promise<ApiError> {
  const wait = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : null;
  try {
    const problem = (await response.json()) as Problem;
    if (typeof problem.title === "string") return new ApiError({ ...problem, status: response.status }, retryAfter);
  } catch {
    // A proxy's own page, or nothing: the status says enough.
  }
  return new ApiError({ type: "about:blank", title: response.statusText, status: response.status }, retryAfter);
}

export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<Reply<T>> {
  busy(1);
  try {
    return await converse<T>(method, path, options);
  } finally {
    busy(-1);
  }
}

/** Sends until there is an answer that is not "who are you?". */
async function converse<T>(method: string, path: string, options: RequestOptions): Promise<Reply<T>> {
  const sent = headers(method, options);
  for (;;) {
    const response = await send(method, path, options, sent);
    if (response.status === 401 && !options.quiet) {
      signingIn ??= hooks.signIn().finally(() => { signingIn = null; });
      if (await signingIn) continue;
      throw new SignInDeclined();
    }
    if (!response.ok) throw await problemOf(response);
    let data: T;
    try {
      data = response.status === 204 ? (undefined as T) : ((await response.json()) as T);
    } catch (error) {
      throw new ConnectionLost(String(error));
    }
    if (method !== "GET" && !options.harmless) forget();
    return { data, status: response.status, etag: response.headers.get("ETag"), location: response.headers.get("Location") };
  }
}

// ---- what was read, so that going back shows a page at once; every write makes it stale ----

export interface Kept {
  reply: Reply<unknown>;
  fresh: boolean;
}

const KEPT_MAX = 60;
const kept = new Map<string, Kept>();
const watchers = new Set<() => void>();

export function recall(url: string): Kept | undefined {
  return kept.get(url);
}

function keep(url: string, reply: Reply<unknown>): void {
  kept.delete(url);
  kept.set(url, { reply, fresh: true });
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT_MAX) break;
    kept.delete(oldest);
  }
}

const underWay = new Map<string, Promise<Reply<unknown>>>();

/** Reads and keeps; whoever asks for the same while it is under way gets the same answer. */
export function read<T>(path: string, query: QueryValues = {}, options: { quiet?: boolean } = {}): Promise<Reply<T>> {
  const url = apiUrl(path, query);
  const already = underWay.get(url);
  if (already) return already as Promise<Reply<T>>;
  const reading = request<T>("GET", path, { query, ...options }).then((reply) => {
    // A write in between has made this answer old before it was here.
    if (underWay.get(url) === reading) keep(url, reply);
    return reply;
  }).finally(() => { if (underWay.get(url) === reading) underWay.delete(url); });
  underWay.set(url, reading);
  return reading;
}

/** Everything read so far may have changed: mounted pages read again. */
export function forget(): void {
  underWay.clear();
  for (const entry of kept.values()) entry.fresh = false;
  for (const watcher of [...watchers]) watcher();
}

/** Another person or none is signed in: nothing read before may be shown. */
export function forgetAll(): void {
  underWay.clear();
  kept.clear();
}

export function onForget(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
