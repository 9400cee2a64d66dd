/* json_encode.c - Lua values to JSON text, and the module `liveblocks.json`. */
#define _POSIX_C_SOURCE 200809L
#include "json.h"

#include <lauxlib.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../client/json.h"

#define BUFFER "liveblocks.json.buffer"
enum { KEEP = 1 << 20 }; /* a larger buffer is given back after use */

static const char array_key, object_key, buffer_key;

void lblua_json_push_array_mt(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key); /* mt */
}

void lblua_json_push_object_mt(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &object_key); /* mt */
}

/* The output: one buffer for each Lua state, used again. Nothing in here runs Lua code, so it is never
 * needed twice at once; it is userdata, so that an error leaks nothing. */
typedef struct buffer {
    char *data;
    size_t size, capacity;
} buffer;

typedef struct encoder {
    lua_State *L;
    buffer *out;
    const void *array_mt, *object_mt;
    bool pretty;
    int depth;
    const void *tables[LBLUA_JSON_DEPTH + 1];
    char problem[120];
    char path[200];
} encoder;

static int buffer_gc(lua_State *L) {
    buffer *b = luaL_checkudata(L, 1, BUFFER);
    free(b->data);
    b->data = NULL;
    b->capacity = 0;
    return 0;
}

static bool reserve(encoder *e, size_t more) {
    buffer *b = e->out;
    if (more > SIZE_MAX / 2 - b->size) return false;
    size_t need = b->size + more, capacity = b->capacity ? b->capacity : 4096;
    if (need <= b->capacity) return true;
    while (capacity < need) capacity *= 2;
    char *data = realloc(b->data, capacity);
    if (!data) return false;
    b->data = data;
    b->capacity = capacity;
    return true;
}

static bool fail(encoder *e, const char *what) {
    snprintf(e->problem, sizeof e->problem, "%s", what);
    return false;
}

static bool add(encoder *e, const char *text, size_t n) {
    if (!reserve(e, n)) return fail(e, "out of memory");
    memcpy(e->out->data + e->out->size, text, n);
    e->out->size += n;
    return true;
}

/* The path is put together from the inside, while a failure returns. */
static bool within(encoder *e, const char *key, size_t length, lua_Integer index) {
    char step[64], old[sizeof e->path];
    if (key) snprintf(step, sizeof step, ".%.*s", length > 50 ? 50 : (int)length, key);
    else snprintf(step, sizeof step, "[%lld]", (long long)index);
    memcpy(old, e->path, sizeof old);
    snprintf(e->path, sizeof e->path, "%s%.130s", step, old);
    return false;
}

/* ---- Strings and numbers ---------------------------------------------------------------------- */

static bool add_string(encoder *e, const char *s, size_t n) {
    static const char hex[] = "0123456789abcdef";
    size_t bad = lb_utf8_check(s, n);
    if (bad < n) {
        snprintf(e->problem, sizeof e->problem, "invalid UTF-8 at byte %zu of the string", bad);
        return false;
    }
    if (n > SIZE_MAX / 8 || !reserve(e, n * 6 + 2)) return fail(e, "out of memory");
    char *to = e->out->data + e->out->size;
    *to++ = '"';
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x20 && c != '"' && c != '\\') {
            *to++ = (char)c;
            continue;
        }
        *to++ = '\\';
        switch (c) {
        case '"': case '\\': *to++ = (char)c; break;
        case '\b': *to++ = 'b'; break;
        case '\f': *to++ = 'f'; break;
        case '\n': *to++ = 'n'; break;
        case '\r': *to++ = 'r'; break;
        case '\t': *to++ = 't'; break;
        default:
            memcpy(to, "u00", 3);
            to[3] = hex[c >> 4];
            to[4] = hex[c & 15];
            to += 5;
        }
    }
    *to++ = '"';
    e->out->size = (size_t)(to - e->out->data);
    return true;
}

static size_t print_integer(char *out, lua_Integer value) {
    char digits[24];
    size_t n = 0, length = 0;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do digits[n++] = (char)('0' + rest % 10); while (rest /= 10);
    if (value < 0) out[length++] = '-';
    while (n) out[length++] = digits[--n];
    return length;
}

/* m / 10^k when that is exactly x: the decimal digits of m with a point in them. */
static size_t print_short(char *out, double x) {
    static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8 };
    if (fabs(x) < 1e-5 || fabs(x) >= 1e15) return 0;
    for (int k = 1; k <= 8; k++) {
        double m = x * powers[k];
        if (fabs(m) >= 1e15) return 0;
        if (m != floor(m) || m / powers[k] != x) continue;
        char digits[24];
        size_t n = print_integer(digits, (lua_Integer)fabs(m)), length = 0;
        if (x < 0) out[length++] = '-';
        while (n <= (size_t)k) { /* leading zeros of 0.001 */
            memmove(digits + 1, digits, n++);
            digits[0] = '0';
        }
        memcpy(out + length, digits, n - (size_t)k);
        length += n - (size_t)k;
        out[length++] = '.';
        memcpy(out + length, digits + n - k, (size_t)k);
        return length + (size_t)k;
    }
    return 0;
}

static size_t print_long(char *out, size_t size, double x) {
    const char *point = localeconv()->decimal_point;
    int n = 0;
    for (int precision = 15; precision <= 17; precision++) {
        n = snprintf(out, size, "%.*g", precision, x);
        if (strtod(out, NULL) == x) break;
    }
    for (char *p = out; *p; p++)
        if (*p == *point) *p = '.';
    if (!strpbrk(out, ".e")) {
        memcpy(out + n, ".0", 3);
        n += 2;
    }
    return (size_t)n;
}

static bool add_number(encoder *e) { /* number */
    char text[64];
    if (lua_isinteger(e->L, -1)) return add(e, text, print_integer(text, lua_tointeger(e->L, -1)));
    double x = lua_tonumber(e->L, -1);
    if (isnan(x)) return fail(e, "NaN has no JSON form");
    if (isinf(x)) return fail(e, "infinity has no JSON form");
    size_t n = print_short(text, x);
    return add(e, text, n ? n : print_long(text, sizeof text, x));
}

/* ---- Tables ----------------------------------------------------------------------------------- */

static bool add_value(encoder *e);

static bool new_line(encoder *e) {
    if (!e->pretty) return true;
    if (!add(e, "\n", 1)) return false;
    for (int i = 0; i < e->depth; i++)
        if (!add(e, "  ", 2)) return false;
    return true;
}

static bool add_array(encoder *e, lua_Integer count) { /* array */
    if (!add(e, "[", 1)) return false;
    for (lua_Integer i = 1; i <= count; i++) {
        if (i > 1 && !add(e, ",", 1)) return false;
        if (!new_line(e)) return false;
        lua_rawgeti(e->L, -1, i); /* array value */
        if (!add_value(e)) return within(e, NULL, 0, i);
        lua_pop(e->L, 1); /* array */
    }
    e->depth--;
    bool ok = (!count || new_line(e)) && add(e, "]", 1);
    e->depth++;
    return ok;
}

static bool add_object(encoder *e) { /* object */
    bool first = true;
    if (!add(e, "{", 1)) return false;
    lua_pushnil(e->L); /* object key */
    while (lua_next(e->L, -2)) { /* object key value */
        size_t length;
        const char *key = lua_tolstring(e->L, -2, &length);
        if (!first && !add(e, ",", 1)) return false;
        first = false;
        if (!new_line(e)) return false;
        if (!add_string(e, key, length)) return fail(e, "a key is invalid UTF-8");
        if (!add(e, e->pretty ? ": " : ":", e->pretty ? 2 : 1)) return false;
        if (!add_value(e)) return within(e, key, length, 0);
        lua_pop(e->L, 1); /* object key */
    }
    e->depth--;
    bool ok = (first || new_line(e)) && add(e, "}", 1);
    e->depth++;
    return ok;
}

/* Counts the keys: all of them 1..n make an array, all strings an object. */
static bool classify(encoder *e, bool *array, lua_Integer *count) { /* table */
    lua_Integer integers = 0, highest = 0;
    bool strings = false, marked_array = false, marked_object = false;
    if (lua_getmetatable(e->L, -1)) { /* table mt */
        const void *mt = lua_topointer(e->L, -1);
        marked_array = mt == e->array_mt;
        marked_object = mt == e->object_mt;
        lua_pop(e->L, 1); /* table */
    }
    lua_pushnil(e->L); /* table key */
    while (lua_next(e->L, -2)) { /* table key value */
        lua_pop(e->L, 1);        /* table key */
        if (lua_isinteger(e->L, -1)) {
            lua_Integer i = lua_tointeger(e->L, -1);
            integers++;
            if (i > highest) highest = i;
            if (i < 1) return fail(e, "an integer key below 1 has no JSON form");
        } else if (lua_type(e->L, -1) == LUA_TSTRING) {
            strings = true;
        } else {
            snprintf(e->problem, sizeof e->problem, "a key of type %s has no JSON form", luaL_typename(e->L, -1));
            return false;
        }
    }
    if (strings && integers) return fail(e, "both list elements and named keys in one table");
    if (strings && marked_array) return fail(e, "named keys in an array");
    if (integers && marked_object) return fail(e, "list elements in an object");
    if (integers != highest) {
        snprintf(e->problem, sizeof e->problem, "a list with holes: %lld elements, the last at %lld",
                 (long long)integers, (long long)highest);
        return false;
    }
    *array = marked_array || integers > 0;
    *count = integers;
    return true;
}

static bool add_table(encoder *e) { /* table */
    if (e->depth == LBLUA_JSON_DEPTH) {
        const void *self = lua_topointer(e->L, -1);
        for (int i = 0; i < e->depth; i++)
            if (e->tables[i] == self) return fail(e, "a cycle: the table contains itself");
        return fail(e, "more than 1000 levels");
    }
    if (!lua_checkstack(e->L, 6)) return fail(e, "too deep for the Lua stack");
    bool array;
    lua_Integer count;
    if (!classify(e, &array, &count)) return false;
    e->tables[e->depth++] = lua_topointer(e->L, -1);
    bool ok = array ? add_array(e, count) : add_object(e);
    e->depth--;
    return ok;
}

static bool add_value(encoder *e) { /* value */
    size_t length;
    const char *text;
    switch (lua_type(e->L, -1)) {
    case LUA_TSTRING:
        text = lua_tolstring(e->L, -1, &length);
        return add_string(e, text, length);
    case LUA_TNUMBER: return add_number(e);
    case LUA_TBOOLEAN: return lua_toboolean(e->L, -1) ? add(e, "true", 4) : add(e, "false", 5);
    case LUA_TTABLE: return add_table(e);
    case LUA_TLIGHTUSERDATA:
        if (!lua_touserdata(e->L, -1)) return add(e, "null", 4);
        break;
    default: break;
    }
    snprintf(e->problem, sizeof e->problem, "a %s has no JSON form", luaL_typename(e->L, -1));
    return false;
}

int lblua_json_encode(lua_State *L) {
    luaL_checkany(L, 1);
    bool pretty = false;
    if (lua_istable(L, 2)) {
        lua_getfield(L, 2, "pretty"); /* value options pretty */
        pretty = lua_toboolean(L, -1);
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &buffer_key); /* ... buffer */
    encoder e;
    e.L = L;
    e.out = lua_touserdata(L, -1);
    e.out->size = 0;
    e.pretty = pretty;
    e.depth = 0;
    e.problem[0] = e.path[0] = '\0';
    lblua_json_push_array_mt(L); /* ... mt */
    e.array_mt = lua_topointer(L, -1);
    lblua_json_push_object_mt(L); /* ... mt mt */
    e.object_mt = lua_topointer(L, -1);
    lua_pushvalue(L, 1); /* ... value */
    bool ok = add_value(&e);
    if (ok) lua_pushlstring(L, e.out->data ? e.out->data : "", e.out->size); /* ... text */
    if (e.out->capacity > KEEP) {
        free(e.out->data);
        e.out->data = NULL;
        e.out->capacity = 0;
    }
    if (!ok) return luaL_error(L, "cannot encode as JSON: $%s: %s", e.path, e.problem);
    return 1;
}

/* ---- The module ------------------------------------------------------------------------------- */

static int decode(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    lblua_json_error error;
    if (lblua_json_decode(L, text, length, &error)) return 1;
    return luaL_error(L, "invalid JSON: %s", error.message);
}

static int try_decode(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    lblua_json_error error;
    if (lblua_json_decode(L, text, length, &error)) return 1;
    lua_pushnil(L);                   /* nil */
    lua_pushstring(L, error.message); /* nil message */
    return 2;
}

static int mark(lua_State *L, void (*push_mt)(lua_State *)) {
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L); /* table */
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    push_mt(L);             /* table mt */
    lua_setmetatable(L, 1); /* table */
    return 1;
}

static int array(lua_State *L) { return mark(L, lblua_json_push_array_mt); }
static int object(lua_State *L) { return mark(L, lblua_json_push_object_mt); }

static int is_array(lua_State *L) {
    lua_settop(L, 1);
    bool has = lua_getmetatable(L, 1); /* value mt? */
    lblua_json_push_array_mt(L);       /* value mt? mt */
    lua_pushboolean(L, has && lua_rawequal(L, -1, -2));
    return 1;
}

static const luaL_Reg functions[] = {
    { "decode", decode }, { "try_decode", try_decode }, { "encode", lblua_json_encode },
    { "array", array },   { "object", object },         { "is_array", is_array },
    { NULL, NULL },
};

static void open_metatable(lua_State *L, const void *key, const char *name) { /* module */
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, key) == LUA_TNIL) { /* module mt? */
        lua_newtable(L);                                      /* module nil mt */
        lua_pushstring(L, name);                              /* module nil mt name */
        lua_setfield(L, -2, "__name");                        /* module nil mt */
        lua_rawsetp(L, LUA_REGISTRYINDEX, key);               /* module nil */
    }
    lua_pop(L, 1); /* module */
}

int luaopen_liveblocks_json(lua_State *L) {
    luaL_newlib(L, functions); /* module */
    open_metatable(L, &array_key, "liveblocks.array");
    open_metatable(L, &object_key, "liveblocks.object");
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &buffer_key) == LUA_TNIL) { /* module nil */
        buffer *b = lua_newuserdatauv(L, sizeof *b, 0);               /* module nil buffer */
        memset(b, 0, sizeof *b);
        luaL_newmetatable(L, BUFFER);                   /* module nil buffer mt */
        lua_pushcfunction(L, buffer_gc);                /* module nil buffer mt f */
        lua_setfield(L, -2, "__gc");                    /* module nil buffer mt */
        lua_setmetatable(L, -2);                        /* module nil buffer */
        lua_rawsetp(L, LUA_REGISTRYINDEX, &buffer_key); /* module nil */
    }
    lua_pop(L, 1);                 /* module */
    lua_pushlightuserdata(L, NULL); /* module null */
    lua_setfield(L, -2, "null");   /* module */
    lblua_json_push_array_mt(L);   /* module mt */
    lua_setfield(L, -2, "array_mt");
    lblua_json_push_object_mt(L); /* module mt */
    lua_setfield(L, -2, "object_mt");
    return 1;
}
