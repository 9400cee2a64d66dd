/* decimal.h - numbers from decimal text and back, correctly rounded and whatever the locale. */
#ifndef LB_DECIMAL_H
#define LB_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse_error.h"

typedef enum lb_number_kind {
    LB_NUMBER_INTEGER, /* written as an integer, within int64, and not -0 */
    LB_NUMBER_DOUBLE,
    LB_NUMBER_WIDE, /* neither holds it: its text is all there is */
} lb_number_kind;

typedef struct lb_number {
    lb_number_kind kind;
    int64_t integer; /* of LB_NUMBER_INTEGER */
    double real;     /* of the others: the nearest double, which may be infinite for LB_NUMBER_WIDE */
} lb_number;

/* Reads the number at p, which is written as RFC 8259 section 6 says. Returns the byte after it, or NULL and fills in
 * error.
 *
 * A double holds an integer beyond int64 when lb_decimal_write_double gives the same number again, so that no digit is
 * lost. It holds a number with a fraction or an exponent when that lies within its range: such numbers are rounded
 * to the nearest double, as JavaScript and Python do. */
const char *lb_decimal_read(const char *p, const char *end, lb_number *out, lb_parse_error *error);

/* Orders two valid numbers by their exact values: negative, 0, positive. */
int lb_decimal_compare(const char *a, size_t a_length, const char *b, size_t b_length);

enum { LB_DECIMAL_SIZE = 48 }; /* bytes that these need */

/* Write the fewest digits that read back as value; no NUL. Return how many bytes. A double has a fraction or an
 * exponent: plain digits from 1e-5 up to 1e17. It must be finite. */
size_t lb_decimal_write_integer(char out[LB_DECIMAL_SIZE], int64_t value);
size_t lb_decimal_write_double(char out[LB_DECIMAL_SIZE], double value);

/* digits * 10^exponent, of the fewest digits that read back as x. x is finite and more than 0. */
uint64_t lb_decimal_shortest(double x, int *exponent);

/* 10^exponent as high * 2^64 + low, scaled to 128 bits, at most two units too large; exact from 10^0 to
 * 10^55. The exponent is between LB_POWER_MIN and LB_POWER_MAX. */
enum { LB_POWER_MIN = -324, LB_POWER_MAX = 350 };
typedef struct lb_wide {
    uint64_t high, low;
} lb_wide;
lb_wide lb_power_of_ten(int exponent);

static inline lb_wide lb_multiply(uint64_t a, uint64_t b) {
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (lb_wide){ (uint64_t)(product >> 64), (uint64_t)product };
#else
    uint64_t a1 = a >> 32, a0 = (uint32_t)a, b1 = b >> 32, b0 = (uint32_t)b;
    uint64_t low = a0 * b0, cross = a1 * b0 + (low >> 32), middle = a0 * b1 + (uint32_t)cross;
    return (lb_wide){ a1 * b1 + (cross >> 32) + (middle >> 32), middle << 32 | (uint32_t)low };
#endif
}

/* The largest n with 2^n <= 10^exponent, for |exponent| <= 350. */
static inline int lb_log2_of_power(int exponent) {
    return (exponent * 1741647) >> 19;
}

#endif
