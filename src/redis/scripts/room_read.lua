-- All of a room but its shows, as one snapshot.
--
-- KEYS[1]   the room
-- KEYS[2]   its shelf
-- KEYS[3]   its cues
-- KEYS[4]   its claim
-- KEYS[5]   its shows
-- KEYS[6]   what is wrong with its media
-- ARGV[1]   how many of the last cues to return
-- ARGV[2]…  fields of the room
--
-- Returns "ok", the values of those fields, the shelf, the cues (id and
-- fields; the last comes first), 1 if the room is live, when its show
-- ended or 0, and what is wrong with its media or nil; or "room_unknown".

--include show

if redis.call('EXISTS', KEYS[1]) == 0 then
    return {'room_unknown'}
end

local fields = {}

for i = 2, #ARGV do
    fields[#fields + 1] = ARGV[i]
end

return {
    'ok',
    redis.call('HMGET', KEYS[1], unpack(fields)),
    redis.call('ZRANGE', KEYS[2], 0, -1),
    redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', ARGV[1]),
    redis.call('EXISTS', KEYS[4]),
    ended_at(KEYS[1], KEYS[5], KEYS[4]),
    redis.call('GET', KEYS[6])
}
