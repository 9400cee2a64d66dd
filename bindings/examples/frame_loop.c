/* frame_loop.c - who is in a room, asked while frames are drawn. Leaving the level cancels what is under way. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <time.h>

#include <liveblocks/liveblocks.h>

typedef struct level {
    lb_client *client;
    lb_request *request; /* under way, or NULL */
    int frames, responses;
} level;

/* Called by lb_loop_step() when the request has ended; the response lives until this returns. */
static void on_players(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    level *l = user_data;
    char line[2048];
    l->request = NULL;
    if (status == LB_ECANCELLED) puts("cancelled");
    else if (status == LB_OK) printf("players: %s\n", lb_response_body(response, NULL));
    else printf("no players: %s\n", lb_error_text(error, line, sizeof line)); /* the game goes on */
    l->responses++;
}

static void ask_for_players(level *l) {
    lb_error error;
    if (l->request) return; /* one at a time */
    if (lb_submit_get_active_users(l->client, "level-1", on_players, l, &l->request, &error) != LB_OK) puts(error.message);
}

static void draw(level *l) {
    nanosleep(&(struct timespec){ .tv_nsec = 16000000 }, NULL);
    l->frames++;
}

static void play(level *l, lb_loop *loop) {
    ask_for_players(l);
    while (l->responses == 0) {
        lb_loop_step(loop, 0, NULL, 0); /* never waits */
        draw(l);
    }
    ask_for_players(l); /* and the player leaves at once */
    if (l->request) lb_request_cancel(l->request);
}

int main(void) {
    lb_loop *loop;
    lb_error error;
    level l = { .client = NULL };
    lb_options options = lb_options_init();
    options.timeout = 5;
    options.max_attempts = 2;
    if (lb_loop_create(&loop) != LB_OK) return 1;
    if (lb_client_create(loop, &options, &l.client, &error) == LB_OK) {
        play(&l, loop);
        printf("drawn: %s\n", l.frames > 0 ? "yes" : "no");
        lb_client_destroy(l.client);
    } else {
        puts(error.message);
    }
    lb_loop_destroy(loop);
    return 0;
}
