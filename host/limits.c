/*
 * limits.c - lbhost.limits: bounds on what runs in a task, so that a handler that runs away is stopped.
 *
 *   local budget = limits.new { seconds = 60, instructions = 1e9, memory = 64 << 20 }
 *   task.run(function() local running <close> = budget:begin() ... end)
 *   print(budget:exceeded())
 *
 * It counts from begin() to the end of the block, in this task and in coroutines that it resumes. What exceeds its budget gets an
 * error at the next instruction, and at every further one until the block has ended, so that pcall() does not help it.
 * A task that computes for long without waiting lets other tasks go first now and then.
 * A C function that does not return (a pathological pattern) cannot be stopped. It contains mistakes, not attackers.
 */
#define _POSIX_C_SOURCE 200809L
#include <lauxlib.h>
#include <string.h>

#include "../bindings/liveblocks_lua.h"
#include "host.h"
#include "modules.h"

#define BUDGET "lbhost.budget"

enum { MAX_NESTED = 64 };
static const double LONGEST_SLICE = 0.05; /* seconds for which one task may hold up the others */

typedef enum exceeded { NOTHING, SECONDS, INSTRUCTIONS, MEMORY } exceeded;

typedef struct budget {
    lua_State *thread; /* of the task; NULL before and after */
    lua_Number seconds;
    double deadline, slice_began;
    lua_Number instructions, used_instructions;
    size_t memory, held; /* allowed; what it has allocated in earlier slices and not given back */
    size_t base;         /* of all when this slice began */
    const void *refused; /* the block, and the size for it, that did not fit */
    size_t refused_size;
    exceeded what;
} budget;

/* Of the one Lua state of the process. */
static struct {
    budget *current; /* whose slice it is */
    budget *outer[MAX_NESTED];
    double hooked_at; /* the first hook in this slice of a task without a budget */
    int depth;
} all;

/* ---- Memory ----------------------------------------------------------------------------------- */

/* Of the budget that runs. */
static bool exceeds_memory(const void *block, size_t old_size, size_t size) {
    budget *b = all.current;
    size_t used = host_pool_used() + size - old_size;
    if (b->memory && used > b->base && used - b->base > b->memory - (b->held < b->memory ? b->held : b->memory)) {
        if (b->what == NOTHING) b->refused = block, b->refused_size = size;
        b->what = MEMORY;
        return true;
    }
    /* Lua has collected garbage and asks again for what was refused: it was not needed after all. */
    if (b->what == MEMORY && block == b->refused && size == b->refused_size) {
        b->what = NOTHING;
        b->refused_size = 0;
    }
    return false;
}

static void set_current(budget *b) {
    all.current = b;
    host_pool_limit(b ? exceeds_memory : NULL);
}

/* ---- Slices ----------------------------------------------------------------------------------- */

static budget **of_thread(lua_State *thread) {
    return lua_getextraspace(thread);
}

static void enter(budget *b) {
    set_current(b);
    all.hooked_at = 0;
    if (!b) return;
    b->base = host_pool_used();
    b->slice_began = lb_loop_now(NULL);
}

static void leave(budget *b) {
    if (!b) return;
    size_t used = host_pool_used();
    if (used >= b->base) b->held += used - b->base;
    else b->held -= b->base - used < b->held ? b->base - used : b->held;
}

static void on_switch(lua_State *thread, int entering, void *user_data) {
    (void)user_data;
    if (entering) {
        leave(all.current);
        if (all.depth < MAX_NESTED) all.outer[all.depth] = all.current;
        all.depth++;
        enter(*of_thread(thread));
    } else {
        leave(all.current);
        if (all.depth > 0) all.depth--; /* else it was entered before this module was loaded */
        enter(all.depth < MAX_NESTED ? all.outer[all.depth] : NULL);
    }
}

static int stop(lua_State *L, budget *b) {
    static const char *const texts[] = {
        [SECONDS] = "stopped: it ran for longer than its budget allows",
        [INSTRUCTIONS] = "stopped: it ran for more instructions than its budget allows",
        [MEMORY] = "stopped: it needed more memory than its budget allows",
    };
    return luaL_error(L, "%s", texts[b->what]);
}

/* A task that a handler has started has its hook: it cannot be stopped, but it lets others go first. */
static void share(lua_State *L) {
    double now = lb_loop_now(NULL);
    if (all.hooked_at <= 0) all.hooked_at = now;
    else if (now - all.hooked_at > LONGEST_SLICE) lblua_preempt(L);
}

void host_check_budget(lua_State *L) {
    budget *b = all.current;
    if (!b) {
        share(L);
        return;
    }
    if (b->what == NOTHING) {
        double now = lb_loop_now(NULL);
        b->used_instructions += (lua_Number)HOST_CHECK_EVERY;
        if (b->instructions > 0 && b->used_instructions > b->instructions) b->what = INSTRUCTIONS;
        else if (b->deadline > 0 && now > b->deadline) b->what = SECONDS;
        else if (now - b->slice_began > LONGEST_SLICE && L == b->thread) lblua_preempt(L);
    }
    if (b->what == NOTHING) return;
    host_hook(L, 1);
    stop(L, b);
}

/* ---- Module ----------------------------------------------------------------------------------- */

static lua_Number option(lua_State *L, const char *name) {
    lua_getfield(L, 1, name); /* options value */
    lua_Number value = luaL_optnumber(L, -1, 0);
    lua_pop(L, 1); /* options */
    luaL_argcheck(L, value >= 0, 1, "a limit is 0 (none) or more");
    return value;
}

/* limits.new { seconds, instructions, memory (bytes) } -> budget; 0 or nil means no limit */
static int new_budget(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    budget wanted = { .seconds = option(L, "seconds"), .instructions = option(L, "instructions"),
                      .memory = (size_t)option(L, "memory") };
    budget *b = lua_newuserdatauv(L, sizeof *b, 0); /* options budget */
    *b = wanted;
    luaL_setmetatable(L, BUDGET);
    return 1;
}

/* budget:begin() -> budget, fresh, to be closed in the same task */
static int begin(lua_State *L) {
    budget *b = luaL_checkudata(L, 1, BUDGET);
    if (*of_thread(L)) return luaL_error(L, "a budget is running already in this task");
    if (b->thread) return luaL_error(L, "the budget is in use");
    b->thread = L;
    b->what = NOTHING;
    b->used_instructions = 0;
    b->held = 0;
    b->refused_size = 0;
    if (b->seconds > 0) b->deadline = lb_loop_now(NULL) + b->seconds;
    *of_thread(L) = b;
    enter(b);
    host_hook(L, HOST_CHECK_EVERY);
    lua_settop(L, 1);
    return 1;
}

static void forget(const budget *b) {
    if (all.current == b) set_current(NULL);
    for (int i = 0; i < all.depth && i < MAX_NESTED; i++)
        if (all.outer[i] == b) all.outer[i] = NULL;
}

/* The thread may be gone already: both die together when a task is collected. */
static int collect(lua_State *L) {
    forget(luaL_checkudata(L, 1, BUDGET));
    return 0;
}

/* budget:close(), also __close */
static int end(lua_State *L) {
    budget *b = luaL_checkudata(L, 1, BUDGET);
    if (b->thread != L) return 0; /* closed before, or not in its task */
    b->thread = NULL;
    *of_thread(L) = NULL;
    forget(b);
    lua_sethook(L, NULL, 0, 0);
    return 0;
}

/* budget:expire(): its time is over, though it waits; what it does next is stopped */
static int expire(lua_State *L) {
    budget *b = luaL_checkudata(L, 1, BUDGET);
    if (!b->thread) return 0;
    if (b->what == NOTHING) b->what = SECONDS;
    host_hook(b->thread, 1);
    return 0;
}

/* budget:exceeded() -> "seconds", "instructions", "memory", or nil */
static int what_exceeded(lua_State *L) {
    static const char *const names[] = { NULL, "seconds", "instructions", "memory" };
    const budget *b = luaL_checkudata(L, 1, BUDGET);
    lua_pushstring(L, names[b->what]); /* nil for none */
    return 1;
}

/* limits.memory() -> bytes that the Lua state holds */
static int memory(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)host_pool_used());
    return 1;
}

int luaopen_lbhost_limits(lua_State *L) {
    static const luaL_Reg methods[] = { { "begin", begin }, { "close", end }, { "expire", expire },
                                        { "exceeded", what_exceeded }, { NULL, NULL } };
    static const luaL_Reg functions[] = { { "new", new_budget }, { "memory", memory }, { NULL, NULL } };
    lblua_set_switch(L, on_switch, NULL);
    luaL_newmetatable(L, BUDGET); /* mt */
    luaL_newlib(L, methods);      /* mt index */
    lua_setfield(L, -2, "__index"); /* mt */
    lua_pushcfunction(L, end);      /* mt f */
    lua_setfield(L, -2, "__close"); /* mt */
    lua_pushcfunction(L, collect);  /* mt f */
    lua_setfield(L, -2, "__gc");    /* mt */
    lua_pop(L, 1);                /* */
    luaL_newlib(L, functions);    /* limits */
    return 1;
}
