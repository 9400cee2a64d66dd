/* endpoints_test.c - every row called from C, blocking and submitted; what arrives is compared with
 * tests/data/endpoints.json: method, path, query, headers and body. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/json_text.h"
#include "liveblocks.h"

enum { LINE = 4096 };

static const char text_body[] = "{\"a\":[1.0,\"\xc3\xa9\"]}", text_base64[] = "eyJhIjpbMS4wLCLDqSJdfQ==";
static const char empty_base64[] = "e30="; /* {} */
static const char bytes_body[] = "\0\1\377bytes", bytes_base64[] = "AAH/Ynl0ZXM=";
static const lb_pair colors[] = { { "color", "blue" }, { "a b", "c&d" }, { NULL, NULL } };

/* ---- One pair of callers a row ---------------------------------------------------------------- */

typedef struct choice {
    bool query, body; /* are they given, or left out as NULL? */
} choice;

typedef struct caller {
    const char *name;
    int (*blocking)(lb_client *client, choice with, lb_response **response, lb_error *error);
    int (*submitted)(lb_client *client, choice with, lb_done done, void *user_data, lb_error *error);
} caller;

#define Q_STR(field) query.field = "t x&y";
#define Q_NEED(field) query.field = "t x&y";
#define Q_INT(field, min, max) query.field = (min) > 1 ? (min) : 1;
#define Q_FLAG(field) query.field = true;
#define Q_ENUM(field, values) query.field = "t x&y";
#define Q_LIST(field) query.field = "t x&y";
#define Q_LANG(field) query.field = "t x&y";
#define Q_MAP(field) query.field = colors;
#define DECLARE_NONE(name)
#define DECLARE_SOME(name) \
    lb_##name##_query query; \
    memset(&query, 0, sizeof query);
#define DECLARE_NOQUERY DECLARE_NONE
#define DECLARE_QUERY(...) DECLARE_SOME
#define FILL_NOQUERY
#define FILL_QUERY(...) __VA_ARGS__
#define PASS_NOQUERY
#define PASS_QUERY(...) with.query ? &query : NULL,
#define PATH_PATH0()
#define PATH_PATH1(a) "i/d \xc3\xa9" "1",
#define PATH_PATH2(a, b) PATH_PATH1(a) "i/d \xc3\xa9" "2",
#define PATH_PATH3(a, b, c) PATH_PATH2(a, b) "i/d \xc3\xa9" "3",
#define PATH_PATH4(a, b, c, d) PATH_PATH3(a, b, c) "i/d \xc3\xa9" "4",
#define BODY_NOBODY
#define BODY_BYTES LB_BYTES(bytes_body, sizeof bytes_body - 1),
#define BODY_VALUE(type) LB_TEXT(text_body),
#define BODY_FIELDS(type) with.body ? LB_TEXT(text_body) : NULL,

#define LB_ENDPOINT(group, name, method, path, paths, query, body, ...) \
    static int blocking_##name(lb_client *client, choice with, lb_response **response, lb_error *error) { \
        DECLARE_##query(name) FILL_##query (void)with; \
        return lb_##name(client, PATH_##paths PASS_##query BODY_##body response, error); \
    } \
    static int submitted_##name(lb_client *client, choice with, lb_done done, void *user_data, lb_error *error) { \
        DECLARE_##query(name) FILL_##query (void)with; \
        return lb_submit_##name(client, PATH_##paths PASS_##query BODY_##body done, user_data, NULL, error); \
    }
#include "endpoints.def"

static const caller callers[] = {
#define LB_ENDPOINT(group, name, ...) { #name, blocking_##name, submitted_##name },
#include "endpoints.def"
};

/* ---- The data --------------------------------------------------------------------------------- */

typedef struct expectation {
    char name[64], method[16], path[256], body[16], query[8][32];
    bool needed[8];
    size_t queries;
} expectation;

static void member(const char *line, const char *name, char *out, size_t size) {
    if (lb_json_string_member(line, strlen(line), name, out, size) != LB_JSON_FOUND) fail_msg("no '%s' in %s", name, line);
}

/* A line of the file is one operation. */
static bool read_line(FILE *file, expectation *e) {
    char line[LINE];
    do {
        if (!fgets(line, sizeof line, file)) return false;
    } while (line[0] != '{');
    memset(e, 0, sizeof *e);
    member(line, "name", e->name, sizeof e->name);
    member(line, "method", e->method, sizeof e->method);
    member(line, "path", e->path, sizeof e->path);
    member(line, "body", e->body, sizeof e->body);
    char *list = strstr(line, "\"query\": ["), *end = list ? strchr(list, ']') : NULL;
    assert_non_null(end);
    *end = '\0';
    for (char *item = list; (item = strstr(item, "{\"name\"")); item++) {
        assert_true(e->queries < 8);
        member(item, "name", e->query[e->queries], sizeof e->query[0]);
        e->needed[e->queries++] = strncmp(strstr(item, "\"required\": "), "\"required\": true", 16) == 0;
    }
    return true;
}

static const caller *caller_of(const char *name) {
    for (size_t i = 0; i < sizeof callers / sizeof *callers; i++)
        if (strcmp(callers[i].name, name) == 0) return &callers[i];
    fail_msg("there is no function lb_%s", name);
    return NULL;
}

/* ---- Comparing -------------------------------------------------------------------------------- */

static void expect_path(const expectation *e, const char *target) {
    char path[LINE] = "/pre/fix";
    int n = 0;
    for (const char *p = e->path; *p;) {
        size_t length = strlen(path);
        if (*p == '{') {
            snprintf(path + length, sizeof path - length, "i%%2Fd%%20%%C3%%A9%d", ++n);
            p = strchr(p, '}') + 1;
        } else {
            path[length] = *p++;
            path[length + 1] = '\0';
        }
    }
    size_t length = strcspn(target, "?");
    if (strlen(path) != length || memcmp(path, target, length) != 0)
        fail_msg("%s: path %s, expected %s", e->name, target, path);
}

static size_t expect_pair(const expectation *e, const char *query, const char *pair) {
    char whole[LINE], wanted[256];
    snprintf(whole, sizeof whole, "&%s&", query);
    snprintf(wanted, sizeof wanted, "&%s&", pair);
    if (!strstr(whole, wanted)) fail_msg("%s: no %s in the query %s", e->name, pair, query);
    return 1;
}

static size_t expect_parameter(const expectation *e, const char *query, const char *name) {
    char pair[128];
    if (strcmp(name, "metadata.{key}") == 0)
        return expect_pair(e, query, "metadata.color=blue") + expect_pair(e, query, "metadata.a+b=c%26d");
    bool number = !strcmp(name, "limit") || !strcmp(name, "fileSize") || !strcmp(name, "since");
    bool flag = !strcmp(name, "idempotent") || !strcmp(name, "formatting");
    snprintf(pair, sizeof pair, "%s=%s", name, number ? "1" : flag ? "true" : "t+x%26y");
    return expect_pair(e, query, pair);
}

static void expect_query(const expectation *e, const char *target, bool given) {
    const char *mark = strchr(target, '?'), *query = mark ? mark + 1 : "";
    size_t count = 0, expected = 0;
    bool always = strcmp(e->name, "get_or_create_room") == 0; /* its flag is part of the call */
    for (size_t i = 0; i < e->queries; i++)
        if (given || always) expected += expect_parameter(e, query, e->query[i]);
    for (const char *p = query; *p; p++) count += *p == '=';
    if (count != expected) fail_msg("%s: the query is %s", e->name, query);
}

static void expect_content(const expectation *e, const char *record, bool given) {
    char body[LINE];
    member(record, "body_base64", body, sizeof body);
    const char *expected = "", *type = NULL;
    if (strcmp(e->body, "json") == 0) {
        const lb_endpoint *row = &lb_endpoints()[caller_of(e->name) - callers];
        expected = given || row->body != LB_BODY_FIELDS ? text_base64 : empty_base64;
        type = "[\"Content-Type\",\"application\\/json\"]";
    } else if (strcmp(e->body, "binary") == 0) {
        expected = bytes_base64;
        type = "[\"Content-Type\",\"application\\/octet-stream\"]";
    }
    assert_string_equal(body, expected);
    if (type) assert_non_null(strstr(record, type));
    else assert_null(strstr(record, "[\"Content-Type\""));
    assert_non_null(strstr(record, "[\"Authorization\",\"Bearer sk_c\"]"));
}

static void expect_record(const expectation *e, const char *log, choice with) {
    char text[LINE];
    if (!strncmp(log, "[]", 2) || strstr(log, "},{\"n\"")) fail_msg("%s: not one request: %s", e->name, log);
    log++; /* the list has one record */
    member(log, "method", text, sizeof text);
    assert_string_equal(text, e->method);
    member(log, "target", text, sizeof text);
    expect_path(e, text);
    expect_query(e, text, with.query);
    expect_content(e, log, with.body);
}

/* ---- The walk --------------------------------------------------------------------------------- */

typedef struct fixture {
    lb_loop *loop;
    lb_client *client, *control;
    int ended;
} fixture;

static lb_client *new_client(lb_loop *loop, const char *tail) {
    char url[256];
    lb_client *client;
    lb_error error;
    snprintf(url, sizeof url, "%s%s", getenv("LBHOST_TEST_SERVER"), tail);
    lb_options options = { LB_OPTIONS_INIT, .secret = "sk_c", .base_url = url };
    assert_int_equal(lb_client_create(loop, &options, &client, &error), LB_OK);
    return client;
}

static lb_response *take_log(fixture *f) {
    lb_response *response;
    lb_error error;
    int status = lb_request_perform(f->control, &(lb_call){ .method = "GET", .path = "/__log" }, &response, &error);
    if (status != LB_OK) fail_msg("%s", error.message);
    return response;
}

static void on_done(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    fixture *f = user_data;
    (void)response;
    if (status != LB_OK) fail_msg("%s", error->message);
    f->ended++;
}

static void call_one(fixture *f, const caller *c, choice with, bool submit) {
    lb_error error = { .message = "" };
    f->ended = 0;
    int status = submit ? c->submitted(f->client, with, on_done, f, &error) : c->blocking(f->client, with, NULL, &error);
    if (status != LB_OK) fail_msg("%s: %s", c->name, error.message);
    while (submit && !f->ended) assert_true(lb_loop_step(f->loop, 1000, NULL, 0) >= 0);
}

static bool needs_query(const expectation *e) {
    for (size_t i = 0; i < e->queries; i++)
        if (e->needed[i]) return true;
    return false;
}

static void walk(choice with, bool submit) {
    fixture f = { .ended = 0 };
    expectation e;
    size_t rows = 0;
    FILE *file = fopen("tests/data/endpoints.json", "r");
    assert_non_null(file);
    assert_int_equal(lb_loop_create(&f.loop), LB_OK);
    f.control = new_client(f.loop, "");
    f.client = new_client(f.loop, "/pre/fix/");
    lb_response_free(take_log(&f));
    for (; read_line(file, &e); rows++) {
        choice one = with;
        if (needs_query(&e)) one.query = true;
        call_one(&f, caller_of(e.name), one, submit);
        lb_response *log = take_log(&f);
        expect_record(&e, lb_response_body(log, NULL), one);
        lb_response_free(log);
    }
    fclose(file);
    assert_int_equal(rows, LB_ENDPOINT_COUNT);
    lb_client_destroy(f.client);
    lb_client_destroy(f.control);
    lb_loop_destroy(f.loop);
}

static void every_blocking_call_sends_what_the_data_says(void **state) {
    (void)state;
    walk((choice){ true, true }, false);
}

static void every_submitted_call_sends_what_the_data_says(void **state) {
    (void)state;
    walk((choice){ true, true }, true);
}

static void every_call_may_leave_out_its_query_and_its_fields(void **state) {
    (void)state;
    walk((choice){ false, false }, false);
    walk((choice){ false, false }, true);
}

static void a_query_that_is_required_is_asked_for(void **state) {
    (void)state;
    expectation e;
    lb_loop *loop;
    lb_error error;
    int asked = 0;
    FILE *file = fopen("tests/data/endpoints.json", "r");
    assert_non_null(file);
    assert_int_equal(lb_loop_create(&loop), LB_OK);
    lb_client *client = new_client(loop, "");
    while (read_line(file, &e)) {
        if (!needs_query(&e)) continue;
        assert_int_equal(caller_of(e.name)->blocking(client, (choice){ false, true }, NULL, &error), LB_EUSAGE);
        assert_non_null(strstr(error.message, "is required"));
        asked++;
    }
    assert_true(asked >= 2);
    fclose(file);
    lb_client_destroy(client);
    lb_loop_destroy(loop);
}

static void every_alias_of_the_table_is_a_name_in_c(void **state) {
    (void)state;
    assert_true(lb_get_version_history == lb_get_yjs_versions);
    assert_true(lb_submit_get_version_history == lb_submit_get_yjs_versions);
    assert_true(sizeof(lb_get_version_history_query) == sizeof(lb_get_yjs_versions_query));
    assert_true(lb_create_version_history_snapshot == lb_create_yjs_version);
    assert_true(lb_submit_create_version_history_snapshot == lb_submit_create_yjs_version);
    assert_true(lb_get_file_url == lb_get_storage_file);
    assert_true(lb_submit_get_file_url == lb_submit_get_storage_file);
    const char *checked[] = { "get_version_history", "create_version_history_snapshot", "get_file_url" };
    size_t count = 0;
    for (int id = 0; id < LB_ENDPOINT_COUNT; id++) {
        const char *aliases = lb_endpoints()[id].aliases;
        if (!*aliases) continue;
        int known = 0;
        for (size_t i = 0; i < sizeof checked / sizeof *checked; i++) known |= strcmp(aliases, checked[i]) == 0;
        if (!known) fail_msg("'%s' has no name in liveblocks_endpoints.h, or no check here", aliases);
        count++;
    }
    assert_true(count == sizeof checked / sizeof *checked);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_blocking_call_sends_what_the_data_says),
        cmocka_unit_test(every_submitted_call_sends_what_the_data_says),
        cmocka_unit_test(every_call_may_leave_out_its_query_and_its_fields),
        cmocka_unit_test(a_query_that_is_required_is_asked_for),
        cmocka_unit_test(every_alias_of_the_table_is_a_name_in_c),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
