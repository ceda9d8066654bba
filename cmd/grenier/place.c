#include "grenier/place.h"

#include "base/crypto.h"
#include "grenier/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEM_DIR  "/var/lib/grenier"
#define SYSTEM_USER "grenier"

static enum exit_code fail_at(const char *path, const char *en, const char *fr)
{
    say_error("%s: %s (%s)", "%s : %s (%s)", path, words(en, fr), strerror(errno));
    return EXIT_FAILED;
}

const char *place_operator(void)
{
    const char *sudo = getenv("SUDO_USER");
    const struct passwd *entry;

    if (getuid() == 0 && sudo != NULL && sudo[0] != '\0')
        return sudo;
    entry = getpwuid(getuid());
    return entry == NULL ? "unknown" : entry->pw_name;
}

static bool default_dir(char ret_dir[static PLACE_PATH_MAX])
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    const struct passwd *entry = getpwuid(getuid());
    int written = -1;

    if ((home == NULL || home[0] != '/') && entry != NULL)
        home = entry->pw_dir;
    if (geteuid() == 0)
        written = snprintf(ret_dir, PLACE_PATH_MAX, "%s", SYSTEM_DIR);
    else if (data != NULL && data[0] == '/')
        written = snprintf(ret_dir, PLACE_PATH_MAX, "%s/grenier", data);
    else if (home != NULL && home[0] == '/')
        written = snprintf(ret_dir, PLACE_PATH_MAX, "%s/.local/share/grenier", home);
    return written > 0 && written < PLACE_PATH_MAX;
}

/* Makes the folders above `dir` that are missing. */
static bool make_parents(const char *dir)
{
    char *path = strdup(dir);
    bool good = path != NULL;

    for (char *slash = path; good && (slash = strchr(slash + 1, '/')) != NULL; *slash = '/') {
        *slash = '\0';
        good = mkdir(path, 0755) == 0 || errno == EEXIST;
    }
    free(path);
    return good;
}

static bool is_empty(const char *dir)
{
    DIR *folder = opendir(dir);
    const struct dirent *entry;
    bool empty = true;

    if (folder == NULL)
        return false;
    while (empty && (entry = readdir(folder)) != NULL)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(folder);
    return empty;
}

/* The system user, made on a machine that has none yet. */
static const struct passwd *system_user(void)
{
    const struct passwd *entry = getpwnam(SYSTEM_USER);
    const char *const argv[] = {
        "/usr/sbin/useradd", "--system", "--user-group",      "--no-create-home", "--home-dir",
        SYSTEM_DIR,          "--shell",  "/usr/sbin/nologin", SYSTEM_USER,        NULL};

    if (entry != NULL)
        return entry;
    say_note("making the system user %s", "création de l’utilisateur système %s", SYSTEM_USER);
    if (child_run(argv, NULL) != 0) {
        say_error("the system user %s could not be made: run useradd --system %s",
                  "l’utilisateur système %s n’a pas pu être créé : lancez useradd --system %s",
                  SYSTEM_USER, SYSTEM_USER);
        return NULL;
    }
    return getpwnam(SYSTEM_USER);
}

/* Whom root becomes: the owner of a directory that exists, the system user for a new one. */
static enum exit_code choose_owner(const char *dir, const struct passwd **ret_owner)
{
    struct stat status;

    if (stat(dir, &status) != 0) {
        if (errno != ENOENT)
            return fail_at(dir, "cannot be read", "illisible");
        if (!make_parents(dir) || mkdir(dir, 0700) != 0)
            return fail_at(dir, "cannot be made", "création impossible");
        status.st_uid = 0;
    } else if (!S_ISDIR(status.st_mode)) {
        say_error("%s is not a directory", "%s n’est pas un dossier", dir);
        return EXIT_FAILED;
    }
    if (status.st_uid != 0) {
        *ret_owner = getpwuid(status.st_uid);
        if (*ret_owner == NULL) {
            say_error(
                "%s belongs to user number %u, who has no name on this machine",
                "%s appartient à l’utilisateur numéro %u, qui n’a pas de nom sur cette machine",
                dir, status.st_uid);
            return EXIT_FAILED;
        }
        return EXIT_DONE;
    }
    if (!is_empty(dir)) {
        say_error("%s belongs to root and is not empty: name an empty or a new directory "
                  "(PostgreSQL refuses to run "
                  "as root)",
                  "%s appartient à root et n’est pas vide : indiquez un dossier vide ou nouveau "
                  "(PostgreSQL refuse "
                  "de tourner en root)",
                  dir);
        return EXIT_FAILED;
    }
    *ret_owner = system_user();
    if (*ret_owner == NULL)
        return EXIT_FAILED;
    if (chown(dir, (*ret_owner)->pw_uid, (*ret_owner)->pw_gid) != 0 || chmod(dir, 0700) != 0)
        return fail_at(dir, "cannot be given to its owner",
                       "ne peut être donné à son propriétaire");
    return EXIT_DONE;
}

/* From root to the directory's owner, for good. */
static enum exit_code become_owner(const char *dir)
{
    const struct passwd *owner = NULL;
    enum exit_code code = choose_owner(dir, &owner);

    if (code != EXIT_DONE)
        return code;
    if (initgroups(owner->pw_name, owner->pw_gid) != 0 || setgid(owner->pw_gid) != 0 ||
        setuid(owner->pw_uid) != 0)
        return fail_at(owner->pw_name, "cannot become this user",
                       "impossible de devenir cet utilisateur");
    ASSERT(setuid(0) != 0);
    setenv("HOME", owner->pw_dir, 1);
    setenv("USER", owner->pw_name, 1);
    setenv("LOGNAME", owner->pw_name, 1);
    return EXIT_DONE;
}

/* The directory of someone who is not root: made when absent, theirs. */
static enum exit_code check_own(const char *dir)
{
    struct stat status;

    if (mkdir(dir, 0700) != 0 && errno == ENOENT && (!make_parents(dir) || mkdir(dir, 0700) != 0))
        return fail_at(dir, "cannot be made", "création impossible");
    if (stat(dir, &status) != 0)
        return fail_at(dir, "cannot be made", "création impossible");
    if (status.st_uid != geteuid()) {
        say_error(
            "%s belongs to another user: start grenier as that user, or name another directory",
            "%s appartient à un autre utilisateur : lancez grenier sous cet utilisateur, ou "
            "indiquez un "
            "autre dossier",
            dir);
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

enum exit_code place_open(const char *data_dir, bool make, struct place *ret_place)
{
    char own[PLACE_PATH_MAX];
    const char *dir = data_dir != NULL ? data_dir : own;
    const struct passwd *entry;
    enum exit_code code;

    if (data_dir == NULL && !default_dir(own)) {
        say_error("no home directory: say --data-dir",
                  "pas de dossier personnel : indiquez --data-dir");
        return EXIT_FAILED;
    }
    if (!make && access(dir, F_OK) != 0) {
        say_error("%s: there is no Grenier here (%s); \"grenier serve\" makes one",
                  "%s : il n’y a pas de Grenier ici (%s) ; « grenier serve » en crée un", dir,
                  strerror(errno));
        return EXIT_FAILED;
    }
    umask(022);
    code = geteuid() == 0 ? become_owner(dir) : check_own(dir);
    if (code != EXIT_DONE)
        return code;
    umask(077);
    entry = getpwuid(geteuid());
    if (entry == NULL || strlen(entry->pw_name) >= PLACE_OWNER_MAX) {
        say_error("user number %u has no name on this machine, and PostgreSQL knows people by name",
                  "l’utilisateur numéro %u n’a pas de nom sur cette machine, et PostgreSQL connaît "
                  "les gens par leur "
                  "nom",
                  geteuid());
        return EXIT_FAILED;
    }
    snprintf(ret_place->owner, PLACE_OWNER_MAX, "%s", entry->pw_name);
    if (access(dir, R_OK | W_OK | X_OK) != 0 || chdir(dir) != 0) {
        say_error("%s cannot be reached by user %s (%s): name another directory with --data-dir",
                  "%s est hors d’atteinte de l’utilisateur %s (%s) : indiquez un autre dossier "
                  "avec --data-dir",
                  dir, entry->pw_name, strerror(errno));
        return EXIT_FAILED;
    }
    /* One spelling for one directory: PostgreSQL's own idea of it is compared with ours. */
    return getcwd(ret_place->dir, PLACE_PATH_MAX) == NULL
               ? fail_at(dir, "cannot be read", "illisible")
               : EXIT_DONE;
}

char *place_path(const struct place *place, const char *name)
{
    char *path = NULL;

    if (asprintf(&path, "%s/%s", place->dir, name) < 0)
        path = NULL;
    ASSERT(path != NULL);
    return path;
}

static bool write_all(int fd, const char *content)
{
    size_t left = strlen(content);

    while (left > 0) {
        ssize_t written = write(fd, content, left);

        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            content += written;
            left -= (size_t)written;
        }
    }
    return true;
}

bool place_write(const struct place *place, const char *name, const char *content)
{
    char *path = place_path(place, name), *temporary = NULL;
    int fd = -1, folder;
    bool good = false;

    if (asprintf(&temporary, "%s.new", path) < 0)
        temporary = NULL;
    if (temporary != NULL)
        fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0) {
        good = write_all(fd, content) && fsync(fd) == 0;
        good = close(fd) == 0 && good && rename(temporary, path) == 0;
        if (!good) /* a full disk needs its room */
            (void)unlink(temporary);
    }
    folder = good ? open(place->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (folder >= 0) {
        good = fsync(folder) == 0;
        close(folder);
    }
    free(temporary);
    free(path);
    return good;
}

char *place_read(const struct place *place, const char *name, size_t limit)
{
    char *path = place_path(place, name), *content = malloc(limit + 1);
    FILE *file = content == NULL ? NULL : fopen(path, "re");
    size_t size = 0;

    if (file != NULL) {
        size = fread(content, 1, limit, file);
        fclose(file);
        content[size] = '\0';
    } else {
        free(content);
        content = NULL;
    }
    free(path);
    return content;
}

enum exit_code place_make_secrets(const struct place *place)
{
    static const char *const names[] = {"signing_key", "totp_key", "link_pepper"};
    char *path = place_path(place, "secrets");
    char content[512] = "";
    size_t used = 0;
    bool exists = access(path, F_OK) == 0;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        char secret[SECRET_TEXT_SIZE];
        int written;

        crypto_secret(secret);
        written = snprintf(content + used, sizeof(content) - used, "%s %s\n", names[i], secret);
        ASSERT(written > 0 && (size_t)written < sizeof(content) - used);
        used += (size_t)written;
    }
    if (!exists && !place_write(place, "secrets", content)) {
        enum exit_code code = fail_at(path, "cannot be written", "écriture impossible");

        free(path);
        return code;
    }
    free(path);
    return EXIT_DONE;
}

enum exit_code place_make_folder(const struct place *place, const char *name)
{
    char *path = place_path(place, name);
    enum exit_code code = EXIT_DONE;

    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        code = fail_at(path, "cannot be made", "création impossible");
    free(path);
    return code;
}
