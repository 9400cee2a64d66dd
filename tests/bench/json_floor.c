/* json_floor.c - the least that a decoder has to do: makes the tables of a value from nothing, with the public C API of
 * Lua, from a list of steps instead of from text. What a decoder takes longer than this is its own.
 *
 *     local make = require("json_floor").recorder(value, is_array, array_mt)
 *     local copy = make()
 */
#include <lauxlib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int luaopen_json_floor(lua_State *L);

typedef enum kind { NIL, FALSE, TRUE, NULL_VALUE, INTEGER, REAL, STRING, OBJECT, ARRAY, FIELD, ELEMENT } kind;

typedef struct step {
    kind kind;
    uint32_t count; /* members, or bytes of a string, or the index of an element */
    union {
        lua_Integer integer;
        lua_Number real;
        const char *text; /* the recorded value keeps it alive */
    } value;
} step;

typedef struct recorder {
    step *steps;
    size_t count, capacity;
} recorder;

static step *add(lua_State *L, recorder *r, kind k) {
    if (r->count == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 1024;
        step *steps = realloc(r->steps, capacity * sizeof *steps);
        if (!steps) luaL_error(L, "not enough memory");
        r->steps = steps;
        r->capacity = capacity;
    }
    step *s = &r->steps[r->count++];
    s->kind = k;
    return s;
}

static void record(lua_State *L, recorder *r) { /* value */
    luaL_checkstack(L, 8, "a deep value");
    size_t length;
    step *s;
    switch (lua_type(L, -1)) {
    case LUA_TBOOLEAN: add(L, r, lua_toboolean(L, -1) ? TRUE : FALSE); return;
    case LUA_TLIGHTUSERDATA: add(L, r, NULL_VALUE); return;
    case LUA_TNUMBER:
        if (lua_isinteger(L, -1)) {
            add(L, r, INTEGER)->value.integer = lua_tointeger(L, -1);
        } else {
            add(L, r, REAL)->value.real = lua_tonumber(L, -1);
        }
        return;
    case LUA_TSTRING:
        s = add(L, r, STRING);
        s->value.text = lua_tolstring(L, -1, &length);
        s->count = (uint32_t)length;
        return;
    case LUA_TTABLE: break;
    default: luaL_error(L, "a %s cannot be recorded", luaL_typename(L, -1));
    }
    size_t opened = r->count;
    uint32_t members = 0;
    if (lua_getmetatable(L, -1)) { /* value mt */
        lua_pop(L, 1);             /* value */
        add(L, r, ARRAY);
        members = (uint32_t)lua_rawlen(L, -1);
        for (uint32_t i = 1; i <= members; i++) {
            lua_rawgeti(L, -1, i); /* value element */
            record(L, r);
            lua_pop(L, 1); /* value */
            add(L, r, ELEMENT)->count = i;
        }
    } else {
        add(L, r, OBJECT);
        for (lua_pushnil(L); lua_next(L, -2); members++) { /* value key member */
            lua_pushvalue(L, -2);                          /* value key member key */
            record(L, r);
            lua_pop(L, 1); /* value key member */
            record(L, r);
            lua_pop(L, 1); /* value key */
            add(L, r, FIELD);
        }
    }
    r->steps[opened].count = members;
}

/* Upvalues: the recorder, the recorded value, the metatable of arrays. */
static int make(lua_State *L) {
    const recorder *r = lua_touserdata(L, lua_upvalueindex(1));
    luaL_checkstack(L, 3000, "a deep value");
    for (const step *s = r->steps, *end = s + r->count; s < end; s++) {
        switch (s->kind) {
        case FALSE: case TRUE: lua_pushboolean(L, s->kind == TRUE); break;
        case NULL_VALUE: lua_pushlightuserdata(L, NULL); break;
        case INTEGER: lua_pushinteger(L, s->value.integer); break;
        case REAL: lua_pushnumber(L, s->value.real); break;
        case STRING: lua_pushlstring(L, s->value.text, s->count); break;
        case OBJECT: lua_createtable(L, 0, (int)s->count); break;
        case ARRAY:
            lua_createtable(L, (int)s->count, 0);
            lua_pushvalue(L, lua_upvalueindex(3));
            lua_setmetatable(L, -2);
            break;
        case FIELD: lua_rawset(L, -3); break;
        case ELEMENT: lua_rawseti(L, -2, s->count); break;
        case NIL: break;
        }
    }
    return 1;
}

static int free_recorder(lua_State *L) {
    recorder *r = lua_touserdata(L, 1);
    free(r->steps);
    r->steps = NULL;
    return 0;
}

/* recorder(value, array_mt) -> function that makes the value */
static int new_recorder(lua_State *L) {
    lua_settop(L, 2);                                  /* value array_mt */
    recorder *r = lua_newuserdatauv(L, sizeof *r, 0);  /* value array_mt r */
    memset(r, 0, sizeof *r);
    lua_createtable(L, 0, 1);                          /* value array_mt r mt */
    lua_pushcfunction(L, free_recorder);               /* value array_mt r mt f */
    lua_setfield(L, -2, "__gc");                       /* value array_mt r mt */
    lua_setmetatable(L, -2);                           /* value array_mt r */
    lua_pushvalue(L, 1);                               /* value array_mt r value */
    record(L, r);
    lua_pushvalue(L, 2);                               /* value array_mt r value array_mt */
    lua_pushcclosure(L, make, 3);                      /* value array_mt make */
    return 1;
}

int luaopen_json_floor(lua_State *L) {
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, new_recorder);
    lua_setfield(L, -2, "recorder");
    return 1;
}
