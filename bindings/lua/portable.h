/* portable.h - Lua 5.4's C API, as far as the glue uses it, in LuaJIT and in Lua 5.2, 5.3 and 5.5. */
#ifndef LBLUA_PORTABLE_H
#define LBLUA_PORTABLE_H

#include <luaconf.h>
#include <stdbool.h>
#include <stddef.h>

/* All of Lua's functions are weak references: the module can be loaded into any Lua, and says when that is another one than it
 * was built for (version.c). */
#ifdef __ELF__
#undef LUA_API
#define LUA_API extern __attribute__((weak))
#endif

#include <lauxlib.h>
#include <lua.h>

/* A function that not every file uses. */
#define LBLUA_INLINE __attribute__((unused)) static inline

/* ---- All of them -------------------------------------------------------------------------------- */

/* Resumes as 5.4's lua_resume() does; *results are on the top of the thread's stack. */
LBLUA_INLINE int lblua_resume(lua_State *thread, lua_State *from, int arguments, int *results) {
#if LUA_VERSION_NUM >= 504
    return lua_resume(thread, from, arguments, results);
#else
#if LUA_VERSION_NUM >= 502
    int status = lua_resume(thread, from, arguments);
#else
    (void)from;
    int status = lua_resume(thread, arguments);
#endif
    *results = lua_gettop(thread);
    return status;
#endif
}

/* Can L, which is running, yield? 5.2 does not say whether a C function is in between, and raises then. */
LBLUA_INLINE bool lblua_can_yield(lua_State *L) {
#if LUA_VERSION_NUM == 502
    bool is_main = lua_pushthread(L);
    lua_pop(L, 1);
    return !is_main;
#else
    return lua_isyieldable(L);
#endif
}

/* Slots that a stack may have, and those of a call at most, where it does not take more (lua_checkstack, f(...)). */
#if LUA_VERSION_NUM == 501
enum { LBLUA_MAX_SLOTS = 8000, LBLUA_MAX_SLOTS_OF_CALL = 250 };
#else
enum { LBLUA_MAX_SLOTS = 1000000, LBLUA_MAX_SLOTS_OF_CALL = 255 };
#endif

/* lua_checkstack() has failed. Lua does not say why, nor how large the stack is: it is full only in a deep recursion, or where a
 * call has very many values; else it is memory that is missing. [-0, +0, v] */
LBLUA_INLINE int lblua_raise_no_space(lua_State *L, int count, const char *what) {
    lua_Debug unused;
    bool full = lua_gettop(L) > LBLUA_MAX_SLOTS / 2 - count || lua_getstack(L, LBLUA_MAX_SLOTS / LBLUA_MAX_SLOTS_OF_CALL, &unused);
    return luaL_error(L, "%s %s", full ? "stack overflow" : "not enough memory", what);
}

/* Space for so many values on the stack, "for" something. luaL_checkstack() calls it a stack overflow as well when memory is
 * missing. [-0, +0, v] */
LBLUA_INLINE void lblua_reserve(lua_State *L, int count, const char *what) {
    if (!lua_checkstack(L, count)) lblua_raise_no_space(L, count, what);
}

/* Pushes the table of globals. [-0, +1, -] */
LBLUA_INLINE void lblua_push_globals(lua_State *L) {
#if LUA_VERSION_NUM == 501
    lua_pushvalue(L, LUA_GLOBALSINDEX);
#else
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
#endif
}

/* ---- Before 5.4: user values are the list part of a table --------------------------------------- */

#if LUA_VERSION_NUM < 504
#define luaL_pushfail(L) lua_pushnil(L)

LBLUA_INLINE void lblua_push_values(lua_State *L, int index) {
#if LUA_VERSION_NUM == 501
    lua_getfenv(L, index);
#else
    lua_getuservalue(L, index);
#endif
}

LBLUA_INLINE void *lua_newuserdatauv(lua_State *L, size_t size, int values) {
    void *block = lua_newuserdata(L, size); /* userdata */
    if (values) {
        lua_createtable(L, values, 0); /* userdata values */
#if LUA_VERSION_NUM == 501
        lua_setfenv(L, -2); /* userdata */
#else
        lua_setuservalue(L, -2); /* userdata */
#endif
    }
    return block;
}

LBLUA_INLINE int lua_getiuservalue(lua_State *L, int index, int n) {
    lblua_push_values(L, index); /* values */
    lua_rawgeti(L, -1, n);       /* values value */
    lua_remove(L, -2);           /* value */
    return lua_type(L, -1);
}

LBLUA_INLINE int lua_setiuservalue(lua_State *L, int index, int n) { /* value */
    lblua_push_values(L, index);                                     /* value values */
    lua_insert(L, -2);                                               /* values value */
    lua_rawseti(L, -2, n);                                           /* values */
    lua_pop(L, 1);                                                   /* */
    return 1;
}

LBLUA_INLINE int luaL_typeerror(lua_State *L, int argument, const char *name) {
    return luaL_argerror(L, argument, lua_pushfstring(L, "%s expected, got %s", name, luaL_typename(L, argument)));
}
#endif

/* ---- Before 5.3: numbers are doubles, and functions that push do not say what ------------------- */

#if LUA_VERSION_NUM < 503
LBLUA_INLINE int lblua_getfield(lua_State *L, int index, const char *name) {
    lua_getfield(L, index, name);
    return lua_type(L, -1);
}
LBLUA_INLINE int lblua_rawgeti(lua_State *L, int index, lua_Integer n) {
    lua_rawgeti(L, index, (int)n);
    return lua_type(L, -1);
}
LBLUA_INLINE int lblua_rawget(lua_State *L, int index) {
    lua_rawget(L, index);
    return lua_type(L, -1);
}
LBLUA_INLINE void lblua_rawseti(lua_State *L, int index, lua_Integer n) {
    lua_rawseti(L, index, (int)n);
}
/* With the name of the type in it, as 5.3 has it. */
LBLUA_INLINE int lblua_newmetatable(lua_State *L, const char *name) {
    int made = luaL_newmetatable(L, name); /* mt */
    if (!made) return 0;
    lua_pushstring(L, name);               /* mt name */
    lua_setfield(L, -2, "__name");         /* mt */
    return 1;
}

#define luaL_newmetatable(L, name) lblua_newmetatable(L, name)
#define lua_getfield(L, index, name) lblua_getfield(L, index, name)
#define lua_rawgeti(L, index, n) lblua_rawgeti(L, index, n)
#define lua_rawget(L, index) lblua_rawget(L, index)
#define lua_rawseti(L, index, n) lblua_rawseti(L, index, n)

/* A number without a fraction, of which no double before it is skipped. */
LBLUA_INLINE int lua_isinteger(lua_State *L, int index) {
    if (lua_type(L, index) != LUA_TNUMBER) return 0;
    lua_Number x = lua_tonumber(L, index);
    if (x == 0 && 1 / x < 0) return 0; /* -0.0 stays what it is */
    return x >= -9007199254740992.0 && x <= 9007199254740992.0 && x == (lua_Number)(long long)x;
}
#endif

#if LUA_VERSION_NUM == 502
LBLUA_INLINE int lblua_rawgetp(lua_State *L, int index, const void *key) {
    lua_rawgetp(L, index, key);
    return lua_type(L, -1);
}
#define lua_rawgetp(L, index, key) lblua_rawgetp(L, index, key)
#endif

/* ---- LuaJIT, by means of 5.1 alone: what it has of 5.2 would keep PUC 5.1 from saying why it is refused -------------- */

#if LUA_VERSION_NUM == 501
#define LUA_OK 0
typedef size_t lua_Unsigned;
#define lua_rawlen(L, index) lua_objlen(L, index)
#define luaL_loadbufferx(L, text, size, name, mode) luaL_loadbuffer(L, text, size, name)

LBLUA_INLINE int lua_absindex(lua_State *L, int index) {
    return index > 0 || index <= LUA_REGISTRYINDEX ? index : lua_gettop(L) + index + 1;
}

/* Of the registry. */
LBLUA_INLINE int lua_rawgetp(lua_State *L, int registry, const void *key) {
    lua_pushlightuserdata(L, (void *)(size_t)key); /* key */
    lua_rawget(L, registry);                       /* value */
    return lua_type(L, -1);
}
LBLUA_INLINE void lua_rawsetp(lua_State *L, int registry, const void *key) { /* value */
    lua_pushlightuserdata(L, (void *)(size_t)key);                           /* value key */
    lua_insert(L, -2);                                                       /* key value */
    lua_rawset(L, registry);                                                 /* */
}

LBLUA_INLINE void lblua_setfuncs(lua_State *L, const luaL_Reg *list, int values) { /* table values... */
    for (; list->name; list++) {
        for (int i = 0; i < values; i++) lua_pushvalue(L, -values); /* table values... values... */
        lua_pushcclosure(L, list->func, values);                    /* table values... f */
        lua_setfield(L, -(values + 2), list->name);                 /* table values... */
    }
    lua_pop(L, values); /* table */
}
LBLUA_INLINE void lblua_setmetatable(lua_State *L, const char *name) {
    luaL_getmetatable(L, name);
    lua_setmetatable(L, -2);
}
LBLUA_INLINE void *lblua_testudata(lua_State *L, int index, const char *name) {
    void *block = lua_touserdata(L, index);
    if (!block || !lua_getmetatable(L, index)) return NULL; /* mt */
    luaL_getmetatable(L, name);                             /* mt named */
    if (!lua_rawequal(L, -1, -2)) block = NULL;
    lua_pop(L, 2); /* */
    return block;
}
#define luaL_setfuncs(L, list, values) lblua_setfuncs(L, list, values)
#define luaL_setmetatable(L, name) lblua_setmetatable(L, name)
#define luaL_testudata(L, index, name) lblua_testudata(L, index, name)
#undef luaL_newlib
#define luaL_newlib(L, list) (lua_newtable(L), luaL_setfuncs(L, list, 0))

LBLUA_INLINE const char *luaL_tolstring(lua_State *L, int index, size_t *length) {
    if (!luaL_callmeta(L, index, "__tostring")) { /* string */
        switch (lua_type(L, index)) {
        case LUA_TNUMBER:
        case LUA_TSTRING: lua_pushvalue(L, index); break;
        case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false"); break;
        case LUA_TNIL: lua_pushliteral(L, "nil"); break;
        default: lua_pushfstring(L, "%s: %p", luaL_typename(L, index), lua_topointer(L, index));
        }
    }
    return lua_tolstring(L, -1, length); /* string */
}

/* A buffer of a size that is known is a userdata, which stands on the stack until luaL_pushresultsize(). */
typedef struct lblua_buffer {
    lua_State *L;
    char *bytes;
} lblua_buffer;
#define luaL_Buffer lblua_buffer
LBLUA_INLINE char *luaL_buffinitsize(lua_State *L, lblua_buffer *b, size_t size) {
    b->L = L;
    b->bytes = lua_newuserdata(L, size ? size : 1); /* bytes */
    return b->bytes;
}
LBLUA_INLINE void luaL_pushresultsize(lblua_buffer *b, size_t size) { /* bytes */
    lua_pushlstring(b->L, b->bytes, size);                            /* bytes string */
    lua_remove(b->L, -2);                                             /* string */
}
#endif

#endif
