/* decimal_write.c - numbers to decimal text. */
#define _POSIX_C_SOURCE 200809L
#include "decimal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Writes value's decimal digits so that they end before `end`; returns the first. */
static char *digits_before(char *end, uint64_t value) {
    static const char pairs[] = "0001020304050607080910111213141516171819202122232425262728293031323334"
                                "3536373839404142434445464748495051525354555657585960616263646566676869"
                                "707172737475767778798081828384858687888990919293949596979899";
    while (value >= 100) {
        end -= 2;
        memcpy(end, pairs + 2 * (value % 100), 2);
        value /= 100;
    }
    if (value >= 10) {
        end -= 2;
        memcpy(end, pairs + 2 * value, 2);
    } else {
        *--end = (char)('0' + value);
    }
    return end;
}

size_t lb_decimal_write_integer(char out[LB_DECIMAL_SIZE], int64_t value) {
    char text[24], *end = text + sizeof text;
    char *p = digits_before(end, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    if (value < 0) *--p = '-';
    memcpy(out, p, (size_t)(end - p));
    return (size_t)(end - p);
}

/* floor(power * factor / 2^128), with the last bit set when something is left over: enough to compare
 * exactly. One unit of the middle word is within the error of the power. */
static uint64_t times_odd(lb_wide power, uint64_t factor) {
    lb_wide low = lb_multiply(power.low, factor);
    lb_wide high = lb_multiply(power.high, factor);
    high.low += low.high;
    high.high += high.low < low.high;
    return high.high | (high.low > 1);
}

/* Of several the nearest (Schubfach; Giulietti, "The Schubfach way to render doubles", 2021). */
uint64_t lb_decimal_shortest(double x, int *exponent) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int biased = (int)(bits >> 52 & 0x7FF);
    uint64_t c = biased ? fraction | UINT64_C(1) << 52 : fraction;
    int q = (biased ? biased : 1) - 1075;
    bool narrow = fraction == 0 && biased > 1; /* the gap below x is half of that above */
    uint64_t odd = c & 1;
    int k = (q * 1262611 - (narrow ? 524031 : 0)) >> 22; /* floor(log10(2^q)), of 3/4 of it when narrow */
    int h = q + lb_log2_of_power(-k) + 1;
    lb_wide power = lb_power_of_ten(-k);
    uint64_t low = times_odd(power, (4 * c - 2 + narrow) << h) + odd;
    uint64_t middle = times_odd(power, 4 * c << h);
    uint64_t high = times_odd(power, (4 * c + 2) << h) - odd;
    uint64_t s = middle / 4, tens = s / 10 * 10;
    *exponent = k;
    bool below = low <= 4 * tens, above = 4 * (tens + 10) <= high;
    if (s >= 10 && below != above) return tens + (above ? 10 : 0);
    below = low <= 4 * s;
    above = 4 * (s + 1) <= high;
    if (below != above) return s + above;
    uint64_t half = 4 * s + 2;
    return s + (middle > half || (middle == half && (s & 1)));
}

size_t lb_decimal_write_double(char text[LB_DECIMAL_SIZE], double x) {
    char digits[24], *end = digits + sizeof digits;
    size_t n = 0;
    if (signbit(x)) text[n++] = '-';
    x = fabs(x);
    int exponent = 0;
    uint64_t value = x < 9007199254740992.0 && x == floor(x) ? (uint64_t)x : lb_decimal_shortest(x, &exponent);
    char *p = digits_before(end, value);
    while (exponent < 0 && end - p > 1 && end[-1] == '0') {
        end--;
        exponent++;
    }
    int count = (int)(end - p), point = count + exponent; /* digits before the decimal point */
    if (point > 17 || point < -4) {
        while (count > 1 && p[count - 1] == '0') count--;
        text[n++] = *p;
        if (count > 1) text[n++] = '.';
        memcpy(text + n, p + 1, (size_t)(count - 1));
        n += (size_t)(count - 1);
        n += (size_t)snprintf(text + n, LB_DECIMAL_SIZE - n, "e%+d", point - 1);
    } else if (point <= 0) {
        memcpy(text + n, "0.0000", (size_t)(2 - point));
        n += (size_t)(2 - point);
        memcpy(text + n, p, (size_t)count);
        n += (size_t)count;
    } else if (point >= count) {
        memcpy(text + n, p, (size_t)count);
        n += (size_t)count;
        memset(text + n, '0', (size_t)(point - count));
        n += (size_t)(point - count);
        memcpy(text + n, ".0", 2);
        n += 2;
    } else {
        memcpy(text + n, p, (size_t)point);
        n += (size_t)point;
        text[n++] = '.';
        memcpy(text + n, p + point, (size_t)(count - point));
        n += (size_t)(count - point);
    }
    return n;
}
