/* webhook.c - verifies a webhook: an HTTP request on standard input, with the header lines ending in CRLF. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <liveblocks/liveblocks.h>

static lb_slice header(const char *lines, size_t size, const char *name) {
    lb_slice value = { NULL, 0 };
    value.data = lb_header_find(lines, size, name, &value.size);
    return value;
}

/* head: the header lines; body: every byte after the empty line */
static int receive(lb_webhook *webhook, const char *head, size_t head_size, lb_slice body) {
    lb_error error;
    const lb_webhook_message message = {
        .id = header(head, head_size, "webhook-id"),
        .timestamp = header(head, head_size, "webhook-timestamp"),
        .signature = header(head, head_size, "webhook-signature"),
        .body = body,
    };
    if (lb_webhook_verify(webhook, &message, &error) != LB_OK) {
        printf("401 %s: %s\n", error.code, error.message);
        return 1;
    }
    /* Store it before 200 is sent: Liveblocks sends it again otherwise, with the same webhook-id. */
    printf("200 %.*s: %.*s\n", (int)message.id.size, message.id.data, (int)body.size, body.data);
    return 0;
}

int main(void) {
    static char request[1 << 20];
    lb_webhook *webhook;
    lb_error error;
    const char *secrets[] = { getenv("LIVEBLOCKS_WEBHOOK_SECRET"), NULL }; /* two, while a secret is being changed */
    size_t size = fread(request, 1, sizeof request - 1, stdin);
    const char *end = strstr(request, "\r\n\r\n");
    if (!end) return fputs("400 not a request\n", stdout), 1;
    size_t head_size = (size_t)(end - request) + 4;
    if (lb_webhook_create(secrets, &webhook, &error) != LB_OK) return puts(error.message), 2;
    int status = receive(webhook, request, head_size, (lb_slice){ request + head_size, size - head_size });
    lb_webhook_destroy(webhook);
    return status;
}
