/* hanging_lookup.c - for LD_PRELOAD: looking up hangs.test takes three seconds, and finds nothing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **list) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    void *function = dlsym(RTLD_NEXT, "getaddrinfo");
    if (name && strcmp(name, "hangs.test") == 0) {
        usleep(3000000);
        return EAI_AGAIN;
    }
    memcpy(&real, &function, sizeof real);
    return real(name, service, hints, list);
}
