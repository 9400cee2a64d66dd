/* http_stream.c - streamed responses: what waits for their readers, and for how long. */
#include "http_connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void http_flush_stream(connection *c) {
    if (!http_send_left(c)) return;
    free(c->out); /* one that only waits costs nothing */
    c->out = NULL;
    c->server->bytes -= c->out_capacity;
    c->out_size = c->out_sent = c->out_capacity = 0;
    c->deadline = 0;
    http_wake_writer(c);
    if (c->last) http_connection_close(c);
}

bool http_begin(connection *c, const char *head, size_t head_size, bool chunked) {
    server *s = c->server;
    if (s->streams >= s->limit.streams) return false;
    c->out = malloc(head_size);
    if (!c->out) return false;
    memcpy(c->out, head, head_size);
    c->out_size = c->out_capacity = head_size;
    s->bytes += head_size;
    s->streams++;
    c->state = STREAMING;
    c->chunked = chunked;
    c->last = false;
    c->deadline = http_now(s) + s->limit.time;
    http_plan_sweep(s);
    http_flush_stream(c);
    return true;
}

/* Reserves space for that many more bytes after those that wait. */
static bool grow_out(connection *c, size_t more) {
    server *s = c->server;
    if (c->out_sent) {
        memmove(c->out, c->out + c->out_sent, c->out_size - c->out_sent);
        c->out_size -= c->out_sent;
        c->out_sent = 0;
    }
    size_t wanted = c->out_size + more;
    if (wanted <= c->out_capacity) return true;
    if (wanted - c->out_capacity > s->limit.memory - (s->bytes < s->limit.memory ? s->bytes : s->limit.memory)) return false;
    char *out = realloc(c->out, wanted);
    if (!out) return false;
    s->bytes += wanted - c->out_capacity;
    c->out = out;
    c->out_capacity = wanted;
    return true;
}

static void put(connection *c, const char *bytes, size_t size) {
    memcpy(c->out + c->out_size, bytes, size);
    c->out_size += size;
}

http_added http_add(connection *c, const char *bytes, size_t size) {
    enum { FRAME = 2 * sizeof size + 4 }; /* the size in hexadecimal digits, and two line ends */
    server *s = c->server;
    size_t waiting = http_unsent(c);
    if (c->last) return HTTP_GONE;
    if (size == 0) return HTTP_ADDED; /* an empty chunk would be the last one */
    if (waiting && (size > s->limit.stream || waiting > s->limit.stream - size)) return HTTP_FULL;
    if (size > SIZE_MAX / 2 || !grow_out(c, size + FRAME)) {
        if (waiting) return HTTP_FULL;
        http_connection_close(c); /* nothing would say when there is memory again */
        return HTTP_GONE;
    }
    char line[FRAME + 1];
    if (c->chunked) put(c, line, (size_t)snprintf(line, sizeof line, "%zx\r\n", size));
    put(c, bytes, size);
    if (c->chunked) put(c, "\r\n", 2);
    if (!waiting) c->deadline = http_now(s) + s->limit.time;
    http_plan_sweep(s);
    connection **holder = c->holder;
    http_flush_stream(c); /* the socket must refuse, or epoll does not say when it takes more */
    return !holder || *holder == c ? HTTP_ADDED : HTTP_GONE;
}

void http_end(connection *c) {
    static const char last[] = "0\r\n\r\n";
    server *s = c->server;
    if (c->last) return;
    c->last = true;
    if (c->chunked && !grow_out(c, sizeof last)) { /* the other side sees that it is not whole */
        http_connection_close(c);
        return;
    }
    if (!http_unsent(c)) c->deadline = http_now(s) + s->limit.time;
    if (c->chunked) put(c, last, sizeof last - 1);
    http_plan_sweep(s);
    http_flush_stream(c);
}

size_t http_unsent(const connection *c) {
    return c->out_size - c->out_sent;
}
