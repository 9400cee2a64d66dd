/* memory_test.c - an allocator of the caller's own: everything goes through it, and it may refuse at any time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocator.h"
#include "descriptors.h"

static int done_calls, good_calls, memory_calls;

static void on_done(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    (void)user_data;
    done_calls++;
    if (status == LB_OK) {
        good_calls++;
        assert_non_null(lb_response_body(response, NULL));
        assert_null(error);
    } else {
        assert_int_equal(status, LB_ENOMEM);
        assert_non_null(error);
        memory_calls++;
    }
}

/* An e-mail, to a port at which nobody listens. */
static void on_mail(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    (void)user_data;
    assert_null(response);
    assert_non_null(error);
    assert_true(status == LB_ENETWORK || status == LB_ENOMEM);
    done_calls++;
}

static int submit_mail(lb_client *client) {
    lb_error error;
    lb_mail mail = { .from = "a@b.example", .recipients = (const char *const[]){ "c@d.example", "e@f.example", NULL },
        .user = "u", .password = "p" };
    lb_call call = { .method = "MAIL", .url = "smtp://127.0.0.1:1", .body = LB_TEXT("Subject: x\r\n\r\nx\r\n"),
        .mail = &mail, .max_attempts = 1 };
    return lb_request_submit(client, &call, on_mail, NULL, NULL, &error);
}

static bool submit_some(lb_client *client) {
    static const lb_pair headers[] = { { "X-A", "b" }, { NULL, NULL } };
    static const lb_pair colors[] = { { "color", "blue" }, { NULL, NULL } };
    int submitted = 0;
    lb_error error;
    const int statuses[] = {
        lb_submit_get_room(client, "a room/\xc3\xa9", on_done, NULL, NULL, &error),
        lb_submit_get_rooms(client, &(lb_get_rooms_query){ .limit = 3, .metadata = colors }, on_done, NULL, NULL, &error),
        lb_submit_create_room(client, NULL, LB_TEXT("{\"id\":\"r\"}"), on_done, NULL, NULL, &error),
        lb_submit_send_yjs_binary_update(client, "r", NULL, LB_FILE("tests/data/endpoints.json"), on_done, NULL, NULL, &error),
        lb_request_submit(client, &(lb_call){ .method = "GET", .path = "/v2/x", .headers = headers }, on_done, NULL, NULL, &error),
        submit_mail(client),
    };
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        assert_true(statuses[i] == LB_OK || statuses[i] == LB_ENOMEM);
        submitted += statuses[i] == LB_OK;
    }
    for (int i = 0; i < 2000 && lb_loop_pending(lb_client_loop(client)); i++)
        lb_loop_step(lb_client_loop(client), 10, NULL, 0);
    assert_int_equal(done_calls, submitted); /* each was called at its end, once */
    return submitted == 6 && good_calls == 5;
}

/* One run from the loop to its end; true when nothing was refused. */
static bool run(budget *b) {
    char url[256];
    lb_loop *loop = NULL;
    lb_client *client = NULL, *copy = NULL;
    lb_error error;
    const lb_allocator allocator = { give, take, b };
    bool good = false;
    done_calls = good_calls = memory_calls = 0;
    snprintf(url, sizeof url, "%s/pre/fix/", getenv("LBHOST_TEST_SERVER"));
    if (lb_loop_create_with(&allocator, &loop) != LB_OK) {
        assert_null(loop);
        return false;
    }
    lb_options options = { LB_OPTIONS_INIT, .secret = "sk_m", .base_url = url, .ca_file = "/x", .timeout = 20 };
    int status = lb_client_create(loop, &options, &client, &error);
    if (status == LB_OK) status = lb_client_copy(client, &(lb_options){ LB_OPTIONS_INIT, .rate = 1e6 }, &copy, &error);
    if (status == LB_OK) good = submit_some(copy);
    else assert_int_equal(status, LB_ENOMEM);
    lb_client_destroy(copy);
    lb_client_destroy(client);
    lb_loop_destroy(loop);
    return good;
}

static void everything_goes_through_the_allocator_and_comes_back(void **state) {
    (void)state;
    budget b = { .refuse = 1 << 30 };
    assert_true(run(&b));
    assert_true(b.asked > 50);
    assert_int_equal(b.alive, 0);
}

/* Refuses each allocation in turn, once and then for good. */
static void walk(int lasts) {
    int descriptors = open_descriptors();
    for (long n = 1; n < 2000; n++) {
        budget b = { .refuse = n, .lasts = lasts };
        bool good = run(&b);
        assert_int_equal(open_descriptors(), descriptors);
        if (b.alive != 0) fail_msg("%ld blocks are lost when allocation %ld is refused", b.alive, n);
        if (good && b.lasts == lasts) return; /* it never came so far */
    }
    fail_msg("no end");
}

static void one_refused_allocation_is_reported_and_nothing_is_lost(void **state) {
    (void)state;
    walk(1);
}

static void two_refused_allocations_are_reported_and_nothing_is_lost(void **state) {
    (void)state;
    walk(2);
}

static void no_memory_from_some_point_on_is_reported_and_nothing_is_lost(void **state) {
    (void)state;
    walk(1 << 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_goes_through_the_allocator_and_comes_back),
        cmocka_unit_test(one_refused_allocation_is_reported_and_nothing_is_lost),
        cmocka_unit_test(two_refused_allocations_are_reported_and_nothing_is_lost),
        cmocka_unit_test(no_memory_from_some_point_on_is_reported_and_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
