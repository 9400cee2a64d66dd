/* options_test.c - lb_options of programs that were compiled with another version of the header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "liveblocks.h"

static lb_loop *loop;

static int set_up(void **state) {
    (void)state;
    return lb_loop_create(&loop);
}

static int tear_down(void **state) {
    (void)state;
    lb_loop_destroy(loop);
    return 0;
}

/* The struct as the first versions might have had it. */
typedef struct short_options {
    size_t size;
    const char *secret, *base_url;
} short_options;

static int create(const void *options, lb_error *error) {
    lb_client *client;
    int status = lb_client_create(loop, options, &client, error);
    if (status == LB_OK && strcmp(lb_client_base_url(client), "http://127.0.0.1:9") != 0)
        fail_msg("the base URL is %s", lb_client_base_url(client));
    lb_client_destroy(client);
    return status;
}

static void a_shorter_struct_is_read_as_far_as_it_goes(void **state) {
    (void)state;
    lb_error error;
    /* On the heap, so that sanitizers and valgrind see a byte that is read after its end. */
    short_options *options = malloc(sizeof *options);
    assert_non_null(options);
    *options = (short_options){ sizeof *options, "sk_a", "http://127.0.0.1:9" };
    assert_int_equal(create(options, &error), LB_OK);
    options->base_url = "ftp://x";
    assert_int_equal(create(options, &error), LB_EUSAGE);
    free(options);
}

static void what_lies_after_a_shorter_struct_is_not_read(void **state) {
    (void)state;
    lb_error error;
    lb_options options = { LB_OPTIONS_INIT, .base_url = "http://127.0.0.1:9", .timeout = -1 };
    assert_int_equal(create(&options, &error), LB_EUSAGE);
    options.size = offsetof(lb_options, timeout);
    assert_int_equal(create(&options, &error), LB_OK);
}

typedef struct long_options {
    lb_options known;
    const char *later;
} long_options;

static void a_longer_struct_is_taken_when_its_further_fields_are_zero(void **state) {
    (void)state;
    lb_error error;
    long_options options = { .known = { .size = sizeof options, .base_url = "http://127.0.0.1:9" } };
    assert_int_equal(create(&options, &error), LB_OK);
    options.later = "x";
    assert_int_equal(create(&options, &error), LB_EUSAGE);
    assert_non_null(strstr(error.message, "update it"));
}

static void a_struct_without_its_beginning_is_refused(void **state) {
    (void)state;
    lb_error error;
    lb_options options = { .base_url = "http://127.0.0.1:9" };
    static const size_t sizes[] = { 0, 1, sizeof(size_t) - 1, 4097, SIZE_MAX };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        options.size = sizes[i];
        assert_int_equal(create(&options, &error), LB_EUSAGE);
        assert_non_null(strstr(error.message, "LB_OPTIONS_INIT"));
    }
}

static void both_beginnings_are_the_same(void **state) {
    (void)state;
    lb_options one = { LB_OPTIONS_INIT }, other = lb_options_init();
    assert_int_equal(one.size, sizeof one);
    assert_int_equal(other.size, sizeof other);
    assert_null(other.secret);
    assert_int_equal(other.max_response, 0);
}

static void the_version_of_library_and_header_agree(void **state) {
    (void)state;
    char parts[32];
    snprintf(parts, sizeof parts, "%d.%d.%d", LB_VERSION_NUMBER >> 16, LB_VERSION_NUMBER >> 8 & 255, LB_VERSION_NUMBER & 255);
    assert_string_equal(lb_version(), LB_VERSION);
    assert_string_equal(lb_version(), parts);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shorter_struct_is_read_as_far_as_it_goes),
        cmocka_unit_test(what_lies_after_a_shorter_struct_is_not_read),
        cmocka_unit_test(a_longer_struct_is_taken_when_its_further_fields_are_zero),
        cmocka_unit_test(a_struct_without_its_beginning_is_refused),
        cmocka_unit_test(both_beginnings_are_the_same),
        cmocka_unit_test(the_version_of_library_and_header_agree),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
