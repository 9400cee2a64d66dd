/* modules.h - the program's own modules in C, found by require(). */
#ifndef LBHOST_MODULES_H
#define LBHOST_MODULES_H

#include <lua.h>

int luaopen_lbhost_sqlite(lua_State *L);    /* lbhost.sqlite */
int luaopen_lbhost_http_core(lua_State *L); /* lbhost.http_core */
int luaopen_lbhost_line_editor(lua_State *L); /* lbhost.line_editor */

int luaopen_lbhost_limits(lua_State *L);    /* lbhost.limits */

#endif
