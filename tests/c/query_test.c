/* query_test.c - the query language from C; tests/spec/module/query_spec.lua has the same cases in Lua. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "liveblocks.h"

static char text[512];

static const char *format(const lb_term *terms) {
    lb_error error;
    assert_int_equal(lb_query_format(terms, text, sizeof text, &error), LB_OK);
    return text;
}

static const char *one(lb_term term) {
    const lb_term terms[] = { term, lb_term_end() };
    return format(terms);
}

static const char *refused(lb_term term) {
    static lb_error error;
    const lb_term terms[] = { term, lb_term_end() };
    strcpy(text, "before");
    assert_int_equal(lb_query_format(terms, text, sizeof text, &error), LB_EUSAGE);
    assert_string_equal(text, "");
    return error.message;
}

static void terms_are_written_in_their_order(void **state) {
    (void)state;
    const lb_term all[] = {
        lb_term_text("a", NULL, LB_EQUAL, "x"), lb_term_number("b", NULL, LB_EQUAL, 2), lb_term_boolean("c", NULL, true),
        lb_term_boolean("c", NULL, false), lb_term_null("d", NULL), lb_term_number("e", NULL, LB_EQUAL, -1.5), lb_term_end(),
    };
    assert_string_equal(format(all), "a:'x' b:2 c:true c:false d:null e:-1.5");
    const lb_term comparisons[] = {
        lb_term_number("n", NULL, LB_LESS, 5), lb_term_number("n", NULL, LB_GREATER, 1), lb_term_number("n", NULL, LB_GREATER_EQUAL, 2),
        lb_term_number("n", NULL, LB_LESS_EQUAL, 4), lb_term_text("roomId", NULL, LB_STARTS_WITH, "eng:"), lb_term_end(),
    };
    assert_string_equal(format(comparisons), "n<5 n>1 n>=2 n<=4 roomId^'eng:'");
    const lb_term metadata[] = {
        lb_term_number("metadata", "a", LB_EQUAL, 1), lb_term_text("metadata", "z", LB_EQUAL, "x"), lb_term_number("metadata", "m", LB_GREATER, 2),
        lb_term_end(),
    };
    assert_string_equal(format(metadata), "metadata['a']:1 metadata['z']:'x' metadata['m']>2");
    const lb_term none[] = { lb_term_end() };
    assert_string_equal(format(none), "");
}

static void numbers_keep_their_value(void **state) {
    (void)state;
    assert_string_equal(one(lb_term_number("n", NULL, LB_EQUAL, 3.0)), "n:3");
    assert_string_equal(one(lb_term_number("n", NULL, LB_EQUAL, 0.1)), "n:0.1");
    assert_string_equal(one(lb_term_number("n", NULL, LB_EQUAL, 9007199254740991)), "n:9007199254740991");
    assert_string_equal(one(lb_term_number("n", NULL, LB_EQUAL, 1e300)), "n:1e+300");
    assert_string_equal(one(lb_term_integer("n", NULL, LB_GREATER_EQUAL, INT64_MIN)), "n>=-9223372036854775808");
    assert_string_equal(one(lb_term_integer("n", NULL, LB_EQUAL, 9007199254740993)), "n:9007199254740993");
}

static void a_value_stays_inside_its_quotes(void **state) {
    (void)state;
    const char *const cases[][2] = {
        { "it's", "\"it's\"" }, { "say \"hi\"", "'say \"hi\"'" }, { "it's \"both\"", "\"it's \\\"both\\\"\"" },
        { "a\\b", "'a\\\\b'" }, { "a\nb\x01", "'a\\nb\\u0001'" }, { "x' OR a:'", "\"x' OR a:'\"" },
        { "gr\xc3\xb6\xc3\x9f" "e \xf0\x9f\x8e\x89", "'gr\xc3\xb6\xc3\x9f" "e \xf0\x9f\x8e\x89'" },
    };
    char expected[128];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        strcat(strcpy(expected, "metadata['k']:"), cases[i][1]);
        assert_string_equal(one(lb_term_text("metadata", "k", LB_EQUAL, cases[i][0])), expected);
        strcat(strcat(strcpy(expected, "metadata["), cases[i][1]), "]:true");
        assert_string_equal(one(lb_term_boolean("metadata", cases[i][0], true)), expected);
    }
}

static void what_cannot_be_said_is_refused(void **state) {
    (void)state;
    assert_string_equal(refused(lb_term_text("a-b", NULL, LB_EQUAL, "x")), "query: 'a-b' is not a valid field name");
    assert_string_equal(refused(lb_term_text("1a", NULL, LB_EQUAL, "x")), "query: '1a' is not a valid field name");
    assert_string_equal(refused(lb_term_text("", NULL, LB_EQUAL, "x")), "query: '' is not a valid field name");
    assert_string_equal(refused(lb_term_null("metadata", " ")), "query: a key of metadata must not be empty");
    assert_string_equal(refused(lb_term_text("n", NULL, LB_GREATER, "3")), "query: n: only numbers are less or greater");
    assert_string_equal(refused(lb_term_number("n", NULL, LB_STARTS_WITH, 3)), "query: n: only a string starts with another");
    assert_string_equal(refused(lb_term_number("n", NULL, LB_EQUAL, NAN)), "query: the value of n is not a finite number");
    assert_string_equal(refused(lb_term_text("n", NULL, LB_EQUAL, NULL)), "query: the value of n is NULL");
    assert_string_equal(refused(lb_term_text("n", NULL, LB_EQUAL, "\xff")), "query: a string of n is not UTF-8");
    assert_string_equal(refused(lb_term_text("n", NULL, (lb_comparison)17, "x")), "query: the comparison is not one of lb_comparison");
}

static void a_query_that_does_not_fit_is_not_cut(void **state) {
    (void)state;
    char small[10];
    lb_error error;
    const lb_term terms[] = { lb_term_text("a", NULL, LB_EQUAL, "12345"), lb_term_end() };
    assert_int_equal(lb_query_format(terms, small, 9, &error), LB_EUSAGE);
    assert_string_equal(small, "");
    assert_string_equal(error.message, "query: it needs 10 bytes, there are 9");
    assert_int_equal(lb_query_format(terms, small, 10, &error), LB_OK);
    assert_string_equal(small, "a:'12345'");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_are_written_in_their_order), cmocka_unit_test(numbers_keep_their_value),
        cmocka_unit_test(a_value_stays_inside_its_quotes),  cmocka_unit_test(what_cannot_be_said_is_refused),
        cmocka_unit_test(a_query_that_does_not_fit_is_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
