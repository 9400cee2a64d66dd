/* json.c - UTF-8, the strings and numbers of JSON, and members of error bodies. */
#define _POSIX_C_SOURCE 200809L
#include "json.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* ---- UTF-8 ------------------------------------------------------------------------------------ */

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

static size_t put_character(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = { 0, 0xC0, 0xE0, 0xF0 };
    out[0] = (char)(lead[more] | c >> (6 * more));
    for (size_t i = 1; i <= more; i++) out[i] = (char)(0x80 | (c >> (6 * (more - i)) & 63));
    return more + 1;
}

/* ---- Strings ---------------------------------------------------------------------------------- */

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

/* The character of the escape whose backslash is at *p, which moves behind it. -1 when there is no such
 * escape, -2 for a lone surrogate; *p then is behind as much as belongs together. */
static int32_t read_escape(const char **p, const char *end) {
    const char *s = *p + 1;
    const char *simple = s < end && *s ? strchr(escape_from, *s) : NULL;
    *p = s < end ? s + 1 : s;
    if (simple) return (unsigned char)escape_to[simple - escape_from];
    if (s >= end || *s != 'u') return -1;
    int32_t code = hex4(s + 1, end);
    if (code < 0) return -1;
    *p = s += 5;
    if (code < 0xD800 || code > 0xDFFF) return code;
    if (code > 0xDBFF || end - s < 6 || s[0] != '\\' || s[1] != 'u') return -2;
    int32_t low = hex4(s + 2, end);
    if (low < 0xDC00 || low > 0xDFFF) return -2;
    *p = s + 6;
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

static const char *string_fault(lb_json_fault *fault, const char *at, const char *what) {
    fault->at = at;
    fault->what = what;
    return NULL;
}

const char *lb_json_scan_string(const char *p, const char *end, bool *escaped, lb_json_fault *fault) {
    *escaped = false;
    for (;;) {
        p = lb_json_plain(p, end);
        if (p == end) return string_fault(fault, p, "the string does not end");
        unsigned char c = (unsigned char)*p;
        if (c == '"') return p;
        if (c == '\\') {
            const char *start = p;
            *escaped = true;
            int32_t code = read_escape(&p, end);
            if (code == -1) return string_fault(fault, start, "unknown escape");
            if (code == -2) return string_fault(fault, start, "\\u escape of half a surrogate pair");
        } else if (c < 0x20) {
            return string_fault(fault, p, "control character in a string (it must be escaped)");
        } else {
            do { /* a character of several bytes is seldom alone */
                size_t n = lb_utf8_character(p, end);
                if (n == 0) return string_fault(fault, p, "invalid UTF-8");
                p += n;
            } while (p < end && (unsigned char)*p >= 0x80);
        }
    }
}

char *lb_json_unescape(char *out, const char *p, const char *quote) {
    for (;;) {
        const char *slash = memchr(p, '\\', (size_t)(quote - p));
        size_t n = (size_t)((slash ? slash : quote) - p);
        memcpy(out, p, n);
        out += n;
        if (!slash) return out;
        p = slash;
        int32_t code = read_escape(&p, quote);
        out += put_character(out, code < 0 ? 0xFFFD : (uint32_t)code);
    }
}

/* ---- Powers of ten ---------------------------------------------------------------------------- */

lb_json_wide lb_json_multiply(uint64_t a, uint64_t b) {
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (lb_json_wide){ (uint64_t)(product >> 64), (uint64_t)product };
#else
    uint64_t a1 = a >> 32, a0 = (uint32_t)a, b1 = b >> 32, b0 = (uint32_t)b;
    uint64_t low = a0 * b0, cross = a1 * b0 + (low >> 32), middle = a0 * b1 + (uint32_t)cross;
    return (lb_json_wide){ a1 * b1 + (cross >> 32) + (middle >> 32), middle << 32 | (uint32_t)low };
#endif
}

int lb_json_log2_power(int exponent) {
    return (exponent * 1741647) >> 19;
}

/* 10^(27 * i - 324), the first 128 bits, rounded up. */
static const lb_json_wide coarse[] = {
    { 0xcf42894a5dce35ea, 0x52064cac828675ba }, { 0xa76c582338ed2621, 0xaf2af2b80af6f24f },
    { 0x873e4f75e2224e68, 0x5a7744a6e804a292 }, { 0xda7f5bf590966848, 0xaf39a475506a899f },
    { 0xb080392cc4349dec, 0xbd8d794d96aacfb4 }, { 0x8e938662882af53e, 0x547eb47b7282ee9d },
    { 0xe65829b3046b0afa, 0x0cb4a5a3112a5113 }, { 0xba121a4650e4ddeb, 0x92f34d62616ce414 },
    { 0x964e858c91ba2655, 0x3a6a07f8d510f870 }, { 0xf2d56790ab41c2a2, 0xfae27299423fb9c4 },
    { 0xc428d05aa4751e4c, 0xaa97e14c3c26b887 }, { 0x9e74d1b791e07e48, 0x775ea264cf55347e },
    { 0x8000000000000000, 0x0000000000000000 }, { 0xcecb8f27f4200f3a, 0x0000000000000000 },
    { 0xa70c3c40a64e6c51, 0x999090b65f67d924 }, { 0x86f0ac99b4e8dafd, 0x69a028bb3ded71a4 },
    { 0xda01ee641a708de9, 0xe80e6f4820cc9496 }, { 0xb01ae745b101e9e4, 0x5ec05dcff72e7f90 },
    { 0x8e41ade9fbebc27d, 0x14588f13be847308 }, { 0xe5d3ef282a242e81, 0x8f1668c8a86da5fb },
    { 0xb9a74a0637ce2ee1, 0x6d953e2bd7173693 }, { 0x95f83d0a1fb69cd9, 0x4abdaf101564f98f },
    { 0xf24a01a73cf2dccf, 0xbc633b39673c8ced }, { 0xc3b8358109e84f07, 0x0a862f80ec4700c9 },
    { 0x9e19db92b4e31ba9, 0x6c07a2c26a8346d2 },
};

/* 5^i, moved to the top of 64 bits. */
static const uint64_t fine[] = {
    0x8000000000000000, 0xa000000000000000, 0xc800000000000000, 0xfa00000000000000,
    0x9c40000000000000, 0xc350000000000000, 0xf424000000000000, 0x9896800000000000,
    0xbebc200000000000, 0xee6b280000000000, 0x9502f90000000000, 0xba43b74000000000,
    0xe8d4a51000000000, 0x9184e72a00000000, 0xb5e620f480000000, 0xe35fa931a0000000,
    0x8e1bc9bf04000000, 0xb1a2bc2ec5000000, 0xde0b6b3a76400000, 0x8ac7230489e80000,
    0xad78ebc5ac620000, 0xd8d726b7177a8000, 0x878678326eac9000, 0xa968163f0a57b400,
    0xd3c21bcecceda100, 0x84595161401484a0, 0xa56fa5b99019a5c8,
};

lb_json_wide lb_json_power(int exponent) {
    int index = (exponent - LB_JSON_POWER_MIN) / 27, rest = (exponent - LB_JSON_POWER_MIN) % 27;
    lb_json_wide base = coarse[index];
    if (rest == 0) return base;
    lb_json_wide top = lb_json_multiply(base.high, fine[rest]);
    lb_json_wide bottom = lb_json_multiply(base.low, fine[rest]);
    top.low += bottom.high;
    top.high += top.low < bottom.high;
    if (!(top.high >> 63)) {
        top.high = top.high << 1 | top.low >> 63;
        top.low = top.low << 1 | bottom.low >> 63;
    }
    if (exponent < 0 || exponent > 55) top.high += ++top.low == 0; /* what was cut off */
    return top;
}

/* ---- Numbers ---------------------------------------------------------------------------------- */

/* digits * 10^exponent, when both are exact as doubles: then one operation rounds once. */
static bool exact_operands(uint64_t digits, int64_t exponent, double *out) {
    static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    if (FLT_EVAL_METHOD != 0 || digits > UINT64_C(1) << 53 || exponent < -22 || exponent > 22) return false;
    *out = exponent < 0 ? (double)digits / powers[-exponent] : (double)digits * powers[exponent];
    return true;
}

/* digits * 10^exponent from a product of 128 bits. False when that leaves the rounding open, or when the
 * result is no normal double. */
static bool from_product(uint64_t digits, int64_t exponent, double *out) {
    if (digits == 0 || exponent < LB_JSON_POWER_MIN || exponent > 310) return false;
    lb_json_wide power = lb_json_power((int)exponent);
    int zeros = __builtin_clzll(digits), binary;
    lb_json_wide product = lb_json_multiply(digits << zeros, power.high);
    lb_json_wide rest = lb_json_multiply(digits << zeros, power.low);
    product.low += rest.high;
    product.high += product.low < rest.high;
    binary = lb_json_log2_power((int)exponent) + 64 - zeros;
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
 * decided by 770 digits and whether there are others behind them. */
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

const char *lb_json_scan_number(const char *p, const char *end, lb_json_number *out, lb_json_fault *fault) {
    const char *start = p;
    bool negative = p < end && *p == '-', whole = true;
    parts n = { 0, 0, 0, false };
    p += negative;
    if (!digit(p, end)) return string_fault(fault, start, "invalid number: a digit is missing");
    if (*p == '0' && digit(p + 1, end)) return string_fault(fault, start, "number with a leading zero");
    p = gather(p, end, &n, false);
    if (p < end && *p == '.') {
        whole = false;
        if (!digit(++p, end)) return string_fault(fault, start, "invalid number: no digit behind the point");
        p = gather(p, end, &n, true);
    }
    int64_t power = 0;
    if (p < end && (*p == 'e' || *p == 'E')) {
        whole = false;
        bool down = ++p < end && *p == '-';
        if (p < end && (*p == '+' || *p == '-')) p++;
        if (!digit(p, end)) return string_fault(fault, start, "invalid number: no digit in the exponent");
        for (; digit(p, end); p++)
            if (power < INT64_C(1000000000000000)) power = power * 10 + (*p - '0');
        if (down) power = -power;
    }
    out->is_integer = whole && n.exponent == 0 && n.digits <= (uint64_t)INT64_MAX + negative &&
                      !(negative && n.digits == 0);
    if (out->is_integer) {
        out->integer = negative ? (int64_t)(0 - n.digits) : (int64_t)n.digits;
        return p;
    }
    out->real = to_double(start, p, &n, power);
    if (isinf(out->real)) return string_fault(fault, start, "number too large for a double");
    if (negative) out->real = -out->real;
    return p;
}

/* ---- Members of an error body ----------------------------------------------------------------- */

/* One character of a string at *p, which is forgiving: bytes that are no UTF-8 and escapes that are none
 * become U+FFFD. Moves *p, returns how many bytes of out it is, 0 at the closing quote or the end. */
static size_t next_character(const char **p, const char *end, char out[4]) {
    if (*p >= end || **p == '"') return 0;
    if (**p == '\\') {
        int32_t code = read_escape(p, end);
        return put_character(out, code <= 0 ? 0xFFFD : (uint32_t)code);
    }
    size_t n = **p == '\0' ? 0 : lb_utf8_character(*p, end);
    if (n == 0) {
        ++*p;
        return put_character(out, 0xFFFD);
    }
    memcpy(out, *p, n);
    *p += n;
    return n;
}

/* Reads the string behind whose quote *p is: into out (may be NULL) as far as it fits, and compares it
 * with name (may be NULL). False when it does not end. */
static bool read_string(const char **p, const char *end, char *out, size_t size, const char *name,
                        bool *equal) {
    char piece[4];
    size_t used = 0, n;
    bool full = size == 0, same = name != NULL;
    while ((n = next_character(p, end, piece)) > 0) {
        same = same && strncmp(name, piece, n) == 0;
        if (same) name += n;
        full = full || used + n >= size;
        if (full || !out) continue;
        memcpy(out + used, piece, n);
        used += n;
    }
    if (out && size) out[used] = '\0';
    if (equal) *equal = same && *name == '\0';
    return *p < end && *(*p)++ == '"';
}

static const char *skip_blanks(const char *p, const char *end) {
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')) p++;
    return p;
}

/* Passes one value by counting brackets; NULL when the text ends in it. */
static const char *skip_value(const char *p, const char *end) {
    size_t depth = 0;
    for (; p < end; ) {
        char c = *p;
        if (depth == 0 && (c == ',' || c == '}' || c == ']')) return p;
        p++;
        if (c == '"' && !read_string(&p, end, NULL, 0, NULL, NULL)) return NULL;
        if (c == '{' || c == '[') depth++;
        if (c == '}' || c == ']') depth--;
    }
    return NULL;
}

bool lb_json_string_member(const char *json, size_t length, const char *name, char *out, size_t size) {
    const char *end = json + length, *p = skip_blanks(json, end);
    if (size) out[0] = '\0';
    if (p >= end || *p++ != '{') return false;
    for (;;) {
        bool wanted;
        p = skip_blanks(p, end);
        if (p >= end || *p++ != '"' || !read_string(&p, end, NULL, 0, name, &wanted)) return false;
        p = skip_blanks(p, end);
        if (p >= end || *p++ != ':') return false;
        p = skip_blanks(p, end);
        if (wanted && p < end && *p == '"') {
            p++;
            if (read_string(&p, end, out, size, NULL, NULL)) return true;
            if (size) out[0] = '\0';
            return false;
        }
        p = skip_value(p, end);
        if (!p || *p++ != ',') return false;
    }
}
