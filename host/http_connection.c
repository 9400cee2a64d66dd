/*
 * http_connection.c - the sockets of the HTTP server: connections, their time and memory, requests until they are complete,
 * and what is left of responses.
 *
 * One epoll descriptor, watched by the loop, edge-triggered: a connection remembers whether there is more to read. Here only
 * bytes are collected and state is flipped: Lua never runs. Time is bounded per request, not per byte: a client that sends slowly,
 * or takes its response slowly, is cut off.
 */
#define _GNU_SOURCE 1
#include "http_connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { EVENTS = 64, MAX_ROUNDS = 4, MAX_READS = 8 };
enum { FIRST_BUFFER = 4096, LARGEST_READ = 1 << 18, KEPT_BUFFER = 16384 };
static const double SWEEP_EVERY = 0.25; /* seconds between checks at the deadlines */
static const double LINGER = 5;         /* seconds in which the other side may read why it was refused */

double http_now(const server *s) {
    return s->loop ? lb_loop_now(s->loop) : 0;
}

void http_wake(server *s) {
    lblua_event *work = s->work;
    s->work = NULL;
    if (work) lblua_set_event(work);
}

/* ---- Connections ------------------------------------------------------------------------------ */

static void unlink_connection(connection *c) {
    server *s = c->server;
    if (c->previous) c->previous->next = c->next;
    else s->connections = c->next;
    if (c->next) c->next->previous = c->previous;
    connection **at = http_connections_of(s, c->address);
    while (*at != c) at = &(*at)->next_of_address;
    *at = c->next_of_address;
    if (c->state != QUEUED) return;
    connection *before = NULL, **ready = &s->ready;
    while (*ready != c) before = *ready, ready = &before->next_ready;
    *ready = c->next_ready;
    if (s->ready_last == c) s->ready_last = before;
}

static bool in_progress(const connection *c) {
    return c->state == READING_BODY || c->state == QUEUED || c->state == TAKEN || c->state == STREAMING ||
           (c->state == WRITING && !c->refused);
}

void http_wake_writer(connection *c) {
    lblua_event *drained = c->drained;
    c->drained = NULL;
    if (drained) lblua_set_event(drained);
}

static void end_request(connection *c) {
    server *s = c->server;
    if (in_progress(c)) s->active--;
    if (c->state == STREAMING) s->streams--;
    http_wake_writer(c);
    if (c->holder) *c->holder = NULL;
    c->holder = NULL;
    free(c->head);
    c->head = NULL;
    free(c->out);
    c->out = NULL;
    s->bytes -= c->out_capacity;
    c->out_size = c->out_sent = c->out_capacity = 0;
    if (s->stopping && !s->active) http_wake(s);
}

void http_connection_close(connection *c) {
    server *s = c->server;
    if (c->state == CLOSED) return;
    end_request(c);
    unlink_connection(c);
    c->state = CLOSED;
    close(c->fd);
    free(c->in);
    s->bytes -= c->in_capacity;
    s->open--;
    if (s->dispatching) {
        c->next = s->closed;
        s->closed = c;
    } else {
        free(c);
    }
    if (s->open < s->limit.connections) http_listen_again(s);
}

static void on_sweep(void *user_data);

void http_plan_sweep(server *s) {
    if (s->sweep || (!s->connections && !s->paused) || !s->loop) return;
    lb_timer_start(s->loop, SWEEP_EVERY, on_sweep, s, &s->sweep); /* out of memory: planned again with the next event */
}

static void on_sweep(void *user_data) {
    server *s = user_data;
    double now = http_now(s);
    s->sweep = NULL;
    for (connection *c = s->connections, *next; c; c = next) {
        next = c->next;
        if (c->deadline > 0 && c->deadline < now) http_connection_close(c);
    }
    if (s->open < s->limit.connections) http_listen_again(s);
    http_plan_sweep(s);
}

/* ---- Writing ---------------------------------------------------------------------------------- */

static void run_soon(connection *c);

static void finish(connection *c) {
    server *s = c->server;
    if (c->refused) { /* closed at once, the other side would see a reset instead of the response */
        end_request(c);
        c->state = LINGERING;
        c->in_size = 0;
        c->deadline = http_now(s) + LINGER;
        shutdown(c->fd, SHUT_WR);
        if (c->readable) run_soon(c);
        return;
    }
    size_t used = c->chunks.done ? c->decoded : c->head_size + c->body_size;
    end_request(c);
    c->state = READING_HEAD;
    if (!c->keep) {
        http_connection_close(c);
        return;
    }
    c->in_size -= used;
    memmove(c->in, c->in + used, c->in_size);
    if (c->in_capacity > KEPT_BUFFER && c->in_size <= FIRST_BUFFER) {
        char *smaller = realloc(c->in, FIRST_BUFFER);
        if (smaller) {
            s->bytes -= c->in_capacity - FIRST_BUFFER;
            c->in = smaller;
            c->in_capacity = FIRST_BUFFER;
        }
    }
    c->seen = c->head_size = c->body_size = c->decoded = 0;
    memset(&c->chunks, 0, sizeof c->chunks);
    c->since = http_now(s);
    c->deadline = c->since + (c->in_size ? s->limit.time : s->limit.idle);
    if (c->in_size || c->readable) run_soon(c);
}

bool http_send_left(connection *c) {
    while (c->out_sent < c->out_size) {
        ssize_t n = send(c->fd, c->out + c->out_sent, c->out_size - c->out_sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
        if (n < 0) {
            http_connection_close(c);
            return false;
        }
        c->out_sent += (size_t)n;
    }
    return true;
}

static void flush_out(connection *c) {
    if (http_send_left(c)) finish(c);
}

bool http_send(connection *c, const char *head, size_t head_size, const char *body, size_t body_size, bool keep) {
    struct iovec parts[] = { { (void *)(uintptr_t)head, head_size }, { (void *)(uintptr_t)body, body_size } };
    struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
    server *s = c->server;
    c->keep = keep && !s->stopping;
    if (c->holder) *c->holder = NULL;
    c->holder = NULL;
    c->state = WRITING;
    ssize_t n;
    do n = sendmsg(c->fd, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
        http_connection_close(c); /* the other side has gone */
        return true;
    }
    size_t sent = n > 0 ? (size_t)n : 0, total = head_size + body_size;
    if (sent == total) {
        finish(c);
        return true;
    }
    c->out = malloc(total - sent);
    if (!c->out) {
        http_connection_close(c);
        return false;
    }
    size_t of_head = sent < head_size ? head_size - sent : 0, of_body = total - sent - of_head;
    memcpy(c->out, head + head_size - of_head, of_head);
    memcpy(c->out + of_head, body + body_size - of_body, of_body);
    c->out_size = total - sent;
    c->deadline = http_now(s) + s->limit.time;
    http_plan_sweep(s);
    flush_out(c); /* the socket must refuse, or epoll does not say when it takes more */
    return true;
}

void http_drop(connection *c, bool reset) {
    if (reset) {
        struct linger hard = { 1, 0 };
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }
    http_connection_close(c);
}

/* Responds to a request that is not handled, and closes. */
static void refuse(connection *c, int status, const char *reason) {
    char head[256], body[256];
    if (in_progress(c)) c->server->active--;
    int body_size = snprintf(body, sizeof body, "{\"error\":\"%s\",\"message\":\"%s\"}", http_reason(status), reason);
    int head_size = snprintf(head, sizeof head,
                             "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n",
                             status, http_reason(status), body_size);
    c->refused = true;
    c->deadline = http_now(c->server) + c->server->limit.time;
    http_send(c, head, (size_t)head_size, body, (size_t)body_size, false);
}

/* ---- Reading ---------------------------------------------------------------------------------- */

static bool grow(connection *c, size_t wanted) {
    server *s = c->server;
    if (wanted <= c->in_capacity) return true;
    if (wanted - c->in_capacity > s->limit.memory - (s->bytes < s->limit.memory ? s->bytes : s->limit.memory)) return false;
    char *in = realloc(c->in, wanted);
    if (!in) return false;
    s->bytes += wanted - c->in_capacity;
    c->in = in;
    c->in_capacity = wanted;
    return true;
}

/* Bytes that the buffer must take for what comes next. */
static size_t wanted_capacity(const connection *c) {
    size_t twice = c->in_capacity ? c->in_capacity * 2 : FIRST_BUFFER;
    if (c->in_size < c->in_capacity) return c->in_capacity;
    if (c->state != READING_BODY) return twice;
    size_t whole = c->head->chunked ? c->head_size + c->server->limit.body + LARGEST_READ : c->head_size + (size_t)c->head->length;
    return twice < whole ? twice : whole > c->in_size ? whole : c->in_size + 1;
}

/* Reads once; false when there is nothing (more) to be had now. */
static bool read_some(connection *c) {
    if (!c->readable) return false;
    if (!grow(c, wanted_capacity(c))) {
        refuse(c, 503, "the requests in progress take all the memory that they may");
        return false;
    }
    size_t space = c->in_capacity - c->in_size;
    ssize_t n;
    do n = recv(c->fd, c->in + c->in_size, space, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        c->readable = false;
        return false;
    }
    if (n <= 0) { /* nothing more will come, and what has come is not complete */
        c->ended = true;
        http_connection_close(c);
        return false;
    }
    if ((size_t)n < space && !c->ended) c->readable = false; /* that was all; of more, epoll speaks */
    if (c->in_size == 0 && c->state == READING_HEAD) { /* empty lines before a request do not put its end off for ever */
        double latest = c->since + c->server->limit.idle + c->server->limit.time;
        c->deadline = http_now(c->server) + c->server->limit.time;
        if (c->deadline > latest) c->deadline = latest;
    }
    c->in_size += (size_t)n;
    return true;
}

static void queue(connection *c) {
    server *s = c->server;
    c->state = QUEUED;
    c->deadline = 0;
    c->next_ready = NULL;
    if (s->ready) s->ready_last->next_ready = c;
    else s->ready = c;
    s->ready_last = c;
}

/* The head has come: is the request one that can be handled? */
static void begin_request(connection *c) {
    server *s = c->server;
    http_problem problem = { 0, NULL };
    c->head = malloc(sizeof *c->head);
    if (!c->head) {
        refuse(c, 503, "out of memory");
        return;
    }
    if (!http_parse_head(c->in, c->head_size, c->head, &problem)) {
        refuse(c, problem.status, problem.reason);
        return;
    }
    if (s->stopping) refuse(c, 503, "the server is stopping");
    else if (c->head->length > s->limit.body) refuse(c, 413, "the body is too large");
    else {
        static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        c->state = READING_BODY;
        c->decoded = c->head_size;
        s->active++;
        bool waits = c->head->expects_continue && c->in_size == c->head_size && (c->head->chunked || c->head->length);
        /* A socket that does not take these few bytes has no space for a response either. */
        if (waits && send(c->fd, go_on, sizeof go_on - 1, MSG_NOSIGNAL) != sizeof go_on - 1) http_connection_close(c);
    }
}

/* Looks for a head in what has come. False: more must come. */
static bool step_head(connection *c) {
    http_problem problem = { 0, NULL };
    size_t skip = 0; /* an empty line before a request is not part of it (2.2) */
    if (c->seen == 0)
        while (c->in_size - skip >= 2 && c->in[skip] == '\r' && c->in[skip + 1] == '\n') skip += 2;
    c->in_size -= skip;
    if (skip) memmove(c->in, c->in + skip, c->in_size);
    if (c->in_size == 0 || (c->in_size == 1 && c->in[0] == '\r')) return false;
    c->head_size = http_find_head(c->in, c->in_size, &c->seen, &problem);
    if (problem.status) refuse(c, problem.status, problem.reason);
    else if (c->head_size > c->server->limit.headers || (!c->head_size && c->in_size >= c->server->limit.headers))
        refuse(c, 431, "the head of the request is too large");
    else if (c->head_size) begin_request(c);
    else return false;
    return true;
}

/* The same for a body. */
static bool step_body(connection *c) {
    http_problem problem = { 0, NULL };
    if (!c->head->chunked) {
        if (c->in_size - c->head_size < c->head->length) return false;
        c->body_size = (size_t)c->head->length;
        queue(c);
        return true;
    }
    size_t from = c->decoded, to = c->head_size + c->body_size;
    http_decode_chunks(&c->chunks, c->in, c->in_size, &from, &to, c->head_size, c->server->limit.body, &problem);
    c->body_size = to - c->head_size;
    c->decoded = from;
    if (problem.status) {
        refuse(c, problem.status, problem.reason);
    } else if (c->chunks.done) {
        queue(c);
    } else {
        c->in_size = c->decoded = to; /* all that has come is decoded */
        return false;
    }
    return true;
}

/* What comes while a refusal is read by the other side is thrown away. */
static void discard(connection *c) {
    char bytes[16384];
    for (int i = 0; i < MAX_READS; i++) {
        ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
        if (n > 0 || (n < 0 && errno == EINTR)) continue;
        c->readable = false;
        if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) http_connection_close(c);
        return;
    }
    run_soon(c);
}

/* Goes on with a connection as far as what has come allows. */
static void process(connection *c) {
    for (int reads = 0;;) {
        bool moved = c->state == READING_HEAD ? c->in_size && step_head(c) : c->state == READING_BODY && step_body(c);
        if (moved) continue;
        if (c->state == LINGERING && c->readable) discard(c);
        if (c->state != READING_HEAD && c->state != READING_BODY) return;
        if (reads++ == MAX_READS) {
            run_soon(c); /* others have their turn */
            return;
        }
        if (!read_some(c)) return;
    }
}

/* ---- Running ---------------------------------------------------------------------------------- */

static void handle_event(connection *c, unsigned events) {
    if (c->state == CLOSED) return;
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) c->readable = true;
    if (events & (EPOLLRDHUP | EPOLLHUP)) c->ended = true;
    if (c->state == STREAMING && (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) http_connection_close(c); /* nobody reads it */
    else if (c->state == STREAMING) http_flush_stream(c);
    else if (c->state == WRITING) flush_out(c);
    else process(c);
}

static void begin_dispatch(server *s) {
    s->dispatching = true;
}

static void end_dispatch(server *s) {
    s->dispatching = false;
    for (connection *c = s->closed, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    s->closed = NULL;
    http_plan_sweep(s);
    if (s->paused && !s->sweep) http_listen_again(s); /* when memory ran out, nothing else would */
    if (s->ready) http_wake(s);
}

static void on_readable(void *user_data, short revents) {
    server *s = user_data;
    struct epoll_event events[EVENTS];
    (void)revents;
    begin_dispatch(s);
    int count = EVENTS;
    for (int round = 0; round < MAX_ROUNDS && count == EVENTS; round++) {
        count = epoll_wait(s->epoll, events, EVENTS, 0);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr) handle_event(events[i].data.ptr, events[i].events);
            else http_accept(s);
        }
    }
    end_dispatch(s);
}

/* Connections with something to do of which epoll does not speak again. */
static void on_more(void *user_data) {
    server *s = user_data;
    s->more = NULL;
    begin_dispatch(s);
    for (connection *c = s->connections, *next; c; c = next) {
        next = c->next;
        if (c->readable || (c->state == READING_HEAD && c->in_size)) process(c);
    }
    end_dispatch(s);
}

/* Goes on with a connection in the next step. Without memory for the timer nothing would: then it is closed. */
static void run_soon(connection *c) {
    server *s = c->server;
    if (!s->more && s->loop && lb_timer_start(s->loop, 0, on_more, s, &s->more) != LB_OK) http_connection_close(c);
}

bool http_open(server *s, int listener) {
    unsigned wanted = s->limit.connections, possible = http_raise_descriptors(wanted), half = possible > 1 ? possible / 2 : 1;
    s->limit.connections = possible;
    /* With fewer descriptors than that, one address still gets no more than half of the connections. */
    if (possible < wanted && s->limit.of_address < wanted && s->limit.of_address > half) s->limit.of_address = half;
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (s->epoll < 0) return false;
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = NULL };
    if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, listener, &e) == 0 &&
        lb_watch_start(s->loop, s->epoll, LB_POLLIN, true, on_readable, s, &s->watch) == LB_OK) {
        s->listener = listener;
        return true;
    }
    close(s->epoll);
    s->epoll = -1;
    return false;
}

connection *http_take(server *s) {
    connection *c = s->ready;
    if (!c) return NULL;
    s->ready = c->next_ready;
    if (!s->ready) s->ready_last = NULL;
    c->state = TAKEN;
    return c;
}

void http_quiesce(server *s) {
    if (s->stopping || s->epoll < 0) return;
    s->stopping = true;
    close(s->listener);
    s->listener = -1;
    /* A client that has sent nothing so far would only be refused. A streamed response has no end of its own. */
    for (connection *c = s->connections, *next; c; c = next) {
        next = c->next;
        if (c->state == READING_HEAD && !c->in_size) http_connection_close(c);
        else if (c->state == STREAMING) http_end(c);
    }
}

void http_close(server *s) {
    if (s->epoll < 0) return;
    s->stopping = true;
    if (s->listener >= 0) close(s->listener);
    s->listener = -1;
    while (s->connections) http_connection_close(s->connections);
    if (s->loop) {
        lb_watch_stop(s->loop, s->watch);
        lb_timer_cancel(s->loop, s->sweep);
        lb_timer_cancel(s->loop, s->more);
    }
    s->watch = NULL;
    s->sweep = s->more = NULL;
    close(s->epoll);
    s->epoll = -1;
    http_wake(s);
}
