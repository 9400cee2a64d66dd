/* lookup.c - the addresses of a host name. getaddrinfo(3) blocks for as long as a name server takes, so a thread calls it;
 * what it finds is taken by the loop. A lookup that is given up ends by itself: the job belongs to both, and the last one
 * frees it. (The shared object is never unloaded, since such a thread may outlive the Lua state.) */
#define _POSIX_C_SOURCE 200809L
#include "postgres.h"

#include "../../../bindings/liveblocks_lua.h"

#include <lauxlib.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LOOKUP "lbhost.postgres.lookup"

typedef struct job {
    atomic_int owners;
    int fd; /* an eventfd: readable when the thread is done */
    int problem;
    struct addrinfo *found;
    char host[]; /* with its NUL */
} job;

typedef struct lookup {
    job *work;
    lb_loop *loop;
    lb_watch *watch;
    lb_timer *timer;
    lblua_event *event; /* kept by the user value */
    bool done;
} lookup;

static void leave(job *j) {
    if (atomic_fetch_sub(&j->owners, 1) > 1) return;
    if (j->found) freeaddrinfo(j->found);
    close(j->fd);
    free(j);
}

static void *work(void *argument) {
    job *j = argument;
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    j->problem = getaddrinfo(j->host, NULL, &hints, &j->found);
    uint64_t one = 1;
    ssize_t written = write(j->fd, &one, sizeof one);
    (void)written;
    leave(j);
    return NULL;
}

/* The thread takes no signals: they are for the loop. */
static bool start(job *j) {
    pthread_t thread;
    pthread_attr_t attributes;
    sigset_t all, before;
    if (pthread_attr_init(&attributes) != 0) return false;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&thread, &attributes, work, j) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return started;
}

static void end(lookup *l) {
    lb_watch_stop(l->loop, l->watch);
    lb_timer_cancel(l->loop, l->timer);
    l->watch = NULL;
    l->timer = NULL;
    lblua_set_event(l->event);
}

static void on_found(void *user_data, short revents) {
    lookup *l = user_data;
    (void)revents;
    l->done = true;
    end(l);
}

static void on_late(void *user_data) {
    lookup *l = user_data;
    l->timer = NULL; /* it has fired */
    end(l);
}

static int lookup_gc(lua_State *L) {
    lookup *l = luaL_checkudata(L, 1, LOOKUP);
    if (!l->work) return 0;
    if (!lblua_is_closing(L)) {
        lb_watch_stop(l->loop, l->watch);
        lb_timer_cancel(l->loop, l->timer);
    }
    leave(l->work);
    l->work = NULL;
    return 0;
}

/* core.lookup(host, seconds, event) -> lookup; sets the event when the host's addresses are known, or after `seconds` */
static int new_lookup(lua_State *L) {
    size_t size;
    const char *host = luaL_checklstring(L, 1, &size);
    lua_Number seconds = luaL_checknumber(L, 2);
    lblua_event *event = lblua_check_event(L, 3);
    luaL_argcheck(L, size < 1024, 1, "the name is too long");
    lookup *l = lua_newuserdatauv(L, sizeof *l, 1); /* host seconds event lookup */
    *l = (lookup){ .loop = lblua_loop(L), .event = event };
    luaL_setmetatable(L, LOOKUP);
    lua_pushvalue(L, 3);         /* host seconds event lookup event */
    lua_setiuservalue(L, -2, 1); /* host seconds event lookup */
    job *j = malloc(sizeof *j + size + 1);
    if (!j) return luaL_error(L, "out of memory");
    *j = (job){ .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
    memcpy(j->host, host, size + 1);
    atomic_init(&j->owners, 1);
    if (j->fd < 0) {
        free(j);
        return luaL_error(L, "no descriptor is left to look a host up");
    }
    l->work = j;
    if (lb_watch_start(l->loop, j->fd, LB_POLLIN, false, on_found, l, &l->watch) != LB_OK ||
        lb_timer_start(l->loop, seconds, on_late, l, &l->timer) != LB_OK)
        return luaL_error(L, "out of memory");
    atomic_fetch_add(&j->owners, 1);
    if (!start(j)) {
        leave(j);
        return luaL_error(L, "no thread can be started to look a host up");
    }
    return 1;
}

/* lookup:addresses() -> list of numeric addresses; or nil and what is wrong */
static int addresses(lua_State *L) {
    lookup *l = luaL_checkudata(L, 1, LOOKUP);
    if (!l->work || !l->done) {
        lua_pushnil(L);                                                /* nil */
        lua_pushliteral(L, "its name server does not respond in time"); /* nil message */
        return 2;
    }
    if (l->work->problem) {
        lua_pushnil(L);                                   /* nil */
        lua_pushstring(L, gai_strerror(l->work->problem)); /* nil message */
        return 2;
    }
    lua_newtable(L); /* list */
    lua_Integer n = 0;
    /* To make a string may run finalizers, the lookup's own as well when one before that has made it known again. */
    for (const struct addrinfo *a = l->work ? l->work->found : NULL, *next; a && l->work; a = next) {
        char text[1025];
        next = a->ai_next;
        if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) != 0) continue;
        lua_pushstring(L, text);  /* list text */
        lua_seti(L, -2, ++n);     /* list */
    }
    return 1;
}

void postgres_open_lookup(lua_State *L) { /* core */
    static const luaL_Reg methods[] = { { "addresses", addresses }, { NULL, NULL } };
    if (luaL_newmetatable(L, LOOKUP)) { /* core mt */
        lua_pushcfunction(L, lookup_gc); /* core mt f */
        lua_setfield(L, -2, "__gc");     /* core mt */
        luaL_newlib(L, methods);         /* core mt index */
        lua_setfield(L, -2, "__index");  /* core mt */
    }
    lua_pop(L, 1);                       /* core */
    lua_pushcfunction(L, new_lookup);    /* core f */
    lua_setfield(L, -2, "lookup");       /* core */
}
