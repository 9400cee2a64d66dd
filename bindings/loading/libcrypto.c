/* libcrypto.c - finds libcrypto. */
#define _POSIX_C_SOURCE 200809L
#include "libcrypto.h"

#ifdef LB_LINK_LIBRARIES

lb_crypto_functions lb_crypto = {
#define LB_CRYPTO_LINKED(name) .name = name,
    LB_CRYPTO_FUNCTIONS(LB_CRYPTO_LINKED)
};

const char *lb_crypto_load(void) {
    return NULL;
}

#else

#include <pthread.h>

#include "library.h"

lb_crypto_functions lb_crypto;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char problem[512];

static void load(void) {
#define LB_CRYPTO_NAME(name) #name,
    static const char *const functions[] = { LB_CRYPTO_FUNCTIONS(LB_CRYPTO_NAME) NULL };
    static const lb_library library = { "libcrypto", { "libcrypto.so.3" }, "libssl3", "OpenSSL 3.0", functions };
    lb_library_load(&library, &lb_crypto, problem, sizeof problem);
}

const char *lb_crypto_load(void) {
    pthread_once(&once, load);
    return problem[0] ? problem : NULL;
}

#endif
