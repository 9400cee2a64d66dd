/* transport_curl_load.c - finds libcurl. With LB_LINK_CURL, as in libliveblocks.a, the linker does. */
#define _POSIX_C_SOURCE 200809L
#include "transport_curl.h"

#ifdef LB_LINK_CURL

lb_curl_functions lb_curl = {
#define LB_CURL_LINKED(name) .name = curl_##name,
    LB_CURL_FUNCTIONS(LB_CURL_LINKED)
};

const char *lb_curl_load(void) {
    return NULL;
}

#else

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

lb_curl_functions lb_curl;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char problem[512];

static void *open_library(void) {
    static const char *const names[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        void *library = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL);
        if (library) return library;
        if (i == 0) {
            const char *reason = dlerror();
            snprintf(problem, sizeof problem, "libcurl cannot be loaded (%s); the Debian package is libcurl4",
                     reason ? reason : names[i]);
        }
    }
    return NULL;
}

/* Never closed: OpenSSL has registered functions for the end of the process. */
static void load(void) {
    void *library = open_library(), *function;
    if (!library) return;
    problem[0] = '\0';
#define LB_CURL_FIND(name)                                                                                    \
    if (!(function = dlsym(library, "curl_" #name))) {                                                        \
        snprintf(problem, sizeof problem, "libcurl has no function curl_" #name "; 7.85 or newer is needed"); \
        return;                                                                                               \
    }                                                                                                         \
    memcpy(&lb_curl.name, &function, sizeof function);
    LB_CURL_FUNCTIONS(LB_CURL_FIND)
}

const char *lb_curl_load(void) {
    pthread_once(&once, load);
    return problem[0] ? problem : NULL;
}

#endif
