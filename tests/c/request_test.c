/* request_test.c - one call: what is refused before it is sent, what goes out, which outcomes are followed by another attempt, and
 * how it ends. Wants the test server in LBHOST_TEST_SERVER. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "liveblocks.h"

static lb_loop *loop;
static lb_client *client;

static void begin(const char *tail) {
    char url[512];
    lb_error error;
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    snprintf(url, sizeof url, "%s%s", getenv("LBHOST_TEST_SERVER"), tail);
    assert_int_equal(lb_client_create(loop, &(lb_options){ LB_OPTIONS_INIT, .secret = "sk_secret", .base_url = url, .backoff = 0.001,
                                      .max_backoff = 0.002, .max_attempts = 3 }, &client, &error), LB_OK);
}

static void end(void) {
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

/* ---- What is refused ---------------------------------------------------------------------------- */

static void never(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    (void)user_data, (void)status, (void)response, (void)error;
    fail_msg("nothing was submitted");
}

static void what_cannot_be_sent_is_a_usage_error_and_done_is_not_called(void **state) {
    (void)state;
    begin("");
    static const lb_pair bad_name[] = { { "X A", "1" }, { NULL, NULL } }, bad_value[] = { { "X-A", "1\r\nX-B: 2" }, { NULL, NULL } },
                         no_value[] = { { "X-A", NULL }, { NULL, NULL } };
    static const lb_body no_data = { .size = 3 }, bad_type = { .data = "", .content_type = "a\r\nb" }, missing = { .file = "/nonexistent/f" };
    static const char *const recipients[] = { "c@d", NULL };
    static const lb_mail mail = { .from = "a@b", .recipients = recipients };
    static const struct { lb_call call; const char *message; } cases[] = {
        { { .path = "/x" }, "'' is not a valid HTTP method" },
        { { .method = "GE T", .path = "/x" }, "'GE T' is not a valid HTTP method" },
        { { .method = "GET\r\n", .path = "/x" }, "is not a valid HTTP method" },
        { { .method = "LONGMETHOD", .path = "/x" }, "is not a valid HTTP method" },
        { { .method = "GET" }, "the path must begin with /" },
        { { .method = "GET", .path = "x" }, "the path must begin with /" },
        { { .method = "GET", .path = "/x y" }, "the path contains a space or control character" },
        { { .method = "GET", .path = "/x\r\nA: b" }, "the path contains a space or control character" },
        { { .method = "GET", .url = "ftp://h/" }, "the URL does not begin with http:// or https://" },
        { { .method = "GET", .url = "http://h/\x7f" }, "the URL contains a space or control character" },
        { { .method = "GET", .path = "/x", .headers = bad_name }, "'X A' is not a valid header name" },
        { { .method = "GET", .path = "/x", .headers = bad_value }, "the value of header 'X-A' has a line break or control character" },
        { { .method = "GET", .path = "/x", .headers = no_value }, "the value of header 'X-A'" },
        { { .method = "PUT", .path = "/x", .body = &no_data }, "the body has a size, but its data is NULL" },
        { { .method = "PUT", .path = "/x", .body = &bad_type }, "the content type has a line break or control character" },
        { { .method = "PUT", .path = "/x", .body = &missing }, "cannot read the file '/nonexistent/f': No such file or directory" },
        { { .method = "GET", .path = "/x", .timeout = -1 }, "the timeout must be greater than 0" },
        { { .method = "GET", .path = "/x", .timeout = (double)NAN }, "the timeout must be greater than 0" },
        { { .method = "SEND", .url = "http://h", .mail = &mail }, "does not begin with smtp:// or smtps://" },
        { { .method = "SEND", .url = "smtp://h", .mail = &mail }, "the e-mail has no text" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lb_error error;
        lb_request *request = (lb_request *)&error;
        assert_int_equal(lb_request_submit(client, &cases[i].call, never, NULL, &request, &error), LB_EUSAGE);
        if (!strstr(error.message, cases[i].message)) fail_msg("'%s' is not '%s'", error.message, cases[i].message);
        assert_null(request);
        assert_int_equal(lb_request_submit(client, &cases[i].call, NULL, NULL, NULL, NULL), LB_EUSAGE);
    }
    assert_int_equal(lb_loop_pending(loop), 0);
    end();
}

static void a_client_without_a_secret_says_where_one_comes_from_and_takes_urls(void **state) {
    (void)state;
    char url[256];
    lb_client *bare;
    lb_error error;
    begin("");
    assert_int_equal(lb_client_create(loop, &(lb_options){ LB_OPTIONS_INIT }, &bare, &error), LB_OK);
    assert_int_equal(lb_request_perform(bare, &(lb_call){ .method = "GET", .path = "/x" }, NULL, &error), LB_EUSAGE);
    assert_non_null(strstr(error.message, "LIVEBLOCKS_SECRET_KEY"));
    snprintf(url, sizeof url, "%s/v2/x", getenv("LBHOST_TEST_SERVER"));
    assert_int_equal(lb_request_perform(bare, &(lb_call){ .method = "GET", .url = url }, NULL, &error), LB_OK);
    lb_client_destroy(bare);
    end();
}

/* ---- What goes out ------------------------------------------------------------------------------ */

/* The request as the server has received it, as JSON in which a slash is one. */
static char *sent(const lb_call *call) {
    lb_response *response;
    lb_error error;
    if (lb_request_perform(client, call, &response, &error) != LB_OK) fail_msg("%s", error.message);
    char *text = strdup(lb_response_body(response, NULL));
    for (char *at = text; (at = strstr(at, "\\/"));) memmove(at, at + 1, strlen(at));
    lb_response_free(response);
    return text;
}

static void expect_sent(const lb_call *call, const char *const *there, const char *const *absent) {
    char *text = sent(call);
    for (; *there; there++)
        if (!strstr(text, *there)) fail_msg("no %s in %s", *there, text);
    for (; absent && *absent; absent++)
        if (strstr(text, *absent)) fail_msg("%s in %s", *absent, text);
    free(text);
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void a_path_goes_to_the_base_url_with_the_secret_and_a_url_elsewhere_without(void **state) {
    (void)state;
    char url[256];
    begin("/do/echo/q1");
    const lb_pair query[] = { { "a b", "c&d" }, { NULL, NULL } };
    expect_sent(&(lb_call){ .method = "GET", .path = "/v2/x", .query = query }, LIST("/v2/x?a+b=c%26d", "Bearer sk_secret"), NULL);
    snprintf(url, sizeof url, "%s/do/echo/q2/x?y=1", getenv("LBHOST_TEST_SERVER"));
    expect_sent(&(lb_call){ .method = "GET", .url = url, .query = query }, LIST("/x?y=1&a+b=c%26d"), LIST("sk_secret"));
    url[0] = 'H'; /* schemes have no case */
    expect_sent(&(lb_call){ .method = "GET", .url = url }, LIST("/x?y=1"), NULL);
    end();
}

static void headers_and_bodies_are_those_of_the_call(void **state) {
    (void)state;
    char name[] = "/tmp/request.XXXXXX";
    int file = mkstemp(name);
    assert_int_equal(write(file, "0123456789", 10), 10);
    close(file);
    begin("/do/echo/q3");
    const lb_pair headers[] = { { "X-A", "one" }, { "User-Agent", "mine" }, { NULL, NULL } };
    expect_sent(&(lb_call){ .method = "POST", .path = "/v2/x", .headers = headers, .body = LB_TEXT("{\"n\":1}") },
                LIST("\"X-A\"", "one", "mine", "application/json", "eyJuIjoxfQ=="), NULL);
    expect_sent(&(lb_call){ .method = "PUT", .path = "/v2/x", .body = &(lb_body){ .data = "\0b", .size = 2, .content_type = "a/b" } },
                LIST("a/b", "AGI="), LIST("application/json"));
    lb_body part = lb_body_file(name);
    part.offset = 3, part.length = 4, part.content_type = "application/octet-stream";
    expect_sent(&(lb_call){ .method = "PUT", .path = "/v2/x", .body = &part }, LIST("MzQ1Ng==", "octet-stream"), NULL);
    part.offset = 3, part.length = 0; /* to its end */
    expect_sent(&(lb_call){ .method = "PUT", .path = "/v2/x", .body = &part }, LIST("MzQ1Njc4OQ=="), NULL);
    lb_error error;
    part.offset = 8, part.length = 3;
    assert_int_equal(lb_request_perform(client, &(lb_call){ .method = "PUT", .path = "/v2/x", .body = &part }, NULL, &error), LB_EUSAGE);
    assert_non_null(strstr(error.message, "has 10 bytes; the part to upload ends after them"));
    part.file = "/";
    assert_int_equal(lb_request_perform(client, &(lb_call){ .method = "PUT", .path = "/v2/x", .body = &part }, NULL, &error), LB_EUSAGE);
    assert_non_null(strstr(error.message, "'/' is not a regular file"));
    unlink(name);
    end();
}

/* ---- Attempts ----------------------------------------------------------------------------------- */

static void only_what_may_be_sent_again_is_sent_again(void **state) {
    (void)state;
    static const struct { const char *tail, *method; lb_idempotency idempotency; int status, attempts; } cases[] = {
        { "/do/status,code=503/t1", "GET", LB_IDEMPOTENCY_DEFAULT, LB_EHTTP, 3 },
        { "/do/status,code=503,times=2/t2", "DELETE", LB_IDEMPOTENCY_DEFAULT, LB_OK, 3 },
        { "/do/status,code=503/t3", "POST", LB_IDEMPOTENCY_DEFAULT, LB_EHTTP, 1 },
        { "/do/status,code=503/t4", "POST", LB_IDEMPOTENT, LB_EHTTP, 3 },
        { "/do/status,code=503/t5", "GET", LB_NOT_IDEMPOTENT, LB_EHTTP, 1 },
        { "/do/status,code=429/t6", "POST", LB_NOT_IDEMPOTENT, LB_EHTTP, 3 }, /* it was not processed */
        { "/do/status,code=501/t7", "GET", LB_IDEMPOTENCY_DEFAULT, LB_EHTTP, 1 },
        { "/do/status,code=404/t8", "GET", LB_IDEMPOTENCY_DEFAULT, LB_EHTTP, 1 },
        { "/do/reset-before/t9", "GET", LB_IDEMPOTENCY_DEFAULT, LB_ENETWORK, 3 },
        { "/do/reset-before/t10", "POST", LB_IDEMPOTENCY_DEFAULT, LB_ENETWORK, 1 },
        { "/do/silent/t11", "GET", LB_IDEMPOTENCY_DEFAULT, LB_ETIMEOUT, 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lb_error error = { .attempts = 0 };
        lb_response *response;
        begin(cases[i].tail);
        int status = lb_request_perform(client, &(lb_call){ .method = cases[i].method, .path = "/v2/x", .idempotency = cases[i].idempotency,
                                        .timeout = cases[i].status == LB_ETIMEOUT ? 0.2 : 0 }, &response, &error);
        int attempts = response ? lb_response_attempts(response) : error.attempts;
        if (status != cases[i].status || attempts != cases[i].attempts)
            fail_msg("%s %s: %d after %d attempts", cases[i].method, cases[i].tail, status, attempts);
        lb_response_free(response);
        end();
    }
}

static void a_call_may_ask_for_fewer_attempts_and_an_earlier_end(void **state) {
    (void)state;
    lb_error error;
    begin("/do/status,code=503/t12");
    assert_int_equal(lb_request_perform(client, &(lb_call){ .method = "GET", .path = "/v2/x", .max_attempts = 2 }, NULL, &error), LB_EHTTP);
    assert_int_equal(error.attempts, 2);
    end();
    begin("/do/status,code=503,retry-after=3600/t13"); /* an hour is after any deadline */
    assert_int_equal(lb_request_perform(client, &(lb_call){ .method = "GET", .path = "/v2/x" }, NULL, &error), LB_EHTTP);
    assert_true(error.retry_after > 3599 && error.retry_after <= 3600);
    end();
}

/* ---- How it ends -------------------------------------------------------------------------------- */

static void an_http_error_names_the_request_and_what_the_server_says(void **state) {
    (void)state;
    lb_error error;
    lb_response *response;
    begin("/do/status,code=422,body=%7B%22error%22%3A%22INVALID%22%2C%22message%22%3A%22no%22%7D/e1");
    assert_int_equal(lb_request_perform(client, &(lb_call){ .method = "PUT", .path = "/v2/x",
                     .query = (const lb_pair[]){ { "token", "secret" }, { NULL, NULL } } }, &response, &error), LB_EHTTP);
    assert_int_equal(error.status, 422);
    assert_string_equal(error.code, "INVALID");
    assert_string_equal(error.message, "no");
    assert_string_equal(error.method, "PUT");
    assert_non_null(strstr(error.path, "/v2/x"));
    assert_null(strstr(error.path, "secret"));
    assert_non_null(response); /* with its body */
    lb_response_free(response);
    end();
    begin("/do/redirect/e2");
    assert_int_equal(lb_request_perform(client, &(lb_call){ .method = "GET", .path = "/v2/x" }, NULL, &error), LB_EHTTP);
    assert_non_null(strstr(error.message, "redirects elsewhere, which is not followed"));
    end();
}

static void a_password_in_front_of_a_host_is_not_in_the_error(void **state) {
    (void)state;
    lb_error error;
    begin("");
    assert_int_equal(lb_request_perform(client, &(lb_call){ .method = "GET", .url = "http://user:pass@127.0.0.1:1/x?y", .max_attempts = 1 },
                                        NULL, &error), LB_ENETWORK);
    assert_string_equal(error.path, "127.0.0.1:1/x");
    assert_null(strstr(error.message, "pass"));
    end();
}

typedef struct ending { int calls; lb_status status; lb_request *request; } ending;

static void on_done(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    ending *e = user_data;
    (void)response;
    e->calls++;
    e->status = status;
    assert_int_equal(error == NULL, status == LB_OK);
}

static void one_that_is_cancelled_ends_once_in_whatever_state_it_is(void **state) {
    (void)state;
    lb_error error;
    static const char *const tails[] = { "/do/silent/x1", "/do/status,code=503,retry-after=1/x2" };
    for (size_t i = 0; i < 3; i++) { /* in flight, waiting for another attempt, in the queue */
        ending first = { .calls = 0 }, second = { .calls = 0 };
        begin(tails[i % 2]);
        lb_client *one;
        assert_int_equal(lb_client_copy(client, &(lb_options){ LB_OPTIONS_INIT, .max_in_flight = 1, .max_backoff = 60 }, &one, &error), LB_OK);
        const lb_call call = { .method = "GET", .path = "/v2/x" };
        assert_int_equal(lb_request_submit(one, &call, on_done, &first, &first.request, &error), LB_OK);
        assert_int_equal(lb_request_submit(one, &call, on_done, &second, &second.request, &error), LB_OK);
        for (int steps = 0; i < 2 && steps < 20; steps++) assert_true(lb_loop_step(loop, 5, NULL, 0) >= 0);
        if (i == 2) {
            lb_request_cancel(second.request);
            assert_int_equal(second.status, LB_ECANCELLED);
        }
        if (!first.calls) lb_request_cancel(first.request);
        assert_int_equal(first.calls, 1);
        assert_int_equal(first.status, LB_ECANCELLED);
        lb_client_destroy(one); /* cancels what is left */
        assert_int_equal(second.calls, 1);
        assert_int_equal(second.status, LB_ECANCELLED);
        assert_int_equal(lb_loop_pending(loop), 0);
        end();
    }
    lb_request_cancel(NULL);
}

static void done_is_not_called_before_submit_has_returned(void **state) {
    (void)state;
    lb_error error;
    ending e = { .calls = 0 };
    begin("");
    assert_int_equal(lb_request_submit(client, &(lb_call){ .method = "GET", .url = "http://127.0.0.1:1/", .max_attempts = 1 }, on_done, &e,
                                       &e.request, &error), LB_OK);
    assert_int_equal(e.calls, 0);
    while (lb_loop_pending(loop)) assert_true(lb_loop_step(loop, -1, NULL, 0) >= 0);
    assert_int_equal(e.calls, 1);
    assert_int_equal(e.status, LB_ENETWORK);
    end();
}

static void one_that_waits_in_the_queue_past_its_deadline_says_so(void **state) {
    (void)state;
    lb_error error;
    lb_client *one;
    ending first = { .calls = 0 };
    begin("/do/silent/x4");
    assert_int_equal(lb_client_copy(client, &(lb_options){ LB_OPTIONS_INIT, .max_in_flight = 1 }, &one, &error), LB_OK);
    assert_int_equal(lb_request_submit(one, &(lb_call){ .method = "GET", .path = "/v2/x" }, on_done, &first, NULL, &error), LB_OK);
    assert_int_equal(lb_request_perform(one, &(lb_call){ .method = "GET", .path = "/v2/x", .timeout = 0.05 }, NULL, &error), LB_ETIMEOUT);
    assert_non_null(strstr(error.message, "the deadline passed before the request could be sent"));
    assert_int_equal(error.attempts, 0);
    lb_client_destroy(one);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_sent_is_a_usage_error_and_done_is_not_called),
        cmocka_unit_test(a_client_without_a_secret_says_where_one_comes_from_and_takes_urls),
        cmocka_unit_test(a_path_goes_to_the_base_url_with_the_secret_and_a_url_elsewhere_without),
        cmocka_unit_test(headers_and_bodies_are_those_of_the_call),
        cmocka_unit_test(only_what_may_be_sent_again_is_sent_again),
        cmocka_unit_test(a_call_may_ask_for_fewer_attempts_and_an_earlier_end),
        cmocka_unit_test(an_http_error_names_the_request_and_what_the_server_says),
        cmocka_unit_test(a_password_in_front_of_a_host_is_not_in_the_error),
        cmocka_unit_test(one_that_is_cancelled_ends_once_in_whatever_state_it_is),
        cmocka_unit_test(done_is_not_called_before_submit_has_returned),
        cmocka_unit_test(one_that_waits_in_the_queue_past_its_deadline_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
