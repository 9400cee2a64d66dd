/* waitable.c - what a task waits for: a call (call.c), a timer, or an event that Lua or the host sets. */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"

#include <string.h>

static const char *const kind_names[] = { [LBLUA_CALL] = "call", [LBLUA_TIMER] = "timer", [LBLUA_EVENT] = "event" };

/* ---- Recycling ---------------------------------------------------------------------------------
 *
 * The waitable of core.begin_short() is used again for the next such call: nobody else has it. Without this
 * (tests/bench/get_room.lua by callgrind, 29 November 2026): 76,100 instructions a call in turn instead of 74,000; with 64 in
 * flight the difference is below that of two runs. */

enum { MAX_RECYCLED = 64 };

void lblua_make_recycle_list(lua_State *L, lblua_state *state) {
    lua_createtable(L, MAX_RECYCLED, 0);                  /* list; storing into it later needs no memory */
    state->recycle_list = luaL_ref(L, LUA_REGISTRYINDEX);  /* */
}

void lblua_recycle(lua_State *L, int index) {
    const lblua_waitable *w = lua_touserdata(L, index);
    lblua_state *state = w->state;
    if (state->recycled == MAX_RECYCLED || w->kept || w->finalized) return; /* which has no finalizer any more */
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->recycle_list); /* list */
    lua_pushvalue(L, index);                                /* list waitable */
    lua_rawseti(L, -2, state->recycled + 1);                /* list */
    state->recycled++;
    lua_pop(L, 1); /* */
}

/* Pushes a recycled one. */
static lblua_waitable *take_recycled(lua_State *L, lblua_state *state) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->recycle_list); /* list */
    lua_rawgeti(L, -1, state->recycled);                    /* list waitable */
    lua_pushnil(L);                                         /* list waitable nil */
    lua_rawseti(L, -3, state->recycled);                    /* list waitable; to be collected when it is dropped */
    state->recycled--;
    lua_remove(L, -2);                                      /* waitable */
    return lua_touserdata(L, -1);
}

/* ---- Waitables without a finalizer ----------------------------------------------------------------
 *
 * The loop and the tasks point to waitables, which are Lua's memory: a finalizer, or a waitable's end, unlinks each before
 * it is collected. But what a finalizer makes while the state is closed gets no finalizer of its own, and is collected all
 * the same when memory runs out. So what is made in a finalizer is kept until it has ended, or the state has. */

static bool is_in_finalizer(lua_State *L) {
#if LUA_VERSION_NUM >= 504 /* those before it give what is made then its finalizer */
    return lua_gc(L, LUA_GCISRUNNING, 0) < 0;
#else
    (void)L;
    return false;
#endif
}

/* The waitable on the top. [-0, +0, m] */
static void keep(lua_State *L, const lblua_state *state, lblua_waitable *w) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->kept_list); /* waitable kept */
    lua_pushlightuserdata(L, w);                         /* waitable kept key */
    lua_pushvalue(L, -3);                                /* waitable kept key waitable */
    lua_rawset(L, -3);                                   /* waitable kept */
    lua_pop(L, 1);                                       /* waitable */
    w->kept = true;
}

void lblua_forget_ended(lua_State *L, lblua_state *state) {
    if (!state->kept_ended || is_in_finalizer(L)) return;
    state->kept_ended = 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->kept_list); /* kept */
    lua_pushnil(L);                                      /* kept nil */
    while (lua_next(L, -2)) {                            /* kept key waitable */
        bool ended = ((lblua_waitable *)lua_touserdata(L, -1))->done;
        lua_pop(L, 1); /* kept key */
        if (!ended) continue;
        lua_pushvalue(L, -1); /* kept key key */
        lua_pushnil(L);       /* kept key key nil */
        lua_rawset(L, -4);    /* kept key; one that is there needs no memory */
    }
    lua_pop(L, 1); /* */
}

void lblua_close_kept(lua_State *L, const lblua_state *state) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->kept_list); /* kept */
    lua_pushnil(L);                                      /* kept nil */
    while (lua_next(L, -2)) {                            /* kept key waitable */
        lblua_waitable *w = lua_touserdata(L, -1);
        w->readers = 0;
        lblua_abandon(w);
        lua_pop(L, 1); /* kept key */
    }
    lua_pop(L, 1); /* */
}

/* ---- Waitables ---------------------------------------------------------------------------------- */

lblua_waitable *lblua_new_waitable(lua_State *L, lblua_state *state, lblua_kind kind) {
    lblua_waitable *w;
    if (!state->loop) lblua_raise_cancelled(L, "the Lua state is closing");
    if (state->recycled > 0) {
        w = take_recycled(L, state); /* waitable */
        memset(w, 0, sizeof *w);
    } else {
        w = lua_newuserdatauv(L, sizeof *w, 0); /* waitable */
        memset(w, 0, sizeof *w);
        luaL_getmetatable(L, LBLUA_WAITABLE); /* waitable mt */
        lua_setmetatable(L, -2);              /* waitable */
    }
    w->kind = kind;
    w->state = state;
    if (is_in_finalizer(L)) keep(L, state, w);
    return w;
}

lblua_waitable *lblua_check_waitable(lua_State *L, int index, lblua_kind kind) {
    lblua_waitable *w = luaL_checkudata(L, index, LBLUA_WAITABLE);
    if (w->kind != kind) lblua_usage(L, "a %s expected, got a %s", kind_names[kind], kind_names[w->kind]);
    return w;
}

void lblua_detach(lblua_waitable *w) {
    if (w->waiter) w->waiter->waiting = NULL;
    w->waiter = NULL;
}

void lblua_wake(lblua_waitable *w) {
    lblua_task *task = w->waiter;
    if (w->kept && !w->done) w->state->kept_ended++;
    w->done = true;
    if (!task) return;
    lblua_detach(w);
    task->woken = true;
    lblua_make_ready(w->state, task);
}

void lblua_abandon(lblua_waitable *w) {
    if (w->timer && w->state->loop) lb_timer_cancel(w->state->loop, w->timer);
    w->timer = NULL;
    lblua_close_call(w);
}

/* Its waiter can only be a coroutine that was closed: it goes on, and finds that out. */
static int waitable_close(lua_State *L) {
    lblua_waitable *w = luaL_checkudata(L, 1, LBLUA_WAITABLE);
    lblua_abandon(w);
    lblua_wake(w);
    return 0;
}

/* A finalizer that runs before it may have made the waitable known again, so that its response is being read right now. Or an
 * error has ended the one who read it: then nobody has started to read by the next time. LuaJIT finalizes nothing twice. */
static bool spare(lua_State *L, lblua_waitable *w) {
    if (w->readers == 0 || w->spared || !w->state->loop) return false;
    w->spared = true;
    lua_settop(L, 1);                     /* waitable */
    luaL_getmetatable(L, LBLUA_WAITABLE); /* waitable mt */
    lua_setmetatable(L, 1);               /* waitable */
    keep(L, w->state, w);
#if LUA_VERSION_NUM > 501
    w->state->kept_ended++;
#endif
    return true;
}

static int waitable_gc(lua_State *L) {
    lblua_waitable *w = luaL_checkudata(L, 1, LBLUA_WAITABLE);
    w->finalized = true;
    if (spare(L, w)) return 0;
    w->readers = 0;
    return waitable_close(L);
}

/* waitable:done() -> boolean: has it ended? */
static int done(lua_State *L) {
    lua_pushboolean(L, ((lblua_waitable *)luaL_checkudata(L, 1, LBLUA_WAITABLE))->done);
    return 1;
}

/* ---- Timers ------------------------------------------------------------------------------------- */

static void on_timer(void *user_data) {
    lblua_waitable *w = user_data;
    w->timer = NULL;
    lblua_wake(w);
}

/* core.timer(seconds) -> timer */
static int timer(lua_State *L) {
    lua_Number seconds = luaL_checknumber(L, 1);
    luaL_argcheck(L, seconds >= 0 && seconds < 1e9, 1, "seconds must be 0 or more");
    lblua_waitable *w = lblua_new_waitable(L, lblua_get_state(L), LBLUA_TIMER); /* ... timer */
    if (lb_timer_start(w->state->loop, seconds, on_timer, w, &w->timer) != LB_OK) return luaL_error(L, "out of memory");
    return 1;
}

/* ---- Events ------------------------------------------------------------------------------------- */

/* core.event() -> event */
static int event(lua_State *L) {
    lblua_new_waitable(L, lblua_get_state(L), LBLUA_EVENT); /* event */
    return 1;
}

/* event:set(): wakes the waiter, and all later ones */
static int event_set(lua_State *L) {
    lblua_wake(lblua_check_waitable(L, 1, LBLUA_EVENT));
    return 0;
}

lblua_event *lblua_check_event(lua_State *L, int index) {
    return lblua_check_waitable(L, index, LBLUA_EVENT);
}

void lblua_set_event(lblua_event *e) {
    lblua_wake(e);
}

void lblua_open_waitable(lua_State *L) { /* core */
    static const luaL_Reg functions[] = { { "timer", timer }, { "event", event }, { NULL, NULL } };
    static const luaL_Reg metamethods[] = { { "__gc", waitable_gc }, { "__close", waitable_close }, { NULL, NULL } };
    static const luaL_Reg methods[] = { { "done", done }, { "set", event_set }, { NULL, NULL } };
    luaL_setfuncs(L, functions, 0);
    luaL_newmetatable(L, LBLUA_WAITABLE); /* core mt */
    luaL_setfuncs(L, metamethods, 0);
    lua_newtable(L); /* core mt methods */
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);                    /* core mt methods methods */
    lua_setfield(L, -4, "waitable_methods"); /* core mt methods; those in Lua join them */
    lua_setfield(L, -2, "__index");          /* core mt */
    lua_pop(L, 1);                           /* core */
}
