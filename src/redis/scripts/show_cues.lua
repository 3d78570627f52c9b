-- The cues of a show, some at a time.
--
-- KEYS[1]  the room         KEYS[2]  its shows
-- KEYS[3]  the show's cues
-- ARGV[1]  the show's number
-- ARGV[2]  from which instant on, ms
-- ARGV[3]  how many at most
--
-- Returns "ok", the room's version, the cues in their order, each as XRANGE has
-- entries, and the instant from which on there are more, or ""; or
-- "room_unknown".

--include entry

local room, shows, key = KEYS[1], KEYS[2], KEYS[3]
local most = tonumber(ARGV[3])

if redis.call('EXISTS', room) == 0 then
    return {'room_unknown'}
end

local ended = tonumber(redis.call('HGET', shows, ARGV[1] .. ':ended'))
local members = redis.call('ZRANGE', key, ARGV[2], '+inf', 'BYSCORE',
                           'LIMIT', 0, most + 1, 'WITHSCORES')
local cues, next_at = {}, ''

for i = 1, #members, 2 do
    if i > 2 * most then
        next_at = members[i + 1]
        break
    end

    cues[#cues + 1] = entry_of(members[i], ended)
end

return {'ok', redis.call('HGET', room, 'version') or '0', cues, next_at}
