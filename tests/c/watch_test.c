/* watch_test.c - descriptors that the loop watches for its embedder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "liveblocks.h"

typedef struct seen {
    lb_loop *loop;
    lb_watch *watch;
    int fd, count;
    short revents;
    bool stop;
} seen;

static void on_ready(void *user_data, short revents) {
    seen *s = user_data;
    char byte;
    s->count++;
    s->revents = revents;
    if (read(s->fd, &byte, 1) < 1 || s->stop) lb_watch_stop(s->loop, s->watch);
}

static void a_watch_is_called_in_every_step_while_its_descriptor_is_ready(void **state) {
    (void)state;
    int ends[2];
    seen s = { .count = 0 };
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(lb_loop_create(&s.loop), LB_OK);
    s.fd = ends[0];
    assert_int_equal(lb_watch_start(s.loop, ends[0], LB_POLLIN, true, on_ready, &s, &s.watch), LB_OK);
    assert_int_equal(lb_loop_pending(s.loop), 1);
    assert_int_equal(lb_loop_step(s.loop, 0, NULL, 0), 0);
    assert_int_equal(write(ends[1], "ab", 2), 2);
    assert_int_equal(lb_loop_step(s.loop, -1, NULL, 0), 1);
    assert_int_equal(lb_loop_step(s.loop, -1, NULL, 0), 1);
    assert_int_equal(lb_loop_step(s.loop, 0, NULL, 0), 0);
    assert_int_equal(s.count, 2);
    assert_int_equal(s.revents, LB_POLLIN);
    close(ends[1]); /* the end of the pipe is an event too; the callback stops the watch from inside */
    assert_int_equal(lb_loop_step(s.loop, -1, NULL, 0), 1);
    assert_int_equal(lb_loop_pending(s.loop), 0);
    assert_int_equal(lb_loop_step(s.loop, -1, NULL, 0), 0);
    close(ends[0]);
    lb_loop_destroy(s.loop);
}

static void what_cannot_be_watched_is_refused(void **state) {
    (void)state;
    int ends[2], file = open("/dev/null", O_RDONLY), regular = open("premake5.lua", O_RDONLY);
    seen s = { .count = 0 };
    lb_watch *w;
    assert_int_equal(pipe(ends), 0);
    lb_loop_create(&s.loop);
    assert_int_equal(lb_watch_start(s.loop, -1, LB_POLLIN, true, on_ready, &s, &w), LB_EUSAGE);
    assert_int_equal(lb_watch_start(s.loop, ends[0], 0, true, on_ready, &s, &w), LB_EUSAGE);
    assert_int_equal(lb_watch_start(s.loop, regular, LB_POLLIN, true, on_ready, &s, &w), LB_EUSAGE);
    assert_int_equal(lb_watch_start(s.loop, ends[0], LB_POLLIN, true, on_ready, &s, &w), LB_OK);
    assert_int_equal(lb_watch_start(s.loop, ends[0], LB_POLLIN, true, on_ready, &s, &w), LB_EUSAGE);
    lb_loop_destroy(s.loop); /* ends the watch */
    close(ends[0]);
    close(ends[1]);
    close(file);
    close(regular);
}

static void an_uncounted_watch_does_not_keep_the_loop_waiting(void **state) {
    (void)state;
    int ends[2];
    seen s = { .count = 0 };
    assert_int_equal(pipe(ends), 0);
    lb_loop_create(&s.loop);
    s.fd = ends[0];
    assert_int_equal(lb_watch_start(s.loop, ends[0], LB_POLLIN, false, on_ready, &s, &s.watch), LB_OK);
    assert_int_equal(lb_loop_pending(s.loop), 0);
    assert_int_equal(lb_loop_step(s.loop, -1, NULL, 0), 0);
    assert_int_equal(write(ends[1], "a", 1), 1);
    assert_int_equal(lb_loop_step(s.loop, 0, NULL, 0), 1);
    lb_watch_stop(s.loop, s.watch);
    lb_loop_destroy(s.loop);
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_watch_is_called_in_every_step_while_its_descriptor_is_ready),
        cmocka_unit_test(what_cannot_be_watched_is_refused),
        cmocka_unit_test(an_uncounted_watch_does_not_keep_the_loop_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
