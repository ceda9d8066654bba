/* Bank files of our own making, one oddity each: what real banks do, what attackers do, what must
 * never be lost. */
#include "base/writer.h"
#include "formats/bank.h"
#include "lib/check.h"

enum { ARENA_BYTES = 256 * 1024 * 1024 };

static struct arena arena;
static struct problem problem;
static struct bank_file file;

/* Parses bytes that end where the memory ends; answers the problem's slug, or "" when the file is
 * read. */
static const char *parse(struct str bytes)
{
    char *exact = malloc(bytes.n == 0 ? 1 : bytes.n);
    enum rc rc;

    if (exact == NULL)
        abort();
    if (bytes.n > 0)
        memcpy(exact, bytes.p, bytes.n);
    arena_free(&arena);
    arena_init(&arena, ARENA_BYTES);
    problem_init(&problem, &arena);
    rc = bank_file_parse(&arena, (struct str){exact, bytes.n}, "releve", &file, &problem);
    free(exact);
    return rc == RC_OK ? "" : problem_text(problem.code)->slug;
}

static const char *parse_text(const char *text)
{
    return parse(str_of(text));
}

/* The problem in English, for messages with lines. */
static const char *said(void)
{
    return problem_sentence(&arena, problem_text(problem.code)->detail[LANGUAGE_EN], problem.args,
                            LANGUAGE_EN, 2);
}

static bool has_note(struct bank_notes notes, enum problem_code code)
{
    for (size_t i = 0; i < notes.count; i++)
        if (notes.items[i].code == code)
            return true;
    return false;
}

static const char *day(struct date date)
{
    static char buffer[DATE_TEXT_MAX];

    return date_format(date, buffer);
}

/* ---- OFX ---- */

#define OFX_HEAD "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n"
#define OFX_ACCOUNT                                                                                \
    "<CURDEF>EUR<BANKACCTFROM><BANKID>30006<BRANCHID>00001<ACCTID>12345678901<ACCTTYPE>CHECKING</" \
    "BANKACCTFROM>"
#define OFX_OPEN                                                                                   \
    "<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS>" OFX_ACCOUNT                                           \
    "<BANKTRANLIST><DTSTART>20260901<DTEND>20260930"
#define OFX_CLOSE                                                                                  \
    "</BANKTRANLIST><LEDGERBAL><BALAMT>1250,75<DTASOF>20260930</LEDGERBAL></STMTRS></STMTTRNRS></" \
    "BANKMSGSRSV1></OFX>"
#define OFX(lines) OFX_HEAD OFX_OPEN lines OFX_CLOSE
#define LINE_A                                                                                     \
    "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260903<TRNAMT>+50,00<FITID>1<NAME>VIR "                   \
    "DUPONT<MEMO>COTISATION</STMTTRN>"
#define LINE_B "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260904<TRNAMT>-12.5<FITID>2<NAME>FRAIS</STMTTRN>"

static void test_ofx_shapes(void)
{
    CHECK_TEXT(parse_text(OFX(LINE_A LINE_B)), "");
    CHECK_INT(file.n_statements, 1);
    CHECK_TEXT(file.version, "OFX 102");
    CHECK_TEXT(file.statements[0].iban, "FR7630006000011234567890189");
    CHECK(file.statements[0].iban_derived);
    CHECK_INT(file.statements[0].n_entries, 2);
    CHECK_INT(file.statements[0].entries[0].amount.minor, 5000);
    CHECK_INT(file.statements[0].entries[1].amount.minor, -1250);
    CHECK_INT(file.statements[0].closing.amount.minor, 125075);
    CHECK_TEXT(day(file.statements[0].closing.on), "2026-09-30");
    CHECK_TEXT(file.statements[0].entries[0].remittance, "VIR DUPONT COTISATION");
    CHECK_TEXT(file.statements[0].entries[0].type_code, "CREDIT");
    CHECK_INT(file.statements[0].balanced, BANK_BALANCED_UNKNOWN);
    /* No header at all; a header on one line; XML with its own. */
    CHECK_TEXT(parse_text(OFX_OPEN LINE_A OFX_CLOSE), "");
    CHECK_TEXT(file.version, "OFX");
    CHECK_TEXT(parse_text("OFXHEADER:100DATA:OFXSGMLVERSION:103SECURITY:NONEENCODING:"
                          "USASCIICHARSET:1252COMPRESSION:NONE" OFX_OPEN LINE_A OFX_CLOSE),
               "");
    CHECK_TEXT(file.version, "OFX 103");
    CHECK_TEXT(parse_text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<?OFX OFXHEADER=\"200\" "
                          "VERSION=\"211\"?>" OFX_OPEN LINE_A OFX_CLOSE),
               "");
    CHECK_TEXT(file.version, "OFX 211");
    CHECK_INT(file.format, BANK_FORMAT_OFX_XML);
    /* Lower-case tags; an unclosed transaction; a tag that is not there to be closed. */
    CHECK_TEXT(parse_text(OFX("<stmttrn><dtposted>20260903<trnamt>1.00</stmttrn>")), "");
    CHECK_TEXT(file.statements[0].entries[0].remittance, "");
    CHECK_TEXT(
        parse_text(
            OFX("<STMTTRN><DTPOSTED>20260903<TRNAMT>1.00<STMTTRN><DTPOSTED>20260904<TRNAMT>2.00")),
        "");
    CHECK_INT(file.statements[0].n_entries, 2);
    CHECK_TEXT(parse_text(OFX("</STATUS>" LINE_A)), "bank_file.broken");
    /* Two transactions that ran into one: neither may be lost. */
    CHECK_TEXT(
        parse_text(
            OFX("<STMTTRN><DTPOSTED>20260903<TRNAMT>1.00<DTPOSTED>20260904<TRNAMT>2.00</STMTTRN>")),
        "bank_file.broken");
    /* A transaction outside any statement. */
    CHECK_TEXT(parse_text("<OFX>" LINE_A "</OFX>"), "bank_file.broken");
}

static void test_ofx_texts(void)
{
    CHECK_TEXT(
        parse_text(OFX("<STMTTRN><DTPOSTED>20260903<TRNAMT>1<NAME>DUPONT & FILS<MEMO>a&amp;b "
                       "&lt;c&gt; &#233;&#xE9; 1 < 2<BR/>suite<BR>fin\n    apr\xE8s</STMTTRN>")),
        "");
    CHECK_TEXT(file.encoding, "Windows-1252");
    CHECK_TEXT(file.statements[0].entries[0].counterparty_name, "DUPONT & FILS");
    CHECK_TEXT(file.statements[0].entries[0].remittance,
               "DUPONT & FILS a&b <c> éé 1 < 2 suite fin après");
    CHECK_TEXT(
        parse_text(
            OFX("<STMTTRN><DTPOSTED>20260903<TRNAMT>1<NAME>Association d’Étude<MEMO>x</STMTTRN>")),
        "");
    CHECK_TEXT(file.encoding, "UTF-8");
    CHECK(has_note(file.notes, PROBLEM_BANK_NOTE_ENCODING));
    CHECK_TEXT(file.statements[0].entries[0].counterparty_name, "Association d’Étude");
    /* MEMO repeats NAME, whole or cut: once is enough. */
    CHECK_TEXT(parse_text(OFX("<STMTTRN><DTPOSTED>20260903<TRNAMT>1<NAME>VIR SEPA ASSOCIATION LES "
                              "GRANDS J<MEMO>VIR SEPA ASSOCIATION LES GRANDS JARDINS</STMTTRN>")),
               "");
    CHECK_TEXT(file.statements[0].entries[0].remittance, "VIR SEPA ASSOCIATION LES GRANDS JARDINS");
    CHECK_TEXT(
        parse_text(OFX(
            "<STMTTRN><DTPOSTED>20260903<TRNAMT>1<NAME><![CDATA[A <b> & c]]></NAME></STMTTRN>")),
        "");
    CHECK_TEXT(file.statements[0].entries[0].remittance, "A <b> & c");
    CHECK_TEXT(parse_text(OFX("<STMTTRN><DTPOSTED>20260903<TRNAMT>1<PAYEE><NAME>EDF<CITY>PARIS</"
                              "PAYEE><MEMO>FACTURE</STMTTRN>")),
               "");
    CHECK_TEXT(file.statements[0].entries[0].counterparty_name, "EDF");
    CHECK_TEXT(parse_text(OFX("<STMTTRN><DTPOSTED>20260903<TRNAMT>1<BANKACCTTO><BANKID>1<ACCTID>"
                              "FR76 3000 6000 0112 3456 7890 189</BANKACCTTO></STMTTRN>")),
               "");
    CHECK_TEXT(file.statements[0].entries[0].counterparty_iban, "FR7630006000011234567890189");
    CHECK_TEXT(file.statements[0].account_number, "12345678901");
}

static void test_ofx_refused(void)
{
    CHECK_TEXT(parse_text(OFX("\n<STMTTRN><DTPOSTED>20260231<TRNAMT>1</STMTTRN>")),
               "bank_file.date");
    CHECK_TEXT(said(), "Line 8: DTPOSTED holds “20260231”, which is not a date that exists.");
    CHECK_TEXT(parse_text(OFX("<STMTTRN><DTPOSTED>20260901<TRNAMT>1.005</STMTTRN>")),
               "bank_file.precision");
    CHECK_TEXT(parse_text(OFX("<STMTTRN><DTPOSTED>20260901<TRNAMT>1.00500</STMTTRN>")),
               "bank_file.precision");
    CHECK_TEXT(parse_text(OFX("<STMTTRN><DTPOSTED>20260901<TRNAMT>1.00000</STMTTRN>")), "");
    CHECK_TEXT(parse_text(OFX("<STMTTRN><DTPOSTED>20260901<TRNAMT>1e3</STMTTRN>")),
               "bank_file.amount");
    CHECK_TEXT(parse_text(OFX("<STMTTRN><DTPOSTED>20260901<TRNAMT>99999999999999999999</STMTTRN>")),
               "bank_file.amount");
    CHECK_TEXT(parse_text(OFX("<STMTTRN><DTPOSTED>20260901<TRNAMT></STMTTRN>")),
               "bank_file.amount");
    CHECK_TEXT(parse_text(OFX("<STMTTRN><DTPOSTED>20260901</STMTTRN>")), "bank_file.missing");
    CHECK_TEXT(parse_text(OFX("<STMTTRN><TRNAMT>1</STMTTRN>")), "bank_file.missing");
    CHECK_TEXT(parse_text("<OFX><STMTRS><CURDEF>EUR</STMTRS></OFX>"), "bank_file.missing");
    CHECK_TEXT(
        parse_text("<OFX><STMTRS><CURDEF>EUX<BANKACCTFROM><ACCTID>1</BANKACCTFROM></STMTRS></OFX>"),
        "bank_file.currency");
    CHECK_TEXT(parse_text("<OFX><SIGNUPMSGSRSV1></SIGNUPMSGSRSV1></OFX>"),
               "bank_file.no_statement");
    CHECK_TEXT(parse_text("<!DOCTYPE OFX [<!ENTITY x \"y\">]><OFX></OFX>"), "bank_file.dtd");
    CHECK_TEXT(
        parse_text(
            "<?xml version=\"1.0\"?>\n<!DOCTYPE OFX SYSTEM \"file:///etc/passwd\"><OFX></OFX>"),
        "bank_file.dtd");
    CHECK_TEXT(said(), "Line 2: the file declares a document type or entities. No bank statement "
                       "needs them and they "
                       "can be used to attack; the file was refused.");
}

static void test_ofx_card(void)
{
    CHECK_TEXT(parse_text("<OFX><CREDITCARDMSGSRSV1><CCSTMTTRNRS><CCSTMTRS><CURDEF>EUR<CCACCTFROM><"
                          "ACCTID>4976050012344321</CCACCTFROM>"
                          "<BANKTRANLIST>" LINE_B
                          "</BANKTRANLIST></CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1></OFX>"),
               "");
    CHECK_INT(file.statements[0].type, BANK_ACCOUNT_CREDIT_CARD);
    CHECK_TEXT(file.statements[0].account, "4976050012344321");
    CHECK(!file.statements[0].closing.present);
    CHECK(file.statements[0].iban == NULL);
    /* Pending transactions of OFX 2 count as not booked. */
    CHECK_TEXT(parse_text(OFX(LINE_A "</BANKTRANLIST><BANKTRANLISTP><STMTTRNP><TRNAMT>1<NAME>x</"
                                     "STMTTRNP></BANKTRANLISTP><BANKTRANLIST>")),
               "");
    CHECK_INT(file.statements[0].n_not_booked, 1);
    CHECK_INT(file.statements[0].n_entries, 1);
}

/* ---- camt ---- */

#define NS "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
#define CAMT_IN(ns, parts)                                                                         \
    "<Document xmlns=\"" ns                                                                        \
    "\"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr><Stmt><Id>S1</Id>" parts                  \
    "</Stmt></BkToCstmrStmt></Document>"
#define CAMT(parts) CAMT_IN(NS "08", ACCT parts)
#define ACCT        "<Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id><Ccy>EUR</Ccy></Acct>"
#define BAL(code, amount, sign, on)                                                                \
    "<Bal><Tp><CdOrPrtry><Cd>" code "</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">" amount "</Amt>" sign \
    "<Dt><Dt>" on "</Dt></Dt></Bal>"
#define CRDT "<CdtDbtInd>CRDT</CdtDbtInd>"
#define DBIT "<CdtDbtInd>DBIT</CdtDbtInd>"
#define BALANCES(opening, closing)                                                                 \
    BAL("OPBD", opening, CRDT, "2026-09-01") BAL("CLBD", closing, CRDT, "2026-09-30")
#define BOOKED                   "<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-09-03</Dt></BookgDt>"
#define NTRY(amount, sign, more) "<Ntry><Amt Ccy=\"EUR\">" amount "</Amt>" sign more "</Ntry>"

static void test_camt_shapes(void)
{
    const struct bank_entry *entry;

    CHECK_TEXT(parse_text(CAMT(BALANCES("10.00", "15.00") NTRY("5.00", CRDT, BOOKED))), "");
    CHECK_TEXT(file.version, "camt.053.001.08");
    CHECK_TEXT(file.message_id, "M1");
    CHECK_INT(file.statements[0].balanced, BANK_BALANCED_YES);
    CHECK_INT(file.statements[0].notes.count, 0);
    CHECK_TEXT(file.statements[0].entries[0].remittance, "");
    /* A prefix, no namespace at all, a later version, one too old, an envelope. */
    CHECK_TEXT(
        parse_text(
            "<c:Document xmlns:c=\"" NS
            "02\"><c:BkToCstmrStmt><c:Stmt><c:Acct><c:Id><c:IBAN>FR7630006000011234567890189"
            "</c:IBAN></c:Id><c:Ccy>EUR</c:Ccy></c:Acct></c:Stmt></c:BkToCstmrStmt></c:Document>"),
        "");
    CHECK_TEXT(file.version, "camt.053.001.02");
    CHECK_TEXT(
        parse_text("<Document><BkToCstmrStmt><Stmt>" ACCT "</Stmt></BkToCstmrStmt></Document>"),
        "");
    CHECK(has_note(file.notes, PROBLEM_BANK_NOTE_VERSION));
    CHECK_TEXT(parse_text(CAMT_IN(NS "11", ACCT)), "");
    CHECK(has_note(file.notes, PROBLEM_BANK_NOTE_VERSION));
    CHECK_TEXT(parse_text(CAMT_IN(NS "01", ACCT)), "bank_file.camt_version");
    CHECK_TEXT(parse_text("<Envelope><Document xmlns=\"" NS "08\"><BkToCstmrStmt><Stmt>" ACCT
                          "</Stmt></BkToCstmrStmt></Document></Envelope>"),
               "");
    CHECK_INT(file.n_statements, 1);
    /* A reversal's sign is its own. */
    CHECK_TEXT(parse_text(CAMT(NTRY("5.00", DBIT, "<RvslInd>true</RvslInd>" BOOKED))), "");
    entry = &file.statements[0].entries[0];
    CHECK(entry->is_reversal);
    CHECK_INT(entry->amount.minor, -500);
    /* Status as text (02) and as code (08); pending ones are counted, not taken. */
    CHECK_TEXT(
        parse_text(CAMT(NTRY("5.00", CRDT, "<Sts>BOOK</Sts><ValDt><Dt>2026-09-05</Dt></ValDt>")
                            NTRY("7.00", CRDT, "<Sts><Cd>PDNG</Cd></Sts>")
                                NTRY("7.00", CRDT, "<Sts>INFO</Sts>"))),
        "");
    CHECK_INT(file.statements[0].n_entries, 1);
    CHECK_INT(file.statements[0].n_not_booked, 2);
    CHECK_TEXT(day(file.statements[0].entries[0].booked_on), "2026-09-05");
    CHECK(has_note(file.statements[0].notes, PROBLEM_BANK_NOTE_VALUE_DATE));
    CHECK(has_note(file.statements[0].notes, PROBLEM_BANK_NOTE_NOT_BOOKED));
    CHECK(has_note(file.statements[0].notes, PROBLEM_BANK_NOTE_NO_BALANCE));
}

#define PARTY(role, name, iban)                                                                    \
    "<" role "><Pty><Nm>" name "</Nm></Pty></" role "><" role "Acct><Id><IBAN>" iban               \
    "</IBAN></Id></" role "Acct>"
#define TX(amount, more) "<TxDtls><Amt Ccy=\"EUR\">" amount "</Amt>" more "</TxDtls>"

static void test_camt_details(void)
{
    const struct bank_entry *entry;

    CHECK_TEXT(parse_text(CAMT(NTRY(
                   "5.00", CRDT,
                   BOOKED "<NtryDtls>" TX(
                       "5.00",
                       "<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties>" PARTY(
                           "Dbtr", "L’ATELIER\n   PARTAGÉ", "FR1420041010050500013M02606")
                           PARTY("Cdtr", "NOUS",
                                 "FR7630006000011234567890189") "</"
                                                                "RltdPties><RmtInf><Ustrd>"
                                                                "COTISATION</Ustrd><Ustrd>2026</"
                                                                "Ustrd></RmtInf>") "</NtryDtls>"))),
               "");
    entry = &file.statements[0].entries[0];
    CHECK_TEXT(entry->counterparty_name, "L’ATELIER PARTAGÉ");
    CHECK_TEXT(entry->counterparty_iban, "FR1420041010050500013M02606");
    CHECK_TEXT(entry->remittance, "COTISATION 2026");
    CHECK(entry->end_to_end_id == NULL);
    CHECK_INT(entry->n_details, 1);
    /* A returned direct debit where the bank keeps the roles of the collection: we are the creditor
     * of both. */
    CHECK_TEXT(
        parse_text(CAMT(NTRY(
            "5.00", DBIT,
            BOOKED
            "<NtryDtls><TxDtls><RltdPties>" PARTY("Dbtr", "MEMBRE", "FR1420041010050500013M02606")
                PARTY("Cdtr", "NOUS",
                      "FR7630006000011234567890189") "</RltdPties><RtrInf><Rsn><Cd>AM04</Cd></"
                                                     "Rsn></RtrInf></TxDtls></NtryDtls>"))),
        "");
    entry = &file.statements[0].entries[0];
    CHECK_TEXT(entry->counterparty_name, "MEMBRE");
    CHECK_TEXT(entry->return_reason, "AM04");
    /* A batch: children with their own signs; a sum that differs is said. */
    CHECK_TEXT(
        parse_text(CAMT(NTRY("5.00", CRDT,
                             BOOKED "<NtryDtls>" TX("3.00", "<RmtInf><Ustrd>A</Ustrd></RmtInf>")
                                 TX("2.00", "<RmtInf><Ustrd>B</Ustrd></RmtInf>") "</NtryDtls>"))),
        "");
    entry = &file.statements[0].entries[0];
    CHECK_INT(entry->n_details, 2);
    CHECK_TEXT(entry->remittance, "A / B");
    CHECK(entry->counterparty_name == NULL);
    CHECK(!has_note(file.statements[0].notes, PROBLEM_BANK_NOTE_DETAILS));
    CHECK_TEXT(
        parse_text(CAMT(
            NTRY("5.00", CRDT, BOOKED "<NtryDtls>" TX("6.00", "") TX("1.00", DBIT) "</NtryDtls>"))),
        "");
    CHECK(!has_note(file.statements[0].notes, PROBLEM_BANK_NOTE_DETAILS));
    CHECK_INT(file.statements[0].entries[0].details[1].amount.minor, -100);
    CHECK_TEXT(parse_text(CAMT(NTRY(
                   "5.00", CRDT, BOOKED "<NtryDtls>" TX("6.00", "") TX("1.00", "") "</NtryDtls>"))),
               "");
    CHECK(has_note(file.statements[0].notes, PROBLEM_BANK_NOTE_DETAILS));
}

static void test_camt_balances(void)
{
    const struct bank_statement *statement;

    CHECK_TEXT(parse_text(CAMT(BALANCES("10.00", "15.01") NTRY("5.00", CRDT, BOOKED))), "");
    statement = &file.statements[0];
    CHECK_INT(statement->balanced, BANK_BALANCED_NO);
    CHECK(has_note(statement->notes, PROBLEM_BANK_NOTE_UNBALANCED));
    CHECK_TEXT(problem_sentence(&arena,
                                problem_text(PROBLEM_BANK_NOTE_UNBALANCED)->detail[LANGUAGE_EN],
                                statement->notes.items[0].args, LANGUAGE_EN, 2),
               "Opening 10.00 plus entries 5.00 is not the closing balance 15.01: the difference "
               "is 0.01. The statement "
               "was kept as the bank gives it.");
    CHECK_INT(statement->closing.amount.minor, 1501);
    /* An overdraft, a balance without a sign, balances of pages, the day before's. */
    CHECK_TEXT(parse_text(CAMT(BAL("PRCD", "10.00", DBIT, "2026-08-31") BAL(
                   "CLBD", "5.00", DBIT, "2026-09-30") NTRY("5.00", CRDT, BOOKED))),
               "");
    CHECK_INT(file.statements[0].balanced, BANK_BALANCED_YES);
    CHECK_TEXT(parse_text(CAMT(BAL("OPBD", "10.00", "", "2026-09-01") BAL(
                   "CLBD", "15.00", CRDT, "2026-09-30") NTRY("5.00", CRDT, BOOKED))),
               "");
    CHECK(has_note(file.statements[0].notes, PROBLEM_BANK_NOTE_BALANCE_SIGN));
    CHECK_TEXT(parse_text(CAMT(BAL("OPBD", "10.00", "", "2026-09-01") BAL(
                   "ITBD", "15.00", CRDT, "2026-09-30") NTRY("5.00", CRDT, BOOKED))),
               "");
    CHECK_INT(file.statements[0].balanced, BANK_BALANCED_YES);
    CHECK_TEXT(parse_text(CAMT(BAL("ITBD", "1.00", CRDT, "2026-09-01") BAL(
                   "ITBD", "6.00", CRDT, "2026-09-30") NTRY("5.00", CRDT, BOOKED))),
               "");
    CHECK_INT(file.statements[0].balanced, BANK_BALANCED_YES);
    CHECK_TEXT(
        parse_text(CAMT(BAL("PRCD", "9.00", CRDT, "2026-08-31") BALANCES("10.00", "15.00")
                            BAL("CLAV", "1.00", CRDT, "2026-09-30") NTRY("5.00", CRDT, BOOKED))),
        "");
    CHECK_INT(file.statements[0].balanced, BANK_BALANCED_YES);
    /* Undated entries of a statement of one day bear that day; of a longer one they are refused. */
    CHECK_TEXT(parse_text(CAMT(BAL("OPBD", "0.00", CRDT, "2026-09-30")
                                   BAL("CLBD", "5.00", CRDT, "2026-09-30") NTRY("5.00", CRDT, ""))),
               "");
    CHECK_TEXT(day(file.statements[0].entries[0].booked_on), "2026-09-30");
    CHECK(has_note(file.statements[0].notes, PROBLEM_BANK_NOTE_NO_DATE));
    CHECK_TEXT(parse_text(CAMT(BALANCES("0.00", "5.00") NTRY("5.00", CRDT, ""))),
               "bank_file.missing");
    /* Currencies of three, no and other digits. */
    CHECK_TEXT(parse_text(CAMT_IN(
                   NS "08", "<Acct><Id><Othr><Id>TN1</Id></Othr></Id><Ccy>TND</Ccy></"
                            "Acct><Ntry><Amt Ccy=\"TND\">1.2345</Amt>" CRDT BOOKED "</Ntry>")),
               "bank_file.precision");
    CHECK_TEXT(parse_text(CAMT_IN(
                   NS "08", "<Acct><Id><Othr><Id>TN1</Id></Othr></Id><Ccy>TND</Ccy></"
                            "Acct><Ntry><Amt Ccy=\"TND\">1.2340</Amt>" CRDT BOOKED "</Ntry>")),
               "");
    CHECK_INT(file.statements[0].entries[0].amount.minor, 1234);
    CHECK_TEXT(
        parse_text(CAMT_IN(
            NS "08",
            "<Acct><Id><Othr><Id>1</Id></Othr></Id></Acct><Ntry><Amt Ccy=\"JPY\">1200</Amt>" CRDT
                BOOKED "</Ntry>")),
        "");
    CHECK_INT(file.statements[0].entries[0].amount.minor, 1200);
    CHECK_TEXT(file.statements[0].currency, "JPY");
    CHECK_TEXT(parse_text(CAMT("<Ntry><Amt Ccy=\"USD\">3.00</Amt>" CRDT BOOKED
                               "</Ntry>" BALANCES("1.00", "1.00"))),
               "");
    CHECK(has_note(file.statements[0].notes, PROBLEM_BANK_NOTE_ENTRY_CURRENCY));
    CHECK_INT(file.statements[0].sum_in.minor, 0);
    CHECK_INT(file.statements[0].balanced, BANK_BALANCED_YES);
}

static void test_camt_refused(void)
{
    CHECK_TEXT(parse_text(CAMT("\n\n" NTRY("5.00", "", BOOKED))), "bank_file.missing");
    CHECK_TEXT(said(), "Line 3: Ntry is without CdtDbtInd.");
    CHECK_TEXT(parse_text(CAMT(NTRY("5.00", "<CdtDbtInd>C</CdtDbtInd>", BOOKED))),
               "bank_file.indicator");
    CHECK_TEXT(parse_text(CAMT(NTRY("5,0O", CRDT, BOOKED))), "bank_file.amount");
    CHECK_TEXT(parse_text(CAMT("<Ntry>" CRDT BOOKED "</Ntry>")), "bank_file.missing");
    CHECK_TEXT(parse_text(CAMT("<Ntry><Amt>5.00</Amt>" CRDT BOOKED "</Ntry>")),
               "bank_file.missing");
    CHECK_TEXT(parse_text(CAMT(NTRY("5.00", CRDT, "<BookgDt><Dt>2026-02-30</Dt></BookgDt>"))),
               "bank_file.date");
    CHECK_TEXT(parse_text(CAMT("<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp></Bal>")),
               "bank_file.missing");
    CHECK_TEXT(parse_text(CAMT_IN(NS "08", BALANCES("1.00", "1.00"))), "bank_file.missing");
    CHECK_TEXT(parse_text(CAMT_IN(NS "08", "<Acct><Id/></Acct>")), "bank_file.missing");
    CHECK_TEXT(parse_text(CAMT_IN(
                   NS "08", "<Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></Acct>")),
               "bank_file.missing");
    CHECK_TEXT(parse_text("<Document "
                          "xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.052.001.08\"><"
                          "BkToCstmrAcctRpt/></Document>"),
               "bank_file.camt_052");
    CHECK_TEXT(parse_text("<Document "
                          "xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.04\"><"
                          "BkToCstmrDbtCdtNtfctn/></Document>"),
               "bank_file.camt_054");
    CHECK_TEXT(parse_text("<Document "
                          "xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.03\"><"
                          "CstmrCdtTrfInitn/></Document>"),
               "bank_file.kind");
    CHECK_TEXT(
        said(),
        "The format of this file is XML (pain.001.001.03). Ask the bank for OFX or camt.053.");
    CHECK_TEXT(parse_text("<Document xmlns=\"" NS "08\"><BkToCstmrStmt/></Document>"),
               "bank_file.no_statement");
    CHECK_TEXT(parse_text("<a><b></a>"), "bank_file.xml");
    CHECK_TEXT(parse_text("<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>"), "bank_file.dtd");
    CHECK_TEXT(parse_text("<x>&a;</x>"), "bank_file.xml");
    CHECK_TEXT(parse_text("<!DOCTYPE html><html></html>"), "bank_file.html");
}

/* ---- whole files ---- */

static void test_kinds(void)
{
    CHECK_TEXT(parse_text(""), "bank_file.empty");
    CHECK_TEXT(parse_text(" \r\n \t"), "bank_file.empty");
    CHECK_TEXT(parse_text("bonjour"), "bank_file.unknown");
    /* The name of the file is the sender's own: it is quoted only as far as it is text. */
    problem_init(&problem, &arena);
    CHECK_INT(bank_file_parse(&arena, STR("bonjour"), "relev\xE9.csv", &file, &problem),
              RC_PROBLEM);
    CHECK_TEXT(problem.args[0], "?");
    problem_init(&problem, &arena);
    CHECK_INT(bank_file_parse(&arena, STR("bonjour"), "relevé\n.csv", &file, &problem), RC_PROBLEM);
    CHECK_TEXT(problem.args[0], "relevé .csv");
    CHECK_TEXT(parse_text("%PDF-1.4"), "bank_file.kind");
    CHECK_TEXT(parse_text("Date;Libell\xE9;Montant\n"), "bank_file.kind");
    CHECK_TEXT(parse(STR("\0\0\0")), "bank_file.unknown");
    CHECK_TEXT(parse(STR("<OFX>\0</OFX>")), "bank_file.encoding");
    CHECK_TEXT(parse(STR("<?xml version=\"1.0\"?>\n<Document>\n\0</Document>")),
               "bank_file.encoding");
    CHECK_TEXT(said(), "Line 3: the bytes are not text in the character set UTF-8.");
}

static void test_charsets(void)
{
    static const char UTF16_HEAD[] =
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>" CAMT("<AddtlStmtInf>\xE9</AddtlStmtInf>");
    char utf16[2 * sizeof(UTF16_HEAD)];
    size_t n = 2;

    memcpy(utf16, "\xFF\xFE", 2);
    for (size_t i = 0; i + 1 < sizeof(UTF16_HEAD); i++) {
        utf16[n++] = UTF16_HEAD[i];
        utf16[n++] = '\0';
    }
    CHECK_TEXT(parse((struct str){utf16, n}), "");
    CHECK_TEXT(file.encoding, "UTF-16");
    CHECK_TEXT(parse_text("\xEF\xBB\xBF" CAMT("")), "");
    CHECK_TEXT(parse_text("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" CAMT(
                   "<Ownr/>" NTRY("1.00", CRDT, BOOKED "<AddtlNtryInf>\xC9t\xE9</AddtlNtryInf>"))),
               "");
    CHECK_TEXT(file.statements[0].entries[0].remittance, "Été");
    CHECK_TEXT(parse_text("<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?>" CAMT(
                   NTRY("1.00", CRDT, BOOKED "<AddtlNtryInf>5 \xA4 b\xBDuf</AddtlNtryInf>"))),
               "");
    CHECK_TEXT(file.statements[0].entries[0].remittance, "5 € bœuf");
    CHECK_TEXT(parse_text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" CAMT(
                   NTRY("1.00", CRDT, BOOKED "<AddtlNtryInf>\x80 \xC9t\xE9</AddtlNtryInf>"))),
               "");
    CHECK_TEXT(file.statements[0].entries[0].remittance, "€ Été");
    CHECK(has_note(file.notes, PROBLEM_BANK_NOTE_ENCODING));
    CHECK_TEXT(
        parse_text("<?xml version=\"1.0\" encoding=\"Shift_JIS\"?>\n" CAMT("<x>\x83\x41</x>")),
        "bank_file.encoding");
    CHECK_TEXT(said(), "Line 2: the bytes are not text in the character set Shift_JIS.");
}

/* A download that broke off is refused wherever it broke off, never read as a shorter statement. */
static void test_truncation(void)
{
    static const char OFX_FILE[] = OFX(LINE_A LINE_B),
                      CAMT_FILE[] = CAMT(BALANCES("1.00", "6.00") NTRY("5.00", CRDT, BOOKED));
    const char *files[] = {OFX_FILE, CAMT_FILE};
    int read = 0, unsaid = 0;

    for (size_t f = 0; f < ARRAY_SIZE(files); f++)
        for (size_t n = 0; n < strlen(files[f]); n++) {
            const char *slug = parse((struct str){files[f], n});

            read += slug[0] == '\0';
            unsaid += n > sizeof(OFX_HEAD OFX_OPEN) && strcmp(slug, "bank_file.truncated") != 0;
        }
    CHECK_INT_NAMED(read, 0, "no truncated file is read");
    CHECK_INT_NAMED(unsaid, 0, "the message says that it is truncated");
    CHECK_TEXT(parse((struct str){OFX_FILE, strlen(OFX_FILE) - 90}), "bank_file.truncated");
}

static void test_limits(void)
{
    struct writer writer;

    writer_init(&writer, 64 * 1024 * 1024);
    writer_text(&writer, OFX_HEAD OFX_OPEN);
    for (int i = 0; i < BANK_ENTRIES_MAX; i++)
        writer_format(&writer, "<STMTTRN><DTPOSTED>20260903<TRNAMT>%d</STMTTRN>\n", i + 1);
    writer_text(&writer, OFX_CLOSE);
    CHECK_TEXT(parse((struct str){writer.data, writer.size}), "");
    CHECK_INT(file.statements[0].n_entries, BANK_ENTRIES_MAX);
    writer.size -= strlen(OFX_CLOSE);
    writer_text(&writer, LINE_A OFX_CLOSE);
    CHECK_TEXT(parse((struct str){writer.data, writer.size}), "bank_file.entries");
    writer_release(&writer);

    writer_init(&writer, 64 * 1024 * 1024);
    for (int i = 0; i <= BANK_DEPTH_MAX; i++)
        writer_text(&writer, "<a>");
    CHECK_TEXT(parse((struct str){writer.data, writer.size}), "bank_file.depth");
    writer_release(&writer);

    writer_init(&writer, 64 * 1024 * 1024);
    writer_text(&writer, "<OFX>");
    for (int i = 0; i <= BANK_DEPTH_MAX; i++)
        writer_text(&writer, "<STATUS>");
    CHECK_TEXT(parse((struct str){writer.data, writer.size}), "bank_file.depth");
    writer_release(&writer);

    writer_init(&writer, 64 * 1024 * 1024);
    while (writer.size <= BANK_FILE_BYTES_MAX)
        writer_text(&writer, "                                                                ");
    CHECK_TEXT(parse((struct str){writer.data, writer.size}), "bank_file.size");
    writer_release(&writer);

    writer_init(&writer, 64 * 1024 * 1024);
    writer_text(&writer, "<Document xmlns=\"" NS "08\"><BkToCstmrStmt>");
    for (int i = 0; i <= BANK_STATEMENTS_MAX; i++)
        writer_text(&writer, "<Stmt>" ACCT "</Stmt>");
    writer_text(&writer, "</BkToCstmrStmt></Document>");
    CHECK_TEXT(parse((struct str){writer.data, writer.size}), "bank_file.statements");
    writer_release(&writer);

    writer_init(&writer, 64 * 1024 * 1024);
    writer_text(&writer, OFX_HEAD OFX_OPEN "<STMTTRN><DTPOSTED>20260903<TRNAMT>1<MEMO>");
    for (int i = 0; i < BANK_TEXT_MAX; i++)
        writer_text(&writer, "é");
    writer_text(&writer, "</STMTTRN>" OFX_CLOSE);
    CHECK_TEXT(parse((struct str){writer.data, writer.size}), "");
    CHECK_INT(strlen(file.statements[0].entries[0].remittance), BANK_TEXT_MAX);
    CHECK(has_note(file.notes, PROBLEM_BANK_NOTE_TEXT_CUT));
    writer_release(&writer);
}

/* Whatever allocation fails, the answer is a problem and nothing leaks. */
static void test_memory(void)
{
    static const char FILE_TEXT[] = CAMT(BALANCES("1.00", "6.00") NTRY(
        "5.00", CRDT,
        BOOKED "<NtryDtls>" TX("5.00", "<RmtInf><Ustrd>x</Ustrd></RmtInf>") "</NtryDtls>"));
    int others = 0, memory = 0;

    for (size_t limit = 0; limit < 20000; limit += 16) {
        enum rc rc;

        arena_free(&arena);
        arena_init(&arena, limit);
        problem_init(&problem, &arena);
        rc = bank_file_parse(&arena, str_of(FILE_TEXT), NULL, &file, &problem);
        memory += rc == RC_PROBLEM && problem.code == PROBLEM_BANK_FILE_MEMORY;
        others += rc == RC_PROBLEM && problem.code != PROBLEM_BANK_FILE_MEMORY;
    }
    CHECK_INT(others, 0);
    CHECK(memory > 10);
}

/* ---- fingerprints ---- */

enum { KEPT_MAX = 16 };

struct kept {
    char prints[KEPT_MAX][SHA256_HEX_SIZE];
    size_t n;
};

/* Adds what the file last parsed brings; answers how many are new. */
static size_t keep(struct kept *kept)
{
    size_t added = 0;

    for (size_t s = 0; s < file.n_statements; s++)
        for (size_t i = 0; i < file.statements[s].n_entries; i++) {
            const char *print = file.statements[s].entries[i].fingerprint;
            bool known = false;

            for (size_t k = 0; k < kept->n; k++)
                known = known || strcmp(kept->prints[k], print) == 0;
            if (!known && kept->n < KEPT_MAX) {
                memcpy(kept->prints[kept->n++], print, SHA256_HEX_SIZE);
                added++;
            }
        }
    return added;
}

#define DUES(fitid)                                                                                \
    "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260903<TRNAMT>50<FITID>" fitid                            \
    "<NAME>VIR DUPONT<MEMO>COTISATION</STMTTRN>"
#define ENTRY(reference, text)                                                                     \
    NTRY("5.00", CRDT,                                                                             \
         BOOKED "<AcctSvcrRef>" reference "</AcctSvcrRef><AddtlNtryInf>" text "</AddtlNtryInf>")

static void test_fingerprints(void)
{
    struct kept kept = {.n = 0};

    CHECK_TEXT(parse_text(OFX(DUES("1") DUES("2") LINE_B)), "");
    CHECK_INT_NAMED(keep(&kept), 3, "two equal payments on a day are two");
    CHECK_INT_NAMED(keep(&kept), 0, "the same file adds nothing");
    CHECK_TEXT(parse_text(OFX(LINE_B DUES("7") DUES("8"))), "");
    CHECK_INT_NAMED(keep(&kept), 0, "another order and other FITIDs add nothing");
    CHECK_TEXT(parse_text(OFX(DUES("") LINE_B)), "");
    CHECK_INT_NAMED(keep(&kept), 0, "an overlapping file without FITIDs adds nothing");
    CHECK_TEXT(parse_text(OFX(DUES("1") DUES("1") DUES("1") LINE_B)), "");
    CHECK_INT_NAMED(keep(&kept), 1, "a third equal payment is new, though FITIDs repeat");
    CHECK_TEXT(parse_text(OFX("<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260903<TRNAMT>+50,00<NAME>Vir  "
                              "dupont<MEMO>cotisation</STMTTRN>")),
               "");
    CHECK_INT_NAMED(keep(&kept), 0, "capitals and spaces do not make another line");
    CHECK_TEXT(
        parse_text(
            OFX("<STMTTRN><DTPOSTED>20260904<TRNAMT>50<NAME>VIR DUPONT<MEMO>COTISATION</STMTTRN>")),
        "");
    CHECK_INT_NAMED(keep(&kept), 1, "another day is another line");
    CHECK_TEXT(
        parse_text(OFX(
            "<STMTTRN><DTPOSTED>20260903<TRNAMT>-50<NAME>VIR DUPONT<MEMO>COTISATION</STMTTRN>")),
        "");
    CHECK_INT_NAMED(keep(&kept), 1, "the other sign is another line");

    kept.n = 0;
    CHECK_TEXT(parse_text(CAMT(ENTRY("R1", "a") ENTRY("R2", "a"))), "");
    CHECK_INT_NAMED(keep(&kept), 2, "two references are two lines");
    CHECK_TEXT(parse_text(CAMT(ENTRY("R2", "reworded") ENTRY("R1", "by the bank"))), "");
    CHECK_INT_NAMED(keep(&kept), 0, "the bank's reference outlives its words");
    CHECK_TEXT(parse_text(CAMT(ENTRY("NONREF", "a") ENTRY("NONREF", "b"))), "");
    CHECK_INT_NAMED(keep(&kept), 2, "no reference: the words tell them apart");
    CHECK_TEXT(parse_text(CAMT(ENTRY("NONREF", "b") ENTRY("NONREF", "a"))), "");
    CHECK_INT(keep(&kept), 0);
}

int main(void)
{
    test_ofx_shapes();
    test_ofx_texts();
    test_ofx_refused();
    test_ofx_card();
    test_camt_shapes();
    test_camt_details();
    test_camt_balances();
    test_camt_refused();
    test_kinds();
    test_charsets();
    test_truncation();
    test_limits();
    test_memory();
    test_fingerprints();
    arena_free(&arena);
    return check_done();
}
