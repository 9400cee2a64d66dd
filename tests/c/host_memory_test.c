/* host_memory_test.c - the program's modules in C when memory runs out anywhere, in Lua or in C: an error that says so, nothing
 * is lost, and the next call works. The functions of the C library that give memory are replaced by the linker, for the program
 * and for SQLite. */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host_sweep.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

void *__wrap_malloc(size_t size) {
    return !for_lua && refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return !for_lua && refused() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size) {
    bool larger = !block || size > malloc_usable_size(block);
    return !for_lua && larger && refused() ? NULL : __real_realloc(block, size);
}

/* fetch(port): sends a request and steps the loop until the server has answered or has closed the connection. True: the response
 * is a good one, and whole. */
static int fetch(lua_State *L) {
    static const char request[] = "POST /a?b=c HTTP/1.1\r\nHost: h\r\nX-A: b\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)luaL_checkinteger(L, 1)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    char answer[4096];
    size_t size = 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(send(fd, request, sizeof request - 1, MSG_NOSIGNAL), sizeof request - 1);
    for (int i = 0;; i++) {
        if (i == 20000) fail_msg("the server neither answers nor closes the connection");
        ssize_t n = recv(fd, answer + size, sizeof answer - size, MSG_DONTWAIT);
        if (n > 0) size += (size_t)n;
        else if (n == 0 || errno != EAGAIN) break;
        else if (lblua_step(L, 1) < 0) break;
    }
    close(fd);
    bool whole = size > 12 && memcmp(answer, "HTTP/1.1 200", 12) == 0;
    if (whole && memmem(answer, size, "chunked", 7)) whole = memcmp(answer + size - 5, "0\r\n\r\n", 5) == 0;
    lua_pushboolean(L, whole);
    return 1;
}

/* heard() -> what the service manager has received, or nil */
static int notified = -1;
static int heard(lua_State *L) {
    char bytes[64];
    ssize_t n = recv(notified, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0) return 0;
    lua_pushlstring(L, bytes, (size_t)n);
    return 1;
}

static bool listen_for_notices(void) {
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "lbhost-memory-%d", (int)getpid());
    char name[64];
    snprintf(name, sizeof name, "@%s", address.sun_path + 1);
    setenv("NOTIFY_SOCKET", name, 1);
    notified = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return bind(notified, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)) == 0;
}

static char directory[] = "/dev/shm/host_memory_XXXXXX"; /* a disk would be waited for */

static int open_program(lua_State *L) {
    host_signals_watch(L);
    lua_register(L, "fetch", fetch);
    lua_register(L, "heard", heard);
    lua_pushstring(L, directory);
    lua_setglobal(L, "FOLDER");
    return 0;
}

static const char scenarios[] =
    "host, sqlite, limits = require 'lbhost.host', require 'lbhost.sqlite', require 'lbhost.limits'\n"
    "task, http_server = liveblocks.task, require 'lbhost.http_server'\n"
    "function files()\n"
    "  local path = FOLDER .. '/a'\n"
    "  os.remove(path)\n"
    "  assert(host.create_file(path, 'text'))\n"
    "  assert(host.replace_file(path, 'other'))\n"
    "  assert(host.make_private(path))\n"
    "  assert(host.make_directory(FOLDER .. '/b/c'))\n"
    "  assert(host.kind_inside(FOLDER, 'b/c') == 'directory')\n"
    "  assert(#assert(host.list_directory(FOLDER)) >= 2)\n"
    "  assert(host.real_path(path))\n"
    "  local lock <close> = assert(host.lock_file(path))\n"
    "  assert(lock:state(path) == 'same')\n"
    "end\n"
    "function system()\n"
    "  assert(#host.embedded_source(host.embedded_pages()[1]) > 0 and host.program_path() and host.process_id() > 0 and host.wall_clock() > 0)\n"
    "  assert(host.printable('a\\27[31m\\u{202e}\\xff', 'line') == 'a\\\\x1b[31m\\\\u{202e}\\\\xff')\n"
    "  while heard() do end\n"
    "  assert(host.notify('READY=1') and heard() == 'READY=1')\n"
    "end\n"
    "function signals()\n"
    "  host.take_signal 'USR1'\n"
    "  local event = task.event()\n"
    "  host.signal_event(event)\n"
    "  assert(#host.arrived_signals() == 0)\n"
    "  host.release_signal 'USR1'\n"
    "end\n"
    "function budgets()\n"
    "  local ok, err = task.run(function()\n"
    "    local budget = limits.new { seconds = 60, instructions = 1e9, memory = 1 << 26 }\n"
    "    local running <close> = budget:begin()\n"
    "    local list = {}\n"
    "    for i = 1, 20 do list[i] = ('x'):rep(i) end\n"
    "    return budget:exceeded() == nil\n"
    "  end)\n"
    "  assert(ok, err)\n"
    "end\n"
    "function database()\n"
    "  local db <close> = sqlite.open(FOLDER .. '/store.db', { private = true, busy_timeout = 1 })\n"
    "  db:exec 'CREATE TABLE IF NOT EXISTS t (a INTEGER, b TEXT, c BLOB)'\n"
    "  db:transaction(function()\n"
    "    db:run('DELETE FROM t')\n"
    "    for i = 1, 3 do db:run('INSERT INTO t VALUES (?, ?, ?)', i, 'text ' .. i, sqlite.blob '\\0\\1') end\n"
    "  end)\n"
    "  local count = 0\n"
    "  for a, b, c in db:rows('SELECT a, b, c FROM t WHERE a > ?', 0) do count = count + 1 assert(b == 'text ' .. a and #c == 2) end\n"
    "  assert(count == 3 and db:row 'SELECT count(*) FROM t' == 3)\n"
    "  for a in db:rows 'SELECT a FROM t' do assert(a == 1) break end\n"
    "end\n"
    "local function handler(request)\n"
    "  assert(request.header_list[1][1] == 'Host' and request.query == 'b=c')\n"
    "  return { status = 200, headers = { ['content-type'] = 'text/plain', ['x-list'] = { 'a', 'b' } }, body = request.body }\n"
    "end\n"
    "local function silent() end\n"
    "function start_server()\n"
    "  local server <close> = http_server.start { handler = handler, on_error = silent }\n"
    "  if not fetch(server.port) then error 'no good answer: out of memory?' end\n"
    "end\n"
    "function stream_parts()\n"
    "  local server <close> = http_server.start { on_error = silent, handler = function()\n"
    "    return { stream = function(stream) if not stream:write(('x'):rep(100)) then error 'out of memory?' end stream:close() end }\n"
    "  end }\n"
    "  if not fetch(server.port) then error 'no good answer: out of memory?' end\n"
    "end\n"
    "lasting = http_server.start { handler = handler, on_error = silent }\n"
    "function ask_server()\n"
    "  if not fetch(lasting.port) then error 'no good answer: out of memory?' end\n"
    "end\n";

static lua_State *new_state(void) {
    return new_program_state(open_program, scenarios);
}

static void files_and_directories(void **state) {
    (void)state;
    sweep_one(new_state, "files", 3);
}

static void what_the_system_gives(void **state) {
    (void)state;
    sweep_one(new_state, "system", 3);
}

static void signals(void **state) {
    (void)state;
    sweep_one(new_state, "signals", 3);
}

static void budgets_of_tasks(void **state) {
    (void)state;
    sweep_one(new_state, "budgets", 3);
}

static void databases(void **state) {
    (void)state;
    sweep_one(new_state, "database", 3);
}

static void servers_that_start_and_end(void **state) {
    (void)state;
    sweep_one(new_state, "start_server", 3);
}

static void responses_in_parts(void **state) {
    (void)state;
    sweep_one(new_state, "stream_parts", 3);
}

static void a_server_that_lasts(void **state) {
    (void)state;
    sweep_one(new_state, "ask_server", 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_directories),
        cmocka_unit_test(what_the_system_gives),
        cmocka_unit_test(signals),
        cmocka_unit_test(budgets_of_tasks),
        cmocka_unit_test(databases),
        cmocka_unit_test(servers_that_start_and_end),
        cmocka_unit_test(responses_in_parts),
        cmocka_unit_test(a_server_that_lasts),
    };
    if (!mkdtemp(directory) || !host_signals_start() || !listen_for_notices()) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    host_signals_stop();
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command) || failed;
}
