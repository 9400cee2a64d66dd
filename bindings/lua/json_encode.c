/* json_encode.c - Lua values to JSON text, without recursion. */
#define _POSIX_C_SOURCE 200809L
#include "json.h"

#include <inttypes.h>
#include <lauxlib.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../client/json.h"

static const char box_key; /* its address is a key of the registry */

/* ---- Output ----------------------------------------------------------------------------------- */

enum { FIRST_BOX = 16384 };

/* Memory of the state's allocator that is freed with its userdata when an error passes by. */
typedef struct box {
    char *memory;
    size_t size;
} box;

typedef enum shape { UNDECIDED, ARRAY, SHUFFLED, OBJECT, SORTED } shape;

typedef struct level {
    const void *table; /* to find cycles */
    lua_Integer count; /* members begun */
    lua_Integer total; /* of SHUFFLED and SORTED */
    shape shape;
    bool marked; /* the metatable has decided the shape */
} level;

/* Stack: box, then for each level its table and the key at which lua_next goes on. */
typedef struct encoder {
    lua_State *L;
    char *data;
    size_t size, capacity;
    const void *array_mt, *object_mt;
    int box;
    int depth;
    bool pretty;
    char small[4096];
    char problem[160];
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

static bool add_string(encoder *e, const char *s, size_t length) {
    const char *end = s + length, *p = lb_json_plain(s, end);
    reserve(e, length + 2);
    char *to = e->data + e->size;
    *to = '"';
    if (p == end) { /* the usual case */
        memcpy(to + 1, s, length);
        to[length + 1] = '"';
        e->size += length + 2;
        return true;
    }
    e->size++;
    p = s;
    for (;;) {
        const char *start = p;
        p = lb_json_plain(p, end);
        while (p < end && (unsigned char)*p >= 0x80) {
            size_t n = lb_utf8_character(p, end);
            if (n == 0) {
                snprintf(e->problem, sizeof e->problem, "invalid UTF-8 at byte %zu of the string",
                         (size_t)(p - s));
                return false;
            }
            p += n;
        }
        add(e, start, (size_t)(p - start));
        if (p == end) break;
        unsigned char c = (unsigned char)*p;
        if (c >= 0x20 && c != '"' && c != '\\') continue; /* plain again, behind longer characters */
        add_escape(e, c);
        p++;
    }
    add_char(e, '"');
    return true;
}

/* ---- Numbers ---------------------------------------------------------------------------------- */

/* Writes value's decimal digits so that they end before `end`; returns the first. */
static char *digits_before(char *end, uint64_t value) {
    static const char pairs[] = "0001020304050607080910111213141516171819202122232425262728293031323334"
                                "3536373839404142434445464748495051525354555657585960616263646566676869"
                                "707172737475767778798081828384858687888990919293949596979899";
    while (value >= 100) {
        end -= 2;
        memcpy(end, pairs + 2 * (value % 100), 2);
        value /= 100;
    }
    if (value >= 10) {
        end -= 2;
        memcpy(end, pairs + 2 * value, 2);
    } else {
        *--end = (char)('0' + value);
    }
    return end;
}

static void add_integer(encoder *e, lua_Integer value) {
    char text[24], *end = text + sizeof text;
    char *p = digits_before(end, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    if (value < 0) *--p = '-';
    add(e, p, (size_t)(end - p));
}

/* floor(power * factor / 2^128), with the last bit set when something is left over: enough to compare
 * exactly. One unit of the middle word is within the error of the power. */
static uint64_t times_odd(lb_json_wide power, uint64_t factor) {
    lb_json_wide low = lb_json_multiply(power.low, factor);
    lb_json_wide high = lb_json_multiply(power.high, factor);
    high.low += low.high;
    high.high += high.low < low.high;
    return high.high | (high.low > 1);
}

/* The shortest digits and exponent that read back as x > 0; of several the nearest (Schubfach). */
static uint64_t shortest(double x, int *exponent) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int biased = (int)(bits >> 52 & 0x7FF);
    uint64_t c = biased ? fraction | UINT64_C(1) << 52 : fraction;
    int q = (biased ? biased : 1) - 1075;
    bool narrow = fraction == 0 && biased > 1; /* the gap below x is half of that above */
    uint64_t odd = c & 1;
    int k = (q * 1262611 - (narrow ? 524031 : 0)) >> 22; /* floor(log10(2^q)), of 3/4 of it when narrow */
    int h = q + lb_json_log2_power(-k) + 1;
    lb_json_wide power = lb_json_power(-k);
    uint64_t low = times_odd(power, (4 * c - 2 + narrow) << h) + odd;
    uint64_t middle = times_odd(power, 4 * c << h);
    uint64_t high = times_odd(power, (4 * c + 2) << h) - odd;
    uint64_t s = middle / 4, tens = s / 10 * 10;
    *exponent = k;
    bool below = low <= 4 * tens, above = 4 * (tens + 10) <= high;
    if (s >= 10 && below != above) return tens + (above ? 10 : 0);
    below = low <= 4 * s;
    above = 4 * (s + 1) <= high;
    if (below != above) return s + above;
    uint64_t half = 4 * s + 2;
    return s + (middle > half || (middle == half && (s & 1)));
}

/* Plain digits from 1e-5 up to 1e17, an exponent beyond; always with a point or an exponent. */
static void add_double(encoder *e, double x) {
    char digits[24], text[48], *end = digits + sizeof digits;
    size_t n = 0;
    if (signbit(x)) text[n++] = '-';
    x = fabs(x);
    int exponent = 0;
    uint64_t value = x < 9007199254740992.0 && x == floor(x) ? (uint64_t)x : shortest(x, &exponent);
    char *p = digits_before(end, value);
    while (exponent < 0 && end - p > 1 && end[-1] == '0') {
        end--;
        exponent++;
    }
    int count = (int)(end - p), point = count + exponent; /* digits before the decimal point */
    if (point > 17 || point < -4) {
        while (count > 1 && p[count - 1] == '0') count--;
        text[n++] = *p;
        if (count > 1) text[n++] = '.';
        memcpy(text + n, p + 1, (size_t)(count - 1));
        n += (size_t)(count - 1);
        n += (size_t)snprintf(text + n, sizeof text - n, "e%+d", point - 1);
    } else if (point <= 0) {
        memcpy(text + n, "0.0000", (size_t)(2 - point));
        n += (size_t)(2 - point);
        memcpy(text + n, p, (size_t)count);
        n += (size_t)count;
    } else if (point >= count) {
        memcpy(text + n, p, (size_t)count);
        n += (size_t)count;
        memset(text + n, '0', (size_t)(point - count));
        n += (size_t)(point - count);
        memcpy(text + n, ".0", 2);
        n += 2;
    } else {
        memcpy(text + n, p, (size_t)point);
        n += (size_t)point;
        text[n++] = '.';
        memcpy(text + n, p + point, (size_t)(count - point));
        n += (size_t)(count - point);
    }
    add(e, text, n);
}

static bool add_number(encoder *e) { /* number */
    if (lua_isinteger(e->L, -1)) {
        add_integer(e, lua_tointeger(e->L, -1));
        return true;
    }
    double x = lua_tonumber(e->L, -1);
    if (isnan(x)) return fail(e, "NaN has no JSON form (null has)");
    if (isinf(x)) return fail(e, "infinity has no JSON form (null has)");
    add_double(e, x);
    return true;
}

/* ---- Tables ----------------------------------------------------------------------------------- */

static int slot_of(const encoder *e, int depth) {
    return e->box + 1 + 2 * depth;
}

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
    lua_pushnil(L); /* table key */
    e->levels[e->depth++] = (level){ .table = self, .shape = decided, .marked = decided != UNDECIDED };
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
    lua_pop(L, 1);   /* table */
    lua_pushnil(L);  /* table key */
    while (lua_next(L, -2)) { /* table key value */
        lua_pop(L, 1);        /* table key */
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
    lua_pushnil(L); /* table key */
    l->shape = SHUFFLED;
    l->total = count;
    return true;
}

typedef struct key {
    const char *text;
    size_t length;
} key;

static int compare_keys(const void *a, const void *b) {
    const key *x = a, *y = b;
    int order = memcmp(x->text, y->text, x->length < y->length ? x->length : y->length);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* Puts the sorted keys where the level's key is, for pretty text. The table keeps the strings alive. */
static bool sort_keys(encoder *e, level *l, int slot) { /* table key */
    lua_State *L = e->L;
    lua_Integer n = 0;
    lua_pop(L, 1);  /* table */
    lua_pushnil(L); /* table key */
    while (lua_next(L, slot)) { /* table key value */
        lua_pop(L, 1);          /* table key */
        if (lua_type(L, -1) != LUA_TSTRING) return bad_key(e, lua_type(L, -1), l);
        n++;
    }
    key *keys = lua_newuserdatauv(L, (size_t)n * sizeof *keys, 0); /* table keys */
    lua_pushnil(L);                                                /* table keys key */
    for (size_t i = 0; lua_next(L, slot); i++) {                   /* table keys key value */
        keys[i].text = lua_tolstring(L, -2, &keys[i].length);
        lua_pop(L, 1); /* table keys key */
    }
    qsort(keys, (size_t)n, sizeof *keys, compare_keys);
    l->shape = SORTED;
    l->total = n;
    return true;
}

typedef enum step { FAILED, VALUE, CLOSED } step;

static step close_table(encoder *e, const level *l) { /* table key */
    bool array = l->shape == ARRAY || l->shape == SHUFFLED;
    if (l->count == 0) add_char(e, array ? '[' : '{');
    else new_line(e, e->depth - 1);
    add_char(e, array ? ']' : '}');
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
    char open = l->shape == ARRAY || l->shape == SHUFFLED ? '[' : '{';
    add_char(e, l->count == 1 ? open : ',');
    new_line(e, e->depth);
}

/* The next value of a level whose members are counted. */
static step next_counted(encoder *e, level *l, int slot) { /* table keys? */
    lua_State *L = e->L;
    if (l->count == l->total) {
        lua_pop(L, 2); /* */
        return close_table(e, l);
    }
    l->count++;
    add_separator(e, l);
    if (l->shape == SHUFFLED) {
        lua_rawgeti(L, slot, l->count); /* table nil value */
        return VALUE;
    }
    const key *k = (const key *)lua_touserdata(L, slot + 1) + (l->count - 1);
    if (!add_key(e, k->text, k->length)) return FAILED;
    lua_pushlstring(L, k->text, k->length); /* table keys name */
    lua_rawget(L, slot);                    /* table keys value */
    return VALUE;
}

/* Pushes the next value of the innermost level, having written what stands before it; or ends the level
 * and pops it. */
static step next_member(encoder *e) { /* table key */
    lua_State *L = e->L;
    level *l = &e->levels[e->depth - 1];
    int slot = slot_of(e, e->depth - 1);
    if (l->shape == SHUFFLED || l->shape == SORTED) return next_counted(e, l, slot);
    if (!lua_next(L, slot)) { /* table */
        lua_pop(L, 1);        /* */
        return close_table(e, l);
    } /* table key value */
    int type = lua_type(L, -2);
    if (l->shape == UNDECIDED) l->shape = type == LUA_TSTRING ? OBJECT : ARRAY;
    if (l->shape == ARRAY) {
        if (type != LUA_TNUMBER || lua_tointeger(L, -2) != l->count + 1) {
            lua_pop(L, 1); /* table key */
            return check_shuffled(e, l) ? next_counted(e, l, slot) : FAILED;
        }
        l->count++;
        add_separator(e, l);
        return VALUE;
    }
    if (type != LUA_TSTRING) {
        lua_pop(L, 1); /* table key */
        bad_key(e, type, l);
        return FAILED;
    }
    if (e->pretty) {
        lua_pop(L, 1); /* table key */
        return sort_keys(e, l, slot) ? next_counted(e, l, slot) : FAILED;
    }
    l->count++;
    add_separator(e, l);
    size_t length;
    const char *text = lua_tolstring(L, -2, &length);
    if (add_key(e, text, length)) return VALUE;
    lua_pop(L, 1); /* table key */
    return FAILED;
}

static bool add_scalar(encoder *e, int type) { /* value */
    size_t length;
    const char *text;
    switch (type) {
    case LUA_TSTRING:
        text = lua_tolstring(e->L, -1, &length);
        return add_string(e, text, length);
    case LUA_TNUMBER: return add_number(e);
    case LUA_TBOOLEAN:
        if (lua_toboolean(e->L, -1)) add(e, "true", 4);
        else add(e, "false", 5);
        return true;
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(e->L, -1)) break;
        add(e, "null", 4);
        return true;
    default: break;
    }
    snprintf(e->problem, sizeof e->problem, "a %s has no JSON form", lua_typename(e->L, type));
    return false;
}

/* Writes the value on the top with all that is in it. On failure, e->depth levels are open; failed_in says
 * whether the failure is in the member that the innermost has reached, or the table's own. */
static bool add_value(encoder *e, bool *in_member) { /* value */
    for (;;) {
        int type = lua_type(e->L, -1);
        *in_member = true;
        if (type == LUA_TTABLE) {
            if (!open_table(e)) return false; /* ... table key */
        } else {
            if (!add_scalar(e, type)) return false;
            if (e->depth == 0) return true;
            lua_pop(e->L, 1); /* ... table key */
        }
        *in_member = false;
        step s;
        while ((s = next_member(e)) == CLOSED)
            if (e->depth == 0) return true;
        if (s == FAILED) return false;
    }
}

static void describe_place(const encoder *e, bool in_member, lblua_json_path *path) {
    lblua_json_path_start(path);
    for (int i = 0; i < e->depth - !in_member; i++) {
        const level *l = &e->levels[i];
        int key_slot = slot_of(e, i) + 1;
        size_t length;
        if (l->shape == ARRAY || l->shape == SHUFFLED) {
            lblua_json_path_index(path, l->count);
        } else if (l->shape == SORTED) {
            const key *k = (const key *)lua_touserdata(e->L, key_slot) + (l->count - 1);
            lblua_json_path_key(path, k->text, k->length);
        } else {
            const char *text = lua_tolstring(e->L, key_slot, &length);
            lblua_json_path_key(path, text, length);
        }
    }
}

/* Whether options, at index 2, asks for pretty text; refuses what is no option. */
static bool read_options(lua_State *L) {
    bool pretty = false;
    if (lua_isnoneornil(L, 2)) return false;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_pushnil(L); /* value options key */
    while (lua_next(L, 2)) { /* value options key value */
        if (lua_type(L, -2) != LUA_TSTRING || strcmp(lua_tostring(L, -2), "pretty") != 0)
            luaL_argerror(L, 2, "unknown option: the only one is 'pretty'; a call has two results, parentheses keep one");
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
    e.depth = 0;
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
