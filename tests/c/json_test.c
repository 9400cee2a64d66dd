/* json_test.c - UTF-8, number reading and error bodies, with no Lua. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/json.h"
#include "seed.h"

/* The member of a copy that ends where its memory does, so that a sanitizer sees a byte read too far. */
static const char *member(const char *text, const char *name, size_t size) {
    static char out[64];
    size_t length = strlen(text);
    char *copy = malloc(length + !length);
    assert_non_null(copy);
    memcpy(copy, text, length);
    bool found = lb_json_string_member(copy, length, name, out, size);
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
    assert_true(lb_json_string_member("{\"m\":\"abc\"}", 11, "m", NULL, 0));
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
            for (size_t room = 0; room < expected; room++)
                assert_int_equal(lb_utf8_character(text, text + room), 0);
        }
    }
    assert_int_equal(lb_utf8_check("0123456789abc\xc3\xa9", 15), 15);
    assert_int_equal(lb_utf8_check("0123456789abc\xc3", 14), 13);
    assert_int_equal(lb_utf8_check("", 0), 0);
}

/* Reads text as strtod does, and all of it. */
static void same_as_strtod(const char *text) {
    lb_json_number number;
    lb_json_fault fault;
    size_t length = strlen(text);
    assert_ptr_equal(lb_json_scan_number(text, text + length, &number, &fault), text + length);
    double value = number.is_integer ? (double)number.integer : number.real, expected = strtod(text, NULL);
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

static void powers_are_scaled_to_the_top_bit(void **state) {
    (void)state;
    for (int i = LB_JSON_POWER_MIN; i <= LB_JSON_POWER_MAX; i++) assert_true(lb_json_power(i).high >> 63);
    assert_true(lb_json_power(0).high == UINT64_C(1) << 63 && lb_json_power(0).low == 0);
    assert_true(lb_json_power(1).high == UINT64_C(10) << 60 && lb_json_power(1).low == 0);
    assert_int_equal(lb_json_log2_power(-1), -4);
    assert_int_equal(lb_json_log2_power(3), 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_found_wherever_it_stands),
        cmocka_unit_test(a_member_that_is_no_string_is_not_found),
        cmocka_unit_test(escapes_are_resolved_and_what_is_no_text_is_replaced),
        cmocka_unit_test(a_long_member_is_cut_between_characters),
        cmocka_unit_test(utf8_is_what_the_standard_says),
        cmocka_unit_test(numbers_are_rounded_correctly),
        cmocka_unit_test(powers_are_scaled_to_the_top_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
