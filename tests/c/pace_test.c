/* pace_test.c - how fast, how many at once, and how long until the next attempt, on a clock that the tests move. The last
 * ones want the test server in LBHOST_TEST_SERVER. */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/internal.h"

static struct timespec clock_now = { .tv_sec = 1000 };

int clock_gettime(clockid_t id, struct timespec *now) { /* timed: the clock that the tests move */
    (void)id;
    *now = clock_now;
    return 0;
}

static void advance(double seconds) {
    long ns = clock_now.tv_nsec + (long)(seconds * 1e9);
    clock_now.tv_sec += ns / 1000000000;
    clock_now.tv_nsec = ns % 1000000000;
}

/* ---- What waits for its turn -------------------------------------------------------------------- */

enum { ITEMS = 1000 };
static lb_loop *loop;
static lb_pace *pace, *part;
static lb_paced items[ITEMS];
static int started, last_started;

static void start(void *owner) {
    started++;
    last_started = (int)((lb_paced *)owner - items);
}

static void add(lb_pace *to, int first, int count) {
    for (int i = first; i < first + count; i++) {
        items[i].owner = &items[i];
        lb_pace_add(to, &items[i], false);
    }
}

static void empty_queue(double rate, unsigned max_in_flight) {
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    assert_non_null(pace = lb_pace_create(loop, NULL, max_in_flight, rate, start));
    started = 0;
}

static void queue(double rate, unsigned max_in_flight) {
    empty_queue(rate, max_in_flight);
    add(pace, 0, ITEMS);
}

/* How many start now. Those that have started have not ended. */
static int turn(void) {
    int before = started;
    loop->started = 0;
    lb_pace_dispatch(pace);
    return started - before;
}

static void close_queue(void) {
    lb_pace_release(pace);
    lb_loop_destroy(loop);
}

static void a_rate_is_kept_to_a_request(void **state) {
    (void)state;
    queue(10, ITEMS);
    assert_int_equal(turn(), 1);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(turn(), 0);
        assert_in_range(lb_loop_timeout(loop), 99, 101);
        advance(0.0999);
        assert_int_equal(turn(), 0);
        advance(0.0002);
        assert_int_equal(turn(), 1);
        assert_int_equal(last_started, i + 1);
    }
    close_queue();
}

static void what_a_late_timer_missed_is_made_up_for_within_a_fiftieth_of_a_second(void **state) {
    (void)state;
    queue(10, ITEMS);
    assert_int_equal(turn(), 1);
    advance(60);
    assert_int_equal(turn(), 1);
    close_queue();
    queue(500, ITEMS);
    assert_int_equal(turn(), 1);
    advance(60);
    assert_int_equal(turn(), 10);
    close_queue();
}

static void no_more_are_at_once_than_may_be(void **state) {
    (void)state;
    queue(0, 3);
    assert_int_equal(turn(), 3);
    assert_int_equal(turn(), 0);
    lb_pace_ended(pace);
    lb_pace_ended(pace);
    assert_int_equal(turn(), 2);
    lb_pace_drop(&items[5]);
    lb_pace_ended(pace);
    assert_int_equal(turn(), 1);
    assert_int_equal(last_started, 6);
    close_queue();
}

static void what_is_dropped_leaves_the_others_in_their_order(void **state) {
    (void)state;
    queue(0, 1);
    assert_int_equal(turn(), 1);
    for (int i = ITEMS - 1; i > 3; i--) lb_pace_drop(&items[i]); /* from the end, as a client that is destroyed */
    lb_pace_drop(&items[1]);
    lb_pace_drop(&items[2]);
    lb_pace_add(pace, &items[2], false);
    lb_pace_add(pace, &items[1], true);
    static const int order[] = { 1, 3, 2 };
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        lb_pace_ended(pace);
        assert_int_equal(turn(), 1);
        assert_int_equal(last_started, order[i]);
    }
    lb_pace_ended(pace);
    assert_int_equal(turn(), 0);
    close_queue();
}

static void a_429_stops_all_for_its_time_and_halves_how_many_are_at_once(void **state) {
    (void)state;
    queue(0, 8);
    assert_int_equal(turn(), 8);
    for (int i = 0; i < 8; i++) {
        lb_pace_ended(pace);
        lb_pace_slow_down(pace, 2); /* those of the same pause count once */
    }
    assert_int_equal(turn(), 0);
    advance(1.999);
    assert_int_equal(turn(), 0);
    assert_in_range(lb_loop_timeout(loop), 1, 2);
    advance(0.002);
    assert_int_equal(turn(), 4);
    for (int answers = 0; answers < 200; answers++) lb_pace_speed_up(pace);
    assert_int_equal(turn(), 4); /* eight again, and not more */
    close_queue();
}

static void a_pace_that_is_changed_holds_for_what_waits(void **state) {
    (void)state;
    queue(10, 4);
    assert_int_equal(turn(), 1);
    advance(0.05);
    lb_pace_set(pace, 1, 4); /* half a token has come up */
    assert_int_equal(started, 1);
    advance(0.499);
    assert_int_equal(turn(), 0);
    advance(0.002);
    assert_int_equal(turn(), 1);
    lb_pace_set(pace, 0, 3);
    assert_int_equal(started, 3); /* it starts what may start now */
    lb_pace_set(pace, 0, 10);
    assert_int_equal(started, 10);
    for (int i = 0; i < 10; i++) lb_pace_ended(pace);
    lb_pace_set(pace, 2, 10);
    advance(60);
    assert_int_equal(turn(), 1);
    close_queue();
}

/* ---- Parts -------------------------------------------------------------------------------------- */

/* A pace with a part that has limits of its own; in the queue of each are some items. */
static void queue_of_two(double rate, unsigned max_in_flight, double own_rate, unsigned own_max, int count) {
    empty_queue(rate, max_in_flight);
    assert_non_null(part = lb_pace_create(loop, pace, own_max, own_rate, NULL));
    add(part, 0, count);
    add(pace, ITEMS / 2, count);
}

static void turns(void) {
    loop->started = 0;
    lb_pace_dispatch(part);
}

static void close_two(void) {
    lb_pace_release(pace); /* whichever client is destroyed first */
    lb_pace_release(part);
    lb_loop_destroy(loop);
}

static void what_starts_in_a_part_counts_in_the_whole(void **state) {
    (void)state;
    queue_of_two(10, ITEMS, 0, 1000, 3);
    add(part, 3, 3);
    static const int order[] = { 0, 1, 2, ITEMS / 2, ITEMS / 2 + 1, ITEMS / 2 + 2, 3, 4, 5 }; /* as they came */
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        turns();
        assert_int_equal(started, i + 1);
        assert_int_equal(last_started, order[i]);
        advance(0.1001);
    }
    close_two();
    queue_of_two(0, 3, 0, 1000, 10);
    turns();
    assert_int_equal(started, 3);
    lb_pace_ended(part);
    assert_int_equal(pace->in_flight, 2);
    turns();
    assert_int_equal(started, 4);
    close_two();
}

static void a_part_keeps_its_own_rate_however_long_the_whole_lets_it_wait(void **state) {
    (void)state;
    queue_of_two(0, 1, 2, 1000, 25);
    turns();
    assert_int_equal(last_started, 0);
    advance(60);
    turns();
    assert_int_equal(started, 1);
    loop->started = 0;
    lb_pace_set(pace, 0, ITEMS);
    assert_int_equal(started, 27); /* all of the others, and one more of it */
    for (int i = 1; i <= 20; i++) {
        advance(0.49);
        turns();
        assert_int_equal(started, 26 + i);
        assert_in_range(lb_loop_timeout(loop), 8, 12);
        advance(0.0101);
        turns();
        assert_int_equal(started, 27 + i);
    }
    close_two();
}

static void a_429_of_a_part_stops_the_whole(void **state) {
    (void)state;
    queue_of_two(0, ITEMS, 0, 1000, 4);
    lb_pace_slow_down(part, 2);
    turns();
    assert_int_equal(started, 0);
    assert_true(lb_pace_paused(pace) > 1.9 && lb_pace_paused(part) > 1.9);
    advance(2.001);
    turns();
    assert_int_equal(started, 1);
    lb_pace_ended(part);
    lb_pace_speed_up(part);
    turns();
    assert_int_equal(started, 3);
    close_two();
}

static void a_part_keeps_how_many_it_may_have_in_flight(void **state) {
    (void)state;
    queue_of_two(0, 100, 0, 2, 10);
    turns();
    assert_int_equal(started, 12); /* all of the others, and two of it */
    lb_pace_ended(pace);
    turns();
    assert_int_equal(started, 12);
    lb_pace_ended(part);
    turns();
    assert_int_equal(started, 13);
    lb_pace_set(part, 0, 5);
    assert_int_equal(started, 16);
    assert_int_equal(last_started, 5);
    close_two();
}

static void a_lower_limit_of_a_part_holds_for_what_waits_in_the_whole(void **state) {
    (void)state;
    queue_of_two(0, 2, 0, 2, 1);
    lb_pace *inner = lb_pace_create(loop, part, 2, 0, NULL);
    assert_non_null(inner);
    turns(); /* one of the part, and one of the others */
    assert_int_equal(started, 2);
    add(inner, 1, 2);
    lb_pace_dispatch(inner); /* it may be the second of the part, and waits for a turn in the whole */
    assert_int_equal(started, 2);
    lb_pace_set(part, 0, 1);
    lb_pace_ended(pace);
    assert_int_equal(turn(), 0);
    assert_int_equal(part->in_flight, 1);
    add(pace, ITEMS / 2 + 1, 1);
    assert_int_equal(turn(), 1); /* the part keeps the others from nothing */
    assert_int_equal(last_started, ITEMS / 2 + 1);
    for (int i = 1; i <= 2; i++) {
        lb_pace_ended(i == 1 ? part : inner);
        lb_pace_dispatch(i == 1 ? part : inner);
        assert_int_equal(last_started, i);
        assert_int_equal(part->in_flight, 1);
    }
    lb_pace_release(inner);
    close_two();
}

static void what_is_dropped_makes_room_for_the_next_of_its_part(void **state) {
    (void)state;
    queue_of_two(0, 1, 0, 1, 10);
    lb_pace *inner = lb_pace_create(loop, part, 4, 0, NULL);
    assert_non_null(inner);
    assert_int_equal(turn(), 1); /* one of the others; from now on all wait */
    add(inner, 20, 3);
    lb_pace_dispatch(part);
    lb_pace_dispatch(inner);
    assert_int_equal(started, 1);
    for (int i = 0; i < 10; i++) lb_pace_drop(&items[i]);
    lb_pace_drop(&items[20]);
    for (int i = 1; i < 10; i++) lb_pace_drop(&items[ITEMS / 2 + i]);
    lb_pace_ended(pace);
    lb_pace_dispatch(inner);
    assert_int_equal(started, 2);
    assert_int_equal(last_started, 21);
    lb_pace_drop(&items[22]);
    lb_pace_ended(inner);
    lb_pace_dispatch(inner);
    assert_int_equal(started, 2);
    assert_int_equal(pace->in_flight + part->in_flight + inner->in_flight, 0);
    lb_pace_release(inner);
    close_two();
}

static void copies_of_a_client_share_its_pace(void **state) {
    (void)state;
    lb_client *client, *copy, *limited;
    const lb_options options = { LB_OPTIONS_INIT, .secret = "sk_p", .rate = 5 };
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    assert_int_equal(lb_client_create(loop, &options, &client, NULL), LB_OK);
    assert_int_equal(lb_client_copy(client, &(lb_options){ LB_OPTIONS_INIT, .timeout = 5 }, &copy, NULL), LB_OK);
    assert_int_equal(lb_client_copy(copy, &(lb_options){ LB_OPTIONS_INIT, .rate = 100 }, &limited, NULL), LB_OK);
    assert_ptr_equal(copy->pace, client->pace);
    assert_ptr_equal(limited->pace->whole, client->pace);
    lb_client_pause(limited, 60);
    assert_true(lb_client_paused(client) > 59 && lb_client_paused(copy) > 59 && lb_client_paused(limited) > 59);
    assert_int_equal(lb_client_set_pace(copy, 20, 0), LB_OK);
    assert_true(client->pace->rate == 20 && client->pace->max_in_flight == 100);
    lb_client_destroy(client);
    lb_client_destroy(copy);
    assert_true(lb_client_paused(limited) > 59);
    lb_client_destroy(limited);
    lb_loop_destroy(loop);
}

/* ---- Between two attempts ----------------------------------------------------------------------- */

static lb_status ended;

static void note_end(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    (void)user_data, (void)response, (void)error;
    ended = status;
}

static lb_client *submit(const char *scenario, lb_options options) {
    static int clients;
    char url[256];
    lb_client *client;
    snprintf(url, sizeof url, "%s/do/%s/pace%d", getenv("LBHOST_TEST_SERVER"), scenario, clients++);
    options.size = sizeof options;
    options.secret = "sk_p";
    options.base_url = url;
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    assert_int_equal(lb_client_create(loop, &options, &client, NULL), LB_OK);
    ended = -1;
    assert_int_equal(lb_request_submit(client, &(lb_call){ .method = "GET", .path = "/v2/rooms" }, note_end, NULL, NULL, NULL), LB_OK);
    return client;
}

/* Milliseconds until the next attempt, when the one before it has failed. */
static int pause_ms(const lb_client *client) {
    do assert_true(lb_loop_step(loop, 20, NULL, 0) >= 0);
    while (client->requests && client->requests->state != LB_BACKOFF);
    return client->requests ? lb_loop_timeout(loop) : -1;
}

static void pauses_grow_and_are_not_each_time_the_same(void **state) {
    (void)state;
    int seen[12], count = 0;
    for (int round = 0; round < 4; round++) {
        lb_client *client = submit("status,code=503", (lb_options){ .backoff = 0.1, .max_attempts = 4 });
        for (int i = 0; i < 3; i++) {
            int ms = pause_ms(client), full = 100 << i;
            assert_in_range(ms, full / 2, full + 1);
            seen[count++] = ms * 100 / full;
            advance(ms * 1e-3 + 0.001);
        }
        assert_int_equal(pause_ms(client), -1);
        assert_int_equal(ended, LB_EHTTP);
        lb_client_destroy(client);
        lb_loop_destroy(loop);
    }
    int same = 0;
    for (int i = 1; i < count; i++) same += seen[i] == seen[0];
    assert_true(same < count - 1);
}

static void a_pause_is_as_long_as_the_server_says_but_no_longer_than_may_be(void **state) {
    (void)state;
    const struct { const char *scenario; double max; int low, high; } cases[] = {
        { "status,code=429,times=1,retry-after=7", 60, 6999, 7001 },
        { "status,code=503,times=1,retry-after=7", 60, 6999, 7001 },
        { "status,code=503,times=1,retry-after=100", 0.2, 199, 201 },
        { "status,code=503,times=1,retry-after=0", 60, 124, 251 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lb_client *client = submit(cases[i].scenario, (lb_options){ .backoff = 0.25, .max_backoff = cases[i].max });
        assert_in_range(pause_ms(client), cases[i].low, cases[i].high);
        lb_client_destroy(client);
        lb_loop_destroy(loop);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_is_kept_to_a_request),
        cmocka_unit_test(what_a_late_timer_missed_is_made_up_for_within_a_fiftieth_of_a_second),
        cmocka_unit_test(no_more_are_at_once_than_may_be),
        cmocka_unit_test(what_is_dropped_leaves_the_others_in_their_order),
        cmocka_unit_test(a_pace_that_is_changed_holds_for_what_waits),
        cmocka_unit_test(a_429_stops_all_for_its_time_and_halves_how_many_are_at_once),
        cmocka_unit_test(what_starts_in_a_part_counts_in_the_whole),
        cmocka_unit_test(a_part_keeps_its_own_rate_however_long_the_whole_lets_it_wait),
        cmocka_unit_test(a_429_of_a_part_stops_the_whole),
        cmocka_unit_test(a_part_keeps_how_many_it_may_have_in_flight),
        cmocka_unit_test(a_lower_limit_of_a_part_holds_for_what_waits_in_the_whole),
        cmocka_unit_test(what_is_dropped_makes_room_for_the_next_of_its_part),
        cmocka_unit_test(copies_of_a_client_share_its_pace),
        cmocka_unit_test(pauses_grow_and_are_not_each_time_the_same),
        cmocka_unit_test(a_pause_is_as_long_as_the_server_says_but_no_longer_than_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
