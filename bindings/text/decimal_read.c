/* decimal_read.c - decimal text to numbers. */
#include "decimal.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* digits * 10^exponent, when both are exact as doubles: then one operation rounds once (the fast path of Clinger,
 * "How to Read Floating Point Numbers Accurately", 1990). */
static bool exact_operands(uint64_t digits, int64_t exponent, double *out) {
    static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    if (FLT_EVAL_METHOD != 0 || digits > UINT64_C(1) << 53 || exponent < -22 || exponent > 22) return false;
    *out = exponent < 0 ? (double)digits / powers[-exponent] : (double)digits * powers[exponent];
    return true;
}

/* digits * 10^exponent from a product of 128 bits (Eisel and Lemire; Lemire, "Number Parsing at a Gigabyte per
 * Second", 2021). False when that leaves the rounding open, or when the result is not a normal double. */
static bool from_product(uint64_t digits, int64_t exponent, double *out) {
    if (digits == 0 || exponent < LB_POWER_MIN || exponent > 310) return false;
    lb_wide power = lb_power_of_ten((int)exponent);
    int zeros = __builtin_clzll(digits), binary;
    lb_wide product = lb_multiply(digits << zeros, power.high);
    lb_wide rest = lb_multiply(digits << zeros, power.low);
    product.low += rest.high;
    product.high += product.low < rest.high;
    binary = lb_log2_of_power((int)exponent) + 64 - zeros;
    if (!(product.high >> 63)) {
        product.high = product.high << 1 | product.low >> 63;
        product.low = product.low << 1 | rest.low >> 63;
        binary--;
    }
    /* 53 bits are the mantissa, 11 more decide. The product is off by less than 8 units. */
    uint64_t mantissa = product.high >> 11, below = product.high & 0x7FF;
    if (below == 0x400 && product.low <= 8) return false;
    if (below == 0x3FF && product.low >= UINT64_MAX - 8) return false;
    if (below >= 0x400 && ++mantissa >> 53) {
        mantissa >>= 1;
        binary++;
    }
    if (binary < -1022 || binary > 1023) return false;
    uint64_t bits = (mantissa & ((UINT64_C(1) << 52) - 1)) | (uint64_t)(binary + 1023) << 52;
    memcpy(out, &bits, sizeof *out);
    return true;
}

/* Lets strtod decide, on a copy with no decimal point in it, because that is the locale's. A double is
 * decided by 770 digits and whether there are others after them. */
static double from_text(const char *p, const char *end, int64_t exponent) {
    enum { DIGITS = 780 };
    char copy[DIGITS + 32];
    size_t n = 0;
    bool others = false, fraction = false;
    for (; p < end && *p != 'e' && *p != 'E'; p++) {
        if (*p == '.') {
            fraction = true;
            continue;
        }
        if (*p < '0' || *p > '9') continue;
        if (fraction) exponent--;
        if (n == 0 && *p == '0') continue;
        if (n < DIGITS) {
            copy[n++] = *p;
        } else {
            others = others || *p != '0';
            exponent++;
        }
    }
    if (n == 0) return 0.0;
    if (others) {
        copy[n++] = '1';
        exponent--;
    }
    int64_t small = exponent < -99999 ? -99999 : exponent > 99999 ? 99999 : exponent;
    copy[n++] = 'e';
    copy[n++] = small < 0 ? '-' : '+';
    small = small < 0 ? -small : small;
    for (int unit = 10000; unit > 0; unit /= 10) copy[n++] = (char)('0' + small / unit % 10);
    copy[n] = '\0';
    return strtod(copy, NULL);
}

static bool digit(const char *p, const char *end) {
    return p < end && *p >= '0' && *p <= '9';
}

/* The parts of a number, gathered in one pass. */
typedef struct parts {
    uint64_t digits;  /* the first 19 that count */
    int count;        /* how many of them */
    int64_t exponent; /* of digits, by the decimal point and by what was left out */
    bool cut;         /* digits other than 0 were left out */
} parts;

static const char *gather(const char *p, const char *end, parts *n, bool fraction) {
    for (; digit(p, end); p++) {
        if (n->count < 19) {
            n->digits = n->digits * 10 + (uint64_t)(*p - '0');
            n->count += n->digits != 0;
            n->exponent -= fraction;
        } else {
            n->cut = n->cut || *p != '0';
            n->exponent += !fraction;
        }
    }
    return p;
}

static double to_double(const char *start, const char *end, const parts *n, int64_t power) {
    double value, above;
    if (n->digits == 0) return 0.0;
    int64_t exponent = n->exponent + power;
    if (!n->cut) {
        if (exact_operands(n->digits, exponent, &value)) return value;
        if (from_product(n->digits, exponent, &value)) return value;
    } else if (from_product(n->digits, exponent, &value) && from_product(n->digits + 1, exponent, &above) &&
               value == above) {
        return value;
    }
    return from_text(start, end, power);
}

/* Whether printing the double gives the same integer, digits * 10^exponent, again. */
static bool prints_the_same(double value, uint64_t digits, int64_t exponent) {
    int shortest_exponent;
    uint64_t shortest = lb_decimal_shortest(value, &shortest_exponent);
    int64_t difference = exponent - shortest_exponent;
    for (; difference > 0 && digits <= UINT64_MAX / 10; difference--) digits *= 10;
    for (; difference < 0 && shortest <= UINT64_MAX / 10; difference++) shortest *= 10;
    return difference == 0 && digits == shortest;
}

static lb_number_kind kind_of(double value, const parts *n, bool whole) {
    if (isinf(value)) return LB_NUMBER_WIDE;
    if (!whole || n->digits == 0) return LB_NUMBER_DOUBLE;
    return !n->cut && prints_the_same(value, n->digits, n->exponent) ? LB_NUMBER_DOUBLE : LB_NUMBER_WIDE;
}

static const char *failed(lb_parse_error *error, const char *at, const char *what) {
    *error = (lb_parse_error){ at, what };
    return NULL;
}

/* Reads the exponent after its letter; one that is too large to matter is cut down. */
static const char *read_exponent(const char *p, const char *end, int64_t *power) {
    bool down = p < end && *p == '-';
    if (p < end && (*p == '+' || *p == '-')) p++;
    if (!digit(p, end)) return NULL;
    for (*power = 0; digit(p, end); p++)
        if (*power < INT64_C(1000000000000000)) *power = *power * 10 + (*p - '0');
    if (down) *power = -*power;
    return p;
}

const char *lb_decimal_read(const char *p, const char *end, lb_number *out, lb_parse_error *error) {
    const char *start = p;
    bool negative = p < end && *p == '-', whole = true;
    parts n = { 0, 0, 0, false };
    p += negative;
    if (!digit(p, end)) return failed(error, start, "invalid number: a digit is missing");
    if (*p == '0' && digit(p + 1, end)) return failed(error, start, "number with a leading zero");
    p = gather(p, end, &n, false);
    if (p < end && *p == '.') {
        whole = false;
        if (!digit(++p, end)) return failed(error, start, "invalid number: no digit after the point");
        p = gather(p, end, &n, true);
    }
    int64_t power = 0;
    if (p < end && (*p == 'e' || *p == 'E')) {
        whole = false;
        p = read_exponent(p + 1, end, &power);
        if (!p) return failed(error, start, "invalid number: no digit in the exponent");
    }
    if (whole && n.exponent == 0 && n.digits <= (uint64_t)INT64_MAX + negative && !(negative && n.digits == 0)) {
        out->kind = LB_NUMBER_INTEGER;
        out->integer = negative ? (int64_t)(0 - n.digits) : (int64_t)n.digits;
        return p;
    }
    out->real = to_double(start, p, &n, power);
    out->kind = kind_of(out->real, &n, whole);
    if (negative) out->real = -out->real;
    return p;
}

/* ---- Order ------------------------------------------------------------------------------------ */

/* A number as 0.digits * 10^point, where digits, which may have a decimal point in them, begin and end with another
 * digit than 0. Zero has none. */
typedef struct magnitude {
    bool negative;
    const char *digits, *end;
    int64_t point;
    const char *exponent, *exponent_end; /* its digits from the first one that counts */
} magnitude;

enum { LONG_EXPONENT = 16 }; /* digits; read_exponent cuts it down */

static magnitude magnitude_of(const char *p, size_t length) {
    const char *end = p + length, *stop = p, *dot = NULL;
    magnitude m = { .negative = length > 0 && *p == '-' };
    p += m.negative;
    for (stop = p; stop < end && *stop != 'e' && *stop != 'E'; stop++)
        if (*stop == '.') dot = stop;
    if (stop < end) read_exponent(stop + 1, end, &m.point);
    m.exponent = stop + (stop < end);
    m.exponent_end = end;
    while (m.exponent < end && (*m.exponent < '1' || *m.exponent > '9')) m.exponent++;
    m.digits = p;
    while (m.digits < stop && (*m.digits == '0' || *m.digits == '.')) m.digits++;
    for (m.end = stop; m.end > m.digits && (m.end[-1] == '0' || m.end[-1] == '.');) m.end--;
    const char *units = dot ? dot : stop; /* where those end that count more than one */
    m.point += units - m.digits + (m.digits > units);
    return m;
}

static int compare_magnitudes(magnitude a, magnitude b) {
    bool none = a.digits == a.end, other_none = b.digits == b.end;
    if (none || other_none) return other_none - none;
    ptrdiff_t length = a.exponent_end - a.exponent, other = b.exponent_end - b.exponent;
    if (length >= LONG_EXPONENT && other >= LONG_EXPONENT && (a.point < 0) == (b.point < 0)) {
        int order = length != other ? (length > other) - (length < other) : memcmp(a.exponent, b.exponent, (size_t)length);
        if (order) return a.point < 0 ? -order : order;
    }
    if (a.point != b.point) return a.point < b.point ? -1 : 1;
    while (a.digits < a.end && b.digits < b.end) {
        if (*a.digits == '.') a.digits++;
        else if (*b.digits == '.') b.digits++;
        else if (*a.digits != *b.digits) return *a.digits < *b.digits ? -1 : 1;
        else a.digits++, b.digits++;
    }
    return (a.digits < a.end) - (b.digits < b.end);
}

int lb_decimal_compare(const char *a, size_t a_length, const char *b, size_t b_length) {
    magnitude x = magnitude_of(a, a_length), y = magnitude_of(b, b_length);
    if (x.digits == x.end) x.negative = false; /* -0 */
    if (y.digits == y.end) y.negative = false;
    if (x.negative != y.negative) return x.negative ? -1 : 1;
    return x.negative ? compare_magnitudes(y, x) : compare_magnitudes(x, y);
}
