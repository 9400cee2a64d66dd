/* json_decode.c - strict RFC 8259 text to Lua values, built on the Lua stack without recursion; and
 * the module `liveblocks.json`.
 *
 * An array begins as nil on the stack; its members gather above it and go into a table of the right size when it ends,
 * or in batches when there are many. An object is a table from its first key on, with room for as many members as the
 * last one had that began with this key: an answer has many objects of few kinds. What room is too much for one is
 * therefore no more than what another one has used. */
#define _POSIX_C_SOURCE 200809L
#include "json.h"

#include <inttypes.h>
#include <lauxlib.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../client/json.h"

enum {
    BATCH = 128,      /* members on the stack before they move into the table */
    ROOM = 8,         /* members that the Lua stack has room for when it is looked at; divides BATCH */
    CACHED = 256,     /* strings remembered, so that repeated keys are not hashed again */
    CACHED_LENGTH = 32,
    OTHER = CACHED / 2, /* a string is in the place of its hash or this far from it */
};

typedef struct frame {
    int slot;     /* stack index of that nil, later of the table */
    int pending;  /* members of an array above it */
    size_t moved; /* members in the table */
    bool object;
    unsigned char kind; /* of the object: the place of its first key in the cache */
    unsigned char key;  /* that of its latest key */
} frame;

/* Short strings of this and earlier texts, by a cheap hash, how many members an object with this first key had, and which
 * key came behind this one: one for each Lua state. Its user values are the list of the Lua strings and the metatable of
 * arrays. */
typedef struct cache {
    unsigned char length[CACHED]; /* 0: none */
    bool used[CACHED];            /* since another one wanted its place */
    unsigned char members[CACHED], next[CACHED];
    char text[CACHED][CACHED_LENGTH];
} cache;

typedef struct decoder {
    lua_State *L;
    int roomy; /* the stack has been found to have room up to this index */
    const char *text, *p, *end;
    lblua_json_error *error;
    lb_json_fault fault;
    cache *cache;
    int array_mt, scratch, strings; /* stack indices */
    size_t scratch_size;
    unsigned char place; /* in the cache, of the last string if it was short: less than CACHED */
    int depth;
    bool in_value; /* the innermost container waits for a value: its path includes the member */
    frame frames[LBLUA_JSON_DEPTH];
} decoder;

/* ---- Paths ------------------------------------------------------------------------------------ */

enum { STEP = 48 }; /* bytes of a key that a path shows */

void lblua_json_path_start(lblua_json_path *path) {
    memcpy(path->text, "$", 2);
    path->length = 1;
}

static void add_step(lblua_json_path *path, const char *step, size_t n) {
    static const char cut[] = "$...";
    enum { HEAD = sizeof cut - 1 };
    if (path->length + n >= sizeof path->text) { /* keep the second half */
        const char *from = path->text + sizeof path->text / 2 - 8;
        while (*from && *from != '.' && *from != '[') from++;
        size_t kept = (size_t)(path->text + path->length - from);
        memmove(path->text + HEAD, from, kept);
        memcpy(path->text, cut, HEAD);
        path->length = HEAD + kept;
    }
    memcpy(path->text + path->length, step, n);
    path->length += n;
    path->text[path->length] = '\0';
}

static bool is_identifier(const char *key, size_t length) {
    for (size_t i = 0; i < length; i++) {
        bool letter = (key[i] | 32) >= 'a' && (key[i] | 32) <= 'z';
        bool other = key[i] == '_' || (i > 0 && key[i] >= '0' && key[i] <= '9');
        if (!letter && !other) return false;
    }
    return length > 0;
}

void lblua_json_path_key(lblua_json_path *path, const char *key, size_t length) {
    char step[STEP + 16];
    size_t n = 0, shown = 0;
    bool plain = is_identifier(key, length);
    n += (size_t)snprintf(step, sizeof step, "%s", plain ? "." : "[\"");
    while (shown < length && n < STEP) {
        unsigned char c = (unsigned char)key[shown];
        size_t bytes = lb_utf8_character(key + shown, key + length);
        if (bytes == 0 || c < 0x20 || c == 0x7F) {
            n += (size_t)snprintf(step + n, sizeof step - n, "\\x%02x", c);
            shown++;
            continue;
        }
        if (c == '"' || c == '\\') step[n++] = '\\';
        memcpy(step + n, key + shown, bytes);
        n += bytes;
        shown += bytes;
    }
    const char *tail = shown < length ? (plain ? "..." : "...\"]") : (plain ? "" : "\"]");
    n += (size_t)snprintf(step + n, sizeof step - n, "%s", tail);
    add_step(path, step, n);
}

void lblua_json_path_index(lblua_json_path *path, lua_Integer index) {
    char step[32];
    add_step(path, step, (size_t)snprintf(step, sizeof step, "[%" PRId64 "]", (int64_t)index));
}

/* ---- Failing ---------------------------------------------------------------------------------- */

/* The key of frame i is the top string of what lies between it and the next frame. */
static void add_frame(const decoder *d, int i, lblua_json_path *path) {
    const frame *f = &d->frames[i];
    bool innermost = i == d->depth - 1;
    if (innermost && !d->in_value) return;
    if (!f->object) {
        lblua_json_path_index(path, (lua_Integer)f->moved + f->pending);
        return;
    }
    size_t length;
    const char *key = lua_tolstring(d->L, innermost ? -1 : d->frames[i + 1].slot - 1, &length);
    lblua_json_path_key(path, key, length);
}

static bool fail(decoder *d, const char *at, const char *what) {
    lblua_json_path path;
    lblua_json_path_start(&path);
    for (int i = 0; i < d->depth; i++) add_frame(d, i, &path);
    d->error->offset = (size_t)(at - d->text);
    snprintf(d->error->message, sizeof d->error->message, "%s: %s at byte %zu", path.text, what,
             d->error->offset);
    return false;
}

/* Fails at d->p, and says what is there. */
static bool fail_expected(decoder *d, const char *expected) {
    char what[96];
    unsigned char c = d->p < d->end ? (unsigned char)*d->p : 0;
    if (d->p == d->end) snprintf(what, sizeof what, "%s expected, but the text ends", expected);
    else if (c == 0xEF && d->p == d->text)
        snprintf(what, sizeof what, "%s expected, found a byte order mark (remove it)", expected);
    else if (c == '/') snprintf(what, sizeof what, "%s expected, found '/' (JSON has no comments)", expected);
    else if (c > 0x20 && c < 0x7F) snprintf(what, sizeof what, "%s expected, found '%c'", expected, c);
    else snprintf(what, sizeof what, "%s expected, found byte 0x%02X", expected, c);
    return fail(d, d->p, what);
}

/* ---- Scalars ---------------------------------------------------------------------------------- */

static inline void skip_blanks(decoder *d) {
    if (d->p < d->end && *d->p > ' ') return; /* mostly there are none */
    while (d->p < d->end && (*d->p == ' ' || *d->p == '\n' || *d->p == '\r' || *d->p == '\t')) d->p++;
}

/* All bytes of a text of one to three. */
static inline uint32_t few_bytes(const char *text, size_t length) {
    return (uint32_t)(unsigned char)text[0] | (uint32_t)(unsigned char)text[length / 2] << 8 |
           (uint32_t)(unsigned char)text[length - 1] << 16;
}

/* Of 1 to CACHED_LENGTH bytes, both: eight at a time, the last ones twice. */
static inline bool same_text(const char *a, const char *b, size_t length) {
    uint64_t x, y;
    uint32_t first[2], last[2];
    if (length < 4) return few_bytes(a, length) == few_bytes(b, length);
    if (length < 8) {
        memcpy(&first[0], a, 4);
        memcpy(&first[1], b, 4);
        memcpy(&last[0], a + length - 4, 4);
        memcpy(&last[1], b + length - 4, 4);
        return first[0] == first[1] && last[0] == last[1];
    }
    for (size_t i = 0; i + 8 < length; i += 8) {
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        if (x != y) return false;
    }
    memcpy(&x, a + length - 8, 8);
    memcpy(&y, b + length - 8, 8);
    return x == y;
}

static inline unsigned hash(const char *text, size_t length) {
    _Static_assert(CACHED == 256, "eight bits");
    uint32_t first, last;
    if (length < 4) {
        first = last = few_bytes(text, length);
    } else {
        memcpy(&first, text, 4);
        memcpy(&last, text + length - 4, 4);
    }
    return (unsigned)((first * 31 + last + (uint32_t)length) * UINT32_C(0x9E3779B1)) >> 24;
}

static void push_cached(decoder *d, unsigned place) {
    d->cache->used[place] = true;
    d->place = (unsigned char)place;
    lua_rawgeti(d->L, d->strings, place + 1); /* string */
}

/* A short string comes from the cache when it is there, and goes into it when not. */
static void push_short(decoder *d, const char *start, size_t length) {
    cache *c = d->cache;
    unsigned place = hash(start, length), other = place ^ OTHER;
    if (c->length[place] == length && same_text(c->text[place], start, length)) {
        push_cached(d, place); /* string */
        return;
    }
    if (c->length[other] == length && same_text(c->text[other], start, length)) {
        push_cached(d, other); /* string */
        return;
    }
    lua_pushlstring(d->L, start, length); /* string */
    if (c->used[place]) {
        c->used[place] = false;
        place = other;
        if (c->used[place]) {
            c->used[place] = false;
            return;
        }
    }
    d->place = (unsigned char)place;
    lua_pushvalue(d->L, -1);                  /* string string */
    lua_rawseti(d->L, d->strings, place + 1); /* string */
    memcpy(c->text[place], start, length);
    c->length[place] = (unsigned char)length;
}

/* Pushes the string whose opening quote is at d->p if it is that one. Nothing has to be looked for in it then. */
static bool push_expected(decoder *d, unsigned place) {
    const cache *c = d->cache;
    size_t length = c->length[place];
    const char *start = d->p + 1;
    if (length == 0 || (size_t)(d->end - start) <= length || start[length] != '"' ||
        !same_text(c->text[place], start, length))
        return false;
    push_cached(d, place); /* string */
    d->p = start + length + 1;
    return true;
}

/* Pushes the string between start and quote with its escapes resolved, by way of one scratch buffer that
 * belongs to Lua, so that an error leaks nothing. */
static void push_unescaped(decoder *d, const char *start, const char *quote) {
    char small[256], *out = small;
    size_t room = (size_t)(quote - start);
    if (room > sizeof small) {
        if (room > d->scratch_size) {
            lua_newuserdatauv(d->L, room, 0); /* buffer */
            lua_replace(d->L, d->scratch);
            d->scratch_size = room;
        }
        out = lua_touserdata(d->L, d->scratch);
    }
    char *stop = lb_json_unescape(out, start, quote);
    lua_pushlstring(d->L, out, (size_t)(stop - out)); /* string */
}

/* Pushes the string whose opening quote is at d->p. */
static bool push_string(decoder *d) {
    bool escaped;
    const char *start = d->p + 1;
    const char *quote = lb_json_scan_string(start, d->end, &escaped, &d->fault);
    if (!quote) return fail(d, d->fault.at, d->fault.what);
    size_t length = (size_t)(quote - start);
    if (escaped) push_unescaped(d, start, quote);                       /* string */
    else if (length > 0 && length <= CACHED_LENGTH) push_short(d, start, length); /* string */
    else lua_pushlstring(d->L, start, length);                          /* string */
    d->p = quote + 1;
    return true;
}

static bool push_number(decoder *d) {
    lb_json_number number;
    const char *behind = lb_json_scan_number(d->p, d->end, &number, &d->fault);
    if (!behind) return fail(d, d->fault.at, d->fault.what);
    if (number.is_integer) lua_pushinteger(d->L, number.integer); /* number */
    else lua_pushnumber(d->L, number.real);                       /* number */
    d->p = behind;
    return true;
}

static bool take_word(decoder *d, const char *word, size_t length) {
    if ((size_t)(d->end - d->p) < length || memcmp(d->p, word, length) != 0)
        return fail_expected(d, "a value");
    d->p += length;
    return true;
}

static bool push_scalar(decoder *d) {
    switch (d->p < d->end ? *d->p : 0) {
    case '"': return push_string(d);
    case '-': case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9': return push_number(d);
    case 't':
        if (!take_word(d, "true", 4)) return false;
        lua_pushboolean(d->L, 1); /* true */
        return true;
    case 'f':
        if (!take_word(d, "false", 5)) return false;
        lua_pushboolean(d->L, 0); /* false */
        return true;
    case 'n':
        if (!take_word(d, "null", 4)) return false;
        lua_pushlightuserdata(d->L, NULL); /* null */
        return true;
    default: return fail_expected(d, "a value");
    }
}

/* ---- Containers ------------------------------------------------------------------------------- */

/* Asked for a few members at a time: a task's stack that has once become large is cut and grown again with
 * each cycle of the collector. */
static bool has_room(decoder *d) {
    int need = lua_gettop(d->L) + 2 * ROOM + 8;
    if (need <= d->roomy) return true;
    if (!lua_checkstack(d->L, 4 * ROOM + 8)) return fail(d, d->p, "no room on the Lua stack");
    d->roomy = need + 2 * ROOM;
    return true;
}

static bool open_container(decoder *d) {
    if (d->depth == LBLUA_JSON_DEPTH) return fail(d, d->p, "more than 1000 levels");
    if (!has_room(d)) return false;
    lua_pushnil(d->L); /* nil */
    d->frames[d->depth++] = (frame){ .slot = lua_gettop(d->L), .object = *d->p++ == '{' };
    return true;
}

/* Moves the pending members into the array, which is made when there is none. `more` members follow. */
static void flush(decoder *d, frame *f, bool more) { /* table? members */
    lua_State *L = d->L;
    if (lua_isnil(L, f->slot)) {
        lua_createtable(L, more ? 2 * f->pending : f->pending, 0); /* nil members table */
        lua_pushvalue(L, d->array_mt);                             /* nil members table mt */
        lua_setmetatable(L, -2);                                   /* nil members table */
        lua_replace(L, f->slot);                                   /* table members */
    }
    for (lua_Integer i = (lua_Integer)f->moved + f->pending; i > (lua_Integer)f->moved; i--)
        lua_rawseti(L, f->slot, i);
    f->moved += (size_t)f->pending;
    f->pending = 0;
}

/* Puts a table with room for that many members in the place of the nil. */
static void make_object(decoder *d, const frame *f, int members) { /* nil key? */
    lua_createtable(d->L, 0, members); /* nil key? table */
    lua_replace(d->L, f->slot);        /* table key? */
}

static void end_container(decoder *d, frame *f) { /* ... table? members */
    if (!f->object) flush(d, f, false);
    else if (f->moved) d->cache->members[f->kind] = (unsigned char)(f->moved < UCHAR_MAX ? f->moved : UCHAR_MAX);
    else make_object(d, f, 0);
    d->depth--; /* ... table */
}

/* Reads `"key":` of the innermost object. Objects of a kind have their keys in the same order. */
static bool push_key(decoder *d, frame *f, bool first) {
    skip_blanks(d);
    if (d->p == d->end || *d->p != '"') return fail_expected(d, "a key in quotes");
    if (first || !push_expected(d, d->cache->next[f->key])) { /* key? */
        d->place = 0;
        if (!push_string(d)) return false; /* key */
        if (!first) d->cache->next[f->key] = d->place;
    }
    f->key = d->place;
    d->in_value = true;
    skip_blanks(d);
    if (d->p == d->end || *d->p != ':') return fail_expected(d, "':'");
    d->p++;
    return true;
}

/* The first key says what kind of object it is. */
static bool push_first_key(decoder *d, frame *f) { /* ... nil */
    if (!push_key(d, f, true)) return false; /* ... nil key */
    f->kind = f->key;
    make_object(d, f, d->cache->members[f->kind]); /* ... table key */
    return true;
}

/* Ends the containers that end here. Sets done behind the outermost, else d->p is where the next value of
 * the innermost begins. A value has just been pushed. */
static bool after_value(decoder *d, bool *done) {
    while (d->depth > 0) {
        frame *f = &d->frames[d->depth - 1];
        d->in_value = false;
        if (f->object) { /* table key value */
            lua_rawset(d->L, f->slot); /* table */
            f->moved++;
        } else {
            f->pending++;
        }
        skip_blanks(d);
        char c = d->p < d->end ? *d->p : 0;
        if (c == ',') {
            d->p++;
            if (f->object) return push_key(d, f, false);
            if (f->pending == BATCH) flush(d, f, true);
            if (f->pending % ROOM == 0 && !has_room(d)) return false;
            d->in_value = true;
            return true;
        }
        if (c != (f->object ? '}' : ']')) return fail_expected(d, f->object ? "',' or '}'" : "',' or ']'");
        d->p++;
        end_container(d, f); /* ... table */
    }
    *done = true;
    return true;
}

/* Reads one value with all that is in it. */
static bool push_value(decoder *d) {
    for (bool done = false; !done;) {
        skip_blanks(d);
        char c = d->p < d->end ? *d->p : 0;
        if (c == '{' || c == '[') {
            if (!open_container(d)) return false; /* ... nil */
            frame *f = &d->frames[d->depth - 1];
            d->in_value = false;
            skip_blanks(d);
            if (d->p == d->end || *d->p != (f->object ? '}' : ']')) {
                if (f->object && !push_first_key(d, f)) return false; /* ... table key */
                d->in_value = true;
                continue;
            }
            d->p++;
            end_container(d, f); /* ... table */
        } else if (!push_scalar(d)) { /* ... value */
            return false;
        }
        if (!after_value(d, &done)) return false;
    }
    return true;
}

static const char array_key, object_key, cache_key; /* their addresses are keys of the registry */

static cache *push_cache(lua_State *L) { /* pushes mt and strings */
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &cache_key) != LUA_TUSERDATA) { /* nil */
        lua_pop(L, 1);                                                    /* */
        memset(lua_newuserdatauv(L, sizeof(cache), 2), 0, sizeof(cache)); /* cache */
        lblua_json_push_array_mt(L);                                      /* cache mt */
        lua_setiuservalue(L, -2, 2);                                      /* cache */
        lua_createtable(L, CACHED, 0);                                    /* cache strings */
        lua_setiuservalue(L, -2, 1);                                      /* cache */
        lua_pushvalue(L, -1);                                             /* cache cache */
        lua_rawsetp(L, LUA_REGISTRYINDEX, &cache_key);                    /* cache */
    }
    cache *c = lua_touserdata(L, -1);
    lua_getiuservalue(L, -1, 2); /* cache mt */
    lua_getiuservalue(L, -2, 1); /* cache mt strings */
    lua_remove(L, -3);           /* mt strings */
    return c;
}

bool lblua_json_decode(lua_State *L, const char *text, size_t length, lblua_json_error *error) {
    decoder d; /* frames are set before they are read */
    int top = lua_gettop(L);
    luaL_checkstack(L, 16, "for JSON");
    d.L = L;
    d.roomy = 0;
    d.text = d.p = text;
    d.end = text + length;
    d.error = error;
    d.array_mt = top + 1;
    d.strings = top + 2;
    d.scratch = top + 3;
    d.scratch_size = 0;
    d.depth = 0;
    d.in_value = false;
    d.cache = push_cache(L);     /* mt strings */
    lua_pushnil(L);              /* mt strings scratch */
    bool ok = push_value(&d);    /* mt strings scratch value */
    if (ok) {
        skip_blanks(&d);
        if (d.p < d.end) ok = fail(&d, d.p, "more text behind the value (one JSON value is one text)");
    }
    if (ok) lua_replace(L, top + 1); /* value strings scratch */
    lua_settop(L, ok ? top + 1 : top);
    return ok;
}

/* ---- The module ------------------------------------------------------------------------------- */

static void push_metatable(lua_State *L, const void *address, const char *name) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, address) == LUA_TTABLE) return; /* mt */
    lua_pop(L, 1);
    lua_createtable(L, 0, 1);                   /* mt */
    lua_pushstring(L, name);                    /* mt name */
    lua_setfield(L, -2, "__name");              /* mt */
    lua_pushvalue(L, -1);                       /* mt mt */
    lua_rawsetp(L, LUA_REGISTRYINDEX, address); /* mt */
}

void lblua_json_push_array_mt(lua_State *L) {
    push_metatable(L, &array_key, "liveblocks.array");
}

void lblua_json_push_object_mt(lua_State *L) {
    push_metatable(L, &object_key, "liveblocks.object");
}

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

static int array(lua_State *L) {
    return mark(L, lblua_json_push_array_mt);
}

static int object(lua_State *L) {
    return mark(L, lblua_json_push_object_mt);
}

static int is_array(lua_State *L) {
    lua_settop(L, 1);
    bool has = lua_getmetatable(L, 1); /* value mt? */
    lblua_json_push_array_mt(L);       /* value mt? mt */
    lua_pushboolean(L, has && lua_rawequal(L, -1, -2));
    return 1;
}

int luaopen_liveblocks_json(lua_State *L) {
    static const luaL_Reg functions[] = {
        { "decode", decode }, { "try_decode", try_decode }, { "encode", lblua_json_encode },
        { "array", array },   { "object", object },         { "is_array", is_array },
        { NULL, NULL },
    };
    luaL_newlib(L, functions);       /* module */
    lua_pushlightuserdata(L, NULL);  /* module null */
    lua_setfield(L, -2, "null");     /* module */
    lblua_json_push_array_mt(L);     /* module mt */
    lua_setfield(L, -2, "array_mt"); /* module */
    lblua_json_push_object_mt(L);    /* module mt */
    lua_setfield(L, -2, "object_mt");
    return 1;
}
