/* text_test.c - UTF-8, numbers, JSON strings and error bodies, with no Lua. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/decimal.h"
#include "text/json_text.h"
#include "seed.h"

/* The member of a copy that ends where its memory does, so that a sanitizer sees a byte read too far. */
static const char *member(const char *text, const char *name, size_t size) {
    static char out[64];
    size_t length = strlen(text);
    char *copy = malloc(length + !length);
    assert_non_null(copy);
    memcpy(copy, text, length);
    bool found = lb_json_string_member(copy, length, name, out, size) == LB_JSON_FOUND;
    free(copy);
    return found ? out : NULL;
}

static void a_member_is_found_wherever_it_stands(void **state) {
    (void)state;
    assert_string_equal(member("{\"error\":\"A\",\"message\":\"b\"}", "message", 64), "b");
    assert_string_equal(member(" {\n\"x\" : {\"message\":[\"}\",1]} ,\t\"message\" : \"b\" }", "message", 64), "b");
    assert_string_equal(member("{\"a\":-1.5e3,\"b\":null,\"m\":\"x\"", "m", 64), "x");
    assert_string_equal(member("{\"m\":\"x\", and no JSON", "m", 64), "x");
    assert_string_equal(member("{\"\\u006d\":\"x\"}", "m", 64), "x");
    assert_string_equal(member("{\"m\":1,\"m\":\"x\"}", "m", 64), "x");
}

static void a_member_that_is_no_string_is_not_found(void **state) {
    (void)state;
    static const char *const texts[] = { "", " ", "{", "{}", "[]", "[\"m\"]", "{\"m\"", "{\"m\":", "{\"m\":1}", "{\"m\":\"x",
        "{\"m\":null}", "{\"m\":{\"m\":\"x\"}}", "{\"n\":\"m\"}", "{\"mm\":\"x\"}", "{\"\":\"x\"}", "{\"m\":\"\\", "<html>" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) assert_null(member(texts[i], "m", 64));
}

static void an_object_that_ends_without_a_member_is_not_one_that_does_not_end(void **state) {
    (void)state;
    static const char *const absent[] = { "{}", " { } ", "{\"m\":1}", "{\"m\":null}", "{\"n\":\"m\"}", "{\"n\":{\"m\":\"x\"}}" };
    static const char *const malformed[] = { "", "[]", "{", "{\"n\"", "{\"n\":", "{\"n\":1", "{\"n\":1,", "{\"n\":[1}", "{\"m\":\"x", "<html>" };
    char out[8];
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        assert_int_equal(lb_json_string_member(absent[i], strlen(absent[i]), "m", out, sizeof out), LB_JSON_ABSENT);
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
        assert_int_equal(lb_json_string_member(malformed[i], strlen(malformed[i]), "m", out, sizeof out), LB_JSON_MALFORMED);
}

static void escapes_are_resolved_and_what_is_no_text_is_replaced(void **state) {
    (void)state;
    assert_string_equal(member("{\"m\":\"a\\n\\\"\\u00e9\\ud83d\\ude00\\/\"}", "m", 64), "a\n\"\xc3\xa9\xf0\x9f\x98\x80/");
    assert_string_equal(member("{\"m\":\"\\u0000|\\ud800|\xff|\\q\"}", "m", 64),
                        "\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd");
}

static void a_long_member_is_cut_between_characters(void **state) {
    (void)state;
    assert_string_equal(member("{\"m\":\"abc\xc3\xa9\"}", "m", 5), "abc");
    assert_string_equal(member("{\"m\":\"abc\xc3\xa9\"}", "m", 6), "abc\xc3\xa9");
    assert_string_equal(member("{\"m\":\"abc\"}", "m", 1), "");
    assert_int_equal(lb_json_string_member("{\"m\":\"abc\"}", 11, "m", NULL, 0), LB_JSON_FOUND);
}

static void utf8_is_what_the_standard_says(void **state) {
    (void)state;
    for (uint32_t first = 0; first < 256; first++) {
        for (uint32_t second = 0; second < 256; second++) {
            char text[] = { (char)first, (char)second, '\x80', '\x80' };
            size_t expected = 0;
            bool tail = second >= 0x80 && second < 0xC0;
            if (first < 0x80) expected = 1;
            else if (first >= 0xC2 && first < 0xE0 && tail) expected = 2;
            else if (first == 0xE0 && second >= 0xA0 && tail) expected = 3;
            else if (first == 0xED && tail && second < 0xA0) expected = 3;
            else if (first > 0xE0 && first < 0xF0 && first != 0xED && tail) expected = 3;
            else if (first == 0xF0 && second >= 0x90 && tail) expected = 4;
            else if (first > 0xF0 && first < 0xF4 && tail) expected = 4;
            else if (first == 0xF4 && tail && second < 0x90) expected = 4;
            assert_int_equal(lb_utf8_character(text, text + 4), expected);
            for (size_t size = 0; size < expected; size++)
                assert_int_equal(lb_utf8_character(text, text + size), 0);
        }
    }
    assert_int_equal(lb_utf8_check("0123456789abc\xc3\xa9", 15), 15);
    assert_int_equal(lb_utf8_check("0123456789abc\xc3", 14), 13);
    assert_int_equal(lb_utf8_check("", 0), 0);
}

/* Reads text as strtod does, and all of it. */
static void same_as_strtod(const char *text) {
    lb_number number;
    lb_parse_error error;
    size_t length = strlen(text);
    assert_ptr_equal(lb_decimal_read(text, text + length, &number, &error), text + length);
    double value = number.kind == LB_NUMBER_INTEGER ? (double)number.integer : number.real, expected = strtod(text, NULL);
    if (memcmp(&value, &expected, sizeof value) != 0) fail_msg("%s was read as %.17g", text, value);
}

static void numbers_are_rounded_correctly(void **state) {
    (void)state;
    uint64_t random = 0x9E3779B97F4A7C15u * test_seed() | 1;
    char text[96];
    for (int i = 0; i < 200000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        double x;
        memcpy(&x, &random, sizeof x);
        if (x - x != 0) continue;
        snprintf(text, sizeof text, "%.*e", (int)(random % 25), x);
        if (strtod(text, NULL) - strtod(text, NULL) != 0) continue; /* rounded up to infinity */
        same_as_strtod(text);
        snprintf(text, sizeof text, "%llu.%llue%d", (unsigned long long)(random >> (random & 63)),
                 (unsigned long long)(random >> 20), (int)(random % 60) - 40);
        same_as_strtod(text);
    }
    for (int exponent = -400; exponent <= 308; exponent++) {
        snprintf(text, sizeof text, "1e%d", exponent);
        same_as_strtod(text);
    }
}

static lb_number_kind kind_of(const char *text) {
    lb_number number;
    lb_parse_error error;
    assert_ptr_equal(lb_decimal_read(text, text + strlen(text), &number, &error), text + strlen(text));
    return number.kind;
}

static void an_integer_beyond_int64_is_a_double_only_when_that_prints_its_digits(void **state) {
    (void)state;
    static const char *const wide[] = { "9223372036854775808", "-9223372036854775809", "18446744073709551615",
        "12345678901234567890123", "100000000000000000000001", "1e309", "-1e400", "1E+99999999999999999999" };
    static const char *const doubles[] = { "9223372036854776000", "12345678901234567000", "10000000000000000000000", "1e308",
        "1e-400", "0e99999999999999999999", "-0", "0.1234567890123456789012", "12345678901234567890123.0" };
    static const char *const integers[] = { "0", "9223372036854775807", "-9223372036854775808", "9007199254740993" };
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) assert_int_equal(kind_of(wide[i]), LB_NUMBER_WIDE);
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++) assert_int_equal(kind_of(doubles[i]), LB_NUMBER_DOUBLE);
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
        assert_int_equal(kind_of(integers[i]), LB_NUMBER_INTEGER);
}

/* Whatever is written with up to 17 digits and is then read again, is the same number. */
static void doubles_are_written_so_that_they_read_back(void **state) {
    (void)state;
    uint64_t random = 0x9E3779B97F4A7C15u * test_seed() | 1;
    for (int i = 0; i < 200000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        double x;
        char text[LB_DECIMAL_SIZE + 1];
        memcpy(&x, &random, sizeof x);
        if (x - x != 0) continue;
        text[lb_decimal_write_double(text, x)] = '\0';
        if (strtod(text, NULL) != x) fail_msg("%.17g was written as %s", x, text);
        same_as_strtod(text);
    }
}

static int compare(const char *a, const char *b) {
    return lb_decimal_compare(a, strlen(a), b, strlen(b));
}

static void numbers_are_ordered_by_their_values(void **state) {
    (void)state;
    static const char *const same[][2] = { { "0", "-0.0e5" }, { "1", "1.000" }, { "100", "1e2" }, { "0.00120", "12E-4" },
        { "12345678901234567890123", "1234567890123456789012.3e1" }, { "0.5", "5e-1" }, { "1e400", "0.01e402" } };
    static const char *const rising[] = { "-1e400", "-2", "-1.5", "-1", "-0.1", "0", "1e-400", "0.09", "0.1", "0.11", "1",
        "9.99", "10", "18446744073709551615", "18446744073709551616", "1e400" };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) assert_int_equal(compare(same[i][0], same[i][1]), 0);
    int count = sizeof rising / sizeof *rising;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++) {
            int order = compare(rising[i], rising[j]);
            if ((order > 0) - (order < 0) != (i > j) - (i < j)) fail_msg("%s and %s: %d", rising[i], rising[j], order);
        }
}

static void halves_of_a_pair_are_three_bytes(void **state) {
    (void)state;
    for (uint32_t code = 0xD700; code < 0xE100; code++) {
        char text[4];
        bool half = code >= 0xD800 && code <= 0xDFFF;
        assert_int_equal(lb_wtf8_encode(text, code), 3);
        assert_int_equal(lb_wtf8_surrogate(text, text + 3), half ? code : 0);
        assert_int_equal(lb_wtf8_surrogate(text, text + 2), 0);
        assert_int_equal(lb_utf8_character(text, text + 3), half ? 0 : 3);
    }
}

/* Reads and resolves a string in pieces of that size; the result has no pieces in it. */
static void read_in_pieces(const char *text, size_t size, const char *expected) {
    lb_json_string found = { false, NULL };
    lb_parse_error error;
    const char *end = text + strlen(text), *at = text, *quote = NULL;
    char out[64], *stop = out;
    while (!quote) {
        quote = lb_json_scan_string(&at, at + size < end ? at + size : end, end, &found, &error);
        assert_true(quote || !error.what);
    }
    for (at = text; at < quote;) stop = lb_json_unescape(stop, &at, at + size < quote ? at + size : quote, quote);
    assert_int_equal(stop - out, strlen(expected));
    assert_memory_equal(out, expected, strlen(expected));
}

static void a_string_can_be_read_in_pieces(void **state) {
    (void)state;
    for (size_t size = 1; size < 40; size++) {
        read_in_pieces("ab\\ud83d\\ude00c\xc3\xa9\\n\\ud83d\\\\xyz\"", size, "ab\xf0\x9f\x98\x80" "c\xc3\xa9\n\xed\xa0\xbd\\xyz");
        read_in_pieces("\"", size, "");
    }
}

static void powers_are_scaled_to_the_top_bit(void **state) {
    (void)state;
    for (int i = LB_POWER_MIN; i <= LB_POWER_MAX; i++) assert_true(lb_power_of_ten(i).high >> 63);
    assert_true(lb_power_of_ten(0).high == UINT64_C(1) << 63 && lb_power_of_ten(0).low == 0);
    assert_true(lb_power_of_ten(1).high == UINT64_C(10) << 60 && lb_power_of_ten(1).low == 0);
    assert_int_equal(lb_log2_of_power(-1), -4);
    assert_int_equal(lb_log2_of_power(3), 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_found_wherever_it_stands),
        cmocka_unit_test(a_member_that_is_no_string_is_not_found),
        cmocka_unit_test(an_object_that_ends_without_a_member_is_not_one_that_does_not_end),
        cmocka_unit_test(escapes_are_resolved_and_what_is_no_text_is_replaced),
        cmocka_unit_test(a_long_member_is_cut_between_characters),
        cmocka_unit_test(utf8_is_what_the_standard_says),
        cmocka_unit_test(numbers_are_rounded_correctly),
        cmocka_unit_test(an_integer_beyond_int64_is_a_double_only_when_that_prints_its_digits),
        cmocka_unit_test(doubles_are_written_so_that_they_read_back),
        cmocka_unit_test(numbers_are_ordered_by_their_values),
        cmocka_unit_test(halves_of_a_pair_are_three_bytes),
        cmocka_unit_test(a_string_can_be_read_in_pieces),
        cmocka_unit_test(powers_are_scaled_to_the_top_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
