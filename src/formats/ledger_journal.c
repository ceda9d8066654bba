#include "formats/ledger_journal.h"

/* What each place of the format would take for its own signs becomes the nearest harmless one. */
enum place {
    IN_ACCOUNT,     /* ':' divides, ';' begins a comment after spaces */
    IN_DESCRIPTION, /* ';' begins a comment, '|' divides the payee from the note */
    IN_TAG          /* ',' ends hledger's tags, ':' begins another, "[...]" is a date */
};

static char harmless(enum place place, char c)
{
    switch (place) {
    case IN_ACCOUNT:
        return c == ':' ? '-' : c == ';' ? ',' : c;
    case IN_DESCRIPTION:
        return c == '|' ? '/' : c == ';' ? ',' : c;
    case IN_TAG:
        return c == ':' ? '-' : c == ';' || c == ',' ? ' ' : c == '[' ? '(' : c == ']' ? ')' : c;
    }
    ASSERT(false && "a place of the format");
    return c;
}

/* One line without doubled spaces: two spaces end an account's name. */
static void write_text(struct writer *out, enum place place, struct str text)
{
    bool space = true; /* none at the beginning */
    size_t kept = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c =
            (unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f ? ' ' : harmless(place, text.p[i]);
        if (c == ' ') {
            space = kept > 0;
            continue;
        }
        if (space && kept > 0)
            writer_char(out, ' ');
        space = false;
        writer_char(out, c);
        kept++;
    }
    if (kept == 0)
        writer_char(out, '-');
}

/* Declared at the beginning for strict readers. */
enum tag { TAG_ENTRY, TAG_REVERSES, TAG_REASON, TAG_FUND, TAG_PROJECT, TAG_MEMBER, TAG_LABEL };
static const char *const tags[] = {"entry",   "reverses", "reason", "fund",
                                   "project", "member",   "label"};

static void write_tag(struct writer *out, enum tag tag, struct str value)
{
    if (value.n == 0)
        return;
    writer_format(out, "    ; %s: ", tags[tag]);
    write_text(out, IN_TAG, value);
    writer_char(out, '\n');
}

static void write_account(struct writer *out, struct str number, struct str title)
{
    writer_str(out, number);
    writer_char(out, ' ');
    write_text(out, IN_ACCOUNT, title);
}

void ledger_journal_begin(struct ledger_journal *journal, struct writer *out, struct str currency,
                          int digits, struct str heading)
{
    ASSERT(digits >= 0 && digits <= MONEY_DIGITS_MAX);
    *journal = (struct ledger_journal){.out = out, .currency = currency, .digits = digits};
    writer_text(out, "; ");
    write_text(out, IN_DESCRIPTION, heading);
    writer_text(out, "\n\ncommodity ");
    writer_str(out, currency);
    writer_char(out, '\n');
    if (digits > 0) { /* without decimals hledger wants a decimal mark here and ledger wants none */
        writer_format(out, "    format 1000.%.*s ", digits, "0000");
        writer_str(out, currency);
        writer_char(out, '\n');
    }
    writer_char(out, '\n');
    for (size_t i = 0; i < ARRAY_SIZE(tags); i++)
        writer_format(out, "tag %s\n", tags[i]);
    writer_char(out, '\n');
}

void ledger_journal_account(struct ledger_journal *journal, struct str number, struct str title)
{
    writer_text(journal->out, "account ");
    write_account(journal->out, number, title);
    writer_char(journal->out, '\n');
}

static void write_head(struct ledger_journal *journal, const struct ledger_journal_line *line)
{
    struct writer *out = journal->out;
    ASSERT(line->entry_id.n < sizeof journal->entry_id);
    memcpy(journal->entry_id, line->entry_id.p, line->entry_id.n);
    journal->entry_id[line->entry_id.n] = 0;
    writer_char(out, '\n');
    writer_str(out, line->date);
    writer_text(out, " * (");
    writer_str(out, line->journal);
    writer_char(out, '-');
    writer_str(out, line->number);
    writer_text(out, ") ");
    write_text(out, IN_DESCRIPTION, line->label);
    writer_char(out, '\n');
    write_tag(out, TAG_ENTRY, line->entry_id);
    write_tag(out, TAG_REVERSES, line->reverses);
    write_tag(out, TAG_REASON, line->reason);
}

void ledger_journal_line(struct ledger_journal *journal, const struct ledger_journal_line *line)
{
    struct writer *out = journal->out;
    char amount[MONEY_TEXT_MAX];
    if (!str_is(line->entry_id, journal->entry_id))
        write_head(journal, line);
    writer_text(out, "    ");
    write_account(out, line->account, line->title);
    writer_format(out, "  %s ", money_format(line->amount, journal->digits, amount));
    writer_str(out, journal->currency);
    writer_char(out, '\n');
    write_tag(out, TAG_FUND, line->fund);
    write_tag(out, TAG_PROJECT, line->project);
    write_tag(out, TAG_MEMBER, line->member);
    write_tag(out, TAG_LABEL, line->line_label);
}
