/* headers.c - the header lines of requests. */
#define _POSIX_C_SOURCE 200809L
#include "internal.h"

#include <string.h>
#include <strings.h>

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

/* A list with the defaults and `extra`; NULL when out of memory. A line "Name:" keeps libcurl from adding a header of its
 * own; only methods that may have a body need those of Content-Type and Expect. */
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
    /* Keeps libcurl from accepting any type in so many words, which means the same as no Accept (RFC 9110, 12.5.1). */
    if (ok && !named(extra, "Accept")) ok = lb_headers_add(&list, "Accept:");
    for (; ok && extra && extra->name; extra++) ok = add_header(client, &list, extra->name, extra->value);
    if (ok) return list;
    lb_headers_free(list);
    return NULL;
}

bool lb_client_make_headers(lb_client *client) {
    if (!client->secret) return true; /* such a client can only call other services, by URL */
    return (client->bare_headers = lb_client_headers(client, true, false, NULL, NULL)) &&
           (client->plain_headers = lb_client_headers(client, true, true, NULL, NULL)) &&
           (client->json_headers = lb_client_headers(client, true, true, "application/json", NULL));
}
