#include "base/identifier.h"

#include <strings.h>

/* The longest identifier is an IBAN of 34; what is longer after compacting is a length fault, never
 * cut. */
enum { COMPACT_MAX = 40 };

struct compact {
    char text[COMPACT_MAX + 1];
    size_t size;
    bool too_long;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static int digit(char c)
{
    return c - '0';
}

/* Bytes of the separator at the start of `text`, 0 when there is none. */
static size_t separator_size(struct str text)
{
    const unsigned char *p = (const unsigned char *)text.p;

    if (p[0] == ' ' || p[0] == '\t' || p[0] == '\r' || p[0] == '\n' || p[0] == '.' || p[0] == '-')
        return 1;
    if (text.n >= 2 && p[0] == 0xC2 && p[1] == 0xA0) /* U+00A0 */
        return 2;
    if (text.n >= 3 && p[0] == 0xE2 && p[1] == 0x80 && (p[2] == 0xAF || p[2] == 0x89))
        return 3; /* U+202F, U+2009 */
    return 0;
}

/* Capitals and digits without separators. */
static enum identifier_fault compact_read(struct str text, struct compact *ret)
{
    *ret = (struct compact){.size = 0};
    for (size_t i = 0; i < text.n;) {
        size_t skip = separator_size((struct str){text.p + i, text.n - i});
        char c = text.p[i];

        if (skip > 0) {
            i += skip;
            continue;
        }
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (!is_digit(c) && !is_letter(c))
            return IDENTIFIER_CHARACTER;
        if (ret->size == COMPACT_MAX)
            ret->too_long = true;
        else
            ret->text[ret->size++] = c;
        i++;
    }
    return ret->size == 0 ? IDENTIFIER_EMPTY : IDENTIFIER_OK;
}

static bool all_digits(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!is_digit(text[i]))
            return false;
    return true;
}

static enum identifier_fault digits_read(struct str text, size_t wanted, struct compact *ret)
{
    enum identifier_fault fault = compact_read(text, ret);

    if (fault != IDENTIFIER_OK)
        return fault;
    if (!all_digits(ret->text, ret->size))
        return IDENTIFIER_CHARACTER;
    return ret->size == wanted && !ret->too_long ? IDENTIFIER_OK : IDENTIFIER_LENGTH;
}

static void give(const struct compact *compact, char *ret_compact)
{
    memcpy(ret_compact, compact->text, compact->size + 1);
}

static bool luhn(const char *digits, size_t size)
{
    int sum = 0;

    for (size_t i = 0; i < size; i++) {
        int d = digit(digits[size - 1 - i]);

        if (i % 2 == 1)
            d = d > 4 ? 2 * d - 9 : 2 * d;
        sum += d;
    }
    return sum % 10 == 0;
}

enum identifier_fault siren_check(struct str text, char ret_compact[static SIREN_SIZE])
{
    struct compact compact;
    enum identifier_fault fault = digits_read(text, SIREN_SIZE - 1, &compact);

    if (fault != IDENTIFIER_OK)
        return fault;
    if (!luhn(compact.text, compact.size))
        return IDENTIFIER_KEY;
    give(&compact, ret_compact);
    return IDENTIFIER_OK;
}

/* La Poste has more establishments than Luhn's key leaves room for: only the sum of the digits is
 * ruled, but for its head office. */
static bool siret_key_fits(const char *siret)
{
    int sum = 0;

    if (memcmp(siret, "356000000", 9) != 0 || memcmp(siret, "35600000000048", 14) == 0)
        return luhn(siret, SIRET_SIZE - 1);
    for (size_t i = 0; i < SIRET_SIZE - 1; i++)
        sum += digit(siret[i]);
    return sum % 5 == 0;
}

enum identifier_fault siret_check(struct str text, char ret_compact[static SIRET_SIZE])
{
    struct compact compact;
    enum identifier_fault fault = digits_read(text, SIRET_SIZE - 1, &compact);

    if (fault != IDENTIFIER_OK)
        return fault;
    if (!luhn(compact.text, SIREN_SIZE - 1) || !siret_key_fits(compact.text))
        return IDENTIFIER_KEY;
    give(&compact, ret_compact);
    return IDENTIFIER_OK;
}

/* W, the register's department (01 to 95, 2A, 2B, or 9 and a letter overseas), seven digits. There
 * is no key. */
enum identifier_fault rna_check(struct str text, char ret_compact[static RNA_SIZE])
{
    struct compact compact;
    enum identifier_fault fault = compact_read(text, &compact);
    bool corsican, overseas;

    if (fault != IDENTIFIER_OK)
        return fault;
    if (compact.size != RNA_SIZE - 1 || compact.too_long)
        return IDENTIFIER_LENGTH;
    corsican = compact.text[1] == '2' && (compact.text[2] == 'A' || compact.text[2] == 'B');
    overseas = compact.text[1] == '9' && is_letter(compact.text[2]);
    if (compact.text[0] != 'W' || !is_digit(compact.text[1]) ||
        !(is_digit(compact.text[2]) || corsican || overseas) || !all_digits(compact.text + 3, 7))
        return IDENTIFIER_FORMAT;
    give(&compact, ret_compact);
    return IDENTIFIER_OK;
}

/* What follows country and check digits: runs of n digits, a letters, c either (ISO 13616
 * registry). */
struct iban_country {
    char code[3];
    char structure[24];
};

static const struct iban_country IBAN_COUNTRIES[] = {
    {"AD", "8n12c"},    {"AE", "19n"},      {"AL", "8n16c"},    {"AT", "16n"},
    {"AZ", "4a20c"},    {"BA", "16n"},      {"BE", "12n"},      {"BG", "4a6n8c"},
    {"BH", "4a14c"},    {"BI", "23n"},      {"BR", "23n1a1c"},  {"BY", "4c4n16c"},
    {"CH", "5n12c"},    {"CR", "18n"},      {"CY", "8n16c"},    {"CZ", "20n"},
    {"DE", "18n"},      {"DJ", "23n"},      {"DK", "14n"},      {"DO", "4c20n"},
    {"EE", "16n"},      {"EG", "25n"},      {"ES", "20n"},      {"FI", "14n"},
    {"FK", "2a12n"},    {"FO", "14n"},      {"FR", "10n11c2n"}, {"GB", "4a14n"},
    {"GE", "2a16n"},    {"GI", "4a15c"},    {"GL", "14n"},      {"GR", "7n16c"},
    {"GT", "24c"},      {"HN", "4a20n"},    {"HR", "17n"},      {"HU", "24n"},
    {"IE", "4a14n"},    {"IL", "19n"},      {"IQ", "4a15n"},    {"IS", "22n"},
    {"IT", "1a10n12c"}, {"JO", "4a4n18c"},  {"KW", "4a22c"},    {"KZ", "3n13c"},
    {"LB", "4n20c"},    {"LC", "4a24c"},    {"LI", "5n12c"},    {"LT", "16n"},
    {"LU", "3n13c"},    {"LV", "4a13c"},    {"LY", "21n"},      {"MC", "10n11c2n"},
    {"MD", "20c"},      {"ME", "18n"},      {"MK", "3n10c2n"},  {"MN", "16n"},
    {"MR", "23n"},      {"MT", "4a5n18c"},  {"MU", "4a19n3a"},  {"NI", "4a20n"},
    {"NL", "4a10n"},    {"NO", "11n"},      {"OM", "3n16c"},    {"PK", "4a16c"},
    {"PL", "24n"},      {"PS", "4a21c"},    {"PT", "21n"},      {"QA", "4a21c"},
    {"RO", "4a16c"},    {"RS", "18n"},      {"RU", "14n15c"},   {"SA", "2n18c"},
    {"SC", "4a20n3a"},  {"SD", "14n"},      {"SE", "20n"},      {"SI", "15n"},
    {"SK", "20n"},      {"SM", "1a10n12c"}, {"SO", "19n"},      {"ST", "21n"},
    {"SV", "4a20n"},    {"TL", "19n"},      {"TN", "20n"},      {"TR", "6n16c"},
    {"UA", "6n19c"},    {"VA", "18n"},      {"VG", "4a16n"},    {"XK", "16n"},
    {"YE", "4a4n18c"},
};

static const struct iban_country *iban_country(const char *code)
{
    for (size_t i = 0; i < ARRAY_SIZE(IBAN_COUNTRIES); i++)
        if (memcmp(code, IBAN_COUNTRIES[i].code, 2) == 0)
            return &IBAN_COUNTRIES[i];
    return NULL;
}

/* The length first, then each character: a digit too many is not "a wrong character". */
static enum identifier_fault structure_check(const char *structure, const char *text, size_t size)
{
    size_t total = 0, run = 0, at = 0;

    for (const char *p = structure; *p != '\0'; p++) {
        if (is_digit(*p)) {
            run = run * 10 + (size_t)digit(*p);
        } else {
            total += run;
            run = 0;
        }
    }
    if (size != total)
        return IDENTIFIER_LENGTH;
    for (const char *p = structure; *p != '\0'; p++) {
        if (is_digit(*p)) {
            run = run * 10 + (size_t)digit(*p);
            continue;
        }
        for (; run > 0; run--, at++)
            if ((*p == 'n' && !is_digit(text[at])) || (*p == 'a' && !is_letter(text[at])))
                return IDENTIFIER_FORMAT;
    }
    return IDENTIFIER_OK;
}

static unsigned mod97_add(unsigned rest, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (is_digit(text[i]))
            rest = (rest * 10 + (unsigned)digit(text[i])) % 97;
        else
            rest = (rest * 100 + (unsigned)(text[i] - 'A') + 10) % 97;
    }
    return rest;
}

/* The value of a letter in a French account number: A, J = 1, B, K, S = 2 … I, R, Z = 9. */
static unsigned rib_value(char c)
{
    unsigned rank;

    if (is_digit(c))
        return (unsigned)digit(c);
    rank = (unsigned)(c - 'A');
    return rank < 18 ? rank % 9 + 1 : rank - 18 + 2;
}

static unsigned rib_key(const char *bank_branch_account)
{
    static const unsigned WEIGHTS[] = {89, 15, 3};
    static const size_t SIZES[] = {5, 5, 11};
    unsigned sum = 0;
    const char *p = bank_branch_account;

    for (size_t part = 0; part < 3; part++) {
        unsigned rest = 0;

        for (size_t i = 0; i < SIZES[part]; i++, p++)
            rest = (rest * 10 + rib_value(*p)) % 97;
        sum += WEIGHTS[part] * rest;
    }
    return 97 - sum % 97;
}

static bool rib_key_fits(const char *rib)
{
    return rib_key(rib) == (unsigned)(digit(rib[21]) * 10 + digit(rib[22]));
}

/* People paste "IBAN : FR76…" from a bank's paper. */
static struct str without_label(struct str text)
{
    size_t i = 0;

    while (i < text.n && separator_size((struct str){text.p + i, text.n - i}) > 0)
        i += separator_size((struct str){text.p + i, text.n - i});
    if (text.n - i < 4 || strncasecmp(text.p + i, "IBAN", 4) != 0)
        return text;
    i += 4;
    while (i < text.n && separator_size((struct str){text.p + i, text.n - i}) > 0)
        i += separator_size((struct str){text.p + i, text.n - i});
    if (i < text.n && text.p[i] == ':')
        i++;
    return (struct str){text.p + i, text.n - i};
}

enum identifier_fault iban_check(struct str text, char ret_compact[static IBAN_SIZE])
{
    struct compact compact;
    enum identifier_fault fault = compact_read(without_label(text), &compact);
    const struct iban_country *country;
    unsigned key;

    if (fault != IDENTIFIER_OK)
        return fault;
    if (compact.size < 4)
        return IDENTIFIER_LENGTH;
    if (!is_letter(compact.text[0]) || !is_letter(compact.text[1]) ||
        !all_digits(compact.text + 2, 2))
        return IDENTIFIER_FORMAT;
    country = iban_country(compact.text);
    if (country == NULL)
        return IDENTIFIER_COUNTRY;
    if (compact.too_long)
        return IDENTIFIER_LENGTH;
    fault = structure_check(country->structure, compact.text + 4, compact.size - 4);
    if (fault != IDENTIFIER_OK)
        return fault;
    key = (unsigned)(digit(compact.text[2]) * 10 + digit(compact.text[3]));
    if (key < 2 || key > 98 ||
        mod97_add(mod97_add(0, compact.text + 4, compact.size - 4), compact.text, 4) != 1)
        return IDENTIFIER_KEY;
    give(&compact, ret_compact);
    return IDENTIFIER_OK;
}

bool iban_national_key_fits(const char *iban)
{
    bool french = strncmp(iban, "FR", 2) == 0 || strncmp(iban, "MC", 2) == 0;

    return !french || (strlen(iban) == 27 && rib_key_fits(iban + 4));
}

enum identifier_fault rib_check(struct str text, char ret_compact[static RIB_SIZE])
{
    struct compact compact;
    enum identifier_fault fault = compact_read(text, &compact);

    if (fault != IDENTIFIER_OK)
        return fault;
    if (compact.size != RIB_SIZE - 1 || compact.too_long)
        return IDENTIFIER_LENGTH;
    fault = structure_check("10n11c2n", compact.text, compact.size);
    if (fault != IDENTIFIER_OK)
        return fault;
    if (!rib_key_fits(compact.text))
        return IDENTIFIER_KEY;
    give(&compact, ret_compact);
    return IDENTIFIER_OK;
}

enum identifier_fault iban_from_rib(struct str bank, struct str branch, struct str account,
                                    char ret_compact[static IBAN_SIZE])
{
    struct compact parts[3];
    const struct str texts[] = {bank, branch, account};
    static const size_t SIZES[] = {5, 5, 11};
    char rib[RIB_SIZE] = "", head[] = "FR00";
    unsigned key;

    for (size_t i = 0; i < 3; i++) {
        enum identifier_fault fault = compact_read(texts[i], &parts[i]);

        if (fault != IDENTIFIER_OK)
            return fault;
        if (parts[i].size > SIZES[i] || parts[i].too_long || (i < 2 && parts[i].size < SIZES[i]))
            return IDENTIFIER_LENGTH;
        if (i < 2 && !all_digits(parts[i].text, parts[i].size))
            return IDENTIFIER_FORMAT;
    }
    memcpy(rib, parts[0].text, 5);
    memcpy(rib + 5, parts[1].text, 5);
    memset(rib + 10, '0', 11);
    memcpy(rib + 21 - parts[2].size, parts[2].text, parts[2].size);
    key = rib_key(rib);
    rib[21] = (char)('0' + key / 10);
    rib[22] = (char)('0' + key % 10);
    key = 98 - mod97_add(mod97_add(0, rib, RIB_SIZE - 1), head, 4);
    head[2] = (char)('0' + key / 10);
    head[3] = (char)('0' + key % 10);
    snprintf(ret_compact, IBAN_SIZE, "%s%s", head, rib);
    return IDENTIFIER_OK;
}

/* Codes of ISO 3166 (and Kosovo's XK) for BICs, whose countries are many more than those of IBANs.
 */
static bool country_exists(const char *code)
{
    static const char CODES[] =
        "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ "
        "BR BS "
        "BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ "
        "EC EE "
        "EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY "
        "HK HM "
        "HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA "
        "LB LC "
        "LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY "
        "MZ NA "
        "NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS "
        "RU RW "
        "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
        "TN TO "
        "TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW ";

    for (size_t i = 0; i < sizeof(CODES) - 1; i += 3)
        if (memcmp(code, CODES + i, 2) == 0)
            return true;
    return false;
}

enum identifier_fault bic_check(struct str text, char ret_compact[static BIC_SIZE])
{
    struct compact compact;
    enum identifier_fault fault = compact_read(text, &compact);

    if (fault != IDENTIFIER_OK)
        return fault;
    if ((compact.size != 8 && compact.size != 11) || compact.too_long)
        return IDENTIFIER_LENGTH;
    /* ISO 9362:2014 allows digits in the party prefix; banks' own codes are letters. */
    if (!is_letter(compact.text[4]) || !is_letter(compact.text[5]))
        return IDENTIFIER_FORMAT;
    if (!country_exists(compact.text + 4))
        return IDENTIFIER_COUNTRY;
    give(&compact, ret_compact);
    return IDENTIFIER_OK;
}

const char *identifier_fault_name(enum identifier_fault fault)
{
    switch (fault) {
    case IDENTIFIER_OK:
        return "ok";
    case IDENTIFIER_EMPTY:
        return "empty";
    case IDENTIFIER_CHARACTER:
        return "character";
    case IDENTIFIER_LENGTH:
        return "length";
    case IDENTIFIER_FORMAT:
        return "format";
    case IDENTIFIER_COUNTRY:
        return "country";
    case IDENTIFIER_KEY:
        return "key";
    }
    return "unknown";
}
