/* session.c - access tokens: the body of authorize_user, with the vendor's rules for patterns and permissions. */
#include "internal.h"

#include <string.h>

#include "../text/utf8.h"

enum { MAX_PATTERNS = 10, LONGEST_PATTERN = 128 /* characters, without the * */ };

static const char *const permissions[] = {
    "*:read", "*:write", "room:read", "room:write", "room:presence:write",
    "storage:read", "storage:write", "storage:none", "comments:read", "comments:write", "comments:none",
    "comments:public:read", "comments:public:write", "comments:public:none",
    "comments:private:read", "comments:private:write", "comments:private:none",
    "feeds:read", "feeds:write", "feeds:none", NULL,
};

const char *const *lb_permissions(void) {
    return permissions;
}

/* ---- Checks ------------------------------------------------------------------------------------- */

/* An id, a prefix followed by *, or *. */
static bool is_pattern(const char *pattern) {
    size_t size = strlen(pattern), characters = 0;
    const char *star = strchr(pattern, '*');
    if (size == 0 || (star && star[1]) || lb_utf8_check(pattern, size) != size) return false;
    for (const char *p = pattern; *p; p++) characters += ((unsigned char)*p & 0xC0) != 0x80 && *p != '*';
    return characters <= LONGEST_PATTERN;
}

static bool is_permission(const char *word, size_t size) {
    for (const char *const *known = permissions; *known; known++)
        if (strlen(*known) == size && memcmp(*known, word, size) == 0) return true;
    return false;
}

/* The next of words that are separated by spaces, or NULL. */
static const char *next_word(const char **at, size_t *size) {
    const char *word = *at + strspn(*at, " ");
    *size = strcspn(word, " ");
    *at = word + *size;
    return *size ? word : NULL;
}

/* The first pair with this one's pattern; itself when there is none before. */
static const lb_pair *first_like(const lb_pair *list, const lb_pair *pair) {
    while (strcmp(list->name, pair->name) != 0) list++;
    return list;
}

static int check_pair(const lb_pair *pair, lb_error *error) {
    size_t size, count = 0;
    if (!is_pattern(pair->name))
        return lb_fail(error, LB_EUSAGE, "session: '%s' is not a valid room pattern: an id, a prefix followed by *, or *", pair->name);
    const char *at = pair->value ? pair->value : "";
    for (const char *word; (word = next_word(&at, &size)); count++)
        if (!is_permission(word, size))
            return lb_fail(error, LB_EUSAGE, "session: '%.*s' is not a valid permission, such as room:write; they are separated by spaces",
                           size > 99 ? 99 : (int)size, word);
    if (count == 0) return lb_fail(error, LB_EUSAGE, "session: no permissions for the room pattern '%s'", pair->name);
    return LB_OK;
}

static int check(const lb_client *client, const lb_session *session, lb_error *error) {
    unsigned patterns = 0;
    if (!client) return lb_fail(error, LB_EUSAGE, "the client is NULL");
    if (!session || !session->user_id || !*session->user_id)
        return lb_fail(error, LB_EUSAGE, "session: user_id must not be empty");
    const char *texts[] = { session->user_id, session->user_info, session->organization_id };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i] && lb_utf8_check(texts[i], strlen(texts[i])) != strlen(texts[i]))
            return lb_fail(error, LB_EUSAGE, "session: a string is not UTF-8");
    for (const lb_pair *pair = session->permissions; pair && pair->name; pair++) {
        if (check_pair(pair, error) != LB_OK) return LB_EUSAGE;
        patterns += first_like(session->permissions, pair) == pair;
        if (patterns > MAX_PATTERNS)
            return lb_fail(error, LB_EUSAGE, "session: more than %d room patterns in one session", MAX_PATTERNS);
    }
    return LB_OK;
}

/* ---- The body ----------------------------------------------------------------------------------- */

/* Has this permission been written for the pattern: in an earlier pair of it, or earlier in the same? */
static bool is_written(const lb_pair *first, const lb_pair *pair, const char *word, size_t size) {
    size_t other_size;
    for (const lb_pair *earlier = first; earlier <= pair; earlier++) {
        if (strcmp(earlier->name, pair->name) != 0) continue;
        const char *at = earlier->value;
        for (const char *other; (other = next_word(&at, &other_size)) && other != word;)
            if (other_size == size && memcmp(other, word, size) == 0) return true;
    }
    return false;
}

/* The permissions of all pairs with one pattern, each once and in order. */
static bool add_permissions(lb_buffer *b, const lb_pair *first) {
    size_t size;
    bool ok = lb_buffer_text(b, "["), any = false;
    for (const lb_pair *pair = first; pair->name; pair++) {
        if (strcmp(pair->name, first->name) != 0) continue;
        const char *at = pair->value;
        for (const char *word; ok && (word = next_word(&at, &size));) {
            if (is_written(first, pair, word, size)) continue;
            ok = lb_buffer_text(b, any ? ",\"" : "\"") && lb_buffer_add(b, word, size) && lb_buffer_text(b, "\"");
            any = true;
        }
    }
    return ok && lb_buffer_text(b, "]");
}

static bool write_body(lb_buffer *b, const lb_session *session) {
    bool ok = lb_buffer_text(b, "{\"userId\":") && lb_buffer_quoted(b, session->user_id, '"');
    if (session->organization_id)
        ok = ok && lb_buffer_text(b, ",\"organizationId\":") && lb_buffer_quoted(b, session->organization_id, '"');
    if (session->user_info) ok = ok && lb_buffer_text(b, ",\"userInfo\":") && lb_buffer_text(b, session->user_info);
    ok = ok && lb_buffer_text(b, ",\"permissions\":{");
    for (const lb_pair *pair = session->permissions; ok && pair && pair->name; pair++) {
        if (first_like(session->permissions, pair) != pair) continue;
        if (pair != session->permissions) ok = lb_buffer_text(b, ",");
        ok = ok && lb_buffer_quoted(b, pair->name, '"') && lb_buffer_text(b, ":") && add_permissions(b, pair);
    }
    return ok && lb_buffer_text(b, "}}");
}

int lb_session_submit(lb_client *client, const lb_session *session, lb_done done, void *user_data,
                      lb_request **request, lb_error *error) {
    lb_error scratch;
    lb_error_clear(error ? error : (error = &scratch));
    if (request) *request = NULL;
    int status = check(client, session, error);
    if (status != LB_OK) return status;
    lb_buffer b = { .allocator = &client->loop->allocator };
    if (write_body(&b, session)) {
        const lb_body body = lb_body_bytes(b.data, b.size);
        status = lb_submit_authorize_user(client, &body, done, user_data, request, error);
    } else {
        status = lb_fail(error, LB_ENOMEM, "out of memory");
    }
    lb_buffer_free(&b);
    return status;
}
