/* host/notify.c: what the service manager receives, at a path and in the abstract namespace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <lua.h>
#include <lualib.h>

#include "../../host/notify.c"

static int listen_at(const char *name, size_t size) {
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    memcpy(address.sun_path, name, size);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)), 0);
    return fd;
}

/* Runs a line of Lua that returns a string. */
static void expect(const char *code, const char *expected) {
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    lua_newtable(L);
    host_open_notify(L);
    lua_setglobal(L, "host");
    if (luaL_dostring(L, code) != LUA_OK) fail_msg("%s", lua_tostring(L, -1));
    assert_non_null(strstr(luaL_tolstring(L, -1, NULL), expected));
    lua_close(L);
}

static void expect_received(int fd, const char *text) {
    char bytes[256];
    ssize_t n = recv(fd, bytes, sizeof bytes, 0);
    assert_int_equal(n, strlen(text));
    assert_memory_equal(bytes, text, strlen(text));
    close(fd);
}

static void sends_to_a_path(void **state) {
    char directory[] = "/tmp/notify.XXXXXX", path[64];
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/socket", directory);
    int fd = listen_at(path, strlen(path) + 1);
    setenv("NOTIFY_SOCKET", path, 1);
    expect("return host.notify 'READY=1\\nSTATUS=x'", "true");
    expect_received(fd, "READY=1\nSTATUS=x");
    expect("return (select(2, host.notify 'READY=1'))", "Connection refused");
    unlink(path);
    rmdir(directory);
}

static void sends_to_an_abstract_name(void **state) {
    char name[64], given[64];
    (void)state;
    int size = snprintf(name, sizeof name, "%clbhost-notify-%d", 0, (int)getpid());
    snprintf(given, sizeof given, "@%s", name + 1);
    int fd = listen_at(name, (size_t)size);
    setenv("NOTIFY_SOCKET", given, 1);
    expect("return host.notify 'STOPPING=1'", "true");
    expect_received(fd, "STOPPING=1");
}

static void says_what_is_wrong_with_the_name(void **state) {
    char longer[200];
    (void)state;
    unsetenv("NOTIFY_SOCKET");
    expect("return host.notify 'READY=1'", "false");
    setenv("NOTIFY_SOCKET", "", 1);
    expect("return host.notify 'READY=1'", "false");
    setenv("NOTIFY_SOCKET", "relative", 1);
    expect("return (select(2, host.notify 'READY=1'))", "NOTIFY_SOCKET: Invalid argument");
    memset(longer, 'a', sizeof longer - 1);
    longer[0] = '/';
    longer[sizeof longer - 1] = '\0';
    setenv("NOTIFY_SOCKET", longer, 1);
    expect("return (select(2, host.notify 'READY=1'))", "Invalid argument");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_to_a_path),
        cmocka_unit_test(sends_to_an_abstract_name),
        cmocka_unit_test(says_what_is_wrong_with_the_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
