#include "grenier/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENVIRONMENT_MAX = 256 };

struct launch {
    char *const *argv;
    const char *log;
    int death_signal;
    int program; /* open, or -1: argv[0] is its path */
    pid_t parent;
    char *environment[ENVIRONMENT_MAX];
};

/* Ours without locale and time zone: messages that we read are in English, PostgreSQL's own time is
 * UTC. */
static void make_environment(struct launch *launch)
{
    static char locale[] = "LC_ALL=C", zone[] = "TZ=UTC";
    size_t n = 0;

    for (char **variable = environ; *variable != NULL && n < ENVIRONMENT_MAX - 3; variable++)
        if (strncmp(*variable, "LC_", 3) != 0 && strncmp(*variable, "LANG", 4) != 0 &&
            strncmp(*variable, "TZ=", 3) != 0 && strncmp(*variable, "PG", 2) != 0)
            launch->environment[n++] = *variable;
    launch->environment[n++] = locale;
    launch->environment[n++] = zone;
    launch->environment[n] = NULL;
}

/* Between fork and exec, perhaps with other threads about: async-signal-safe calls only. */
NORETURN static void become(const struct launch *launch)
{
    int input = open("/dev/null", O_RDONLY), output = -1;
    sigset_t none;

    if (launch->death_signal != 0) {
        (void)setsid();
        /* The parent may have died before the request was made. */
        if (prctl(PR_SET_PDEATHSIG, launch->death_signal) != 0 || getppid() != launch->parent)
            _exit(127);
    }
    if (launch->log != NULL)
        output = open(launch->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (input < 0 || dup2(input, STDIN_FILENO) < 0)
        _exit(127);
    if (output >= 0 && (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0))
        _exit(127);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (launch->program >= 0)
        fexecve(launch->program, launch->argv, launch->environment);
    else
        execve(launch->argv[0], launch->argv, launch->environment);
    _exit(127);
}

static pid_t start(struct launch *launch, const char *const argv[])
{
    pid_t pid;

    /* execve promises to change nothing, its type does not. */
    memcpy(&launch->argv, &argv, sizeof(launch->argv));
    make_environment(launch);
    launch->parent = getpid();
    pid = fork();
    if (pid == 0)
        become(launch);
    return pid;
}

pid_t child_start(const char *const argv[], const char *log, int death_signal)
{
    struct launch launch = {.log = log, .death_signal = death_signal, .program = -1};

    return start(&launch, argv);
}

static int end_of(pid_t pid)
{
    int status;

    if (pid < 0)
        return -1;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int child_run(const char *const argv[], const char *log)
{
    return end_of(child_start(argv, log, 0));
}

int child_run_open(int program, const char *const argv[])
{
    struct launch launch = {.program = program};

    return end_of(start(&launch, argv));
}
