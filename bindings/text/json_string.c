/* json_string.c - the strings of JSON. */
#include "json_text.h"

#include <string.h>
#if defined __SSE2__
#include <emmintrin.h>
#elif defined __aarch64__ && defined __ARM_NEON
#include <arm_neon.h>
#endif

static bool is_plain(unsigned char c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* True when all of eight bytes are plain: the test for a zero byte ("Bit Twiddling Hacks", Anderson), four times. */
static bool eight_plain(uint64_t v) {
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    uint64_t quote = v ^ (ones * '"'), slash = v ^ (ones * '\\');
    return (((v - ones * 0x20) | v | (quote - ones) | (slash - ones)) & high) == 0;
}

/* The first of 16 bytes that is not plain, or 16; and their copy in out, unless that is NULL. Every x86-64 has SSE2, every
 * aarch64 NEON; the last path is for all others. The tests run on x86-64: that of NEON was not run yet. Without SSE2
 * (tests/bench/json.lua by callgrind, 29 November 2026): 2 % more instructions to encode, 2 to 4 % more to decode. */
#if defined __SSE2__
static inline unsigned sixteen(const char *p, char *out) {
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(0x20);
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    if (out) _mm_storeu_si128((__m128i *)(void *)out, v);
    __m128i odd = _mm_cmplt_epi8(v, space); /* signed, so that it finds bytes from 0x80 on too */
    odd = _mm_or_si128(odd, _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash)));
    return (unsigned)__builtin_ctz((unsigned)_mm_movemask_epi8(odd) | 0x10000u);
}
#elif defined __aarch64__ && defined __ARM_NEON
static inline unsigned sixteen(const char *p, char *out) {
    uint8x16_t v = vld1q_u8((const uint8_t *)p);
    if (out) vst1q_u8((uint8_t *)out, v);
    uint8x16_t odd = vcltq_s8(vreinterpretq_s8_u8(v), vdupq_n_s8(0x20)); /* signed, so that it finds bytes from 0x80 on too */
    odd = vorrq_u8(odd, vorrq_u8(vceqq_u8(v, vdupq_n_u8('"')), vceqq_u8(v, vdupq_n_u8('\\'))));
    uint64_t mask = vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(odd), 4)), 0); /* four bits a byte */
    return mask ? (unsigned)__builtin_ctzll(mask) / 4 : 16;
}
#else
static inline unsigned sixteen(const char *p, char *out) {
    unsigned n = 0;
    uint64_t half[2];
    memcpy(half, p, 16);
    if (out) memcpy(out, p, 16);
    if (eight_plain(half[0])) n = eight_plain(half[1]) ? 16 : 8;
    while (n < 16 && is_plain((unsigned char)p[n])) n++;
    return n;
}
#endif

const char *lb_json_plain(const char *p, const char *end) {
    for (; end - p >= 16; p += 16) {
        unsigned n = sixteen(p, NULL);
        if (n < 16) return p + n;
    }
    uint64_t v;
    if (end - p >= 8) {
        memcpy(&v, p, 8);
        if (eight_plain(v)) p += 8;
    } else if (end - p >= 4) { /* two halves that overlap */
        uint32_t half[2];
        memcpy(&half[0], p, 4);
        memcpy(&half[1], end - 4, 4);
        if (eight_plain((uint64_t)half[1] << 32 | half[0])) return end;
    }
    while (p < end && is_plain((unsigned char)*p)) p++;
    return p;
}

/* Of less than 16 bytes: as two parts that overlap where they can be read at once. */
static size_t copy_few(char *out, const char *s, size_t length) {
    uint64_t first = 0, last = 0;
    uint32_t four[2];
    if (length >= 8) {
        memcpy(&first, s, 8);
        memcpy(&last, s + length - 8, 8);
        memcpy(out, &first, 8);
        memcpy(out + length - 8, &last, 8);
        if (eight_plain(first) && eight_plain(last)) return length;
    } else if (length >= 4) {
        memcpy(&four[0], s, 4);
        memcpy(&four[1], s + length - 4, 4);
        memcpy(out, &four[0], 4);
        memcpy(out + length - 4, &four[1], 4);
        if (eight_plain((uint64_t)four[1] << 32 | four[0])) return length;
    } else {
        for (size_t i = 0; i < length; i++) out[i] = s[i];
    }
    size_t n = 0;
    while (n < length && is_plain((unsigned char)s[n])) n++;
    return n;
}

size_t lb_json_copy_plain(char *out, const char *s, size_t length) {
    if (length < 16) return copy_few(out, s, length);
    size_t at = 0, last = length - 16;
    for (;;) {
        unsigned n = sixteen(s + at, out + at);
        if (n < 16) return at + n;
        if (at == last) return length;
        at = at + 16 < last ? at + 16 : last; /* the last 16 overlap what was before */
    }
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
            do { /* a character of several bytes is rarely alone */
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
