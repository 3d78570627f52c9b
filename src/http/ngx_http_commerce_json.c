
#include "ngx_http_commerce_module.h"
#include "ngx_http_commerce_json.h"


static json_t *ngx_http_commerce_json_repair(ngx_str_t *text);


json_t *
ngx_http_commerce_json_string(ngx_str_t *text)
{
    json_t  *string;

    string = json_stringn((char *) text->data, text->len);

    if (string == NULL) {
        string = ngx_http_commerce_json_repair(text);
    }

    return string;
}


static json_t *
ngx_http_commerce_json_repair(ngx_str_t *text)
{
    size_t   n;
    u_char  *p, *last, *copy, *out;
    json_t  *string;

    copy = ngx_alloc(text->len * 3 + 1, ngx_cycle->log);
    if (copy == NULL) {
        return NULL;
    }

    p = text->data;
    last = p + text->len;
    out = copy;

    while (p < last) {
        n = ngx_commerce_utf8_len(p, last);

        if (n == 0) {
            out = ngx_cpymem(out, "\xef\xbf\xbd", 3);
            p++;
            continue;
        }

        out = ngx_cpymem(out, p, n);
        p += n;
    }

    string = json_stringn((char *) copy, out - copy);

    ngx_free(copy);

    return string;
}


json_t *
ngx_http_commerce_json_number(ngx_str_t *text)
{
    int64_t  n;

    n = ngx_commerce_number(text);

    return (n == NGX_ERROR) ? ngx_http_commerce_json_string(text)
                            : json_integer(n);
}


json_t *
ngx_http_commerce_json_card(ngx_commerce_card_t *card)
{
    json_t  *json;

    json = json_object();

    ngx_http_commerce_json_add(json, "product", &card->product);
    ngx_http_commerce_json_add(json, "title", &card->title);

    if (card->price.len) {
        json_object_set_new(json, "price",
                            ngx_http_commerce_json_number(&card->price));
    }

    ngx_http_commerce_json_add(json, "currency", &card->currency);
    ngx_http_commerce_json_add(json, "link", &card->link);
    ngx_http_commerce_json_add(json, "image", &card->image);

    if (card->stock.len) {
        json_object_set_new(json, "stock",
                            ngx_http_commerce_json_number(&card->stock));
    }

    json_object_set_new(json, "version", json_integer(card->version));

    return json;
}


json_t *
ngx_http_commerce_json_cue(ngx_commerce_cue_t *cue)
{
    return cue->card.product.len ? ngx_http_commerce_json_coming(cue)
                                 : json_null();
}


json_t *
ngx_http_commerce_json_coming(ngx_commerce_cue_t *cue)
{
    json_t  *json;

    json = json_object();

    json_object_set_new(json, "id", ngx_http_commerce_json_string(&cue->id));
    json_object_set_new(json, "at", json_integer(cue->at));
    json_object_set_new(json, "show", json_integer((int64_t) cue->show));
    json_object_set_new(json, "card",
                        cue->card.product.len
                        ? ngx_http_commerce_json_card(&cue->card)
                        : json_null());

    return json;
}


void
ngx_http_commerce_json_add(json_t *object, const char *name, ngx_str_t *text)
{
    if (text->len) {
        json_object_set_new(object, name, ngx_http_commerce_json_string(text));
    }
}


ngx_int_t
ngx_http_commerce_json_text(ngx_pool_t *pool, json_t *json, ngx_str_t *text)
{
    size_t  size;

    size = json_dumpb(json, NULL, 0, JSON_COMPACT);

    if (size) {
        text->data = ngx_pnalloc(pool, size + 1);

        if (text->data == NULL) {
            size = 0;
        }
    }

    if (size) {
        text->len = json_dumpb(json, (char *) text->data, size, JSON_COMPACT);
        text->data[text->len++] = LF;
    }

    json_decref(json);

    return size ? NGX_OK : NGX_ERROR;
}
