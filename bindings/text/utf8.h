/* utf8.h - UTF-8 (RFC 3629) and WTF-8, its generalization to lone surrogates (https://simonsapin.github.io/wtf-8/). */
#ifndef LB_UTF8_H
#define LB_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* length when text is valid UTF-8, else the offset of the first invalid byte. */
size_t lb_utf8_check(const char *text, size_t length);

/* Bytes of the valid character at p, 1 to 4, or 0. */
size_t lb_utf8_character(const char *p, const char *end);

/* The surrogate code point, 0xD800 to 0xDFFF, whose three bytes in WTF-8 are at p, or 0. */
uint32_t lb_wtf8_surrogate(const char *p, const char *end);

/* Writes a code point up to 0x10FFFF, also a surrogate; returns how many bytes it has, 1 to 4. */
size_t lb_wtf8_encode(char *out, uint32_t code);

#endif
