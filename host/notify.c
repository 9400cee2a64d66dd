/* notify.c - reports the state of a service to the service manager, as sd_notify(3) does. Part of the module `lbhost.host`.
 * Documentation: https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html */
#define _GNU_SOURCE 1
#include "host.h"

#include <errno.h>
#include <lauxlib.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* host.notify(text) -> true: sent to $NOTIFY_SOCKET; false: there is none; or nil, message. A name that begins with @ is in
 * the abstract namespace. */
static int notify(lua_State *L) {
    size_t size;
    const char *text = luaL_checklstring(L, 1, &size), *name = getenv("NOTIFY_SOCKET");
    if (!name || !*name) return lua_pushboolean(L, 0), 1;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t length = strlen(name);
    bool abstract = name[0] == '@';
    if ((!abstract && name[0] != '/') || length >= sizeof address.sun_path) {
        errno = EINVAL;
        return luaL_fileresult(L, 0, "NOTIFY_SOCKET");
    }
    memcpy(address.sun_path, name, length);
    if (abstract) address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return luaL_fileresult(L, 0, "NOTIFY_SOCKET");
    socklen_t address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + !abstract);
    ssize_t sent = sendto(fd, text, size, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address, address_size);
    int number = errno;
    close(fd);
    errno = number;
    return luaL_fileresult(L, sent == (ssize_t)size, "NOTIFY_SOCKET");
}

void host_open_notify(lua_State *L) { /* host */
    lua_pushcfunction(L, notify);  /* host f */
    lua_setfield(L, -2, "notify"); /* host */
}
