/* webhook_test.c - webhooks from C; tests/spec/module/webhook_spec.lua has what Lua adds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "liveblocks.h"

/* The published test vector. */
static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", vector_id[] = "msg_p5jXN8AQM9LWM0D4loKWxJek",
                  vector_time[] = "1614265330", vector_body[] = "{\"test\": 2432232314}",
                  vector_signature[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

static lb_webhook *webhook_of(const char *a, const char *b) {
    lb_webhook *webhook;
    lb_error error;
    assert_int_equal(lb_webhook_create((const char *const[]){ a, b, NULL }, &webhook, &error), LB_OK);
    return webhook;
}

static lb_webhook_message vector(void) {
    return (lb_webhook_message){
        .id = lb_slice_text(vector_id), .timestamp = lb_slice_text(vector_time), .signature = lb_slice_text(vector_signature),
        .body = lb_slice_text(vector_body), .now = 1614265330,
    };
}

/* The code of a refusal, or "" when it is taken. */
static const char *verify(lb_webhook_message message) {
    static lb_error error;
    lb_webhook *webhook = webhook_of(secret, NULL);
    int status = lb_webhook_verify(webhook, &message, &error);
    lb_webhook_destroy(webhook);
    assert_true(status == LB_OK || status == LB_EWEBHOOK);
    assert_int_equal(error.kind, status);
    assert_null(strstr(error.message, vector_signature + 3));
    assert_true(status == LB_OK || error.message[0]);
    return error.code;
}

static const char *with_signature(const char *signature) {
    lb_webhook_message message = vector();
    message.signature = lb_slice_text(signature);
    return verify(message);
}

static void the_published_vector_is_signed_and_verified(void **state) {
    (void)state;
    char out[LB_WEBHOOK_SIGNATURE_SIZE];
    lb_error error;
    assert_int_equal(lb_webhook_sign(secret, vector_id, vector_time, vector_body, strlen(vector_body), out, &error), LB_OK);
    assert_string_equal(out, vector_signature);
    assert_string_equal(verify(vector()), "");
    assert_string_equal(lb_status_name(LB_EWEBHOOK), "webhook");
}

static void one_of_several_secrets_and_signatures_is_enough(void **state) {
    (void)state;
    char two[256];
    lb_webhook *webhook = webhook_of("whsec_AAAA", secret);
    const lb_webhook_message message = vector();
    for (int i = 0; i < 3; i++) assert_int_equal(lb_webhook_verify(webhook, &message, NULL), LB_OK);
    lb_webhook_destroy(webhook);
    webhook = webhook_of("whsec_AAAA", NULL);
    assert_int_equal(lb_webhook_verify(webhook, &message, NULL), LB_EWEBHOOK);
    lb_webhook_destroy(webhook);
    snprintf(two, sizeof two, "v1,AAAA v2,x %s", vector_signature);
    assert_string_equal(with_signature(two), "");
    snprintf(two, sizeof two, "%s v1,AAAA", vector_signature);
    assert_string_equal(with_signature(two), "");
}

static void a_wrong_signature_is_refused(void **state) {
    (void)state;
    char other[64];
    const char *const wrong[] = { "v1,", "v1", ",", " ", vector_signature + 3, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) assert_string_equal(with_signature(wrong[i]), "WRONG_SIGNATURE");
    for (size_t i = 3; i < sizeof vector_signature - 2; i++) { /* but for the padding */
        strcpy(other, vector_signature);
        other[i] = other[i] == 'A' ? 'B' : 'A';
        assert_string_equal(with_signature(other), "WRONG_SIGNATURE");
    }
    lb_webhook_message message = vector();
    message.body.size--;
    assert_string_equal(verify(message), "WRONG_SIGNATURE");
    message = vector();
    message.body = (lb_slice){ NULL, 0 };
    assert_string_equal(verify(message), "WRONG_SIGNATURE");
}

static void five_minutes_are_taken_both_ways_and_no_more(void **state) {
    (void)state;
    const struct { double now, tolerance; const char *code; } cases[] = {
        { 1614265330 + 300, 0, "" }, { 1614265330 + 300.5, 0, "TOO_OLD" }, { 1614265330 - 300, 0, "" },
        { 1614265330 - 300.5, 0, "FROM_FUTURE" }, { 1614265330 + 10, 9, "TOO_OLD" }, { 1614265330 + 900, 900, "" },
        { 0, 0, "TOO_OLD" }, /* the system's clock */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lb_webhook_message message = vector();
        message.now = cases[i].now;
        message.tolerance = cases[i].tolerance;
        assert_string_equal(verify(message), cases[i].code);
    }
    lb_webhook *webhook = webhook_of(secret, NULL);
    lb_webhook_message message = vector();
    message.now = NAN;
    assert_int_equal(lb_webhook_verify(webhook, &message, NULL), LB_EUSAGE);
    message = vector();
    message.tolerance = NAN;
    assert_int_equal(lb_webhook_verify(webhook, &message, NULL), LB_EUSAGE);
    lb_webhook_destroy(webhook);
}

static void the_clock_is_that_of_the_system(void **state) {
    (void)state;
    char now[32], out[LB_WEBHOOK_SIGNATURE_SIZE];
    snprintf(now, sizeof now, "%lld", (long long)time(NULL));
    assert_int_equal(lb_webhook_sign(secret, "id", now, "{}", 2, out, NULL), LB_OK);
    const lb_webhook_message message = { .id = lb_slice_text("id"), .timestamp = lb_slice_text(now), .signature = lb_slice_text(out),
                                         .body = lb_slice_text("{}") };
    assert_string_equal(verify(message), "");
}

static void headers_that_are_missing_or_malformed_are_refused(void **state) {
    (void)state;
    static char long_id[258];
    memset(long_id, 'a', 257);
    const struct { lb_slice id, timestamp, signature; const char *code; } cases[] = {
        { { NULL, 0 }, { "1", 1 }, { "v1,x", 4 }, "MISSING_HEADER" }, { { "a", 1 }, { "", 0 }, { "v1,x", 4 }, "MISSING_HEADER" },
        { { "a", 1 }, { "1", 1 }, { NULL, 0 }, "MISSING_HEADER" }, { { "a,b", 3 }, { "1", 1 }, { "v1,x", 4 }, "MALFORMED_HEADER" },
        { { "a\0b", 3 }, { "1", 1 }, { "v1,x", 4 }, "MALFORMED_HEADER" }, { { "a b", 3 }, { "1", 1 }, { "v1,x", 4 }, "MALFORMED_HEADER" },
        { { "\xc3\xa9", 2 }, { "1", 1 }, { "v1,x", 4 }, "MALFORMED_HEADER" },
        { { long_id, 257 }, { "1", 1 }, { "v1,x", 4 }, "MALFORMED_HEADER" },
        { { "a", 1 }, { "-1", 2 }, { "v1,x", 4 }, "MALFORMED_HEADER" }, { { "a", 1 }, { "1e9", 3 }, { "v1,x", 4 }, "MALFORMED_HEADER" },
        { { "a", 1 }, { "1\0", 2 }, { "v1,x", 4 }, "MALFORMED_HEADER" },
        { { "a", 1 }, { "1234567890123456", 16 }, { "v1,x", 4 }, "MALFORMED_HEADER" },
        { { "a", 1 }, { "1", 1 }, { "v1,x, v1,y", 10 }, "MALFORMED_HEADER" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const lb_webhook_message message = { .id = cases[i].id, .timestamp = cases[i].timestamp, .signature = cases[i].signature, .now = 1 };
        assert_string_equal(verify(message), cases[i].code);
    }
}

static void secrets_that_are_not_valid_are_refused(void **state) {
    (void)state;
    static char long_secret[5000] = "whsec_";
    memset(long_secret + 6, 'A', sizeof long_secret - 7);
    const char *const secrets[] = { "", "x", "whsec_", "whsec_!", "whsec_A", "whsec_====", "WHSEC_AAAA", long_secret };
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        lb_webhook *webhook = (lb_webhook *)&webhook;
        lb_error error;
        assert_int_equal(lb_webhook_create((const char *const[]){ secret, secrets[i], NULL }, &webhook, &error), LB_EUSAGE);
        assert_null(webhook);
        assert_true(strncmp(error.message, "webhook: ", 9) == 0);
    }
    const char *const good[] = { "whsec_AA", "whsec_AA==", "whsec_AAA", "whsec_AAA=", "whsec_AAAA" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) lb_webhook_destroy(webhook_of(good[i], NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_vector_is_signed_and_verified),
        cmocka_unit_test(one_of_several_secrets_and_signatures_is_enough),
        cmocka_unit_test(a_wrong_signature_is_refused),
        cmocka_unit_test(five_minutes_are_taken_both_ways_and_no_more),
        cmocka_unit_test(the_clock_is_that_of_the_system),
        cmocka_unit_test(headers_that_are_missing_or_malformed_are_refused),
        cmocka_unit_test(secrets_that_are_not_valid_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
