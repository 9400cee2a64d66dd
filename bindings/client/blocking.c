/* blocking.c - calls that return when they are answered: a submit, and steps of the loop until it is done. */
#include "internal.h"

typedef struct waiter {
    bool done;
    lb_status status;
    lb_reply *reply;
    lb_error *error;
} waiter;

static void on_done(void *user_data, lb_status status, lb_reply *reply, const lb_error *error) {
    waiter *w = user_data;
    w->done = true;
    w->status = status;
    if (reply) w->reply = lb_reply_keep(reply);
    if (error) *w->error = *error;
}

static int wait_for(lb_loop *loop, lb_request *request, waiter *w, lb_reply **reply) {
    while (!w->done) {
        int status = lb_loop_step(loop, -1, NULL, 0);
        if (status < 0 && !w->done) {
            lb_request_cancel(request);
            w->status = lb_fail(w->error, (lb_status)status, "the loop cannot wait here (inside a callback?)");
        }
    }
    if (reply) *reply = w->reply;
    else lb_reply_free(w->reply);
    return w->status;
}

int lb_request_perform(lb_client *client, const lb_call *call, lb_reply **reply, lb_error *error) {
    lb_error scratch;
    waiter w = { .error = error ? error : &scratch };
    lb_request *request;
    if (reply) *reply = NULL;
    int status = lb_request_submit(client, call, on_done, &w, &request, w.error);
    return status == LB_OK ? wait_for(client->loop, request, &w, reply) : status;
}

int lb_endpoint_perform(lb_client *client, lb_endpoint_id id, const char *const *path_args,
                        const lb_pair *query, const lb_body *body, lb_reply **reply, lb_error *error) {
    lb_error scratch;
    waiter w = { .error = error ? error : &scratch };
    lb_request *request;
    if (reply) *reply = NULL;
    int status = lb_endpoint_submit(client, id, path_args, query, body, NULL, on_done, &w, &request, w.error);
    return status == LB_OK ? wait_for(client->loop, request, &w, reply) : status;
}
