/* transport_curl_outcome_test.c - results that libcurl does not give: what it did not say may have happened. Against the test server
 * in LBHOST_TEST_SERVER, with libcurl's curl_easy_getinfo() replaced by one that fails for what is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/transport_curl.h"
#include "liveblocks.h"

static CURLINFO unknown; /* CURLINFO_NONE: nothing */

static CURLcode get_info(CURL *easy, CURLINFO what, ...) {
    va_list arguments;
    va_start(arguments, what);
    void *out = va_arg(arguments, void *);
    va_end(arguments);
    if (what == unknown) return CURLE_OUT_OF_MEMORY;
    return curl_easy_getinfo(easy, what, out);
}

/* server NULL: the test server */
static lb_status post(const char *server, const char *path, unsigned *attempts) {
    char url[256];
    lb_loop *loop;
    lb_client *client;
    lb_error error = { .attempts = 1 };
    lb_response *response = NULL;
    snprintf(url, sizeof url, "%s%s", server ? server : getenv("LBHOST_TEST_SERVER"), path);
    lb_options options = { LB_OPTIONS_INIT, .secret = "sk_o", .base_url = url, .max_attempts = 3, .backoff = 0.001, .timeout = 30 };
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    assert_int_equal(lb_client_create(loop, &options, &client, &error), LB_OK);
    lb_status status = lb_request_perform(client, &(lb_call){ .method = "POST", .path = "/v2/rooms", .body = LB_TEXT("{}") },
                                          &response, &error);
    *attempts = (unsigned)(status == LB_OK ? lb_response_attempts(response) : error.attempts);
    lb_response_free(response);
    lb_client_destroy(client);
    lb_loop_destroy(loop);
    return status;
}

static void a_response_without_its_status_is_an_error(void **state) {
    (void)state;
    unsigned attempts;
    unknown = CURLINFO_RESPONSE_CODE;
    assert_int_not_equal(post(NULL, "/do/slow=0/untold", &attempts), LB_OK);
    unknown = CURLINFO_NONE;
    assert_int_equal(post(NULL, "/do/slow=0/known", &attempts), LB_OK);
}

static void what_may_have_been_sent_is_not_sent_again(void **state) {
    (void)state;
    unsigned attempts;
    assert_int_equal(post("http://127.0.0.1:1", "", &attempts), LB_ENETWORK); /* nobody listens: nothing is sent */
    assert_int_equal(attempts, 3);
    unknown = CURLINFO_REQUEST_SIZE;
    assert_int_equal(post("http://127.0.0.1:1", "", &attempts), LB_ENETWORK);
    assert_int_equal(attempts, 1);
    unknown = CURLINFO_NONE;
}

static void a_transfer_that_ends_is_found_by_its_handle_as_well(void **state) {
    (void)state;
    unsigned attempts;
    unknown = CURLINFO_PRIVATE;
    assert_int_equal(post(NULL, "/do/slow=0/found", &attempts), LB_OK);
    unknown = CURLINFO_NONE;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_response_without_its_status_is_an_error),
        cmocka_unit_test(what_may_have_been_sent_is_not_sent_again),
        cmocka_unit_test(a_transfer_that_ends_is_found_by_its_handle_as_well),
    };
    lb_curl.easy_getinfo = get_info;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
