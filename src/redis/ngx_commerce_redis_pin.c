
#include "ngx_commerce_redis_pin.h"
#include "ngx_commerce_redis_keep.h"


#define NGX_COMMERCE_REDIS_PIN_COMING  "100"  /* cues to come of a room */

#define NGX_COMMERCE_REDIS_PIN_FIXED                                          \
    (NGX_COMMERCE_REDIS_PIN_KEYS + 1 + 7)
#define NGX_COMMERCE_REDIS_PIN_CARD    12     /* names and values at most */


static ngx_int_t ngx_commerce_redis_pin_number(ngx_pool_t *pool, ngx_str_t *arg,
    int64_t n);
static ngx_str_t *ngx_commerce_redis_pin_card(ngx_pool_t *pool,
    ngx_str_t *arg, ngx_commerce_card_t *card, ngx_str_t *version);
static ngx_str_t *ngx_commerce_redis_pin_field(ngx_pool_t *pool,
    ngx_str_t *arg, const char *name, ngx_str_t *value);


ngx_array_t *
ngx_commerce_redis_pin_args(ngx_commerce_tenant_t *tenant, ngx_pool_t *pool,
    ngx_commerce_redis_pin_t *pin)
{
    ngx_str_t    *arg, version;
    ngx_array_t  *args;

    static const char  *suffix[NGX_COMMERCE_REDIS_PIN_KEYS] = {
        "", ":shelf", ":cues", ":shows", ":live"
    };

    args = ngx_array_create(pool, NGX_COMMERCE_REDIS_PIN_FIXED
                                  + NGX_COMMERCE_REDIS_PIN_CARD,
                            sizeof(ngx_str_t));
    if (args == NULL) {
        return NULL;
    }

    arg = args->elts;

    if (ngx_commerce_redis_room_keys(tenant, pool, &pin->room, suffix,
                                     NGX_COMMERCE_REDIS_PIN_KEYS, arg)
        != NGX_OK)
    {
        return NULL;
    }

    arg += NGX_COMMERCE_REDIS_PIN_KEYS;

    if (pin->show) {
        *arg = ngx_commerce_redis_keep_key(tenant, pool, &pin->room, pin->show);

        if (arg->data == NULL) {
            return NULL;
        }

        arg++;
    }

    arg[0] = ngx_commerce_redis_channel(tenant, pool, NGX_COMMERCE_ROOM,
                                        &pin->room);
    arg[1] = pin->match;
    arg[2] = pin->none_match;
    ngx_str_set(&arg[4], "0");
    ngx_str_set(&arg[5], NGX_COMMERCE_REDIS_PIN_COMING);
    arg[6] = pin->product;

    if (arg[0].data == NULL
        || ngx_commerce_redis_pin_number(pool, &arg[3], pin->at) != NGX_OK)
    {
        return NULL;
    }

    if (pin->asked) {
        ngx_str_set(&arg[4], "1");
    }

    arg += 7;

    if (pin->card) {
        if (ngx_commerce_redis_pin_number(pool, &version, pin->card->version)
            != NGX_OK)
        {
            return NULL;
        }

        arg = ngx_commerce_redis_pin_card(pool, arg, pin->card, &version);

        if (arg == NULL) {
            return NULL;
        }
    }

    args->nelts = arg - (ngx_str_t *) args->elts;

    return args;
}


static ngx_int_t
ngx_commerce_redis_pin_number(ngx_pool_t *pool, ngx_str_t *arg, int64_t n)
{
    arg->data = ngx_pnalloc(pool, NGX_INT64_LEN);
    if (arg->data == NULL) {
        return NGX_ERROR;
    }

    arg->len = ngx_sprintf(arg->data, "%L", n) - arg->data;

    return NGX_OK;
}


/* what the product had that is not fit for a card is not there any more */

static ngx_str_t *
ngx_commerce_redis_pin_card(ngx_pool_t *pool, ngx_str_t *arg,
    ngx_commerce_card_t *card, ngx_str_t *version)
{
    arg = ngx_commerce_redis_pin_field(pool, arg, "title", &card->title);
    arg = ngx_commerce_redis_pin_field(pool, arg, "price", &card->price);
    arg = ngx_commerce_redis_pin_field(pool, arg, "currency", &card->currency);
    arg = ngx_commerce_redis_pin_field(pool, arg, "link", &card->link);
    arg = ngx_commerce_redis_pin_field(pool, arg, "image", &card->image);

    if (card->version) {
        arg = ngx_commerce_redis_pin_field(pool, arg, "version", version);
    }

    return arg;
}


static ngx_str_t *
ngx_commerce_redis_pin_field(ngx_pool_t *pool, ngx_str_t *arg,
    const char *name, ngx_str_t *value)
{
    if (arg == NULL || value->len == 0) {
        return arg;
    }

    arg[0].data = (u_char *) name;
    arg[0].len = ngx_strlen(name);
    arg[1].len = value->len;
    arg[1].data = ngx_pstrdup(pool, value);

    return arg[1].data ? arg + 2 : NULL;
}
