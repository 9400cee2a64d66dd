/* client_test.c - the C API with no Lua linked, against the test server in LBHOST_TEST_SERVER. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "liveblocks.h"

static lb_client *new_client(lb_loop *loop, const char *tail) {
    char url[256];
    lb_client *client;
    lb_error error;
    snprintf(url, sizeof url, "%s%s", getenv("LBHOST_TEST_SERVER"), tail);
    assert_int_equal(lb_client_create(loop, &(lb_options){ LB_OPTIONS_INIT, .secret = "sk_c", .base_url = url,
                                      .backoff = 0.01 }, &client, &error), LB_OK);
    return client;
}

static void a_blocking_call_returns_the_answer(void **state) {
    (void)state;
    lb_loop *loop;
    lb_response *response;
    lb_error error;
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    lb_client *client = new_client(loop, "");
    assert_int_equal(lb_get_rooms(client, &(lb_get_rooms_query){ .limit = 5, .query = "a b" }, &response, &error), LB_OK);
    assert_int_equal(lb_response_status(response), 200);
    assert_non_null(strstr(lb_response_body(response, NULL), "nextCursor"));
    lb_response_free(response);
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

static void a_query_out_of_range_is_refused(void **state) {
    (void)state;
    lb_loop *loop;
    lb_error error;
    lb_loop_create(&loop);
    lb_client *client = new_client(loop, "");
    assert_int_equal(lb_get_rooms(client, &(lb_get_rooms_query){ .limit = 500 }, NULL, &error), LB_EUSAGE);
    assert_non_null(strstr(error.message, "limit"));
    assert_int_equal(lb_get_room(client, "", NULL, &error), LB_EUSAGE);
    assert_int_equal(lb_get_room(client, "..", NULL, &error), LB_EUSAGE);
    static const char *const limits[] = { "", "5x", "x", "0", "101", "99999999999999999999", "1.5" };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        lb_pair query[] = { { "limit", limits[i] }, { NULL, NULL } };
        assert_int_equal(lb_endpoint_submit(client, LB_EP_get_rooms, NULL, query, NULL, NULL, NULL, NULL, NULL, &error), LB_EUSAGE);
        assert_non_null(strstr(error.message, "allowed is 1 to 100"));
    }
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

static void an_http_error_carries_code_and_body(void **state) {
    (void)state;
    lb_loop *loop;
    lb_response *response;
    lb_error error;
    lb_loop_create(&loop);
    lb_client *client = new_client(loop, "/do/status,code=404,body=%7B%22error%22%3A%22ROOM_NOT_FOUND%22%7D/c1");
    assert_int_equal(lb_get_room(client, "r", &response, &error), LB_EHTTP);
    assert_int_equal(error.status, 404);
    assert_string_equal(error.code, "ROOM_NOT_FOUND");
    assert_non_null(response);
    lb_response_free(response);
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

typedef struct count { int good, cancelled, other; } count;

static void on_done(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    count *c = user_data;
    (void)response, (void)error;
    if (status == LB_OK) c->good++;
    else if (status == LB_ECANCELLED) c->cancelled++;
    else c->other++;
}

static void submitted_calls_end_in_steps(void **state) {
    (void)state;
    lb_loop *loop;
    lb_error error;
    count c = { 0, 0, 0 };
    lb_loop_create(&loop);
    lb_client *client = new_client(loop, "");
    for (int i = 0; i < 100; i++)
        assert_int_equal(lb_submit_get_room(client, "r", on_done, &c, NULL, &error), LB_OK);
    for (int i = 0; i < 10000 && lb_loop_pending(loop); i++) lb_loop_step(loop, 10, NULL, 0);
    assert_int_equal(c.good, 100);
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

static void destroying_cancels_what_is_in_flight(void **state) {
    (void)state;
    lb_loop *loop;
    lb_error error;
    count c = { 0, 0, 0 };
    lb_request *request;
    lb_loop_create(&loop);
    lb_client *client = new_client(loop, "/do/silent/c2");
    lb_submit_get_room(client, "a", on_done, &c, &request, &error);
    for (int i = 0; i < 10; i++) lb_submit_get_room(client, "b", on_done, &c, NULL, &error);
    for (int i = 0; i < 20; i++) lb_loop_step(loop, 5, NULL, 0);
    lb_request_cancel(request);
    assert_int_equal(c.cancelled, 1);
    lb_loop_destroy(loop);
    assert_int_equal(c.cancelled, 11);
    lb_client_destroy(client);
}

static void only_regular_files_are_sent(void **state) {
    (void)state;
    lb_loop *loop;
    lb_error error;
    char fifo[] = "/tmp/lbhost-fifo-XXXXXX";
    assert_non_null(mkdtemp(fifo));
    rmdir(fifo);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    lb_loop_create(&loop);
    lb_client *client = new_client(loop, ""), *other;
    const lb_body body = { .file = fifo }, directory = { .file = "/tmp" };
    assert_int_equal(lb_send_yjs_binary_update(client, "r", NULL, &body, NULL, &error), LB_EUSAGE);
    assert_non_null(strstr(error.message, "is not a regular file"));
    assert_int_equal(lb_send_yjs_binary_update(client, "r", NULL, &directory, NULL, &error), LB_EUSAGE);
    assert_int_equal(lb_client_copy(client, &(lb_options){ LB_OPTIONS_INIT, .ca_file = fifo }, &other, &error), LB_EUSAGE);
    assert_non_null(strstr(error.message, "is not a regular file"));
    unlink(fifo);
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

static void every_row_is_sent_by_its_number(void **state) {
    (void)state;
    lb_loop *loop;
    lb_error error;
    count c = { 0, 0, 0 };
    const char *path[] = { "a", "b", "c", "d" };
    lb_loop_create(&loop);
    lb_client *client = new_client(loop, "");
    for (int id = 0; id < LB_ENDPOINT_COUNT; id++) {
        lb_pair query[] = { { "userId", "u" }, { NULL, NULL } };
        const lb_body body = { .data = "[]", .size = 2 };
        assert_int_equal(lb_endpoint_submit(client, (lb_endpoint_id)id, path, query, &body, NULL, on_done, &c, NULL,
                                            &error), LB_OK);
    }
    for (int i = 0; i < 10000 && lb_loop_pending(loop); i++) lb_loop_step(loop, 10, NULL, 0);
    assert_int_equal(c.good, LB_ENDPOINT_COUNT);
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blocking_call_returns_the_answer),
        cmocka_unit_test(a_query_out_of_range_is_refused),
        cmocka_unit_test(an_http_error_carries_code_and_body),
        cmocka_unit_test(submitted_calls_end_in_steps),
        cmocka_unit_test(destroying_cancels_what_is_in_flight),
        cmocka_unit_test(only_regular_files_are_sent),
        cmocka_unit_test(every_row_is_sent_by_its_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
