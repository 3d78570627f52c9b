-- Adds a code that opens a room, and forgets those whose time is over.
--
-- KEYS[1]  the room         KEYS[2]  its codes
-- ARGV[1]  If-Match, ARGV[2]  If-None-Match: see parts/condition.lua; of the
--          room's version
-- ARGV[3]  how many codes a room may have
-- ARGV[4]  the code's name
-- ARGV[5]  until when it lets in, in ms; ARGV[6]  how many
-- ARGV[7]  what it is for
--
-- Returns "ok", the room's version, which stays: nodes don't hold codes, and its
-- host and show. Or "room_unknown", "codes_full"; or "version_differs" and the version.

--include condition

local room, codes = KEYS[1], KEYS[2]
local most, name, ends = tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])

if redis.call('EXISTS', room) == 0 then
    return {'room_unknown'}
end

local version = redis.call('HGET', room, 'version') or '0'

if not condition(true, version, ARGV[1], ARGV[2]) then
    return {'version_differs', version}
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local all = redis.call('HGETALL', codes)
local count, last = 0, ends

for i = 1, #all, 2 do
    local other = string.match(all[i], '^(.*):until$')

    if other then
        local its = tonumber(all[i + 1]) or 0

        if its > now then
            count = count + 1
            last = math.max(last, its)

        else
            redis.call('HDEL', codes, other .. ':until', other .. ':uses',
                       other .. ':used', other .. ':label')
        end
    end
end

if count >= most then
    return {'codes_full'}
end

redis.call('HSET', codes, name .. ':until', ARGV[5], name .. ':uses', ARGV[6],
           name .. ':used', 0, name .. ':label', ARGV[7])
redis.call('PEXPIREAT', codes, string.format('%.0f', last))

local of = redis.call('HMGET', room, 'host', 'show')

return {'ok', version, of[1], of[2]}
