/* json.c - UTF-8 validation, and finding string members of a JSON object without building it. */
#include "json.h"

#include <stdint.h>
#include <string.h>

/* Bytes of the character at p (RFC 3629), 0 when it is none. */
static size_t utf8_character(const unsigned char *p, size_t left) {
    if (p[0] < 0x80) return 1;
    if (p[0] < 0xC2 || p[0] > 0xF4) return 0;
    size_t n = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (left < n) return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    if (p[0] == 0xE0 && p[1] < 0xA0) return 0; /* overlong */
    if (p[0] == 0xED && p[1] > 0x9F) return 0; /* surrogate */
    if (p[0] == 0xF0 && p[1] < 0x90) return 0; /* overlong */
    if (p[0] == 0xF4 && p[1] > 0x8F) return 0; /* above U+10FFFF */
    return n;
}

size_t lb_utf8_check(const char *text, size_t length) {
    const unsigned char *p = (const unsigned char *)text;
    for (size_t i = 0; i < length;) {
        uint64_t eight;
        if (length - i >= 8 && (memcpy(&eight, p + i, 8), (eight & 0x8080808080808080u) == 0)) {
            i += 8;
            continue;
        }
        size_t n = utf8_character(p + i, length - i);
        if (n == 0) return i;
        i += n;
    }
    return length;
}

typedef struct reader {
    const char *p, *end;
} reader;

static void skip_space(reader *r) {
    while (r->p < r->end && strchr(" \t\r\n", *r->p) && *r->p) r->p++;
}

static int hex4(const char *p) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

static size_t utf8_put(char *out, unsigned long c) {
    if (c < 0x80) { out[0] = (char)c; return 1; }
    if (c < 0x800) { out[0] = (char)(0xC0 | c >> 6); out[1] = (char)(0x80 | (c & 63)); return 2; }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12); out[1] = (char)(0x80 | (c >> 6 & 63)); out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18); out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63)); out[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* The character behind a backslash; false when the escape is none. */
static bool read_escape(reader *r, char *out, size_t *n) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (r->p >= r->end) return false;
    char c = *r->p++;
    const char *found = c ? strchr(from, c) : NULL;
    if (found) { out[0] = to[found - from]; *n = 1; return true; }
    if (c != 'u' || r->end - r->p < 4) return false;
    int unit = hex4(r->p);
    if (unit < 0) return false;
    r->p += 4;
    unsigned long code = (unsigned long)unit;
    if (code >= 0xD800 && code < 0xDC00 && r->end - r->p >= 6 && r->p[0] == '\\' && r->p[1] == 'u') {
        int low = hex4(r->p + 2);
        if (low >= 0xDC00 && low < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + ((unsigned long)low - 0xDC00);
            r->p += 6;
        }
    }
    if (code == 0 || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
    *n = utf8_put(out, code);
    return true;
}

/* Reads the string at r (behind its quote) into out as far as it fits; false when it does not end. */
static bool read_string(reader *r, char *out, size_t size) {
    size_t used = 0;
    bool full = size == 0;
    while (r->p < r->end) {
        char piece[4];
        size_t n = 1;
        unsigned char c = (unsigned char)*r->p;
        if (c == '"') {
            r->p++;
            if (size) out[used] = '\0';
            return true;
        }
        if (c == '\\') {
            r->p++;
            if (!read_escape(r, piece, &n)) return false;
        } else {
            n = utf8_character((const unsigned char *)r->p, (size_t)(r->end - r->p));
            if (n == 0 || c < ' ') return false;
            memcpy(piece, r->p, n);
            r->p += n;
        }
        if (!full && used + n < size) { memcpy(out + used, piece, n); used += n; }
        else full = true;
    }
    return false;
}

/* Passes over one value by counting brackets; strings are read so that theirs do not count. */
static bool skip_value(reader *r) {
    size_t depth = 0;
    do {
        skip_space(r);
        if (r->p >= r->end) return false;
        char c = *r->p++;
        if (c == '"') { if (!read_string(r, NULL, 0)) return false; }
        else if (c == '{' || c == '[') depth++;
        else if (c == '}' || c == ']') { if (depth-- == 0) return false; }
        else if (c != ',' && c != ':')
            while (r->p < r->end && !strchr(",:]}[{\" \t\r\n", *r->p)) r->p++;
    } while (depth > 0);
    return true;
}

bool lb_json_string_member(const char *json, size_t length, const char *name, char *out, size_t size) {
    reader r = { json, json + length };
    char key[64];
    skip_space(&r);
    if (size == 0 || r.p >= r.end || *r.p++ != '{') return false;
    for (;;) {
        skip_space(&r);
        if (r.p >= r.end || *r.p++ != '"' || !read_string(&r, key, sizeof key)) return false;
        skip_space(&r);
        if (r.p >= r.end || *r.p++ != ':') return false;
        skip_space(&r);
        if (strcmp(key, name) == 0) {
            if (r.p < r.end && *r.p == '"') { r.p++; return read_string(&r, out, size); }
            return false;
        }
        if (!skip_value(&r)) return false;
        skip_space(&r);
        if (r.p >= r.end || *r.p++ != ',') return false;
    }
}
