// Someone else was faster (412): what they changed, and the two ways on. What was typed stays either way until one says so.
import { useEffect, useState } from "preact/hooks";
import { request } from "../client";
import type { Reply } from "../client";
import { useI18n } from "../i18n";
import type { Form } from "../lib/form";
import { Button } from "./button";
import { Note, ReadFailure } from "./page";

export interface ConflictChange {
  label: string;
  before: string;
  now: string;
}

export interface Based<T> {
  data: T;
  etag: string | null;
  /** Starts from this version; what was typed is compared with it from now on. */
  rebase: (reply: Reply<T>) => void;
}

/** A resource being edited, with the version the edit is based on. */
export function useBased<T>(data: T, etag: string | null): Based<T> {
  const [based, setBased] = useState({ data, etag });
  return { ...based, rebase: (reply) => setBased({ data: reply.data, etag: reply.etag }) };
}

/** Was the form refused because it was based on an older version? */
export function isConflict<V extends object>(form: Form<V>): boolean {
  return form.failure?.code.startsWith("precondition") ?? false;
}

export interface ConflictProps<T, V extends object> {
  form: Form<V>;
  path: string;
  based: Based<T>;
  /** What differs between two versions, in the reader's words. */
  compare: (before: T, now: T) => ConflictChange[];
  /** The values of the form as the stored version has them. */
  valuesOf: (data: T) => V;
}

export function Conflict<T, V extends object>({ form, path, based, compare, valuesOf }: ConflictProps<T, V>) {
  const { t } = useI18n();
  const [stored, setStored] = useState<Reply<T> | null>(null);
  const [error, setError] = useState<unknown>(null);
  const stuck = isConflict(form);
  const read = () => {
    setError(null);
    request<T>("GET", path).then(setStored, setError);
  };
  useEffect(() => {
    if (stuck) read();
  }, [stuck, form.refusals]);
  if (error) return <ReadFailure error={error} retry={read} />;
  if (!stored) return null;
  const changes = compare(based.data, stored.data);
  const decide = (keep: boolean) => {
    based.rebase(stored);
    setStored(null);
    if (keep) form.settle();
    else form.clear(valuesOf(stored.data));
  };
  return (
    <div class="gap-below">
      <Note tone="warn" title={t.conflict.title} live>
        {changes.length ? (
          <dl class="facts gap-s">
            {changes.map((change) => (
              <div class="facts__row" key={change.label}>
                <dt>{change.label}</dt>
                <dd>
                  <del>{change.before || t.common.none}</del> <ins>{change.now || t.common.none}</ins>
                </dd>
              </div>
            ))}
          </dl>
        ) : (
          <p>{t.conflict.same}</p>
        )}
        <p class="row gap-s">
          <Button small onClick={() => decide(true)}>
            {t.conflict.keep}
          </Button>
          <Button small onClick={() => decide(false)}>
            {t.conflict.take}
          </Button>
        </p>
        <p class="small gap-s">{t.conflict.keepHint}</p>
      </Note>
    </div>
  );
}
