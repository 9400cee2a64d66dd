/* embedded.h - Lua sources compiled into the library; made by scripts/tools/embed.lua. */
#ifndef LBLUA_EMBEDDED_H
#define LBLUA_EMBEDDED_H

#include <lua.h>
#include <stddef.h>

typedef struct lblua_source {
    const char *name; /* of the module; NULL ends a list */
    const char *file; /* where it came from, for tracebacks */
    const char *text;
    size_t size;
} lblua_source;

extern const lblua_source lblua_module_sources[];

/* Makes require() find the sources. [-0, +0, m] */
void lblua_preload(lua_State *L, const lblua_source *sources);

#endif
