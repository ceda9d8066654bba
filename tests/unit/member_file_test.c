/* What people write in a file of members: headings, legal forms, dates, postal codes, as
 * spreadsheets leave them. */
#include "lib/check.h"

#include "domain/member_file.h"

static struct arena arena;

static const char *field(const char *heading)
{
    return member_file_field(&arena, str_of(heading));
}

static const char *value(const char *name, const char *cell)
{
    struct str text = member_file_value(&arena, name, str_of(cell), true);
    return text.p == NULL ? NULL : arena_copy(&arena, text);
}

static void headings(void)
{
    static const struct {
        const char *heading, *field;
    } cases[] = {
        {"Nom", "name"},
        {"RAISON SOCIALE", "name"},
        {"Dénomination", "name"},
        {"Adhérent·e", "name"},
        {"legal_form", "legal_form"},
        {"Forme juridique ", "legal_form"},
        {"N° SIRET", "siret"},
        {"numéro_rna", "rna"},
        {"E-mail", "email"},
        {"Adresse électronique", "email"},
        {"Adresse", "street"},
        {"Tél.", "phone"},
        {"CP", "postal_code"},
        {"Ville", "city"},
        {"Titulaire du compte", "account_holder"},
        {"Représentant(e)", "contact_name"},
        {"Date d’adhésion", "joined_on"},
        {"Date d'adhésion", "joined_on"},
        {"Adhésion", "joined_on"},
        {"Date de départ", "left_on"},
        {"Remarques", "notes"},
        {"Nom de jeune fille", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(field(cases[i].heading), cases[i].field);
    /* Every name of the API is a heading too, so that our own exports can be read again. */
    static const char *const names[] = {
        "name",           "legal_form",   "siret",        "siren",     "rna",     "email",
        "phone",          "street",       "postal_code",  "city",      "country", "iban",
        "account_holder", "contact_name", "contact_role", "joined_on", "left_on", "notes"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK_TEXT(field(names[i]), names[i]);
}

static void legal_forms(void)
{
    static const struct {
        const char *word, *code;
    } cases[] = {
        {"association", "association"},
        {"Association loi 1901", "association"},
        {"SCOP", "scop"},
        {"S.C.O.P.", "scop"},
        {"Scic SA", "scic"},
        {"auto-entrepreneur", "sole_trader"},
        {"Auto-entrepreneuse", "sole_trader"},
        {"Entreprise individuelle", "sole_trader"},
        {"sole_trader", "sole_trader"},
        {"Société", "company"},
        {"SARL", "company"},
        {"Collectivité", "local_authority"},
        {"Mairie", "local_authority"},
        {"élu·e", "elected_official"},
        {"Élu(e)", "elected_official"},
        {"élue", "elected_official"},
        {"Particulier", "person"},
        {"Coopérative", "Coopérative"}, /* SCOP or SCIC? asked, not guessed */
        {"club", "club"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(value("legal_form", cases[i].word), cases[i].code);
}

static void dates(void)
{
    static const struct {
        const char *cell, *date;
    } cases[] = {
        {"31/12/2025", "2025-12-31"},
        {" 1/2/2025 ", "2025-02-01"},
        {"31-12-2025", "2025-12-31"},
        {"31.12.2025", "2025-12-31"},
        {"2025-12-31", "2025-12-31"},
        {"2025/12/31", "2025-12-31"},
        {"31/12/2025 00:00", "2025-12-31"},
        {"2025-12-31 00:00:00", "2025-12-31"},
        {"2025-12-31T00:00:00", "2025-12-31"},
        {"29/02/2024", "2024-02-29"},
        /* not understood: left as they are, for the field to refuse */
        {"29/02/2025", "29/02/2025"},
        {"31/12/25", "31/12/25"},
        {"12/31/2025", "12/31/2025"},
        {"31/12-2025", "31/12-2025"},
        {"2025", "2025"},
        {"31/12/", "31/12/"},
        {"31/12/2025 10:00", "31/12/2025 10:00"},
        {"45657", "45657"},
        {"mars 2025", "mars 2025"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_TEXT(value("joined_on", cases[i].cell), cases[i].date);
        CHECK_TEXT(value("left_on", cases[i].cell), cases[i].date);
    }
    CHECK_TEXT(value("notes", "31/12/2025"), "31/12/2025");
}

static void others(void)
{
    CHECK_TEXT(value("postal_code", "1000"), "01000");
    CHECK_TEXT(value("postal_code", "30700"), "30700");
    CHECK_TEXT(value("postal_code", "2A00"), "2A00");
    CHECK_TEXT(value("postal_code", "0100"), "0100");
    struct str abroad = member_file_value(&arena, "postal_code", STR("1000"), false);
    CHECK(str_is(abroad, "1000"));
    CHECK_TEXT(value("country", "France"), "FR");
    CHECK_TEXT(value("country", "BE"), "BE");
    CHECK_TEXT(value("email", "mailto:a@example.org"), "a@example.org");
    CHECK_TEXT(value("name", "  Les Tisserands \xC2\xA0"), "Les Tisserands");
    CHECK_TEXT(value("name", "'=SUM(A1)"), "=SUM(A1)");
    CHECK_TEXT(value("name", "'t Huis"), "'t Huis");
    CHECK_TEXT(value("phone", "'+33 1"), "+33 1");
    CHECK_TEXT(value("name", ""), "");
    CHECK_TEXT(value("name", "'"), "'");
}

static void rounded(void)
{
    static const char *const yes[] = {"7,32829E+13", "7.32829E+13", "7E+13", "7,3e+08"};
    static const char *const no[] = {"73282932000074",
                                     "732 829 320 00074",
                                     "",
                                     "E+13",
                                     "7,3",
                                     "7E+",
                                     "7E13",
                                     "12E+13",
                                     "7E+13 "
                                     "x"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        CHECK(member_file_rounded(str_of(yes[i])));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        CHECK(!member_file_rounded(str_of(no[i])));
}

int main(void)
{
    arena_init(&arena, 1024 * 1024);
    headings();
    legal_forms();
    dates();
    others();
    rounded();
    arena_free(&arena);
    return check_done();
}
