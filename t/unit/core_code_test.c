
/* links: src/core/ngx_commerce_code.c src/core/ngx_commerce_token.c src/core/ngx_commerce_viewer.c src/core/ngx_commerce_claims.c src/core/ngx_commerce_text.c src/core/ngx_commerce.c */

#include "ngx_commerce_code.h"
#include "ngx_commerce_viewer.h"
#include "tap.h"


static ngx_str_t  secret = ngx_string("0123456789abcdef0123456789abcdef");
static ngx_str_t  other = ngx_string("fedcba9876543210fedcba9876543210");
static ngx_str_t  demo = ngx_string("demo");
static ngx_str_t  room2 = ngx_string("room2");


static ngx_str_t
named(ngx_str_t *by, ngx_str_t *room, const char *code)
{
    ngx_str_t      text, name;
    static u_char  buf[2][NGX_COMMERCE_TOKEN_MAC];
    static int     i;

    i = !i;
    text.data = (u_char *) code;
    text.len = strlen(code);
    name.data = buf[i];
    name.len = sizeof(buf[i]);

    if (ngx_commerce_code_name(by, room, &text, name.data) != NGX_OK) {
        abort();
    }

    return name;
}


static int
differ(ngx_str_t one, ngx_str_t *two)
{
    return memcmp(one.data, two->data, NGX_COMMERCE_TOKEN_MAC) != 0;
}


static void
test_made(void)
{
    int   i, j, group;
    char  codes[64][NGX_COMMERCE_CODE + 1];

    memset(codes, 0, sizeof(codes));

    for (i = 0; i < 64; i++) {
        ok(ngx_commerce_code_make((u_char *) codes[i]) == NGX_OK, "made");

        group = strspn(codes[i], "0123456789ABCDEFGHJKMNPQRSTVWXYZ");
        ok(group == 5 && codes[i][5] == '-', "a group of five");
        ok(strspn(codes[i] + 6, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == 5,
           "another");

        for (j = 0; j < i; j++) {
            if (strcmp(codes[i], codes[j]) == 0) {
                ok(0, "made twice: %s", codes[i]);
            }
        }
    }
}


static void
test_typed(void)
{
    u_char     buf[NGX_COMMERCE_TOKEN_MAC];
    ngx_str_t  right;

    right = named(&secret, &demo, "K0QM1-X2D9R");

    right.data = memcpy(buf, right.data, sizeof(buf));

    is_str(named(&secret, &demo, "k0qm1-x2d9r"), right, "in lower case");
    is_str(named(&secret, &demo, "K0QM1X2D9R"), right, "without hyphen");
    is_str(named(&secret, &demo, " k0 qm-1x-2d9r "), right, "with others");
    is_str(named(&secret, &demo, "koqmlx2d9r"), right, "o and l");
    is_str(named(&secret, &demo, "KOQMIX2D9R"), right, "O and I");

    ok(differ(named(&secret, &demo, "K0QM1-X2D9S"), &right), "another code");
    ok(differ(named(&secret, &room2, "K0QM1-X2D9R"), &right), "another room");
    ok(differ(named(&other, &demo, "K0QM1-X2D9R"), &right), "another secret");
    ok(differ(named(&secret, &demo, ""), &right), "none");
}


static void
test_long(void)
{
    char       text[NGX_COMMERCE_CODE_MAX + 2];
    u_char     out[NGX_COMMERCE_TOKEN_MAC + 1];
    ngx_str_t  code;

    memset(text, 'A', sizeof(text));
    code.data = (u_char *) text;
    code.len = NGX_COMMERCE_CODE_MAX;

    ok(ngx_commerce_code_name(&secret, &demo, &code, out) == NGX_OK, "long");
    ok(ngx_commerce_code_subject(&secret, &demo, &code, out) == NGX_OK,
       "a long nonce");

    code.len++;

    ok(ngx_commerce_code_name(&secret, &demo, &code, out) == NGX_DECLINED,
       "too long");
    ok(ngx_commerce_code_subject(&secret, &demo, &code, out) == NGX_DECLINED,
       "too long a nonce");
    ok(ngx_commerce_code_entrant(&secret, &demo, &code, out) == NGX_DECLINED,
       "too long a subject");
}


static void
test_who(void)
{
    u_char     one[NGX_COMMERCE_TOKEN_MAC + 1];
    u_char     two[NGX_COMMERCE_TOKEN_MAC + 1];
    ngx_str_t  text, subject;

    ngx_str_set(&text, "0123456789abcdef");
    subject.data = one;
    subject.len = sizeof(one);

    ngx_commerce_code_subject(&secret, &demo, &text, one);
    ngx_commerce_code_subject(&secret, &demo, &text, two);

    ok(ngx_commerce_viewer_valid(&subject) && one[0] == '~', "anonymous");
    ok(memcmp(one, two, sizeof(one)) == 0, "and the same again");

    ngx_commerce_code_subject(&secret, &room2, &text, two);
    ok(memcmp(one, two, sizeof(one)) != 0, "another in another room");

    ngx_commerce_code_entrant(&secret, &demo, &text, two);
    ok(memcmp(one + 1, two, NGX_COMMERCE_TOKEN_MAC) != 0,
       "what is kept of an entrant is none of these");
}


int
main(void)
{
    test_made();
    test_typed();
    test_long();
    test_who();

    return tap_done();
}
