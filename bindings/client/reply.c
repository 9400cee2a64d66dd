/* reply.c - the answer of a call: its body, its headers and where it came from. */
#define _POSIX_C_SOURCE 200809L
#include "internal.h"

#include <string.h>
#include <strings.h>

/* ---- Headers ---------------------------------------------------------------------------------- */

const char *lb_header_find(const char *lines, size_t size, const char *name, size_t *length) {
    if (!lines || !name) return NULL;
    size_t n = strlen(name);
    const char *line = lines, *end = lines + size;
    while (line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if (!stop) stop = end;
        if ((size_t)(stop - line) > n && line[n] == ':' && strncasecmp(line, name, n) == 0) {
            const char *value = line + n + 1, *tail = stop;
            while (value < tail && (*value == ' ' || *value == '\t')) value++;
            while (tail > value && (tail[-1] == '\r' || tail[-1] == ' ' || tail[-1] == '\t')) tail--;
            if (length) *length = (size_t)(tail - value);
            return value;
        }
        line = stop + 1;
    }
    return NULL;
}

const char *lb_header_value(const lb_buffer *headers, const char *name, size_t *length) {
    return headers->data ? lb_header_find(headers->data, headers->size, name, length) : NULL;
}

/* ---- Replies ---------------------------------------------------------------------------------- */

/* The reply takes the URL, of which r->path and its own path are a part. */
lb_reply *lb_reply_make(lb_request *r, lb_outcome *o) {
    lb_loop *loop = r->client->loop;
    if (!o->body.data && !lb_buffer_add(&o->body, "", 0)) return NULL;
    lb_reply *reply = lb_alloc(&loop->allocator, sizeof *reply);
    if (!reply) return NULL;
    reply->allocator = &loop->allocator;
    reply->loop = loop;
    loop->references++;
    reply->body = o->body;
    reply->headers = o->headers;
    reply->status = o->http_status;
    reply->attempts = (int)r->attempts;
    reply->seconds = lb_clock() - r->started;
    memcpy(reply->method, r->method, sizeof reply->method);
    reply->url = r->url;
    reply->path = r->path;
    reply->path_size = r->path_size;
    r->url = NULL;
    return reply;
}

int lb_reply_status(const lb_reply *reply) { return reply ? reply->status : 0; }
int lb_reply_attempts(const lb_reply *reply) { return reply ? reply->attempts : 0; }
double lb_reply_seconds(const lb_reply *reply) { return reply ? reply->seconds : 0; }

const char *lb_reply_body(const lb_reply *reply, size_t *size) {
    if (size) *size = reply ? reply->body.size : 0;
    return reply ? reply->body.data : "";
}

const char *lb_reply_headers(const lb_reply *reply, size_t *size) {
    if (size) *size = reply ? reply->headers.size : 0;
    return reply && reply->headers.data ? reply->headers.data : "";
}

const char *lb_reply_header(const lb_reply *reply, const char *name, char *out, size_t size) {
    size_t length;
    if (!reply || !out || size == 0) return NULL;
    const char *value = lb_header_value(&reply->headers, name, &length);
    if (!value) return NULL;
    lb_set_text(out, size, value, length);
    return out;
}

lb_reply *lb_reply_keep(lb_reply *reply) {
    if (reply) reply->kept = true;
    return reply;
}

int lb_reply_fail(const lb_reply *reply, lb_status kind, const char *message, lb_error *error) {
    lb_error scratch;
    lb_error_clear(error ? error : (error = &scratch));
    if (!reply) return lb_fail(error, LB_EUSAGE, "lb_reply_fail: the reply is NULL");
    memcpy(error->method, reply->method, sizeof error->method);
    lb_set_text(error->path, sizeof error->path, reply->path, reply->path_size);
    error->status = reply->status;
    error->attempts = reply->attempts;
    return lb_fail(error, kind, "%s", message ? message : lb_status_name(kind));
}

void lb_reply_free(lb_reply *reply) {
    if (!reply) return;
    lb_loop *loop = reply->loop;
    lb_buffer_free(&reply->body);
    lb_buffer_free(&reply->headers);
    lb_release(reply->allocator, reply->url);
    lb_release(reply->allocator, reply);
    lb_loop_unref(loop);
}
