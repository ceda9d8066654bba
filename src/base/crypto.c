#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/crypto.h"

#include <argon2.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <sys/random.h>

enum {
    ARGON2_TIME = 2,
    ARGON2_KIB = 19 * 1024,
    ARGON2_LANES = 1,
    ARGON2_SALT = 16,
    ARGON2_HASH = 32
};

void crypto_init(void)
{
    ASSERT(OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL) == 1);
}

void crypto_random(void *bytes, size_t size)
{
    unsigned char *next = bytes;
    while (size > 0) {
        ssize_t n = getrandom(next, size, 0);
        ASSERT(n > 0 || errno == EINTR);
        if (n < 0)
            continue;
        next += n;
        size -= (size_t)n;
    }
}

/* The plain functions, though OpenSSL 3 would rather have EVP's: these allocate nothing, so that
 * hashing cannot fail. */
struct sha256 {
    SHA256_CTX context;
};

static void add(SHA256_CTX *context, const void *bytes, size_t size)
{
    ASSERT(SHA256_Update(context, bytes, size) == 1);
}

void crypto_sha256(const void *bytes, size_t size, unsigned char ret_digest[static SHA256_SIZE])
{
    SHA256_CTX context;
    ASSERT(SHA256_Init(&context) == 1);
    add(&context, bytes, size);
    ASSERT(SHA256_Final(ret_digest, &context) == 1);
}

struct sha256 *sha256_new(void)
{
    struct sha256 *sha = malloc(sizeof *sha);
    if (sha != NULL)
        ASSERT(SHA256_Init(&sha->context) == 1);
    return sha;
}

void sha256_add(struct sha256 *sha, const void *bytes, size_t size)
{
    add(&sha->context, bytes, size);
}

void sha256_finish(struct sha256 *sha, unsigned char ret_digest[static SHA256_SIZE])
{
    ASSERT(SHA256_Final(ret_digest, &sha->context) == 1);
    sha256_free(sha);
}

void sha256_free(struct sha256 *sha)
{
    free(sha);
}

void crypto_hex(const void *bytes, size_t size, char *ret_text)
{
    static const char hex[] = "0123456789abcdef";
    const unsigned char *p = bytes;
    for (size_t i = 0; i < size; i++) {
        ret_text[2 * i] = hex[p[i] >> 4];
        ret_text[2 * i + 1] = hex[p[i] & 15];
    }
    ret_text[2 * size] = 0;
}

void crypto_secret(char ret_text[static SECRET_TEXT_SIZE])
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char bytes[33] = {0}; /* 32 random ones; the last makes the last group whole */
    crypto_random(bytes, 32);
    size_t n = 0;
    for (size_t i = 0; i < sizeof bytes; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];
        for (int shift = 18; shift >= 0 && n < SECRET_TEXT_SIZE - 1; shift -= 6)
            ret_text[n++] = alphabet[group >> shift & 63];
    }
    ret_text[n] = 0;
    OPENSSL_cleanse(bytes, sizeof bytes);
}

bool crypto_equal(const void *a, const void *b, size_t size)
{
    return CRYPTO_memcmp(a, b, size) == 0;
}

bool crypto_password_hash(struct str password, char ret_encoded[static PASSWORD_HASH_SIZE])
{
    unsigned char salt[ARGON2_SALT];
    crypto_random(salt, sizeof salt);
    return argon2id_hash_encoded(ARGON2_TIME, ARGON2_KIB, ARGON2_LANES, password.p, password.n,
                                 salt, sizeof salt, ARGON2_HASH, ret_encoded,
                                 PASSWORD_HASH_SIZE) == ARGON2_OK;
}

bool crypto_password_verify(struct str password, const char *encoded)
{
    return argon2id_verify(encoded, password.p, password.n) == ARGON2_OK;
}

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool crypto_base64_decode(struct str text, unsigned char *ret_bytes, size_t *ret_size)
{
    if (text.n % 4 != 0)
        return false;
    size_t n = 0;
    for (size_t i = 0; i < text.n; i += 4) {
        bool last = i + 4 == text.n;
        int padding =
            last ? (text.p[i + 3] == '=') + (text.p[i + 2] == '=' && text.p[i + 3] == '=') : 0;
        uint32_t group = 0;
        for (int k = 0; k < 4; k++) {
            int value = k >= 4 - padding ? 0 : sextet(text.p[i + (size_t)k]);
            if (value < 0)
                return false;
            group = group << 6 | (uint32_t)value;
        }
        for (int k = 0; k < 3 - padding; k++)
            ret_bytes[n++] = (unsigned char)(group >> (16 - 8 * k));
    }
    *ret_size = n;
    return true;
}
