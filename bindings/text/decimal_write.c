/* decimal_write.c - numbers to decimal text. */
#define _POSIX_C_SOURCE 200809L
#include "decimal.h"

#include <math.h>
#include <string.h>

static void write_pair(char *out, uint32_t value) { /* below 100 */
    static const char pairs[] = "0001020304050607080910111213141516171819202122232425262728293031323334"
                                "3536373839404142434445464748495051525354555657585960616263646566676869"
                                "707172737475767778798081828384858687888990919293949596979899";
    memcpy(out, pairs + 2 * value, 2);
}

static const uint64_t powers[] = {
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
    10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
    10000000000000000000u,
};

/* How many decimal digits value has. */
static unsigned count_digits(uint64_t value) {
    unsigned bits = 64 - (unsigned)__builtin_clzll(value | 1), least = bits * 1233 >> 12; /* log10(2) is 1233 / 4096 */
    return least + (value >= powers[least] || value == 0);
}

/* Writes value's decimal digits so that they end before `end`. */
static void digits_before(char *end, uint64_t value) {
    for (; value >= 100; value /= 100) {
        end -= 2;
        write_pair(end, (uint32_t)(value % 100));
    }
    if (value >= 10) write_pair(end - 2, (uint32_t)value);
    else end[-1] = (char)('0' + value);
}

/* Writes value's decimal digits; returns how many. */
static unsigned write_digits(char *out, uint64_t value) {
    unsigned count = count_digits(value);
    digits_before(out + count, value);
    return count;
}

size_t lb_decimal_write_integer(char out[LB_DECIMAL_SIZE], int64_t value) {
    if (value >= 0) return write_digits(out, (uint64_t)value);
    *out = '-';
    return 1 + write_digits(out + 1, 0 - (uint64_t)value);
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

/* Most numbers of people have few digits after the point: x as thousandths, or 0. Below 10^15 two numbers of so many digits
 * are never the same double, so that these are the fewest digits of x. Without this (the 1 MB document of tests/bench/json.lua
 * by callgrind, 29 November 2026): 40.6 million instructions to encode it instead of 36.2. */
static uint64_t thousandths_of(double x) {
    if (x >= 1e12) return 0;
    int64_t value = (int64_t)(x * 1000 + 0.5);
    return (double)value / 1000 == x ? (uint64_t)value : 0;
}

static size_t write_thousandths(char *out, uint64_t value) {
    unsigned n = write_digits(out, value / 1000);
    uint32_t rest = (uint32_t)(value % 1000);
    out[n] = '.';
    out[n + 1] = (char)('0' + rest / 100);
    write_pair(out + n + 2, rest % 100);
    return n + (rest % 10 ? 4 : rest % 100 ? 3 : 2);
}

/* value * 10^exponent with an exponent, of which value has count digits and no zero at its end. */
static size_t write_scientific(char *out, uint64_t value, unsigned count, int exponent) {
    size_t n = count > 1 ? count + 1 : 1;
    digits_before(out + 1 + count, value);
    out[0] = out[1];
    out[1] = '.';
    exponent += (int)count - 1;
    out[n] = 'e';
    out[n + 1] = exponent < 0 ? '-' : '+';
    return n + 2 + write_digits(out + n + 2, (uint64_t)(exponent < 0 ? -exponent : exponent));
}

/* The same with `point` digits before the point, from -4 to 17. */
static size_t write_plain(char *out, uint64_t value, unsigned count, int point) {
    if (point <= 0) {
        unsigned zeros = (unsigned)(2 - point);
        memcpy(out, "0.0000", 6);
        digits_before(out + zeros + count, value);
        return zeros + count;
    }
    unsigned whole = (unsigned)point;
    if (whole >= count) {
        memset(out, '0', 20);
        digits_before(out + count, value);
        memcpy(out + whole, ".0", 2);
        return whole + 2;
    }
    digits_before(out + 1 + count, value);
    for (unsigned i = 0; i < whole; i++) out[i] = out[i + 1];
    out[whole] = '.';
    return count + 1;
}

size_t lb_decimal_write_double(char text[LB_DECIMAL_SIZE], double x) {
    size_t n = 0;
    if (signbit(x)) text[n++] = '-';
    x = fabs(x);
    uint64_t value = thousandths_of(x);
    if (value) return n + write_thousandths(text + n, value);
    int exponent = 0;
    value = x < 9007199254740992.0 && (double)(int64_t)x == x ? (uint64_t)x : lb_decimal_shortest(x, &exponent);
    for (; value >= 10 && value % 10 == 0; value /= 10) exponent++;
    unsigned count = count_digits(value);
    int point = (int)count + exponent; /* digits before the decimal point */
    if (point > 17 || point < -4) return n + write_scientific(text + n, value, count, exponent);
    return n + write_plain(text + n, value, count, point);
}
