-- All of a room but its shows, as one snapshot.
--
-- KEYS[1]   the room
-- KEYS[2]   its shelf
-- KEYS[3]   its cues
-- KEYS[4]   its live claim
-- ARGV[1]   how many of the last cues to return
-- ARGV[2]…  fields of the room
--
-- Returns "ok", the values of those fields, the shelf, the cues (id and
-- fields; the last comes first), and 1 if the room is live; or
-- "room_unknown".

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
    redis.call('EXISTS', KEYS[4])
}
