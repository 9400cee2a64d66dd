/* system.c - what Lua's own libraries lack: directories, the terminal, milliseconds. Part of the module `lbhost.host`. */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../bindings/lua/embedded.h"
#include "host.h"

/* host.isatty(fd) -> boolean */
static int is_tty(lua_State *L) {
    lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
    return 1;
}

/* host.terminal_width(fd) -> columns, or nil when it is not a terminal or does not say */
static int terminal_width(lua_State *L) {
    struct winsize size;
    if (ioctl((int)luaL_checkinteger(L, 1), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 0;
    lua_pushinteger(L, size.ws_col);
    return 1;
}

#define DIRECTORY "lbhost.directory"

static int directory_close(lua_State *L) {
    DIR **directory = luaL_checkudata(L, 1, DIRECTORY);
    if (*directory) closedir(*directory);
    *directory = NULL;
    return 0;
}

/* Leaves an open directory on the stack, which is closed when it is collected: when memory runs out the reader may not come
 * to its end. NULL when it cannot be opened. [-0, +1, m] */
static DIR **open_directory(lua_State *L, const char *path) {
    DIR **directory = lua_newuserdatauv(L, sizeof(*directory), 0); /* directory */
    *directory = NULL;
    luaL_newmetatable(L, DIRECTORY);       /* directory mt */
    lua_pushcfunction(L, directory_close); /* directory mt f */
    lua_setfield(L, -2, "__gc");           /* directory mt */
    lua_setmetatable(L, -2);               /* directory */
    *directory = opendir(path);
    return *directory ? directory : NULL;
}

/* host.list_directory(path) -> list of names without . and .., sorted by bytes; or nil, message */
static int list_directory(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    lua_settop(L, 1);
    lua_newtable(L); /* path list */
    lua_Integer n = 0;
    DIR **directory = open_directory(L, path); /* path list directory */
    if (!directory) return luaL_fileresult(L, 0, path);
    for (struct dirent *entry; (entry = readdir(*directory));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        lua_pushstring(L, entry->d_name); /* path list directory name */
        lua_rawseti(L, 2, ++n);           /* path list directory */
    }
    closedir(*directory);
    *directory = NULL;
    lua_settop(L, 2);            /* path list */
    lua_getglobal(L, "table");   /* path list table */
    lua_getfield(L, -1, "sort"); /* path list table sort */
    lua_pushvalue(L, 2);         /* path list table sort list */
    lua_call(L, 1, 0);           /* path list table */
    lua_settop(L, 2);            /* path list */
    return 1;
}

/* lua_pushstring of a light userdata, to be called protected */
static int push_string(lua_State *L) {
    lua_pushstring(L, lua_touserdata(L, 1));
    return 1;
}

/* host.real_path(path) -> the absolute path without symbolic links; or nil, message */
static int real_path(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    char *real = realpath(path, NULL);
    if (!real) return luaL_fileresult(L, 0, path);
    lua_pushcfunction(L, push_string);  /* ... f */
    lua_pushlightuserdata(L, real);     /* ... f real */
    int status = lua_pcall(L, 1, 1, 0); /* ... text|err */
    free(real);
    if (status != LUA_OK) return lua_error(L);
    return 1;
}

/* host.make_directory(path) -> true; or nil, message: with those above it, for the owner alone */
static int make_directory(lua_State *L) {
    size_t n;
    const char *path = luaL_checklstring(L, 1, &n);
    char *part = lua_newuserdatauv(L, n + 1, 0); /* path part */
    memcpy(part, path, n + 1);
    for (size_t i = 1; i <= n; i++) {
        if (part[i] != '/' && part[i] != '\0') continue;
        char end = part[i];
        part[i] = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST) return luaL_fileresult(L, 0, part);
        part[i] = end;
    }
    struct stat about;
    if (stat(path, &about) == 0 && !S_ISDIR(about.st_mode)) {
        errno = ENOTDIR;
        return luaL_fileresult(L, 0, path);
    }
    lua_pushboolean(L, 1);
    return 1;
}

/* host.create_file(path, text) -> true; or nil, message: never writes over a file that exists */
static int create_file(lua_State *L) {
    size_t n;
    const char *path = luaL_checkstring(L, 1), *text = luaL_checklstring(L, 2, &n);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) return luaL_fileresult(L, 0, path);
    while (n > 0) {
        ssize_t written = write(fd, text, n);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            int problem = errno;
            close(fd);
            unlink(path);
            errno = problem;
            return luaL_fileresult(L, 0, path);
        }
        text += written;
        n -= (size_t)written;
    }
    return luaL_fileresult(L, close(fd) == 0, path);
}

/* host.make_private(path) -> true; or nil, message: the file, made when it is not there, can be read by its owner alone */
static int make_private(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    int fd = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0) return luaL_fileresult(L, 0, path);
    struct stat about;
    /* What is not ours to change, or not a file, stays as it is. */
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_uid == geteuid() && (about.st_mode & 077))
        (void)fchmod(fd, 0600);
    close(fd);
    lua_pushboolean(L, 1);
    return 1;
}

/* host.host_name() -> string: of this machine, or "localhost" */
static int host_name(lua_State *L) {
    char name[256] = "";
    if (gethostname(name, sizeof name - 1) != 0 || !name[0]) snprintf(name, sizeof name, "localhost");
    lua_pushstring(L, name); /* name */
    return 1;
}

/* host.process_id() -> integer */
static int process_id(lua_State *L) {
    lua_pushinteger(L, getpid());
    return 1;
}

/* host.program_path() -> path of the program, or nil */
static int program_path(lua_State *L) {
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    if (n <= 0 || (size_t)n == sizeof path) return luaL_pushfail(L), 1;
    lua_pushlstring(L, path, (size_t)n);
    return 1;
}

/* host.wall_clock() -> milliseconds since 1970, an integer */
static int wall_clock(lua_State *L) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    lua_pushinteger(L, (lua_Integer)now.tv_sec * 1000 + now.tv_nsec / 1000000);
    return 1;
}

/* host.embedded_source(file) -> text of a Lua file or a page that was compiled in, or nil */
static int embedded_source(lua_State *L) {
    const char *file = luaL_checkstring(L, 1);
    const lblua_source *lists[] = { lblua_module_sources, lbhost_sources, lbhost_pages };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        for (const lblua_source *s = lists[i]; s->name; s++) {
            if (strcmp(s->file, file) != 0) continue;
            lua_pushlstring(L, s->text, s->size);
            return 1;
        }
    }
    return 0;
}

/* host.embedded_pages() -> list of the files of the documentation's pages */
static int embedded_pages(lua_State *L) {
    lua_newtable(L); /* list */
    lua_Integer n = 0;
    for (const lblua_source *s = lbhost_pages; s->name; s++) {
        lua_pushstring(L, s->file); /* list file */
        lua_rawseti(L, -2, ++n);    /* list */
    }
    return 1;
}

void host_open_system(lua_State *L) { /* host */
    static const luaL_Reg functions[] = {
        { "isatty", is_tty },
        { "terminal_width", terminal_width },
        { "list_directory", list_directory },
        { "real_path", real_path },
        { "make_directory", make_directory },
        { "create_file", create_file },
        { "make_private", make_private },
        { "process_id", process_id },       { "host_name", host_name },
        { "program_path", program_path },
        { "wall_clock", wall_clock },
        { "embedded_source", embedded_source },
        { "embedded_pages", embedded_pages },
        { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
}
