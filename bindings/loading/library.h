/* library.h - shared libraries that are loaded when they are first needed, since loading them takes longer than the rest of a
 * program's start. Where LB_LINK_LIBRARIES is defined, as in libliveblocks.a, the linker finds them instead. */
#ifndef LB_LIBRARY_H
#define LB_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

typedef struct lb_library {
    const char *name;             /* for messages */
    const char *files[3];         /* the one to have first; NULL ends */
    const char *package;          /* of Debian */
    const char *version;          /* the oldest that has all functions */
    const char *const *functions; /* NULL ends */
} lb_library;

/* Loads a library and fills in `table`, a struct of pointers to its functions in their order. The library stays loaded.
 * Returns whether all were found; else `problem`, of `size` bytes, has a sentence that says why. */
bool lb_library_load(const lb_library *library, void *table, char *problem, size_t size);

#endif
