/* Other programs: started with a clean slate, waited for. */
#ifndef GRENIER_CHILD_H
#define GRENIER_CHILD_H

#include "base/base.h"

#include <sys/types.h>

/* Starts `argv` (argv[0] is its path) with LC_ALL=C, TZ=UTC, default signals, standard input from
 * /dev/null, and both outputs appended to the file `log` (NULL: ours). A `death_signal` other than
 * 0 reaches it when this thread ends, however that happens; it then also has a session of its own,
 * so that the terminal's Ctrl-C does not. Answers its process id, or -1 with errno. */
pid_t child_start(const char *const argv[], const char *log, int death_signal);
/* Starts and waits. Its exit code, or -1 when it could not be started or died by a signal. */
int child_run(const char *const argv[], const char *log);
/* As child_run with our outputs, of a program that was opened before: its folder need not be one
 * that who we have become may enter. */
int child_run_open(int program, const char *const argv[]);

#endif
