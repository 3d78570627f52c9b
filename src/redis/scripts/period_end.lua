-- Ends a room's last period, if it is of this claim: when another's has begun
-- since, nobody asks any more.
--
-- KEYS[1]  the room
-- ARGV[1]  the claim of the publish
-- ARGV[2]  the date at which its last frame ends, ms
-- ARGV[3]  channel of the room's changes
--
-- Returns 1: ended, by this or before; 0: it is another's.

local room = KEYS[1]
local fields = redis.call('HMGET', room, 'period_claim', 'period_ended')

if fields[1] ~= ARGV[1] then
    return 0
end

if fields[2] ~= ARGV[2] then
    local version = redis.call('HINCRBY', room, 'version', 1)

    redis.call('HSET', room, 'period_ended', ARGV[2])
    redis.call('PUBLISH', ARGV[3], version)
end

return 1
