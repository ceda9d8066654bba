// A password one can look at while typing it. `first` takes the focus when a dialog opens.
import { useState } from "preact/hooks";
import { useI18n } from "../i18n";
import { Field } from "./fields";
import type { FieldFrame } from "./fields";
import type { FieldBinding } from "../lib/form";

export function PasswordField({ id, value, onValue, error, label, hint, autocomplete, first }: FieldFrame & FieldBinding<string> & { autocomplete: "current-password" | "new-password"; first?: boolean }) {
  const { t } = useI18n();
  const [shown, setShown] = useState(false);
  const described = [hint ? id + "-hint" : "", error ? id + "-error" : ""].filter(Boolean).join(" ");
  return (
    <Field id={id} label={label} hint={hint} error={error}>
      <div class="with-unit">
        <input id={id} name={id} class="input" type={shown ? "text" : "password"} autofocus={first} autocomplete={autocomplete} spellcheck={false} value={value}
          aria-invalid={error ? "true" : undefined} aria-describedby={described || undefined} onInput={(event) => onValue(event.currentTarget.value)} />
        <button type="button" class="unit-button" aria-pressed={shown ? "true" : "false"} aria-controls={id} onClick={() => setShown(!shown)}>
          {shown ? t.common.hidePassword : t.common.showPassword}
        </button>
      </div>
    </Field>
  );
}
