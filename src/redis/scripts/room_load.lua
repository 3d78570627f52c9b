-- Reads what an edge holds of a room, as one snapshot.
--
-- KEYS[1]  the room         KEYS[2]  its shelf
-- KEYS[3]  its cues         KEYS[4]  its claim
-- KEYS[5]  its shows        KEYS[6]  its periods
-- ARGV[1]  how many products of the shelf at most
-- ARGV[2]  how many of the newest cues at most
-- ARGV[3]  how many of the last periods at most
--
-- Returns nil if there is no room, else
--   { room as HGETALL, product ids by position, cues from the newest on,
--     the claim or "", names of keys that have a wrong type, when its show
--     ended or "", periods from the last on, a digest of the cues' IDs if they
--     have not been kept with their shows, or "" }
-- A part whose key has a wrong type is empty; a room of a wrong type is an
-- error.

--include show
--include kept

local wrong = {}

local function read(key, expected, command, ...)
    local kind = redis.call('TYPE', key).ok

    if kind == expected then
        return redis.call(command, key, ...)
    end

    if kind ~= 'none' then
        wrong[#wrong + 1] = key
    end

    return {}
end

if redis.call('EXISTS', KEYS[1]) == 0 then
    return nil
end

local room = redis.call('HGETALL', KEYS[1])
local shelf = read(KEYS[2], 'zset', 'ZRANGE', 0, ARGV[1] - 1)
local cues = read(KEYS[3], 'stream', 'XREVRANGE', '+', '-', 'COUNT', ARGV[2])
local live = read(KEYS[4], 'string', 'GET')
local periods = read(KEYS[6], 'zset', 'ZREVRANGE', 0, ARGV[3] - 1)

if type(live) == 'table' then
    live = ''
end

local ended = live == ''
              and read(KEYS[5], 'hash', 'HGET', ended_field(KEYS[1]))

if type(ended) ~= 'string' then
    ended = ''
end

local ids = {}

for i, cue in ipairs(cues) do
    ids[i] = cue[1]
end

local unkept = digest(ids)

if #ids == 0 or redis.call('HGET', KEYS[1], 'kept') == unkept then
    unkept = ''
end

return { room, shelf, cues, live, wrong, ended, periods, unkept }
