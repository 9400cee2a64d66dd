/* utf8.c - UTF-8 and WTF-8. */
#include "utf8.h"

#include <stdbool.h>
#include <string.h>

static bool continues(unsigned char c) {
    return (c & 0xC0) == 0x80;
}

size_t lb_utf8_character(const char *text, const char *end) {
    const unsigned char *p = (const unsigned char *)text;
    size_t left = (size_t)(end - text);
    if (left == 0) return 0;
    if (p[0] < 0x80) return 1;
    if (p[0] < 0xC2) return 0; /* a continuation, or overlong */
    if (p[0] < 0xE0) return left >= 2 && continues(p[1]) ? 2 : 0;
    if (p[0] < 0xF0) {
        if (left < 3 || !continues(p[1]) || !continues(p[2])) return 0;
        bool overlong = p[0] == 0xE0 && p[1] < 0xA0;
        bool surrogate = p[0] == 0xED && p[1] > 0x9F;
        return overlong || surrogate ? 0 : 3;
    }
    if (p[0] > 0xF4 || left < 4 || !continues(p[1]) || !continues(p[2]) || !continues(p[3])) return 0;
    bool overlong = p[0] == 0xF0 && p[1] < 0x90;
    bool too_large = p[0] == 0xF4 && p[1] > 0x8F;
    return overlong || too_large ? 0 : 4;
}

/* The first byte of p..end that is not ASCII. */
static const char *skip_ascii(const char *p, const char *end) {
    const uint64_t high = UINT64_C(0x8080808080808080);
    for (; end - p >= 8; p += 8) {
        uint64_t block;
        memcpy(&block, p, 8);
        if (block & high) break;
    }
    while (p < end && (unsigned char)*p < 0x80) p++;
    return p;
}

size_t lb_utf8_check(const char *text, size_t length) {
    const char *p = text, *end = text + length;
    for (;;) {
        p = skip_ascii(p, end);
        while (p < end && (unsigned char)*p >= 0x80) {
            size_t n = lb_utf8_character(p, end);
            if (n == 0) return (size_t)(p - text);
            p += n;
        }
        if (p == end) return length;
    }
}

uint32_t lb_wtf8_surrogate(const char *text, const char *end) {
    const unsigned char *p = (const unsigned char *)text;
    if (end - text < 3 || p[0] != 0xED || p[1] < 0xA0 || !continues(p[1]) || !continues(p[2])) return 0;
    return 0xD000 | (uint32_t)(p[1] & 63) << 6 | (p[2] & 63);
}

size_t lb_wtf8_encode(char *out, uint32_t code) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = { 0, 0xC0, 0xE0, 0xF0 };
    out[0] = (char)(lead[more] | code >> (6 * more));
    for (size_t i = 1; i <= more; i++) out[i] = (char)(0x80 | (code >> (6 * (more - i)) & 63));
    return more + 1;
}
