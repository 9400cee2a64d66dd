/* response_test.c - what a response gives, and its header lines however the server writes them. Wants the test server in
 * LBHOST_TEST_SERVER. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocator.h"

/* ---- Header lines ------------------------------------------------------------------------------- */

static void expect_header(const char *lines, const char *name, const char *expected) {
    size_t length = 99;
    const char *value = lb_header_find(lines, strlen(lines), name, &length);
    if (!expected) {
        assert_null(value);
        return;
    }
    assert_non_null(value);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(value, expected, length);
}

static void a_header_is_found_by_its_name_in_any_case(void **state) {
    (void)state;
    static const char lines[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-A: one\r\nx-a: two\r\nX-Empty:\r\n\r\n";
    expect_header(lines, "content-type", "application/json");
    expect_header(lines, "CONTENT-TYPE", "application/json");
    expect_header(lines, "x-A", "one"); /* of several the first */
    expect_header(lines, "X-Empty", "");
    expect_header(lines, "Content", NULL);
    expect_header(lines, "Content-Type:", NULL);
    expect_header(lines, "HTTP/1.1 200 OK", NULL);
    expect_header(lines, "", NULL);
}

static void spaces_around_a_value_do_not_belong_to_it(void **state) {
    (void)state;
    expect_header("A:x\n", "A", "x");
    expect_header("A: \t x y \t\r\n", "A", "x y");
    expect_header("A:  \r\n", "A", "");
    expect_header("A: x", "A", "x"); /* the last line may lack its end */
    expect_header("A", "A", NULL);
    expect_header("A :x\n", "A", NULL); /* no space may stand there (RFC 9112, 5.1) */
    expect_header("", "A", NULL);
    expect_header("\n\nA: x\n", "A", "x");
}

static void a_value_is_read_within_the_bytes_that_are_given(void **state) {
    (void)state;
    size_t length;
    static const char lines[] = "A: one\r\nB: two\r\n";
    assert_null(lb_header_find(lines, 8, "B", &length));
    assert_non_null(lb_header_find(lines, 12, "B", &length));
    assert_int_equal(length, 1);
    assert_null(lb_header_find(NULL, 0, "A", &length));
    assert_null(lb_header_find(lines, sizeof lines - 1, NULL, &length));
    assert_non_null(lb_header_find(lines, sizeof lines - 1, "A", NULL));
}

/* ---- Responses ---------------------------------------------------------------------------------- */

static lb_loop *loop;
static lb_client *client;

static lb_response *get(const char *scenario, int status) {
    char url[512];
    lb_response *response;
    lb_error error;
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    snprintf(url, sizeof url, "%s/do/%s", getenv("LBHOST_TEST_SERVER"), scenario);
    assert_int_equal(lb_client_create(loop, &(lb_options){ LB_OPTIONS_INIT, .secret = "sk_x", .base_url = url, .max_attempts = 2,
                                      .backoff = 0.001 }, &client, &error), LB_OK);
    assert_int_equal(lb_request_perform(client, &(lb_call){ .method = "GET", .path = "/v2/a%20b",
                     .query = (const lb_pair[]){ { "q", "1" }, { NULL, NULL } } }, &response, &error), status);
    return response;
}

static void end(void) {
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

static void it_has_body_status_headers_and_attempts(void **state) {
    (void)state;
    size_t size;
    char text[32];
    lb_response *response = get("status,code=200,times=1,body=%5B1%5D,header=X-A%3A%20some%20value/r1", LB_OK);
    assert_int_equal(lb_response_status(response), 200);
    assert_int_equal(lb_response_attempts(response), 1);
    assert_true(lb_response_seconds(response) >= 0);
    assert_string_equal(lb_response_body(response, &size), "[1]");
    assert_int_equal(size, 3);
    assert_ptr_equal(lb_response_header(response, "x-a", text, sizeof text), text);
    assert_string_equal(text, "some value");
    assert_string_equal(lb_response_header(response, "X-A", text, 5), "some"); /* cut where it does not fit */
    assert_null(lb_response_header(response, "X-B", text, sizeof text));
    assert_null(lb_response_header(response, "X-A", text, 0));
    assert_null(lb_response_header(response, "X-A", NULL, 9));
    const char *lines = lb_response_headers(response, &size);
    assert_int_equal(strlen(lines), size);
    assert_non_null(lb_header_find(lines, size, "X-A", NULL));
    lb_response_free(response);
    end();
}

static void an_empty_body_is_an_empty_string(void **state) {
    (void)state;
    size_t size = 9;
    lb_response *response = get("nocontent/r2", LB_OK);
    assert_int_equal(lb_response_status(response), 204);
    assert_string_equal(lb_response_body(response, &size), "");
    assert_int_equal(size, 0);
    lb_response_free(response);
    end();
}

static void it_counts_the_attempts_and_has_the_headers_of_the_last(void **state) {
    (void)state;
    char text[16];
    lb_response *response = get("sequence=503.200/r3", LB_OK);
    assert_int_equal(lb_response_attempts(response), 2);
    assert_int_equal(lb_response_status(response), 200);
    assert_non_null(lb_response_header(response, "content-type", text, sizeof text));
    lb_response_free(response);
    end();
}

static void it_outlives_its_client_and_its_loop(void **state) {
    (void)state;
    size_t size;
    lb_response *response = get("json=%7B%7D/r4", LB_OK);
    end();
    assert_string_equal(lb_response_body(response, &size), "{}");
    assert_int_equal(lb_response_status(response), 200);
    lb_response_free(response);
}

static void an_error_of_a_response_names_its_request(void **state) {
    (void)state;
    lb_error error;
    lb_response *response = get("ok/r5", LB_OK);
    assert_int_equal(lb_response_fail(response, LB_EJSON, "not what was promised", &error), LB_EJSON);
    assert_int_equal(error.kind, LB_EJSON);
    assert_int_equal(error.status, 200);
    assert_int_equal(error.attempts, 1);
    assert_string_equal(error.method, "GET");
    assert_non_null(strstr(error.path, "/v2/a%20b"));
    assert_null(strchr(error.path, '?'));
    assert_string_equal(error.message, "not what was promised");
    assert_int_equal(lb_response_fail(response, LB_EJSON, NULL, &error), LB_EJSON);
    assert_string_equal(error.message, lb_status_name(LB_EJSON));
    assert_int_equal(lb_response_fail(response, LB_EJSON, "x", NULL), LB_EJSON);
    assert_int_equal(lb_response_fail(NULL, LB_EJSON, "x", &error), LB_EUSAGE);
    lb_response_free(response);
    end();
}

static lb_response *kept;
static int endings;

static void keep(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    (void)user_data, (void)error;
    assert_int_equal(status, LB_OK);
    if (++endings == 1) kept = lb_response_keep(response);
}

static void a_callback_may_keep_it_and_else_it_is_freed(void **state) {
    (void)state;
    char url[256];
    lb_error error;
    budget b = { .refuse = LONG_MAX };
    lb_allocator allocator = { give, take, &b };
    snprintf(url, sizeof url, "%s/do/json=%%7B%%7D/r6", getenv("LBHOST_TEST_SERVER"));
    assert_int_equal(lb_loop_create_with(&allocator, &loop), LB_OK);
    assert_int_equal(lb_client_create(loop, &(lb_options){ LB_OPTIONS_INIT, .secret = "sk_x", .base_url = url }, &client, &error), LB_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(lb_request_submit(client, &(lb_call){ .method = "GET", .path = "/v2/x" }, keep, NULL, NULL, &error), LB_OK);
    while (lb_loop_pending(loop)) assert_true(lb_loop_step(loop, -1, NULL, 0) >= 0);
    end();
    assert_int_equal(endings, 2);
    assert_true(b.alive > 0);
    assert_string_equal(lb_response_body(kept, NULL), "{}");
    lb_response_free(kept);
    assert_int_equal(b.alive, 0);
    assert_null(lb_response_keep(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_found_by_its_name_in_any_case),
        cmocka_unit_test(spaces_around_a_value_do_not_belong_to_it),
        cmocka_unit_test(a_value_is_read_within_the_bytes_that_are_given),
        cmocka_unit_test(it_has_body_status_headers_and_attempts),
        cmocka_unit_test(an_empty_body_is_an_empty_string),
        cmocka_unit_test(it_counts_the_attempts_and_has_the_headers_of_the_last),
        cmocka_unit_test(it_outlives_its_client_and_its_loop),
        cmocka_unit_test(an_error_of_a_response_names_its_request),
        cmocka_unit_test(a_callback_may_keep_it_and_else_it_is_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
