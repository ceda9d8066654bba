/* grenier demo: the invented network, entered as its treasurer would, by requests to the API in
 * this process.
 *
 * Each request carries an idempotency key made from itself, and all are sent with one token, kept
 * in app.instance_setting until the end: a demonstration whose making was cut off goes on where it
 * stood, and one that is whole is left alone. */
#include "grenier/demo.h"

#include "api/api.h"
#include "base/crypto.h"
#include "base/date.h"
#include "base/identifier.h"
#include "base/json.h"
#include "base/money.h"
#include "base/text.h"
#include "common/embedded.h"
#include "db/migrate.h"
#include "grenier/command.h"
#include "grenier/demo_data.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    REPLY_ARENA = 16 * 1024 * 1024,
    BODY_MAX = 256 * 1024,
    LINES_MAX = 128,
    IDS_MAX = 64,
    DEPOSIT_DAY = 26, /* of a month's cheques */
    BANK_CODE = 99999,
    BRANCH = 1,
    NUMBER_MAX = 32
};

#define DEMO_NAME    "Réseau de la coopération (démonstration)"
#define ORGANISATION "/api/v1/organisations/" DEMO_SLUG
#define ACCOUNT      INT64_C(10000000042)
#define SETTING      "demo_token"
#define ACCOUNT_NAME "Compte courant"

const struct option demo_options[] = {OPTION_DATA_DIR, OPTION_DATABASE_URL, {.type = OPTION_END}};

/* A line of the bank's statement, and what it will be matched with. */
struct bank_line {
    struct date date;
    int64_t amount;
    const char *name, *memo;
    const char *kind, *category; /* to create; kind NULL: contributions, or nothing */
    char ids[IDS_MAX * 39];      /* JSON list of contributions; "" when there is none */
    bool is_left;                /* for the visitor to match */
};

struct demo {
    struct session *session;
    struct api *api;
    struct http_app app;
    struct http_limits limits;
    void *worker;
    char token[SECRET_TEXT_SIZE];
    struct date today, month; /* the first day of the month that runs */
    struct arena arena;       /* what must last to the end: ids, texts */
    struct problem problem;
    bool failed;
    const char *members[DEMO_MEMBERS];
    struct bank_line lines[LINES_MAX];
    size_t n_lines;
    struct writer body;
};

/* ------------------------------------------------------------------------------------------------------------------
 * Requests
 * -----------------------------------------------------------------------------------------------
 */

static void refuse(struct demo *demo, const char *path, const struct http_exchange *exchange)
{
    demo->failed = true;
    say_error("the demonstration cannot be made: %s answered %d: %.*s",
              "la démonstration n’a pas pu être créée : %s a répondu %d : %.*s", path,
              exchange->reply.status,
              (int)(exchange->reply.body.size < 2000 ? exchange->reply.body.size : 2000),
              exchange->reply.body.data);
}

/* The same request has the same key whenever it is sent. */
static void request_key(const struct demo *demo, const char *path,
                        char ret_key[static SHA256_HEX_SIZE])
{
    unsigned char digest[SHA256_SIZE];
    struct sha256 *sha = sha256_new();

    sha256_add(sha, path, strlen(path) + 1);
    sha256_add(sha, demo->body.data, demo->body.size);
    sha256_finish(sha, digest);
    crypto_hex(digest, sizeof(digest), ret_key);
}

/* Sends demo->body (emptied afterwards) and answers the reply, in the demo's arena; NULL once
 * anything failed. */
static const struct json *ask(struct demo *demo, const char *method, const char *path,
                              const char *type, const char *if_match)
{
    struct http_exchange *exchange;
    const struct json *json = NULL;
    char key[SHA256_HEX_SIZE], bearer[80];
    bool is_write = strcmp(method, "GET") != 0;

    if (demo->failed)
        return NULL;
    exchange = calloc(1, sizeof(*exchange));
    ASSERT(exchange != NULL && !demo->body.failed);
    http_exchange_init(exchange, &demo->limits);
    request_key(demo, path, key);
    snprintf(bearer, sizeof(bearer), "Bearer %s", demo->token);
    bool known = http_exchange_target(exchange, str_of(method), str_of(path));
    ASSERT(known);
    http_exchange_header(exchange, STR("Authorization"), str_of(bearer));
    http_exchange_header(exchange, STR("Host"), STR("127.0.0.1"));
    if (is_write) {
        http_exchange_header(exchange, STR("Idempotency-Key"), str_of(key));
        http_exchange_header(exchange, STR("Content-Type"), str_of(type));
    }
    if (if_match != NULL)
        http_exchange_header(exchange, STR("If-Match"), str_of(if_match));
    http_exchange_run(exchange, &demo->app, &demo->limits, NULL, demo->worker,
                      (struct str){demo->body.data, demo->body.size});
    if (exchange->reply.status < 200 || exchange->reply.status > 299 ||
        json_parse(&demo->arena, (struct str){exchange->reply.body.data, exchange->reply.body.size},
                   &json, &demo->problem) != RC_OK)
        refuse(demo, path, exchange);
    if (exchange->app_request != NULL && demo->app.release != NULL)
        demo->app.release(demo->app.data, exchange);
    http_exchange_release(exchange);
    free(exchange);
    writer_release(&demo->body);
    writer_init(&demo->body, BODY_MAX);
    return demo->failed ? NULL : json;
}

static const struct json *post(struct demo *demo, const char *path)
{
    return ask(demo, "POST", path, "application/json", NULL);
}

/* One member of the body that is being written; nothing for NULL. The first one follows the brace.
 */
static void member(struct demo *demo, const char *name, const char *value)
{
    char last = demo->body.size == 0 ? '\0' : demo->body.data[demo->body.size - 1];

    if (value == NULL)
        return;
    writer_format(&demo->body, "%s\"%s\":", last == '{' ? "" : ",", name);
    writer_json_string(&demo->body, str_of(value));
}

/* ------------------------------------------------------------------------------------------------------------------
 * Dates and invented numbers
 * -----------------------------------------------------------------------------------------------
 */

static struct date months_before(struct date month, int ago)
{
    int index = month.year * 12 + month.month - 1 - ago;

    return (struct date){index / 12, index % 12 + 1, 1};
}

/* The day `day` of the month `ago` months before this one; false when it is still to come. */
static bool day_of(const struct demo *demo, int ago, int day, struct date *ret_date)
{
    *ret_date = months_before(demo->month, ago);
    ret_date->day = day;
    return date_compare(*ret_date, demo->today) <= 0;
}

/* The digit that makes the whole number pass Luhn's test. */
static char luhn_digit(const char *digits)
{
    int sum = 0;
    size_t n = strlen(digits);

    for (size_t i = 0; i < n; i++) {
        int digit = digits[n - 1 - i] - '0';

        if (i % 2 == 0)
            digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return (char)('0' + (10 - sum % 10) % 10);
}

/* A SIRET that passes its test and that nobody has: the register gives no number beginning with
 * 000. */
static void invent_siret(int index, char ret_siret[static NUMBER_MAX])
{
    snprintf(ret_siret, NUMBER_MAX, "0000%04d", index + 1);
    ret_siret[8] = luhn_digit(ret_siret);
    snprintf(ret_siret + 9, NUMBER_MAX - 9, "0001");
    ret_siret[13] = luhn_digit(ret_siret);
    ret_siret[14] = '\0';
}

static int mod_97(const char *digits)
{
    int rest = 0;

    for (; *digits != '\0'; digits++)
        rest = (rest * 10 + (*digits - '0')) % 97;
    return rest;
}

/* The key of a French account number (RIB), then the IBAN of it, at a bank that does not exist. */
static int rib_key(int64_t account)
{
    return (int)(97 - (89 * (int64_t)BANK_CODE + 15 * (int64_t)BRANCH + 3 * account) % 97);
}

static void invent_iban(int64_t account, char ret_iban[static IBAN_SIZE])
{
    char bban[24], digits[32];

    snprintf(bban, sizeof(bban), "%05d%05d%011" PRId64 "%02d", BANK_CODE, BRANCH, account,
             rib_key(account));
    snprintf(digits, sizeof(digits), "%s152700", bban); /* F = 15, R = 27 */
    snprintf(ret_iban, IBAN_SIZE, "FR%02d%s", 98 - mod_97(digits), bban);
}

/* ------------------------------------------------------------------------------------------------------------------
 * Members, funds, money in
 * -----------------------------------------------------------------------------------------------
 */

static bool has_siret(const struct demo_member *row)
{
    return strcmp(row->legal_form, "elected_official") != 0 &&
           strcmp(row->legal_form, "person") != 0;
}

static void make_members(struct demo *demo)
{
    for (int i = 0; i < DEMO_MEMBERS && !demo->failed; i++) {
        const struct demo_member *row = &demo_members[i];
        char siret[NUMBER_MAX], iban[IBAN_SIZE];
        const struct json *reply;

        writer_char(&demo->body, '{');
        member(demo, "name", row->name);
        member(demo, "legal_form", row->legal_form);
        member(demo, "joined_on", row->joined_on);
        member(demo, "street", row->street);
        member(demo, "postal_code", row->postal_code);
        member(demo, "city", row->city);
        member(demo, "email", row->email);
        member(demo, "contact_name", row->contact);
        member(demo, "contact_role", row->role);
        if (has_siret(row)) {
            invent_siret(i, siret);
            member(demo, "siret", siret);
        }
        invent_iban(10000001000 + i, iban);
        member(demo, "iban", iban);
        writer_char(&demo->body, '}');
        reply = post(demo, ORGANISATION "/members");
        demo->members[i] = json_get_text(reply, "id");
    }
}

/* The solidarity fund keeps a floor; two projects. */
static void make_settings(struct demo *demo)
{
    static const char *const projects[][2] = {{"Achats groupés", "ACHATS"},
                                              {"Fête de la coopération", "FETE"}};
    const struct json *funds = ask(demo, "GET", ORGANISATION "/funds", NULL, NULL);
    const struct json *item = json_get(funds, "items");

    for (item = item == NULL ? NULL : item->first; item != NULL; item = item->next) {
        const struct json *version = json_get(item, "version");
        char path[160], tag[32];

        if (strcmp(json_get_text(item, "kind"), "solidarity") != 0 || version == NULL ||
            version->integer != 1)
            continue;
        snprintf(path, sizeof(path), ORGANISATION "/funds/%s", json_get_text(item, "id"));
        snprintf(tag, sizeof(tag), "\"v%" PRId64 "\"", version->integer);
        writer_text(&demo->body, "{\"floor\":\"2000.00\"}");
        ask(demo, "PATCH", path, "application/json", tag);
    }
    for (size_t i = 0; i < ARRAY_SIZE(projects); i++) {
        writer_char(&demo->body, '{');
        member(demo, "name", projects[i][0]);
        member(demo, "code", projects[i][1]);
        writer_char(&demo->body, '}');
        post(demo, ORGANISATION "/projects");
    }
}

/* A line of the statement. `contribution` joins the line's list. */
static struct bank_line *add_line(struct demo *demo, struct date date, int64_t amount,
                                  const char *name, const char *memo)
{
    struct bank_line *line = &demo->lines[demo->n_lines++];

    ASSERT(demo->n_lines <= LINES_MAX);
    *line = (struct bank_line){.date = date, .amount = amount, .name = name, .memo = memo};
    return line;
}

static void join_contribution(struct bank_line *line, const char *id)
{
    size_t used = strlen(line->ids);

    snprintf(line->ids + used, sizeof(line->ids) - used, "%s\"%s\"", used == 0 ? "" : ",", id);
}

static int64_t minor_of(const char *amount)
{
    struct money money = {0};
    enum money_fault fault = money_parse(str_of(amount), 2, &money);

    ASSERT(fault == MONEY_OK);
    return money.minor;
}

/* What the bank will say of a receipt: a transfer at once, a cheque within its month's deposit. */
static void expect_receipt(struct demo *demo, const struct demo_receipt *row, struct date date,
                           const char *id)
{
    struct date deposit;

    if (strcmp(row->means, "transfer") == 0) {
        char *name = arena_printf(&demo->arena, "VIR SEPA %s",
                                  text_fold(&demo->arena, str_of(demo_members[row->member].name)));
        struct bank_line *line = add_line(demo, date, minor_of(row->amount), name,
                                          strcmp(row->nature, "dues") == 0 ? "COTISATION ANNUELLE"
                                                                           : "FONDS DE SOLIDARITE");

        join_contribution(line, id);
        line->is_left = row->ago == 0;
    } else if (strcmp(row->means, "cheque") == 0 && day_of(demo, row->ago, DEPOSIT_DAY, &deposit)) {
        for (size_t i = 0; i < demo->n_lines; i++)
            if (demo->lines[i].memo != NULL && strcmp(demo->lines[i].memo, "BORDEREAU") == 0 &&
                date_compare(demo->lines[i].date, deposit) == 0) {
                demo->lines[i].amount += minor_of(row->amount);
                join_contribution(&demo->lines[i], id);
                return;
            }
        join_contribution(
            add_line(demo, deposit, minor_of(row->amount), "REMISE DE CHEQUES", "BORDEREAU"), id);
    }
}

static void make_receipts(struct demo *demo)
{
    for (const struct demo_receipt *row = demo_receipts; row->amount != NULL && !demo->failed;
         row++) {
        const struct json *reply;
        struct date date;
        char text[DATE_TEXT_MAX];

        if (!day_of(demo, row->ago, row->day, &date))
            continue;
        writer_char(&demo->body, '{');
        if (row->member >= 0) {
            member(demo, "member_id", demo->members[row->member]);
        } else {
            writer_text(&demo->body, "\"donor\":{");
            member(demo, "name", row->donor);
            member(demo, "legal_form", row->donor_form);
            writer_char(&demo->body, '}');
        }
        member(demo, "amount", row->amount);
        member(demo, "received_on", date_format(date, text));
        member(demo, "means", row->means);
        member(demo, "nature", row->nature);
        member(demo, "label", row->label);
        writer_char(&demo->body, '}');
        reply = post(demo, ORGANISATION "/contributions");
        if (reply != NULL)
            expect_receipt(demo, row, date, json_get_text(reply, "id"));
    }
}

/* Hours given count too, apart from money. */
static void make_in_kind(struct demo *demo)
{
    static const struct {
        int ago, day, member;
        const char *kind, *value, *hours, *label;
    } gifts[] = {
        {7, 20, 3, "volunteer_time", "360.00", "24", "Animation de la journée du fonds"},
        {4, 12, 12, "premises", "150.00", NULL, "Salle prêtée pour l’assemblée"},
        {2, 9, 10, "services", "240.00", NULL, "Mise en page du rapport"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(gifts); i++) {
        struct date date;
        char text[DATE_TEXT_MAX];

        if (!day_of(demo, gifts[i].ago, gifts[i].day, &date))
            continue;
        writer_char(&demo->body, '{');
        member(demo, "member_id", demo->members[gifts[i].member]);
        member(demo, "kind", gifts[i].kind);
        member(demo, "value", gifts[i].value);
        member(demo, "given_on", date_format(date, text));
        member(demo, "hours", gifts[i].hours);
        member(demo, "label", gifts[i].label);
        writer_char(&demo->body, '}');
        post(demo, ORGANISATION "/in-kind-contributions");
    }
}

/* ------------------------------------------------------------------------------------------------------------------
 * The bank
 * -----------------------------------------------------------------------------------------------
 */

static void expect_bank_lines(struct demo *demo)
{
    for (const struct demo_bank_line *row = demo_bank_lines; row->amount != NULL; row++)
        for (int ago = row->ago < 0 ? DEMO_MONTHS : row->ago; ago >= (row->ago < 0 ? 0 : row->ago);
             ago--) {
            struct bank_line *line;
            struct date date;

            if (!day_of(demo, ago, row->day, &date))
                continue;
            line = add_line(demo, date, minor_of(row->amount), row->name, row->memo);
            line->kind = row->kind;
            line->category = row->category;
            line->is_left = row->kind == NULL || ago == 0;
        }
}

static int compare_lines(const void *a, const void *b)
{
    const struct bank_line *one = a, *two = b;
    int order = date_compare(one->date, two->date);

    if (order == 0)
        order = (one->amount > two->amount) - (one->amount < two->amount);
    return order;
}

static void write_ofx_date(struct writer *out, const char *tag, struct date date)
{
    writer_format(out, "<%s>%04d%02d%02d\r\n", tag, date.year, date.month, date.day);
}

/* The statement as a bank writes it: OFX 1.x, tags unclosed, no accents. */
static void write_ofx(struct demo *demo)
{
    struct writer *out = &demo->body;
    char text[MONEY_TEXT_MAX];
    int64_t balance = 0;

    writer_text(
        out, "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nSECURITY:NONE\r\nENCODING:USASCII\r\n"
             "CHARSET:1252\r\nCOMPRESSION:NONE\r\nOLDFILEUID:NONE\r\nNEWFILEUID:NONE\r\n\r\n"
             "<OFX>\r\n<SIGNONMSGSRSV1>\r\n<SONRS>\r\n<STATUS>\r\n<CODE>0\r\n<SEVERITY>INFO\r\n</"
             "STATUS>\r\n");
    write_ofx_date(out, "DTSERVER", demo->today);
    writer_text(out, "<LANGUAGE>FRA\r\n</SONRS>\r\n</"
                     "SIGNONMSGSRSV1>\r\n<BANKMSGSRSV1>\r\n<STMTTRNRS>\r\n<TRNUID>1\r\n"
                     "<STATUS>\r\n<CODE>0\r\n<SEVERITY>INFO\r\n</"
                     "STATUS>\r\n<STMTRS>\r\n<CURDEF>EUR\r\n<BANKACCTFROM>\r\n");
    writer_format(out,
                  "<BANKID>%05d\r\n<BRANCHID>%05d\r\n<ACCTID>%011" PRId64
                  "\r\n<ACCTTYPE>CHECKING\r\n<ACCTKEY>%02d\r\n",
                  BANK_CODE, BRANCH, ACCOUNT, rib_key(ACCOUNT));
    writer_text(out, "</BANKACCTFROM>\r\n<BANKTRANLIST>\r\n");
    write_ofx_date(out, "DTSTART", months_before(demo->month, DEMO_MONTHS));
    write_ofx_date(out, "DTEND", demo->today);
    for (size_t i = 0; i < demo->n_lines; i++) {
        const struct bank_line *line = &demo->lines[i];

        balance += line->amount;
        writer_format(out, "<STMTTRN>\r\n<TRNTYPE>%s\r\n", line->amount > 0 ? "CREDIT" : "DEBIT");
        write_ofx_date(out, "DTPOSTED", line->date);
        writer_format(
            out, "<TRNAMT>%s\r\n<FITID>DEMO%06zu\r\n<NAME>%.32s\r\n<MEMO>%s\r\n</STMTTRN>\r\n",
            money_format((struct money){line->amount}, 2, text), i + 1, line->name, line->memo);
    }
    writer_text(out, "</BANKTRANLIST>\r\n<LEDGERBAL>\r\n");
    writer_format(out, "<BALAMT>%s\r\n", money_format((struct money){balance}, 2, text));
    write_ofx_date(out, "DTASOF", demo->today);
    writer_text(out, "</LEDGERBAL>\r\n</STMTRS>\r\n</STMTTRNRS>\r\n</BANKMSGSRSV1>\r\n</OFX>\r\n");
}

static const struct json *only_account(struct demo *demo)
{
    const struct json *items =
        json_get(ask(demo, "GET", ORGANISATION "/bank-accounts", NULL, NULL), "items");

    return items == NULL ? NULL : items->first;
}

/* The account that the statement made: confirmed, and called what people call it. */
static void settle_account(struct demo *demo)
{
    const struct json *account = only_account(demo), *version;
    char path[160], tag[32];

    if (account == NULL)
        return;
    snprintf(path, sizeof(path), ORGANISATION "/bank-accounts/%s/confirmations",
             json_get_text(account, "id"));
    writer_text(&demo->body, "{}");
    post(demo, path);
    account = only_account(demo);
    version = json_get(account, "version");
    if (version == NULL || strcmp(json_get_text(account, "name"), ACCOUNT_NAME) == 0)
        return;
    snprintf(path, sizeof(path), ORGANISATION "/bank-accounts/%s", json_get_text(account, "id"));
    snprintf(tag, sizeof(tag), "\"v%" PRId64 "\"", version->integer);
    writer_text(&demo->body, "{\"name\":\"" ACCOUNT_NAME "\"}");
    ask(demo, "PATCH", path, "application/json", tag);
}

static void import_statement(struct demo *demo)
{

    qsort(demo->lines, demo->n_lines, sizeof(demo->lines[0]), compare_lines);
    writer_text(&demo->body, "--grenier-demo\r\nContent-Disposition: form-data; name=\"file\"; "
                             "filename=\"releve.ofx\"\r\n"
                             "Content-Type: application/x-ofx\r\n\r\n");
    write_ofx(demo);
    writer_text(&demo->body, "\r\n--grenier-demo--\r\n");
    ask(demo, "POST", ORGANISATION "/bank-statements", "multipart/form-data; boundary=grenier-demo",
        NULL);
    settle_account(demo);
}

/* The match of one line, as the treasurer would make it. */
static void match_line(struct demo *demo, const struct bank_line *line, const char *transaction_id)
{
    char path[200], text[MONEY_TEXT_MAX];

    writer_char(&demo->body, '{');
    if (line->ids[0] != '\0') {
        writer_format(&demo->body, "\"contribution_ids\":[%s]", line->ids);
    } else {
        writer_text(&demo->body, "\"create\":[{");
        member(demo, "kind", line->kind);
        member(demo, "amount", money_format((struct money){line->amount}, 2, text));
        member(demo, "category", line->category);
        writer_text(&demo->body, "}]");
    }
    writer_char(&demo->body, '}');
    snprintf(path, sizeof(path), ORGANISATION "/bank-transactions/%s/matches", transaction_id);
    post(demo, path);
}

/* Finds each line among the bank's transactions by its day and amount, which no two lines share. */
static void match_lines(struct demo *demo)
{
    const struct json *reply, *items;

    reply = ask(demo, "GET", ORGANISATION "/bank-transactions?limit=500", NULL, NULL);
    items = json_get(reply, "items");
    for (size_t i = 0; i < demo->n_lines && items != NULL; i++) {
        const struct bank_line *line = &demo->lines[i];
        char date[DATE_TEXT_MAX], amount[MONEY_TEXT_MAX];
        bool found = false;

        if (line->is_left)
            continue;
        date_format(line->date, date);
        money_format((struct money){line->amount}, 2, amount);
        for (const struct json *item = items->first; item != NULL && !found && !demo->failed;
             item = item->next)
            if (strcmp(json_get_text(item, "booked_on"), date) == 0 &&
                strcmp(json_get_text(item, "amount"), amount) == 0) {
                found = true;
                if (strcmp(json_get_text(item, "status"), "unmatched") == 0)
                    match_line(demo, line, json_get_text(item, "id"));
            }
    }
}

/* ------------------------------------------------------------------------------------------------------------------
 * The whole
 * -----------------------------------------------------------------------------------------------
 */

/* A person of the demonstration with their roles. */
static enum exit_code add_person(struct session *session, const char *email, const char *name,
                                 const char *const *roles)
{
    const char *values[] = {email, name, session->actor};
    DB_ROWS *user = NULL;
    enum exit_code code =
        session_query(session, "SELECT app.user_create($1, $2, 'fr', $3)", 3, values, &user);

    for (; code == EXIT_DONE && *roles != NULL; roles++) {
        const char *role[] = {db_text(user, 0, 0), *roles, session->actor};
        DB_ROWS *rows = NULL;

        code = session_query(
            session, "SELECT app.membership_create($1::uuid, '" DEMO_SLUG "', $2, NULL, $3)", 3,
            role, &rows);
    }
    return code;
}

static enum exit_code add_people(struct session *session)
{
    static const char *const treasurer[] = {"treasurer", "administrator", NULL};
    static const char *const board[] = {"board", NULL};
    enum exit_code code = add_person(session, DEMO_EMAIL, "Agnès Valmorel", treasurer);

    return code == EXIT_DONE
               ? add_person(session, "presidence@demo.example", "Hugo Ferrandeau", board)
               : code;
}

/* The organisation, its treasurer and board, the token with which the rest is entered, and what
 * going on needs. */
static enum exit_code begin(struct demo *demo)
{
    struct session *session = demo->session;
    unsigned char digest[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE], start[DATE_TEXT_MAX], today[DATE_TEXT_MAX];
    const char *organisation[] = {DEMO_SLUG, DEMO_NAME, start, session->actor};
    const char *token[] = {DEMO_SLUG, hex, session->actor};
    const char *setting[] = {SETTING, demo->token, today};
    DB_ROWS *made = NULL, *given = NULL, *kept = NULL;
    enum exit_code code = session_begin(session);

    date_format(months_before(demo->month, DEMO_MONTHS), start);
    date_format(demo->today, today);
    crypto_secret(demo->token);
    crypto_sha256(demo->token, strlen(demo->token), digest);
    crypto_hex(digest, sizeof(digest), hex);
    if (code == EXIT_DONE)
        code = session_query(session, "SELECT app.organisation_create($1, $2, $3::date, $4)",
                             ARRAY_SIZE(organisation), organisation, &made);
    if (code == EXIT_DONE)
        code = add_people(session);
    if (code == EXIT_DONE)
        code =
            session_query(session,
                          "SELECT app.token_create($1, 'treasurer', decode($2, 'hex'), NULL, NULL,"
                          " 'Démonstration', $3)",
                          ARRAY_SIZE(token), token, &given);
    if (code == EXIT_DONE)
        code = session_query(
            session,
            "INSERT INTO app.instance_setting (name, value, remark) VALUES ($1, $2 || ' ' || $3,"
            " 'The demonstration is being made: its token and its day.')",
            ARRAY_SIZE(setting), setting, &kept);
    return code == EXIT_DONE ? session_commit(session) : code;
}

/* The token is revoked and forgotten: the demonstration is whole. */
static enum exit_code finish(struct demo *demo)
{
    struct session *session = demo->session;
    const char *values[] = {SETTING};
    DB_ROWS *entered = NULL, *revoked = NULL, *forgotten = NULL;
    enum exit_code code = session_begin(session);

    if (code == EXIT_DONE)
        code = session_query(
            session, "SELECT app.enter_organisation(app.organisation_by_slug('" DEMO_SLUG "'))", 0,
            NULL, &entered);
    if (code == EXIT_DONE)
        code = session_query(
            session,
            "UPDATE app.token SET revoked_at = clock_timestamp()"
            " WHERE organisation_id = fund.current_organisation() AND name = 'Démonstration'",
            0, NULL, &revoked);
    if (code == EXIT_DONE)
        code = session_query(session, "DELETE FROM app.instance_setting WHERE name = $1", 1, values,
                             &forgotten);
    return code == EXIT_DONE ? session_commit(session) : code;
}

static void open_api(struct demo *demo)
{
    struct api_config config = {.conninfo = demo->session->server_conninfo,
                                .schema_version = migrate_version(embedded_sql)};

    demo->api = api_new(&config);
    demo->app = api_application(demo->api);
    demo->limits = http_limits_default();
    demo->worker = demo->app.worker_open == NULL
                       ? NULL
                       : demo->app.worker_open(demo->app.data, HTTP_LANE_WRITER, 0);
    writer_init(&demo->body, BODY_MAX);
}

static void close_api(struct demo *demo)
{
    writer_release(&demo->body);
    if (demo->app.worker_close != NULL)
        demo->app.worker_close(demo->app.data, demo->worker);
    api_free(demo->api);
}

static enum exit_code enter(struct demo *demo)
{
    enum exit_code code;

    open_api(demo);
    make_members(demo);
    make_settings(demo);
    make_receipts(demo);
    make_in_kind(demo);
    expect_bank_lines(demo);
    import_statement(demo);
    match_lines(demo);
    code = demo->failed ? EXIT_FAILED : EXIT_DONE;
    close_api(demo);
    return code == EXIT_DONE ? finish(demo) : code;
}

/* Where the demonstration stands: absent, being made (token and day are then known), or there. */
enum stand { STAND_ABSENT, STAND_BEGUN, STAND_THERE };

static enum exit_code look(struct demo *demo, enum stand *ret_stand)
{
    const char *values[] = {SETTING, DEMO_SLUG};
    DB_ROWS *rows = NULL;
    enum exit_code code =
        session_query(demo->session,
                      "SELECT (SELECT value FROM app.instance_setting WHERE name = $1),"
                      " EXISTS (SELECT FROM app.directory WHERE slug = $2), (now() AT TIME ZONE "
                      "'Europe/Paris')::date",
                      ARRAY_SIZE(values), values, &rows);
    const char *begun, *today;

    if (code != EXIT_DONE)
        return code;
    begun = db_text(rows, 0, 0);
    today = db_text(rows, 0, 2);
    *ret_stand = begun != NULL ? STAND_BEGUN : db_bool(rows, 0, 1) ? STAND_THERE : STAND_ABSENT;
    if (begun != NULL) {
        snprintf(demo->token, sizeof(demo->token), "%s", begun);
        today = begun + strlen(demo->token) + 1;
    }
    bool parsed = date_parse(str_of(today), &demo->today);
    ASSERT(parsed);
    demo->month = (struct date){demo->today.year, demo->today.month, 1};
    return EXIT_DONE;
}

enum exit_code demo_make(struct session *session)
{
    struct demo *demo = calloc(1, sizeof(*demo));
    enum stand stand = STAND_THERE;
    enum exit_code code;

    ASSERT(demo != NULL);
    demo->session = session;
    arena_init(&demo->arena, REPLY_ARENA);
    problem_init(&demo->problem, &demo->arena);
    code = look(demo, &stand);
    if (code == EXIT_DONE && stand != STAND_THERE)
        say_note("making the demonstration organisation…",
                 "création de l’organisation de démonstration…");
    if (code == EXIT_DONE && stand == STAND_ABSENT)
        code = begin(demo);
    if (code == EXIT_DONE && stand != STAND_THERE)
        code = enter(demo);
    arena_free(&demo->arena);
    free(demo);
    return code;
}

enum exit_code demo_run(const struct options *options)
{
    struct session session;
    enum exit_code code = session_open(options, SESSION_MAKE, &session);

    if (code == EXIT_DONE)
        code = session_migrate(&session);
    if (code == EXIT_DONE)
        code = session_connect(&session);
    if (code == EXIT_DONE)
        code = demo_make(&session);
    if (code == EXIT_DONE)
        say_result("organisation %s is there", "l’organisation %s est là", DEMO_SLUG);
    session_close(&session);
    return code;
}
