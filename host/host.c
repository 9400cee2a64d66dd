/* host.c - makes the Lua state and runs lua/lbhost/cli/main.lua in it, always protected. */
#define _POSIX_C_SOURCE 200809L
#include "host.h"
#include "modules.h"

#include <fcntl.h>
#include <lauxlib.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "../bindings/lua/embedded.h"
#include "../bindings/liveblocks_lua.h"

enum { BY_SIGNAL = 128 }; /* added to its number: the exit status, as a shell gives it */

int luaopen_cjson(lua_State *L);

static int open_host_module(lua_State *L) {
    lua_newtable(L); /* host */
    host_open_system(L);
    host_open_signals(L);
    host_open_files(L);
    host_open_input(L);
    host_open_printable(L);
    host_open_display_width(L);
    host_open_notify(L);
    return 1;
}

static void preload(lua_State *L, const char *name, lua_CFunction open) { /* preload */
    lua_pushcfunction(L, open); /* preload f */
    lua_setfield(L, -2, name);  /* preload */
}

void host_open(lua_State *L) {
    luaL_openlibs(L);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE); /* preload */
    preload(L, "cjson", luaopen_cjson);
    preload(L, "liveblocks", luaopen_liveblocks);
    preload(L, "lbhost.host", open_host_module);
    preload(L, "lbhost.sqlite", luaopen_lbhost_sqlite);
    preload(L, "lbhost.line_editor", luaopen_lbhost_line_editor);
    preload(L, "lbhost.http_core", luaopen_lbhost_http_core);
    preload(L, "lbhost.limits", luaopen_lbhost_limits);
    lua_pop(L, 1); /* */
    lblua_preload(L, lbhost_sources);
}

typedef struct command_line {
    int argc;
    char **argv;
} command_line;

static int protected_main(lua_State *L) {
    const command_line *c = lua_touserdata(L, 1);
    host_open(L);
    lb_loop *loop = host_pool_loop();
    if (!loop) return luaL_error(L, "out of memory");
    lblua_use_loop(L, loop);
    lua_getglobal(L, "require");       /* require */
    lua_pushliteral(L, "liveblocks");  /* require name */
    lua_call(L, 1, 0);                 /* */
    host_interrupt_watch(L);
    host_signals_watch(L);
    lua_getglobal(L, "require");       /* require */
    lua_pushliteral(L, "lbhost.cli.main"); /* require name */
    lua_call(L, 1, 1);                 /* main */
    lua_newtable(L);                   /* main arguments */
    for (int i = 0; i < c->argc; i++) {
        lua_pushstring(L, c->argv[i]); /* main arguments text */
        lua_rawseti(L, -2, i);         /* main arguments */
    }
    lua_call(L, 1, 1); /* status */
    return 1;
}

/* No core file holds the secret, and no other program of the same user reads it from the memory of this one or from its
 * environment. The leak sanitizer has to. */
static void guard_secret(void) {
    struct rlimit none = { 0, 0 };
    setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__)
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/* A file that is opened must not become standard input, output or error because those were closed. */
static bool open_standard_files(void) {
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd) return false;
    return true;
}

static int error_text(lua_State *L) { /* error */
    luaL_tolstring(L, 1, NULL);
    return 1;
}

/* Prints the error on the top. Its __tostring may fail, or memory be short. */
static void report(lua_State *L) {     /* error */
    lua_pushcfunction(L, error_text);  /* error f */
    lua_insert(L, -2);                 /* f error */
    const char *text = lua_pcall(L, 1, 1, 0) == LUA_OK ? lua_tostring(L, -1) : NULL; /* text */
    fputs("lbhost: ", stderr);
    host_print(stderr, text ? text : "an error that has no text");
    fputc('\n', stderr);
}

int host_run(int argc, char **argv) {
    command_line c = { argc, argv };
    if (!open_standard_files()) return 1;
    guard_secret();
    lua_State *L = lua_newstate(host_allocate, NULL);
    if (!L) {
        fputs("lbhost: out of memory\n", stderr);
        return 1;
    }
    *(void **)lua_getextraspace(L) = NULL; /* every thread begins with a copy: no budget */
    if (!host_signals_start()) {
        fputs("lbhost: cannot make a pipe for signals: too many open files\n", stderr);
        lua_close(L);
        return 1;
    }
    lua_pushcfunction(L, protected_main); /* f */
    lua_pushlightuserdata(L, &c);         /* f c */
    int status = 1;
    if (lua_pcall(L, 1, 1, 0) == LUA_OK)
        status = (int)lua_tointeger(L, -1);
    else if (!*host_interrupt_flag())
        report(L);
    int signal = *host_interrupt_flag();
    if (signal) {
        fputs(signal == SIGTERM ? "lbhost: terminated\n" : "lbhost: interrupted\n", stderr);
        status = BY_SIGNAL + signal;
    }
    host_interrupt_stop();
    lua_sethook(L, NULL, 0, 0);
    lua_close(L);
    host_signals_stop();
    if ((fflush(stdout) != 0 || ferror(stdout)) && status == 0) {
        perror("lbhost: cannot write the output");
        status = 1;
    }
    return status;
}
