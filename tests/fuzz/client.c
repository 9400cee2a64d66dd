/* client.c - fuzz target of what the C client reads and writes beside JSON: dates of headers, the members of error bodies, and
 * the encoding of paths and queries. */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bindings/client/internal.h"
#include "../../bindings/client/transport_curl.h"
#include "../../bindings/text/json_text.h"
#include "../../bindings/text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int good, const char *why) {
    if (good) return;
    fprintf(stderr, "%s\n", why);
    abort();
}

static void check_encoding(const char *text, bool form) {
    lb_buffer out = { .allocator = &lb_default_allocator };
    check(lb_url_encode(&out, text, form), "out of memory");
    for (size_t i = 0; i < out.size; i++) {
        unsigned char c = (unsigned char)out.data[i];
        check(isalnum(c) || strchr("%-._~*+", c), "a character that does not belong into a path or a query");
    }
    lb_buffer_free(&out);
}

static void check_members(const char *text, size_t size) {
    static const char *const names[] = { "error", "message", "reason", "suggestion", "docs" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char member[32];
        lb_json_string_member(text, size, names[i], member, sizeof member);
        size_t n = strlen(member);
        check(n < sizeof member && lb_utf8_check(member, n) == n, "a member that is cut in a character");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    check(text != NULL, "out of memory");
    if (size) memcpy(text, data, size);
    text[size] = '\0';
    lb_http_date(text);
    check_encoding(text, false);
    check_encoding(text, true);
    check_members(text, size);
    free(text);
    return 0;
}
