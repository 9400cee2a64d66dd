/* mail.c - the envelope of an e-mail: checked, and copied for as long as its request. */
#include "internal.h"

#include <string.h>

enum { LONGEST_ADDRESS = 320, MAX_RECIPIENTS = 1000 };

/* What stands in a line of SMTP between angle brackets: nothing that could end it. */
static bool is_address(const char *text) {
    const char *at = strchr(text, '@');
    if (!at || at == text || !at[1] || strlen(text) > LONGEST_ADDRESS) return false;
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || *text == 127 || strchr("<>,;\"\\", *text)) return false;
    return true;
}

int lb_mail_check(const lb_mail *mail, lb_error *error) {
    size_t count = 0;
    if (!mail->from || !is_address(mail->from))
        return lb_fail(error, LB_EUSAGE, "the sender '%s' is not a valid e-mail address", mail->from ? mail->from : "");
    for (; mail->recipients && mail->recipients[count]; count++)
        if (!is_address(mail->recipients[count]))
            return lb_fail(error, LB_EUSAGE, "the recipient '%s' is not a valid e-mail address", mail->recipients[count]);
    if (count == 0) return lb_fail(error, LB_EUSAGE, "the e-mail has no recipient");
    if (count > MAX_RECIPIENTS)
        return lb_fail(error, LB_EUSAGE, "the e-mail has more than %d recipients", MAX_RECIPIENTS);
    if ((mail->user == NULL) != (mail->password == NULL))
        return lb_fail(error, LB_EUSAGE, "the mail server wants both a user and a password, or neither");
    return LB_OK;
}

typedef struct copied_mail {
    lb_mail mail;
    size_t size; /* of the whole block */
} copied_mail;

static const char *put(char **to, const char *text) {
    if (!text) return NULL;
    size_t size = strlen(text) + 1;
    char *copy = memcpy(*to, text, size);
    *to += size;
    return copy;
}

static size_t length_of(const char *text) {
    return text ? strlen(text) + 1 : 0;
}

/* One block: the struct, the list of recipients, the strings. The mail has been checked, so that its size is bounded by
 * what its strings take in memory already. */
lb_mail *lb_mail_copy(const lb_allocator *a, const lb_mail *mail) {
    size_t count = 0, strings = length_of(mail->from) + length_of(mail->user) + length_of(mail->password);
    for (; mail->recipients[count]; count++) strings += length_of(mail->recipients[count]);
    size_t size = sizeof(copied_mail) + (count + 1) * sizeof(char *) + strings;
    copied_mail *copy = lb_alloc(a, size);
    if (!copy) return NULL;
    const char **recipients = (const char **)(copy + 1);
    char *to = (char *)(recipients + count + 1);
    for (size_t i = 0; i < count; i++) recipients[i] = put(&to, mail->recipients[i]);
    copy->mail = *mail;
    copy->mail.recipients = recipients;
    copy->mail.from = put(&to, mail->from);
    copy->mail.user = put(&to, mail->user);
    copy->mail.password = put(&to, mail->password);
    copy->size = size;
    return &copy->mail;
}

void lb_mail_free(const lb_allocator *a, lb_mail *mail) {
    if (!mail) return;
    copied_mail *copy = (copied_mail *)mail; /* its first member */
    lb_wipe(copy, copy->size);
    lb_release(a, copy);
}
