/* values.c - values of Lua as parameters of PostgreSQL, in their text form. */
#include "postgres.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

/* Raises an error object of kind "store" with a SQLSTATE. It does not return. [-0, +0, e] */
static int raise_store_error(lua_State *L, const char *message, const char *code) {
    lua_getglobal(L, "require");             /* require */
    lua_pushliteral(L, "liveblocks.errors"); /* require name */
    lua_call(L, 1, 1);                       /* errors */
    lua_getfield(L, -1, "new");              /* errors new */
    lua_pushliteral(L, "store");             /* errors new kind */
    lua_pushfstring(L, "PostgreSQL: %s", message); /* errors new kind message */
    lua_newtable(L);                         /* errors new kind message fields */
    lua_pushstring(L, code);                 /* errors new kind message fields code */
    lua_setfield(L, -2, "code");             /* errors new kind message fields */
    lua_call(L, 3, 1);                       /* errors error */
    return lua_error(L);
}

const char *postgres_text(lua_State *L, int index) {
    char number[40];
    size_t size;
    switch (lua_type(L, index)) {
    case LUA_TNIL: lua_pushnil(L); return NULL;
    case LUA_TBOOLEAN: return lua_pushstring(L, lua_toboolean(L, index) ? "t" : "f");
    case LUA_TNUMBER:
        if (lua_isinteger(L, index)) snprintf(number, sizeof number, "%lld", (long long)lua_tointeger(L, index));
        else snprintf(number, sizeof number, "%.17g", lua_tonumber(L, index));
        return lua_pushstring(L, number);
    case LUA_TSTRING: {
        const char *text = lua_tolstring(L, index, &size);
        if (memchr(text, '\0', size)) raise_store_error(L, "a NUL character cannot be stored as text", "22021");
        lua_pushvalue(L, index);
        return text;
    }
    default: raise_store_error(L, lua_pushfstring(L, "a %s cannot be a parameter", luaL_typename(L, index)), "22023"); return NULL;
    }
}

/* Adds an element of an array: in quotation marks, with those and backslashes escaped. The text is on the top, above the
 * buffer's own slot, and is popped. */
static void add_element(lua_State *L, luaL_Buffer *b) { /* text -> */
    size_t size, done = 0;
    const char *text = lua_tolstring(L, -1, &size);
    if (!text) {
        lua_pop(L, 1); /* */
        luaL_addstring(b, "NULL");
        return;
    }
    char *out = NULL;
    /* A piece at a time: each byte may become two. luaL_prepbuffsize may move the stack's top by its own slot, so the text
     * is found again by its value: it is kept alive by the list. */
    lua_pop(L, 1); /* */
    luaL_addchar(b, '"');
    while (done < size) {
        size_t piece = size - done < 1024 ? size - done : 1024, n = 0;
        out = luaL_prepbuffsize(b, 2 * piece);
        for (size_t i = 0; i < piece; i++) {
            char c = text[done + i];
            if (c == '"' || c == '\\') out[n++] = '\\';
            out[n++] = c;
        }
        luaL_addsize(b, n);
        done += piece;
    }
    luaL_addchar(b, '"');
}

/* core.array(list, field) -> the text of an array parameter: {"a","b",NULL}. With a field, that of each entry. */
static int array(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    luaL_Buffer b;
    lua_Integer n = luaL_len(L, 1);
    lua_createtable(L, (int)(n < 1000000 ? n : 0), 0); /* list field texts: they must live until they are copied */
    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, 1, i); /* list field texts entry */
        if (!lua_isnil(L, 2)) {
            luaL_checktype(L, -1, LUA_TTABLE);
            lua_pushvalue(L, 2);  /* list field texts entry field */
            lua_gettable(L, -2);  /* list field texts entry value */
            lua_remove(L, -2);    /* list field texts value */
        }
        if (!postgres_text(L, lua_gettop(L))) { /* list field texts value text */
            lua_pop(L, 1);                      /* list field texts value */
            lua_pushboolean(L, 0);              /* list field texts value false */
        }
        lua_seti(L, 3, i); /* list field texts value */
        lua_pop(L, 1);     /* list field texts */
    }
    luaL_buffinit(L, &b);
    luaL_addchar(&b, '{');
    for (lua_Integer i = 1; i <= n; i++) {
        if (i > 1) luaL_addchar(&b, ',');
        lua_geti(L, 3, i); /* ... text */
        add_element(L, &b);
    }
    luaL_addchar(&b, '}');
    luaL_pushresult(&b);
    return 1;
}

void postgres_open_values(lua_State *L) { /* core */
    lua_pushcfunction(L, array);  /* core f */
    lua_setfield(L, -2, "array"); /* core */
}
