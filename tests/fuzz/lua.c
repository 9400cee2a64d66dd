/* lua.c - fuzz target for what is written in Lua: FUZZ_TARGET names a file of tests/fuzz/targets, which returns a function of the
 * bytes. Its lines are coverage, as branches are in C. It fails when it raises, and when the instructions that it takes grow
 * faster than n log n of the input: FUZZ_STEPS instructions a byte, and as many for the rest. */
#include <lauxlib.h>
#include <lualib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../host/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COUNTERS = 1 << 15, BATCH = 1000 };

__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counters[COUNTERS];

static lua_State *L;
static unsigned long steps_left;

static void die(const char *why) {
    fprintf(stderr, "%s\n", why);
    abort();
}

static void on_hook(lua_State *at, lua_Debug *debug) {
    if (debug->event == LUA_HOOKCOUNT) {
        if (steps_left < BATCH) luaL_error(at, "too many instructions for an input of this size");
        steps_left -= BATCH;
        return;
    }
    lua_getinfo(at, "S", debug);
    uint32_t hash = 2166136261u;
    for (const char *p = debug->short_src; *p; p++) hash = (hash ^ (unsigned char)*p) * 16777619u;
    hash = (hash ^ (uint32_t)debug->currentline) * 16777619u;
    counters[(hash ^ hash >> 15) % COUNTERS]++;
}

static unsigned long steps_a_byte(void) {
    const char *text = getenv("FUZZ_STEPS");
    return text ? strtoul(text, NULL, 10) : 20000;
}

static int with_traceback(lua_State *at) { /* message */
    luaL_traceback(at, at, luaL_tolstring(at, 1, NULL), 1);
    return 1;
}

static void open_state(void) {
    const char *target = getenv("FUZZ_TARGET");
    if (!target) die("FUZZ_TARGET is not set");
    L = lua_newstate(host_allocate, NULL);
    if (!L) die("out of memory");
    *(void **)lua_getextraspace(L) = NULL;
    if (!host_signals_start()) die("no pipe for signals");
    host_open(L);
    if (luaL_dostring(L, "require 'liveblocks'") != LUA_OK) die(lua_tostring(L, -1));
    lua_settop(L, 0);
    lua_pushcfunction(L, with_traceback); /* handler */
    if (luaL_loadfile(L, target) != LUA_OK || lua_pcall(L, 0, 1, 1) != LUA_OK) die(lua_tostring(L, -1)); /* handler f */
    if (!lua_isfunction(L, -1)) die("the target does not return a function");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!L) open_state();
    steps_left = steps_a_byte() * (size + 100);
    lua_sethook(L, on_hook, LUA_MASKLINE | LUA_MASKCOUNT, BATCH);
    lua_pushvalue(L, 2);                             /* handler f f */
    lua_pushlstring(L, (const char *)data, size);    /* handler f f bytes */
    int status = lua_pcall(L, 1, 0, 1);              /* handler f */
    lua_sethook(L, NULL, 0, 0);
    if (status != LUA_OK) die(lua_tostring(L, -1));
    return 0;
}
