/* descriptors.h - how many descriptors the process has open, so that a test sees one that is lost; and how many threads. */
#ifndef TESTS_DESCRIPTORS_H
#define TESTS_DESCRIPTORS_H

#include <dirent.h>

static inline int entries_of(const char *path) {
    int count = 0;
    DIR *directory = opendir(path);
    if (!directory) return -1;
    for (struct dirent *entry; (entry = readdir(directory));) count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static inline int open_descriptors(void) {
    return entries_of("/proc/self/fd") - 1; /* without the one by which they are read */
}

static inline int running_threads(void) {
    return entries_of("/proc/self/task");
}

#endif
