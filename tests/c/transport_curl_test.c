/* transport_curl_test.c - what libcurl is asked to do, against the test server in LBHOST_TEST_SERVER. The functions of
 * the C library that libcurl calls are replaced here: the clock can be advanced, and the resolver counts and knows
 * lbhost.test. */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "descriptors.h"
#include "liveblocks.h"

static atomic_int resolved; /* libcurl asks in a thread of its own */
static _Atomic time_t advanced; /* seconds */
static atomic_bool released, gave_up, ended; /* the lookup of hangs.test */

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **list) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    void *function = dlsym(RTLD_NEXT, "getaddrinfo");
    memcpy(&real, &function, sizeof real);
    resolved++;
    if (strcmp(name, "nobody.test") == 0) return EAI_NONAME;
    if (strcmp(name, "hangs.test") == 0) {
        for (int i = 0; i < 6000 && !released; i++) usleep(10000);
        gave_up = !released;
        ended = true;
        return EAI_AGAIN;
    }
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

static int shut_closed; /* calls for a descriptor that was not open: another may have got its number */

int shutdown(int fd, int how) {
    int status = (int)syscall(SYS_shutdown, fd, how);
    if (status != 0 && errno == EBADF) shut_closed++;
    return status;
}

/* Each call has a connection of its own. */
static lb_status call(lb_client *client) {
    static const lb_pair headers[] = { { "Connection", "close" }, { NULL, NULL } };
    lb_error error;
    lb_response *response = NULL;
    lb_status status = lb_request_perform(client, &(lb_call){ .method = "GET", .path = "/v2/rooms",
                                  .headers = headers }, &response, &error);
    lb_response_free(response);
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
    assert_int_equal(lb_client_create(loop, &(lb_options){ LB_OPTIONS_INIT, .secret = "sk_c", .base_url = url }, &client, &error), LB_OK);
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

static lb_client *client_of(lb_loop *loop, const char *url) {
    lb_client *client;
    lb_error error;
    assert_int_equal(lb_client_create(loop, &(lb_options){ LB_OPTIONS_INIT, .secret = "sk_c", .base_url = url,
                                      .max_attempts = 1 }, &client, &error), LB_OK);
    return client;
}

static void count(void *user_data, short revents) {
    (void)revents;
    ++*(int *)user_data;
}

/* By those descriptors the resolver wakes libcurl, which closes them without a word. */
static void descriptors_of_a_failed_lookup_may_be_watched_when_they_are_used_again(void **state) {
    (void)state;
    lb_loop *loop;
    int ends[8][2], called = 0;
    lb_watch *watches[8];
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    lb_client *client = client_of(loop, "http://nobody.test");
    assert_int_equal(call(client), LB_ENETWORK);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(pipe(ends[i]), 0);
        assert_int_equal(lb_watch_start(loop, ends[i][0], LB_POLLIN, true, count, &called, &watches[i]), LB_OK);
        assert_int_equal(write(ends[i][1], "x", 1), 1);
    }
    assert_int_equal(lb_loop_step(loop, -1, NULL, 0), 8);
    assert_int_equal(called, 8);
    assert_int_equal(call(client), LB_ENETWORK); /* and stay watched after another one */
    called = 0;
    assert_true(lb_loop_step(loop, 0, NULL, 0) >= 8);
    assert_int_equal(called, 8);
    for (int i = 0; i < 8; i++) {
        lb_watch_stop(loop, watches[i]);
        close(ends[i][0]);
        close(ends[i][1]);
    }
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

static void on_end(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    (void)response, (void)error;
    *(lb_status *)user_data = status;
}

static void a_lookup_that_hangs_blocks_neither_a_cancellation_nor_the_end(void **state) {
    (void)state;
    lb_loop *loop;
    lb_request *request;
    lb_status first = LB_OK, second = LB_OK;
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    lb_client *client = client_of(loop, "http://hangs.test");
    assert_int_equal(lb_submit_get_room(client, "a", on_end, &first, &request, NULL), LB_OK);
    assert_int_equal(lb_submit_get_room(client, "b", on_end, &second, NULL, NULL), LB_OK);
    for (int before = resolved; resolved == before;) assert_true(lb_loop_step(loop, 1, NULL, 0) >= 0);
    lb_request_cancel(request);
    assert_int_equal(first, LB_ECANCELLED);
    lb_client_destroy(client);
    lb_loop_destroy(loop);
    assert_int_equal(second, LB_ECANCELLED);
    released = true;
    while (!ended || running_threads() > 1) usleep(1000); /* libcurl's thread gives back what it has */
    assert_false(gave_up); /* nobody has waited for it */
}

/* A mail server that takes everything, for so many connections. */
typedef struct mail_server {
    int listener, connections;
} mail_server;

static void converse(int fd) {
    char line[1024];
    FILE *in = fdopen(fd, "r");
    assert_non_null(in);
    bool data = false;
    dprintf(fd, "220 test\r\n");
    while (fgets(line, sizeof line, in)) {
        if (data && strcmp(line, ".\r\n") != 0) continue;
        if (strncmp(line, "QUIT", 4) == 0) break;
        data = !data && strncmp(line, "DATA", 4) == 0;
        dprintf(fd, data ? "354 go on\r\n" : "250 ok\r\n");
    }
    fclose(in);
}

static void *serve_mail(void *user_data) {
    mail_server *server = user_data;
    for (int i = 0; i < server->connections; i++) converse(accept(server->listener, NULL, NULL));
    return NULL;
}

static lb_status send_mail(lb_client *client, const char *url) {
    static const char *const recipients[] = { "c@d.example", NULL };
    lb_mail mail = { .from = "a@b.example", .recipients = recipients, .plain = true };
    lb_error error;
    lb_response *response = NULL;
    lb_status status = lb_request_perform(client, &(lb_call){ .method = "MAIL", .url = url, .mail = &mail,
                                  .body = LB_TEXT("Subject: s\r\n\r\nHello\r\n") }, &response, &error);
    lb_response_free(response);
    return status;
}

static void an_email_shuts_down_no_descriptor_that_libcurl_has_closed(void **state) {
    (void)state;
    lb_loop *loop;
    pthread_t thread;
    char url[64];
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    mail_server server = { .listener = socket(AF_INET, SOCK_STREAM, 0), .connections = 3 };
    assert_int_equal(bind(server.listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server.listener, 8), 0);
    assert_int_equal(getsockname(server.listener, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(pthread_create(&thread, NULL, serve_mail, &server), 0);
    snprintf(url, sizeof url, "smtp://127.0.0.1:%d", ntohs(address.sin_port));
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    lb_client *client = client_of(loop, "http://127.0.0.1");
    for (int i = 0; i < server.connections; i++) assert_int_equal(send_mail(client, url), LB_OK);
    assert_int_equal(pthread_join(thread, NULL), 0);
    lb_client_destroy(client);
    lb_loop_destroy(loop);
    close(server.listener);
    assert_int_equal(shut_closed, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_looked_up_again_after_a_minute_and_not_before),
        cmocka_unit_test(descriptors_of_a_failed_lookup_may_be_watched_when_they_are_used_again),
        cmocka_unit_test(an_email_shuts_down_no_descriptor_that_libcurl_has_closed),
        cmocka_unit_test(a_lookup_that_hangs_blocks_neither_a_cancellation_nor_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
