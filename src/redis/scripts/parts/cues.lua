-- A room's cues.  Clocks differ: what begins no later than SKEW ms from now
-- may stand in a playlist already, so that nothing may get before it or take
-- it away.  The cue's ID says when it was added.  What was still to come when
-- its show ended does not begin any more.
-- ngx_commerce_redis_record_read_cues() reads them in the same way.

local SKEW, SEEN, STREAM = 1000, 200, 1000

local function ms()
    local time = redis.call('TIME')

    return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function read_cues(key, ended)
    local cues = {}

    for i, entry in ipairs(redis.call('XREVRANGE', key, '+', '-',
                                      'COUNT', SEEN))
    do
        local fields = {}

        for j = 1, #entry[2], 2 do
            fields[entry[2][j]] = entry[2][j + 1]
        end

        local at = tonumber(fields.at) or 0
        local added = tonumber(string.match(entry[1], '^%d+'))

        cues[i] = {
            id = entry[1], at = at, added = added, show = fields.show or '0',
            product = fields.product or '',
            void = added <= ended and at > math.max(added, ended) + SKEW
        }
    end

    return cues
end

local function ids_of(cues)
    local ids = {}

    for i, cue in ipairs(cues) do
        ids[i] = cue.id
    end

    return ids
end

-- the last one that has begun, or nearly so

local function last_begun(cues, now)
    local last = {at = 0, added = 0, show = '0', product = ''}

    for _, cue in ipairs(cues) do
        if not cue.void and cue.at <= now + SKEW and cue.at > last.at then
            last = cue
        end
    end

    return last
end
