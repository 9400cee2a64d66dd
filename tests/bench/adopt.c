/*
 * Runs a program as the parent of all that it has started and left: servers in the background, and what they start in turn.
 *
 *   adopt PROGRAM ARG...
 *
 * Without it they would be children of init, and /proc would not show that the time they take is the benchmark's own (load.lua).
 * Ends with the program's status, or 128 and the number of the signal that ended it. Linux, prctl(2).
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

extern char **environ;

int main(int argc, char **argv)
{
    if (argc < 2 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
        perror("adopt");
        return 125;
    }
    pid_t program;
    int problem = posix_spawnp(&program, argv[1], NULL, NULL, argv + 1, environ);
    if (problem != 0) {
        fprintf(stderr, "adopt: %s: %s\n", argv[1], strerror(problem));
        return 127;
    }
    for (;;) {
        int status;
        pid_t ended = wait(&status);
        if (ended < 0 && errno != EINTR) {
            perror("adopt");
            return 125;
        }
        if (ended == program) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
}
