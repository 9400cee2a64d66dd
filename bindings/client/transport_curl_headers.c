/* transport_curl_headers.c - header lines as libcurl takes them, and its reading of dates. */
#include "transport_curl.h"

#include <string.h>
#include <time.h>

bool lb_headers_add(lb_headers **list, const char *line) {
    struct curl_slist *longer = lb_curl.slist_append((struct curl_slist *)(void *)*list, line);
    if (!longer) return false;
    *list = (lb_headers *)(void *)longer;
    return true;
}

void lb_headers_free(lb_headers *list) {
    for (struct curl_slist *l = (struct curl_slist *)(void *)list; l; l = l->next)
        lb_wipe(l->data, strlen(l->data));
    lb_curl.slist_free_all((struct curl_slist *)(void *)list);
}

double lb_http_date(const char *text) {
    time_t t = lb_curl.getdate(text, NULL);
    return t == (time_t)-1 ? -1 : (double)t;
}
