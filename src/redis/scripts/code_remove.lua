-- Withdraws a code: nobody enters by it any more.
--
-- KEYS[1]  the room         KEYS[2]  its codes
-- KEYS[3]  who entered by this one
-- ARGV[1]  If-Match, ARGV[2]  If-None-Match: see parts/condition.lua; of the
--          room's version
-- ARGV[3]  the code's name
--
-- Returns "ok", the room's version, which stays, and its host and show; or
-- "room_unknown", "code_unknown"; or "version_differs" and the version.

--include condition

local room, codes, entered, name = KEYS[1], KEYS[2], KEYS[3], ARGV[3]

if redis.call('EXISTS', room) == 0 then
    return {'room_unknown'}
end

if redis.call('HEXISTS', codes, name .. ':until') == 0 then
    return {'code_unknown'}
end

local version = redis.call('HGET', room, 'version') or '0'

if not condition(true, version, ARGV[1], ARGV[2]) then
    return {'version_differs', version}
end

redis.call('HDEL', codes, name .. ':until', name .. ':uses', name .. ':used',
           name .. ':label')
redis.call('DEL', entered)

local of = redis.call('HMGET', room, 'host', 'show')

return {'ok', version, of[1], of[2]}
