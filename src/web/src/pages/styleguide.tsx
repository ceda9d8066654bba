// Every component with its states, in development builds only. What is shown here is data, not words of the interface, so
// it stands in the page itself; the build for production leaves it out.
import { useState } from "preact/hooks";
import { OrganisationProvider, organisationView } from "../session";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { Chart } from "../ui/chart";
import { Combo } from "../ui/combo";
import { ConfirmDialog, Empty, Progress, useToast } from "../ui/feedback";
import { CheckField, ChoiceField, DateField, FileDrop, MoneyField, SelectField, TextArea, TextField } from "../ui/fields";
import { Icon } from "../ui/icons";
import type { IconName } from "../ui/icons";
import { EntryTable, Facts, Figures, Gauge, Ladder, Timeline } from "../ui/ledger";
import { Note, Page, Section, Waiting } from "../ui/page";
import { PasswordField } from "../ui/password";
import { Table } from "../ui/table";

const ORGANISATION = organisationView({
  id: "", slug: "styleguide", name: "Styleguide", currency: "EUR", currency_digits: 2, time_zone: "Europe/Paris", language: "fr", siret: null, rna: null, email: null,
  street: null, postal_code: null, city: null, dues_with_counterpart: false, version: 1, created_at: "2026-01-01T00:00:00Z",
}, { id: "", slug: "styleguide", name: "Styleguide", currency: "EUR", currency_digits: 2, time_zone: "Europe/Paris", language: "fr", roles: ["treasurer"], member_id: null });

const ICONS: IconName[] = ["check", "cross", "clock", "half", "diamond", "pause", "lock", "question", "pen", "plus", "equal", "undo", "down", "up", "sort"];
const MONTHS = ["déc.", "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov."];
const LONG = MONTHS.map((month, index) => month + (index === 0 ? " 2025" : " 2026"));

export function StyleguidePage() {
  return <OrganisationProvider value={ORGANISATION}><Guide /></OrganisationProvider>;
}

function Guide() {
  return (
    <Page title="Guide de style" lead="Tout ce dont les pages sont faites. En développement seulement." crumbs={[{ label: "Accueil", href: "/" }, { label: "Guide de style" }]}
      actions={<><Button>Importer un relevé</Button><Button tone="main">Enregistrer 1 250,50 €</Button></>}>
      <div class="stack-l">
        <Buttons />
        <Fields />
        <Messages />
        <Tables />
        <Figured />
      </div>
    </Page>
  );
}

function Buttons() {
  const toast = useToast();
  const [open, setOpen] = useState(false);
  return (
    <Section id="sg-buttons" title="Boutons, pastilles, signes">
      <div class="stack">
        <div class="row">
          <Button tone="main">Enregistrer 1 250,50 €</Button><Button>Importer</Button><Button tone="bad" onClick={() => setOpen(true)}>Supprimer le brouillon</Button>
          <Button off>Rapprocher</Button><Button busy>Enregistrement…</Button><Button tone="plain">Abandonner</Button><Button small>Petit</Button>
          <Button onClick={() => toast("Versement de 1 250,50 € enregistré.", { label: "Le voir", href: "#" })}>Message bref</Button>
        </div>
        <div class="row"><Badge tone="ok">rapproché</Badge><Badge tone="warn">à voir</Badge><Badge tone="bad" icon="diamond">en retard de 44 jours</Badge><Badge tone="info">en cours</Badge><Badge>mis de côté</Badge></div>
        <div class="row">{ICONS.map((name) => <span key={name} class="quiet"><Icon name={name} /> {name}</span>)}</div>
      </div>
      <ConfirmDialog title="Supprimer le brouillon de 1 250,50 € du 12 mars 2026 ?" open={open} confirmLabel="Supprimer 1 250,50 €" keepLabel="Garder" onConfirm={() => setOpen(false)} onClose={() => setOpen(false)}>
        <p class="gap-s">Il n’a pas de numéro et n’est dans aucun rapport.</p>
      </ConfirmDialog>
    </Section>
  );
}

function Fields() {
  const [text, setText] = useState("812 345 678 0001");
  const [amount, setAmount] = useState("1 250,5");
  const [day, setDay] = useState("12 mars");
  const [who, setWho] = useState({ text: "jar", id: "" });
  const [means, setMeans] = useState("transfer");
  const [checked, setChecked] = useState(true);
  const [file, setFile] = useState<File | null>(null);
  const error = "Ce SIRET a 13 chiffres, il en faut 14. Le dernier manque peut-être.";
  const means_ = [{ value: "transfer", label: "Virement" }, { value: "cheque", label: "Chèque" }];
  return (
    <Section id="sg-fields" title="Champs">
      <div class="cols cols--6-6">
        <div class="stack-l">
          <MoneyField id="sg-money" label="Montant" hint="Par exemple 1 250,5" value={amount} onValue={setAmount} currency={ORGANISATION.money} words />
          <DateField id="sg-date" label="Reçu le" hint="12/03/2026, 12 mars, hier" value={day} onValue={setDay} today={ORGANISATION.today} />
          <Combo id="sg-combo" label="Adhérent" text={who.text} chosen={who.id} onChange={(value, id) => setWho({ text: value, id })}
            options={[{ id: "1", label: "Les Jardins de Tourneciel", note: "n° 14" }, { id: "2", label: "Jardinerie du Quai-Perdu", note: "n° 22" }]} />
          <ChoiceField id="sg-choice" label="Mode de paiement" value={means} onValue={setMeans} options={means_} />
        </div>
        <div class="stack-l">
          <TextField id="sg-text" label="SIRET" value={text} onValue={setText} error={error} />
          <SelectField id="sg-select" label="Nature" value={means} onValue={setMeans} options={means_} echo="Ce que chaque adhérent verse chaque année." />
          <PasswordField id="sg-password" label="Mot de passe" value="une phrase" onValue={() => {}} autocomplete="new-password" />
          <CheckField id="sg-check" label="L’argent n’est pas encore arrivé" hint="La somme sera attendue." value={checked} onValue={setChecked} />
          <TextArea id="sg-area" label="Notes" value="" onValue={() => {}} rows={2} optional />
        </div>
      </div>
      <div class="gap"><FileDrop id="sg-file" label="Fichier CSV" hint="Déposez le fichier ici, ou choisissez-le." file={file} onFile={setFile} /></div>
    </Section>
  );
}

function Messages() {
  return (
    <Section id="sg-messages" title="Messages, attente, vide">
      <div class="cols cols--6-6">
        <div class="stack">
          <Note title="À savoir">Le relevé couvre du 1er au 22 novembre.</Note>
          <Note tone="warn" title="À voir">Il manque trois jours entre ce relevé et le précédent.</Note>
          <Note tone="ok" title="Juste">Les soldes tombent au centime.</Note>
          <Note tone="bad" title="Pas d’écriture possible ainsi">L’exercice 2025 est clos.</Note>
        </div>
        <div class="stack">
          <Progress label="Import du relevé : 1 840 lignes sur 2 600" value={1840} max={2600} hint="Vous pouvez quitter cette page." />
          <Progress label="Lecture du fichier…" />
          <Waiting />
          <Empty title="Rien n’attend" action={<Button>Importer un relevé</Button>}>Tout est expliqué jusqu’au 22 novembre.</Empty>
        </div>
      </div>
    </Section>
  );
}

function Tables() {
  const [sort, setSort] = useState("-date");
  const rows = [["12/11/2026", "Les Jardins de Tourneciel", "1 250,50"], ["09/11/2026", "Menuiserie Passelame", "250,00"], ["21/10/2026", "Cyclo-Bocageron", "−250,00"]];
  return (
    <Section id="sg-tables" title="Tableau, écriture, frise, renseignements">
      <div class="stack-l">
        <Table caption="Versements reçus" rows={rows} rowKey={(row) => row[1] ?? ""} sort={sort} onSort={setSort} dense
          foot={<tr><th scope="row" colSpan={2}>Total</th><td class="num">1 250,50 €</td></tr>} columns={[
            { key: "date", title: "Date", sorts: ["-date", "date"], cell: (row) => row[0] },
            { key: "who", title: "Reçu de", head: true, cell: (row) => row[1] },
            { key: "amount", title: "Montant, en €", num: true, sorts: ["-amount"], cell: (row) => row[2] },
          ]} />
        <div class="cols cols--6-6">
          <EntryTable caption="Écriture proposée" lines={[
            { account: "512", title: "Banques", debit: "1250.50", credit: null, note: "Fonds de solidarité" },
            { account: "7551", title: "Contributions financières", debit: null, credit: "1250.50", note: "Fonds de solidarité" },
          ]} />
          <div class="stack">
            <Facts items={[{ label: "SIRET", value: "812 345 678 00014" }, { label: "Ville", value: "Beauvallon" }]} />
            <Timeline label="Frise" items={[
              { key: "1", date: "2026-12-10", state: "next", children: "Échéance 13" },
              { key: "2", date: "2026-11-10", state: "late", children: "Échéance 12 impayée" },
              { key: "3", date: "2026-10-20", state: "done", children: "Premier rappel envoyé" },
            ]} />
          </div>
        </div>
      </div>
    </Section>
  );
}

function Figured() {
  const layers = [1_771_240n, 950_000n, 1_185_000n, 800_000n] as const;
  return (
    <>
      <Section id="sg-figures" title="Chiffres, jauge, échelle">
        <div class="cols cols--6-6">
          <div>
            <Figures items={[{ label: "Disponible pour aider", value: "17 712,40 €", lead: true, href: "#", sub: "ce que le fonds de solidarité peut promettre" }, { label: "Prêté", value: "20 150,00 €" }, { label: "En retard", value: "400,00 €", negative: true }]} />
            <Gauge label="Les quatre couches" parts={[{ layer: "available", amount: layers[0] }, { layer: "committed", amount: layers[1] }, { layer: "restricted", amount: layers[2] }, { layer: "floor", amount: layers[3] }]} />
          </div>
          <Ladder caption="De la banque au disponible" steps={[
            { label: "En banque", amount: 4_706_240n, href: "#" }, { label: "promis, pas encore versé", amount: -layers[1], layer: "committed" },
            { label: "réservé à un projet", amount: -layers[2], layer: "restricted" }, { label: "minimum à garder", amount: -layers[3], layer: "floor" },
            { label: "Disponible pour aider", amount: layers[0], layer: "available", total: true },
          ]} />
        </div>
      </Section>
      <Chart id="sg-chart" title="Douze mois du fonds de solidarité, en euros" summary="Ce qui est entré, sorti, et le disponible." labelTitle="Mois" labels={MONTHS} longLabels={LONG} beside
        series={[{ key: "in", label: "Entré", fill: "in", values: MONTHS.map((_, i) => BigInt(200_000 + i * 37_000)) }, { key: "out", label: "Sorti", fill: "out", values: MONTHS.map((_, i) => BigInt(120_000 + ((i * 53_000) % 210_000))) }]}
        line={{ label: "Disponible", values: MONTHS.map((_, i) => BigInt(i === 3 ? -80_000 : 300_000 + i * 61_000)) }} />
      <Chart id="sg-stack" title="Les couches, mois par mois, en euros" summary="Le disponible, le promis, le réservé et le minimum." labelTitle="Mois" labels={MONTHS} longLabels={LONG}
        series={[
          { key: "floor", label: "Minimum à garder", fill: "floor", values: MONTHS.map(() => 800_000n) },
          { key: "restricted", label: "Réservé", fill: "restricted", values: MONTHS.map((_, i) => BigInt(620_000 + i * 50_000)) },
          { key: "committed", label: "Promis", fill: "committed", values: MONTHS.map((_, i) => BigInt(450_000 + ((i * 170_000) % 500_000))) },
          { key: "available", label: "Disponible", fill: "available", values: MONTHS.map((_, i) => BigInt(1_254_000 + i * 45_000)) },
        ]} />
    </>
  );
}
