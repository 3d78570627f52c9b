
/*
 * TAP for unit tests: ok(condition, "what, %d", …) for each check, and
 * "return tap_done();" at the end of main().
 */


#ifndef _TAP_H_INCLUDED_
#define _TAP_H_INCLUDED_


#include <stdarg.h>
#include <stdio.h>
#include <string.h>


static int  tap_count;
static int  tap_failed;


#define ok(condition, ...)                                                    \
    tap_ok((condition) ? 1 : 0, __FILE__, __LINE__, __VA_ARGS__)

/* two byte strings (ngx_str_t) are equal; shows both if they are not */

#define is_str(got, wanted, ...)                                              \
    tap_is((got).data, (got).len, (wanted).data, (wanted).len, __FILE__,      \
           __LINE__, __VA_ARGS__)

/* the same with a C string for what is wanted */

#define is_text(got, wanted, ...)                                             \
    tap_is((got).data, (got).len, wanted, strlen(wanted), __FILE__,           \
           __LINE__, __VA_ARGS__)


static inline int tap_ok(int passed, const char *file, int line,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
static inline int tap_is(const void *got, size_t got_len, const void *wanted,
    size_t wanted_len, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 7, 8)));


static inline void
tap_line(int passed, const char *file, int line, const char *format,
    va_list args)
{
    printf("%sok %d - ", passed ? "" : "not ", ++tap_count);
    vprintf(format, args);
    printf("\n");

    if (!passed) {
        tap_failed++;
        printf("# at %s:%d\n", file, line);
    }

    fflush(stdout);
}


static inline int
tap_ok(int passed, const char *file, int line, const char *format, ...)
{
    va_list  args;

    va_start(args, format);
    tap_line(passed, file, line, format, args);
    va_end(args);

    return passed;
}


/* TAP's diagnostics are lines, so the text may have none of its own */

static inline void
tap_show(const char *what, const unsigned char *p, size_t len)
{
    size_t  i;

    printf("# %s (%zu bytes): \"", what, len);

    for (i = 0; i < len; i++) {
        if (p[i] == '\n') {
            printf("\\n");

        } else if (p[i] < ' ' || p[i] == '"' || p[i] == '\\' || p[i] > '~') {
            printf("\\x%02x", p[i]);

        } else {
            putchar(p[i]);
        }
    }

    printf("\"\n");
}


static inline int
tap_is(const void *got, size_t got_len, const void *wanted, size_t wanted_len,
    const char *file, int line, const char *format, ...)
{
    int      passed;
    va_list  args;

    passed = got_len == wanted_len
             && (got_len == 0 || memcmp(got, wanted, got_len) == 0);

    va_start(args, format);
    tap_line(passed, file, line, format, args);
    va_end(args);

    if (!passed) {
        tap_show("got", got, got_len);
        tap_show("wanted", wanted, wanted_len);
    }

    return passed;
}


static inline int
tap_done(void)
{
    printf("1..%d\n", tap_count);

    return tap_failed ? 1 : 0;
}


#endif /* _TAP_H_INCLUDED_ */
