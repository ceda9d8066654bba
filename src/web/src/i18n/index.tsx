// Languages: one typed dictionary each (a missing key does not compile), and formats that follow the language.
import { createContext } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { en } from "./en";
import { fr } from "./fr";
import { marked, typographic } from "./typography";
import { configureClient, forget } from "../client";
import { formatDate } from "../lib/date";
import type { DateStyle, Iso } from "../lib/date";

export type Language = "fr" | "en";
export type Messages = typeof fr;

const dictionaries: Record<Language, Messages> = { fr: typographic(fr), en };
const STORED = "grenier:language";

export function messagesOf(language: Language): Messages {
  return dictionaries[language];
}

export interface I18n {
  language: Language;
  t: Messages;
  setLanguage: (language: Language) => void;
  /** A date in words; see formatDate for the styles. */
  date: (date: Iso, style?: DateStyle) => string;
}

const I18nContext = createContext<I18n | null>(null);

function isLanguage(text: string | null | undefined): text is Language {
  return text === "fr" || text === "en";
}

/** The reader's choice on this device, else the browser's first language we speak, else French. */
export function firstLanguage(): Language {
  const stored = readStored();
  if (isLanguage(stored)) return stored;
  for (const wanted of navigator.languages) {
    const short = wanted.slice(0, 2).toLowerCase();
    if (isLanguage(short)) return short;
  }
  return "fr";
}

function readStored(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

export function I18nProvider({ children }: { children: ComponentChildren }) {
  const [language, set] = useState(firstLanguage);
  configureClient({ language });
  useEffect(() => { document.documentElement.lang = language; }, [language]);
  const value = useMemo<I18n>(() => ({
    language,
    t: messagesOf(language),
    setLanguage: (next) => {
      try {
        localStorage.setItem(STORED, next);
      } catch {
        // Storage is full or forbidden: the choice lasts as long as the page.
      }
      configureClient({ language: next });
      set(next);
      // What the server said in the other language is asked again.
      forget();
    },
    date: (date, style = "long") => formatDate(date, style, language),
  }), [language]);
  return <I18nContext.Provider value={value}>{children}</I18nContext.Provider>;
}

export function useI18n(): I18n {
  const value = useContext(I18nContext);
  if (!value) throw new Error("useI18n outside of I18nProvider");
  return value;
}

/** A message whose marked parts are strong. */
export function Rich({ text }: { text: string }) {
  return <>{marked(text).map(([part, bold]) => (bold ? <strong>{part}</strong> : part))}</>;
}
