// Home: do bank and books agree, what waits, record money received, what the fund can promise.
import { useState } from "preact/hooks";
import type { Collection, FundPosition, FundPositionItem, Means, Member, ToDo, ToDoItem } from "../model";
import { Rich, useI18n } from "../i18n";
import { dayNumber } from "../lib/date";
import { choices, useFunds, useMembers } from "../lib/names";
import { useGet } from "../lib/query";
import { navigate } from "../router";
import { useFigures, useOrganisation } from "../session";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { Combo } from "../ui/combo";
import { Empty } from "../ui/feedback";
import { DateField, MoneyField, SelectField } from "../ui/fields";
import { Figures, Gauge, Ladder } from "../ui/ledger";
import { Loaded, Page, Section } from "../ui/page";
import { RECORD_SUBMIT_ID } from "./record";

const TODO_MAX = 5;

export function HomePage() {
  const organisation = useOrganisation();
  const { t, date } = useI18n();
  const reads = organisation.can("read_books");
  const todo = useGet<ToDo>(reads ? organisation.path("reports/to-do") : null);
  const today = date(organisation.today, "full");
  const title = today.charAt(0).toUpperCase() + today.slice(1);
  if (!reads) {
    return (
      <Page title={title} lead={organisation.name}>
        <p>{t.home.otherRole}</p>
        {organisation.can("settings") ? <p class="gap"><a class="btn" href={organisation.href("settings")}>{t.home.toSettings}</a></p> : null}
        {organisation.memberId ? <p class="gap"><a class="btn" href={organisation.href("members/" + organisation.memberId)}>{t.nav.mine}</a></p> : null}
      </Page>
    );
  }
  return (
    <Page title={title} lead={todo.data ? <BankSentence {...todo.data} /> : " "}>
      {organisation.can("write_books") ? <RecordLine /> : null}
      <FirstSteps todo={todo.data} />
      <div class="cols cols--7-5">
        <Section id="home-todo" title={t.home.todo}><Loaded got={todo}>{(data) => <ToDoList items={data.items} />}</Loaded></Section>
        <Position />
      </div>
    </Page>
  );
}

function BankSentence({ bank, items }: ToDo) {
  const { t, date } = useI18n();
  const { money } = useFigures();
  const organisation = useOrganisation();
  if (!bank.on) return <>{items.some((item) => item.kind === "unconfirmed_accounts" && item.count > 0) ? t.home.bankToConfirm : t.home.noBank}</>;
  if (bank.agrees) return <>{t.home.agrees(date(bank.on), money(0n))}</>;
  return <a href={organisation.href("bank")}><Rich text={t.home.differs(money(bank.difference), date(bank.on))} /></a>;
}

// ---- what waits ----

/** Where each kind of thing to do is done. */
const PLACES: Record<string, string> = {
  unmatched_transactions: "bank/match",
  unconfirmed_accounts: "bank",
  unknown: "bank/lines?unknown=true",
  drafts: "entries?status=draft",
  awaited_contributions: "contributions?status=awaited",
  undeposited_cheques: "contributions?means=cheque",
  statement_gaps: "bank",
};

function ToDoList({ items }: { items: readonly ToDoItem[] }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const waiting = items.filter((item) => item.count > 0).sort((a, b) => (a.oldest_on ?? "9999").localeCompare(b.oldest_on ?? "9999"));
  if (waiting.length === 0) return <Empty title={t.home.nothing}>{t.home.nothingDetail}</Empty>;
  const list = (some: readonly ToDoItem[]) => (
    <ul class="todo">{some.map((item) => <ToDoRow key={item.kind} item={item} href={organisation.href(PLACES[item.kind] ?? "")} />)}</ul>
  );
  return (
    <>
      {list(waiting.slice(0, TODO_MAX))}
      {waiting.length > TODO_MAX ? <details><summary>{t.home.allWaiting(waiting.length)}</summary>{list(waiting.slice(TODO_MAX))}</details> : null}
    </>
  );
}

const LATE_DAYS = 30;

function ToDoRow({ item, href }: { item: ToDoItem; href: string }) {
  const { t, date } = useI18n();
  const { money } = useFigures();
  const { today } = useOrganisation();
  const days = item.oldest_on ? Math.max(0, dayNumber(today) - dayNumber(item.oldest_on)) : null;
  const text = (t.home.items[item.kind] ?? t.home.otherItem)(item.count);
  return (
    <li>
      <p class="todo__what"><a href={href}>{text}</a>{" "}
        {days !== null ? <Badge tone={days > LATE_DAYS ? "bad" : "warn"} icon={days > LATE_DAYS ? "diamond" : "clock"}>{t.home.since(days)}</Badge> : null}</p>
      <p class="todo__n">{item.amount ? money(item.amount) : ""}</p>
      {item.oldest_on && item.count > 1 ? <p class="todo__why">{t.home.oldest(date(item.oldest_on))}</p> : null}
    </li>
  );
}

// ---- record a contribution ----

/** The fast way: four answers here, then one look and one key on the page that shows what will be written. */
function RecordLine() {
  const organisation = useOrganisation();
  const { t, date } = useI18n();
  const [who, setWho] = useState({ text: "", id: "" });
  const [amount, setAmount] = useState("");
  const [day, setDay] = useState(() => date(organisation.today, "short"));
  const [means, setMeans] = useState<Means>("transfer");
  const members = useMembers(who.text);
  const go = (event: Event) => {
    event.preventDefault();
    const focus = !who.text.trim() ? "f-member_id" : !amount.trim() ? "f-amount" : RECORD_SUBMIT_ID;
    navigate(organisation.href("record"), { travel: { focus, prefill: { who: who.text, member_id: who.id, amount, received_on: day, means } } });
  };
  return (
    <form class="newline" onSubmit={go} aria-labelledby="home-record" noValidate>
      <h2 class="hide" id="home-record">{t.home.recordTitle}</h2>
      <Combo id="home-who" label={t.home.recordWho} text={who.text} chosen={who.id} options={members.options} placeholder={t.home.recordWhoPlaceholder}
        freeLabel={t.record.otherDonor} onChange={(text, id) => setWho({ text, id })} />
      <MoneyField id="home-amount" label={t.home.recordAmount} value={amount} onValue={setAmount} currency={organisation.money} />
      <DateField id="home-date" label={t.home.recordDate} value={day} onValue={setDay} today={organisation.today} />
      <SelectField<Means> id="home-means" label={t.home.recordMeans} value={means} onValue={setMeans} options={choices(t.enums.means)} />
      <Button type="submit" tone="main">{t.home.recordGo}</Button>
    </form>
  );
}

// ---- a new installation ----

function FirstSteps({ todo }: { todo: ToDo | undefined }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const members = useGet<Collection<Member>>(organisation.path("members"), { limit: 1 });
  if (todo?.bank.on || !members.data || members.data.items.length > 0 || !organisation.can("write_books")) return null;
  const steps = [
    { href: "members/import", title: t.home.startMembers, detail: t.home.startMembersDetail },
    { href: "bank", title: t.home.startBank, detail: t.home.startBankDetail },
    { href: "record", title: t.home.startRecord, detail: t.home.startRecordDetail },
  ];
  return (
    <section class="sheet first" aria-labelledby="home-start">
      <h2 id="home-start">{t.home.startTitle}</h2>
      <p class="soft">{t.home.startLead}</p>
      <ol class="first__steps">{steps.map((step) => <li key={step.href}><a href={organisation.href(step.href)}>{step.title}</a><span class="soft small">{step.detail}</span></li>)}</ol>
    </section>
  );
}

// ---- the figure ----

function Position() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const report = useGet<FundPosition>(organisation.path("reports/fund-position"));
  const funds = useFunds();
  const solidarity = funds.find((fund) => fund.kind === "solidarity" && fund.is_default) ?? funds.find((fund) => fund.kind === "solidarity");
  return (
    <Section id="home-position" title={t.home.position} aside={<a class="small" href={organisation.href("fund-position")}>{t.home.fullReport}</a>}>
      <Loaded got={report}>{(data) => {
        const item = data.items.find((one) => one.fund_id === solidarity?.id) ?? (solidarity ? undefined : data.items[0]);
        return item ? <PositionFigure item={item} /> : null;
      }}</Loaded>
    </Section>
  );
}

function PositionFigure({ item }: { item: FundPositionItem }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { money, minor } = useFigures();
  const [held, others, promised, reserved, floor, available] = [item.held, item.held_for_others, item.promised, item.reserved, item.floor, item.available].map(minor) as
    [bigint, bigint, bigint, bigint, bigint, bigint];
  const report = organisation.href("fund-position");
  return (
    <>
      <Figures items={[{ label: t.home.available, lead: true, negative: available < 0n, value: money(available), href: report, sub: available > 0n ? t.home.availableSub : t.home.shortSub }]} />
      {held > 0n ? <Gauge label={t.home.gauge(money(held), money(available), money(promised), money(reserved), money(floor), money(others))} parts={[
        { layer: "available", amount: available }, { layer: "committed", amount: promised }, { layer: "restricted", amount: reserved },
        { layer: "floor", amount: available < 0n ? held - others - promised - reserved : floor }, { layer: "others", amount: others },
      ]} /> : <div class="gap" />}
      <Ladder caption={t.home.position} steps={[
        { label: t.home.held, amount: held, href: report },
        { label: t.home.others, amount: -others, layer: "others" },
        { label: t.home.reserved, amount: -reserved, layer: "restricted" },
        { label: t.home.promised, amount: -promised, layer: "committed" },
        { label: t.home.floor, amount: -floor, layer: "floor" },
        { label: t.home.available, amount: available, layer: "available", total: true },
      ]} />
    </>
  );
}
