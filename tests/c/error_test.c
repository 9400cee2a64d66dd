/* error_test.c - the strings of lb_error, against the test server in LBHOST_TEST_SERVER. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "liveblocks.h"

static const char *const characters[] = { "a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };

/* Are there only whole characters of the sets above? */
static bool is_whole(const char *text) {
    while (*text) {
        unsigned char c = (unsigned char)*text;
        size_t size = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
        if (size == 1 && c >= 0x80) return false;
        for (size_t i = 1; i < size; i++)
            if (((unsigned char)text[i] & 0xC0) != 0x80) return false;
        text += size;
    }
    return true;
}

static void messages_are_cut_between_characters(void **state) {
    (void)state;
    lb_loop *loop;
    lb_client *client;
    lb_error error;
    char text[4096], out[3000];
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    assert_int_equal(lb_client_create(loop, &(lb_options){ LB_OPTIONS_INIT, .secret = "sk_e" }, &client, &error), LB_OK);
    for (size_t kind = 0; kind < 4; kind++) {
        for (size_t shift = 0; shift < 4; shift++) {
            size_t n = 0, size = strlen(characters[kind]);
            while (n < shift) text[n++] = 'x';
            for (; n + size < 2000; n += size) memcpy(text + n, characters[kind], size);
            text[n] = '\0';
            const lb_call call = { .method = text, .path = "/x" };
            assert_int_equal(lb_request_perform(client, &call, NULL, &error), LB_EUSAGE);
            assert_true(strlen(error.message) > 1000);
            assert_true(is_whole(error.message));
            for (size_t size = 1; size < 1100; size += 7) {
                lb_error_text(&error, out, size);
                assert_true(strlen(out) < size);
                assert_true(is_whole(out));
            }
        }
    }
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

static void fields_of_a_body_are_cut_between_characters(void **state) {
    (void)state;
    lb_loop *loop;
    lb_client *client;
    lb_error error;
    char url[8192];
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    for (int shift = 0; shift < 3; shift++) {
        int n = snprintf(url, sizeof url, "%s/do/status,code=404,body=%%7B%%22error%%22%%3A%%22", getenv("LBHOST_TEST_SERVER"));
        for (int i = 0; i < shift; i++) n += snprintf(url + n, sizeof url - (size_t)n, "x");
        for (int i = 0; i < 60; i++) n += snprintf(url + n, sizeof url - (size_t)n, "%%E2%%82%%AC");
        snprintf(url + n, sizeof url - (size_t)n, "%%22%%7D/e%d", shift);
        assert_int_equal(lb_client_create(loop, &(lb_options){ LB_OPTIONS_INIT, .secret = "sk_e", .base_url = url }, &client, &error), LB_OK);
        assert_int_equal(lb_get_room(client, "r", NULL, &error), LB_EHTTP);
        assert_true(strlen(error.code) > 90);
        assert_true(is_whole(error.code));
        assert_true(is_whole(error.path));
        lb_client_destroy(client);
    }
    lb_loop_destroy(loop);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_cut_between_characters),
        cmocka_unit_test(fields_of_a_body_are_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
