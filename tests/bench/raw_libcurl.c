/*
 * The yardstick of the benchmarks: the loop a good C programmer writes over libcurl, with nothing
 * around it. It reuses its handles, copies each response into a buffer, checks the status and that
 * the response names the room asked for, and decodes nothing.
 *
 *   raw_libcurl turn   BASE CALLS WARMUP          one easy handle, one call after the other
 *   raw_libcurl poll   BASE CALLS WARMUP [N]      N in flight, curl_multi_poll and _perform
 *   raw_libcurl socket BASE CALLS WARMUP [N]      N in flight, curl_multi_socket_action and epoll
 *   raw_libcurl pages  BASE SET                   every page of a set of rooms, cursor by cursor
 *   raw_libcurl frames BASE CALLS                 so many documents at once, in 60 frames a second: prints
 *                                                 the CPU of the longest call of libcurl, in ms
 *
 * Prints one line of JSON: {"calls":,"wall":,"cpu":,"rss_kb":}; seconds, and KiB at the peak.
 */
#define _GNU_SOURCE 1
#include <curl/curl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MAX_IN_FLIGHT 256
#define MAX_FD 1024

typedef struct {
    CURL *easy;
    char *bytes;
    size_t size;
    size_t capacity;
    unsigned long id;
} slot;

/* One pass over `calls` rooms; the transfers in flight share it. */
typedef struct {
    const char *base;
    unsigned long next;
    unsigned long done;
    unsigned long calls;
} pass;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "raw_libcurl: %s: %s\n", what, why);
    exit(1);
}

static void check_easy(CURLcode code, const char *what)
{
    if (code != CURLE_OK)
        die(what, curl_easy_strerror(code));
}

static void check_multi(CURLMcode code, const char *what)
{
    if (code != CURLM_OK)
        die(what, curl_multi_strerror(code));
}

static double now_seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_seconds(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

/* VmHWM, because the ru_maxrss of a forked child starts at its parent's size. */
static long peak_kb(void)
{
    char line[128];
    long kb = -1;
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL)
        return -1;
    while (kb < 0 && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0)
            kb = strtol(line + 6, NULL, 10);
    fclose(status);
    return kb;
}

static size_t on_body(char *bytes, size_t unit, size_t count, void *context)
{
    slot *s = context;
    size_t size = unit * count;
    if (s->size + size + 1 > s->capacity) {
        size_t capacity = (s->size + size + 1) * 2;
        char *grown = realloc(s->bytes, capacity);
        if (grown == NULL)
            return 0;
        s->bytes = grown;
        s->capacity = capacity;
    }
    memcpy(s->bytes + s->size, bytes, size);
    s->size += size;
    s->bytes[s->size] = '\0';
    return size;
}

static void open_slot(slot *s, struct curl_slist *headers)
{
    s->easy = curl_easy_init();
    if (s->easy == NULL)
        die("curl_easy_init", "out of memory");
    check_easy(curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, on_body), "write function");
    check_easy(curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, s), "write data");
    check_easy(curl_easy_setopt(s->easy, CURLOPT_PRIVATE, s), "private");
    check_easy(curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, headers), "headers");
    check_easy(curl_easy_setopt(s->easy, CURLOPT_ACCEPT_ENCODING, ""), "encoding");
    check_easy(curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L), "no signal");
    check_easy(curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, 30000L), "timeout");
    check_easy(curl_easy_setopt(s->easy, CURLOPT_PROXY, ""), "no proxy");
    if (getenv("BENCH_CA") != NULL) { /* for https: calls share a connection, as streams of HTTP/2 */
        check_easy(curl_easy_setopt(s->easy, CURLOPT_CAINFO, getenv("BENCH_CA")), "root certificate");
        check_easy(curl_easy_setopt(s->easy, CURLOPT_PIPEWAIT, 1L), "multiplexing");
    }
}

static void close_slot(slot *s)
{
    curl_easy_cleanup(s->easy);
    free(s->bytes);
}

static void aim(slot *s, const char *base, unsigned long id)
{
    char url[512];
    int n = snprintf(url, sizeof url, "%s/v2/rooms/room-%lu", base, id);
    if (n < 0 || (size_t)n >= sizeof url)
        die("base URL", "too long");
    check_easy(curl_easy_setopt(s->easy, CURLOPT_URL, url), "URL");
    s->id = id;
    s->size = 0;
}

static void check_room(slot *s)
{
    char want[64];
    long status = 0;
    snprintf(want, sizeof want, "\"id\":\"room-%lu\"", s->id);
    check_easy(curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status), "status");
    if (status != 200 || s->size == 0 || strstr(s->bytes, want) == NULL)
        die("response is not the room asked for", want);
}

static void run_turn(const char *base, unsigned long calls, slot *s)
{
    for (unsigned long i = 1; i <= calls; i++) {
        aim(s, base, i);
        check_easy(curl_easy_perform(s->easy), "perform");
        check_room(s);
    }
}

static bool start_next(CURLM *multi, pass *p, slot *s)
{
    if (p->next >= p->calls)
        return false;
    aim(s, p->base, ++p->next);
    check_multi(curl_multi_add_handle(multi, s->easy), "add handle");
    return true;
}

static void collect(CURLM *multi, pass *p)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        CURL *easy = message->easy_handle;
        slot *s = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        check_easy(message->data.result, "transfer");
        check_easy(curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&s), "private");
        check_multi(curl_multi_remove_handle(multi, easy), "remove handle");
        check_room(s);
        p->done++;
        start_next(multi, p, s);
    }
}

static void run_poll(CURLM *multi, pass *p, slot *slots, size_t width)
{
    int running = 0;
    for (size_t i = 0; i < width; i++)
        start_next(multi, p, &slots[i]);
    while (p->done < p->calls) {
        check_multi(curl_multi_perform(multi, &running), "perform");
        collect(multi, p);
        if (p->done < p->calls)
            check_multi(curl_multi_poll(multi, NULL, 0, 1000, NULL), "poll");
    }
}

/*
 * What epoll watches. libcurl lets go of a socket after each response and takes it up again for the
 * next request; the registration stays meanwhile, which saves two system calls a call.
 */
typedef struct {
    int epoll;
    long timeout_ms;
    uint32_t watched[MAX_FD]; /* what epoll reports, by descriptor */
    bool wanted[MAX_FD];      /* whether libcurl still wants to hear of it */
} reactor;

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *known)
{
    reactor *r = context;
    uint32_t mask = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
    struct epoll_event event = {.events = mask, .data = {.fd = fd}};
    (void)easy;
    (void)known;
    if (fd >= MAX_FD)
        return -1;
    r->wanted[fd] = what != CURL_POLL_REMOVE;
    if (!r->wanted[fd] || r->watched[fd] == mask)
        return 0;
    if (epoll_ctl(r->epoll, r->watched[fd] ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0)
        return -1;
    r->watched[fd] = mask;
    return 0;
}

static int on_close(void *context, curl_socket_t fd)
{
    if (fd < MAX_FD)
        ((reactor *)context)->watched[fd] = 0; /* the kernel forgets a closed descriptor too */
    return close(fd);
}

static int on_timer(CURLM *multi, long timeout_ms, void *context)
{
    (void)multi;
    ((reactor *)context)->timeout_ms = timeout_ms;
    return 0;
}

static void run_socket(CURLM *multi, pass *p, slot *slots, size_t width, reactor *r)
{
    struct epoll_event events[MAX_IN_FLIGHT];
    int running = 0;
    for (size_t i = 0; i < width; i++)
        start_next(multi, p, &slots[i]);
    while (p->done < p->calls) {
        int wait = r->timeout_ms < 0 || r->timeout_ms > 1000 ? 1000 : (int)r->timeout_ms;
        int n = wait == 0 ? 0 : epoll_wait(r->epoll, events, MAX_IN_FLIGHT, wait);
        if (n <= 0) {
            r->timeout_ms = -1;
            check_multi(curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running),
                        "timeout");
        }
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (!r->wanted[fd]) { /* the server closed a connection at rest */
                epoll_ctl(r->epoll, EPOLL_CTL_DEL, fd, NULL);
                r->watched[fd] = 0;
                continue;
            }
            int bits = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                       (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                       (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
            check_multi(curl_multi_socket_action(multi, fd, bits, &running), "socket action");
        }
        collect(multi, p);
    }
}

/* Follows nextCursor from page to page. Counts rooms by the text every one of them begins with. */
static unsigned long run_pages(const char *base, const char *set, slot *s)
{
    static const char room_mark[] = "{\"type\":\"room\"", cursor_mark[] = "\"nextCursor\":\"";
    char cursor[64] = "", url[512];
    unsigned long rooms = 0;
    for (;;) {
        int n = snprintf(url, sizeof url, "%s/v2/rooms?limit=100&userId=%s%s%s", base, set,
                         cursor[0] ? "&startingAfter=" : "", cursor);
        if (n < 0 || (size_t)n >= sizeof url)
            die("base URL", "too long");
        s->size = 0;
        check_easy(curl_easy_setopt(s->easy, CURLOPT_URL, url), "URL");
        check_easy(curl_easy_perform(s->easy), "perform");
        if (s->size == 0)
            die("page", "empty response");
        unsigned long before = rooms;
        for (const char *at = s->bytes; (at = strstr(at, room_mark)) != NULL; at++)
            rooms++;
        if (rooms == before)
            die("page", "no rooms in it");
        const char *found = strstr(s->bytes, cursor_mark);
        if (found == NULL)
            return rooms;
        found += sizeof cursor_mark - 1;
        size_t length = strcspn(found, "\"");
        if (length >= sizeof cursor)
            die("page", "cursor too long");
        memcpy(cursor, found, length);
        cursor[length] = '\0';
    }
}

static void report(unsigned long calls, double wall, double cpu)
{
    printf("{\"calls\":%lu,\"wall\":%.6f,\"cpu\":%.6f,\"rss_kb\":%ld}\n", calls, wall, cpu,
           peak_kb());
}

static CURLM *open_multi(bool sockets, reactor *r)
{
    CURLM *multi = curl_multi_init();
    if (multi == NULL)
        die("curl_multi_init", "out of memory");
    check_multi(curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)MAX_IN_FLIGHT), "connects");
    if (sockets) {
        r->epoll = epoll_create1(EPOLL_CLOEXEC);
        if (r->epoll < 0)
            die("epoll_create1", "no descriptor");
        check_multi(curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket), "sockets");
        check_multi(curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, r), "sockets");
        check_multi(curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer), "timer");
        check_multi(curl_multi_setopt(multi, CURLMOPT_TIMERDATA, r), "timer");
    }
    return multi;
}

static void measure_many(const char *base, struct curl_slist *headers, bool sockets,
                         const unsigned long calls[2], size_t width)
{
    slot slots[MAX_IN_FLIGHT] = {{0}};
    reactor r = {.epoll = -1, .timeout_ms = -1};
    CURLM *multi = open_multi(sockets, &r);
    double wall = 0, cpu = 0;
    for (size_t i = 0; i < width; i++) {
        open_slot(&slots[i], headers);
        if (sockets) {
            check_easy(curl_easy_setopt(slots[i].easy, CURLOPT_CLOSESOCKETFUNCTION, on_close),
                       "close socket");
            check_easy(curl_easy_setopt(slots[i].easy, CURLOPT_CLOSESOCKETDATA, &r),
                       "close socket");
        }
    }
    for (int timed = 0; timed < 2; timed++) { /* first the warm-up, then what counts */
        pass p = {.base = base, .calls = calls[timed]};
        wall = now_seconds(CLOCK_MONOTONIC);
        cpu = cpu_seconds();
        if (sockets)
            run_socket(multi, &p, slots, width, &r);
        else
            run_poll(multi, &p, slots, width);
        wall = now_seconds(CLOCK_MONOTONIC) - wall;
        cpu = cpu_seconds() - cpu;
    }
    report(calls[1], wall, cpu);
    for (size_t i = 0; i < width; i++)
        close_slot(&slots[i]);
    curl_multi_cleanup(multi);
    if (r.epoll >= 0)
        close(r.epoll);
}

static void note_longest(double *max_ms, double began)
{
    double spent = (cpu_seconds() - began) * 1e3;
    if (spent > *max_ms)
        *max_ms = spent;
}

/* One frame: a call for the timers, and one for each socket that is ready. */
static void run_frame(CURLM *multi, reactor *r, double *max_ms)
{
    struct epoll_event events[MAX_IN_FLIGHT];
    int running = 0;
    double began = cpu_seconds();
    check_multi(curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running), "timeout");
    note_longest(max_ms, began);
    int n = epoll_wait(r->epoll, events, MAX_IN_FLIGHT, 0);
    for (int i = 0; i < n; i++) {
        began = cpu_seconds();
        check_multi(curl_multi_socket_action(multi, events[i].data.fd, CURL_CSELECT_IN, &running), "socket action");
        note_longest(max_ms, began);
    }
}

/* What no caller of libcurl can divide. */
static void measure_frames(const char *base, struct curl_slist *headers, unsigned long calls)
{
    static slot slots[MAX_IN_FLIGHT];
    reactor r = {.epoll = -1, .timeout_ms = -1};
    pass first = {.base = base, .calls = 1};
    CURLM *multi = open_multi(true, &r);
    char url[512];
    double max_ms = 0;
    unsigned long done = 0;
    if (calls < 1 || calls > MAX_IN_FLIGHT)
        die("usage", "between 1 and 256 documents");
    for (unsigned long i = 0; i < calls; i++)
        open_slot(&slots[i], headers);
    run_socket(multi, &first, slots, 1, &r); /* the connection */
    for (unsigned long i = 0; i < calls; i++) {
        snprintf(url, sizeof url, "%s/v2/rooms/large-%lu/storage", base, i + 1);
        check_easy(curl_easy_setopt(slots[i].easy, CURLOPT_URL, url), "URL");
        slots[i].size = 0;
        check_multi(curl_multi_add_handle(multi, slots[i].easy), "add handle");
    }
    double wall = now_seconds(CLOCK_MONOTONIC), cpu = cpu_seconds();
    while (done < calls) {
        CURLMsg *message;
        int left;
        run_frame(multi, &r, &max_ms);
        while ((message = curl_multi_info_read(multi, &left)) != NULL) {
            check_easy(message->data.result, "transfer");
            check_multi(curl_multi_remove_handle(multi, message->easy_handle), "remove handle");
            done++;
        }
        usleep(1000000 / 60);
    }
    printf("{\"worst\":%.3f,\"wall\":%.3f,\"cpu\":%.6f}\n", max_ms, now_seconds(CLOCK_MONOTONIC) - wall, cpu_seconds() - cpu);
    for (unsigned long i = 0; i < calls; i++)
        close_slot(&slots[i]);
    curl_multi_cleanup(multi);
    close(r.epoll);
}

static void measure_turn(const char *base, struct curl_slist *headers, const unsigned long calls[2])
{
    slot s = {0};
    open_slot(&s, headers);
    run_turn(base, calls[0], &s);
    double wall = now_seconds(CLOCK_MONOTONIC), cpu = cpu_seconds();
    run_turn(base, calls[1], &s);
    wall = now_seconds(CLOCK_MONOTONIC) - wall;
    report(calls[1], wall, cpu_seconds() - cpu);
    close_slot(&s);
}

static void measure_pages(const char *base, struct curl_slist *headers, const char *set)
{
    slot s = {0};
    open_slot(&s, headers);
    double wall = now_seconds(CLOCK_MONOTONIC), cpu = cpu_seconds();
    unsigned long rooms = run_pages(base, set, &s);
    wall = now_seconds(CLOCK_MONOTONIC) - wall;
    report(rooms, wall, cpu_seconds() - cpu);
    close_slot(&s);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        die("usage", "raw_libcurl turn|poll|socket|pages|frames BASE CALLS|SET [WARMUP] [IN_FLIGHT]");
    const char *mode = argv[1], *base = argv[2];
    unsigned long calls[2] = {argc > 4 ? strtoul(argv[4], NULL, 10) : 0,
                              strtoul(argv[3], NULL, 10)};
    size_t width = argc > 5 ? strtoul(argv[5], NULL, 10) : 64;
    if (width < 1 || width > MAX_IN_FLIGHT)
        die("usage", "between 1 and 256 in flight");
    check_easy(curl_global_init(CURL_GLOBAL_DEFAULT), "global init");
    struct curl_slist *headers = curl_slist_append(NULL, "Authorization: Bearer sk_bench");
    if (headers == NULL)
        die("headers", "out of memory");
    if (strcmp(mode, "turn") == 0)
        measure_turn(base, headers, calls);
    else if (strcmp(mode, "poll") == 0 || strcmp(mode, "socket") == 0)
        measure_many(base, headers, mode[0] == 's', calls, width);
    else if (strcmp(mode, "pages") == 0)
        measure_pages(base, headers, argv[3]);
    else if (strcmp(mode, "frames") == 0)
        measure_frames(base, headers, calls[1]);
    else
        die("usage", "the first argument is turn, poll, socket, pages or frames");
    curl_slist_free_all(headers);
    curl_global_cleanup();
    return 0;
}
