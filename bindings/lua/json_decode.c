/* json_decode.c - strict RFC 8259 text to Lua values, built directly on the Lua stack. */
#define _POSIX_C_SOURCE 200809L
#include "json.h"

#include <lauxlib.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../client/json.h"

/* Where we are, for the path of a message; on the C stack, innermost first. */
typedef struct place {
    const struct place *outer;
    const char *key; /* NULL in an array */
    size_t key_length, index;
} place;

typedef struct decoder {
    lua_State *L;
    const char *text, *p, *end;
    lblua_json_error *error;
    int depth;
    int hints[16]; /* how many members the last object of each depth had */
} decoder;

static size_t add_path(char *out, size_t room, const place *at) {
    if (!at) return (size_t)snprintf(out, room, "$");
    size_t n = add_path(out, room, at->outer);
    if (n >= room) return n;
    int added = at->key ? snprintf(out + n, room - n, ".%.*s", at->key_length > 40 ? 40 : (int)at->key_length, at->key)
                        : snprintf(out + n, room - n, "[%zu]", at->index);
    return n + (added > 0 ? (size_t)added : 0);
}

static bool fail(decoder *d, const place *at, const char *p, const char *what) {
    char path[160];
    d->error->offset = (size_t)(p - d->text);
    if (d->depth > 40) snprintf(path, sizeof path, "$... (%d levels deep)", d->depth);
    else add_path(path, sizeof path, at);
    snprintf(d->error->message, sizeof d->error->message, "%s: %s at byte %zu", path, what, d->error->offset);
    return false;
}

static void skip_space(decoder *d) {
    while (d->p < d->end && (*d->p == ' ' || *d->p == '\n' || *d->p == '\r' || *d->p == '\t')) d->p++;
}

/* ---- Strings ---------------------------------------------------------------------------------- */

static int hex4(const char *p) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
        int c = (unsigned char)p[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* Reads what follows \u; -1 for anything but a character. */
static long read_unicode(decoder *d) {
    if (d->end - d->p < 4) return -1;
    long code = hex4(d->p);
    d->p += 4;
    if (code < 0xD800 || code > 0xDFFF) return code;
    if (code > 0xDBFF || d->end - d->p < 6 || d->p[0] != '\\' || d->p[1] != 'u') return -1;
    long low = hex4(d->p + 2);
    if (low < 0xDC00 || low > 0xDFFF) return -1;
    d->p += 6;
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

static void add_character(luaL_Buffer *b, unsigned long c) {
    char out[4];
    size_t n = 0;
    if (c < 0x80) {
        out[n++] = (char)c;
    } else {
        int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        static const unsigned char lead[] = { 0, 0xC0, 0xE0, 0xF0 };
        out[n++] = (char)(lead[more] | c >> (6 * more));
        while (more-- > 0) out[n++] = (char)(0x80 | (c >> (6 * more) & 63));
    }
    luaL_addlstring(b, out, n);
}

/* 1 for bytes that end the fast scan: quote, backslash, control characters, non-ASCII. */
static bool is_plain(unsigned char c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Eight bytes at once: true when all of them are plain. */
static bool all_plain(const char *p) {
    uint64_t v;
    memcpy(&v, p, 8);
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    uint64_t quote = v ^ (ones * '"'), slash = v ^ (ones * '\\');
    uint64_t bad = (v - ones * 0x20) | v | ((quote - ones) & ~quote) | ((slash - ones) & ~slash);
    return (bad & high) == 0;
}

/* Moves p over characters that stand for themselves; false at invalid UTF-8. */
static bool scan(decoder *d) {
    for (;;) {
        while (d->end - d->p >= 8 && all_plain(d->p)) d->p += 8;
        while (d->p < d->end && is_plain((unsigned char)*d->p)) d->p++;
        if (d->p >= d->end || (unsigned char)*d->p < 0x80) return true;
        size_t run = 0, left = (size_t)(d->end - d->p);
        while (run < left && (unsigned char)d->p[run] >= 0x80) run++;
        size_t good = lb_utf8_check(d->p, run);
        d->p += good;
        if (good < run) return false;
    }
}

static bool read_escaped(decoder *d, const place *at, const char *start);

/* Pushes the string whose opening quote has been read. */
static bool read_string(decoder *d, const place *at) {
    const char *start = d->p;
    if (!scan(d)) return fail(d, at, d->p, "invalid UTF-8");
    if (d->p >= d->end) return fail(d, at, d->p, "the string does not end");
    if (*d->p == '"') {
        lua_pushlstring(d->L, start, (size_t)(d->p - start)); /* string */
        d->p++;
        return true;
    }
    return read_escaped(d, at, start);
}

static bool read_escaped(decoder *d, const place *at, const char *start) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    luaL_Buffer b;
    luaL_buffinit(d->L, &b);
    for (;;) {
        luaL_addlstring(&b, start, (size_t)(d->p - start));
        if (d->p >= d->end) return fail(d, at, d->p, "the string does not end");
        unsigned char c = (unsigned char)*d->p;
        if (c == '"') break;
        if (c < 0x20) return fail(d, at, d->p, "control character in a string");
        if (c != '\\') return fail(d, at, d->p, "invalid UTF-8");
        const char *escape = d->p++;
        const char *found = d->p < d->end && *d->p ? strchr(from, *d->p) : NULL;
        if (found) {
            luaL_addchar(&b, to[found - from]);
            d->p++;
        } else if (d->p < d->end && *d->p == 'u') {
            d->p++;
            long code = read_unicode(d);
            if (code < 0) return fail(d, at, escape, "\\u escape that is no character");
            add_character(&b, (unsigned long)code);
        } else {
            return fail(d, at, escape, "unknown escape");
        }
        start = d->p;
        if (!scan(d)) return fail(d, at, d->p, "invalid UTF-8");
    }
    d->p++;
    luaL_pushresult(&b); /* string */
    return true;
}

/* ---- Numbers ---------------------------------------------------------------------------------- */

/* strtod reads the decimal point of the locale: give it that one. */
static double slow_double(const char *text, size_t length, char *space, size_t size) {
    char *copy = length < size ? space : malloc(length + 8);
    if (!copy) return NAN;
    memcpy(copy, text, length);
    copy[length] = '\0';
    char *dot = strchr(copy, '.'), *end;
    const char *point = localeconv()->decimal_point;
    if (dot && strlen(point) == 1) *dot = *point;
    double value = strtod(copy, &end);
    if (copy != space) free(copy);
    return value;
}

/* Exact when mantissa and power are exact doubles: one rounding. */
static bool fast_double(uint64_t mantissa, int digits, int exponent, double *out) {
    static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                     1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    if (digits > 19 || mantissa > (1ull << 53) || exponent < -22 || exponent > 22) return false;
    *out = exponent < 0 ? (double)mantissa / powers[-exponent] : (double)mantissa * powers[exponent];
    return true;
}

static bool is_digit(const decoder *d) {
    return d->p < d->end && *d->p >= '0' && *d->p <= '9';
}

static bool read_number(decoder *d, const place *at) {
    const char *start = d->p;
    bool negative = *d->p == '-', whole = true;
    uint64_t mantissa = 0;
    int digits = 0, exponent = 0;
    if (negative) d->p++;
    if (!is_digit(d)) return fail(d, at, start, "invalid number");
    const char *first = d->p;
    for (; is_digit(d); d->p++) {
        if (digits < 19) mantissa = mantissa * 10 + (uint64_t)(*d->p - '0');
        if (digits < INT_MAX && (mantissa || digits)) digits++;
    }
    if (*first == '0' && d->p - first > 1) return fail(d, at, start, "number with a leading zero");
    if (d->p < d->end && *d->p == '.') {
        whole = false;
        d->p++;
        if (!is_digit(d)) return fail(d, at, start, "invalid number");
        for (; is_digit(d); d->p++) {
            if (digits < 19) {
                mantissa = mantissa * 10 + (uint64_t)(*d->p - '0');
                exponent--;
            }
            if (digits < INT_MAX && (mantissa || digits)) digits++;
        }
    }
    if (d->p < d->end && (*d->p == 'e' || *d->p == 'E')) {
        whole = false;
        d->p++;
        bool down = d->p < d->end && *d->p == '-';
        if (d->p < d->end && (*d->p == '+' || *d->p == '-')) d->p++;
        if (!is_digit(d)) return fail(d, at, start, "invalid number");
        int e = 0;
        for (; is_digit(d); d->p++)
            if (e < 100000) e = e * 10 + (*d->p - '0');
        exponent += down ? -e : e;
    }
    if (whole && digits <= 19 && mantissa <= (uint64_t)INT64_MAX + negative && !(negative && mantissa == 0)) {
        lua_pushinteger(d->L, negative ? (lua_Integer)(0 - mantissa) : (lua_Integer)mantissa); /* number */
        return true;
    }
    double value;
    char space[64];
    if (fast_double(mantissa, digits, exponent, &value)) {
        if (negative) value = -value;
    } else {
        value = slow_double(start, (size_t)(d->p - start), space, sizeof space);
    }
    if (isnan(value) || isinf(value)) return fail(d, at, start, "number too large for a double");
    lua_pushnumber(d->L, value); /* number */
    return true;
}

/* ---- Values ----------------------------------------------------------------------------------- */

static bool read_value(decoder *d, const place *at);

static bool read_array(decoder *d, const place *outer) {
    place at = { .outer = outer };
    lua_createtable(d->L, 0, 0);    /* array */
    lblua_json_push_array_mt(d->L); /* array mt */
    lua_setmetatable(d->L, -2);     /* array */
    skip_space(d);
    if (d->p < d->end && *d->p == ']') {
        d->p++;
        return true;
    }
    for (;; at.index++) {
        if (!read_value(d, &at)) return false;            /* array value */
        lua_rawseti(d->L, -2, (lua_Integer)at.index + 1); /* array */
        skip_space(d);
        if (d->p < d->end && *d->p == ',') d->p++;
        else break;
    }
    if (d->p >= d->end || *d->p != ']') return fail(d, &at, d->p, "',' or ']' expected");
    d->p++;
    return true;
}

static bool read_object(decoder *d, const place *outer) {
    place at = { .outer = outer, .key = "" };
    int *hint = &d->hints[d->depth & 15], count = 0;
    skip_space(d);
    if (d->p < d->end && *d->p == '}') {
        d->p++;
        lua_newtable(d->L); /* object */
        return true;
    }
    lua_createtable(d->L, 0, *hint); /* object */
    for (;; count++) {
        skip_space(d);
        if (d->p >= d->end || *d->p != '"') return fail(d, outer, d->p, "a key in quotes expected");
        at.key = ++d->p;
        at.key_length = 0;
        if (!read_string(d, outer)) return false; /* object key */
        at.key_length = (size_t)(d->p - at.key) - 1;
        skip_space(d);
        if (d->p >= d->end || *d->p != ':') return fail(d, &at, d->p, "':' expected");
        d->p++;
        if (!read_value(d, &at)) return false; /* object key value */
        lua_rawset(d->L, -3);                  /* object */
        skip_space(d);
        if (d->p < d->end && *d->p == ',') d->p++;
        else break;
    }
    if (d->p >= d->end || *d->p != '}') return fail(d, outer, d->p, "',' or '}' expected");
    d->p++;
    *hint = count + 1 < 64 ? count + 1 : 64;
    return true;
}

static bool read_word(decoder *d, const place *at, const char *word, size_t length) {
    if ((size_t)(d->end - d->p) < length || memcmp(d->p, word, length) != 0)
        return fail(d, at, d->p, "a value expected");
    d->p += length;
    return true;
}

static bool read_value(decoder *d, const place *at) {
    skip_space(d);
    if (d->p >= d->end) return fail(d, at, d->p, "a value expected, but the text ends");
    bool ok;
    switch (*d->p) {
    case '{':
    case '[':
        if (d->depth == LBLUA_JSON_DEPTH) return fail(d, at, d->p, "more than 1000 levels");
        if (!lua_checkstack(d->L, 8)) return fail(d, at, d->p, "too deep for the Lua stack");
        d->depth++;
        ok = *d->p++ == '{' ? read_object(d, at) : read_array(d, at);
        d->depth--;
        return ok;
    case '"':
        d->p++;
        return read_string(d, at);
    case 't':
        if (!read_word(d, at, "true", 4)) return false;
        lua_pushboolean(d->L, 1); /* true */
        return true;
    case 'f':
        if (!read_word(d, at, "false", 5)) return false;
        lua_pushboolean(d->L, 0); /* false */
        return true;
    case 'n':
        if (!read_word(d, at, "null", 4)) return false;
        lua_pushlightuserdata(d->L, NULL); /* null */
        return true;
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
        return read_number(d, at);
    default:
        return fail(d, at, d->p, "a value expected");
    }
}

bool lblua_json_decode(lua_State *L, const char *text, size_t length, lblua_json_error *error) {
    decoder d = { .L = L, .text = text, .p = text, .end = text + length, .error = error };
    int top = lua_gettop(L);
    luaL_checkstack(L, 16, "for JSON");
    bool ok = read_value(&d, NULL); /* value */
    if (ok) {
        skip_space(&d);
        if (d.p < d.end) ok = fail(&d, NULL, d.p, "more text behind the value");
    }
    if (!ok) lua_settop(L, top);
    return ok;
}
