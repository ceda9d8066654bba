#include "domain/matching.h"

static const char *const kind_names[] = {"entry_line", "contribution",      "expense",
                                         "interest",   "internal_transfer", "refund",
                                         "returned",   "third_party",       "unknown"};

const char *matching_kind_name(enum matching_kind kind)
{
    return kind_names[kind];
}

bool matching_kind_of(const char *name, enum matching_kind *ret_kind)
{
    for (size_t i = 0; name != NULL && i < ARRAY_SIZE(kind_names); i++)
        if (strcmp(name, kind_names[i]) == 0) {
            *ret_kind = (enum matching_kind)i;
            return true;
        }
    return false;
}

static const char *const nature_names[] = {"dues",
                                           "donation",
                                           "patronage",
                                           "sponsorship",
                                           "financial_contribution",
                                           "subsidy",
                                           "equity_without_return",
                                           "equity_with_return",
                                           "repayable"};

const char *matching_nature_name(enum matching_nature nature)
{
    return nature == NATURE_NONE || nature == NATURE_COUNT ? NULL : nature_names[nature];
}

enum matching_nature matching_nature_of(const char *name)
{
    for (int i = 0; name != NULL && i < NATURE_COUNT; i++)
        if (strcmp(name, nature_names[i]) == 0)
            return (enum matching_nature)i;
    return NATURE_NONE;
}

static const struct {
    const char *name, *fr, *en;
} reasons[REASON_COUNT] = {
    [REASON_NONE] = {"none", "", ""},
    [REASON_IBAN] = {"iban", "L’IBAN est celui de %1.", "The IBAN is %1’s."},
    [REASON_IBAN_SEEN] = {"iban_seen", "Ce compte a déjà payé pour %1.",
                          "This account paid for %1 before."},
    [REASON_NAME] = {"name", "Le texte nomme %1 (ressemblance %2\u00a0%).",
                     "The text names %1 (likeness %2%)."},
    [REASON_SAME_AMOUNT] = {"same_amount", "Même montant que ce qui a été enregistré le %1.",
                            "Same amount as what was recorded on %1."},
    [REASON_ONLY_AMOUNT] = {"only_amount",
                            "Rien d’autre n’attend ce montant\u202f; enregistré le %1.",
                            "Nothing else waits for this amount; recorded on %1."},
    [REASON_AWAITED] = {"awaited", "Attendu depuis la convention signée le %1.",
                        "Awaited since the agreement signed on %1."},
    [REASON_SUM] = {"sum", "%1 versements enregistrés font ensemble ce montant.",
                    "%1 recorded payments together make this amount."},
    [REASON_ALL_CHEQUES] = {"all_cheques",
                            "Les %1 chèques pas encore en banque font exactement ce montant.",
                            "The %1 cheques not yet at the bank make exactly this amount."},
    [REASON_ALL_PAYMENTS] =
        {"all_payments",
         "Les %1 paiements que la plateforme n’a pas encore versés font ce montant.",
         "The %1 payments the platform has not yet paid out make this amount."},
    [REASON_FEE] = {"fee", "La plateforme a gardé %1 de frais.", "The platform kept a fee of %1."},
    [REASON_BATCH] = {"batch", "Chacun des %1 paiements du lot est reconnu.",
                      "Each of the %1 payments of the batch is recognised."},
    [REASON_WORDS_DUES] = {"words_dues", "Le texte parle de cotisation.",
                           "The text speaks of dues."},
    [REASON_WORDS_FUND] = {"words_fund", "Le texte parle du fonds de solidarité.",
                           "The text speaks of the solidarity fund."},
    [REASON_WORDS_GIFT] = {"words_gift", "Le texte parle d’un don.", "The text speaks of a gift."},
    [REASON_WORDS_SUBSIDY] = {"words_subsidy", "Le texte parle d’une subvention.",
                              "The text speaks of a subsidy."},
    [REASON_WORDS_PATRONAGE] = {"words_patronage", "Le texte parle de mécénat.",
                                "The text speaks of patronage."},
    [REASON_WORDS_SPONSORSHIP] = {"words_sponsorship", "Le texte parle de parrainage.",
                                  "The text speaks of sponsorship."},
    [REASON_WORDS_EQUITY] = {"words_equity", "Le texte parle d’un apport.",
                             "The text speaks of equity."},
    [REASON_SAME_DUES] = {"same_dues", "C’est le montant de sa dernière cotisation.",
                          "It is the amount of its last dues."},
    [REASON_USUAL_DUES] = {"usual_dues", "La cotisation habituelle est de %1.",
                           "Usual dues are %1."},
    [REASON_TEXT_AMOUNTS] = {"text_amounts", "Le texte donne les deux montants.",
                             "The text gives both amounts."},
    [REASON_REST_TO_FUND] = {"rest_to_fund", "%1 de cotisation, le reste pour le fonds.",
                             "%1 of dues, the rest for the fund."},
    [REASON_WORDS_EXPENSE] = {"words_expense", "Le texte évoque\u00a0: %1.",
                              "The text suggests: %1."},
    [REASON_WORDS_INTEREST] = {"words_interest", "Le texte parle d’intérêts.",
                               "The text speaks of interest."},
    [REASON_WORDS_RETURNED] = {"words_returned", "La banque a repris un paiement rejeté ou impayé.",
                               "The bank took back a rejected or unpaid payment."},
    [REASON_WORDS_REFUND] = {"words_refund", "Le texte parle d’un remboursement.",
                             "The text speaks of a refund."},
    [REASON_WORDS_THIRD_PARTY] = {"words_third_party",
                                  "L’argent semble être pour quelqu’un d’autre.",
                                  "The money seems to be for someone else."},
    [REASON_WORDS_INTERNAL] = {"words_internal", "Le texte parle d’un virement entre vos comptes.",
                               "The text speaks of a transfer between your accounts."},
    [REASON_OWN_IBAN] = {"own_iban", "L’IBAN est celui de votre compte %1.",
                         "The IBAN is that of your account %1."},
    [REASON_OTHER_SIDE] = {"other_side", "Même montant en sens inverse sur votre compte %1, le %2.",
                           "Same amount the other way on your account %1, on %2."},
    [REASON_PAID_TWICE] = {"paid_twice", "Ce montant a été reçu deux fois.",
                           "This amount came twice."},
    [REASON_BEFORE_IBAN] = {"before_iban", "Comme ce que vous aviez répondu pour ce compte le %1.",
                            "As you answered for this account on %1."},
    [REASON_BEFORE_TEXT] = {"before_text", "Comme ce que vous aviez répondu pour ce texte le %1.",
                            "As you answered for this text on %1."},
};

const char *matching_reason_text(enum matching_reason reason, bool french)
{
    return french ? reasons[reason].fr : reasons[reason].en;
}

const char *matching_reason_name(enum matching_reason reason)
{
    return reasons[reason].name;
}
