/* null_test.c - NULL for every pointer of every public function: a usage error or a result that says "nothing", never a
 * crash. tests/spec/module/headers_spec.lua checks that no function of liveblocks.h is missing here. Uses the test server
 * in LBHOST_TEST_SERVER. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "liveblocks.h"

static lb_client *new_client(lb_loop **loop) {
    lb_client *client;
    lb_error error;
    assert_int_equal(lb_loop_create(loop), LB_OK);
    lb_options options = lb_options_init();
    options.secret = "sk_null";
    options.base_url = getenv("LBHOST_TEST_SERVER");
    assert_int_equal(lb_client_create(*loop, &options, &client, &error), LB_OK);
    return client;
}

static void end(lb_client *client, lb_loop *loop) {
    for (int i = 0; i < 10000 && lb_loop_pending(loop); i++) lb_loop_step(loop, 10, NULL, 0);
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

static void expect_usage(int status, const lb_error *error) {
    assert_int_equal(status, LB_EUSAGE);
    assert_int_equal(error->kind, LB_EUSAGE);
    assert_true(strlen(error->message) > 5);
}

static void *take(void *user_data, void *block, size_t size) { (void)user_data; return realloc(block, size); }
static void give(void *user_data, void *block) { (void)user_data; free(block); }
static void on_timer(void *user_data) { (void)user_data; }
static void on_ready(void *user_data, short revents) { (void)user_data, (void)revents; }

static void errors_take_null(void **state) {
    (void)state;
    char text[16] = "before";
    lb_error error = { .kind = LB_EUSAGE, .message = "x" };
    assert_non_null(lb_version());
    assert_string_equal(lb_status_name((lb_status)1), "unknown");
    assert_string_equal(lb_error_text(NULL, text, sizeof text), "");
    assert_null(lb_error_text(&error, NULL, 0));
    assert_null(lb_error_text(&error, NULL, 9));
    assert_null(lb_error_text(NULL, NULL, 9));
}

static void loops_take_null(void **state) {
    (void)state;
    char other_memory;
    lb_loop *loop = (lb_loop *)(void *)&other_memory;
    const lb_allocator none = { NULL, NULL, NULL }, half = { take, NULL, NULL }, other = { NULL, give, NULL };
    assert_int_equal(lb_loop_create(NULL), LB_EUSAGE);
    assert_int_equal(lb_loop_create_with(NULL, NULL), LB_EUSAGE);
    assert_int_equal(lb_loop_create_with(NULL, &loop), LB_EUSAGE);
    assert_null(loop);
    assert_int_equal(lb_loop_create_with(&none, &loop), LB_EUSAGE);
    assert_int_equal(lb_loop_create_with(&half, &loop), LB_EUSAGE);
    assert_int_equal(lb_loop_create_with(&other, &loop), LB_EUSAGE);
    lb_loop_destroy(NULL);
    lb_loop_set_libcurl_memory(NULL, NULL);
    assert_int_equal(lb_loop_step(NULL, 0, NULL, 0), LB_EUSAGE);
    assert_int_equal(lb_loop_step_for(NULL, 0), LB_EUSAGE);
    assert_int_equal(lb_loop_pending(NULL), 0);
    assert_int_equal(lb_loop_fd(NULL), -1);
    assert_int_equal(lb_loop_timeout(NULL), -1);
    double before = lb_loop_now(NULL);
    assert_true(lb_loop_now(NULL) >= before);
}

static void a_loop_takes_null_for_its_arguments(void **state) {
    (void)state;
    lb_loop *loop;
    lb_client *client = new_client(&loop);
    lb_timer *timer = (lb_timer *)&loop;
    lb_watch *watch = (lb_watch *)&loop;
    lb_loop_set_libcurl_memory(loop, NULL);
    lb_loop_set_libcurl_memory(loop, &(lb_libcurl_memory){ .allocate = NULL });
    assert_int_equal(lb_loop_step(loop, 0, NULL, 3), LB_EUSAGE);
    assert_int_equal(lb_timer_start(NULL, 0, on_timer, NULL, &timer), LB_EUSAGE);
    assert_null(timer);
    assert_int_equal(lb_timer_start(loop, 0, NULL, NULL, NULL), LB_EUSAGE);
    assert_int_equal(lb_timer_start(loop, 0, on_timer, NULL, NULL), LB_OK);
    lb_timer_cancel(NULL, NULL);
    lb_timer_cancel(loop, NULL);
    assert_int_equal(lb_watch_start(NULL, 0, LB_POLLIN, false, on_ready, NULL, &watch), LB_EUSAGE);
    assert_null(watch);
    assert_int_equal(lb_watch_start(loop, 0, LB_POLLIN, false, NULL, NULL, &watch), LB_EUSAGE);
    assert_int_equal(lb_watch_start(loop, 0, LB_POLLIN, false, on_ready, NULL, NULL), LB_EUSAGE);
    lb_watch_stop(NULL, NULL);
    lb_watch_stop(loop, NULL);
    end(client, loop);
}

static void clients_take_null(void **state) {
    (void)state;
    lb_loop *loop;
    lb_error error;
    lb_client *client = new_client(&loop), *other = client;
    expect_usage(lb_client_create(loop, NULL, NULL, &error), &error);
    expect_usage(lb_client_create(NULL, NULL, &other, &error), &error);
    assert_null(other);
    assert_int_equal(lb_client_create(NULL, NULL, NULL, NULL), LB_EUSAGE);
    expect_usage(lb_client_copy(client, NULL, NULL, &error), &error);
    expect_usage(lb_client_copy(NULL, NULL, &other, &error), &error);
    assert_int_equal(lb_client_copy(NULL, NULL, NULL, NULL), LB_EUSAGE);
    assert_int_equal(lb_client_copy(client, NULL, &other, NULL), LB_OK);
    lb_client_destroy(other);
    lb_client_destroy(NULL);
    assert_null(lb_client_loop(NULL));
    assert_string_equal(lb_client_base_url(NULL), "");
    assert_int_equal(lb_client_set_pace(NULL, 1, 1), LB_EUSAGE);
    assert_int_equal(lb_client_set_pace(client, -1, 1), LB_EUSAGE);
    lb_client_pause(NULL, 1);
    assert_true(lb_client_paused(NULL) <= 0);
    end(client, loop);
}

static int submit(lb_client *client, lb_call call, lb_error *error) {
    if (!call.method) call.method = "POST";
    if (!call.path) call.path = "/";
    return lb_request_submit(client, &call, NULL, NULL, NULL, error);
}

static void requests_take_null(void **state) {
    (void)state;
    lb_loop *loop;
    lb_error error;
    lb_client *client = new_client(&loop);
    lb_response *response = (lb_response *)&loop;
    lb_request *request = (lb_request *)&loop;
    const lb_call nothing = { .method = NULL }, get = { .method = "GET", .path = "/v2/rooms" };
    const lb_body no_data = { .size = 3 };
    const char *const nobody[] = { NULL };
    const lb_mail empty = { .from = NULL }, to_nobody = { .from = "a@b.example", .recipients = nobody };
    expect_usage(lb_request_perform(NULL, &get, &response, &error), &error);
    assert_null(response);
    expect_usage(lb_request_perform(client, NULL, NULL, &error), &error);
    assert_int_equal(lb_request_perform(NULL, NULL, NULL, NULL), LB_EUSAGE);
    assert_int_equal(lb_request_perform(client, &get, NULL, NULL), LB_OK);
    expect_usage(lb_request_submit(NULL, &get, NULL, NULL, &request, &error), &error);
    assert_null(request);
    expect_usage(lb_request_submit(client, NULL, NULL, NULL, NULL, &error), &error);
    expect_usage(lb_request_submit(client, &nothing, NULL, NULL, NULL, &error), &error);
    assert_int_equal(lb_request_submit(NULL, NULL, NULL, NULL, NULL, NULL), LB_EUSAGE);
    assert_int_equal(lb_request_submit(client, &get, NULL, NULL, NULL, NULL), LB_OK);
    expect_usage(lb_request_submit(client, &(lb_call){ .method = "GET" }, NULL, NULL, NULL, &error), &error);
    expect_usage(submit(client, (lb_call){ .body = &no_data }, &error), &error);
    expect_usage(submit(client, (lb_call){ .body = LB_TEXT(NULL) }, &error), &error);
    expect_usage(submit(client, (lb_call){ .body = LB_FILE(NULL) }, &error), &error);
    expect_usage(submit(client, (lb_call){ .body = LB_BYTES(NULL, 4) }, &error), &error);
    assert_int_equal(submit(client, (lb_call){ .body = LB_BYTES(NULL, 0) }, &error), LB_OK);
    const lb_pair no_value[] = { { "X-A", NULL }, { NULL, NULL } };
    assert_int_equal(submit(client, (lb_call){ .query = no_value }, &error), LB_OK);
    expect_usage(submit(client, (lb_call){ .headers = no_value }, &error), &error);
    for (int i = 0; i < 3; i++) {
        const lb_call mail = { .method = "MAIL", .url = i ? "smtp://127.0.0.1:1" : NULL, .body = i == 1 ? NULL : LB_TEXT("x"),
                               .mail = i == 2 ? &to_nobody : &empty };
        expect_usage(lb_request_submit(client, &mail, NULL, NULL, NULL, &error), &error);
    }
    lb_request_cancel(NULL);
    end(client, loop);
}

static void responses_take_null(void **state) {
    (void)state;
    lb_loop *loop;
    lb_error error;
    lb_response *response;
    char text[64];
    size_t size = 7;
    lb_client *client = new_client(&loop);
    assert_int_equal(lb_response_status(NULL), 0);
    assert_int_equal(lb_response_attempts(NULL), 0);
    assert_true(lb_response_seconds(NULL) <= 0);
    assert_string_equal(lb_response_body(NULL, &size), "");
    assert_int_equal(size, 0);
    assert_string_equal(lb_response_body(NULL, NULL), "");
    assert_string_equal(lb_response_headers(NULL, &size), "");
    assert_int_equal(size, 0);
    assert_string_equal(lb_response_headers(NULL, NULL), "");
    assert_null(lb_response_header(NULL, NULL, NULL, 0));
    assert_null(lb_header_find(NULL, 4, "a", &size));
    assert_null(lb_header_find("a: b\r\n", 6, NULL, &size));
    assert_non_null(lb_header_find("a: b\r\n", 6, "a", NULL));
    assert_null(lb_response_keep(NULL));
    lb_response_free(NULL);
    expect_usage(lb_response_fail(NULL, LB_EJSON, "x", &error), &error);
    assert_int_equal(lb_response_fail(NULL, LB_EJSON, NULL, NULL), LB_EUSAGE);
    assert_int_equal(lb_get_rooms(client, NULL, &response, NULL), LB_OK);
    assert_non_null(lb_response_body(response, NULL));
    assert_non_null(lb_response_headers(response, NULL));
    assert_null(lb_response_header(response, NULL, text, sizeof text));
    assert_null(lb_response_header(response, "Content-Type", NULL, 9));
    assert_non_null(lb_response_header(response, "Content-Type", text, sizeof text));
    assert_int_equal(lb_response_fail(response, LB_EJSON, "x", NULL), LB_EJSON);
    assert_int_equal(lb_response_fail(response, LB_EJSON, NULL, &error), LB_EJSON);
    lb_response_free(response);
    end(client, loop);
}

static void queries_sessions_and_webhooks_take_null(void **state) {
    (void)state;
    lb_loop *loop;
    lb_error error;
    char text[64] = "before";
    lb_webhook *webhook = (lb_webhook *)&loop;
    const lb_term none[] = { lb_term_end() };
    const lb_session nobody = { .user_id = NULL };
    const char *const no_secret[] = { NULL }, *const secret[] = { "whsec_AAAA", NULL };
    const lb_webhook_message nothing = { .now = 1 }, no_body = { .body = { NULL, 3 } };
    lb_client *client = new_client(&loop);
    expect_usage(lb_query_format(NULL, text, sizeof text, &error), &error);
    assert_string_equal(text, "");
    expect_usage(lb_query_format(none, NULL, 9, &error), &error);
    assert_int_equal(lb_query_format(none, NULL, 0, NULL), LB_EUSAGE);
    assert_non_null(lb_permissions());
    expect_usage(lb_session_authorize(NULL, &nobody, NULL, &error), &error);
    expect_usage(lb_session_authorize(client, NULL, NULL, &error), &error);
    expect_usage(lb_session_submit(client, &nobody, NULL, NULL, NULL, &error), &error);
    assert_int_equal(lb_session_submit(NULL, NULL, NULL, NULL, NULL, NULL), LB_EUSAGE);
    expect_usage(lb_webhook_create(NULL, &webhook, &error), &error);
    assert_null(webhook);
    expect_usage(lb_webhook_create(no_secret, &webhook, &error), &error);
    expect_usage(lb_webhook_create(secret, NULL, &error), &error);
    assert_int_equal(lb_webhook_create(secret, &webhook, NULL), LB_OK);
    expect_usage(lb_webhook_verify(webhook, NULL, &error), &error);
    expect_usage(lb_webhook_verify(NULL, &nothing, &error), &error);
    expect_usage(lb_webhook_verify(webhook, &no_body, &error), &error);
    assert_int_equal(lb_webhook_verify(webhook, &nothing, NULL), LB_EWEBHOOK);
    expect_usage(lb_webhook_sign(NULL, "id", "1", "", 0, text, &error), &error);
    expect_usage(lb_webhook_sign(*secret, NULL, "1", "", 0, text, &error), &error);
    expect_usage(lb_webhook_sign(*secret, "id", NULL, NULL, 1, text, &error), &error);
    assert_int_equal(lb_webhook_sign(*secret, "id", "1", NULL, 0, NULL, NULL), LB_EUSAGE);
    lb_webhook_destroy(webhook);
    lb_webhook_destroy(NULL);
    end(client, loop);
}

static void pages_take_null(void **state) {
    (void)state;
    lb_loop *loop;
    lb_error error;
    lb_client *client = new_client(&loop);
    lb_pages *pages = (lb_pages *)&loop;
    lb_response *page = (lb_response *)&loop;
    expect_usage(lb_pages_create(NULL, LB_EP_get_rooms, NULL, NULL, &pages, &error), &error);
    assert_null(pages);
    expect_usage(lb_pages_create(client, LB_EP_get_rooms, NULL, NULL, NULL, &error), &error);
    expect_usage(lb_pages_create(client, LB_ENDPOINT_COUNT, NULL, NULL, &pages, &error), &error);
    expect_usage(lb_pages_create(client, LB_EP_get_yjs_versions, NULL, NULL, &pages, &error), &error);
    assert_int_equal(lb_pages_get_rooms(NULL, NULL, NULL, NULL), LB_EUSAGE);
    expect_usage(lb_pages_next(NULL, &page, &error), &error);
    assert_null(page);
    expect_usage(lb_pages_submit(NULL, NULL, NULL, NULL, &error), &error);
    assert_false(lb_pages_more(NULL));
    lb_pages_destroy(NULL);
    assert_int_equal(lb_pages_get_rooms(client, NULL, &pages, NULL), LB_OK);
    expect_usage(lb_pages_next(pages, NULL, &error), &error);
    assert_int_equal(lb_pages_submit(pages, NULL, NULL, NULL, NULL), LB_OK);
    lb_pages_destroy(pages);
    end(client, loop);
}

/* ---- Each endpoint ---------------------------------------------------------------------------- */

#define NULLS_PATH0()
#define NULLS_PATH1(a) NULL,
#define NULLS_PATH2(a, b) NULL, NULL,
#define NULLS_PATH3(a, b, c) NULL, NULL, NULL,
#define NULLS_PATH4(a, b, c, d) NULL, NULL, NULL, NULL,
#define NULLS_NOQUERY
#define NULLS_QUERY(...) NULL,
#define PAGES_NONE(function, ...)
#define PAGES_SOME(function, ...) assert_int_equal(function(__VA_ARGS__), LB_EUSAGE);
#define PAGES_NOPAGE PAGES_NONE
#define PAGES_PAGE(parameter) PAGES_SOME
#define NULLS_NOBODY
#define NULLS_BYTES NULL,
#define NULLS_VALUE(type) NULL,
#define NULLS_FIELDS(type) NULL,

static int refused, taken;

static void count(const char *name, int status, const lb_error *error) {
    if (status == LB_EUSAGE && error->message[0]) refused++;
    else if (status == LB_OK) taken++;
    else fail_msg("%s: %s", name, error->message);
}

static void every_endpoint_takes_null(void **state) {
    (void)state;
    lb_loop *loop;
    lb_error error;
    lb_client *client = new_client(&loop);
    const char *no_names[] = { NULL, NULL, NULL, NULL };
#define LB_ENDPOINT(group, name, method, path, paths, query, body, kind, page, ...) \
    PAGES_##page(lb_pages_##name, NULL, NULLS_##paths NULLS_##query NULL, NULL) \
    expect_usage(lb_##name(NULL, NULLS_##paths NULLS_##query NULLS_##body NULL, &error), &error); \
    expect_usage(lb_submit_##name(NULL, NULLS_##paths NULLS_##query NULLS_##body NULL, NULL, NULL, &error), &error); \
    assert_int_equal(lb_##name(NULL, NULLS_##paths NULLS_##query NULLS_##body NULL, NULL), LB_EUSAGE); \
    assert_int_equal(lb_submit_##name(NULL, NULLS_##paths NULLS_##query NULLS_##body NULL, NULL, NULL, NULL), LB_EUSAGE); \
    count(#name, lb_##name(client, NULLS_##paths NULLS_##query NULLS_##body NULL, &error), &error); \
    count(#name, lb_submit_##name(client, NULLS_##paths NULLS_##query NULLS_##body NULL, NULL, NULL, &error), &error);
#include "endpoints.def"
    assert_int_equal(refused + taken, 2 * LB_ENDPOINT_COUNT);
    assert_true(taken >= 2 && refused > taken);
    assert_non_null(lb_endpoints());
    expect_usage(lb_endpoint_submit(NULL, LB_EP_get_room, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &error), &error);
    expect_usage(lb_endpoint_submit(client, LB_EP_get_room, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &error), &error);
    expect_usage(lb_endpoint_submit(client, LB_EP_get_room, no_names, NULL, NULL, NULL, NULL, NULL, NULL, &error), &error);
    expect_usage(lb_endpoint_submit(client, LB_ENDPOINT_COUNT, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &error), &error);
    assert_int_equal(lb_endpoint_submit(client, LB_EP_get_rooms, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), LB_OK);
    end(client, loop);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_take_null),
        cmocka_unit_test(loops_take_null),
        cmocka_unit_test(a_loop_takes_null_for_its_arguments),
        cmocka_unit_test(clients_take_null),
        cmocka_unit_test(requests_take_null),
        cmocka_unit_test(responses_take_null),
        cmocka_unit_test(queries_sessions_and_webhooks_take_null),
        cmocka_unit_test(pages_take_null),
        cmocka_unit_test(every_endpoint_takes_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
