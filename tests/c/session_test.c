/* session_test.c - access tokens from C, against the test server in LBHOST_TEST_SERVER, which sends the request back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "liveblocks.h"

static lb_loop *loop;
static lb_client *client;

static int begin(void **state) {
    (void)state;
    char url[256];
    lb_options options = lb_options_init();
    snprintf(url, sizeof url, "%s/do/echo/session", getenv("LBHOST_TEST_SERVER"));
    options.secret = "sk_s";
    options.base_url = url;
    return lb_loop_create(&loop) || lb_client_create(loop, &options, &client, NULL);
}

static int end(void **state) {
    (void)state;
    lb_client_destroy(client);
    lb_loop_destroy(loop);
    return 0;
}

static void base64(const char *text, char *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i += 3) {
        unsigned bits = 0;
        for (size_t k = 0; k < 3; k++) bits = bits << 8 | (i + k < size ? (unsigned char)text[i + k] : 0);
        for (size_t k = 0; k < 4; k++) *out++ = i + k > size ? '=' : digits[bits >> (18 - 6 * k) & 63];
    }
    *out = '\0';
}

/* Is the request, as the server has recorded it, a call of authorize_user with this body? */
static void expect_body(const lb_response *response, const char *body) {
    char encoded[1024];
    base64(body, encoded);
    const char *record = lb_response_body(response, NULL);
    if (!strstr(record, encoded)) fail_msg("%s (%s) is not in %s", body, encoded, record);
    assert_non_null(strstr(record, "authorize-user"));
}

static void a_token_is_asked_for_with_what_is_allowed(void **state) {
    (void)state;
    lb_response *response;
    lb_error error;
    const lb_pair permissions[] = {
        { "a", "room:read comments:write" }, { "eng:*", "room:write" }, { "a", "room:read  feeds:read room:read" }, { NULL, NULL },
    };
    const lb_session session = { .user_id = "al\"ice", .permissions = permissions, .user_info = "{\"n\":[1]}", .organization_id = "acme" };
    assert_int_equal(lb_session_authorize(client, &session, &response, &error), LB_OK);
    expect_body(response, "{\"userId\":\"al\\\"ice\",\"organizationId\":\"acme\",\"userInfo\":{\"n\":[1]},\"permissions\":"
                          "{\"a\":[\"room:read\",\"comments:write\",\"feeds:read\"],\"eng:*\":[\"room:write\"]}}");
    lb_response_free(response);
    const lb_session nothing = { .user_id = "bob" };
    assert_int_equal(lb_session_authorize(client, &nothing, &response, &error), LB_OK);
    expect_body(response, "{\"userId\":\"bob\",\"permissions\":{}}");
    lb_response_free(response);
}

static void done(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    assert_null(error);
    assert_int_equal(status, LB_OK);
    expect_body(response, "{\"userId\":\"bob\",\"permissions\":{\"*\":[\"*:read\"]}}");
    ++*(int *)user_data;
}

static void a_token_is_asked_for_without_waiting(void **state) {
    (void)state;
    int ended = 0;
    lb_request *request;
    const lb_pair all[] = { { "*", "*:read" }, { NULL, NULL } };
    const lb_session session = { .user_id = "bob", .permissions = all };
    assert_int_equal(lb_session_submit(client, &session, done, &ended, &request, NULL), LB_OK);
    assert_non_null(request);
    for (int i = 0; i < 5000 && !ended; i++) lb_loop_step(loop, 10, NULL, 0);
    assert_int_equal(ended, 1);
}

static const char *refused(const char *user, const char *pattern, const char *permissions) {
    static lb_error error;
    lb_response *response = (lb_response *)&error;
    const lb_pair pairs[] = { { pattern, permissions }, { NULL, NULL } };
    const lb_session session = { .user_id = user, .permissions = pairs };
    assert_int_equal(lb_session_authorize(client, &session, &response, &error), LB_EUSAGE);
    assert_null(response);
    return error.message;
}

static void patterns_and_permissions_follow_the_rules(void **state) {
    (void)state;
    char pattern[512] = "";
    for (int i = 0; i < 128; i++) strcat(pattern, "\xc3\xa9");
    const char *const good[] = { "a", "a*", "*", "a b/\xc3\xa9*", pattern };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        const lb_pair pairs[] = { { good[i], "room:read" }, { NULL, NULL } };
        const lb_session session = { .user_id = "u", .permissions = pairs };
        assert_int_equal(lb_session_authorize(client, &session, NULL, NULL), LB_OK);
    }
    const char *const bad[] = { "", "a*b", "*a", "**", "a**", "\xff" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(strstr(refused("u", bad[i], "room:read"), "is not a valid room pattern"));
    assert_non_null(strstr(refused("u", strcat(pattern, "a*"), "room:read"), "is not a valid room pattern"));
    for (const char *const *name = lb_permissions(); *name; name++) {
        const lb_pair pairs[] = { { "*", *name }, { NULL, NULL } };
        const lb_session session = { .user_id = "u", .permissions = pairs };
        assert_int_equal(lb_session_authorize(client, &session, NULL, NULL), LB_OK);
    }
    assert_non_null(strstr(refused("u", "a", "room:wirte"), "'room:wirte' is not a valid permission"));
    assert_non_null(strstr(refused("u", "a", "room:read,room:write"), "is not a valid permission"));
    assert_string_equal(refused("u", "a", " "), "session: no permissions for the room pattern 'a'");
    assert_string_equal(refused("u", "a", NULL), "session: no permissions for the room pattern 'a'");
    assert_string_equal(refused("", "a", "room:read"), "session: user_id must not be empty");
    assert_string_equal(refused("\xff", "a", "room:read"), "session: a string is not UTF-8");
}

static void there_are_at_most_ten_patterns(void **state) {
    (void)state;
    lb_error error;
    lb_pair pairs[13];
    static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "a", "k" };
    for (int i = 0; i < 12; i++) pairs[i] = (lb_pair){ names[i], "room:read" };
    pairs[11] = pairs[12] = (lb_pair){ NULL, NULL };
    const lb_session session = { .user_id = "u", .permissions = pairs };
    assert_int_equal(lb_session_authorize(client, &session, NULL, &error), LB_OK);
    pairs[11] = (lb_pair){ "k", "room:read" };
    assert_int_equal(lb_session_authorize(client, &session, NULL, &error), LB_EUSAGE);
    assert_string_equal(error.message, "session: more than 10 room patterns in one session");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_asked_for_with_what_is_allowed), cmocka_unit_test(a_token_is_asked_for_without_waiting),
        cmocka_unit_test(patterns_and_permissions_follow_the_rules), cmocka_unit_test(there_are_at_most_ten_patterns),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
