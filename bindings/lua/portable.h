/* portable.h - what the glue uses of Lua 5.4's C API, in LuaJIT and in Lua 5.2, 5.3 and 5.5.
 *
 * The glue keeps within what all of them have: no values of userdata, no continuations, no keys of the registry that
 * are looked up below the top of the stack. */
#ifndef LBLUA_PORTABLE_H
#define LBLUA_PORTABLE_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* A function that not every file uses. */
#define LBLUA_INLINE __attribute__((unused)) static inline

/* Numbers are doubles: an integer is a number without a fraction of at most 2^53. */
#define LBLUA_DOUBLES (LUA_VERSION_NUM < 503)

#if LUA_VERSION_NUM < 504
#define lua_newuserdatauv(L, size, values) lua_newuserdata(L, size) /* values: 0 */
#define luaL_pushfail(L) lua_pushnil(L)
#endif

/* Resumes as 5.4's lua_resume() does; *results are on the top of the thread's stack. */
LBLUA_INLINE int lblua_resume(lua_State *thread, lua_State *from, int arguments, int *results) {
#if LUA_VERSION_NUM >= 504
    return lua_resume(thread, from, arguments, results);
#elif LUA_VERSION_NUM >= 502
    int status = lua_resume(thread, from, arguments);
    *results = lua_gettop(thread);
    return status;
#else
    (void)from;
    int status = lua_resume(thread, arguments);
    *results = lua_gettop(thread);
    return status;
#endif
}

#if LUA_VERSION_NUM < 503
LBLUA_INLINE int lblua_getfield(lua_State *L, int index, const char *name) {
    lua_getfield(L, index, name);
    return lua_type(L, -1);
}
LBLUA_INLINE int lblua_rawgeti(lua_State *L, int index, int n) {
    lua_rawgeti(L, index, n);
    return lua_type(L, -1);
}
#define lua_getfield(L, index, name) lblua_getfield(L, index, name)
#define lua_rawgeti(L, index, n) lblua_rawgeti(L, index, (int)(n))
#define lua_rawseti(L, index, n) (lua_rawseti)(L, index, (int)(n))

LBLUA_INLINE int lblua_isinteger(lua_State *L, int index) {
    if (lua_type(L, index) != LUA_TNUMBER) return 0;
    lua_Number x = lua_tonumber(L, index);
    return x >= -9007199254740992.0 && x <= 9007199254740992.0 && x == (lua_Number)(long long)x;
}
#define lua_isinteger(L, index) lblua_isinteger(L, index)
#endif

#if LUA_VERSION_NUM == 502
#define lua_rawgetp(L, index, key) ((lua_rawgetp)(L, index, key), lua_type(L, -1))
#endif

#if LUA_VERSION_NUM == 501 /* LuaJIT, which has some of 5.2 */
#define LUA_OK 0
typedef size_t lua_Unsigned;
#define lua_rawlen(L, index) lua_objlen(L, index)

/* Of the registry only. */
LBLUA_INLINE int lua_rawgetp(lua_State *L, int registry, const void *key) {
    lua_pushlightuserdata(L, (void *)(size_t)key);
    lua_rawget(L, registry);
    return lua_type(L, -1);
}
LBLUA_INLINE void lua_rawsetp(lua_State *L, int registry, const void *key) {
    lua_pushlightuserdata(L, (void *)(size_t)key);
    lua_insert(L, -2);
    lua_rawset(L, registry);
}

/* A buffer of a size that is known is a userdata, which stands on the stack until luaL_pushresultsize(). */
typedef struct lblua_buffer {
    lua_State *L;
    char *bytes;
} lblua_buffer;
#define luaL_Buffer lblua_buffer
LBLUA_INLINE char *luaL_buffinitsize(lua_State *L, lblua_buffer *b, size_t size) {
    b->L = L;
    b->bytes = lua_newuserdata(L, size ? size : 1);
    return b->bytes;
}
LBLUA_INLINE void luaL_pushresultsize(lblua_buffer *b, size_t size) {
    lua_pushlstring(b->L, b->bytes, size);
    lua_remove(b->L, -2);
}
#endif

/* Can L, which is running, yield? 5.2 does not say whether a C function is in between: it raises then. */
LBLUA_INLINE bool lblua_can_yield(lua_State *L) {
#if LUA_VERSION_NUM == 502
    bool is_main = lua_pushthread(L);
    lua_pop(L, 1);
    return !is_main;
#else
    return lua_isyieldable(L);
#endif
}

/* Pushes the table of globals. [-0, +1, -] */
LBLUA_INLINE void lblua_push_globals(lua_State *L) {
#if LUA_VERSION_NUM == 501
    lua_pushvalue(L, LUA_GLOBALSINDEX);
#else
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
#endif
}

#endif
