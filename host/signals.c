/* signals.c - signals become events of the loop: their handlers set flags and write to a pipe, nothing else.
 *
 * SIGINT and SIGTERM interrupt what runs (interrupt.c) unless a script has taken them over. SIGTERM has a handler from the
 * beginning, since the kernel ignores it in process 1 of a container otherwise. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../bindings/liveblocks_lua.h"
#include "host.h"

typedef struct signal_row {
    const char *name;
    int number;
} signal_row;

static const signal_row rows[] = {
    { "INT", SIGINT },   { "TERM", SIGTERM }, { "HUP", SIGHUP },
    { "USR1", SIGUSR1 }, { "USR2", SIGUSR2 }, { "WINCH", SIGWINCH }, { "CONT", SIGCONT },
    { "PIPE", SIGPIPE },
};
enum { ROWS = sizeof rows / sizeof rows[0], ROW_INT = 0, ROW_TERM = 1 };

static bool interrupts(int row) {
    return row == ROW_INT || row == ROW_TERM;
}

/* Signals belong to the process, and so does this state. */
static volatile sig_atomic_t interrupted, arrived[ROWS], taken[ROWS];
static struct sigaction before[ROWS];
static int wake_pipe[2] = { -1, -1 };
static lb_watch *watch;

static const char event_key; /* in the registry: the event that the next taken signal sets */

static void on_signal(int number) {
    int saved = errno;
    for (int i = 0; i < ROWS; i++) {
        if (rows[i].number != number) continue;
        if (taken[i]) arrived[i] = 1;
        else if (interrupts(i)) interrupted = number;
    }
    if (interrupted) host_interrupt_now();
    /* Also for a signal that only interrupts: it may come just before the loop begins to wait. A full pipe
     * wakes as well. */
    ssize_t written = write(wake_pipe[1], "", 1);
    (void)written;
    errno = saved;
}

static bool any(const volatile sig_atomic_t *flags) {
    for (int i = 0; i < ROWS; i++)
        if (flags[i]) return true;
    return false;
}

static void install(int row) {
    struct sigaction action = { .sa_handler = on_signal };
    sigemptyset(&action.sa_mask);
    sigaction(rows[row].number, &action, &before[row]);
}

/* ---- In the loop ------------------------------------------------------------------------------ */

static void wake_listener(lua_State *L) {
    if (!any(arrived)) return;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &event_key); /* event? */
    lblua_event *event = lua_touserdata(L, -1);
    lua_pop(L, 1); /* */
    if (event) lblua_set_event(event);
}

static void on_ready(void *user_data, short revents) {
    char bytes[64];
    (void)revents;
    while (read(wake_pipe[0], bytes, sizeof bytes) > 0) continue;
    wake_listener(user_data);
}

/* A program that has taken signals waits for them, so the watch counts then. */
static int watch_pipe(lua_State *L) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD); /* main: outlives every coroutine */
    lua_State *main = lua_tothread(L, -1);
    lua_pop(L, 1); /* */
    lb_watch_stop(lblua_loop(L), watch);
    watch = NULL;
    return lb_watch_start(lblua_loop(L), wake_pipe[0], LB_POLLIN, any(taken), on_ready, main, &watch);
}

/* ---- For Lua: lua/lbhost/signals.lua ---------------------------------------------------------- */

static int row_of(lua_State *L, int index) {
    const char *name = luaL_checkstring(L, index);
    for (int i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0) return i;
    return luaL_argerror(L, index, "INT, TERM, HUP, USR1, USR2, WINCH, CONT or PIPE expected");
}

/* host.take_signal(name): from now on it is reported by arrived_signals */
static int take_signal(lua_State *L) {
    int row = row_of(L, 1);
    if (!taken[row] && !interrupts(row)) install(row);
    taken[row] = 1;
    if (watch_pipe(L) != LB_OK) return luaL_error(L, "out of memory");
    return 0;
}

/* host.release_signal(name): it does again what it did before */
static int release_signal(lua_State *L) {
    int row = row_of(L, 1);
    if (taken[row] && !interrupts(row)) sigaction(rows[row].number, &before[row], NULL);
    taken[row] = arrived[row] = 0;
    if (watch_pipe(L) != LB_OK) return luaL_error(L, "out of memory");
    return 0;
}

/* host.signal_event(event): sets it when a taken signal arrives, or has arrived */
static int signal_event(lua_State *L) {
    lblua_check_event(L, 1);
    lua_settop(L, 1);                              /* event */
    lua_rawsetp(L, LUA_REGISTRYINDEX, &event_key); /* */
    wake_listener(L);
    return 0;
}

/* host.arrived_signals() -> list of names; they are forgotten */
static int arrived_signals(lua_State *L) {
    lua_newtable(L); /* list */
    lua_Integer n = 0;
    for (int i = 0; i < ROWS; i++) {
        if (!arrived[i]) continue;
        arrived[i] = 0;
        lua_pushstring(L, rows[i].name); /* list name */
        lua_rawseti(L, -2, ++n);         /* list */
    }
    return 1;
}

/* host.interrupted() -> boolean: has SIGINT or SIGTERM come, without being taken? */
static int was_interrupted(lua_State *L) {
    lua_pushboolean(L, interrupted != 0);
    return 1;
}

/* host.clear_interrupt() -> boolean: whether there was one by SIGINT. SIGTERM ends the program: it stays. */
static int clear_interrupt(lua_State *L) {
    bool by_user = interrupted == SIGINT;
    if (by_user) interrupted = 0;
    lua_pushboolean(L, by_user);
    return 1;
}

/* ---- For host.c ------------------------------------------------------------------------------- */

const volatile sig_atomic_t *host_interrupt_flag(void) {
    return &interrupted;
}

void host_open_signals(lua_State *L) { /* host */
    static const luaL_Reg functions[] = {
        { "take_signal", take_signal },         { "release_signal", release_signal },
        { "signal_event", signal_event },       { "arrived_signals", arrived_signals },
        { "interrupted", was_interrupted },     { "clear_interrupt", clear_interrupt },
        { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
}

bool host_signals_start(void) {
    if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return false;
    install(ROW_INT);
    install(ROW_TERM);
    return true;
}

void host_signals_watch(lua_State *L) {
    if (watch_pipe(L) != LB_OK) luaL_error(L, "cannot watch for signals");
}

void host_signals_stop(void) {
    for (int i = 0; i < ROWS; i++) {
        if (taken[i] || interrupts(i)) sigaction(rows[i].number, &before[i], NULL);
        taken[i] = arrived[i] = 0;
    }
    interrupted = 0;
    watch = NULL; /* ended with the loop */
    close(wake_pipe[0]);
    close(wake_pipe[1]);
    wake_pipe[0] = wake_pipe[1] = -1;
}
