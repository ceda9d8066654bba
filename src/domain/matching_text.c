#include "domain/matching_text.h"

#include "base/text.h"

enum { PATTERN_WORDS_MAX = 4 };

/* ---- tables: French words of banks, payers and shops ---- */

struct meaning {
    const char *pattern; /* folded words; '*' ends a prefix */
    unsigned words;
};

static const struct meaning meanings[] = {
    {"COTIS*", WORD_DUES},
    {"ADHESION*", WORD_DUES},
    {"ADH", WORD_DUES},
    {"READHESION*", WORD_DUES},
    {"FONDS", WORD_FUND},
    {"SOLIDARITE", WORD_FUND},
    {"CONTRIB*", WORD_FUND},
    {"ENTRAIDE", WORD_FUND},
    {"DON", WORD_DONATION},
    {"DONS", WORD_DONATION},
    {"DONATION*", WORD_DONATION},
    {"LIBERALITE*", WORD_DONATION},
    {"MECENAT*", WORD_PATRONAGE},
    {"PARRAINAGE*", WORD_SPONSORSHIP},
    {"SPONSOR*", WORD_SPONSORSHIP},
    {"SUBV*", WORD_SUBSIDY},
    {"TRESORERIE", WORD_SUBSIDY},
    {"DRFIP", WORD_SUBSIDY},
    {"DDFIP", WORD_SUBSIDY},
    {"PAIERIE", WORD_SUBSIDY},
    {"TRESOR PUBLIC", WORD_SUBSIDY},
    {"APPORT*", WORD_EQUITY},
    {"IMPAYE*", WORD_RETURNED},
    {"REJET*", WORD_RETURNED},
    {"RETOUR PRLV", WORD_RETURNED},
    {"RETOUR PRELEVEMENT", WORD_RETURNED},
    {"RETOUR CHEQUE", WORD_RETURNED},
    {"RETOUR CHQ", WORD_RETURNED},
    {"RETOUR VIR*", WORD_RETURNED},
    {"PROVISION INSUFFISANTE", WORD_RETURNED},
    {"INTERET*", WORD_INTEREST},
    {"INT CREDITEUR*", WORD_INTEREST},
    {"AGIOS", WORD_INTEREST},
    {"REMUNERATION LIVRET", WORD_INTEREST},
    {"REMISE CHEQUE*", WORD_CHEQUES},
    {"REMISE DE CHEQUE*", WORD_CHEQUES},
    {"REMISE CHQ*", WORD_CHEQUES},
    {"REM CHQ*", WORD_CHEQUES},
    {"REM CHEQUE*", WORD_CHEQUES},
    {"REMCHQ*", WORD_CHEQUES},
    {"REM CHQS", WORD_CHEQUES},
    {"CHEQUES", WORD_CHEQUES},
    {"BORDEREAU", WORD_CHEQUES},
    {"CHEQUE*", WORD_CHEQUE},
    {"CHQ*", WORD_CHEQUE},
    {"ESPECES", WORD_CASH},
    {"VERSEMENT ESP*", WORD_CASH},
    {"VRST*", WORD_CASH},
    {"HELLOASSO*", WORD_PLATFORM},
    {"HELLO ASSO", WORD_PLATFORM},
    {"STRIPE*", WORD_PLATFORM},
    {"SUMUP*", WORD_PLATFORM},
    {"SUM UP", WORD_PLATFORM},
    {"ZETTLE*", WORD_PLATFORM},
    {"PAYPAL*", WORD_PLATFORM},
    {"LYDIA*", WORD_PLATFORM},
    {"REMISE CARTE*", WORD_PLATFORM},
    {"REMISE CB", WORD_PLATFORM},
    {"REM CB", WORD_PLATFORM},
    {"TPE", WORD_PLATFORM},
    {"INTERNE*", WORD_INTERNAL},
    {"LIVRET*", WORD_INTERNAL},
    {"COMPTE A COMPTE", WORD_INTERNAL},
    {"APPROVISIONNEMENT*", WORD_INTERNAL},
    {"REMBOURSEMENT*", WORD_REFUND},
    {"REMBOURST*", WORD_REFUND},
    {"REMB*", WORD_REFUND},
    {"RBT*", WORD_REFUND},
    {"AVOIR", WORD_REFUND},
    {"TROP PERCU*", WORD_REFUND | WORD_WHOLE},
    {"TROP VERSE*", WORD_REFUND | WORD_WHOLE},
    {"DOUBLON*", WORD_REFUND | WORD_WHOLE},
    {"PAYE DEUX FOIS", WORD_REFUND | WORD_WHOLE},
    {"POUR LE COMPTE", WORD_THIRD_PARTY},
    {"POUR COMPTE", WORD_THIRD_PARTY},
    {"POUR CPTE", WORD_THIRD_PARTY},
    {"CAUTION*", WORD_THIRD_PARTY},
    {"DEPOT DE GARANTIE", WORD_THIRD_PARTY},
    {"REVERSEMENT*", WORD_THIRD_PARTY},
    {"VIR", WORD_TRANSFER},
    {"VIREMENT*", WORD_TRANSFER},
    {"VIRT", WORD_TRANSFER},
    {"VRT", WORD_TRANSFER},
    {"CB", WORD_CARD},
    {"CARTE*", WORD_CARD},
    {"PAIEMENT CB", WORD_CARD},
};

struct purpose {
    const char *pattern;
    const char *category; /* reference.expense_category */
    int strength;         /* how often the word alone is right, out of 100 */
};

static const struct purpose purposes[] = {
    {"FRAIS", "bank_fees", 62},
    {"FRAIS TENUE*", "bank_fees", 92},
    {"FRAIS DE TENUE", "bank_fees", 92},
    {"TENUE DE COMPTE", "bank_fees", 92},
    {"FRAIS BANCAIRE*", "bank_fees", 92},
    {"FRAIS DE GESTION", "bank_fees", 80},
    {"FRAIS REJET*", "bank_fees", 92},
    {"FRAIS DE REJET*", "bank_fees", 92},
    {"FRAIS IMPAYE*", "bank_fees", 92},
    {"FRAIS SUR*", "bank_fees", 85},
    {"FRAIS CHQ*", "bank_fees", 90},
    {"FRAIS CHEQUE*", "bank_fees", 90},
    {"FRAIS VIR*", "bank_fees", 90},
    {"FRAIS PRLV*", "bank_fees", 90},
    {"COMMISSION*", "bank_fees", 86},
    {"COMM", "bank_fees", 70},
    {"COTISATION CARTE*", "bank_fees", 92},
    {"COTIS CARTE*", "bank_fees", 92},
    {"COTISATION CB", "bank_fees", 92},
    {"COTISATION VISA", "bank_fees", 92},
    {"COTISATION OFFRE", "bank_fees", 88},
    {"COTISATION PACK*", "bank_fees", 88},
    {"ABONNEMENT BANQUE", "bank_fees", 90},
    {"ABONNEMENT INTERNET BANQUE", "bank_fees", 92},
    {"FORFAIT COMPTE", "bank_fees", 85},
    {"ARRETE DE COMPTE", "bank_fees", 80},
    {"LOYER*", "rent", 92},
    {"BAIL", "rent", 80},
    {"LOCATION SALLE*", "rent", 88},
    {"LOCATION BUREAU*", "rent", 90},
    {"LOCATION LOCA*", "rent", 90},
    {"LOCATION*", "rent", 68},
    {"FONCIERE*", "rent", 66},
    {"IMMO*", "rent", 62},
    {"ASSURANCE*", "insurance", 92},
    {"ASSUR*", "insurance", 84},
    {"MAIF", "insurance", 92},
    {"MACIF", "insurance", 92},
    {"MAAF", "insurance", 92},
    {"MATMUT", "insurance", 92},
    {"SMACL", "insurance", 92},
    {"GROUPAMA", "insurance", 90},
    {"ALLIANZ", "insurance", 90},
    {"AXA", "insurance", 90},
    {"MULTIRISQUE", "insurance", 90},
    {"RESPONSABILITE CIVILE", "insurance", 88},
    {"EDF", "energy", 92},
    {"ENGIE", "energy", 92},
    {"ENERCOOP", "energy", 92},
    {"ELECTRICITE", "energy", 88},
    {"EAU", "energy", 70},
    {"EAUX", "energy", 80},
    {"GAZ", "energy", 80},
    {"CHAUFFAGE", "energy", 84},
    {"VEOLIA", "energy", 86},
    {"SUEZ", "energy", 80},
    {"FOURNITURE*", "supplies", 86},
    {"PAPETERIE*", "supplies", 88},
    {"BUREAU VALLEE", "supplies", 90},
    {"CARTOUCHE*", "supplies", 82},
    {"IMPRIMANTE*", "supplies", 66},
    {"RAMETTE*", "supplies", 88},
    {"QUINCAILLERIE*", "small_equipment", 78},
    {"BRICO*", "small_equipment", 76},
    {"LEROY MERLIN", "small_equipment", 80},
    {"IKEA", "small_equipment", 72},
    {"LA POSTE", "post", 88},
    {"POSTE", "post", 70},
    {"TIMBRE*", "post", 90},
    {"AFFRANCHISSEMENT*", "post", 90},
    {"ORANGE", "post", 86},
    {"SFR", "post", 90},
    {"FREE", "post", 82},
    {"FREE MOBILE", "post", 92},
    {"BOUYGUES TELECOM", "post", 92},
    {"TELECOM*", "post", 84},
    {"TELEPHON*", "post", 86},
    {"INTERNET", "post", 66},
    {"FIBRE", "post", 78},
    {"OVH*", "post", 86},
    {"GANDI", "post", 86},
    {"HEBERGEMENT WEB", "post", 86},
    {"SNCF*", "travel", 92},
    {"TRAIN*", "travel", 82},
    {"BLABLACAR", "travel", 90},
    {"PEAGE*", "travel", 88},
    {"AUTOROUTE*", "travel", 86},
    {"TAXI*", "travel", 84},
    {"HOTEL*", "travel", 78},
    {"DEPLACEMENT*", "travel", 90},
    {"KILOMETRI*", "travel", 90},
    {"NOTE DE FRAIS", "travel", 84},
    {"FRAIS DE DEPLACEMENT*", "travel", 93},
    {"FRAIS DEPLACEMENT*", "travel", 93},
    {"FRAIS DEPLAC*", "travel", 93},
    {"FRAIS KM", "travel", 93},
    {"FRAIS DE MISSION*", "travel", 88},
    {"REMBOURSEMENT FRAIS", "travel", 80},
    {"REMBOURSEMENT DE FRAIS", "travel", 80},
    {"REMB FRAIS", "travel", 80},
    {"COVOITURAGE", "travel", 86},
    {"RESTAURANT*", "reception", 82},
    {"TRAITEUR*", "reception", 90},
    {"BOULANGERIE*", "reception", 76},
    {"BUFFET*", "reception", 86},
    {"REPAS", "reception", 78},
    {"RECEPTION*", "reception", 70},
    {"HONORAIRE*", "fees", 92},
    {"EXPERT COMPTABLE", "fees", 92},
    {"EXPERTISE COMPTABLE", "fees", 92},
    {"EXPERTISE", "fees", 70},
    {"CABINET", "fees", 72},
    {"AVOCAT*", "fees", 90},
    {"NOTAIRE*", "fees", 88},
    {"PRESTATION*", "services", 80},
    {"ANIMATION*", "services", 70},
    {"FORMATION*", "services", 72},
    {"FACTURE*", "services", 45},
    {"FACT", "services", 45},
    {"IMPRIM*", "communication", 76},
    {"IMPRIMERIE*", "communication", 90},
    {"AFFICHE*", "communication", 86},
    {"FLYER*", "communication", 90},
    {"GRAPHISTE*", "communication", 84},
    {"COMMUNICATION*", "communication", 70},
    {"REVUE*", "documentation", 84},
    {"JOURNAL*", "documentation", 70},
    {"LIBRAIRIE*", "documentation", 86},
    {"ABONNEMENT*", "documentation", 60},
    {"COTISATION*", "subscriptions", 66},
    {"COTIS", "subscriptions", 60},
    {"ADHESION*", "subscriptions", 80},
    {"FEDERATION*", "subscriptions", 70},
    {"ENTRETIEN*", "maintenance", 78},
    {"REPARATION*", "maintenance", 88},
    {"MENAGE", "maintenance", 80},
    {"IMPOT*", "tax", 90},
    {"DGFIP", "tax", 86},
    {"TAXE*", "tax", 88},
    {"CFE", "tax", 88},
};

static const char *const stop_words[] = {
    "A",           "ASS",  "ASSO",    "ASSOC", "ASSOCIATION", "AU",      "AUX",  "COOP",
    "COOPERATIVE", "D",    "DE",      "DES",   "DU",          "EI",      "EIRL", "EN",
    "ET",          "EURL", "L",       "LA",    "LE",          "LES",     "M",    "MAIRIE",
    "MLE",         "MLLE", "MME",     "MR",    "MONSIEUR",    "MADAME",  "OU",   "PAR",
    "POUR",        "SA",   "SARL",    "SAS",   "SASU",        "SCIC",    "SCOP", "SCP",
    "SNC",         "STE",  "SOCIETE", "SUR",   "VILLE",       "COMMUNE", "UN",   "UNE",
};

/* What structures are called after: shared with structures that are no members, so it names nobody
 * alone. */
static const char *const common_words[] = {
    "ACCUEIL",   "AMIS",       "ATELIER",   "ATELIERS",   "BOULANGERIE",  "BUREAU",     "CABINET",
    "CAFE",      "CENTRE",     "COLLECTIF", "COMITE",     "COMPAGNIE",    "CONSEIL",    "ECOLE",
    "ENERGIE",   "ENERGIES",   "EPICERIE",  "ETUDES",     "FERME",        "FESTIVAL",   "FOYER",
    "GARAGE",    "GROUPE",     "HABITAT",   "IMPRIMERIE", "JARDIN",       "JARDINS",    "LIBRAIRIE",
    "MAISON",    "MENUISERIE", "RADIO",     "RESEAU",     "RESSOURCERIE", "RESTAURANT", "SERVICES",
    "SOLIDAIRE", "SOLIDAIRES", "STUDIO",    "TERRE",      "TERRES",       "THEATRE",    "TIERS",
    "UNION",
};

/* Words that banks add to every line, and that change from one month to the next. */
static const char *const fleeting_words[] = {
    "ACHAT",    "AOUT",      "AUTOMATIQUE", "AVRIL",      "CARTE",     "CB",      "COMPTE",
    "DATE",     "DECEMBRE",  "DU",          "ECH",        "ECHEANCE",  "EMIS",    "EN",
    "EUR",      "EUROS",     "FACT",        "FACTURE",    "FAVEUR",    "FEV",     "FEVRIER",
    "ICS",      "ID",        "INST",        "INSTANTANE", "JANV",      "JANVIER", "JUIL",
    "JUILLET",  "JUIN",      "MAI",         "MANDAT",     "MARS",      "MOIS",    "MOTIF",
    "NOV",      "NOVEMBRE",  "NUM",         "NUMERO",     "OCT",       "OCTOBRE", "ORIGINE",
    "PAIEMENT", "PERMANENT", "PRELEVEMENT", "PRLV",       "RECU",      "REF",     "REFERENCE",
    "RUM",      "SEPA",      "SEPT",        "SEPTEMBRE",  "TRIMESTRE", "VERS",    "VIR",
    "VIREMENT", "VRT",
};

/* ---- words ---- */

static bool in_list(const struct matching_token *token, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(list[i]) == token->n && memcmp(list[i], token->p, token->n) == 0)
            return true;
    return false;
}

static bool has_digit(const struct matching_token *token)
{
    for (size_t i = 0; i < token->n; i++)
        if (token->p[i] >= '0' && token->p[i] <= '9')
            return true;
    return false;
}

static void add_tokens(struct matching_text *text, const char *folded, bool name)
{
    for (const char *p = folded; *p != '\0' && text->n < MATCHING_TOKENS_MAX;) {
        size_t n = strcspn(p, " ");
        text->tokens[text->n++] =
            (struct matching_token){.p = p, .n = n, .last = p[n] == '\0', .name = name};
        p += n + (p[n] == ' ' ? 1 : 0);
    }
}

bool matching_text_init(struct matching_text *text, struct arena *arena, const char *name,
                        const char *const *rest, size_t n_rest)
{
    text->n = 0;
    for (size_t i = 0; i <= n_rest; i++) {
        const char *field = i == 0 ? name : rest[i - 1];
        const char *folded = field == NULL ? "" : text_fold(arena, str_of(field));
        if (folded == NULL)
            return false;
        add_tokens(text, folded, i == 0);
    }
    size_t size = 1;
    for (size_t i = 0; i < text->n; i++)
        size += text->tokens[i].n;
    char *compact = arena_alloc(arena, size);
    if (compact == NULL)
        return false;
    size = 0;
    for (size_t i = 0; i < text->n; i++) {
        memcpy(compact + size, text->tokens[i].p, text->tokens[i].n);
        size += text->tokens[i].n;
    }
    text->compact = compact;
    return true;
}

static bool word_fits(const char *pattern, size_t n, const struct matching_token *token)
{
    bool prefix = pattern[n - 1] == '*';
    size_t length = prefix ? n - 1 : n;
    return (prefix ? token->n >= length : token->n == length) &&
           memcmp(pattern, token->p, length) == 0;
}

/* Whether the words of the pattern stand one after the other from `at`; the payer's own name does
 * not count. */
static bool pattern_fits(const char *pattern, const struct matching_text *text, size_t at)
{
    for (const char *p = pattern; *p != '\0'; at++) {
        size_t n = strcspn(p, " ");
        if (at >= text->n || text->tokens[at].used || !word_fits(p, n, &text->tokens[at]))
            return false;
        p += n + (p[n] == ' ' ? 1 : 0);
    }
    return true;
}

unsigned matching_words(const struct matching_text *text)
{
    unsigned words = 0;
    for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
        for (size_t at = 0; at < text->n; at++)
            if (pattern_fits(meanings[i].pattern, text, at))
                words |= meanings[i].words;
    return words;
}

const char *matching_category(const struct matching_text *text, int *ret_strength)
{
    const char *category = NULL;
    int strength = 0;
    for (size_t i = 0; i < ARRAY_SIZE(purposes); i++)
        for (size_t at = 0; at < text->n && purposes[i].strength > strength; at++)
            if (pattern_fits(purposes[i].pattern, text, at)) {
                category = purposes[i].category;
                strength = purposes[i].strength;
            }
    if (category != NULL)
        *ret_strength = strength;
    return category;
}

int matching_cheque_count(const struct matching_text *text)
{
    for (size_t i = 0; i + 1 < text->n; i++) {
        int64_t count;
        const struct matching_token *number = &text->tokens[i], *next = &text->tokens[i + 1];
        if (text_to_int((struct str){number->p, number->n}, 1, 99, &count) &&
            (word_fits("CHEQUE*", 7, next) || word_fits("CHQ*", 4, next)))
            return (int)count;
    }
    return 0;
}

/* ---- amounts ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

size_t matching_amounts(const char *text, int digits, int64_t amounts[static MATCHING_AMOUNTS_MAX])
{
    size_t n = 0;
    for (const char *p = text; p != NULL && *p != '\0' && n < MATCHING_AMOUNTS_MAX;) {
        if (!is_digit(*p)) {
            p++;
            continue;
        }
        int64_t units = 0, fraction = 0;
        int length = 0, decimals = 0;
        const char *start = p;
        for (; is_digit(*p); p++, length++)
            units = length < 9 ? units * 10 + (*p - '0') : units;
        /* "1 250": groups of three after a space, the first group of one to three */
        while (length <= 6 && *p == ' ' && is_digit(p[1]) && is_digit(p[2]) && is_digit(p[3]) &&
               !is_digit(p[4]) && p - start <= 7) {
            units = units * 1000 + (p[1] - '0') * 100 + (p[2] - '0') * 10 + (p[3] - '0');
            length += 3;
            p += 4;
        }
        if ((*p == ',' || *p == '.') && is_digit(p[1]))
            for (p++; is_digit(*p); p++, decimals++)
                fraction = decimals < digits ? fraction * 10 + (*p - '0') : fraction;
        bool glued = start > text && ((start[-1] >= 'A' && start[-1] <= 'Z') ||
                                      (start[-1] >= 'a' && start[-1] <= 'z') || start[-1] == '-' ||
                                      start[-1] == '/');
        bool year = decimals == 0 && length == 4 && units >= 2000 && units <= 2099;
        if (length > 7 || decimals > digits || glued || year || *p == '/' ||
            (*p == '-' && is_digit(p[1])))
            continue;
        for (int i = 0; i < digits; i++)
            units = units * 10;
        for (int i = decimals; i < digits; i++)
            fraction = fraction * 10;
        if (units + fraction > 0)
            amounts[n++] = units + fraction;
    }
    return n;
}

/* ---- names ---- */

bool matching_name_init(struct matching_name *name, struct arena *arena, const char *plain)
{
    struct matching_text text;
    size_t kept = 0;
    *name = (struct matching_name){.compact = ""};
    if (!matching_text_init(&text, arena, plain, NULL, 0))
        return false;
    name->tokens = ARENA_ARRAY(arena, struct matching_token, text.n + 1);
    name->weights = ARENA_ARRAY(arena, int, text.n + 1);
    if (name->tokens == NULL || name->weights == NULL)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (!in_list(&text.tokens[i], stop_words, ARRAY_SIZE(stop_words)) && text.tokens[i].n > 1)
            name->tokens[kept++] = text.tokens[i];
    for (size_t i = 0; kept == 0 && i < text.n; i++)
        name->tokens[i] = text.tokens[i];
    name->n = kept > 0 ? kept : text.n;
    size_t size = 1;
    for (size_t i = 0; i < name->n; i++) {
        bool common = in_list(&name->tokens[i], common_words, ARRAY_SIZE(common_words));
        name->weights[i] =
            (common ? 40 : 100) * (int)(name->tokens[i].n < 10 ? name->tokens[i].n : 10);
        size += name->tokens[i].n;
    }
    char *compact = arena_alloc(arena, size);
    if (compact == NULL)
        return false;
    size = 0;
    for (size_t i = 0; i < name->n; i++) {
        memcpy(compact + size, name->tokens[i].p, name->tokens[i].n);
        size += name->tokens[i].n;
    }
    name->compact = compact;
    return true;
}

/* Whether one letter more, less or other makes the words equal. */
static bool one_letter_apart(const struct matching_token *a, const struct matching_token *b)
{
    const struct matching_token *shorter = a->n <= b->n ? a : b, *longer = a->n <= b->n ? b : a;
    size_t i = 0;
    if (longer->n - shorter->n > 1)
        return false;
    while (i < shorter->n && shorter->p[i] == longer->p[i])
        i++;
    if (i == shorter->n)
        return true;
    size_t skipped = shorter->n == longer->n ? i + 1 : i; /* other letter, or one missing */
    return memcmp(shorter->p + skipped, longer->p + i + 1, shorter->n - skipped) == 0;
}

int matching_token_likeness(const struct matching_token *name, const struct matching_token *text)
{
    size_t n = name->n < text->n ? name->n : text->n;
    if (name->n == text->n && memcmp(name->p, text->p, n) == 0)
        return 100;
    if (n >= 3 && memcmp(name->p, text->p, n) == 0) {
        if (text->n < name->n && (text->last || n >= 5)) /* cut off or abbreviated */
            return (int)(40 + 60 * n / name->n);
        if (text->n > name->n && n >= 5)
            return 85;
    }
    return name->n >= 5 && text->n >= 5 && !has_digit(text) && one_letter_apart(name, text) ? 80
                                                                                            : 0;
}

/* The name written without its spaces, whole or cut off at the end of the text. */
static int compact_likeness(const struct matching_name *name, const struct matching_text *text)
{
    size_t n = strlen(name->compact), total = strlen(text->compact);
    if (n < 8)
        return 0;
    if (strstr(text->compact, name->compact) != NULL)
        return 100;
    for (size_t kept = n - 1; kept >= 10; kept--)
        if (total >= kept && memcmp(text->compact + total - kept, name->compact, kept) == 0)
            return (int)(60 + 40 * kept / n);
    return 0;
}

int matching_likeness(const struct matching_name *name, const struct matching_text *text)
{
    int64_t found = 0, whole = 0;
    int compact = compact_likeness(name, text);
    for (size_t i = 0; i < name->n; i++) {
        int best = 0;
        for (size_t t = 0; t < text->n && best < 100; t++) {
            int likeness = matching_token_likeness(&name->tokens[i], &text->tokens[t]);
            best = likeness > best ? likeness : best;
        }
        found += (int64_t)best * name->weights[i];
        whole += name->weights[i];
    }
    int likeness = whole == 0 ? 0 : (int)(found / whole);
    return likeness > compact ? likeness : compact;
}

void matching_mark_used(const struct matching_name *name, struct matching_text *text)
{
    for (size_t t = 0; t < text->n; t++)
        for (size_t i = 0; i < name->n; i++)
            if (matching_token_likeness(&name->tokens[i], &text->tokens[t]) >= 80)
                text->tokens[t].used = true;
}

/* ---- signatures ---- */

const char *matching_signature(struct arena *arena, const struct matching_text *text)
{
    size_t size = 1;
    for (size_t i = 0; i < text->n; i++)
        size += text->tokens[i].n + 1;
    char *signature = arena_alloc(arena, size);
    if (signature == NULL)
        return NULL;
    size = 0;
    for (size_t i = 0; i < text->n; i++) {
        const struct matching_token *token = &text->tokens[i];
        if (token->n < 2 || has_digit(token) ||
            in_list(token, fleeting_words, ARRAY_SIZE(fleeting_words)) ||
            in_list(token, stop_words, ARRAY_SIZE(stop_words)))
            continue;
        if (size > 0)
            signature[size++] = ' ';
        memcpy(signature + size, token->p, token->n);
        size += token->n;
    }
    signature[size] = '\0';
    return signature;
}

/* Length of the words of `a` that are also in `b`. */
static int common_length(const char *a, const char *b, int *ret_whole)
{
    int common = 0, whole = 0;
    for (const char *p = a; *p != '\0';) {
        size_t n = strcspn(p, " ");
        whole += (int)n;
        for (const char *q = b; *q != '\0';) {
            size_t m = strcspn(q, " ");
            if (m == n && memcmp(p, q, n) == 0) {
                common += (int)n;
                break;
            }
            q += m + (q[m] == ' ' ? 1 : 0);
        }
        p += n + (p[n] == ' ' ? 1 : 0);
    }
    *ret_whole = whole;
    return common;
}

int matching_signature_likeness(const char *a, const char *b)
{
    int whole_a, whole_b;
    int common_a = common_length(a, b, &whole_a), common_b = common_length(b, a, &whole_b);
    return whole_a == 0 || whole_b == 0 ? 0 : 100 * (common_a + common_b) / (whole_a + whole_b);
}
