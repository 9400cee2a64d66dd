/* threads_test.c - four threads, each with a loop and clients of its own. Built with the sanitizer for threads it says whether
 * they share what is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>

#include "liveblocks.h"

enum { THREADS = 4, ROUNDS = 4, CALLS = 50 };

static void on_done(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    (void)error;
    (void)response;
    *(int *)user_data += status == LB_OK;
}

static void on_failed(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    char text[256];
    (void)user_data;
    (void)response;
    if (status != LB_OK) lb_error_text(error, text, sizeof text);
}

static void *work(void *argument) {
    int *good = argument;
    for (int round = 0; round < ROUNDS; round++) {
        lb_loop *loop;
        lb_client *client;
        lb_error error;
        lb_options options = { LB_OPTIONS_INIT, .secret = "sk_t", .base_url = getenv("LBHOST_TEST_SERVER") };
        if (lb_loop_create(&loop) != LB_OK || lb_client_create(loop, &options, &client, &error) != LB_OK) return NULL;
        for (int i = 0; i < CALLS; i++) lb_submit_get_room(client, "r", on_done, good, NULL, &error);
        lb_call refused = { .method = "GET", .url = "http://127.0.0.1:1/", .max_attempts = 1 };
        lb_request_submit(client, &refused, on_failed, NULL, NULL, &error);
        while (lb_loop_pending(loop)) lb_loop_step(loop, 10, NULL, 0);
        lb_client_destroy(client);
        lb_loop_destroy(loop);
    }
    return NULL;
}

static void loops_in_four_threads_share_nothing(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    int good[THREADS] = { 0 };
    assert_int_equal(curl_global_init(CURL_GLOBAL_DEFAULT), 0);
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, work, &good[i]), 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++) assert_int_equal(good[i], ROUNDS * CALLS);
    curl_global_cleanup();
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(loops_in_four_threads_share_nothing) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
