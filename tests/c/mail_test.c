/* mail_test.c - the envelope of an e-mail: what is refused before a mail server sees it, and the copy that a request keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <string.h>

#include "allocator.h"
#include "client/internal.h"

static int check(const char *from, const char *const *recipients, lb_error *error) {
    lb_error_clear(error);
    return lb_mail_check(&(lb_mail){ .from = from, .recipients = recipients }, error);
}

static const char *const bob[] = { "bob@app.example", NULL };

static void addresses_are_taken_as_they_are(void **state) {
    (void)state;
    lb_error error;
    static const char *const good[] = { "a@b", "ann.b+c@mail.example", "\xc3\xa9@app.example", "a@b@c", "'x'@y" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_int_equal(check(good[i], bob, &error), LB_OK);
}

/* What could end the angle brackets of an SMTP command, or the command. */
static void what_could_add_a_command_is_refused(void **state) {
    (void)state;
    lb_error error;
    static const char *const bad[] = { "", "a", "@b", "a@", "a@b>", "<a@b", "a@b\r\nRCPT TO:<c@d>", "a@b c", "a@b\t", "a,b@c",
                                       "a;b@c", "\"a\"@b", "a\\@b", "a@b\x7f", "a@b\x01" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(check(bad[i], bob, &error), LB_EUSAGE);
        assert_non_null(strstr(error.message, "the sender '"));
        assert_int_equal(check("a@b", (const char *const[]){ "c@d", bad[i], NULL }, &error), LB_EUSAGE);
        assert_non_null(strstr(error.message, "the recipient '"));
    }
    assert_int_equal(check(NULL, bob, &error), LB_EUSAGE);
    assert_string_equal(error.message, "the sender '' is not a valid e-mail address");
}

static void an_address_has_at_most_320_bytes(void **state) {
    (void)state;
    lb_error error;
    char text[322];
    memset(text, 'a', sizeof text);
    text[5] = '@';
    text[320] = '\0';
    assert_int_equal(check(text, bob, &error), LB_OK);
    text[320] = 'a';
    text[321] = '\0';
    assert_int_equal(check(text, bob, &error), LB_EUSAGE);
}

static void there_are_1_to_1000_recipients(void **state) {
    (void)state;
    lb_error error;
    const char *many[1002] = { NULL };
    assert_int_equal(check("a@b", NULL, &error), LB_EUSAGE);
    assert_string_equal(error.message, "the e-mail has no recipient");
    assert_int_equal(check("a@b", many, &error), LB_EUSAGE);
    for (int i = 0; i < 1000; i++) many[i] = "c@d";
    assert_int_equal(check("a@b", many, &error), LB_OK);
    many[1000] = "c@d";
    assert_int_equal(check("a@b", many, &error), LB_EUSAGE);
    assert_string_equal(error.message, "the e-mail has more than 1000 recipients");
}

static void a_user_comes_with_a_password(void **state) {
    (void)state;
    lb_error error;
    assert_int_equal(lb_mail_check(&(lb_mail){ .from = "a@b", .recipients = bob, .user = "u", .password = "p" }, &error), LB_OK);
    assert_int_equal(lb_mail_check(&(lb_mail){ .from = "a@b", .recipients = bob, .user = "u" }, &error), LB_EUSAGE);
    assert_non_null(strstr(error.message, "both a user and a password, or neither"));
    assert_int_equal(lb_mail_check(&(lb_mail){ .from = "a@b", .recipients = bob, .password = "p" }, &error), LB_EUSAGE);
}

static void a_copy_does_not_refer_to_what_it_was_made_of(void **state) {
    (void)state;
    char from[] = "a@b", first[] = "c@d", user[] = "user", password[] = "password";
    const char *recipients[] = { first, "e@f", NULL };
    const lb_mail mail = { .from = from, .recipients = recipients, .user = user, .password = password, .plain = true };
    lb_mail *copy = lb_mail_copy(&lb_default_allocator, &mail);
    assert_non_null(copy);
    memset(from, 'x', 3), memset(first, 'x', 3), memset(user, 'x', 4), memset(password, 'x', 8);
    recipients[1] = "x";
    assert_string_equal(copy->from, "a@b");
    assert_string_equal(copy->recipients[0], "c@d");
    assert_string_equal(copy->recipients[1], "e@f");
    assert_null(copy->recipients[2]);
    assert_string_equal(copy->user, "user");
    assert_string_equal(copy->password, "password");
    assert_true(copy->plain);
    lb_mail_free(&lb_default_allocator, copy);
    copy = lb_mail_copy(&lb_default_allocator, &(lb_mail){ .from = "a@b", .recipients = bob });
    assert_null(copy->user);
    assert_null(copy->password);
    lb_mail_free(&lb_default_allocator, copy);
    lb_mail_free(&lb_default_allocator, NULL);
}

/* The block that was given back, as it was then. */
static char given_back[512];
static size_t block_size;

static void *note_size(void *user_data, void *block, size_t size) {
    block_size = size;
    return give(user_data, block, size);
}

static void note_bytes(void *user_data, void *block) {
    assert_true(block_size <= sizeof given_back);
    memcpy(given_back, block, block_size);
    take(user_data, block);
}

static void the_password_is_overwritten_before_its_memory_is_given_back(void **state) {
    (void)state;
    budget b = { .refuse = LONG_MAX };
    lb_allocator allocator = { note_size, note_bytes, &b };
    lb_mail *copy = lb_mail_copy(&allocator, &(lb_mail){ .from = "a@b", .recipients = bob, .user = "user", .password = "password" });
    lb_mail_free(&allocator, copy);
    for (size_t i = 0; i + 8 <= block_size; i++) assert_memory_not_equal(given_back + i, "password", 8);
    assert_int_equal(b.alive, 0);
}

static void a_copy_without_memory_is_null(void **state) {
    (void)state;
    budget b = { .refuse = 1, .lasts = 1 };
    lb_allocator allocator = { give, take, &b };
    assert_null(lb_mail_copy(&allocator, &(lb_mail){ .from = "a@b", .recipients = bob }));
    assert_int_equal(b.alive, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_taken_as_they_are),
        cmocka_unit_test(what_could_add_a_command_is_refused),
        cmocka_unit_test(an_address_has_at_most_320_bytes),
        cmocka_unit_test(there_are_1_to_1000_recipients),
        cmocka_unit_test(a_user_comes_with_a_password),
        cmocka_unit_test(a_copy_does_not_refer_to_what_it_was_made_of),
        cmocka_unit_test(the_password_is_overwritten_before_its_memory_is_given_back),
        cmocka_unit_test(a_copy_without_memory_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
