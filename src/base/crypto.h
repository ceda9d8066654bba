/* Hashes, random bytes, passwords: openssl and libargon2 behind one door. */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include "base/base.h"

enum { SHA256_SIZE = 32, SHA256_HEX_SIZE = 65, SECRET_TEXT_SIZE = 44, PASSWORD_HASH_SIZE = 128 };

/* Before any thread. */
void crypto_init(void);
/* Bytes of the system's random source; stops the program when there are none. */
void crypto_random(void *bytes, size_t size);
void crypto_sha256(const void *bytes, size_t size, unsigned char ret_digest[static SHA256_SIZE]);

struct sha256; /* running digest */
struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *sha, const void *bytes, size_t size);
/* Writes the digest and frees. */
void sha256_finish(struct sha256 *sha, unsigned char ret_digest[static SHA256_SIZE]);
void sha256_free(struct sha256 *sha);

/* Lower-case hexadecimal, terminated. `ret_text` holds 2 * size + 1 bytes. */
void crypto_hex(const void *bytes, size_t size, char *ret_text);
/* A secret of 256 bits as 43 base64url characters, for tokens, links and sessions. */
void crypto_secret(char ret_text[static SECRET_TEXT_SIZE]);
/* Same time whatever differs. */
bool crypto_equal(const void *a, const void *b, size_t size);
/* Argon2id, 19 MiB, t = 2, p = 1 (OWASP), encoded with its salt. False when memory is short. */
bool crypto_password_hash(struct str password, char ret_encoded[static PASSWORD_HASH_SIZE]);
bool crypto_password_verify(struct str password, const char *encoded);
/* base64 (RFC 4648) for data URLs and test drivers: *ret_size <= size / 4 * 3. False when
 * malformed. */
bool crypto_base64_decode(struct str text, unsigned char *ret_bytes, size_t *ret_size);

#endif
