/* json_path.c - the path of a value, as messages name it. */
#define _POSIX_C_SOURCE 200809L
#include "json.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../text/utf8.h"

enum { STEP = 48 }; /* bytes of a key that a path shows */

void lblua_json_path_start(lblua_json_path *path) {
    memcpy(path->text, "$", 2);
    path->length = 1;
}

static void add_step(lblua_json_path *path, const char *step, size_t n) {
    static const char cut[] = "$...";
    enum { HEAD = sizeof cut - 1 };
    if (path->length + n >= sizeof path->text) { /* keep the second half */
        const char *from = path->text + sizeof path->text / 2 - 8;
        while (*from && *from != '.' && *from != '[') from++;
        size_t kept = (size_t)(path->text + path->length - from);
        memmove(path->text + HEAD, from, kept);
        memcpy(path->text, cut, HEAD);
        path->length = HEAD + kept;
    }
    memcpy(path->text + path->length, step, n);
    path->length += n;
    path->text[path->length] = '\0';
}

static bool is_identifier(const char *key, size_t length) {
    for (size_t i = 0; i < length; i++) {
        bool letter = (key[i] | 32) >= 'a' && (key[i] | 32) <= 'z';
        bool other = key[i] == '_' || (i > 0 && key[i] >= '0' && key[i] <= '9');
        if (!letter && !other) return false;
    }
    return length > 0;
}

void lblua_json_path_key(lblua_json_path *path, const char *key, size_t length) {
    char step[STEP + 16];
    size_t n = 0, shown = 0;
    bool plain = is_identifier(key, length);
    n += (size_t)snprintf(step, sizeof step, "%s", plain ? "." : "[\"");
    while (shown < length && n < STEP) {
        unsigned char c = (unsigned char)key[shown];
        size_t bytes = lb_utf8_character(key + shown, key + length);
        uint32_t half = bytes ? 0 : lb_wtf8_surrogate(key + shown, key + length);
        if (half) {
            n += (size_t)snprintf(step + n, sizeof step - n, "\\u%04x", (unsigned)half);
            shown += 3;
            continue;
        }
        if (bytes == 0 || c < 0x20 || c == 0x7F) {
            n += (size_t)snprintf(step + n, sizeof step - n, "\\x%02x", c);
            shown++;
            continue;
        }
        if (c == '"' || c == '\\') step[n++] = '\\';
        memcpy(step + n, key + shown, bytes);
        n += bytes;
        shown += bytes;
    }
    const char *tail = shown < length ? (plain ? "..." : "...\"]") : (plain ? "" : "\"]");
    n += (size_t)snprintf(step + n, sizeof step - n, "%s", tail);
    add_step(path, step, n);
}

void lblua_json_path_index(lblua_json_path *path, lua_Integer index) {
    char step[32];
    add_step(path, step, (size_t)snprintf(step, sizeof step, "[%" PRId64 "]", (int64_t)index));
}
