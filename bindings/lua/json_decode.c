/* json_decode.c - strict RFC 8259 text to Lua values, built on the Lua stack without recursion, in one go or in pieces.
 *
 * An array begins as nil on the stack; its members gather above it and go into a table of the right size when it ends,
 * or in batches when there are many. An object is a table from its first key on, with space for as many members as the
 * last one had that began with this key: a response has many objects of few kinds.
 * So an object never gets more space than another one has needed.
 *
 * Between two steps the values wait on the stack of a coroutine that never runs: moving them costs little, and they
 * stay in their order. */
#define _POSIX_C_SOURCE 200809L
#include "json.h"
#include "json_cache.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../text/decimal.h"
#include "../text/json_text.h"

enum {
    BATCH = 128,      /* members on the stack before they move into the table */
    DEEP = 16,        /* from this level on a batch is smaller: */
    DEEP_BATCH = 16,
    STACK_STEP = 8,   /* members for which the Lua stack has space after a check; a divisor of BATCH and DEEP_BATCH */
    PIECE = 4096,     /* bytes of a string that are scanned between two checks of the budget */
};

typedef struct frame {
    int slot;     /* stack index of the container: nil at first, later the table */
    int pending;  /* members of an array that are on the stack above it */
    size_t moved; /* members in the table */
    bool object;
    unsigned char kind; /* of the object: the slot of its first key in the cache */
    unsigned char key;  /* that of its latest key */
} frame;

typedef enum result { FAILED, OK, PAUSED } result;

/* A string that was not finished when the budget ran out. */
typedef struct piece {
    const char *start; /* after the opening quote; NULL: there is none */
    const char *at;    /* where to go on, with checking or with resolving escapes */
    const char *quote; /* the closing quote when it has been found */
    size_t written;    /* resolved bytes in the scratch buffer */
    lb_json_string found;
} piece;

typedef struct decoder {
    lua_State *L;
    int base;  /* stack index below that of the metatable */
    int checked_top; /* the stack has been found to have space up to this index */
    const char *text, *p, *end;
    const char *stop; /* where the budget runs out; NULL: there is none */
    lblua_json_error *error;
    cache *cache;
    size_t scratch_size;
    piece piece;
    bool strict;
    bool in_key;   /* paused in a key */
    bool in_value; /* the innermost container waits for a value: its path includes the member */
    unsigned char cached; /* slot in the cache, of the last string if it was short: less than CACHED */
    int depth;
    frame frames[LBLUA_JSON_DEPTH];
} decoder;

static inline int array_mt(const decoder *d) {
    return d->base + 1;
}

static inline int strings(const decoder *d) {
    return d->base + 2;
}

static inline int scratch(const decoder *d) {
    return d->base + 3;
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

static result fail(decoder *d, const char *at, const char *what) {
    lblua_json_path path;
    lblua_json_path_start(&path);
    for (int i = 0; i < d->depth; i++) add_frame(d, i, &path);
    d->error->offset = (size_t)(at - d->text);
    snprintf(d->error->message, sizeof d->error->message, "%s: %s at byte %zu", path.text, what,
             d->error->offset);
    return FAILED;
}

/* Fails at d->p, and says which byte is found there. */
static result fail_expected(decoder *d, const char *expected) {
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

static inline void skip_whitespace(decoder *d) {
    if (d->p < d->end && *d->p > ' ') return; /* mostly there are none */
    while (d->p < d->end && (*d->p == ' ' || *d->p == '\n' || *d->p == '\r' || *d->p == '\t')) d->p++;
}

static void push_cached(decoder *d, unsigned index) {
    d->cache->used[index] = true;
    d->cached = (unsigned char)index;
    lua_rawgeti(d->L, strings(d), index + 1); /* string */
}

/* A short string comes from the cache when it is there, and goes into it when not. Without this, decoding a list of 100 rooms
 * takes 37 % more instructions, and get_room 6 % (callgrind, 29 November 2026). */
static void push_short(decoder *d, const char *start, size_t length) {
    cache *c = d->cache;
    unsigned index = cache_hash(start, length);
    if (cache_has(c, index, start, length) || cache_has(c, index ^= CACHE_OTHER, start, length)) {
        push_cached(d, index); /* string */
        return;
    }
    lua_pushlstring(d->L, start, length); /* string */
    if (!cache_take(c, &index)) return;
    d->cached = (unsigned char)index;
    lua_pushvalue(d->L, -1);                  /* string string */
    lua_rawseti(d->L, strings(d), index + 1); /* string */
    memcpy(c->text[index], start, length);
    c->length[index] = (unsigned char)length;
}

/* Pushes the string whose opening quote is at d->p if it is that one. Nothing has to be looked for in it then. Without this,
 * decoding a list of 100 rooms takes 11 % more instructions (callgrind, 29 November 2026). */
static bool push_expected(decoder *d, unsigned index) {
    const cache *c = d->cache;
    size_t length = c->length[index];
    const char *start = d->p + 1;
    if (length == 0 || (size_t)(d->end - start) <= length || start[length] != '"' ||
        !cache_has(c, index, start, length))
        return false;
    push_cached(d, index); /* string */
    d->p = start + length + 1;
    return true;
}

/* A buffer for resolving escapes, which belongs to Lua, so that an error leaks nothing. */
static char *reserve_scratch(decoder *d, size_t size) {
    if (size > d->scratch_size) {
        lua_newuserdatauv(d->L, size, 0); /* buffer */
        lua_replace(d->L, scratch(d));    /* */
        d->scratch_size = size;
    }
    return lua_touserdata(d->L, scratch(d));
}

/* Pushes the string between start and quote with its escapes resolved. */
static void push_unescaped(decoder *d, const char *start, const char *quote) {
    char small[256];
    size_t size = (size_t)(quote - start);
    char *out = size <= sizeof small ? small : reserve_scratch(d, size);
    char *stop = lb_json_unescape(out, &start, quote, quote);
    lua_pushlstring(d->L, out, (size_t)(stop - out)); /* string */
}

static result refuse_half(decoder *d, const char *at) {
    return fail(d, at, "\\u escape of half a surrogate pair");
}

static bool out_of_budget(const decoder *d, const char *at) {
    return d->stop && at >= d->stop;
}

static const char *piece_end(const char *from, const char *end) {
    return end - from > PIECE ? from + PIECE : end;
}

/* Finds the end of the long string. Where it has escapes, resolving them is another pass over it. */
static result scan_pieces(decoder *d) {
    piece *s = &d->piece;
    lb_parse_error error;
    while (!s->quote) {
        if (out_of_budget(d, s->at)) return PAUSED;
        s->quote = lb_json_scan_string(&s->at, piece_end(s->at, d->end), d->end, &s->found, &error);
        if (!s->quote && error.what) return fail(d, error.at, error.what);
    }
    if (s->found.half && d->strict) return refuse_half(d, s->found.half);
    s->at = s->start;
    return s->found.escaped && d->stop ? PAUSED : OK;
}

/* Goes on with the string of d->piece, and pushes it when it is complete. */
static result push_pieces(decoder *d) {
    piece *s = &d->piece;
    if (!s->quote) {
        result r = scan_pieces(d);
        if (r != OK) return r;
    }
    const char *start = s->start;
    size_t length = (size_t)(s->quote - start);
    if (s->found.escaped) {
        char *out = reserve_scratch(d, length);
        while (s->at < s->quote) {
            if (out_of_budget(d, s->at)) return PAUSED;
            char *stop = lb_json_unescape(out + s->written, &s->at, piece_end(s->at, s->quote), s->quote);
            s->written = (size_t)(stop - out);
        }
        start = out;
        length = s->written;
    }
    lua_pushlstring(d->L, start, length); /* string */
    d->p = s->quote + 1;
    s->start = NULL;
    return OK;
}

/* Pushes the string whose opening quote is at d->p. */
static result push_string(decoder *d) {
    lb_json_string found = { false, NULL };
    lb_parse_error error;
    const char *start = d->p + 1, *at = start;
    const char *quote = lb_json_scan_string(&at, piece_end(start, d->end), d->end, &found, &error);
    if (!quote) {
        if (error.what) return fail(d, error.at, error.what);
        d->piece = (piece){ .start = start, .at = at, .found = found };
        return push_pieces(d);
    }
    size_t length = (size_t)(quote - start);
    if (found.half && d->strict) return refuse_half(d, found.half);
    if (found.escaped) push_unescaped(d, start, quote);                           /* string */
    else if (length > 0 && length <= CACHE_LENGTH) push_short(d, start, length); /* string */
    else lua_pushlstring(d->L, start, length);                                    /* string */
    d->p = quote + 1;
    return OK;
}

static result push_number(decoder *d) {
    lb_number number;
    lb_parse_error error;
    const char *start = d->p, *after = lb_decimal_read(start, d->end, &number, &error);
    if (!after) return fail(d, error.at, error.what);
    size_t length = (size_t)(after - start);
    if (number.kind == LB_NUMBER_INTEGER) {
        lblua_json_push_integer(d->L, number.integer, start, length); /* number */
    } else if (number.kind == LB_NUMBER_DOUBLE) {
        lua_pushnumber(d->L, number.real); /* number */
    } else {
        if (d->strict) return fail(d, start, "number that neither a 64-bit integer nor a double holds");
        lblua_json_push_number(d->L, start, length); /* number */
    }
    d->p = after;
    return OK;
}

static result take_word(decoder *d, const char *word, size_t length) {
    if ((size_t)(d->end - d->p) < length || memcmp(d->p, word, length) != 0)
        return fail_expected(d, "a value");
    d->p += length;
    return OK;
}

static result push_scalar(decoder *d) {
    result r;
    switch (d->p < d->end ? *d->p : 0) {
    case '"': return push_string(d);
    case '-': case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9': return push_number(d);
    case 't':
        if ((r = take_word(d, "true", 4)) == OK) lua_pushboolean(d->L, 1); /* true */
        return r;
    case 'f':
        if ((r = take_word(d, "false", 5)) == OK) lua_pushboolean(d->L, 0); /* false */
        return r;
    case 'n':
        if ((r = take_word(d, "null", 4)) == OK) lua_pushlightuserdata(d->L, NULL); /* null */
        return r;
    default: return fail_expected(d, "a value");
    }
}

/* ---- Containers ------------------------------------------------------------------------------- */

/* Reserves stack space for a few members at a time: the collector shrinks a large stack that is hardly used, and it would
 * have to grow again after each cycle. */
static bool has_space(decoder *d) {
    int need = lua_gettop(d->L) + 2 * STACK_STEP + 8;
    if (need <= d->checked_top) return true;
    if (!lua_checkstack(d->L, 4 * STACK_STEP + 8)) return false;
    d->checked_top = need + 2 * STACK_STEP;
    return true;
}

/* lua_checkstack() has failed, but not because of the text: its depth is bounded. */
static result no_space(decoder *d) {
    lblua_raise_no_space(d->L, 0, "for JSON");
    return fail(d, d->p, "not enough memory");
}

static result open_container(decoder *d) {
    if (d->depth == LBLUA_JSON_DEPTH) return fail(d, d->p, "more than 1000 levels");
    if (!has_space(d)) return no_space(d);
    lua_pushnil(d->L); /* nil */
    d->frames[d->depth++] = (frame){ .slot = lua_gettop(d->L), .object = *d->p++ == '{' };
    return OK;
}

/* Moves the pending members into the array, which is made when there is none. `more` members follow. */
static void flush(decoder *d, frame *f, bool more) { /* table? members */
    lua_State *L = d->L;
    if (lua_isnil(L, f->slot)) {
        lua_createtable(L, more ? 2 * f->pending : f->pending, 0); /* nil members table */
        lua_pushvalue(L, array_mt(d));                             /* nil members table mt */
        lua_setmetatable(L, -2);                                   /* nil members table */
        lua_replace(L, f->slot);                                   /* table members */
    }
    for (lua_Integer i = (lua_Integer)f->moved + f->pending; i > (lua_Integer)f->moved; i--)
        lua_rawseti(L, f->slot, i);
    f->moved += (size_t)f->pending;
    f->pending = 0;
}

/* Puts a table with space for that many members instead of the nil. Without the number, decoding a list of 100 rooms takes 44 %
 * more instructions, and get_room 5 % (callgrind, 29 November 2026). */
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

/* Pushes a key, or goes on with a long one. Objects of a kind have their keys in the same order. */
static result push_key_string(decoder *d, frame *f) {
    if (d->in_key) {
        d->in_key = false;
    } else {
        skip_whitespace(d);
        if (d->p == d->end || *d->p != '"') return fail_expected(d, "a key in quotes");
        if (f->moved && push_expected(d, d->cache->next[f->key])) return OK; /* key */
        d->cached = 0;
    }
    result r = d->piece.start ? push_pieces(d) : push_string(d); /* key? */
    d->in_key = r == PAUSED;
    if (r == OK && f->moved) d->cache->next[f->key] = d->cached;
    return r;
}

/* Reads `"key":` of the innermost object. The first key says what kind of object it is. */
static result push_key(decoder *d, frame *f) { /* ... nil? */
    result r = push_key_string(d, f); /* ... nil? key */
    if (r != OK) return r;
    f->key = d->cached;
    d->in_value = true;
    skip_whitespace(d);
    if (d->p == d->end || *d->p != ':') return fail_expected(d, "':'");
    d->p++;
    if (f->moved) return OK;
    f->kind = f->key;
    make_object(d, f, d->cache->members[f->kind]); /* ... table key */
    return OK;
}

/* Ends the containers that end here. Sets done after the outermost, else d->p is where the next value of
 * the innermost begins. A value has just been pushed. */
static result after_value(decoder *d, bool *done) {
    while (d->depth > 0) {
        frame *f = &d->frames[d->depth - 1];
        d->in_value = false;
        if (f->object) { /* table key value */
            lua_rawset(d->L, f->slot); /* table */
            f->moved++;
        } else {
            f->pending++;
        }
        skip_whitespace(d);
        char c = d->p < d->end ? *d->p : 0;
        if (c == ',') {
            d->p++;
            if (f->object) return push_key(d, f);
            if (f->pending == (d->depth < DEEP ? BATCH : DEEP_BATCH)) flush(d, f, true);
            if (f->pending % STACK_STEP == 0 && !has_space(d)) return no_space(d);
            d->in_value = true;
            return OK;
        }
        if (c != (f->object ? '}' : ']')) return fail_expected(d, f->object ? "',' or '}'" : "',' or ']'");
        d->p++;
        end_container(d, f); /* ... table */
    }
    *done = true;
    return OK;
}

/* Opens an array or an object, and reads the first key of one that has any. */
static result push_container(decoder *d, bool *empty) {
    result r = open_container(d); /* ... nil */
    if (r != OK) return r;
    frame *f = &d->frames[d->depth - 1];
    d->in_value = false;
    skip_whitespace(d);
    *empty = d->p < d->end && *d->p == (f->object ? '}' : ']');
    if (!*empty) {
        d->in_value = !f->object;
        return f->object ? push_key(d, f) : OK; /* ... table key */
    }
    d->p++;
    end_container(d, f); /* ... table */
    return OK;
}

/* Reads one value with all that is in it, or goes on with it. */
static result push_value(decoder *d) {
    for (bool done = false; !done;) {
        result r;
        bool complete = true; /* a value was pushed */
        if (d->piece.start) {
            complete = !d->in_key;
            r = d->in_key ? push_key(d, &d->frames[d->depth - 1]) : push_pieces(d);
        } else {
            skip_whitespace(d);
            if (out_of_budget(d, d->p)) return PAUSED;
            char c = d->p < d->end ? *d->p : 0;
            r = c == '{' || c == '[' ? push_container(d, &complete) : push_scalar(d);
        }
        if (r == OK && complete) r = after_value(d, &done);
        if (r != OK) return r;
    }
    return OK;
}

static const char cache_key; /* its address is a key of the registry */

static cache *push_cache(lua_State *L) { /* pushes mt and strings */
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &cache_key) != LUA_TUSERDATA) { /* nil */
        lua_pop(L, 1);                                                    /* */
        memset(lua_newuserdatauv(L, sizeof(cache), 2), 0, sizeof(cache)); /* cache */
        lblua_json_push_array_mt(L);                                      /* cache mt */
        lua_setiuservalue(L, -2, 2);                                      /* cache */
        lua_createtable(L, CACHE_SIZE, 0);                                    /* cache strings */
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

/* ---- In one go, and in steps ---------------------------------------------------------------------- */

/* The frames stay as they are: each is set before it is read. */
static void begin(decoder *d, const char *text, size_t length, bool strict) {
    d->text = d->p = text;
    d->end = text + length;
    d->stop = NULL;
    d->scratch_size = 0;
    d->piece.start = NULL;
    d->strict = strict;
    d->in_key = d->in_value = false;
    d->depth = 0;
}

/* Takes the stack of L from here on. */
static void start(decoder *d, lua_State *L, lblua_json_error *error) {
    d->L = L;
    d->error = error;
    d->base = lua_gettop(L);
    d->checked_top = 0;
    d->cache = push_cache(L); /* mt strings */
    lua_pushnil(L);           /* mt strings scratch */
}

/* Leaves the value alone on the stack, or nothing. */
static result finish(decoder *d, result r) { /* mt strings scratch value? */
    if (r == OK) {
        skip_whitespace(d);
        if (d->p < d->end) r = fail(d, d->p, "more text after the value (there can be only one)");
    }
    if (r == OK) lua_replace(d->L, d->base + 1); /* value strings scratch */
    lua_settop(d->L, r == OK ? d->base + 1 : d->base);
    return r;
}

static bool decode(lua_State *L, const char *text, size_t length, bool strict, lblua_json_error *error) {
    decoder d;
    lblua_reserve(L, 16, "for JSON");
    begin(&d, text, length, strict);
    start(&d, L, error);                       /* mt strings scratch */
    return finish(&d, push_value(&d)) == OK; /* value? */
}

bool lblua_json_decode(lua_State *L, const char *text, size_t length, lblua_json_error *error) {
    return decode(L, text, length, false, error);
}

bool lblua_json_decode_strict(lua_State *L, const char *text, size_t length, lblua_json_error *error) {
    return decode(L, text, length, true, error);
}

/* A decoder that waits between steps. Its user value is the coroutine whose stack keeps what it had on the stack. */
typedef struct stepwise {
    bool usable; /* no step has ended it, nor is one running */
    bool started;
    decoder d;
} stepwise;

void lblua_json_begin(lua_State *L, const char *text, size_t length, bool strict) {
    stepwise *s = lua_newuserdatauv(L, sizeof *s, 1); /* decoder */
    s->usable = true;
    s->started = false;
    begin(&s->d, text, length, strict);
    lua_newthread(L);            /* decoder thread */
    lua_setiuservalue(L, -2, 1); /* decoder */
}

/* Takes the values back from the coroutine; their indices on the stack have moved. */
static void resume(decoder *d, lua_State *L, lua_State *keeper, lblua_json_error *error) {
    int kept = lua_gettop(keeper), by = lua_gettop(L) - d->base;
    lblua_reserve(L, kept + 16, "for JSON");
    lua_xmove(keeper, L, kept); /* mt strings scratch ... */
    d->L = L;
    d->error = error;
    d->base += by;
    d->checked_top = 0;
    for (int i = 0; i < d->depth; i++) d->frames[i].slot += by;
}

static void suspend(decoder *d, lua_State *keeper) { /* mt strings scratch ... */
    int kept = lua_gettop(d->L) - d->base;
    if (!lua_checkstack(keeper, kept + 16)) lblua_raise_no_space(d->L, kept, "for JSON");
    lua_xmove(d->L, keeper, kept); /* */
}

lblua_json_status lblua_json_step(lua_State *L, int index, size_t units, lblua_json_error *error) {
    stepwise *s = lua_touserdata(L, index);
    decoder *d = &s->d;
    if (!s->usable) luaL_error(L, "this JSON decoder has ended");
    lblua_reserve(L, 16, "for JSON");
    lua_getiuservalue(L, index, 1); /* thread */
    lua_State *keeper = lua_tothread(L, -1);
    lua_pop(L, 1); /* */
    s->usable = false;
    if (s->started) resume(d, L, keeper, error); /* mt strings scratch ... */
    else start(d, L, error);                     /* mt strings scratch */
    s->started = true;
    const char *from = d->piece.start ? d->piece.at : d->p;
    d->stop = (size_t)(d->end - from) > units ? from + (units ? units : 1) : NULL;
    result r = push_value(d);
    if (r == PAUSED) {
        suspend(d, keeper); /* */
        s->usable = true;
        return LBLUA_JSON_MORE;
    }
    return finish(d, r) == OK ? LBLUA_JSON_DONE : LBLUA_JSON_INVALID; /* value? */
}
