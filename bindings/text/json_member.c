/* json_member.c - string members of an error body. */
#include "json_text.h"

#include <string.h>

/* One character of a string at *p, which is lenient: invalid UTF-8, unknown escapes and lone surrogates
 * become U+FFFD. Moves *p, returns how many bytes of out it is, 0 at the closing quote or the end. */
static size_t next_character(const char **p, const char *end, char out[4]) {
    if (*p >= end || **p == '"') return 0;
    if (**p == '\\') {
        int32_t code = lb_json_read_escape(p, end);
        bool character = code > 0 && (code < 0xD800 || code > 0xDFFF);
        return lb_wtf8_encode(out, character ? (uint32_t)code : 0xFFFD);
    }
    size_t n = **p == '\0' ? 0 : lb_utf8_character(*p, end);
    if (n == 0) {
        ++*p;
        return lb_wtf8_encode(out, 0xFFFD);
    }
    memcpy(out, *p, n);
    *p += n;
    return n;
}

/* Reads the string after whose opening quote *p is: into out (may be NULL) as far as it fits, and compares it
 * with name (may be NULL). False when it does not end. */
static bool read_string(const char **p, const char *end, char *out, size_t size, const char *name,
                        bool *equal) {
    char piece[4];
    size_t used = 0, n;
    bool full = size == 0, same = name != NULL;
    while ((n = next_character(p, end, piece)) > 0) {
        same = same && strncmp(name, piece, n) == 0;
        if (same) name += n;
        full = full || used + n >= size;
        if (full || !out) continue;
        memcpy(out + used, piece, n);
        used += n;
    }
    if (out && size) out[used] = '\0';
    if (equal) *equal = same && *name == '\0';
    return *p < end && *(*p)++ == '"';
}

static const char *skip_whitespace(const char *p, const char *end) {
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')) p++;
    return p;
}

/* Passes one value by counting brackets; NULL when the text ends in it. */
static const char *skip_value(const char *p, const char *end) {
    size_t depth = 0;
    for (; p < end; ) {
        char c = *p;
        if (depth == 0 && (c == ',' || c == '}' || c == ']')) return p;
        p++;
        if (c == '"' && !read_string(&p, end, NULL, 0, NULL, NULL)) return NULL;
        if (c == '{' || c == '[') depth++;
        if (c == '}' || c == ']') depth--;
    }
    return NULL;
}

lb_json_found lb_json_string_member(const char *json, size_t length, const char *name, char *out, size_t size) {
    const char *end = json + length, *p = skip_whitespace(json, end);
    if (size) out[0] = '\0';
    if (p >= end || *p++ != '{') return LB_JSON_MALFORMED;
    p = skip_whitespace(p, end);
    if (p < end && *p == '}') return LB_JSON_ABSENT;
    for (;;) {
        bool wanted;
        p = skip_whitespace(p, end);
        if (p >= end || *p++ != '"' || !read_string(&p, end, NULL, 0, name, &wanted)) return LB_JSON_MALFORMED;
        p = skip_whitespace(p, end);
        if (p >= end || *p++ != ':') return LB_JSON_MALFORMED;
        p = skip_whitespace(p, end);
        if (wanted && p < end && *p == '"') {
            p++;
            if (read_string(&p, end, out, size, NULL, NULL)) return LB_JSON_FOUND;
            if (size) out[0] = '\0';
            return LB_JSON_MALFORMED;
        }
        p = skip_value(p, end);
        if (p && *p == '}') return LB_JSON_ABSENT;
        if (!p || *p++ != ',') return LB_JSON_MALFORMED;
    }
}
