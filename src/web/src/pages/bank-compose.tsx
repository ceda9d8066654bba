// Saying oneself what a line of the bank is: tick what waits in the books, add what is not recorded yet, in plain words,
// with a running difference; the button opens when everything is explained.
import { useMemo, useState } from "preact/hooks";
import { request } from "../client";
import type {
  BankMatch,
  BankNewPart,
  BankOpenItem,
  BankTransaction,
  Collection,
  Contribution,
  ContributionNature,
  LegalForm,
  MatchKind,
  Nature,
  Suggestion,
} from "../model";
import { useI18n } from "../i18n";
import {
  emptyPart,
  kindsFor,
  lineName,
  matchBody,
  partAmount,
  partFaults,
  partSign,
  partTitle,
  suggestionValues,
  useExpenseCategories,
  useNaming,
} from "../lib/bank";
import type { MatchValues, PartValues, Setting } from "../lib/bank";
import { naturesFor, proposedNature } from "../lib/contribution";
import { useForm } from "../lib/form";
import type { Form } from "../lib/form";
import { formatNumber } from "../lib/money";
import { choices, defaultFund, useFunds, useMembers, useProjects } from "../lib/names";
import { useGet } from "../lib/query";
import { useFigures, useOrganisation } from "../session";
import { BankAmount } from "../ui/bank";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { Combo } from "../ui/combo";
import { DraftNote, ErrorSummary } from "../ui/errors";
import { DateField, MoneyField, SelectField, TextField } from "../ui/fields";
import { Icon } from "../ui/icons";
import { Waiting } from "../ui/page";

// ---- a line of the bank ----

interface ComposeProps {
  line: BankTransaction;
  /** Those of the page, for sums that came in several times. */
  lines: readonly BankTransaction[];
  /** The suggestion to start from, to be changed. */
  from: Suggestion | null;
  accepted: (line: BankTransaction) => void;
  back?: () => void;
}

export function Compose({ line, lines, from, accepted, back }: ComposeProps) {
  const organisation = useOrganisation();
  const { language } = useI18n();
  const { minor } = useFigures();
  const incoming = minor(line.amount) > 0n;
  const open = useGet<Collection<BankOpenItem>>(organisation.path("bank-open-items"), {
    direction: incoming ? "in" : "out",
    limit: 200,
  });
  if (!open.data) return <Waiting />;
  const { digits } = organisation.money;
  const initial: MatchValues = from
    ? suggestionValues(from, open.data.items, (amount) => formatNumber(amount, digits, language), digits)
    : { parts: [], with: [] };
  return (
    <Composer
      name={"match-" + line.id}
      total={minor(line.amount)}
      likely={line.suggestions}
      open={open.data.items}
      initial={initial}
      changed={from !== null}
      others={lines.filter((one) => one.bank_account_id === line.bank_account_id && one.id !== line.id)}
      account={line.bank_account_id}
      kinds={kindsFor(incoming)}
      send={async (body, key) =>
        (await request<BankMatch>("POST", organisation.path(`bank-transactions/${line.id}/matches`), { body, key }))
          .data
      }
      done={() => accepted(line)}
      {...(back ? { back } : {})}
    />
  );
}

// ---- the composition ----

export interface ComposerProps {
  name: string;
  /** What is to be explained, signed. */
  total: bigint;
  likely: readonly Suggestion[];
  open: readonly BankOpenItem[];
  others: readonly BankTransaction[];
  account: string;
  kinds: readonly MatchKind[];
  initial: MatchValues;
  /** The initial values are a suggestion's: they replace a draft. */
  changed: boolean;
  send: (body: ReturnType<typeof matchBody>, key: string) => Promise<BankMatch>;
  done: (match: BankMatch) => void;
  back?: () => void;
}

export function Composer({
  name,
  total,
  likely,
  open,
  others,
  account,
  kinds,
  initial,
  changed,
  send,
  done,
  back,
}: ComposerProps) {
  const { t, language } = useI18n();
  const organisation = useOrganisation();
  const { minor, money } = useFigures();
  const setting: Setting = { today: organisation.today, currency: organisation.money, language, incoming: total > 0n };
  const natures = useNatures();
  const form = useForm<MatchValues, BankMatch>({
    name,
    initial,
    draft: true,
    prefill: changed ? initial : undefined,
    validate: (values) => partFaults(values, natures.of, setting, t),
    send: (values, key) => send(matchBody(values, natures.of, setting), key),
    done,
  });
  const { parts } = form.values;
  const sum =
    total +
    others.filter((line) => form.values.with.includes(line.id)).reduce((all, line) => all + minor(line.amount), 0n);
  const explained = parts.reduce((all, part) => all + partAmount(part, setting), 0n);
  const rest = sum - explained;
  const absolute = (amount: bigint) => money(amount < 0n ? -amount : amount);
  const add = (kind: MatchKind) => {
    // What is left, where this kind can have its sign; a fee beside a payment is typed.
    const fits = rest !== 0n && (rest > 0n ? 1n : -1n) === partSign(kind, setting.incoming);
    const left = rest < 0n ? -rest : rest;
    form.patch({
      parts: [...parts, emptyPart(kind, fits ? formatNumber(left, setting.currency.digits, language) : "")],
    });
  };
  const put = (index: number, change: Partial<PartValues>) =>
    form.patch({ parts: parts.map((part, at) => (at === index ? { ...part, ...change } : part)) });
  const remove = (index: number) => form.patch({ parts: parts.filter((_, at) => at !== index) });
  const ready = rest === 0n && parts.length > 0;
  const waiting = open.length ? <OpenItems form={form} open={open} rest={rest} likely={likely} /> : null;
  // A suggestion that only writes new things is changed where it says so.
  const newFirst = initial.parts.length > 0 && initial.parts.every((part) => !part.item);
  return (
    <form
      class="stack-l gap"
      onSubmit={(event) => {
        if (ready) void form.submit(event);
        else event.preventDefault();
      }}
      noValidate
    >
      {back ? (
        <p>
          <button type="button" class="linklike small" onClick={back}>
            ‹ {t.bankMatch.closeCompose}
          </button>
        </p>
      ) : null}
      <ErrorSummary form={form} />
      {newFirst ? null : waiting}
      <fieldset class="stack">
        <legend class="label">{t.bankMatch.newParts}</legend>
        {parts.map((part, index) =>
          part.item ? null : (
            <NewPart
              key={index}
              form={form}
              part={part}
              at={"/create/" + parts.slice(0, index).filter((one) => !one.item).length}
              setting={setting}
              natures={natures}
              account={account}
              put={(change) => put(index, change)}
              remove={() => remove(index)}
            />
          ),
        )}
        <div class="kinds" role="group" aria-label={t.bankMatch.what}>
          {kinds.map((kind) => (
            <Button key={kind} small onClick={() => add(kind)}>
              <Icon name="plus" />
              {t.bank.kinds[kind]}
            </Button>
          ))}
        </div>
      </fieldset>
      {newFirst ? waiting : null}
      {others.length ? <WithOthers form={form} others={others} /> : null}
      <div class="balance">
        <div>
          {sum > 0n ? t.bankMatch.received : t.bankMatch.paid}
          <b>{absolute(sum)}</b>
        </div>
        <div>
          {t.bankMatch.explained}
          <b>{explained === 0n || explained > 0n === sum > 0n ? absolute(explained) : money(explained)}</b>
        </div>
        <div class={rest === 0n ? "rest is-nil" : "rest"} role="status">
          {t.bankMatch.rest}
          <b>
            {rest === 0n
              ? t.bankMatch.restNil
              : rest > 0n === sum > 0n
                ? absolute(rest)
                : t.bankMatch.tooMuch(absolute(rest))}
          </b>
        </div>
        <div class="balance__act">
          <Button type="submit" tone="main" busy={form.busy} off={!ready} title={ready ? undefined : t.bankMatch.goOff}>
            {t.bankMatch.go(absolute(sum))}
          </Button>
        </div>
      </div>
      <DraftNote form={form} />
    </form>
  );
}

interface Natures {
  /** What the part's giver may give. */
  allowed: (part: PartValues) => Nature[];
  /** The nature that counts: the one chosen, else the first allowed. */
  of: (part: PartValues) => Nature | "";
  /** Fields a repayable amount wants of such a giver. */
  needs: (part: PartValues) => readonly string[];
}

function useNatures(): Natures {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const members = useMembers();
  const rules =
    useGet<Collection<ContributionNature>>(organisation.path("contribution-natures"), { limit: 200 }).data?.items ?? [];
  const formOf = (part: PartValues): LegalForm | "" =>
    part.member_id ? (members.find(part.member_id)?.legal_form ?? "") : part.donor_form;
  const allowed = (part: PartValues) => naturesFor(formOf(part), rules, Object.keys(t.enums.nature) as Nature[]);
  return {
    allowed,
    of: (part) => {
      const list = allowed(part);
      return part.nature && list.includes(part.nature) ? part.nature : proposedNature(list, undefined);
    },
    needs: (part) => rules.find((rule) => rule.legal_form === formOf(part) && rule.nature === "repayable")?.needs ?? [],
  };
}

// ---- what waits in the books ----

const SHOWN = 5;

function OpenItems({
  form,
  open,
  rest,
  likely,
}: {
  form: Form<MatchValues>;
  open: readonly BankOpenItem[];
  rest: bigint;
  likely: readonly Suggestion[];
}) {
  const { t, date } = useI18n();
  const { minor, number } = useFigures();
  const naming = useNaming();
  const [typed, setTyped] = useState("");
  const [all, setAll] = useState(false);
  const { parts } = form.values;
  const ticked = new Set(parts.flatMap((part) => (part.item ? [part.item.id] : [])));
  const members = new Set(
    likely.flatMap((suggestion) => suggestion.parts.map((part) => part.member_id)).filter(Boolean),
  );
  const [target] = useState(rest);
  const ranked = useMemo(() => {
    const score = (item: BankOpenItem) =>
      (minor(item.amount) === target ? 2 : 0) + (item.member_id && members.has(item.member_id) ? 1 : 0);
    return [...open].sort((a, b) => score(b) - score(a));
  }, [open]);
  const wanted = typed.trim().toLowerCase();
  const found = ranked.filter(
    (item) =>
      ticked.has(item.id) ||
      !wanted ||
      item.giver_name.toLowerCase().includes(wanted) ||
      number(item.amount).includes(wanted),
  );
  const shown = all || wanted ? found : found.filter((item, index) => index < SHOWN || ticked.has(item.id));
  const toggle = (item: BankOpenItem) =>
    form.patch({
      parts: ticked.has(item.id)
        ? parts.filter((part) => part.item?.id !== item.id)
        : [...parts, { ...emptyPart("contribution"), item }],
    });
  return (
    <fieldset class="stack">
      <legend class="label">{t.bankMatch.open}</legend>
      <p class="hint">{t.bankMatch.openHint}</p>
      {open.length > SHOWN ? (
        <div class="field measured-s">
          <label class="xs" for="open-filter">
            {t.bankMatch.openFilter}
          </label>
          <input
            id="open-filter"
            type="search"
            class="input input--s"
            autocomplete="off"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </div>
      ) : null}
      <div>
        {shown.map((item) => (
          <label class="sug" key={item.id}>
            <input type="checkbox" checked={ticked.has(item.id)} onChange={() => toggle(item)} />
            <b>
              {partTitle(
                {
                  kind: item.kind,
                  giver_name: item.giver_name,
                  nature: item.nature,
                  category: null,
                  amount: item.amount,
                },
                naming,
              )}
            </b>
            <b class="num">{number(item.amount)}</b>
            <span class="why">
              {item.awaited ? t.bankMatch.awaited(date(item.date)) : t.bank.recordedOn(date(item.date))}
              {item.means && item.means in t.enums.means
                ? ", " + t.enums.means[item.means as keyof typeof t.enums.means].toLowerCase()
                : ""}{" "}
              {minor(item.amount) === target ? (
                <Badge tone="info" icon="equal">
                  {t.bankMatch.exact}
                </Badge>
              ) : null}
            </span>
          </label>
        ))}
        {shown.length === 0 ? <p class="soft small">{t.bankMatch.openNone}</p> : null}
      </div>
      {shown.length < found.length ? (
        <p>
          <button type="button" class="linklike small" onClick={() => setAll(true)}>
            {t.bankMatch.openMore(found.length - shown.length)}
          </button>
        </p>
      ) : null}
    </fieldset>
  );
}

function WithOthers({ form, others }: { form: Form<MatchValues>; others: readonly BankTransaction[] }) {
  const { t, date } = useI18n();
  const chosen = form.values.with;
  const toggle = (id: string) =>
    form.patch({ with: chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id] });
  return (
    <details open={chosen.length > 0}>
      <summary>{t.bankMatch.withOthers}</summary>
      <p class="hint">{t.bankMatch.withOthersHint}</p>
      <div class="with-others">
        {others.map((line) => (
          <label class="check small" key={line.id}>
            <input type="checkbox" checked={chosen.includes(line.id)} onChange={() => toggle(line.id)} />
            <span>
              {date(line.booked_on, "short")}, {lineName(line, t)},{" "}
              <BankAmount amount={line.amount} currency={line.currency} />
            </span>
          </label>
        ))}
      </div>
    </details>
  );
}

// ---- what is not recorded yet ----

interface PartProps {
  form: Form<MatchValues>;
  part: PartValues;
  /** Pointer of the part in what is sent. */
  at: string;
  setting: Setting;
  natures: Natures;
  account: string;
  put: (change: Partial<PartValues>) => void;
  remove: () => void;
}

function NewPart(props: PartProps) {
  const { form, part, at, setting, put, remove } = props;
  const { t } = useI18n();
  const organisation = useOrganisation();
  const help =
    part.kind === "refund"
      ? setting.incoming
        ? t.bankMatch.refundIn
        : t.bankMatch.refundOut
      : t.bankMatch.helps[part.kind];
  const against = partSign(part.kind, setting.incoming) !== (setting.incoming ? 1n : -1n);
  return (
    <div class="part sheet sheet--tight stack" role="group" aria-label={t.bank.kinds[part.kind]}>
      <div class="row row--between">
        <p class="part__title" aria-hidden="true">
          {t.bank.kinds[part.kind]}
        </p>
        <button
          type="button"
          class="icon-button"
          aria-label={`${t.bankMatch.removePart} : ${t.bank.kinds[part.kind]}`}
          onClick={remove}
        >
          <Icon name="cross" />
        </button>
      </div>
      {help ? <p class="small soft">{help}</p> : null}
      <div class="part__fields">
        <MoneyField
          {...form.at(at + "/amount", part.amount, (amount: string) => put({ amount }))}
          label={t.bankMatch.amountAll}
          currency={organisation.money}
          small
          echo={against ? <> {t.bankMatch.outgoingNote}</> : null}
        />
        <KindFields {...props} />
        <FundField {...props} />
      </div>
      <MoreFields {...props} />
    </div>
  );
}

function KindFields(props: PartProps) {
  const { part, setting } = props;
  switch (part.kind) {
    case "contribution":
      return <GiverFields {...props} />;
    case "expense":
      return <CategoryField {...props} />;
    case "refund":
      return setting.incoming ? <CategoryField {...props} /> : <PaymentField {...props} />;
    case "returned":
      return <PaymentField {...props} />;
    case "internal_transfer":
      return <OtherSideField {...props} />;
    case "third_party":
      return <LabelField {...props} />;
    default:
      return null;
  }
}

function GiverFields({ form, part, at, setting, natures, put }: PartProps) {
  const { t } = useI18n();
  const members = useMembers(part.who);
  const who = form.at(at + "/member_id", part.member_id, (id: string) => put({ member_id: id }));
  const allowed = natures.allowed(part);
  const nature = natures.of(part);
  const natureField = form.at<Nature | "">(at + "/nature", nature, (value) => put({ nature: value }));
  return (
    <>
      <Combo
        id={who.id}
        label={t.bankMatch.who}
        error={who.error}
        text={part.who}
        chosen={part.member_id}
        options={members.options}
        small
        freeLabel={t.record.otherDonor}
        onChange={(text, chosen) => {
          who.onValue(chosen);
          put({ who: text, member_id: chosen, nature: "" });
        }}
      />
      {part.who.trim() && !part.member_id ? (
        <SelectField<LegalForm | "">
          {...form.at<LegalForm | "">(at + "/donor/legal_form", part.donor_form, (value) =>
            put({ donor_form: value, nature: "" }),
          )}
          label={t.record.donorForm}
          small
          options={[{ value: "", label: "" }, ...choices(t.enums.legalForm)]}
        />
      ) : null}
      {allowed.length ? (
        <SelectField<Nature | "">
          {...natureField}
          label={t.record.nature}
          small
          echo={nature ? t.enums.natureHelp[nature] : null}
          options={allowed.map((value) => ({ value, label: t.enums.nature[value] }))}
        />
      ) : null}
      {nature === "repayable" ? (
        <>
          <DateField
            {...form.at(at + "/repayable_on", part.repayable_on, (value: string) => put({ repayable_on: value }))}
            label={t.record.repayableOn}
            today={setting.today}
            prefer="future"
            small
          />
          <TextField
            {...form.at(at + "/legal_basis", part.legal_basis, (value: string) => put({ legal_basis: value }))}
            label={t.record.legalBasis}
            hint={t.record.legalBasisHint}
            small
          />
          {natures.needs(part).includes("accountant_note") ? (
            <TextField
              {...form.at(at + "/accountant_note", part.accountant_note, (value: string) =>
                put({ accountant_note: value }),
              )}
              label={t.record.accountantNote}
              small
            />
          ) : null}
        </>
      ) : null}
    </>
  );
}

function CategoryField({ form, part, at, put }: PartProps) {
  const { t, language } = useI18n();
  const categories = useExpenseCategories();
  return (
    <SelectField
      {...form.at(at + "/category", part.category, (category: string) => put({ category }))}
      label={t.bankMatch.category}
      small
      options={[
        { value: "", label: t.bankMatch.categoryNone },
        ...categories.map((one) => ({ value: one.category, label: one[language] })),
      ]}
    />
  );
}

/** The payment that comes back, or is given back: those of this amount first. */
function PaymentField({ form, part, at, setting, put }: PartProps) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { minor, money, number } = useFigures();
  const got = useGet<Collection<Contribution>>(organisation.path("contributions"), {
    status: "recorded",
    sort: "-received_on",
    limit: 500,
  });
  const amount = partAmount(part, setting);
  const items = [...(got.data?.items ?? [])].sort(
    (a, b) => Number(minor(b.amount) === -amount) - Number(minor(a.amount) === -amount),
  );
  const field = form.at(at + "/contribution_id", part.contribution_id, (id: string) => put({ contribution_id: id }));
  const say = (one: Contribution) =>
    t.bankMatch.paymentOption(
      t.enums.nature[one.nature],
      one.giver_name,
      money(one.amount),
      date(one.received_on ?? one.date),
    );
  const chosen = items.find((one) => one.id === part.contribution_id);
  return (
    <Combo
      id={field.id}
      label={t.bankMatch.payment}
      hint={t.bankMatch.paymentHint}
      error={field.error}
      small
      text={chosen ? say(chosen) : part.contributionText}
      chosen={part.contribution_id}
      options={items.map((one) => ({ id: one.id, label: say(one) }))}
      onChange={(text, id) => {
        field.onValue(id);
        const one = items.find((item) => item.id === id);
        put({
          contribution_id: id,
          contributionText: text,
          ...(one && part.kind === "returned" ? { amount: number(one.amount) } : {}),
        });
      }}
    />
  );
}

function OtherSideField({ form, part, at, setting, account, put }: PartProps) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { minor, money } = useFigures();
  const got = useGet<Collection<BankTransaction>>(organisation.path("bank-transactions"), {
    status: "unmatched",
    limit: 200,
  });
  const amount = partAmount(part, setting);
  const sides = (got.data?.items ?? []).filter(
    (line) => line.bank_account_id !== account && minor(line.amount) === -amount,
  );
  return (
    <SelectField
      {...form.at(at + "/transaction_id", part.transaction_id, (id: string) => put({ transaction_id: id }))}
      label={t.bankMatch.otherSide}
      small
      hint={sides.length ? null : t.bankMatch.otherSideHint}
      options={[
        { value: "", label: t.bankMatch.otherSideNone },
        ...sides.map((line) => ({
          value: line.id,
          label: t.bankMatch.otherSideOption(line.bank_account_name, money(line.amount), date(line.booked_on)),
        })),
      ]}
    />
  );
}

function LabelField({ form, part, at, put }: PartProps) {
  const { t } = useI18n();
  const third = part.kind === "third_party";
  return (
    <TextField
      {...form.at(at + "/label", part.label, (label: string) => put({ label }))}
      label={third ? t.bankMatch.forWhom : t.bankMatch.label}
      hint={third ? t.bankMatch.forWhomHint : null}
      small
      optional
      maxLength={200}
    />
  );
}

/** Which fields each kind may have besides, as the API says. */
const MORE: Record<MatchKind, readonly ("fund_id" | "project_id" | "member_id" | "label" | "agreement")[]> = {
  contribution: ["fund_id", "project_id", "agreement", "label"],
  expense: ["fund_id", "project_id", "member_id", "label"],
  refund: ["fund_id", "project_id", "label"],
  returned: ["label"],
  interest: ["fund_id", "label"],
  internal_transfer: ["fund_id", "label"],
  third_party: ["fund_id", "project_id", "member_id"],
  unknown: ["fund_id", "label"],
};

function FundField({ form, part, at, natures, put }: PartProps) {
  const { t } = useI18n();
  const funds = useFunds();
  if (!MORE[part.kind].includes("fund_id") || funds.length < 2) return null;
  const standard = defaultFund(funds, part.kind === "contribution" ? natures.of(part) : "dues")?.name ?? "";
  return (
    <SelectField
      {...form.at(at + "/fund_id", part.fund_id, (id: string) => put({ fund_id: id }))}
      label={t.bankMatch.fund}
      small
      options={[
        { value: "", label: t.bankMatch.fundDefault(standard) },
        ...funds.map((fund) => ({ value: fund.id, label: fund.name })),
      ]}
    />
  );
}

function MoreFields(props: PartProps) {
  const { form, part, at, setting, put } = props;
  const { t } = useI18n();
  const projects = useProjects();
  const members = useMembers();
  const has = (name: (typeof MORE)[MatchKind][number]) => MORE[part.kind].includes(name);
  const [open] = useState(
    Boolean(
      part.project_id ||
      (part.label && part.kind !== "third_party") ||
      (part.member_id && part.kind !== "contribution") ||
      part.agreement_signed_on,
    ),
  );
  return (
    <details open={open}>
      <summary>{has("agreement") ? t.bankMatch.moreContribution : t.bankMatch.more}</summary>
      <div class="part__fields">
        {has("project_id") ? (
          <SelectField
            {...form.at(at + "/project_id", part.project_id, (id: string) => put({ project_id: id }))}
            label={t.bankMatch.project}
            small
            options={[
              { value: "", label: t.bankMatch.noProject },
              ...projects.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        ) : null}
        {has("member_id") ? (
          <SelectField
            {...form.at(at + "/member_id", part.member_id, (id: string) => put({ member_id: id }))}
            label={t.bankMatch.member}
            small
            options={[
              { value: "", label: t.bankMatch.noMember },
              ...members.options.map(({ id, label }) => ({ value: id, label })),
            ]}
          />
        ) : null}
        {has("agreement") ? (
          <DateField
            {...form.at(at + "/agreement_signed_on", part.agreement_signed_on, (value: string) =>
              put({ agreement_signed_on: value }),
            )}
            label={t.record.agreement}
            today={setting.today}
            small
            optional
          />
        ) : null}
        {has("label") ? <LabelField {...props} /> : null}
      </div>
    </details>
  );
}

/** Kinds that may explain what was set aside: neither unknown again nor a transfer. */
export function explainingKinds(incoming: boolean): MatchKind[] {
  return kindsFor(incoming).filter((kind) => kind !== "unknown" && kind !== "internal_transfer");
}

/** The parts to create, for the API that explains what was set aside. */
export function createdParts(body: ReturnType<typeof matchBody>): BankNewPart[] {
  return body.create ?? [];
}
