/* files.c - what files of the program need beyond Lua's io: a file is replaced as a whole or not at all. */
#define _GNU_SOURCE
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int write_all(int fd, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        bytes += n;
        size -= (size_t)n;
    }
    return 0;
}

/* A rename is only durable when the folder is written, too. Some file systems cannot do that: no harm. */
static void sync_folder_of(lua_State *L, const char *path) {
    const char *slash = strrchr(path, '/');
    const char *folder = !slash ? "." : slash == path ? "/" : lua_pushlstring(L, path, (size_t)(slash - path));
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    (void)fsync(fd);
    close(fd);
}

/* host.replace_file(path, bytes) -> true | nil, message. The file has its old content or the new one, also when the
   machine stops in between; a new file can be read by its owner alone. */
static int replace_file(lua_State *L) {
    size_t size;
    const char *path = luaL_checkstring(L, 1);
    const char *bytes = luaL_checklstring(L, 2, &size);
    const char *pattern = lua_pushfstring(L, "%s.XXXXXX", path); /* path bytes pattern */
    char *name = lua_newuserdatauv(L, strlen(pattern) + 1, 0);    /* path bytes pattern name */
    strcpy(name, pattern);
    int fd = mkstemp(name);
    if (fd < 0) return luaL_fileresult(L, 0, path);
    int failure = write_all(fd, bytes, size) != 0 || fsync(fd) != 0 ? errno : 0;
    if (close(fd) != 0 && !failure) failure = errno;
    if (!failure && rename(name, path) != 0) failure = errno;
    if (failure) {
        unlink(name);
        errno = failure;
        return luaL_fileresult(L, 0, path);
    }
    sync_folder_of(L, path);
    lua_pushboolean(L, 1);
    return 1;
}

#define LOCK "lbhost.lock"

static int unlock_file(lua_State *L) {
    int *fd = luaL_checkudata(L, 1, LOCK);
    if (*fd >= 0) close(*fd);
    *fd = -1;
    return 0;
}

/* host.lock_file(path) -> lock, held until lock:close() or the end of the process, however it ends; or nil when another
   process has it; or nil, message */
static int lock_file(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    lua_settop(L, 1);
    int *fd = lua_newuserdatauv(L, sizeof *fd, 0); /* path lock */
    *fd = -1;
    if (luaL_newmetatable(L, LOCK)) { /* path lock mt */
        lua_pushcfunction(L, unlock_file); /* path lock mt f */
        lua_pushvalue(L, -1);              /* path lock mt f f */
        lua_setfield(L, -3, "__gc");       /* path lock mt f */
        lua_pushvalue(L, -1);              /* path lock mt f f */
        lua_setfield(L, -3, "close");      /* path lock mt f */
        lua_setfield(L, -2, "__close");    /* path lock mt */
        lua_pushvalue(L, -1);              /* path lock mt mt */
        lua_setfield(L, -2, "__index");    /* path lock mt */
    }
    lua_setmetatable(L, -2); /* path lock */
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0) return luaL_fileresult(L, 0, path);
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0) return 1;
    if (errno == EWOULDBLOCK) return luaL_pushfail(L), 1;
    return luaL_fileresult(L, 0, path);
}

void host_open_files(lua_State *L) { /* host */
    lua_pushcfunction(L, replace_file);  /* host f */
    lua_setfield(L, -2, "replace_file"); /* host */
    lua_pushcfunction(L, lock_file);     /* host f */
    lua_setfield(L, -2, "lock_file");    /* host */
}
