/* grenier openapi: the API described by its own tables. */
#include "api/api.h"
#include "grenier/command.h"

#include <stdio.h>

enum { DOCUMENT_MAX = 16 * 1024 * 1024 };

const struct option openapi_options[] = {
    {.name = "typescript",
     .type = OPTION_FLAG,
     .en = "the types for TypeScript instead",
     .fr = "plutôt les types pour TypeScript"},
    {.name = "markdown",
     .type = OPTION_FLAG,
     .en = "the page docs/api.md instead",
     .fr = "plutôt la page docs/api.md"},
    {.name = "errors",
     .type = OPTION_FLAG,
     .en = "the page docs/errors.md instead",
     .fr = "plutôt la page docs/errors.md"},
    {.type = OPTION_END},
};

enum exit_code openapi_run(const struct options *options)
{
    struct writer writer;
    enum exit_code code = EXIT_DONE;

    writer_init(&writer, DOCUMENT_MAX);
    if (option_flag(options, "typescript"))
        api_typescript(&writer);
    else if (option_flag(options, "markdown"))
        api_routes_markdown(&writer);
    else if (option_flag(options, "errors"))
        api_errors_markdown(&writer);
    else
        api_openapi(&writer);
    if (writer.failed || fwrite(writer.data, 1, writer.size, stdout) != writer.size ||
        fflush(stdout) != 0) {
        say_error("the document could not be written", "le document n’a pas pu être écrit");
        code = EXIT_FAILED;
    }
    writer_release(&writer);
    return code;
}
