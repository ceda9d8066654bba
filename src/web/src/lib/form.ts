// A form: values, faults beside their fields, one act that books once, and a draft that survives everything.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiError, ConnectionLost, newKey, SignInDeclined } from "../client";
import { useI18n } from "../i18n";
import { useOptionalOrganisation, useSessionState } from "../session";
import { draftName, dropDraft, loadDraft, saveDraft } from "./draft";

/** A fault of one field. `pointer` is the JSON pointer of the API; field ids come from it. */
export interface Fault {
  pointer: string;
  detail: string;
}

/** Why nothing was saved, when it is not (only) a field. */
export interface Failure {
  title: string;
  detail: string;
  /** The outcome is unknown: sending again is safe and books once. */
  unknown: boolean;
  code: string;
}

export interface FormOptions<V, R> {
  /** Name of the form; also names its draft. */
  name: string;
  initial: V;
  /** Values that replace the draft's, for instance typed on the home page. */
  prefill?: Partial<V> | undefined;
  /**
   * Keep a draft on this device: true keeps every answer, "changes" only those that differ from `initial`, so that a draft
   * of an existing thing does not bring back what someone else has changed since. Never for passwords.
   */
  draft?: boolean | "changes";
  /** Faults that need no server. */
  validate?: (values: V) => Fault[];
  /** Does the act; the key goes into its POST. */
  send: (values: V, key: string) => Promise<R>;
  done: (result: R, values: V) => void;
}

export interface FieldBinding<T> {
  id: string;
  value: T;
  onValue: (value: T) => void;
  error?: string | undefined;
}

export interface Form<V> {
  values: V;
  patch: (change: Partial<V>) => void;
  /** Everything a field component needs; `pointer` where the API's name is not the key ("/donor/name"). */
  field: <K extends keyof V & string>(key: K, pointer?: string) => FieldBinding<V[K]>;
  /** As field, for a value inside a list ("/lines/2/debit"): `set` puts it back into the values. */
  at: <T>(pointer: string, value: T, set: (value: T) => void) => FieldBinding<T>;
  faults: Fault[];
  failure: Failure | null;
  busy: boolean;
  submit: (event?: Event) => Promise<boolean>;
  /** Grows with each refused try: the summary takes the focus when it changes. */
  refusals: number;
  /** When the draft was last kept; null when there is none. */
  savedAt: number | null;
  /** The values come from a draft of an earlier visit. */
  restored: boolean;
  /** Back to the initial values; the draft goes. */
  clear: (values?: V) => void;
  /** The values stay, what was said against them goes: the reason is settled. */
  settle: () => void;
}

/** "/lines/2/amount" to "f-lines-2-amount". */
export function fieldId(pointer: string): string {
  return "f-" + pointer.replace(/^\//, "").replace(/[^a-zA-Z0-9_]+/g, "-");
}

const DRAFT_DELAY_MS = 400;

/** The answers that differ from the initial ones. */
function changesOf<V extends object>(values: V, initial: V): Partial<V> {
  const differs = ([key, value]: [string, unknown]) => JSON.stringify(value) !== JSON.stringify(initial[key as keyof V]);
  return Object.fromEntries(Object.entries(values).filter(differs)) as Partial<V>;
}

export function useForm<V extends object, R>(options: FormOptions<V, R>): Form<V> {
  const { t } = useI18n();
  const { session } = useSessionState();
  const organisation = useOptionalOrganisation();
  const store = options.draft && session ? draftName(session.user, organisation?.slug ?? "", options.name) : null;
  const found = useRef(store ? loadDraft<Partial<V>>(store) : null);
  const kept = (all: V) => (options.draft === "changes" ? changesOf(all, options.initial) : all);
  const key = useRef(found.current?.key ?? newKey());
  const [values, setValues] = useState<V>(() => ({ ...options.initial, ...found.current?.values, ...options.prefill }));
  const [restored, setRestored] = useState(found.current !== null && !options.prefill);
  const [savedAt, setSavedAt] = useState<number | null>(found.current?.savedAt ?? null);
  const [faults, setFaults] = useState<Fault[]>([]);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const [refusals, setRefusals] = useState(0);
  const latest = useRef(values);
  latest.current = values;
  const dirty = useRef(Boolean(options.prefill));
  const sending = useRef(false);

  useEffect(() => {
    if (!store || !dirty.current) return;
    const timer = setTimeout(() => {
      const now = Date.now();
      if (dirty.current && saveDraft(store, { values: kept(values), key: key.current, savedAt: now })) setSavedAt(now);
    }, DRAFT_DELAY_MS);
    return () => clearTimeout(timer);
  }, [values, store]);

  const patch = useCallback((change: Partial<V>) => {
    dirty.current = true;
    latest.current = { ...latest.current, ...change };
    setValues(latest.current);
  }, []);

  const clear = (next: V = options.initial) => {
    dirty.current = false;
    key.current = newKey();
    if (store) dropDraft(store);
    latest.current = next;
    setValues(next);
    setFaults([]);
    setFailure(null);
    setRestored(false);
    setSavedAt(null);
  };

  const settle = () => {
    setFaults([]);
    setFailure(null);
  };

  const refuse = (nextFaults: Fault[], nextFailure: Failure | null) => {
    setFaults(nextFaults);
    setFailure(nextFailure);
    setRefusals((n) => n + 1);
  };

  const submit = async (event?: Event): Promise<boolean> => {
    event?.preventDefault();
    if (sending.current) return false;
    const found = options.validate?.(latest.current) ?? [];
    if (found.length > 0) {
      refuse(found, null);
      return false;
    }
    sending.current = true;
    setBusy(true);
    const sent = latest.current;
    if (store && dirty.current) saveDraft(store, { values: kept(sent), key: key.current, savedAt: Date.now() });
    try {
      const result = await options.send(sent, key.current);
      dirty.current = false;
      key.current = newKey();
      if (store) dropDraft(store);
      setSavedAt(null);
      setRestored(false);
      setFaults([]);
      setFailure(null);
      options.done(result, sent);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.faults.length > 0) {
        refuse(error.faults.map(({ pointer, detail }) => ({ pointer, detail })), null);
      } else if (error instanceof ApiError && error.code === "idempotency.mismatch") {
        // An earlier try, whose answer was lost, was recorded with other answers. Whoever sends again now knows it.
        key.current = newKey();
        refuse([], { title: t.failure.sentTitle, detail: t.failure.sentDetail, unknown: false, code: error.code });
      } else if (!(error instanceof SignInDeclined)) {
        refuse([], failureOf(error, t.failure));
      }
      return false;
    } finally {
      sending.current = false;
      setBusy(false);
    }
  };

  const at: Form<V>["at"] = (pointer, value, set) => ({
    id: fieldId(pointer),
    value,
    onValue: (next) => {
      setFaults((before) => before.filter((fault) => fault.pointer !== pointer));
      set(next);
    },
    error: faults.find((fault) => fault.pointer === pointer)?.detail,
  });
  const field: Form<V>["field"] = (name, pointer = "/" + name) =>
    at(pointer, values[name], (value) => patch({ [name]: value } as unknown as Partial<V>));

  return { values, patch, field, at, faults, failure, busy, submit, refusals, savedAt, restored, clear, settle };
}

interface FailureTexts {
  lostTitle: string;
  lostDetail: string;
  busyTitle: string;
  busyDetail: string;
  otherTitle: string;
  otherDetail: string;
}

/** What a person is told about an error that names no field. */
export function failureOf(error: unknown, texts: FailureTexts): Failure {
  if (error instanceof ConnectionLost) {
    return { title: texts.lostTitle, detail: texts.lostDetail, unknown: true, code: "lost" };
  }
  if (error instanceof ApiError) {
    const { problem, code } = error;
    if (problem.status === 503) return { title: texts.busyTitle, detail: problem.detail ?? texts.busyDetail, unknown: true, code };
    if (problem.status >= 500) return { title: texts.otherTitle, detail: texts.otherDetail, unknown: true, code };
    return { title: problem.title, detail: problem.detail ?? "", unknown: false, code };
  }
  return { title: texts.otherTitle, detail: texts.otherDetail, unknown: true, code: "unexpected" };
}
