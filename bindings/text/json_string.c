/* json_string.c - the strings of JSON. */
#include "json_text.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static bool is_plain(unsigned char c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* True when all of eight bytes are plain: the usual zero-byte trick, four times. */
static bool eight_plain(const char *p) {
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    uint64_t v;
    memcpy(&v, p, 8);
    uint64_t quote = v ^ (ones * '"'), slash = v ^ (ones * '\\');
    return (((v - ones * 0x20) | v | (quote - ones) | (slash - ones)) & high) == 0;
}

const char *lb_json_plain(const char *p, const char *end) {
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(0x20);
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i odd = _mm_cmplt_epi8(v, space); /* signed, so that it finds bytes from 0x80 on too */
        odd = _mm_or_si128(odd, _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash)));
        int mask = _mm_movemask_epi8(odd);
        if (mask) return p + __builtin_ctz((unsigned)mask);
    }
#endif
    for (; end - p >= 8; p += 8)
        if (!eight_plain(p)) break;
    if (end - p < 8 && end - p >= 4) { /* two halves that overlap */
        char both[8];
        memcpy(both, p, 4);
        memcpy(both + 4, end - 4, 4);
        if (eight_plain(both)) return end;
    }
    while (p < end && is_plain((unsigned char)*p)) p++;
    return p;
}

static const char escape_from[] = "\"\\/bfnrt", escape_to[] = "\"\\/\b\f\n\r\t";

/* The value of the four digits at p, or -1. */
static int32_t hex4(const char *p, const char *end) {
    int32_t value = 0;
    if (end - p < 4) return -1;
    for (int i = 0; i < 4; i++) {
        int c = (unsigned char)p[i], letter = c | 32;
        int digit = c >= '0' && c <= '9' ? c - '0' : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

int32_t lb_json_read_escape(const char **p, const char *end) {
    const char *s = *p + 1;
    const char *simple = s < end && *s ? strchr(escape_from, *s) : NULL;
    *p = s < end ? s + 1 : s;
    if (simple) return (unsigned char)escape_to[simple - escape_from];
    if (s >= end || *s != 'u') return -1;
    int32_t code = hex4(s + 1, end);
    if (code < 0) return -1;
    *p = s += 5;
    if (code < 0xD800 || code > 0xDBFF || end - s < 6 || s[0] != '\\' || s[1] != 'u') return code;
    int32_t low = hex4(s + 2, end);
    if (low < 0xDC00 || low > 0xDFFF) return code;
    *p = s + 6;
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

static const char *failed(lb_parse_error *error, const char *at, const char *what) {
    *error = (lb_parse_error){ at, what };
    return NULL;
}

const char *lb_json_scan_string(const char **from, const char *limit, const char *end, lb_json_string *found,
                                lb_parse_error *error) {
    const char *p = *from;
    error->what = NULL;
    for (;;) {
        p = lb_json_plain(p, limit);
        if (p >= limit) {
            if (p == end) return failed(error, p, "the string does not end");
            *from = p;
            return NULL;
        }
        unsigned char c = (unsigned char)*p;
        if (c == '"') return p;
        if (c == '\\') {
            const char *start = p;
            found->escaped = true;
            int32_t code = lb_json_read_escape(&p, end);
            if (code < 0) return failed(error, start, "unknown escape");
            if (code >= 0xD800 && code <= 0xDFFF && !found->half) found->half = start;
        } else if (c < 0x20) {
            return failed(error, p, "control character in a string (it must be escaped)");
        } else {
            do { /* a character of several bytes is seldom alone */
                size_t n = lb_utf8_character(p, end);
                if (n == 0) return failed(error, p, "invalid UTF-8");
                p += n;
            } while (p < limit && (unsigned char)*p >= 0x80);
        }
    }
}

char *lb_json_unescape(char *out, const char **from, const char *limit, const char *quote) {
    const char *p = *from;
    while (p < limit) {
        const char *slash = memchr(p, '\\', (size_t)(limit - p));
        size_t n = (size_t)((slash ? slash : limit) - p);
        memcpy(out, p, n);
        out += n;
        p += n;
        if (slash) out += lb_wtf8_encode(out, (uint32_t)lb_json_read_escape(&p, quote));
    }
    *from = p;
    return out;
}
