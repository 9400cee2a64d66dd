/* json_output.c - JSON text on its way. */
#define _POSIX_C_SOURCE 200809L
#include "json_output.h"

#include <stdint.h>
#include <stdio.h>

static const char box_key; /* its address is a key of the registry */

/* ---- Memory ----------------------------------------------------------------------------------- */

enum { FIRST_BOX = 65536 }; /* with 16384 a page of rooms is copied twice more: 1 % of the time to encode it */

typedef struct box {
    char *memory;
    size_t size;
} box;

static void release(lua_State *L, box *b) {
    void *ud;
    lua_Alloc allocate = lua_getallocf(L, &ud);
    if (b->memory) allocate(ud, b->memory, b->size, 0);
    b->memory = NULL;
    b->size = 0;
}

static int free_box(lua_State *L) {
    release(L, lua_touserdata(L, 1));
    return 0;
}

void lblua_json_output_start(lblua_json_output *out, lua_State *L, int index) {
    out->L = L;
    out->data = out->small;
    out->size = 0;
    out->capacity = sizeof out->small;
    out->box = index;
    out->collected = false;
}

void lblua_json_output_free(lblua_json_output *out) {
    if (out->data != out->small) release(out->L, lua_touserdata(out->L, out->box));
}

static box *make_box(lblua_json_output *out) {
    lua_State *L = out->L;
    box *b = lua_newuserdatauv(L, sizeof *b, 0); /* ... box */
    b->memory = NULL;
    b->size = 0;
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &box_key) != LUA_TTABLE) { /* ... box nil */
        lua_pop(L, 1);                                             /* ... box */
        lua_createtable(L, 0, 1);                                  /* ... box mt */
        lua_pushcfunction(L, free_box);                            /* ... box mt f */
        lua_setfield(L, -2, "__gc");                               /* ... box mt */
        lua_pushvalue(L, -1);                                      /* ... box mt mt */
        lua_rawsetp(L, LUA_REGISTRYINDEX, &box_key);               /* ... box mt */
    }
    lua_setmetatable(L, -2); /* ... box */
    lua_replace(L, out->box); /* ... */
    out->collected = true;
    return b;
}

void lblua_json_output_grow(lblua_json_output *out, size_t more) {
    if (more > SIZE_MAX / 2 - out->size) luaL_error(out->L, "not enough memory for the JSON text");
    bool first = out->data == out->small;
    box *b = first ? make_box(out) : lua_touserdata(out->L, out->box);
    size_t capacity = first ? FIRST_BOX : out->capacity * 2;
    if (capacity < out->size + more) capacity = out->size + more;
    void *ud;
    lua_Alloc allocate = lua_getallocf(out->L, &ud);
    char *memory = allocate(ud, b->memory, b->size, capacity);
    if (!memory) luaL_error(out->L, "not enough memory for the JSON text");
    if (first) memcpy(memory, out->small, out->size);
    b->memory = out->data = memory;
    b->size = out->capacity = capacity;
}

/* ---- Strings ---------------------------------------------------------------------------------- */

static void add_escape(lblua_json_output *out, unsigned char c) {
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt", hex[] = "0123456789abcdef";
    char text[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
    const char *simple = c ? strchr(from, c) : NULL;
    if (simple) text[1] = to[simple - from];
    lblua_json_output_add(out, text, simple ? 2 : 6);
}

/* Writes half a surrogate pair at p as an escape, or, where the other half follows, the character that they are, as when
 * JavaScript joins two strings. Returns how many bytes it has read, 0 when there is none. */
static size_t add_half(lblua_json_output *out, const char *p, const char *end) {
    uint32_t half = lb_wtf8_surrogate(p, end);
    char text[16];
    if (!half) return 0;
    uint32_t low = half < 0xDC00 ? lb_wtf8_surrogate(p + 3, end) : 0;
    if (low >= 0xDC00) {
        lblua_json_output_add(out, text, lb_wtf8_encode(text, 0x10000 + ((half - 0xD800) << 10) + (low - 0xDC00)));
        return 6;
    }
    snprintf(text, sizeof text, "\\u%04x", (unsigned)half);
    lblua_json_output_add(out, text, 6);
    return 3;
}

/* The rest of a string, from p on, which has characters that are escaped or longer than a byte. Returns end, or where the
 * invalid bytes are. */
static const char *add_mixed(lblua_json_output *out, const char *p, const char *end) {
    for (;;) {
        const char *start = p;
        size_t n = 1;
        p = lb_json_plain(p, end);
        while (p < end && (unsigned char)*p >= 0x80 && (n = lb_utf8_character(p, end)) > 0) p += n;
        lblua_json_output_add(out, start, (size_t)(p - start));
        if (p == end) return p;
        unsigned char c = (unsigned char)*p;
        if (n == 0) {
            n = add_half(out, p, end);
            if (n == 0) return p;
            p += n;
        } else if (c < 0x20 || c == '"' || c == '\\') { /* else plain again, after longer characters */
            add_escape(out, c);
            p++;
        }
    }
}

size_t lblua_json_output_rest(lblua_json_output *out, const char *s, size_t length, size_t plain) {
    out->size += plain + 1;
    size_t valid = (size_t)(add_mixed(out, s + plain, s + length) - s);
    lblua_json_output_char(out, '"');
    return valid;
}
