/* transport_curl.h - what the files of the transport share: the functions of libcurl that they call, of the library
 * that is linked or of the one that is loaded when the first client is made (loading it with the some thirty
 * libraries that it needs takes longer than the rest of a program's start), and parsed origins. */
#ifndef LB_TRANSPORT_CURL_H
#define LB_TRANSPORT_CURL_H

#define CURL_DISABLE_TYPECHECK /* its macros call the linked functions */
#include <curl/curl.h>

#include "internal.h"

#define LB_CURL_FUNCTIONS(F)                                                                                  \
    F(easy_cleanup) F(easy_getinfo) F(easy_init) F(easy_setopt) F(easy_strerror)                              \
    F(free) F(getdate) F(global_cleanup) F(global_init) F(global_init_mem)                                    \
    F(multi_add_handle) F(multi_cleanup) F(multi_info_read) F(multi_init) F(multi_perform)                    \
    F(multi_remove_handle) F(multi_setopt) F(multi_socket_action)                                             \
    F(slist_append) F(slist_free_all)                                                                         \
    F(url) F(url_cleanup) F(url_get) F(url_set)

typedef struct lb_curl_functions {
#define LB_CURL_FIELD(name) __typeof__(curl_##name) *name;
    LB_CURL_FUNCTIONS(LB_CURL_FIELD)
#undef LB_CURL_FIELD
} lb_curl_functions;

extern lb_curl_functions lb_curl; /* lb_curl_load() fills it in */

/* ---- transport_curl_load.c ---------------------------------------------------------------------- */

/* May be called again and from any thread. NULL, or what is wrong: a text that stays. */
const char *lb_curl_load(void);

/* ---- transport_curl_headers.c ------------------------------------------------------------------- */

/* The list with that "Host: name" in front, in `room`, unless it has one. "Host:" before it keeps libcurl from writing the
 * line itself, which takes 3 % of the instructions of a call. */
struct curl_slist *lb_headers_with_host(struct curl_slist *list, char *line, struct curl_slist room[2]);

/* ---- transport_curl_mail.c ---------------------------------------------------------------------- */

/* Makes a fresh handle one that sends an e-mail, but for its text. *recipients, NULL before, is to be freed when the
 * transfer has ended. */
CURLcode lb_curl_set_mail(CURL *e, const lb_mail *mail, struct curl_slist **recipients);
/* Before libcurl closes the connection. `fd` is the socket that the handle waits for, or CURL_SOCKET_BAD. */
void lb_curl_end_mail(curl_socket_t fd);

/* ---- transport_curl_origin.c -------------------------------------------------------------------- */

/* Scheme, host and port of URLs, parsed. libcurl parses and writes again each URL that it is given, which is a
 * sixth of its work for a small answer; with this it gets the rest as the target of the request. */
typedef struct lb_origin lb_origin;

/* The origin of a URL, to be released, and where the rest begins; NULL when libcurl has to see the URL itself.
 * *latest is used when it fits and else replaced. */
lb_origin *lb_origin_take(const lb_allocator *a, lb_origin **latest, const char *url, const char **target);
void lb_origin_release(const lb_allocator *a, lb_origin *origin); /* NULL: nothing */
CURLU *lb_origin_url(const lb_origin *origin);
char *lb_origin_host(const lb_origin *origin); /* "Host: name:port", which libcurl is slow to write; NULL: it has to */

#endif
