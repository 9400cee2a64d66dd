/* client.c - a client: its options, and its end. */
#define _POSIX_C_SOURCE 200809L
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- Options ---------------------------------------------------------------------------------- */

static const lb_options defaults = {
    LB_OPTIONS_INIT,
    .timeout = 30,
    .connect_timeout = 10,
    .backoff = 0.25,
    .max_backoff = 60,
    .max_attempts = 4,
    .max_in_flight = 100,
    .max_response = (size_t)64 * 1024 * 1024,
};

/* Of any version there may be: a larger size is a variable that was not initialised. */
enum { LARGEST_OPTIONS = 4096 };

static bool bad_number(double value) {
    return isnan(value) || isinf(value) || value < 0;
}

/* Where a string came from, for messages. */
typedef struct origin {
    const char *secret, *base_url;
} origin;

static int check_options(const lb_options *o, const origin *from, lb_error *error) {
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
    struct stat file;
    if (o->ca_file && stat(o->ca_file, &file) == 0 && !S_ISREG(file.st_mode)) /* to read a FIFO would wait */
        return lb_fail(error, LB_EUSAGE, "option 'ca_file': '%s' is not a regular file", o->ca_file);
    const char *problem = o->base_url ? lb_url_problem(o->base_url) : NULL;
    if (problem) return lb_fail(error, LB_EUSAGE, "%s %s", from->base_url, problem);
    return LB_OK;
}

/* Options of any version as those of this one: what the program's struct lacks is zero. A field that this library does
 * not know, and that is set, would be lost. */
static int read_options(lb_options *to, const lb_options *from, lb_error *error) {
    *to = (lb_options){ LB_OPTIONS_INIT };
    if (!from) return LB_OK;
    if (from->size < sizeof from->size || from->size > LARGEST_OPTIONS)
        return lb_fail(error, LB_EUSAGE,
                       "lb_options is not initialised; begin it with LB_OPTIONS_INIT or lb_options_init()");
    for (size_t i = sizeof *to; i < from->size; i++)
        if (((const char *)from)[i])
            return lb_fail(error, LB_EUSAGE,
                           "lb_options has an option that this version of the library (" LB_VERSION ") does not know; "
                           "update it");
    memcpy(to, from, from->size < sizeof *to ? from->size : sizeof *to);
    to->size = sizeof *to;
    return LB_OK;
}

static void take_numbers(lb_options *to, const lb_options *from) {
    if (from->timeout > 0) to->timeout = from->timeout;
    if (from->connect_timeout > 0) to->connect_timeout = from->connect_timeout;
    if (from->backoff > 0) to->backoff = from->backoff;
    if (from->max_backoff > 0) to->max_backoff = from->max_backoff;
    if (from->max_attempts) to->max_attempts = from->max_attempts;
    if (from->max_response) to->max_response = from->max_response;
}

static bool replace(const lb_allocator *a, char **slot, const char *text) {
    if (!text) return true;
    char *copy = lb_copy(a, text, strlen(text));
    if (!copy) return false;
    lb_release(a, *slot);
    *slot = copy;
    return true;
}

/* ---- Client ----------------------------------------------------------------------------------- */

/* A copy has the pace of its base; limits of its own hold within that. */
static lb_pace *make_pace(lb_loop *loop, const lb_client *base, const lb_options *given) {
    if (base && !(given->rate > 0) && !given->max_in_flight) return lb_pace_keep(base->pace);
    if (base) return lb_pace_create(loop, base->pace, given->max_in_flight, given->rate, NULL);
    unsigned max_in_flight = given->max_in_flight ? given->max_in_flight : defaults.max_in_flight;
    return lb_pace_create(loop, NULL, max_in_flight, given->rate, lb_request_begin);
}

static int create(lb_client **out, lb_loop *loop, const lb_client *base, const lb_options *options,
                  lb_error *error) {
    lb_error scratch;
    lb_options given;
    lb_error_clear(error ? error : (error = &scratch));
    if (!out) return lb_fail(error, LB_EUSAGE, "the pointer that receives the client is NULL");
    *out = NULL;
    if (!loop) return lb_fail(error, LB_EUSAGE, "the loop, or the client whose options are to be used, is NULL");
    if (read_options(&given, options, error) != LB_OK) return LB_EUSAGE;
    if (loop->closed) return lb_fail(error, LB_EUSAGE, "the loop is closed");
    lb_options all = base ? base->options : defaults;
    const char *secret = given.secret, *base_url = given.base_url;
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
    given.secret = secret;
    given.base_url = base_url;
    int status = check_options(&given, &from, error);
    if (status == LB_OK) status = lb_transport_open(loop->transport, error);
    if (status != LB_OK) return status;
    const lb_allocator *a = &loop->allocator;
    lb_client *client = lb_alloc(a, sizeof *client);
    take_numbers(&all, &given);
    if (!client || !(client->pace = make_pace(loop, base, &given))) {
        lb_release(a, client);
        return lb_fail(error, LB_ENOMEM, "out of memory");
    }
    client->options = all;
    client->loop = loop;
    loop->references++;
    client->next = loop->clients;
    if (client->next) client->next->previous = client;
    loop->clients = client;
    bool ok = true;
    if (base)
        ok = replace(a, &client->secret, base->secret) && replace(a, &client->base_url, base->base_url) &&
             replace(a, &client->ca_file, base->ca_file) && replace(a, &client->user_agent, base->user_agent);
    else
        ok = replace(a, &client->user_agent, "lbhost/" LB_VERSION);
    ok = ok && replace(a, &client->secret, secret) && replace(a, &client->base_url, base_url) &&
         replace(a, &client->ca_file, given.ca_file) && replace(a, &client->user_agent, given.user_agent);
    if (!ok || !lb_client_make_headers(client)) {
        lb_client_destroy(client);
        return lb_fail(error, LB_ENOMEM, "out of memory");
    }
    lb_url_lower_scheme(client->base_url);
    for (size_t n = strlen(client->base_url); n && client->base_url[n - 1] == '/'; n--)
        client->base_url[n - 1] = '\0';
    *out = client;
    return LB_OK;
}

int lb_client_create(lb_loop *loop, const lb_options *options, lb_client **client, lb_error *error) {
    return create(client, loop, NULL, options, error);
}

int lb_client_copy(lb_client *client, const lb_options *options, lb_client **copy, lb_error *error) {
    return create(copy, client ? client->loop : NULL, client, options, error);
}

void lb_client_destroy(lb_client *client) {
    if (!client) return;
    lb_loop *loop = client->loop;
    const lb_allocator *a = &loop->allocator;
    client->closing = true;
    while (client->requests) lb_request_cancel(client->requests);
    lb_pace_release(client->pace);
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

int lb_client_set_pace(lb_client *client, double rate, unsigned max_in_flight) {
    if (!client || !(rate >= 0)) return LB_EUSAGE;
    lb_pace_set(client->pace, rate, max_in_flight);
    return LB_OK;
}

void lb_client_pause(lb_client *client, double seconds) {
    if (client && seconds > 0) lb_pace_slow_down(client->pace, seconds);
}

double lb_client_paused(const lb_client *client) {
    return client ? lb_pace_paused(client->pace) : 0;
}

lb_loop *lb_client_loop(const lb_client *client) {
    return client ? client->loop : NULL;
}

const char *lb_client_base_url(const lb_client *client) {
    return client ? client->base_url : "";
}
