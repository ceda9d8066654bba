#include "domain/member_file.h"

#include "base/date.h"
#include "base/text.h"

struct word {
    const char *folded; /* as text_fold writes it */
    const char *code;
};

/* text_fold makes one word of what differs by accents, case, hyphens, full stops and middle dots
 * only. */
static const struct word headings[] = {
    {"NOM", "name"},
    {"NAME", "name"},
    {"RAISON SOCIALE", "name"},
    {"DENOMINATION", "name"},
    {"DENOMINATION SOCIALE", "name"},
    {"NOM OU RAISON SOCIALE", "name"},
    {"NOM DE LA STRUCTURE", "name"},
    {"NOM STRUCTURE", "name"},
    {"STRUCTURE", "name"},
    {"NOM DE L ADHERENT", "name"},
    {"NOM ADHERENT", "name"},
    {"ADHERENT", "name"},
    {"ADHERENT E", "name"},
    {"MEMBRE", "name"},
    {"MEMBER", "name"},
    {"MEMBER NAME", "name"},
    {"ORGANISATION", "name"},
    {"ORGANISME", "name"},
    {"FORME JURIDIQUE", "legal_form"},
    {"FORME", "legal_form"},
    {"LEGAL FORM", "legal_form"},
    {"STATUT JURIDIQUE", "legal_form"},
    {"STATUT", "legal_form"},
    {"TYPE", "legal_form"},
    {"TYPE DE STRUCTURE", "legal_form"},
    {"CATEGORIE", "legal_form"},
    {"SIRET", "siret"},
    {"N SIRET", "siret"},
    {"NO SIRET", "siret"},
    {"NUMERO SIRET", "siret"},
    {"NUMERO DE SIRET", "siret"},
    {"SIRET NUMBER", "siret"},
    {"SIREN", "siren"},
    {"N SIREN", "siren"},
    {"NO SIREN", "siren"},
    {"NUMERO SIREN", "siren"},
    {"RNA", "rna"},
    {"N RNA", "rna"},
    {"NO RNA", "rna"},
    {"NUMERO RNA", "rna"},
    {"RNA NUMBER", "rna"},
    {"WALDEC", "rna"},
    {"EMAIL", "email"},
    {"E MAIL", "email"},
    {"MAIL", "email"},
    {"MEL", "email"},
    {"COURRIEL", "email"},
    {"ADRESSE ELECTRONIQUE", "email"},
    {"ADRESSE EMAIL", "email"},
    {"ADRESSE E MAIL", "email"},
    {"ADRESSE MAIL", "email"},
    {"EMAIL ADDRESS", "email"},
    {"TELEPHONE", "phone"},
    {"TEL", "phone"},
    {"PHONE", "phone"},
    {"PORTABLE", "phone"},
    {"MOBILE", "phone"},
    {"NUMERO DE TELEPHONE", "phone"},
    {"ADRESSE", "street"},
    {"ADRESSE POSTALE", "street"},
    {"RUE", "street"},
    {"VOIE", "street"},
    {"STREET", "street"},
    {"ADDRESS", "street"},
    {"CODE POSTAL", "postal_code"},
    {"CP", "postal_code"},
    {"POSTAL CODE", "postal_code"},
    {"POSTCODE", "postal_code"},
    {"ZIP", "postal_code"},
    {"ZIP CODE", "postal_code"},
    {"VILLE", "city"},
    {"COMMUNE", "city"},
    {"LOCALITE", "city"},
    {"CITY", "city"},
    {"TOWN", "city"},
    {"PAYS", "country"},
    {"COUNTRY", "country"},
    {"CODE PAYS", "country"},
    {"IBAN", "iban"},
    {"NUMERO IBAN", "iban"},
    {"RIB", "iban"},
    {"RIB IBAN", "iban"},
    {"IBAN RIB", "iban"},
    {"TITULAIRE", "account_holder"},
    {"TITULAIRE DU COMPTE", "account_holder"},
    {"ACCOUNT HOLDER", "account_holder"},
    {"CONTACT", "contact_name"},
    {"NOM DU CONTACT", "contact_name"},
    {"CONTACT NAME", "contact_name"},
    {"PERSONNE CONTACT", "contact_name"},
    {"PERSONNE A CONTACTER", "contact_name"},
    {"INTERLOCUTEUR", "contact_name"},
    {"REPRESENTANT", "contact_name"},
    {"REPRESENTANTE", "contact_name"},
    {"REPRESENTANT E", "contact_name"},
    {"FONCTION", "contact_role"},
    {"FONCTION DU CONTACT", "contact_role"},
    {"QUALITE", "contact_role"},
    {"ROLE", "contact_role"},
    {"CONTACT ROLE", "contact_role"},
    {"ADHESION", "joined_on"},
    {"ADHESION LE", "joined_on"},
    {"DATE D ADHESION", "joined_on"},
    {"DATE ADHESION", "joined_on"},
    {"DATE D ENTREE", "joined_on"},
    {"ENTREE", "joined_on"},
    {"ADHERENT DEPUIS", "joined_on"},
    {"MEMBRE DEPUIS", "joined_on"},
    {"JOINED ON", "joined_on"},
    {"JOINED", "joined_on"},
    {"MEMBER SINCE", "joined_on"},
    {"DEPART", "left_on"},
    {"DATE DE DEPART", "left_on"},
    {"DATE DEPART", "left_on"},
    {"SORTIE", "left_on"},
    {"DATE DE SORTIE", "left_on"},
    {"DATE DE RADIATION", "left_on"},
    {"LEFT ON", "left_on"},
    {"LEFT", "left_on"},
    {"NOTES", "notes"},
    {"NOTE", "notes"},
    {"REMARQUES", "notes"},
    {"REMARQUE", "notes"},
    {"OBSERVATIONS", "notes"},
    {"COMMENTAIRE", "notes"},
    {"COMMENTAIRES", "notes"},
    {"COMMENTS", "notes"},
};

/* "Coopérative" alone is not here: SCOP and SCIC do not have the same rules. */
static const struct word legal_forms[] = {
    {"ASSOCIATION", "association"},
    {"ASSO", "association"},
    {"ASSOC", "association"},
    {"ASSOCIATION LOI 1901", "association"},
    {"ASSOCIATION LOI DE 1901", "association"},
    {"ASSOCIATION 1901", "association"},
    {"LOI 1901", "association"},
    {"SCOP", "scop"},
    {"S C O P", "scop"},
    {"SCOP SA", "scop"},
    {"SCOP SARL", "scop"},
    {"SCOP SAS", "scop"},
    {"SARL SCOP", "scop"},
    {"SA SCOP", "scop"},
    {"SOCIETE COOPERATIVE ET PARTICIPATIVE", "scop"},
    {"WORKER COOPERATIVE", "scop"},
    {"SCIC", "scic"},
    {"S C I C", "scic"},
    {"SCIC SA", "scic"},
    {"SCIC SARL", "scic"},
    {"SCIC SAS", "scic"},
    {"SOCIETE COOPERATIVE D INTERET COLLECTIF", "scic"},
    {"SOLE TRADER", "sole_trader"},
    {"AUTO ENTREPRENEUR", "sole_trader"},
    {"AUTO ENTREPRENEUSE", "sole_trader"},
    {"AUTO ENTREPRENEUR SE", "sole_trader"},
    {"AUTOENTREPRENEUR", "sole_trader"},
    {"AUTO ENTREPRISE", "sole_trader"},
    {"MICRO ENTREPRENEUR", "sole_trader"},
    {"MICRO ENTREPRENEUSE", "sole_trader"},
    {"MICRO ENTREPRISE", "sole_trader"},
    {"MICROENTREPRISE", "sole_trader"},
    {"ENTREPRISE INDIVIDUELLE", "sole_trader"},
    {"ENTREPRENEUR INDIVIDUEL", "sole_trader"},
    {"ENTREPRENEUSE INDIVIDUELLE", "sole_trader"},
    {"ENTREPRENEUR E INDIVIDUEL LE", "sole_trader"},
    {"EI", "sole_trader"},
    {"EIRL", "sole_trader"},
    {"INDEPENDANT", "sole_trader"},
    {"INDEPENDANTE", "sole_trader"},
    {"INDEPENDANT E", "sole_trader"},
    {"TRAVAILLEUR INDEPENDANT", "sole_trader"},
    {"PROFESSION LIBERALE", "sole_trader"},
    {"COMPANY", "company"},
    {"SOCIETE", "company"},
    {"ENTREPRISE", "company"},
    {"SARL", "company"},
    {"EURL", "company"},
    {"SAS", "company"},
    {"SASU", "company"},
    {"SA", "company"},
    {"SNC", "company"},
    {"LOCAL AUTHORITY", "local_authority"},
    {"COLLECTIVITE", "local_authority"},
    {"COLLECTIVITE TERRITORIALE", "local_authority"},
    {"COLLECTIVITE LOCALE", "local_authority"},
    {"COMMUNE", "local_authority"},
    {"MAIRIE", "local_authority"},
    {"INTERCOMMUNALITE", "local_authority"},
    {"COMMUNAUTE DE COMMUNES", "local_authority"},
    {"COMMUNAUTE D AGGLOMERATION", "local_authority"},
    {"METROPOLE", "local_authority"},
    {"EPCI", "local_authority"},
    {"DEPARTEMENT", "local_authority"},
    {"REGION", "local_authority"},
    {"ETABLISSEMENT PUBLIC", "local_authority"},
    {"ELECTED OFFICIAL", "elected_official"},
    {"ELU", "elected_official"},
    {"ELUE", "elected_official"},
    {"ELU E", "elected_official"},
    {"ELU LOCAL", "elected_official"},
    {"ELUE LOCALE", "elected_official"},
    {"ELU E LOCAL E", "elected_official"},
    {"PERSON", "person"},
    {"PARTICULIER", "person"},
    {"PARTICULIERE", "person"},
    {"PARTICULIER ERE", "person"},
    {"PERSONNE", "person"},
    {"PERSONNE PHYSIQUE", "person"},
    {"INDIVIDUAL", "person"},
};

static const struct word countries[] = {
    {"FRANCE", "FR"},      {"BELGIQUE", "BE"},   {"BELGIUM", "BE"},   {"SUISSE", "CH"},
    {"SWITZERLAND", "CH"}, {"LUXEMBOURG", "LU"}, {"ALLEMAGNE", "DE"}, {"GERMANY", "DE"},
    {"ITALIE", "IT"},      {"ITALY", "IT"},      {"ESPAGNE", "ES"},   {"SPAIN", "ES"},
    {"MONACO", "MC"},      {"ANDORRE", "AD"},    {"ANDORRA", "AD"},
};

static const char *look_up(struct arena *arena, const struct word *words, size_t n, struct str text)
{
    const char *folded = text_fold(arena, text);
    for (size_t i = 0; folded != NULL && i < n; i++)
        if (strcmp(folded, words[i].folded) == 0)
            return words[i].code;
    return NULL;
}

const char *member_file_field(struct arena *arena, struct str heading)
{
    /* The names of the API have underscores: "legal_form" folds to "LEGAL FORM", which is among the
     * headings. */
    return look_up(arena, headings, ARRAY_SIZE(headings), heading);
}

const char *member_file_headings(void)
{
    return "Nom, Forme juridique, SIRET, SIREN, RNA, Adresse électronique, Téléphone, Adresse, "
           "Code postal, Commune, Pays, "
           "IBAN, Titulaire du compte, Contact, Fonction, Adhésion, Départ, Notes";
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads a number of at most `most` digits at *at; -1 where there is none. */
static int number_at(struct str text, size_t *at, size_t most)
{
    int value = 0;
    size_t start = *at;
    while (*at < text.n && *at - start < most && is_digit(text.p[*at]))
        value = value * 10 + (text.p[(*at)++] - '0');
    return *at == start ? -1 : value;
}

static bool is_midnight(struct str rest)
{
    return rest.n == 0 || str_is(rest, " 00:00") || str_is(rest, " 00:00:00") ||
           str_is(rest, " 0:00") || str_is(rest, " 0:00:00") || str_is(rest, "T00:00:00") ||
           str_is(rest, "T00:00:00Z");
}

/* Three numbers with one separator; the one of four digits is the year, first or last. */
static struct str read_date(struct arena *arena, struct str text)
{
    size_t at = 0;
    int first = number_at(text, &at, 4);
    bool year_first = at == 4;
    if (first < 0 || at >= text.n || strchr("/-.", text.p[at]) == NULL)
        return text;
    char separator = text.p[at++];
    int second = number_at(text, &at, 2);
    if (second < 0 || at >= text.n || text.p[at++] != separator)
        return text;
    size_t start = at;
    int third = number_at(text, &at, 4);
    bool year_last = at - start == 4;
    if (third < 0 || year_first == year_last ||
        !is_midnight((struct str){text.p + at, text.n - at}))
        return text;
    struct date date =
        year_first ? (struct date){first, second, third} : (struct date){third, second, first};
    char buffer[DATE_TEXT_MAX];
    if (!date_exists(date))
        return text;
    return str_of(arena_strdup(arena, date_format(date, buffer)));
}

static struct str read_postal_code(struct arena *arena, struct str text)
{
    int64_t number;
    if (text.n != 4 || !text_to_int(text, 1000, 9999, &number))
        return text;
    char *padded = arena_printf(arena, "0%.4s", text.p);
    return padded == NULL ? (struct str){NULL, 0} : (struct str){padded, 5};
}

struct str member_file_value(struct arena *arena, const char *field, struct str cell, bool french)
{
    struct str text = text_trim(cell);
    const char *code = NULL;
    if (text.n > 1 && text.p[0] == '\'' && strchr("=+-@", text.p[1]) != NULL)
        text = (struct str){text.p + 1, text.n - 1};
    if (text.n == 0)
        return text;
    if (strcmp(field, "legal_form") == 0)
        code = look_up(arena, legal_forms, ARRAY_SIZE(legal_forms), text);
    else if (strcmp(field, "country") == 0)
        code = look_up(arena, countries, ARRAY_SIZE(countries), text);
    else if (strcmp(field, "joined_on") == 0 || strcmp(field, "left_on") == 0)
        return read_date(arena, text);
    else if (strcmp(field, "postal_code") == 0 && french)
        return read_postal_code(arena, text);
    else if (strcmp(field, "email") == 0 && text_starts(text, STR("mailto:")))
        return (struct str){text.p + 7, text.n - 7};
    return code != NULL ? str_of(code) : text;
}

bool member_file_rounded(struct str cell)
{
    struct str text = text_trim(cell);
    size_t at = 0;
    if (number_at(text, &at, 1) < 0 || at >= text.n)
        return false;
    if (text.p[at] == ',' || text.p[at] == '.') {
        at++;
        while (at < text.n && is_digit(text.p[at]))
            at++;
    }
    if (at + 2 >= text.n || (text.p[at] != 'E' && text.p[at] != 'e') || text.p[at + 1] != '+')
        return false;
    at += 2;
    return number_at(text, &at, 2) >= 0 && at == text.n;
}
