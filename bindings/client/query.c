/* query.c - the query language of rooms, threads and notifications, written from terms. */
#include "internal.h"

#include <math.h>
#include <string.h>

#include "../text/decimal.h"
#include "../text/utf8.h"

static const char *const operators[] = { ":", "^", "<", ">", ">=", "<=" };
enum { OPERATORS = sizeof operators / sizeof *operators };

/* A name: letters, digits and _, not first a digit. */
static bool is_name(const char *name) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char digits[] = "0123456789";
    if (!*name || !strchr(letters, *name)) return false;
    for (; *name; name++)
        if (!strchr(letters, *name) && !strchr(digits, *name)) return false;
    return true;
}

static int check(const lb_term *term, lb_error *error) {
    if (!is_name(term->field)) return lb_fail(error, LB_EUSAGE, "query: '%s' is not a valid field name", term->field);
    if (term->key && !term->key[strspn(term->key, " \t\r\n\f\v")])
        return lb_fail(error, LB_EUSAGE, "query: a key of %s must not be empty", term->field);
    if ((unsigned)term->comparison >= OPERATORS) return lb_fail(error, LB_EUSAGE, "query: the comparison is not one of lb_comparison");
    if (term->comparison == LB_STARTS_WITH && term->type != LB_TERM_TEXT)
        return lb_fail(error, LB_EUSAGE, "query: %s: only a string starts with another", term->field);
    if (term->comparison > LB_STARTS_WITH && term->type != LB_TERM_NUMBER && term->type != LB_TERM_INTEGER)
        return lb_fail(error, LB_EUSAGE, "query: %s: only numbers are less or greater", term->field);
    if (term->type == LB_TERM_TEXT && !term->text) return lb_fail(error, LB_EUSAGE, "query: the value of %s is NULL", term->field);
    if (term->type == LB_TERM_NUMBER && !isfinite(term->number))
        return lb_fail(error, LB_EUSAGE, "query: the value of %s is not a finite number", term->field);
    const char *texts[] = { term->key, term->type == LB_TERM_TEXT ? term->text : NULL };
    for (size_t i = 0; i < 2; i++)
        if (texts[i] && lb_utf8_check(texts[i], strlen(texts[i])) != strlen(texts[i]))
            return lb_fail(error, LB_EUSAGE, "query: a string of %s is not UTF-8", term->field);
    return LB_OK;
}

/* In the quotes that need the fewer escapes. */
static bool add_string(lb_buffer *b, const char *text) {
    return lb_buffer_quoted(b, text, strchr(text, '\'') ? '"' : '\'');
}

static bool add_integer(lb_buffer *b, int64_t integer) {
    char digits[LB_DECIMAL_SIZE];
    return lb_buffer_add(b, digits, lb_decimal_write_integer(digits, integer));
}

static bool add_number(lb_buffer *b, double number) {
    char digits[LB_DECIMAL_SIZE];
    bool whole = number >= -9007199254740992.0 && number <= 9007199254740992.0 && floor(number) >= number;
    return whole ? add_integer(b, (int64_t)number) : lb_buffer_add(b, digits, lb_decimal_write_double(digits, number));
}

static bool add_term(lb_buffer *b, const lb_term *term) {
    bool ok = (!b->size || lb_buffer_text(b, " ")) && lb_buffer_text(b, term->field);
    if (term->key) ok = ok && lb_buffer_text(b, "[") && add_string(b, term->key) && lb_buffer_text(b, "]");
    ok = ok && lb_buffer_text(b, operators[term->comparison]);
    switch (term->type) {
    case LB_TERM_TEXT: return ok && add_string(b, term->text);
    case LB_TERM_NUMBER: return ok && add_number(b, term->number);
    case LB_TERM_INTEGER: return ok && add_integer(b, term->integer);
    case LB_TERM_BOOLEAN: return ok && lb_buffer_text(b, term->boolean ? "true" : "false");
    case LB_TERM_NULL: break;
    }
    return ok && lb_buffer_text(b, "null");
}

int lb_query_format(const lb_term *terms, char *out, size_t size, lb_error *error) {
    lb_error scratch;
    lb_error_clear(error ? error : (error = &scratch));
    if (!out || !size) return lb_fail(error, LB_EUSAGE, "query: the buffer for the result is NULL or of size 0");
    *out = '\0';
    if (!terms) return lb_fail(error, LB_EUSAGE, "query: the terms are NULL");
    lb_buffer b = { .allocator = &lb_default_allocator };
    int status = LB_OK;
    bool ok = lb_buffer_text(&b, "");
    for (; ok && status == LB_OK && terms->field; terms++) {
        status = check(terms, error);
        if (status == LB_OK) ok = add_term(&b, terms);
    }
    if (!ok) status = lb_fail(error, LB_ENOMEM, "out of memory");
    else if (status == LB_OK && b.size >= size)
        status = lb_fail(error, LB_EUSAGE, "query: it needs %zu bytes, there are %zu", b.size + 1, size);
    if (status == LB_OK) memcpy(out, b.data, b.size + 1);
    lb_buffer_free(&b);
    return status;
}
