/* Suggestions for bank lines: words, names, sums, and what comes first for which line. */
#include "domain/matching.h"
#include "domain/matching_text.h"
#include "lib/check.h"

static struct arena arena, scratch;

/* ---- words and names ---- */

static struct matching_text text_of(const char *name, const char *rest)
{
    struct matching_text text;
    const char *const fields[] = {rest};

    CHECK(matching_text_init(&text, &arena, name, fields, 1));
    return text;
}

static void test_words(void)
{
    static const struct {
        const char *text;
        unsigned words;
    } cases[] = {
        {"VIR SEPA LES JARDINS COTISATION 2026", WORD_TRANSFER | WORD_DUES},
        {"vir inst cotis + fonds de solidarité", WORD_TRANSFER | WORD_DUES | WORD_FUND},
        {"REMISE DE CHEQUES 5 CHQ", WORD_CHEQUES | WORD_CHEQUE},
        {"CHEQUE IMPAYE 123", WORD_RETURNED | WORD_CHEQUE},
        {"VIRGINIE", 0}, /* a prefix of another word is not the word */
        {"DONNADIEU", 0},
        {"HELLO ASSO VERSEMENT", WORD_PLATFORM},
        {"INTERETS CREDITEURS LIVRET A", WORD_INTEREST | WORD_INTERNAL},
        {"TROP PERÇU", WORD_REFUND | WORD_WHOLE},
        {"", 0},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct matching_text text = text_of(NULL, cases[i].text);
        CHECK_INT_NAMED(matching_words(&text), cases[i].words, cases[i].text);
    }
}

static void test_categories(void)
{
    static const struct {
        const char *text, *category;
    } cases[] = {
        {"FRAIS TENUE DE COMPTE", "bank_fees"},
        {"FRAIS DE DEPLACEMENT M DURAND", "travel"},
        {"PRLV LOYER LOCAL", "rent"},
        {"PRLV ASSURANCE RC", "insurance"},
        {"LA POSTE TIMBRES", "post"},
        {"COTISATION CARTE VISA", "bank_fees"},
        {"RIEN DE CONNU", NULL},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct matching_text text = text_of(NULL, cases[i].text);
        int strength = 0;
        CHECK_TEXT_NAMED(matching_category(&text, &strength), cases[i].category, cases[i].text);
        CHECK_NAMED(cases[i].category == NULL ? strength == 0 : strength > 0 && strength < 100,
                    "its strength");
    }
}

static void test_likeness(void)
{
    static const struct {
        const char *name, *text;
        int least, most;
    } cases[] = {
        {"Ressourcerie Troisponts", "VIR RESSOURCERIE TROISPONTS", 100, 100},
        {"Ressourcerie Troisponts", "VIR RESSOURCERIE TROISPON", 80, 99}, /* cut off */
        {"Menuiserie Passelame", "VIR PASSELAME", 60, 90},
        {"Menuiserie Passelame", "VIR MENUISERIE DURAND", 0, 50}, /* another joiner */
        {"Ressourcerie Troisponts", "VIR RESSOURCERIE TROIS PONTS", 100, 100},
        {"Trois Ponts Solidaires", "VIR TROISPONTS SOLIDAIRES", 100, 100},
        {"Ressourcerie Troisponts", "VIR RESOURCERIE TROISPONTS", 80, 99}, /* a letter is missing */
        {"SCOP Menuiserie Passelame", "VIREMENT PASSELAME MENUISERIE", 100, 100},
        {"Jean Dupont", "VIR M DUPONT JEAN", 100, 100},
        {"Épicerie d’Aspre", "VIR EPICERIE D ASPRE", 100, 100},
        {"Ressourcerie Troisponts", "VIR EPICERIE DU LAC", 0, 20},
        {"Association", "VIR ASSOCIATION", 100,
         100}, /* nothing but a legal form: it is all there is */
        {"", "VIR X", 0, 0},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct matching_name name;
        struct matching_text text = text_of(NULL, cases[i].text);
        CHECK(matching_name_init(&name, &arena, cases[i].name));
        int likeness = matching_likeness(&name, &text);
        if (!CHECK_NAMED(likeness >= cases[i].least && likeness <= cases[i].most, cases[i].text))
            printf("#   %s: %d\n", cases[i].name, likeness);
    }
}

static void test_amounts(void)
{
    static const struct {
        const char *text;
        size_t n;
        int64_t first, second;
    } cases[] = {
        {"COTIS 100 FONDS 250", 2, 10000, 25000},
        {"100,50 EUR + 1 250", 2, 10050, 125000},
        {"COTIS 2026", 0, 0, 0},
        {"12/03/2026 50", 1, 5000, 0},
        {"REF GR-1187 60.00", 1, 6000, 0},
        {"0555012345", 0, 0, 0},
        {"100.005", 0, 0, 0},
        {NULL, 0, 0, 0},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        int64_t amounts[MATCHING_AMOUNTS_MAX] = {0};
        CHECK_INT_NAMED(matching_amounts(cases[i].text, 2, amounts), cases[i].n,
                        cases[i].text ? cases[i].text : "no text");
        CHECK_INT(amounts[0], cases[i].first);
        CHECK_INT(amounts[1], cases[i].second);
    }
}

static void test_signatures(void)
{
    struct matching_text september =
        text_of(NULL, "PRLV SEPA OVRANCE TELECOM FACTURE SEPTEMBRE 2026 LIGNE 055");
    struct matching_text october =
        text_of(NULL, "PRLV SEPA OVRANCE TELECOM FACTURE OCTOBRE 2026 LIGNE 055");
    const char *a = matching_signature(&arena, &september),
               *b = matching_signature(&arena, &october);

    CHECK_TEXT(a, b);
    CHECK_INT(matching_signature_likeness(a, b), 100);
    CHECK_INT(matching_signature_likeness(a, ""), 0);
    CHECK(matching_signature_likeness("OVRANCE TELECOM", "OVRANCE MOBILE") < 60);
}

static void test_subset(void)
{
    static const int64_t slip[] = {6000, 15000, 10000, 10000, 10000, 3000};
    size_t chosen[MATCHING_SUBSET_ITEMS_MAX], n = 0;

    CHECK_INT(matching_subset(slip, 6, 18000, 40, chosen, &n), 1);
    CHECK(n == 2 && chosen[0] == 1 && chosen[1] == 5);
    CHECK_INT_NAMED(matching_subset(slip, 6, 16000, 40, chosen, &n), 2,
                    "one of three equal cheques: more than one way");
    CHECK_INT(matching_subset(slip, 6, 999999, 40, chosen, &n), 0);
    CHECK_INT(matching_subset(slip, 6, 54000, 40, chosen, &n), 1);
    CHECK_INT(n, 6);
    CHECK_INT_NAMED(matching_subset(slip, 6, 54000, 5, chosen, &n), 0, "no more than asked for");
    CHECK_INT(matching_subset(slip, 0, 1, 40, chosen, &n), 0);
    CHECK_INT(matching_subset(slip, 6, 0, 40, chosen, &n), 0);
    /* nothing fits: the search gives up instead of trying 2^40 sums */
    int64_t even[MATCHING_SUBSET_ITEMS_MAX];
    for (size_t i = 0; i < MATCHING_SUBSET_ITEMS_MAX; i++)
        even[i] = 2000 + 2 * (int64_t)i;
    CHECK_INT(matching_subset(even, MATCHING_SUBSET_ITEMS_MAX, 40001, 40, chosen, &n), 0);
}

/* ---- lines ---- */

#define BIT(nature) (1U << (nature))
#define ASSOCIATION_NATURES                                                                        \
    (BIT(NATURE_DUES) | BIT(NATURE_FINANCIAL_CONTRIBUTION) | BIT(NATURE_EQUITY_WITHOUT_RETURN))
#define BUSINESS_NATURES (BIT(NATURE_DUES) | BIT(NATURE_DONATION) | BIT(NATURE_PATRONAGE))

static const struct matching_member members[] = {
    {.id = "m1",
     .name = "Les Jardins de Tourneciel",
     .iban = "FR01",
     .legal_form = "association",
     .natures = ASSOCIATION_NATURES,
     .dues = 10000},
    {.id = "m2",
     .name = "SCOP Menuiserie Passelame",
     .legal_form = "scop",
     .natures = BUSINESS_NATURES,
     .dues = 10000},
    {.id = "m3",
     .name = "Les Jardins du Lac",
     .legal_form = "association",
     .natures = ASSOCIATION_NATURES},
    {.id = "m4",
     .name = "Radio Cailloux",
     .legal_form = "association",
     .natures = ASSOCIATION_NATURES,
     .left = true},
    {.id = "m5",
     .name = "Maison des Dons",
     .legal_form = "association",
     .natures = ASSOCIATION_NATURES,
     .dues = 2000},
    {.id = "m6",
     .name = "Bleue Montagne Nord",
     .legal_form = "association",
     .natures = ASSOCIATION_NATURES},
    {.id = "m7",
     .name = "Bleue Montagne Sud",
     .legal_form = "association",
     .natures = ASSOCIATION_NATURES},
};

static const struct matching_open open_items[] = {
    {true, false, "c1", "m1", NULL, 25000, 100, MEANS_TRANSFER, NATURE_FINANCIAL_CONTRIBUTION},
    {true, true, "c2", "m2", NULL, 200000, 40, MEANS_TRANSFER, NATURE_PATRONAGE},
    {true, false, "q1", "m1", NULL, 6000, 95, MEANS_CHEQUE, NATURE_DUES},
    {true, false, "q2", "m2", NULL, 4500, 96, MEANS_CHEQUE, NATURE_DUES},
    {true, false, "q3", "m3", NULL, 12000, 96, MEANS_CHEQUE, NATURE_DUES},
    {true, false, "p1", NULL, "Agathe Pruvost", 5000, 90, MEANS_PLATFORM, NATURE_DONATION},
    {true, false, "p2", NULL, "Noé Castelnau", 3000, 91, MEANS_PLATFORM, NATURE_DONATION},
    {false, false, "77", NULL, "Facture cabinet Rouvray", -42000, 98, MEANS_OTHER, NATURE_NONE},
};

static const struct matching_received received[] = {
    {"r1", "m2", "SCOP Menuiserie Passelame", 10000, 80},
    {"r2", "m1", "Les Jardins de Tourneciel", 10000, 81},
    {"r3", "m1", "Les Jardins de Tourneciel", 10000, 79},
};

static const struct matching_account accounts[] = {{"a1", "Courant", "FRCOURANT"},
                                                   {"a2", "Livret", "FRLIVRET"}};
static const struct matching_line other_lines[] = {
    {.id = "t9", .account_id = "a2", .amount = 100000, .day = 101, .remittance = ""}};

static const struct matching_past past[] = {
    {.iban = "FRTEL",
     .signature = "OVRANCE TELECOM LIGNE",
     .amount = -2999,
     .day = 60,
     .n_parts = 1,
     .parts =
         {{.kind = MATCHING_EXPENSE, .amount = -2999, .nature = NATURE_NONE, .category = "post"}}},
    {.iban = "FRX",
     .signature = "QUELCONQUE SARL",
     .amount = -12000,
     .day = 50,
     .n_parts = 1,
     .parts = {{.kind = MATCHING_EXPENSE,
                .amount = -12000,
                .nature = NATURE_NONE,
                .category = "services"}}},
    {.iban = "FRPRES",
     .signature = "PRESIDENT",
     .amount = 35000,
     .day = 45,
     .n_parts = 2,
     .parts = {{.kind = MATCHING_CONTRIBUTION,
                .amount = 10000,
                .nature = NATURE_DUES,
                .member_id = "m3"},
               {.kind = MATCHING_CONTRIBUTION,
                .amount = 25000,
                .nature = NATURE_FINANCIAL_CONTRIBUTION,
                .member_id = "m3"}}},
};

static const struct matching_context context = {
    .organisation_name = "Le Grenier d’Ovrance",
    .digits = 2,
    .members = members,
    .n_members = ARRAY_SIZE(members),
    .open = open_items,
    .n_open = ARRAY_SIZE(open_items),
    .received = received,
    .n_received = ARRAY_SIZE(received),
    .past = past,
    .n_past = ARRAY_SIZE(past),
    .accounts = accounts,
    .n_accounts = ARRAY_SIZE(accounts),
    .lines = other_lines,
    .n_lines = ARRAY_SIZE(other_lines),
};

/* "kind amount nature/category member, …": links by id, parts by what they are. */
static const char *answer(const struct matching_suggestion *suggestion)
{
    const char *text = "";
    for (size_t i = 0; i < suggestion->n_links; i++)
        text = arena_printf(&arena, "%s%s%s", text, i == 0 ? "" : " ", suggestion->links[i]->id);
    for (size_t i = 0; i < suggestion->n_parts; i++) {
        const struct matching_part *part = &suggestion->parts[i];
        const char *nature = matching_nature_name(part->nature);
        const char *what = nature != NULL                  ? nature
                           : part->category != NULL        ? part->category
                           : part->contribution_id != NULL ? part->contribution_id
                           : part->transaction_id != NULL  ? part->transaction_id
                                                           : "";
        text = arena_printf(&arena, "%s%s%s %lld %s%s%s", text, text[0] == '\0' ? "" : " ",
                            matching_kind_name(part->kind), (long long)part->amount, what,
                            part->member_id != NULL || part->donor_name != NULL ? " " : "",
                            part->member_id != NULL    ? part->member_id
                            : part->donor_name != NULL ? part->donor_name
                                                       : "");
    }
    return text;
}

static const char *first_for(struct matching *matching, const struct matching_line *line,
                             int *ret_score)
{
    struct matching_suggestion suggestions[MATCHING_SUGGESTIONS_MAX];
    const struct arena_mark mark = arena_mark(&scratch);
    size_t n = matching_suggest(matching, &scratch, line, suggestions);
    const char *text = n == 0 ? "nothing" : answer(&suggestions[0]);

    *ret_score = n == 0 ? 0 : suggestions[0].score;
    for (size_t i = 0; i < n; i++) {
        int64_t sum = 0;
        for (size_t j = 0; j < suggestions[i].n_links; j++)
            sum += suggestions[i].links[j]->amount;
        for (size_t j = 0; j < suggestions[i].n_parts; j++)
            sum += suggestions[i].parts[j].amount;
        if (sum != line->amount || suggestions[i].score > 99 ||
            suggestions[i].score < MATCHING_SCORE_MIN ||
            (i > 0 && suggestions[i].score > suggestions[i - 1].score) || suggestions[i].n_why == 0)
            CHECK_NAMED(false, line->remittance);
    }
    arena_reset(&scratch, mark);
    return text;
}

static void test_first(void)
{
    static const struct {
        const char *iban, *name, *text;
        int64_t amount;
        const char *answer;
        int least, most;
    } cases[] = {
        {"FR01", NULL, "VIR SEPA", 25000, "c1", 85, 99},
        {NULL, NULL, "VIR LES JARDINS DE TOURNECIEL", 25000, "c1", 80, 99},
        {NULL, "MENUISERIE PASSELAME", "CONVENTION", 200000, "c2", 75, 99},
        {"FR01", NULL, "VIR COTIS 2026 + FONDS SOLIDARITE", 35000, "c1 contribution 10000 dues m1",
         70, 99},
        {NULL, NULL, "VIR PASSELAME COTIS 100 FONDS 250", 35000,
         "contribution 10000 dues m2 contribution 25000 donation m2", 55, 90},
        {NULL, NULL, "VIR PASSELAME COTISATION", 10000, "contribution 10000 dues m2", 70, 95},
        {NULL, NULL, "VIR MENUISERIE PASSELAME COTISATION", 10000, "contribution 10000 dues m2", 85,
         99},
        {NULL, NULL, "VIR PASSELAME MECENAT", 50000, "contribution 50000 patronage m2", 55, 90},
        {NULL, NULL, "VIR JARDINS DU LAC FONDS DE SOLIDARITE", 12300,
         "contribution 12300 financial_contribution m3", 60, 99},
        {NULL, NULL, "REMISE CHEQUES 3 CHQ", 22500, "q1 q2 q3", 90, 99},
        {NULL, NULL, "REMISE CHEQUES", 18000, "q1 q3", 60, 95},
        {NULL, NULL, "VIR HELLOASSO", 8000, "p1 p2", 85, 99},
        {NULL, NULL, "VIR HELLOASSO", 7800, "p1 p2 expense -200 bank_fees", 60, 95},
        {NULL, "CABINET ROUVRAY", "VIR HONORAIRES", -42000, "77", 75, 99},
        {NULL, NULL, "FRAIS TENUE DE COMPTE", -690, "expense -690 bank_fees", 85, 99},
        {"FRTEL", NULL, "PRLV OVRANCE TELECOM LIGNE", -2999, "expense -2999 post", 90, 99},
        {"FRTEL", NULL, "PRLV OVRANCE TELECOM LIGNE", -3150, "expense -3150 post", 75, 95},
        {"FRX", NULL, "VIR QUELCONQUE", -5000, "expense -5000 services", 60, 95},
        {"FRPRES", NULL, "VIR PRESIDENT", 35000,
         "contribution 10000 dues m3 contribution 25000 financial_contribution m3", 80, 99},
        {NULL, NULL, "INTERETS CREDITEURS", 1247, "interest 1247 ", 80, 99},
        {NULL, NULL, "AGIOS", -1247, "interest -1247 ", 80, 99},
        {"FRLIVRET", NULL, "VIR INTERNE", -100000, "internal_transfer -100000 t9", 95, 99},
        {"FRLIVRET", NULL, "VIR INTERNE", -4200, "internal_transfer -4200 ", 80, 99},
        {NULL, NULL, "CHEQUE IMPAYE MENUISERIE PASSELAME", -10000, "returned -10000 r1", 75, 99},
        {"FR01", NULL, "REMBOURSEMENT TROP PERCU", -10000, "refund -10000 r2", 75, 99},
        {"FR01", NULL, "REMBOURSEMENT TROP PERCU ADHESION", -4000, "refund -4000 r2", 60, 90},
        {NULL, NULL, "AVOIR ASSURANCE", 3000, "refund 3000 insurance", 50, 70},
        {NULL, "CC DU VAL", "SUBVENTION 2026", 450000, "contribution 450000 subsidy CC DU VAL", 40,
         70},
        {NULL, NULL, "VIR ZZZ YYY", 7777, "nothing", 0, 0},
        {NULL, NULL, "CB ZZZ", -7777, "nothing", 0, 0},
        {NULL, NULL, "COTISATION", 0, "nothing", 0, 0},
    };
    struct matching *matching = matching_new(&arena, &context);

    if (!CHECK(matching != NULL))
        return;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct matching_line line = {.id = "t1",
                                           .account_id = "a1",
                                           .counterparty_name = cases[i].name,
                                           .counterparty_iban = cases[i].iban,
                                           .remittance = cases[i].text,
                                           .amount = cases[i].amount,
                                           .day = 100};
        int score = 0;
        CHECK_TEXT_NAMED(first_for(matching, &line, &score), cases[i].answer, cases[i].text);
        if (!CHECK_NAMED(score >= cases[i].least && score <= cases[i].most, "its score"))
            printf("#   %s: %d\n", cases[i].text, score);
    }
}

static void test_batch(void)
{
    struct matching *matching = matching_new(&arena, &context);
    const struct matching_line details[] = {
        {.remittance = "COTISATION", .counterparty_iban = "FR01", .amount = 10000, .day = 100},
        {.remittance = "COTISATION",
         .counterparty_name = "MENUISERIE PASSELAME",
         .amount = 10000,
         .day = 100},
    };
    struct matching_line line = {.id = "t1",
                                 .account_id = "a1",
                                 .remittance = "REMISE PRLV",
                                 .amount = 20000,
                                 .day = 100,
                                 .details = details,
                                 .n_details = 2};
    int score = 0;

    CHECK_TEXT(first_for(matching, &line, &score),
               "contribution 10000 dues m1 contribution 10000 dues m2");
    line.amount = 20001; /* the details do not make the line: the batch is not read */
    CHECK_TEXT(first_for(matching, &line, &score), "nothing");
}

/* A member who left pays again, a namesake does not take the place of who has the account. */
static void test_payers(void)
{
    struct matching *matching = matching_new(&arena, &context);
    struct matching_line line = {.id = "t1",
                                 .account_id = "a1",
                                 .remittance = "VIR LES JARDINS COTISATION",
                                 .amount = 10000,
                                 .day = 100};
    int sure = 0, torn = 0;

    line.counterparty_iban = "FR01";
    CHECK_TEXT(first_for(matching, &line, &sure), "contribution 10000 dues m1");
    line.counterparty_iban = NULL;
    first_for(matching, &line, &torn);
    CHECK_NAMED(torn < sure - 20, "two members look alike: less sure than by the account");
    line.remittance = "VIR RADIO CAILLOUX COTISATION";
    CHECK_TEXT(first_for(matching, &line, &sure), "contribution 10000 dues m4");
}

/* What speaks against an answer weighs as well. */
static void test_doubts(void)
{
    static const struct {
        const char *text;
        int64_t amount;
        const char *answer;
        int most;
    } cases[] = {
        /* the same amount is open, but it is another member's */
        {"VIR LES JARDINS DU LAC", 25000, "contribution 25000 financial_contribution m3", 99},
        /* a transfer is no cheque */
        {"VIR LES JARDINS DE TOURNECIEL", 6000, "q1", 75},
        /* the payer's name says nothing about what it pays */
        {"VIR MAISON DES DONS COTISATION", 5000, "contribution 5000 dues m5", 99},
        /* two members fit nearly as well */
        {"VIR BLEUE MONTAGNE COTISATION", 3000, "contribution 3000 dues m7", 55},
    };
    struct matching *matching = matching_new(&arena, &context);

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct matching_line line = {.id = "t1",
                                           .account_id = "a1",
                                           .remittance = cases[i].text,
                                           .amount = cases[i].amount,
                                           .day = 100};
        int score = 0;
        CHECK_TEXT_NAMED(first_for(matching, &line, &score), cases[i].answer, cases[i].text);
        if (!CHECK_NAMED(score <= cases[i].most, "its score"))
            printf("#   %s: %d\n", cases[i].text, score);
    }
}

static void test_names(void)
{
    enum matching_kind kind;

    for (int i = MATCHING_ENTRY_LINE; i <= MATCHING_UNKNOWN; i++) {
        CHECK(matching_kind_of(matching_kind_name((enum matching_kind)i), &kind));
        CHECK_INT(kind, i);
    }
    CHECK(!matching_kind_of("gift", &kind));
    CHECK(!matching_kind_of(NULL, &kind));
    for (int i = 0; i < NATURE_COUNT; i++)
        CHECK_INT(matching_nature_of(matching_nature_name((enum matching_nature)i)), i);
    CHECK_INT(matching_nature_of("other"), NATURE_NONE);
    for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
        CHECK(matching_reason_text((enum matching_reason)i, true)[0] != '\0');
        CHECK(matching_reason_text((enum matching_reason)i, false)[0] != '\0');
        CHECK(matching_reason_name((enum matching_reason)i)[0] != '\0');
    }
}

/* The arena is full: no suggestions, and no crash. */
static void test_memory(void)
{
    for (size_t limit = 64; limit <= 64 * 1024; limit *= 2) {
        struct arena small;
        arena_init(&small, limit);
        struct matching *matching = matching_new(&small, &context);
        struct matching_suggestion suggestions[MATCHING_SUGGESTIONS_MAX];
        const struct matching_line line = {.id = "t1",
                                           .account_id = "a1",
                                           .remittance = "REMISE CHEQUES 3 CHQ",
                                           .amount = 22500,
                                           .day = 100};
        struct arena tiny;
        arena_init(&tiny, limit);
        if (matching != NULL)
            CHECK(matching_suggest(matching, &tiny, &line, suggestions) <=
                  MATCHING_SUGGESTIONS_MAX);
        arena_free(&tiny);
        arena_free(&small);
    }
}

int main(void)
{
    arena_init(&arena, 64 * 1024 * 1024);
    arena_init(&scratch, 4 * 1024 * 1024);
    test_words();
    test_categories();
    test_likeness();
    test_amounts();
    test_signatures();
    test_subset();
    test_first();
    test_batch();
    test_payers();
    test_doubts();
    test_names();
    test_memory();
    arena_free(&arena);
    arena_free(&scratch);
    return check_done();
}
