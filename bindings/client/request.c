/* request.c - one call: its attempts, its deadline, its end. */
#define _POSIX_C_SOURCE 200809L
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MAX_REFUSALS = 16 };

/* ---- Making a request ------------------------------------------------------------------------- */

static bool is_token(const char *text) {
    if (!*text) return false;
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 127 || strchr("()<>@,;:\\\"/[]?={}", *text))
            return false;
    return true;
}

static bool is_header_value(const char *text) {
    for (; *text; text++)
        if (((unsigned char)*text < ' ' && *text != '\t') || *text == 127) return false;
    return true;
}

static int check_call(const lb_client *client, const lb_call *call, lb_error *error) {
    if (!client) return lb_fail(error, LB_EUSAGE, "the client is NULL");
    if (!call) return lb_fail(error, LB_EUSAGE, "the call is NULL");
    if (client->loop->closed) return lb_fail(error, LB_EUSAGE, "the loop of this client is closed");
    if (client->closing) return lb_fail(error, LB_EUSAGE, "the client is being closed");
    if (!call->method || !is_token(call->method) || strlen(call->method) >= sizeof error->method)
        return lb_fail(error, LB_EUSAGE, "'%s' is not a valid HTTP method", call->method ? call->method : "");
    if (call->mail) {
        if (!call->url || !(lb_url_has_scheme(call->url, "smtp") || lb_url_has_scheme(call->url, "smtps")))
            return lb_fail(error, LB_EUSAGE, "the URL of the mail server does not begin with smtp:// or smtps://");
        if (!call->body || !call->body->data || call->body->size == 0)
            return lb_fail(error, LB_EUSAGE, "the e-mail has no text");
        if (lb_mail_check(call->mail, error) != LB_OK) return LB_EUSAGE;
    } else if (call->url) {
        if (!lb_url_has_scheme(call->url, "http") && !lb_url_has_scheme(call->url, "https"))
            return lb_fail(error, LB_EUSAGE, "the URL does not begin with http:// or https://");
    } else if (!call->path || call->path[0] != '/') {
        return lb_fail(error, LB_EUSAGE, "the path must begin with /");
    } else if (!client->secret) {
        return lb_fail(error, LB_EUSAGE,
                       "no secret key: set the environment variable LIVEBLOCKS_SECRET_KEY or give the "
                       "option 'secret' (the key is in the dashboard under API keys)");
    }
    for (const char *p = call->url ? call->url : call->path; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 127)
            return lb_fail(error, LB_EUSAGE, "the %s contains a space or control character",
                           call->url ? "URL" : "path");
    for (const lb_pair *h = call->headers; h && h->name; h++) {
        if (!is_token(h->name)) return lb_fail(error, LB_EUSAGE, "'%s' is not a valid header name", h->name);
        if (!h->value || !is_header_value(h->value))
            return lb_fail(error, LB_EUSAGE, "the value of header '%s' has a line break or control character",
                           h->name);
    }
    if (call->body && !call->body->data && !call->body->file && call->body->size)
        return lb_fail(error, LB_EUSAGE, "the body has a size, but its data is NULL");
    if (call->body && call->body->content_type && !is_header_value(call->body->content_type))
        return lb_fail(error, LB_EUSAGE, "the content type has a line break or control character");
    if (isnan(call->timeout) || call->timeout < 0)
        return lb_fail(error, LB_EUSAGE, "the timeout must be greater than 0");
    return LB_OK;
}

static int open_file(lb_request *r, const lb_body *body, lb_error *error) {
    struct stat s;
    r->fd = open(body->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO would wait for its writer */
    if (r->fd < 0 || fstat(r->fd, &s) != 0)
        return lb_fail(error, LB_EUSAGE, "cannot read the file '%s': %s", body->file, strerror(errno));
    if (!S_ISREG(s.st_mode)) return lb_fail(error, LB_EUSAGE, "'%s' is not a regular file", body->file);
    uint64_t size = (uint64_t)s.st_size;
    if (body->offset > size || body->length > size - body->offset)
        return lb_fail(error, LB_EUSAGE, "'%s' has %llu bytes; the part to upload ends after them", body->file,
                       (unsigned long long)size);
    r->offset = body->offset;
    r->length = body->length ? body->length : size - body->offset;
    return LB_OK;
}

/* What errors show of a URL: not the password in front of its host. */
static const char *without_user(const char *url) {
    const char *host = strstr(url, "://");
    const char *at = host ? memchr(host, '@', 3 + strcspn(host + 3, "/?#")) : NULL;
    return at ? at + 1 : url;
}

static int make_url(lb_request *r, const lb_call *call, lb_error *error) {
    lb_buffer url = { .allocator = &r->client->loop->allocator };
    bool ok = call->url ? lb_buffer_text(&url, call->url)
                        : lb_buffer_text(&url, r->client->base_url) && lb_buffer_text(&url, call->path);
    if (!ok || !lb_url_query(&url, call->query)) {
        lb_buffer_free(&url);
        return lb_fail(error, LB_ENOMEM, "out of memory");
    }
    r->url = url.data;
    if (call->url) lb_url_lower_scheme(r->url); /* else the client has done it */
    r->path = call->url ? without_user(r->url) : r->url + strlen(r->client->base_url);
    r->path_size = strcspn(r->path, "?#");
    return LB_OK;
}

static int make_headers(lb_request *r, const lb_call *call, lb_error *error) {
    const lb_body *body = call->body;
    const char *type = body && body->content_type ? body->content_type : body && !call->url ? "application/json" : NULL;
    bool json = type && strcmp(type, "application/json") == 0;
    bool bare = !body && (strcmp(r->method, "GET") == 0 || strcmp(r->method, "DELETE") == 0);
    if (!call->url && !call->headers && (!type || json)) {
        const lb_client *c = r->client;
        r->headers = bare ? c->bare_headers : json ? c->json_headers : c->plain_headers;
        return LB_OK;
    }
    r->headers = r->own_headers = lb_client_headers(r->client, !call->url, !bare, type, call->headers);
    return r->headers ? LB_OK : lb_fail(error, LB_ENOMEM, "out of memory");
}

static void on_timer(void *user_data);

static void request_free(lb_request *r) {
    const lb_allocator *a = &r->client->loop->allocator;
    if (r->fd >= 0) close(r->fd);
    lb_headers_free(r->own_headers);
    lb_release(a, r->url);
    lb_release(a, r->data);
    lb_mail_free(a, r->mail);
    lb_release(a, r);
}

static bool is_idempotent_method(const char *method) {
    return strcmp(method, "GET") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "DELETE") == 0 ||
           strcmp(method, "HEAD") == 0;
}

static void enqueue(lb_request *r, bool first) {
    lb_client *c = r->client;
    r->state = LB_QUEUED;
    lb_pace_add(c->pace, &r->paced, first);
    lb_pace_dispatch(c->pace);
    if (r->state == LB_QUEUED) lb_timer_set(c->loop, &r->timer, r->deadline);
}

int lb_request_submit(lb_client *client, const lb_call *call, lb_done done, void *user_data, lb_request **request,
              lb_error *error) {
    lb_error scratch;
    lb_error_clear(error ? error : (error = &scratch));
    if (request) *request = NULL;
    int status = check_call(client, call, error);
    if (status != LB_OK) return status;
    lb_loop *loop = client->loop;
    lb_request *r = lb_alloc(&loop->allocator, sizeof *r);
    if (!r) return lb_fail(error, LB_ENOMEM, "out of memory");
    r->client = client;
    r->paced.owner = r;
    r->fd = -1;
    r->done = done;
    r->user_data = user_data;
    r->timer.done = on_timer;
    r->timer.user_data = r;
    r->started = lb_clock();
    r->deadline = r->started + (call->timeout > 0 ? call->timeout : client->options.timeout);
    r->max_attempts = call->max_attempts ? call->max_attempts : client->options.max_attempts;
    r->idempotent = call->idempotency == LB_IDEMPOTENT ||
                    (call->idempotency == LB_IDEMPOTENCY_DEFAULT && is_idempotent_method(call->method));
    memcpy(r->method, call->method, strlen(call->method) + 1);
    const lb_body *body = call->body;
    if (body && body->data) {
        r->data = lb_copy(&loop->allocator, body->data, body->size);
        r->size = body->size;
        if (!r->data) status = lb_fail(error, LB_ENOMEM, "out of memory");
    } else if (body && body->file) {
        status = open_file(r, body, error);
    }
    if (status == LB_OK && call->mail && !(r->mail = lb_mail_copy(&loop->allocator, call->mail)))
        status = lb_fail(error, LB_ENOMEM, "out of memory");
    if (status == LB_OK) status = make_url(r, call, error);
    if (status == LB_OK) status = make_headers(r, call, error);
    if (status == LB_OK && !lb_timer_reserve(loop)) status = lb_fail(error, LB_ENOMEM, "out of memory");
    if (status != LB_OK) {
        request_free(r);
        return status;
    }
    r->next = client->requests;
    if (r->next) r->next->previous = r;
    client->requests = r;
    loop->requests++;
    if (request) *request = r;
    enqueue(r, false);
    return LB_OK;
}

/* ---- Attempts --------------------------------------------------------------------------------- */

static void describe(const lb_request *r, lb_error *error) {
    memcpy(error->method, r->method, sizeof error->method);
    lb_set_text(error->path, sizeof error->path, r->path, r->path_size);
    error->attempts = (int)r->attempts;
}

static void end(lb_request *r, lb_status status, lb_response *response, lb_error *error) {
    lb_client *c = r->client;
    if (r->state == LB_QUEUED) lb_pace_drop(&r->paced);
    r->state = LB_ENDED;
    lb_timer_drop(c->loop, &r->timer);
    if (r->next) r->next->previous = r->previous;
    if (r->previous) r->previous->next = r->next;
    if (c->requests == r) c->requests = r->next;
    c->loop->requests--;
    c->loop->finished++;
    if (!c->loop->closed) lb_pace_dispatch(c->pace);
    lb_done done = r->done;
    void *user_data = r->user_data;
    request_free(r);
    if (done) done(user_data, status, response, error); /* may destroy the client */
    if (response && !response->kept) lb_response_free(response);
}

static void fail(lb_request *r, lb_status status, const char *message) {
    lb_error error;
    lb_error_clear(&error);
    lb_fail(&error, status, "%s", message);
    describe(r, &error);
    end(r, status, NULL, &error);
}

static void on_finished(void *owner, lb_outcome *outcome);

/* A transfer has no connection in time, or no response by its deadline. libcurl has no timeouts to look after: setting and
 * checking them took longer than a header line, and read the clock five times. */
static void on_transfer_timer(lb_request *r) {
    lb_client *c = r->client;
    bool late = lb_clock() >= r->deadline;
    if (!late && lb_transfer_started(r->transfer)) {
        lb_timer_set(c->loop, &r->timer, r->deadline);
        return;
    }
    lb_outcome outcome;
    lb_transfer_expire(c->loop->transport, r->transfer, late, late ? r->deadline - r->started : c->options.connect_timeout,
                       &outcome);
    on_finished(r, &outcome);
}

/* The deadline of a queued request, what a running one waits for, the end of a backoff, or of one that could not start. */
static void on_timer(void *user_data) {
    lb_request *r = user_data;
    if (r->state == LB_RUNNING)
        on_transfer_timer(r);
    else if (r->state == LB_BACKOFF)
        enqueue(r, true);
    else if (r->state == LB_UNSTARTED)
        fail(r, LB_ENOMEM, "out of memory");
    else
        fail(r, LB_ETIMEOUT, "the deadline passed before the request could be sent (max_in_flight, rate or a 429)");
}

void lb_request_begin(void *request) {
    lb_request *r = request;
    lb_client *c = r->client;
    bool at_once = r->attempts == 0 && !r->timer.index; /* it was made just now, and did not wait in the queue */
    double now = at_once ? r->started : lb_clock();
    lb_attempt attempt = {
        .method = r->method, .url = r->url, .ca_file = c->ca_file, .headers = r->headers,
        .data = r->data, .size = r->size, .fd = r->fd, .offset = r->offset, .length = r->length,
        .max_response = c->options.max_response, .connect_timeout = c->options.connect_timeout,
        .repeatable = r->idempotent, .mail = r->mail, .done = on_finished, .owner = r,
    };
    r->attempts++;
    r->state = LB_RUNNING;
    r->transfer = lb_transfer_start(c->loop->transport, &attempt);
    if (r->transfer) {
        lb_timer_set(c->loop, &r->timer, fmin(now + c->options.connect_timeout, r->deadline));
        return;
    }
    /* Ended from a timer, not from here: the caller of lb_request_submit() must not see `done` before it returns. */
    lb_pace_ended(c->pace);
    r->state = LB_UNSTARTED;
    lb_timer_set(c->loop, &r->timer, 0);
}

static double retry_after(const lb_buffer *headers) {
    size_t length;
    const char *value = lb_header_value(headers, "Retry-After", &length);
    char text[64];
    if (!value || length == 0 || length >= sizeof text) return -1;
    memcpy(text, value, length);
    text[length] = '\0';
    char *end;
    unsigned long seconds = strtoul(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0') return (double)seconds;
    double date = lb_http_date(text);
    if (date < 0) return -1;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    double wait = date - (double)now.tv_sec;
    return wait > 0 ? wait : 0;
}

/* A mail server has said no: of a password, a sender, a recipient or the e-mail. */
static bool is_refused_mail(const lb_request *r, const lb_outcome *o) {
    return r->mail && o->status != LB_OK && o->http_status >= 400;
}

/* What a server has not processed is sent again, and does not count as an attempt; but not without end. */
static bool is_refusal(const lb_request *r, const lb_outcome *o) {
    return o->refused && r->refusals < MAX_REFUSALS;
}

/* May this outcome be followed by another attempt? */
static bool worth_retrying(const lb_request *r, const lb_outcome *o) {
    if (o->final || is_refused_mail(r, o)) return false;
    if (is_refusal(r, o)) return true;
    if (r->attempts - r->refusals >= r->max_attempts) return false;
    if (o->status == LB_ENETWORK) return r->idempotent || !o->sent || o->refused;
    if (o->status != LB_OK) return false;
    switch (o->http_status) {
    case 429: return true; /* refused before anything was done */
    case 408: case 500: case 502: case 503: case 504: return r->idempotent;
    default: return false;
    }
}

static double backoff(const lb_request *r, double asked) {
    const lb_options *o = &r->client->options;
    unsigned before = r->attempts - r->refusals - 1;
    double pause = fmin(o->backoff * pow(2, before < 30 ? before : 30), o->max_backoff);
    pause *= 0.5 + lb_random(r->client->loop) / 2;
    return asked < 0 ? pause : fmin(fmax(asked, pause), o->max_backoff);
}

static bool retry_later(lb_request *r, const lb_outcome *o, double asked) {
    lb_client *c = r->client;
    bool refusal = is_refusal(r, o);
    double pause = refusal && r->refusals == 0 ? 0 : backoff(r, asked), now = lb_clock();
    if (o->status == LB_OK && o->http_status == 429) lb_pace_slow_down(c->pace, pause);
    if (!worth_retrying(r, o) || now + pause >= r->deadline) return false;
    r->refusals += refusal;
    r->state = LB_BACKOFF;
    lb_timer_set(c->loop, &r->timer, now + pause);
    return true;
}

static void outcome_free(lb_outcome *o) {
    lb_buffer_free(&o->body);
    lb_buffer_free(&o->headers);
}

/* What nginx, Apache and Go respond to HTTP at a port for https. */
static void fill_wrong_scheme(const lb_response *response, lb_error *error) {
    static const char *const signs[] = { "plain HTTP request was sent to HTTPS port", "speaking plain HTTP to an SSL",
                                         "HTTP request to an HTTPS server" };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (!strstr(response->body.data, signs[i])) continue;
        lb_fail(error, LB_EHTTP, "the port speaks https, not http");
        lb_set_text(error->suggestion, sizeof error->suggestion, "should the URL begin with https:// instead of http://?", 54);
    }
}

static void fill_http_error(const lb_request *r, const lb_response *response, double asked, lb_error *error) {
    size_t length;
    error->kind = LB_EHTTP;
    error->status = response->status;
    error->retry_after = asked;
    describe(r, error);
    lb_error_from_body(error, response->body.data, response->body.size);
    const char *warning = lb_header_value(&response->headers, "X-LB-Warn", &length);
    if (warning) lb_set_text(error->warning, sizeof error->warning, warning, length);
    if (response->status >= 300 && response->status < 400 && lb_header_value(&response->headers, "Location", &length))
        lb_fail(error, LB_EHTTP, "the server redirects elsewhere, which is not followed; check the base URL");
    if (response->status == 400 && strncmp(response->url, "http:", 5) == 0) fill_wrong_scheme(response, error);
}

/* The code and the words of a mail server: the last line that it has sent. */
static void fill_refusal(const lb_outcome *o, lb_error *error) {
    error->status = o->http_status;
    size_t end = o->headers.size;
    while (end > 0 && (o->headers.data[end - 1] == '\r' || o->headers.data[end - 1] == '\n')) end--;
    size_t from = end;
    while (from > 0 && o->headers.data[from - 1] != '\n') from--;
    if (end - from > 4) lb_set_text(error->message, sizeof error->message, o->headers.data + from + 4, end - from - 4);
}

/* The transport has a response, or has given up. */
static void on_finished(void *owner, lb_outcome *o) {
    lb_request *r = owner;
    lb_client *c = r->client;
    bool good = o->status == LB_OK && o->http_status >= 200 && o->http_status < 300;
    double asked = o->status == LB_OK && !good ? retry_after(&o->headers) : -1;
    r->transfer = NULL;
    lb_pace_ended(c->pace);
    if (o->status == LB_OK && o->http_status != 429) lb_pace_speed_up(c->pace);
    if (!good && retry_later(r, o, asked)) {
        outcome_free(o);
        lb_pace_dispatch(c->pace);
        return;
    }
    lb_error error;
    if (!good) lb_error_clear(&error);
    if (o->status != LB_OK) {
        lb_set_text(error.message, sizeof error.message, o->message, strlen(o->message));
        lb_set_text(error.suggestion, sizeof error.suggestion, o->suggestion, strlen(o->suggestion));
        error.kind = o->status;
        if (is_refused_mail(r, o)) fill_refusal(o, &error);
        describe(r, &error);
        outcome_free(o);
        end(r, error.kind, NULL, &error);
        return;
    }
    lb_response *response = lb_response_make(r, o);
    if (!response) {
        outcome_free(o);
        fail(r, LB_ENOMEM, "out of memory");
    } else if (good) {
        end(r, LB_OK, response, NULL);
    } else {
        fill_http_error(r, response, asked, &error);
        end(r, LB_EHTTP, response, &error);
    }
}

void lb_request_cancel(lb_request *r) {
    if (!r) return;
    if (r->transfer) {
        lb_transfer_stop(r->client->loop->transport, r->transfer);
        r->transfer = NULL;
        lb_pace_ended(r->client->pace);
    }
    fail(r, LB_ECANCELLED, "the call was cancelled");
}
