/* error.c - filling in lb_error. */
#include "internal.h"
#include "../text/json_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *lb_version(void) {
    return LB_VERSION;
}

const char *lb_status_name(lb_status status) {
    static const char *const names[] = { "ok",   "http",  "network",   "timeout", "tls",
                                         "json", "usage", "cancelled", "memory",  "webhook" };
    int index = (int)status;
    return index <= 0 && index > -(int)(sizeof names / sizeof *names) ? names[-index] : "unknown";
}

/* Each call begins with this: a string is emptied by its first byte. */
void lb_error_clear(lb_error *error) {
    error->kind = LB_OK;
    error->status = error->attempts = 0;
    error->retry_after = -1;
    error->method[0] = error->path[0] = error->code[0] = error->message[0] = '\0';
    error->reason[0] = error->suggestion[0] = error->docs[0] = error->warning[0] = '\0';
}

/* How many of the n bytes are whole characters of UTF-8: the last one may have been cut. */
static size_t whole(const char *text, size_t n) {
    size_t lead = n;
    while (lead > 0 && n - lead < 3 && ((unsigned char)text[lead - 1] & 0xC0) == 0x80) lead--;
    if (lead == 0) return n;
    unsigned char c = (unsigned char)text[lead - 1];
    size_t wanted = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
    return n - (lead - 1) < wanted ? lead - 1 : n;
}

/* Copies text, cut at a character boundary when it does not fit or was cut before; control characters become spaces, so
 * that a message stays one line. */
void lb_set_text(char *out, size_t size, const char *text, size_t length) {
    size_t n = whole(text, length < size ? length : size - 1);
    for (size_t i = 0; i < n; i++) out[i] = (unsigned char)text[i] < ' ' || text[i] == 127 ? ' ' : text[i];
    while (n > 0 && out[n - 1] == ' ') n--;
    out[n] = '\0';
}

int lb_fail(lb_error *error, lb_status kind, const char *format, ...) {
    if (!error) return kind;
    char text[sizeof error->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    error->kind = kind;
    lb_set_text(error->message, sizeof error->message, text, strlen(text));
    return kind;
}

static void member(const char *body, size_t size, const char *name, char *out, size_t capacity) {
    if (lb_json_string_member(body, size, name, out, capacity) != LB_JSON_FOUND) out[0] = '\0';
    lb_set_text(out, capacity, out, strlen(out));
}

/* The five forms of the vendor's error bodies: error + message (+ suggestion, docs), error + reason, bare
 * error, and text that is not JSON. */
void lb_error_from_body(lb_error *error, const char *body, size_t size) {
    size_t start = 0;
    while (start < size && strchr(" \t\r\n", body[start])) start++;
    if (start < size && body[start] == '{') {
        member(body, size, "error", error->code, sizeof error->code);
        member(body, size, "message", error->message, sizeof error->message);
        member(body, size, "reason", error->reason, sizeof error->reason);
        member(body, size, "suggestion", error->suggestion, sizeof error->suggestion);
        member(body, size, "docs", error->docs, sizeof error->docs);
    } else if (size > start && lb_utf8_check(body, size) == size) {
        lb_set_text(error->message, sizeof error->message, body + start, size - start);
    }
    if (!error->message[0] && error->reason[0])
        lb_set_text(error->message, sizeof error->message, error->reason, strlen(error->reason));
    if (!error->message[0]) lb_set_text(error->message, sizeof error->message, error->code, strlen(error->code));
    if (!error->message[0])
        snprintf(error->message, sizeof error->message, "the server responded with status %d and no message", error->status);
}

char *lb_error_text(const lb_error *e, char *out, size_t size) {
    char head[640] = "", tail[sizeof e->suggestion + 64] = "";
    if (!out || size == 0) return out;
    out[0] = '\0';
    if (!e) return out;
    if (e->method[0]) snprintf(head, sizeof head, "%s %s: ", e->method, e->path);
    if (e->status && e->code[0] && strcmp(e->code, e->message) != 0)
        snprintf(head + strlen(head), sizeof head - strlen(head), "%d %s: ", e->status, e->code);
    else if (e->status)
        snprintf(head + strlen(head), sizeof head - strlen(head), "%d: ", e->status);
    if (e->suggestion[0]) snprintf(tail, sizeof tail, " (%s)", e->suggestion);
    if (e->attempts > 1)
        snprintf(tail + strlen(tail), sizeof tail - strlen(tail), " [%d attempts]", e->attempts);
    int n = snprintf(out, size, "%s%s%s", head, e->message, tail);
    if (n >= 0 && (size_t)n >= size) out[whole(out, size - 1)] = '\0';
    return out;
}
