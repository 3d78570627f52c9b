-- Sets a cue: what is in a room's spotlight from an instant on.
--
-- KEYS[1]   the room
-- KEYS[2]   its shelf
-- KEYS[3]   its cues
-- ARGV[1]   channel of its changes
-- ARGV[2]   If-Match, ARGV[3]  If-None-Match: see parts/condition.lua; of a
--           product in the spotlight, and the room's version
-- ARGV[4]   the instant, in ms
-- ARGV[5]   "1": the instant was asked for; else it is the present
-- ARGV[6]   product; "": nothing is pinned from then on
-- ARGV[7]…  names and values of the card's fields
--
-- Returns "ok", the new version, the cue's id and its instant; the last two
-- are missing if nothing was pinned anyway. Or "room_unknown",
-- "product_not_on_shelf", "cue_later"; or "version_differs" and the version.

--include condition

local room, shelf, cues, channel = KEYS[1], KEYS[2], KEYS[3], ARGV[1]
local at, asked, product = tonumber(ARGV[4]), ARGV[5] == '1', ARGV[6]

-- Cues of the present come from several nodes, whose clocks differ a little:
-- one that is earlier by no more than this goes right behind the last.
local skew = 1000

if redis.call('EXISTS', room) == 0 then
    return {'room_unknown'}
end

if product ~= '' and not redis.call('ZSCORE', shelf, product) then
    return {'product_not_on_shelf'}
end

local entry = redis.call('XREVRANGE', cues, '+', '-', 'COUNT', 1)[1]
local last, last_at = {}, 0

if entry then
    for i = 1, #entry[2], 2 do
        last[entry[2][i]] = entry[2][i + 1]
    end

    last_at = tonumber(last.at) or 0
end

local version = redis.call('HGET', room, 'version') or '0'

if not condition((last.product or '') ~= '', version, ARGV[2], ARGV[3]) then
    return {'version_differs', version}
end

if product == '' and (last.product or '') == '' then
    return {'ok', tonumber(version) or 0}
end

if at <= last_at then
    if last_at - at > (asked and 0 or skew) then
        return {'cue_later'}
    end

    at = last_at + 1
end

local show = redis.call('HGET', room, 'show') or '0'
version = redis.call('HINCRBY', room, 'version', 1)
local instant = string.format('%.0f', at)
local fields = {'at', instant, 'show', show}

if product ~= '' then
    fields[#fields + 1] = 'product'
    fields[#fields + 1] = product
end

for i = 7, #ARGV do
    fields[#fields + 1] = ARGV[i]
end

local id = redis.call('XADD', cues, 'MAXLEN', '~', 10000, '*',
                      unpack(fields))

redis.call('PUBLISH', channel, version)

return {'ok', version, id, instant}
