/* The journal for hledger and ledger: what is written, and that no text of ours can be taken for
 * the format's own signs. */
#include "formats/ledger_journal.h"
#include "lib/check.h"

static struct writer out;

static struct ledger_journal begin(const char *currency, int digits)
{
    struct ledger_journal journal;
    writer_release(&out);
    writer_init(&out, 1 << 20);
    ledger_journal_begin(&journal, &out, str_of(currency), digits, STR("books; of 2026"));
    return journal;
}

static const char *text(void)
{
    writer_char(&out, '\0');
    return out.failed ? "failed" : out.data;
}

static const struct ledger_journal_line plain = {.entry_id = {"e1", 2},
                                                 .date = {"2026-03-04", 10},
                                                 .journal = {"BQ", 2},
                                                 .number = {"12", 2},
                                                 .label = {"Cotisation", 10},
                                                 .account = {"512", 3},
                                                 .title = {"Banques", 7},
                                                 .amount = {5005},
                                                 .fund = {"Fonctionnement", 14}};

static void whole_journal(void)
{
    struct ledger_journal journal = begin("EUR", 2);
    ledger_journal_account(&journal, STR("512"), STR("Banques"));
    struct ledger_journal_line line = plain;
    ledger_journal_line(&journal, &line);
    line.account = STR("7561");
    line.title = STR("Cotisations sans contrepartie");
    line.amount.minor = -5005;
    line.member = STR("7");
    ledger_journal_line(&journal, &line);
    line = plain;
    line.entry_id = STR("e2");
    line.number = STR("13");
    line.reverses = STR("e1");
    line.reason = STR("twice");
    line.amount.minor = 1;
    ledger_journal_line(&journal, &line);
    CHECK_TEXT(
        text(),
        "; books, of 2026\n\ncommodity EUR\n    format 1000.00 EUR\n\n"
        "tag entry\ntag reverses\ntag reason\ntag fund\ntag project\ntag member\ntag label\n\n"
        "account 512 Banques\n"
        "\n2026-03-04 * (BQ-12) Cotisation\n    ; entry: e1\n"
        "    512 Banques  50.05 EUR\n    ; fund: Fonctionnement\n"
        "    7561 Cotisations sans contrepartie  -50.05 EUR\n    ; fund: Fonctionnement\n    ; "
        "member: 7\n"
        "\n2026-03-04 * (BQ-13) Cotisation\n    ; entry: e2\n    ; reverses: e1\n    ; reason: "
        "twice\n"
        "    512 Banques  0.01 EUR\n    ; fund: Fonctionnement\n");
}

static void currency_without_decimals(void)
{
    begin("JPY", 0);
    CHECK(strstr(text(), "commodity JPY\n\ntag") != NULL);
}

/* The line that a label, an account's title or a fund's name ends up in. */
static void check_label(const char *label, const char *want, const char *name)
{
    struct ledger_journal journal = begin("EUR", 2);
    struct ledger_journal_line line = plain;
    line.label = str_of(label);
    ledger_journal_line(&journal, &line);
    CHECK_NAMED(strstr(text(), want) != NULL, name);
}

static void check_title(const char *title, const char *want, const char *name)
{
    struct ledger_journal journal = begin("EUR", 2);
    struct ledger_journal_line line = plain;
    line.title = str_of(title);
    ledger_journal_line(&journal, &line);
    CHECK_NAMED(strstr(text(), want) != NULL, name);
}

static void check_fund(const char *fund, const char *want, const char *name)
{
    struct ledger_journal journal = begin("EUR", 2);
    struct ledger_journal_line line = plain;
    line.fund = str_of(fund);
    ledger_journal_line(&journal, &line);
    CHECK_NAMED(strstr(text(), want) != NULL, name);
}

int main(void)
{
    whole_journal();
    currency_without_decimals();
    check_label("a ; b | c", ") a , b / c\n", "no comment and no note in a description");
    check_label("two\nlines\tand   spaces ", ") two lines and spaces\n", "one line, single spaces");
    check_label(" \n ", ") -\n", "something stands where nothing is left");
    check_title("Avances : à  recevoir; x", "    512 Avances - à recevoir, x  50.05 EUR\n",
                "no division and no end within an account");
    check_fund("A, b; [2026-01-01] c:d", "    ; fund: A b (2026-01-01) c-d\n",
               "a tag's value stays one");
    writer_release(&out);
    return check_done();
}
