/* transport_curl_load.c - finds libcurl. */
#define _POSIX_C_SOURCE 200809L
#include "transport_curl.h"

#ifdef LB_LINK_LIBRARIES

lb_curl_functions lb_curl = {
#define LB_CURL_LINKED(name) .name = curl_##name,
    LB_CURL_FUNCTIONS(LB_CURL_LINKED)
};

const char *lb_curl_load(void) {
    return NULL;
}

#else

#include <pthread.h>

#include "../loading/library.h"

lb_curl_functions lb_curl;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char problem[512];

static void load(void) {
#define LB_CURL_NAME(name) "curl_" #name,
    static const char *const functions[] = { LB_CURL_FUNCTIONS(LB_CURL_NAME) NULL };
    static const lb_library library = { "libcurl", { "libcurl.so.4", "libcurl-gnutls.so.4" }, "libcurl4", "7.85", functions };
    lb_library_load(&library, &lb_curl, problem, sizeof problem);
}

const char *lb_curl_load(void) {
    pthread_once(&once, load);
    return problem[0] ? problem : NULL;
}

#endif
