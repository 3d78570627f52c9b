-- A room's show: its number, 0 before the first one; the field of the room's
-- shows that says when it ended; and when it did, 0 if it goes on or there was
-- none.

local function show_of(room)
    return math.floor(tonumber(redis.call('HGET', room, 'show')) or 0)
end

local function ended_field(room)
    return show_of(room) .. ':ended'
end

local function ended_at(room, shows, live)
    local ended = redis.call('HGET', shows, ended_field(room))

    return redis.call('EXISTS', live) == 0 and tonumber(ended) or 0
end
