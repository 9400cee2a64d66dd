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

/* The texts are together, away from what the program reads while it runs: their memory can be given back. */
#ifdef __ELF__
#define LBLUA_SOURCE_TEXT __attribute__((section("lua_sources")))
#else
#define LBLUA_SOURCE_TEXT
#endif

extern const lblua_source lblua_module_sources[];

/* Makes require() find the sources. [-0, +0, m] */
void lblua_preload(lua_State *L, const lblua_source *sources);

#endif
