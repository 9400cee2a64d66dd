/* host/http_message.c: heads and chunked bodies as bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../host/http_message.c"
#include "seed.h"

/* Parses a copy of exact size, so that the sanitizers see what is read beyond it. Returns the status, 0 for good, -1 for a
 * head that is not complete. */
static int parse(const char *text, size_t size, http_head *head) {
    char *bytes = malloc(size ? size : 1);
    memcpy(bytes, text, size);
    http_problem problem = { 0, NULL };
    size_t seen = 0, end = http_find_head(bytes, size, &seen, &problem);
    int status = problem.status;
    if (!status && !end) status = -1;
    if (!status && !http_parse_head(bytes, end, head, &problem)) status = problem.status;
    if (status > 0) assert_true(problem.reason && *problem.reason);
    free(bytes);
    return status;
}

static void takes_what_is_good(void **state) {
    static const char text[] = "POST /a/b?c=d&e HTTP/1.1\r\nHost: [::1]:80\r\nX-Empty:\r\nx:\t a b \t\r\nContent-Length: 007\r\n"
                               "Connection: foo, CLOSE\r\nExpect: 100-Continue\r\n\r\n";
    http_head head;
    (void)state;
    assert_int_equal(parse(text, sizeof text - 1, &head), 0);
    assert_memory_equal(text + head.method.at, "POST", head.method.size);
    assert_int_equal(head.path.size, 4);
    assert_memory_equal(text + head.query.at, "c=d&e", 5);
    assert_true(head.has_query && head.has_length && !head.keep_alive && head.expects_continue && !head.chunked);
    assert_int_equal(head.length, 7);
    assert_int_equal(head.count, 6);
    assert_int_equal(head.fields[1].value.size, 0);
    assert_memory_equal(text + head.fields[2].value.at, "a b", 3);
}

static void reads_the_forms_of_a_target(void **state) {
    static const struct {
        const char *target, *path;
    } rows[] = { { "/", "/" }, { "/x?", "/x" }, { "*", "*" }, { "http://h/p?q", "/p" }, { "HTTPS://h:1", "" }, { "http://h?q", "" } };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[128];
        http_head head;
        int size = snprintf(text, sizeof text, "OPTIONS %s HTTP/1.0\r\n\r\n", rows[i].target);
        assert_int_equal(parse(text, (size_t)size, &head), 0);
        assert_int_equal(head.path.size, strlen(rows[i].path));
        assert_memory_equal(text + head.path.at, rows[i].path, head.path.size);
        assert_false(head.keep_alive);
    }
}

static void refuses_what_another_reader_could_take_for_something_else(void **state) {
    static const struct {
        int status;
        const char *text;
    } rows[] = {
        { 400, "\r\n\r\n" }, { 400, "\x16\x03\x01" }, { 400, " GET / HTTP/1.1\r\n" }, { 400, "GET / HTTP/1.1\n" },
        { 400, "GET / HTTP/1.1\r\nHost: x\n" }, { 400, "GET / HTTP/1.1\rHost" }, { 400, "GET / HTTP/1.1\r\r\n" },
        { 400, "GET / HTTP/1.1\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\nHost : x\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\nHost\t: x\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\n Host: x\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\nHost: x\r\nX\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\nHost: x\r\nX: \x7f\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\nHost: x\r\nX: \x01\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\nHost: x\r\nX(: y\r\n\r\n" },
        { 400, "GET  / HTTP/1.1\r\n\r\n" }, { 400, "GET / HTTP/1.1 \r\n\r\n" }, { 400, "GET /\r\n\r\n" },
        { 400, "GET HTTP/1.1\r\n\r\n" }, { 400, "GET  HTTP/1.1\r\n\r\n" }, { 400, "GET x HTTP/1.1\r\nHost: x\r\n\r\n" },
        { 400, "GET /#a HTTP/1.1\r\nHost: x\r\n\r\n" }, { 400, "CONNECT h:1 HTTP/1.1\r\nHost: x\r\n\r\n" },
        { 400, "GET http://y/p HTTP/1.1\r\nHost: x\r\n\r\n" }, { 400, "GET http://x:80/p HTTP/1.1\r\nHost: x\r\n\r\n" },
        { 400, "GET http://u@x/p HTTP/1.1\r\nHost: x\r\n\r\n" }, { 400, "GET http://u@x/p HTTP/1.0\r\n\r\n" },
        { 400, "GET http://x/p HTTP/1.1\r\nHost:\r\n\r\n" }, { 0, "GET http://X/p HTTP/1.1\r\nHost: x\r\n\r\n" },
        { 400, "GET http:///p HTTP/1.1\r\nHost: x\r\n\r\n" }, { 400, "GET / HTTP/1.x\r\n\r\n" }, { 400, "GET / http/1.1\r\n\r\n" },
        { 505, "PRI * HTTP/2.0\r\n\r\n" }, { 505, "GET / HTTP/0.9\r\n\r\n" },
        { 400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n" },
        { 400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\n" },
        { 400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n" },
        { 400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n" },
        { 400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n" },
        { 413, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n" },
        { 400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" },
        { 400, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n" },
        { 400, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" },
        { 400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" },
        { 501, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" },
        { 501, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n" },
        { 501, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n\r\n" },
        { 417, "POST / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        http_head head;
        int status = parse(rows[i].text, strlen(rows[i].text), &head);
        if (status != rows[i].status) fail_msg("%d instead of %d for: %s", status, rows[i].status, rows[i].text);
    }
}

static void bounds_the_number_of_fields(void **state) {
    char text[4096] = "GET / HTTP/1.1\r\nHost: x\r\n";
    http_head head;
    (void)state;
    for (int i = 1; i < HTTP_MAX_FIELDS; i++) strcat(text, "a: b\r\n");
    size_t size = strlen(text);
    strcpy(text + size, "\r\n");
    assert_int_equal(parse(text, size + 2, &head), 0);
    strcpy(text + size, "a: b\r\n\r\n");
    assert_int_equal(parse(text, size + 8, &head), 431);
}

/* Decodes in pieces of a size; returns the status, 0 when it is done, -1 when more must come. */
static int decode(const char *text, size_t size, size_t piece, size_t most, char *out, size_t *out_size) {
    http_chunks c = { 0 };
    http_problem problem = { 0, NULL };
    size_t to = 0, filled = 0, given = 0, from = 0;
    while (given < size && !c.done && !problem.status) {
        size_t n = size - given < piece ? size - given : piece;
        memcpy(out + filled, text + given, n);
        filled += n;
        given += n;
        http_decode_chunks(&c, out, filled, &from, &to, 0, most, &problem);
        if (!c.done && !problem.status) {
            assert_int_equal(from, filled);
            filled = from = to;
        }
    }
    *out_size = to;
    return problem.status ? problem.status : c.done ? 0 : -1;
}

static void decodes_chunks_however_they_come(void **state) {
    static const char good[] = "5\r\nhello\r\nB;a=\"b\"\r\n, the world\r\n000\r\nX: y\r\nZ:\r\n\r\n";
    char out[256];
    size_t size;
    (void)state;
    for (size_t piece = 1; piece <= sizeof good; piece++) {
        assert_int_equal(decode(good, sizeof good - 1, piece, 16, out, &size), 0);
        assert_int_equal(size, 16);
        assert_memory_equal(out, "hello, the world", 16);
        assert_int_equal(decode(good, sizeof good - 1, piece, 15, out, &size), 413);
        assert_int_equal(decode(good, sizeof good - 2, piece, 16, out, &size), -1);
    }
    static const char *bad[] = { "\r\n", "x\r\n", "0x3\r\n", " 3\r\n", "3 \r\n", "3\nabc", "3\r\nabcd", "3\r\nabc\n", "-1\r\n", ";a\r\n",
                                 "3\rabc", "0000000000000003\r\nabc", "ffffffffffffffffff\r\n", "0\r\n\n", "0\r\n x\r\n", "0\r\nX\n",
                                 "3;\x01\r\nabc" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        for (size_t piece = 1; piece < 9; piece++)
            if (decode(bad[i], strlen(bad[i]), piece, 100, out, &size) != 400) fail_msg("taken: %s", bad[i]);
}

/* Random bytes out of pieces that have a meaning: nothing is read beyond them, and what is found in pieces is what is
 * found at once. */
static void random_heads(void **state) {
    static const char *pieces[] = { "GET", " ", "/", "HTTP/1.1", "\r\n", "\r", "\n", "Host", ":", "x", "Content-Length", "3", "chunked",
                                    "Transfer-Encoding", ",", "\t", "?", "\x80", "\x7f", "http://", "Connection", "close", "\r\n\r\n" };
    (void)state;
    srand(test_seed());
    for (int run = 0; run < 200000; run++) {
        char text[512];
        size_t size = 0;
        if (rand() % 2) size = (size_t)sprintf(text, "GET / HTTP/1.1\r\nHost: x\r\n");
        for (int n = rand() % 24; n > 0; n--) {
            const char *piece = pieces[(size_t)rand() % (sizeof pieces / sizeof pieces[0])];
            memcpy(text + size, piece, strlen(piece));
            size += strlen(piece);
        }
        http_head head;
        int whole = parse(text, size, &head);
        size_t seen = 0, end = 0;
        http_problem problem = { 0, NULL };
        for (size_t given = 1; given <= size && !end && !problem.status; given++) end = http_find_head(text, given, &seen, &problem);
        if (whole == -1) assert_true(!end && !problem.status);
        else if (end) assert_true(http_parse_head(text, end, &head, &problem) == (whole == 0));
        else assert_int_equal(problem.status, whole);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_is_good),
        cmocka_unit_test(reads_the_forms_of_a_target),
        cmocka_unit_test(refuses_what_another_reader_could_take_for_something_else),
        cmocka_unit_test(bounds_the_number_of_fields),
        cmocka_unit_test(decodes_chunks_however_they_come),
        cmocka_unit_test(random_heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
