/* interrupt.c - SIGINT stops Lua code that computes, at no cost until it comes.
 *
 * A hook that counts instructions more than halves the speed of Lua. So the signal handler sets it, on the main
 * thread and on the task that runs. Which of a script's own coroutines runs cannot be known in a handler: those
 * have the hook from their birth. */
#define _POSIX_C_SOURCE 200809L
#include <lauxlib.h>

#include "../bindings/liveblocks_lua.h"
#include "host.h"

static lua_State *main_thread;
static lua_State *volatile *running;

static void on_count(lua_State *L, lua_Debug *debug) {
    (void)debug;
    if (*host_interrupt_flag()) luaL_error(L, "interrupted");
    host_check_budget(L);
    if (L != main_thread) return;
    lua_sethook(L, NULL, 0, 0); /* host.clear_interrupt() has been called */
    if (*host_interrupt_flag()) host_interrupt_now();
}

void host_hook(lua_State *L, int count) {
    lua_sethook(L, on_count, LUA_MASKCOUNT, count);
}

void host_interrupt_now(void) {
    if (!main_thread) return;
    lua_State *task = *running;
    host_hook(main_thread, HOST_CHECK_EVERY);
    if (task) host_hook(task, HOST_CHECK_EVERY);
}

/* coroutine.create and coroutine.wrap: upvalue 1 is the library's own. */
static int new_coroutine(lua_State *L) { /* function */
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1)); /* function make */
    lua_insert(L, 1);                      /* make function */
    lua_call(L, 1, 1);                     /* coroutine */
    bool made = lua_isthread(L, -1) || lua_getupvalue(L, -1, 1); /* coroutine thread? */
    if (made && lua_isthread(L, -1)) host_hook(lua_tothread(L, -1), HOST_CHECK_EVERY);
    lua_settop(L, 1);
    return 1;
}

static void replace(lua_State *L, const char *name) { /* coroutine */
    lua_getfield(L, -1, name);             /* coroutine make */
    lua_pushcclosure(L, new_coroutine, 1); /* coroutine f */
    lua_setfield(L, -2, name);             /* coroutine */
}

void host_interrupt_watch(lua_State *L) {
    lua_getglobal(L, "coroutine"); /* coroutine */
    replace(L, "create");
    replace(L, "wrap");
    lua_pop(L, 1); /* */
    running = lblua_running(L);
    main_thread = L;
    lblua_set_interrupt(L, host_interrupt_flag());
    if (*host_interrupt_flag()) host_interrupt_now(); /* it came before this */
}

void host_interrupt_stop(void) {
    main_thread = NULL;
}
