/* library.c - loads shared libraries with dlopen(). */
#include "library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static void *open_library(const lb_library *library, char *problem, size_t size) {
    for (const char *const *file = library->files; *file; file++) {
        void *handle = dlopen(*file, RTLD_LAZY | RTLD_LOCAL);
        if (handle) {
            problem[0] = '\0'; /* of a file that was to be had first */
            return handle;
        }
        const char *reason = dlerror();
        if (file == library->files)
            snprintf(problem, size, "%s cannot be loaded (%s); the Debian package is %s", library->name, reason ? reason : *file,
                     library->package);
    }
    return NULL;
}

bool lb_library_load(const lb_library *library, void *table, char *problem, size_t size) {
    void *handle = open_library(library, problem, size);
    char *place = table;
    if (!handle) return false;
    for (const char *const *name = library->functions; *name; name++) {
        void *function = dlsym(handle, *name);
        if (!function) {
            snprintf(problem, size, "%s has no function %s; %s or newer is needed", library->name, *name, library->version);
            return false;
        }
        memcpy(place, &function, sizeof function);
        place += sizeof function;
    }
    return true;
}
