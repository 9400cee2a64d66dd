/* client.c - options, and the gate that requests pass: how many at once, how fast, and when not at all. */
#define _POSIX_C_SOURCE 200809L
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- Options ---------------------------------------------------------------------------------- */

static const lb_options defaults = {
    .version = LB_OPTIONS_VERSION,
    .timeout = 30,
    .connect_timeout = 10,
    .backoff = 0.25,
    .max_backoff = 60,
    .max_attempts = 4,
    .max_in_flight = 100,
    .max_reply = (size_t)64 * 1024 * 1024,
};

static bool bad_number(double value) {
    return isnan(value) || isinf(value) || value < 0;
}

/* Where a text came from, for messages. */
typedef struct origin {
    const char *secret, *base_url;
} origin;

static int check_options(const lb_options *o, const origin *from, lb_error *error) {
    if (o->version != LB_OPTIONS_VERSION)
        return lb_fail(error, LB_EUSAGE, "lb_options is not initialised; begin it with LB_OPTIONS_INIT");
    const struct { const char *name; double value; } numbers[] = {
        { "timeout", o->timeout }, { "connect_timeout", o->connect_timeout }, { "rate", o->rate },
        { "backoff", o->backoff }, { "max_backoff", o->max_backoff },
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (bad_number(numbers[i].value))
            return lb_fail(error, LB_EUSAGE, "option '%s' must be a number greater than 0", numbers[i].name);
    if (o->secret) {
        if (!*o->secret) return lb_fail(error, LB_EUSAGE, "%s is empty", from->secret);
        for (const char *p = o->secret; *p; p++)
            if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 127)
                return lb_fail(error, LB_EUSAGE,
                               "%s has a line break, space or other character at position %d that no key contains",
                               from->secret, (int)(p - o->secret) + 1);
    }
    if (o->user_agent)
        for (const char *p = o->user_agent; *p; p++)
            if ((unsigned char)*p < ' ' || *p == 127)
                return lb_fail(error, LB_EUSAGE, "option 'user_agent' has a control character");
    const char *problem = o->base_url ? lb_url_problem(o->base_url) : NULL;
    if (problem) return lb_fail(error, LB_EUSAGE, "%s %s", from->base_url, problem);
    return LB_OK;
}

static void take_numbers(lb_options *to, const lb_options *from) {
    if (from->timeout > 0) to->timeout = from->timeout;
    if (from->connect_timeout > 0) to->connect_timeout = from->connect_timeout;
    if (from->rate > 0) to->rate = from->rate;
    if (from->backoff > 0) to->backoff = from->backoff;
    if (from->max_backoff > 0) to->max_backoff = from->max_backoff;
    if (from->max_attempts) to->max_attempts = from->max_attempts;
    if (from->max_in_flight) to->max_in_flight = from->max_in_flight;
    if (from->max_reply) to->max_reply = from->max_reply;
}

static bool replace(const lb_allocator *a, char **slot, const char *text) {
    if (!text) return true;
    char *copy = lb_copy(a, text, strlen(text));
    if (!copy) return false;
    lb_release(a, *slot);
    *slot = copy;
    return true;
}

/* ---- Headers ---------------------------------------------------------------------------------- */

static bool named(const lb_pair *headers, const char *name) {
    for (; headers && headers->name; headers++)
        if (strcasecmp(headers->name, name) == 0) return true;
    return false;
}

static bool add_header(const lb_client *client, lb_headers **list, const char *name, const char *value) {
    lb_buffer line = { .allocator = &client->loop->allocator };
    bool ok = lb_buffer_text(&line, name) && lb_buffer_text(&line, *value ? ": " : ";") &&
              lb_buffer_text(&line, value) && lb_headers_add(list, line.data);
    if (line.data) lb_wipe(line.data, line.size);
    lb_buffer_free(&line);
    return ok;
}

/* A list with the defaults and `extra`; NULL when out of memory. libcurl adds lines of its own for a method that may have
 * a body, unless "Name:" keeps it from that; without need it would only look through them. */
lb_headers *lb_client_headers(const lb_client *client, bool secret, bool may_have_body, const char *content_type,
                              const lb_pair *extra) {
    lb_headers *list = NULL;
    bool ok = true;
    if (secret && !named(extra, "Authorization")) {
        lb_buffer value = { .allocator = &client->loop->allocator };
        ok = lb_buffer_text(&value, "Bearer ") && lb_buffer_text(&value, client->secret) &&
             add_header(client, &list, "Authorization", value.data);
        if (value.data) lb_wipe(value.data, value.size);
        lb_buffer_free(&value);
    }
    if (ok && !named(extra, "User-Agent")) ok = add_header(client, &list, "User-Agent", client->user_agent);
    if (ok && !named(extra, "Accept-Encoding")) ok = lb_headers_add(&list, "Accept-Encoding: " LB_ACCEPT_ENCODING);
    if (ok && may_have_body && !named(extra, "Content-Type"))
        ok = content_type ? add_header(client, &list, "Content-Type", content_type)
                          : lb_headers_add(&list, "Content-Type:");
    if (ok && may_have_body && !named(extra, "Expect")) ok = lb_headers_add(&list, "Expect:");
    /* Without it libcurl says that it accepts anything, as who says nothing does: a seventh of the bytes that it formats. */
    if (ok && !named(extra, "Accept")) ok = lb_headers_add(&list, "Accept:");
    for (; ok && extra && extra->name; extra++) ok = add_header(client, &list, extra->name, extra->value);
    if (ok) return list;
    lb_headers_free(list);
    return NULL;
}

/* ---- Client ----------------------------------------------------------------------------------- */

static void on_timer(void *user_data) {
    lb_client_dispatch(user_data);
}

static int create(lb_client **out, lb_loop *loop, const lb_client *base, const lb_options *options,
                  lb_error *error) {
    static const lb_options none = { LB_OPTIONS_INIT };
    lb_error scratch;
    lb_error_clear(error ? error : (error = &scratch));
    *out = NULL;
    if (!options) options = &none;
    if (loop->closed) return lb_fail(error, LB_EUSAGE, "the loop is closed");
    lb_options all = base ? base->options : defaults;
    const char *secret = options->secret, *base_url = options->base_url;
    origin from = { "option 'secret'", "option 'base_url'" };
    if (!base) {
        if (!secret) {
            from.secret = "the environment variable LIVEBLOCKS_SECRET_KEY";
            if ((secret = getenv("LIVEBLOCKS_SECRET_KEY")) && !*secret) secret = NULL;
        }
        if (!base_url) {
            from.base_url = "the environment variable LIVEBLOCKS_BASE_URL";
            base_url = getenv("LIVEBLOCKS_BASE_URL");
        }
        if (!base_url || !*base_url) base_url = LB_DEFAULT_BASE_URL;
    }
    lb_options given = *options;
    given.secret = secret;
    given.base_url = base_url;
    int status = check_options(&given, &from, error);
    if (status == LB_OK) status = lb_transport_open(loop->transport, error);
    if (status != LB_OK) return status;
    const lb_allocator *a = &loop->allocator;
    lb_client *client = lb_alloc(a, sizeof *client);
    if (!client || !lb_timer_reserve(loop)) {
        lb_release(a, client);
        return lb_fail(error, LB_ENOMEM, "out of memory");
    }
    take_numbers(&all, &given);
    client->options = all;
    client->loop = loop;
    loop->references++;
    client->next = loop->clients;
    if (client->next) client->next->previous = client;
    loop->clients = client;
    client->timer.done = on_timer;
    client->timer.user_data = client;
    client->window = all.max_in_flight;
    client->tokens = 1;
    client->tokens_at = lb_clock();
    bool ok = true;
    if (base)
        ok = replace(a, &client->secret, base->secret) && replace(a, &client->base_url, base->base_url) &&
             replace(a, &client->ca_file, base->ca_file) && replace(a, &client->user_agent, base->user_agent);
    else
        ok = replace(a, &client->user_agent, "lbhost/" LB_VERSION);
    ok = ok && replace(a, &client->secret, secret) && replace(a, &client->base_url, base_url) &&
         replace(a, &client->ca_file, options->ca_file) && replace(a, &client->user_agent, options->user_agent);
    if (ok && client->secret)
        ok = (client->bare_headers = lb_client_headers(client, true, false, NULL, NULL)) &&
             (client->plain_headers = lb_client_headers(client, true, true, NULL, NULL)) &&
             (client->json_headers = lb_client_headers(client, true, true, "application/json", NULL));
    if (!ok) {
        lb_client_destroy(client);
        return lb_fail(error, LB_ENOMEM, "out of memory");
    }
    for (size_t n = strlen(client->base_url); n && client->base_url[n - 1] == '/'; n--)
        client->base_url[n - 1] = '\0';
    *out = client;
    return LB_OK;
}

int lb_client_create(lb_client **client, lb_loop *loop, const lb_options *options, lb_error *error) {
    return create(client, loop, NULL, options, error);
}

int lb_client_with(lb_client **copy, lb_client *client, const lb_options *options, lb_error *error) {
    return create(copy, client->loop, client, options, error);
}

void lb_client_destroy(lb_client *client) {
    if (!client) return;
    lb_loop *loop = client->loop;
    const lb_allocator *a = &loop->allocator;
    while (client->requests) lb_cancel(client->requests);
    lb_timer_drop(loop, &client->timer);
    if (client->next) client->next->previous = client->previous;
    if (client->previous) client->previous->next = client->next;
    if (loop->clients == client) loop->clients = client->next;
    lb_headers_free(client->bare_headers);
    lb_headers_free(client->plain_headers);
    lb_headers_free(client->json_headers);
    if (client->secret) lb_wipe(client->secret, strlen(client->secret));
    lb_release(a, client->secret);
    lb_release(a, client->base_url);
    lb_release(a, client->ca_file);
    lb_release(a, client->user_agent);
    lb_release(a, client);
    lb_loop_unref(loop);
}

lb_loop *lb_client_loop(const lb_client *client) {
    return client->loop;
}

const char *lb_client_base_url(const lb_client *client) {
    return client->base_url;
}

/* ---- The gate --------------------------------------------------------------------------------- */

/* Seconds until the next request may go by the rate; 0 for now. Takes the token when it is there. */
static double take_token(lb_client *client, double now) {
    double rate = client->options.rate;
    if (rate <= 0) return 0;
    client->tokens += (now - client->tokens_at) * rate;
    client->tokens_at = now;
    double most = rate > 50 ? rate / 50 : 1; /* a late timer may be caught up with, no more */
    if (client->tokens > most) client->tokens = most;
    if (client->tokens >= 1) {
        client->tokens -= 1;
        return 0;
    }
    return (1 - client->tokens) / rate;
}

/* Starts as many queued requests as may go now, and arms the timer for the next. */
void lb_client_dispatch(lb_client *client) {
    while (client->queue && client->in_flight < (unsigned)client->window) {
        bool enough = client->loop->started >= LB_STARTS_A_STEP;
        double now = enough || client->paused_until > 0 || client->options.rate > 0 ? lb_clock() : 0; /* else not used */
        double wait = client->paused_until - now;
        if (wait <= 0 && !enough) wait = take_token(client, now);
        if (wait > 0 || enough) {
            lb_timer_set(client->loop, &client->timer, now + fmax(wait, 0));
            return;
        }
        lb_request *request = client->queue;
        client->queue = request->queue_next;
        if (!client->queue) client->queue_last = NULL;
        request->queue_next = NULL;
        client->loop->started++;
        lb_request_begin(request);
    }
}
