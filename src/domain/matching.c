#include "domain/matching.h"

#include "base/date.h"
#include "domain/matching_text.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- what evidence is worth, in points of a score ----
 * Set by what each kind of evidence proves on its own, not fitted to lines: docs/matching.md gives
 * the reasoning. */
enum {
    POINTS_OPEN_AMOUNT = 40,      /* an open item has exactly the amount */
    POINTS_OPEN_PAYER = 45,       /* and is the payer's, at full certainty */
    POINTS_OPEN_OTHER_PAYER = 45, /* taken off: it is someone else's */
    POINTS_OPEN_ONLY = 8,         /* no other open item has this amount */
    POINTS_OPEN_RIVAL = 5,        /* taken off per rival, three at most */
    POINTS_MEANS = 18,            /* cheque, cash, platform as the text says */
    POINTS_MEANS_WRONG = 28,      /* taken off: the text says another means */
    POINTS_NATURE_WORD = 5,
    POINTS_SUM = 55,           /* several open items make the amount */
    POINTS_SUM_ALL = 22,       /* all that wait */
    POINTS_SUM_RUN = 14,       /* neighbours in time */
    POINTS_SUM_UNIQUE = 10,    /* the only way to make the amount */
    POINTS_SUM_FEE = 12,       /* taken off: only after a fee */
    POINTS_COUNT_SAID = 10,    /* as many as the text announces */
    POINTS_PAYER = 52,         /* a new contribution by a payer at full certainty */
    POINTS_WORDS = 30,         /* whose nature the text names */
    POINTS_DUES_SAME = 13,     /* amount of its last dues */
    POINTS_DUES_USUAL = 9,     /* amount members usually pay */
    POINTS_NO_WORDS_DUES = 22, /* no word, but that amount */
    POINTS_NO_WORDS = 5,
    POINTS_PAST_IBAN = 74, /* answered before for this account */
    POINTS_PAST_TEXT = 74, /* answered before for this text */
    POINTS_PAST_BOTH = 6,
    POINTS_PAST_AMOUNT = 12,       /* the same amount too */
    POINTS_PAST_AGAIN = 3,         /* per further time, three at most */
    POINTS_PAST_DIFFERS = 14,      /* taken off: other answers were given too */
    POINTS_PAST_WORDS = 22,        /* taken off: the text now says something else */
    POINTS_PAST_CONTRIBUTION = 10, /* taken off for a contribution of another amount */
    POINTS_TRANSFER = 60, /* same amount the other way on another own account, within days */
    POINTS_OWN_IBAN = 30,
    POINTS_INTERNAL_WORD = 22,
    POINTS_OWN_NAME = 8,
    POINTS_EXPENSE_BOOKED = 20,     /* taken off: an open item has exactly the amount */
    POINTS_EXPENSE_GIVEN_BACK = 45, /* taken off: the word names what is refunded */
    POINTS_AGREE = 4                /* two ways of thinking give the same answer */
};

enum {
    TRANSFER_DAYS = 6,
    CHEQUE_DAYS_MAX = 200,
    RETURN_DAYS_MAX = 120,
    CERTAIN = 70,              /* payer: certain enough to exclude others' items */
    CANDIDATES_MAX = 64,       /* suggestions of one line before the best are taken */
    DETAIL_CANDIDATES_MAX = 8, /* the same for one payment of a batch */
    PAST_ALIKE_MAX = 100,      /* earlier lines like this one that are compared */
    PAST_GIVEN_MAX = 6,        /* different earlier answers that are suggested */
    FEE_PERCENT_MAX = 6,
    SCORE_MAX = 99
};

enum { NAMES_PER_MEMBER = 3 };

struct member_names {
    struct matching_name names[NAMES_PER_MEMBER];
    size_t n;
};

struct index_row {
    struct matching_token token;
    uint32_t member;
};

struct matching {
    const struct matching_context *context;
    struct member_names *members;
    struct matching_name *open_names;  /* of open items; n 0 where there is none */
    struct matching_suggestion *found; /* working memory of one line */
    const struct matching_past **alike;
    struct index_row *index; /* words of all names, sorted */
    size_t n_index;
    uint32_t *seen; /* by member: the last line it was a candidate for */
    uint32_t turn;
    int64_t usual_dues;
    struct matching_name organisation;
};

/* One line being thought about. */
struct scene {
    struct matching *matching;
    struct arena *arena; /* for the texts of the suggestions */
    const struct matching_context *context;
    const struct matching_line *line;
    struct matching_text text;
    unsigned words;
    const char *signature;
    const struct matching_member *payer;
    int certainty;
    struct matching_why payer_why;
    struct matching_suggestion *found; /* `limit` of them and one more */
    size_t n, limit;
};

/* ---- small helpers ---- */

static int64_t distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool same_or_none(const char *a, const char *b)
{
    return a == NULL ? b == NULL : same(a, b);
}

static const char *day_text(struct scene *scene, int64_t day)
{
    char text[DATE_TEXT_MAX];

    return arena_printf(scene->arena, "date:%s", date_format(date_from_days(day), text));
}

static const char *money_arg(struct scene *scene, int64_t minor)
{
    return arena_printf(scene->arena, "money:%" PRId64, minor);
}

static const char *number_arg(struct scene *scene, size_t n)
{
    return arena_printf(scene->arena, "%zu", n);
}

/* A new suggestion to fill; NULL when there are enough already. */
static struct matching_suggestion *begin(struct scene *scene, enum matching_kind kind, int score)
{
    if (scene->n == scene->limit)
        return NULL;
    struct matching_suggestion *suggestion = &scene->found[scene->n];
    *suggestion = (struct matching_suggestion){.kind = kind, .score = score};
    return suggestion;
}

static void why(struct matching_suggestion *suggestion, enum matching_reason reason, const char *a,
                const char *b)
{
    for (size_t i = 0; i < suggestion->n_why; i++)
        if (suggestion->why[i].reason == reason)
            return;
    if (suggestion->n_why < MATCHING_REASONS_MAX && reason != REASON_NONE)
        suggestion->why[suggestion->n_why++] = (struct matching_why){reason, {a, b}};
}

static void why_payer(const struct scene *scene, struct matching_suggestion *suggestion)
{
    if (scene->payer != NULL)
        why(suggestion, scene->payer_why.reason, scene->payer_why.args[0],
            scene->payer_why.args[1]);
}

static struct matching_part *add_part(struct matching_suggestion *suggestion,
                                      enum matching_kind kind, int64_t amount)
{
    ASSERT(suggestion->n_parts < MATCHING_PARTS_MAX);
    struct matching_part *part = &suggestion->parts[suggestion->n_parts++];
    *part = (struct matching_part){.kind = kind, .amount = amount, .nature = NATURE_NONE};
    return part;
}

static bool same_part(const struct matching_part *a, const struct matching_part *b)
{
    return a->kind == b->kind && a->amount == b->amount && a->nature == b->nature &&
           same_or_none(a->category, b->category) && same_or_none(a->member_id, b->member_id) &&
           same_or_none(a->donor_name, b->donor_name) &&
           same_or_none(a->contribution_id, b->contribution_id);
}

static bool same_answer(const struct matching_suggestion *a, const struct matching_suggestion *b)
{
    if (a->n_links != b->n_links || a->n_parts != b->n_parts)
        return false;
    for (size_t i = 0; i < a->n_parts; i++)
        if (!same_part(&a->parts[i], &b->parts[i]))
            return false;
    for (size_t i = 0; i < a->n_links; i++) {
        bool found = false;
        for (size_t j = 0; j < b->n_links && !found; j++)
            found = a->links[i] == b->links[j];
        if (!found)
            return false;
    }
    return true;
}

/* Keeps the suggestion begun last: sums to the line, score in range, one per answer. */
static void keep(struct scene *scene, struct matching_suggestion *suggestion)
{
    int64_t sum = 0;
    for (size_t i = 0; i < suggestion->n_links; i++)
        sum += suggestion->links[i]->amount;
    for (size_t i = 0; i < suggestion->n_parts; i++)
        sum += suggestion->parts[i].amount;
    ASSERT(sum == scene->line->amount);
    suggestion->score = suggestion->score > SCORE_MAX ? SCORE_MAX : suggestion->score;
    if (suggestion->score < MATCHING_SCORE_MIN)
        return;
    for (size_t i = 0; i < scene->n; i++) {
        struct matching_suggestion *other = &scene->found[i];
        if (!same_answer(other, suggestion))
            continue;
        /* the same answer for another reason: surer than either */
        bool better = suggestion->score > other->score;
        struct matching_suggestion first = better ? *suggestion : *other,
                                   second = better ? *other : *suggestion;
        for (size_t w = 0; w < second.n_why; w++)
            why(&first, second.why[w].reason, second.why[w].args[0], second.why[w].args[1]);
        first.score =
            first.score + POINTS_AGREE > SCORE_MAX ? SCORE_MAX : first.score + POINTS_AGREE;
        *other = first;
        return;
    }
    scene->n++;
}

/* ---- preparing ---- */

static int compare_rows(const void *a, const void *b)
{
    const struct index_row *x = a, *y = b;
    size_t n = x->token.n < y->token.n ? x->token.n : y->token.n;
    int order = memcmp(x->token.p, y->token.p, n);
    if (order == 0)
        order = (x->token.n > y->token.n) - (x->token.n < y->token.n);
    return order != 0 ? order : (x->member > y->member) - (x->member < y->member);
}

/* First row whose word is not before the first `n` letters of `p`. */
static size_t index_find(const struct matching *matching, const char *p, size_t n)
{
    size_t low = 0, high = matching->n_index;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct matching_token *token = &matching->index[middle].token;
        size_t m = token->n < n ? token->n : n;
        int order = memcmp(token->p, p, m);
        if (order < 0 || (order == 0 && token->n < n))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A word that several members share tells them apart less: its weight is divided by their number.
 */
static void weigh(struct matching *matching)
{
    for (size_t m = 0; m < matching->context->n_members; m++)
        for (size_t k = 0; k < matching->members[m].n; k++) {
            struct matching_name *name = &matching->members[m].names[k];
            for (size_t i = 0; i < name->n; i++) {
                int holders = 0;
                uint32_t last = UINT32_MAX;
                const struct matching_token *token = &name->tokens[i];
                for (size_t r = index_find(matching, token->p, token->n); r < matching->n_index;
                     r++) {
                    const struct index_row *row = &matching->index[r];
                    if (row->token.n != token->n || memcmp(row->token.p, token->p, token->n) != 0)
                        break;
                    holders += row->member != last ? 1 : 0;
                    last = row->member;
                }
                name->weights[i] = name->weights[i] / (holders > 0 ? holders : 1);
                name->weights[i] = name->weights[i] > 0 ? name->weights[i] : 1;
            }
        }
}

static int compare_amounts(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The amount most members paid as their last dues; 0 unless two at least agree. */
static int64_t usual_dues(struct arena *arena, const struct matching_context *context)
{
    int64_t *amounts = ARENA_ARRAY(arena, int64_t, context->n_members + 1), usual = 0;
    size_t n = 0, most = 1;
    for (size_t i = 0; amounts != NULL && i < context->n_members; i++)
        if (context->members[i].dues > 0)
            amounts[n++] = context->members[i].dues;
    if (amounts == NULL || n == 0)
        return 0;
    qsort(amounts, n, sizeof *amounts, compare_amounts);
    for (size_t i = 0, run = 0; i < n; i++) {
        run = i > 0 && amounts[i] == amounts[i - 1] ? run + 1 : 1;
        if (run > most) {
            most = run;
            usual = amounts[i];
        }
    }
    return usual;
}

struct matching *matching_new(struct arena *arena, const struct matching_context *context)
{
    struct matching *matching = ARENA_NEW(arena, struct matching);
    size_t n_rows = 0;
    if (matching == NULL)
        return NULL;
    *matching = (struct matching){.context = context};
    matching->members = ARENA_ARRAY(arena, struct member_names, context->n_members + 1);
    matching->seen = ARENA_ARRAY(arena, uint32_t, context->n_members + 1);
    if (matching->members == NULL || matching->seen == NULL)
        return NULL;
    for (size_t m = 0; m < context->n_members; m++) {
        const struct matching_member *member = &context->members[m];
        const char *const plain[NAMES_PER_MEMBER] = {member->name, member->holder, member->contact};
        for (size_t k = 0; k < NAMES_PER_MEMBER; k++) {
            struct member_names *names = &matching->members[m];
            if (plain[k] == NULL)
                continue;
            if (!matching_name_init(&names->names[names->n], arena, plain[k]))
                return NULL;
            n_rows += names->names[names->n++].n;
        }
    }
    matching->index = ARENA_ARRAY(arena, struct index_row, n_rows + 1);
    if (matching->index == NULL)
        return NULL;
    for (size_t m = 0; m < context->n_members; m++)
        for (size_t k = 0; k < matching->members[m].n; k++)
            for (size_t i = 0; i < matching->members[m].names[k].n; i++)
                matching->index[matching->n_index++] =
                    (struct index_row){matching->members[m].names[k].tokens[i], (uint32_t)m};
    qsort(matching->index, matching->n_index, sizeof *matching->index, compare_rows);
    weigh(matching);
    matching->usual_dues = usual_dues(arena, context);
    if (!matching_name_init(&matching->organisation, arena,
                            context->organisation_name == NULL ? "" : context->organisation_name))
        return NULL;
    matching->open_names = ARENA_ARRAY(arena, struct matching_name, context->n_open + 1);
    matching->found = ARENA_ARRAY(arena, struct matching_suggestion, CANDIDATES_MAX + 1);
    matching->alike = ARENA_ARRAY(arena, const struct matching_past *, PAST_ALIKE_MAX);
    if (matching->open_names == NULL || matching->found == NULL || matching->alike == NULL)
        return NULL;
    for (size_t i = 0; i < context->n_open; i++)
        if (context->open[i].name != NULL &&
            !matching_name_init(&matching->open_names[i], arena, context->open[i].name))
            return NULL;
    return matching;
}

/* ---- who pays, or is paid ---- */

static void payer_by_iban(struct scene *scene)
{
    const char *iban = scene->line->counterparty_iban;
    const struct matching_context *context = scene->context;
    if (iban == NULL)
        return;
    for (size_t m = 0; m < context->n_members; m++)
        if (same(context->members[m].iban, iban) && (scene->payer == NULL || scene->payer->left)) {
            scene->payer = &context->members[m];
            scene->certainty = 100;
            scene->payer_why = (struct matching_why){REASON_IBAN, {scene->payer->name, NULL}};
        }
    for (size_t i = 0; i < context->n_past && scene->payer == NULL; i++)
        for (size_t p = 0; p < context->past[i].n_parts && same(context->past[i].iban, iban); p++) {
            const char *id = context->past[i].parts[p].member_id;
            for (size_t m = 0; m < context->n_members && id != NULL && scene->payer == NULL; m++)
                if (same(context->members[m].id, id)) {
                    scene->payer = &context->members[m];
                    scene->certainty = 95;
                    scene->payer_why =
                        (struct matching_why){REASON_IBAN_SEEN, {scene->payer->name, NULL}};
                }
        }
}

static int likeness_of(const struct scene *scene, size_t member)
{
    const struct member_names *names = &scene->matching->members[member];
    int best = 0;
    for (size_t k = 0; k < names->n; k++) {
        int likeness = matching_likeness(&names->names[k], &scene->text);
        bool person = k > 0 && k == names->n - 1 && scene->context->members[member].contact != NULL;
        likeness = person ? likeness * 8 / 10 : likeness; /* the contact may pay for others */
        best = likeness > best ? likeness : best;
    }
    return scene->context->members[member].left ? best * 9 / 10 : best;
}

/* Members that share the first letters of a word with the text, each looked at once. */
static void payer_by_name(struct scene *scene)
{
    struct matching *matching = scene->matching;
    int best = 0, second = 0;
    size_t who = 0;
    matching->turn++;
    for (size_t t = 0; t < scene->text.n; t++) {
        const struct matching_token *token = &scene->text.tokens[t];
        size_t letters = token->n < 3 ? token->n : 3;
        for (size_t r = index_find(matching, token->p, letters); r < matching->n_index; r++) {
            const struct index_row *row = &matching->index[r];
            if (row->token.n < letters || memcmp(row->token.p, token->p, letters) != 0)
                break;
            if (matching->seen[row->member] == matching->turn)
                continue;
            matching->seen[row->member] = matching->turn;
            int likeness = likeness_of(scene, row->member);
            if (likeness > best || (likeness == best && row->member < who)) {
                second = likeness > best ? best : second;
                best = likeness;
                who = row->member;
            } else if (likeness > second) {
                second = likeness;
            }
        }
    }
    if (best < MATCHING_LIKENESS_MIN)
        return;
    scene->payer = &scene->context->members[who];
    scene->certainty = best * 92 / 100 - (best - second < 12 ? 25 : 0);
    scene->payer_why =
        (struct matching_why){REASON_NAME, {scene->payer->name, number_arg(scene, (size_t)best)}};
}

static void find_payer(struct scene *scene)
{
    payer_by_iban(scene);
    if (scene->payer == NULL)
        payer_by_name(scene);
    if (scene->payer == NULL)
        return;
    const struct member_names *names =
        &scene->matching->members[scene->payer - scene->context->members];
    for (size_t k = 0; k < names->n; k++)
        matching_mark_used(&names->names[k], &scene->text);
}

/* ---- what waits in the books ---- */

static int date_points(int64_t days)
{
    return days <= 1 ? 10 : days <= 5 ? 8 : days <= 15 ? 5 : days <= 45 ? 2 : days <= 120 ? 0 : -15;
}

static int means_points(const struct scene *scene, enum matching_means means)
{
    unsigned said =
        scene->words & (WORD_CHEQUES | WORD_CHEQUE | WORD_CASH | WORD_PLATFORM | WORD_TRANSFER);
    unsigned meant = means == MEANS_CHEQUE     ? WORD_CHEQUES | WORD_CHEQUE
                     : means == MEANS_CASH     ? (unsigned)WORD_CASH
                     : means == MEANS_PLATFORM ? (unsigned)WORD_PLATFORM
                                               : 0U;
    if (means == MEANS_OTHER || said == 0)
        return 0;
    if (means == MEANS_TRANSFER)
        return said & (WORD_CHEQUES | WORD_CHEQUE | WORD_CASH | WORD_PLATFORM) ? -POINTS_MEANS_WRONG
                                                                               : 3;
    if (said & meant)
        return POINTS_MEANS;
    /* "VIR HELLOASSO" is a transfer and a platform's payout: transfer alone contradicts only
     * cheques and cash */
    return -POINTS_MEANS_WRONG;
}

static bool nature_said(const struct scene *scene, enum matching_nature nature)
{
    static const unsigned said[NATURE_COUNT] = {
        [NATURE_DUES] = WORD_DUES,
        [NATURE_DONATION] = WORD_DONATION | WORD_FUND,
        [NATURE_PATRONAGE] = WORD_PATRONAGE,
        [NATURE_SPONSORSHIP] = WORD_SPONSORSHIP,
        [NATURE_FINANCIAL_CONTRIBUTION] = WORD_FUND | WORD_DONATION,
        [NATURE_SUBSIDY] = WORD_SUBSIDY,
        [NATURE_EQUITY_WITHOUT_RETURN] = WORD_EQUITY,
        [NATURE_EQUITY_WITH_RETURN] = WORD_EQUITY,
    };
    return nature != NATURE_NONE && nature != NATURE_COUNT && (scene->words & said[nature]) != 0;
}

/* How well the giver of an open item fits the line: points, negative when it is clearly someone
 * else's. */
static int giver_points(struct scene *scene, const struct matching_open *open,
                        struct matching_suggestion *suggestion)
{
    if (open->member_id != NULL && scene->payer != NULL) {
        if (same(open->member_id, scene->payer->id)) {
            why_payer(scene, suggestion);
            return POINTS_OPEN_PAYER * scene->certainty / 100;
        }
        return scene->certainty >= CERTAIN ? -POINTS_OPEN_OTHER_PAYER : -10;
    }
    if (open->name == NULL)
        return 0;
    int likeness =
        matching_likeness(&scene->matching->open_names[open - scene->context->open], &scene->text);
    if (likeness < MATCHING_LIKENESS_MIN)
        return scene->payer != NULL && scene->certainty >= CERTAIN && open->is_contribution ? -20
                                                                                            : 0;
    why(suggestion, REASON_NAME, open->name, number_arg(scene, (size_t)likeness));
    return POINTS_OPEN_PAYER * likeness * 92 / 10000;
}

static enum matching_kind open_kind(const struct matching_open *open)
{
    return open->is_contribution ? MATCHING_CONTRIBUTION : MATCHING_ENTRY_LINE;
}

static bool may_link(const struct scene *scene, const struct matching_open *open)
{
    /* a cheque, cash or a platform's payment is recorded before the bank has it */
    return open->means == MEANS_TRANSFER || open->means == MEANS_OTHER ||
           open->day <= scene->line->day;
}

static void suggest_open(struct scene *scene)
{
    const struct matching_context *context = scene->context;
    int rivals = -1;
    for (size_t i = 0; i < context->n_open; i++)
        rivals +=
            context->open[i].amount == scene->line->amount && may_link(scene, &context->open[i])
                ? 1
                : 0;
    for (size_t i = 0; i < context->n_open; i++) {
        const struct matching_open *open = &context->open[i];
        if (open->amount != scene->line->amount || !may_link(scene, open))
            continue;
        struct matching_suggestion *suggestion = begin(scene, open_kind(open), POINTS_OPEN_AMOUNT);
        if (suggestion == NULL)
            return;
        int giver = giver_points(scene, open, suggestion);
        suggestion->links[suggestion->n_links++] = open;
        suggestion->score += giver + date_points(distance(open->day, scene->line->day)) +
                             means_points(scene, open->means) +
                             (nature_said(scene, open->nature) ? POINTS_NATURE_WORD : 0);
        if (rivals == 0)
            suggestion->score += POINTS_OPEN_ONLY;
        else if (giver <= 0)
            suggestion->score -= POINTS_OPEN_RIVAL * (rivals > 3 ? 3 : rivals);
        const char *on = day_text(scene, open->day);
        why(suggestion,
            open->awaited ? REASON_AWAITED
            : rivals == 0 ? REASON_ONLY_AMOUNT
                          : REASON_SAME_AMOUNT,
            on, NULL);
        keep(scene, suggestion);
    }
}

/* ---- sums of what waits ---- */

struct subset_search {
    const int64_t *amounts, *rest; /* rest[i]: sum of amounts from i on */
    size_t n, k, steps;
    size_t stack[MATCHING_SUBSET_ITEMS_MAX];
    size_t *chosen, *ret_n;
    int found;
};

static void subset_step(struct subset_search *search, size_t at, size_t depth, int64_t target)
{
    if (target == 0) {
        if (search->found++ == 0) {
            memcpy(search->chosen, search->stack, depth * sizeof *search->stack);
            *search->ret_n = depth;
        }
        return;
    }
    for (size_t i = at; i < search->n && depth < search->k && search->found < 2; i++) {
        if (search->rest[i] < target || ++search->steps > MATCHING_SUBSET_STEPS_MAX)
            return;
        if (search->amounts[i] > target)
            continue;
        search->stack[depth] = i;
        subset_step(search, i + 1, depth + 1, target - search->amounts[i]);
    }
}

int matching_subset(const int64_t *amounts, size_t n, int64_t target, size_t k, size_t *chosen,
                    size_t *ret_n)
{
    int64_t rest[MATCHING_SUBSET_ITEMS_MAX + 1] = {0};
    struct subset_search search = {
        .amounts = amounts, .rest = rest, .k = k, .chosen = chosen, .ret_n = ret_n};
    search.n = n < MATCHING_SUBSET_ITEMS_MAX ? n : MATCHING_SUBSET_ITEMS_MAX;
    search.k = k < MATCHING_SUBSET_ITEMS_MAX ? k : MATCHING_SUBSET_ITEMS_MAX;
    *ret_n = 0;
    if (target <= 0)
        return 0;
    for (size_t i = search.n; i-- > 0;) {
        ASSERT(amounts[i] > 0);
        rest[i] = rest[i + 1] + amounts[i];
    }
    subset_step(&search, 0, 0, target);
    return search.found;
}

/* Open items of some means that the line could hold, oldest first. */
static size_t waiting(const struct scene *scene, enum matching_means means, const char *member_id,
                      const struct matching_open **items)
{
    const struct matching_context *context = scene->context;
    size_t n = 0;
    for (size_t i = 0; i < context->n_open && n < MATCHING_LINKS_MAX; i++) {
        const struct matching_open *open = &context->open[i];
        bool fits = member_id != NULL ? same(open->member_id, member_id) : open->means == means;
        if (fits && open->amount > 0 && may_link(scene, open) &&
            distance(open->day, scene->line->day) <= CHEQUE_DAYS_MAX)
            items[n++] = open;
    }
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && items[j]->day < items[j - 1]->day; j--) {
            const struct matching_open *other = items[j];
            items[j] = items[j - 1];
            items[j - 1] = other;
        }
    return n;
}

static void link_items(struct matching_suggestion *suggestion,
                       const struct matching_open *const *items, const size_t *chosen, size_t n)
{
    for (size_t i = 0; i < n && suggestion->n_links < MATCHING_LINKS_MAX; i++)
        suggestion->links[suggestion->n_links++] = items[chosen == NULL ? i : chosen[i]];
}

/* A run of neighbours in time that makes the amount: its start, or `n` when there is none. */
static size_t find_run(const struct matching_open *const *items, size_t n, int64_t target,
                       size_t *ret_length)
{
    for (size_t start = 0; start < n; start++) {
        int64_t sum = 0;
        for (size_t i = start; i < n && sum < target; i++) {
            sum += items[i]->amount;
            if (sum == target && i > start) {
                *ret_length = i - start + 1;
                return start;
            }
        }
    }
    return n;
}

static int sum_extra(const struct scene *scene, const struct matching_open *newest, size_t n)
{
    int count = matching_cheque_count(&scene->text);
    return date_points(distance(newest->day, scene->line->day)) / 2 + (count == 0 ? 0
                                                                       : count == (int)n
                                                                           ? POINTS_COUNT_SAID
                                                                           : -POINTS_COUNT_SAID);
}

/* One deposit slip, one payout: all that waits, a run of it, or any sum of it. */
static void suggest_sum(struct scene *scene, const struct matching_open *const *items, size_t n,
                        int64_t target, int score, enum matching_reason all, int64_t fee)
{
    int64_t amounts[MATCHING_LINKS_MAX], total = 0;
    size_t chosen[MATCHING_SUBSET_ITEMS_MAX], count = 0, length = 0;
    for (size_t i = 0; i < n; i++) {
        amounts[i] = items[i]->amount;
        total += amounts[i];
    }
    if (n < 2 || total < target)
        return;
    struct matching_suggestion *suggestion = begin(scene, open_kind(items[0]), score);
    if (suggestion == NULL)
        return;
    size_t start = find_run(items, n, target, &length);
    if (total == target) {
        link_items(suggestion, items, NULL, n);
        suggestion->score += POINTS_SUM_ALL + sum_extra(scene, items[n - 1], n);
        why(suggestion, all, number_arg(scene, n), NULL);
    } else if (start < n) {
        link_items(suggestion, items + start, NULL, length);
        suggestion->score += POINTS_SUM_RUN + sum_extra(scene, items[start + length - 1], length);
        why(suggestion, REASON_SUM, number_arg(scene, length), NULL);
    } else {
        /* the newest 40 only: a slip is deposited within weeks */
        size_t skipped = n > MATCHING_SUBSET_ITEMS_MAX ? n - MATCHING_SUBSET_ITEMS_MAX : 0;
        int ways = matching_subset(amounts + skipped, n - skipped, target,
                                   MATCHING_SUBSET_ITEMS_MAX, chosen, &count);
        if (ways == 0 || count < 2)
            return;
        link_items(suggestion, items + skipped, chosen, count);
        suggestion->score += (ways == 1 ? POINTS_SUM_UNIQUE : -POINTS_SUM_UNIQUE) +
                             sum_extra(scene, items[skipped + chosen[count - 1]], count);
        why(suggestion, REASON_SUM, number_arg(scene, count), NULL);
    }
    if (fee > 0) {
        struct matching_part *part = add_part(suggestion, MATCHING_EXPENSE, -fee);
        part->category = "bank_fees";
        why(suggestion, REASON_FEE, money_arg(scene, fee), NULL);
    }
    keep(scene, suggestion);
}

static void suggest_platform(struct scene *scene, const struct matching_open *const *items,
                             size_t n)
{
    int64_t total = 0;
    suggest_sum(scene, items, n, scene->line->amount,
                POINTS_SUM + (scene->words & WORD_PLATFORM ? POINTS_MEANS : -POINTS_MEANS_WRONG),
                REASON_ALL_PAYMENTS, 0);
    if (!(scene->words & WORD_PLATFORM))
        return;
    /* the payout is what was paid less a fee: everything that waits, or everything up to one of the
     * payments */
    for (size_t i = 0; i < n; i++) {
        total += items[i]->amount;
        int64_t fee = total - scene->line->amount;
        if (fee <= 0 || fee * 100 > total * FEE_PERCENT_MAX)
            continue;
        if (i + 1 > 1) {
            suggest_sum(scene, items, i + 1, total, POINTS_SUM + POINTS_MEANS - POINTS_SUM_FEE,
                        REASON_ALL_PAYMENTS, fee);
            continue;
        }
        struct matching_suggestion *suggestion =
            begin(scene, open_kind(items[0]), POINTS_SUM - POINTS_SUM_FEE);
        if (suggestion == NULL)
            return;
        link_items(suggestion, items, NULL, 1);
        add_part(suggestion, MATCHING_EXPENSE, -fee)->category = "bank_fees";
        why(suggestion, REASON_FEE, money_arg(scene, fee), NULL);
        keep(scene, suggestion);
    }
}

static void suggest_sums(struct scene *scene)
{
    const struct matching_open *items[MATCHING_LINKS_MAX];
    size_t n;
    if (scene->line->amount <= 0)
        return;
    n = waiting(scene, MEANS_CHEQUE, NULL, items);
    if (scene->words & (WORD_CHEQUES | WORD_CHEQUE))
        suggest_sum(scene, items, n, scene->line->amount, POINTS_SUM + POINTS_MEANS,
                    REASON_ALL_CHEQUES, 0);
    else if (!(scene->words & (WORD_TRANSFER | WORD_PLATFORM | WORD_CASH)) && scene->payer == NULL)
        suggest_sum(scene, items, n, scene->line->amount, POINTS_SUM - POINTS_MEANS,
                    REASON_ALL_CHEQUES, 0);
    n = waiting(scene, MEANS_PLATFORM, NULL, items);
    suggest_platform(scene, items, n);
    n = waiting(scene, MEANS_CASH, NULL, items);
    if (scene->words & WORD_CASH)
        suggest_sum(scene, items, n, scene->line->amount, POINTS_SUM + POINTS_MEANS, REASON_SUM, 0);
    if (scene->payer != NULL && scene->certainty >= MATCHING_LIKENESS_MIN) {
        n = waiting(scene, MEANS_OTHER, scene->payer->id, items);
        struct matching_suggestion *before = &scene->found[scene->n];
        size_t count = scene->n;
        suggest_sum(scene, items, n, scene->line->amount,
                    POINTS_SUM + POINTS_OPEN_PAYER * scene->certainty / 200, REASON_SUM, 0);
        if (scene->n > count)
            why_payer(scene, before);
    }
}

/* ---- a contribution that nobody recorded before ---- */

/* What a payment to the fund is, by what this giver may give and what the text says. */
static enum matching_nature gift_nature(const struct matching_member *payer, unsigned words)
{
    static const struct {
        unsigned word;
        enum matching_nature nature;
    } said[] = {
        {WORD_SUBSIDY, NATURE_SUBSIDY},
        {WORD_PATRONAGE, NATURE_PATRONAGE},
        {WORD_SPONSORSHIP, NATURE_SPONSORSHIP},
        {WORD_EQUITY, NATURE_EQUITY_WITHOUT_RETURN},
        {WORD_DONATION, NATURE_DONATION},
        {WORD_FUND | WORD_DONATION, NATURE_FINANCIAL_CONTRIBUTION},
        {WORD_FUND, NATURE_DONATION},
    };
    static const enum matching_nature otherwise[] = {NATURE_FINANCIAL_CONTRIBUTION, NATURE_SUBSIDY,
                                                     NATURE_DONATION};
    for (size_t i = 0; i < ARRAY_SIZE(said); i++)
        if ((words & said[i].word) && (payer->natures >> said[i].nature & 1U))
            return said[i].nature;
    for (size_t i = 0; i < ARRAY_SIZE(otherwise); i++)
        if (payer->natures >> otherwise[i] & 1U)
            return otherwise[i];
    return NATURE_NONE;
}

static void why_words(const struct scene *scene, struct matching_suggestion *suggestion)
{
    static const struct {
        unsigned word;
        enum matching_reason reason;
    } said[] = {
        {WORD_DUES, REASON_WORDS_DUES},           {WORD_FUND, REASON_WORDS_FUND},
        {WORD_DONATION, REASON_WORDS_GIFT},       {WORD_SUBSIDY, REASON_WORDS_SUBSIDY},
        {WORD_PATRONAGE, REASON_WORDS_PATRONAGE}, {WORD_SPONSORSHIP, REASON_WORDS_SPONSORSHIP},
        {WORD_EQUITY, REASON_WORDS_EQUITY},
    };
    for (size_t i = 0; i < ARRAY_SIZE(said); i++)
        if (scene->words & said[i].word)
            why(suggestion, said[i].reason, NULL, NULL);
}

static void contribution_of(struct scene *scene, struct matching_suggestion *suggestion,
                            enum matching_nature nature, int64_t amount)
{
    struct matching_part *part = add_part(suggestion, MATCHING_CONTRIBUTION, amount);
    part->nature = nature;
    part->member_id = scene->payer->id;
}

/* Dues and the rest in one payment: two amounts in the text, last year's dues, or what others pay.
 */
static void suggest_split(struct scene *scene, enum matching_nature rest, int score)
{
    int64_t amounts[MATCHING_AMOUNTS_MAX], dues = 0, amount = scene->line->amount;
    size_t n = matching_amounts(scene->line->remittance, scene->context->digits, amounts);
    enum matching_reason reason = REASON_NONE;
    if (rest == NATURE_NONE || !(scene->payer->natures & 1U << NATURE_DUES))
        return;
    for (size_t i = 0; i + 1 < n && dues == 0; i++)
        if (amounts[i] + amounts[i + 1] == amount) {
            dues = amounts[i];
            reason = REASON_TEXT_AMOUNTS;
            score += POINTS_WORDS;
        }
    if (dues == 0 && scene->payer->dues > 0 && scene->payer->dues < amount) {
        dues = scene->payer->dues;
        reason = REASON_SAME_DUES;
        score += POINTS_WORDS - 5;
    } else if (dues == 0 && scene->matching->usual_dues > 0 &&
               scene->matching->usual_dues < amount) {
        dues = scene->matching->usual_dues;
        reason = REASON_USUAL_DUES;
        score += POINTS_WORDS - 12;
    }
    if (dues == 0)
        return;
    struct matching_suggestion *suggestion = begin(scene, MATCHING_CONTRIBUTION, score);
    if (suggestion == NULL)
        return;
    why_payer(scene, suggestion);
    if (reason == REASON_SAME_DUES)
        why(suggestion, REASON_REST_TO_FUND, money_arg(scene, dues), NULL);
    else
        why(suggestion, reason, money_arg(scene, dues), NULL);
    contribution_of(scene, suggestion, NATURE_DUES, dues);
    contribution_of(scene, suggestion, rest, amount - dues);
    why_words(scene, suggestion);
    keep(scene, suggestion);
}

static void suggest_single(struct scene *scene, enum matching_nature nature, int score,
                           enum matching_reason reason, const char *arg)
{
    struct matching_suggestion *suggestion =
        nature == NATURE_NONE || !(scene->payer->natures >> nature & 1U)
            ? NULL
            : begin(scene, MATCHING_CONTRIBUTION, score);
    if (suggestion == NULL)
        return;
    why_payer(scene, suggestion);
    why_words(scene, suggestion);
    why(suggestion, reason, arg, NULL);
    contribution_of(scene, suggestion, nature, scene->line->amount);
    keep(scene, suggestion);
}

/* What waits of the payer, and dues for the rest. */
static void suggest_open_and_dues(struct scene *scene, int score)
{
    const struct matching_context *context = scene->context;
    for (size_t i = 0; i < context->n_open; i++) {
        const struct matching_open *open = &context->open[i];
        int64_t rest = scene->line->amount - open->amount;
        bool known =
            rest > 0 && (rest == scene->payer->dues || rest == scene->matching->usual_dues);
        if (!open->is_contribution || !same(open->member_id, scene->payer->id) ||
            open->amount <= 0 || !known || open->nature == NATURE_DUES || !may_link(scene, open))
            continue;
        struct matching_suggestion *suggestion =
            begin(scene, MATCHING_CONTRIBUTION,
                  score + (scene->words & WORD_DUES ? POINTS_WORDS : POINTS_NO_WORDS_DUES));
        if (suggestion == NULL)
            return;
        suggestion->links[suggestion->n_links++] = open;
        why_payer(scene, suggestion);
        why(suggestion, open->awaited ? REASON_AWAITED : REASON_SAME_AMOUNT,
            day_text(scene, open->day), NULL);
        why(suggestion, rest == scene->payer->dues ? REASON_SAME_DUES : REASON_USUAL_DUES,
            money_arg(scene, rest), NULL);
        contribution_of(scene, suggestion, NATURE_DUES, rest);
        keep(scene, suggestion);
    }
}

static void suggest_donor(struct scene *scene)
{
    const char *name = scene->line->counterparty_name;
    bool subsidy = (scene->words & WORD_SUBSIDY) != 0;
    if (name == NULL || !(scene->words & (WORD_SUBSIDY | WORD_DONATION)) ||
        (scene->words & (WORD_PLATFORM | WORD_CHEQUES | WORD_RETURNED)))
        return;
    struct matching_suggestion *suggestion = begin(scene, MATCHING_CONTRIBUTION, subsidy ? 56 : 44);
    if (suggestion == NULL)
        return;
    struct matching_part *part = add_part(suggestion, MATCHING_CONTRIBUTION, scene->line->amount);
    part->nature = subsidy ? NATURE_SUBSIDY : NATURE_DONATION;
    part->donor_name = name;
    part->donor_form = subsidy ? "local_authority" : "person";
    why(suggestion, subsidy ? REASON_WORDS_SUBSIDY : REASON_WORDS_GIFT, NULL, NULL);
    keep(scene, suggestion);
}

static void suggest_contribution(struct scene *scene)
{
    const unsigned gifts =
        WORD_FUND | WORD_DONATION | WORD_PATRONAGE | WORD_SPONSORSHIP | WORD_SUBSIDY | WORD_EQUITY;
    int64_t amount = scene->line->amount;
    if (amount <= 0 ||
        (scene->words & (WORD_RETURNED | WORD_CHEQUES | WORD_PLATFORM | WORD_CASH | WORD_INTERNAL)))
        return;
    if (scene->payer == NULL) {
        suggest_donor(scene);
        return;
    }
    int score = POINTS_PAYER * scene->certainty / 100;
    enum matching_nature gift = gift_nature(scene->payer, scene->words);
    int64_t own = scene->payer->dues, usual = scene->matching->usual_dues;
    int dues_points = amount == own ? POINTS_DUES_SAME : amount == usual ? POINTS_DUES_USUAL : 0;
    enum matching_reason dues_reason = amount == own     ? REASON_SAME_DUES
                                       : amount == usual ? REASON_USUAL_DUES
                                                         : REASON_NONE;
    const char *dues_arg = money_arg(scene, amount);
    bool says_dues = (scene->words & WORD_DUES) != 0, says_gift = (scene->words & gifts) != 0;

    suggest_open_and_dues(scene, score);
    if (says_dues && says_gift) {
        suggest_split(scene, gift, score);
        suggest_single(scene, gift, score + POINTS_NO_WORDS, REASON_NONE, NULL);
        suggest_single(scene, NATURE_DUES, score + POINTS_NO_WORDS, REASON_NONE, NULL);
    } else if (says_dues) {
        suggest_single(scene, NATURE_DUES, score + POINTS_WORDS + dues_points, dues_reason,
                       dues_arg);
        if (own > 0 && own < amount)
            suggest_split(scene, gift, score - POINTS_WORDS / 2);
    } else if (says_gift) {
        suggest_single(scene, gift, score + POINTS_WORDS, REASON_NONE, NULL);
    } else {
        suggest_single(scene, NATURE_DUES, score + (dues_points > 0 ? POINTS_NO_WORDS_DUES : 0),
                       dues_reason, dues_arg);
        suggest_single(scene, gift, score + POINTS_NO_WORDS, REASON_NONE, NULL);
    }
}

/* ---- what was accepted before ---- */

static bool same_outcome(const struct matching_past *a, const struct matching_past *b)
{
    if (a->n_parts != b->n_parts)
        return false;
    for (size_t i = 0; i < a->n_parts; i++)
        if (a->parts[i].kind != b->parts[i].kind || a->parts[i].nature != b->parts[i].nature ||
            !same_or_none(a->parts[i].category, b->parts[i].category) ||
            !same_or_none(a->parts[i].member_id, b->parts[i].member_id))
            return false;
    return true;
}

/* 0: another payer or text; else the points of what is alike. */
static int past_points(const struct scene *scene, const struct matching_past *past, bool *ret_iban)
{
    bool iban = same(past->iban, scene->line->counterparty_iban);
    *ret_iban = iban;
    int likeness = matching_signature_likeness(past->signature, scene->signature);
    if ((past->amount > 0) != (scene->line->amount > 0) || past->n_parts == 0)
        return 0;
    /* two known accounts that differ are two payers, whatever the bank's words have in common */
    if (!iban && past->iban != NULL && scene->line->counterparty_iban != NULL && likeness < 90)
        return 0;
    int text = likeness >= 60 ? POINTS_PAST_TEXT - (100 - likeness) * 6 / 10 : 0;
    int points = iban && text > 0 ? POINTS_PAST_IBAN + POINTS_PAST_BOTH
                 : iban           ? POINTS_PAST_IBAN
                                  : text;
    return points == 0 ? 0
                       : points + (past->amount == scene->line->amount ? POINTS_PAST_AMOUNT : 0);
}

/* Whether what the line says now contradicts the earlier answer. */
static bool words_contradict(const struct scene *scene, const struct matching_past *past)
{
    bool dues = false, gift = false, contribution = false;
    for (size_t i = 0; i < past->n_parts; i++) {
        contribution = contribution || past->parts[i].kind == MATCHING_CONTRIBUTION;
        dues = dues || past->parts[i].nature == NATURE_DUES;
        gift = gift || (past->parts[i].kind == MATCHING_CONTRIBUTION &&
                        past->parts[i].nature != NATURE_DUES);
    }
    if (!contribution)
        return (scene->words & WORD_RETURNED) && past->parts[0].kind != MATCHING_RETURNED;
    bool says_dues = (scene->words & WORD_DUES) != 0;
    bool says_gift =
        (scene->words & (WORD_FUND | WORD_DONATION | WORD_PATRONAGE | WORD_EQUITY)) != 0;
    return (says_dues && !dues) || (says_gift && !gift) || (says_dues != says_gift && dues && gift);
}

/* The earlier parts scaled to this line: the same amounts, or the last part takes the difference.
 */
static bool repeat_parts(const struct scene *scene, const struct matching_past *past,
                         struct matching_suggestion *suggestion)
{
    int64_t rest = scene->line->amount;
    for (size_t i = 0; i < past->n_parts; i++) {
        struct matching_part part = past->parts[i];
        if (part.kind == MATCHING_ENTRY_LINE || part.kind == MATCHING_UNKNOWN ||
            part.kind == MATCHING_RETURNED ||
            (part.kind == MATCHING_REFUND && part.contribution_id != NULL) ||
            (part.kind == MATCHING_CONTRIBUTION && part.member_id == NULL &&
             part.donor_name == NULL))
            return false;
        if (i + 1 == past->n_parts)
            part.amount = rest;
        if (part.amount == 0 || (part.amount > 0) != (past->parts[i].amount > 0))
            return false;
        rest -= part.amount;
        part.transaction_id = NULL;
        part.contribution_id = NULL;
        suggestion->parts[suggestion->n_parts++] = part;
    }
    return true;
}

/* Whether another earlier line gives the same answer and is nearer: for the same amount if there is
 * one, else newer. Counts the others that agree, and those that say something else. */
static bool spoken_for(const struct scene *scene, const struct matching_past *const *alike,
                       size_t n, size_t at, int *ret_again, int *ret_differs)
{
    int64_t amount = scene->line->amount;
    bool exact = alike[at]->amount == amount;
    *ret_again = *ret_differs = 0;
    for (size_t i = 0; i < n; i++) {
        bool other_exact = alike[i]->amount == amount;
        if (i == at)
            continue;
        if (!same_outcome(alike[at], alike[i])) {
            *ret_differs += other_exact || !exact ? 1 : 0;
            continue;
        }
        *ret_again += 1;
        if (other_exact == exact ? i < at : other_exact)
            return true;
    }
    return false;
}

static void suggest_past(struct scene *scene)
{
    const struct matching_context *context = scene->context;
    const struct matching_past **alike = scene->matching->alike;
    size_t n = 0, given = 0;
    bool iban;
    for (size_t i = 0; i < context->n_past && n < PAST_ALIKE_MAX; i++)
        if (past_points(scene, &context->past[i], &iban) > 0)
            alike[n++] = &context->past[i];
    for (size_t i = 0; i < n && given < PAST_GIVEN_MAX; i++) {
        int again, differs;
        if (spoken_for(scene, alike, n, i, &again, &differs))
            continue;
        const struct matching_past *past = alike[i];
        int score = past_points(scene, past, &iban) + POINTS_PAST_AGAIN * (again > 3 ? 3 : again) -
                    (differs > 0 ? POINTS_PAST_DIFFERS : 0) -
                    (words_contradict(scene, past) ? POINTS_PAST_WORDS : 0);
        if (past->parts[0].kind == MATCHING_CONTRIBUTION && past->amount != scene->line->amount)
            score -= POINTS_PAST_CONTRIBUTION;
        struct matching_suggestion *suggestion = begin(scene, past->parts[0].kind, score);
        if (suggestion == NULL)
            return;
        why(suggestion, iban ? REASON_BEFORE_IBAN : REASON_BEFORE_TEXT, day_text(scene, past->day),
            NULL);
        if (repeat_parts(scene, past, suggestion)) {
            keep(scene, suggestion);
            given++;
        }
    }
}

/* ---- between own accounts ---- */

static const struct matching_account *account_by_id(const struct scene *scene, const char *id)
{
    for (size_t i = 0; i < scene->context->n_accounts; i++)
        if (same(scene->context->accounts[i].id, id))
            return &scene->context->accounts[i];
    return NULL;
}

static const struct matching_account *account_by_iban(const struct scene *scene)
{
    for (size_t i = 0; i < scene->context->n_accounts; i++)
        if (same(scene->context->accounts[i].iban, scene->line->counterparty_iban) &&
            !same(scene->context->accounts[i].id, scene->line->account_id))
            return &scene->context->accounts[i];
    return NULL;
}

static void suggest_transfer(struct scene *scene)
{
    const struct matching_line *line = scene->line;
    const struct matching_account *own = account_by_iban(scene);
    bool word = (scene->words & WORD_INTERNAL) != 0;
    bool named = scene->matching->organisation.n > 0 &&
                 matching_likeness(&scene->matching->organisation, &scene->text) >= 75;
    int base = (own != NULL ? POINTS_OWN_IBAN : 0) + (word ? POINTS_INTERNAL_WORD : 0) +
               (named ? POINTS_OWN_NAME : 0);
    bool paired = false;
    if (scene->context->n_accounts < 2)
        return;
    for (size_t i = 0; i < scene->context->n_lines; i++) {
        const struct matching_line *other = &scene->context->lines[i];
        int64_t days = distance(other->day, line->day);
        const struct matching_account *account = account_by_id(scene, other->account_id);
        if (account == NULL || same(other->account_id, line->account_id) ||
            other->amount != -line->amount || days > TRANSFER_DAYS ||
            (own != NULL && own != account))
            continue;
        struct matching_suggestion *suggestion = begin(
            scene, MATCHING_INTERNAL_TRANSFER,
            POINTS_TRANSFER + base + (int)(10 - 2 * days) -
                (scene->payer != NULL && scene->certainty >= CERTAIN && own == NULL && !word ? 35
                                                                                             : 0));
        if (suggestion == NULL)
            return;
        add_part(suggestion, MATCHING_INTERNAL_TRANSFER, line->amount)->transaction_id = other->id;
        why(suggestion, REASON_OTHER_SIDE, account->name, day_text(scene, other->day));
        if (own != NULL)
            why(suggestion, REASON_OWN_IBAN, own->name, NULL);
        if (word)
            why(suggestion, REASON_WORDS_INTERNAL, NULL, NULL);
        keep(scene, suggestion);
        paired = true;
    }
    if (paired || (own == NULL && !word))
        return;
    struct matching_suggestion *suggestion =
        begin(scene, MATCHING_INTERNAL_TRANSFER, own != NULL ? 58 + base : 34 + base);
    if (suggestion == NULL)
        return;
    add_part(suggestion, MATCHING_INTERNAL_TRANSFER, line->amount);
    if (own != NULL)
        why(suggestion, REASON_OWN_IBAN, own->name, NULL);
    else
        why(suggestion, REASON_WORDS_INTERNAL, NULL, NULL);
    keep(scene, suggestion);
}

/* ---- money that goes out, comes back, or is the bank's ---- */

static void suggest_expense(struct scene *scene)
{
    int strength = 0;
    const char *category =
        scene->line->amount < 0 ? matching_category(&scene->text, &strength) : NULL;
    if (category == NULL)
        return;
    /* what the books wait for comes before what a word suggests: it is booked already */
    for (size_t i = 0; i < scene->context->n_open; i++)
        if (scene->context->open[i].amount == scene->line->amount) {
            strength -= POINTS_EXPENSE_BOOKED;
            break;
        }
    /* "remboursement trop-perçu adhésion": what is given back, not what is bought */
    if ((scene->words & WORD_WHOLE) && strcmp(category, "subscriptions") == 0)
        strength -= POINTS_EXPENSE_GIVEN_BACK;
    struct matching_suggestion *suggestion = begin(scene, MATCHING_EXPENSE, strength);
    if (suggestion == NULL)
        return;
    add_part(suggestion, MATCHING_EXPENSE, scene->line->amount)->category = category;
    why(suggestion, REASON_WORDS_EXPENSE, arena_printf(scene->arena, "category:%s", category),
        NULL);
    keep(scene, suggestion);
}

static void suggest_interest(struct scene *scene)
{
    struct matching_suggestion *suggestion =
        scene->words & WORD_INTEREST
            ? begin(scene, MATCHING_INTEREST, scene->line->amount > 0 ? 88 : 86)
            : NULL;
    if (suggestion == NULL)
        return;
    add_part(suggestion, MATCHING_INTEREST, scene->line->amount);
    why(suggestion, REASON_WORDS_INTEREST, NULL, NULL);
    keep(scene, suggestion);
}

static void suggest_returned(struct scene *scene)
{
    const struct matching_context *context = scene->context;
    bool said = (scene->words & WORD_RETURNED) || scene->line->return_reason != NULL;
    if (scene->line->amount >= 0 || !said)
        return;
    for (size_t i = 0; i < context->n_received; i++) {
        const struct matching_received *received = &context->received[i];
        int64_t days = scene->line->day - received->day;
        if (received->amount != -scene->line->amount || days < 0 || days > RETURN_DAYS_MAX)
            continue;
        struct matching_suggestion *suggestion =
            begin(scene, MATCHING_RETURNED, 60 + date_points(days));
        if (suggestion == NULL)
            return;
        why(suggestion, REASON_WORDS_RETURNED, NULL, NULL);
        if (scene->payer != NULL && same(received->member_id, scene->payer->id)) {
            suggestion->score += 26 * scene->certainty / 100;
            why_payer(scene, suggestion);
        } else if (scene->payer != NULL && scene->certainty >= CERTAIN) {
            suggestion->score -= 25;
        }
        add_part(suggestion, MATCHING_RETURNED, scene->line->amount)->contribution_id =
            received->id;
        keep(scene, suggestion);
    }
}

/* A refund of something that was bought: the other way round, on the same kind of expense. */
static void suggest_refund_in(struct scene *scene)
{
    int strength = 0;
    const char *category = matching_category(&scene->text, &strength);
    struct matching_suggestion *suggestion =
        scene->payer == NULL ? begin(scene, MATCHING_REFUND, 56) : NULL;
    if (suggestion == NULL)
        return;
    add_part(suggestion, MATCHING_REFUND, scene->line->amount)->category =
        category != NULL ? category : "other";
    why(suggestion, REASON_WORDS_REFUND, NULL, NULL);
    keep(scene, suggestion);
}

/* The payment of this payer that a line gives back: the newest of the same amount, else the newest
 * that is larger (what came last is what came too much). */
static const struct matching_received *refunded(const struct scene *scene)
{
    const struct matching_context *context = scene->context;
    const struct matching_received *larger = NULL;
    for (size_t i = 0; i < context->n_received; i++) {
        const struct matching_received *received = &context->received[i];
        int64_t days = scene->line->day - received->day;
        if (!same(received->member_id, scene->payer->id) || days < 0 || days > RETURN_DAYS_MAX)
            continue;
        if (received->amount == -scene->line->amount)
            return received;
        if (larger == NULL && received->amount > -scene->line->amount)
            larger = received;
    }
    return larger;
}

static void suggest_refund(struct scene *scene)
{
    const struct matching_context *context = scene->context;
    if (!(scene->words & WORD_REFUND))
        return;
    if (scene->line->amount > 0) {
        suggest_refund_in(scene);
        return;
    }
    const struct matching_received *found = scene->payer == NULL ? NULL : refunded(scene);
    if (found == NULL)
        return;
    size_t times = 0;
    for (size_t i = 0; i < context->n_received; i++)
        times += same(context->received[i].member_id, found->member_id) &&
                         context->received[i].amount == found->amount &&
                         distance(context->received[i].day, found->day) <= RETURN_DAYS_MAX
                     ? 1
                     : 0;
    bool whole = found->amount == -scene->line->amount;
    struct matching_suggestion *suggestion =
        begin(scene, MATCHING_REFUND,
              (whole ? 55 : 43) + (whole && times > 1 ? 15 : 0) +
                  (scene->words & WORD_WHOLE ? 12 : 0) + 15 * scene->certainty / 100);
    if (suggestion == NULL)
        return;
    add_part(suggestion, MATCHING_REFUND, scene->line->amount)->contribution_id = found->id;
    why(suggestion, REASON_WORDS_REFUND, NULL, NULL);
    why_payer(scene, suggestion);
    if (whole && times > 1)
        why(suggestion, REASON_PAID_TWICE, NULL, NULL);
    keep(scene, suggestion);
}

static void suggest_third_party(struct scene *scene)
{
    struct matching_suggestion *suggestion =
        scene->words & WORD_THIRD_PARTY ? begin(scene, MATCHING_THIRD_PARTY, 55) : NULL;
    if (suggestion == NULL)
        return;
    struct matching_part *part = add_part(suggestion, MATCHING_THIRD_PARTY, scene->line->amount);
    if (scene->payer != NULL && scene->certainty >= CERTAIN)
        part->member_id = scene->payer->id;
    why(suggestion, REASON_WORDS_THIRD_PARTY, NULL, NULL);
    keep(scene, suggestion);
}

/* ---- batches ---- */

static void scene_init(struct scene *scene);

/* A payment of a batch alone: an open contribution of its payer, else a new one. Its certainty, 0
 * when unknown. */
static int suggest_detail(const struct scene *whole, const struct matching_line *detail,
                          struct matching_suggestion *suggestion)
{
    struct matching_suggestion found[DETAIL_CANDIDATES_MAX + 1];
    struct scene scene = *whole;
    scene.line = detail;
    scene.found = found;
    scene.limit = DETAIL_CANDIDATES_MAX;
    scene_init(&scene);
    suggest_open(&scene);
    suggest_contribution(&scene);
    const struct matching_suggestion *best = NULL;
    for (size_t i = 0; i < scene.n; i++)
        if (scene.payer != NULL && (best == NULL || found[i].score > best->score))
            best = &found[i];
    if (best == NULL || suggestion->n_parts + best->n_parts > MATCHING_PARTS_MAX ||
        suggestion->n_links + best->n_links > MATCHING_LINKS_MAX)
        return 0;
    for (size_t i = 0; i < best->n_links; i++) {
        for (size_t j = 0; j < suggestion->n_links; j++)
            if (suggestion->links[j] == best->links[i])
                return 0;
        suggestion->links[suggestion->n_links++] = best->links[i];
    }
    for (size_t i = 0; i < best->n_parts; i++)
        suggestion->parts[suggestion->n_parts++] = best->parts[i];
    return best->score;
}

/* A batch of payments booked as one line (direct debits, a bank's own list): all of them, or none.
 */
static void suggest_batch(struct scene *scene)
{
    const struct matching_line *line = scene->line;
    int64_t sum = 0;
    for (size_t i = 0; i < line->n_details; i++)
        sum += line->details[i].amount;
    if (line->n_details < 2 || line->amount <= 0 || sum != line->amount)
        return;
    struct matching_suggestion *suggestion = begin(scene, MATCHING_CONTRIBUTION, SCORE_MAX);
    if (suggestion == NULL)
        return;
    for (size_t i = 0; i < line->n_details; i++) {
        int score = suggest_detail(scene, &line->details[i], suggestion);
        if (score < MATCHING_SCORE_MIN)
            return;
        suggestion->score = score < suggestion->score ? score : suggestion->score;
    }
    why(suggestion, REASON_BATCH, number_arg(scene, line->n_details), NULL);
    keep(scene, suggestion);
}

/* ---- all together ---- */

static void scene_init(struct scene *scene)
{
    const struct matching_line *line = scene->line;
    const char *const rest[] = {line->ultimate_name, line->remittance, line->additional_text};
    scene->n = 0;
    scene->payer = NULL;
    scene->certainty = 0;
    scene->words = 0;
    scene->signature = "";
    if (!matching_text_init(&scene->text, scene->arena, line->counterparty_name, rest,
                            ARRAY_SIZE(rest)))
        return;
    const char *signature = matching_signature(scene->arena, &scene->text);
    scene->signature = signature == NULL ? "" : signature;
    find_payer(scene);
    scene->words = matching_words(&scene->text);
}

size_t matching_suggest(struct matching *matching, struct arena *scratch,
                        const struct matching_line *line,
                        struct matching_suggestion suggestions[static MATCHING_SUGGESTIONS_MAX])
{
    struct scene scene = {.matching = matching,
                          .arena = scratch,
                          .context = matching->context,
                          .line = line,
                          .found = matching->found,
                          .limit = CANDIDATES_MAX};
    size_t n = 0;
    if (line->amount == 0)
        return 0;
    scene_init(&scene);
    suggest_batch(&scene);
    suggest_transfer(&scene);
    suggest_open(&scene);
    suggest_sums(&scene);
    suggest_past(&scene);
    suggest_contribution(&scene);
    suggest_returned(&scene);
    suggest_refund(&scene);
    suggest_interest(&scene);
    suggest_expense(&scene);
    suggest_third_party(&scene);
    for (; n < MATCHING_SUGGESTIONS_MAX; n++) {
        struct matching_suggestion *best = NULL;
        for (size_t i = 0; i < scene.n; i++)
            if (scene.found[i].score > 0 && (best == NULL || scene.found[i].score > best->score))
                best = &scene.found[i];
        if (best == NULL)
            break;
        suggestions[n] = *best;
        best->score = 0;
    }
    return n;
}
