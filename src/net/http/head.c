#include "net/http/head_private.h"

#include <string.h>

static bool is_token_char(unsigned char c)
{
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        return true;
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

bool http_is_token(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_token_char((unsigned char)text.at[i]))
            return false;
    return text.len > 0;
}

static int refuse(struct http_head_scan *scan, int status, const char *wrong)
{
    scan->wrong = wrong;
    return -status;
}

static int check_request_char(struct http_head_scan *scan, unsigned char c)
{
    if (c == ' ') {
        scan->blanks++;
        if (scan->blanks == 1)
            scan->target = scan->at + 1;
        return scan->blanks > 2 ? refuse(scan, 400, "The request line has more than three parts.")
                                : 0;
    }
    if (scan->blanks == 0 && !is_token_char(c))
        return refuse(scan, 400, "The method is not a token.");
    if (scan->blanks == 0 && scan->at - scan->line >= HTTP_METHOD_MAX)
        return refuse(scan, 400, "The method's name is too long.");
    if (scan->blanks == 1 && scan->at - scan->target >= HTTP_TARGET_MAX)
        return refuse(scan, 414, "The request target is longer than 8192 bytes.");
    if (c <= ' ' || c >= 0x7f)
        return refuse(scan, 400, "The request line holds a character that must be escaped.");
    return 0;
}

static int check_header_char(struct http_head_scan *scan, unsigned char c)
{
    if (scan->colon)
        return 0;
    if (c == ':' && scan->at > scan->line)
        scan->colon = true;
    else if (scan->at == scan->line && (c == ' ' || c == '\t'))
        return refuse(scan, 400, "A header is folded over several lines.");
    else if (!is_token_char(c))
        return refuse(scan, 400, "A header's name is not a token followed by a colon.");
    return 0;
}

static int check_char(struct http_head_scan *scan, unsigned char c)
{
    if ((c < ' ' && c != '\t') || c == 0x7f)
        return refuse(scan, 400, "The head of the request holds a control character.");
    return scan->in_headers ? check_header_char(scan, c) : check_request_char(scan, c);
}

/* A line of the head ends. Returns 1 when it was the empty one that ends the head. */
static int end_line(struct http_head_scan *scan)
{
    bool empty = scan->at == scan->line;
    if (scan->in_headers) {
        if (!empty && !scan->colon)
            return refuse(scan, 400, "A header line has no colon.");
        scan->colon = false;
        return empty ? 1 : 0;
    }
    if (empty) {
        if (scan->skipped_line)
            return refuse(scan, 400, "The request line is empty.");
        scan->skipped_line = true;
        return 0;
    }
    if (scan->blanks != 2)
        return refuse(scan, 400, "The request line has not three parts.");
    scan->in_headers = true;
    return 0;
}

int http_head_scan(struct http_head_scan *scan, struct span head)
{
    while (scan->at < head.len) {
        unsigned char c = (unsigned char)head.at[scan->at];
        int rc;
        if (c == '\r') {
            if (scan->at + 1 == head.len)
                return 0;
            if (head.at[scan->at + 1] != '\n')
                return refuse(scan, 400, "A line ends in a carriage return alone.");
            rc = end_line(scan);
            scan->at += 2;
            scan->line = scan->at;
        } else {
            rc = c == '\n' ? refuse(scan, 400, "A line ends in a line feed alone.")
                           : check_char(scan, c);
            scan->at++;
        }
        if (rc < 0)
            return rc;
        if (rc > 0)
            return (int)scan->at;
    }
    return 0;
}
