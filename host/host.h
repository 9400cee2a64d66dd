/* host.h - lbhost as a function, for programs that embed it and for tests. */
#ifndef LBHOST_HOST_H
#define LBHOST_HOST_H

#include <lua.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "../bindings/liveblocks.h"
#include "../bindings/lua/embedded.h"

/* For code off the hot path of a function that is called very often. */
#ifdef __GNUC__
#define HOST_COLD __attribute__((noinline))
#else
#define HOST_COLD
#endif

/* The Lua half of the program, compiled in. */
extern const lblua_source lbhost_sources[];

/* The pages of the documentation, compiled in: docs/NAME.md. */
extern const lblua_source lbhost_pages[];

/* Runs a command line; returns the exit status. Installs handlers for SIGINT and SIGTERM while it runs. */
int host_run(int argc, char **argv);

/* Fills a new state: standard libraries, cjson, liveblocks, the program's own modules. [-0, +0, e] */
void host_open(lua_State *L);

/* ---- signals.c --------------------------------------------------------------------------------- */

/* Makes SIGINT and SIGTERM interrupts. False: no descriptors are left. */
bool host_signals_start(void);

/* Signals wake the loop of the state, which must have one. [-0, +0, e] */
void host_signals_watch(lua_State *L);

/* After the state is closed: puts all handlers back. */
void host_signals_stop(void);

/* The number of the signal from SIGINT or SIGTERM on, until host.clear_interrupt(); else 0. */
const volatile sig_atomic_t *host_interrupt_flag(void);

/* ---- interrupt.c ------------------------------------------------------------------------------- */

/* From now on SIGINT and SIGTERM raise "interrupted" in what L, its main thread, and its coroutines run. [-0, +0, e] */
void host_interrupt_watch(lua_State *L);

/* Before the state is closed. */
void host_interrupt_stop(void);

/* For the signal handler, after setting the flag. */
void host_interrupt_now(void);

enum { HOST_CHECK_EVERY = 10000 }; /* instructions: enough for what ends a run in order */

/* Looks at the interrupt and at the budget every `count` instructions of the thread. lua_sethook(L, NULL, 0, 0) ends it. */
void host_hook(lua_State *L, int count);

/* ---- pool.c ------------------------------------------------------------------------------------- */

/* The allocator of the Lua state (lua_Alloc), which counts. Only a larger block can be refused (NULL). */
void *host_allocate(void *user_data, void *memory, size_t old_size, size_t size);

/* The bytes that the Lua state has now. */
size_t host_pool_used(void);

/* Asked before Lua gets a new block, or a larger one: true refuses it. NULL: none is refused. */
typedef bool host_refuses(const void *memory, size_t old_size, size_t size);
void host_pool_limit(host_refuses *refuses);

/* A loop whose memory comes from here, as does libcurl's from its first client on; blocks of libcurl's other threads go
 * through malloc(). Call it in the thread of the loop. NULL when out of memory. */
lb_loop *host_pool_loop(void);

/* Adds the functions of signals.c to the module `lbhost.host` on the top. [-0, +0, e] */
void host_open_signals(lua_State *L);

/* system.c: adds its functions to the module `lbhost.host` on the top. [-0, +0, e] */
void host_open_system(lua_State *L);

/* ---- limits.c ---------------------------------------------------------------------------------- */

/* Called by the hook: raises when the task that runs has used up its budget. */
void host_check_budget(lua_State *L);

/* files.c: adds its functions to the module `lbhost.host` on the top. [-0, +0, e] */
void host_open_files(lua_State *L);

/* ---- printable.c ------------------------------------------------------------------------------- */

/* Writes text from outside: what a terminal would obey becomes visible; newlines and tabs stay. */
void host_print(FILE *file, const char *text);

/* Adds its function to the module `lbhost.host` on the top. [-0, +0, e] */
void host_open_printable(lua_State *L);

/* ---- display_width.c --------------------------------------------------------------------------- */

/* Columns that UTF-8 takes on a terminal; a byte that is not UTF-8 takes one. */
size_t host_display_width(const char *text, size_t size);

/* Adds its function to the module `lbhost.host` on the top. [-0, +0, e] */
void host_open_display_width(lua_State *L);

/* notify.c: adds its function to the module `lbhost.host` on the top. [-0, +0, e] */
void host_open_notify(lua_State *L);

/* ---- input.c ----------------------------------------------------------------------------------- */

/* Is there something to read on standard input, or will there be within this time? */
bool host_input_waits(int milliseconds);

/* Adds its functions to the module `lbhost.host` on the top. [-0, +0, e] */
void host_open_input(lua_State *L);

#endif
