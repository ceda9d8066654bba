// Forms of things that others may change meanwhile: the version the edit stands on, and a merge that keeps one's own changes only.
import type { Reply } from "../client";
import type { Based } from "../ui/conflict";
import type { Form } from "./form";

/** Values that are still as they were read, in the words of the version stored since: what one did not touch follows the other person. */
export function untouched<V extends object>(values: V, before: V, now: V): Partial<V> {
  const same = (key: keyof V) => JSON.stringify(values[key]) === JSON.stringify(before[key]);
  return Object.fromEntries((Object.keys(before) as (keyof V)[]).filter(same).map((key) => [key, now[key]])) as Partial<V>;
}

/** As `based`, but whoever keeps their answers takes over the other person's changes of everything else. */
export function merging<T, V extends object>(based: Based<T>, form: Form<V>, valuesOf: (data: T) => V): Based<T> {
  return {
    ...based,
    rebase: (reply: Reply<T>) => {
      form.patch(untouched(form.values, valuesOf(based.data), valuesOf(reply.data)));
      based.rebase(reply);
    },
  };
}

/** What differs between two bodies: a PATCH sends nothing else. */
export function changed<B extends object>(before: B, now: B): Partial<B> {
  return Object.fromEntries(Object.entries(now).filter(([key, value]) => value !== before[key as keyof B])) as Partial<B>;
}
