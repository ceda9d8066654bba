/* Small checks for test programs in C. One line per check, "ok N name" or "not ok N name", a last
 * line "N passed, N failed", and an exit code. A test program is functions called from main, then
 * `return check_done();`. Values are evaluated once. */
#ifndef TESTS_LIB_CHECK_H
#define TESTS_LIB_CHECK_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_passed_count, check_failed_count;

static inline bool check_report(bool good, const char *name, const char *file, int line)
{
    int number = check_passed_count + check_failed_count + 1;

    if (good) {
        check_passed_count++;
        printf("ok %d %s\n", number, name);
    } else {
        check_failed_count++;
        printf("not ok %d %s (%s:%d)\n", number, name, file, line);
    }
    return good;
}

static inline bool check_text_(const char *got, const char *want, const char *name,
                               const char *file, int line)
{
    bool good = got == want || (got != NULL && want != NULL && strcmp(got, want) == 0);

    check_report(good, name, file, line);
    if (!good)
        printf("#   got  %s%s%s\n#   want %s%s%s\n", got ? "\"" : "", got ? got : "NULL",
               got ? "\"" : "", want ? "\"" : "", want ? want : "NULL", want ? "\"" : "");
    return good;
}

static inline bool check_int_(int64_t got, int64_t want, const char *name, const char *file,
                              int line)
{
    check_report(got == want, name, file, line);
    if (got != want)
        printf("#   got  %" PRId64 "\n#   want %" PRId64 "\n", got, want);
    return got == want;
}

/* The condition holds; its own text is the name. */
#define CHECK(condition) check_report((condition), #condition, __FILE__, __LINE__)
/* The same with a name of one's own, for tables of cases. */
#define CHECK_NAMED(condition, name) check_report((condition), (name), __FILE__, __LINE__)
/* Two terminated texts (or NULL) are the same. */
#define CHECK_TEXT(got, want)             check_text_((got), (want), #got " is " #want, __FILE__, __LINE__)
#define CHECK_TEXT_NAMED(got, want, name) check_text_((got), (want), (name), __FILE__, __LINE__)
/* Two integers are the same (signed 64 bits). */
#define CHECK_INT(got, want)                                                                       \
    check_int_((int64_t)(got), (int64_t)(want), #got " == " #want, __FILE__, __LINE__)
#define CHECK_INT_NAMED(got, want, name)                                                           \
    check_int_((int64_t)(got), (int64_t)(want), (name), __FILE__, __LINE__)

/* Says visibly that something could not be tested here; counts as neither. */
static inline void check_skip(const char *why)
{
    printf("# SKIPPED %s\n", why);
}

/* The folder of real files ($GRENIER_SHARED_DATA, else ../shared/data from the root of the
 * sources), or NULL. */
static inline const char *check_shared_data(void)
{
    const char *folder = getenv("GRENIER_SHARED_DATA");
    const char *candidates[] = {folder, "../shared/data"};

    for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
        char path[4096];
        FILE *file;

        if (candidates[i] == NULL || candidates[i][0] == '\0')
            continue;
        snprintf(path, sizeof(path), "%s/manifest.tsv", candidates[i]);
        file = fopen(path, "rb");
        if (file != NULL) {
            fclose(file);
            return candidates[i];
        }
    }
    check_skip("the folder of real files is absent ($GRENIER_SHARED_DATA or ../shared/data)");
    return NULL;
}

/* The last line and the exit code. */
static inline int check_done(void)
{
    printf("%d passed, %d failed\n", check_passed_count, check_failed_count);
    return check_failed_count == 0 ? 0 : 1;
}

#endif
