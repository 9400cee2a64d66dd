/* transport_curl_test.c - what libcurl is told to do, against the test server in LBHOST_TEST_SERVER. The functions of
 * the C library that libcurl calls are replaced here: the clock can be advanced, and the resolver counts and knows
 * lbhost.test. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "liveblocks.h"

static atomic_int resolved; /* libcurl asks in a thread of its own */
static _Atomic time_t advanced; /* seconds */

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **list) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    void *function = dlsym(RTLD_NEXT, "getaddrinfo");
    memcpy(&real, &function, sizeof real);
    resolved++;
    return real(strcmp(name, "lbhost.test") == 0 ? "127.0.0.1" : name, service, hints, list);
}

int clock_gettime(clockid_t clock, struct timespec *now) { /* timed: libcurl asks here */
    int status = (int)syscall(SYS_clock_gettime, clock, now);
    now->tv_sec += advanced;
    return status;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now); /* timed: the clock that is moved */
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}

/* Each call has a connection of its own. */
static lb_status call(lb_client *client) {
    static const lb_pair headers[] = { { "Connection", "close" }, { NULL, NULL } };
    lb_error error;
    lb_reply *reply = NULL;
    lb_status status = lb_perform(client, &(lb_call){ .method = "GET", .path = "/v2/rooms",
                                  .headers = headers }, &reply, &error);
    lb_reply_free(reply);
    return status;
}

static void a_name_is_looked_up_again_after_a_minute_and_not_before(void **state) {
    (void)state;
    char url[256];
    lb_loop *loop;
    lb_client *client;
    lb_error error;
    snprintf(url, sizeof url, "http://lbhost.test%s", strrchr(getenv("LBHOST_TEST_SERVER"), ':'));
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    assert_int_equal(lb_client_create(&client, loop, &(lb_options){ LB_OPTIONS_INIT, .secret = "sk_c", .base_url = url },
                                      &error), LB_OK);
    int before = resolved;
    for (int i = 0; i < 5; i++) assert_int_equal(call(client), LB_OK);
    assert_int_equal(resolved - before, 1);
    advanced += 61;
    for (int i = 0; i < 5; i++) assert_int_equal(call(client), LB_OK);
    assert_int_equal(resolved - before, 2);
    advanced += 3600;
    assert_int_equal(call(client), LB_OK);
    assert_int_equal(resolved - before, 3);
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_name_is_looked_up_again_after_a_minute_and_not_before) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
