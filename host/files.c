/* files.c - what files of the program need beyond Lua's io: a file is replaced as a whole or not at all. */
#define _GNU_SOURCE 1
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
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

/* A rename is only durable when the directory is written, too. Some file systems cannot do that: no harm. */
static void sync_directory_of(lua_State *L, const char *path) {
    const char *slash = strrchr(path, '/');
    const char *directory = !slash ? "." : slash == path ? "/" : lua_pushlstring(L, path, (size_t)(slash - path));
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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
    sync_directory_of(L, path);
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

/* lock:state(path) -> "same" | "replaced" | "gone", names: is the locked file still the one at that path, and how many
   names (hard links) does it have? */
static int lock_state(lua_State *L) {
    int *fd = luaL_checkudata(L, 1, LOCK);
    const char *path = luaL_checkstring(L, 2);
    struct stat held, there;
    if (*fd < 0 || fstat(*fd, &held) != 0) return luaL_error(L, "the lock of %s is closed", path);
    const char *state = "same";
    if (stat(path, &there) != 0) state = "gone";
    else if (held.st_dev != there.st_dev || held.st_ino != there.st_ino) state = "replaced";
    lua_pushstring(L, state);                         /* state */
    lua_pushinteger(L, (lua_Integer)held.st_nlink);   /* state names */
    return 2;
}

/* host.lock_file(path) -> lock, held until lock:close() or the end of the process, however it ends; or nil when another
   process has it; or nil, message */
static int lock_file(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    lua_settop(L, 1);
    int *fd = lua_newuserdatauv(L, sizeof *fd, 0); /* path lock */
    *fd = -1;
    luaL_newmetatable(L, LOCK);        /* path lock mt; perhaps there already, but not whole, when memory ran out */
    lua_pushcfunction(L, unlock_file); /* path lock mt f */
    lua_pushvalue(L, -1);              /* path lock mt f f */
    lua_setfield(L, -3, "__gc");       /* path lock mt f */
    lua_pushvalue(L, -1);              /* path lock mt f f */
    lua_setfield(L, -3, "close");      /* path lock mt f */
    lua_setfield(L, -2, "__close");    /* path lock mt */
    lua_pushcfunction(L, lock_state);  /* path lock mt f */
    lua_setfield(L, -2, "state");      /* path lock mt */
    lua_pushvalue(L, -1);              /* path lock mt mt */
    lua_setfield(L, -2, "__index");    /* path lock mt */
    lua_setmetatable(L, -2); /* path lock */
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0) return luaL_fileresult(L, 0, path);
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0) return 1;
    if (errno == EWOULDBLOCK) return luaL_pushfail(L), 1;
    return luaL_fileresult(L, 0, path);
}

static const char *kind_of(mode_t mode) {
    return S_ISREG(mode) ? "file" : S_ISDIR(mode) ? "directory" : S_ISLNK(mode) ? "link" : "other";
}

/* Where the path of the second argument leads, below the root of the first: *kind is one of kind_of(), "link" when a part of the
   path is a symbolic link, or NULL when nothing is there. No link below the root is followed (the root itself may be one), and
   the path has no part "..", so that what it names is inside of the root. Returns the directory of the last part, *name, to be
   closed; -1 for none. The name is in memory that stays on the stack. [-0, +1, v] */
static int find_inside(lua_State *L, const char **name, const char **kind) {
    const char *root = luaL_checkstring(L, 1);
    size_t size;
    const char *path = luaL_checklstring(L, 2, &size);
    luaL_argcheck(L, size > 0 && strlen(path) == size && path[0] != '/', 2, "a relative path expected");
    char *part = lua_newuserdatauv(L, size + 1, 0); /* part */
    memcpy(part, path, size + 1);
    int at = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    *kind = NULL;
    while (at >= 0) {
        char *slash = strchr(part, '/');
        if (slash) *slash = '\0';
        *name = part;
        struct stat about = { .st_mode = 0 };
        if (strcmp(part, "..") == 0 || *part == '\0') *kind = "other";
        else *kind = fstatat(at, part, &about, AT_SYMLINK_NOFOLLOW) == 0 ? kind_of(about.st_mode) : NULL;
        if (!slash || !S_ISDIR(about.st_mode)) {
            /* A file on the way to something else: that is not there. */
            if (slash && !S_ISLNK(about.st_mode)) *kind = NULL;
            return at;
        }
        int next = openat(at, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close(at);
        at = next;
        part = slash + 1;
        *kind = NULL;
    }
    return -1;
}

/* host.kind_inside(root, path) -> "file" | "directory" | "other" | "link", or nil when it is not there: see find_inside(). */
static int kind_inside(lua_State *L) {
    const char *name, *kind;
    int at = find_inside(L, &name, &kind); /* name */
    if (at >= 0) close(at);
    if (!kind) return luaL_pushfail(L), 1;
    lua_pushstring(L, kind);
    return 1;
}

static int close_stream(lua_State *L) {
    luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
    return luaL_fileresult(L, fclose(stream->f) == 0, NULL);
}

/* host.open_inside(root, path) -> a file to be read, and a path that names it while it is open, whatever becomes of its directory;
   nil when it is not there; nil, kind [, problem] when it is something else or cannot be opened. A link or a pipe that takes its
   place meanwhile is neither followed nor waited for. */
static int open_inside(lua_State *L) {
    luaL_Stream *stream = lua_newuserdatauv(L, sizeof *stream, 0); /* file */
    stream->closef = NULL;
    luaL_setmetatable(L, LUA_FILEHANDLE);
    const char *name, *kind;
    int at = find_inside(L, &name, &kind); /* file name */
    int fd = -1, problem = 0;
    if (kind && strcmp(kind, "file") == 0) {
        fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        problem = fd < 0 ? errno : 0;
    }
    if (at >= 0) close(at);
    struct stat about;
    if (fd >= 0 && (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))) {
        close(fd);
        fd = -1;
        kind = "other";
    }
    stream->f = fd >= 0 ? fdopen(fd, "rb") : NULL;
    if (stream->f) {
        stream->closef = close_stream;
        lua_pop(L, 1);                              /* file */
        lua_pushfstring(L, "/proc/self/fd/%d", fd); /* file path */
        return 2;
    }
    if (fd >= 0) problem = errno, close(fd);
    luaL_pushfail(L);
    if (!kind) return 1;
    lua_pushstring(L, problem == ELOOP ? "link" : kind);
    if (!problem) return 2;
    lua_pushstring(L, strerror(problem));
    return 3;
}

void host_open_files(lua_State *L) { /* host */
    static const luaL_Reg functions[] = {
        { "replace_file", replace_file },
        { "lock_file", lock_file },
        { "kind_inside", kind_inside },
        { "open_inside", open_inside },
        { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
}
