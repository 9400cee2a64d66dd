/* pages.c - iteration over the pages of a call: each page names the cursor of the next. */
#include "internal.h"

#include <string.h>

#include "../text/json_text.h"

/* Of a cursor, which goes into a URL: servers take 8 KB of that. */
enum { LONGEST_CURSOR = 4096 };

/* ---- Beginning and end ------------------------------------------------------------------------ */

/* The query without the cursor, which is kept for the first page. */
static int set_target(lb_pages *pages, const char *const *path_args, const lb_pair *query, lb_error *error) {
    int status = lb_endpoint_target(pages->endpoint, path_args, query, &pages->target, error);
    bool ok = lb_buffer_add(&pages->cursor, "", 0);
    for (; status == LB_OK && ok && query && query->name; query++) {
        const lb_pair pair[] = { *query, { NULL, NULL } };
        if (strcmp(query->name, pages->endpoint->page) != 0) ok = lb_url_query(&pages->target, pair);
        else if (query->value) ok = lb_buffer_text(&pages->cursor, query->value);
    }
    if (status == LB_OK && !ok) return lb_fail(error, LB_ENOMEM, "out of memory");
    return status;
}

int lb_pages_create(lb_client *client, lb_endpoint_id id, const char *const *path_args, const lb_pair *query,
                    lb_pages **out, lb_error *error) {
    lb_error scratch;
    lb_error_clear(error ? error : (error = &scratch));
    if (!out) return lb_fail(error, LB_EUSAGE, "the pointer that receives the pages is NULL");
    *out = NULL;
    if (!client) return lb_fail(error, LB_EUSAGE, "the client is NULL");
    if ((unsigned)id >= LB_ENDPOINT_COUNT) return lb_fail(error, LB_EUSAGE, "no such endpoint");
    const lb_endpoint *endpoint = &lb_endpoints()[id];
    if (!endpoint->page) return lb_fail(error, LB_EUSAGE, "%s has no pages", endpoint->name);
    const lb_allocator *a = &client->loop->allocator;
    lb_pages *pages = lb_alloc(a, sizeof *pages);
    if (!pages) return lb_fail(error, LB_ENOMEM, "out of memory");
    pages->client = client;
    pages->endpoint = endpoint;
    pages->target.allocator = pages->cursor.allocator = a;
    client->loop->references++;
    int status = set_target(pages, path_args, query, error);
    if (status == LB_OK) *out = pages;
    else lb_pages_destroy(pages);
    return status;
}

void lb_pages_destroy(lb_pages *pages) {
    if (!pages || pages->destroying) return;
    pages->destroying = true; /* its `done` may call this again */
    lb_request_cancel(pages->request);
    lb_loop *loop = pages->client->loop;
    lb_buffer_free(&pages->target);
    lb_buffer_free(&pages->cursor);
    lb_release(&loop->allocator, pages);
    lb_loop_unref(loop);
}

bool lb_pages_more(const lb_pages *pages) {
    return pages && !pages->ended;
}

/* ---- A page ------------------------------------------------------------------------------------- */

/* Takes the cursor of the next page from this one. */
static int take_cursor(lb_pages *pages, const lb_response *response, lb_error *error) {
    char next[LONGEST_CURSOR + 8];
    size_t size;
    const char *body = lb_response_body(response, &size);
    lb_json_found found = lb_json_string_member(body, size, "nextCursor", next, sizeof next);
    if (found == LB_JSON_MALFORMED) return lb_response_fail(response, LB_EJSON, "the page is not a JSON object", error);
    if (found == LB_JSON_ABSENT || !*next) {
        pages->ended = true;
        return LB_OK;
    }
    if (strlen(next) > LONGEST_CURSOR) /* it may have been cut */
        return lb_response_fail(response, LB_EJSON, "the cursor of the next page is longer than 4096 bytes", error);
    if (pages->cursor.size && strcmp(next, pages->cursor.data) == 0)
        return lb_response_fail(response, LB_EJSON, "the server gave the same cursor twice", error);
    pages->cursor.size = 0;
    if (lb_buffer_text(&pages->cursor, next)) return LB_OK;
    pages->ended = true; /* there is no way to the next page */
    return lb_response_fail(response, LB_ENOMEM, "out of memory", error);
}

static void on_page(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    lb_pages *pages = user_data;
    lb_error unusable;
    pages->request = NULL;
    if (status == LB_OK && take_cursor(pages, response, &unusable) != LB_OK) {
        status = unusable.kind;
        error = &unusable;
    }
    if (pages->done) pages->done(pages->user_data, status, response, error); /* which may destroy the pages */
}

int lb_pages_submit(lb_pages *pages, lb_done done, void *user_data, lb_request **request, lb_error *error) {
    lb_error scratch;
    lb_error_clear(error ? error : (error = &scratch));
    if (request) *request = NULL;
    if (!pages) return lb_fail(error, LB_EUSAGE, "the pages are NULL");
    if (pages->request || pages->destroying) return lb_fail(error, LB_EUSAGE, "a page is under way already");
    if (pages->ended) return lb_fail(error, LB_EUSAGE, "%s: there are no more pages", pages->endpoint->name);
    lb_buffer path = { .allocator = pages->target.allocator };
    const lb_pair cursor[] = { { pages->endpoint->page, pages->cursor.data }, { NULL, NULL } };
    bool ok = lb_buffer_add(&path, pages->target.data, pages->target.size) &&
              (!pages->cursor.size || lb_url_query(&path, cursor));
    const lb_call call = { .method = pages->endpoint->method, .path = path.data, .idempotency = LB_IDEMPOTENT };
    pages->done = done;
    pages->user_data = user_data;
    int status = ok ? lb_request_submit(pages->client, &call, on_page, pages, &pages->request, error)
                    : lb_fail(error, LB_ENOMEM, "out of memory");
    lb_buffer_free(&path);
    if (request) *request = pages->request;
    return status;
}
