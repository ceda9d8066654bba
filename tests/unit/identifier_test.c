/* Identifiers: which rule fails is part of the answer. Numbers here are published examples or
 * computed by hand. */
#include "base/identifier.h"
#include "lib/check.h"

enum kind { SIREN, SIRET, RNA, IBAN, BIC, RIB };

static enum identifier_fault check(enum kind kind, struct str text, char result[IBAN_SIZE])
{
    switch (kind) {
    case SIREN:
        return siren_check(text, result);
    case SIRET:
        return siret_check(text, result);
    case RNA:
        return rna_check(text, result);
    case IBAN:
        return iban_check(text, result);
    case BIC:
        return bic_check(text, result);
    case RIB:
        return rib_check(text, result);
    }
    return IDENTIFIER_OK;
}

static const struct {
    enum kind kind;
    const char *text;
    enum identifier_fault fault;
    const char *compact; /* NULL: the same as the text */
} CASES[] = {
    {SIREN, "732829320", IDENTIFIER_OK, NULL},
    {SIREN, "552 100 554", IDENTIFIER_OK, "552100554"},
    {SIREN, " 552.100-554 ", IDENTIFIER_OK, "552100554"},
    {SIREN, "732829321", IDENTIFIER_KEY, NULL},
    {SIREN, "73282932", IDENTIFIER_LENGTH, NULL},
    {SIREN, "73282932000074", IDENTIFIER_LENGTH, NULL},
    {SIREN, "73282932O", IDENTIFIER_CHARACTER, NULL}, /* the letter O */
    {SIREN, "732829320/", IDENTIFIER_CHARACTER, NULL},
    {SIREN, "", IDENTIFIER_EMPTY, NULL},
    {SIREN, " . ", IDENTIFIER_EMPTY, NULL},
    {SIREN, "356000000", IDENTIFIER_OK, NULL},
    {SIRET, "73282932000074", IDENTIFIER_OK, NULL},
    {SIRET, "732 829 320 00074", IDENTIFIER_OK, "73282932000074"},
    {SIRET, "732\u202f829\u202f320\u00a000074", IDENTIFIER_OK, "73282932000074"},
    {SIRET, "73282932000079", IDENTIFIER_KEY, NULL},
    {SIRET, "73282932000047", IDENTIFIER_KEY, NULL}, /* two digits swapped */
    {SIRET, "7328293200007", IDENTIFIER_LENGTH, NULL},
    {SIRET, "732829320000740", IDENTIFIER_LENGTH, NULL},
    {SIRET, "7328293200007400000000000000000000000000000000000", IDENTIFIER_LENGTH, NULL},
    {SIRET, "73282932100073", IDENTIFIER_KEY, NULL}, /* Luhn over 14 fits, the SIREN's does not */
    {SIRET, "35600000000048", IDENTIFIER_OK, NULL},  /* La Poste, head office */
    {SIRET, "35600000009075", IDENTIFIER_OK, NULL},  /* La Poste, sum 35, Luhn fails */
    {SIRET, "35600000009076", IDENTIFIER_KEY, NULL},
    {SIRET, "35600000049838", IDENTIFIER_KEY, NULL},
    {RNA, "W751234567", IDENTIFIER_OK, NULL},
    {RNA, "w751 234 567", IDENTIFIER_OK, "W751234567"},
    {RNA, "W2A1001234", IDENTIFIER_OK, NULL},
    {RNA, "w2b3000012", IDENTIFIER_OK, "W2B3000012"},
    {RNA, "W9N1000189", IDENTIFIER_OK, NULL},
    {RNA, "W9R4001234", IDENTIFIER_OK, NULL},
    {RNA, "W2C1001234", IDENTIFIER_FORMAT, NULL},
    {RNA, "W7A1234567", IDENTIFIER_FORMAT, NULL},
    {RNA, "W9NN000189", IDENTIFIER_FORMAT, NULL},
    {RNA, "7512345678", IDENTIFIER_FORMAT, NULL},
    {RNA, "W75123456", IDENTIFIER_LENGTH, NULL},
    {RNA, "W7512345678", IDENTIFIER_LENGTH, NULL},
    {RNA, "W75123456é", IDENTIFIER_CHARACTER, NULL},
    {IBAN, "FR1420041010050500013M02606", IDENTIFIER_OK, NULL},
    {IBAN, "fr14 2004 1010 0505 0001 3m02 606", IDENTIFIER_OK, "FR1420041010050500013M02606"},
    {IBAN, "IBAN : FR76 3000 6000 0112 3456 7890 189", IDENTIFIER_OK,
     "FR7630006000011234567890189"},
    {IBAN, "FR7642559100000801234567812", IDENTIFIER_OK, NULL},
    {IBAN, "FR7630006000011234567890188", IDENTIFIER_KEY, NULL},
    {IBAN, "FR763000600001123456789018", IDENTIFIER_LENGTH, NULL},
    {IBAN, "FR76300060000112345678901899", IDENTIFIER_LENGTH, NULL},
    {IBAN, "FR76A0006000011234567890189", IDENTIFIER_FORMAT, NULL},
    {IBAN, "FRXX30006000011234567890189", IDENTIFIER_FORMAT, NULL},
    {IBAN, "7630006000011234567890189", IDENTIFIER_FORMAT, NULL},
    {IBAN, "XX431234", IDENTIFIER_COUNTRY, NULL},
    {IBAN, "FR7", IDENTIFIER_LENGTH, NULL},
    {IBAN, "MC5811222000010123456789030", IDENTIFIER_OK, NULL},
    {IBAN, "DE89370400440532013000", IDENTIFIER_OK, NULL},
    {IBAN, "DE97370400440000000060", IDENTIFIER_OK, NULL},
    {IBAN, "DE00370400440000000060", IDENTIFIER_KEY,
     NULL}, /* the same rest; keys run from 02 to 98 */
    {IBAN, "DE98370400440000000042", IDENTIFIER_OK, NULL},
    {IBAN, "DE01370400440000000042", IDENTIFIER_KEY, NULL},
    {IBAN, "DE02370400440000000024", IDENTIFIER_OK, NULL},
    {IBAN, "DE99370400440000000024", IDENTIFIER_KEY, NULL},
    {IBAN, "NO9386011117947", IDENTIFIER_OK, NULL},
    {IBAN, "MT84MALT011000012345MTLCAST001S", IDENTIFIER_OK, NULL},
    {IBAN, "GB82WEST12345698765432", IDENTIFIER_OK, NULL},
    {IBAN, "GB821ST12345698765432", IDENTIFIER_LENGTH, NULL},
    {IBAN, "GB82W1ST12345698765432", IDENTIFIER_FORMAT, NULL},
    {IBAN, "FR76 3000 6000 0112 3456 7890 1$9", IDENTIFIER_CHARACTER, NULL},
    {BIC, "CCOPFRPPXXX", IDENTIFIER_OK, NULL},
    {BIC, "ccop fr pp", IDENTIFIER_OK, "CCOPFRPP"},
    {BIC, "CCOPFRPPX", IDENTIFIER_LENGTH, NULL},
    {BIC, "CCOPZZPP", IDENTIFIER_COUNTRY, NULL},
    {BIC, "CCOP1RPP", IDENTIFIER_FORMAT, NULL},
    {RIB, "20041 01005 0500013M026 06", IDENTIFIER_OK, "20041010050500013M02606"},
    {RIB, "30006 00001 12345678901 89", IDENTIFIER_OK, "30006000011234567890189"},
    {RIB, "30006 00001 12345678901 88", IDENTIFIER_KEY, NULL},
    {RIB, "3000600001123456789018", IDENTIFIER_LENGTH, NULL},
    {RIB, "3000X 00001 12345678901 89", IDENTIFIER_FORMAT, NULL},
};

static void test_cases(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
        char result[IBAN_SIZE] = "untouched", name[128];
        enum identifier_fault fault = check(CASES[i].kind, str_of(CASES[i].text), result);
        const char *wanted = CASES[i].fault != IDENTIFIER_OK ? "untouched"
                             : CASES[i].compact != NULL      ? CASES[i].compact
                                                             : CASES[i].text;

        snprintf(name, sizeof(name), "\"%s\" is %s", CASES[i].text,
                 identifier_fault_name(CASES[i].fault));
        CHECK_TEXT_NAMED(identifier_fault_name(fault), identifier_fault_name(CASES[i].fault), name);
        CHECK_TEXT_NAMED(result, wanted, name);
    }
}

/* Every single wrong digit and every swap of neighbours but 0 and 9 (Luhn's blind spot) is found.
 */
static void test_keys_find_slips(void)
{
    char siret[] = "73282932000074", iban[] = "FR7630006000011234567890189", result[IBAN_SIZE];
    int missed = 0;

    for (size_t i = 0; i < sizeof(siret) - 1; i++)
        for (char c = '0'; c <= '9'; c++) {
            char kept = siret[i];

            siret[i] = c;
            if (c != kept && siret_check(str_of(siret), result) == IDENTIFIER_OK)
                missed++;
            siret[i] = kept;
        }
    CHECK_INT_NAMED(missed, 0, "each wrong digit of a SIRET is found");
    for (size_t i = 2; i < sizeof(iban) - 1; i++)
        for (char c = '0'; c <= '9'; c++) {
            char kept = iban[i];

            iban[i] = c;
            if (c != kept && iban_check(str_of(iban), result) == IDENTIFIER_OK)
                missed++;
            iban[i] = kept;
        }
    CHECK_INT_NAMED(missed, 0, "each wrong digit of an IBAN is found");
    for (size_t i = 2; i + 2 < sizeof(iban); i++) {
        char first = iban[i], second = iban[i + 1];

        iban[i] = second;
        iban[i + 1] = first;
        if (first != second && iban_check(str_of(iban), result) == IDENTIFIER_OK)
            missed++;
        iban[i] = first;
        iban[i + 1] = second;
    }
    CHECK_INT_NAMED(missed, 0, "each swap of neighbours in an IBAN is found");
}

static void test_rib(void)
{
    char iban[IBAN_SIZE];

    CHECK_INT(iban_from_rib(STR("20041"), STR("01005"), STR("0500013M026"), iban), IDENTIFIER_OK);
    CHECK_TEXT(iban, "FR1420041010050500013M02606");
    CHECK_INT(iban_from_rib(STR("30006"), STR("00001"), STR("12345678901"), iban), IDENTIFIER_OK);
    CHECK_TEXT(iban, "FR7630006000011234567890189");
    CHECK(iban_national_key_fits(iban));
    CHECK_INT(iban_from_rib(STR("42559"), STR("10000"), STR("8012345678"), iban), IDENTIFIER_OK);
    CHECK_INT(iban_check(str_of(iban), iban), IDENTIFIER_OK);
    CHECK_INT(iban_from_rib(STR("4255"), STR("10000"), STR("8012345678"), iban), IDENTIFIER_LENGTH);
    CHECK_INT(iban_from_rib(STR("4255A"), STR("10000"), STR("8012345678"), iban),
              IDENTIFIER_FORMAT);
    CHECK_INT(iban_from_rib(STR("42559"), STR("10000"), STR("801234567890"), iban),
              IDENTIFIER_LENGTH);
    CHECK(!iban_national_key_fits("FR7630006000011234567890188"));
    CHECK(iban_national_key_fits("DE89370400440532013000"));
}

/* Bytes without a terminator and in any order must do no harm: the length rules. */
static void test_bytes(void)
{
    static const char BYTES[] = {(char)0xC2, (char)0xE2, (char)0x80, '7', '3', (char)0xFF};
    char result[IBAN_SIZE];

    for (size_t from = 0; from < sizeof(BYTES); from++)
        for (size_t size = 0; from + size <= sizeof(BYTES); size++)
            for (int kind = SIREN; kind <= RIB; kind++)
                if (check((enum kind)kind, (struct str){BYTES + from, size}, result) ==
                    IDENTIFIER_OK)
                    CHECK_NAMED(false, "stray bytes are no identifier");
    CHECK_INT(siren_check((struct str){NULL, 0}, result), IDENTIFIER_EMPTY);
    CHECK_INT(siren_check((struct str){"732829320999", 9}, result), IDENTIFIER_OK);
}

/* Published vectors: kind;value;expected;… A Spanish account whose domestic key is wrong passes:
 * mod 97 is the registry's rule, and each country's inner keys are its banks' affair. */
static void test_published(void)
{
    const char *folder = check_shared_data();
    char path[4096], line[1024];
    int used = 0;
    FILE *file;

    if (folder == NULL)
        return;
    snprintf(path, sizeof(path), "%s/identifiers/vectors.csv", folder);
    file = fopen(path, "rb");
    if (!CHECK_NAMED(file != NULL, "identifiers/vectors.csv opens"))
        return;
    while (fgets(line, sizeof(line), file) != NULL) {
        static const char *const KINDS[] = {"SIREN", "SIRET", "RNA", "IBAN"};
        char *value = strchr(line, ';'), *expected = value == NULL ? NULL : strchr(value + 1, ';');
        char result[IBAN_SIZE];
        bool valid;

        if (expected == NULL)
            continue;
        *value++ = '\0';
        *expected++ = '\0';
        valid = strncmp(expected, "valid", 5) == 0 ||
                strstr(expected, "accept after upper-casing") != NULL;
        for (size_t kind = 0; kind < ARRAY_SIZE(KINDS); kind++)
            if (strcmp(line, KINDS[kind]) == 0) {
                bool good = check((enum kind)kind, str_of(value), result) == IDENTIFIER_OK;

                CHECK_NAMED(good == valid, value);
                used++;
            }
    }
    fclose(file);
    printf("# %d published vectors used\n", used);
    CHECK(used >= 150);
}

int main(void)
{
    test_cases();
    test_keys_find_slips();
    test_rib();
    test_bytes();
    test_published();
    return check_done();
}
