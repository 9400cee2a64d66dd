/* pages_test.c - iteration over pages, blocking and submitted, against the test server in LBHOST_TEST_SERVER. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "liveblocks.h"

static lb_client *client_of(lb_loop *loop, const char *tail) {
    char url[256];
    lb_client *client;
    lb_error error;
    lb_options options = lb_options_init();
    snprintf(url, sizeof url, "%s%s", getenv("LBHOST_TEST_SERVER"), tail);
    options.secret = "sk_p";
    options.base_url = url;
    options.max_attempts = 1;
    assert_int_equal(lb_client_create(loop, &options, &client, &error), LB_OK);
    return client;
}

static lb_loop *loop;
static lb_client *client;

static void begin(const char *tail) {
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    client = client_of(loop, tail);
}

static void end(void) {
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

static lb_pages *begin_rooms(const char *tail, const lb_get_rooms_query *query) {
    lb_pages *pages;
    begin(tail);
    assert_int_equal(lb_pages_get_rooms(client, query, &pages, NULL), LB_OK);
    return pages;
}

static void end_rooms(lb_pages *pages) {
    lb_pages_destroy(pages);
    end();
}

/* Asks for the next page, which must end with this status; the page is to be freed. */
static lb_response *next(lb_pages *pages, int status, lb_error *error) {
    lb_response *page;
    assert_int_equal(lb_pages_next(pages, &page, error), status);
    return page;
}

/* How often a word is in the body of a response. */
static int count(const lb_response *response, const char *word) {
    int n = 0;
    for (const char *p = lb_response_body(response, NULL); (p = strstr(p, word)) != NULL; p++) n++;
    return n;
}

static void all_pages_come_once_and_in_order(void **state) {
    (void)state;
    int number = 0, rooms = 0;
    lb_pages *pages = begin_rooms("/do/pages,n=45/a", &(lb_get_rooms_query){ .limit = 20 });
    while (lb_pages_more(pages)) {
        char first[32];
        lb_response *page = next(pages, LB_OK, NULL);
        snprintf(first, sizeof first, "room-%05d", number * 20 + 1);
        assert_int_equal(count(page, first), 1);
        rooms += count(page, "\"createdAt\"");
        number++;
        lb_response_free(page);
    }
    assert_int_equal(number, 3);
    assert_int_equal(rooms, 45);
    assert_null(next(pages, LB_OK, NULL));
    end_rooms(pages);
}

/* ---- Each call that has pages ------------------------------------------------------------------- */

/* Walks to the end and returns how many rooms there were. */
static int walk_all(int status, lb_pages *pages) {
    int rooms = 0;
    assert_int_equal(status, LB_OK);
    while (lb_pages_more(pages)) {
        lb_response *page = next(pages, LB_OK, NULL);
        rooms += count(page, "\"createdAt\"");
        lb_response_free(page);
    }
    lb_pages_destroy(pages);
    return rooms;
}

#define Q_STR(field)
#define Q_NEED(field) query.field = "x";
#define Q_INT(field, min, max)
#define Q_FLAG(field)
#define Q_ENUM(field, values)
#define Q_LIST(field)
#define Q_LANG(field)
#define Q_MAP(field)
#define PATH_PATH0()
#define PATH_PATH1(a) "a/b",
#define PATH_PATH2(a, b) "a/b", "c",
#define PATH_PATH3(a, b, c) "a/b", "c", "d",
#define PATH_PATH4(a, b, c, d) "a/b", "c", "d", "e",
#define WALK_NOQUERY(function, name, ...) status = function(client, __VA_ARGS__ &pages, NULL);
#define WALK_QUERY(...) \
    __VA_ARGS__ \
    WALK_QUERY_OF
#define WALK_QUERY_OF(function, ...) status = function(client, __VA_ARGS__ &query, &pages, NULL);
#define WALK_NONE(query_type, ...)
#define WALK_SOME(query_type, ...) \
    { \
        query_type query; \
        lb_pages *pages; \
        int status; \
        memset(&query, 0, sizeof query); \
        __VA_ARGS__ \
        assert_int_equal(walk_all(status, pages), 45); \
        walked++; \
    }
#define WALK_NOPAGE WALK_NONE
#define WALK_PAGE(parameter) WALK_SOME

static void each_call_with_pages_is_walked_by_its_own_parameter(void **state) {
    (void)state;
    int walked = 0;
    begin("/do/pages,n=45/rows");
#define LB_ENDPOINT(group, name, method, path, paths, query, body, kind, page, ...) \
    WALK_##page(lb_##name##_query, WALK_##query(lb_pages_##name, PATH_##paths))
#include "endpoints.def"
    assert_true(walked >= 13);
    end();
}

static void an_iteration_begins_where_the_query_says(void **state) {
    (void)state;
    lb_pages *pages = begin_rooms("/do/pages,n=45/b", &(lb_get_rooms_query){ .limit = 20, .startingAfter = "after+40/=" });
    lb_response *page = next(pages, LB_OK, NULL);
    assert_int_equal(count(page, "\"createdAt\""), 5);
    assert_false(lb_pages_more(pages));
    lb_response_free(page);
    end_rooms(pages);
}

static void a_page_that_failed_is_asked_for_again(void **state) {
    (void)state;
    lb_error error;
    lb_pages *pages = begin_rooms("/do/pages,n=45,fail=2,code=503/c", NULL);
    lb_response_free(next(pages, LB_OK, &error));
    lb_response_free(next(pages, LB_EHTTP, &error));
    assert_int_equal(error.status, 503);
    assert_true(lb_pages_more(pages));
    lb_response *page = next(pages, LB_OK, &error);
    assert_int_equal(count(page, "room-00021"), 1);
    lb_response_free(page);
    end_rooms(pages);
}

static void a_cursor_that_never_moves_is_an_error(void **state) {
    (void)state;
    lb_error error;
    lb_pages *pages = begin_rooms("/do/pages,n=45,stuck=1/d", NULL);
    lb_response_free(next(pages, LB_OK, &error));
    lb_response *page = next(pages, LB_EJSON, &error);
    assert_non_null(page);
    lb_response_free(page);
    assert_string_equal(error.message, "the server gave the same cursor twice");
    assert_string_equal(error.path, "/v2/rooms");
    end_rooms(pages);
}

static void what_is_not_a_page_is_an_error(void **state) {
    (void)state;
    const char *const tails[] = { "/do/json=%5B1%2C2%5D/e", "/do/json=%7B%22data%22:/f", "/do/empty/g" };
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        lb_error error;
        lb_pages *pages = begin_rooms(tails[i], NULL);
        lb_response_free(next(pages, LB_EJSON, &error));
        assert_string_equal(error.message, "the page is not a JSON object");
        end_rooms(pages);
    }
}

static void a_page_whose_cursor_is_null_empty_or_missing_is_the_last(void **state) {
    (void)state;
    const char *const tails[] = { "/do/json=%7B%7D/h", "/do/json=%7B%22nextCursor%22:null%7D/i", "/do/json=%7B%22nextCursor%22:%22%22%7D/j" };
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        lb_pages *pages = begin_rooms(tails[i], NULL);
        lb_response *page = next(pages, LB_OK, NULL);
        assert_non_null(page);
        assert_false(lb_pages_more(pages));
        lb_response_free(page);
        end_rooms(pages);
    }
}

/* ---- Submitted ---------------------------------------------------------------------------------- */

typedef struct walk {
    lb_pages *pages;
    int pages_seen, destroy_at;
    lb_status last;
} walk;

static void on_page(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    walk *w = user_data;
    w->last = status;
    if (status != LB_OK) {
        assert_non_null(error);
        return;
    }
    assert_non_null(response);
    if (++w->pages_seen == w->destroy_at) lb_pages_destroy(w->pages);
    else if (lb_pages_more(w->pages)) assert_int_equal(lb_pages_submit(w->pages, on_page, w, NULL, NULL), LB_OK);
}

static void steps(void) {
    for (int i = 0; i < 5000 && lb_loop_pending(loop); i++) lb_loop_step(loop, 10, NULL, 0);
}

static void pages_are_submitted_from_the_callback_of_the_one_before(void **state) {
    (void)state;
    walk w = { .last = LB_EUSAGE };
    lb_error error;
    lb_request *request;
    begin("/do/pages,n=45/k");
    assert_int_equal(lb_pages_get_rooms(client, NULL, &w.pages, &error), LB_OK);
    assert_int_equal(lb_pages_submit(w.pages, on_page, &w, &request, &error), LB_OK);
    assert_non_null(request);
    assert_int_equal(lb_pages_submit(w.pages, on_page, &w, &request, &error), LB_EUSAGE);
    assert_string_equal(error.message, "a page is under way already");
    assert_null(request);
    steps();
    assert_int_equal(w.pages_seen, 3);
    assert_int_equal(w.last, LB_OK);
    assert_int_equal(lb_pages_submit(w.pages, on_page, &w, NULL, &error), LB_EUSAGE);
    assert_string_equal(error.message, "get_rooms: there are no more pages");
    lb_pages_destroy(w.pages);
    end();
}

static void pages_may_be_destroyed_in_the_callback(void **state) {
    (void)state;
    walk w = { .destroy_at = 2 };
    lb_error error;
    begin("/do/pages,n=45/l");
    assert_int_equal(lb_pages_get_rooms(client, NULL, &w.pages, &error), LB_OK);
    assert_int_equal(lb_pages_submit(w.pages, on_page, &w, NULL, &error), LB_OK);
    steps();
    assert_int_equal(w.pages_seen, 2);
    end();
}

static void destroy_again(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    walk *w = user_data;
    (void)response, (void)error;
    w->last = status;
    lb_pages_destroy(w->pages);
}

static void the_end_of_pages_cancels_the_one_that_is_under_way(void **state) {
    (void)state;
    walk w = { .last = LB_OK };
    lb_error error;
    begin("/do/pages,n=45/m");
    assert_int_equal(lb_pages_get_rooms(client, NULL, &w.pages, &error), LB_OK);
    assert_int_equal(lb_pages_submit(w.pages, destroy_again, &w, NULL, &error), LB_OK);
    lb_pages_destroy(w.pages);
    assert_int_equal(w.last, LB_ECANCELLED);
    assert_int_equal(lb_loop_pending(loop), 0);
    end();
}

static void calls_without_pages_and_bad_arguments_are_refused(void **state) {
    (void)state;
    lb_pages *pages = (lb_pages *)&loop;
    lb_error error;
    begin("");
    assert_int_equal(lb_pages_create(client, LB_EP_get_room, (const char *const[]){ "r" }, NULL, &pages, &error), LB_EUSAGE);
    assert_string_equal(error.message, "get_room has no pages");
    assert_null(pages);
    assert_int_equal(lb_pages_get_rooms(client, &(lb_get_rooms_query){ .limit = 1000 }, &pages, &error), LB_EUSAGE);
    assert_null(pages);
    assert_int_equal(lb_pages_get_yjs_versions(client, "", NULL, &pages, &error), LB_EUSAGE);
    assert_int_equal(lb_pages_get_yjs_versions(client, "a/b", NULL, &pages, &error), LB_OK);
    lb_pages_destroy(pages);
    end();
}

/* ---- Memory ------------------------------------------------------------------------------------- */

static long asked, alive, refuse;

static void *give(void *user_data, void *block, size_t size) {
    (void)user_data;
    if (++asked == refuse) return NULL;
    void *out = realloc(block, size);
    if (out && !block) alive++;
    return out;
}

static void take(void *user_data, void *block) {
    (void)user_data;
    if (block) alive--;
    free(block);
}

/* True when all went well. */
static bool walk_with_little_memory(void) {
    const lb_allocator allocator = { give, take, NULL };
    static const lb_pair blue[] = { { "color", "blue" }, { NULL, NULL } };
    char url[256];
    lb_pages *pages = NULL;
    lb_response *page;
    lb_error error;
    int rooms = 0, status;
    snprintf(url, sizeof url, "%s/do/pages,n=45/n", getenv("LBHOST_TEST_SERVER"));
    lb_options options = { LB_OPTIONS_INIT, .secret = "sk_p", .base_url = url, .max_attempts = 1 };
    if (lb_loop_create_with(&allocator, &loop) != LB_OK) return false;
    status = lb_client_create(loop, &options, &client, &error);
    if (status == LB_OK) {
        status = lb_pages_get_rooms(client, &(lb_get_rooms_query){ .metadata = blue, .limit = 30 }, &pages, &error);
        while (status == LB_OK && lb_pages_more(pages)) {
            status = lb_pages_next(pages, &page, &error);
            if (status == LB_OK) rooms += count(page, "\"createdAt\"");
            lb_response_free(page);
        }
        lb_pages_destroy(pages);
        if (status == LB_OK) {
            const lb_session session = { .user_id = "u", .permissions = (const lb_pair[]){ { "*", "room:read" }, { NULL, NULL } } };
            status = lb_session_authorize(client, &session, NULL, &error);
        }
        lb_client_destroy(client);
    }
    lb_loop_destroy(loop);
    assert_true(status == LB_ENOMEM || (status == LB_OK && rooms == 45));
    return status == LB_OK;
}

static void one_refused_allocation_is_reported_and_nothing_is_lost(void **state) {
    (void)state;
    for (refuse = 1; refuse < 2000; refuse++) {
        asked = alive = 0;
        bool good = walk_with_little_memory();
        assert_int_equal(alive, 0);
        if (good && asked < refuse) return;
    }
    fail_msg("no end");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_pages_come_once_and_in_order),
        cmocka_unit_test(each_call_with_pages_is_walked_by_its_own_parameter),
        cmocka_unit_test(an_iteration_begins_where_the_query_says),
        cmocka_unit_test(a_page_that_failed_is_asked_for_again),
        cmocka_unit_test(a_cursor_that_never_moves_is_an_error),
        cmocka_unit_test(what_is_not_a_page_is_an_error),
        cmocka_unit_test(a_page_whose_cursor_is_null_empty_or_missing_is_the_last),
        cmocka_unit_test(pages_are_submitted_from_the_callback_of_the_one_before),
        cmocka_unit_test(pages_may_be_destroyed_in_the_callback),
        cmocka_unit_test(the_end_of_pages_cancels_the_one_that_is_under_way),
        cmocka_unit_test(calls_without_pages_and_bad_arguments_are_refused),
        cmocka_unit_test(one_refused_allocation_is_reported_and_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
