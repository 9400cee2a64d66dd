/* host.h - lbhost as a function, for programs that embed it and for tests. */
#ifndef LBHOST_HOST_H
#define LBHOST_HOST_H

#include <lua.h>

/* Runs a command line; returns the exit status. Installs a handler for SIGINT while it runs. */
int host_run(int argc, char **argv);

/* Fills a new state: standard libraries, cjson, liveblocks, the program's own modules. [-0, +0, e] */
void host_open(lua_State *L);

#endif
