/*
 * module.c - luaopen_liveblocks: the C half as `liveblocks.core`, the Lua half from the embedded sources.
 *
 * The chunks of the module have an environment of their own, in which lua/liveblocks/portable.lua has put what Lua 5.4's
 * libraries have, and a require() of their own. So they run in every Lua and in engines that hide parts of the standard
 * libraries, and nothing is written into the globals.
 */
#define _DEFAULT_SOURCE 1
#include "glue.h"
#include "embedded.h"
#include "json.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char modules_key, environment_key; /* their addresses are keys of the registry */

static int open_core(lua_State *L) {
    lua_newtable(L); /* core */
    lblua_open_errors(L);
    lblua_open_state(L);
    lblua_open_tasks(L);
    lblua_open_waitable(L);
    lblua_open_wait(L);
    lblua_open_engine(L);
    lblua_open_meta(L);
    lblua_open_client(L);
    lblua_open_call(L);
    lblua_open_describe(L);
    lblua_open_crypto(L);
    lblua_open_webhook(L);
    lblua_open_yjs(L);
    lblua_open_proxy(L);
    return 1;
}

/* ---- Chunks ------------------------------------------------------------------------------------- */

static const lblua_source *find_source(const char *name) {
    for (const lblua_source *source = lblua_module_sources; source->name; source++)
        if (strcmp(source->name, name) == 0) return source;
    return NULL;
}

/* Sources that are loaded take no memory any more: the kernel reads whole pages of the file again when they are asked for. Without
 * this (VmHWM of tests/bench/get_room.lua, 29 November 2026): 0.7 MiB more, since it maps what lies around a page as well. */
static void release_sources(const lblua_source *list) {
#if defined(__ELF__) && defined(MADV_DONTNEED) /* they are in a section of their own */
    const char *from = list->text, *to = list->text;
    for (const lblua_source *s = list; s->name; s++) {
        if (s->text < from) from = s->text;
        if (s->text + s->size > to) to = s->text + s->size;
    }
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = ((uintptr_t)from + page - 1) & ~(page - 1), end = (uintptr_t)to & ~(page - 1);
    if (first < end) madvise((void *)first, end - first, MADV_DONTNEED); /* only a hint */
#else
    (void)list;
#endif
}

/* Pushes the chunk of a source of a list. [-0, +1, e] */
static void load_source(lua_State *L, const lblua_source *list, const lblua_source *source) {
    char name[128];
    snprintf(name, sizeof name, "=%s", source->file);
    int status = luaL_loadbufferx(L, source->text, source->size, name, "t");
    release_sources(list);
    if (status != LUA_OK) lua_error(L);
}

/* The environment of the chunk below the top is the table on the top. [-1, +0, -] */
static void set_environment(lua_State *L) {
#if LUA_VERSION_NUM == 501
    lua_setfenv(L, -2);
#else
    lua_setupvalue(L, -2, 1);
#endif
}

/* The part on the top is also what package.loaded has, where there is such a table. [-0, +0, m] */
static void note_loaded(lua_State *L, const char *name) {                   /* part */
    if (lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED") == LUA_TTABLE) { /* part loaded */
        lua_pushvalue(L, -2);                                               /* part loaded part */
        lua_setfield(L, -2, name);                                          /* part loaded */
    }
    lua_pop(L, 1); /* part */
}

/* require(name) of the module's own chunks, and the loader of what scripts require: a part of the module */
static int require_part(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    lua_settop(L, 1);                                /* name */
    lua_rawgetp(L, LUA_REGISTRYINDEX, &modules_key); /* name modules */
    lua_getfield(L, 2, name);                        /* name modules part? */
    if (!lua_isnil(L, -1)) return 1;
    const lblua_source *source = find_source(name);
    if (!source) return luaL_error(L, "liveblocks has no module '%s'", name);
    load_source(L, lblua_module_sources, source);        /* name modules nil chunk */
    lua_rawgetp(L, LUA_REGISTRYINDEX, &environment_key); /* name modules nil chunk environment */
    set_environment(L);                                  /* name modules nil chunk */
    lua_pushvalue(L, 1);                                 /* name modules nil chunk name */
    lua_call(L, 1, 1);                                   /* name modules nil part */
    lua_pushvalue(L, -1);                                /* name modules nil part part */
    lua_setfield(L, 2, name);                            /* name modules nil part */
    note_loaded(L, name);
    return 1;
}

/* Pushes the table that require() looks into first, with or without the library `package`. [-0, +1, m] */
static void push_preload(lua_State *L) {
    if (lua_getfield(L, LUA_REGISTRYINDEX, "_PRELOAD") == LUA_TTABLE) return; /* preload */
    lua_pop(L, 1);                                   /* */
    lua_newtable(L);                                 /* preload */
    lua_pushvalue(L, -1);                            /* preload preload */
    lua_setfield(L, LUA_REGISTRYINDEX, "_PRELOAD");  /* preload */
}

/* The loader of an embedded module of a program: its source is upvalue 1, the list of all of them upvalue 2. */
static int load_embedded(lua_State *L) {
    const lblua_source *source = lua_touserdata(L, lua_upvalueindex(1));
    load_source(L, lua_touserdata(L, lua_upvalueindex(2)), source); /* ... chunk */
    lua_pushstring(L, source->name); /* ... chunk name */
    lua_call(L, 1, 1);               /* ... module */
    return 1;
}

void lblua_preload(lua_State *L, const lblua_source *sources) {
    push_preload(L); /* preload */
    for (const lblua_source *source = sources; source->name; source++) {
        lua_pushlightuserdata(L, (void *)(uintptr_t)source);  /* preload source */
        lua_pushlightuserdata(L, (void *)(uintptr_t)sources); /* preload source list */
        lua_pushcclosure(L, load_embedded, 2);                /* preload loader */
        lua_setfield(L, -2, source->name);                    /* preload */
    }
    lua_pop(L, 1); /* */
}

/* ---- Opening ------------------------------------------------------------------------------------ */

/* The parts of the module that are in C, by their names; those in Lua join them. A state has one such table, so that a
 * module that is opened again is the same. [-0, +0, e] */
static void make_modules(lua_State *L) {
    static const luaL_Reg parts[] = {
        { "liveblocks.core", open_core }, { "liveblocks.json", luaopen_liveblocks_json }, { NULL, NULL },
    };
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &modules_key) != LUA_TTABLE) { /* nil */
        lua_pop(L, 1);                                   /* */
        lua_newtable(L);                                 /* modules */
        lua_pushvalue(L, -1);                            /* modules modules */
        lua_rawsetp(L, LUA_REGISTRYINDEX, &modules_key); /* modules */
    }
    for (const luaL_Reg *part = parts; part->name; part++) {
        bool opened = lua_getfield(L, -1, part->name) != LUA_TNIL; /* modules part? */
        lua_pop(L, 1);                                             /* modules */
        if (opened) continue;
        lua_pushcfunction(L, part->func);  /* modules f */
        lua_pushstring(L, part->name);     /* modules f name */
        lua_call(L, 1, 1);                 /* modules part */
        note_loaded(L, part->name);
        lua_setfield(L, -2, part->name);   /* modules */
    }
    lua_pop(L, 1); /* */
}

#if LUA_VERSION_NUM == 501
/* next(), which LuaJIT does not compile: where it swaps the two results of its own (lj_vm_next), the releases up to 2.1.0-beta3
 * keep 32 bits of a pointer, and the trace of a loop with pairs() crashes. */
static int next_entry(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);               /* table key */
    if (lua_next(L, 1)) return 2;   /* table key value */
    lua_pushnil(L);                 /* table nil */
    return 1;
}
#endif

/* Fills the environment: portable.lua(environment, globals). [-0, +0, e] */
static void make_environment(lua_State *L) {
    bool made = lua_rawgetp(L, LUA_REGISTRYINDEX, &environment_key) == LUA_TTABLE; /* environment? */
    lua_pop(L, 1);                                                                 /* */
    if (made) return;
    lua_newtable(L);                                         /* environment */
    lua_pushcfunction(L, require_part);                      /* environment require */
    lua_setfield(L, -2, "require");                          /* environment */
#if LUA_VERSION_NUM == 501
    lua_pushcfunction(L, next_entry);                        /* environment next */
    lua_setfield(L, -2, "next");                             /* environment */
#endif
    load_source(L, lblua_module_sources, find_source("liveblocks.portable")); /* environment chunk */
    lua_pushvalue(L, -2);                                    /* environment chunk environment */
    lblua_push_globals(L);                                   /* environment chunk environment globals */
    lua_call(L, 2, 0);                                       /* environment */
    lua_rawsetp(L, LUA_REGISTRYINDEX, &environment_key);     /* */
}

static void make_preload(lua_State *L) {
    push_preload(L); /* preload */
    for (const lblua_source *source = lblua_module_sources; source->name; source++) {
        lua_pushcfunction(L, require_part); /* preload f */
        lua_setfield(L, -2, source->name);  /* preload */
    }
    lua_pushcfunction(L, require_part);        /* preload f */
    lua_setfield(L, -2, "liveblocks.core");    /* preload */
    lua_pushcfunction(L, require_part);        /* preload f */
    lua_setfield(L, -2, "liveblocks.json");    /* preload */
    lua_pop(L, 1); /* */
}

LB_API int luaopen_liveblocks(lua_State *L) {
    lblua_check_version(L);
    lblua_reserve(L, 20, "to open the module");
    make_modules(L);
    make_environment(L);
    make_preload(L);
    lua_pushcfunction(L, require_part);    /* require */
    lua_pushliteral(L, "liveblocks.init"); /* require name */
    lua_call(L, 1, 1);                     /* module */
    return 1;
}
