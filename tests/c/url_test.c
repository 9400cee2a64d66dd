/* url_test.c - percent-encoding, query strings and the check of a base URL (RFC 3986). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <string.h>

#include "allocator.h"
#include "client/internal.h"

static void expect_encoded(const char *text, bool form, const char *expected) {
    lb_buffer out = { .allocator = &lb_default_allocator };
    assert_true(lb_url_encode(&out, text, form));
    assert_string_equal(out.data, expected);
    assert_int_equal(out.size, strlen(expected));
    lb_buffer_free(&out);
}

static void all_but_unreserved_characters_are_encoded(void **state) {
    (void)state;
    static const char unreserved[] = "ABCXYZabcxyz0189-._~";
    expect_encoded(unreserved, false, unreserved);
    expect_encoded("", false, "");
    expect_encoded("a/b c%2F?#[]@!$&'()*+,;=", false, "a%2Fb%20c%252F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D");
    expect_encoded("\x01\x7f\xc3\xa9\xff", false, "%01%7F%C3%A9%FF");
    for (int c = 1; c < 256; c++) {
        const char text[] = { (char)c, '\0' };
        char hex[4] = { '%', "0123456789ABCDEF"[c >> 4], "0123456789ABCDEF"[c & 15], '\0' };
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("-._~", c);
        expect_encoded(text, false, plain ? text : hex);
    }
}

static void a_form_has_a_plus_for_a_space_alone(void **state) {
    (void)state;
    expect_encoded("a b+c\td", true, "a+b%2Bc%09d");
}

static void it_is_appended_to_what_is_there(void **state) {
    (void)state;
    lb_buffer out = { .allocator = &lb_default_allocator };
    assert_true(lb_buffer_text(&out, "/v2/"));
    assert_true(lb_url_encode(&out, "a b", false) && lb_url_encode(&out, "/", false));
    assert_string_equal(out.data, "/v2/a%20b%2F");
    lb_buffer_free(&out);
}

static void expect_query(const char *before, const lb_pair *query, const char *expected) {
    lb_buffer out = { .allocator = &lb_default_allocator };
    assert_true(lb_buffer_text(&out, before));
    assert_true(lb_url_query(&out, query));
    assert_string_equal(out.data, expected);
    lb_buffer_free(&out);
}

static void a_query_begins_with_a_question_mark_or_goes_on_with_an_ampersand(void **state) {
    (void)state;
    const lb_pair two[] = { { "a b", "1&2" }, { "c", "" }, { NULL, NULL } };
    expect_query("/x", two, "/x?a+b=1%262&c=");
    expect_query("/x?y=1", two, "/x?y=1&a+b=1%262&c=");
    expect_query("", two, "?a+b=1%262&c=");
}

static void a_name_without_a_value_stands_alone_and_no_pairs_change_nothing(void **state) {
    (void)state;
    expect_query("/x", (const lb_pair[]){ { "flag", NULL }, { "a", "1" }, { NULL, NULL } }, "/x?flag&a=1");
    expect_query("/x", (const lb_pair[]){ { NULL, NULL } }, "/x");
    expect_query("/x", NULL, "/x");
}

/* Each allocation in turn: false, what was there stays, and nothing is lost. */
static void no_memory_is_reported(void **state) {
    (void)state;
    char longer[3000];
    memset(longer, ' ', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    const lb_pair query[] = { { "a", longer }, { longer, longer }, { NULL, NULL } };
    long refused = 0;
    for (long n = 1;; n++) {
        budget b = { .refuse = n, .lasts = INT_MAX };
        lb_allocator allocator = { give, take, &b };
        lb_buffer out = { .allocator = &allocator };
        bool done = lb_buffer_text(&out, "/x") && lb_url_query(&out, query);
        if (out.data) assert_memory_equal(out.data, "/x", 2);
        lb_buffer_free(&out);
        assert_int_equal(b.alive, 0);
        if (done) break;
        refused++;
    }
    assert_true(refused >= 2);
}

static void a_scheme_has_no_case(void **state) {
    (void)state;
    assert_true(lb_url_has_scheme("HttpS://x", "https"));
    assert_false(lb_url_has_scheme("https://x", "http"));
    assert_false(lb_url_has_scheme("http:/x", "http"));
    assert_false(lb_url_has_scheme("http", "http"));
    assert_false(lb_url_has_scheme("", "http"));
    char url[] = "HTTPS://Host.Example/Path:A";
    lb_url_lower_scheme(url);
    assert_string_equal(url, "https://Host.Example/Path:A");
    char none[] = "NO SCHEME";
    lb_url_lower_scheme(none); /* there is no colon to stop at */
    assert_string_equal(none, "no scheme");
}

static void a_base_url_is_http_with_a_host_and_perhaps_a_path(void **state) {
    (void)state;
    static const char *const good[] = { "http://h", "https://api.liveblocks.io", "HTTP://H:80/a/b/", "http://[::1]:8080", "http://h/a@b" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_null(lb_url_problem(good[i]));
    static const char *const bad[][2] = {
        { "", "does not begin with http:// or https://" },  { "h/a", "does not begin with http:// or https://" },
        { "ftp://h", "does not begin with http:// or https://" }, { "http:", "does not begin with http:// or https://" },
        { "http://", "has no host" },                       { "https:///a", "has no host" },
        { "http://:80", "has no host" },                    { "http://h a", "contains a space or control character" },
        { "http://h\r\n", "contains a space or control character" }, { "http://h\x7f", "contains a space or control character" },
        { "http://h?a", "has a query or fragment; only a path may follow the host" },
        { "http://h/#a", "has a query or fragment; only a path may follow the host" },
        { "http://u:p@h/", "has a user name; the secret goes into its own option" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_string_equal(lb_url_problem(bad[i][0]), bad[i][1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_but_unreserved_characters_are_encoded),
        cmocka_unit_test(a_form_has_a_plus_for_a_space_alone),
        cmocka_unit_test(it_is_appended_to_what_is_there),
        cmocka_unit_test(a_query_begins_with_a_question_mark_or_goes_on_with_an_ampersand),
        cmocka_unit_test(a_name_without_a_value_stands_alone_and_no_pairs_change_nothing),
        cmocka_unit_test(no_memory_is_reported),
        cmocka_unit_test(a_scheme_has_no_case),
        cmocka_unit_test(a_base_url_is_http_with_a_host_and_perhaps_a_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
