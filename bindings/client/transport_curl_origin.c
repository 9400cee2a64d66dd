/* transport_curl_origin.c - the part of URLs that calls have in common. */
#include "transport_curl.h"

#include <string.h>

struct lb_origin {
    unsigned users; /* transfers, and the transport for the latest one */
    CURLU *parsed;
    size_t size;
    char text[];
};

void lb_origin_release(const lb_allocator *a, lb_origin *origin) {
    if (!origin || --origin->users > 0) return;
    lb_curl.url_cleanup(origin->parsed);
    lb_release(a, origin);
}

static lb_origin *create(const lb_allocator *a, const char *url, size_t size) {
    lb_origin *origin = lb_alloc(a, sizeof *origin + size + 1);
    if (!origin) return NULL;
    memcpy(origin->text, url, size);
    origin->size = size;
    origin->users = 1;
    origin->parsed = lb_curl.url();
    if (origin->parsed && lb_curl.url_set(origin->parsed, CURLUPART_URL, origin->text, 0) == CURLUE_OK)
        return origin;
    lb_origin_release(a, origin);
    return NULL;
}

static bool begins(const lb_origin *origin, const char *url) {
    return origin && strncmp(url, origin->text, origin->size) == 0 && url[origin->size] == '/';
}

lb_origin *lb_origin_take(const lb_allocator *a, lb_origin **latest, const char *url, const char **target) {
    if (begins(*latest, url) && !strchr(url, '#')) {
        *target = url + (*latest)->size;
        (*latest)->users++;
        return *latest;
    }
    const char *host = strstr(url, "://");
    if (!host || strchr(url, '#')) return NULL; /* libcurl decides about unusual URLs */
    *target = host + 3 + strcspn(host + 3, "/?");
    if (**target != '/') return NULL;
    lb_origin_release(a, *latest);
    *latest = create(a, url, (size_t)(*target - url));
    if (*latest) (*latest)->users++;
    return *latest;
}

CURLU *lb_origin_url(const lb_origin *origin) {
    return origin->parsed;
}
