/* poller_test.c - waiting for descriptors: those that are watched, those of the caller, and numbers that come again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "allocator.h"
#include "client/internal.h"
#include "descriptors.h"

typedef struct seen {
    lb_poller *poller;
    int count, fd, remove; /* remove: a descriptor that is removed when it is called; -1 for none */
    short events;
} seen;

static void on_ready(void *owner, int fd, short events) {
    seen *s = owner;
    s->count++;
    s->fd = fd;
    s->events = events;
    if (s->remove >= 0) lb_poller_remove(s->poller, s->remove, s);
}

static seen watch(void) {
    seen s = { .poller = lb_poller_create(&lb_default_allocator), .remove = -1 };
    assert_non_null(s.poller);
    return s;
}

static void pair(int ends[2]) {
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
}

static void step(seen *s) {
    int ready = -1;
    s->count = 0;
    assert_int_equal(lb_poller_wait(s->poller, 0, NULL, 0, &ready), LB_OK);
    assert_int_equal(ready, 0);
}

static void what_is_ready_is_reported_in_each_step(void **state) {
    (void)state;
    int ends[2];
    seen s = watch();
    pair(ends);
    assert_int_equal(lb_poller_set(s.poller, ends[0], LB_POLLIN, on_ready, &s), LB_OK);
    step(&s);
    assert_int_equal(s.count, 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    for (int i = 0; i < 2; i++) { /* level-triggered */
        step(&s);
        assert_int_equal(s.count, 1);
        assert_int_equal(s.fd, ends[0]);
        assert_int_equal(s.events, LB_POLLIN);
    }
    assert_int_equal(lb_poller_set(s.poller, ends[0], LB_POLLIN | LB_POLLOUT, on_ready, &s), LB_OK);
    step(&s);
    assert_int_equal(s.events, LB_POLLIN | LB_POLLOUT);
    close(ends[1]);
    step(&s);
    assert_true(s.events & LB_POLLIN); /* the end can be read */
    lb_poller_destroy(s.poller);
    close(ends[0]);
}

static void one_that_is_removed_is_not_reported_even_in_the_same_step(void **state) {
    (void)state;
    int first[2], second[2];
    seen s = watch();
    pair(first), pair(second);
    assert_int_equal(lb_poller_set(s.poller, first[0], LB_POLLOUT, on_ready, &s), LB_OK);
    assert_int_equal(lb_poller_set(s.poller, second[0], LB_POLLOUT, on_ready, &s), LB_OK);
    step(&s);
    assert_int_equal(s.count, 2);
    int reported_first = s.fd == first[0] ? second[0] : first[0];
    s.remove = s.fd; /* the one that came first removes the other */
    step(&s);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.fd, reported_first);
    s.remove = -1;
    step(&s);
    assert_int_equal(s.count, 1);
    lb_poller_destroy(s.poller);
    close(first[0]), close(first[1]), close(second[0]), close(second[1]);
}

static void only_its_owner_removes_a_descriptor(void **state) {
    (void)state;
    int ends[2];
    seen s = watch(), other = { .remove = -1 };
    pair(ends);
    assert_int_equal(lb_poller_set(s.poller, ends[0], LB_POLLOUT, on_ready, &s), LB_OK);
    lb_poller_remove(s.poller, ends[0], &other);
    lb_poller_remove(s.poller, 9999, &s);
    lb_poller_remove(s.poller, -1, &s);
    step(&s);
    assert_int_equal(s.count, 1);
    lb_poller_remove(s.poller, ends[0], &s);
    lb_poller_remove(s.poller, ends[0], &s);
    step(&s);
    assert_int_equal(s.count, 0);
    lb_poller_destroy(s.poller);
    close(ends[0]), close(ends[1]);
}

/* libcurl closes sockets that it has not said to be done with. */
static void a_number_that_was_closed_and_opened_again_can_be_watched(void **state) {
    (void)state;
    int ends[2], again[2];
    seen s = watch(), second = { .poller = s.poller, .remove = -1 };
    pair(ends);
    assert_int_equal(lb_poller_set(s.poller, ends[0], LB_POLLOUT, on_ready, &s), LB_OK);
    int number = ends[0];
    close(ends[0]), close(ends[1]);
    pair(again);
    assert_int_equal(dup2(again[0], number), number);
    assert_int_equal(lb_poller_set(s.poller, number, LB_POLLOUT, on_ready, &second), LB_OK);
    step(&s);
    assert_int_equal(s.count, 0);
    assert_int_equal(second.count, 1);
    lb_poller_destroy(s.poller);
    close(again[1]);
    if (again[0] != number) close(again[0]);
    close(number);
}

static void what_cannot_be_watched_is_a_usage_error_and_leaves_no_trace(void **state) {
    (void)state;
    int ends[2];
    seen s = watch();
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(lb_poller_set(s.poller, file, LB_POLLIN, on_ready, &s), LB_EUSAGE); /* always ready: epoll refuses it */
    close(file);
    assert_int_equal(lb_poller_set(s.poller, file, LB_POLLIN, on_ready, &s), LB_EUSAGE);
    step(&s);
    pair(ends);
    assert_int_equal(lb_poller_set(s.poller, ends[0], LB_POLLOUT, on_ready, &s), LB_OK);
    step(&s);
    assert_int_equal(s.count, 1);
    lb_poller_destroy(s.poller);
    close(ends[0]), close(ends[1]);
}

static void the_callers_descriptors_are_waited_for_as_well(void **state) {
    (void)state;
    enum { MANY = 40 }; /* more than fit on the stack */
    int ends[2], theirs[MANY][2];
    lb_pollfd fds[MANY];
    seen s = watch();
    pair(ends);
    assert_int_equal(lb_poller_set(s.poller, ends[0], LB_POLLIN, on_ready, &s), LB_OK);
    for (int i = 0; i < MANY; i++) {
        pair(theirs[i]);
        fds[i] = (lb_pollfd){ .fd = theirs[i][0], .events = LB_POLLIN, .revents = LB_POLLERR };
    }
    assert_int_equal(write(theirs[3][1], "x", 1), 1);
    close(theirs[7][1]);
    fds[9].events = LB_POLLOUT;
    fds[11].fd = -1; /* left out, as poll(2) does */
    int ready = -1;
    assert_int_equal(lb_poller_wait(s.poller, -1, fds, MANY, &ready), LB_OK);
    assert_int_equal(ready, 3);
    for (int i = 0; i < MANY; i++) assert_int_equal(fds[i].revents, i == 3 || i == 7 ? LB_POLLIN : i == 9 ? LB_POLLOUT : 0);
    assert_int_equal(s.count, 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    fds[9].events = 0, fds[3].events = 0, fds[7].events = 0;
    assert_int_equal(lb_poller_wait(s.poller, -1, fds, 3, &ready), LB_OK); /* ends for one of its own, too */
    assert_int_equal(ready, 0);
    assert_int_equal(s.count, 1);
    close(theirs[5][0]);
    int closed = theirs[5][0];
    assert_int_equal(lb_poller_wait(s.poller, 0, (lb_pollfd[]){ { .fd = closed, .events = LB_POLLIN } }, 1, &ready), LB_OK);
    assert_int_equal(ready, 1); /* LB_POLLERR: it is not open */
    for (int i = 0; i < MANY; i++) {
        if (i != 5) close(theirs[i][0]);
        if (i != 7) close(theirs[i][1]);
    }
    lb_poller_destroy(s.poller);
    close(ends[0]), close(ends[1]);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int number) {
    (void)number;
    alarms++;
}

static void a_signal_ends_the_wait_without_an_error(void **state) {
    (void)state;
    struct sigaction action = { .sa_handler = on_alarm };
    struct itimerval soon = { .it_value = { 0, 1000 }, .it_interval = { 0, 1000 } };
    seen s = watch();
    int ready = -1;
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    assert_int_equal(lb_poller_wait(s.poller, -1, NULL, 0, &ready), LB_OK);
    assert_int_equal(ready, 0);
    assert_true(alarms > 0);
    assert_int_equal(lb_poller_wait(s.poller, -1, (lb_pollfd[]){ { .fd = -1 } }, 1, &ready), LB_OK);
    memset(&soon, 0, sizeof soon);
    setitimer(ITIMER_REAL, &soon, NULL);
    signal(SIGALRM, SIG_DFL);
    lb_poller_destroy(s.poller);
}

static void no_memory_is_reported_and_no_descriptor_is_lost(void **state) {
    (void)state;
    int before = open_descriptors(), ends[2], ready;
    pair(ends);
    for (long n = 1; n <= 3; n++) {
        budget b = { .refuse = n, .lasts = 1 };
        lb_allocator allocator = { give, take, &b };
        seen s = { .remove = -1 };
        lb_poller *p = lb_poller_create(&allocator);
        assert_int_equal(p == NULL, n == 1);
        if (p) {
            assert_int_equal(lb_poller_set(p, ends[0], LB_POLLOUT, on_ready, &s), n == 2 ? LB_ENOMEM : LB_OK);
            lb_pollfd fds[20] = { { .fd = ends[0], .events = LB_POLLOUT } };
            for (int i = 1; i < 20; i++) fds[i].fd = -1;
            assert_int_equal(lb_poller_wait(p, 0, fds, 20, &ready), n == 3 ? LB_ENOMEM : LB_OK);
            assert_int_equal(lb_poller_set(p, ends[0], LB_POLLOUT, on_ready, &s), LB_OK); /* it goes on */
            assert_int_equal(lb_poller_wait(p, 0, fds, 20, &ready), LB_OK);
            assert_int_equal(ready, 1);
        }
        lb_poller_destroy(p);
        assert_int_equal(b.alive, 0);
    }
    close(ends[0]), close(ends[1]);
    assert_int_equal(open_descriptors(), before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_ready_is_reported_in_each_step),
        cmocka_unit_test(one_that_is_removed_is_not_reported_even_in_the_same_step),
        cmocka_unit_test(only_its_owner_removes_a_descriptor),
        cmocka_unit_test(a_number_that_was_closed_and_opened_again_can_be_watched),
        cmocka_unit_test(what_cannot_be_watched_is_a_usage_error_and_leaves_no_trace),
        cmocka_unit_test(the_callers_descriptors_are_waited_for_as_well),
        cmocka_unit_test(a_signal_ends_the_wait_without_an_error),
        cmocka_unit_test(no_memory_is_reported_and_no_descriptor_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
