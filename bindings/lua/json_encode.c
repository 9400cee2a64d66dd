/* json_encode.c - Lua values to JSON text, without recursion. */
#define _POSIX_C_SOURCE 200809L
#include "json.h"
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

enum {
    FEW = 24,   /* members of an object that are sorted on the Lua stack */
    KINDS = 16, /* of objects, by their keys */
    NEAR = 4,   /* places where a kind can be */
    ENOUGH = 8, /* times that a table may change while its members are gathered */
};

typedef struct level {
    int count;        /* members so far */
    int total;        /* of SHUFFLED and OBJECT; -1: not known yet */
    int slot;         /* stack index of the table */
    signed char kind; /* of an OBJECT with few members; -1: it has many */
    unsigned char shape;
    bool marked; /* the metatable has decided the shape */
} level;

/* A key to be sorted: its first eight bytes as a number, so that most comparisons are of two numbers. */
typedef struct field {
    uint64_t head;
    const char *text;
    size_t length;
    int index; /* among the members as they were gathered */
} field;

typedef struct sorted_key {
    const char *text;
    uint32_t length;
    unsigned char index; /* among the members as they were gathered */
    bool plain;          /* nothing in it is escaped */
} sorted_key;

/* A kind of object: its keys as lua_next gives them, which is the same order for most objects with the same keys, and
 * sorted. The keys are the same when their addresses are: Lua has each short string once. Addresses are of use as long as
 * nothing is collected. */
typedef struct kind {
    int users; /* open objects of this kind, which keep its keys alive */
    int count; /* -1: none */
    const char *given[FEW];
    sorted_key sorted[FEW];
} kind;

/* Stack: box, then for each level its table, and above it
 *   of an array, the key at which lua_next goes on;
 *   of an object with few members, all of its keys and values, in pairs;
 *   of an object with many, a list of its keys and values, and the sorted keys, a userdata.
 * An object is thus written as it was when it was reached: a finalizer, which runs when memory is allocated, may change
 * it, and neither the members nor the count of those that are being written change. */
typedef struct encoder {
    lua_State *L;
    lblua_json_output out;
    const void *array_mt, *object_mt;
    int depth;
    int checked_top;     /* the stack has been found to have space up to this index */
    unsigned turn; /* which kind is replaced next */
    bool pretty;
    char problem[160];
    kind kinds[KINDS];
    level levels[LBLUA_JSON_DEPTH];
} encoder;

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

static bool add_string(encoder *e, const char *s, size_t length) {
    size_t valid = lblua_json_output_string(&e->out, s, length);
    if (valid == length) return true;
    snprintf(e->problem, sizeof e->problem, "invalid UTF-8 at byte %zu of the string", valid);
    return false;
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
    if (!e->pretty) return;
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
            if (lua_rawequal(e->L, e->levels[i].slot, e->levels[j].slot)) return j;
    return 0;
}

static bool too_deep(encoder *e) {
    int depth = find_cycle(e);
    if (depth == 0) return fail(e, "more than 1000 levels");
    e->depth = depth;
    return fail(e, "a cycle: the table contains itself");
}

/* Begins a level for the table on the top, which is at that index. */
static bool open_table(encoder *e, int slot) { /* table */
    lua_State *L = e->L;
    if (e->depth == LBLUA_JSON_DEPTH) return too_deep(e);
    if (!has_space(e, slot, 8)) luaL_error(L, "not enough memory for JSON");
    shape decided = UNDECIDED;
    if (lua_getmetatable(L, -1)) { /* table mt */
        const void *mt = lua_topointer(L, -1);
        decided = mt == e->array_mt ? ARRAY : mt == e->object_mt ? OBJECT : UNDECIDED;
        lua_pop(L, 1); /* table */
    }
    lua_pushnil(L); /* table key */
    e->levels[e->depth++] = (level){ .total = -1, .slot = slot, .kind = -1, .shape = (unsigned char)decided,
        .marked = decided != UNDECIDED };
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
    if (count > INT_MAX) return fail(e, "too many elements");
    l->total = (int)count;
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

static field field_of(const char *text, size_t length, int index) {
    return (field){ .head = head_of(text, length), .text = text, .length = length, .index = index };
}

/* By bytes, as memcmp orders them, a shorter one before what it begins. */
static int compare_fields(const void *a, const void *b) {
    const field *x = a, *y = b;
    if (x->head != y->head) return x->head < y->head ? -1 : 1;
    int order = memcmp(x->text, y->text, x->length < y->length ? x->length : y->length);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* By insertion. */
static void sort_few(field *fields, int n) {
    for (int i = 1; i < n; i++) {
        field k = fields[i];
        int at = i;
        for (; at > 0 && compare_fields(&fields[at - 1], &k) > 0; at--) fields[at] = fields[at - 1];
        fields[at] = k;
    }
}

static void make_kind(kind *k, const char *const *given, const size_t *lengths, int count) {
    field fields[FEW];
    for (int i = 0; i < count; i++) fields[i] = field_of(given[i], lengths[i], i);
    sort_few(fields, count);
    for (int i = 0; i < count; i++) {
        const char *end = fields[i].text + fields[i].length;
        k->given[i] = given[i];
        k->sorted[i] = (sorted_key){ .text = fields[i].text, .length = (uint32_t)fields[i].length,
            .index = (unsigned char)fields[i].index, .plain = lb_json_plain(fields[i].text, end) == end };
    }
    k->count = count;
}

/* Something may have been collected: an address can be that of another string now. */
static void forget_kinds(encoder *e) {
    for (int i = 0; i < KINDS; i++)
        if (e->kinds[i].users == 0) e->kinds[i].count = -1;
    e->out.collected = false;
}

static bool is_kind(const kind *k, const char *const *given, int count) {
    if (k->count != count) return false;
    for (int i = 0; i < count; i++)
        if (k->given[i] != given[i]) return false;
    return true;
}

/* The kind of object that has these keys, or NULL when there is no space for another one. */
static kind *find_kind(encoder *e, const char *const *given, const size_t *lengths, int count) {
    uintptr_t first = (uintptr_t)given[0];
    unsigned from = (unsigned)(first >> 4 ^ first >> 9);
    if (e->out.collected) forget_kinds(e);
    for (unsigned i = 0; i < NEAR; i++) {
        kind *k = &e->kinds[(from + i) % KINDS];
        if (is_kind(k, given, count)) return k;
    }
    for (unsigned i = 0; i < NEAR; i++) {
        kind *k = &e->kinds[(from + ++e->turn % NEAR) % KINDS];
        if (k->users) continue;
        make_kind(k, given, lengths, count);
        return k;
    }
    return NULL;
}

typedef enum gathered { GATHERED, TOO_MANY, BAD_KEY } gathered;

/* Gathers the members on the stack and sorts them. The first one is there already. */
static gathered gather_few(encoder *e, level *l) { /* table key value */
    lua_State *L = e->L;
    const char *given[FEW];
    size_t lengths[FEW];
    int n = 0;
    if (!has_space(e, l->slot, 2 * FEW + 8)) return TOO_MANY;
    do {                                       /* table (key value)* key value */
        if (lua_type(L, -2) != LUA_TSTRING) {
            bad_key(e, lua_type(L, -2), l);
            return BAD_KEY;
        }
        if (n == FEW) return TOO_MANY;
        given[n] = lua_tolstring(L, -2, &lengths[n]);
        if (lengths[n] > INT_MAX) return TOO_MANY;
        n++;
        lua_pushvalue(L, -2); /* table (key value)* key value key */
    } while (lua_next(L, l->slot)); /* table (key value)* */
    kind *k = find_kind(e, given, lengths, n);
    if (!k) return TOO_MANY;
    k->users++;
    l->kind = (signed char)(k - e->kinds);
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
        if (*count == INT_MAX / 2) return TOO_MANY; /* for a table of both */
    }
    return GATHERED; /* table */
}

/* Fills the list and the keys, which have space for that many, without allocating. */
static bool fill_members(encoder *e, const level *l, field *keys, int count) { /* table list keys */
    lua_State *L = e->L;
    int n = 0;
    lua_pushnil(L); /* table list keys key */
    while (lua_next(L, l->slot)) { /* table list keys key value */
        if (n == count || lua_type(L, -2) != LUA_TSTRING) return false;
        size_t length;
        const char *text = lua_tolstring(L, -2, &length);
        keys[n] = field_of(text, length, n);
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
        e->out.collected = true;
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
static const field *many_key(const encoder *e, const level *l, int i) {
    return (const field *)lua_touserdata(e->L, l->slot + 2) + i;
}

/* ---- Writing tables ----------------------------------------------------------------------------- */

typedef enum step { FAILED, VALUE, CLOSED } step;

static bool is_list(const level *l) {
    return l->shape == ARRAY || l->shape == SHUFFLED;
}

/* Brings the value that has been reached to the top, where it is already unless it is one of few; returns its index. */
static int to_top(encoder *e, int index) { /* ... */
    if (e->depth == 0) return index;
    const level *l = &e->levels[e->depth - 1];
    if (l->kind < 0) return index;
    lua_pushvalue(e->L, index); /* ... value */
    return l->slot + 2 * l->total + 1;
}

/* Leaves of the innermost level on the stack what it had before its latest value. */
static void drop_value(encoder *e) {
    const level *l = &e->levels[e->depth - 1];
    if (l->kind < 0) lua_settop(e->L, l->slot + (l->shape == OBJECT ? 2 : 1));
}

static step close_table(encoder *e, const level *l) { /* table ... */
    lua_settop(e->L, l->slot - 1);                    /* */
    if (l->count == 0) add_char(e, is_list(l) ? '[' : '{');
    else new_line(e, e->depth - 1);
    add_char(e, is_list(l) ? ']' : '}');
    if (l->kind >= 0) e->kinds[l->kind].users--;
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

/* Writes a key without escapes, and what stands before and after it. */
static void add_plain_key(encoder *e, const level *l, const sorted_key *k) {
    lblua_json_output *out = &e->out;
    lblua_json_output_reserve(out, k->length + 4);
    char *to = out->data + out->size;
    *to++ = l->count > 1 ? ',' : '{';
    *to++ = '"';
    memcpy(to, k->text, k->length);
    memcpy(to + k->length, "\":", 2);
    out->size += k->length + 4;
}

/* The next value of an object with few members; *index is where it is. */
static step next_few(encoder *e, level *l, int *index) {
    const sorted_key *k = &e->kinds[l->kind].sorted[l->count++];
    *index = l->slot + 2 + 2 * k->index;
    if (k->plain && !e->pretty) {
        add_plain_key(e, l, k);
        return VALUE;
    }
    add_separator(e, l);
    return add_key(e, k->text, k->length) ? VALUE : FAILED;
}

static step next_many(encoder *e, level *l, int *index) { /* table list keys */
    const field *k = many_key(e, l, l->count++);
    lua_rawgeti(e->L, l->slot + 1, 2 * (lua_Integer)k->index + 2); /* table list keys value */
    *index = l->slot + 3;
    add_separator(e, l);
    return add_key(e, k->text, k->length) ? VALUE : FAILED;
}

static step next_field(encoder *e, level *l, int *index) {
    if (l->count == l->total) return close_table(e, l);
    return l->kind >= 0 ? next_few(e, l, index) : next_many(e, l, index);
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
    if (type != LUA_TNUMBER || l->count == INT_MAX || lua_tointeger(L, -2) != l->count + 1)
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
            if (!open_table(e, to_top(e, index))) return false; /* ... table key */
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
        } else if (l->kind >= 0) {
            const sorted_key *k = &e->kinds[l->kind].sorted[l->count - 1];
            lblua_json_path_key(path, k->text, k->length);
        } else {
            const field *k = many_key(e, l, l->count - 1);
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
    e.turn = 0;
    e.problem[0] = '\0';
    for (int i = 0; i < KINDS; i++) e.kinds[i].users = 0;
    lua_settop(L, 1);            /* value */
    lblua_json_push_array_mt(L); /* value mt */
    e.array_mt = lua_topointer(L, -1);
    lblua_json_push_object_mt(L); /* value mt mt */
    e.object_mt = lua_topointer(L, -1);
    lua_pushnil(L); /* value mt mt box */
    lblua_json_output_start(&e.out, L, lua_gettop(L));
    e.out.collected = true;
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
