/* descriptors.h - how many descriptors the process has open, so that a test sees one that is lost. */
#ifndef TESTS_DESCRIPTORS_H
#define TESTS_DESCRIPTORS_H

#include <dirent.h>

static inline int open_descriptors(void) {
    int count = -1; /* not the one by which they are read */
    DIR *directory = opendir("/proc/self/fd");
    if (!directory) return -1;
    for (struct dirent *entry; (entry = readdir(directory));) count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

#endif
