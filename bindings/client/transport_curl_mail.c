/* transport_curl_mail.c - how libcurl sends an e-mail. */
#include "transport_curl.h"

#include <sys/socket.h>

CURLcode lb_curl_set_mail(CURL *e, const lb_mail *mail, struct curl_slist **recipients) {
    for (const char *const *r = mail->recipients; *r; r++) {
        struct curl_slist *longer = lb_curl.slist_append(*recipients, *r);
        if (!longer) return CURLE_OUT_OF_MEMORY;
        *recipients = longer;
    }
    CURLcode code = CURLE_OK;
    SET(code, e, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(code, e, CURLOPT_UPLOAD, 1L);
    SET(code, e, CURLOPT_FORBID_REUSE, 1L); /* each is ended by lb_curl_end_mail() */
    SET(code, e, CURLOPT_SERVER_RESPONSE_TIMEOUT, 60L);
    SET(code, e, CURLOPT_MAIL_RCPT, *recipients);
    /* An e-mail or a password goes through a connection that others can read only when that was asked for. */
    SET(code, e, CURLOPT_USE_SSL, mail->plain ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
    SET(code, e, CURLOPT_MAIL_FROM, mail->from);
    if (mail->user) SET(code, e, CURLOPT_USERNAME, mail->user);
    if (mail->user) SET(code, e, CURLOPT_PASSWORD, mail->password);
    return code;
}

/* When libcurl closes a connection to a mail server it says QUIT and waits for the response, and all that the loop does
 * waits with it. On one that is shut down it says nothing. */
void lb_curl_end_mail(curl_socket_t fd) {
    if (fd != CURL_SOCKET_BAD) shutdown(fd, SHUT_RDWR);
}
