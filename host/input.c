/* input.c - standard input without blocking the loop. Part of the module `lbhost.host`. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <lauxlib.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "../bindings/liveblocks_lua.h"
#include "host.h"

static const char event_key; /* in the registry: the event that the next input sets */
static lb_watch *watch;      /* of the one standard input */

static void stop(lua_State *L) {
    lb_watch_stop(lblua_loop(L), watch);
    watch = NULL;
    lua_pushnil(L);                                /* nil */
    lua_rawsetp(L, LUA_REGISTRYINDEX, &event_key); /* */
}

static void on_ready(void *user_data, short revents) {
    lua_State *L = user_data;
    (void)revents;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &event_key); /* event? */
    lblua_event *event = lua_touserdata(L, -1);
    if (event) lblua_set_event(event);
    lua_pop(L, 1); /* */
    /* What is typed while nobody waits for it stays where it is. */
    stop(L);
}

/* host.input_event(event): sets it, once, as soon as there is something to read. nil: no longer. */
static int input_event(lua_State *L) {
    lua_settop(L, 1); /* event */
    stop(L);
    if (lua_isnil(L, 1)) return 0;
    lblua_event *event = lblua_check_event(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD); /* event main */
    lua_State *main = lua_tothread(L, -1);
    lua_settop(L, 1);                              /* event */
    lua_rawsetp(L, LUA_REGISTRYINDEX, &event_key); /* */
    int status = lb_watch_start(lblua_loop(L), STDIN_FILENO, LB_POLLIN, true, on_ready, main, &watch);
    if (status == LB_ENOMEM) return luaL_error(L, "out of memory");
    if (status != LB_OK) lblua_set_event(event); /* a regular file can always be read */
    return 0;
}

/* host.read_input() -> bytes; nil at the end; nil, message. Waits when there is nothing. */
static int read_input(lua_State *L) {
    char bytes[8192];
    ssize_t n;
    do n = read(STDIN_FILENO, bytes, sizeof bytes);
    while (n < 0 && errno == EINTR && !*host_interrupt_flag());
    if (n < 0) return luaL_fileresult(L, 0, "standard input");
    if (n == 0) return 0;
    lua_pushlstring(L, bytes, (size_t)n);
    return 1;
}

bool host_input_waits(int milliseconds) {
    struct pollfd one = { .fd = STDIN_FILENO, .events = POLLIN };
    return poll(&one, 1, milliseconds) > 0;
}

void host_open_input(lua_State *L) { /* host */
    static const luaL_Reg functions[] = { { "input_event", input_event }, { "read_input", read_input }, { NULL, NULL } };
    watch = NULL; /* that of a state before ended with its loop */
    luaL_setfuncs(L, functions, 0);
}
