#include "base/log.h"

#include <stdarg.h>
#include <unistd.h>

static enum log_level threshold = LOG_INFO; /* set once, before threads */

void log_init(enum log_level level)
{
    threshold = level;
}

enum { LINE_MAX = 2048 };

struct line {
    char text[LINE_MAX];
    size_t n;
};

static void put(struct line *line, char c)
{
    if (line->n < sizeof line->text - 1)
        line->text[line->n++] = c;
}

static void put_text(struct line *line, const char *text)
{
    while (*text != 0)
        put(line, *text++);
}

/* A logfmt value: quoted when it holds a space, quote, equals sign or control. */
static void put_value(struct line *line, const char *value)
{
    bool quote = *value == 0;
    for (const char *p = value; *p != 0; p++)
        quote = quote || (unsigned char)*p <= ' ' || *p == '"' || *p == '=' || *p == '\\';
    if (quote)
        put(line, '"');
    for (const char *p = value; *p != 0; p++) {
        if (*p == '"' || *p == '\\')
            put(line, '\\');
        put(line, (unsigned char)*p < ' ' ? ' ' : *p);
    }
    if (quote)
        put(line, '"');
}

void log_line(enum log_level level, const char *event, ...)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    if (level > threshold)
        return;
    struct line line = {.n = 0};
    put_text(&line, "level=");
    put_text(&line, names[level]);
    put_text(&line, " event=");
    put_value(&line, event);
    va_list args;
    va_start(args, event);
    for (const char *key; (key = va_arg(args, const char *)) != NULL;) {
        const char *value = va_arg(args, const char *);
        put(&line, ' ');
        put_text(&line, key);
        put(&line, '=');
        put_value(&line, value == NULL ? "-" : value);
    }
    va_end(args);
    line.text[line.n++] = '\n';
    /* One write, so that lines of threads do not mix; a full disk or closed pipe is nobody's
     * problem here. */
    ssize_t written = write(STDERR_FILENO, line.text, line.n);
    (void)written;
}
