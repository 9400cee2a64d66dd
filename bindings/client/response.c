/* response.c - the response of a call: its body, its headers and where it came from. */
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

/* ---- Responses ---------------------------------------------------------------------------------- */

/* The response takes the URL, of which r->path and its own path are a part. */
lb_response *lb_response_make(lb_request *r, lb_outcome *o) {
    lb_loop *loop = r->client->loop;
    if (!o->body.data && !lb_buffer_add(&o->body, "", 0)) return NULL;
    lb_response *response = lb_alloc(&loop->allocator, sizeof *response);
    if (!response) return NULL;
    response->allocator = &loop->allocator;
    response->loop = loop;
    loop->references++;
    response->body = o->body;
    response->headers = o->headers;
    response->status = o->http_status;
    response->attempts = (int)r->attempts;
    response->seconds = lb_clock() - r->started;
    memcpy(response->method, r->method, sizeof response->method);
    response->url = r->url;
    response->path = r->path;
    response->path_size = r->path_size;
    r->url = NULL;
    return response;
}

int lb_response_status(const lb_response *response) { return response ? response->status : 0; }
int lb_response_attempts(const lb_response *response) { return response ? response->attempts : 0; }
double lb_response_seconds(const lb_response *response) { return response ? response->seconds : 0; }

const char *lb_response_body(const lb_response *response, size_t *size) {
    if (size) *size = response ? response->body.size : 0;
    return response ? response->body.data : "";
}

const char *lb_response_headers(const lb_response *response, size_t *size) {
    if (size) *size = response ? response->headers.size : 0;
    return response && response->headers.data ? response->headers.data : "";
}

const char *lb_response_header(const lb_response *response, const char *name, char *out, size_t size) {
    size_t length;
    if (!response || !out || size == 0) return NULL;
    const char *value = lb_header_value(&response->headers, name, &length);
    if (!value) return NULL;
    lb_set_text(out, size, value, length);
    return out;
}

lb_response *lb_response_keep(lb_response *response) {
    if (response) response->kept = true;
    return response;
}

int lb_response_fail(const lb_response *response, lb_status kind, const char *message, lb_error *error) {
    lb_error scratch;
    lb_error_clear(error ? error : (error = &scratch));
    if (!response) return lb_fail(error, LB_EUSAGE, "lb_response_fail: the response is NULL");
    memcpy(error->method, response->method, sizeof error->method);
    lb_set_text(error->path, sizeof error->path, response->path, response->path_size);
    error->status = response->status;
    error->attempts = response->attempts;
    return lb_fail(error, kind, "%s", message ? message : lb_status_name(kind));
}

void lb_response_free(lb_response *response) {
    if (!response) return;
    lb_loop *loop = response->loop;
    lb_buffer_free(&response->body);
    lb_buffer_free(&response->headers);
    lb_release(response->allocator, response->url);
    lb_release(response->allocator, response);
    lb_loop_unref(loop);
}
