// Bank files of our own making: the same lines as OFX or as camt.053.

export const decimal = (minor) => {
  const text = String(minor < 0n ? -minor : minor).padStart(3, "0");
  return `${minor < 0n ? "-" : ""}${text.slice(0, -2)}.${text.slice(-2)}`;
};
export const minor = (text) => BigInt(text.replace(".", ""));

const compact = (date) => date.replaceAll("-", "");

/** lines: [{on, amount, text, name}]; the balances before and after. */
export function ofx({ iban, from, to, closing, lines }) {
  const [bank, branch, account] = [iban.slice(4, 9), iban.slice(9, 14), iban.slice(14, 25)];
  const transactions = lines.map((line) => `<STMTTRN><TRNTYPE>${line.amount < 0n ? "DEBIT" : "CREDIT"}<DTPOSTED>${compact(line.on)}` +
    `<TRNAMT>${decimal(line.amount)}<FITID>${line.text}<NAME>${line.name}<MEMO>${line.text}</STMTTRN>`);
  return ["OFXHEADER:100", "DATA:OFXSGML", "VERSION:102", "SECURITY:NONE", "ENCODING:USASCII", "CHARSET:1252", "COMPRESSION:NONE",
    "OLDFILEUID:NONE", "NEWFILEUID:NONE", "", `<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>${compact(to)}` +
    "<LANGUAGE>FRA</SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>EUR",
    `<BANKACCTFROM><BANKID>${bank}<BRANCHID>${branch}<ACCTID>${account}<ACCTTYPE>CHECKING</BANKACCTFROM>`,
    `<BANKTRANLIST><DTSTART>${compact(from)}<DTEND>${compact(to)}`, ...transactions, "</BANKTRANLIST>",
    `<LEDGERBAL><BALAMT>${decimal(closing)}<DTASOF>${compact(to)}</LEDGERBAL>`, "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>", ""].join("\n");
}

export function camt({ iban, from, to, opening, closing, lines, id }) {
  const amount = (n) => `<Amt Ccy="EUR">${decimal(n < 0n ? -n : n)}</Amt><CdtDbtInd>${n < 0n ? "DBIT" : "CRDT"}</CdtDbtInd>`;
  const balance = (code, n, on) => `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${amount(n)}<Dt><Dt>${on}</Dt></Dt></Bal>`;
  const entries = lines.map((line) => `<Ntry>${amount(line.amount)}<Sts>BOOK</Sts><BookgDt><Dt>${line.on}</Dt></BookgDt>` +
    `<ValDt><Dt>${line.on}</Dt></ValDt><AcctSvcrRef>${line.text}</AcctSvcrRef><NtryDtls><TxDtls><RltdPties>` +
    (line.amount < 0n ? `<Cdtr><Nm>${line.name}</Nm></Cdtr>` : `<Dbtr><Nm>${line.name}</Nm></Dbtr>`) +
    `</RltdPties><RmtInf><Ustrd>${line.text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`);
  return `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>${id}</MsgId><CreDtTm>${to}T20:00:00</CreDtTm></GrpHdr><Stmt><Id>${id}</Id><CreDtTm>${to}T20:00:00</CreDtTm>
<FrToDt><FrDtTm>${from}T00:00:00</FrDtTm><ToDtTm>${to}T23:59:59</ToDtTm></FrToDt><Acct><Id><IBAN>${iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>
${balance("OPBD", opening, from)}${balance("CLBD", closing, to)}
${entries.join("\n")}</Stmt></BkToCstmrStmt></Document>`;
}

/** A French IBAN with right keys: bank 99951 does not exist. */
export function iban(n) {
  const bban = `9995100042${String(n).padStart(11, "0")}`;
  const key = 97n - ((89n * 99951n + 15n * 42n + 3n * BigInt(n)) % 97n);
  const whole = bban + String(key).padStart(2, "0");
  return `FR${String(98n - (BigInt(`${whole}152700`) % 97n)).padStart(2, "0")}${whole}`;
}
