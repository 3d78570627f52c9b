-- Whether a claim was taken away through the API: a number below 0 if so.
-- ngx_commerce_redis_claim_refused() reads it.

local function cut(room, claim)
    local fields = redis.call('HMGET', room, 'cut', 'cut_reason')

    return fields[1] == claim
           and (fields[2] == 'show_ended' and -5 or -4)
end
