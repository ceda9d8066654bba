/* What the parsers of bank files share: a statement is built entry by entry and checked when it
 * ends. Private to formats. */
#ifndef FORMATS_BANK_READER_H
#define FORMATS_BANK_READER_H

#include "formats/bank.h"

/* A growing array of its own memory, copied into the arena once its size is known. */
struct bank_list {
    void *items;
    size_t count, capacity;
};

struct bank_reader {
    struct arena *arena;
    struct problem *problem;
    struct bank_file *file;
    const char *file_name; /* for messages */
    struct bank_list statements, entries, details, notes, file_notes;
    bool open;                       /* inside a statement */
    struct bank_statement statement; /* the one being read */
    int statement_line;
    size_t n_lines;           /* entries, details and pending ones so far, all statements */
    size_t n_value_dates;     /* entries of this statement dated by their value date */
    struct bank_list undated; /* size_t: entries of this statement without any date */
    size_t n_texts_cut;
};

void bank_reader_init(struct bank_reader *reader, struct arena *arena, struct bank_file *file,
                      struct problem *problem);
void bank_reader_release(struct bank_reader *reader);

/* Statements: begin, then fill reader->statement, notes and entries, then end: balances, dates,
 * fingerprints. */
enum rc bank_statement_begin(struct bank_reader *reader, int line) MUST_CHECK;
enum rc bank_statement_end(struct bank_reader *reader) MUST_CHECK;
/* Adds the entry with the details gathered by bank_detail_add since the last one. */
enum rc bank_entry_add(struct bank_reader *reader, struct bank_entry *entry,
                       bool has_date) MUST_CHECK;
enum rc bank_detail_add(struct bank_reader *reader, const struct bank_detail *detail) MUST_CHECK;
/* An entry that is not booked: counted, noted at the end. */
enum rc bank_entry_skip(struct bank_reader *reader) MUST_CHECK;
/* A note on the open statement, on the file when there is none. Arguments end with NULL; past the
 * limit it is dropped. */
enum rc bank_note(struct bank_reader *reader, enum problem_code code, ...)
    __attribute__((sentinel)) MUST_CHECK;
/* The whole file, after the last statement. */
enum rc bank_reader_finish(struct bank_reader *reader) MUST_CHECK;

/* One text for people: trimmed, runs of space and control characters one space, cut at
 * BANK_TEXT_MAX bytes between two characters. *ret_text is NULL when nothing is left. */
enum rc bank_text(struct bank_reader *reader, struct str raw, const char **ret_text) MUST_CHECK;
/* `first` and `second` with `between`; either may be NULL. */
enum rc bank_join(struct bank_reader *reader, const char *first, const char *between,
                  const char *second, const char **ret_text) MUST_CHECK;
/* Compact capitals when the text is shaped like an IBAN, else NULL. */
enum rc bank_iban(struct bank_reader *reader, struct str raw, const char **ret_iban) MUST_CHECK;
/* ISO 4217, or a problem naming line and element. */
enum rc bank_currency(struct bank_reader *reader, int line, const char *element, struct str raw,
                      char ret_code[static 4]) MUST_CHECK;
enum rc bank_amount(struct bank_reader *reader, int line, const char *element, struct str raw,
                    const char *currency, struct money *ret_amount) MUST_CHECK;
/* YYYY-MM-DD or YYYYMMDD, whatever follows (time, zone: the day is the bank's own). */
bool bank_date_read(struct str raw, struct date *ret_date);
enum rc bank_date(struct bank_reader *reader, int line, const char *element, struct str raw,
                  struct date *ret_date) MUST_CHECK;

/* What a message may repeat of the file: short, on one line, "?" for bytes that are no text. NULL
 * when the arena is full. */
const char *bank_quote(struct bank_reader *reader, struct str raw);
/* Problems; all answer RC_PROBLEM. */
enum rc bank_missing(struct bank_reader *reader, int line, const char *element, const char *what);
enum rc bank_broken(struct bank_reader *reader, int line, const char *near);
enum rc bank_truncated(struct bank_reader *reader, int line, const char *element, int began);
enum rc bank_memory(struct bank_reader *reader);

/* The formats. `text` is well-formed UTF-8 without a mark at its start. */
enum rc ofx_parse(struct bank_reader *reader, struct str text) MUST_CHECK;
enum rc camt_parse(struct bank_reader *reader, struct str text) MUST_CHECK;

#endif
