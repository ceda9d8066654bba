#include "grenier/cluster.h"

#include "base/text.h"
#include "db/db.h"
#include "grenier/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    VERSION_MIN = 15,
    VERSION_MAX = 40,
    START_WAIT_MS =
        60 * 1000, /* for a postmaster that ends, a backend that lingers, recovery after a crash */
    STOP_WAIT_MS = 60 * 1000, /* for a fast shutdown, then an immediate one */
    STEP_MS = 50,
    RETRY_MS = 500,
    SAY_AFTER_MS = 1000,
    SOCKET_PATH_MAX = 107, /* sockaddr_un.sun_path without its NUL */
    PID_FILE_MAX = 4096,
    LOG_TAIL_MAX = 2 * 1024, /* bytes shown */
    LOG_FILE_MAX = 64 * 1024 * 1024
};

#define SOCKET_NAME "/.s.PGSQL.5432"
#define START_LOG   "log/start.log"

/* ------------------------------------------------------------------------------------------------------------------
 * Time, files
 * -----------------------------------------------------------------------------------------------
 */

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_ms(int ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000},
              NULL);
}

static enum exit_code fail_at(const char *path, const char *en, const char *fr)
{
    say_error("%s: %s (%s)", "%s : %s (%s)", path, words(en, fr), strerror(errno));
    return EXIT_FAILED;
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static char *join(const char *folder, const char *name)
{
    char *path = NULL;

    if (asprintf(&path, "%s/%s", folder, name) < 0)
        path = NULL;
    ASSERT(path != NULL);
    return path;
}

/* Removes a folder and what is in it; used for an initdb that was cut off. */
static void remove_folder(const char *path)
{
    const char *const argv[] = {"/bin/rm", "-rf", "--", path, NULL};

    (void)child_run(argv, NULL);
}

/* ------------------------------------------------------------------------------------------------------------------
 * Which PostgreSQL
 * -----------------------------------------------------------------------------------------------
 */

/* The folder of the binaries of a major version, allocated, or NULL. Debian's place, then PGDG's on
 * other systems. */
static char *binaries_of(int version)
{
    static const char *const before[] = {"/usr/lib/postgresql/", "/usr/pgsql-"};

    for (size_t i = 0; i < ARRAY_SIZE(before); i++) {
        char *folder = NULL, *postgres;
        bool found;

        if (asprintf(&folder, "%s%d/bin", before[i], version) < 0)
            return NULL;
        postgres = join(folder, "postgres");
        found = access(postgres, X_OK) == 0;
        free(postgres);
        if (found)
            return folder;
        free(folder);
    }
    return NULL;
}

/* The version in DIR/postgresql/PG_VERSION; 0 when there is no cluster yet. */
static int version_of_cluster(const struct place *place)
{
    char *text = place_read(place, "postgresql/PG_VERSION", 16);
    int64_t version = 0;

    if (text != NULL && !text_to_int(text_trim(str_of(text)), 1, VERSION_MAX, &version))
        version = 0;
    free(text);
    return (int)version;
}

static enum exit_code find_binaries(struct cluster *cluster)
{
    int wanted = version_of_cluster(&cluster->place), found = 0;

    if (wanted != 0) {
        cluster->binaries = binaries_of(wanted);
        if (cluster->binaries != NULL)
            return EXIT_DONE;
    }
    for (int version = VERSION_MIN; version <= VERSION_MAX && found == 0; version++) {
        cluster->binaries = binaries_of(version);
        if (cluster->binaries != NULL)
            found = version;
    }
    if (wanted == 0 && found != 0)
        return EXIT_DONE;
    if (wanted == 0)
        say_error("PostgreSQL is not installed: apt-get install postgresql-15 (or a later version)",
                  "PostgreSQL n’est pas installé : apt-get install postgresql-15 (ou plus récent)");
    else
        say_error(
            "%s was made by PostgreSQL %d, which is not installed here (found: %d; 0 means none): "
            "install "
            "postgresql-%d, or dump it where that version is and load it into a new directory",
            "%s a été créé par PostgreSQL %d, qui n’est pas installé ici (trouvé : %d ; 0 : "
            "aucun) : installez "
            "postgresql-%d, ou exportez-le là où cette version existe et chargez-le dans un "
            "nouveau dossier",
            cluster->data, wanted, found, wanted);
    return EXIT_FAILED;
}

/* ------------------------------------------------------------------------------------------------------------------
 * Where the socket is
 * -----------------------------------------------------------------------------------------------
 */

/* libpq and PostgreSQL read lists and escapes in this path: only plain ones are used. */
static bool is_plain(const char *path)
{
    return path[strspn(path,
                       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+-")] ==
           '\0';
}

static bool fits(const char *folder)
{
    return strlen(folder) + strlen(SOCKET_NAME) <= SOCKET_PATH_MAX && is_plain(folder);
}

static bool is_private_folder(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
           (status.st_mode & 077) == 0;
}

/* DIR/run, or a folder in the user's runtime directory or /tmp that DIR/socket-folder names from
 * then on. */
static enum exit_code choose_socket(struct cluster *cluster)
{
    char *recorded = place_read(&cluster->place, "socket-folder", SOCKET_PATH_MAX),
         *template = NULL;
    const char *runtime = getenv("XDG_RUNTIME_DIR");

    free(cluster->socket);
    cluster->socket = place_path(&cluster->place, "run");
    if (fits(cluster->socket)) {
        free(recorded);
        return place_make_folder(&cluster->place, "run");
    }
    free(cluster->socket);
    cluster->socket = NULL;
    if (recorded != NULL && fits(recorded) && is_private_folder(recorded)) {
        cluster->socket = recorded;
        return EXIT_DONE;
    }
    free(recorded);
    if (runtime == NULL || runtime[0] != '/' || strlen(runtime) > 60 || access(runtime, W_OK) != 0)
        runtime = "/tmp";
    if (asprintf(&template, "%s/grenier-XXXXXX", runtime) < 0)
        template = NULL;
    if (template == NULL || mkdtemp(template) == NULL) {
        free(template);
        return fail_at(runtime, "no folder for PostgreSQL's socket can be made",
                       "impossible d’y créer un dossier pour la prise de PostgreSQL");
    }
    cluster->socket = template;
    if (!place_write(&cluster->place, "socket-folder", template))
        return fail_at(cluster->place.dir, "cannot be written", "écriture impossible");
    return EXIT_DONE;
}

/* ------------------------------------------------------------------------------------------------------------------
 * Making and configuring
 * -----------------------------------------------------------------------------------------------
 */

/* Settings of ours, written at each start. Those on logging keep personal data out: terse messages
 * have no values of rows, and neither statements nor their parameters are logged. */
static const char settings[] = "# Written by grenier at each start. Settings of your own go to "
                               "../postgresql.conf, read last.\n"
                               "cluster_name = 'grenier'\n"
                               "listen_addresses = ''\n"
                               "port = 5432\n"
                               "unix_socket_directories = '%s'\n"
                               "unix_socket_permissions = 0700\n"
                               "dynamic_shared_memory_type = %s\n"
                               "max_connections = 40\n"
                               "jit = off\n"
                               "timezone = 'UTC'\n"
                               "log_timezone = 'UTC'\n"
                               "logging_collector = on\n"
                               "log_directory = '../log'\n"
                               "log_filename = 'postgresql-%%a.log'\n"
                               "log_truncate_on_rotation = on\n"
                               "log_rotation_age = 1d\n"
                               "log_rotation_size = 0\n"
                               "log_file_mode = 0600\n"
                               "log_line_prefix = '%%m [%%p] %%e '\n"
                               "log_error_verbosity = terse\n"
                               "log_min_error_statement = panic\n"
                               "log_parameter_max_length = 0\n"
                               "log_parameter_max_length_on_error = 0\n"
                               "log_statement = none\n"
                               "log_min_duration_statement = -1\n"
                               "log_connections = off\n"
                               "log_disconnections = off\n";

/* What initdb tries too: in a bare chroot /dev/shm belongs to root alone. */
static const char *shared_memory(void)
{
    char name[64];
    int fd;

    snprintf(name, sizeof(name), "/grenier-%ld", (long)getpid());
    fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        return "sysv";
    close(fd);
    shm_unlink(name);
    return "posix";
}

static enum exit_code configure(struct cluster *cluster)
{
    const struct place *place = &cluster->place;
    char *ours = NULL, *identities = NULL;
    bool good = asprintf(&ours, settings, cluster->socket, shared_memory()) > 0 &&
                asprintf(&identities,
                         "grenier \"%s\" postgres\ngrenier \"%s\" grenier_migrate\n"
                         "grenier \"%s\" grenier_server\ngrenier \"%s\" grenier_auditor\n",
                         place->owner, place->owner, place->owner, place->owner) > 0;

    good =
        good && place_write(place, "postgresql/grenier.conf", ours) &&
        place_write(place, "postgresql/postgresql.conf",
                    "# Written by grenier at each start.\n"
                    "include 'grenier.conf'\ninclude_if_exists '../postgresql.conf'\n") &&
        place_write(
            place, "postgresql/pg_hba.conf",
            "# Written by grenier at each start: the directory's owner only, by the socket only.\n"
            "local all all peer map=grenier\n") &&
        place_write(place, "postgresql/pg_ident.conf", identities);
    free(ours);
    free(identities);
    if (!good)
        return fail_at(cluster->data, "cannot be written", "écriture impossible");
    return EXIT_DONE;
}

/* The end of PostgreSQL's log of today: what it says once its collector runs. Allocated, or NULL.
 */
static char *read_today(const struct cluster *cluster)
{
    char name[64];
    time_t now = time(NULL);
    struct tm day;
    char *text;

    gmtime_r(&now, &day);
    strftime(name, sizeof(name), "log/postgresql-%a.log", &day);
    text = place_read(&cluster->place, name, LOG_FILE_MAX);
    if (text != NULL && strlen(text) > LOG_TAIL_MAX) {
        size_t length = strlen(text);

        memmove(text, text + length - LOG_TAIL_MAX, LOG_TAIL_MAX + 1);
    }
    return text;
}

static void show_log(const struct cluster *cluster)
{
    char *first = place_read(&cluster->place, START_LOG, LOG_TAIL_MAX),
         *today = read_today(cluster);
    const char *texts[] = {first, today};

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        if (texts[i] != NULL && texts[i][0] != '\0')
            fprintf(stderr, "%s%s", texts[i], texts[i][strlen(texts[i]) - 1] == '\n' ? "" : "\n");
    say_note("(%s/log)", "(%s/log)", cluster->place.dir);
    free(first);
    free(today);
}

/* A new cluster, made beside its place and moved there when it is whole: a crash in between leaves
 * nothing half. */
static enum exit_code make_cluster(struct cluster *cluster)
{
    char *fresh = place_path(&cluster->place, "postgresql.new"),
         *initdb = join(cluster->binaries, "initdb");
    char *log = place_path(&cluster->place, START_LOG);
    const char *const argv[] = {initdb,
                                "-D",
                                fresh,
                                "--locale=C.UTF-8",
                                "-E",
                                "UTF8",
                                "-k",
                                "-U",
                                "postgres",
                                "--auth-local=peer",
                                "--auth-host=reject",
                                NULL};
    enum exit_code code = EXIT_DONE;

    say_note("making the database in %s", "création de la base dans %s", cluster->data);
    remove_folder(fresh);
    (void)unlink(log);
    if (child_run(argv, log) != 0) {
        say_error("initdb failed:", "échec d’initdb :");
        show_log(cluster);
        code = EXIT_FAILED;
    } else if (rename(fresh, cluster->data) != 0) {
        code = fail_at(cluster->data, "cannot be made", "création impossible");
    }
    free(fresh);
    free(initdb);
    free(log);
    return code;
}

/* ------------------------------------------------------------------------------------------------------------------
 * The postmaster
 * -----------------------------------------------------------------------------------------------
 */

enum postmaster_state {
    POSTMASTER_NONE,
    POSTMASTER_STARTING,
    POSTMASTER_READY,
    POSTMASTER_STOPPING
};

/* Whether the process is a postmaster of this cluster: they work in their data directory. */
static bool is_ours(const struct cluster *cluster, pid_t pid)
{
    char link[64], target[4096], *real = realpath(cluster->data, NULL);
    ssize_t length;
    bool same;

    /* Without /proc (a bare chroot) the number in the directory's own file has to do. */
    if (access("/proc/self", F_OK) != 0) {
        free(real);
        return kill(pid, 0) == 0;
    }
    snprintf(link, sizeof(link), "/proc/%ld/cwd", (long)pid);
    length = readlink(link, target, sizeof(target) - 1);
    target[length > 0 ? length : 0] = '\0';
    same = real != NULL && strcmp(target, real) == 0 && kill(pid, 0) == 0;
    free(real);
    return same;
}

/* A dead child is a zombie until it is reaped, and looks alive to kill(). Where we are the first
 * process (a container), orphans of a killed postmaster become ours too. */
static void reap(struct cluster *cluster)
{
    pid_t pid;

    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        if (pid == cluster->pid) {
            cluster->pid = 0;
            cluster->is_child = false;
        }
}

/* The number on the first of `lines`; 0 when there is none. */
static pid_t first_number(const char *text)
{
    int64_t number = 0;
    struct str line = {text, strcspn(text, "\n")};

    return text_to_int(text_trim(line), 1, INT32_MAX, &number) ? (pid_t)number : 0;
}

static const char *line_at(const char *text, int number)
{
    while (text != NULL && number-- > 0) {
        text = strchr(text, '\n');
        if (text != NULL)
            text++;
    }
    return text;
}

/* What postmaster.pid says (as pg_ctl reads it: line 1 process, 5 socket folder, 8 state), checked
 * against the process. A file left by a dead postmaster whose number another program has now would
 * stop PostgreSQL from starting: it is removed, PostgreSQL still finds backends that live by the
 * shared memory of the data directory. */
static enum postmaster_state look(struct cluster *cluster, pid_t *ret_pid)
{
    char *text = place_read(&cluster->place, "postgresql/postmaster.pid", PID_FILE_MAX);
    enum postmaster_state state = POSTMASTER_NONE;
    const char *status, *socket;
    pid_t pid;

    reap(cluster);
    if (text == NULL)
        return POSTMASTER_NONE;
    pid = first_number(text);
    if (pid > 0 && is_ours(cluster, pid)) {
        state = POSTMASTER_STARTING;
        status = line_at(text, 7);
        if (status != NULL && strncmp(status, "ready", 5) == 0)
            state = POSTMASTER_READY;
        else if (status != NULL && strncmp(status, "stopping", 8) == 0)
            state = POSTMASTER_STOPPING;
        socket = line_at(text, 4);
        if (state == POSTMASTER_READY && socket != NULL && socket[0] == '/') {
            free(cluster->socket);
            cluster->socket = strndup(socket, strcspn(socket, "\n"));
        }
        *ret_pid = pid;
    } else if (pid > 0 && kill(pid, 0) == 0 && cluster->lock >= 0) {
        char *path = place_path(&cluster->place, "postgresql/postmaster.pid");

        (void)unlink(path);
        free(path);
    }
    free(text);
    return state;
}

/* What a killed postmaster left in the socket's folder, which is ours alone: its lock names a
 * process that may have become another one, or be a zombie yet. */
static void remove_socket(const struct cluster *cluster)
{
    static const char *const names[] = {SOCKET_NAME, SOCKET_NAME ".lock"};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        char *path = join(cluster->socket, names[i] + 1);

        (void)unlink(path);
        free(path);
    }
}

static enum exit_code launch(struct cluster *cluster)
{
    char *postgres = join(cluster->binaries, "postgres"),
         *log = place_path(&cluster->place, START_LOG);
    const char *const argv[] = {postgres, "-D", cluster->data, NULL};

    (void)unlink(log);
    remove_socket(cluster);
    /* SIGINT is PostgreSQL's fast shutdown: should we be killed, it ends by itself, in order. */
    cluster->pid = child_start(argv, log, SIGINT);
    cluster->is_child = cluster->pid > 0;
    free(postgres);
    free(log);
    if (cluster->pid < 0) {
        cluster->pid = 0;
        return fail_at(cluster->binaries, "PostgreSQL cannot be started",
                       "PostgreSQL ne peut être lancé");
    }
    return EXIT_DONE;
}

/* Whether a start failed only because something of the previous one still lives. */
static bool is_passing(const struct cluster *cluster)
{
    char *text = place_read(&cluster->place, START_LOG, LOG_TAIL_MAX);
    bool passing =
        text != NULL && (strstr(text, "shared memory block") != NULL ||
                         strstr(text, "lock file \"postmaster.pid\" already exists") != NULL);

    free(text);
    return passing;
}

/* What is waited for, said once, after a second of silence. */
static void say_waiting(enum postmaster_state state, int64_t waited_ms, bool *said)
{
    if (*said || waited_ms < SAY_AFTER_MS)
        return;
    *said = true;
    if (state == POSTMASTER_STARTING)
        say_note("waiting for PostgreSQL (after a crash it first repairs itself)…",
                 "attente de PostgreSQL (après un arrêt brutal, il se répare d’abord)…");
    else
        say_note("waiting for the previous PostgreSQL to end…",
                 "attente de la fin du PostgreSQL précédent…");
}

/* A server blocks its signals and asks for them; while it waits here, Ctrl-C must end the wait. */
static bool is_interrupted(void)
{
    sigset_t pending;

    return sigpending(&pending) == 0 &&
           (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1 ||
            sigismember(&pending, SIGHUP) == 1);
}

/* Has a postmaster that is ready: the one that lives, or a new one. */
static enum exit_code await(struct cluster *cluster)
{
    int64_t start = now_ms();
    bool said = false;
    int tries = 0;

    for (;;) {
        pid_t pid = 0;
        enum postmaster_state state = look(cluster, &pid);

        if (state == POSTMASTER_READY) {
            cluster->is_child = cluster->is_child && cluster->pid == pid;
            cluster->pid = pid;
            return EXIT_DONE;
        }
        if (now_ms() - start > START_WAIT_MS) {
            say_error("PostgreSQL is not ready after a minute:",
                      "PostgreSQL n’est pas prêt après une minute :");
            show_log(cluster);
            return EXIT_FAILED;
        }
        if (is_interrupted())
            return EXIT_FAILED;
        say_waiting(cluster->is_child ? POSTMASTER_STARTING : state, now_ms() - start, &said);
        /* Nothing lives: start one, unless a server that has the lock does that. */
        if (state == POSTMASTER_NONE && cluster->pid == 0 && cluster->lock >= 0) {
            if (tries++ > 0 && !is_passing(cluster)) {
                say_error("PostgreSQL does not start:", "PostgreSQL ne démarre pas :");
                show_log(cluster);
                return EXIT_FAILED;
            }
            if (tries > 1)
                pause_ms(RETRY_MS);
            if (launch(cluster) != EXIT_DONE)
                return EXIT_FAILED;
        }
        pause_ms(STEP_MS);
    }
}

/* ------------------------------------------------------------------------------------------------------------------
 * The lock
 * -----------------------------------------------------------------------------------------------
 */

/* What the holder of the lock wrote: "serve 123" or "command 123". */
static void read_holder(int fd, char *holder, size_t size)
{
    ssize_t n = pread(fd, holder, size - 1, 0);

    holder[n > 0 ? n : 0] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
}

static void write_holder(int fd, enum cluster_use use)
{
    char holder[64];
    int n = snprintf(holder, sizeof(holder), "%s %ld\n", use == CLUSTER_SERVE ? "serve" : "command",
                     (long)getpid());

    if (ftruncate(fd, 0) != 0 || pwrite(fd, holder, (size_t)n, 0) != n)
        say_note("(lock: %s)", "(verrou : %s)", strerror(errno));
}

/* One server per directory. A command does without the lock where a server has it, and waits for
 * another command. */
static enum exit_code take_lock(struct cluster *cluster)
{
    char *path = place_path(&cluster->place, "lock"), holder[64];
    int64_t start = now_ms();
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    bool said = false;

    if (fd < 0) {
        enum exit_code code = fail_at(path, "cannot be written", "écriture impossible");

        free(path);
        return code;
    }
    free(path);
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        read_holder(fd, holder, sizeof(holder));
        if (strncmp(holder, "serve ", 6) == 0) {
            close(fd);
            if (cluster->use == CLUSTER_COMMAND)
                return EXIT_DONE;
            say_error("another grenier serve (process %s) uses %s",
                      "un autre grenier serve (processus %s) utilise %s", holder + 6,
                      cluster->place.dir);
            return EXIT_FAILED;
        }
        if (now_ms() - start > START_WAIT_MS) {
            close(fd);
            say_error("%s is in use by another command (%s)",
                      "%s est utilisé par une autre commande (%s)", cluster->place.dir, holder);
            return EXIT_FAILED;
        }
        if (!said && now_ms() - start > SAY_AFTER_MS) {
            said = true;
            say_note("waiting for another command to end…",
                     "attente de la fin d’une autre commande…");
        }
        pause_ms(STEP_MS);
    }
    write_holder(fd, cluster->use);
    cluster->lock = fd;
    return EXIT_DONE;
}

/* ------------------------------------------------------------------------------------------------------------------
 * The whole
 * -----------------------------------------------------------------------------------------------
 */

char *cluster_conninfo(const struct cluster *cluster, const char *role, const char *database)
{
    char *conninfo = NULL;

    if (asprintf(&conninfo,
                 "host=%s port=5432 user=%s dbname=%s application_name=grenier connect_timeout=10 "
                 "client_encoding=UTF8",
                 cluster->socket, role, database) < 0)
        conninfo = NULL;
    ASSERT(conninfo != NULL);
    return conninfo;
}

/* The database itself, when the cluster is new or its making was cut off. */
static enum exit_code make_database(struct cluster *cluster)
{
    char *conninfo = cluster_conninfo(cluster, "postgres", "postgres");
    struct arena arena;
    struct problem problem;
    struct db *db = NULL;
    DB_ROWS *rows = NULL;
    enum rc rc;

    arena_init(&arena, 64 * 1024);
    problem_init(&problem, &arena);
    rc = db_open(conninfo, NULL, 0, &db, &problem);
    if (rc == RC_OK)
        rc = db_sql(db, "SELECT FROM pg_database WHERE datname = 'grenier'", 0, NULL, &rows,
                    &problem);
    if (rc == RC_OK && db_rows_count(rows) == 0)
        rc = db_script(db, "CREATE DATABASE grenier", &problem);
    if (rc != RC_OK)
        say_problem(&problem);
    db_close(db);
    arena_free(&arena);
    free(conninfo);
    return rc == RC_OK ? EXIT_DONE : EXIT_FAILED;
}

static enum exit_code prepare(struct cluster *cluster)
{
    static const char *const folders[] = {"log", "tmp"};
    enum exit_code code = find_binaries(cluster);

    for (size_t i = 0; code == EXIT_DONE && i < ARRAY_SIZE(folders); i++)
        code = place_make_folder(&cluster->place, folders[i]);
    if (code == EXIT_DONE && !exists(cluster->data))
        code = make_cluster(cluster);
    return code;
}

enum exit_code cluster_lock(const struct place *place, enum cluster_use use,
                            struct cluster *ret_cluster)
{
    *ret_cluster = (struct cluster){.place = *place, .use = use, .lock = -1};
    ret_cluster->data = place_path(place, "postgresql");
    return take_lock(ret_cluster);
}

enum exit_code cluster_start(const struct place *place, enum cluster_use use,
                             struct cluster *ret_cluster)
{
    struct cluster *cluster = ret_cluster;
    enum exit_code code = cluster_lock(place, use, cluster);

    if (code == EXIT_DONE && cluster->lock >= 0)
        code = prepare(cluster);
    if (code == EXIT_DONE)
        code = cluster_restart(cluster);
    if (code == EXIT_DONE && cluster->lock >= 0)
        code = make_database(cluster);
    return code;
}

enum exit_code cluster_restart(struct cluster *cluster)
{
    enum exit_code code = EXIT_DONE;
    pid_t pid = 0;

    /* A living postmaster keeps its own configuration. */
    if (cluster->lock >= 0 && look(cluster, &pid) == POSTMASTER_NONE) {
        code = choose_socket(cluster);
        if (code == EXIT_DONE)
            code = configure(cluster);
    }
    return code == EXIT_DONE ? await(cluster) : code;
}

bool cluster_alive(struct cluster *cluster)
{
    reap(cluster);
    if (cluster->pid > 0 && !cluster->is_child && !is_ours(cluster, cluster->pid))
        cluster->pid = 0;
    return cluster->pid > 0;
}

bool cluster_has_room(const struct cluster *cluster)
{
    struct statvfs disk;

    return statvfs(cluster->place.dir, &disk) != 0 ||
           (uint64_t)disk.f_bavail * disk.f_frsize >= (uint64_t)CLUSTER_ROOM_MIB * 1024 * 1024;
}

static bool await_end(struct cluster *cluster, int64_t wait_ms)
{
    int64_t start = now_ms();

    while (cluster_alive(cluster)) {
        if (now_ms() - start > wait_ms)
            return false;
        pause_ms(STEP_MS);
    }
    return true;
}

void cluster_stop(struct cluster *cluster)
{
    if (cluster->lock >= 0 && cluster_alive(cluster)) {
        kill(cluster->pid, SIGINT);
        if (!await_end(cluster, STOP_WAIT_MS)) {
            say_note("PostgreSQL does not end in order: it is stopped at once and will repair "
                     "itself at its next start",
                     "PostgreSQL ne se termine pas en ordre : il est arrêté aussitôt et se "
                     "réparera au prochain départ");
            kill(cluster->pid, SIGQUIT);
            (void)await_end(cluster, STOP_WAIT_MS);
        }
    }
    if (cluster->lock >= 0)
        close(cluster->lock);
    cluster->lock = -1;
    free(cluster->binaries);
    free(cluster->data);
    free(cluster->socket);
    cluster->binaries = cluster->data = cluster->socket = NULL;
}
