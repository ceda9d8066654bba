/* Identifiers: no byte string does harm, and what is accepted stays accepted in its compact form.
 */
#include "base/identifier.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    char first[IBAN_SIZE], second[IBAN_SIZE];

#define CHECK_IDENTIFIER(check)                                                                    \
    do {                                                                                           \
        if (check(text, first) == IDENTIFIER_OK) {                                                 \
            ASSERT(check(str_of(first), second) == IDENTIFIER_OK);                                 \
            ASSERT(strcmp(first, second) == 0);                                                    \
        }                                                                                          \
    } while (0)

    CHECK_IDENTIFIER(siren_check);
    CHECK_IDENTIFIER(siret_check);
    CHECK_IDENTIFIER(rna_check);
    CHECK_IDENTIFIER(bic_check);
    CHECK_IDENTIFIER(rib_check);
    CHECK_IDENTIFIER(iban_check);
    if (iban_check(text, first) == IDENTIFIER_OK && iban_national_key_fits(first) &&
        first[0] == 'F' && first[1] == 'R') {
        ASSERT(iban_from_rib((struct str){first + 4, 5}, (struct str){first + 9, 5},
                             (struct str){first + 14, 11}, second) == IDENTIFIER_OK);
        ASSERT(strcmp(first, second) == 0);
    }
    return 0;
}
