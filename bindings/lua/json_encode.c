/* json_encode.c - Lua values to JSON text, without recursion. */
#define _POSIX_C_SOURCE 200809L
#include "json.h"
#include "json_kinds.h"
#include "json_output.h"

#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../text/decimal.h"
#include "../text/json_text.h"

typedef enum shape { UNDECIDED, ARRAY, SHUFFLED, OBJECT } shape;

enum { ENOUGH = 8 }; /* times that a table may change while its members are gathered */

typedef struct level {
    int count;        /* members so far */
    int total;        /* of SHUFFLED and OBJECT; -1: not known yet */
    int table;        /* its stack index */
    int base;         /* what belongs to the level is above this index */
    int below;        /* where the stack ends when the level is closed */
    signed char kind; /* of an OBJECT with few members; -1: it has many */
    unsigned char shape;
    bool marked; /* the metatable has decided the shape */
} level;

/* Stack: box, the value, then for each level its metatable, if it has one, and
 *   of an array, the key at which lua_next goes on, and the element that is being written;
 *   of an object with few members, all of its keys and values, in pairs;
 *   of an object with many, a list of its keys and values, the sorted keys, a userdata, and the value that is being written.
 * An object is thus written as it was when it was reached: a finalizer, which runs when memory is allocated, may change
 * it, and neither the members nor the count of those that are being written change. */
typedef struct encoder {
    lua_State *L;
    lblua_json_output out;
    const void *array_mt, *object_mt;
    int depth;
    int checked_top;     /* the stack has been found to have space up to this index */
    bool pretty;
    char problem[160];
    lblua_json_kinds kinds;
    level levels[LBLUA_JSON_DEPTH];
} encoder;

static lblua_json_kind *kind_of(encoder *e, int number) {
    return &e->kinds.list[number];
}

static void add(encoder *e, const char *text, size_t n) {
    lblua_json_output_add(&e->out, text, n);
}

static void add_char(encoder *e, char c) {
    lblua_json_output_char(&e->out, c);
}

static bool fail(encoder *e, const char *what) {
    snprintf(e->problem, sizeof e->problem, "%s", what);
    return false;
}

/* ---- Scalars ---------------------------------------------------------------------------------- */

static bool bad_string(encoder *e, size_t valid) {
    snprintf(e->problem, sizeof e->problem, "invalid UTF-8 at byte %zu of the string", valid);
    return false;
}

static bool add_string(encoder *e, int index) {
    size_t length;
    const char *s = lua_tolstring(e->L, index, &length);
    size_t valid = lblua_json_output_string(&e->out, s, length);
    return valid == length || bad_string(e, valid);
}

static bool add_number(encoder *e, int index) {
    lblua_json_output *out = &e->out;
    lblua_json_output_reserve(out, LB_DECIMAL_SIZE);
    if (lua_isinteger(e->L, index)) {
        out->size += lb_decimal_write_integer(out->data + out->size, lua_tointeger(e->L, index));
        return true;
    }
    double x = lua_tonumber(e->L, index);
    if (x - x != 0) return fail(e, x != x ? "NaN has no JSON form (use null)" : "infinity has no JSON form (use null)");
    out->size += lb_decimal_write_double(out->data + out->size, x);
    return true;
}

/* ---- Tables ----------------------------------------------------------------------------------- */

static void new_line(encoder *e, int depth) {
    add_char(e, '\n');
    for (int i = 0; i < depth; i++) add(e, "  ", 2);
}

/* whether the stack, which ends at top, has space for more. */
static bool has_space(encoder *e, int top, int more) {
    int need = top + more;
    if (need <= e->checked_top) return true;
    if (!lua_checkstack(e->L, more)) return false;
    e->checked_top = need;
    return true;
}

/* The depth at which a table contains itself, or 0. Only at the limit is it looked for: what contains itself gets there. */
static int find_cycle(const encoder *e) {
    for (int j = 1; j < e->depth; j++)
        for (int i = 0; i < j; i++)
            if (lua_rawequal(e->L, e->levels[i].table, e->levels[j].table)) return j;
    return 0;
}

static bool too_deep(encoder *e) {
    int depth = find_cycle(e);
    if (depth == 0) return fail(e, "more than 1000 levels");
    e->depth = depth;
    return fail(e, "a cycle: the table contains itself");
}

/* Begins a level for the table at that index. The stack ends at top, and shall end at below when the level is closed. */
static bool open_table(encoder *e, int table, int top, int below) { /* ... */
    lua_State *L = e->L;
    if (e->depth == LBLUA_JSON_DEPTH) return too_deep(e);
    if (!has_space(e, top, 8)) luaL_error(L, "not enough memory for JSON");
    shape decided = UNDECIDED;
    if (lua_getmetatable(L, table)) { /* ... mt, which stays */
        const void *mt = lua_topointer(L, -1);
        decided = mt == e->array_mt ? ARRAY : mt == e->object_mt ? OBJECT : UNDECIDED;
        top++;
    }
    lua_pushnil(L); /* ... key */
    /* Member by member: as a whole it is written in halves of a vector, and what is read of it next would wait for both. With
     * a compound literal: 4 % more time to encode the room page of tests/bench/json.lua (29 November 2026). */
    level *l = &e->levels[e->depth++];
    l->count = 0;
    l->total = -1;
    l->table = table;
    l->base = top;
    l->below = below;
    l->kind = -1;
    l->shape = (unsigned char)decided;
    l->marked = decided != UNDECIDED;
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
static bool check_shuffled(encoder *e, level *l) { /* key ... */
    lua_State *L = e->L;
    lua_Integer count = 0, highest = 0;
    lua_settop(L, l->base);         /* */
    lua_pushnil(L);                 /* key */
    while (lua_next(L, l->table)) { /* key value */
        lua_pop(L, 1);              /* key */
        if (!lua_isinteger(L, -1)) return bad_key(e, lua_type(L, -1), l);
        lua_Integer key = lua_tointeger(L, -1);
        if (key < 1) return fail(e, "an integer key below 1 has no JSON form");
        if (key > highest) highest = key;
        count++;
    } /* */
    if (count != highest) {
        snprintf(e->problem, sizeof e->problem,
                 "a list with holes: %" PRId64 " elements, the last at %" PRId64 " (fill them with null)",
                 (int64_t)count, (int64_t)highest);
        return false;
    }
    lua_pushnil(L); /* nil */
    l->shape = SHUFFLED;
    if (count > INT_MAX) return fail(e, "too many elements");
    l->total = (int)count;
    return true;
}

/* ---- The members of an object ------------------------------------------------------------------- */

typedef enum gathered { GATHERED, TOO_MANY, BAD_KEY } gathered;

/* The number of the kind that these keys are from now on; -1: none. */
static int new_kind(encoder *e, const level *l, const char *const *given, int count) { /* (key value)* */
    size_t lengths[LBLUA_JSON_FEW];
    for (int i = 0; i < count; i++) {
        lua_tolstring(e->L, l->base + 1 + 2 * i, &lengths[i]);
        if (lengths[i] > INT_MAX) return -1;
    }
    return lblua_json_make_kind(&e->kinds, given, lengths, count);
}

/* Gathers the members on the stack and sorts them. The first one is there already. */
static gathered gather_few(encoder *e, level *l) { /* key value */
    lua_State *L = e->L;
    const char *given[LBLUA_JSON_FEW];
    int n = 0;
    if (!has_space(e, l->base, 2 * LBLUA_JSON_FEW + 8)) return TOO_MANY;
    do {                                       /* (key value)* key value */
        if (lua_type(L, -2) != LUA_TSTRING) {
            bad_key(e, lua_type(L, -2), l);
            return BAD_KEY;
        }
        if (n == LBLUA_JSON_FEW) return TOO_MANY;
        given[n++] = lua_tostring(L, -2);
        lua_pushvalue(L, -2); /* (key value)* key value key */
    } while (lua_next(L, l->table)); /* (key value)* */
    if (e->out.collected) lblua_json_forget_kinds(&e->kinds);
    e->out.collected = false;
    int k = lblua_json_find_kind(&e->kinds, given, n);
    if (k < 0 && (k = new_kind(e, l, given, n)) < 0) return TOO_MANY;
    kind_of(e, k)->users++;
    l->kind = (signed char)k;
    l->total = n;
    return GATHERED;
}

/* How many members the table has. */
static gathered count_members(encoder *e, const level *l, int *count) { /* */
    lua_State *L = e->L;
    lua_pushnil(L); /* key */
    for (*count = 0; lua_next(L, l->table); ++*count) { /* key value */
        lua_pop(L, 1);                                  /* key */
        if (lua_type(L, -1) != LUA_TSTRING) {
            bad_key(e, lua_type(L, -1), l);
            return BAD_KEY;
        }
        if (*count == INT_MAX / 2) return TOO_MANY; /* for a table of both */
    }
    return GATHERED; /* */
}

/* Fills the list and the keys, which have space for that many, without allocating. */
static bool fill_members(encoder *e, const level *l, lblua_json_field *keys, int count) { /* list keys */
    lua_State *L = e->L;
    int n = 0;
    lua_pushnil(L); /* list keys key */
    while (lua_next(L, l->table)) { /* list keys key value */
        if (n == count || lua_type(L, -2) != LUA_TSTRING) return false;
        size_t length;
        const char *text = lua_tolstring(L, -2, &length);
        keys[n] = lblua_json_field_of(text, length, n);
        n++;
        lua_rawseti(L, l->base + 1, 2 * n); /* list keys key */
        lua_pushvalue(L, -1);               /* list keys key key */
        lua_rawseti(L, l->base + 1, 2 * n - 1);
    }
    return n == count; /* list keys */
}

/* Gathers the members in a list of their own. Making it can run a finalizer that changes the table: then once more. */
static bool gather_many(encoder *e, level *l) { /* ... */
    lua_State *L = e->L;
    for (int i = 0; i < ENOUGH; i++) {
        int count;
        e->out.collected = true;
        lua_settop(L, l->base); /* */
        gathered g = count_members(e, l, &count);
        if (g == BAD_KEY) return false;
        if (g == TOO_MANY) return fail(e, "too many members");
        lua_createtable(L, 2 * count, 0);                                    /* list */
        lblua_json_field *keys = lua_newuserdatauv(L, (size_t)count * sizeof *keys, 0); /* list keys */
        if (!fill_members(e, l, keys, count)) continue;
        qsort(keys, (size_t)count, sizeof *keys, lblua_json_compare_fields);
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
static const lblua_json_field *many_key(const encoder *e, const level *l, int i) {
    return (const lblua_json_field *)lua_touserdata(e->L, l->base + 2) + i;
}

/* ---- Values without parts ---------------------------------------------------------------------- */

static bool refuse(encoder *e, int type, int index) {
    const char *name = type == LUA_TUSERDATA && luaL_getmetafield(e->L, index, "__name") == LUA_TSTRING /* name? */
                           ? lua_tostring(e->L, -1)
                           : lua_typename(e->L, type);
    snprintf(e->problem, sizeof e->problem, "a %.64s has no JSON form", name);
    return false;
}

static bool add_scalar(encoder *e, int type, int index) {
    size_t length;
    const char *text;
    switch (type) {
    case LUA_TSTRING: return add_string(e, index);
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
    return refuse(e, type, index);
}

/* ---- Writing tables ----------------------------------------------------------------------------- */

/* What the members of the innermost level have come to: a value that cannot be written, something else that is wrong with the
 * level, a table that is to be opened, or the end. */
typedef enum step { BAD_VALUE, BAD_TABLE, TABLE, CLOSED } step;

static bool is_list(const level *l) {
    return l->shape == ARRAY || l->shape == SHUFFLED;
}

static step close_table(encoder *e, const level *l) { /* ... */
    lua_settop(e->L, l->below);
    if (l->count == 0) add_char(e, is_list(l) ? '[' : '{');
    else if (e->pretty) new_line(e, e->depth - 1);
    add_char(e, is_list(l) ? ']' : '}');
    if (l->kind >= 0) kind_of(e, l->kind)->users--;
    e->depth--;
    return CLOSED;
}

static bool add_key(encoder *e, const char *text, size_t length) {
    if (lblua_json_output_string(&e->out, text, length) != length) {
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
static inline void add_separator(encoder *e, const level *l) {
    add_char(e, l->count > 1 ? ',' : is_list(l) ? '[' : '{');
    if (e->pretty) new_line(e, e->depth);
}

/* Writes a key that was prepared. */
static inline void add_short_key(lblua_json_output *out, const lblua_json_key *k, bool first) {
    lblua_json_output_reserve(out, LBLUA_JSON_SHORT);
    char *to = out->data + out->size;
    out->size += k->size;
    memcpy(to, k->written, LBLUA_JSON_SHORT);
    if (first) *to = '{';
}

/* Goes on with an object that has few members. */
static step write_few(encoder *e, level *l, int *index) { /* (key value)* */
    const lblua_json_kind *of = kind_of(e, l->kind);
    int base = l->base + 2;
    for (int i = l->count, total = l->total; i < total; i++) {
        const lblua_json_key *k = &of->sorted[i];
        l->count = i + 1;
        if (k->size && !e->pretty) {
            add_short_key(&e->out, k, i == 0);
        } else {
            add_separator(e, l);
            if (!add_key(e, k->text, k->length)) return BAD_TABLE;
        }
        int at = base + 2 * k->index, type = lua_type(e->L, at);
        if (type == LUA_TSTRING) {
            if (!add_string(e, at)) return BAD_VALUE;
        } else if (type == LUA_TTABLE) {
            *index = at;
            return TABLE;
        } else if (!add_scalar(e, type, at)) {
            return BAD_VALUE;
        }
    }
    return close_table(e, l);
}

static step write_many(encoder *e, level *l, int *index) { /* list keys */
    *index = l->base + 3;
    while (l->count < l->total) {
        const lblua_json_field *k = many_key(e, l, l->count++);
        int type = lua_rawgeti(e->L, l->base + 1, 2 * (lua_Integer)k->index + 2); /* list keys value */
        add_separator(e, l);
        if (!add_key(e, k->text, k->length)) return BAD_TABLE;
        if (type == LUA_TTABLE) return TABLE;
        if (!add_scalar(e, type, *index)) return BAD_VALUE;
        lua_pop(e->L, 1); /* list keys */
    }
    return close_table(e, l);
}

static step write_fields(encoder *e, level *l, int *index) {
    return l->kind >= 0 ? write_few(e, l, index) : write_many(e, l, index);
}

/* Goes on with an array whose keys are not in order. */
static step write_shuffled(encoder *e, level *l, int *index) { /* nil */
    *index = l->base + 2;
    while (l->count < l->total) {
        l->count++;
        add_separator(e, l);
        int type = lua_rawgeti(e->L, l->table, l->count); /* nil value */
        if (type == LUA_TTABLE) return TABLE;
        if (!add_scalar(e, type, *index)) return BAD_VALUE;
        lua_pop(e->L, 1); /* nil */
    }
    return close_table(e, l);
}

/* Is the number at index that key? Before Lua 5.3, lua_tointeger() makes 1 of 1.5. */
static bool is_key(lua_State *L, int index, int key) {
#if LUA_VERSION_NUM >= 503
    return lua_tointeger(L, index) == key;
#else
    return lua_tonumber(L, index) == key;
#endif
}

/* Goes on with what is an array as far as is known. */
static step write_list(encoder *e, level *l, int *index) { /* key */
    lua_State *L = e->L;
    *index = l->base + 2;
    while (lua_next(L, l->table)) { /* key value */
        int type = lua_type(L, -2);
        if (l->shape == UNDECIDED && type == LUA_TSTRING) l->shape = OBJECT;
        if (l->shape == OBJECT) return gather(e, l) ? write_fields(e, l, index) : BAD_TABLE;
        l->shape = ARRAY;
        if (type != LUA_TNUMBER || l->count == INT_MAX || !is_key(L, -2, l->count + 1))
            return check_shuffled(e, l) ? write_shuffled(e, l, index) : BAD_TABLE;
        l->count++;
        add_separator(e, l);
        type = lua_type(L, -1);
        if (type == LUA_TTABLE) return TABLE;
        if (!add_scalar(e, type, *index)) return BAD_VALUE;
        lua_pop(L, 1); /* key */
    }
    return close_table(e, l); /* */
}

/* Goes on with the innermost level up to a table, whose index is *index, or to its end. */
static step write_members(encoder *e, int *index) {
    level *l = &e->levels[e->depth - 1];
    if (l->shape == OBJECT && l->total >= 0) return write_fields(e, l, index);
    return l->shape == SHUFFLED ? write_shuffled(e, l, index) : write_list(e, l, index);
}

/* Opens the table that the innermost level has come to, or the first one. */
static bool open_member(encoder *e, int index) {
    const level *l = e->depth > 0 ? &e->levels[e->depth - 1] : NULL;
    if (!l) return open_table(e, index, index, index - 1);
    if (l->kind < 0) return open_table(e, index, index, index - 1);
    int top = l->base + 2 * l->total; /* it stays among the others */
    return open_table(e, index, top, top);
}

/* Writes the value on the top with all that is in it. On failure, e->depth levels are open; in_member says
 * whether the failure is in the member that the innermost has reached, or the table's own. */
static bool add_value(encoder *e, bool *in_member) { /* value */
    int index = lua_gettop(e->L), type = lua_type(e->L, index);
    *in_member = true;
    if (type != LUA_TTABLE) return add_scalar(e, type, index);
    for (;;) {
        if (!open_member(e, index)) return false;
        step s;
        while ((s = write_members(e, &index)) == CLOSED)
            if (e->depth == 0) return true;
        if (s == TABLE) continue;
        *in_member = s == BAD_VALUE;
        return false;
    }
}

static void describe_place(const encoder *e, bool in_member, lblua_json_path *path) {
    lblua_json_path_start(path);
    for (int i = 0; i < e->depth - !in_member; i++) {
        const level *l = &e->levels[i];
        if (l->shape != OBJECT) {
            lblua_json_path_index(path, l->count);
        } else if (l->kind >= 0) {
            const lblua_json_key *k = &e->kinds.list[l->kind].sorted[l->count - 1];
            lblua_json_path_key(path, k->text, k->length);
        } else {
            const lblua_json_field *k = many_key(e, l, l->count - 1);
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
    e.depth = e.checked_top = 0;
    e.problem[0] = '\0';
    lblua_json_start_kinds(&e.kinds);
    lua_settop(L, 1);            /* value */
    lblua_json_push_array_mt(L); /* value mt */
    e.array_mt = lua_topointer(L, -1);
    lblua_json_push_object_mt(L); /* value mt mt */
    e.object_mt = lua_topointer(L, -1);
    lua_pushnil(L); /* value mt mt box */
    lblua_json_output_start(&e.out, L, lua_gettop(L));
    lua_pushvalue(L, 1); /* value mt mt box value */
    bool in_member, ok = add_value(&e, &in_member);
    if (!ok) {
        lblua_json_path path;
        describe_place(&e, in_member, &path);
        lblua_json_output_free(&e.out);
        return luaL_error(L, "cannot encode as JSON: %s: %s", path.text, e.problem);
    }
    lua_pushlstring(L, e.out.data, e.out.size); /* ... text */
    lblua_json_output_free(&e.out);
    return 1;
}
