/**
 * liveblocks_endpoints.h - one pair of functions an endpoint, made from endpoints.def. Included by
 * liveblocks.h; not to be included by itself.
 *
 *   int lb_NAME(lb_client *client, PATH..., [const lb_NAME_query *query,] [const lb_body *body,]
 *               lb_response **response, lb_error *error);
 *   int lb_submit_NAME(lb_client *client, PATH..., [query,] [body,]
 *               lb_done done, void *user_data, lb_request **request, lb_error *error);
 *
 * `query` may be NULL. A JSON body is the text of it; NULL sends {} where an object is expected.
 */
#ifndef LIVEBLOCKS_ENDPOINTS_H
#define LIVEBLOCKS_ENDPOINTS_H

/* The number of each endpoint: LB_EP_get_rooms, ... */
typedef enum lb_endpoint_id {
#define LB_ENDPOINT(group, name, ...) LB_EP_##name,
#include "endpoints.def"
    LB_ENDPOINT_COUNT
} lb_endpoint_id;

/* The query of each endpoint that has one: lb_get_rooms_query, ... Zero means "not sent". */
#define Q_STR(name) const char *name;
#define Q_NEED(name) const char *name;
#define Q_INT(name, min, max) int64_t name;
#define Q_FLAG(name) bool name;
#define Q_ENUM(name, values) const char *name;
#define Q_LIST(name) const char *name;
#define Q_LANG(name) const char *name;
#define Q_MAP(name) const lb_pair *name;
#define LB_STRUCT_NONE(name)
#define LB_STRUCT_END(name) lb_##name##_query;
#define LB_STRUCT_NOQUERY LB_STRUCT_NONE
#define LB_STRUCT_QUERY(...) typedef struct { __VA_ARGS__ } LB_STRUCT_END
#define LB_ENDPOINT(group, name, method, path, paths, query, ...) LB_STRUCT_##query(name)
#include "endpoints.def"
#undef LB_STRUCT_NONE
#undef LB_STRUCT_END
#undef LB_STRUCT_NOQUERY
#undef LB_STRUCT_QUERY

/* The parameters of the columns; also used where the functions are defined. */
#define LB_PARAMS_PATH0()
#define LB_PARAMS_PATH1(a) const char *a,
#define LB_PARAMS_PATH2(a, b) const char *a, const char *b,
#define LB_PARAMS_PATH3(a, b, c) const char *a, const char *b, const char *c,
#define LB_PARAMS_PATH4(a, b, c, d) const char *a, const char *b, const char *c, const char *d,
#define LB_QUERY_NONE(name)
#define LB_QUERY_SOME(name) const lb_##name##_query *query,
#define LB_QUERY_KIND_NOQUERY LB_QUERY_NONE
#define LB_QUERY_KIND_QUERY(...) LB_QUERY_SOME
#define LB_BODY_PARAM_NOBODY
#define LB_BODY_PARAM_BYTES const lb_body *body,
#define LB_BODY_PARAM_VALUE(type) const lb_body *body,
#define LB_BODY_PARAM_FIELDS(type) const lb_body *body,

#define LB_ENDPOINT(group, name, method, path, paths, query, body, ...) \
    LB_API int lb_##name(lb_client *client, LB_PARAMS_##paths LB_QUERY_KIND_##query(name) \
                         LB_BODY_PARAM_##body lb_response **response, lb_error *error); \
    LB_API int lb_submit_##name(lb_client *client, LB_PARAMS_##paths LB_QUERY_KIND_##query(name) \
                                LB_BODY_PARAM_##body lb_done done, void *user_data, \
                                lb_request **request, lb_error *error);
#include "endpoints.def"

/* The other names of calls (the column `aliases` of the table). */
#define lb_get_version_history lb_get_yjs_versions
#define lb_submit_get_version_history lb_submit_get_yjs_versions
#define lb_get_version_history_query lb_get_yjs_versions_query
#define lb_create_version_history_snapshot lb_create_yjs_version
#define lb_submit_create_version_history_snapshot lb_submit_create_yjs_version
#define lb_get_file_url lb_get_storage_file
#define lb_submit_get_file_url lb_submit_get_storage_file

/* ---- Pages -------------------------------------------------------------------------------------- */

/** Where an iteration over the pages of a call is. */
typedef struct lb_pages lb_pages;

/*
 * lb_pages_NAME(client, PATH..., [const lb_NAME_query *query,] lb_pages **pages, lb_error *error) for each call that has pages
 * (lb_pages_get_rooms, ...): begins an iteration, as lb_pages_create() does.
 */
#define LB_PAGES_NONE(...)
#define LB_PAGES_SOME(function, ...) LB_API int function(__VA_ARGS__);
#define LB_PAGES_NOPAGE LB_PAGES_NONE
#define LB_PAGES_PAGE(parameter) LB_PAGES_SOME
#define LB_ENDPOINT(group, name, method, path, paths, query, body, response, page, ...) \
    LB_PAGES_##page(lb_pages_##name, lb_client *client, LB_PARAMS_##paths LB_QUERY_KIND_##query(name) lb_pages **pages, \
                    lb_error *error)
#include "endpoints.def"
#undef LB_PAGES_NONE
#undef LB_PAGES_SOME

/* ---- The table as data ------------------------------------------------------------------------ */

typedef enum lb_query_type {
    LB_QUERY_TEXT, LB_QUERY_REQUIRED, LB_QUERY_INTEGER, LB_QUERY_FLAG, LB_QUERY_ENUM, LB_QUERY_LIST,
    LB_QUERY_LANGUAGE, LB_QUERY_MAP
} lb_query_type;
typedef enum lb_body_kind { LB_BODY_NOBODY, LB_BODY_BYTES, LB_BODY_VALUE, LB_BODY_FIELDS } lb_body_kind;
typedef enum lb_response_kind {
    LB_RESPONSE_JSON, LB_RESPONSE_PLAIN, LB_RESPONSE_BINARY, LB_RESPONSE_NOTHING
} lb_response_kind;
/** May it be sent again when it is unknown whether the server has acted on it? WITH_FLAG: with the query `idempotent`. */
typedef enum lb_retry_rule { LB_RETRY_IDEMPOTENT, LB_RETRY_NOT_IDEMPOTENT, LB_RETRY_WITH_FLAG } lb_retry_rule;

/** A query parameter. */
typedef struct lb_query_field {
    const char *name; /**< as on the wire; NULL ends a list */
    lb_query_type type;
    int64_t min, max;    /**< of an integer */
    const char *values;  /**< of an enumeration, separated by | */
} lb_query_field;

/** A row of the table. */
typedef struct lb_endpoint {
    const char *group, *name, *method, *path;
    const char *const *path_names; /**< snake_case, NULL-terminated */
    const lb_query_field *query;
    lb_body_kind body;
    const char *body_type; /**< in the notation of endpoints.def, NULL for none */
    lb_response_kind response;
    const char *page; /**< the query parameter that takes the cursor, NULL when not paginated */
    lb_retry_rule retry;
    const char *aliases, *help;
} lb_endpoint;

/** All rows, LB_ENDPOINT_COUNT of them, in the order of lb_endpoint_id. */
LB_API const lb_endpoint *lb_endpoints(void);

/**
 * Sends a call of the table, given by its row: what the functions above do.
 * @param path_args  one string for each path parameter
 * @param query      wire names and values, ended by a NULL name; NULL for none
 * @param call       further settings (headers, timeout, max_attempts); its other fields are not used; may
 *                   be NULL
 */
LB_API int lb_endpoint_submit(lb_client *client, lb_endpoint_id id, const char *const *path_args,
                              const lb_pair *query, const lb_body *body, const lb_call *call,
                              lb_done done, void *user_data, lb_request **request, lb_error *error);

/**
 * Begins an iteration over the pages of a call. Nothing is sent yet.
 * @param path_args,query  as for lb_endpoint_submit(), copied; a cursor in the query (the parameter `page` of the row) says
 *                         where to begin
 * @param[out] pages       yours; release it with lb_pages_destroy(), before its client
 * @param[out] error       may be NULL
 * @return LB_OK; LB_EUSAGE, also for a call that has no pages; LB_ENOMEM
 */
LB_API int lb_pages_create(lb_client *client, lb_endpoint_id id, const char *const *path_args, const lb_pair *query,
                           lb_pages **pages, lb_error *error);

/** Is there another page? True before the first one; false for NULL. */
LB_API bool lb_pages_more(const lb_pages *pages);

/**
 * Waits for the next page.
 * @param[out] response  its body is JSON with the items in `data`; yours: lb_response_free(). NULL with LB_OK: there was no
 *                       other page.
 * @return as lb_request_perform(). After a failure the next call asks for the same page again. LB_EJSON: it is not a page, or
 *         its cursor is the one that it was asked for with.
 */
LB_API int lb_pages_next(lb_pages *pages, lb_response **response, lb_error *error);

/** Asks for the next page without waiting: as lb_request_submit(), one page at a time. LB_EUSAGE when there is no other. */
LB_API int lb_pages_submit(lb_pages *pages, lb_done done, void *user_data, lb_request **request, lb_error *error);

/** Ends an iteration; a page that is under way is cancelled. May be called in `done`. NULL is allowed. */
LB_API void lb_pages_destroy(lb_pages *pages);
#endif
