/* Identifiers of French organisations and their bank accounts, checked by their own keys.
 *
 * Every function takes any typing (spaces, U+00A0, U+202F, dots, dashes, lower case), writes the
 * compact form in capitals, terminated, and answers which rule failed otherwise; the result is
 * untouched on a fault. Sources: SIREN and SIRET: INSEE, Luhn; La Poste (SIREN 356000000): sum of
 * the digits a multiple of 5, its head office by Luhn; RNA: W, department (2A, 2B, 9 and a letter
 * overseas), seven digits; IBAN: ISO 13616, registry lengths and structures, ISO 7064 mod 97-10;
 * French RIB key: mod 97 over bank, branch, account; BIC: ISO 9362. */
#ifndef BASE_IDENTIFIER_H
#define BASE_IDENTIFIER_H

#include "base/base.h"

enum identifier_fault {
    IDENTIFIER_OK = 0,
    IDENTIFIER_EMPTY,     /* nothing but separators */
    IDENTIFIER_CHARACTER, /* a character that never stands in such an identifier */
    IDENTIFIER_LENGTH,    /* too short or too long (for this country, where it is an IBAN) */
    IDENTIFIER_FORMAT, /* right characters in the wrong places (RNA without W, IBAN without country)
                        */
    IDENTIFIER_COUNTRY, /* IBAN, BIC: no such country code in the registry */
    IDENTIFIER_KEY      /* the check digits do not fit: a digit is wrong or two are swapped */
};

enum {
    SIREN_SIZE = 10,
    SIRET_SIZE = 15,
    RNA_SIZE = 11,
    IBAN_SIZE = 35,
    BIC_SIZE = 12,
    RIB_SIZE = 24
};

enum identifier_fault siren_check(struct str text, char ret_compact[static SIREN_SIZE]) MUST_CHECK;
enum identifier_fault siret_check(struct str text, char ret_compact[static SIRET_SIZE]) MUST_CHECK;
enum identifier_fault rna_check(struct str text, char ret_compact[static RNA_SIZE]) MUST_CHECK;
enum identifier_fault iban_check(struct str text, char ret_compact[static IBAN_SIZE]) MUST_CHECK;
enum identifier_fault bic_check(struct str text, char ret_compact[static BIC_SIZE]) MUST_CHECK;

/* Whether the national key inside a compact, checked IBAN of France or Monaco fits too (true for
 * other countries). No bank refuses a payment by it, so iban_check does not; a doubt worth saying,
 * not a fault. */
bool iban_national_key_fits(const char *iban) MUST_CHECK;
/* French RIB: bank (5), branch (5), account (11, letters allowed), key (2); 23 characters. */
enum identifier_fault rib_check(struct str text, char ret_compact[static RIB_SIZE]) MUST_CHECK;
/* The IBAN of a French RIB without its key: bank code, branch code and account number as a bank
 * file gives them (an account shorter than 11 characters is padded with zeros on the left). */
enum identifier_fault iban_from_rib(struct str bank, struct str branch, struct str account,
                                    char ret_compact[static IBAN_SIZE]) MUST_CHECK;

/* The rule in one English word for logs and tests: "ok", "empty", "character", "length", … */
const char *identifier_fault_name(enum identifier_fault fault);

#endif
