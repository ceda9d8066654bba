/* What the text of a bank line says: words, names, amounts. Pure and deterministic.
 *
 * Banks write in capitals without accents, cut names at 24 to 35 characters, glue or split words,
 * and put what the payer typed beside what they add themselves. Everything here therefore works on
 * folded words (text_fold). */
#ifndef DOMAIN_MATCHING_TEXT_H
#define DOMAIN_MATCHING_TEXT_H

#include "base/arena.h"
#include "base/base.h"

enum { MATCHING_TOKENS_MAX = 120, MATCHING_AMOUNTS_MAX = 12, MATCHING_LIKENESS_MIN = 55 };

/* Meanings of words; a text has a set of them. */
enum {
    WORD_DUES = 1U << 0,         /* cotisation, adhésion */
    WORD_FUND = 1U << 1,         /* fonds de solidarité, contribution */
    WORD_DONATION = 1U << 2,     /* don, libéralité */
    WORD_PATRONAGE = 1U << 3,    /* mécénat */
    WORD_SPONSORSHIP = 1U << 4,  /* parrainage */
    WORD_SUBSIDY = 1U << 5,      /* subvention, a public treasury */
    WORD_EQUITY = 1U << 6,       /* apport */
    WORD_RETURNED = 1U << 7,     /* impayé, rejet */
    WORD_INTEREST = 1U << 8,     /* intérêts, rémunération d’un livret */
    WORD_CHEQUES = 1U << 9,      /* remise de chèques */
    WORD_CASH = 1U << 10,        /* versement d’espèces */
    WORD_PLATFORM = 1U << 11,    /* HelloAsso, SumUp, remise de cartes */
    WORD_INTERNAL = 1U << 12,    /* virement interne, livret */
    WORD_REFUND = 1U << 13,      /* remboursement, avoir */
    WORD_THIRD_PARTY = 1U << 14, /* pour le compte de, caution */
    WORD_TRANSFER = 1U << 15,    /* VIR: it came or went by transfer */
    WORD_CHEQUE = 1U << 16,      /* a single cheque */
    WORD_CARD = 1U << 17,        /* paid by card */
    WORD_WHOLE = 1U << 18        /* trop-perçu, double: money that should not have come */
};

struct matching_token {
    const char *p; /* folded, not terminated */
    size_t n;
    bool last; /* ends a field of the bank's: may be cut off */
    bool name; /* stands in the counterparty's name */
    bool used; /* part of the payer's name: its words mean nothing else */
};

struct matching_text {
    struct matching_token tokens[MATCHING_TOKENS_MAX];
    size_t n;
    const char *compact; /* all tokens without spaces */
};

/* Cuts the fields of a bank line (NULL ones are skipped) into folded words. `name` comes first; a
 * word that `name` and `rest` share is kept once per field. False when the arena is full. */
bool matching_text_init(struct matching_text *text, struct arena *arena, const char *name,
                        const char *const *rest, size_t n_rest);

/* Set of WORD_ meanings, words of the payer's name (used) left out. */
unsigned matching_words(const struct matching_text *text);
/* What an expense with this text pays: category of the reference table and how sure (1 to 100), or
 * NULL. */
const char *matching_category(const struct matching_text *text, int *ret_strength);
/* The number of cheques the text announces ("REMISE DE 5 CHEQUES"), or 0. */
int matching_cheque_count(const struct matching_text *text);
/* Amounts written in a text as people type them ("100", "100,50 EUR", "1 250"), in minor units of
 * `digits`, in order; years and long references are left out. */
size_t matching_amounts(const char *text, int digits, int64_t amounts[static MATCHING_AMOUNTS_MAX]);

/* A name as it is compared: its distinctive words with their weights. */
struct matching_name {
    struct matching_token *tokens;
    int *weights;
    size_t n;
    const char *compact;
};

/* Words of a name without articles and legal forms (all of them where nothing else is left). */
bool matching_name_init(struct matching_name *name, struct arena *arena, const char *plain);
/* 0 to 100: how much of the name, by weight, stands in the text; cut, glued and slightly misspelt
 * words count for a part. Not less than MATCHING_LIKENESS_MIN is worth showing. */
int matching_likeness(const struct matching_name *name, const struct matching_text *text);
/* Marks the words of the text that make up the name. */
void matching_mark_used(const struct matching_name *name, struct matching_text *text);
/* Whether both words are the same, or one is the other cut off, glued to something, or with one
 * letter wrong: 0 to 100. */
int matching_token_likeness(const struct matching_token *name, const struct matching_token *text);

/* The words that stay the same from one month to the next: no figures, months, banking words.
 * Joined by spaces. */
const char *matching_signature(struct arena *arena, const struct matching_text *text);
/* 0 to 100: the share of words two signatures have in common, by length; 0 when either is empty. */
int matching_signature_likeness(const char *a, const char *b);

#endif
