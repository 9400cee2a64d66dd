/* json_encode.c - Lua values to JSON text, without recursion. */
#define _POSIX_C_SOURCE 200809L
#include "json.h"

#include <inttypes.h>
#include <lauxlib.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../text/decimal.h"
#include "../text/json_text.h"

static const char box_key; /* its address is a key of the registry */

/* ---- Output ----------------------------------------------------------------------------------- */

enum { FIRST_BOX = 16384 };

/* Memory of the state's allocator that is freed with its userdata when an error passes by. */
typedef struct box {
    char *memory;
    size_t size;
} box;

typedef enum shape { UNDECIDED, ARRAY, SHUFFLED, OBJECT } shape;

enum {
    FEW = 32,      /* members of an object that are sorted on the Lua stack */
    ORDERS = 2048, /* of all open objects of that kind */
    ENOUGH = 8,    /* times that a table may change while its members are gathered */
};

typedef struct level {
    const void *table; /* to find cycles */
    lua_Integer count; /* members begun */
    lua_Integer total; /* of SHUFFLED and OBJECT; -1: not known yet */
    int slot;          /* stack index of the table */
    int order;         /* of an OBJECT with few members: where its order begins; -1: it has many */
    shape shape;
    bool marked; /* the metatable has decided the shape */
} level;

/* A key to be sorted: its first eight bytes as a number, so that most comparisons are of two numbers. */
typedef struct field {
    uint64_t head;
    const char *text;
    size_t length;
    lua_Integer index; /* among the members as they were gathered */
} field;

/* Stack: box, then for each level its table, and above it
 *   of an array, the key at which lua_next goes on;
 *   of an object with few members, all of its keys and values, in pairs;
 *   of an object with many, a list of its keys and values, and the sorted keys, a userdata.
 * An object is thus written as it was when it was reached: a finalizer, which runs when memory is allocated, may change
 * it, and neither the members nor the count of those that are being written change. */
typedef struct encoder {
    lua_State *L;
    char *data;
    size_t size, capacity;
    const void *array_mt, *object_mt;
    int box;
    int depth;
    int orders; /* in use */
    bool pretty;
    char small[4096];
    char problem[160];
    unsigned char order[ORDERS];
    level levels[LBLUA_JSON_DEPTH];
} encoder;

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

static box *make_box(encoder *e) {
    lua_State *L = e->L;
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
    lua_replace(L, e->box);  /* ... */
    return b;
}

/* Kept out of line, so that what calls it often stays small. */
__attribute__((noinline)) static void grow(encoder *e, size_t more) {
    if (more > SIZE_MAX / 2 - e->size) luaL_error(e->L, "not enough memory for the JSON text");
    bool first = e->data == e->small;
    box *b = first ? make_box(e) : lua_touserdata(e->L, e->box);
    size_t capacity = first ? FIRST_BOX : e->capacity * 2;
    if (capacity < e->size + more) capacity = e->size + more;
    void *ud;
    lua_Alloc allocate = lua_getallocf(e->L, &ud);
    char *memory = allocate(ud, b->memory, b->size, capacity);
    if (!memory) luaL_error(e->L, "not enough memory for the JSON text");
    if (first) memcpy(memory, e->small, e->size);
    b->memory = e->data = memory;
    b->size = e->capacity = capacity;
}

static inline void reserve(encoder *e, size_t more) {
    if (e->capacity - e->size < more) grow(e, more);
}

static void add(encoder *e, const char *text, size_t n) {
    reserve(e, n);
    memcpy(e->data + e->size, text, n);
    e->size += n;
}

static inline void add_char(encoder *e, char c) {
    reserve(e, 1);
    e->data[e->size++] = c;
}

static bool fail(encoder *e, const char *what) {
    snprintf(e->problem, sizeof e->problem, "%s", what);
    return false;
}

/* ---- Strings ---------------------------------------------------------------------------------- */

static void add_escape(encoder *e, unsigned char c) {
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt", hex[] = "0123456789abcdef";
    char text[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
    const char *simple = c ? strchr(from, c) : NULL;
    if (simple) text[1] = to[simple - from];
    add(e, text, simple ? 2 : 6);
}

/* Writes half a surrogate pair at p as an escape, or, where the other half follows, the character that they are, as when
 * JavaScript joins two strings. Returns how many bytes it has read, 0 when there is none. */
static size_t add_half(encoder *e, const char *p, const char *end) {
    uint32_t half = lb_wtf8_surrogate(p, end);
    char text[16];
    if (!half) return 0;
    uint32_t low = half < 0xDC00 ? lb_wtf8_surrogate(p + 3, end) : 0;
    if (low >= 0xDC00) {
        add(e, text, lb_wtf8_encode(text, 0x10000 + ((half - 0xD800) << 10) + (low - 0xDC00)));
        return 6;
    }
    snprintf(text, sizeof text, "\\u%04x", (unsigned)half);
    add(e, text, 6);
    return 3;
}

/* The rest of a string, from p on, which has characters that are escaped or longer than a byte. */
static bool add_mixed(encoder *e, const char *s, const char *p, const char *end) {
    for (;;) {
        const char *start = p;
        size_t n = 1;
        p = lb_json_plain(p, end);
        while (p < end && (unsigned char)*p >= 0x80 && (n = lb_utf8_character(p, end)) > 0) p += n;
        add(e, start, (size_t)(p - start));
        if (p == end) return true;
        unsigned char c = (unsigned char)*p;
        if (n == 0) {
            n = add_half(e, p, end);
            if (n == 0) {
                snprintf(e->problem, sizeof e->problem, "invalid UTF-8 at byte %zu of the string", (size_t)(p - s));
                return false;
            }
            p += n;
        } else if (c < 0x20 || c == '"' || c == '\\') { /* else plain again, after longer characters */
            add_escape(e, c);
            p++;
        }
    }
}

static bool add_string(encoder *e, const char *s, size_t length) {
    const char *end = s + length, *p = lb_json_plain(s, end);
    reserve(e, length + 2);
    char *to = e->data + e->size;
    size_t plain = (size_t)(p - s);
    *to = '"';
    memcpy(to + 1, s, plain);
    e->size += plain + 1;
    if (p < end && !add_mixed(e, s, p, end)) return false;
    add_char(e, '"');
    return true;
}

/* ---- Numbers ---------------------------------------------------------------------------------- */

static bool add_number(encoder *e, int index) {
    reserve(e, LB_DECIMAL_SIZE);
    if (lua_isinteger(e->L, index)) {
        e->size += lb_decimal_write_integer(e->data + e->size, lua_tointeger(e->L, index));
        return true;
    }
    double x = lua_tonumber(e->L, index);
    if (x - x != 0) return fail(e, x != x ? "NaN has no JSON form (null has)" : "infinity has no JSON form (null has)");
    e->size += lb_decimal_write_double(e->data + e->size, x);
    return true;
}

/* ---- Tables ----------------------------------------------------------------------------------- */

static void new_line(encoder *e, int depth) {
    if (!e->pretty) return;
    add_char(e, '\n');
    for (int i = 0; i < depth; i++) add(e, "  ", 2);
}

/* Begins a level for the table on the top. */
static bool open_table(encoder *e) { /* table */
    lua_State *L = e->L;
    const void *self = lua_topointer(L, -1);
    for (int i = 0; i < e->depth; i++)
        if (e->levels[i].table == self) return fail(e, "a cycle: the table contains itself");
    if (e->depth == LBLUA_JSON_DEPTH) return fail(e, "more than 1000 levels");
    if (!lua_checkstack(L, 8)) return fail(e, "no room on the Lua stack");
    shape decided = UNDECIDED;
    if (lua_getmetatable(L, -1)) { /* table mt */
        const void *mt = lua_topointer(L, -1);
        decided = mt == e->array_mt ? ARRAY : mt == e->object_mt ? OBJECT : UNDECIDED;
        lua_pop(L, 1); /* table */
    }
    int slot = lua_gettop(L);
    lua_pushnil(L); /* table key */
    e->levels[e->depth++] =
        (level){ .table = self, .total = -1, .slot = slot, .order = -1, .shape = decided, .marked = decided != UNDECIDED };
    return true;
}

static bool bad_key(encoder *e, int type, const level *l) {
    if (type == LUA_TSTRING)
        return fail(e, l->marked ? "named keys in an array" : "both list elements and named keys in one table");
    if (type == LUA_TNUMBER && l->shape == OBJECT)
        return fail(e, l->marked ? "list elements in an object (keys must be strings)"
                                 : "both list elements and named keys in one table");
    snprintf(e->problem, sizeof e->problem, "a key of type %s has no JSON form (use strings, or 1..n)",
             lua_typename(e->L, type));
    return false;
}

/* lua_next has left the order 1, 2, 3: the level is an array only when its keys are 1..n in some order. */
static bool check_shuffled(encoder *e, level *l) { /* table key */
    lua_State *L = e->L;
    lua_Integer count = 0, highest = 0;
    lua_settop(L, l->slot);        /* table */
    lua_pushnil(L);                /* table key */
    while (lua_next(L, l->slot)) { /* table key value */
        lua_pop(L, 1);             /* table key */
        if (!lua_isinteger(L, -1)) return bad_key(e, lua_type(L, -1), l);
        lua_Integer key = lua_tointeger(L, -1);
        if (key < 1) return fail(e, "an integer key below 1 has no JSON form");
        if (key > highest) highest = key;
        count++;
    } /* table */
    if (count != highest) {
        snprintf(e->problem, sizeof e->problem,
                 "a list with holes: %" PRId64 " elements, the last at %" PRId64 " (fill them with null)",
                 (int64_t)count, (int64_t)highest);
        return false;
    }
    lua_pushnil(L); /* table nil */
    l->shape = SHUFFLED;
    l->total = count;
    return true;
}

/* ---- The members of an object ------------------------------------------------------------------- */

static uint64_t head_of(const char *text, size_t length) {
    const unsigned char *bytes = (const unsigned char *)text;
    uint64_t head = 0;
    if (length >= 8) {
        for (int i = 0; i < 8; i++) head = head << 8 | bytes[i];
        return head;
    }
    for (size_t i = 0; i < length; i++) head = head << 8 | bytes[i];
    return length ? head << (64 - 8 * length) : 0;
}

static field field_at(lua_State *L, int slot, lua_Integer index) {
    field k = { .index = index };
    k.text = lua_tolstring(L, slot, &k.length);
    k.head = head_of(k.text, k.length);
    return k;
}

/* By bytes, as memcmp orders them, a shorter one before what it begins. */
static int compare_fields(const void *a, const void *b) {
    const field *x = a, *y = b;
    if (x->head != y->head) return x->head < y->head ? -1 : 1;
    int order = memcmp(x->text, y->text, x->length < y->length ? x->length : y->length);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

static void sort_few(field *keys, int n) {
    for (int i = 1; i < n; i++) {
        field k = keys[i];
        int at = i;
        for (; at > 0 && compare_fields(&keys[at - 1], &k) > 0; at--) keys[at] = keys[at - 1];
        keys[at] = k;
    }
}

typedef enum gathered { GATHERED, TOO_MANY, BAD_KEY } gathered;

/* Gathers the members on the stack and sorts them. */
static gathered gather_few(encoder *e, level *l) { /* table key */
    lua_State *L = e->L;
    field keys[FEW];
    int n = 0;
    lua_settop(L, l->slot); /* table */
    if (e->orders > ORDERS - FEW || !lua_checkstack(L, 2 * FEW + 8)) return TOO_MANY;
    lua_pushnil(L); /* table key */
    while (lua_next(L, l->slot)) { /* table (key value)* key value */
        if (lua_type(L, -2) != LUA_TSTRING) {
            bad_key(e, lua_type(L, -2), l);
            return BAD_KEY;
        }
        if (n == FEW) return TOO_MANY;
        keys[n] = field_at(L, -2, n);
        n++;
        lua_pushvalue(L, -2); /* table (key value)* key value key */
    } /* table (key value)* */
    sort_few(keys, n);
    l->order = e->orders;
    for (int i = 0; i < n; i++) e->order[e->orders++] = (unsigned char)keys[i].index;
    l->total = n;
    return GATHERED;
}

/* How many members the table has. */
static gathered count_members(encoder *e, const level *l, int *count) { /* table */
    lua_State *L = e->L;
    lua_pushnil(L); /* table key */
    for (*count = 0; lua_next(L, l->slot); ++*count) { /* table key value */
        lua_pop(L, 1);                                 /* table key */
        if (lua_type(L, -1) != LUA_TSTRING) {
            bad_key(e, lua_type(L, -1), l);
            return BAD_KEY;
        }
        if (*count == INT_MAX / 2) return TOO_MANY;
    }
    return GATHERED; /* table */
}

/* Fills the list and the keys, which have room for that many, without allocating. */
static bool fill_members(encoder *e, const level *l, field *keys, int count) { /* table list keys */
    lua_State *L = e->L;
    int n = 0;
    lua_pushnil(L); /* table list keys key */
    while (lua_next(L, l->slot)) { /* table list keys key value */
        if (n == count || lua_type(L, -2) != LUA_TSTRING) return false;
        keys[n] = field_at(L, -2, n);
        n++;
        lua_rawseti(L, l->slot + 1, 2 * n); /* table list keys key */
        lua_pushvalue(L, -1);               /* table list keys key key */
        lua_rawseti(L, l->slot + 1, 2 * n - 1);
    }
    return n == count; /* table list keys */
}

/* Gathers the members in a list of their own. Making it can run a finalizer that changes the table: then once more. */
static bool gather_many(encoder *e, level *l) { /* table ... */
    lua_State *L = e->L;
    for (int i = 0; i < ENOUGH; i++) {
        int count;
        lua_settop(L, l->slot); /* table */
        gathered g = count_members(e, l, &count);
        if (g == BAD_KEY) return false;
        if (g == TOO_MANY) return fail(e, "too many members");
        lua_createtable(L, 2 * count, 0);                                      /* table list */
        field *keys = lua_newuserdatauv(L, (size_t)count * sizeof *keys, 0); /* table list keys */
        if (!fill_members(e, l, keys, count)) continue;
        qsort(keys, (size_t)count, sizeof *keys, compare_fields);
        l->total = count;
        return true;
    }
    return fail(e, "finalizers change the table while it is encoded");
}

static bool gather(encoder *e, level *l) {
    l->shape = OBJECT;
    gathered g = gather_few(e, l);
    return g == GATHERED || (g == TOO_MANY && gather_many(e, l));
}

/* The sorted keys of an object with many members. */
static const field *sorted_key(const encoder *e, const level *l, lua_Integer i) {
    return (const field *)lua_touserdata(e->L, l->slot + 2) + i;
}

/* ---- Writing tables ----------------------------------------------------------------------------- */

typedef enum step { FAILED, VALUE, CLOSED } step;

static bool is_list(const level *l) {
    return l->shape == ARRAY || l->shape == SHUFFLED;
}

/* Leaves of the innermost level on the stack what it had before its latest value. */
static void drop_value(encoder *e) {
    const level *l = &e->levels[e->depth - 1];
    if (l->order < 0) lua_settop(e->L, l->slot + (l->shape == OBJECT ? 2 : 1));
}

static step close_table(encoder *e, const level *l) { /* table ... */
    lua_settop(e->L, l->slot - 1);                    /* */
    if (l->count == 0) add_char(e, is_list(l) ? '[' : '{');
    else new_line(e, e->depth - 1);
    add_char(e, is_list(l) ? ']' : '}');
    if (l->order >= 0) e->orders = l->order;
    e->depth--;
    return CLOSED;
}

static bool add_key(encoder *e, const char *text, size_t length) {
    if (!add_string(e, text, length)) {
        lblua_json_path name;
        lblua_json_path_start(&name);
        lblua_json_path_key(&name, text, length);
        snprintf(e->problem, sizeof e->problem, "invalid UTF-8 in the key %.64s", name.text + 1);
        return false;
    }
    add_char(e, ':');
    if (e->pretty) add_char(e, ' ');
    return true;
}

/* What stands before member number count, from 1. */
static void add_separator(encoder *e, const level *l) {
    add_char(e, l->count > 1 ? ',' : is_list(l) ? '[' : '{');
    new_line(e, e->depth);
}

/* The next value of an object; *index is where it is. */
static step next_field(encoder *e, level *l, int *index) {
    lua_State *L = e->L;
    size_t length;
    const char *text;
    if (l->count == l->total) return close_table(e, l);
    l->count++;
    add_separator(e, l);
    if (l->order >= 0) {
        *index = l->slot + 2 + 2 * e->order[l->order + l->count - 1];
        text = lua_tolstring(L, *index - 1, &length);
    } else {
        const field *k = sorted_key(e, l, l->count - 1);
        lua_rawgeti(L, l->slot + 1, 2 * k->index + 2); /* table list keys value */
        *index = lua_gettop(L);
        text = k->text;
        length = k->length;
    }
    return add_key(e, text, length) ? VALUE : FAILED;
}

/* The next value of an array whose keys are not in order. */
static step next_shuffled(encoder *e, level *l, int *index) { /* table nil */
    if (l->count == l->total) return close_table(e, l);
    l->count++;
    add_separator(e, l);
    lua_rawgeti(e->L, l->slot, l->count); /* table nil value */
    *index = l->slot + 2;
    return VALUE;
}

/* Finds the next value of the innermost level, having written what stands before it; or ends the level. */
static step next_member(encoder *e, int *index) {
    lua_State *L = e->L;
    level *l = &e->levels[e->depth - 1];
    if (l->shape == OBJECT && l->total >= 0) return next_field(e, l, index);
    if (l->shape == SHUFFLED) return next_shuffled(e, l, index);
    if (!lua_next(L, l->slot)) return close_table(e, l); /* table */
    int type = lua_type(L, -2);                          /* table key value */
    if (l->shape == UNDECIDED && type == LUA_TSTRING) l->shape = OBJECT;
    if (l->shape == OBJECT) return gather(e, l) ? next_field(e, l, index) : FAILED;
    l->shape = ARRAY;
    if (type != LUA_TNUMBER || lua_tointeger(L, -2) != l->count + 1)
        return check_shuffled(e, l) ? next_shuffled(e, l, index) : FAILED;
    l->count++;
    add_separator(e, l);
    *index = l->slot + 2;
    return VALUE;
}

static bool add_scalar(encoder *e, int type, int index) {
    size_t length;
    const char *text;
    switch (type) {
    case LUA_TSTRING:
        text = lua_tolstring(e->L, index, &length);
        return add_string(e, text, length);
    case LUA_TNUMBER: return add_number(e, index);
    case LUA_TBOOLEAN:
        if (lua_toboolean(e->L, index)) add(e, "true", 4);
        else add(e, "false", 5);
        return true;
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(e->L, index)) break;
        add(e, "null", 4);
        return true;
    case LUA_TUSERDATA:
        text = lblua_json_number_text(e->L, index, &length);
        if (!text) break;
        add(e, text, length);
        return true;
    default: break;
    }
    const char *name = type == LUA_TUSERDATA && luaL_getmetafield(e->L, index, "__name") == LUA_TSTRING /* name? */
                           ? lua_tostring(e->L, -1)
                           : lua_typename(e->L, type);
    snprintf(e->problem, sizeof e->problem, "a %.64s has no JSON form", name);
    return false;
}

/* Writes the value on the top with all that is in it. On failure, e->depth levels are open; in_member says
 * whether the failure is in the member that the innermost has reached, or the table's own. */
static bool add_value(encoder *e, bool *in_member) { /* value */
    for (int index = lua_gettop(e->L);;) {
        int type = lua_type(e->L, index);
        *in_member = true;
        if (type == LUA_TTABLE) {
            lua_pushvalue(e->L, index);       /* ... table */
            if (!open_table(e)) return false; /* ... table key */
        } else {
            if (!add_scalar(e, type, index)) return false;
            if (e->depth == 0) return true;
            drop_value(e);
        }
        *in_member = false;
        step s;
        while ((s = next_member(e, &index)) == CLOSED) {
            if (e->depth == 0) return true;
            drop_value(e);
        }
        if (s == FAILED) return false;
    }
}

static void describe_place(const encoder *e, bool in_member, lblua_json_path *path) {
    lblua_json_path_start(path);
    for (int i = 0; i < e->depth - !in_member; i++) {
        const level *l = &e->levels[i];
        if (l->shape != OBJECT) {
            lblua_json_path_index(path, l->count);
        } else if (l->order >= 0) {
            size_t length;
            const char *text = lua_tolstring(e->L, l->slot + 1 + 2 * e->order[l->order + l->count - 1], &length);
            lblua_json_path_key(path, text, length);
        } else {
            const field *k = sorted_key(e, l, l->count - 1);
            lblua_json_path_key(path, k->text, k->length);
        }
    }
}

/* Whether options, at index 2, asks for pretty text; refuses unknown options. */
static bool read_options(lua_State *L) {
    bool pretty = false;
    if (lua_isnoneornil(L, 2) || lblua_json_is_meta(L, 2)) return false;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_pushnil(L); /* value options key */
    while (lua_next(L, 2)) { /* value options key value */
        if (lua_type(L, -2) != LUA_TSTRING || strcmp(lua_tostring(L, -2), "pretty") != 0)
            luaL_argerror(L, 2, "unknown option: the only one is 'pretty' (of a call with several results, parentheses "
                                "around it keep the first)");
        pretty = lua_toboolean(L, -1);
        lua_pop(L, 1); /* value options key */
    }
    return pretty;
}

int lblua_json_encode(lua_State *L) {
    encoder e; /* levels are set before they are read */
    luaL_checkany(L, 1);
    e.L = L;
    e.pretty = read_options(L);
    e.data = e.small;
    e.size = 0;
    e.depth = e.orders = 0;
    e.capacity = sizeof e.small;
    e.problem[0] = '\0';
    lua_settop(L, 1);            /* value */
    lblua_json_push_array_mt(L); /* value mt */
    e.array_mt = lua_topointer(L, -1);
    lblua_json_push_object_mt(L); /* value mt mt */
    e.object_mt = lua_topointer(L, -1);
    lua_pushnil(L); /* value mt mt box */
    e.box = lua_gettop(L);
    lua_pushvalue(L, 1); /* value mt mt box value */
    bool in_member, ok = add_value(&e, &in_member);
    if (!ok) {
        lblua_json_path path;
        describe_place(&e, in_member, &path);
        if (e.data != e.small) release(L, lua_touserdata(L, e.box));
        return luaL_error(L, "cannot encode as JSON: %s: %s", path.text, e.problem);
    }
    lua_pushlstring(L, e.data, e.size); /* ... text */
    if (e.data != e.small) release(L, lua_touserdata(L, e.box));
    return 1;
}
