/* budget_test.c - lb_loop_step_for(): how many units of work fit into the time that is given, on a clock that each unit moves
 * by a millisecond. Uses the test server in LBHOST_TEST_SERVER. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "liveblocks.h"

enum { UNITS = 10, BUDGET = 2500, FIT = 3 /* milliseconds that begin within it */ };

static struct timespec clock_now = { .tv_sec = 1000 };

int clock_gettime(clockid_t id, struct timespec *now) { /* timed: the clock that the tests move */
    (void)id;
    *now = clock_now;
    return 0;
}

static void work(void) {
    clock_now.tv_nsec += 1000000;
    if (clock_now.tv_nsec < 1000000000) return;
    clock_now.tv_nsec -= 1000000000;
    clock_now.tv_sec++;
}

static int sockets; /* a connection is a unit of work */

int socket(int family, int type, int protocol) {
    if (family == AF_INET && (type & 15) == SOCK_STREAM) {
        sockets++;
        work();
    }
    return (int)syscall(SYS_socket, family, type, protocol);
}

static int received; /* and so is a piece of a response, as far as they are counted */
static bool counting;

ssize_t recv(int fd, void *bytes, size_t size, int flags) {
    ssize_t got = (ssize_t)syscall(SYS_recvfrom, fd, bytes, size, flags, NULL, NULL);
    if (counting && got > 0) {
        received++;
        work();
    }
    return got;
}

static lb_loop *new_loop(void) {
    lb_loop *loop;
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    return loop;
}

/* One step; how much of what *count counts it has done. */
static int step(lb_loop *loop, unsigned microseconds, const int *count) {
    int before = *count;
    assert_true(lb_loop_step_for(loop, microseconds) >= 0);
    return *count - before;
}

/* ---- Timers ----------------------------------------------------------------------------------- */

static void on_timer(void *user_data) {
    ++*(int *)user_data;
    work();
}

static void timers_that_do_not_fit_are_due_at_once(void **state) {
    (void)state;
    lb_loop *loop = new_loop();
    int called = 0;
    for (int i = 0; i < UNITS; i++) assert_int_equal(lb_timer_start(loop, 0, on_timer, &called, NULL), LB_OK);
    assert_int_equal(step(loop, BUDGET, &called), FIT);
    assert_int_equal(lb_loop_timeout(loop), 0);
    assert_int_equal(step(loop, 0, &called), 1);
    assert_int_equal(step(loop, BUDGET, &called), FIT);
    assert_int_equal(step(loop, 60000000, &called), UNITS - 2 * FIT - 1);
    assert_int_equal(lb_loop_timeout(loop), -1);
    lb_loop_destroy(loop);
}

/* ---- Descriptors ------------------------------------------------------------------------------ */

typedef struct pipe_end {
    int fds[2], turns;
    bool empties;
    int *total;
    lb_watch *watch;
} pipe_end;

static void on_ready(void *user_data, short revents) {
    pipe_end *p = user_data;
    char byte;
    (void)revents;
    if (p->empties) assert_int_equal(read(p->fds[0], &byte, 1), 1);
    p->turns++;
    ++*p->total;
    work();
}

static void open_pipes(lb_loop *loop, pipe_end *ends, bool emptied, int *total) {
    for (int i = 0; i < UNITS; i++) {
        ends[i] = (pipe_end){ .empties = emptied, .total = total };
        assert_int_equal(pipe(ends[i].fds), 0);
        assert_int_equal(write(ends[i].fds[1], "x", 1), 1);
        assert_int_equal(lb_watch_start(loop, ends[i].fds[0], LB_POLLIN, true, on_ready, &ends[i], &ends[i].watch), LB_OK);
    }
}

static void close_pipes(lb_loop *loop, pipe_end *ends) {
    for (int i = 0; i < UNITS; i++) {
        lb_watch_stop(loop, ends[i].watch);
        close(ends[i].fds[0]);
        close(ends[i].fds[1]);
    }
}

static void descriptors_that_do_not_fit_are_due_at_once(void **state) {
    (void)state;
    lb_loop *loop = new_loop();
    pipe_end ends[UNITS];
    int handled = 0;
    open_pipes(loop, ends, true, &handled);
    assert_int_equal(step(loop, BUDGET, &handled), FIT);
    assert_int_equal(lb_loop_timeout(loop), 0);
    assert_int_equal(step(loop, 0, &handled), 1);
    assert_int_equal(step(loop, 60000000, &handled), UNITS - FIT - 1);
    assert_int_equal(lb_loop_timeout(loop), -1);
    for (int i = 0; i < UNITS; i++) assert_int_equal(ends[i].turns, 1);
    close_pipes(loop, ends);
    lb_loop_destroy(loop);
}

static void descriptors_that_stay_ready_take_turns(void **state) {
    (void)state;
    lb_loop *loop = new_loop();
    pipe_end ends[UNITS];
    int handled = 0;
    open_pipes(loop, ends, false, &handled);
    for (int i = 0; i < UNITS; i++) assert_int_equal(step(loop, BUDGET, &handled), FIT);
    for (int i = 0; i < UNITS; i++) assert_in_range(ends[i].turns, FIT - 1, FIT + 1);
    handled = 0;
    assert_int_equal(step(loop, 60000000, &handled), UNITS); /* and have one in a step that has time for all */
    close_pipes(loop, ends);
    lb_loop_destroy(loop);
}

/* ---- Transfers -------------------------------------------------------------------------------- */

static int answered;
static size_t body_size, most_body;

static void on_done(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    (void)user_data, (void)error;
    if (status == LB_ECANCELLED) return;
    if (most_body) assert_string_equal(error->message, "the response is larger than max_response allows");
    else assert_int_equal(status, LB_OK);
    answered++;
    lb_response_body(response, &body_size);
    work();
}

static lb_client *submit_all(lb_loop *loop, const char *tail) {
    char url[256];
    lb_client *client;
    lb_error error;
    snprintf(url, sizeof url, "%s%s", getenv("LBHOST_TEST_SERVER"), tail);
    answered = sockets = received = 0;
    lb_options options = lb_options_init();
    options.secret = "sk_budget";
    options.base_url = url;
    options.max_response = most_body;
    if (lb_client_create(loop, &options, &client, &error) != LB_OK) fail_msg("%s", error.message);
    for (int i = 0; i < UNITS; i++) assert_int_equal(lb_submit_get_rooms(client, NULL, on_done, NULL, NULL, &error), LB_OK);
    return client;
}

static void connections_that_do_not_fit_wait_for_the_next_step(void **state) {
    (void)state;
    lb_loop *loop = new_loop();
    lb_client *client = submit_all(loop, "/do/silent/budget");
    assert_int_equal(sockets, 0);
    assert_int_equal(step(loop, BUDGET, &sockets), FIT);
    assert_int_equal(lb_loop_timeout(loop), 0);
    assert_int_equal(step(loop, 0, &sockets), 1);
    assert_int_equal(step(loop, BUDGET, &sockets), FIT);
    lb_client_destroy(client); /* also what has not begun */
    assert_int_equal(lb_loop_pending(loop), 0);
    lb_loop_destroy(loop);
}

static void a_step_without_a_budget_connects_all(void **state) {
    (void)state;
    lb_loop *loop = new_loop();
    lb_client *client = submit_all(loop, "/do/silent/budget");
    assert_int_equal(lb_loop_step(loop, 0, NULL, 0) >= 0, true);
    assert_int_equal(sockets, UNITS);
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

static void responses_that_do_not_fit_are_taken_in_the_next_step(void **state) {
    (void)state;
    static const struct { unsigned microseconds; int fit; } budgets[] = { { 0, 1 }, { BUDGET, FIT } };
    for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
        lb_loop *loop = new_loop();
        lb_client *client = submit_all(loop, "");
        assert_true(lb_loop_step(loop, 0, NULL, 0) >= 0); /* all have a connection */
        for (int steps = 0; answered < UNITS && steps < 100000; steps++) {
            if (lb_loop_timeout(loop) != 0) usleep(20000); /* the server's turn */
            assert_in_range(step(loop, budgets[i].microseconds, &answered), 0, budgets[i].fit);
        }
        assert_int_equal(answered, UNITS);
        lb_client_destroy(client);
        lb_loop_destroy(loop);
    }
}

static void a_large_response_that_does_not_fit_is_read_on_in_the_next_step(void **state) {
    (void)state;
    enum { FIRST = 5 /* pieces of 8,000 bytes that a step may read, whatever time it is: 32 KiB */ };
    static const unsigned budgets[] = { 0, BUDGET };
    for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
        lb_loop *loop = new_loop();
        lb_client *client = submit_all(loop, "/do/big=500000/budget");
        assert_true(lb_loop_step(loop, 0, NULL, 0) >= 0);
        counting = true;
        for (int steps = 0; answered < UNITS && steps < 100000; steps++) {
            if (lb_loop_timeout(loop) != 0) usleep(1000); /* the server's turn */
            assert_in_range(step(loop, budgets[i], &received), 0, FIT + FIRST + UNITS); /* the last one of each stays with libcurl */
        }
        counting = false;
        assert_int_equal(answered, UNITS);
        assert_in_range(body_size, 500000, 510000);
        lb_client_destroy(client);
        lb_loop_destroy(loop);
    }
}

static void a_response_that_is_read_on_may_be_too_large(void **state) {
    (void)state;
    lb_loop *loop = new_loop();
    most_body = 1000000;
    lb_client *client = submit_all(loop, "/do/gzip-bomb=20000000/budget");
    for (int steps = 0; answered < UNITS && steps < 100000; steps++) {
        if (lb_loop_timeout(loop) != 0) usleep(1000);
        step(loop, 0, &answered);
    }
    most_body = 0;
    assert_int_equal(answered, UNITS);
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

static void a_response_that_waits_to_be_read_on_can_be_cancelled(void **state) {
    (void)state;
    lb_loop *loop = new_loop();
    lb_client *client = submit_all(loop, "/do/big=1000000/budget");
    assert_true(lb_loop_step(loop, 0, NULL, 0) >= 0);
    counting = true;
    for (int steps = 0; received < 10 * UNITS && steps < 100000; steps++) {
        if (lb_loop_timeout(loop) != 0) usleep(1000);
        step(loop, 0, &received);
    }
    counting = false;
    assert_int_equal(lb_loop_timeout(loop), 0);
    lb_client_destroy(client);
    assert_int_equal(lb_loop_pending(loop), 0);
    lb_loop_destroy(loop);
}

static void a_loop_that_is_in_a_step_takes_no_other(void *user_data) {
    assert_int_equal(lb_loop_step_for(user_data, 1000), LB_EUSAGE);
    answered++;
}

static void a_step_inside_of_a_step_is_refused(void **state) {
    (void)state;
    lb_loop *loop = new_loop();
    answered = 0;
    assert_int_equal(lb_timer_start(loop, 0, a_loop_that_is_in_a_step_takes_no_other, loop, NULL), LB_OK);
    assert_int_equal(step(loop, BUDGET, &answered), 1);
    assert_int_equal(lb_loop_step(loop, 0, NULL, 0), 0); /* the budget of the one before has ended with it */
    lb_loop_destroy(loop);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_that_do_not_fit_are_due_at_once),
        cmocka_unit_test(descriptors_that_do_not_fit_are_due_at_once),
        cmocka_unit_test(descriptors_that_stay_ready_take_turns),
        cmocka_unit_test(connections_that_do_not_fit_wait_for_the_next_step),
        cmocka_unit_test(a_step_without_a_budget_connects_all),
        cmocka_unit_test(responses_that_do_not_fit_are_taken_in_the_next_step),
        cmocka_unit_test(a_large_response_that_does_not_fit_is_read_on_in_the_next_step),
        cmocka_unit_test(a_response_that_is_read_on_may_be_too_large),
        cmocka_unit_test(a_response_that_waits_to_be_read_on_can_be_cancelled),
        cmocka_unit_test(a_step_inside_of_a_step_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
