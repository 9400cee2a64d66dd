/*
 * Times programs from their start: to the first byte they write, and to their end.
 *
 *   start_time RUNS PROGRAM ARG... [--- PROGRAM ARG...]...
 *
 * Runs them in turn, RUNS times over, and prints a line of JSON for each: medians in milliseconds,
 * {"first":,"first_error":,"exit":,"rss_kb":}, or {"failed":STATUS} for one that did not end with status 0. The error is
 * twice the standard error of the median, from the quartiles.
 * A program that writes nothing has "first":0.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_PROGRAMS 32
#define MAX_RUNS 1000

extern char **environ;

typedef struct {
    char **argv;
    int failed;
    long rss_kb;
    double first[MAX_RUNS];
    double exit[MAX_RUNS];
} program;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static pid_t start(char **argv, int out)
{
    pid_t pid;
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) != 0)
        die("posix_spawn_file_actions");
    int failure = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) {
        fprintf(stderr, "start_time: %s: %s\n", argv[0], strerror(failure));
        return -1;
    }
    return pid;
}

static void time_one(program *p, int run)
{
    int ends[2], status = 0;
    char bytes[512];
    ssize_t got;
    struct rusage use;
    if (pipe2(ends, O_CLOEXEC) != 0)
        die("pipe2");
    double begin = now_ms();
    pid_t pid = start(p->argv, ends[1]);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        p->failed = 127;
        return;
    }
    got = read(ends[0], bytes, 1);
    p->first[run] = got == 1 ? now_ms() - begin : 0;
    while (got > 0)
        got = read(ends[0], bytes, sizeof bytes);
    if (wait4(pid, &status, 0, &use) < 0)
        die("wait4");
    p->exit[run] = now_ms() - begin;
    close(ends[0]);
    if (use.ru_maxrss > p->rss_kb)
        p->rss_kb = use.ru_maxrss;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        p->failed = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, by_value);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Of values in their order. */
static double error_of(const double *values, int n)
{
    return 2 * 1.2533 * (values[n * 3 / 4] - values[n / 4]) / 1.349 / sqrt(n);
}

/* Cuts the arguments at each "---" into programs; returns how many. */
static int split(char **argv, program *programs)
{
    int n = 0;
    while (*argv != NULL && n < MAX_PROGRAMS) {
        programs[n++].argv = argv;
        while (*argv != NULL && strcmp(*argv, "---") != 0)
            argv++;
        if (*argv != NULL)
            *argv++ = NULL;
    }
    return n;
}

int main(int argc, char **argv)
{
    int runs = argc > 2 ? atoi(argv[1]) : 0;
    if (runs < 1 || runs > MAX_RUNS) {
        fprintf(stderr, "usage: start_time RUNS PROGRAM ARG... [--- PROGRAM ARG...]...\n");
        return 2;
    }
    program *programs = calloc(MAX_PROGRAMS, sizeof *programs);
    if (programs == NULL)
        die("calloc");
    int n = split(argv + 2, programs);
    for (int run = 0; run < runs; run++)
        for (int i = 0; i < n; i++)
            if (!programs[i].failed)
                time_one(&programs[i], run);
    for (int i = 0; i < n; i++) {
        program *p = &programs[i];
        if (p->failed)
            printf("{\"failed\":%d}\n", p->failed);
        else
        {
            double first = median(p->first, runs), end = median(p->exit, runs);
            printf("{\"first\":%.3f,\"first_error\":%.3f,\"exit\":%.3f,\"rss_kb\":%ld}\n", first,
                   error_of(p->first, runs), end, p->rss_kb);
        }
    }
    free(programs);
    return 0;
}
