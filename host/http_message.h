/* http_message.h - HTTP/1.1 requests as bytes: strict, so that this server and a proxy in front of it see the same requests. Knows no
 * Lua and no sockets. Documentation: https://www.rfc-editor.org/rfc/rfc9112 (in comments: the section) */
#ifndef LBHOST_HTTP_MESSAGE_H
#define LBHOST_HTTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HTTP_MAX_FIELDS = 100 };

/* Why a request is refused: the status of the response, and what is wrong. Status 0: nothing. */
typedef struct http_problem {
    int status;
    const char *reason;
} http_problem;

/* Offsets into the bytes of the head. */
typedef struct http_part {
    uint32_t at, size;
} http_part;

typedef struct http_field {
    http_part name, value;
} http_field;

typedef struct http_head {
    http_part method, path, query; /* path: "" stands for "/" */
    http_part authority; /* of a target in the absolute form, else empty */
    bool has_query, chunked, has_length, keep_alive, expects_continue;
    int minor; /* of the version: 0 or 1 */
    uint64_t length; /* of the body, when it is not chunked */
    unsigned count;
    http_field fields[HTTP_MAX_FIELDS];
} http_head;

/* The size of the head at the start of these bytes, its empty line included; 0 when it is not complete yet, or wrong, which
 * sets *problem. *seen: how much was looked at before; 0 at first. */
size_t http_find_head(const char *bytes, size_t size, size_t *seen, http_problem *problem);

/* Reads a complete head. False: it is refused. */
bool http_parse_head(const char *bytes, size_t size, http_head *head, http_problem *problem);

/* A chunked body. Start with all zero. */
typedef struct http_chunks {
    int state;
    uint64_t left; /* of the chunk */
    unsigned digits, line; /* of its size; bytes of its extension, or of the trailers */
    bool done;
} http_chunks;

/* Decodes in place: takes the bytes from *from on, and moves the data in them to *to. Both are moved on. Data beyond `max`
 * bytes after `start` are refused, which sets *problem. */
void http_decode_chunks(http_chunks *c, char *bytes, size_t size, size_t *from, size_t *to, size_t start, size_t max,
                        http_problem *problem);

/* May the text be the name of a header field? Its value? */
bool http_is_token(const char *text, size_t size);
bool http_is_value(const char *text, size_t size);

/* The reason phrase of a status, or "". */
const char *http_reason(int status);

#endif
