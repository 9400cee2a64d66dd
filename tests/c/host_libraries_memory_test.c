/* host_libraries_memory_test.c - the plugin for PostgreSQL and the line editor when memory runs out anywhere, in Lua, in the program,
 * and in libpq: an error that says so, no descriptor is lost, and the next call works. The functions of the C library that give
 * memory are replaced for the whole process; what libedit allocates is not refused, since libedit does not look. Against the
 * PostgreSQL in LBHOST_TEST_POSTGRES. */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "../../host/plugins/postgres/postgres.h"
#include "host_sweep.h"

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:_nc_trim_sgr0\n"; /* ncurses, each time a terminal is set up */
}

static bool refusing; /* what libraries allocate, too */
static pthread_t main_thread;

#ifndef __SANITIZE_ADDRESS__ /* whose own these functions are then: only what Lua allocates is refused */

/* Threads look up names: how far they are is not known. */
static bool refuses(void) {
    return refusing && !for_lua && pthread_equal(pthread_self(), main_thread) && refused();
}

/* Found when the first one is asked for, before main(): dlsym() itself may ask, and gets what is static here. */
static char early[1 << 16];
static size_t early_size;
static bool finding;

static void *early_block(size_t size) {
    size_t at = (early_size + 15) & ~(size_t)15;
    if (size > sizeof early - at) abort();
    early_size = at + size;
    return early + at;
}

#define FIND(name)                                              \
    static __typeof__(&name) real;                              \
    if (!real && !finding) {                                    \
        finding = true;                                         \
        void *symbol = dlsym(RTLD_NEXT, #name);                 \
        memcpy(&real, &symbol, sizeof symbol);                  \
        finding = false;                                        \
    }

void *malloc(size_t size) {
    FIND(malloc)
    if (!real) return early_block(size);
    return refuses() ? NULL : real(size);
}

void *calloc(size_t count, size_t size) {
    FIND(calloc)
    if (!real) return early_block(count * size); /* zeroed: of each byte it is the first use */
    return refuses() ? NULL : real(count, size);
}

void *realloc(void *block, size_t size) {
    FIND(realloc)
    if ((char *)block >= early && (char *)block < early + sizeof early) {
        void *moved = malloc(size);
        if (moved) memcpy(moved, block, size);
        return moved;
    }
    bool larger = !block || size > malloc_usable_size(block);
    return larger && refuses() ? NULL : real(block, size);
}

void free(void *block) {
    static void (*real)(void *);
    if ((char *)block >= early && (char *)block < early + sizeof early) return;
    if (!real) {
        void *symbol = dlsym(RTLD_NEXT, "free");
        memcpy(&real, &symbol, sizeof symbol);
    }
    real(block);
}

#endif

/* ---- A terminal of its own ---- */

static int terminal = -1, slave = -1, kept[2];

static int open_terminal(lua_State *L) {
    terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
    slave = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(slave >= 0);
    (void)L;
    return 0;
}

/* on_terminal(fn): calls fn() with the terminal as standard input and output. */
static int on_terminal(lua_State *L) {
    fflush(stdout);
    for (int fd = 0; fd < 2; fd++) {
        kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
        dup2(slave, fd);
    }
    lua_settop(L, 1);
    int status = lua_pcall(L, 0, 0, 0);
    fflush(stdout);
    for (int fd = 0; fd < 2; fd++) {
        dup2(kept[fd], fd);
        close(kept[fd]);
    }
    char bytes[65536]; /* what was written there, so that it does not fill up */
    fcntl(terminal, F_SETFL, O_NONBLOCK);
    while (read(terminal, bytes, sizeof bytes) > 0) continue;
    return status == LUA_OK ? 0 : lua_error(L);
}

/* type(text): as from the keyboard */
static int type_text(lua_State *L) {
    size_t size;
    const char *text = luaL_checklstring(L, 1, &size);
    assert_int_equal(write(terminal, text, size), size);
    int arrived = 0; /* the kernel passes it on in its own time */
    for (int i = 0; i < 30000 && (ioctl(slave, FIONREAD, &arrived) != 0 || (size_t)arrived < size); i++) usleep(1000);
    assert_true((size_t)arrived >= size);
    return 0;
}

/* with_library(boolean): what libraries allocate from now on is refused as well */
static int with_library(lua_State *L) {
    refusing = lua_toboolean(L, 1);
    return 0;
}

/* wait_for_threads(): until those that look names up have ended, and closed what is theirs */
static int wait_for_threads(lua_State *L) {
    (void)L;
    for (int i = 0; i < 30000; i++, usleep(1000)) {
        DIR *directory = opendir("/proc/self/task");
        int count = 0;
        if (!directory) continue;
        for (struct dirent *entry; (entry = readdir(directory));) count += entry->d_name[0] != '.';
        closedir(directory);
        if (count == 1) return 0;
    }
    fail_msg("a thread does not end");
    return 0;
}

static int open_core(lua_State *L) {
    lua_newtable(L); /* core */
    postgres_open_connection(L);
    postgres_open_conninfo(L);
    postgres_open_lookup(L);
    postgres_open_values(L);
    return 1;
}

static int open_program(lua_State *L) {
    open_core(L);             /* core */
    lua_setglobal(L, "core"); /* */
    lua_pushstring(L, getenv("LBHOST_TEST_POSTGRES"));
    lua_setglobal(L, "URL");
    lua_register(L, "on_terminal", on_terminal);
    lua_register(L, "type_text", type_text);
    lua_register(L, "with_library", with_library);
    lua_register(L, "wait_for_threads", wait_for_threads);
    return 0;
}

static const char scenarios[] =
    "task, line_editor = liveblocks.task, require 'lbhost.line_editor'\n"
    "local function waited(one, event)\n"
    "  event:wait()\n"
    "  local state, problem = one:status()\n"
    "  if state ~= 'idle' then one:close() error('not ready, out of memory? ' .. tostring(problem), 0) end\n"
    "  return one\n"
    "end\n"
    "local given = core.defaults()\n"
    "for name, value in pairs(core.parse(URL)) do given[name] = value end\n"
    "local function connect() local event = task.event() return waited(core.connect(given, 20, event), event) end\n"
    "local function guarded(fn) return function()\n"
    "  with_library(true)\n"
    "  local ok, err = pcall(fn)\n"
    "  with_library(false)\n"
    "  if not ok then error(err, 0) end\n"
    "end end\n"
    "parameters = guarded(function()\n"
    "  local one = core.parse 'postgres://u:p@h:5/d?sslmode=disable'\n"
    "  if not one then error 'not parsed, out of memory?' end\n"
    "  assert(one.user == 'u' and one.port == '5' and core.defaults().sslmode and not core.parse 'postgres://h:port:5?x=y')\n"
    "  assert(core.array { 'a\"b', 'c\\\\d', 1, true } == '{\"a\\\\\"b\",\"c\\\\\\\\d\",\"1\",\"t\"}')\n"
    "end)\n"
    "connections = guarded(function() local one <close> = connect() assert(one:info() > 0) end)\n"
    "local lasting\n"
    "function statements()\n"
    "  if not lasting or lasting:status() ~= 'idle' then\n"
    "    if lasting then lasting:close() end\n"
    "    lasting = nil\n"
    "    lasting = connect()\n"
    "  end\n"
    "  local event = task.event()\n"
    "  lasting:send({ { 'SELECT $1::bigint AS a, $2 AS b, NULL AS c, 1.5::float8 AS d FROM generate_series(1, 20)', 7, 'text', count = 2 },\n"
    "    { 'SELECT 1', name = 'one', parse = true, count = 0, apart = true }, { 'DEALLOCATE one' } }, 20, event)\n"
    "  waited(lasting, event)\n"
    "  local results = lasting:results()\n"
    "  for i = 1, 4 do if not results[i] or results[i].failed then error 'failed, out of memory?' end end\n"
    "  assert(#results[1] == 20 and results[1][20].a == 7 and results[1][20].b == 'text' and results[1][1].d == 1.5)\n"
    "end\n" /* not what libpq allocates: without memory for a response it waits for one, until the time is over */
    "lookups = guarded(function()\n"
    "  local event = task.event()\n"
    "  local one = core.lookup('127.0.0.1', 20, event)\n"
    "  event:wait()\n"
    "  assert(one:addresses()[1] == '127.0.0.1')\n"
    "  wait_for_threads()\n"
    "end)\n"
    "local function edit()\n"
    "  if not line_editor.open(function() return 'done', 'above' end) then error 'not opened, out of memory?' end\n"
    "  line_editor.add_history 'before'\n"
    "  line_editor.start('> ', 2)\n"
    "  type_text 'ab\\t\\27[200~pasted\\nlines\\27[201~\\r'\n"
    "  local got = {}\n"
    "  for _ = 1, 50 do\n"
    "    local what, text = line_editor.feed()\n"
    "    if what == 'line' then got[#got + 1] = text line_editor.start('> ', 2) end\n"
    "    if #got == 2 then break end\n"
    "  end\n"
    "  line_editor.hide() line_editor.show() line_editor.refresh() line_editor.stop '^C'\n"
    "  if got[1] ~= 'abdonepasted' or got[2] ~= 'lines' then error('not as typed, out of memory? ' .. table.concat(got, '|')) end\n"
    "end\n"
    "function editing()\n"
    "  on_terminal(function()\n"
    "    local ok, err = pcall(edit)\n"
    "    line_editor.close()\n"
    "    if not ok then error(err, 0) end\n"
    "  end)\n"
    "end\n";

static lua_State *new_state(void) {
    return new_program_state(open_program, scenarios);
}

static void parameters(void **state) {
    (void)state;
    sweep_one(new_state, "parameters", 2);
}

static void connections_that_are_made(void **state) {
    (void)state;
    sweep_one(new_state, "connections", 2);
}

static void statements_and_their_results(void **state) {
    (void)state;
    sweep_one(new_state, "statements", 2);
}

static void names_that_are_looked_up(void **state) {
    (void)state;
    sweep_one(new_state, "lookups", 2);
}

static void lines_that_are_edited(void **state) {
    (void)state;
    setenv("TERM", "xterm", 1);
    open_terminal(NULL);
    sweep_one(new_state, "editing", 2);
    close(slave);
    close(terminal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters),
        cmocka_unit_test(connections_that_are_made),
        cmocka_unit_test(statements_and_their_results),
        cmocka_unit_test(names_that_are_looked_up),
        cmocka_unit_test(lines_that_are_edited),
    };
    main_thread = pthread_self();
    if (!getenv("LBHOST_TEST_POSTGRES") || !host_signals_start()) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    host_signals_stop();
    return failed;
}
