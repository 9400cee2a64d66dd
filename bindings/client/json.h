/* json.h - what reading and writing JSON needs and Lua is not needed for: UTF-8, strings, numbers. */
#ifndef LB_JSON_H
#define LB_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copies the string member `name` of the top-level object into out: NUL-terminated, cut at a character
 * boundary, escapes resolved; NUL characters, lone surrogates and bytes that are no UTF-8 become
 * U+FFFD. True when it was there as a string. The text need not be valid beyond that member. Never
 * reads past length. */
bool lb_json_string_member(const char *json, size_t length, const char *name, char *out, size_t size);

/* length when text is valid UTF-8, else the offset of the first bad byte. */
size_t lb_utf8_check(const char *text, size_t length);

/* Bytes of the valid character at p, 1 to 4, or 0. */
size_t lb_utf8_character(const char *p, const char *end);

/* The first byte from p on that does not stand for itself in a JSON string: a quote, a backslash, a
 * control character or a part of a longer UTF-8 character. end when there is none. */
const char *lb_json_plain(const char *p, const char *end);

/* What is wrong with a text, and where. */
typedef struct lb_json_fault {
    const char *at;
    const char *what;
} lb_json_fault;

/* Checks the string whose first byte behind the opening quote is p. Returns its closing quote and sets
 * escaped when it has escapes, or returns NULL and fills in fault. */
const char *lb_json_scan_string(const char *p, const char *end, bool *escaped, lb_json_fault *fault);

/* Resolves the escapes of a checked string into out, which has room for quote - p bytes. Returns the
 * end of what it wrote. */
char *lb_json_unescape(char *out, const char *p, const char *quote);

typedef struct lb_json_number {
    bool is_integer; /* written as an integer and within int64, and not -0 */
    int64_t integer;
    double real;
} lb_json_number;

/* Reads the number at p, correctly rounded whatever the locale. Returns the byte behind it, or NULL and
 * fills in fault, also for what no double is large enough for. */
const char *lb_json_scan_number(const char *p, const char *end, lb_json_number *out, lb_json_fault *fault);

/* 10^exponent as high * 2^64 + low, scaled to 128 bits, at most two units too large; exact from 10^0 to
 * 10^55. The exponent is between LB_JSON_POWER_MIN and LB_JSON_POWER_MAX. */
enum { LB_JSON_POWER_MIN = -324, LB_JSON_POWER_MAX = 350 };
typedef struct lb_json_wide {
    uint64_t high, low;
} lb_json_wide;
lb_json_wide lb_json_power(int exponent);
lb_json_wide lb_json_multiply(uint64_t a, uint64_t b);

/* The largest n with 2^n <= 10^exponent, for |exponent| <= 350. */
int lb_json_log2_power(int exponent);

#endif
