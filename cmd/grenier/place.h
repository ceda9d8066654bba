/* The data directory: where it is, whose it is, and becoming its owner. */
#ifndef GRENIER_PLACE_H
#define GRENIER_PLACE_H

#include "common/options.h"

/*   DIR/lock               held (flock) by the one `grenier serve`, or by a command that started
 * PostgreSQL for itself DIR/secrets            keys of this installation, 0600 DIR/postgresql/
 * PostgreSQL's data DIR/postgresql.conf    the operator's own settings of PostgreSQL, if there are
 * any DIR/run/               PostgreSQL's socket, unless the path is too long for one: then a
 * folder of its own whose name is in DIR/socket-folder DIR/log/               PostgreSQL's log, one
 * file per day of the week, and what it said when it started DIR/tmp/               uploads and
 * exports while they last */
enum { PLACE_PATH_MAX = 4096, PLACE_OWNER_MAX = 128 };

struct place {
    char dir[PLACE_PATH_MAX];    /* absolute, without links */
    char owner[PLACE_OWNER_MAX]; /* name of the operating system user who runs this now */
};

/* Finds (or, with `make`, makes) the data directory (--data-dir, else the user's default) and, when
 * started as root, becomes its owner for good; root's own default is /var/lib/grenier, owned by the
 * system user `grenier`, made when absent. The program's working directory becomes the data
 * directory, its umask 077. Says what is wrong and answers EXIT_FAILED otherwise. */
MUST_CHECK enum exit_code place_open(const char *data_dir, bool make, struct place *ret_place);
/* Allocated "DIR/name". */
char *place_path(const struct place *place, const char *name);
/* Name of the operating system user who started the program (also behind sudo), for the audit log.
 * Answers a constant when there is none. */
const char *place_operator(void);
/* Writes DIR/name with mode 0600 so that after a crash there is the old content or the new. False
 * with errno. */
bool place_write(const struct place *place, const char *name, const char *content);
/* The content of DIR/name (at most `limit` bytes), malloc; NULL with errno. */
char *place_read(const struct place *place, const char *name, size_t limit);
/* Makes DIR/name, that only its owner may enter, when it is absent. */
MUST_CHECK enum exit_code place_make_folder(const struct place *place, const char *name);
/* Makes DIR/secrets when it is absent: a random key per line, "name value". */
MUST_CHECK enum exit_code place_make_secrets(const struct place *place);

#endif
