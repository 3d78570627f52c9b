-- Ends the show of a room whose claim ran out: the node that had it died.
--
-- KEYS[1]  the room
-- KEYS[2]  its claim
-- KEYS[3]  its shows
-- ARGV[1]  channel of the room's changes
--
-- Returns 1: nobody has the room, and its last show has ended; 0: it is live,
-- or there is no such room.

local room, live, shows = KEYS[1], KEYS[2], KEYS[3]

local fields = redis.call('HMGET', room, 'show', 'seen')
local show = math.floor(tonumber(fields[1]) or 0)
local times = redis.call('HMGET', shows, show .. ':started', show .. ':ended')

if redis.call('EXISTS', room) == 0 or redis.call('EXISTS', live) == 1 then
    return 0
end

if times[1] and not times[2] then
    local version = redis.call('HINCRBY', room, 'version', 1)

    redis.call('HSET', shows, show .. ':ended', fields[2] or times[1])
    redis.call('PUBLISH', ARGV[1], version)
end

return 1
