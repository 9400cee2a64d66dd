/* libcurl_memory_test.c - libcurl's allocator refuses anywhere: each call ends as it should or says that memory ran out, no
 * handle that was set up in part is used again, and nothing is lost. Against the test server in LBHOST_TEST_SERVER. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "descriptors.h"
#include "liveblocks.h"
#include "seed.h"

static atomic_long asked, alive, refuse, lasts;

static bool refused(void) {
    return ++asked >= refuse && lasts > 0 && lasts-- > 0;
}

static void *allocate(size_t size) {
    void *block = refused() ? NULL : malloc(size);
    if (block) alive++;
    return block;
}

static void *allocate_zeroed(size_t count, size_t size) {
    void *block = refused() ? NULL : calloc(count, size);
    if (block) alive++;
    return block;
}

static void release(void *block) {
    if (block) alive--;
    free(block);
}

static void *resize(void *block, size_t size) {
    void *moved = refused() ? NULL : realloc(block, size);
    if (moved && !block) alive++;
    return moved;
}

static char *duplicate(const char *text) {
    char *copy = allocate(strlen(text) + 1);
    return copy ? strcpy(copy, text) : NULL;
}

static const lb_libcurl_memory memory = { allocate, release, resize, duplicate, allocate_zeroed };

/* ---- Calls ------------------------------------------------------------------------------------ */

static int ended, good, out_of_memory;

/* The response is gzip's: with LB_OK it is JSON, never the compressed bytes. */
static void on_done(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    (void)user_data;
    ended++;
    if (status == LB_OK) {
        good++;
        assert_int_equal(lb_response_body(response, NULL)[0], '{');
        return;
    }
    /* What libcurl makes of it depends on where it was: it may call it an error of the network, but never a response. */
    assert_non_null(error);
    if (status != LB_ENOMEM && status != LB_ENETWORK) {
        char text[2048];
        fail_msg("%s", lb_error_text(error, text, sizeof text));
    }
    if (status != LB_ENOMEM) return;
    out_of_memory++;
    assert_true(strstr(error->message, "emory") != NULL);
}

static void on_mail(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    (void)user_data, (void)response;
    ended++;
    good += status == LB_ENETWORK && error->message[0]; /* nobody listens there */
    assert_true(status == LB_ENETWORK || status == LB_ENOMEM);
}

static int submit(lb_client *client) {
    static const lb_pair headers[] = { { "X-A", "b" }, { NULL, NULL } };
    static const char *const recipients[] = { "c@d.example", "e@f.example", NULL };
    lb_mail mail = { .from = "a@b.example", .recipients = recipients, .user = "u", .password = "p" };
    lb_call post = { .method = "POST", .path = "/v2/rooms", .headers = headers, .body = LB_TEXT("{\"id\":\"r\"}") };
    lb_call letter = { .method = "MAIL", .url = "smtp://127.0.0.1:1", .body = LB_TEXT("Subject: x\r\n\r\nx\r\n"), .mail = &mail };
    lb_error error;
    const int statuses[] = {
        lb_submit_get_room(client, "r", on_done, NULL, NULL, &error),
        lb_request_submit(client, &post, on_done, NULL, NULL, &error),
        lb_request_submit(client, &letter, on_mail, NULL, NULL, &error),
    };
    int submitted = 0;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        assert_true(statuses[i] == LB_OK || statuses[i] == LB_ENOMEM);
        submitted += statuses[i] == LB_OK;
    }
    return submitted;
}

static void finish(lb_loop *loop) {
    for (int i = 0; i < 2000 && lb_loop_pending(loop); i++) lb_loop_step(loop, 10, NULL, 0);
    assert_int_equal(lb_loop_pending(loop), 0);
}

static lb_client *make_client(lb_loop *loop) {
    char url[256];
    lb_client *client = NULL;
    lb_error error;
    snprintf(url, sizeof url, "%s/do/gzip/libcurl-memory", getenv("LBHOST_TEST_SERVER"));
    lb_options options = { LB_OPTIONS_INIT, .secret = "sk_m", .base_url = url, .timeout = 20, .max_attempts = 1 };
    int status = lb_client_create(loop, &options, &client, &error);
    assert_true(status == LB_OK || status == LB_ENOMEM);
    if (status == LB_ENOMEM) assert_string_equal(error.message, "out of memory");
    return client;
}

/* From the start of libcurl to its end, with one more round of calls when there is memory again. True: nothing was refused. */
static bool run(long n, long times) {
    lb_loop *loop;
    asked = 0;
    refuse = n;
    lasts = times;
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    lb_loop_set_libcurl_memory(loop, &memory);
    lb_client *client = make_client(loop);
    if (client) {
        ended = good = out_of_memory = 0;
        int submitted = submit(client);
        finish(loop);
        assert_int_equal(ended, submitted);
    }
    bool untouched = lasts == times;
    if (untouched) assert_int_equal(good, 3);
    lasts = 0;
    if (!client) client = make_client(loop);
    assert_non_null(client);
    for (int round = 0; round < 2; round++) { /* the second takes the handles of the first */
        ended = good = out_of_memory = 0;
        assert_int_equal(submit(client), 3);
        finish(loop);
        if (good != 3) fail_msg("%d of 3 calls are good after allocation %ld was refused", good, n);
    }
    lb_client_destroy(client);
    lb_loop_destroy(loop);
    return untouched;
}

static void walk(long times) {
    assert_true(run(LONG_MAX, times)); /* what stays open for good is open now */
    long before = alive;
    int descriptors = open_descriptors();
    for (long n = 1; !run(n, times); n += test_step()) {
        assert_true(n < 100000);
        /* A thread that looks a name up for a call that has ended frees what is its own when it is done. */
        for (int i = 0; i < 10000 && (alive != before || open_descriptors() != descriptors); i++) usleep(1000);
        if (alive != before) fail_msg("%ld blocks are lost when allocation %ld is refused", alive - before, n);
        assert_int_equal(open_descriptors(), descriptors);
    }
}

static void one_refused_allocation_of_libcurl_spoils_no_later_call(void **state) {
    (void)state;
    walk(1);
}

static void two_refused_allocations_of_libcurl_spoil_no_later_call(void **state) {
    (void)state;
    walk(2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_refused_allocation_of_libcurl_spoils_no_later_call),
        cmocka_unit_test(two_refused_allocations_of_libcurl_spoil_no_later_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
