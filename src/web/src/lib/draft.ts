// What was typed and not yet sent, kept on this device per person, organisation and form.

const PREFIX = "grenier:draft:";
const KEPT_DAYS = 7;

export interface Draft<V> {
  values: V;
  /** The Idempotency-Key of the act, so that a retry after a reload still books once. */
  key: string;
  /** Milliseconds since 1970. */
  savedAt: number;
}

export function draftName(user: string, organisation: string, form: string): string {
  return PREFIX + [user, organisation, form].map(encodeURIComponent).join(":");
}

export function loadDraft<V>(name: string): Draft<V> | null {
  try {
    const text = localStorage.getItem(name);
    if (text === null) return null;
    const draft = JSON.parse(text) as Draft<V>;
    if (typeof draft.savedAt !== "number" || Date.now() - draft.savedAt > KEPT_DAYS * 86_400_000) {
      localStorage.removeItem(name);
      return null;
    }
    return draft;
  } catch {
    return null;
  }
}

/** False when the device keeps nothing (storage full or forbidden). */
export function saveDraft<V>(name: string, draft: Draft<V>): boolean {
  try {
    localStorage.setItem(name, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

export function dropDraft(name: string): void {
  try {
    localStorage.removeItem(name);
  } catch {
    // Nothing was kept either.
  }
}

/** Signing out leaves no draft behind: it holds names and amounts. */
export function clearDrafts(): void {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
  } catch {
    // Nothing was kept either.
  }
}
