/* endpoints.c - what is made from endpoints.def: the table as data and the functions of a row. */
#define _POSIX_C_SOURCE 200809L
#include "internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The table as data ------------------------------------------------------------------------ */

#define Q_STR(name) { #name, LB_QUERY_TEXT, 0, 0, NULL },
#define Q_NEED(name) { #name, LB_QUERY_REQUIRED, 0, 0, NULL },
#define Q_INT(name, min, max) { #name, LB_QUERY_INTEGER, min, max, NULL },
#define Q_FLAG(name) { #name, LB_QUERY_FLAG, 0, 0, NULL },
#define Q_ENUM(name, values) { #name, LB_QUERY_ENUM, 0, 0, values },
#define Q_LIST(name) { #name, LB_QUERY_LIST, 0, 0, NULL },
#define Q_LANG(name) { #name, LB_QUERY_LANGUAGE, 0, 0, NULL },
#define Q_MAP(name) { #name, LB_QUERY_MAP, 0, 0, NULL },
#define LB_NO_FIELD { NULL, LB_QUERY_TEXT, 0, 0, NULL }
#define LB_QUERY_NOQUERY (const lb_query_field[]){ LB_NO_FIELD }
#define LB_QUERY_QUERY(...) (const lb_query_field[]){ __VA_ARGS__ LB_NO_FIELD }
#define LB_NAMES_PATH0() (const char *const[]){ NULL }
#define LB_NAMES_PATH1(a) (const char *const[]){ #a, NULL }
#define LB_NAMES_PATH2(a, b) (const char *const[]){ #a, #b, NULL }
#define LB_NAMES_PATH3(a, b, c) (const char *const[]){ #a, #b, #c, NULL }
#define LB_NAMES_PATH4(a, b, c, d) (const char *const[]){ #a, #b, #c, #d, NULL }
#define LB_TYPE_NOBODY LB_BODY_NOBODY, NULL
#define LB_TYPE_BYTES LB_BODY_BYTES, "bytes"
#define LB_TYPE_VALUE(type) LB_BODY_VALUE, type
#define LB_TYPE_FIELDS(type) LB_BODY_FIELDS, type
#define LB_PAGE_NOPAGE NULL
#define LB_PAGE_PAGE(name) #name
#define LB_ENDPOINT(group, name, method, path, paths, query, body, response, page, retry, aliases, help) \
    { #group, #name, LB_METHOD_##method, path, LB_NAMES_##paths, LB_QUERY_##query, LB_TYPE_##body, \
      LB_RESPONSE_##response, LB_PAGE_##page, LB_RETRY_##retry, aliases, help },
#define LB_METHOD_GET "GET"
#define LB_METHOD_POST "POST"
#define LB_METHOD_PUT "PUT"
#define LB_METHOD_PATCH "PATCH"
#define LB_METHOD_DELETE "DELETE"

static const lb_endpoint endpoints[LB_ENDPOINT_COUNT] = {
#include "../endpoints.def"
};

const lb_endpoint *lb_endpoints(void) {
    return endpoints;
}

/* ---- Sending a row ---------------------------------------------------------------------------- */

/* The path template with its {parameters} replaced. */
static int make_path(const lb_endpoint *e, const char *const *arguments, lb_buffer *out, lb_error *error) {
    size_t n = 0;
    for (const char *p = e->path; *p;) {
        const char *brace = strchr(p, '{');
        size_t plain = brace ? (size_t)(brace - p) : strlen(p);
        bool ok = lb_buffer_add(out, p, plain);
        if (ok && brace) {
            const char *name = e->path_names[n], *value = arguments ? arguments[n] : NULL;
            n++;
            if (!value || !*value)
                return lb_fail(error, LB_EUSAGE, "%s: '%s' must not be empty", e->name, name);
            /* Also when they are encoded: a proxy that decodes them would make another call of this one. */
            if (strcmp(value, ".") == 0 || strcmp(value, "..") == 0)
                return lb_fail(error, LB_EUSAGE, "%s: '%s' must not be '%s', which stands for a directory in a URL",
                               e->name, name, value);
            ok = lb_url_encode(out, value, false);
            plain = (size_t)(strchr(brace, '}') + 1 - p);
        }
        if (!ok) return lb_fail(error, LB_ENOMEM, "out of memory");
        p += plain;
    }
    return LB_OK;
}

static const char *query_value(const lb_pair *query, const char *name) {
    for (; query && query->name; query++)
        if (strcmp(query->name, name) == 0) return query->value;
    return NULL;
}

static int check_query(const lb_endpoint *e, const lb_pair *query, lb_error *error) {
    for (const lb_query_field *f = e->query; f->name; f++) {
        const char *value = query_value(query, f->name);
        if (f->type == LB_QUERY_REQUIRED && (!value || !*value))
            return lb_fail(error, LB_EUSAGE, "%s: the query parameter '%s' is required", e->name, f->name);
        if (f->type == LB_QUERY_INTEGER && value) {
            char *end;
            errno = 0;
            long long number = strtoll(value, &end, 10);
            if (end == value || *end || errno || number < f->min || number > f->max)
                return lb_fail(error, LB_EUSAGE, "%s: '%s' is %s, allowed is %" PRId64 " to %" PRId64, e->name,
                               f->name, value, f->min, f->max);
        }
    }
    return LB_OK;
}

int lb_endpoint_target(const lb_endpoint *e, const char *const *path_args, const lb_pair *query, lb_buffer *out,
                       lb_error *error) {
    int status = check_query(e, query, error);
    return status == LB_OK ? make_path(e, path_args, out, error) : status;
}

int lb_endpoint_submit(lb_client *client, lb_endpoint_id id, const char *const *path_args,
                       const lb_pair *query, const lb_body *body, const lb_call *settings, lb_done done,
                       void *user_data, lb_request **request, lb_error *error) {
    lb_error scratch;
    lb_error_clear(error ? error : (error = &scratch));
    if (request) *request = NULL;
    if (!client) return lb_fail(error, LB_EUSAGE, "the client is NULL");
    if ((unsigned)id >= LB_ENDPOINT_COUNT) return lb_fail(error, LB_EUSAGE, "no such endpoint");
    const lb_endpoint *e = &endpoints[id];
    lb_body copy = { 0 };
    lb_call call = { .method = e->method, .query = query };
    if (settings) {
        call.headers = settings->headers;
        call.timeout = settings->timeout;
        call.max_attempts = settings->max_attempts;
    }
    if (body) copy = *body;
    else if (e->body == LB_BODY_FIELDS) copy = (lb_body){ .data = "{}", .size = 2 };
    if (e->body != LB_BODY_NOBODY) {
        if (!copy.data && !copy.file) return lb_fail(error, LB_EUSAGE, "%s needs a body", e->name);
        if (!copy.content_type)
            copy.content_type = e->body == LB_BODY_BYTES ? "application/octet-stream" : "application/json";
        call.body = &copy;
    }
    bool idempotent = e->retry == LB_RETRY_IDEMPOTENT ||
                      (e->retry == LB_RETRY_WITH_FLAG && query_value(query, "idempotent"));
    call.idempotency = idempotent ? LB_IDEMPOTENT : LB_NOT_IDEMPOTENT;
    lb_buffer path = { .allocator = &client->loop->allocator };
    int status = lb_endpoint_target(e, path_args, query, &path, error);
    if (status == LB_OK) {
        call.path = path.data;
        status = lb_request_submit(client, &call, done, user_data, request, error);
    }
    lb_buffer_free(&path);
    return status;
}

/* ---- The functions of a row -------------------------------------------------------------- */

/* The struct of a query turned into pairs. A map may have any number of entries: so the count. */
enum { MAX_PAIRS = 64, MAX_DIGITS = 24 };
typedef struct pair_list {
    lb_pair list[MAX_PAIRS + 1];
    char digits[4][MAX_DIGITS], names[MAX_PAIRS][64];
    size_t count, numbers;
    bool overflow;
} pair_list;

static void push(pair_list *p, const char *name, const char *value) {
    if (!value) return;
    if (p->count == MAX_PAIRS) p->overflow = true;
    else p->list[p->count++] = (lb_pair){ name, value };
}

static void push_integer(pair_list *p, const char *name, int64_t value) {
    if (value == 0) return;
    char *digits = p->digits[p->numbers++];
    snprintf(digits, MAX_DIGITS, "%" PRId64, value);
    push(p, name, digits);
}

static void push_map(pair_list *p, const char *name, const lb_pair *entries) {
    for (; entries && entries->name; entries++) {
        if (p->count == MAX_PAIRS) {
            p->overflow = true;
            return;
        }
        char *key = p->names[p->count];
        int length = snprintf(key, sizeof p->names[0], "%s.%s", name, entries->name);
        if (length < 0 || (size_t)length >= sizeof p->names[0]) p->overflow = true;
        push(p, key, entries->value);
    }
}

static int refuse(lb_error *error) {
    lb_error scratch;
    lb_error_clear(error ? error : (error = &scratch));
    return lb_fail(error, LB_EUSAGE, "too many query entries, or a name of over 63 bytes");
}

#define Q_STR(name) push(&pairs, #name, query->name);
#define Q_NEED(name) push(&pairs, #name, query->name);
#define Q_INT(name, min, max) push_integer(&pairs, #name, query->name);
#define Q_FLAG(name) push(&pairs, #name, query->name ? "true" : NULL);
#define Q_ENUM(name, values) push(&pairs, #name, query->name);
#define Q_LIST(name) push(&pairs, #name, query->name);
#define Q_LANG(name) push(&pairs, #name, query->name);
#define Q_MAP(name) push_map(&pairs, #name, query->name);
#define LB_ARGS_PATH0() NULL
#define LB_ARGS_PATH1(a) a
#define LB_ARGS_PATH2(a, b) a, b
#define LB_ARGS_PATH3(a, b, c) a, b, c
#define LB_ARGS_PATH4(a, b, c, d) a, b, c, d
#define LB_PAIRS_NOQUERY const lb_pair *list = NULL;
#define LB_PAIRS_QUERY(...) \
    pair_list pairs; \
    const lb_pair *list = pairs.list; \
    memset(&pairs, 0, sizeof pairs); \
    if (query) { __VA_ARGS__ } \
    if (pairs.overflow) return refuse(error);
#define LB_BODY_ARG_NOBODY NULL
#define LB_BODY_ARG_BYTES body
#define LB_BODY_ARG_VALUE(type) body
#define LB_BODY_ARG_FIELDS(type) body
#define LB_UNWRAP(...) __VA_ARGS__
#define LB_PAGES_NONE(...)
#define LB_PAGES_SOME(function, id, arguments, pairs, ...) \
    int function(__VA_ARGS__) { \
        LB_UNWRAP arguments \
        LB_UNWRAP pairs \
        return lb_pages_create(client, id, path_args, list, pages, error); \
    }
#define LB_ENDPOINT(group, name, method, path, paths, query, body, kind, page, ...) \
    int lb_##name(lb_client *client, LB_PARAMS_##paths LB_QUERY_KIND_##query(name) LB_BODY_PARAM_##body \
                  lb_response **response, lb_error *error) { \
        const char *const arguments[] = { LB_ARGS_##paths }; \
        LB_PAIRS_##query \
        return lb_endpoint_perform(client, LB_EP_##name, arguments, list, LB_BODY_ARG_##body, response, error); \
    } \
    int lb_submit_##name(lb_client *client, LB_PARAMS_##paths LB_QUERY_KIND_##query(name) \
                         LB_BODY_PARAM_##body lb_done done, void *user_data, lb_request **request, \
                         lb_error *error) { \
        const char *const arguments[] = { LB_ARGS_##paths }; \
        LB_PAIRS_##query \
        return lb_endpoint_submit(client, LB_EP_##name, arguments, list, LB_BODY_ARG_##body, NULL, done, \
                                  user_data, request, error); \
    } \
    LB_PAGES_##page(lb_pages_##name, LB_EP_##name, (const char *const path_args[] = { LB_ARGS_##paths };), (LB_PAIRS_##query), \
                    lb_client *client, LB_PARAMS_##paths LB_QUERY_KIND_##query(name) lb_pages **pages, lb_error *error)
#include "../endpoints.def"
