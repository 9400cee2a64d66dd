/* loop_test.c - timers, descriptors, and what callbacks may do, against the test server in LBHOST_TEST_SERVER. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "liveblocks.h"

static lb_client *new_client(lb_loop *loop, const char *tail, lb_options options) {
    char url[256];
    lb_client *client;
    lb_error error;
    snprintf(url, sizeof url, "%s%s", getenv("LBHOST_TEST_SERVER"), tail);
    options.size = sizeof options;
    options.secret = "sk_loop";
    options.base_url = url;
    options.backoff = 0.01;
    if (lb_client_create(loop, &options, &client, &error) != LB_OK) fail_msg("%s", error.message);
    return client;
}

static lb_loop *new_loop(void) {
    lb_loop *loop;
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    return loop;
}

static void finish(lb_loop *loop) {
    for (int i = 0; i < 10000 && lb_loop_pending(loop); i++) assert_true(lb_loop_step(loop, 10, NULL, 0) >= 0);
    assert_int_equal(lb_loop_pending(loop), 0);
}

/* ---- Timers ----------------------------------------------------------------------------------- */

static char order[64];
static lb_loop *timer_loop;
static lb_timer *last_timer;

static void note_a(void *mark) { strcat(order, mark); }

static void note_and_cancel(void *mark) {
    strcat(order, mark);
    lb_timer_cancel(timer_loop, last_timer);
}

static void timers_fire_in_their_order_and_cancelled_ones_do_not(void **state) {
    (void)state;
    lb_loop *loop = timer_loop = new_loop();
    lb_timer *dropped;
    order[0] = '\0';
    double start = lb_loop_now(loop);
    assert_int_equal(lb_timer_start(loop, 0.03, note_a, "c", NULL), LB_OK);
    assert_int_equal(lb_timer_start(loop, 0.01, note_a, "a", NULL), LB_OK);
    assert_int_equal(lb_timer_start(loop, 0.015, note_a, "x", &dropped), LB_OK);
    assert_int_equal(lb_timer_start(loop, 0.02, note_and_cancel, "b", NULL), LB_OK);
    assert_int_equal(lb_timer_start(loop, 60, note_a, "y", &last_timer), LB_OK);
    assert_int_equal(lb_loop_pending(loop), 5);
    lb_timer_cancel(loop, dropped);
    assert_true(lb_loop_timeout(loop) <= 11);
    finish(loop);
    assert_string_equal(order, "abc");
    assert_true(lb_loop_now(loop) - start >= 0.03);
    assert_int_equal(lb_loop_timeout(loop), -1);
    lb_timer_start(loop, 60, note_a, "z", NULL);
    lb_loop_destroy(loop); /* drops it */
    assert_string_equal(order, "abc");
}

static void many_timers_keep_their_order(void **state) {
    (void)state;
    lb_loop *loop = new_loop();
    lb_timer *timers[500];
    char marks[500];
    order[0] = '\0';
    for (int i = 0; i < 500; i++) {
        marks[i] = '\0';
        assert_int_equal(lb_timer_start(loop, 30 + (i * 7919) % 500, note_a, &marks[i], &timers[i]), LB_OK);
    }
    for (int i = 0; i < 500; i += 2) lb_timer_cancel(loop, timers[i]);
    assert_int_equal(lb_loop_pending(loop), 250);
    for (int i = 1; i < 500; i += 2) lb_timer_cancel(loop, timers[i]);
    assert_int_equal(lb_loop_pending(loop), 0);
    lb_loop_destroy(loop);
}

/* ---- Descriptors of the caller's --------------------------------------------------------------- */

static void a_step_waits_for_descriptors_of_the_caller_too(void **state) {
    (void)state;
    lb_loop *loop = new_loop();
    lb_pollfd fds[40];
    int pipes[40][2];
    for (int i = 0; i < 40; i++) {
        assert_int_equal(pipe(pipes[i]), 0);
        fds[i] = (lb_pollfd){ .fd = pipes[i][0], .events = LB_POLLIN, .revents = 99 };
    }
    assert_int_equal(lb_loop_step(loop, 0, fds, 40), 0);
    assert_int_equal(fds[39].revents, 0);
    assert_int_equal(write(pipes[7][1], "x", 1), 1);
    assert_int_equal(write(pipes[31][1], "x", 1), 1);
    assert_int_equal(lb_loop_step(loop, -1, fds, 40), 2);
    for (int i = 0; i < 40; i++) assert_int_equal(fds[i].revents, i == 7 || i == 31 ? LB_POLLIN : 0);
    fds[0] = (lb_pollfd){ .fd = pipes[0][1], .events = LB_POLLOUT };
    assert_int_equal(lb_loop_step(loop, -1, fds, 1), 1);
    assert_int_equal(fds[0].revents, LB_POLLOUT);
    for (int i = 0; i < 40; i++) {
        close(pipes[i][0]);
        close(pipes[i][1]);
    }
    lb_loop_destroy(loop);
}

static void on_done(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    (void)response, (void)error;
    *(int *)user_data = status == LB_OK ? 1 : -1;
}

static void a_poll_set_of_the_callers_own_can_drive_the_loop(void **state) {
    (void)state;
    lb_loop *loop = new_loop();
    lb_client *client = new_client(loop, "/do/slow=50/own", (lb_options){ 0 });
    int done = 0, waits = 0;
    assert_int_equal(lb_submit_get_rooms(client, NULL, on_done, &done, NULL, NULL), LB_OK);
    for (; !done && waits < 1000; waits++) {
        struct pollfd set = { .fd = lb_loop_fd(loop), .events = POLLIN };
        int timeout = lb_loop_timeout(loop);
        poll(&set, 1, timeout < 0 || timeout > 1000 ? 1000 : timeout);
        assert_true(lb_loop_step(loop, 0, NULL, 0) >= 0);
    }
    assert_int_equal(done, 1);
    assert_true(waits < 100); /* it waited, and did not spin */
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

/* ---- What callbacks may do --------------------------------------------------------------------- */

typedef struct chain {
    lb_client *client, *other;
    lb_request *victim;
    int left, ended, refused, cancelled;
    lb_response *kept;
} chain;

static void on_chain(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    chain *c = user_data;
    (void)error;
    c->ended += status == LB_OK;
    c->cancelled += status == LB_ECANCELLED;
    if (c->left-- > 0) assert_int_equal(lb_submit_get_room(c->client, "next", on_chain, c, NULL, NULL), LB_OK);
    if (c->left == 0 && response) c->kept = lb_response_keep(response);
}

static void a_callback_may_submit_the_next_call_and_keep_its_reply(void **state) {
    (void)state;
    lb_loop *loop = new_loop();
    chain c = { .client = new_client(loop, "", (lb_options){ 0 }), .left = 20 };
    lb_submit_get_room(c.client, "first", on_chain, &c, NULL, NULL);
    finish(loop);
    assert_int_equal(c.ended, 21);
    lb_client_destroy(c.client);
    lb_loop_destroy(loop);
    assert_non_null(c.kept); /* outlives client and loop */
    assert_int_equal(lb_response_status(c.kept), 200);
    assert_true(strlen(lb_response_body(c.kept, NULL)) > 0);
    lb_response_free(c.kept);
}

static void on_blocking(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    chain *c = user_data;
    lb_error refusal;
    (void)status, (void)response, (void)error;
    c->ended++;
    assert_int_equal(lb_loop_step(lb_client_loop(c->client), 0, NULL, 0), LB_EUSAGE);
    if (lb_get_room(c->client, "inside", NULL, &refusal) == LB_EUSAGE) c->refused++;
    assert_non_null(strstr(refusal.message, "inside a callback"));
    assert_int_equal(refusal.attempts, 0); /* nothing was sent */
    if (lb_request_perform(c->client, &(lb_call){ .method = "GET", .path = "/v2/x" }, NULL, &refusal) == LB_EUSAGE) c->refused++;
    assert_int_equal(refusal.attempts, 0);
    assert_int_equal(lb_loop_pending(lb_client_loop(c->client)), 0);
}

static void a_callback_must_not_wait_and_gets_an_error(void **state) {
    (void)state;
    lb_loop *loop = new_loop();
    chain c = { .client = new_client(loop, "", (lb_options){ 0 }) };
    lb_submit_get_room(c.client, "first", on_blocking, &c, NULL, NULL);
    finish(loop);
    assert_int_equal(c.refused, 2);
    assert_int_equal(lb_get_room(c.client, "after", NULL, NULL), LB_OK);
    lb_client_destroy(c.client);
    lb_loop_destroy(loop);
}

static void on_destroying(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    chain *c = user_data;
    (void)error;
    if (status == LB_ECANCELLED) {
        c->cancelled++;
        return;
    }
    c->ended++;
    if (c->victim) lb_request_cancel(c->victim);
    c->victim = NULL;
    if (c->other) lb_client_destroy(c->other);
    c->other = NULL;
    if (c->client) lb_client_destroy(c->client);
    c->client = NULL;
    assert_true(lb_response_status(response) == 200); /* still lives until this returns */
}

static void a_callback_may_cancel_others_and_destroy_clients(void **state) {
    (void)state;
    lb_loop *loop = new_loop();
    chain c = { .client = new_client(loop, "", (lb_options){ 0 }) };
    c.other = new_client(loop, "/do/silent/other", (lb_options){ .max_in_flight = 2 });
    lb_client *third = new_client(loop, "/do/silent/third", (lb_options){ 0 });
    for (int i = 0; i < 5; i++) lb_submit_get_room(c.other, "o", on_destroying, &c, NULL, NULL);
    lb_submit_get_room(third, "t", on_destroying, &c, &c.victim, NULL);
    for (int i = 0; i < 5; i++) lb_loop_step(loop, 2, NULL, 0);
    lb_submit_get_room(c.client, "first", on_destroying, &c, NULL, NULL);
    finish(loop);
    assert_int_equal(c.ended, 1);
    assert_int_equal(c.cancelled, 6);
    assert_null(c.client);
    lb_client_destroy(third);
    lb_loop_destroy(loop);
}

static void on_end_submit_again(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    chain *c = user_data;
    (void)response, (void)error;
    c->cancelled += status == LB_ECANCELLED;
    lb_error refusal;
    assert_int_equal(lb_submit_get_room(c->client, "again", on_end_submit_again, c, NULL, &refusal), LB_EUSAGE);
    assert_non_null(strstr(refusal.message, "is being closed"));
    c->refused++;
}

static void a_client_that_is_being_destroyed_takes_no_call(void **state) {
    (void)state;
    lb_loop *loop = new_loop();
    chain c = { .client = new_client(loop, "/do/silent/again", (lb_options){ .max_in_flight = 2 }) };
    for (int i = 0; i < 5; i++) lb_submit_get_room(c.client, "r", on_end_submit_again, &c, NULL, NULL);
    lb_loop_step(loop, 1, NULL, 0);
    lb_client_destroy(c.client);
    assert_int_equal(c.cancelled, 5);
    assert_int_equal(c.refused, 5);
    lb_loop_destroy(loop);
}

static void a_callback_of_a_dying_loop_may_destroy_its_client(void **state) {
    (void)state;
    lb_loop *loop = new_loop();
    chain c = { .client = NULL };
    lb_client *client = new_client(loop, "/do/silent/dying", (lb_options){ 0 });
    for (int i = 0; i < 3; i++) lb_submit_get_room(client, "d", on_destroying, &c, NULL, NULL);
    lb_loop_step(loop, 1, NULL, 0);
    lb_loop_destroy(loop);
    assert_int_equal(c.cancelled, 3);
    lb_error error;
    assert_int_equal(lb_get_room(client, "closed", NULL, &error), LB_EUSAGE);
    assert_non_null(strstr(error.message, "closed"));
    lb_client_destroy(client);
}

/* ---- Several clients --------------------------------------------------------------------------- */

static void a_handful_of_clients_share_a_loop(void **state) {
    (void)state;
    static const char *const tails[] = { "", "/do/slow=20/s1", "/do/chunked/s2", "/pre/fix", "/do/gzip/s3" };
    lb_loop *loop = new_loop();
    lb_client *clients[5], *copies[5];
    int done[5][20];
    memset(done, 0, sizeof done);
    for (int i = 0; i < 5; i++) {
        clients[i] = new_client(loop, tails[i], (lb_options){ .max_in_flight = (unsigned)(i + 1) });
        assert_int_equal(lb_client_copy(clients[i], &(lb_options){ LB_OPTIONS_INIT, .timeout = 5 }, &copies[i], NULL), LB_OK);
        assert_string_equal(lb_client_base_url(copies[i]), lb_client_base_url(clients[i]));
        assert_ptr_equal(lb_client_loop(copies[i]), loop);
    }
    for (int n = 0; n < 20; n++)
        for (int i = 0; i < 5; i++)
            assert_int_equal(lb_submit_get_room(n % 2 ? clients[i] : copies[i], "r", on_done, &done[i][n], NULL, NULL), LB_OK);
    assert_int_equal(lb_loop_pending(loop), 100);
    finish(loop);
    for (int i = 0; i < 5; i++) {
        for (int n = 0; n < 20; n++) assert_int_equal(done[i][n], 1);
        lb_client_destroy(clients[i]);
    }
    assert_int_equal(lb_get_room(copies[0], "r", NULL, NULL), LB_OK); /* does not need the one it was made from */
    for (int i = 0; i < 5; i++) lb_client_destroy(copies[i]);
    lb_loop_destroy(loop);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_in_their_order_and_cancelled_ones_do_not),
        cmocka_unit_test(many_timers_keep_their_order),
        cmocka_unit_test(a_step_waits_for_descriptors_of_the_caller_too),
        cmocka_unit_test(a_poll_set_of_the_callers_own_can_drive_the_loop),
        cmocka_unit_test(a_callback_may_submit_the_next_call_and_keep_its_reply),
        cmocka_unit_test(a_callback_must_not_wait_and_gets_an_error),
        cmocka_unit_test(a_callback_may_cancel_others_and_destroy_clients),
        cmocka_unit_test(a_client_that_is_being_destroyed_takes_no_call),
        cmocka_unit_test(a_callback_of_a_dying_loop_may_destroy_its_client),
        cmocka_unit_test(a_handful_of_clients_share_a_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
