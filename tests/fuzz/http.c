/* http.c - fuzz target of the HTTP server's bytes: heads and chunked bodies are read or refused with a reason, nothing is read
 * beyond them, and a chunked body has the same data however it is cut. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../host/http_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int good, const char *why) {
    if (good) return;
    fprintf(stderr, "%s\n", why);
    abort();
}

static void check_part(http_part part, size_t end) {
    check((size_t)part.at + part.size <= end, "a part is outside of the head");
}

static void check_head(const char *bytes, size_t size) {
    http_problem problem = { 0, NULL };
    size_t seen = 0, end = http_find_head(bytes, size, &seen, &problem);
    check(!(end && problem.status), "a head that is complete and refused");
    check(!problem.status || (problem.reason && *problem.reason), "a refusal without a reason");
    if (!end) return;
    check(end <= size, "a head that is longer than the bytes");
    http_head head;
    memset(&head, 0, sizeof head);
    if (!http_parse_head(bytes, end, &head, &problem)) {
        check(problem.status >= 400 && problem.reason && *problem.reason, "a refusal without a status or a reason");
        return;
    }
    check(!(head.chunked && head.has_length), "a body of two lengths");
    check(head.method.size > 0 && head.count <= HTTP_MAX_FIELDS, "a head without a method");
    check_part(head.method, end);
    check_part(head.path, end);
    check_part(head.query, end);
    for (unsigned i = 0; i < head.count; i++) {
        check_part(head.fields[i].name, end);
        check_part(head.fields[i].value, end);
        check(http_is_token(bytes + head.fields[i].name.at, head.fields[i].name.size), "a name that is not a token");
        check(http_is_value(bytes + head.fields[i].value.at, head.fields[i].value.size), "a value with control characters");
    }
}

/* Decodes in slices of `step` bytes; returns the size of the data, or SIZE_MAX where it is refused. */
static size_t decode(char *bytes, size_t size, size_t step, bool *done) {
    http_chunks chunks;
    memset(&chunks, 0, sizeof chunks);
    http_problem problem = { 0, NULL };
    size_t from = 0, to = 0;
    for (size_t have = step < size ? step : size;; have = have + step < size ? have + step : size) {
        http_decode_chunks(&chunks, bytes, have, &from, &to, 0, 1 << 20, &problem);
        if (problem.status) return SIZE_MAX;
        check(to <= from && from <= have, "data beyond what came");
        if (chunks.done || have == size) break;
    }
    *done = chunks.done;
    return to;
}

static void check_chunks(const char *bytes, size_t size) {
    char *whole = malloc(size + 1), *slices = malloc(size + 1);
    check(whole && slices, "out of memory");
    memcpy(whole, bytes, size);
    memcpy(slices, bytes, size);
    bool whole_done = false, slices_done = false;
    size_t n = decode(whole, size, size ? size : 1, &whole_done);
    size_t m = decode(slices, size, 1 + (size ? (unsigned char)bytes[0] % 7 : 0), &slices_done);
    check(n == m && (n == SIZE_MAX || (whole_done == slices_done && memcmp(whole, slices, n) == 0)), "slices have other data");
    free(whole);
    free(slices);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = malloc(size ? size : 1); /* of exact size, so that the sanitizer sees what is read beyond it */
    check(copy != NULL, "out of memory");
    if (size) memcpy(copy, data, size);
    check_head(copy, size);
    check_chunks(copy, size);
    free(copy);
    return 0;
}
