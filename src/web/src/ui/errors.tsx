// After a refused form: what is wrong, each with a way to its field. Takes the focus, so that it is heard first.
import { useEffect, useRef } from "preact/hooks";
import { useI18n } from "../i18n";
import { fieldId } from "../lib/form";
import type { Form } from "../lib/form";

export function ErrorSummary<V extends object>({ form }: { form: Form<V> }) {
  const { t } = useI18n();
  const box = useRef<HTMLDivElement>(null);
  const { faults, failure, refusals } = form;
  useEffect(() => { if (refusals > 0) box.current?.focus(); }, [refusals]);
  if (faults.length === 0 && !failure) return null;
  const id = "summary-title";
  const title = failure ? failure.title : t.form.refused(faults.length);
  return (
    <div class="errors" role="alert" tabIndex={-1} aria-labelledby={id} ref={box}>
      <h2 id={id}>{title}</h2>
      {failure?.detail ? <p>{failure.detail}</p> : null}
      {faults.length > 0 ? (
        <ul>{faults.map((fault) => <li key={fault.pointer + fault.detail}><FaultLink pointer={fault.pointer} detail={fault.detail} /></li>)}</ul>
      ) : null}
    </div>
  );
}

/** The text of the field's own label: "Montant : trois décimales". */
function labelOf(id: string): string {
  const element = document.getElementById(id);
  const label = document.querySelector(`label[for="${id}"]`) ?? element?.closest("fieldset")?.querySelector("legend") ?? null;
  return label?.firstChild?.textContent?.trim() ?? "";
}

function FaultLink({ pointer, detail }: { pointer: string; detail: string }) {
  const { t } = useI18n();
  const id = fieldId(pointer);
  const label = labelOf(id);
  if (!document.getElementById(id)) return <span>{detail}</span>;
  const go = (event: MouseEvent) => {
    event.preventDefault();
    const element = document.getElementById(id);
    element?.closest("details")?.setAttribute("open", "");
    element?.focus();
  };
  return <a href={"#" + id} onClick={go}>{label ? t.form.fieldFault(label, detail) : detail}</a>;
}

/** "Brouillon gardé sur cet appareil à 9 h 42", and a way to start afresh. */
export function DraftNote<V extends object>({ form }: { form: Form<V> }) {
  const { t } = useI18n();
  if (form.savedAt === null) return null;
  const moment = new Date(form.savedAt);
  return (
    <p class="small soft" role="status">
      {form.restored ? t.form.draftRestored : t.form.draftKept(moment.getHours(), moment.getMinutes())}{" "}
      <button type="button" class="linklike" onClick={() => form.clear()}>{t.form.draftDrop}</button>
    </p>
  );
}
