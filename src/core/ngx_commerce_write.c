
#include "ngx_commerce_write.h"


static void ngx_commerce_write(ngx_commerce_writer_t *w, void *data,
    size_t len);
static void ngx_commerce_write_cues(ngx_commerce_writer_t *w,
    ngx_commerce_cue_t *cues, ngx_uint_t n);
static void ngx_commerce_write_periods(ngx_commerce_writer_t *w,
    ngx_commerce_period_t *periods, ngx_uint_t n);


void
ngx_commerce_write_number(ngx_commerce_writer_t *w, int64_t n)
{
    ngx_commerce_write(w, &n, sizeof(int64_t));
}


void
ngx_commerce_write_text(ngx_commerce_writer_t *w, ngx_str_t *text)
{
    uint32_t  len;

    len = (uint32_t) text->len;

    ngx_commerce_write(w, &len, sizeof(uint32_t));
    ngx_commerce_write(w, text->data, text->len);
}


static void
ngx_commerce_write(ngx_commerce_writer_t *w, void *data, size_t len)
{
    u_char  *p;
    size_t   size, used;

    if (w->failed || len == 0) {
        return;
    }

    used = w->pos - w->start;

    if ((size_t) (w->end - w->pos) < len) {
        size = ngx_max(2 * (used + len), 1024);

        p = ngx_palloc(w->pool, size);
        if (p == NULL) {
            w->failed = 1;
            return;
        }

        if (used) {
            ngx_memcpy(p, w->start, used);
        }

        w->start = p;
        w->pos = p + used;
        w->end = p + size;
    }

    w->pos = ngx_cpymem(w->pos, data, len);
}


void
ngx_commerce_write_card(ngx_commerce_writer_t *w, ngx_commerce_card_t *card)
{
    ngx_commerce_write_text(w, &card->product);
    ngx_commerce_write_text(w, &card->title);
    ngx_commerce_write_text(w, &card->price);
    ngx_commerce_write_text(w, &card->currency);
    ngx_commerce_write_text(w, &card->link);
    ngx_commerce_write_text(w, &card->image);
    ngx_commerce_write_text(w, &card->stock);
    ngx_commerce_write_number(w, card->version);
}


void
ngx_commerce_write_host(ngx_commerce_writer_t *w, ngx_commerce_host_t *host)
{
    ngx_commerce_write_number(w, host->version);
    ngx_commerce_write_number(w, host->state);
    ngx_commerce_write_number(w, host->until);
    ngx_commerce_write_text(w, &host->reason);
}


void
ngx_commerce_write_product(ngx_commerce_writer_t *w,
    ngx_commerce_product_t *product)
{
    ngx_commerce_write_number(w, product->version);
    ngx_commerce_write_number(w, product->state);
    ngx_commerce_write_card(w, &product->card);
}


void
ngx_commerce_write_key(ngx_commerce_writer_t *w, ngx_commerce_key_t *key)
{
    ngx_commerce_write_number(w, 0);
    ngx_commerce_write_text(w, &key->room);
}


void
ngx_commerce_write_out(ngx_commerce_writer_t *w, ngx_commerce_out_t *out)
{
    ngx_uint_t              i;
    ngx_commerce_ousted_t  *viewer;

    ngx_commerce_write_number(w, out->version);
    ngx_commerce_write_number(w, out->nviewers);
    ngx_commerce_write_number(w, out->born);
    ngx_commerce_write_number(w, out->void_until);

    for (i = 0; i < out->nviewers; i++) {
        viewer = &out->viewers[i];

        ngx_commerce_write_text(w, &viewer->subject);
        ngx_commerce_write_number(w, viewer->banned);
        ngx_commerce_write_number(w, viewer->until);
        ngx_commerce_write_number(w, viewer->void_until);
    }
}


void
ngx_commerce_write_room(ngx_commerce_writer_t *w, ngx_commerce_room_t *room)
{
    ngx_str_t   key;
    ngx_uint_t  i;

    key.len = room->has_key ? sizeof(room->key) : 0;
    key.data = room->key;

    ngx_commerce_write_number(w, room->version);
    ngx_commerce_write_number(w, room->holder.len != 0);
    ngx_commerce_write_number(w, room->nshelf);
    ngx_commerce_write_number(w, room->ncues);
    ngx_commerce_write_number(w, room->nperiods);

    ngx_commerce_write_number(w, room->state);
    ngx_commerce_write_text(w, &room->host);
    ngx_commerce_write_text(w, &room->title);
    ngx_commerce_write_number(w, room->visibility);
    ngx_commerce_write_number(w, room->starts);
    ngx_commerce_write_text(w, &key);
    ngx_commerce_write_text(w, &room->key_auth);
    ngx_commerce_write_number(w, (int64_t) room->show);
    ngx_commerce_write_text(w, &room->holder);
    ngx_commerce_write_text(w, &room->cut);
    ngx_commerce_write_number(w, room->cut_reason);
    ngx_commerce_write_text(w, &room->unkept);

    for (i = 0; i < room->nshelf; i++) {
        ngx_commerce_write_text(w, &room->shelf[i]);
    }

    ngx_commerce_write_cues(w, room->cues, room->ncues);
    ngx_commerce_write_number(w, room->cues_from);
    ngx_commerce_write_periods(w, room->periods, room->nperiods);
}


void
ngx_commerce_write_hour(ngx_commerce_writer_t *w, ngx_commerce_hour_t *hour)
{
    ngx_commerce_write_number(w, hour->version);
    ngx_commerce_write_number(w, hour->ncues);
    ngx_commerce_write_number(w, hour->nperiods);
    ngx_commerce_write_number(w, hour->cues_until);
    ngx_commerce_write_cues(w, hour->cues, hour->ncues);
    ngx_commerce_write_periods(w, hour->periods, hour->nperiods);
}


static void
ngx_commerce_write_cues(ngx_commerce_writer_t *w, ngx_commerce_cue_t *cues,
    ngx_uint_t n)
{
    ngx_uint_t           i;
    ngx_commerce_cue_t  *cue;

    for (i = 0; i < n; i++) {
        cue = &cues[i];

        ngx_commerce_write_text(w, &cue->id);
        ngx_commerce_write_number(w, cue->at);
        ngx_commerce_write_number(w, (int64_t) cue->show);
        ngx_commerce_write_number(w, cue->coming);
        ngx_commerce_write_card(w, &cue->card);
    }
}


static void
ngx_commerce_write_periods(ngx_commerce_writer_t *w,
    ngx_commerce_period_t *periods, ngx_uint_t n)
{
    ngx_uint_t              i;
    ngx_commerce_period_t  *period;

    for (i = 0; i < n; i++) {
        period = &periods[i];

        ngx_commerce_write_number(w, (int64_t) period->number);
        ngx_commerce_write_number(w, period->at);
        ngx_commerce_write_number(w, period->began);
        ngx_commerce_write_number(w, period->epoch);
        ngx_commerce_write_number(w, period->shift);
        ngx_commerce_write_number(w, period->frame);
    }
}
